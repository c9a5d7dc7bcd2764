//! The line machine: joins the phases of one serial port and the modem behind it.
//!
//! ```text
//!  Closed ──Opened──► Init ───────────────────────────────► Ready ◄──────────────► Sending
//!    ▲                 │ ▲ (Initialising, NoSim, NoNetwork)   │  ▲   Submit, outcome    │
//!    │ Closed          │ │ SIM lost, registration lost > 20 s │  │ in step             │ no prompt, no result
//!    │ (from all)      │ ├────────────────────────────────────┤  │                     ▼
//!    │                 │ │ boot banner (from all)             └► Recover ◄─────────────┘
//!    │                 │ └──────────── failed, a strike ──────────┘      no answer to a chore
//!    │                 │ failed, a strike
//!    └──────────── Parked: the port is closed for 5 s, or, budget spent, for 10 min, 1 h, 24 h (OutOfService)
//! ```
//!
//! `Ready` is announced with a new session and ends with `Down`. This file owns the transitions; `hear` sorts what the
//! modem says. It has no clock, no I/O, and no policy on messages: it neither retries nor expires them.

mod hear;

use std::time::{Duration, Instant};

use crate::chores::Chores;
use crate::inbound::Inbound;
use crate::init::{Init, Start};
use crate::known::Known;
use crate::recover::{Budget, Recover};
use crate::send::{Interruption, Send};
use crate::timing::{
    BOOT_LENGTH, HEALTHY, HELD_EVENTS_MAX, MUTE_SENDS_MAX, REGISTRATION_DEBOUNCE, REOPEN,
};
use crate::wire::Wire;
use crate::{
    Cause, Doubt, DownReason, Effect, Event, Input, LineSettings, LineState, Outcome, Session,
    Submission, Ticket,
};

/// One serial line and the modem behind it.
#[derive(Debug)]
pub struct Line {
    settings: LineSettings,
    phase: Phase,
    state: LineState,
    reason: Option<&'static str>,
    wire: Wire,
    known: Known,
    inbound: Inbound,
    chores: Option<Chores>,
    /// The session that was announced and not ended.
    session: Option<Live>,
    next_session: Session,
    /// A submission that waits for a chore to end.
    held: Option<Submission>,
    /// An attempt that ended as unknown: a reference that comes late is its own.
    late: Option<Ticket>,
    /// The SIM changed while a submission was on its way.
    sim_changed: bool,
    /// Sends in a row that had no answer.
    mute_sends: u8,
    budget: Budget,
    last_boot: Option<Instant>,
    /// Reports and messages that came before a session was announced.
    early: Vec<Event>,
    garbage_bytes: usize,
}

#[derive(Debug)]
enum Phase {
    /// The port is not open.
    Closed,
    /// The script runs.
    Init(Init),
    /// Idle, or at a chore.
    Ready,
    /// A submission is on its way.
    Sending(Send),
    /// Out of step with the modem.
    Recover(Recover),
    /// The port is to be opened again; nothing is heard until then.
    Parked,
}

#[derive(Clone, Copy, Debug)]
struct Live {
    number: Session,
    since: Instant,
    /// Since when the registration is lost.
    unregistered_since: Option<Instant>,
}

impl Line {
    /// A line whose port is not open yet.
    pub fn new(settings: LineSettings) -> Line {
        Line {
            known: Known::new(settings.sms_over_ims),
            next_session: settings.first_session,
            settings,
            phase: Phase::Closed,
            state: LineState::Closed,
            reason: None,
            wire: Wire::default(),
            inbound: Inbound::default(),
            chores: None,
            session: None,
            held: None,
            late: None,
            sim_changed: false,
            mute_sends: 0,
            budget: Budget::default(),
            last_boot: None,
            early: Vec::new(),
            garbage_bytes: 0,
        }
    }

    /// Takes one input and appends what follows from it to `out`. The only mutation.
    pub fn step(&mut self, now: Instant, input: Input<'_>, out: &mut Vec<Effect>) {
        match input {
            Input::Opened => self.opened(now, out),
            Input::Bytes(bytes) => self.bytes(now, bytes, out),
            Input::Closed => self.closed(out),
            Input::Submit(submission) => self.submit(now, submission, out),
            Input::Wake => self.wake(now, out),
        }
        self.continue_ready(now, out);
    }

    /// When to call `step` with `Wake`, and why.
    pub fn deadline(&self) -> Option<(Instant, &'static str)> {
        let phase = match &self.phase {
            Phase::Closed | Phase::Parked => return None,
            Phase::Init(init) => init.deadline(),
            Phase::Ready => self.ready_deadline(),
            Phase::Sending(send) => Some(send.deadline()),
            Phase::Recover(recover) => recover.deadline(),
        };
        let command = self
            .wire
            .deadline()
            .map(|until| (until, "the answer to a command"));
        [phase, command]
            .into_iter()
            .flatten()
            .min_by_key(|&(until, _)| until)
    }

