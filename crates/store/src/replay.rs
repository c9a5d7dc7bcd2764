//! Reading back what still matters, as a stream in the order of the records.
//!
//! ```text
//!  thread of its own:  message ─┐
//!                      record ──┼─ merge by number ─ batches ─► caller's thread: apply
//!                      kept ────┘
//! ```
//!
//! Three tables are read at once, each in its order, and merged; nothing is looked up per message and only the numbers of
//! open messages' records are held in memory. Texts stay where they are. With a million open messages, reading takes about
//! as long as applying: so one thread reads while the other applies.

use std::collections::HashSet;
use std::sync::mpsc::{self, SyncSender};
use std::thread;

use gateway::{Entry, UnixMs};
use rusqlite::{Connection, Row, Rows};

use crate::error::Fault;
use crate::rows::absolute::{self, Last};
use crate::rows::{kept, message, record, text};

/// Gives the absolute records, and then accepted messages, their records and kept reports in their order.
pub(crate) fn replay(
    connection: &mut Connection,
    apply: &mut dyn FnMut(Entry),
) -> Result<(), Fault> {
    for entry in absolute::entries(connection)? {
        apply(entry);
    }
    thread::scope(|scope| {
        let (batches, read) = mpsc::sync_channel(BATCHES_AHEAD);
        let reading = scope.spawn(move || read_open(connection, &batches));
        read.into_iter().flatten().for_each(apply);
        reading.join().expect("reading does not panic")
    })
}

/// Sends what is open, in the order of the records, until all is sent or nobody takes it.
fn read_open(connection: &Connection, batches: &SyncSender<Vec<Entry>>) -> Result<(), Fault> {
    let mut messages = connection.prepare_cached(&open_messages())?;
    let mut records = connection.prepare_cached(&open_records())?;
    let mut kept_reports = connection.prepare_cached(&open_reports())?;
    let mut sources = [
        Source::new(messages.query([])?, message::accepted)?,
        Source::new(records.query([])?, record::entry)?,
        Source::new(kept_reports.query([])?, kept::entry)?,
    ];
    let mut batch = Vec::with_capacity(BATCH);
    while let Some(source) = first(&mut sources) {
        batch.extend(source.take()?);
        if batch.len() == BATCH && batches.send(std::mem::take(&mut batch)).is_err() {
            return Ok(());
        }
    }
    // Whoever does not take the last batch has panicked, and needs it no more.
    let _ = batches.send(batch);
    Ok(())
}

/// Gives the entries of ended messages that are numbered above `after`: first the one that accepted each, whatever its
/// number, then its records in their order. Returns since when none is missing.
pub(crate) fn past(
    connection: &Connection,
    after: u64,
    apply: &mut dyn FnMut(Entry),
) -> Result<UnixMs, Fault> {
    let behind = absolute::forgotten(connection)?.max(after);
    let mut messages = connection.prepare_cached(&message_by_seq())?;
    let mut records = connection.prepare_cached(&past_records())?;
    let mut rows = records.query([behind.cast_signed()])?;
    let mut seen = HashSet::new();
    while let Some(row) = rows.next()? {
        let entry = record::entry(row)?;
        if let Some(about) = entry.record.message(entry.seq)
            && seen.insert(about)
        {
            let mut found = messages.query([about.0.cast_signed()])?;
            if let Some(row) = found.next()? {
                apply(message::accepted(row)?);
            }
        }
        apply(entry);
    }
    if behind == 0 {
        return Ok(UnixMs(i64::MIN));
    }
    let mut first = connection.prepare_cached(FIRST_AFTER)?;
    let mut rows = first.query([behind.cast_signed()])?;
    match rows.next()? {
        Some(row) => Ok(UnixMs(row.get(0)?)),
        None => Ok(absolute::last(connection)?.at),
    }
}

/// Finds out whether all tables and columns are there, almost without reading rows; gives the last number.
pub(crate) fn probe(connection: &Connection) -> Result<Last, Fault> {
    let last = absolute::last(connection)?;
    absolute::probe(connection)?;
    for query in [
        open_messages(),
        open_records(),
        open_reports(),
        past_records(),
        text::READ.to_owned(),
    ] {
        connection.prepare_cached(&query)?;
    }
    Ok(last)
}

/// One table being read, with the entry that comes next.
struct Source<'s> {
    rows: Rows<'s>,
    read: fn(&Row<'_>) -> Result<Entry, Fault>,
    next: Option<Entry>,
}

impl<'s> Source<'s> {
    fn new(rows: Rows<'s>, read: fn(&Row<'_>) -> Result<Entry, Fault>) -> Result<Self, Fault> {
        let mut source = Source {
            rows,
            read,
            next: None,
        };
        source.take()?;
        Ok(source)
    }

    /// Gives the next entry and reads the one after it.
    fn take(&mut self) -> Result<Option<Entry>, Fault> {
        let following = self.rows.next()?.map(self.read).transpose()?;
        Ok(std::mem::replace(&mut self.next, following))
    }
}

/// The source whose next entry has the lowest number.
fn first<'a, 's>(sources: &'a mut [Source<'s>; 3]) -> Option<&'a mut Source<'s>> {
    let waiting = sources.iter_mut().filter(|source| source.next.is_some());
    waiting.min_by_key(|source| source.next.as_ref().map(|entry| entry.seq))
}

pub(crate) fn past_records() -> String {
    format!(
        "SELECT {} FROM record r CROSS JOIN message m ON m.seq = r.message \
         WHERE r.seq > ?1 AND m.ended_ms IS NOT NULL AND m.report ORDER BY r.seq",
        record::COLUMNS
    )
}

pub(crate) fn message_by_seq() -> String {
    format!(
        "SELECT {} FROM message WHERE seq = ?1",
        message::COLUMNS_TEXTLESS
    )
}

pub(crate) fn open_messages() -> String {
    format!(
        "SELECT {} FROM message INDEXED BY message_open WHERE ended_ms IS NULL ORDER BY seq",
        message::COLUMNS_TEXTLESS
    )
}

pub(crate) fn open_reports() -> String {
    format!(
        "SELECT {} FROM kept_report INDEXED BY kept_report_open WHERE settled_seq IS NULL ORDER BY seq",
        kept::COLUMNS
    )
}

pub(crate) fn open_records() -> String {
    format!(
        "SELECT {} FROM record r CROSS JOIN message m ON m.seq = r.message \
         WHERE r.seq IN (SELECT theirs.seq FROM message open INDEXED BY message_open \
                         CROSS JOIN record theirs INDEXED BY record_message ON theirs.message = open.seq \
                         WHERE open.ended_ms IS NULL) \
         ORDER BY r.seq",
        record::COLUMNS
    )
}

pub(crate) const FIRST_AFTER: &str = "SELECT at_ms FROM record WHERE seq > ?1 ORDER BY seq LIMIT 1";

/// Numbers of records that are read for the past at a start: about as many as fill the gateway's memory of it at the
/// headline load, and some tenths of a second.
pub(crate) const PAST_SEQS: u64 = 300_000;

/// Entries handed over at a time: enough to make handing over cheap.
const BATCH: usize = 512;
/// Batches that may wait for the thread that applies: some megabytes.
const BATCHES_AHEAD: usize = 16;
