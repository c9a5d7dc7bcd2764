//! The thread that deletes and erases what need not be kept, in slices with pauses between them.
//!
//! ```text
//!  every second:   texts ─► reports ─► events ─► messages ─► room ─► rows of texts ─► empty pages ─► log
//!                  each: slice · pause · slice · pause … until nothing is due
//! ```
//!
//! SQLite has one writer at a time. The sweeper and the store hand the right to write to each other by a lock, so that a
//! commit waits for one slice at most, and never for a poll.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use gateway::{Class, UnixMs};
use rusqlite::Connection;

use crate::error::{Fault, OpenError};
use crate::log::{self, Mode};
use crate::retention::Retention;
use crate::sweep::{self, Bounds, Place, Slice};
use crate::writer::{SqliteStore, WriteTurn};

/// The thread that sweeps; it ends when this is dropped.
#[derive(Debug)]
pub struct Sweeper {
    orders: Option<SyncSender<Retention>>,
    thread: Option<JoinHandle<()>>,
    state: Arc<State>,
}

/// How sweeping goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SweepHealth {
    /// Texts that were erased since the start.
    pub texts_erased: u64,
    /// Records of ended messages that were deleted since the start, without those that went with their messages.
    pub events_deleted: u64,
    /// Messages that were deleted since the start.
    pub messages_deleted: u64,
    /// Settled reports that were deleted since the start.
    pub reports_deleted: u64,
    /// Octets of the database file with content, at the last look.
    pub used_octets: u64,
    /// Octets of the database file that are free to be used again, at the last look.
    pub free_octets: u64,
    /// Whether something is due that waits for a webhook.
    pub is_held: bool,
    /// Whether the store is larger than wanted though all that may go is gone.
    pub is_too_large: bool,
    /// Looks that failed.
    pub failures: u64,
    /// What the last failure said.
    pub last_error: Option<String>,
}

impl Sweeper {
    /// Starts sweeping an open store. Nothing that is newer than event [`Sweeper::taken`] is deleted.
    ///
    /// # Errors
    /// If the store can't be opened once more, or the system gives no thread.
    pub fn start(
        store: &SqliteStore,
        retention: Retention,
        clock: fn() -> UnixMs,
    ) -> Result<Sweeper, OpenError> {
        let connection = store.open_beside()?;
        let state = Arc::new(State::default());
        let (orders, ordered) = mpsc::sync_channel(1);
        let mut sweeping = Sweeping {
            connection,
            path: store.path().to_owned(),
            retention,
            turn: store.write_turn(),
            ordered,
            state: Arc::clone(&state),
            room_from: Place::default(),
            room_after: None,
            texts_from: 0,
            overwritten: None,
        };
        let thread = thread::Builder::new()
            .name("sweep".to_owned())
            .spawn(move || sweeping.run(clock))
            .map_err(|source| OpenError::Io {
                path: store.path().to_owned(),
                source,
            })?;
        Ok(Sweeper {
            orders: Some(orders),
            thread: Some(thread),
            state,
        })
    }

    /// From now on this is to be kept.
    pub fn reload(&self, retention: Retention) {
        if let Some(orders) = &self.orders {
            // The thread has ended only if it panicked, and that has been printed.
            let _ = orders.send(retention);
        }
    }

    /// All who wait for events have got those up to `seq`.
    pub fn taken(&self, seq: u64) {
        self.state.taken.store(seq, Ordering::Relaxed);
    }

    /// How it goes.
    pub fn health(&self) -> SweepHealth {
        self.state.health().clone()
    }
}

impl Drop for Sweeper {
    fn drop(&mut self) {
        self.orders.take();
        if let Some(thread) = self.thread.take() {
            // A panic in there has been printed; there is nothing left to save.
            let _ = thread.join();
        }
    }
}

/// What the thread is told and tells.
#[derive(Debug, Default)]
struct State {
    taken: AtomicU64,
    health: Mutex<SweepHealth>,
}

impl State {
    fn health(&self) -> std::sync::MutexGuard<'_, SweepHealth> {
        self.health.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Sweeping {
    connection: Connection,
    path: PathBuf,
    retention: Retention,
    turn: WriteTurn,
    ordered: Receiver<Retention>,
    state: Arc<State>,
    /// How far making room has come.
    room_from: Place,
    /// Making room did not help: not tried again before.
    room_after: Option<Instant>,
    /// How far looking for rows of texts between messages has come.
    texts_from: i64,
    /// Since when the log holds what was overwritten in the database.
    overwritten: Option<Instant>,
}

/// Why it goes no further now.
enum Stop {
    Told,
    Failed(Fault),
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Stop {
        Stop::Failed(fault)
    }
}

impl Sweeping {
    fn run(&mut self, clock: fn() -> UnixMs) {
        while self.pause(LOOK_EVERY).is_ok() {
            match self.look(clock()) {
                Ok(()) => {}
                Err(Stop::Told) => return,
                Err(Stop::Failed(fault)) => {
                    let mut health = self.state.health();
                    health.failures += 1;
                    health.last_error = Some(fault.using(&self.path).to_string());
                }
            }
        }
    }

