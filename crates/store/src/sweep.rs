//! Deleting and erasing, one slice at a time: each slice is a transaction that ends after [`SLICE_TIME`].
//!
//! What is deleted is overwritten with zeros (`secure_delete`), in the database file; older copies of its page stay in the
//! log until that is emptied.

pub(crate) mod texts;

use std::time::{Duration, Instant};

use gateway::UnixMs;
use rusqlite::{Connection, Transaction, TransactionBehavior, params};

use crate::error::Fault;
use crate::retention::Size;
use crate::rows::text;
use crate::writer::KEY_REMEMBERED_MS;

/// How a slice went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Slice {
    /// Rows that were deleted or erased.
    pub(crate) swept: u64,
    /// Whether there may be more to do.
    pub(crate) more: bool,
    /// Whether it came upon events that somebody has not got yet.
    pub(crate) held: bool,
}

/// A place in the order of ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    ended_ms: i64,
    seq: i64,
}

impl Place {
    /// Until when what ended is behind it.
    pub(crate) fn ended(self) -> UnixMs {
        UnixMs(self.ended_ms)
    }
}

/// An ended message.
struct Ended {
    place: Place,
    accepted_ms: i64,
    has_key: bool,
}

/// What may be done to ended messages.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// Those that ended until then.
    pub(crate) until: UnixMs,
    /// Events up to this one have been taken by all who wait for them.
    pub(crate) taken: u64,
}

/// Deletes settled reports.
pub(crate) fn delete_reports(connection: &mut Connection, until: UnixMs) -> Result<Slice, Fault> {
    let transaction = begin(connection)?;
    let due = numbers(&transaction, SETTLED, params![until.0])?;
    let slice = each(&due, |seq| {
        transaction
            .prepare_cached("DELETE FROM kept_report WHERE seq = ?1")?
            .execute([seq])?;
        Ok(1)
    })?;
    transaction.commit()?;
    Ok(slice)
}

/// Deletes what happened to ended messages, and keeps the messages.
pub(crate) fn delete_events(connection: &mut Connection, bounds: Bounds) -> Result<Slice, Fault> {
    let transaction = begin(connection)?;
    let after = transaction.query_row(BARE, [], |row| {
        Ok(Place {
            ended_ms: row.get(0)?,
            seq: row.get(1)?,
        })
    })?;
    let due = ended(&transaction, after, bounds.until)?;
    let mut work = Work::new(&transaction, bounds.taken);
    let mut bare = after;
    let slice = each(&due, |of| {
        let swept = work.delete_records(of.place.seq)?;
        if !work.held {
            bare = of.place;
        }
        Ok(swept)
    })?;
    let slice = work.finish(slice)?;
    transaction
        .prepare_cached("UPDATE meta SET bare_ended_ms = ?1, bare_seq = ?2")?
        .execute([bare.ended_ms, bare.seq])?;
    transaction.commit()?;
    Ok(slice)
}

/// Deletes ended messages with all that is about them.
pub(crate) fn delete_messages(connection: &mut Connection, bounds: Bounds) -> Result<Slice, Fault> {
    let transaction = begin(connection)?;
    let due = ended(&transaction, Place::default(), bounds.until)?;
    let mut work = Work::new(&transaction, bounds.taken);
    let slice = each(&due, |of| {
        work.delete_records(of.place.seq)?;
        work.delete_message(of.place.seq)
    })?;
    let slice = work.finish(slice)?;
    transaction.commit()?;
    Ok(slice)
}

/// Makes room: deletes ended messages after a place, the oldest first; of those whose idempotency key is still promised to
/// be known, only what happened to them. Moves the place on. Counts messages.
pub(crate) fn make_room(
    connection: &mut Connection,
    after: &mut Place,
    bounds: Bounds,
) -> Result<Slice, Fault> {
    let transaction = begin(connection)?;
    let keys_since = bounds.until.0.saturating_sub(KEY_REMEMBERED_MS);
    let due = ended(&transaction, *after, bounds.until)?;
    let mut work = Work::new(&transaction, bounds.taken);
    let mut reached = *after;
    let slice = each(&due, |of| {
        work.delete_records(of.place.seq)?;
        let is_promised = of.has_key && of.accepted_ms >= keys_since;
        let swept = match is_promised {
            true => 0,
            false => work.delete_message(of.place.seq)?,
        };
        if !work.held {
            reached = of.place;
        }
        Ok(swept)
    })?;
    let slice = work.finish(slice)?;
    transaction.commit()?;
    *after = reached;
    Ok(slice)
}

/// Gives empty pages at the end of the file back to the disk.
pub(crate) fn give_back(connection: &mut Connection) -> Result<Slice, Fault> {
    let before = size(connection)?;
    let transaction = begin(connection)?;
    {
        let vacuum = format!("PRAGMA incremental_vacuum({VACUUM_PAGES})");
        let mut statement = transaction.prepare_cached(&vacuum)?;
        let mut rows = statement.query([])?;
        while rows.next()?.is_some() {}
    }
    transaction.commit()?;
    let after = size(connection)?;
    Ok(Slice {
        swept: before.pages.saturating_sub(after.pages),
        more: after.pages < before.pages && after.is_slack(),
        held: false,
    })
}

