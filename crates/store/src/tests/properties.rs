//! Whatever the gateway commits, in whatever batches, the store gives back what still matters, and the history tells all.

use gateway::{
    Control, EndReason, Entry, MessageSeq, MessageState, Record, Requeue, Store, Target,
};
use modem::{Cause, Doubt, Outcome, Ticket};
use proptest::collection::vec;
use proptest::prelude::*;

use super::sample::{Journal, about, iccid, message, replayed, what_matters};
use crate::{History, SqliteStore};

/// One thing that happens; numbers pick among the messages, attempts and reports there are.
#[derive(Clone, Debug)]
enum Step {
    Accept,
    Start(usize),
    GoOn(usize, Progress),
    Requeue(usize, usize),
    End(usize, usize),
    KeepReport(u64),
    DropReport(usize),
    UseSim(u64, u64),
    Control(u64, usize),
    Count(u64),
}

/// What becomes of an attempt.
#[derive(Clone, Copy, Debug)]
enum Progress {
    Sent,
    Refused,
    Unknown,
    Returned,
    Resolved,
    Reported,
    ReportedBefore,
}

fn progress() -> impl Strategy<Value = Progress> {
    prop_oneof![
        Just(Progress::Sent),
        Just(Progress::Refused),
        Just(Progress::Unknown),
        Just(Progress::Returned),
        Just(Progress::Resolved),
        Just(Progress::Reported),
        Just(Progress::ReportedBefore),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let number = 0..64_usize;
    prop_oneof![
        3 => Just(Step::Accept),
        4 => number.clone().prop_map(Step::Start),
        8 => (number.clone(), progress()).prop_map(|(of, progress)| Step::GoOn(of, progress)),
        1 => (number.clone(), number.clone()).prop_map(|(of, why)| Step::Requeue(of, why)),
        2 => (number.clone(), number.clone()).prop_map(|(of, state)| Step::End(of, state)),
        1 => (0..4_u64).prop_map(Step::KeepReport),
        1 => number.clone().prop_map(Step::DropReport),
        2 => (0..4_u64, 0..=1_u64 << 48).prop_map(|(sim, started)| Step::UseSim(sim, started)),
        1 => (0..4_u64, number).prop_map(|(target, control)| Step::Control(target, control)),
        1 => (0..=1_u64 << 48).prop_map(Step::Count),
    ]
}

/// Turns steps into valid entries.
#[derive(Default)]
struct World {
    journal: Journal,
    attempts: Vec<(MessageSeq, Ticket)>,
    kept: Vec<u64>,
}

impl World {
    fn take(&mut self, step: Step) {
        match step {
            Step::Accept => {
                self.journal.accept(message(self.journal.next_seq()));
            }
            Step::Start(of) => {
                if let Some(message) = pick(&self.journal.messages, of).map(|one| one.message) {
                    let ticket = self.journal.start(message, 1, 1);
                    self.attempts.push((message, ticket));
                }
            }
            Step::KeepReport(sim) => self.kept.push(self.journal.keep_report(sim)),
            Step::DropReport(of) => {
                if let Some(kept) = self.take_kept(of) {
                    self.journal.add(Record::ReportDropped { kept });
                }
            }
            Step::UseSim(sim, started) => {
                self.journal.use_sim(sim, started);
            }
            Step::Control(target, control) => {
                let target = match target {
                    0 | 1 => Target::Line(format!("line{target}").into()),
                    sim => Target::Sim(iccid(sim)),
                };
                self.journal
                    .control(target, Control::ALL[control % Control::ALL.len()]);
            }
            Step::Count(accepted) => {
                self.journal.count(accepted);
            }
            Step::Requeue(of, why) => {
                if let Some(message) = pick(&self.journal.messages, of).map(|one| one.message) {
                    self.journal
                        .requeue(message, Requeue::ALL[why % Requeue::ALL.len()]);
                }
            }
            Step::End(of, state) => self.end(of, state),
            Step::GoOn(of, progress) => {
                if let Some((message, ticket)) = pick(&self.attempts, of).copied() {
                    self.go_on(progress, message, ticket);
                }
            }
        }
    }

    fn go_on(&mut self, progress: Progress, message: MessageSeq, ticket: Ticket) {
        let journal = &mut self.journal;
        match progress {
            Progress::Sent => journal.finish(message, ticket, Outcome::Sent { mr: 3 }),
            Progress::Refused => journal.finish(message, ticket, Outcome::Refused(Cause::Cms(38))),
            Progress::Unknown => journal.finish(message, ticket, Outcome::Unknown(Doubt::Silence)),
            Progress::Returned => {
                let record = Record::Returned { message, ticket };
                journal.about(message, MessageState::Queued, record)
            }
            Progress::Resolved => {
                let record = Record::Resolved {
                    message,
                    ticket,
                    mr: Some(9),
                };
                journal.about(message, MessageState::Sent, record)
            }
            Progress::Reported => journal.reported(message, ticket, None),
            Progress::ReportedBefore => {
                let kept = self.take_kept(0);
                self.journal.reported(message, ticket, kept)
            }
        };
    }

    /// Only a message that has not ended may end.
    fn end(&mut self, of: usize, state: usize) {
        let open: Vec<_> = self
            .journal
            .messages
            .iter()
            .filter(|one| !one.ended)
            .collect();
        let Some(message) = pick(&open, of).map(|one| one.message) else {
            return;
        };
        let state = MessageState::ALL[3 + state % 7];
        self.journal.end(message, state, EndReason::Reported);
    }

    fn take_kept(&mut self, of: usize) -> Option<u64> {
        let at = of.checked_rem(self.kept.len())?;
        Some(self.kept.swap_remove(at))
    }
}

fn pick<T>(of: &[T], number: usize) -> Option<&T> {
    of.get(number.checked_rem(of.len())?)
}

fn commit_in_batches(store: &mut SqliteStore, entries: &[Entry], sizes: &[usize]) {
    let mut rest = entries;
    for size in sizes.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (batch, behind) = rest.split_at((*size).min(rest.len()));
        store.commit(batch).unwrap();
        rest = behind;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_was_committed_comes_back(
        steps in vec(step(), 0..120),
        sizes in vec(1..40_usize, 1..8),
    ) {
        let mut world = World::default();
        steps.into_iter().for_each(|step| world.take(step));
        let entries = &world.journal.entries;
        let dir = tempfile::tempdir().unwrap();
        let mut store = SqliteStore::open(dir.path()).unwrap();
        commit_in_batches(&mut store, entries, &sizes);

        let expected = (what_matters(entries), entries.len() as u64);
        prop_assert_eq!(replayed(&mut store), expected.clone());
        check_history(&History::open(dir.path()).unwrap(), &world.journal);
        drop(store);
        prop_assert_eq!(replayed(&mut SqliteStore::open(dir.path()).unwrap()), expected);
        prop_assert_eq!(crate::check(dir.path()).unwrap().faults, Vec::<String>::new());
    }
}

fn check_history(history: &History, journal: &Journal) {
    for standing in &journal.messages {
        let theirs = journal.entries.iter();
        let theirs = theirs.filter(|entry| about(entry) == Some(standing.message));
        let story = history.message(standing.id).unwrap().unwrap();
        assert_eq!(story.entries, theirs.cloned().collect::<Vec<_>>());
        assert_eq!((story.seq, story.state), (standing.message, standing.state));
        assert_eq!(story.ended.is_some(), standing.ended);
    }
    let events = history.events(0, usize::MAX).unwrap().events;
    let told = events
        .iter()
        .map(|event| (event.seq, event.at, event.kind, event.state, event.ended));
    let standing = journal.entries.iter().filter_map(|entry| {
        let standing = entry.standing?;
        let kind = entry.record.kind();
        Some((
            entry.seq,
            entry.at,
            kind,
            Some(standing.state),
            standing.ended,
        ))
    });
    assert!(told.eq(standing));
}
