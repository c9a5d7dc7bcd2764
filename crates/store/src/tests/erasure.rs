//! What is erased is nowhere in the files of the store, however its rows and pages were moved about before.

use std::collections::BTreeMap;
use std::fs;

use gateway::{Class, EndReason, Message, MessageSeq, MessageState, Record, Store, UnixMs};
use modem::Outcome;
use rusqlite::Connection;
use tempfile::TempDir;

use super::sample::{Journal, message, replayed, store, what_matters};
use crate::log;
use crate::sweep::{self, Bounds, Slice};
use crate::{SqliteStore, check};

/// A store in which messages live and end in no order, and what a look into its file has to find.
struct Lives {
    dir: TempDir,
    store: SqliteStore,
    beside: Connection,
    journal: Journal,
    number: u64,
    random: u64,
    open: Vec<(MessageSeq, u64)>,
    /// Numbers of those whose texts are still there.
    said: BTreeMap<u64, MessageSeq>,
    ended: BTreeMap<u64, UnixMs>,
}

impl Lives {
    fn new(seed: u64) -> Lives {
        let (dir, store) = store();
        let beside = store.open_beside().unwrap();
        Lives {
            dir,
            store,
            beside,
            journal: Journal::default(),
            number: 0,
            random: seed,
            open: Vec::new(),
            said: BTreeMap::new(),
            ended: BTreeMap::new(),
        }
    }

    /// Below `below`.
    fn draw(&mut self, below: u64) -> u64 {
        self.random = self
            .random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.random >> 33) % below
    }

    /// A text that is known again, and sometimes one that fills pages of its own.
    fn text(&mut self) -> String {
        let length = match self.draw(50) {
            0 => 4_000 + self.draw(9_000),
            _ => self.draw(1_200),
        };
        format!(
            "SECRET-{:06}-{}",
            self.number,
            "ö".repeat(length as usize / 2)
        )
    }

    /// Accepts some, lets some go on and some end; all in one commit.
    fn go_on(&mut self, accepted: u64, ended: u64) {
        for _ in 0..accepted {
            let text = self.text().into();
            let of = Message {
                text,
                class: Class::ALL[self.number as usize % 3],
                ..message(self.number)
            };
            let seq = self.journal.accept(of);
            self.open.push((seq, self.number));
            self.said.insert(self.number, seq);
            self.number += 1;
        }
        for _ in 0..ended.min(self.open.len() as u64) {
            let at = self.draw(self.open.len() as u64) as usize;
            let (seq, number) = self.open.swap_remove(at);
            let ticket = self.journal.start(seq, 1, 1);
            self.journal
                .finish(seq, ticket, Outcome::Sent { mr: number as u8 });
            self.journal
                .end(seq, MessageState::Delivered, EndReason::Reported);
            let end = self.journal.entries.last().unwrap().at;
            self.ended.insert(number, end);
        }
        self.store.commit(self.journal.fresh()).unwrap();
    }

    /// A time by which about this share of what ended had ended.
    fn when(&mut self, per_cent: u64) -> UnixMs {
        let mut ends: Vec<_> = self.ended.values().copied().collect();
        ends.sort_unstable();
        let at = ends.len() * per_cent as usize / 100;
        ends.get(at).copied().unwrap_or_default()
    }

    fn erase(&mut self, class: Class, until: UnixMs) {
        let now = until;
        all(|| sweep::texts::erase(&mut self.beside, class, until, now, true).unwrap());
        self.said.retain(|number, _| {
            let is_due = self.ended.get(number).is_some_and(|ended| *ended <= until);
            Class::ALL[*number as usize % 3] != class || !is_due
        });
    }

    fn delete(&mut self, until: UnixMs) {
        let bounds = Bounds {
            until,
            taken: u64::MAX,
        };
        all(|| sweep::delete_messages(&mut self.beside, bounds).unwrap());
        let ended = &self.ended;
        self.said
            .retain(|number, _| ended.get(number).is_none_or(|ended| *ended > until));
        self.delete_rows(until);
    }

    /// Until a whole round finds nothing.
    fn delete_rows(&mut self, until: UnixMs) -> u64 {
        let (mut place, mut deleted) = (0, 0);
        loop {
            let slice = sweep::texts::delete(&mut self.beside, &mut place, until).unwrap();
            deleted += slice.swept;
            if slice.swept == 0 && place == 0 {
                return deleted;
            }
        }
    }

    fn give_back(&mut self) {
        sweep::give_back(&mut self.beside).unwrap();
    }

    /// Every text that is there stands in the file once, and no other does; nothing is in the log.
    fn look(&self) {
        assert!(log::empty(&self.beside).unwrap());
        let log = fs::read(self.dir.path().join("simfleet.db-wal")).unwrap();
        assert_eq!(log.len(), 0);
        let file = fs::read(self.dir.path().join("simfleet.db")).unwrap();
        let mut found: BTreeMap<u64, u64> = BTreeMap::new();
        for at in file.windows(14).filter(|at| at.starts_with(b"SECRET-")) {
            let number = std::str::from_utf8(&at[7..13]).unwrap().parse().unwrap();
            *found.entry(number).or_default() += 1;
        }
        let expected: BTreeMap<u64, u64> = self.said.keys().map(|number| (*number, 1)).collect();
        let wrong: Vec<_> = found
            .iter()
            .filter(|(number, times)| expected.get(number) != Some(times))
            .collect();
        assert_eq!(wrong, Vec::new(), "number and times");
        assert_eq!(found.len(), expected.len());
    }
}

