//! The lines' breakers at work: what parts that come to their end say of modems, and who has to wait for that.

use modem::Outcome;

use super::{Gateway, Turn};
use crate::book::SimIdx;
use crate::breaker::{BreakerOf, Gate};
use crate::causes::CauseClass;
use crate::exchange::{Effect, LineTrust};
use crate::line_breaker::{LineBreaker, Verdict, verdict};
use crate::record::Target;
use crate::snapshot::LineBreakerSnapshot;
use crate::words::{LineId, Now};

impl Gateway {
    /// What the breaker of its line lets through to a SIM.
    pub(super) fn line_gate(&self, now: Now, sim: SimIdx) -> Gate {
        let breaker = self.line_breaker(sim);
        breaker.map_or(Gate::Open, |breaker| breaker.gate(now.mono))
    }

    /// Why the breaker of a SIM's line keeps it from sending.
    pub(super) fn line_trouble(&self, sim: SimIdx) -> Option<Box<str>> {
        let reason = self.line_breaker(sim).and_then(LineBreaker::reason)?;
        Some(format!("its line {reason}; one part is tried now and then").into())
    }

    /// Every line whose breaker is not closed.
    pub(super) fn line_breakers(&self, now: Now) -> Vec<LineBreakerSnapshot> {
        let breakers = self.floor.line_breakers.iter();
        let tripped = breakers.filter_map(|(line, breaker)| {
            let retry_at = match breaker.gate(now.mono) {
                Gate::ShutUntil(at) => Some(now.wall.plus(at - now.mono)),
                Gate::Open | Gate::Probing => None,
            };
            Some(LineBreakerSnapshot {
                line: *line,
                state: breaker.state(now.mono),
                reason: breaker.reason()?,
                retry_at,
            })
        });
        tripped.collect()
    }

    /// A part starts: it may be the probe of its line.
    pub(super) fn line_probe_starts(&mut self, line: LineId) {
        if let Some(breaker) = self.floor.line_breakers.get_mut(&line) {
            breaker.starts();
        }
    }

    /// A part has landed; `None`: untouched.
    pub(super) fn tell_line_breaker(
        &mut self,
        now: Now,
        line: LineId,
        outcome: Option<&Outcome>,
        class: Option<CauseClass>,
        out: &mut Turn,
    ) {
        let verdict = verdict(outcome, class);
        let is_news = matches!(verdict, Verdict::Failed(_));
        if !is_news && !self.floor.line_breakers.contains_key(&line) {
            return;
        }
        let breaker = self.floor.line_breakers.entry(line).or_default();
        let was_tripped = breaker.is_tripped();
        let has_opened = breaker.landed(now.mono, verdict);
        let notice = match (breaker.gate(now.mono), breaker.reason()) {
            (Gate::ShutUntil(until), Some(reason)) if has_opened => Some(LineTrust::Rests {
                reason,
                rest: until - now.mono,
            }),
            (Gate::Open, None) if was_tripped => Some(LineTrust::Back),
            (Gate::Open | Gate::ShutUntil(_) | Gate::Probing, _) => None,
        };
        if breaker.in_row() == 0 {
            self.floor.line_breakers.remove(&line);
        }
        self.floor.line_trips += u64::from(has_opened);
        let Some(place) = self.floor.lines.get(&line) else {
            return;
        };
        let (name, session) = (place.name.clone(), place.session);
        if notice.is_some() {
            self.note_line_breaker(now, line, out);
        }
        let told = notice.map(|trust| Effect::Trust { line: name, trust });
        out.effects.extend(told);
        // A SIM that has moved in meanwhile waits for it, or need not wait any more.
        if let Some((_, sim)) = session {
            self.settle(now, sim);
        }
    }

    /// How often a SIM's line has failed in a row, this failure included.
    pub(super) fn line_failures(&self, line: LineId) -> u16 {
        let breaker = self.floor.line_breakers.get(&line);
        breaker.map_or(0, LineBreaker::in_row).saturating_add(1)
    }

    /// An operator has looked after a line, or after the SIM in it: it is used again.
    pub(super) fn close_line_breaker(&mut self, now: Now, target: &Target, out: &mut Turn) {
        if let Some(line) = self.floor.line_of(&self.book, target) {
            self.floor.line_breakers.remove(&line);
            self.note_line_breaker(now, line, out);
        }
    }

    /// A line is there: it is trusted with what the last process trusted it with.
    pub(super) fn restore_line_breaker(&mut self, now: Now, line: LineId, name: &str) {
        if let Some(trip) = self.book.trip(&BreakerOf::Line(name.into())) {
            let restored = LineBreaker::restored(now, trip);
            self.floor.line_breakers.insert(line, restored);
        }
    }

    fn note_line_breaker(&mut self, now: Now, line: LineId, out: &mut Turn) {
        let breaker = self.floor.line_breakers.get(&line);
        let trip = breaker.and_then(|breaker| breaker.trip(now));
        if let Some(place) = self.floor.lines.get(&line) {
            let name = place.name.clone();
            self.note_trip(now, BreakerOf::Line(name), trip, out);
        }
    }

    fn line_breaker(&self, sim: SimIdx) -> Option<&LineBreaker> {
        let (line, _) = self.floor.sim(sim)?.place?;
        self.floor.line_breakers.get(&line)
    }
}
