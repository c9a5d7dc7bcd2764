//! The log is copied and emptied, and a reader in the way is respected.

use std::fs;

use gateway::Store;

use super::sample::{Journal, message, store};
use crate::checkpoint::{Frames, Log, Mode, Pace};
use crate::{Checkpointer, SqliteStore};

fn commit_messages(store: &mut SqliteStore, journal: &mut Journal, count: u64) {
    for _ in 0..count {
        journal.accept(message(journal.next_seq()));
    }
    store.commit(journal.fresh()).unwrap();
}

fn frames(logged: u64, copied: u64) -> Frames {
    Frames { logged, copied }
}

#[test]
fn a_passive_checkpoint_copies_the_log() {
    let (dir, mut store) = store();
    let mut journal = Journal::default();
    let log = Log::open(dir.path()).unwrap();
    let before = log.checkpoint(Mode::Passive).unwrap();
    assert_eq!(before.logged, before.copied);
    commit_messages(&mut store, &mut journal, 100);
    let after = log.checkpoint(Mode::Passive).unwrap();
    assert!(after.logged > 0);
    assert_eq!(after.logged, after.copied);
}

#[test]
fn a_log_that_is_emptied() {
    let (dir, mut store) = store();
    let mut journal = Journal::default();
    let log = Log::open(dir.path()).unwrap();
    commit_messages(&mut store, &mut journal, 100);
    let file = dir.path().join("simfleet.db-wal");
    assert!(fs::metadata(&file).unwrap().len() > 0);
    assert_eq!(log.checkpoint(Mode::Truncate).unwrap(), frames(0, 0));
    assert_eq!(fs::metadata(&file).unwrap().len(), 0);
    commit_messages(&mut store, &mut journal, 1);
}

#[test]
fn a_reader_in_the_way_is_no_error() {
    let (dir, mut store) = store();
    let mut journal = Journal::default();
    let log = Log::open(dir.path()).unwrap();
    commit_messages(&mut store, &mut journal, 10);
    let reader = crate::file::open_reader(dir.path()).unwrap();
    let snapshot = reader.unchecked_transaction().unwrap();
    let count = || {
        snapshot.query_row("SELECT count(*) FROM message", [], |row| {
            row.get::<_, i64>(0)
        })
    };
    assert_eq!(count().unwrap(), 10);
    commit_messages(&mut store, &mut journal, 10);
    for mode in [Mode::Passive, Mode::Restart, Mode::Truncate] {
        let left = log.checkpoint(mode).unwrap();
        assert!(left.copied < left.logged, "{mode:?} {left:?}");
    }
    commit_messages(&mut store, &mut journal, 10);
    assert_eq!(count().unwrap(), 10);
    drop(snapshot);
    let left = log.checkpoint(Mode::Passive).unwrap();
    assert_eq!(left.copied, left.logged);
}

#[test]
fn the_pace() {
    let mut pace = Pace::default();
    assert_eq!(
        pace.next(frames(0, 0)),
        None,
        "nothing to do in an empty log, however long it is"
    );
    for _ in 0..30 {
        assert_eq!(pace.next(frames(0, 0)), None);
    }
    assert_eq!(pace.next(frames(5, 5)), None);
    for _ in 0..9 {
        assert_eq!(pace.next(frames(5, 5)), None);
    }
    assert_eq!(pace.next(frames(5, 5)), Some(Mode::Truncate));
    assert_eq!(pace.next(frames(0, 0)), None);
    assert_eq!(pace.next(frames(16_384, 16_000)), None);
    assert_eq!(pace.next(frames(16_385, 16_000)), Some(Mode::Restart));
    assert_eq!(pace.next(frames(16_386, 16_000)), Some(Mode::Restart));
    assert_eq!(pace.next(frames(10, 10)), None);
}

#[test]
fn stopping_checkpoints_once_more() {
    let (dir, mut store) = store();
    let mut journal = Journal::default();
    let checkpointer = Checkpointer::start(dir.path()).unwrap();
    commit_messages(&mut store, &mut journal, 100);
    assert_eq!(checkpointer.health().failures, 0);
    checkpointer.stop();
    let file = dir.path().join("simfleet.db-wal");
    assert_eq!(fs::metadata(file).unwrap().len(), 0);
}
