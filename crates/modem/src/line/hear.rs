//! Sorts what the modem says: every byte, line and prompt goes to the phase or the observer that it belongs to.
//!
//! ```text
//!  bytes ─► framer ─┬─ prompt ───────────────────────► the send, or ESC if nobody asked
//!                   └─ line ─┬─ PDU after its header ► a report or message
//!                            ├─ final result ────────► the command, or the send
//!                            ├─ answer by name ──────► the command
//!                            ├─ +CMGS: ──────────────► the send, or the attempt that is late
//!                            ├─ +CUSD: and its rest ─► the USSD dialogue
//!                            ├─ unsolicited ─────────► registration, signal, SIM, reboot, stores
//!                            ├─ half of a cut line ──► joined with the other half, and sorted again
//!                            └─ echo ─ bare answer ─ garbage
//! ```
//!
//! Nothing here ends a phase by itself except through the transitions of `line`.

use std::time::Instant;

use crate::framer::Token;
use crate::inbound::{Content, Incoming};
use crate::known::ExtendedSignal;
use crate::result::{Final, split_glued};
use crate::urc::{Urc, classify};
use crate::wire::Reply;
use crate::{Domain, Effect, Event, HangUp, Memory, Rung, chores, init, recover, send};

use super::{Line, Phase};

impl Line {
    pub(super) fn bytes(&mut self, now: Instant, bytes: &[u8], out: &mut Vec<Effect>) {
        if let Phase::Recover(recover) = &mut self.phase {
            recover.heard(now);
        }
        for &byte in bytes {
            // A port that is closed or about to be has nothing to say.
            if matches!(self.phase, Phase::Closed | Phase::Parked) {
                break;
            }
            match self.wire.framer.push(byte) {
                None => {}
                Some(Token::Prompt) => self.prompt(now, out),
                Some(Token::Line) => {
                    let line = self.wire.framer.take_line();
                    self.line(now, &line, out);
                    self.wire.framer.give_back(line);
                }
            }
        }
        self.garbage_bytes += self.wire.framer.take_garbage();
        let bytes = std::mem::take(&mut self.garbage_bytes);
        if bytes > 0 {
            out.push(Effect::Event(Event::Garbage { bytes }));
        }
    }

    fn prompt(&mut self, now: Instant, out: &mut Vec<Effect>) {
        if !self.is_yet_to_ask() && self.talk_prompted(now, out) {
            return;
        }
        if matches!(self.phase, Phase::Sending(_)) && self.is_yet_to_ask() {
            return;
        }
        match &mut self.phase {
            // What was to be sent was the old SIM's: it must not go through another one.
            Phase::Sending(send) if self.sim_changed && send.is_before_ctrl_z() => {
                self.stop_send(now, out);
            }
            Phase::Sending(send) => {
                send.prompt(now, &mut self.wire, out);
                if !self.wire.is_holding() {
                    self.written(now);
                }
            }
            Phase::Init(init) => init.prompt(&mut self.wire, out),
            // The command has no answer then, and the next look at the SIM leaves the edit mode.
            Phase::Unlock(_) => {}
            Phase::Recover(recover) => recover.prompt(now, &mut self.wire, out),
            Phase::Ready => self.resync(now, true, "a prompt that nobody asked for", out),
            // What is written goes into the edit mode, and never has a Ctrl-Z behind it.
            Phase::Climb(_) => {}
            Phase::Closed | Phase::Parked => {}
        }
    }

