//! A store that somebody or something has changed: whatever is in it, the gateway starts on it or is told where it is
//! damaged; nothing panics, and nothing is lost in silence.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, Instant};

use gateway::{
    Control, Entry, Gateway, Input, LineId, MessageId, MessageSeq, Now, Record, Requeue, Settings,
    Store, Target, Turn, UnixMs, Warning,
};
use modem::{Doubt, Outcome};
use rusqlite::Connection;
use rusqlite::types::Value;
use sms::Address;
use tempfile::TempDir;
use uuid::Uuid;

use super::sample::{BEGIN_MS, Journal, iccid, message, store};
use crate::{Filter, History, OpenError, SqliteStore, StoreError, check};

/// Each column of each table is given values that its type allows and no version wrote.
#[test]
fn values_that_only_a_hand_writes() {
    let original = everything();
    let mut panics = Vec::new();
    let mut tried = 0;
    for (table, column, kind) in columns(original.path()) {
        for value in values(&kind) {
            let copy = copy(original.path());
            let path = copy.path().join("simfleet.db");
            let change = format!("UPDATE OR IGNORE \"{table}\" SET \"{column}\" = ?1");
            let shell = Connection::open(path).unwrap();
            // What the schema itself refuses no hand can write.
            if shell.execute(&change, [&value]).is_err() {
                continue;
            }
            shell.close().unwrap();
            tried += 1;
            let lived = catch_unwind(AssertUnwindSafe(|| live(copy.path())));
            match lived {
                Err(_) => panics.push(format!("{table}.{column} = {value:?}")),
                Ok(Ok(_)) => {}
                Ok(Err(why)) => assert!(why.contains("damaged"), "{table}.{column}: {why}"),
            }
        }
    }
    assert!(tried > 400, "{tried} changes");
    assert!(panics.is_empty(), "panics at {panics:#?}");
}

/// A message that has not ended is replayed, or somebody is told: at the start, or by the check.
#[test]
fn an_octet_that_is_not_what_it_was() {
    let original = everything();
    let whole = live(copy(original.path()).path()).unwrap();
    let octets = fs::read(original.path().join("simfleet.db")).unwrap();
    let mut dice = 1_u64;
    for _ in 0..FLIPS {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let place = usize::try_from(dice >> 33).unwrap() % octets.len();
        let mask = 1_u8 << ((dice >> 29) & 7);
        let copy = fast_dir();
        let path = copy.path().join("simfleet.db");
        let mut changed = octets.clone();
        changed[place] ^= mask;
        fs::write(&path, &changed).unwrap();
        let told = check(copy.path()).map_or(true, |report| !report.faults.is_empty());
        let lived = catch_unwind(AssertUnwindSafe(|| live(copy.path())));
        match lived {
            Err(_) => panic!("a panic with octet {place} changed by {mask:#x}"),
            Ok(Ok(open)) => assert!(
                told || open == whole,
                "octet {place}, changed by {mask:#x}: {open:?} are open and were {whole:?}"
            ),
            Ok(Err(why)) => assert!(
                ["damaged", "has version", "made by another"]
                    .iter()
                    .any(|words| why.contains(words)),
                "octet {place}, changed by {mask:#x}: {why}"
            ),
        }
    }
}

/// The log of another store is not taken for one's own: its salt is another.
#[test]
fn a_log_that_belongs_to_another_store() {
    let original = everything();
    let whole = live(copy(original.path()).path()).unwrap();
    let (other, mut store) = store();
    let mut journal = Journal::default();
    for number in 0..50 {
        journal.accept(message(5_000 + number));
    }
    store.commit(journal.fresh()).unwrap();
    let copy = copy(original.path());
    fs::copy(
        other.path().join("simfleet.db-wal"),
        copy.path().join("simfleet.db-wal"),
    )
    .unwrap();
    match live(copy.path()) {
        Ok(open) => {
            let told = !check(copy.path()).unwrap().faults.is_empty();
            assert!(
                told || open == whole,
                "{open:?} are open and were {whole:?}"
            );
        }
        Err(why) => assert!(why.contains("damaged"), "{why}"),
    }
}

