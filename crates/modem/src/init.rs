//! Walks the initialisation script: one command after the other, with pauses, retries and detours.
//!
//! ```text
//!             ESC CR                reply               Done / Skip
//!  start ──► pausing ──► asking ◄──────────── asking ───────────────► next step … ► Done
//!               ▲           │                   │ Again, Blocked                  (the session begins)
//!               │           └── silence ──► detour: AT until it answers, then the same command once more
//!               └─────────────────────────── pausing (Initialising, NoSim or NoNetwork)
//! ```
//!
//! What is asked and what an answer means is in `script`. What happens after a failure is decided in `line`.

pub(crate) mod answers;
pub(crate) mod script;

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::known::Known;
use crate::result::Final;
use crate::timing::{BOOT_SETTLE, ESCAPES_MAX, QUIET, SILENCES_MAX};
use crate::wire::{Reply, Wire};
use crate::{Effect, LineState, Rung};

use script::{
    ATTENTION_STEP, FORMAT_STEP, ICCID_STEP, IDENTIFIED_STEP, NETWORK_STEP, Otherwise,
    PROFILE_STEP, SIM_STEP, STEPS, Step, Verdict,
};

/// Why an initialisation begins, and so where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Start {
    /// The port was opened.
    Opened,
    /// The modem says that it boots.
    Boot,
    /// The modem was sick: its profile is restored first.
    Failure,
    /// The radio was turned off and on, or the modem reset.
    Climbed,
    /// The SIM changed.
    Sim,
    /// The registration was lost.
    Network,
}

