//! What is deleted and erased, and above all what is not.

use std::time::Duration;

use gateway::{Class, EndReason, Message, MessageSeq, MessageState, Record, Store, UnixMs};
use rusqlite::Connection;

use super::sample::{BEGIN_MS, Journal, message, replayed, store, what_matters};
use crate::retention::{Due, Retention, Size};
use crate::sweep::{self, Bounds, Place, Slice};
use crate::{Filter, History, SqliteStore, Sweeper, check};

#[test]
fn what_is_due() {
    let retention = Retention {
        messages: Some(Duration::from_secs(10)),
        erase_text_after: [
            Some(Duration::ZERO),
            None,
            Some(Duration::from_secs(u64::MAX)),
        ],
        ..Retention::default()
    };
    let expected = Due {
        messages: Some(UnixMs(90_000)),
        events: None,
        reports: None,
        texts: [
            Some(UnixMs(100_000)),
            None,
            Some(UnixMs(100_000 - i64::MAX)),
        ],
    };
    assert_eq!(retention.due(UnixMs(100_000)), expected);
}

#[test]
fn sizes() {
    let size = |pages, free| Size {
        pages,
        free,
        page_octets: 4096,
    };
    let retention = Retention {
        octets_max: Some(100 * 4096),
        ..Retention::default()
    };
    for (pages, free, excessive, slack) in [
        (100, 0, false, false),
        (101, 0, true, false),
        (200, 100, false, false),
        (10_000, 4_096, true, false),
        (10_000, 4_097, true, true),
        (100_000, 25_000, true, false),
        (100_000, 25_001, true, true),
    ] {
        let size = size(pages, free);
        let found = (retention.is_excessive(size), size.is_slack());
        assert_eq!(found, (excessive, slack), "{size:?}");
        assert!(!Retention::default().is_excessive(size));
    }
}

/// A store with delivered messages, and after each of them one that waits; the sweeper's connection.
struct Rig {
    dir: tempfile::TempDir,
    store: SqliteStore,
    beside: Connection,
    journal: Journal,
    delivered: Vec<MessageSeq>,
}

impl Rig {
    fn new(messages: u64, shape: impl Fn(u64, Message) -> Message) -> Rig {
        let (dir, mut store) = store();
        let mut journal = Journal::default();
        let mut delivered = Vec::new();
        for number in 0..messages {
            let ends = journal.accept(shape(number, message(number)));
            let ticket = journal.start(ends, 1, 1);
            journal.finish(ends, ticket, modem::Outcome::Sent { mr: 41 });
            journal.end(ends, MessageState::Delivered, EndReason::Reported);
            delivered.push(ends);
            journal.accept(shape(number, message(10_000 + number)));
        }
        store.commit(journal.fresh()).unwrap();
        let beside = store.open_beside().unwrap();
        Rig {
            dir,
            store,
            beside,
            journal,
            delivered,
        }
    }

    /// When the message that was delivered as this one had its end.
    fn ended_at(&self, index: usize) -> UnixMs {
        let of = self.delivered[index];
        let mut entries = self.journal.entries.iter();
        let end = entries
            .find(|entry| matches!(&entry.record, Record::Ended { message, .. } if *message == of));
        end.unwrap().at
    }

    fn history(&self) -> History {
        History::open(self.dir.path()).unwrap()
    }

    /// Ids of ended messages that are left.
    fn left(&self) -> usize {
        let filter = Filter {
            state: Some(MessageState::Delivered),
            limit: 500,
            ..Filter::default()
        };
        self.history().search(&filter).unwrap().messages.len()
    }

    fn end_what_waits(&mut self) {
        let standings = self.journal.messages.clone().into_iter();
        for waiting in standings.filter(|standing| !standing.ended) {
            self.journal
                .end(waiting.message, MessageState::Expired, EndReason::Deadline);
        }
        let fresh = self.journal.fresh().to_vec();
        self.store.commit(&fresh).unwrap();
    }

    /// Nothing is damaged, and what has not ended is whole.
    fn check(&mut self) {
        let expected = what_matters(&self.journal.entries);
        assert_eq!(replayed(&mut self.store).0, expected);
        let faults = check(self.dir.path()).unwrap().faults;
        assert_eq!(faults, Vec::<String>::new());
    }
}

/// All slices, until nothing more is due; how many there were.
fn all(mut work: impl FnMut() -> Slice) -> (u64, usize, bool) {
    let (mut swept, mut slices) = (0, 0);
    loop {
        let slice = work();
        swept += slice.swept;
        slices += 1;
        if !slice.more {
            return (swept, slices, slice.held);
        }
    }
}

