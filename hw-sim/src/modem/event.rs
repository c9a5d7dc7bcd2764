//! What people, cards and the network do to a modem from outside: pull the SIM, call, broadcast, fill a store.

use std::time::Instant;

use super::answer::Final;
use super::stores::{ME, SM};
use super::timers::Timer;
use super::{Card, Effects, Phase, SimModem};
use crate::air::Uplink;
use crate::memory::{Memory, MessageState, Stored};
use crate::profile::Quirk;
use crate::sim::Sim;

/// Something that happens to a modem.
#[derive(Debug, Clone)]
pub enum ModemEvent {
    /// The SIM is pulled out; registration is lost.
    PullSim,
    /// The SIM that was pulled out is put back.
    InsertSim,
    /// Another SIM is put in place of the one that is there.
    SwapSim(Box<Sim>),
    /// The SIM that was pulled out is taken away, and another one lies ready to be inserted.
    ReplaceSim(Box<Sim>),
    /// Field strength as the index of `+CSQ`, 0 to 31.
    Signal(u8),
    /// Somebody calls, and lets it ring so often.
    Call {
        /// The caller's number.
        from: String,
        /// How often, every 3 s.
        rings: u8,
    },
    /// The cell broadcasts a page of text (3GPP TS 23.041).
    Broadcast {
        /// The message identifier.
        message_id: u16,
        /// Up to 93 characters of the GSM alphabet.
        text: String,
    },
    /// The network says something by USSD that nobody asked for, as after a change of the balance.
    NetworkText {
        /// What.
        text: String,
    },
    /// The memories for messages fill up with old ones.
    FillStore,
}

impl SimModem {
    pub(super) fn happen(&mut self, now: Instant, event: ModemEvent, out: &mut Effects) {
        match event {
            ModemEvent::PullSim => self.pull_card(out),
            ModemEvent::InsertSim => self.insert_card(now, out),
            ModemEvent::SwapSim(sim) => {
                self.pull_card(out);
                self.replace_card(sim, out);
                self.insert_card(now, out);
            }
            ModemEvent::ReplaceSim(sim) => {
                self.pull_card(out);
                self.replace_card(sim, out);
            }
            ModemEvent::Signal(index) => self.radio.signal = usize::from(index.min(31)),
            ModemEvent::Call { from, rings } => self.incoming_call(now, from, rings, out),
            ModemEvent::Broadcast { message_id, text } => self.broadcast(message_id, &text, out),
            ModemEvent::NetworkText { text } => self.network_text(&text, out),
            ModemEvent::FillStore => self.fill_store(),
        }
    }

    fn pull_card(&mut self, out: &mut Effects) {
        if !self.card.present {
            return;
        }
        self.card.present = false;
        if matches!(self.phase, Phase::Prompting | Phase::Editing) {
            // What was to be sent was the old card's.
            self.typed.clear();
            self.timers.set(Timer::Prompt, None);
            self.leave_entry(Final::Cms(310), out);
        }
        self.tell_network(Uplink::Returned, out);
        self.timers.set(Timer::Register, None);
        self.set_registration(0, out);
        self.call = None;
        self.timers.set(Timer::Ring, None);
        self.timers.set(Timer::Link, None);
        self.unsolicited("+CPIN: NOT INSERTED", out);
    }

    /// What was on the old card goes with it, and what is on the new one comes with that.
    fn replace_card(&mut self, sim: Box<Sim>, out: &mut Effects) {
        self.sim = (*sim).clone();
        let stored = std::mem::take(&mut self.sim.stored);
        self.memories[SM] = if stored.capacity() == 0 {
            Memory::new(self.profile.capacities[SM])
        } else {
            stored
        };
        self.oddity.sick_sim = false;
        self.ussd = None;
        self.timers.set(Timer::Ussd, None);
        out.uplinks.push(Uplink::Card(sim));
    }

    fn insert_card(&mut self, now: Instant, out: &mut Effects) {
        if self.card.present {
            return;
        }
        self.card = Card {
            overlooked: self.oddity.absent_at_boot && self.has(Quirk::SimAbsentBoot),
            ..Card::of(&self.sim)
        };
        if !self.card.is_seen() || self.phase == Phase::Booting {
            return;
        }
        let line = format!("+CPIN: {}", self.shown_pin());
        self.unsolicited(&line, out);
        self.await_readiness(now);
        self.search(now, out);
    }

    fn fill_store(&mut self) {
        let old = Stored {
            pdu: OLD_MESSAGE.to_vec(),
            tpdu_length: OLD_MESSAGE.len() - 1,
            state: MessageState::Read,
        };
        for memory in [SM, ME] {
            while self.memories[memory].store(old.clone()).is_some() {}
        }
    }
}

/// An empty SMSC field and a DELIVER from 1234 with the text "old".
const OLD_MESSAGE: &[u8] = &[
    0x00, 0x04, 0x04, 0x81, 0x21, 0x43, 0x00, 0x00, 0x52, 0x11, 0x10, 0x00, 0x00, 0x00, 0x40, 0x03,
    0x6f, 0x36, 0x19,
];
