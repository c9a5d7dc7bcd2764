//! Files and rows that no version of this program wrote are refused with words that say what is wrong and where.

use std::fs;
use std::path::Path;

use gateway::Store;
use rusqlite::Connection;

use super::sample::{Journal, message, store};
use crate::{History, OpenError, SqliteStore, StoreError, check};

/// A closed store with some messages in it.
fn closed_store() -> tempfile::TempDir {
    let (dir, mut store) = store();
    let mut journal = Journal::default();
    for number in 0..200 {
        journal.deliver(number);
        journal.accept(message(1_000 + number));
    }
    store.commit(journal.fresh()).unwrap();
    dir
}

/// Damages the database file; opening it must be refused as damaged, with these words, and must not change it.
fn check_refused(damage: impl FnOnce(&Path), expected: &str) {
    let dir = closed_store();
    let path = dir.path().join("simfleet.db");
    damage(&path);
    let before = fs::read(&path).ok();
    let error = SqliteStore::open(dir.path()).unwrap_err();
    assert!(matches!(error, OpenError::Damaged { .. }), "{error:?}");
    let text = error.to_string();
    assert!(
        text.contains(expected) && text.contains("simfleet.db"),
        "{text}"
    );
    assert_eq!(fs::read(&path).ok(), before);
    assert!(History::open(dir.path()).is_err());
}

#[test]
fn a_file_cut_to_half() {
    check_refused(
        |path| {
            let octets = fs::read(path).unwrap();
            fs::write(path, &octets[..octets.len() / 2]).unwrap();
        },
        "malformed",
    );
}

#[test]
fn a_file_cut_within_its_header() {
    check_refused(
        |path| fs::write(path, &fs::read(path).unwrap()[..60]).unwrap(),
        "empty, cut off or made",
    );
}

#[test]
fn an_empty_file() {
    check_refused(
        |path| fs::write(path, b"").unwrap(),
        "empty, cut off or made",
    );
}

#[test]
fn a_file_of_garbage() {
    check_refused(
        |path| fs::write(path, b"AT+CMGS=23\r".repeat(1_000)).unwrap(),
        "not a database",
    );
}

#[test]
fn a_database_of_another_program() {
    check_refused(
        |path| {
            fs::remove_file(path).unwrap();
            let other = Connection::open(path).unwrap();
            other
                .execute_batch("PRAGMA application_id = 7; CREATE TABLE t (a)")
                .unwrap();
        },
        "another program (application id 0x7",
    );
}

#[test]
fn a_store_without_one_of_its_tables() {
    check_refused(
        |path| {
            Connection::open(path)
                .unwrap()
                .execute_batch("DROP TABLE record")
                .unwrap()
        },
        "no such table",
    );
}

#[test]
fn a_store_without_its_last_number() {
    check_refused(
        |path| {
            Connection::open(path)
                .unwrap()
                .execute_batch("DELETE FROM meta")
                .unwrap()
        },
        "`meta` is empty",
    );
}

#[test]
fn a_log_without_its_database() {
    let dir = closed_store();
    let path = dir.path().join("simfleet.db");
    fs::remove_file(&path).unwrap();
    fs::write(dir.path().join("simfleet.db-wal"), b"log").unwrap();
    let error = SqliteStore::open(dir.path()).unwrap_err();
    assert!(
        error.to_string().contains("its log is still there"),
        "{error}"
    );
    assert!(!path.exists());
}

#[test]
fn garbage_in_the_middle_is_found_by_the_check_and_never_panics() {
    let dir = closed_store();
    let path = dir.path().join("simfleet.db");
    let mut octets = fs::read(&path).unwrap();
    let pages = octets.len() / PAGE;
    for page in 2..pages {
        octets[page * PAGE + 1..][..64].fill(0xa5);
    }
    fs::write(&path, &octets).unwrap();
    match check(dir.path()) {
        Ok(report) => assert!(!report.faults.is_empty()),
        Err(error) => assert!(matches!(error, OpenError::Damaged { .. }), "{error:?}"),
    }
    if let Ok(mut store) = SqliteStore::open(dir.path()) {
        let error = store.replay(&mut |_| ()).unwrap_err();
        assert!(matches!(error, StoreError::Damaged { .. }), "{error:?}");
    }
}

