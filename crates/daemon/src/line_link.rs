//! What ties a line's task to the rest of the daemon: what it is given at its start, and what it tells the core.

use std::path::PathBuf;
use std::sync::Arc;

use gateway::{LineId, PinWish};
use modem::{Event, ProfileChoice};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use crate::board::Board;
use crate::config::Pins;
use crate::send_queue::SendQueue;

/// What a line tells the core.
#[derive(Debug)]
pub(crate) enum FromLine {
    /// A line exists; what it tells comes after this.
    Added {
        /// Its number.
        line: LineId,
        /// Its stable name.
        name: Box<str>,
        /// Its send queue.
        queue: Arc<SendQueue>,
    },
    /// Where the line has its power from.
    Placed {
        /// Its number.
        line: LineId,
        /// The hub, if it is one that could be reset.
        hub: Option<Box<str>>,
    },
    /// Something happened on the line.
    Event {
        /// Its number.
        line: LineId,
        /// What happened.
        event: Event,
    },
    /// A PIN is to be given to a SIM: record it, and say whether it may.
    Pin(PinWish),
    /// A dialogue wants the line, or is over.
    Engage {
        /// Its number.
        line: LineId,
        /// Whether it is wanted.
        wanted: bool,
    },
    /// The line's task has ended.
    Gone {
        /// Its number.
        line: LineId,
    },
}

/// What every line shares with the rest of the daemon.
#[derive(Clone)]
pub(crate) struct LineContext {
    pub(crate) board: Arc<Board>,
    pub(crate) events: mpsc::Sender<FromLine>,
    pub(crate) stop: CancellationToken,
    pub(crate) pins: watch::Receiver<Arc<Pins>>,
}

impl LineContext {
    pub(crate) fn new(
        board: &Arc<Board>,
        events: mpsc::Sender<FromLine>,
        stop: &CancellationToken,
        pins: watch::Receiver<Arc<Pins>>,
    ) -> LineContext {
        LineContext {
            board: Arc::clone(board),
            events,
            stop: stop.clone(),
            pins,
        }
    }
}

/// One port to be driven.
pub(crate) struct LinePort {
    pub(crate) id: LineId,
    pub(crate) name: Box<str>,
    pub(crate) path: PathBuf,
    pub(crate) baud: u32,
    pub(crate) profile: ProfileChoice,
    pub(crate) queue: Arc<SendQueue>,
}