    /// Where the line is in its life.
    pub fn state(&self) -> LineState {
        self.state
    }

    /// Why the line is not ready, in words for people; `None` if there is nothing to say.
    pub fn reason(&self) -> Option<&'static str> {
        self.reason
    }

    /// Whether a submission given now would be started, after a chore at most: the shell may pop the send queue.
    pub fn is_idle(&self) -> bool {
        matches!(self.phase, Phase::Ready)
            && self.held.is_none()
            && !self.sim_changed
            && self.is_registered()
    }

    fn opened(&mut self, now: Instant, out: &mut Vec<Effect>) {
        if !matches!(self.phase, Phase::Closed) {
            self.closed(out);
        }
        self.chores = Some(Chores::new(now));
        self.initialise(now, Start::Opened, out);
    }

    fn closed(&mut self, out: &mut Vec<Effect>) {
        self.interrupt_send(
            Interruption {
                before: Cause::LineLost,
                after: Doubt::LineLost,
            },
            out,
        );
        self.end_session(DownReason::Closed, out);
        self.phase = Phase::Closed;
        self.wire.reset();
        self.inbound.reset();
        self.known = Known::new(self.settings.sms_over_ims);
        self.chores = None;
        self.late = None;
        self.sim_changed = false;
        self.early.clear();
        // The rest of a line that is out of service is spent with its port closed.
        if self.state != LineState::OutOfService {
            self.set_state(LineState::Closed, None, out);
        }
    }

    fn submit(&mut self, now: Instant, submission: Submission, out: &mut Vec<Effect>) {
        let current = self
            .session
            .is_some_and(|live| live.number == submission.session);
        if !current || !matches!(self.phase, Phase::Ready) || self.held.is_some() {
            out.push(Effect::Event(Event::Returned {
                ticket: submission.ticket,
            }));
            return;
        }
        self.held = Some(submission);
        self.start_held(now, out);
    }

    fn wake(&mut self, now: Instant, out: &mut Vec<Effect>) {
        if let Some(reply) = self.wire.expire(now) {
            self.answered(now, reply, out);
        }
        match &mut self.phase {
            Phase::Init(init) => init.wake(now, &mut self.wire, out),
            Phase::Recover(recover) => recover.wake(now, &mut self.wire, out),
            Phase::Sending(send) => {
                if let Some(outcome) = send.wake(now) {
                    self.send_expired(now, outcome, out);
                }
            }
            Phase::Ready => self.poll(now, out),
            Phase::Closed | Phase::Parked => {}
        }
    }

    /// What a ready line does next, after any input: first what changed its session, then a submission, then a chore.
    fn continue_ready(&mut self, now: Instant, out: &mut Vec<Effect>) {
        // A running chore ends first: its late answer would be taken for the next command's.
        if !matches!(self.phase, Phase::Ready) || self.wire.is_asking() {
            return;
        }
        if self.sim_changed {
            self.lose_sim(now, out);
            return;
        }
        let lost = self.session.and_then(|live| live.unregistered_since);
        if lost.is_some_and(|since| since + REGISTRATION_DEBOUNCE <= now) {
            self.end_session(DownReason::NetworkLost, out);
            self.initialise(now, Start::Network, out);
            return;
        }
        self.start_held(now, out);
    }

    fn start_held(&mut self, now: Instant, out: &mut Vec<Effect>) {
        let free = matches!(self.phase, Phase::Ready) && !self.wire.is_asking();
        if !free || !self.is_registered() {
            return;
        }
        let Some(submission) = self.held.take() else {
            return;
        };
        let smsc = self.settings.smsc.as_ref().filter(|_| !self.known.smsc);
        let send = Send::start(now, &submission, smsc, &mut self.wire, out);
        self.phase = Phase::Sending(send);
        self.set_state(LineState::Sending, None, out);
    }

    /// A send has its outcome; the line is ready again.
    fn finish_send(&mut self, now: Instant, outcome: Outcome, out: &mut Vec<Effect>) {
        let Phase::Sending(send) = &self.phase else {
            return;
        };
        out.push(Effect::Event(Event::Finished {
            ticket: send.ticket(),
            outcome: outcome.clone(),
        }));
        match outcome {
            Outcome::Sent { .. } => {
                self.budget.heal();
                self.mute_sends = 0;
                // It went through: what the registration says is not worth ending the session yet.
                if let Some(lost) = self
                    .session
                    .as_mut()
                    .and_then(|live| live.unregistered_since.as_mut())
                {
                    *lost = now;
                }
            }
            // "Please wait": a modem left in the edit mode answers everything so, until ESC (Fastrack, SIM300D).
            Outcome::Refused(Cause::Cms(515 | 536) | Cause::Cme(515 | 536)) => {
                self.mute_send(now, true, out);
                return;
            }
            Outcome::Refused(_) => self.mute_sends = 0,
            Outcome::Unknown(_) => {}
        }
        self.enter_ready(now, out);
    }

    fn enter_ready(&mut self, now: Instant, out: &mut Vec<Effect>) {
        self.phase = Phase::Ready;
        self.wire.drop_fragment();
        self.set_state(LineState::Ready, None, out);
        let Some(chores) = &mut self.chores else {
            return;
        };
        chores.postpone(now);
        if !self.sim_changed {
            chores.begin_store(now, &self.known, &mut self.wire, out);
        }
    }

    /// The modem did not answer a send in time.
    fn send_expired(&mut self, now: Instant, outcome: Outcome, out: &mut Vec<Effect>) {
        let Phase::Sending(send) = &self.phase else {
            return;
        };
        let before_ctrl_z = send.is_before_ctrl_z();
        if matches!(outcome, Outcome::Sent { .. }) {
            self.finish_send(now, outcome, out);
            return;
        }
        if !before_ctrl_z {
            self.late = Some(send.ticket());
        }
        out.push(Effect::Event(Event::Finished {
            ticket: send.ticket(),
            outcome,
        }));
        self.mute_send(now, before_ctrl_z, out);
    }

    /// The modem may be out of step after a send, or in the edit mode still.
    fn mute_send(&mut self, now: Instant, edit_mode: bool, out: &mut Vec<Effect>) {
        self.mute_sends += 1;
        if self.mute_sends >= MUTE_SENDS_MAX {
            self.mute_sends = 0;
            self.sick(now, Start::Failure, out);
            return;
        }
        let recover = if edit_mode {
            Recover::escape(now, &mut self.wire, out)
        } else {
            Recover::listen(now, &mut self.wire)
        };
        self.recover(recover, out);
    }

    fn recover(&mut self, recover: Recover, out: &mut Vec<Effect>) {
        if let Some(chores) = &mut self.chores {
            chores.interrupt();
        }
        self.phase = Phase::Recover(recover);
        self.set_state(LineState::Recovering, Some("the modem did not answer"), out);
    }

    /// The modem is out of step for good: initialise again, or leave it alone if that happens too often.
    fn sick(&mut self, now: Instant, start: Start, out: &mut Vec<Effect>) {
        self.end_session(DownReason::Unresponsive, out);
        match self.budget.strike() {
            Some(rest) => self.rest(rest, out),
            None => self.initialise(now, start, out),
        }
    }

    /// The modem can't be brought up: a new port may help.
    fn reopen(&mut self, reason: &'static str, out: &mut Vec<Effect>) {
        self.end_session(DownReason::Unresponsive, out);
        match self.budget.strike() {
            Some(rest) => self.rest(rest, out),
            None => {
                self.park(out, REOPEN, reason);
                self.set_state(LineState::Recovering, Some(reason), out);
            }
        }
    }

    fn rest(&mut self, rest: Duration, out: &mut Vec<Effect>) {
        self.park(out, rest, OUT_OF_SERVICE_REASON);
        self.set_state(LineState::OutOfService, Some(OUT_OF_SERVICE_REASON), out);
    }

    fn park(&mut self, out: &mut Vec<Effect>, after: Duration, reason: &'static str) {
        self.wire.reset();
        self.inbound.reset();
        self.phase = Phase::Parked;
        out.push(Effect::Reopen { after, reason });
    }

    fn initialise(&mut self, now: Instant, start: Start, out: &mut Vec<Effect>) {
        match start {
            Start::Network => {}
            Start::Opened | Start::Boot | Start::Failure | Start::Sim => self.known.forget_sim(),
        }
        if let Some(chores) = &mut self.chores {
            chores.interrupt();
        }
        self.sim_changed = false;
        self.phase = Phase::Init(Init::start(now, start, &mut self.wire, out));
        self.sync_init(out);
    }

    /// Shows what the initialisation waits for.
    fn sync_init(&mut self, out: &mut Vec<Effect>) {
        if let Phase::Init(init) = &self.phase {
            let (state, reason) = (init.state(), init.reason());
            self.set_state(state, reason, out);
        }
    }

    fn begin_session(&mut self, now: Instant, out: &mut Vec<Effect>) {
        let Some(sim) = self.known.sim() else {
            // The script does not end without an ICCID; a SIM lost in its last step begins it anew.
            self.initialise(now, Start::Sim, out);
            return;
        };
        let number = self.next_session;
        self.next_session = Session(number.0.wrapping_add(1));
        self.session = Some(Live {
            number,
            since: now,
            unregistered_since: None,
        });
        if let Some(chores) = &mut self.chores {
            chores.begin(now);
        }
        let modem = self.known.modem.clone();
        out.push(Effect::Event(Event::Ready {
            session: number,
            sim,
            modem,
        }));
        out.extend(self.early.drain(..).map(Effect::Event));
        self.enter_ready(now, out);
    }

    /// Ends the session, and what waits in it.
    fn end_session(&mut self, reason: DownReason, out: &mut Vec<Effect>) {
        if let Some(submission) = self.held.take() {
            out.push(Effect::Event(Event::Returned {
                ticket: submission.ticket,
            }));
        }
        if let Some(live) = self.session.take() {
            out.push(Effect::Event(Event::Down {
                session: live.number,
                reason,
            }));
        }
    }

    /// Ends a send that cannot go on; its side of Ctrl-Z decides the outcome.
    fn interrupt_send(&mut self, interruption: Interruption, out: &mut Vec<Effect>) {
        if let Phase::Sending(send) = &self.phase {
            let (ticket, outcome) = (send.ticket(), send.interrupted(interruption));
            out.push(Effect::Event(Event::Finished { ticket, outcome }));
            self.phase = Phase::Ready;
        }
    }

    fn rebooted(&mut self, now: Instant, out: &mut Vec<Effect>) {
        self.interrupt_send(
            Interruption {
                before: Cause::LineLost,
                after: Doubt::Reboot,
            },
            out,
        );
        self.end_session(DownReason::Reboot, out);
        self.late = None;
        let same_boot = self.last_boot.is_some_and(|boot| now < boot + BOOT_LENGTH);
        if !same_boot {
            self.last_boot = Some(now);
            if let Some(rest) = self.budget.strike() {
                self.rest(rest, out);
                return;
            }
        }
        self.initialise(now, Start::Boot, out);
    }

    fn lose_sim(&mut self, now: Instant, out: &mut Vec<Effect>) {
        self.end_session(DownReason::SimLost, out);
        self.early.clear();
        self.initialise(now, Start::Sim, out);
    }

    fn poll(&mut self, now: Instant, out: &mut Vec<Effect>) {
        if self.wire.is_asking() || self.sim_changed {
            return;
        }
        if self.session.is_some_and(|live| live.since + HEALTHY <= now) {
            self.budget.heal();
        }
        let registered = self.is_registered();
        if let Some(chores) = &mut self.chores {
            chores.begin_poll(now, registered, &self.known, &mut self.wire, out);
        }
    }

    fn ready_deadline(&self) -> Option<(Instant, &'static str)> {
        if self.wire.is_asking() {
            return None;
        }
        let lost = self.session.and_then(|live| live.unregistered_since);
        let lost = lost.map(|since| (since + REGISTRATION_DEBOUNCE, "the registration is lost"));
        let poll = self
            .chores
            .as_ref()
            .map(|chores| (chores.deadline(), "a poll"));
        [lost, poll]
            .into_iter()
            .flatten()
            .min_by_key(|&(until, _)| until)
    }

    fn is_registered(&self) -> bool {
        self.session
            .is_some_and(|live| live.unregistered_since.is_none())
    }

    fn set_state(&mut self, state: LineState, reason: Option<&'static str>, out: &mut Vec<Effect>) {
        self.reason = reason;
        if self.state != state {
            self.state = state;
            out.push(Effect::Event(Event::State(state)));
        }
    }

    /// Tells of a report or message, once there is a SIM to own it.
    fn tell(&mut self, event: Event, out: &mut Vec<Effect>) {
        if self.session.is_some() {
            out.push(Effect::Event(event));
        } else if self.early.len() < HELD_EVENTS_MAX {
            self.early.push(event);
        }
    }
}

/// How much a line keeps, for tests of its bounds.
#[cfg(test)]
struct Kept {
    early: usize,
    chores: usize,
    line_bytes: usize,
}

#[cfg(test)]
impl Line {
    fn kept(&self) -> Kept {
        Kept {
            early: self.early.len(),
            chores: self.chores.as_ref().map_or(0, Chores::waiting),
            line_bytes: self.wire.framer.kept_bytes(),
        }
    }
}

/// Why a line rests.
const OUT_OF_SERVICE_REASON: &str = "recovery failed too often: the line rests";

#[cfg(test)]
mod tests;
