//! What the API reads: stories, searches, events and keys.

use std::time::Duration;

use gateway::{
    Class, EndReason, Form, KnownKey, KnownMessage, Message, MessageId, MessageSeq, MessageState,
    Record, Requeue, Store, UnixMs,
};
use modem::{Cause, Doubt, Outcome};
use sms::{Address, Encoding, Language, Shifts};
use uuid::Uuid;

use super::sample::{BEGIN_MS, Journal, iccid, message, store};
use crate::history::search::{Reach, search};
use crate::{Filter, History, KEY_REMEMBERED_MS, Page, SqliteStore};

#[test]
fn a_story() {
    let (dir, mut store) = store();
    let mut journal = Journal::default();
    let history = History::open(dir.path()).unwrap();
    assert_eq!(history.message(message(1).id).unwrap(), None);

    let seq = journal.deliver(1);
    store.commit(journal.fresh()).unwrap();
    let story = history.message(message(1).id).unwrap().unwrap();
    assert_eq!(story.seq, seq);
    assert_eq!(story.message, message(1));
    assert_eq!(story.accepted, UnixMs(BEGIN_MS + 1_000));
    assert_eq!(story.state, MessageState::Delivered);
    assert_eq!(story.ended, Some(UnixMs(BEGIN_MS + 5_000)));
    assert_eq!(story.reason, Some(EndReason::Reported));
    assert_eq!(story.entries, journal.entries);
    assert_eq!(history.last_seq().unwrap(), 5);

    let unknown = MessageId(Uuid::from_u128(1));
    assert_eq!(history.message(unknown).unwrap(), None);
}

#[test]
fn an_end_stays_as_it_was() {
    let (dir, mut store) = store();
    let mut journal = Journal::default();
    let seq = journal.accept(message(1));
    let ticket = journal.start(seq, 1, 1);
    journal.end(seq, MessageState::Unconfirmed, EndReason::Deadline);
    store.commit(journal.fresh()).unwrap();
    journal.reported(seq, ticket, None);
    store.commit(journal.fresh()).unwrap();
    let story = History::open(dir.path())
        .unwrap()
        .message(message(1).id)
        .unwrap()
        .unwrap();
    assert_eq!(
        (story.state, story.reason),
        (MessageState::Unconfirmed, Some(EndReason::Deadline))
    );
    assert_eq!(story.ended, Some(UnixMs(BEGIN_MS + 3_000)));
    assert_eq!(story.entries.len(), 4);
}

/// A message that is refused, sent again, in doubt, resolved and reported: 9 events in 10 records.
fn eventful() -> Journal {
    let mut journal = Journal::default();
    let seq = journal.accept(message(1));
    let first = journal.start(seq, 1, 1);
    journal.finish(seq, first, Outcome::Refused(Cause::Cms(38)));
    journal.requeue(seq, Requeue::Refused);
    let second = journal.start(seq, 1, 2);
    journal.finish(seq, second, Outcome::Unknown(Doubt::Silence));
    let resolved = Record::Resolved {
        message: seq,
        ticket: second,
        mr: Some(41),
    };
    journal.about(seq, MessageState::Sent, resolved);
    journal.use_sim(2, 1);
    journal.reported(seq, second, None);
    journal.end(seq, MessageState::Delivered, EndReason::Reported);
    journal
}

#[test]
fn events_tell_the_attempt_they_are_about() {
    let (dir, mut store) = store();
    store.commit(eventful().fresh()).unwrap();
    let history = History::open(dir.path()).unwrap();
    let events = history.events(0, 100).unwrap().events;
    let told: Vec<_> = events
        .iter()
        .map(|event| {
            assert_eq!(event.id, Some(message(1).id));
            let sim = event
                .part
                .map(|part| (part, event.sim.clone(), event.line.as_deref()));
            (
                event.seq,
                event.kind,
                event.state.unwrap(),
                sim,
                event.outcome,
                event.cause.as_deref(),
            )
        })
        .collect();
    let one = || Some((1, Some(iccid(1)), Some("line001")));
    let two = || Some((1, Some(iccid(2)), Some("line002")));
    let expected = [
        (1, "accepted", MessageState::Queued, None, None, None),
        (2, "started", MessageState::Sending, one(), None, None),
        (
            3,
            "finished",
            MessageState::Sending,
            one(),
            Some("refused"),
            Some("cms_38"),
        ),
        (
            4,
            "requeued",
            MessageState::Queued,
            None,
            None,
            Some("refused"),
        ),
        (5, "started", MessageState::Sending, two(), None, None),
        (
            6,
            "finished",
            MessageState::InDoubt,
            two(),
            Some("unknown"),
            Some("silence"),
        ),
        (7, "resolved", MessageState::Sent, two(), Some("sent"), None),
        (9, "reported", MessageState::Sent, two(), None, None),
        (
            10,
            "ended",
            MessageState::Delivered,
            None,
            None,
            Some("reported"),
        ),
    ];
    assert_eq!(told, expected);
    assert_eq!(
        (events[6].mr, events[7].status),
        (Some(41), Some(sms::Status(0)))
    );
    assert!(events[8].ended && !events[7].ended);
}