    fn line(&mut self, now: Instant, line: &[u8], out: &mut Vec<Effect>) {
        if let Some(incoming) = self.inbound.take(line) {
            return self.incoming(now, incoming, line.len(), out);
        }
        if let Some((head, tail)) = split_glued(line) {
            self.line(now, head, out);
            return self.line(now, tail, out);
        }
        if self.overhear(line) {
            return;
        }
        if let Some(result) = Final::parse(line).or_else(|| self.digit_result(line)) {
            self.wire.drop_fragment();
            self.wire.note_answer(now);
            if self.is_yet_to_ask() {
                return;
            }
            if let Phase::Sending(send) = &mut self.phase {
                send.note_words(line);
            }
            return self.final_result(now, result, out);
        }
        if !self.is_yet_to_ask() && self.wire.take_named(now, line) {
            return;
        }
        if let Some(mr) = send::reference(line) {
            self.wire.keep_fragment(line);
            return self.reference(now, mr, line, out);
        }
        if self.hear_ussd(now, line, out) {
            return;
        }
        if let Some(urc) = classify(line) {
            return self.urc(now, urc, out);
        }
        self.unknown_line(now, line, out);
    }

    /// Whether the command is yet to be written, after the pause that the modem wants: what comes before answers another.
    pub(super) fn is_yet_to_ask(&self) -> bool {
        let is_asked = matches!(&self.phase, Phase::Sending(send) if send.has_prompt());
        self.wire.is_holding() && !is_asked
    }

    fn unknown_line(&mut self, now: Instant, line: &[u8], out: &mut Vec<Effect>) {
        let is_whole =
            |line: &[u8]| Final::parse(line).is_some() || send::reference(line).is_some();
        if let Some(joined) = self.wire.joined(line, is_whole) {
            self.wire.drop_fragment();
            return self.line(now, &joined, out);
        }
        self.wire.keep_fragment(line);
        if self.wire.is_echo(line) {
            return;
        }
        if !self.is_yet_to_ask() {
            self.wire.note_rest(line);
            if self.wire.take_bare(now, line) {
                return;
            }
        }
        self.garbage_bytes += line.len();
    }

    fn final_result(&mut self, now: Instant, result: Final, out: &mut Vec<Effect>) {
        match &mut self.phase {
            Phase::Sending(send) => {
                if let Some(outcome) = send.final_result(now, result, &mut self.wire, out) {
                    self.finish_send(now, outcome, out);
                }
                return;
            }
            Phase::Recover(recover) if !self.wire.is_asking() => return recover.final_result(now),
            Phase::Recover(_) | Phase::Init(_) | Phase::Unlock(_) | Phase::Ready => {}
            Phase::Climb(_) => {}
            Phase::Closed | Phase::Parked => {}
        }
        if let Some(reply) = self.wire.finish(result) {
            self.answered(now, reply, out);
        }
    }

    /// A result as a digit: the modem's stored settings say `V0`, until `ATV1` is heard.
    fn digit_result(&self, line: &[u8]) -> Option<Final> {
        match &self.phase {
            Phase::Init(init) if init.is_before_format() => Final::parse_digit(line),
            Phase::Init(_) | Phase::Unlock(_) | Phase::Ready => None,
            Phase::Sending(_) | Phase::Recover(_) | Phase::Climb(_) => None,
            Phase::Closed | Phase::Parked => None,
        }
    }

    /// A command ended, with a final result or for lack of one.
    pub(super) fn answered(&mut self, now: Instant, reply: Reply, out: &mut Vec<Effect>) {
        if self.talk_answered(now, &reply, out) {
            return;
        }
        match &mut self.phase {
            Phase::Init(_) if self.sim_changed => self.lose_sim(now, out),
            Phase::Init(init) => {
                let progress = init.answered(now, &reply, &mut self.known, &mut self.wire, out);
                self.init_went(now, progress, out);
            }
            Phase::Unlock(unlock) => {
                let progress = unlock.answered(now, &reply, &mut self.wire, out);
                self.unlocked(now, progress, out);
            }
            Phase::Recover(recover) => match recover.answered(now, &reply, &mut self.wire, out) {
                recover::Progress::Going => {}
                recover::Progress::Recovered => {
                    if let Some(chores) = &mut self.chores {
                        chores.recovered(now);
                    }
                    self.enter_ready(now, out);
                }
                recover::Progress::Failed => {
                    self.sick(now, Rung::Initialise, "the modem is out of step", out);
                }
            },
            Phase::Climb(climb) => {
                let progress = climb.answered(now, &reply, &mut self.wire, out);
                self.climb_went(now, progress, out);
            }
            Phase::Ready => self.chore_ended(now, &reply, out),
            Phase::Sending(_) | Phase::Closed | Phase::Parked => {}
        }
    }