#[test]
fn messages_go_when_they_ended_so_long_ago_in_slices() {
    let mut rig = Rig::new(200, |_, message| message);
    let bounds = Bounds {
        until: rig.ended_at(149),
        taken: u64::MAX,
    };
    let beside = &mut rig.beside;
    let (swept, slices, held) = all(|| sweep::delete_messages(beside, bounds).unwrap());
    assert_eq!((swept, held), (150, false));
    assert!(slices >= 3, "{slices} slices");
    assert_eq!(rig.left(), 50);
    let id = message(0).id;
    assert_eq!(rig.history().message(id).unwrap(), None);
    assert_eq!(rig.store.find_id(id).unwrap(), None);
    rig.check();
    let again = sweep::delete_messages(&mut rig.beside, bounds).unwrap();
    assert_eq!(again, Slice::default(), "there is nothing left to do");
}

#[test]
fn the_event_stream_says_from_where_on_it_is_whole() {
    let mut rig = Rig::new(10, |_, message| message);
    let all_events = rig.history().events(0, 1_000).unwrap();
    assert_eq!(all_events.whole_after, 0);
    let bounds = Bounds {
        until: rig.ended_at(4),
        taken: u64::MAX,
    };
    sweep::delete_messages(&mut rig.beside, bounds).unwrap();
    let page = rig.history().events(0, 1_000).unwrap();
    let last_gone = rig.delivered[4].0 + 3;
    assert_eq!(page.whole_after, last_gone);
    let kept = all_events.events.into_iter();
    let behind: Vec<_> = kept.filter(|event| event.seq > last_gone).collect();
    assert_eq!(
        rig.history().events(last_gone, 1_000).unwrap().events,
        behind,
        "behind it, nothing is missing"
    );
}

#[test]
fn what_somebody_waits_for_is_not_deleted() {
    let mut rig = Rig::new(10, |_, message| message);
    let bounds = |taken| Bounds {
        until: UnixMs(i64::MAX),
        taken,
    };
    // The end of the fourth message is not taken yet.
    let taken = rig.delivered[3].0 + 2;
    let slice = sweep::delete_events(&mut rig.beside, bounds(taken)).unwrap();
    assert_eq!((slice.swept, slice.held, slice.more), (9, true, false));
    let slice = sweep::delete_messages(&mut rig.beside, bounds(taken)).unwrap();
    assert_eq!((slice.swept, slice.held, slice.more), (3, true, false));
    let mut from = Place::default();
    let slice = sweep::make_room(&mut rig.beside, &mut from, bounds(taken)).unwrap();
    assert_eq!((slice.swept, slice.held, slice.more), (0, true, false));
    assert_eq!(rig.left(), 7);
    rig.check();
    let slice = sweep::delete_messages(&mut rig.beside, bounds(taken + 1)).unwrap();
    assert_eq!((slice.swept, slice.held), (1, true));
}

#[test]
fn events_go_before_their_message() {
    let mut rig = Rig::new(100, |_, message| message);
    let bounds = Bounds {
        until: rig.ended_at(79),
        taken: u64::MAX,
    };
    let beside = &mut rig.beside;
    let (swept, ..) = all(|| sweep::delete_events(beside, bounds).unwrap());
    assert_eq!(swept, 240, "three records of each");
    assert_eq!(rig.left(), 100);
    let story = rig.history().message(message(0).id).unwrap().unwrap();
    assert_eq!(
        (story.state, story.reason, story.entries.len()),
        (MessageState::Delivered, Some(EndReason::Reported), 1)
    );
    rig.check();
    // Not looked at again, not even after a restart.
    let slice = sweep::delete_events(&mut rig.beside, bounds).unwrap();
    assert_eq!(slice, Slice::default());
    let bounds = Bounds {
        until: UnixMs(i64::MAX),
        ..bounds
    };
    let slice = sweep::delete_events(&mut rig.beside, bounds).unwrap();
    assert_eq!(slice.swept, 60);
}