#[test]
fn events_after_a_cursor() {
    let (dir, mut store) = store();
    let mut journal = Journal::default();
    for number in 0..20 {
        journal.deliver(number);
        journal.count(number);
    }
    store.commit(journal.fresh()).unwrap();
    let history = History::open(dir.path()).unwrap();
    let all = history.events(0, usize::MAX).unwrap().events;
    assert_eq!(all.len(), 100);
    for limit in [1, 3, 7, 100] {
        let mut paged = Vec::new();
        loop {
            let after = paged
                .last()
                .map_or(0, |event: &crate::StoredEvent| event.seq);
            let page = history.events(after, limit).unwrap().events;
            if page.is_empty() {
                break;
            }
            assert!(page.len() <= limit);
            paged.extend(page);
        }
        assert_eq!(paged, all, "limit {limit}");
    }
    for after in [120, 121, i64::MAX as u64, u64::MAX] {
        assert_eq!(history.events(after, 10).unwrap().events, []);
    }
    assert_eq!(history.events(0, 0).unwrap().events, []);
}

/// 30 messages: every third is bulk, every fifth goes to one recipient, every second is delivered.
fn thirty() -> (tempfile::TempDir, SqliteStore) {
    let (dir, mut store) = store();
    let mut journal = Journal::default();
    for number in 1..=30 {
        let mut message = message(number);
        if number % 3 == 0 {
            message.class = Class::Bulk;
        }
        if number % 5 == 0 {
            message.to = Address::parse("+4917000").unwrap();
        }
        let seq = journal.accept(message);
        if number % 2 == 0 {
            journal.end(seq, MessageState::Delivered, EndReason::Reported);
        }
    }
    store.commit(journal.fresh()).unwrap();
    (dir, store)
}

fn numbers(page: &Page) -> Vec<u64> {
    page.messages.iter().map(|one| one.message.digest).collect()
}

fn check_search(filter: Filter, expected: &[u64]) {
    let (dir, _store) = thirty();
    let history = History::open(dir.path()).unwrap();
    let page = history
        .search(&Filter {
            limit: 100,
            ..filter.clone()
        })
        .unwrap();
    assert_eq!(numbers(&page), expected, "{filter:?}");
    assert_eq!(page.next, None);
}

#[test]
fn searches_by_one_thing() {
    let none = Filter::default;
    let all: Vec<u64> = (1..=30).rev().collect();
    let delivered: Vec<u64> = (1..=15).rev().map(|half| 2 * half).collect();
    check_search(none(), &all);
    check_search(
        Filter {
            to: Some("+4917000".into()),
            ..none()
        },
        &[30, 25, 20, 15, 10, 5],
    );
    check_search(
        Filter {
            to: Some("+49170".into()),
            ..none()
        },
        &[],
    );
    let bulk = Filter {
        class: Some(Class::Bulk),
        ..none()
    };
    check_search(bulk, &[30, 27, 24, 21, 18, 15, 12, 9, 6, 3]);
    check_search(
        Filter {
            state: Some(MessageState::Delivered),
            ..none()
        },
        &delivered,
    );
    check_search(
        Filter {
            state: Some(MessageState::Failed),
            ..none()
        },
        &[],
    );
    check_search(
        Filter {
            before: Some(4),
            ..none()
        },
        &[2, 1],
    );
    check_search(
        Filter {
            before: Some(0),
            ..none()
        },
        &[],
    );
    check_search(
        Filter {
            before: Some(u64::MAX),
            ..none()
        },
        &all,
    );
}

#[test]
fn searches_by_several_things() {
    let none = Filter::default;
    let to = Some("+4917000".to_owned());
    let class = Some(Class::Bulk);
    // The 29th message is the record 29 + 14.
    let since = Some(UnixMs(BEGIN_MS + 43_000));
    check_search(
        Filter {
            to,
            state: Some(MessageState::Queued),
            class,
            ..none()
        },
        &[15],
    );
    check_search(Filter { since, ..none() }, &[30, 29]);
    check_search(
        Filter {
            class,
            since,
            ..none()
        },
        &[30],
    );
}

