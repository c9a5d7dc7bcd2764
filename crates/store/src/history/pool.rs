//! A fixed number of reading connections, lent out one at a time.
//!
//! Not a queue: who finds none free waits for one of them, whichever its turn is.

use std::fmt;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};

use rusqlite::Connection;

use crate::error::OpenError;
use crate::file;

pub(super) struct Pool {
    connections: Vec<Mutex<Connection>>,
    turn: AtomicUsize,
}

impl Pool {
    pub(super) fn open(dir: &Path) -> Result<Pool, OpenError> {
        let connections = (0..CONNECTIONS).map(|_| file::open_reader(dir).map(Mutex::new));
        Ok(Pool {
            connections: connections.collect::<Result<_, _>>()?,
            turn: AtomicUsize::new(0),
        })
    }

    /// A connection that nobody else uses until the guard is dropped.
    pub(super) fn take(&self) -> MutexGuard<'_, Connection> {
        let mut free = self.connections.iter().map(Mutex::try_lock);
        if let Some(connection) = free.find_map(unless_blocked) {
            return connection;
        }
        let turn = self.turn.fetch_add(1, Ordering::Relaxed) % self.connections.len();
        self.connections[turn]
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pool({})", self.connections.len())
    }
}

/// A reader that panicked left no state behind: its transaction was rolled back on the way.
fn unless_blocked<T>(attempt: Result<T, TryLockError<T>>) -> Option<T> {
    match attempt {
        Ok(guard) => Some(guard),
        Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
        Err(TryLockError::WouldBlock) => None,
    }
}

/// One for the event streams and one for everything else; more would not be faster on the hosts this runs on.
const CONNECTIONS: usize = 2;