#[test]
fn room_is_made_but_keys_are_remembered() {
    let with_keys = |number: u64, message: Message| Message {
        key: number
            .is_multiple_of(2)
            .then(|| format!("key-{number}-{}", message.digest).into()),
        ..message
    };
    let mut rig = Rig::new(100, with_keys);
    let hour = 3_600_000;
    for (now, left) in [(BEGIN_MS + hour, 50), (BEGIN_MS + 8 * 24 * hour, 0)] {
        let bounds = Bounds {
            until: UnixMs(now),
            taken: u64::MAX,
        };
        let mut from = Place::default();
        let beside = &mut rig.beside;
        let (swept, ..) = all(|| sweep::make_room(beside, &mut from, bounds).unwrap());
        assert_eq!((swept, rig.left()), (50, left));
        let known = rig.store.find_keys(&["key-98-98"]).unwrap()[0];
        assert_eq!(known.is_some(), left > 0);
        rig.check();
    }
    let events = rig.history().events(0, 1_000).unwrap().events;
    assert!(events.iter().all(|event| event.kind == "accepted"));
}

#[test]
fn texts_go_by_class_and_stay_where_they_are_needed() {
    let classes = |number: u64, message: Message| Message {
        class: Class::ALL[number as usize % 3],
        ..message
    };
    let mut rig = Rig::new(90, classes);
    let until = rig.ended_at(59);
    let now = UnixMs(until.0 + 1);
    let beside = &mut rig.beside;
    let (swept, ..) = all(|| sweep::texts::erase(beside, Class::Otp, until, now, false).unwrap());
    assert_eq!(swept, 20);
    let (swept, ..) = all(|| sweep::texts::erase(beside, Class::Bulk, until, now, true).unwrap());
    assert_eq!(swept, 20);
    let history = rig.history();
    let story = |number| history.message(message(number).id).unwrap().unwrap();
    let otp = story(0);
    let erased = otp.erased.unwrap();
    assert_eq!((erased.at, erased.cut_recipient), (now, false));
    assert_eq!(&*otp.message.text, "");
    assert_eq!(otp.message.to.text(), "+4915112000000");
    assert_eq!(otp.entries.len(), 4, "what happened to it stays");
    let bulk = story(2);
    assert!(bulk.erased.unwrap().cut_recipient);
    assert_eq!(bulk.message.to.text(), "+4915");
    for other in [1, 60, 62, 10_000, 10_002] {
        assert_eq!(story(other).erased, None, "{other}");
        assert_eq!(story(other).message.text, message(other).text);
    }
    rig.check();
}

#[test]
fn deleted_messages_make_room_and_empty_pages_are_given_back() {
    let long = |_, message: Message| Message {
        route: Some("x".repeat(1_500).into()),
        ..message
    };
    let mut rig = Rig::new(100, long);
    rig.end_what_waits();
    let full = sweep::size(&rig.beside).unwrap();
    let bounds = Bounds {
        until: UnixMs(i64::MAX),
        taken: u64::MAX,
    };
    let beside = &mut rig.beside;
    all(|| sweep::delete_messages(beside, bounds).unwrap());
    let swept = sweep::size(&rig.beside).unwrap();
    assert_eq!(swept.pages, full.pages, "the file stays as it is");
    assert!(
        swept.used_octets() < full.used_octets() * 2 / 3,
        "{full:?} {swept:?}"
    );
    let slice = sweep::give_back(&mut rig.beside).unwrap();
    let smaller = sweep::size(&rig.beside).unwrap();
    assert_eq!(slice.swept, full.pages - smaller.pages);
    assert!(slice.swept > 0 && smaller.used_octets() <= swept.used_octets());
    rig.check();
}

#[test]
fn the_sweeper_does_what_is_due_while_the_store_goes_on() {
    let mut rig = Rig::new(50, |_, message| message);
    let retention = Retention {
        messages: Some(Duration::from_secs(1)),
        erase_text_after: [Some(Duration::ZERO); 3],
        ..Retention::default()
    };
    let sweeper = Sweeper::start(&rig.store, retention, || UnixMs(BEGIN_MS * 2)).unwrap();
    let begun = std::time::Instant::now();
    let health = loop {
        // Commits wait for their turn and for nothing else.
        rig.journal.count(1);
        let fresh = rig.journal.fresh().to_vec();
        rig.store.commit(&fresh).unwrap();
        let health = sweeper.health();
        if health.is_held {
            sweeper.taken(u64::MAX);
        }
        if health.messages_deleted == 50 || begun.elapsed() > Duration::from_secs(20) {
            break health;
        }
    };
    drop(sweeper);
    assert_eq!(
        (
            health.texts_erased,
            health.messages_deleted,
            health.failures
        ),
        (50, 50, 0),
        "{health:?}"
    );
    assert_eq!(rig.left(), 0);
    rig.check();
}
