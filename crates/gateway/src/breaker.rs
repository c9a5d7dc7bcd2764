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

use crate::book::SimIdx;

/// The breaker of one operator.
#[derive(Clone, Debug, Default)]
pub(crate) struct Breaker {
    circuit: Circuit,
    /// SIMs that were refused since the last part was sent, at most [`SIMS_MIN`] of them.
    refused: BTreeSet<SimIdx>,
    in_row: u32,
}

/// What opens, is tried and closes, whatever the reason: of an operator here, of a line in `line_breaker`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Circuit {
    state: State,
    /// How often it opened in a row.
    trips: u16,
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

impl Circuit {
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

    /// Something failed. It opens if that was once too often (`is_enough`), or the probe; twice as long each time. True
    /// if it did.
    pub(crate) fn failed(&mut self, now: Instant, is_enough: bool, rests: Rests) -> bool {
        let trips = match self.state {
            State::Closed => is_enough,
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
    pub(crate) fn refused(&mut self, now: Instant, sim: SimIdx) -> bool {
        self.in_row = self.in_row.saturating_add(1);
        if self.refused.len() < SIMS_MIN {
            self.refused.insert(sim);
        }
        let is_enough = self.in_row >= TRIP && self.refused.len() >= SIMS_MIN;
        self.circuit.failed(now, is_enough, RESTS)
    }

    /// The probe came back untouched: the next part is one. True if there was one.
    pub(crate) fn returned(&mut self, now: Instant) -> bool {
        self.circuit.returned(now)
    }
}

/// Refusals in a row without a part sent between them.
const TRIP: u32 = 8;
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
