//! Copies the log into the database, on a thread and a connection of its own, so that commits need not.
//!
//! ```text
//!  every 500 ms              copies what no reader needs; disturbs nobody
//!  log above 32 MiB          the same, with pauses just long enough for the writer to copy the rest (see `log`)
//!  no commit for 5 s         empties the log file
//! ```

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rusqlite::Connection;

use crate::error::OpenError;
use crate::file;
use crate::log::{self, Frames, Mode};

/// The thread that checkpoints; it ends when this is dropped.
#[derive(Debug)]
pub struct Checkpointer {
    stop: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
    state: Arc<State>,
    page_octets: u64,
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
        let connection = file::open_checkpointer(dir, log::EMPTY_WAIT_MAX)?;
        let page_octets = file::page_octets(dir, &connection)?;
        let state = Arc::new(State::default());
        let (stop, stopped) = mpsc::sync_channel(1);
        let theirs = Arc::clone(&state);
        let thread = thread::Builder::new()
            .name("checkpoint".to_owned())
            .spawn(move || run(&connection, &stopped, &theirs))
            .map_err(|source| OpenError::Io {
                path: file::database(dir),
                source,
            })?;
        Ok(Checkpointer {
            stop: Some(stop),
            thread: Some(thread),
            state,
            page_octets,
        })
    }

    /// How it goes.
    pub fn health(&self) -> CheckpointHealth {
        CheckpointHealth {
            log_octets: self.state.log_pages.load(Ordering::Relaxed) * self.page_octets,
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
    log_pages: AtomicU64,
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

/// Decides what comes after a passive checkpoint. Knows no clock: it is told what each one left.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    before: Frames,
    quiet_periods: u32,
}

impl Pace {
    /// Whether to empty the log that is left like this.
    pub(crate) fn is_quiet(&mut self, now: Frames) -> bool {
        let unchanged = now == self.before && now.logged > 0;
        self.quiet_periods = if unchanged { self.quiet_periods + 1 } else { 0 };
        self.before = now;
        if self.quiet_periods < QUIET_PERIODS {
            return false;
        }
        self.quiet_periods = 0;
        true
    }

    /// How long to wait until the next look at the log.
    pub(crate) fn pause(&self) -> Duration {
        if self.before.logged > FRAMES_HURRY {
            PERIOD_HURRY
        } else {
            PERIOD
        }
    }
}

fn run(connection: &Connection, stopped: &Receiver<()>, state: &State) {
    let mut pace = Pace::default();
    while let Err(RecvTimeoutError::Timeout) = stopped.recv_timeout(pace.pause()) {
        if let Err(error) = look(connection, &mut pace, state) {
            state.failed(&error);
        }
    }
    if let Err(error) = log::checkpoint(connection, Mode::Truncate) {
        state.failed(&error);
    }
}

fn look(connection: &Connection, pace: &mut Pace, state: &State) -> rusqlite::Result<()> {
    let mut frames = log::checkpoint(connection, Mode::Passive)?.frames;
    if pace.is_quiet(frames) {
        frames = log::checkpoint(connection, Mode::Truncate)?.frames;
    }
    state.log_pages.store(frames.logged, Ordering::Relaxed);
    Ok(())
}

/// Between two looks at the log: seldom enough to copy a page once that was written many times.
const PERIOD: Duration = Duration::from_millis(500);
/// Between two looks at a log that is to be copied without pause: some commits long, so that one of them finds the
/// checkpointer away and little left to copy.
const PERIOD_HURRY: Duration = Duration::from_millis(20);
/// Pages in the log from which on there is a hurry.
const FRAMES_HURRY: u64 = log::FRAMES_MAX / 2;
/// Looks that find no commit, after which the log file is emptied: 5 s.
const QUIET_PERIODS: u32 = 10;
