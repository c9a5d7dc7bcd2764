//! How far each webhook has come in the event sequence, and the events that it would never take.
//!
//! ```text
//! state_dir/webhooks.db    cursor (webhook, seq)        everything up to seq was delivered, or is in `dead`
//!                          dead (webhook, seq, event)   dead letters, until they are delivered after all
//! ```
//!
//! A file of its own, so that no webhook ever waits for the gateway's commits, nor the gateway for a webhook. A cursor that
//! is lost in a power cut is only older: events are delivered at least once.

use std::fs::OpenOptions;
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use gateway::UnixMs;
use rusqlite::{Connection, OpenFlags, OptionalExtension, TransactionBehavior, params};

use crate::error::{Fault, OpenError, StoreError};
use crate::file;

/// Cursors and dead letters of all webhooks. One owner; every call blocks for as long as the disk takes.
#[derive(Debug)]
pub struct Deliveries {
    connection: Connection,
    path: PathBuf,
}

/// An event that a webhook would not take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadLetter {
    /// Its number in the event sequence.
    pub seq: u64,
    /// When it was given up.
    pub at: UnixMs,
    /// Why, in words for an operator; holds nothing of the event.
    pub reason: Box<str>,
    /// The event as JSON.
    pub event: Box<str>,
}

impl Deliveries {
    /// Opens the file in a state directory; makes it if it is missing.
    ///
    /// # Errors
    /// If it is damaged, of a newer version, or the system refuses something.
    pub fn open(dir: &Path) -> Result<Deliveries, OpenError> {
        let path = dir.join("webhooks.db");
        make(&path)?;
        let connection = connect(&path).map_err(|fault| fault.opening(&path))?;
        Deliveries::set_up(connection, path)
    }

    fn set_up(mut connection: Connection, path: PathBuf) -> Result<Deliveries, OpenError> {
        let opening = |fault: Fault| fault.opening(&path);
        let version = prepare(&mut connection).map_err(opening)?;
        if version > VERSION {
            return Err(OpenError::Newer {
                path,
                found: version,
                supported: VERSION,
            });
        }
        Ok(Deliveries { connection, path })
    }

    /// The number of the last event that a webhook is done with; `None` for a new webhook.
    ///
    /// # Errors
    /// If the file can't be read.
    pub fn cursor(&self, webhook: &str) -> Result<Option<u64>, StoreError> {
        self.asking(|connection| {
            let mut statement =
                connection.prepare_cached("SELECT seq FROM cursor WHERE webhook = ?1")?;
            let seq: Option<i64> = statement
                .query_row([webhook], |row| row.get(0))
                .optional()?;
            Ok(seq.map(i64::cast_unsigned))
        })
    }

    /// Notes that a webhook is done with all events up to `seq`; of these, `dead` were given up.
    ///
    /// # Errors
    /// If the file can't be written; then nothing is noted.
    pub fn advance(
        &mut self,
        webhook: &str,
        seq: u64,
        dead: &[DeadLetter],
    ) -> Result<(), StoreError> {
        self.changing(|connection| {
            connection
                .prepare_cached("INSERT OR REPLACE INTO cursor VALUES (?1, ?2)")?
                .execute(params![webhook, seq.cast_signed()])?;
            bury(connection, webhook, dead)
        })
    }

    /// Replaces dead letters, after they were refused once more.
    ///
    /// # Errors
    /// If the file can't be written; then nothing is changed.
    pub fn bury(&mut self, webhook: &str, dead: &[DeadLetter]) -> Result<(), StoreError> {
        self.changing(|connection| bury(connection, webhook, dead))
    }

    /// Forgets dead letters that were delivered after all.
    ///
    /// # Errors
    /// If the file can't be written; then none is forgotten.
    pub fn revived(&mut self, webhook: &str, seqs: &[u64]) -> Result<(), StoreError> {
        self.changing(|connection| {
            let mut statement =
                connection.prepare_cached("DELETE FROM dead WHERE webhook = ?1 AND seq = ?2")?;
            for seq in seqs {
                statement.execute(params![webhook, seq.cast_signed()])?;
            }
            Ok(())
        })
    }

    /// Forgets the oldest dead letters of a webhook but for so many; says how many went.
    ///
    /// # Errors
    /// If the file can't be written; then none is forgotten.
    pub fn forget_oldest(&mut self, webhook: &str, keep: u64) -> Result<u64, StoreError> {
        let keep = i64::try_from(keep).unwrap_or(i64::MAX);
        self.changing(|connection| {
            let mut statement = connection.prepare_cached(FORGET_OLDEST)?;
            Ok(statement.execute(params![webhook, keep])? as u64)
        })
    }