    /// The initialisation took a step.
    pub(super) fn init_went(
        &mut self,
        now: Instant,
        progress: init::Progress,
        out: &mut Vec<Effect>,
    ) {
        self.sync_init(out);
        match progress {
            init::Progress::Going => {}
            init::Progress::Done { waited } => self.begin_session(now, waited, out),
            init::Progress::Locked => self.unlock(now, out),
            init::Progress::Starving(reason) => self.starve(now, reason, out),
            init::Progress::Failed(least, reason) => self.sick(now, least, reason, out),
        }
    }

    /// Tells which network the SIM of the session is in.
    pub(super) fn tell_network(&self, out: &mut Vec<Effect>) {
        if self.session.is_some() {
            out.push(Effect::Event(Event::Network(self.known.network())));
        }
    }

    fn chore_ended(&mut self, now: Instant, reply: &Reply, out: &mut Vec<Effect>) {
        let Some(chores) = &mut self.chores else {
            return;
        };
        match chores.answered(now, reply, &mut self.known, &mut self.wire, out) {
            chores::Verdict::Fine => {}
            chores::Verdict::OtherSim => self.lose_sim(now, out),
            chores::Verdict::LostSettings => self.rebooted(now, out),
            chores::Verdict::OtherNetwork => self.tell_network(out),
            chores::Verdict::CallRejected => out.push(Effect::Event(Event::CallRejected)),
            chores::Verdict::Mute => self.resync(now, false, "a command had no answer", out),
        }
    }

    /// A reference: of the send that is past Ctrl-Z, else of the attempt that ended without one.
    fn reference(&mut self, now: Instant, mr: u8, line: &[u8], out: &mut Vec<Effect>) {
        match &mut self.phase {
            Phase::Sending(send) if !send.is_before_ctrl_z() => {
                send.note_words(line);
                send.reference(now, mr);
            }
            Phase::Sending(_)
            | Phase::Init(_)
            | Phase::Unlock(_)
            | Phase::Ready
            | Phase::Recover(_)
            | Phase::Climb(_) => {
                if let Some(ticket) = self.late.take() {
                    out.push(Effect::Event(Event::Resolved { ticket, mr }));
                }
            }
            Phase::Closed | Phase::Parked => {}
        }
    }

    fn urc(&mut self, now: Instant, urc: Urc, out: &mut Vec<Effect>) {
        match urc {
            Urc::Registration(domain, stat) => self.registration(now, domain, stat, out),
            Urc::Signal(signal) => self.signal(signal, out),
            Urc::ExtendedSignal(signal) => out.push(Effect::Event(Event::Signal(signal))),
            Urc::SimReady => self.sim_ready(now),
            Urc::SimLost => self.sim_lost(now, out),
            Urc::Reboot => self.rebooted(now, out),
            Urc::Stored(memory, index) => self.stored(now, memory, index),
            Urc::StoreFull => self.stored(now, self.known.home, None),
            Urc::Pdu(header) => self.inbound.expect(header),
            Urc::Ring => self.ring(now),
            Urc::Other => {}
        }
    }

    fn signal(&mut self, signal: Option<u8>, out: &mut Vec<Effect>) {
        match (signal, self.known.extended_signal) {
            // The other command will tell.
            (None, ExtendedSignal::Wanted) => return,
            (None, ExtendedSignal::Unneeded) => {
                self.known.extended_signal = ExtendedSignal::Wanted;
            }
            (Some(_), ExtendedSignal::Wanted) => {
                self.known.extended_signal = ExtendedSignal::Unneeded;
            }
            (None, ExtendedSignal::Refused)
            | (Some(_), ExtendedSignal::Unneeded | ExtendedSignal::Refused) => {}
        }
        out.push(Effect::Event(Event::Signal(signal)));
    }

