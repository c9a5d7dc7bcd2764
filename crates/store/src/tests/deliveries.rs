//! Webhooks: cursors and dead letters survive a restart, and a strange file is refused.

use std::os::unix::fs::PermissionsExt;

use gateway::UnixMs;

use crate::{DeadLetter, Deliveries, OpenError};

fn letter(seq: u64, reason: &str) -> DeadLetter {
    DeadLetter {
        seq,
        at: UnixMs(1_000),
        reason: reason.into(),
        event: format!("{{\"seq\":{seq}}}").into(),
    }
}

#[test]
fn what_a_webhook_is_done_with_survives_a_restart() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut deliveries = Deliveries::open(dir.path()).expect("opens");
    assert_eq!(deliveries.cursor("shop").expect("reads"), None);
    deliveries.advance("shop", 7, &[]).expect("writes");
    deliveries
        .advance(
            "shop",
            9,
            &[letter(8, "answered 400"), letter(9, "answered 400")],
        )
        .expect("writes");
    deliveries.advance("audit", 3, &[]).expect("writes");
    drop(deliveries);
    let file = std::fs::metadata(dir.path().join("webhooks.db")).expect("is there");
    assert_eq!(file.permissions().mode() & 0o777, 0o600);
    let mut deliveries = Deliveries::open(dir.path()).expect("opens again");
    assert_eq!(deliveries.cursor("shop").expect("reads"), Some(9));
    assert_eq!(deliveries.cursor("audit").expect("reads"), Some(3));
    assert_eq!(
        deliveries.dead("shop", 0, 10).expect("reads"),
        [letter(8, "answered 400"), letter(9, "answered 400")]
    );
    assert_eq!(deliveries.dead("shop", 8, 10).expect("reads").len(), 1);
    assert_eq!(deliveries.dead_count("audit").expect("reads"), 0);
    deliveries
        .bury("shop", &[letter(8, "answered 500")])
        .expect("writes");
    deliveries.revived("shop", &[9, 1234]).expect("writes");
    assert_eq!(
        deliveries.dead("shop", 0, 10).expect("reads"),
        [letter(8, "answered 500")]
    );
    assert_eq!(deliveries.dead_count("shop").expect("reads"), 1);
}

#[test]
fn a_file_that_is_no_store_is_refused_and_left_alone() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("webhooks.db");
    std::fs::write(
        &path,
        "this is a letter to the editor, not a database. ".repeat(100),
    )
    .expect("writes");
    let before = std::fs::read(&path).expect("reads");
    let refused = Deliveries::open(dir.path()).expect_err("is refused");
    assert!(matches!(refused, OpenError::Damaged { .. }), "{refused}");
    assert_eq!(std::fs::read(&path).expect("reads"), before);
}

#[test]
fn a_file_of_a_newer_version_is_refused() {
    let dir = tempfile::tempdir().expect("a folder");
    drop(Deliveries::open(dir.path()).expect("opens"));
    let connection =
        rusqlite::Connection::open(dir.path().join("webhooks.db")).expect("opens as SQLite");
    connection
        .pragma_update(None, "user_version", 2)
        .expect("writes");
    drop(connection);
    let refused = Deliveries::open(dir.path()).expect_err("is refused");
    assert!(
        matches!(refused, OpenError::Newer { found: 2, .. }),
        "{refused}"
    );
}

#[test]
fn of_many_dead_letters_the_newest_stay() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut deliveries = Deliveries::open(dir.path()).expect("opens");
    let letters: Vec<_> = (1..=9).map(|seq| letter(2 * seq, "no answer")).collect();
    deliveries.advance("shop", 18, &letters).expect("writes");
    deliveries
        .advance("audit", 3, &letters[..1])
        .expect("writes");
    for (keep, gone, first) in [(9, 0, 2), (10, 0, 2), (6, 3, 8), (6, 0, 8), (1, 5, 18)] {
        let forgotten = deliveries.forget_oldest("shop", keep).expect("writes");
        let left = deliveries.dead("shop", 0, 10).expect("reads");
        assert_eq!((forgotten, left[0].seq), (gone, first), "{keep}");
    }
    assert_eq!(deliveries.dead_count("audit").expect("reads"), 1);
}
