//! Backups: one snapshot, beside a working daemon, that a daemon starts from.

use std::fs;

use gateway::Store;

use super::sample::{Journal, message, replayed, store, what_matters};
use crate::{OpenError, SqliteStore, backup, check};

#[test]
fn a_backup_is_the_store_as_it_was_when_it_was_made() {
    let (dir, mut store) = store();
    let mut journal = Journal::default();
    journal.deliver(1);
    journal.accept(message(2));
    store.commit(journal.fresh()).unwrap();
    let expected = (what_matters(&journal.entries), journal.next_seq() - 1);

    let copies = tempfile::tempdir().unwrap();
    let copy = copies.path().join("simfleet.db");
    let octets = backup(dir.path(), &copy).unwrap();
    assert_eq!(fs::metadata(&copy).unwrap().len(), octets);
    journal.accept(message(3));
    store.commit(journal.fresh()).unwrap();

    let mut restored = SqliteStore::open(copies.path()).unwrap();
    assert_eq!(replayed(&mut restored), expected);
    drop(restored);
    assert_eq!(check(copies.path()).unwrap().faults, Vec::<String>::new());
    let left: Vec<_> = fs::read_dir(copies.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .filter(|name| name.to_string_lossy().contains("part"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn a_backup_never_overwrites() {
    let (dir, _store) = store();
    let to = dir.path().join("precious");
    fs::write(&to, "keep me").unwrap();
    let error = backup(dir.path(), &to).unwrap_err();
    assert!(matches!(error, OpenError::Exists { .. }), "{error}");
    assert_eq!(fs::read_to_string(&to).unwrap(), "keep me");
}

#[test]
fn a_backup_to_nowhere_and_of_nothing() {
    let (dir, _store) = store();
    let error = backup(dir.path(), &dir.path().join("no/such/folder")).unwrap_err();
    assert!(matches!(error, OpenError::Io { .. }), "{error}");
    let empty = tempfile::tempdir().unwrap();
    let error = backup(empty.path(), &dir.path().join("copy")).unwrap_err();
    assert!(matches!(error, OpenError::Io { .. }), "{error}");
    assert!(!dir.path().join("copy").exists());
}
