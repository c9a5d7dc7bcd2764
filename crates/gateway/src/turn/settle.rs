//! Bookkeeping of the floor: what is with a SIM, and how it fares.

use std::time::{Duration, Instant};

use modem::{Outcome, Ticket};

use super::{Gateway, MINUTE_MS, Turn};
use crate::book::{Attempt, SimIdx};
use crate::decide::{self, Ruling};
use crate::evidence::Refused;
use crate::floor::InFlight;
use crate::gap;
use crate::past::{self, EndedPart};
use crate::record::{Control, Record, Target};
use crate::words::{MessageSeq, Now, UnixMs};

impl Gateway {
    /// When the gateway wants to be woken though nothing comes in, and why.
    pub fn deadline(&self) -> Option<(Instant, &'static str)> {
        let now = self.now?;
        if self.floor.is_cut_short {
            return Some((now.mono, "more could be begun"));
        }
        let timer = self
            .book
            .next_timer()
            .map(|at| (now.instant_of(at), "a message's deadline"));
        let rest = self
            .floor
            .due
            .first()
            .map(|(at, _)| (*at, "a SIM has rested, or its budget is another"));
        let opening = decide::next_opening(&self.settings, &self.book, &self.floor, now);
        let window = self.floor.waits_for_window.then(|| {
            let next_minute = UnixMs((self.floor.minute + 1) * MINUTE_MS);
            (now.instant_of(next_minute), "a send window may open")
        });
        [timer, opening, rest, window, self.hub_deadline(now)]
            .into_iter()
            .flatten()
            .min_by_key(|(at, _)| *at)
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

    /// Whether the line can take another part.
    pub(super) fn has_room(&self, sim: SimIdx) -> bool {
        let volatile = self.floor.sim(sim);
        volatile.is_some_and(|volatile| volatile.in_flight.is_none())
    }

    pub(super) fn interval_min(&self, sim: SimIdx) -> Duration {
        let settings = self.settings.sim(&self.book.sim(sim).iccid);
        settings.budget.interval_min
    }

    /// A SIM that sent just before the restart keeps its distance, and one that was taken out stays out.
    pub(super) fn rest_after_restart(&mut self, now: Now) {
        let sims = self.book.sims();
        let rests: Vec<_> = sims
            .map(|(sim, known)| {
                let rested = known.used.plus(self.interval_min(sim));
                let tried = known.quarantine.map(|quarantine| quarantine.until);
                (sim, Some(rested).max(tried), known.quarantine)
            })
            .collect();
        for (sim, until, quarantine) in rests {
            let volatile = self.floor.sim_mut(sim);
            let until = until.filter(|until| *until > now.wall);
            volatile.rests_until = until.map(|until| now.instant_of(until));
            volatile.refused_in_row = quarantine.map_or(0, |of| of.refused_in_row);
        }
    }

    /// A part is on its way to its line.
    pub(super) fn take_off(&mut self, now: Now, ticket: Ticket, message: MessageSeq, sim: SimIdx) {
        self.floor.pace.charge(now.mono);
        self.floor.starts += 1;
        let starts = self.floor.starts;
        let interval = self.interval_min(sim);
        let volatile = self.floor.sim_mut(sim);
        let (line, _) = volatile.place.expect("a part goes to the line of its SIM");
        let held = volatile.in_flight.replace(InFlight {
            ticket,
            message,
            line,
            since: now.mono,
        });
        assert!(held.is_none(), "a SIM is given one part at a time");
        volatile.last_start = starts;
        if interval > Duration::ZERO {
            volatile.rests_until = Some(now.mono + interval);
        }
        self.line_probe_starts(line);
        self.probe_starts(now, sim);
        self.settle(now, sim);
    }

    /// A part is no longer with its line; `None`: it came back untouched.
    pub(super) fn land(
        &mut self,
        now: Now,
        ticket: Ticket,
        sim: SimIdx,
        outcome: Option<&Outcome>,
        ruling: Option<Ruling>,
        out: &mut Turn,
    ) {
        let volatile = self.floor.sim_mut(sim);
        let Some(landed) = volatile.land(ticket) else {
            return;
        };
        match outcome {
            Some(Outcome::Sent { mr }) => {
                volatile.last_mr = Some(*mr);
                volatile.learn(now.mono.saturating_duration_since(landed.since));
                volatile.gap = gap::after_success(volatile.gap);
                if !volatile.gap.is_zero() {
                    let rested = now.mono + volatile.gap;
                    volatile.rests_until = volatile.rests_until.max(Some(rested));
                }
                self.floor.count_sent(now.mono);
                self.release(now, sim, out);
            }
            Some(Outcome::Refused(cause)) => {
                if let Some(ruling) = ruling {
                    let failures = self.line_failures(landed.line);
                    self.hold_against(now, sim, *cause, ruling, failures, out);
                }
            }
            Some(Outcome::Unknown(_)) | None => {}
        }
        let class = ruling.map(|ruling| ruling.class);
        self.tell_line_breaker(now, landed.line, outcome, class, out);
        self.tell_breaker(now, sim, outcome, ruling, out);
    }

    /// What the outcome of an attempt comes to in the light of what was seen before; `None` if it is no refusal.
    pub(super) fn weigh(
        &mut self,
        now: Now,
        attempt: &Attempt,
        outcome: Option<&Outcome>,
    ) -> Option<Ruling> {
        let live = self.book.message(attempt.message)?;
        let recipient = live.message.to.address().text();
        let cause = match outcome? {
            Outcome::Refused(cause) => *cause,
            Outcome::Sent { .. } => {
                self.floor.evidence.sent(now.mono, attempt.sim, &recipient);
                return None;
            }
            Outcome::Unknown(_) => return None,
        };
        let settings = &self.settings;
        let volatile = self.floor.sim(attempt.sim)?;
        let operator = Some(volatile.operator.clone()).filter(|operator| !operator.is_empty());
        let operator = operator.as_deref();
        let line = volatile
            .place
            .and_then(|(line, _)| self.floor.lines.get(&line));
        let modem = line.map_or("", |line| &*line.modem);
        let rule = settings.causes.rule(cause, operator, modem);
        let in_lines = self.floor.sims.iter().filter(|sim| sim.place.is_some());
        let operator_sims = in_lines
            .filter(|sim| operator == Some(&*sim.operator))
            .count();
        let refusals = u16::from(live.refusals).saturating_add(1);
        let judgement = self.floor.evidence.weigh(
            now.mono,
            &Refused {
                sim: attempt.sim,
                operator,
                operator_sims,
                recipient: &recipient,
                rule,
                refusals,
                times_sick: self.times_sick(attempt.sim),
            },
        );
        Some(Ruling {
            class: judgement.class,
            wait: rule.back_off(refusals),
            sick_for: judgement.sick_for,
            incident: judgement.incident,
        })
    }

    /// Before a message or its attempts are forgotten: its reports may still come, or come once more.
    pub(super) fn remember_ended(&mut self, record: &Record) {
        if let Record::Ended { message, .. } = record {
            self.texts.forget(*message);
        }
        for (sim, part) in past::ended_by(&self.book, record) {
            let is_beside = |part: &EndedPart| past::is_beside_doubt(&self.book, sim, part);
            self.floor.sim_mut(sim).past.remember(part, is_beside);
        }
    }
}
