//! What must hold after every turn.

use std::collections::BTreeSet;

use super::Rig;
use crate::book::Book;
use crate::breaker::BreakerOf;
use crate::exchange::{Answer, Effect, Input};
use crate::hub::HubStep;
use crate::record::{Entry, Record};
use crate::store::Store;
use crate::turn::Turn;
use crate::turn::tests::memory::absolute_name;
use modem::Event;

impl Rig {
    /// Each effect has its record in the same commit.
    pub(super) fn check_effects(&self, out: &Turn) {
        let has = |is: &dyn Fn(&Entry) -> bool| out.entries.iter().any(is);
        for effect in &out.effects {
            let is_justified = match effect {
                Effect::Submit {
                    line,
                    submission,
                    not_after,
                } => {
                    assert!(*not_after > self.now.mono, "too late: {effect:?}");
                    let session = self.lines[line].session;
                    assert_eq!(Some(submission.session), session, "{effect:?}");
                    has(&|entry| {
                        entry.seq == submission.ticket.0
                            && matches!(entry.record, Record::Started { .. })
                    })
                }
                Effect::Reply {
                    answer: Ok(Answer::Accepted { id, repeated, .. }),
                    ..
                } => {
                    let accepts = |record: &Record| matches!(record, Record::Accepted(message) if message.id == *id);
                    *repeated || has(&|entry| accepts(&entry.record))
                }
                Effect::Reply {
                    answer: Ok(Answer::Cancelled { .. }),
                    ..
                } => has(&|entry| matches!(entry.record, Record::Ended { .. })),
                Effect::Pin { go: true, .. } => {
                    has(&|entry| matches!(entry.record, Record::PinTried { .. }))
                }
                Effect::Pin { go: false, .. } | Effect::Reply { .. } | Effect::Recall { .. } => {
                    true
                }
                Effect::Hub {
                    step: HubStep::Reset(_),
                    ..
                } => has(&|entry| matches!(entry.record, Record::HubReset { .. })),
                Effect::Engaged { .. }
                | Effect::GiveWay { .. }
                | Effect::CheckSim { .. }
                | Effect::Trust { .. }
                | Effect::Hub { .. } => true,
            };
            assert!(is_justified, "{effect:?}");
        }
        check_coalesced(&out.entries);
    }

    pub(super) fn check(&self) {
        self.gateway.book.check();
        self.check_breakers();
        let seen = self.snapshot();
        let ended: u64 = seen.totals.ended.iter().sum();
        assert_eq!(
            seen.totals.accepted,
            seen.queued + seen.sending + seen.in_doubt + seen.sent + ended,
            "every message is somewhere: {seen:?}"
        );
        let landing = self.inputs.iter().filter(|input| {
            let Input::Line { event, .. } = input else {
                return false;
            };
            matches!(event, Event::Finished { .. } | Event::Returned { .. })
        });
        let with_lines = self.held() + landing.count();
        assert_eq!(
            seen.in_flight, with_lines as u64,
            "every ticket is accounted for"
        );
    }

    /// What is durable of breakers is what they do.
    fn check_breakers(&self) {
        let floor = &self.gateway.floor;
        let operators = floor.breakers.iter();
        let operators = operators
            .filter(|(_, breaker)| breaker.is_tripped())
            .map(|(operator, _)| BreakerOf::Operator(operator.clone()));
        let lines = floor.line_breakers.iter();
        let lines = lines
            .filter(|(_, breaker)| breaker.is_tripped())
            .map(|(line, _)| BreakerOf::Line(floor.lines[line].name.clone()));
        let tripped: BTreeSet<BreakerOf> = operators.chain(lines).collect();
        let trips = self.gateway.book.trips().map(|(breaker, _)| breaker);
        // A line that is not there yet keeps its breaker.
        let is_there = |breaker: &&BreakerOf| match breaker {
            BreakerOf::Operator(_) => true,
            BreakerOf::Line(name) => floor.lines.values().any(|line| line.name == *name),
        };
        let durable: BTreeSet<BreakerOf> = trips.filter(is_there).cloned().collect();
        assert_eq!(durable, tripped);
    }

    /// The book that a restart would build is the live one.
    pub(in crate::turn::tests) fn check_replay(&mut self) {
        let mut replayed = Book::new(&self.settings);
        let last_seq = self
            .store
            .replay(&mut |entry| replayed.apply(&entry))
            .unwrap();
        replayed.skip_to(last_seq);
        let mut live = std::mem::replace(&mut self.gateway.book, Book::new(&self.settings));
        replayed.catch_up(self.now.wall);
        live.catch_up(self.now.wall);
        let (old, new) = (live.digest(), replayed.digest());
        self.gateway.book = live;
        let lost: Vec<_> = old.iter().filter(|fact| !new.contains(fact)).collect();
        let invented: Vec<_> = new.iter().filter(|fact| !old.contains(fact)).collect();
        assert!(
            lost.is_empty() && invented.is_empty(),
            "lost {lost:#?}\ninvented {invented:#?}"
        );
    }
}

/// Of the counters only the last of a turn is written.
fn check_coalesced(entries: &[Entry]) {
    let is_counter =
        |record: &Record| matches!(record, Record::SimUsed { .. } | Record::Counted(_));
    let counters = entries.iter().filter(|entry| is_counter(&entry.record));
    let mut names: Vec<_> = counters
        .filter_map(|entry| absolute_name(&entry.record))
        .collect();
    names.sort_unstable();
    let twice = names.windows(2).find(|pair| pair[0] == pair[1]);
    assert!(twice.is_none(), "written twice in one turn: {twice:?}");
}
