//! The clocks, read in one place.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use gateway::{Now, UnixMs};

/// Both clocks.
pub(crate) fn now() -> Now {
    Now {
        mono: Instant::now(),
        wall: wall(),
    }
}

/// The wall clock. A clock before 1970 counts as 1970.
pub(crate) fn wall() -> UnixMs {
    let since_epoch = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or(Duration::ZERO);
    UnixMs(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
}

/// RFC 3339 in UTC with milliseconds.
pub(crate) fn rfc3339(at: UnixMs) -> String {
    let at = jiff::Timestamp::from_millisecond(at.0).unwrap_or(jiff::Timestamp::MAX);
    format!("{at:.3}")
}
