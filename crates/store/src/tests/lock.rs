//! Who opens a store, and who is told that he can't.

use std::path::Path;

use super::sample::store;
use crate::{Checkpointer, History, OpenError, SqliteStore};

#[test]
fn a_second_daemon_is_told_who_has_the_store() {
    let (dir, store) = store();
    let error = SqliteStore::open(dir.path()).unwrap_err();
    let pid = std::process::id();
    assert!(
        matches!(error, OpenError::Locked { pid: Some(found), .. } if found == pid),
        "{error:?}"
    );
    assert!(
        error
            .to_string()
            .contains(&format!("in use by process {pid}")),
        "{error}"
    );
    drop(store);
    SqliteStore::open(dir.path()).unwrap();
}

#[test]
fn a_holder_that_has_not_written_its_number_yet() {
    let (dir, _store) = store();
    for content in ["", "soon", "99999999999999999999"] {
        std::fs::write(dir.path().join("simfleet.lock"), content).unwrap();
        let error = SqliteStore::open(dir.path()).unwrap_err();
        assert!(
            matches!(error, OpenError::Locked { pid: None, .. }),
            "{error:?}"
        );
        assert!(error.to_string().contains("is in use: stop"), "{error}");
    }
}

#[test]
fn a_lock_file_that_nobody_holds_is_no_obstacle() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("simfleet.lock"), "1").unwrap();
    SqliteStore::open(dir.path()).unwrap();
}

#[test]
fn missing_directories_are_made() {
    let dir = tempfile::tempdir().unwrap();
    let deep = dir.path().join("var/lib/simfleet");
    let store = SqliteStore::open(&deep).unwrap();
    assert_eq!(store.path(), deep.join("simfleet.db"));
}

#[test]
fn a_directory_in_which_nothing_can_be_made() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    std::fs::write(&file, "").unwrap();
    // Not even root can make a file below /proc or below a file.
    for place in [Path::new("/proc/self/fdinfo"), &file, &file.join("below")] {
        let error = SqliteStore::open(place).unwrap_err();
        assert!(matches!(error, OpenError::Io { .. }), "{error:?}");
        assert!(
            error.to_string().contains(&place.display().to_string()),
            "{error}"
        );
    }
}

#[test]
fn readers_need_a_store() {
    let dir = tempfile::tempdir().unwrap();
    for error in [
        History::open(dir.path()).unwrap_err(),
        Checkpointer::start(dir.path()).unwrap_err(),
        crate::check(dir.path()).unwrap_err(),
    ] {
        assert!(matches!(error, OpenError::Io { .. }), "{error:?}");
    }
    assert!(!dir.path().join("simfleet.db").exists());
}