/// How far it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// It goes on.
    Going,
    /// The line is ready to send.
    Done {
        /// Whether it waited for the network.
        waited: bool,
    },
    /// The SIM wants its PIN.
    Locked,
    /// It goes on, but waits for long now: turning the radio off and on may help.
    Starving(&'static str),
    /// The modem cannot be brought up; the lowest rung that may help, and the reason for people.
    Failed(Rung, &'static str),
}

/// A running initialisation.
#[derive(Debug)]
pub(crate) struct Init {
    step: usize,
    query: usize,
    tries: u8,
    pause: Option<Instant>,
    detour: Option<Detour>,
    after_failure: bool,
    silences: u8,
    /// The query whose answer was missing once already.
    silent: Option<(usize, usize)>,
    escapes: u8,
    /// The network was not there at first.
    waited: bool,
    state: LineState,
    reason: Option<&'static str>,
    /// How long it waits for a SIM or a network before it says so, and since when it does.
    patience: Duration,
    waits_since: Option<Instant>,
}

/// Looking for the modem because an answer was missing.
#[derive(Clone, Copy, Debug)]
struct Detour {
    step: usize,
    query: usize,
    /// The answer was missing twice: the command counts as refused.
    refused: bool,
}

impl Init {
    /// Begins. A fresh port and a sick modem may be in the edit mode: ESC leaves it without sending anything.
    pub(crate) fn start(
        now: Instant,
        start: Start,
        patience: Duration,
        wire: &mut Wire,
        out: &mut Vec<Effect>,
    ) -> Init {
        wire.abandon();
        let (step, pause) = match start {
            Start::Opened | Start::Failure => {
                wire.escape_line(out);
                (ATTENTION_STEP, now + QUIET)
            }
            Start::Boot => (ATTENTION_STEP, now + BOOT_SETTLE),
            Start::Climbed => (ATTENTION_STEP, now + QUIET),
            Start::Sim => (SIM_STEP, now),
            Start::Network => (NETWORK_STEP, now),
        };
        Init {
            step,
            query: 0,
            tries: 0,
            pause: Some(pause),
            detour: None,
            after_failure: start == Start::Failure,
            silences: 0,
            silent: None,
            escapes: 0,
            waited: start == Start::Network,
            state: if start == Start::Network {
                LineState::NoNetwork
            } else {
                LineState::Initialising
            },
            reason: None,
            patience,
            waits_since: None,
        }
    }

    /// What the line is waiting for.
    pub(crate) fn state(&self) -> LineState {
        self.state
    }

    /// Why it waits, for people; while it goes on, what it is at.
    pub(crate) fn reason(&self) -> &'static str {
        let at = STEPS.get(self.step).map_or("the session", |step| step.name);
        self.reason.unwrap_or(at)
    }

    /// When the pause ends.
    pub(crate) fn deadline(&self) -> Option<(Instant, &'static str)> {
        self.pause.map(|until| (until, self.current().name))
    }

    /// Whether results may still come as digits.
    pub(crate) fn is_before_format(&self) -> bool {
        self.step <= FORMAT_STEP
    }

    /// Whether the SIM's part of the script has begun: a change of the SIM takes it back there.
    pub(crate) fn is_past_sim(&self) -> bool {
        self.step > SIM_STEP || self.detour.is_some_and(|detour| detour.step > SIM_STEP)
    }

    /// Whether it waits for the SIM or the network, between two looks.
    pub(crate) fn is_waiting(&self) -> bool {
        let waits = matches!(self.state, LineState::NoSim | LineState::NoNetwork);
        waits && self.pause.is_some()
    }

    /// Something changed outside: a pause for the SIM or the network ends at once.
    pub(crate) fn nudge(&mut self, now: Instant) {
        let waits = matches!(self.step, SIM_STEP | ICCID_STEP | NETWORK_STEP);
        if waits && self.pause.is_some() {
            self.pause = Some(now);
        }
    }

    /// A prompt nobody asked for: the modem is still in the edit mode.
    pub(crate) fn prompt(&mut self, wire: &mut Wire, out: &mut Vec<Effect>) {
        if self.escapes < ESCAPES_MAX {
            self.escapes += 1;
            wire.escape(out);
        }
    }

    /// The pause is over.
    pub(crate) fn wake(
        &mut self,
        now: Instant,
        known: &mut Known,
        wire: &mut Wire,
        out: &mut Vec<Effect>,
    ) -> Progress {
        if self.pause.take_if(|until| *until <= now).is_none() {
            return Progress::Going;
        }
        self.ask(now, known, wire, out)
    }

    /// A command ended.
    pub(crate) fn answered(
        &mut self,
        now: Instant,
        reply: &Reply,
        known: &mut Known,
        wire: &mut Wire,
        out: &mut Vec<Effect>,
    ) -> Progress {
        if reply.result.is_none() && self.step != ATTENTION_STEP {
            return self.silence(now);
        }
        let verdict = (self.current().accept)(known, self.query, reply);
        self.follow(now, verdict, known, wire, out)
    }

    fn follow(
        &mut self,
        now: Instant,
        verdict: Verdict,
        known: &mut Known,
        wire: &mut Wire,
        out: &mut Vec<Effect>,
    ) -> Progress {
        match verdict {
            Verdict::Done => self.done(now, known, wire, out),
            Verdict::Ahead(ways) if self.has_way(known, self.query + ways) => {
                self.query += ways;
                self.ask(now, known, wire, out)
            }
            Verdict::Ahead(_) | Verdict::Again => self.again(now, known, wire, out),
            Verdict::Locked => Progress::Locked,
            Verdict::Blocked(reason) => {
                self.waits_since = None;
                self.blocked(now, reason)
            }
            Verdict::Wanting(reason) => self.wanting(now, reason),
        }
    }

    /// The step's purpose is reached, or given up.
    fn done(
        &mut self,
        now: Instant,
        known: &mut Known,
        wire: &mut Wire,
        out: &mut Vec<Effect>,
    ) -> Progress {
        if let Some(detour) = self.detour.take() {
            self.step = detour.step;
            self.query = detour.query;
            self.tries = 0;
            if !detour.refused {
                return self.ask(now, known, wire, out);
            }
            let refused = Reply {
                result: Some(Final::Error),
                text: String::new(),
            };
            let verdict = (self.current().accept)(known, self.query, &refused);
            return self.follow(now, verdict, known, wire, out);
        }
        self.next(now, known, wire, out)
    }

    fn next(
        &mut self,
        now: Instant,
        known: &mut Known,
        wire: &mut Wire,
        out: &mut Vec<Effect>,
    ) -> Progress {
        if self.step == IDENTIFIED_STEP {
            known.identified();
            wire.manners = known.profile.wire;
        }
        self.step += 1;
        self.query = 0;
        // Steps that this start, or this modem, has no use for.
        while self.step < STEPS.len()
            && (self.step == PROFILE_STEP && !self.after_failure || !self.has_way(known, 0))
        {
            self.step += 1;
        }
        if self.step == STEPS.len() {
            return Progress::Done {
                waited: self.waited,
            };
        }
        self.tries = 0;
        self.state = LineState::Initialising;
        self.reason = None;
        self.waits_since = None;
        self.ask(now, known, wire, out)
    }

    fn again(
        &mut self,
        now: Instant,
        known: &mut Known,
        wire: &mut Wire,
        out: &mut Vec<Effect>,
    ) -> Progress {
        let step = self.current();
        self.query = 0;
        self.tries = self.tries.saturating_add(1);
        if self.tries < step.tries {
            self.pause = Some(now + step.pause);
            return Progress::Going;
        }
        match step.otherwise {
            Otherwise::Skip => self.next(now, known, wire, out),
            Otherwise::Fail(least, reason) => Progress::Failed(least, reason),
            Otherwise::Wait(_, _, reason) => self.wanting(now, reason),
        }
    }

    /// As [`Init::blocked`], where the radio may be at fault.
    fn wanting(&mut self, now: Instant, reason: &'static str) -> Progress {
        let progress = self.blocked(now, reason);
        let since = *self.waits_since.get_or_insert(now);
        if progress == Progress::Going && since + self.patience <= now {
            self.waits_since = None;
            return Progress::Starving(reason);
        }
        progress
    }

    fn blocked(&mut self, now: Instant, reason: &'static str) -> Progress {
        self.query = 0;
        let Otherwise::Wait(state, pause, _) = self.current().otherwise else {
            return Progress::Failed(Rung::Initialise, reason);
        };
        self.waited |= state == LineState::NoNetwork;
        self.state = state;
        self.reason = Some(reason);
        self.pause = Some(now + pause);
        // A modem that answers is not silent: it may wait here for days.
        self.silences = 0;
        Progress::Going
    }

    /// A late answer would be taken for the next one's: the modem must answer an `AT` first.
    fn silence(&mut self, now: Instant) -> Progress {
        self.silences += 1;
        if self.silences > SILENCES_MAX {
            return Progress::Failed(Rung::Reset, "commands stay without an answer");
        }
        let here = (self.step, self.query);
        let refused = self.silent == Some(here);
        self.silent = Some(here);
        self.detour = Some(Detour {
            step: self.step,
            query: self.query,
            refused,
        });
        self.step = ATTENTION_STEP;
        self.query = 0;
        self.tries = 0;
        self.pause = Some(now + QUIET);
        Progress::Going
    }

    /// A step is left when the profile that it began with has no such way any more: the modem was taken for another.
    fn ask(
        &mut self,
        now: Instant,
        known: &mut Known,
        wire: &mut Wire,
        out: &mut Vec<Effect>,
    ) -> Progress {
        self.pause = None;
        let profile = Arc::clone(&known.profile);
        match self.current().ways.at(&profile, self.query) {
            Some(query) => {
                wire.ask(now, &query, out);
                Progress::Going
            }
            None => self.next(now, known, wire, out),
        }
    }

    fn has_way(&self, known: &Known, at: usize) -> bool {
        self.current().ways.at(&known.profile, at).is_some()
    }

    fn current(&self) -> &'static Step {
        &STEPS[self.step]
    }
}
