//! A modem as a machine: bytes from the host in, bytes to the host out, submissions to the network.
//!
//! ```text
//!            ┌──────────── ESC: OK, nothing sent ───────────┐
//!            ▼                                              │
//!   ┌─► Command ── AT+CMGS=n ──► Prompting ── "> " ──► Editing ── Ctrl-Z ──► OnAir ──┐
//!   │        ▲    (prompt may be late)                      │ bad PDU: 304           │
//!   │        └──────────────────────────────────────────────┘                        │
//!   │        └──────── +CMGS / +CMS ERROR / silence ◄────────────────────────────────┘
//!   └── boot lines ── Booting ◄── restart, from any phase; a submission on the air stays with the network
//!                     Mute: hung, until power is cut
//! ```
//!
//! While it prompts, is on the air or boots, bytes from the host are lost, as in modems that accept no other command
//! during a send. Unsolicited lines wait while a PDU or text is being entered. What is peculiar to a model is in its
//! profile; each quirk is asked for where it shows. No data calls, no multiplexer, no phone book.

mod answer;
mod arriving;
mod broadcast;
mod calls;
mod card;
mod charset;
mod command;
mod dispatch;
mod entry;
mod event;
mod general;
mod indications;
mod link;
mod messages;
mod oddity;
mod radio;
mod stores;
mod submission;
mod text;
mod timers;
mod typing;
mod upsets;
mod ussd;

use std::sync::Arc;
use std::time::Instant;

use crate::air::{Downlink, Readiness, Uplink};
use crate::faults::Faults;
use crate::memory::Memory;
use crate::profile::{Charset, ModemProfile, Quirk};
use crate::rng::{Rng, Stream};
use crate::sim::Sim;
use crate::view::LineState;
use answer::Final;
use broadcast::Broadcasts;
use calls::Call;
use card::Card;
use entry::Entry;
pub use event::ModemEvent;
use indications::Indications;
use oddity::Oddity;
use radio::Radio;
use text::TextMode;
use timers::{Timer, Timers};

/// One simulated modem with its SIM.
#[derive(Debug)]
pub struct SimModem {
    sim: Sim,
    card: Card,
    profile: Arc<ModemProfile>,
    imei: String,
    phase: Phase,
    /// What was typed since the last line end, or the PDU or text being entered.
    typed: Vec<u8>,
    /// The last command line, for `A/`.
    last_line: Vec<u8>,
    /// What is being entered, and for which command.
    entry: Entry,
    /// The command whose answer the submission on the air is to get: `+CMGS` or `+CMSS`.
    submitted_as: &'static str,
    /// Unsolicited lines that wait for the end of editing.
    held: Vec<u8>,
    at: AtSettings,
    text: TextMode,
    radio: Radio,
    indications: Indications,
    broadcasts: Broadcasts,
    memories: [Memory; 3],
    /// mem1 (read and delete), mem2 (write and send) and mem3 (receive).
    selected: [stores::Store; 3],
    call: Option<Call>,
    /// The USSD request on its way.
    ussd: Option<String>,
    oddity: Oddity,
    timers: Timers,
    submissions: u64,
    announced: Readiness,
    faults: Faults,
    rng: Rng,
}

/// What a modem is made of.
#[derive(Debug)]
pub struct ModemSetup {
    /// Which line: decides the IMEI.
    pub line: usize,
    /// The SIM in it.
    pub sim: Sim,
    /// Its model.
    pub profile: Arc<ModemProfile>,
    /// Seed of its draws.
    pub seed: u64,
    /// What goes wrong.
    pub faults: Faults,
}

