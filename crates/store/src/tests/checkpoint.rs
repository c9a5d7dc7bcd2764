//! The log is copied and emptied, and a reader in the way is respected.

use std::fs;
use std::time::Duration;

use gateway::Store;

use super::sample::{Journal, message, store};
use crate::checkpoint::Pace;
use crate::log::{Frames, Mode, Relief, checkpoint, hold};
use crate::{Checkpointer, SqliteStore, file};

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
    let log = file::open_checkpointer(dir.path(), Duration::ZERO).unwrap();
    let before = checkpoint(&log, Mode::Passive).unwrap().frames;
    assert_eq!(before.logged, before.copied);
    commit_messages(&mut store, &mut journal, 100);
    let after = checkpoint(&log, Mode::Passive).unwrap().frames;
    assert!(after.logged > 0);
    assert_eq!(after.logged, after.copied);
}

#[test]
fn a_log_that_is_emptied() {
    let (dir, mut store) = store();
    let mut journal = Journal::default();
    let log = file::open_checkpointer(dir.path(), Duration::ZERO).unwrap();
    commit_messages(&mut store, &mut journal, 100);
    let file = dir.path().join("simfleet.db-wal");
    assert!(fs::metadata(&file).unwrap().len() > 0);
    assert_eq!(
        checkpoint(&log, Mode::Truncate).unwrap().frames,
        frames(0, 0)
    );
    assert_eq!(fs::metadata(&file).unwrap().len(), 0);
    commit_messages(&mut store, &mut journal, 1);
}

#[test]
fn a_reader_in_the_way_is_no_error() {
    let (dir, mut store) = store();
    let mut journal = Journal::default();
    let log = file::open_checkpointer(dir.path(), Duration::ZERO).unwrap();
    commit_messages(&mut store, &mut journal, 10);
    let reader = file::open_reader(dir.path()).unwrap();
    let snapshot = reader.unchecked_transaction().unwrap();
    let count = || {
        snapshot.query_row("SELECT count(*) FROM message", [], |row| {
            row.get::<_, i64>(0)
        })
    };
    assert_eq!(count().unwrap(), 10);
    commit_messages(&mut store, &mut journal, 10);
    for (mode, gives_way) in [(Mode::Passive, false), (Mode::Truncate, true)] {
        let left = checkpoint(&log, mode).unwrap();
        assert_eq!(left.gave_way, gives_way, "{mode:?}");
        assert!(left.frames.rest() > 0, "{mode:?} {left:?}");
    }
    commit_messages(&mut store, &mut journal, 10);
    assert_eq!(count().unwrap(), 10);
    drop(snapshot);
    let left = checkpoint(&log, Mode::Passive).unwrap().frames;
    assert_eq!(left.copied, left.logged);
}

#[test]
fn a_writer_that_is_held_begins_the_log_anew() {
    let (_dir, mut store) = store();
    let mut journal = Journal::default();
    commit_messages(&mut store, &mut journal, 1_000);
    let before = checkpoint(store.connection(), Mode::Look).unwrap().frames;
    hold(store.connection()).unwrap();
    let held = checkpoint(store.connection(), Mode::Look).unwrap().frames;
    assert_eq!((held.logged, held.rest()), (before.logged, 0));
    commit_messages(&mut store, &mut journal, 1);
    let after = checkpoint(store.connection(), Mode::Look).unwrap().frames;
    assert!(
        after.logged < before.logged && after.rest() > 0,
        "{before:?} {after:?}"
    );
}

#[test]
fn a_look_changes_nothing() {
    let (dir, mut store) = store();
    let mut journal = Journal::default();
    let log = file::open_checkpointer(dir.path(), Duration::ZERO).unwrap();
    commit_messages(&mut store, &mut journal, 10);
    let looked = checkpoint(&log, Mode::Look).unwrap();
    assert!(
        !looked.gave_way && looked.frames.copied == 0 && looked.frames.rest() > 0,
        "{looked:?}"
    );
    assert_eq!(checkpoint(store.connection(), Mode::Look).unwrap(), looked);
}

#[test]
fn a_log_that_is_not_used_any_more_is_emptied_once() {
    let mut pace = Pace::default();
    for _ in 0..30 {
        assert!(!pace.is_quiet(frames(0, 0)), "an empty log is left alone");
    }
    assert!(!pace.is_quiet(frames(5, 5)));
    for _ in 0..9 {
        assert!(!pace.is_quiet(frames(5, 5)));
    }
    assert!(pace.is_quiet(frames(5, 5)));
    assert!(!pace.is_quiet(frames(0, 0)));
}

#[test]
fn a_long_log_is_looked_at_more_often() {
    let mut pace = Pace::default();
    for (logged, pause_ms) in [(0, 500), (8_192, 500), (8_193, 20), (1, 500)] {
        pace.is_quiet(frames(logged, 0));
        assert_eq!(pace.pause(), Duration::from_millis(pause_ms), "{logged}");
    }
}

#[test]
fn what_a_full_log_asks_of_the_writer() {
    for (logged, copied, expected) in [
        (0, 0, Relief::None),
        (16_383, 16_383, Relief::None),
        (16_384, 16_384, Relief::CopyRest),
        (16_384, 15_360, Relief::CopyRest),
        (16_384, 15_359, Relief::None),
        (65_535, 0, Relief::None),
        (65_536, 0, Relief::Hold),
        (65_536, 65_536, Relief::Hold),
    ] {
        assert_eq!(
            frames(logged, copied).relief(),
            expected,
            "{logged} {copied}"
        );
    }
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

#[test]
fn readers_that_page_for_long_keep_nothing_in_the_log() {
    let (dir, mut store) = store();
    let mut journal = Journal::default();
    commit_messages(&mut store, &mut journal, 100);
    let history = crate::History::open(dir.path()).unwrap();
    let log = file::open_checkpointer(dir.path(), Duration::ZERO).unwrap();
    let mut filter = crate::Filter {
        limit: 7,
        ..crate::Filter::default()
    };
    let mut after = 0;
    for _ in 0..10 {
        // A stream and a search in their middle, and a story: each has read a page and holds its cursor.
        let events = history.events(after, 5).unwrap().events;
        after = events.last().unwrap().seq;
        filter.before = history.search(&filter).unwrap().next;
        history.message(events[0].id.unwrap()).unwrap().unwrap();
        commit_messages(&mut store, &mut journal, 20);
        let left = checkpoint(&log, Mode::Truncate).unwrap();
        assert!(!left.gave_way && left.frames.logged == 0, "{left:?}");
    }
}
