//! How fast the store commits, accepts and replays, on the disk that holds the temporary directory.
//!
//! `cargo bench -p store [-- OPEN_MESSAGES]`; set `TMPDIR` to measure another disk. Prints what it measured and how; it
//! asserts nothing, because the numbers belong to the machine.

mod journal;
mod start;

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use gateway::{Class, MessageSeq, MessageState, Store};
use modem::Ticket;
use store::{Checkpointer, Filter, History, SqliteStore};

use journal::{Journal, recipient};

fn main() {
    let open_messages = std::env::args().find_map(|argument| argument.parse().ok());
    let open_messages = open_messages.unwrap_or(OPEN_MESSAGES);
    let dir = tempfile::tempdir().expect("a temporary directory");
    println!(
        "store below {}: WAL, synchronous=FULL, one sync a commit, checkpoints beside it\n",
        dir.path().display()
    );
    floor(&dir.path().join("floor"));
    println!(
        "{:<24} {:>5} {:>10} {:>8} {:>8} {:>8} {:>8} {:>8} {:>11}",
        "", "batch", "commits/s", "rows/s", "p50 ms", "p99 ms", "max ms", "log MiB", "cpu µs/row"
    );
    for batch in [1, 64, 256] {
        accept(batch, false);
    }
    for batch in [1, 64, 256] {
        accept(batch, true);
    }
    for batch in [1, 64, 256] {
        live(batch);
    }
    println!();
    size_of_lives();
    let dir = tempfile::tempdir().expect("a temporary directory");
    let last_seq = fill(dir.path(), open_messages);
    start::start(dir.path(), last_seq);
    look_up(dir.path(), open_messages, last_seq);
}

/// What the disk can do: appended pages, one sync each.
fn floor(path: &Path) {
    let mut file = File::create(path).expect("a file");
    let mut times: Vec<Duration> = (0..FLOOR_SYNCS)
        .map(|_| {
            let begun = Instant::now();
            file.write_all(&[0; 4_096])
                .and_then(|()| file.sync_data())
                .expect("a write");
            begun.elapsed()
        })
        .collect();
    times.sort_unstable();
    println!(
        "disk: a page appended and synced takes p50 {:.2} ms, p99 {:.2} ms\n",
        quantile_ms(&times, 0.50),
        quantile_ms(&times, 0.99)
    );
}

/// Accepted messages with different recipients, with or without keys, and the total that the gateway adds to each.
fn accept(batch: usize, with_keys: bool) {
    let mut journal = Journal::with_keys(with_keys);
    let label = if with_keys {
        "accept, keys looked up"
    } else {
        "accept"
    };
    measure(label, batch, |store| {
        if with_keys {
            let next = journal.messages + 1..;
            let keys: Vec<String> = next
                .take(batch)
                .map(|number| format!("order-{number}"))
                .collect();
            let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
            let known = store.find_keys(&keys).expect("a lookup");
            assert!(known.iter().all(Option::is_none));
        }
        for _ in 0..batch {
            journal.accept();
        }
        journal.commit(store);
        batch
    });
}

/// Whole lives: accepted, started, sent, reported, ended, with the SIM's counters and the total after each step. The
/// steps of a message are in five commits, as live; rows are the rows of messages and records.
fn live(batch: usize) {
    let mut journal = Journal::default();
    let mut stages: [Vec<(MessageSeq, Ticket)>; 3] = Default::default();
    measure("life of a message", batch, |store| {
        let rows_before = journal.rows;
        let [started, sent, reported] = &mut stages;
        for (message, _) in reported.drain(..) {
            journal.end(message);
        }
        for (message, ticket) in sent.drain(..) {
            journal.report(message, ticket);
            reported.push((message, ticket));
        }
        for (message, ticket) in started.drain(..) {
            journal.finish(message, ticket);
            sent.push((message, ticket));
        }
        for _ in 0..batch.div_ceil(5) {
            let message = journal.accept();
            started.push((message, journal.start(message)));
        }
        journal.commit(store);
        journal.rows - rows_before
    });
}

/// Runs `commit`, which makes one commit and says how many rows it wrote, until the time is over, and prints the rates,
/// the times of a commit, and how long the log became.
fn measure(label: &str, batch: usize, mut commit: impl FnMut(&mut SqliteStore) -> usize) {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let mut store = SqliteStore::open(dir.path()).expect("a new store");
    let checkpointer = Checkpointer::start(dir.path()).expect("a checkpointer");
    let mut times = Vec::new();
    let mut rows = 0;
    let mut log_octets_max = 0;
    let cpu_before = cpu_time();
    let begun = Instant::now();
    while begun.elapsed() < MEASURED {
        let begun = Instant::now();
        rows += commit(&mut store);
        times.push(begun.elapsed());
        log_octets_max = log_octets_max.max(checkpointer.health().log_octets);
    }
    let seconds = begun.elapsed().as_secs_f64();
    let cpu = cpu_time() - cpu_before;
    assert_eq!(checkpointer.health().failures, 0);
    times.sort_unstable();
    println!(
        "{label:<24} {batch:>5} {:>10.0} {:>8.0} {:>8.2} {:>8.2} {:>8.2} {:>8} {:>11.1}",
        times.len() as f64 / seconds,
        rows as f64 / seconds,
        quantile_ms(&times, 0.50),
        quantile_ms(&times, 0.99),
        quantile_ms(&times, 1.0),
        log_octets_max >> 20,
        cpu.as_secs_f64() * 1e6 / rows as f64,
    );
}

