//! The one writer: every commit is one transaction and one sync to disk.
//!
//! It blocks, so it lives on the core thread. It leaves checkpoints to another thread as long as that one keeps up
//! (see `log`). It decides nothing: entries that contradict themselves are the caller's bug and panic.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gateway::{Entry, Handed, KnownKey, KnownMessage, MessageId, MessageSeq, Store, UnixMs};
use rusqlite::{Connection, TransactionBehavior};

use crate::changes::Changes;
use crate::error::{Fault, OpenError, StoreError};
use crate::lock::Lock;
use crate::replay;
use crate::rows::absolute::{self, Last};
use crate::rows::{message, text};
use crate::{file, log, schema};

/// The gateway's records in a SQLite database of their own, locked against other daemons.
#[derive(Debug)]
pub struct SqliteStore {
    // Closed before the lock is let go: fields are dropped in their order.
    connection: Connection,
    path: PathBuf,
    last: Last,
    turn: WriteTurn,
    /// Entries written since the log was last looked at.
    unlooked: usize,
    _lock: Lock,
}

/// The right to write, which the store and the sweeper hand to each other.
#[derive(Clone, Debug, Default)]
pub(crate) struct WriteTurn(Arc<Mutex<()>>);

impl WriteTurn {
    pub(crate) fn take(&self) -> MutexGuard<'_, ()> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SqliteStore {
    /// Opens the store in a state directory; makes directory and store if they are missing.
    ///
    /// # Errors
    /// If another process has it, a newer program wrote it, it is damaged, or the system refuses something.
    pub fn open(dir: &Path) -> Result<SqliteStore, OpenError> {
        file::make_dir(dir)?;
        let lock = Lock::take(&file::lock(dir))?;
        let path = file::database(dir);
        let connection = file::open_writer(dir, schema::VERSIONS)?;
        let last = replay::probe(&connection).map_err(|fault| fault.opening(&path))?;
        Ok(SqliteStore {
            connection,
            path,
            last,
            turn: WriteTurn::default(),
            unlooked: 0,
            _lock: lock,
        })
    }

    /// A further connection that writes, whenever it has the turn.
    pub(crate) fn open_beside(&self) -> Result<Connection, OpenError> {
        let dir = self.path.parent().expect("the database is in a directory");
        file::open_sweeper(dir)
    }

    pub(crate) fn write_turn(&self) -> WriteTurn {
        self.turn.clone()
    }

    /// The database file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// For tests that put into the database what a store never would.
    #[cfg(test)]
    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }

    fn write(&mut self, entries: &[Entry]) -> Result<(), Fault> {
        let Some(newest) = entries.last() else {
            return Ok(());
        };
        let last = Last {
            seq: newest.seq,
            at: newest.at,
        };
        let turn = self.turn.take();
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut changes = Changes::default();
        let mut seq_before = self.last.seq;
        for entry in entries {
            check_sequence(entry, seq_before);
            seq_before = entry.seq;
            changes.add(&transaction, entry)?;
        }
        changes.write(&transaction)?;
        absolute::write_last(&transaction, last)?;
        transaction.commit()?;
        drop(turn);
        self.last = last;
        self.unlooked += entries.len();
        if self.unlooked >= LOOK_AFTER {
            self.unlooked = 0;
            // The entries are durable; what fails here fails on the checkpointer too, which tells of it.
            let _ = log::relieve(&self.connection);
        }
        Ok(())
    }
}

impl Store for SqliteStore {
    type Error = StoreError;

    fn commit(&mut self, entries: &[Entry]) -> Result<(), StoreError> {
        self.write(entries).map_err(|fault| fault.using(&self.path))
    }

    /// Remembers keys while their messages live, and for [`KEY_REMEMBERED_MS`] before the last committed record.
    fn find_keys(&mut self, keys: &[&str]) -> Result<Vec<Option<KnownKey>>, StoreError> {
        let since = UnixMs(self.last.at.0.saturating_sub(KEY_REMEMBERED_MS));
        message::find_keys(&mut self.connection, keys, since)
            .map_err(|fault| fault.using(&self.path))
    }

    fn find_id(&mut self, id: MessageId) -> Result<Option<KnownMessage>, StoreError> {
        message::find_id(&self.connection, id).map_err(|fault| fault.using(&self.path))
    }

    fn texts(&mut self, of: &[MessageSeq]) -> Result<Vec<Box<str>>, StoreError> {
        text::read(&self.connection, of).map_err(|fault| fault.using(&self.path))
    }

    fn accepted_since(
        &mut self,
        since: UnixMs,
        each: &mut dyn FnMut(Handed),
    ) -> Result<(), StoreError> {
        message::accepted_since(&self.connection, since, each)
            .map_err(|fault| fault.using(&self.path))
    }

    /// Gives the absolute records first, and then all others in their order; messages without their texts.
    fn replay(&mut self, apply: &mut dyn FnMut(Entry)) -> Result<u64, StoreError> {
        replay::replay(&mut self.connection, apply).map_err(|fault| fault.using(&self.path))?;
        Ok(self.last.seq)
    }

    fn past(&mut self, apply: &mut dyn FnMut(Entry)) -> Result<UnixMs, StoreError> {
        let after = self.last.seq.saturating_sub(replay::PAST_SEQS);
        replay::past(&self.connection, after, apply).map_err(|fault| fault.using(&self.path))
    }
}

fn check_sequence(entry: &Entry, seq_before: u64) {
    assert!(
        entry.seq > seq_before && i64::try_from(entry.seq).is_ok(),
        "record {} follows record {seq_before}",
        entry.seq
    );
}

/// Entries between two looks at the log: to look takes as long as to write an entry or two, and this many fill some hundredths
/// of what it may hold.
const LOOK_AFTER: usize = 64;

/// How long an idempotency key is remembered after its message was accepted: 7 days, as the API promises.
pub const KEY_REMEMBERED_MS: i64 = 7 * 24 * 60 * 60 * 1000;
