//! The line machine: joins the phases of one serial port and the modem behind it.
//!
//! ```text
//!  Closed ──Opened──► Init ───────────────────────────────► Ready ◄──────────────► Sending
//!    ▲                 │ ▲ (Initialising, NoSim, NoNetwork)   │  ▲   Submit, outcome    │
//!    │ Closed          │ │ SIM lost, registration lost > 20 s │  │ in step             │ no prompt, no result
//!    │ (from all)      │ ├────────────────────────────────────┤  │                     ▼
//!    │                 │ │ boot banner (from all)             └► Recover ◄─────────────┘
//!    │                 │ │                                        │      no answer to a chore
//!    │                 │ └───── Climb (radio, reset) ◄── ladder ◄─┘ failed
//!    │                 │ failed, no SIM or network for long ▲ │
//!    │                 └────────────────────────────────────┘ │
//!    │        Unlock (NoSim): a SIM that wants its PIN, between two looks at it in Init
//!    └──────────── Parked: the port is closed for 5 s, or, the ladder spent, for 10 min, 1 h, 24 h (OutOfService)
//! ```
//!
//! `Ready` is announced with a new session and ends with `Down`. `hear` sorts what the modem says, `life` and `sending`
//! own the transitions, `climbing` those of a sick line, `talk` what an operator says to the line directly. It has no clock,
//! no I/O, and no policy on messages: it neither retries nor expires them.

mod climbing;
mod hear;
mod life;
mod sending;
mod talk;

use std::time::Instant;

use crate::chores::Chores;
use crate::climb::Climb;
use crate::inbound::Inbound;
use crate::init::{Init, Start};
use crate::known::Known;
use crate::ladder::Ladder;
use crate::manual::Manual;
use crate::recover::Recover;
use crate::send::Send;
use crate::timing::{HEALTHY, HELD_EVENTS_MAX, REGISTRATION_DEBOUNCE};
use crate::unlock::Unlock;
use crate::ussd::{Dialogue, Gatherer};
use crate::wire::Wire;
use crate::{DownReason, Effect, Event, Input, LineSettings, LineState, Rung, Session, Ticket};

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
    /// An attempt that ended as unknown: a reference that comes late is its own.
    late: Option<Ticket>,
    /// The SIM changed while a submission was on its way.
    sim_changed: bool,
    /// Sends in a row that had no answer.
    mute_sends: u8,
    ladder: Ladder,
    /// The rung that an operator wants, as soon as nothing is on its way.
    wanted: Option<Rung>,
    last_boot: Option<Instant>,
    /// A boot banner until then is the end of a reset that was asked for.
    own_boot_until: Option<Instant>,
    /// Reports and messages that came before a session was announced.
    early: Vec<Early>,
    garbage_bytes: usize,
    /// The USSD dialogue of the SIM.
    dialogue: Option<Dialogue>,
    gatherer: Gatherer,
    /// An operator's command that runs.
    manual: Option<Manual>,
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
    /// The SIM wants its PIN.
    Unlock(Unlock),
    /// Out of step with the modem.
    Recover(Recover),
    /// The radio is turned off and on, or the modem is reset.
    Climb(Climb),
    /// The port is to be opened again; nothing is heard until then.
    Parked,
}

