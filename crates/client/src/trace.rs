//! What goes over a line's wire, as it comes.
//!
//! It does not take up a stream that broke off: what was lost meanwhile is lost.

use serde::{Deserialize, Serialize};

use crate::error::ClientError;
use crate::lines::Lines;

/// Something that went over a line's wire, or happened to the line (`GET /v1/lines/{name}/trace`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceRecord {
    /// Counts the records of a line; 0 for `lost`.
    pub seq: u64,
    /// When.
    pub at: String,
    /// `to_modem`, `from_modem`, `note` (what happened to the line) or `lost` (so many were overwritten before they were
    /// read).
    pub kind: String,
    /// One line of the wire with its control characters visible, masked unless it was asked for otherwise; or words.
    pub text: String,
}

/// What is wanted of a line's recorder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TraceWish {
    /// Go on with what comes; otherwise end with what is kept.
    pub follow: bool,
    /// End after so many seconds.
    pub for_s: Option<u64>,
    /// Numbers, texts and PDUs as they are; the daemon logs that they were looked at.
    pub unmasked: bool,
    /// What led to the last failure instead.
    pub failure: bool,
}

/// Records as they come; see [`crate::Client::trace`].
pub struct TraceStream {
    lines: Lines,
}

impl TraceStream {
    pub(crate) fn new(lines: Lines) -> TraceStream {
        TraceStream { lines }
    }

    /// The next record; `None` at the end, or after an error. Cancel-safe.
    ///
    /// # Errors
    /// `Interrupted` if the daemon went away.
    pub async fn next(&mut self) -> Option<Result<TraceRecord, ClientError>> {
        self.lines.next().await
    }
}
