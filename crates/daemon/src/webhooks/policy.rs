//! What a receiver's answer means, and how long to wait before trying again. Pure functions; no clock, no I/O.

use std::time::Duration;

/// What came of one attempt to deliver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// The receiver has it.
    Taken,
    /// The receiver says that this very content is wrong: it is not going to change.
    Refused(Box<str>),
    /// Anything else: a fault of the receiver, of the way to it, or of its configuration.
    Failed {
        /// Why, for people.
        why: Box<str>,
        /// What the receiver asked for by `Retry-After`.
        retry_after: Option<Duration>,
    },
}

/// What an HTTP status means.
pub(super) fn answer(status: u16, retry_after: Option<&str>) -> Answer {
    let why = match status {
        200..=299 => return Answer::Taken,
        400 | 413 | 415 | 422 => return Answer::Refused(format!("answered {status}").into()),
        300..=399 => {
            format!("answered {status}: redirects are not followed, so configure the final url")
        }
        _ => format!("answered {status}"),
    };
    let seconds = retry_after.and_then(|text| text.trim().parse().ok());
    Answer::Failed {
        why: why.into(),
        retry_after: seconds.map(Duration::from_secs),
    }
}

/// How long to wait after `failures` attempts in a row that failed: doubled each time, never longer than [`WAIT_MAX`], and
/// never shorter than the receiver asked for, within that bound.
pub(super) fn wait(failures: u32, retry_after: Option<Duration>) -> Duration {
    let doublings = failures.saturating_sub(1).min(16);
    let own = WAIT_MIN.saturating_mul(1 << doublings);
    own.max(retry_after.unwrap_or_default()).min(WAIT_MAX)
}

/// After the first failure.
const WAIT_MIN: Duration = Duration::from_secs(1);

/// A receiver that comes back after a night gets its events within this time.
const WAIT_MAX: Duration = Duration::from_secs(300);
