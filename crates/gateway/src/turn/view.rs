//! What the gateway shows of itself between two turns.

use std::time::Duration;

use super::Gateway;
use crate::book::{Sim, SimIdx};
use crate::budget::{self, Period, Shut};
use crate::calendar::Hours;
use crate::capacity::{Capacity, SimAbility, Standby, capacity};
use crate::quarantine::Sick;
use crate::record::{Control, Target};
use crate::snapshot::{LaneSnapshot, SimSnapshot, SimState, Snapshot};
use crate::words::{Class, MessageState, Now, UnixMs};

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
            capacity: self.capacity(now),
            sent_last_minute: self.floor.sent_last_minute(now.mono),
            last_seq: self.book.last_seq(),
            reports_kept: u64::try_from(self.book.kept_len()).unwrap_or(u64::MAX),
            reports_repeated: self.floor.past_reports,
            reports_unclear: self.floor.unclear_reports,
            accepting: !self.floor.stopping && !self.floor.disk_low,
            stopping: self.floor.stopping,
            in_flight: u64::try_from(self.floor.in_flight()).unwrap_or(u64::MAX),
            sims: self
                .book
                .sims()
                .map(|(sim, known)| self.sim_snapshot(now, sim, known))
                .collect(),
            line_controls: self.line_controls(),
            line_breakers: self.line_breakers(now),
            line_trips: self.floor.line_trips,
            hubs: self.hub_snapshots(now),
            reports: self.report_rates(now),
            held_lines: self.held_lines(),
        }
    }

    /// What the fleet can do now.
    pub(super) fn capacity(&self, now: Now) -> Capacity {
        let assumed = self.floor.service_mean().unwrap_or(SERVICE_ASSUMED);
        let sims: Vec<SimAbility> = self
            .book
            .sims()
            .map(|(sim, known)| self.ability(now, sim, known, assumed))
            .collect();
        let calendar = &self.settings.sims_default.budget.calendar;
        let resets_in =
            Period::ALL.map(|period| period.bounds(calendar, now.wall).1.since(now.wall));
        capacity(self.settings.target_per_minute, &sims, resets_in)
    }

    /// Whether what the fleet can do decides about a message: the queue is full, or a code finds no free SIM.
    pub(super) fn is_tight(&self, class: Class) -> bool {
        let queued = usize::try_from(self.book.unsent()).unwrap_or(usize::MAX);
        queued >= self.settings.queued_max(class)
            || (class == Class::Otp && self.floor.idle.is_empty())
    }

    /// When the first SIM may send again; `None` unless all that there are have used up their budgets.
    pub(super) fn first_refill(&self, now: Now) -> Option<UnixMs> {
        let refill = |(sim, known): (SimIdx, &Sim)| match self.sim_state(now, sim, known) {
            SimState::Exhausted => {
                let refill = self.shut(now, known).map(|(_, until)| until);
                // Some begin anew only when an operator declares it.
                refill.filter(|until| *until != UnixMs(i64::MAX))
            }
            SimState::Absent
            | SimState::Idle
            | SimState::Sending
            | SimState::Waiting
            | SimState::Paused
            | SimState::Quarantined => None,
        };
        let all: Option<Vec<UnixMs>> = self.book.sims().map(refill).collect();
        all.and_then(|all| all.into_iter().min())
    }

    fn ability(&self, now: Now, sim: SimIdx, known: &Sim, assumed: Duration) -> SimAbility {
        let budget = &self.settings.sim(&known.iccid).budget;
        let service = self.floor.sim(sim).and_then(|sim| sim.service);
        let standing = match self.sim_state(now, sim, known) {
            SimState::Idle | SimState::Sending | SimState::Waiting => Standby::Usable,
            SimState::Exhausted => Standby::Spent,
            SimState::Absent | SimState::Paused | SimState::Quarantined => Standby::Away,
        };
        let left = |period: Period| {
            let limit = budget.limits[period.index()]?;
            Some(limit.saturating_sub(budget::used(&known.usage, period.index(), now.wall)))
        };
        SimAbility {
            standing,
            step: service.unwrap_or(assumed).max(budget.interval_min),
            limits: budget.limits,
            left: Period::ALL.map(left),
            life_left: budget
                .per_life
                .map(|limit| limit.saturating_sub(budget::used_for_life(&known.usage))),
            open: Hours::open(&budget.hours),
        }
    }

    fn lane(&self, now: Now, class: Class) -> LaneSnapshot {
        let lanes = self.book.lanes();
        let heads = lanes
            .apps(class)
            .flat_map(|app| lanes.heads(class, app))
            .filter_map(|head| self.book.message(head.message));
        let oldest = heads.map(|live| live.since).min();
        let closed = lanes
            .lengths()
            .filter(|(lane, _)| lane.class == class && !self.floor.is_open(class, lane.zone));
        LaneSnapshot {
            depth: self.book.waiting(class),
            oldest: oldest.map_or_else(Default::default, |since| now.wall.since(since)),
            later: self.book.later(class),
            window_closed: closed.map(|(_, length)| length as u64).sum(),
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
            reason: self.reason(now, sim, known, state),
            usage: known.usage,
            budgets: budget::overview(&declared.budget, known.spent(), now.wall),
            binds: budget::first_to_bind(&declared.budget, known.spent(), now.wall),
            contract: declared.contract.clone(),
            reports: self.report_rate(now, sim),
        }
    }

    pub(super) fn sim_state(&self, now: Now, sim: SimIdx, known: &Sim) -> SimState {
        let Some(volatile) = self.floor.sim(sim).filter(|sim| sim.place.is_some()) else {
            return SimState::Absent;
        };
        if self.is_paused(sim) {
            SimState::Paused
        } else if volatile.in_flight.is_some() {
            SimState::Sending
        } else if known.quarantine.is_some()
            || self.is_cut_off(sim)
            || self.floor.is_line_on_trial(volatile)
        {
            SimState::Quarantined
        } else if self.shut(now, known).is_some() {
            SimState::Exhausted
        } else if volatile.rests_until.is_some_and(|at| at > now.mono) || self.is_hub_held(sim) {
            SimState::Waiting
        } else {
            SimState::Idle
        }
    }

    pub(super) fn reason(
        &self,
        now: Now,
        sim: SimIdx,
        known: &Sim,
        state: SimState,
    ) -> Option<Box<str>> {
        match state {
            SimState::Quarantined if self.is_cut_off(sim) => {
                Some("its operator refuses every SIM; one part is tried now and then".into())
            }
            SimState::Quarantined => {
                let Some(quarantine) = known.quarantine else {
                    return self.line_trouble(sim);
                };
                Some(match quarantine.sick {
                    Sick::Barred(cause) => format!("barred by its operator: {cause}").into(),
                    Sick::Refused(cause) => format!("repeated refusals: {cause}").into(),
                    Sick::Filtered => {
                        "nearly all its reports are bad and those of other SIMs are not".into()
                    }
                })
            }
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
            SimState::Exhausted => self.shut(now, known).map(|(shut, _)| match shut {
                Shut::Undeclared => "no budget is declared".into(),
                Shut::Contract => "its contract has ended".into(),
                Shut::Hours => "outside its hours".into(),
                Shut::Limit(name) => format!("{name} is used up").into(),
                Shut::KeptForCodes(name) => format!("{name}: the rest is kept for codes").into(),
            }),
            SimState::Waiting if self.is_hub_held(sim) => Some("its hub is being reset".into()),
            SimState::Idle | SimState::Sending | SimState::Waiting => {
                let unheard = self.floor.sim(sim)?.unheard?;
                Some(unheard.to_string().into())
            }
            SimState::Absent => None,
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

/// Of a part, while no SIM has sent one: what one takes in most networks.
const SERVICE_ASSUMED: Duration = Duration::from_millis(5650);
