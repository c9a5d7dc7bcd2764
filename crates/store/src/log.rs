//! The write-ahead log: how full it is, and what the writer does about it.
//!
//! ```text
//!  frames in the log:   0 ............ 64 MiB ............ 256 MiB
//!  checkpointer         copies now and then │ copies without pause
//!  writer                                   │ copies the rest when  │ copies or waits
//!                                           │ little is left        │ after each commit
//! ```
//!
//! The log begins anew only when all of it is copied and a commit begins: while commits follow each other closely, what
//! was written behind the checkpointer's back is never copied and the log would grow for ever. So the writer, between two
//! commits, copies that rest itself. Neither waits for readers, who are short anyway.

use std::thread;
use std::time::Duration;

use rusqlite::Connection;

use crate::file;

/// How much is in the log, in pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Frames {
    /// Written to the log.
    pub(crate) logged: u64,
    /// Of these, copied to the database.
    pub(crate) copied: u64,
}

/// What is to be done about the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Only look.
    Look,
    /// Copy what no reader needs.
    Passive,
    /// Copy everything and empty the file; holds up the writer meanwhile.
    Truncate,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Checkpoint {
    /// Whether another connection was at it, or a reader or the writer in the way.
    pub(crate) gave_way: bool,
    /// What is in the log after it.
    pub(crate) frames: Frames,
}

/// What a log this full asks of the writer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Relief {
    /// Nothing: the checkpointer will see to it.
    None,
    /// To copy what is left, if nobody else is at it.
    CopyRest,
    /// To see that the log is copied before more is written.
    Hold,
}

impl Frames {
    /// Not copied yet.
    pub(crate) fn rest(self) -> u64 {
        self.logged.saturating_sub(self.copied)
    }

    pub(crate) fn relief(self) -> Relief {
        match self.logged {
            FRAMES_HARD_MAX.. => Relief::Hold,
            FRAMES_MAX.. if self.rest() <= REST_MAX => Relief::CopyRest,
            _ => Relief::None,
        }
    }
}

/// Checkpoints. Whoever is in the way is no error.
pub(crate) fn checkpoint(connection: &Connection, mode: Mode) -> rusqlite::Result<Checkpoint> {
    let mut statement = connection.prepare_cached(match mode {
        Mode::Look => "PRAGMA wal_checkpoint(NOOP)",
        Mode::Passive => "PRAGMA wal_checkpoint(PASSIVE)",
        Mode::Truncate => "PRAGMA wal_checkpoint(TRUNCATE)",
    })?;
    statement.query_row([], |row| {
        // -1 if there is no log at all.
        let count = |column| -> rusqlite::Result<u64> {
            let frames: i64 = row.get(column)?;
            Ok(u64::try_from(frames).unwrap_or(0))
        };
        Ok(Checkpoint {
            gave_way: row.get(0)?,
            frames: Frames {
                logged: count(1)?,
                copied: count(2)?,
            },
        })
    })
}

/// Copies what is left and empties the file, if no reader is in the way for long; says whether it did. Nobody else may
/// write meanwhile.
pub(crate) fn empty(connection: &Connection) -> rusqlite::Result<bool> {
    connection.busy_timeout(EMPTY_WAIT_MAX)?;
    let emptied = checkpoint(connection, Mode::Truncate);
    connection.busy_timeout(file::BUSY_MAX)?;
    Ok(!emptied?.gave_way)
}

/// Does the writer's share after a commit.
pub(crate) fn relieve(connection: &Connection) -> rusqlite::Result<()> {
    let frames = checkpoint(connection, Mode::Look)?.frames;
    match frames.relief() {
        Relief::None => Ok(()),
        Relief::CopyRest => checkpoint(connection, Mode::Passive).map(|_| ()),
        Relief::Hold => hold(connection),
    }
}

/// Copies the log, or waits for the checkpointer that is at it.
pub(crate) fn hold(connection: &Connection) -> rusqlite::Result<()> {
    for _ in 0..HOLD_TRIES_MAX {
        let done = checkpoint(connection, Mode::Passive)?;
        if !done.gave_way {
            break;
        }
        thread::sleep(HOLD_PAUSE);
    }
    Ok(())
}

/// Pages in the log from which on it should begin anew: 64 MiB of 4 KiB pages, which is copied in well under a second.
pub(crate) const FRAMES_MAX: u64 = 16 << 10;
/// Pages in the log beyond which nothing is written before they are copied: 256 MiB. Reached only by writers that are
/// faster than the disk takes random pages.
const FRAMES_HARD_MAX: u64 = 64 << 10;
/// Pages that the writer copies between two commits: 4 MiB, which holds up the next commit for some 10 ms.
const REST_MAX: u64 = 1 << 10;
/// How often the writer looks whether the checkpointer is done: for at most one second.
const HOLD_TRIES_MAX: u32 = 500;
/// How long emptying the log waits for readers while the writer waits for it.
pub(crate) const EMPTY_WAIT_MAX: Duration = Duration::from_millis(20);
/// Between two looks.
const HOLD_PAUSE: Duration = Duration::from_millis(2);

const _: () = assert!(REST_MAX < FRAMES_MAX && FRAMES_MAX < FRAMES_HARD_MAX);