/// Does what a daemon does with a store: starts, takes turns until all deadlines are over, and reads the history. Gives the
/// messages that the start found open.
fn live(dir: &Path) -> Result<Vec<MessageSeq>, String> {
    let words = |error: StoreError| error.to_string();
    let mut store = SqliteStore::open(dir).map_err(|error: OpenError| error.to_string())?;
    let mut open = Vec::new();
    store
        .replay(&mut |entry: Entry| {
            if let Record::Accepted(_) = entry.record {
                open.push(MessageSeq(entry.seq));
            }
        })
        .map_err(words)?;
    let mut gateway = Gateway::new(Settings::default());
    let began = Instant::now();
    let at = |after: Duration| Now {
        mono: began + after,
        wall: UnixMs(BEGIN_MS + 60_000).plus(after),
    };
    gateway
        .recover(at(Duration::ZERO), &mut store)
        .map_err(words)?;
    let mut turn = Turn::default();
    for hours in [0, 1, 30 * 24, 60 * 24] {
        let now = at(Duration::from_hours(hours));
        let mut inputs = vec![Input::LineAdded {
            line: LineId(1),
            name: "line001".into(),
        }];
        gateway
            .turn(now, &mut inputs, &mut store, &mut turn)
            .map_err(words)?;
        gateway.snapshot(now);
    }
    store.texts(&open).map_err(words)?;
    store.find_keys(&["key-1"]).map_err(words)?;
    read_history(dir).map_err(words)?;
    Ok(open)
}

fn read_history(dir: &Path) -> Result<(), StoreError> {
    let history = History::open(dir).expect("the store opens it");
    let all = Filter {
        limit: 500,
        ..Filter::default()
    };
    for to in [None, Some(message(1).to.text())] {
        history.search(&Filter { to, ..all.clone() })?;
    }
    for number in 0..6 {
        history.message(message(number).id)?;
    }
    history.message(MessageId(Uuid::nil()))?;
    history.events(0, 500)?;
    history.suppressions("", 100)?;
    Ok(())
}

/// A closed store with a row in every table, and a message in every state that has not ended.
fn everything() -> TempDir {
    let (dir, mut store) = store();
    let mut journal = Journal::default();
    journal.deliver(0);
    let mut waiting = message(1);
    waiting.key = Some("key-1".into());
    waiting.app = Some("shop".into());
    journal.accept(waiting);
    let sending = journal.accept(message(2));
    journal.start(sending, 1, 1);
    let doubtful = journal.accept(message(3));
    let ticket = journal.start(doubtful, 1, 2);
    journal.finish(doubtful, ticket, Outcome::Unknown(Doubt::Restart));
    let sent = journal.accept(message(4));
    let ticket = journal.start(sent, 1, 3);
    journal.finish(sent, ticket, Outcome::Sent { mr: 7 });
    let kept = journal.keep_report(3);
    let requeued = journal.accept(message(5));
    journal.requeue(requeued, Requeue::Refused);
    journal.keep_report(2);
    journal.reported(sent, ticket, Some(kept));
    journal.use_sim(1, 3);
    journal.control(Target::Line("line000".into()), Control::Paused);
    journal.add(Record::PinTried {
        sim: iccid(1),
        line: "line000".into(),
        fingerprint: 7,
    });
    journal.add(Record::Suppressed {
        recipient: Address::parse("+4915112999999").unwrap(),
        suppressed: true,
        reason: None,
    });
    journal.add(Record::RecipientUsed {
        sim: iccid(1),
        mark: 7,
        parts: 1,
    });
    journal.add(Record::BudgetWarned {
        sim: iccid(1),
        warning: Warning {
            budget: "per_month",
            percent: 80,
            used: 80,
            limit: 100,
            resets: None,
        },
    });
    journal.count(6);
    store.commit(journal.fresh()).unwrap();
    dir
}

fn copy(dir: &Path) -> TempDir {
    let copy = fast_dir();
    fs::copy(dir.join("simfleet.db"), copy.path().join("simfleet.db")).unwrap();
    copy
}

/// In memory where there is such a place: hundreds of stores are opened here, and none is to survive a power cut.
fn fast_dir() -> TempDir {
    tempfile::tempdir_in("/dev/shm")
        .or_else(|_| tempfile::tempdir())
        .unwrap()
}

/// Tables, their columns, and what these hold.
fn columns(dir: &Path) -> Vec<(String, String, String)> {
    let connection = Connection::open(dir.join("simfleet.db")).unwrap();
    let mut statement = connection
        .prepare(
            "SELECT t.name, c.name, c.type FROM sqlite_schema t, pragma_table_info(t.name) c \
             WHERE t.type = 'table' ORDER BY 1, 2",
        )
        .unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
    rows.unwrap().map(Result::unwrap).collect()
}

fn values(kind: &str) -> Vec<Value> {
    let mut values = vec![Value::Null];
    match kind {
        "INTEGER" => {
            let numbers = [i64::MIN, -1, 0, 256, 1 << 40, i64::MAX];
            values.extend(numbers.map(Value::Integer));
        }
        "TEXT" => {
            let texts = ["", "x", "\0", "cms_38"];
            values.extend(texts.map(|text| Value::Text(text.to_owned())));
            values.push(Value::Text("9".repeat(10_000)));
        }
        _ => values.extend([vec![], vec![0], vec![0; 16], vec![255; 17]].map(Value::Blob)),
    }
    values
}

/// A few seconds' worth.
const FLIPS: usize = 300;