/// Changes rows behind the store's back; replay must refuse them with these words.
fn check_row_refused(change: &str, expected: &str) {
    let (dir, mut store) = store();
    let mut journal = Journal::default();
    let about = journal.accept(message(1));
    let ticket = journal.start(about, 1, 1);
    journal.finish(about, ticket, modem::Outcome::Sent { mr: 1 });
    journal.keep_report(1);
    journal.use_sim(1, 1);
    journal.control(
        gateway::Target::Line("line000".into()),
        gateway::Control::Paused,
    );
    journal.count(1);
    store.commit(journal.fresh()).unwrap();
    store.connection().execute_batch(change).unwrap();

    let error = store.replay(&mut |_| ()).unwrap_err();
    let text = error.to_string();
    assert!(matches!(error, StoreError::Damaged { .. }), "{error:?}");
    assert!(text.contains(expected), "{text}");
    assert!(
        !text.contains("4915112") && !text.contains("Your code"),
        "{text}"
    );
    assert!(!check(dir.path()).unwrap().faults.is_empty());
}

#[test]
fn records_that_no_version_wrote() {
    for (change, expected) in [
        (
            "UPDATE record SET kind = 'teleported' WHERE seq = 3",
            r#"row 3 of table `record` holds "teleported" in column `kind`"#,
        ),
        (
            "UPDATE record SET outcome = 'maybe' WHERE seq = 3",
            r#""maybe" in column `outcome`"#,
        ),
        (
            "UPDATE record SET outcome = NULL WHERE seq = 3",
            "nothing in column `outcome`",
        ),
        (
            "UPDATE record SET outcome = 'refused', cause = 'cms_99999' WHERE seq = 3",
            r#""cms_99999" in column `cause`"#,
        ),
        (
            "UPDATE record SET mr = 256 WHERE seq = 3",
            "256 in column `mr`",
        ),
        (
            "UPDATE record SET ticket = NULL WHERE seq = 3",
            "nothing in column `ticket`",
        ),
        (
            "UPDATE record SET state = 10 WHERE seq = 3",
            "10 in column `state`",
        ),
        (
            "UPDATE record SET ended = 2 WHERE seq = 3",
            "2 in column `ended`",
        ),
        (
            "UPDATE record SET part = -1 WHERE seq = 2",
            "-1 in column `part`",
        ),
        (
            "UPDATE record SET sim = NULL WHERE seq = 2",
            "nothing in column `sim`",
        ),
    ] {
        check_row_refused(change, expected);
    }
}

#[test]
fn messages_that_no_version_wrote() {
    for (change, expected) in [
        (
            "UPDATE message SET class = 'vip'",
            r#"row 1 of table `message` holds "vip" in column `class`"#,
        ),
        (
            "UPDATE message SET in_doubt = ''",
            r#""" in column `in_doubt`"#,
        ),
        (
            "UPDATE message SET locking_shift = 'klingon'",
            r#""klingon" in column `locking_shift`"#,
        ),
        (
            "UPDATE message SET encoding = 'ucs2', single_shift = 'hindi'",
            "`ucs2` beside national tables",
        ),
        (
            "UPDATE message SET encoding = 'utf8'",
            r#""utf8" in column `encoding`"#,
        ),
        (
            "UPDATE message SET encoding = '8bit', source_port = 7",
            "half of a pair in column `destination_port`",
        ),
        (
            "UPDATE message SET source_port = 7, destination_port = 9",
            "ports of a text in column `destination_port`",
        ),
        (
            "UPDATE message SET encoding = '8bit', source_port = 7, destination_port = 65536",
            "65536 in column `destination_port`",
        ),
        ("UPDATE message SET id = x'0102'", "no UUID in column `id`"),
        ("UPDATE message SET parts = 300", "300 in column `parts`"),
        ("UPDATE message SET report = 7", "7 in column `report`"),
        (
            "UPDATE message SET recipient = recipient || 'x'",
            "no recipient in column `recipient`",
        ),
        (
            "UPDATE message SET recipient_type = 999",
            "999 in column `recipient_type`",
        ),
    ] {
        check_row_refused(change, expected);
    }
}