/// How large the file is.
pub(crate) fn size(connection: &Connection) -> Result<Size, Fault> {
    let pragma = |name| -> Result<u64, Fault> {
        let value: i64 = connection.pragma_query_value(None, name, |row| row.get(0))?;
        Ok(value.cast_unsigned())
    };
    Ok(Size {
        pages: pragma("page_count")?,
        free: pragma("freelist_count")?,
        page_octets: pragma("page_size")?,
    })
}

/// Deleting within one slice.
struct Work<'c> {
    connection: &'c Connection,
    taken: u64,
    /// The last event that was deleted.
    forgotten: i64,
    /// Whether a message was left alone because of its events; the ones after it are younger still.
    held: bool,
}

impl<'c> Work<'c> {
    fn new(connection: &'c Connection, taken: u64) -> Work<'c> {
        Work {
            connection,
            taken,
            forgotten: 0,
            held: false,
        }
    }

    fn delete_records(&mut self, message: i64) -> Result<u64, Fault> {
        let mut newest = self.connection.prepare_cached(NEWEST_EVENT)?;
        let newest: Option<i64> = newest.query_row([message], |row| row.get(0))?;
        let newest = newest.unwrap_or(message);
        self.held |= newest.cast_unsigned() > self.taken;
        if self.held {
            return Ok(0);
        }
        self.forgotten = self.forgotten.max(newest);
        let mut delete = self
            .connection
            .prepare_cached("DELETE FROM record WHERE message = ?1")?;
        Ok(delete.execute([message])? as u64)
    }

    fn delete_message(&mut self, message: i64) -> Result<u64, Fault> {
        if self.held {
            return Ok(0);
        }
        text::overwrite(self.connection, message)?;
        let mut delete = self
            .connection
            .prepare_cached("DELETE FROM message WHERE seq = ?1")?;
        Ok(delete.execute([message])? as u64)
    }

    /// Notes which events are gone, in the same transaction.
    fn finish(&self, slice: Slice) -> Result<Slice, Fault> {
        let mut note = self
            .connection
            .prepare_cached("UPDATE meta SET forgotten_seq = ?1 WHERE forgotten_seq < ?1")?;
        note.execute([self.forgotten])?;
        Ok(Slice {
            more: slice.more && !self.held,
            held: self.held,
            ..slice
        })
    }
}

fn begin(connection: &mut Connection) -> Result<Transaction<'_>, Fault> {
    Ok(connection.transaction_with_behavior(TransactionBehavior::Immediate)?)
}

/// Does something to each, until the time of a slice is over.
fn each<T>(due: &[T], mut work: impl FnMut(&T) -> Result<u64, Fault>) -> Result<Slice, Fault> {
    let begun = Instant::now();
    let mut slice = Slice {
        more: due.len() == SLICE_MAX,
        ..Slice::default()
    };
    for of in due {
        slice.swept += work(of)?;
        if begun.elapsed() >= SLICE_TIME {
            slice.more = true;
            break;
        }
    }
    Ok(slice)
}

fn numbers(
    connection: &Connection,
    query: &str,
    values: &[&dyn rusqlite::ToSql],
) -> Result<Vec<i64>, Fault> {
    let mut statement = connection.prepare_cached(query)?;
    let rows = statement.query_map(values, |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn ended(connection: &Connection, after: Place, until: UnixMs) -> Result<Vec<Ended>, Fault> {
    let mut statement = connection.prepare_cached(ENDED)?;
    let rows = statement.query_map([after.ended_ms, after.seq, until.0], |row| {
        Ok(Ended {
            place: Place {
                ended_ms: row.get(0)?,
                seq: row.get(1)?,
            },
            accepted_ms: row.get(2)?,
            has_key: row.get(3)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(crate) const SETTLED: &str = "SELECT seq FROM kept_report INDEXED BY kept_report_settled \
     WHERE settled_ms IS NOT NULL AND settled_ms <= ?1 ORDER BY settled_ms LIMIT 64";

pub(crate) const ENDED: &str = "SELECT ended_ms, seq, accepted_ms, key IS NOT NULL FROM message INDEXED BY message_ended \
     WHERE ended_ms IS NOT NULL AND (ended_ms, seq) > (?1, ?2) AND ended_ms <= ?3 ORDER BY ended_ms, seq LIMIT 64";

pub(crate) const NEWEST_EVENT: &str =
    "SELECT max(seq) FROM record WHERE message = ?1 AND state IS NOT NULL";

const BARE: &str = "SELECT bare_ended_ms, bare_seq FROM meta";

/// Rows that a slice looks at; the same number stands in the queries above.
pub(crate) const SLICE_MAX: usize = 64;
/// How long a slice may keep the writer waiting, about.
pub(crate) const SLICE_TIME: Duration = Duration::from_millis(4);
/// Pages moved or cut off by one slice.
const VACUUM_PAGES: u32 = 64;
