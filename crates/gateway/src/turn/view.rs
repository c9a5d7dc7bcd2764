//! What the gateway shows of itself between two turns.

use super::Gateway;
use crate::book::{Sim, SimIdx};
use crate::budget::{self, Period};
use crate::record::{Control, Target, Usage};
use crate::snapshot::{LaneSnapshot, SimSnapshot, SimState, Snapshot};
use crate::words::{Class, MessageState, Now};

impl Gateway {
    /// The gateway at this moment.
    pub fn snapshot(&self, now: Now) -> Snapshot {
        let count = |state| self.book.count(state);
        Snapshot {
            at: now.wall,
            totals: self.book.totals(),
            queued: count(MessageState::Queued),
            sending: count(MessageState::Sending),
            in_doubt: count(MessageState::InDoubt),
            sent: count(MessageState::Sent),
            lanes: Class::ALL.map(|class| self.lane(now, class)),
            target_per_minute: self.settings.target_per_minute,
            sent_last_minute: self.floor.sent_last_minute(now.mono),
            last_seq: self.book.last_seq(),
            reports_kept: u64::try_from(self.book.kept_len()).unwrap_or(u64::MAX),
            reports_repeated: self.floor.past_reports,
            accepting: !self.floor.stopping && !self.floor.disk_low,
            stopping: self.floor.stopping,
            in_flight: u64::try_from(self.floor.in_flight()).unwrap_or(u64::MAX),
            sims: self
                .book
                .sims()
                .map(|(sim, known)| self.sim_snapshot(now, sim, known))
                .collect(),
            line_controls: self.line_controls(),
        }
    }

    fn lane(&self, now: Now, class: Class) -> LaneSnapshot {
        let heads = self
            .book
            .heads(class)
            .filter_map(|(_, seq, _)| self.book.message(seq));
        let oldest = heads.map(|live| live.accepted).min();
        LaneSnapshot {
            depth: self.book.waiting(class),
            oldest: oldest.map_or_else(Default::default, |accepted| now.wall.since(accepted)),
        }
    }

    fn sim_snapshot(&self, now: Now, sim: SimIdx, known: &Sim) -> SimSnapshot {
        let declared = self.settings.sim(&known.iccid);
        let volatile = self.floor.sim(sim);
        let state = self.sim_state(now, sim, known);
        SimSnapshot {
            iccid: known.iccid.clone(),
            label: declared
                .label
                .clone()
                .unwrap_or_else(|| known.iccid.tail().into()),
            operator: declared.operator.clone(),
            imsi: volatile.and_then(|sim| sim.imsi.clone()),
            line: volatile.and_then(|sim| sim.place).map(|(line, _)| line),
            state,
            reason: self.reason(known, state),
            usage: current(&known.usage, now),
            limits: declared.budget.limits,
            resets: Period::ALL.map(|period| period.end(now.wall)),
        }
    }

    fn sim_state(&self, now: Now, sim: SimIdx, known: &Sim) -> SimState {
        let Some(volatile) = self.floor.sim(sim).filter(|sim| sim.place.is_some()) else {
            return SimState::Absent;
        };
        let budget = &self.settings.sim(&known.iccid).budget;
        if self.is_paused(sim) {
            SimState::Paused
        } else if !volatile.in_flight.is_empty() {
            SimState::Sending
        } else if self.is_quarantined(sim) {
            SimState::Quarantined
        } else if budget::exhausted_until(budget, &known.usage, now.wall).is_some() {
            SimState::Exhausted
        } else if volatile.rests_until.is_some_and(|at| at > now.mono) {
            SimState::Waiting
        } else {
            SimState::Idle
        }
    }

    fn reason(&self, known: &Sim, state: SimState) -> Option<Box<str>> {
        match state {
            SimState::Quarantined => Some("repeated refusals".into()),
            SimState::Paused => {
                let target = Target::Sim(known.iccid.clone());
                let mut controls = self
                    .book
                    .controls()
                    .filter(|(other, _, _)| **other == target);
                controls
                    .next()
                    .and_then(|(_, _, reason)| reason)
                    .map(Into::into)
            }
            SimState::Exhausted if !self.settings.sim(&known.iccid).budget.is_declared() => {
                Some("no budget is declared".into())
            }
            SimState::Absent
            | SimState::Idle
            | SimState::Sending
            | SimState::Waiting
            | SimState::Exhausted => None,
        }
    }

    fn line_controls(&self) -> Vec<(Box<str>, Control, Option<Box<str>>)> {
        let controls = self
            .book
            .controls()
            .filter_map(|(target, control, reason)| match target {
                Target::Line(name) => Some((name.clone(), control, reason.map(Into::into))),
                Target::Sim(_) => None,
            });
        controls.collect()
    }
}

/// The counters with windows of past periods emptied.
fn current(usage: &Usage, now: Now) -> Usage {
    let mut current = *usage;
    for (index, window) in current.windows.iter_mut().enumerate() {
        window.used = budget::used(usage, index, now.wall);
        window.start = Period::ALL[index].start(now.wall);
    }
    current
}