#[test]
fn texts_that_no_version_wrote() {
    for (change, expected) in [
        (
            "UPDATE text SET text = CAST(x'ff' AS TEXT)",
            "no UTF-8 in column `text`",
        ),
        ("DELETE FROM text", "the text of message 1 is not there"),
    ] {
        let (dir, mut store) = store();
        let mut journal = Journal::default();
        let about = journal.accept(message(1));
        store.commit(journal.fresh()).unwrap();
        store.connection().execute_batch(change).unwrap();
        let error = store.texts(&[about]).unwrap_err();
        assert!(matches!(error, StoreError::Damaged { .. }), "{error:?}");
        assert!(error.to_string().contains(expected), "{error}");
        assert!(!check(dir.path()).unwrap().faults.is_empty());
    }
}

#[test]
fn other_rows_that_no_version_wrote() {
    for (change, expected) in [
        (
            "UPDATE kept_report SET mr = 256",
            "row 4 of table `kept_report` holds 256 in column `mr`",
        ),
        (
            "UPDATE kept_report SET recipient = '4915112x'",
            "no address in column `recipient`",
        ),
        (
            "UPDATE sim SET month_used = -1",
            "row 5 of table `sim` holds -1 in column `month_used`",
        ),
        (
            "UPDATE sim SET reference = 256",
            "256 in column `reference`",
        ),
        (
            "UPDATE control SET control = 'stop'",
            r#"table `control` holds "stop" in column `control`"#,
        ),
        (
            "UPDATE control SET kind = 'modem'",
            r#""modem" in column `kind`"#,
        ),
    ] {
        check_row_refused(change, expected);
    }
}

#[test]
fn a_long_unknown_word_is_cut() {
    check_row_refused(
        "UPDATE record SET kind = printf('%.*c', 1000, 'x') WHERE seq = 2",
        &format!(r#"holds "{}" in"#, "x".repeat(40)),
    );
}

#[test]
fn a_record_about_a_message_that_is_not_there() {
    let (_dir, mut store) = store();
    let mut journal = Journal::default();
    let about = journal.accept(message(1));
    store.commit(journal.fresh()).unwrap();
    store
        .connection()
        .execute_batch("DELETE FROM message")
        .unwrap();
    journal.start(about, 1, 1);
    let error = store.commit(journal.fresh()).unwrap_err();
    assert!(
        error.to_string().contains("message 1 is not there"),
        "{error}"
    );
}

#[test]
fn a_kept_report_that_is_not_there() {
    let (_dir, mut store) = store();
    let mut journal = Journal::default();
    journal.add(gateway::Record::ReportDropped { kept: 77 });
    let error = store.commit(journal.fresh()).unwrap_err();
    assert!(
        error.to_string().contains("kept report 77 is not there"),
        "{error}"
    );
}

#[test]
fn relations_that_do_not_hold_are_found_by_the_check() {
    for (change, expected) in [
        (
            "DELETE FROM message WHERE seq = 1",
            "records are about messages that are not there",
        ),
        (
            "UPDATE meta SET last_seq = 2",
            "rows are newer than the last record",
        ),
        (
            "UPDATE record SET seq = 1 WHERE seq = 2",
            "belong to a message and to another record",
        ),
    ] {
        let dir = closed_store();
        let path = dir.path().join("simfleet.db");
        Connection::open(path)
            .unwrap()
            .execute_batch(change)
            .unwrap();
        let faults = check(dir.path()).unwrap().faults;
        assert!(
            faults.iter().any(|fault| fault.contains(expected)),
            "{faults:?}"
        );
    }
}

#[test]
fn a_sound_store_is_counted_by_the_check() {
    let dir = closed_store();
    let report = check(dir.path()).unwrap();
    assert_eq!(report.faults, Vec::<String>::new());
    assert_eq!(
        (report.messages, report.open, report.records),
        (400, 200, 800)
    );
    assert_eq!(report.last_seq, 1_200);
}

const PAGE: usize = 4_096;