/// A report or message that waits for a SIM to own it.
#[derive(Debug)]
struct Early {
    event: Event,
    /// It lies in the store still, and will be read again.
    is_stored: bool,
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
            known: Known::new(&settings),
            next_session: settings.first_session,
            settings,
            phase: Phase::Closed,
            state: LineState::Closed,
            reason: None,
            wire: Wire::default(),
            inbound: Inbound::default(),
            chores: None,
            session: None,
            late: None,
            sim_changed: false,
            mute_sends: 0,
            ladder: Ladder::default(),
            wanted: None,
            last_boot: None,
            own_boot_until: None,
            early: Vec::new(),
            garbage_bytes: 0,
            dialogue: None,
            gatherer: Gatherer::default(),
            manual: None,
        }
    }

    /// Takes one input and appends what follows from it to `out`. The only mutation.
    pub fn step(&mut self, now: Instant, input: Input<'_>, out: &mut Vec<Effect>) {
        match input {
            Input::Opened => self.opened(now, out),
            Input::Bytes(bytes) => self.bytes(now, bytes, out),
            Input::Unwritten => self.unwritten(),
            Input::Closed => self.closed(out),
            Input::Submit(submission) => self.submit(now, submission, out),
            Input::Pin(answer) => self.pin_answered(now, &answer, out),
            Input::Ussd(act) => self.ussd(now, act, out),
            Input::Manual(command) => self.manual(now, command, out),
            Input::Reset(rung) => self.reset(now, rung, out),
            Input::CheckSim => self.sim_ready(now),
            Input::Wake => self.wake(now, out),
        }
        self.settle(now, out);
        self.talk_settle(now, out);
    }

    /// When to call `step` with `Wake`, and why.
    pub fn deadline(&self) -> Option<(Instant, &'static str)> {
        let phase = match &self.phase {
            Phase::Closed | Phase::Parked => return None,
            Phase::Init(_) if self.manual.is_some() => None,
            Phase::Init(init) => init.deadline(),
            Phase::Unlock(unlock) => unlock.deadline(),
            Phase::Ready => self.ready_deadline(),
            Phase::Sending(send) => send.deadline(),
            Phase::Recover(recover) => recover.deadline(),
            Phase::Climb(climb) => climb.deadline(),
        };
        let command = self
            .wire
            .deadline()
            .map(|until| (until, "the answer to a command"));
        [phase, command, self.talk_deadline()]
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

    /// Whether a submission given now would be started at once: the shell may pop the send queue.
    /// Between two chores the line is idle, so a shell that looks here before it wakes the line puts messages first.
    pub fn is_idle(&self) -> bool {
        matches!(self.phase, Phase::Ready)
            && !self.wire.is_asking()
            && !self.sim_changed
            && !self.is_engaged()
            && self.wanted.is_none()
            && !self.chores.as_ref().is_some_and(Chores::is_urgent)
            && self
                .session
                .is_some_and(|live| live.unregistered_since.is_none())
    }

    fn wake(&mut self, now: Instant, out: &mut Vec<Effect>) {
        if self.wire.write_held(now, out) {
            self.written(now);
        }
        if let Some(reply) = self.wire.expire(now) {
            self.answered(now, reply, out);
        }
        self.talk_wake(now, out);
        match &mut self.phase {
            Phase::Init(_) if self.manual.is_some() => {}
            Phase::Init(init) => {
                let progress = init.wake(now, &mut self.known, &mut self.wire, out);
                self.init_went(now, progress, out);
            }
            Phase::Unlock(unlock) => {
                let progress = unlock.wake(now);
                self.unlocked(now, progress, out);
            }
            Phase::Recover(recover) => recover.wake(now, &mut self.wire, out),
            Phase::Sending(send) => {
                if let Some(outcome) = send.wake(now) {
                    self.send_expired(now, outcome, out);
                }
            }
            Phase::Climb(climb) => {
                let progress = climb.wake(now, &mut self.wire, out);
                self.climb_went(now, progress, out);
            }
            Phase::Ready => self.do_chore(now, out),
            Phase::Closed | Phase::Parked => {}
        }
    }

    /// What changed a ready line's session ends it as soon as no command runs: a late answer would be taken for the
    /// next command's.
    fn settle(&mut self, now: Instant, out: &mut Vec<Effect>) {
        if !matches!(self.phase, Phase::Ready) || self.wire.is_asking() {
            return;
        }
        if let Some(rung) = self.wanted {
            self.reset(now, rung, out);
        } else if self.sim_changed {
            self.lose_sim(now, out);
        } else if self.is_network_lost(now) {
            self.end_session(DownReason::NetworkLost, out);
            self.initialise(now, Start::Network, out);
        }
    }

    /// The line is ready, again or for the first time. One chore of the store goes first.
    fn enter_ready(&mut self, now: Instant, out: &mut Vec<Effect>) {
        self.phase = Phase::Ready;
        self.wire.drop_fragment();
        self.set_state(LineState::Ready, None, out);
        let Some(chores) = &mut self.chores else {
            return;
        };
        chores.postpone(now);
        if !self.sim_changed && self.wanted.is_none() {
            chores.begin_store(now, &self.known, &mut self.wire, out);
        }
    }

    /// An idle line does its chores, one at each wake-up.
    fn do_chore(&mut self, now: Instant, out: &mut Vec<Effect>) {
        if self.wire.is_asking() || self.sim_changed || self.is_network_lost(now) {
            return;
        }
        let Some(live) = self.session else { return };
        if live.since + HEALTHY <= now {
            self.ladder.heal();
        }
        let registered = live.unregistered_since.is_none();
        if let Some(chores) = &mut self.chores {
            chores.begin_due(now, registered, &self.known, &mut self.wire, out);
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
            .map(|chores| (chores.deadline(), "a chore"));
        [lost, poll]
            .into_iter()
            .flatten()
            .min_by_key(|&(until, _)| until)
    }

    /// Whether the registration is away for too long.
    fn is_network_lost(&self, now: Instant) -> bool {
        let lost = self.session.and_then(|live| live.unregistered_since);
        lost.is_some_and(|since| since + REGISTRATION_DEBOUNCE <= now)
    }

    fn set_state(&mut self, state: LineState, reason: Option<&'static str>, out: &mut Vec<Effect>) {
        if self.state != state || self.reason != reason {
            self.state = state;
            self.reason = reason;
            out.push(Effect::Event(Event::State(state)));
        }
    }

    /// Tells of a report or message, once there is a SIM to own it: not the one that was pulled out. False if there is no room to keep it until then.
    fn tell(&mut self, event: Event, is_stored: bool, out: &mut Vec<Effect>) -> bool {
        if self.session.is_some() && !self.sim_changed {
            out.push(Effect::Event(event));
            return true;
        }
        let has_room = self.early.len() < HELD_EVENTS_MAX;
        if has_room {
            self.early.push(Early { event, is_stored });
        }
        has_room
    }
}

/// How much a line keeps, for tests of its bounds.
#[cfg(test)]
struct Kept {
    early: usize,
    chores: usize,
    line_bytes: usize,
    waits_for_port: bool,
}

#[cfg(test)]
impl Line {
    fn kept(&self) -> Kept {
        Kept {
            early: self.early.len(),
            chores: self.chores.as_ref().map_or(0, Chores::waiting),
            line_bytes: self.wire.framer.kept_bytes(),
            waits_for_port: matches!(self.phase, Phase::Closed | Phase::Parked),
        }
    }
}

#[cfg(test)]
mod tests;
