//! Versions: a new store has the newest, an older one is brought up to date, a newer one is left alone.

use std::os::unix::fs::PermissionsExt;

use gateway::MessageState;
use rusqlite::Connection;

use super::sample::store;
use crate::schema::{self, Identity, VERSIONS};
use crate::{History, OpenError, SqliteStore};

#[test]
fn a_new_store() {
    let (dir, store) = store();
    let connection = store.connection();
    let identity = schema::identify(connection, 1).unwrap();
    assert_eq!(identity, Identity::Store { version: 1 });
    let pragma = |name| {
        connection
            .pragma_query_value(None, name, |row| row.get::<_, i64>(0))
            .unwrap()
    };
    assert_eq!(pragma("synchronous"), 2, "FULL");
    assert_eq!(pragma("wal_autocheckpoint"), 0);
    assert_eq!(pragma("auto_vacuum"), 2, "INCREMENTAL");
    let mode: String = connection
        .pragma_query_value(None, "journal_mode", |row| row.get(0))
        .unwrap();
    assert_eq!(mode, "wal");
    for name in ["simfleet.db", "simfleet.db-wal", "simfleet.lock"] {
        let mode = std::fs::metadata(dir.path().join(name))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    assert!(!dir.path().join("simfleet.db.new").exists());
}

#[test]
fn leftovers_of_a_store_in_the_making_are_cleared_away() {
    let dir = tempfile::tempdir().unwrap();
    for name in ["simfleet.db.new", "simfleet.db.new-journal"] {
        std::fs::write(dir.path().join(name), "half").unwrap();
    }
    SqliteStore::open(dir.path()).unwrap();
    assert!(!dir.path().join("simfleet.db.new").exists());
}

#[test]
fn a_newer_store_is_refused_and_left_alone() {
    let (dir, store) = store();
    store
        .connection()
        .pragma_update(None, "user_version", 7)
        .unwrap();
    drop(store);
    for error in [
        SqliteStore::open(dir.path()).unwrap_err(),
        History::open(dir.path()).unwrap_err(),
    ] {
        assert!(
            matches!(
                error,
                OpenError::Newer {
                    found: 7,
                    supported: 1,
                    ..
                }
            ),
            "{error:?}"
        );
        let text = error.to_string();
        assert!(
            text.contains("has version 7") && text.contains("up to 1"),
            "{text}"
        );
    }
}

#[test]
fn an_older_store_is_migrated_step_by_step() {
    const V2: &str = "CREATE TABLE second (a)";
    const V3: &str = "INSERT INTO second VALUES (3)";
    let mut connection = Connection::open_in_memory().unwrap();
    schema::migrate(&mut connection, 0, VERSIONS).unwrap();
    schema::migrate(&mut connection, 1, &[VERSIONS[0], V2, V3]).unwrap();
    let identity = schema::identify(&connection, 3).unwrap();
    assert_eq!(identity, Identity::Store { version: 3 });
    let second: i64 = connection
        .query_row("SELECT a FROM second", [], |row| row.get(0))
        .unwrap();
    assert_eq!(second, 3);
}

#[test]
fn a_step_that_fails_leaves_the_version_before_it() {
    const V2: &str = "CREATE TABLE second (a)";
    const V3: &str = "CREATE TABLE third (a); INSERT INTO nowhere VALUES (1)";
    let mut connection = Connection::open_in_memory().unwrap();
    schema::migrate(&mut connection, 0, &[VERSIONS[0], V2, V3]).unwrap_err();
    let identity = schema::identify(&connection, 3).unwrap();
    assert_eq!(identity, Identity::Store { version: 2 });
    let third = "SELECT count(*) FROM sqlite_schema WHERE name = 'third'";
    let third: i64 = connection.query_row(third, [], |row| row.get(0)).unwrap();
    assert_eq!(third, 0);
}

#[test]
fn the_words_of_the_states() {
    let (_dir, store) = store();
    let mut statement = store
        .connection()
        .prepare("SELECT word FROM state ORDER BY number")
        .unwrap();
    let words: Vec<String> = statement
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(words, MessageState::ALL.map(MessageState::as_str));
}