/// What happens to a modem.
#[derive(Debug)]
pub enum Input<'a> {
    /// Bytes from the host.
    Host(&'a [u8]),
    /// The host closed the port, or the port is gone: nobody listens until `AT+CNMI` is set again.
    HostGone,
    /// The network speaks.
    Downlink(Downlink),
    /// Something happens to the SIM, the radio or the stores.
    Event(ModemEvent),
    /// Power is cut and comes back.
    Restart,
    /// Faults change.
    Faults(&'a Faults),
    /// The deadline has come.
    Wake,
}

/// What a modem does. The caller owns the buffers and empties them.
#[derive(Debug, Default)]
pub struct Effects {
    /// Bytes to the host, after everything in `uplinks` so far was acted upon.
    pub host: Vec<u8>,
    /// What the network is told, in order.
    pub uplinks: Vec<Uplink>,
    /// The port vanishes for this long.
    pub unplug: Option<std::time::Duration>,
}

impl SimModem {
    /// The modem of a line: powered, registered, with echo on and no settings made.
    pub fn new(setup: ModemSetup, now: Instant) -> SimModem {
        let ModemSetup {
            line,
            mut sim,
            profile,
            seed,
            faults,
        } = setup;
        let [sm, me, sr] = profile.capacities;
        let sm = match std::mem::take(&mut sim.stored) {
            stored if stored.capacity() > 0 => stored,
            _ => Memory::new(sm),
        };
        let mut modem = SimModem {
            card: Card::of(&sim),
            sim,
            imei: crate::sim::imei(line),
            phase: Phase::Command,
            typed: Vec::new(),
            last_line: Vec::new(),
            entry: Entry::default(),
            submitted_as: "+CMGS",
            held: Vec::new(),
            at: AtSettings::of(&profile),
            text: TextMode::default(),
            radio: Radio::default(),
            indications: Indications::default(),
            broadcasts: Broadcasts::default(),
            memories: [sm, Memory::new(me), Memory::new(sr)],
            selected: [stores::Store::of_place(profile.memory); 3],
            call: None,
            ussd: None,
            oddity: Oddity::default(),
            timers: Timers::default(),
            submissions: 0,
            announced: Readiness::default(),
            faults,
            rng: Rng::keyed(seed, Stream::Upset, line, 0),
            profile,
        };
        modem.radio.stat = u8::from(modem.card.is_open());
        modem.radio.signal = 14 + modem.rng.below(15);
        if modem.shows(Quirk::PinCounterLow) {
            modem.sim.pin_tries = modem.sim.pin_tries.min(1);
        }
        modem.arm_upsets(now);
        modem.power_quirks(now);
        modem
    }

    /// Its SIM.
    pub fn sim(&self) -> &Sim {
        &self.sim
    }

    /// Its SIM with the messages on it, as it can be taken out.
    pub fn card(&self) -> Sim {
        Sim {
            stored: self.memories[stores::SM].clone(),
            ..self.sim.clone()
        }
    }

    /// Its model.
    pub fn profile(&self) -> &ModemProfile {
        &self.profile
    }

    /// Takes one input. What is due by `now` happens first.
    pub fn step(&mut self, now: Instant, input: Input<'_>, out: &mut Effects) {
        while let Some(timer) = self.timers.take_due(now) {
            self.expire(now, timer, out);
        }
        match input {
            Input::Host(bytes) => self.host(now, bytes, out),
            Input::HostGone => self.indications.listening = false,
            Input::Downlink(downlink) => self.downlink(now, downlink, out),
            Input::Event(event) => self.happen(now, event, out),
            Input::Restart => self.restart(now, out),
            Input::Faults(faults) => {
                self.faults = faults.clone();
                self.arm_upsets(now);
            }
            Input::Wake => {}
        }
        self.await_what_was_held(now);
        self.announce(out);
    }

    /// When to be woken, and why.
    pub fn deadline(&self) -> Option<(Instant, &'static str)> {
        self.timers.next().map(|(at, timer)| (at, timer.reason()))
    }

    /// Whether a submission is on the air.
    pub fn is_busy(&self) -> bool {
        matches!(self.phase, Phase::OnAir { .. })
    }

    /// What it does, as far as it knows.
    pub(crate) fn line_state(&self) -> LineState {
        match self.phase {
            Phase::Booting => LineState::Boots,
            Phase::Mute => LineState::Mute,
            Phase::OnAir { .. } => LineState::OnAir,
            Phase::Prompting | Phase::Editing => LineState::Entry,
            Phase::Command if !self.card.is_open() => LineState::NoSim,
            Phase::Command if !self.radio.is_registered() => LineState::NoNetwork,
            Phase::Command => LineState::Idle,
        }
    }

    fn downlink(&mut self, now: Instant, downlink: Downlink, out: &mut Effects) {
        match downlink {
            Downlink::Answer { id, answer } => self.answered(now, id, answer, out),
            Downlink::Report(tpdu) => self.report(now, &tpdu, out),
            Downlink::Deliver(tpdu) => self.deliver(now, &tpdu, out),
            Downlink::Registration(stat) => self.registration_changed(stat, out),
            Downlink::Ussd { text, mode } => self.ussd_answer(&text, mode, out),
        }
    }

    fn expire(&mut self, now: Instant, timer: Timer, out: &mut Effects) {
        match timer {
            Timer::Prompt => self.prompt(out),
            Timer::Boot => self.booted(now, out),
            Timer::Ready => self.become_ready(out),
            Timer::Register => out.uplinks.push(Uplink::Search),
            Timer::Ussd => self.ussd_asks(out),
            Timer::Acknowledge => self.acknowledge_missed(out),
            Timer::Ring => self.ring(now, out),
            Timer::Link => self.give_link_up(),
            Timer::Escape => self.finish(Final::Ok, out),
            Timer::Answer => self.late_answer(now, out),
            Timer::Flood => self.flood(now, out),
            Timer::Idle => self.restart(now, out),
            Timer::Noise => self.noise(now, out),
            Timer::Garbage => self.garbage(now, out),
            Timer::Reboot => self.reboot_fault(now, out),
            Timer::Unplug => self.unplug_fault(now, out),
        }
    }

    /// Tells the network what can be taken, when that changed.
    fn announce(&mut self, out: &mut Effects) {
        let readiness = self.readiness();
        if readiness != self.announced {
            self.announced = readiness;
            out.uplinks.push(Uplink::Ready(readiness));
        }
    }

    fn readiness(&self) -> Readiness {
        let reachable =
            self.radio.is_registered() && !matches!(self.phase, Phase::Booting | Phase::Mute);
        let routed = self.indications.listening && !self.indications.awaiting_acknowledge;
        Readiness {
            reports: reachable
                && match self.indications.ds {
                    1 => routed,
                    2 => self.memories[stores::SR].has_room(),
                    _ => false,
                },
            messages: reachable
                && match self.indications.mt {
                    2 | 3 => routed,
                    _ => self.has_room(self.selected[2]),
                },
        }
    }

    /// Whether a quirk shows now: never, always, or by chance.
    fn shows(&mut self, quirk: Quirk) -> bool {
        let rate = self.profile.quirks.rate(quirk);
        rate > 0.0 && (rate >= 1.0 || self.rng.chance(rate))
    }

    /// Whether the model has a quirk at all, for those without occasions.
    fn has(&self, quirk: Quirk) -> bool {
        self.profile.quirks.rate(quirk) > 0.0
    }
}

/// Where a modem is between two bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Commands are taken.
    Command,
    /// `AT+CMGS` was taken, the prompt is yet to come.
    Prompting,
    /// A PDU or text is being entered.
    Editing,
    /// A submission is on the air.
    OnAir { id: u64, reference: u8 },
    /// Power came back.
    Booting,
    /// Hung until power is cut.
    Mute,
}

/// What `ATZ` resets.
#[derive(Debug)]
struct AtSettings {
    echo: bool,
    verbose: bool,
    quiet: bool,
    /// `+CMEE`: 0 plain `ERROR`, 1 numbers, 2 words.
    cmee: u8,
    charset: Charset,
    /// `+CLIP`, `+CRC`: how a call is announced.
    caller_number: bool,
    extended_ring: bool,
}

impl AtSettings {
    fn of(profile: &ModemProfile) -> AtSettings {
        AtSettings {
            echo: true,
            verbose: true,
            quiet: false,
            cmee: 0,
            charset: profile.charsets.first().copied().unwrap_or(Charset::Ira),
            caller_number: false,
            extended_ring: false,
        }
    }
}

#[cfg(test)]
mod tests;
