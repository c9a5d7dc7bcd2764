//! Bookkeeping of the floor: whether a SIM can take a part, what is with it, and how it fares.

use std::time::{Duration, Instant};

use modem::{Outcome, Ticket};

use super::Gateway;
use crate::book::{Phase, SimIdx};
use crate::budget;
use crate::causes::{self, QUARANTINE_AFTER, Verdict};
use crate::decide;
use crate::floor::{Availability, InFlight};
use crate::record::{Control, Record, Target};
use crate::words::{MessageSeq, MessageState, Now};

impl Gateway {
    /// When the gateway wants to be woken though nothing comes in, and why.
    pub fn deadline(&self) -> Option<(Instant, &'static str)> {
        let now = self.now?;
        let timer = self
            .book
            .next_timer()
            .map(|at| (now.instant_of(at), "a message's deadline"));
        let rest = self
            .floor
            .resting
            .first()
            .map(|(at, _)| (*at, "a SIM has rested"));
        let opening = decide::next_opening(&self.book, &self.floor, now);
        [timer, rest, opening]
            .into_iter()
            .flatten()
            .min_by_key(|(at, _)| *at)
    }

    /// Works out anew whether a SIM can take a part.
    pub(super) fn settle(&mut self, now: Now, sim: SimIdx) {
        let availability = self.availability(now, sim);
        self.floor.note(sim, availability);
    }

    pub(super) fn settle_all(&mut self, now: Now) {
        let all: Vec<SimIdx> = self.book.sims().map(|(sim, _)| sim).collect();
        all.into_iter().for_each(|sim| self.settle(now, sim));
    }

    pub(super) fn is_paused(&self, sim: SimIdx) -> bool {
        if !self.book.has_controls() {
            return false;
        }
        let iccid = &self.book.sim(sim).iccid;
        let place = self.floor.sim(sim).and_then(|sim| sim.place);
        let line = place.and_then(|(line, _)| self.floor.lines.get(&line));
        let of_line = line.map(|line| self.book.control(&Target::Line(line.name.clone())));
        let of_sim = self.book.control(&Target::Sim(iccid.clone()));
        of_sim != Control::Active || of_line.is_some_and(|control| control != Control::Active)
    }

    fn availability(&self, now: Now, sim: SimIdx) -> Availability {
        let Some(volatile) = self.floor.sim(sim) else {
            return Availability::Unavailable;
        };
        if volatile.place.is_none() || self.is_paused(sim) || !self.has_room(sim) {
            return Availability::Unavailable;
        }
        let known = self.book.sim(sim);
        let budget = &self.settings.sim(&known.iccid).budget;
        if !budget.is_declared() {
            return Availability::Unavailable;
        }
        let refill =
            budget::exhausted_until(budget, &known.usage, now.wall).map(|at| now.instant_of(at));
        match volatile.rests_until.filter(|at| *at > now.mono).max(refill) {
            Some(at) => Availability::Resting(at),
            None => Availability::Idle,
        }
    }

    /// Whether the line can take another part: it is empty, or it is fast and the part in it is its message's last.
    fn has_room(&self, sim: SimIdx) -> bool {
        let Some(volatile) = self.floor.sim(sim) else {
            return false;
        };
        match volatile.in_flight.as_slice() {
            [] => true,
            [only] => {
                let live = self.book.message(only.message);
                volatile.is_fast() && live.is_none_or(|live| live.next_part().is_none())
            }
            [..] => false,
        }
    }

    /// A part is on its way to its line.
    pub(super) fn take_off(&mut self, now: Now, ticket: Ticket, message: MessageSeq, sim: SimIdx) {
        self.floor.pace.charge(now.mono);
        self.floor.starts += 1;
        let starts = self.floor.starts;
        let interval = self
            .settings
            .sim(&self.book.sim(sim).iccid)
            .budget
            .interval_min;
        let volatile = self.floor.sim_mut(sim);
        volatile.in_flight.push(InFlight {
            ticket,
            message,
            since: now.mono,
        });
        volatile.last_start = starts;
        if interval > Duration::ZERO {
            volatile.rests_until = Some(now.mono + interval);
        }
        self.settle(now, sim);
    }

    /// A part is no longer with its line; `None`: it came back untouched.
    pub(super) fn land(&mut self, now: Now, ticket: Ticket, outcome: Option<&Outcome>) {
        let Some(sim) = self.book.attempt(ticket).map(|attempt| attempt.sim) else {
            return;
        };
        let volatile = self.floor.sim_mut(sim);
        let Some(landed) = volatile.land(ticket, now.mono) else {
            return;
        };
        match outcome {
            Some(Outcome::Sent { .. }) => {
                volatile.learn(now.mono.saturating_duration_since(landed.since));
                volatile.refused_in_row = 0;
            }
            Some(Outcome::Refused(cause)) => match causes::verdict(*cause) {
                Verdict::Message => {}
                Verdict::Moment | Verdict::Sim => {
                    volatile.refused_in_row = volatile.refused_in_row.saturating_add(1);
                    let rest = causes::sim_rest(volatile.refused_in_row);
                    volatile.rests_until = volatile.rests_until.max(Some(now.mono + rest));
                }
            },
            Some(Outcome::Unknown(_)) | None => {}
        }
    }

    /// After an attempt's end has been applied: its SIM may be free.
    pub(super) fn settle_of(&mut self, now: Now, sim: Option<SimIdx>) {
        if let Some(sim) = sim {
            self.settle(now, sim);
        }
    }

    pub(super) fn is_quarantined(&self, sim: SimIdx) -> bool {
        self.floor
            .sim(sim)
            .is_some_and(|sim| sim.refused_in_row >= QUARANTINE_AFTER)
    }

    /// Before a message is forgotten: its reports may come once more.
    pub(super) fn remember_ended(&mut self, record: &Record) {
        let Record::Ended { message, state, .. } = record else {
            return;
        };
        if !matches!(
            state,
            MessageState::Delivered | MessageState::Undelivered | MessageState::Unconfirmed
        ) {
            return;
        }
        let Some(live) = self.book.message(*message) else {
            return;
        };
        for attempt in live
            .tickets
            .iter()
            .filter_map(|ticket| self.book.attempt(*ticket))
        {
            if let Phase::Sent { mr: Some(mr) } = attempt.phase {
                self.floor
                    .sim_mut(attempt.sim)
                    .remember(mr, &live.message.to);
            }
        }
    }
}
