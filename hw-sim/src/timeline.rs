//! What befalls a fleet and when: events of a scenario, drawn out to single troubles of single lines.
//!
//! ```text
//!   [[event]] at, every ──► begins: which lines, how long ──► Strike { line or fleet, trouble, until }
//!                                 └─► what has to be undone ──► Mend at its end
//! ```
//!
//! A machine: told the time, no I/O. What a trouble does is the rack's business.

mod event;

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Instant;

use crate::rng::{Rng, Stream};

pub use event::{Event, EventError, Lines, Trouble};

/// Events that are still to come.
#[derive(Debug)]
pub(crate) struct Timeline {
    events: Vec<Event>,
    /// Operator of each line, for events that strike one operator's lines.
    operator_of: Vec<usize>,
    hub_lines: usize,
    seed: u64,
    due: BinaryHeap<Reverse<(Instant, u64, Due)>>,
    sequence: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    /// The event at this place of the list, for the n-th time.
    Begin { place: usize, count: u64 },
    /// A trouble of a line has to be undone.
    Mend { line: usize, mend: Mend },
}

/// What must be done at the end of a trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mend {
    /// Power comes back.
    PowerOn,
    /// The SIM is put back.
    InsertCard,
    /// The faults are again what they were.
    RestoreFaults,
}

/// What is due.
#[derive(Debug)]
pub(crate) enum Step {
    /// These lines are struck.
    Strike {
        lines: Vec<usize>,
        trouble: Trouble,
        until: Instant,
    },
    /// This line is mended; for faults the whole fleet.
    Mend { line: usize, mend: Mend },
}

impl Timeline {
    pub(crate) fn new(
        started: Instant,
        events: Vec<Event>,
        operator_of: Vec<usize>,
        hub_lines: usize,
        seed: u64,
    ) -> Timeline {
        let begins: Vec<Instant> = events.iter().map(|event| started + event.at).collect();
        let mut timeline = Timeline {
            events,
            operator_of,
            hub_lines,
            seed,
            due: BinaryHeap::new(),
            sequence: 0,
        };
        for (place, at) in begins.into_iter().enumerate() {
            timeline.plan(at, Due::Begin { place, count: 0 });
        }
        timeline
    }

    /// When something is due.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.due.peek().map(|Reverse((at, ..))| *at)
    }

    /// The next thing that is due.
    pub(crate) fn take_due(&mut self, now: Instant) -> Option<Step> {
        self.deadline().filter(|at| *at <= now)?;
        let Reverse((at, _, due)) = self.due.pop()?;
        Some(match due {
            Due::Begin { place, count } => self.begin(at, place, count),
            Due::Mend { line, mend } => Step::Mend { line, mend },
        })
    }

    /// Something will have to be undone.
    pub(crate) fn mend_at(&mut self, at: Instant, line: usize, mend: Mend) {
        self.plan(at, Due::Mend { line, mend });
    }

    /// No further event happens; what has begun is mended when its time comes.
    pub(crate) fn end_events(&mut self) {
        self.due
            .retain(|Reverse((_, _, due))| matches!(due, Due::Mend { .. }));
    }

    /// The lines that this means.
    pub(crate) fn select(&self, lines: &Lines) -> Vec<usize> {
        (0..self.operator_of.len())
            .filter(|line| lines.has(*line, self.hub_lines, self.operator_of[*line]))
            .collect()
    }

    pub(crate) fn operator_of(&self, line: usize) -> usize {
        self.operator_of[line]
    }

    fn begin(&mut self, at: Instant, place: usize, count: u64) -> Step {
        let event = &self.events[place];
        let mut lines = self.select(&event.lines);
        if event.share < 1.0 {
            let key = count * EVENTS_STRIDE + place as u64;
            lines.retain(|line| {
                Rng::keyed(self.seed, Stream::Event, *line, key).chance(event.share)
            });
        }
        let step = Step::Strike {
            lines,
            trouble: event.trouble.clone(),
            until: at + event.lasts,
        };
        if let Some(every) = event.every {
            let count = count + 1;
            self.plan(at + every, Due::Begin { place, count });
        }
        step
    }

    fn plan(&mut self, at: Instant, due: Due) {
        self.sequence += 1;
        self.due.push(Reverse((at, self.sequence, due)));
    }
}

/// More events than any scenario has: keys of draws are counted in strides of it.
const EVENTS_STRIDE: u64 = 1 << 20;

#[cfg(test)]
mod tests;
