//! Durations as people write them: `5m`, `1h30m`, `500ms`, `5.65s`. Used by the configuration and the API.
//!
//! It knows no defaults and no limits but one: what it accepts always fits a timer.

use std::time::Duration;

/// Why a text is no duration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{given}` is not a duration: write a number and a unit (ms, s, m, h, d), such as 90s, 5m or 1h30m"
)]
pub(crate) struct DurationError {
    given: String,
}

/// Reads a duration of one or more `number unit` pairs, without blanks.
///
/// # Errors
/// If a number or unit is missing, a unit is unknown, or it is longer than [`DURATION_MAX`].
pub(crate) fn parse(text: &str) -> Result<Duration, DurationError> {
    let error = || DurationError {
        given: text.chars().take(GIVEN_CHARS_MAX).collect(),
    };
    let mut rest = text.trim();
    let mut total_s = 0.0;
    if rest.is_empty() {
        return Err(error());
    }
    while !rest.is_empty() {
        let number_end = rest
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .ok_or_else(error)?;
        let (number, tail) = rest.split_at(number_end);
        let unit_end = tail
            .find(|c: char| c.is_ascii_digit() || c == '.')
            .unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(unit_end);
        let number: f64 = number.parse().map_err(|_| error())?;
        total_s += number * unit_seconds(unit).ok_or_else(error)?;
        rest = tail;
    }
    if total_s > DURATION_MAX.as_secs_f64() {
        return Err(error());
    }
    Ok(Duration::from_millis(milliseconds(total_s)))
}

/// The shortest way to write a duration that [`parse`] reads back: `90s`, `5m`, `1h30m`.
pub(crate) fn format(duration: Duration) -> String {
    let mut rest_ms = duration.as_millis();
    if rest_ms == 0 {
        return "0s".to_owned();
    }
    let mut text = String::new();
    for (unit_ms, unit) in [
        (86_400_000, "d"),
        (3_600_000, "h"),
        (60_000, "m"),
        (1000, "s"),
        (1, "ms"),
    ] {
        if rest_ms >= unit_ms {
            text.push_str(&(rest_ms / unit_ms).to_string());
            text.push_str(unit);
            rest_ms %= unit_ms;
        }
    }
    text
}

fn unit_seconds(unit: &str) -> Option<f64> {
    match unit {
        "ms" => Some(0.001),
        "s" => Some(1.0),
        "m" => Some(60.0),
        "h" => Some(3600.0),
        "d" => Some(86_400.0),
        _ => None,
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "0 to DURATION_MAX"
)]
fn milliseconds(seconds: f64) -> u64 {
    (seconds * 1000.0).round() as u64
}

/// Ten years: no timer of a phone network is longer, and every instant plus this still exists.
const DURATION_MAX: Duration = Duration::from_secs(10 * 366 * 86_400);

/// How much of a wrong value an error repeats.
const GIVEN_CHARS_MAX: usize = 40;

#[cfg(test)]
mod tests;