#[test]
fn a_summary_says_where_a_message_stands() {
    let (dir, _store) = thirty();
    let history = History::open(dir.path()).unwrap();
    let page = history
        .search(&Filter {
            limit: 2,
            ..Filter::default()
        })
        .unwrap();
    let [newest, second] = &page.messages[..] else {
        panic!("two were asked for");
    };
    assert_eq!(newest.state, MessageState::Delivered);
    assert_eq!(newest.ended, Some(UnixMs(BEGIN_MS + 45_000)));
    assert_eq!(newest.reason, Some(EndReason::Reported));
    assert_eq!(
        (second.state, second.ended, second.reason),
        (MessageState::Queued, None, None)
    );
    assert_eq!(
        (second.seq, second.accepted),
        (MessageSeq(43), UnixMs(BEGIN_MS + 43_000))
    );
    assert_eq!(second.message, message(29));
}

#[test]
fn limits_are_put_into_their_range() {
    let (dir, _store) = thirty();
    let history = History::open(dir.path()).unwrap();
    for (limit, expected) in [(0, 1), (1, 1), (30, 30), (usize::MAX, 30)] {
        let page = history
            .search(&Filter {
                limit,
                ..Filter::default()
            })
            .unwrap();
        assert_eq!(page.messages.len(), expected, "{limit}");
    }
}

#[test]
fn pages_of_any_size_and_reach_make_the_whole() {
    let (_dir, store) = thirty();
    let connection = store.connection();
    let filters = [
        Filter::default(),
        Filter {
            to: Some("+4917000".into()),
            ..Filter::default()
        },
        Filter {
            state: Some(MessageState::Delivered),
            ..Filter::default()
        },
        Filter {
            class: Some(Class::Bulk),
            ..Filter::default()
        },
    ];
    for filter in filters {
        let whole = Filter {
            limit: 100,
            ..filter.clone()
        };
        let whole = numbers(&search(connection, &whole, &Reach::default()).unwrap());
        for (limit, window, time_max) in [
            (1, 50_000, 1),
            (4, 7, 1),
            (3, 1, 0),
            (30, 5, 0),
            (29, 50_000, 0),
            (100, 2, 1),
        ] {
            let reach = Reach {
                window,
                time_max: Duration::from_hours(time_max),
            };
            let mut found = Vec::new();
            let mut next = None;
            loop {
                let filter = Filter {
                    limit,
                    before: next,
                    ..filter.clone()
                };
                let page = search(connection, &filter, &reach).unwrap();
                assert!(page.messages.len() <= limit);
                found.extend(numbers(&page));
                next = page.next;
                if next.is_none() {
                    break;
                }
            }
            assert_eq!(found, whole, "{filter:?} {limit} {window} {time_max}");
        }
    }
}

/// As the table of a key's message is kept too: a repeated key answers as the first time.
fn turkish() -> Form {
    Form::Text(Encoding::National(Shifts {
        locking: Some(Language::Turkish),
        single: None,
    }))
}

#[test]
fn keys() {
    let (_dir, mut store) = store();
    let mut journal = Journal::default();
    let mut first = message(1);
    first.form = turkish();
    first.key = Some("order-77".into());
    let seq = journal.accept(first.clone());
    store.commit(journal.fresh()).unwrap();
    let known = |state| KnownKey {
        seq,
        id: first.id,
        digest: 1,
        state,
        parts: 1,
        form: turkish(),
    };
    assert_eq!(
        find_key(&mut store, "order-77"),
        Some(known(MessageState::Queued))
    );
    for other in ["order-7", "order-777", "", "ORDER-77", "order-77\0"] {
        assert_eq!(find_key(&mut store, other), None);
    }
    let by_id = |state| Some(KnownMessage { seq, state });
    let id = first.id;
    assert_eq!(store.find_id(id).unwrap(), by_id(MessageState::Queued));
    assert_eq!(store.find_id(message(2).id).unwrap(), None);
    journal.end(seq, MessageState::Cancelled, EndReason::Cancelled);
    store.commit(journal.fresh()).unwrap();
    assert_eq!(
        find_key(&mut store, "order-77"),
        Some(known(MessageState::Cancelled))
    );
    assert_eq!(store.find_id(id).unwrap(), by_id(MessageState::Cancelled));
}

