//! Budgets at work: whether a SIM can take a part, and what follows when the clock or the resets change.

use super::{Gateway, Turn};
use crate::book::{Sim, SimIdx};
use crate::breaker::Gate;
use crate::budget::{self, Allowance, Shut};
use crate::floor::Availability;
use crate::record::Record;
use crate::warning;
use crate::words::{Class, Now, UnixMs};

impl Gateway {
    /// Works out anew whether a SIM can take a part, and what its rotation goes by.
    pub(super) fn settle(&mut self, now: Now, sim: SimIdx) {
        let allowance = self.allowance(now, sim);
        let paused = self.is_paused(sim);
        let volatile = self.floor.sim_mut(sim);
        volatile.allowance = allowance;
        volatile.paused = paused;
        let availability = self.availability(now, sim);
        self.floor.note(sim, availability);
    }

    pub(super) fn settle_all(&mut self, now: Now) {
        let all: Vec<SimIdx> = self.book.sims().map(|(sim, _)| sim).collect();
        all.into_iter().for_each(|sim| self.settle(now, sim));
    }

    /// Fits every SIM's windows to its calendar and to the clock.
    pub(super) fn recut(&mut self, now: Now, out: &mut Turn) {
        let recut = |(_, known): (SimIdx, &Sim)| {
            let calendar = &self.settings.sim(&known.iccid).budget.calendar;
            let mut usage = known.usage;
            budget::recut(&mut usage, calendar, known.used, now.wall);
            (usage != known.usage).then(|| Record::SimUsed {
                sim: known.iccid.clone(),
                usage,
            })
        };
        let records: Vec<Record> = self.book.sims().filter_map(recut).collect();
        for record in records {
            self.emit(now, record, out);
        }
    }

    pub(super) fn warn_all(&mut self, now: Now, out: &mut Turn) {
        let all: Vec<SimIdx> = self.book.sims().map(|(sim, _)| sim).collect();
        all.into_iter().for_each(|sim| self.warn(now, sim, out));
    }

    /// Warns of the limits of a SIM that come near their end, each mark once in a period.
    pub(super) fn warn(&mut self, now: Now, sim: SimIdx, out: &mut Turn) {
        let known = self.book.sim(sim);
        let budget = &self.settings.sim(&known.iccid).budget;
        let standings = budget::standings(budget, known.spent(), now.wall);
        let due = standings.filter_map(|standing| {
            let told = known.warnings.get(standing.name());
            let resets = || standing.resets(budget, now.wall);
            warning::due(&standing, resets, told, now.wall)
        });
        let records: Vec<Record> = due
            .map(|warning| Record::BudgetWarned {
                sim: known.iccid.clone(),
                warning,
            })
            .collect();
        for record in records {
            self.emit(now, record, out);
        }
    }

    /// What keeps a SIM from sending anything but a code, and until when.
    pub(super) fn shut(&self, now: Now, known: &Sim) -> Option<(Shut, UnixMs)> {
        let budget = &self.settings.sim(&known.iccid).budget;
        budget::shut(budget, known.spent(), Class::Bulk, now.wall)
    }

    fn allowance(&self, now: Now, sim: SimIdx) -> Allowance {
        let known = self.book.sim(sim);
        let declared = self.settings.sim(&known.iccid);
        budget::allowance(declared, known.spent(), now.wall)
    }

    fn availability(&self, now: Now, sim: SimIdx) -> Availability {
        if self.is_engaged(sim) {
            return Availability::Unavailable;
        }
        self.availability_alone(now, sim)
    }

    /// As if nobody talked to its line.
    pub(super) fn availability_alone(&self, now: Now, sim: SimIdx) -> Availability {
        let Some(volatile) = self.floor.sim(sim) else {
            return Availability::Unavailable;
        };
        let is_held = volatile.paused || self.is_hub_held(sim);
        if volatile.place.is_none() || is_held || !self.has_room(sim) {
            return Availability::Unavailable;
        }
        let shut = match self.gate(now, sim) {
            Gate::Open => None,
            Gate::ShutUntil(at) => Some(at),
            Gate::Probing => return Availability::Unavailable,
        };
        let line_shut = match self.line_gate(now, sim) {
            Gate::Open => None,
            Gate::ShutUntil(at) => Some(at),
            Gate::Probing => return Availability::Unavailable,
        };
        let rest = volatile.rests_until.filter(|at| *at > now.mono);
        let allowance = &volatile.allowance;
        let refill = match allowance.shut_until {
            Some(NEVER) => return Availability::Unavailable,
            until => until.map(|at| now.instant_of(at)),
        };
        match rest.max(refill).max(shut).max(line_shut) {
            Some(at) => Availability::Resting(at),
            None => {
                let holds = Some(allowance.holds_until).filter(|at| *at != NEVER);
                Availability::Idle(holds.map(|at| now.instant_of(at)))
            }
        }
    }
}

/// What never comes by itself: an operator has to change something.
const NEVER: UnixMs = UnixMs(i64::MAX);