    /// Dead letters of a webhook after event `after`, oldest first, at most `limit`.
    ///
    /// # Errors
    /// If the file can't be read.
    pub fn dead(
        &self,
        webhook: &str,
        after: u64,
        limit: usize,
    ) -> Result<Vec<DeadLetter>, StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.asking(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT seq, at_ms, reason, event FROM dead WHERE webhook = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3",
            )?;
            let rows = statement.query_map(params![webhook, after.cast_signed(), limit], |row| {
                Ok(DeadLetter {
                    seq: row.get::<_, i64>(0)?.cast_unsigned(),
                    at: UnixMs(row.get(1)?),
                    reason: row.get::<_, String>(2)?.into(),
                    event: row.get::<_, String>(3)?.into(),
                })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// How many dead letters a webhook has.
    ///
    /// # Errors
    /// If the file can't be read.
    pub fn dead_count(&self, webhook: &str) -> Result<u64, StoreError> {
        self.asking(|connection| {
            let mut statement =
                connection.prepare_cached("SELECT count(*) FROM dead WHERE webhook = ?1")?;
            let count: i64 = statement.query_row([webhook], |row| row.get(0))?;
            Ok(count.cast_unsigned())
        })
    }

    fn asking<T>(
        &self,
        ask: impl FnOnce(&Connection) -> Result<T, Fault>,
    ) -> Result<T, StoreError> {
        ask(&self.connection).map_err(|fault| fault.using(&self.path))
    }

    fn changing<T>(
        &mut self,
        change: impl FnOnce(&Connection) -> Result<T, Fault>,
    ) -> Result<T, StoreError> {
        let changed = in_one(&mut self.connection, change);
        changed.map_err(|fault| fault.using(&self.path))
    }
}

/// Makes the file if it is missing, for its owner alone: events say who sent what when.
fn make(path: &Path) -> Result<(), OpenError> {
    let mut options = OpenOptions::new();
    let made = options.write(true).create_new(true).mode(0o600).open(path);
    match made {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(OpenError::Io {
            path: path.to_owned(),
            source: error,
        }),
        Ok(_) | Err(_) => Ok(()),
    }
}

fn connect(path: &Path) -> Result<Connection, Fault> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(file::BUSY_MAX)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // A lost cursor is delivered again; a torn file is not to be feared with either setting.
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    Ok(connection)
}

/// Makes the tables in a new file, and tells the file's version.
fn prepare(connection: &mut Connection) -> Result<i64, Fault> {
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if version == 0 {
        in_one(connection, |connection| {
            connection.execute_batch(SCHEMA)?;
            connection.pragma_update(None, "user_version", VERSION)?;
            Ok(())
        })?;
        return Ok(VERSION);
    }
    Ok(version)
}

fn in_one<T>(
    connection: &mut Connection,
    change: impl FnOnce(&Connection) -> Result<T, Fault>,
) -> Result<T, Fault> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let value = change(&transaction)?;
    transaction.commit()?;
    Ok(value)
}

fn bury(connection: &Connection, webhook: &str, dead: &[DeadLetter]) -> Result<(), Fault> {
    let mut statement =
        connection.prepare_cached("INSERT OR REPLACE INTO dead VALUES (?1, ?2, ?3, ?4, ?5)")?;
    for letter in dead {
        let DeadLetter {
            seq,
            at,
            reason,
            event,
        } = letter;
        statement.execute(params![webhook, seq.cast_signed(), at.0, reason, event])?;
    }
    Ok(())
}

const FORGET_OLDEST: &str = "DELETE FROM dead WHERE webhook = ?1 AND seq <= \
     (SELECT seq FROM dead WHERE webhook = ?1 ORDER BY seq DESC LIMIT 1 OFFSET ?2)";

const VERSION: i64 = 1;

const SCHEMA: &str = "
CREATE TABLE cursor (
    webhook TEXT PRIMARY KEY,
    seq     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE dead (
    webhook TEXT NOT NULL,
    seq     INTEGER NOT NULL,
    at_ms   INTEGER NOT NULL,
    reason  TEXT NOT NULL,
    event   TEXT NOT NULL,
    PRIMARY KEY (webhook, seq)
) STRICT, WITHOUT ROWID;
";
