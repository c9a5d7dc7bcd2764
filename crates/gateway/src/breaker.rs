//! The breaker of one operator: when its SIMs are refused one after the other, the network is at fault and not a SIM.
//!
//! ```text
//!  closed ──TRIP refusals in a row, on SIMS_MIN SIMs──► open ──its time is over──► half open: one part as a probe
//!    ▲                                                   ▲                              │
//!    │                                                   └──refused or unknown: twice as long──┤
//!    └───────────────────────────── sent ──────────────────────────────────────────────┘
//! ```
//!
//! While it is open no attempts are burnt: what waits for these SIMs waits, or goes by another operator where a route
//! allows it. One SIM that is refused again and again is the business of its own rest (`causes`), not of this.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use modem::Cause;

use crate::book::SimIdx;
use crate::words::{Now, UnixMs};

/// Whose breaker it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BreakerOf {
    /// An operator's, by its declared name, else by country and network of its IMSIs.
    Operator(Box<str>),
    /// A line's, by name.
    Line(Box<str>),
}

/// What is known of a breaker that is not closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trip {
    /// Nothing is let through before, and then one part as a probe.
    pub until: UnixMs,
    /// How often it opened in a row: it stays open longer each time.
    pub times: u16,
    /// Failures in a row.
    pub in_row: u16,
    /// The last one's word.
    pub cause: Box<str>,
}

/// The breaker of one operator.
#[derive(Clone, Debug, Default)]
pub(crate) struct Breaker {
    circuit: Circuit,
    /// SIMs that were refused since the last part was sent, at most [`SIMS_MIN`] of them.
    refused: BTreeSet<SimIdx>,
}

/// What opens, is tried and closes, whatever the reason: of an operator here, of a line in `line_breaker`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Circuit {
    state: State,
    /// How often it opened in a row.
    trips: u16,
    /// Failures since something last worked.
    in_row: u16,
    /// The last one's word.
    cause: Box<str>,
}

/// What a breaker lets through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gate {
    /// Everything.
    Open,
    /// Nothing before this time, and then one part.
    ShutUntil(Instant),
    /// Nothing before the outcome of the probe.
    Probing,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Closed,
    Open {
        until: Instant,
    },
    Probing,
}

impl BreakerOf {
    /// The word of the store for what it is, and the name.
    pub fn parts(&self) -> (&'static str, &str) {
        match self {
            BreakerOf::Operator(name) => ("operator", name),
            BreakerOf::Line(name) => ("line", name),
        }
    }
}

impl Circuit {
    /// As the last process left it: if its time is over, one part is tried.
    pub(crate) fn restored(now: Now, trip: &Trip) -> Circuit {
        Circuit {
            state: State::Open {
                until: now.instant_of(trip.until),
            },
            trips: trip.times,
            in_row: trip.in_row,
            cause: trip.cause.clone(),
        }
    }

    /// What the next process has to know; `None` if it is closed.
    pub(crate) fn trip(&self, now: Now) -> Option<Trip> {
        let until = match self.state {
            State::Closed => return None,
            State::Open { until } => now.wall.plus(until.saturating_duration_since(now.mono)),
            State::Probing => now.wall,
        };
        Some(Trip {
            until,
            times: self.trips,
            in_row: self.in_row,
            cause: self.cause.clone(),
        })
    }

    /// Failures since something last worked, and the last one's word.
    pub(crate) fn failures(&self) -> (u16, &str) {
        (self.in_row, &self.cause)
    }

    /// What it lets through now.
    pub(crate) fn gate(&self, now: Instant) -> Gate {
        match self.state {
            State::Closed => Gate::Open,
            State::Open { until } if until > now => Gate::ShutUntil(until),
            State::Open { .. } => Gate::Open,
            State::Probing => Gate::Probing,
        }
    }

    /// Whether it keeps anything back or tries whether it has to.
    pub(crate) fn is_tripped(&self) -> bool {
        self.state != State::Closed
    }

    /// A part starts: after an open time it is the probe. True if others have to wait for it.
    pub(crate) fn starts(&mut self) -> bool {
        let is_probe = matches!(self.state, State::Open { .. });
        if is_probe {
            self.state = State::Probing;
        }
        is_probe
    }

    /// Something failed. It opens if that was once too often, which `is_enough` says of the failures in a row, or the
    /// probe; twice as long each time. True if it did.
    pub(crate) fn failed(
        &mut self,
        now: Instant,
        cause: Box<str>,
        is_enough: impl FnOnce(u16) -> bool,
        rests: Rests,
    ) -> bool {
        self.in_row = self.in_row.saturating_add(1);
        self.cause = cause;
        let trips = match self.state {
            State::Closed => is_enough(self.in_row),
            State::Probing => true,
            // What was under way when it opened comes back now, and says nothing new.
            State::Open { .. } => false,
        };
        if trips {
            let factor = 1 << u32::from(self.trips.min(DOUBLINGS_MAX));
            self.trips = self.trips.saturating_add(1);
            self.state = State::Open {
                until: now + (rests.first * factor).min(rests.longest),
            };
        }
        trips
    }

    /// The probe came back untouched: the next part is one. True if there was one.
    pub(crate) fn returned(&mut self, now: Instant) -> bool {
        let was_probing = self.state == State::Probing;
        if was_probing {
            self.state = State::Open { until: now };
        }
        was_probing
    }
}

/// How long a circuit stays open.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rests {
    pub(crate) first: Duration,
    pub(crate) longest: Duration,
}

impl Breaker {
    /// As the last process left it.
    pub(crate) fn restored(now: Now, trip: &Trip) -> Breaker {
        Breaker {
            circuit: Circuit::restored(now, trip),
            ..Breaker::default()
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

    /// Whether it keeps anything back or tries whether it has to.
    pub(crate) fn is_tripped(&self) -> bool {
        self.circuit.is_tripped()
    }

    /// A part starts: after an open time it is the probe. True if others have to wait for it.
    pub(crate) fn starts(&mut self) -> bool {
        self.circuit.starts()
    }

    /// A part was sent. True if that closed it.
    pub(crate) fn sent(&mut self) -> bool {
        let was_tripped = self.is_tripped();
        *self = Breaker::default();
        was_tripped
    }

    /// A part was refused for what is not the message's fault, or nobody knows what became of the probe. True if that
    /// opened it.
    pub(crate) fn refused(&mut self, now: Instant, sim: SimIdx, cause: Cause) -> bool {
        if self.refused.len() < SIMS_MIN {
            self.refused.insert(sim);
        }
        let are_many = self.refused.len() >= SIMS_MIN;
        let is_enough = |in_row| in_row >= TRIP && are_many;
        let cause = cause.to_string().into();
        self.circuit.failed(now, cause, is_enough, RESTS)
    }

    /// The probe came back untouched: the next part is one. True if there was one.
    pub(crate) fn returned(&mut self, now: Instant) -> bool {
        self.circuit.returned(now)
    }
}

/// Refusals in a row without a part sent between them.
const TRIP: u16 = 8;
/// SIMs that must be among them: fewer may be ill themselves.
const SIMS_MIN: usize = 3;
/// Most troubles of a network pass in less than a minute, and one that is back is used again within five.
const RESTS: Rests = Rests {
    first: Duration::from_secs(15),
    longest: Duration::from_secs(300),
};
/// Of a rest: enough for every longest one.
const DOUBLINGS_MAX: u16 = 8;

#[cfg(test)]
mod tests;
