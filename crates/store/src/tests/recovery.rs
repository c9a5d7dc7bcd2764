//! What is on disk after a commit is all there is to it: a store copied away at any moment is that store.

use std::fs;
use std::path::Path;

use gateway::Store;
use tempfile::TempDir;

use super::sample::{Journal, message, replayed, store, what_matters};
use crate::{SqliteStore, check};

/// A copy of the files as a dead process would have left them. The index of the log is lost with its memory.
fn copy(dir: &Path) -> TempDir {
    let copy = tempfile::tempdir().unwrap();
    for name in ["simfleet.db", "simfleet.db-wal", "simfleet.lock"] {
        fs::copy(dir.join(name), copy.path().join(name)).unwrap();
    }
    copy
}

#[test]
fn a_process_killed_between_commits() {
    let (dir, mut store) = store();
    let mut journal = Journal::default();
    for number in 0..20 {
        journal.deliver(2 * number);
        journal.accept(message(2 * number + 1));
        store.commit(journal.fresh()).unwrap();
        let expected = (what_matters(&journal.entries), journal.next_seq() - 1);
        let copy = copy(dir.path());
        let mut reopened = SqliteStore::open(copy.path()).unwrap();
        assert_eq!(replayed(&mut reopened), expected);
        drop(reopened);
        assert_eq!(check(copy.path()).unwrap().faults, Vec::<String>::new());
    }
}

#[test]
fn a_process_killed_within_a_commit() {
    let (dir, mut store) = store();
    let mut journal = Journal::default();
    journal.accept(message(1));
    store.commit(journal.fresh()).unwrap();
    let expected = (what_matters(&journal.entries), 1);
    let log = dir.path().join("simfleet.db-wal");
    let before = fs::metadata(&log).unwrap().len();
    journal.deliver(2);
    store.commit(journal.fresh()).unwrap();
    let after = fs::metadata(&log).unwrap().len();

    // The log of the second commit, cut off at every page but its last.
    let mut length = before;
    while length < after {
        let copy = copy(dir.path());
        let cut = fs::OpenOptions::new()
            .write(true)
            .open(copy.path().join("simfleet.db-wal"))
            .unwrap();
        cut.set_len(length).unwrap();
        assert_eq!(
            replayed(&mut SqliteStore::open(copy.path()).unwrap()),
            expected
        );
        length += 24 + 4_096;
    }
}

#[test]
fn a_log_with_garbage_at_its_end() {
    let (dir, mut store) = store();
    let mut journal = Journal::default();
    journal.accept(message(1));
    store.commit(journal.fresh()).unwrap();
    let copy = copy(dir.path());
    let log = copy.path().join("simfleet.db-wal");
    let mut octets = fs::read(&log).unwrap();
    octets.extend([0x5a; 10_000]);
    fs::write(&log, octets).unwrap();
    let expected = (what_matters(&journal.entries), 1);
    assert_eq!(
        replayed(&mut SqliteStore::open(copy.path()).unwrap()),
        expected
    );
}

/// SQLite takes a damaged page of the log for its end: whole commits before it are there, and nothing after it is.
#[test]
fn a_log_that_is_damaged_anywhere_gives_back_whole_commits_up_to_there() {
    let (dir, mut store) = store();
    let mut journal = Journal::default();
    let mut states = vec![(Vec::new(), 0)];
    for number in 0..6 {
        journal.deliver(2 * number);
        journal.accept(message(2 * number + 1));
        store.commit(journal.fresh()).unwrap();
        states.push((what_matters(&journal.entries), journal.next_seq() - 1));
    }
    let whole = fs::read(dir.path().join("simfleet.db-wal")).unwrap();
    let mut reached = 0;
    for at in (0..whole.len()).step_by(1_021) {
        let copy = copy(dir.path());
        let mut octets = whole.clone();
        octets[at] ^= 0x40;
        fs::write(copy.path().join("simfleet.db-wal"), octets).unwrap();
        let found = replayed(&mut SqliteStore::open(copy.path()).unwrap());
        let commits = states.iter().position(|state| *state == found);
        let commits = commits.unwrap_or_else(|| panic!("octet {at}: {found:?}"));
        assert!(commits >= reached, "octet {at}: commits before it are gone");
        reached = commits;
        assert_eq!(check(copy.path()).unwrap().faults, Vec::<String>::new());
    }
    assert!(reached > 0, "the damage moved on behind whole commits");
}

#[test]
fn numbers_go_on_after_a_restart() {
    let (dir, mut store) = store();
    let mut journal = Journal::default();
    journal.deliver(1);
    journal.use_sim(1, 1);
    store.commit(journal.fresh()).unwrap();
    drop(store);
    let mut store = SqliteStore::open(dir.path()).unwrap();
    assert_eq!(replayed(&mut store).1, 6);
    journal.accept(message(2));
    store.commit(journal.fresh()).unwrap();
    assert_eq!(replayed(&mut store), (what_matters(&journal.entries), 7));
}

#[test]
#[should_panic(expected = "record 1 follows record 1")]
fn a_number_that_was_used_is_a_bug() {
    let (_dir, mut store) = store();
    let mut journal = Journal::default();
    journal.accept(message(1));
    store.commit(&journal.entries).unwrap();
    let _ = store.commit(&journal.entries);
}

#[test]
fn an_empty_commit_is_none() {
    let (_dir, mut store) = store();
    store.commit(&[]).unwrap();
    assert_eq!(replayed(&mut store), (Vec::new(), 0));
}
