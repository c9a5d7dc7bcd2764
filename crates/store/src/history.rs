//! What the API reads: one message's story, searches, and the event stream, on connections that only read.
//!
//! Every call is one short read transaction, so that no reader keeps the log from being emptied: a search that finds little
//! stops after [`SEARCH_TIME_MAX`] and hands back where it got to. Calls block; an async caller runs them on a thread for
//! blocking work.

pub(crate) mod events;
mod pool;
pub(crate) mod search;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use gateway::{EndReason, Entry, Message, MessageId, MessageSeq, MessageState, UnixMs};
use rusqlite::{Connection, Row};

pub use events::{EVENTS_MAX, EventPage, StoredEvent};
pub use search::{Filter, PAGE_MAX, Page, SEARCH_TIME_MAX};

use self::search::Reach;
use crate::error::{Fault, OpenError, StoreError};
use crate::rows::message::Erased;
use crate::rows::{absolute, message, record, suppression};
use crate::{file, replay};
use pool::Pool;

/// Read access to a store for any number of threads; cheap to clone.
#[derive(Clone, Debug)]
pub struct History {
    pool: Arc<Pool>,
    path: Arc<PathBuf>,
}

/// A message, as it was accepted and as it stands now.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// Number of the record that accepted it.
    pub seq: MessageSeq,
    /// When it became durable.
    pub accepted: UnixMs,
    /// What was accepted.
    pub message: Message,
    /// Its state now.
    pub state: MessageState,
    /// When it ended.
    pub ended: Option<UnixMs>,
    /// Why it ended.
    pub reason: Option<EndReason>,
    /// Whether its text is gone.
    pub erased: Option<Erased>,
}

/// A message and everything that happened to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Story {
    /// Number of the record that accepted it.
    pub seq: MessageSeq,
    /// When it became durable.
    pub accepted: UnixMs,
    /// What was accepted.
    pub message: Message,
    /// Its state now.
    pub state: MessageState,
    /// When it ended.
    pub ended: Option<UnixMs>,
    /// Why it ended.
    pub reason: Option<EndReason>,
    /// Whether its text is gone.
    pub erased: Option<Erased>,
    /// All of its records in their order, the first being the one that accepted it.
    pub entries: Vec<Entry>,
}

impl History {
    /// Opens the store in a state directory, which a [`crate::SqliteStore`] has made.
    ///
    /// # Errors
    /// If there is no store, another version wrote it, it is damaged, or the system refuses something.
    pub fn open(dir: &Path) -> Result<History, OpenError> {
        let path = file::database(dir);
        let pool = Pool::open(dir)?;
        replay::probe(&pool.take()).map_err(|fault| fault.opening(&path))?;
        Ok(History {
            pool: Arc::new(pool),
            path: Arc::new(path),
        })
    }

    /// A message's whole story; `None` if no message has this id.
    ///
    /// # Errors
    /// If the store can't be read.
    pub fn message(&self, id: MessageId) -> Result<Option<Story>, StoreError> {
        self.read(|connection| story(connection, id))
    }

    /// A page of messages, newest first.
    ///
    /// # Errors
    /// If the store can't be read.
    pub fn search(&self, filter: &Filter) -> Result<Page, StoreError> {
        self.read(|connection| search::search(connection, filter, &Reach::default()))
    }

    /// What became of messages after the record `after`: all records that say where a message stands, in their order, at
    /// most `limit` and [`EVENTS_MAX`] of them, as far as they are still kept.
    ///
    /// # Errors
    /// If the store can't be read.
    pub fn events(&self, after: u64, limit: usize) -> Result<EventPage, StoreError> {
        self.read(|connection| {
            Ok(EventPage {
                events: events::events(connection, after, limit)?,
                whole_after: absolute::forgotten(connection)?,
            })
        })
    }

    /// Recipients on the suppression list that come after this one, in their order, `limit` at most.
    ///
    /// # Errors
    /// If the store can't be read.
    pub fn suppressions(&self, after: &str, limit: usize) -> Result<Vec<Entry>, StoreError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(suppression::AFTER)?;
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            let mut rows = statement.query((after, limit))?;
            let mut entries = Vec::new();
            while let Some(row) = rows.next()? {
                entries.push(suppression::entry(row)?);
            }
            Ok(entries)
        })
    }

    /// Number of the last record that was committed.
    ///
    /// # Errors
    /// If the store can't be read.
    pub fn last_seq(&self) -> Result<u64, StoreError> {
        self.read(|connection| Ok(absolute::last(connection)?.seq))
    }

    /// Runs `query` on one snapshot of the store.
    fn read<T>(
        &self,
        query: impl FnOnce(&Connection) -> Result<T, Fault>,
    ) -> Result<T, StoreError> {
        let connection = self.pool.take();
        let answer = match connection.unchecked_transaction() {
            Ok(snapshot) => query(&snapshot),
            Err(error) => Err(error.into()),
        };
        answer.map_err(|fault| fault.using(&self.path))
    }
}

fn story(connection: &Connection, id: MessageId) -> Result<Option<Story>, Fault> {
    let mut statement = connection.prepare_cached(&message_by_id())?;
    let mut rows = statement.query([id.0.as_bytes()])?;
    let Some(row) = rows.next()? else {
        return Ok(None);
    };
    let Summary {
        seq,
        accepted,
        message,
        state,
        ended,
        reason,
        erased,
    } = summary(row)?;
    let mut entries = vec![message::accepted_entry(seq, accepted, message.clone())];
    let mut statement = connection.prepare_cached(&records_of_message())?;
    let mut rows = statement.query([seq.0.cast_signed()])?;
    while let Some(row) = rows.next()? {
        entries.push(record::entry(row)?);
    }
    Ok(Some(Story {
        seq,
        accepted,
        message,
        state,
        ended,
        reason,
        erased,
        entries,
    }))
}

/// Reads a row of [`message::COLUMNS`].
fn summary(row: &Row<'_>) -> Result<Summary, Fault> {
    let present = message::present(row)?;
    Ok(Summary {
        seq: present.seq,
        accepted: present.accepted,
        message: message::message(row)?,
        state: present.state,
        ended: present.ended,
        reason: present.reason,
        erased: present.erased,
    })
}

pub(crate) fn message_by_id() -> String {
    format!("SELECT {} FROM message WHERE id = ?1", message::COLUMNS)
}

pub(crate) fn records_of_message() -> String {
    format!(
        "SELECT {} FROM record r CROSS JOIN message m ON m.seq = r.message WHERE r.message = ?1 ORDER BY r.seq",
        record::COLUMNS
    )
}
