//! A full disk or a lock that is not let go: the commit fails as a whole, and the store goes on where it was.

use std::path::Path;

use gateway::Store;

use super::sample::{Journal, message, replayed, store, what_matters};
use crate::StoreError;
use crate::error::Fault;

#[test]
fn a_full_disk_keeps_nothing_of_the_commit() {
    let (_dir, mut store) = store();
    let mut journal = Journal::default();
    journal.deliver(1);
    journal.accept(message(2));
    store.commit(journal.fresh()).unwrap();
    let before = (what_matters(&journal.entries), journal.next_seq() - 1);

    let pages: i64 = store
        .connection()
        .pragma_query_value(None, "page_count", |row| row.get(0))
        .unwrap();
    store
        .connection()
        .pragma_update_and_check(None, "max_page_count", pages + 2, |_| Ok(()))
        .unwrap();
    for number in 3..2_000 {
        journal.accept(message(number));
    }
    let batch = journal.fresh().to_vec();
    for _ in 0..2 {
        let error = store.commit(&batch).unwrap_err();
        assert!(matches!(error, StoreError::Full { .. }), "{error:?}");
        assert!(error.to_string().contains("is full: make room"), "{error}");
        assert_eq!(replayed(&mut store), before);
    }

    store
        .connection()
        .pragma_update_and_check(None, "max_page_count", i64::from(u32::MAX - 1), |_| Ok(()))
        .unwrap();
    store.commit(&batch).unwrap();
    assert_eq!(
        replayed(&mut store),
        (what_matters(&journal.entries), 1_999 + 4)
    );
}

#[test]
fn a_lock_that_an_operator_forgot() {
    let (_dir, mut store) = store();
    let mut journal = Journal::default();
    journal.accept(message(1));
    let batch = journal.fresh().to_vec();
    let shell = rusqlite::Connection::open(store.path()).unwrap();
    shell.execute_batch("BEGIN IMMEDIATE").unwrap();
    store
        .connection()
        .busy_timeout(std::time::Duration::ZERO)
        .unwrap();
    let error = store.commit(&batch).unwrap_err();
    assert!(matches!(error, StoreError::Busy { .. }), "{error:?}");
    shell.execute_batch("ROLLBACK").unwrap();
    store.commit(&batch).unwrap();
    assert_eq!(replayed(&mut store), (what_matters(&journal.entries), 1));
}

#[test]
fn a_disk_without_room_at_the_start_is_called_full() {
    use rusqlite::ffi::{Error, SQLITE_FULL, SQLITE_IOERR_FSYNC, SQLITE_IOERR_SHMSIZE};
    for (code, expected) in [
        (SQLITE_FULL, "its disk is full: make room"),
        (SQLITE_IOERR_SHMSIZE, "its disk is full: make room"),
        (SQLITE_IOERR_FSYNC, "disk I/O error"),
    ] {
        let error = rusqlite::Error::SqliteFailure(Error::new(code), None);
        let text = Fault::from(error)
            .opening(Path::new("/var/x.db"))
            .to_string();
        assert!(text.contains(expected), "{text}");
    }
}
