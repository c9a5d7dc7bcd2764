//! The book as a list of facts, to compare a live book with a replayed one.
//!
//! SIMs are named by card, and apps not at all: their positions depend on the order in which they were seen. SIMs that never sent leave no
//! record and no fact.

use super::{AppIdx, Book, SimIdx};
use crate::record::Usage;
#[cfg(test)]
use crate::words::{MessageState, UnixMs};

impl Book {
    /// Every fact of the durable state and of the indices over it, in a fixed order.
    pub(crate) fn digest(&self) -> Vec<String> {
        let mut facts = vec![
            format!("last_seq {}", self.last_seq),
            format!("totals {:?}", self.totals),
            format!("pins {:?}", self.pins),
            format!("suppressed {:?}", self.suppressed),
            format!("trips {:?}", self.trips),
            format!("resets {:?}", self.resets),
            format!(
                "counts {:?} waiting {:?} later {:?}",
                self.counts, self.waiting, self.later
            ),
        ];
        facts.extend(self.message_facts());
        facts.extend(self.attempts.iter().map(|(ticket, attempt)| {
            let sim = self.card(attempt.sim);
            let mut attempt = attempt.clone();
            attempt.sim = SimIdx(0);
            format!("attempt {ticket:?} on {sim}: {attempt:?}")
        }));
        facts.extend(self.kept.iter().map(|(seq, kept)| {
            let sim = self.card(kept.sim);
            let mut kept = kept.clone();
            kept.sim = SimIdx(0);
            format!("kept {seq} on {sim}: {kept:?}")
        }));
        facts.extend(
            self.controls
                .iter()
                .map(|control| format!("control {control:?}")),
        );
        let used = self
            .sims
            .iter()
            .filter(|sim| sim.usage != Usage::default() || sim.quarantine.is_some());
        facts.extend(used.map(|sim| format!("sim {sim:?}")));
        facts.extend(self.index_facts());
        facts.sort_unstable();
        facts
    }

    /// Brings a replayed book to the time of the live one.
    #[cfg(test)]
    pub(crate) fn catch_up(&mut self, now: UnixMs) {
        let overdue = self.advance(now, usize::MAX);
        assert!(
            overdue.is_empty(),
            "the live book ended these in time: {overdue:?}"
        );
    }

    fn message_facts(&self) -> impl Iterator<Item = String> {
        self.messages.iter().map(|(seq, live)| {
            let bound = live.bound.map(|sim| self.card(sim));
            let timer = live.timer();
            let mut live = live.clone();
            live.bound = None;
            live.message.lane = AppIdx::NAMELESS;
            format!("message {seq:?} bound {bound:?} timer {timer:?}: {live:?}")
        })
    }

    fn index_facts(&self) -> Vec<String> {
        let mut facts = Vec::new();
        let card = |sim: &SimIdx| self.card(*sim);
        facts.extend(
            self.numbered
                .iter()
                .map(|((sim, mr), tickets)| format!("numbered {} {mr}: {tickets:?}", card(sim))),
        );
        facts.extend(
            self.open
                .iter()
                .map(|(sim, ticket)| format!("open {} {ticket:?}", card(sim))),
        );
        facts.extend(
            self.doubtful
                .iter()
                .map(|(sim, ticket)| format!("doubtful {} {ticket:?}", card(sim))),
        );
        facts.extend(
            self.bound
                .iter()
                .map(|(sim, seq)| format!("bound {} {seq:?}", card(sim))),
        );
        facts.extend(self.lanes.iter().flat_map(|(lane, waiting)| {
            let in_lane = format!(
                "lane of {:?} in {:?} on {:?}",
                lane.class, lane.zone, lane.route
            );
            waiting
                .iter()
                .map(move |place| format!("{in_lane}: {place:?}"))
        }));
        facts.extend(self.timers.iter().map(|timer| format!("timer {timer:?}")));
        facts
    }

    fn card(&self, sim: SimIdx) -> &str {
        &self.sim(sim).iccid.0
    }

    /// What the indices must say of the messages, whatever happened.
    #[cfg(test)]
    pub(crate) fn check(&self) {
        for (seq, live) in &self.messages {
            assert!(
                live.state.index() < MessageState::Delivered.index(),
                "{seq:?} has ended and is still in the book"
            );
            let waits = matches!(live.place, super::Place::Lane | super::Place::Bound);
            assert!(
                !waits || live.next_part().is_some(),
                "{seq:?} waits without a part to send: {live:?}"
            );
            let open = live.parts.iter().filter(|part| **part == super::Part::Open);
            assert!(open.count() <= 1, "{seq:?} has two parts on their way");
        }
        let by_state: u64 = self.counts.iter().sum();
        assert_eq!(by_state, self.messages.len() as u64, "counts");
    }
}
