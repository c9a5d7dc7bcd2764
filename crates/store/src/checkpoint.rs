//! Copies the log into the database, on a thread and a connection of its own, so that no commit ever waits for it.
//!
//! ```text
//!  every 500 ms   PASSIVE    copies what it can; disturbs nobody
//!  log > 64 MiB   RESTART    makes the writer begin the log anew; the writer may wait for some milliseconds
//!  quiet for 5 s  TRUNCATE   empties the log file
//! ```
//!
//! Without the second, a writer that never pauses would grow the log for ever: a passive checkpoint can't reuse what is
//! written behind its back. Both give up after [`WRITER_HELD_MAX`] if a reader is in the way, and try again.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rusqlite::Connection;

use crate::error::OpenError;
use crate::file;

/// The thread that checkpoints; it ends when this is dropped.
#[derive(Debug)]
pub struct Checkpointer {
    stop: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
    state: Arc<State>,
}

/// How checkpointing goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CheckpointHealth {
    /// Octets of the log in use, at the last look.
    pub log_octets: u64,
    /// Checkpoints that failed; one that gave way to a reader is none.
    pub failures: u64,
    /// What the last failure said.
    pub last_error: Option<String>,
}

impl Checkpointer {
    /// Starts checkpointing the store in a state directory, which a [`crate::SqliteStore`] has made.
    ///
    /// # Errors
    /// If there is no store, another version wrote it, it is damaged, or the system refuses something.
    pub fn start(dir: &Path) -> Result<Checkpointer, OpenError> {
        let log = Log::open(dir)?;
        let state = Arc::new(State::default());
        let (stop, stopped) = mpsc::sync_channel(1);
        let theirs = Arc::clone(&state);
        let thread = thread::Builder::new()
            .name("checkpoint".to_owned())
            .spawn(move || run(&log, &stopped, &theirs))
            .map_err(|source| OpenError::Io {
                path: file::database(dir),
                source,
            })?;
        Ok(Checkpointer {
            stop: Some(stop),
            thread: Some(thread),
            state,
        })
    }

    /// How it goes.
    pub fn health(&self) -> CheckpointHealth {
        CheckpointHealth {
            log_octets: self.state.log_octets.load(Ordering::Relaxed),
            failures: self.state.failures.load(Ordering::Relaxed),
            last_error: self.state.last_error().clone(),
        }
    }

    /// Ends the thread, after one last checkpoint.
    pub fn stop(self) {
        drop(self);
    }
}

impl Drop for Checkpointer {
    fn drop(&mut self) {
        self.stop.take();
        if let Some(thread) = self.thread.take() {
            // A panic in there has been printed; there is nothing left to save.
            let _ = thread.join();
        }
    }
}

/// What the thread tells of itself.
#[derive(Debug, Default)]
struct State {
    log_octets: AtomicU64,
    failures: AtomicU64,
    last_error: Mutex<Option<String>>,
}

impl State {
    fn last_error(&self) -> std::sync::MutexGuard<'_, Option<String>> {
        self.last_error
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn failed(&self, error: &rusqlite::Error) {
        self.failures.fetch_add(1, Ordering::Relaxed);
        *self.last_error() = Some(error.to_string());
    }
}

/// How much is in the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Frames {
    /// Pages in the log.
    pub(crate) logged: u64,
    /// Of these, copied to the database.
    pub(crate) copied: u64,
}

/// What is to be done about the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Passive,
    Restart,
    Truncate,
}

/// Decides when to do more than a passive checkpoint. Knows no clock: it is asked once a period.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    before: Frames,
    quiet_periods: u32,
}

impl Pace {
    /// What to do after a passive checkpoint left the log like this.
    pub(crate) fn next(&mut self, now: Frames) -> Option<Mode> {
        let is_quiet = now == self.before && now.logged > 0;
        self.quiet_periods = if is_quiet { self.quiet_periods + 1 } else { 0 };
        self.before = now;
        if self.quiet_periods >= QUIET_PERIODS {
            self.quiet_periods = 0;
            return Some(Mode::Truncate);
        }
        (now.logged > LOG_FRAMES_MAX).then_some(Mode::Restart)
    }
}

/// The log of a store.
pub(crate) struct Log {
    connection: Connection,
    page_octets: u64,
}

impl Log {
    pub(crate) fn open(dir: &Path) -> Result<Log, OpenError> {
        let connection = file::open_checkpointer(dir)?;
        let sqlite_error = |source| OpenError::Sqlite {
            path: file::database(dir),
            source,
        };
        connection
            .busy_timeout(WRITER_HELD_MAX)
            .map_err(sqlite_error)?;
        let page_octets: u32 = connection
            .pragma_query_value(None, "page_size", |row| row.get(0))
            .map_err(sqlite_error)?;
        Ok(Log {
            connection,
            page_octets: u64::from(page_octets),
        })
    }

    /// Checkpoints, and says what is in the log after it. A reader or writer in the way is no error.
    pub(crate) fn checkpoint(&self, mode: Mode) -> Result<Frames, rusqlite::Error> {
        let pragma = match mode {
            Mode::Passive => "PRAGMA wal_checkpoint(PASSIVE)",
            Mode::Restart => "PRAGMA wal_checkpoint(RESTART)",
            Mode::Truncate => "PRAGMA wal_checkpoint(TRUNCATE)",
        };
        let mut statement = self.connection.prepare_cached(pragma)?;
        statement.query_row([], |row| {
            // -1 if there is no log at all.
            let count = |column| {
                row.get(column)
                    .map(|frames: i64| u64::try_from(frames).unwrap_or(0))
            };
            Ok(Frames {
                logged: count(1)?,
                copied: count(2)?,
            })
        })
    }
}

fn run(log: &Log, stopped: &Receiver<()>, state: &State) {
    let mut pace = Pace::default();
    while let Err(RecvTimeoutError::Timeout) = stopped.recv_timeout(PERIOD) {
        period(log, &mut pace, state);
    }
    if let Err(error) = log.checkpoint(Mode::Truncate) {
        state.failed(&error);
    }
}

fn period(log: &Log, pace: &mut Pace, state: &State) {
    let done = log.checkpoint(Mode::Passive).and_then(|frames| {
        let octets = frames.logged.saturating_mul(log.page_octets);
        state.log_octets.store(octets, Ordering::Relaxed);
        match pace.next(frames) {
            None => Ok(frames),
            Some(mode) => log.checkpoint(mode),
        }
    });
    if let Err(error) = done {
        state.failed(&error);
    }
}

/// Between two looks at the log: seldom enough to copy a page once that was written many times.
const PERIOD: Duration = Duration::from_millis(500);
/// Periods without a commit after which the log file is emptied: 5 s.
const QUIET_PERIODS: u32 = 10;
/// Pages in the log from which on the writer is made to begin anew: 64 MiB of 4 KiB pages.
const LOG_FRAMES_MAX: u64 = 16 << 10;
/// How long a checkpoint waits for readers while it holds the writer up.
const WRITER_HELD_MAX: Duration = Duration::from_millis(20);
