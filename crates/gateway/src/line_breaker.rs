//! The breaker of one line: a modem that loses one part after the other must not be given the next.
//!
//! ```text
//!  closed ──TRIP failures in a row──► open ──its time is over──► half open: one part as a probe
//!    ▲                                 ▲                             │
//!    │                                 └──── failed: twice as long ──┤
//!    └────────────── the network has spoken: sent, or refused by it ─┘
//! ```
//!
//! A failure is one of the modem or its port: no prompt, no result, a restart, a lost port. It belongs to the line, whatever
//! SIM is in it; what networks refuse is the business of `breaker` and `evidence`. The line brings its modem back meanwhile
//! (`modem`'s ladder); this only decides what it is trusted with.

use std::time::{Duration, Instant};

use modem::{Cause, Doubt, Outcome};

use crate::breaker::{Circuit, Gate, Rests, Trip};
use crate::causes::CauseClass;
use crate::words::Now;

/// The breaker of one line.
#[derive(Clone, Debug, Default)]
pub(crate) struct LineBreaker {
    circuit: Circuit,
}

/// What a line's breaker is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BreakerState {
    /// The line is used.
    Closed,
    /// It is not, for a while.
    Open,
    /// One part tries whether it works again.
    HalfOpen,
}

/// What an outcome says of the modem that it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It went to the network and back.
    Worked,
    /// The modem or its port failed; the word for it.
    Failed(Box<str>),
    /// Nothing.
    Neither,
}

impl BreakerState {
    /// All states.
    pub const ALL: [BreakerState; 3] = [
        BreakerState::Closed,
        BreakerState::Open,
        BreakerState::HalfOpen,
    ];

    /// The word of the API and the metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            BreakerState::Closed => "closed",
            BreakerState::Open => "open",
            BreakerState::HalfOpen => "half_open",
        }
    }
}

impl LineBreaker {
    /// As the last process left it.
    pub(crate) fn restored(now: Now, trip: &Trip) -> LineBreaker {
        LineBreaker {
            circuit: Circuit::restored(now, trip),
        }
    }

    /// What the next process has to know; `None` if it is closed.
    pub(crate) fn trip(&self, now: Now) -> Option<Trip> {
        self.circuit.trip(now)
    }

    /// What it lets through now.
    pub(crate) fn gate(&self, now: Instant) -> Gate {
        self.circuit.gate(now)
    }

    /// What it is doing now.
    pub(crate) fn state(&self, now: Instant) -> BreakerState {
        match self.gate(now) {
            Gate::ShutUntil(_) => BreakerState::Open,
            Gate::Probing => BreakerState::HalfOpen,
            Gate::Open if self.circuit.is_tripped() => BreakerState::HalfOpen,
            Gate::Open => BreakerState::Closed,
        }
    }

    /// Whether it keeps parts from its line, or tries whether it has to.
    pub(crate) fn is_tripped(&self) -> bool {
        self.circuit.is_tripped()
    }

    /// Failures since the line last worked.
    pub(crate) fn in_row(&self) -> u16 {
        self.circuit.failures().0
    }

    /// Why it is not closed, for people.
    pub(crate) fn reason(&self) -> Option<Box<str>> {
        let (in_row, cause) = self.circuit.failures();
        let reason = || format!("lost {in_row} parts in a row, the last by {cause}");
        self.is_tripped().then(|| reason().into())
    }

    /// A part starts: after an open time it is the probe.
    pub(crate) fn starts(&mut self) {
        self.circuit.starts();
    }

    /// A part has come to its end. True if that opened it.
    pub(crate) fn landed(&mut self, now: Instant, verdict: Verdict) -> bool {
        match verdict {
            Verdict::Worked => {
                *self = LineBreaker::default();
                false
            }
            Verdict::Failed(cause) => {
                let is_enough = |in_row| in_row >= TRIP;
                self.circuit.failed(now, cause, is_enough, RESTS)
            }
            // If it was the probe, the next one is.
            Verdict::Neither => {
                self.circuit.returned(now);
                false
            }
        }
    }
}

/// What the end of a part says of the modem; `outcome` is `None` if it came back untouched, and `class` what its refusal
/// was weighed as.
pub(crate) fn verdict(outcome: Option<&Outcome>, class: Option<CauseClass>) -> Verdict {
    match outcome {
        Some(Outcome::Sent { .. }) => Verdict::Worked,
        Some(Outcome::Unknown(doubt)) => match doubt {
            Doubt::Silence | Doubt::LineLost | Doubt::Reboot => {
                Verdict::Failed(doubt.as_str().into())
            }
            // It has answered, or the daemon is the one that was lost.
            Doubt::NetworkTimeout | Doubt::NoReference | Doubt::Answer | Doubt::Restart => {
                Verdict::Neither
            }
        },
        Some(Outcome::Refused(cause)) => match (cause, class) {
            (Cause::NoPrompt | Cause::LineLost, _) | (_, Some(CauseClass::ModemSick)) => {
                Verdict::Failed(cause.to_string().into())
            }
            // Nobody knows who says a plain `ERROR`.
            (Cause::Error, _) | (_, Some(CauseClass::Wait | CauseClass::Unknown) | None) => {
                Verdict::Neither
            }
            (
                Cause::Cms(_) | Cause::Cme(_),
                Some(
                    CauseClass::SameSim
                    | CauseClass::OtherSim
                    | CauseClass::SimSick
                    | CauseClass::Barred
                    | CauseClass::Permanent
                    | CauseClass::Configuration,
                ),
            ) => Verdict::Worked,
        },
        None => Verdict::Neither,
    }
}

/// Failures in a row: one is an accident, and after two the line itself sets its modem up anew.
const TRIP: u16 = 3;
/// The first time what the line's own recovery takes at least. Seldom in the end: each probe may cost a message, and who
/// mends a modem says so (`simfleet resume LINE`).
const RESTS: Rests = Rests {
    first: Duration::from_secs(60),
    longest: Duration::from_secs(2 * 3600),
};

#[cfg(test)]
mod tests;