/// What whole lives take on disk: message, text, attempt, report and end, with all indexes.
fn size_of_lives() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let mut store = SqliteStore::open(dir.path()).expect("a new store");
    let checkpointer = Checkpointer::start(dir.path()).expect("a checkpointer");
    let mut journal = Journal::default();
    for number in 1..=LIVES {
        let message = journal.accept();
        let ticket = journal.start(message);
        journal.finish(message, ticket);
        journal.report(message, ticket);
        journal.end(message);
        if number % 1_000 == 0 {
            journal.commit(&mut store);
        }
    }
    drop(checkpointer);
    drop(store);
    let octets = octets_of(dir.path()) / LIVES;
    println!(
        "size: {octets} octets a message of 59 characters with all that happened to it; 30 days at 5,440 a minute: {} GB",
        octets * 5_440 * 60 * 24 * 30 / 1_000_000_000
    );
}

/// Of the database file.
fn octets_of(dir: &Path) -> u64 {
    let file = std::fs::metadata(dir.join("simfleet.db"));
    file.expect("the database").len()
}

/// Reads from the history of a store.
fn look_up(dir: &Path, open_messages: usize, last_seq: u64) {
    let history = History::open(dir).expect("the history");
    let search = |filter: Filter| history.search(&filter).map(|page| page.messages.len());
    let newest = Filter {
        limit: 50,
        ..Filter::default()
    };
    let to = |number| Filter {
        to: Some(recipient(number)),
        ..newest.clone()
    };
    time("search: a recipient, the first there was", || search(to(1)));
    time("search: a recipient, from the middle", || {
        search(to(open_messages as u64))
    });
    time("search: a recipient that none has", || {
        search(Filter {
            to: Some("+491".to_owned()),
            ..newest.clone()
        })
    });
    let failed = Filter {
        state: Some(MessageState::Failed),
        ..newest.clone()
    };
    let codes = Filter {
        class: Some(Class::Otp),
        ..newest.clone()
    };
    time("search: the newest 50", || search(newest.clone()));
    time("search: a state that none has", || search(failed.clone()));
    time("search: a class that none has, one call", || {
        search(codes.clone())
    });
    time("events: 1,000 from the middle", || {
        history
            .events(last_seq / 2, 1_000)
            .map(|page| page.events.len())
    });
}

/// Fills a store with open messages, one in ten of which is on the air, among as many that have ended; says the last
/// number.
fn fill(dir: &Path, open_messages: usize) -> u64 {
    let mut store = SqliteStore::open(dir).expect("a new store");
    let checkpointer = Checkpointer::start(dir).expect("a checkpointer");
    let mut journal = Journal::default();
    let begun = Instant::now();
    for number in 0..open_messages {
        let message = journal.accept();
        if number % 10 == 0 {
            let ticket = journal.start(message);
            journal.finish(message, ticket);
        }
        let message = journal.accept();
        let ticket = journal.start(message);
        journal.finish(message, ticket);
        journal.report(message, ticket);
        journal.end(message);
        if number % 1_000 == 999 {
            journal.commit(&mut store);
        }
    }
    journal.commit(&mut store);
    println!(
        "filled with {} rows in {:.1} s",
        journal.rows,
        begun.elapsed().as_secs_f64()
    );
    drop(checkpointer);
    drop(store);
    let size = octets_of(dir);
    println!(
        "database of {} MiB: {open_messages} open and {open_messages} ended messages, {} octets a message",
        size >> 20,
        size / (2 * open_messages as u64)
    );
    journal.seq
}

fn time<E: std::fmt::Debug>(label: &str, run: impl Fn() -> Result<usize, E>) {
    let begun = Instant::now();
    let found = run().expect("an answer");
    println!(
        "{label}: {found} in {:.2} ms",
        begun.elapsed().as_secs_f64() * 1e3
    );
}

/// What this thread has used so far; the rates suffer from whoever else uses the machine, and this does not.
fn cpu_time() -> Duration {
    let schedstat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let on_cpu_ns = schedstat
        .split(' ')
        .next()
        .and_then(|field| field.parse().ok());
    Duration::from_nanos(on_cpu_ns.unwrap_or(0))
}

fn quantile_ms(sorted: &[Duration], share: f64) -> f64 {
    let at = (sorted.len() as f64 * share) as usize;
    sorted
        .get(at)
        .or(sorted.last())
        .map_or(0.0, |time| time.as_secs_f64() * 1e3)
}

/// Messages that the replay reads.
const OPEN_MESSAGES: usize = 1_000_000;
/// Messages whose size on disk is measured.
const LIVES: u64 = 200_000;
/// Syncs that the floor is measured with.
const FLOOR_SYNCS: usize = 200;
/// How long each rate is measured.
const MEASURED: Duration = Duration::from_secs(5);
