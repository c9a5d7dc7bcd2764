//! What is read at a start of messages that have ended: enough to know their reports when they come.

use gateway::{Entry, MessageState, Record, Store, UnixMs};
use modem::Outcome;

use super::sample::{Journal, message, store, without_text};
use crate::replay;

/// Entries and time that are given of what is numbered above `after`.
fn check(journal: &mut Journal, after: u64, expected: &[u64], since: Option<u64>) {
    let (_dir, mut store) = store();
    store.commit(&journal.entries).unwrap();
    let mut given: Vec<Entry> = Vec::new();
    let told = replay::past(store.connection(), after, &mut |entry| given.push(entry)).unwrap();
    let numbers: Vec<u64> = given.iter().map(|entry| entry.seq).collect();
    assert_eq!(numbers, expected, "after {after}");
    for entry in &given {
        let at = journal.entries.iter().find(|own| own.seq == entry.seq);
        assert_eq!(Some(entry), at.map(without_text).as_ref());
    }
    let at_of = |seq: u64| {
        journal
            .entries
            .iter()
            .find(|entry| entry.seq == seq)
            .map(|entry| entry.at)
    };
    assert_eq!(
        Some(told),
        since.map_or(Some(UnixMs(i64::MIN)), at_of),
        "after {after}"
    );
    if after == 0 {
        let mut all = Vec::new();
        assert_eq!(store.past(&mut |entry| all.push(entry)).unwrap(), told);
        assert_eq!(all, given);
    }
}

#[test]
fn ended_messages_that_asked_for_reports_are_given_whole_or_from_a_number_on() {
    let mut journal = Journal::default();
    journal.deliver(0);
    let open = journal.accept(message(2));
    let ticket = journal.start(open, 1, 1);
    journal.finish(open, ticket, Outcome::Sent { mr: 3 });
    let last = journal.next_seq();
    journal.deliver(4);
    let whole: Vec<u64> = (1..=5).chain(last..=last + 4).collect();
    check(&mut journal, 0, &whole, None);
    check(
        &mut journal,
        3,
        &[1, 4, 5, last, last + 1, last + 2, last + 3, last + 4],
        Some(4),
    );
    check(
        &mut journal,
        last + 1,
        &[last, last + 2, last + 3, last + 4],
        Some(last + 2),
    );
    let newest = last + 4;
    check(&mut journal, newest, &[], Some(newest));
}

#[test]
fn a_message_without_reports_has_none_to_wait_for() {
    let mut journal = Journal::default();
    let quiet = journal.accept(gateway::Message {
        report: false,
        ..message(0)
    });
    let ticket = journal.start(quiet, 1, 1);
    journal.finish(quiet, ticket, Outcome::Sent { mr: 3 });
    journal.end(quiet, MessageState::Sent, gateway::EndReason::Unreported);
    assert!(matches!(journal.entries[0].record, Record::Accepted(_)));
    check(&mut journal, 0, &[], None);
}
