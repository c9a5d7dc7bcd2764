//! Durations and ranges of them as people write them: `5.65s`, `250ms`, `2m`, `1..4s`, `1s..4s`.
//!
//! Used by the command line and by scenario files. No calendar units, no signs, no sums of units.

use std::ops::RangeInclusive;
use std::time::Duration;

/// Why a text is not a duration or a range.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DurationError {
    /// Not `<number><unit>`.
    #[error(
        "`{text}` is not a duration: write a number and a unit, such as 250ms, 5.65s, 2m or 1h"
    )]
    Malformed {
        /// What was written.
        text: String,
    },
    /// Longer than [`DURATION_MAX`].
    #[error("`{text}` is longer than {} days", DURATION_MAX.as_secs() / 86_400)]
    TooLong {
        /// What was written.
        text: String,
    },
    /// A range whose end is before its start.
    #[error("`{text}` ends before it starts: write the shorter one first, such as 1s..4s")]
    Backwards {
        /// What was written.
        text: String,
    },
}

/// The longest duration accepted anywhere: beyond it a simulation has no use for it.
pub const DURATION_MAX: Duration = Duration::from_secs(366 * 86_400);

/// Reads one duration. Units: `ms`, `s`, `m`, `h`; a fraction is allowed; a bare `0` needs no unit.
///
/// # Errors
/// When the text is not a number and a unit, or longer than [`DURATION_MAX`].
pub fn duration(text: &str) -> Result<Duration, DurationError> {
    with_unit(text, None)
}

/// Reads a range: `1s..4s`, `1..4s` (the unit of the end serves both), or one duration for both ends.
///
/// # Errors
/// When an end is not a duration, or the end is before the start.
pub fn range(text: &str) -> Result<RangeInclusive<Duration>, DurationError> {
    let Some((start, end)) = text.split_once("..") else {
        let both = duration(text)?;
        return Ok(both..=both);
    };
    let end = end.strip_prefix('=').unwrap_or(end).trim();
    let range = with_unit(start, Some(unit_of(end)))?..=duration(end)?;
    if range.start() > range.end() {
        return Err(DurationError::Backwards {
            text: text.to_owned(),
        });
    }
    Ok(range)
}

fn with_unit(text: &str, fallback: Option<&str>) -> Result<Duration, DurationError> {
    let malformed = || DurationError::Malformed {
        text: text.to_owned(),
    };
    let trimmed = text.trim();
    let own = unit_of(trimmed);
    let number = &trimmed[..trimmed.len() - own.len()];
    if number.is_empty()
        || !number
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.')
    {
        return Err(malformed());
    }
    let value: f64 = number.parse().map_err(|_| malformed())?;
    let unit = if own.is_empty() {
        fallback.unwrap_or_default()
    } else {
        own
    };
    let seconds_per_unit = match unit {
        "ms" => 0.001,
        "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        "" if value == 0.0 => 1.0,
        _ => return Err(malformed()),
    };
    let seconds = value * seconds_per_unit;
    if seconds > DURATION_MAX.as_secs_f64() {
        return Err(DurationError::TooLong {
            text: text.to_owned(),
        });
    }
    Ok(Duration::from_secs_f64(seconds))
}

/// The letters at the end of a duration.
fn unit_of(text: &str) -> &str {
    let digits = text.trim_end_matches(|ch: char| ch.is_ascii_alphabetic());
    &text[digits.len()..]
}

#[cfg(test)]
mod tests;