#[test]
fn a_key_is_remembered_for_seven_days_and_may_then_be_used_again() {
    let (dir, mut store) = store();
    let mut journal = Journal::default();
    let mut message = message(1);
    message.key = Some("k".into());
    let seq = journal.accept(message.clone());
    journal.end(seq, MessageState::Expired, EndReason::Deadline);
    for (number, days_ms) in (2..).zip([KEY_REMEMBERED_MS, KEY_REMEMBERED_MS + 1]) {
        journal.count(number);
        journal.entries.last_mut().unwrap().at = UnixMs(BEGIN_MS + 1_000 + days_ms);
    }
    store.commit(&journal.entries[..3]).unwrap();
    assert!(find_key(&mut store, "k").is_some());
    store.commit(&journal.entries[3..]).unwrap();
    drop(store);
    let mut store = SqliteStore::open(dir.path()).unwrap();
    assert_eq!(find_key(&mut store, "k"), None);

    message.id = MessageId(Uuid::from_u128(7));
    journal.accept(message);
    let last = journal.entries.last_mut().unwrap();
    last.at = UnixMs(BEGIN_MS + 2 * KEY_REMEMBERED_MS);
    store.commit(&journal.entries[4..]).unwrap();
    assert_eq!(
        find_key(&mut store, "k").unwrap().id,
        MessageId(Uuid::from_u128(7))
    );
}

#[test]
fn a_key_is_remembered_while_its_message_waits() {
    let (_dir, mut store) = store();
    let mut journal = Journal::default();
    let mut message = message(1);
    message.key = Some("k".into());
    journal.accept(message);
    journal.count(2);
    journal.entries[1].at = UnixMs(BEGIN_MS + 2 * KEY_REMEMBERED_MS);
    store.commit(&journal.entries).unwrap();
    assert!(find_key(&mut store, "k").is_some());
}

#[test]
fn texts_come_in_the_order_that_was_asked_for() {
    let (_dir, mut store) = store();
    let mut journal = Journal::default();
    let mut accept = |number: u64| {
        let mut message = message(number);
        message.text = format!("text {number}").into();
        journal.accept(message)
    };
    let (first, second) = (accept(1), accept(2));
    store.commit(journal.fresh()).unwrap();
    let texts = store.texts(&[second, first]).unwrap();
    assert_eq!(texts, [Box::from("text 2"), "text 1".into()]);
    assert_eq!(store.texts(&[]).unwrap(), []);
    let error = store.texts(&[first, MessageSeq(99)]).unwrap_err();
    assert!(error.to_string().contains("message 99"), "{error}");
}

#[test]
fn a_recipient_is_found_however_far_apart_its_messages_are_and_whatever_became_of_them() {
    let (_dir, mut store) = store();
    let mut journal = Journal::default();
    let to = |number: u64| Message {
        to: Address::parse("+4916099999").unwrap(),
        ..message(number)
    };
    let mut wanted = Vec::new();
    for number in 0..6 {
        let seq = journal.accept(to(number));
        wanted.push(seq);
        match number % 3 {
            0 => {}
            1 => drop(journal.start(seq, 1, 1)),
            _ => drop(journal.requeue(seq, Requeue::Refused)),
        }
        for between in 0..1_500 {
            journal.accept(message(10_000 * (number + 1) + between));
        }
    }
    wanted.push(journal.accept(to(7)));
    wanted.push(journal.accept(to(8)));
    store.commit(journal.fresh()).unwrap();
    wanted.reverse();
    let connection = store.connection();
    // Shorter windows than lie between two of them, and shorter than the page.
    for (window, limit) in [(1, 4), (2, 100), (3, 1), (1_000, 5)] {
        let reach = Reach {
            window,
            ..Reach::default()
        };
        let mut found = Vec::new();
        let mut filter = Filter {
            to: Some("+4916099999".to_owned()),
            class: Some(Class::Otp),
            limit,
            ..Filter::default()
        };
        loop {
            let page = search(connection, &filter, &reach).unwrap();
            found.extend(page.messages.iter().map(|message| message.seq));
            filter.before = page.next;
            if page.next.is_none() {
                break;
            }
        }
        assert_eq!(found, wanted, "window {window}, limit {limit}");
    }
}

fn find_key(store: &mut SqliteStore, key: &str) -> Option<KnownKey> {
    let [known] = store.find_keys(&[key]).unwrap()[..] else {
        panic!("one answer a key");
    };
    known
}
