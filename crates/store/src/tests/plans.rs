//! How SQLite goes about the queries: none walks a table that an index can spare it, and none sorts.

use rusqlite::Connection;

use super::sample::store;
use crate::history::search::Among;
use crate::history::{events, message_by_id, records_of_message, search};
use crate::rows::{message, text};
use crate::{Filter, replay, sweep};

fn check(connection: &Connection, query: &str, expected: &[&str]) {
    let mut statement = connection
        .prepare(&format!("EXPLAIN QUERY PLAN {query}"))
        .unwrap();
    for parameter in 1..=statement.parameter_count() {
        statement.raw_bind_parameter(parameter, 1).unwrap();
    }
    let mut rows = statement.raw_query();
    let mut steps = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        steps.push(row.get::<_, String>(3).unwrap());
    }
    assert_eq!(steps, expected, "{query}");
}

#[test]
fn replay_walks_only_what_is_open() {
    let (_dir, store) = store();
    let connection = store.connection();
    check(
        connection,
        &replay::open_messages(),
        &["SCAN message USING INDEX message_open"],
    );
    check(
        connection,
        &replay::open_reports(),
        &["SCAN kept_report USING INDEX kept_report_open"],
    );
    check(
        connection,
        &replay::open_records(),
        &[
            "SEARCH r USING INTEGER PRIMARY KEY (rowid=?)",
            "LIST SUBQUERY 1",
            "SCAN open USING COVERING INDEX message_open",
            "SEARCH theirs USING COVERING INDEX record_message (message=?)",
            "SEARCH m USING INTEGER PRIMARY KEY (rowid=?)",
        ],
    );
}

#[test]
fn the_past_is_read_from_its_end() {
    let (_dir, store) = store();
    let connection = store.connection();
    check(
        connection,
        &replay::past_records(),
        &[
            "SEARCH r USING INTEGER PRIMARY KEY (rowid>?)",
            "SEARCH m USING INTEGER PRIMARY KEY (rowid=?)",
        ],
    );
    let by_number = ["SEARCH message USING INTEGER PRIMARY KEY (rowid=?)"];
    check(connection, &replay::message_by_seq(), &by_number);
    let first = ["SEARCH record USING INTEGER PRIMARY KEY (rowid>?)"];
    check(connection, replay::FIRST_AFTER, &first);
}

#[test]
fn keys_stories_and_events_are_looked_up() {
    let (_dir, store) = store();
    let connection = store.connection();
    check(
        connection,
        message::FIND_KEY,
        &["SEARCH message USING INDEX message_key (key=?)"],
    );
    check(
        connection,
        message::FIND_ID,
        &["SEARCH message USING INDEX sqlite_autoindex_message_1 (id=?)"],
    );
    check(
        connection,
        text::READ,
        &["SEARCH text USING INTEGER PRIMARY KEY (rowid=?)"],
    );
    check(
        connection,
        &message_by_id(),
        &[
            "SEARCH message USING INDEX sqlite_autoindex_message_1 (id=?)",
            "CORRELATED SCALAR SUBQUERY 1",
            "SEARCH text USING INTEGER PRIMARY KEY (rowid=?)",
        ],
    );
    check(
        connection,
        &records_of_message(),
        &[
            "SEARCH r USING INDEX record_message (message=?)",
            "SEARCH m USING INTEGER PRIMARY KEY (rowid=?)",
        ],
    );
    check(
        connection,
        events::ACCEPTED,
        &["SEARCH message USING INTEGER PRIMARY KEY (rowid>?)"],
    );
    check(
        connection,
        &events::happened_query(),
        &[
            "SEARCH r USING INTEGER PRIMARY KEY (rowid>?)",
            "SEARCH m USING INTEGER PRIMARY KEY (rowid=?)",
            "SEARCH attempt USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN",
        ],
    );
}

#[test]
fn searches_use_the_index_that_fits() {
    let (_dir, store) = store();
    let to = Some("+4915112345678".to_owned());
    let state = Some(gateway::MessageState::Failed);
    let class = Some(gateway::Class::Otp);
    let none = Filter::default;
    let of_one = || Filter {
        to: to.clone(),
        state,
        class,
        ..none()
    };
    for (filter, among, expected) in [
        (
            none(),
            Among::All,
            "SEARCH message USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)",
        ),
        (
            Filter { class, ..none() },
            Among::All,
            "SEARCH message USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)",
        ),
        (
            Filter {
                state,
                class,
                ..none()
            },
            Among::All,
            "SEARCH message USING INDEX message_state (state=? AND rowid>? AND rowid<?)",
        ),
        (
            of_one(),
            Among::Touched,
            "SEARCH message USING INDEX message_recipient (recipient=? AND rowid>? AND rowid<?)",
        ),
        (
            of_one(),
            Among::Untouched,
            "SEARCH message USING INDEX message_untouched (<expr>=? AND recipient=? AND rowid>? AND rowid<?)",
        ),
    ] {
        let steps = [
            expected,
            "CORRELATED SCALAR SUBQUERY 1",
            "SEARCH text USING INTEGER PRIMARY KEY (rowid=?)",
        ];
        check(store.connection(), &search::query(&filter, among), &steps);
    }
}

#[test]
fn a_recipient_is_found_without_walking_what_lies_between() {
    let (_dir, store) = store();
    check(
        store.connection(),
        search::OLDEST_TO,
        &["SEARCH message USING COVERING INDEX message_recipient (recipient=? AND rowid<?)"],
    );
    check(
        store.connection(),
        search::NEWEST_QUEUED,
        &["SEARCH message USING COVERING INDEX message_state (state=? AND rowid<?)"],
    );
}

#[test]
fn what_is_due_is_found_by_its_end() {
    let (_dir, store) = store();
    let connection = store.connection();
    for (query, expected) in [
        (
            sweep::ENDED,
            "SEARCH message USING INDEX message_ended (ended_ms>? AND ended_ms<?)",
        ),
        (
            sweep::texts::READABLE,
            "SEARCH message USING INDEX message_readable (class=? AND ended_ms>? AND ended_ms<?)",
        ),
        (
            sweep::texts::FOLLOWING,
            "SEARCH message USING INTEGER PRIMARY KEY (rowid>?)",
        ),
        (
            sweep::texts::MARGIN_AFTER,
            "SEARCH text USING INTEGER PRIMARY KEY (rowid>?)",
        ),
        (
            sweep::texts::MARGIN_BEFORE,
            "SEARCH text USING INTEGER PRIMARY KEY (rowid<?)",
        ),
        (
            sweep::SETTLED,
            "SEARCH kept_report USING COVERING INDEX kept_report_settled (settled_ms>? AND settled_ms<?)",
        ),
        (
            sweep::NEWEST_EVENT,
            "SEARCH record USING INDEX record_message (message=?)",
        ),
    ] {
        check(connection, query, &[expected]);
    }
}
