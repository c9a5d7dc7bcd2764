//! The event stream: what became of the messages, in order, from a cursor on.
//!
//! It does not reconnect by itself: only the caller knows which events it has dealt with, so it asks again with the
//! last `seq` it is done with, and misses nothing.

use crate::error::ClientError;
use crate::event_types::EventView;
use crate::lines::Lines;

/// Events as they come; see [`crate::Client::events`].
pub struct EventStream {
    lines: Lines,
}

impl EventStream {
    pub(crate) fn new(lines: Lines) -> EventStream {
        EventStream { lines }
    }

    /// The next event. `None` when the present end is reached and the stream was not asked to follow, or after an
    /// error. Cancel-safe.
    ///
    /// # Errors
    /// `Interrupted` if the daemon went away: ask again with the last `seq`.
    pub async fn next(&mut self) -> Option<Result<EventView, ClientError>> {
        self.lines.next().await
    }
}