fn count(connection: &Connection, table: &str) -> u64 {
    let query = format!("SELECT count(*) FROM {table}");
    let rows: i64 = connection.query_row(&query, [], |row| row.get(0)).unwrap();
    rows.cast_unsigned()
}

fn all(mut work: impl FnMut() -> Slice) {
    while work().more {}
}

#[test]
fn an_erased_text_is_nowhere_in_the_file_and_every_other_is_there_once() {
    let mut lives = Lives::new(1);
    for round in 0..24 {
        lives.go_on(250, if round == 0 { 230 } else { 250 });
        let until = lives.when(97);
        lives.erase(Class::ALL[round % 3], until);
        if round % 4 == 3 {
            let until = lives.when(80);
            lives.delete(until);
            lives.look();
            lives.give_back();
        }
        if round % 2 == 1 {
            lives.look();
        }
    }
    let faults = check(lives.dir.path()).unwrap().faults;
    assert_eq!(faults, Vec::<String>::new());
    let asked: Vec<_> = lives.open.iter().map(|(seq, _)| *seq).collect();
    let texts = lives.store.texts(&asked).unwrap();
    for (text, (_, number)) in texts.iter().zip(&lives.open) {
        assert!(text.starts_with(&format!("SECRET-{number:06}-")));
    }
    let rows = count(&lives.beside, "text");
    assert!(rows < lives.number, "{rows} of {} rows", lives.number);
}

#[test]
fn rows_of_texts_go_between_messages_that_stay_for_long() {
    let mut lives = Lives::new(2);
    let margin = sweep::texts::MARGIN as u64;
    let mut stays = Vec::new();
    for _ in 0..2 {
        lives.go_on(2 * margin + 300, u64::MAX);
        lives.go_on(1, 0);
        stays.extend(lives.open.pop());
    }
    lives.go_on(2 * margin + 300, u64::MAX);
    lives.delete(UnixMs(i64::MAX));
    assert_eq!(lives.said.len(), stays.len());
    let rows = count(&lives.beside, "text") - 2;
    // Before the first, twice between them, and twice behind the last.
    let margins = 5 * margin..=5 * (margin + 1);
    assert!(margins.contains(&rows), "{rows} rows are left");
    lives.look();
    lives.give_back();
    lives.look();
    lives.open = stays;
    lives.go_on(100, 50);
    lives.look();
}

#[test]
fn a_log_with_a_reader_is_left_until_the_reader_is_gone() {
    let mut lives = Lives::new(3);
    lives.go_on(20, 20);
    let reader = crate::file::open_reader(lives.dir.path()).unwrap();
    let snapshot = reader.unchecked_transaction().unwrap();
    assert_eq!(count(&snapshot, "message"), 20);
    for class in Class::ALL {
        lives.erase(class, UnixMs(i64::MAX));
    }
    assert!(!log::empty(&lives.beside).unwrap());
    drop(snapshot);
    lives.look();
    assert_eq!(lives.said.len(), 0);
}

#[test]
fn a_replay_needs_no_text() {
    let (_dir, mut store) = store();
    let mut journal = Journal::default();
    let seq = journal.accept(message(1));
    store.commit(journal.fresh()).unwrap();
    let (entries, _) = replayed(&mut store);
    assert_eq!(entries, what_matters(&journal.entries));
    let Record::Accepted(read) = &entries[0].record else {
        panic!("{entries:?}");
    };
    assert_eq!(&*read.text, "");
    assert_eq!(store.texts(&[seq]).unwrap(), [message(1).text]);
}
