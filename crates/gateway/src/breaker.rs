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
    state: State,
    /// SIMs that were refused since the last part was sent, at most [`SIMS_MIN`] of them.
    refused: BTreeSet<SimIdx>,
    in_row: u32,
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

impl Breaker {
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
        let trips = match self.state {
            State::Closed => self.in_row >= TRIP && self.refused.len() >= SIMS_MIN,
            State::Probing => true,
            // What was under way when it opened comes back now, and says nothing new.
            State::Open { .. } => false,
        };
        if trips {
            self.trips = self.trips.saturating_add(1);
            let factor = 1 << u32::from((self.trips - 1).min(8));
            let open_for = (OPEN_FIRST * factor).min(OPEN_MAX);
            self.state = State::Open {
                until: now + open_for,
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

/// Refusals in a row without a part sent between them.
const TRIP: u32 = 8;
/// SIMs that must be among them: fewer may be ill themselves.
const SIMS_MIN: usize = 3;
/// How long it opens the first time: most troubles of a network pass in less than a minute.
const OPEN_FIRST: Duration = Duration::from_secs(15);
/// How long it opens at most: a network that is back is used again within five minutes.
const OPEN_MAX: Duration = Duration::from_secs(300);

#[cfg(test)]
mod tests;
