//! Versions: a new store has the newest, an older one is brought up to date, a newer one is left alone.

use std::os::unix::fs::PermissionsExt;

use gateway::MessageState;
use rusqlite::Connection;
use tempfile::TempDir;

use super::sample::{message, replayed, store};
use crate::schema::{self, Identity, VERSIONS};
use crate::{History, OpenError, SqliteStore, check};

#[test]
fn a_new_store() {
    let (dir, store) = store();
    let connection = store.connection();
    let version = schema::newest(VERSIONS);
    let identity = schema::identify(connection, version).unwrap();
    assert_eq!(identity, Identity::Store { version });
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
                    supported,
                    ..
                } if supported == schema::newest(VERSIONS)
            ),
            "{error:?}"
        );
        let text = error.to_string();
        assert!(
            text.contains("has version 7") && text.contains("use the program that wrote it"),
            "{text}"
        );
    }
}

#[test]
fn an_older_store_is_migrated_step_by_step() {
    const V2: &str = "CREATE TABLE second (a)";
    const V3: &str = "INSERT INTO second VALUES (3)";
    let mut connection = Connection::open_in_memory().unwrap();
    schema::migrate(&mut connection, 0, &VERSIONS[..1]).unwrap();
    schema::migrate(&mut connection, 1, &[VERSIONS[0], V2, V3]).unwrap();
    let identity = schema::identify(&connection, 3).unwrap();
    assert_eq!(identity, Identity::Store { version: 3 });
    let second: i64 = connection
        .query_row("SELECT a FROM second", [], |row| row.get(0))
        .unwrap();
    assert_eq!(second, 3);
}

/// A file of a released version, filled.
fn released(fixture: &str) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let connection = Connection::open(dir.path().join("simfleet.db")).unwrap();
    connection.execute_batch(fixture).unwrap();
    connection.close().unwrap();
    dir
}

/// Every table, index and view, with the columns of each as SQLite sees them, in an order that says nothing.
fn shape(connection: &Connection) -> Vec<String> {
    let mut statement = connection
        .prepare(
            "SELECT s.type || ' ' || s.tbl_name || ' ' || s.name || ' ' || coalesce(c.name || ' ' || c.type || ' ' \
             || c.\"notnull\" || ' ' || c.pk || ' ' || coalesce(c.dflt_value, ''), '') \
             FROM sqlite_schema s LEFT JOIN pragma_table_xinfo(s.name) c ORDER BY 1",
        )
        .unwrap();
    let rows = statement.query_map([], |row| row.get(0)).unwrap();
    rows.map(Result::unwrap).collect()
}

#[test]
fn every_released_version_becomes_the_newest_and_keeps_what_it_held() {
    let (_dir, new) = store();
    for ((number, fixture), expected) in (1..).zip(RELEASED).zip(EXPECTED) {
        let dir = released(fixture);
        let reader = History::open(dir.path()).unwrap_err().to_string();
        assert!(reader.contains("start the daemon once"), "{reader}");

        let mut store = SqliteStore::open(dir.path()).unwrap();
        assert_eq!(
            shape(store.connection()),
            shape(new.connection()),
            "v{number}"
        );
        let (entries, last) = replayed(&mut store);
        assert_eq!((entries.len(), last), expected, "v{number}");
        drop(store);

        let found = check(dir.path()).unwrap();
        assert_eq!(found.faults, Vec::<String>::new(), "v{number}");
        assert_eq!((found.messages, found.open), (9, 6), "v{number}");
        let history = History::open(dir.path()).unwrap();
        let story = history.message(message(1).id).unwrap().unwrap();
        assert_eq!(story.message, message(1), "v{number}");
    }
}

#[test]
fn a_migration_cut_off_by_a_full_disk_is_done_at_the_next_start() {
    let dir = released(RELEASED[0]);
    let database = dir.path().join("simfleet.db");
    let mut connection = Connection::open(&database).unwrap();
    let pages: i64 = connection
        .pragma_query_value(None, "page_count", |row| row.get(0))
        .unwrap();
    connection
        .execute_batch(&format!("PRAGMA max_page_count = {pages}"))
        .unwrap();
    let script = format!(
        "{} CREATE TABLE large (a); INSERT INTO large VALUES (zeroblob(99999));",
        VERSIONS[1]
    );
    schema::migrate(&mut connection, 1, &[VERSIONS[0], &script]).unwrap_err();
    connection.close().unwrap();
    let mut store = SqliteStore::open(dir.path()).unwrap();
    assert_eq!(replayed(&mut store).1, EXPECTED[0].1);
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

/// A filled file of each released version, from 1.
const RELEASED: [&str; 2] = [
    include_str!("fixtures/v1.sql"),
    include_str!("fixtures/v2.sql"),
];
/// What each fixture gives back at a start: so many entries, and the last number.
const EXPECTED: [(usize, u64); 2] = [(26, 42), (27, 43)];