    /// Does all that is due.
    fn look(&mut self, now: UnixMs) -> Result<(), Stop> {
        let due = self.retention.due(now);
        let with_recipients = self.retention.erase_recipients;
        let mut held = false;
        for class in Class::ALL {
            let Some(until) = due.text(class) else {
                continue;
            };
            let swept = self.slices(|connection| {
                sweep::texts::erase(connection, class, until, now, with_recipients)
            })?;
            self.state.health().texts_erased += swept.swept;
            self.note_overwritten(swept);
        }
        if let Some(until) = due.reports {
            let swept = self.slices(|connection| sweep::delete_reports(connection, until))?;
            self.state.health().reports_deleted += swept.swept;
        }
        let taken = self.state.taken.load(Ordering::Relaxed);
        if let Some(until) = due.events {
            let bounds = Bounds { until, taken };
            let swept = self.slices(|connection| sweep::delete_events(connection, bounds))?;
            self.state.health().events_deleted += swept.swept;
            held |= swept.held;
        }
        if let Some(until) = due.messages {
            let bounds = Bounds { until, taken };
            let swept = self.slices(|connection| sweep::delete_messages(connection, bounds))?;
            self.state.health().messages_deleted += swept.swept;
            self.note_overwritten(swept);
            held |= swept.held;
        }
        held |= self.make_room(Bounds { until: now, taken })?;
        self.state.health().is_held = held;
        self.delete_texts(due.messages)?;
        let size = sweep::size(&self.connection)?;
        if size.is_slack() {
            self.slices(sweep::give_back)?;
        }
        self.empty_log()?;
        let size = sweep::size(&self.connection)?;
        let mut health = self.state.health();
        health.used_octets = size.used_octets();
        health.free_octets = size.free * size.page_octets;
        Ok(())
    }

    /// Deletes before their time the oldest messages of a store that is too large. Whether somebody still waits for one.
    fn make_room(&mut self, bounds: Bounds) -> Result<bool, Stop> {
        if self.room_after.is_some_and(|after| Instant::now() < after) {
            return Ok(false);
        }
        let (mut is_too_large, mut is_held) = (false, false);
        while self.retention.is_excessive(sweep::size(&self.connection)?) {
            let mut from = self.room_from;
            let slice = self.slice(|connection| sweep::make_room(connection, &mut from, bounds))?;
            self.room_from = from;
            self.state.health().messages_deleted += slice.swept;
            self.note_overwritten(slice);
            if !slice.more {
                is_too_large = self.retention.is_excessive(sweep::size(&self.connection)?);
                is_held = slice.held;
                self.room_from = Place::default();
                break;
            }
            self.pause(PAUSE)?;
        }
        // A webhook that takes its events again makes room at once.
        let is_hopeless = is_too_large && !is_held;
        self.room_after = is_hopeless.then(|| Instant::now() + ROOM_AGAIN);
        self.state.health().is_too_large = is_too_large;
        Ok(is_held)
    }

    /// Deletes the rows of texts whose messages are deleted: those that ended until `due`, or were in the way of room.
    fn delete_texts(&mut self, due: Option<UnixMs>) -> Result<(), Stop> {
        let until = self.room_from.ended().max(due.unwrap_or_default());
        let mut place = self.texts_from;
        let deleted = self.slices(|connection| sweep::texts::delete(connection, &mut place, until));
        self.texts_from = place;
        deleted.map(|_| ())
    }

    fn note_overwritten(&mut self, slice: Slice) {
        if slice.swept > 0 {
            self.overwritten.get_or_insert_with(Instant::now);
        }
    }

    /// Empties the log when what was overwritten has stood in it for so long; tried again if a reader is in the way.
    fn empty_log(&mut self) -> Result<(), Stop> {
        let is_due = |since: Instant| since.elapsed() >= LOG_KEEPS;
        if !self.overwritten.is_some_and(is_due) {
            return Ok(());
        }
        // Most of the log is copied while the writer goes on.
        log::checkpoint(&self.connection, Mode::Passive).map_err(Fault::from)?;
        let turn = self.turn.clone();
        let _turn = turn.take();
        if log::empty(&self.connection).map_err(Fault::from)? {
            self.overwritten = None;
        }
        Ok(())
    }

    /// Slices and pauses until nothing more is due; the sum.
    fn slices(
        &mut self,
        mut work: impl FnMut(&mut Connection) -> Result<Slice, Fault>,
    ) -> Result<Slice, Stop> {
        let mut sum = Slice::default();
        loop {
            let slice = self.slice(&mut work)?;
            sum.swept += slice.swept;
            sum.held = slice.held;
            if !slice.more {
                return Ok(sum);
            }
            self.pause(PAUSE)?;
        }
    }

    /// One slice, while nobody else writes.
    fn slice(
        &mut self,
        work: impl FnOnce(&mut Connection) -> Result<Slice, Fault>,
    ) -> Result<Slice, Stop> {
        let _turn = self.turn.take();
        Ok(work(&mut self.connection)?)
    }

    /// Waits, and takes over new orders.
    fn pause(&mut self, pause: Duration) -> Result<(), Stop> {
        match self.ordered.recv_timeout(pause) {
            Ok(retention) => {
                self.retention = retention;
                self.room_after = None;
                Ok(())
            }
            Err(RecvTimeoutError::Timeout) => Ok(()),
            Err(RecvTimeoutError::Disconnected) => Err(Stop::Told),
        }
    }
}

/// Between two looks at what is due: so soon after its end a text is erased that is not to be kept at all.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Between two slices: the writer has five sixths of the time for itself, and some thousand messages a second still go.
const PAUSE: Duration = Duration::from_millis(20);
/// How long the log may hold what was overwritten in the database: emptying it oftener would cost commits.
const LOG_KEEPS: Duration = Duration::from_secs(60);
/// How long a store stays alone that is too large though all that may go is gone.
const ROOM_AGAIN: Duration = Duration::from_secs(600);