    /// A call is rejected between two commands: a send ends first, by its own result.
    fn ring(&mut self, now: Instant) {
        let hang_up = self.known.profile.calls.hang_up;
        if let Some(chores) = &mut self.chores
            && self.session.is_some()
            && hang_up != HangUp::Never
        {
            chores.ring(now);
        }
    }

    fn stored(&mut self, now: Instant, memory: Memory, index: Option<u16>) {
        if let Some(chores) = &mut self.chores {
            chores.stored(now, memory, index);
        }
    }

    fn incoming(&mut self, now: Instant, incoming: Incoming, bytes: usize, out: &mut Vec<Effect>) {
        let header = incoming.header;
        let is_kept = match incoming.content {
            Content::Event(event) => self.tell(*event, header.is_stored(), out),
            Content::Unwanted => true,
            Content::Garbage => {
                self.garbage_bytes += bytes;
                // A record of reports that can't be read is of no use (Wavecom); a message may be, to another reader.
                self.known.selected == Memory::Reports
            }
        };
        let sweeping = matches!(self.phase, Phase::Init(_));
        let Some(chores) = &mut self.chores else {
            return;
        };
        if header.is_routed() && self.known.acknowledges {
            chores.acknowledge(now);
        }
        // What was not handed over stays where it is.
        if header.is_read() && is_kept {
            chores.found();
        }
        if let Some(index) = header.index()
            && is_kept
            && (sweeping || chores.is_sweeping())
        {
            chores.listed(now, self.known.selected, index);
        }
    }

    fn registration(&mut self, now: Instant, domain: Domain, stat: u8, out: &mut Vec<Effect>) {
        let roamed = self.known.registration.is_roaming();
        self.known.registration.set(domain, Some(stat));
        let registered = self.known.check_registration().is_ok();
        if let Phase::Init(init) = &mut self.phase {
            if registered {
                init.nudge(now);
            }
            return;
        }
        if self.known.registration.is_roaming() != roamed {
            self.tell_network(out);
        }
        let Some(live) = &mut self.session else {
            return;
        };
        if registered {
            live.unregistered_since = None;
        } else {
            live.unregistered_since.get_or_insert(now);
            if let Some(chores) = &mut self.chores {
                chores.hurry(now);
            }
        }
    }

    pub(super) fn sim_ready(&mut self, now: Instant) {
        if let Phase::Init(init) = &mut self.phase {
            init.nudge(now);
        } else if let Phase::Unlock(unlock) = &mut self.phase {
            unlock.nudge(now);
        } else if let Some(chores) = &mut self.chores {
            // Another SIM may have been put in without a word about the old one.
            chores.check_sim(now);
        }
    }

    fn sim_lost(&mut self, now: Instant, out: &mut Vec<Effect>) {
        match &mut self.phase {
            Phase::Unlock(unlock) => unlock.sim_changed(now, &mut self.wire),
            Phase::Init(init) if !init.is_past_sim() => init.nudge(now),
            Phase::Init(_) if !self.wire.is_asking() => self.lose_sim(now, out),
            Phase::Sending(send) if send.is_writing() => {
                self.early.clear();
                self.sim_changed = true;
                self.stop_send(now, out);
            }
            // Taken up as soon as the phase allows: a command, and a send, end by their own answer.
            Phase::Init(_) | Phase::Ready | Phase::Sending(_) | Phase::Recover(_) => {
                self.early.clear();
                self.sim_changed = true;
            }
            // It is initialised afterwards.
            Phase::Climb(_) => {}
            Phase::Closed | Phase::Parked => {}
        }
    }
}
