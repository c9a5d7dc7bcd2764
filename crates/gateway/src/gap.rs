//! The gap that a SIM keeps after each part while its network is congested: it doubles with every sign of congestion and
//! melts with every part sent, so that a SIM finds the rate its cell bears. Pure: the floor holds the value.

use std::time::Duration;

use modem::Cause;

/// The gap after a part that was refused.
pub(crate) fn after_refusal(gap: Duration, cause: Cause) -> Duration {
    if is_congestion(cause) {
        (gap * 2).clamp(GAP_FIRST, GAP_MAX)
    } else {
        gap
    }
}

/// The gap after a part that was sent.
pub(crate) fn after_success(gap: Duration) -> Duration {
    let melted = gap * 3 / 4;
    if melted < GAP_LEAST {
        Duration::ZERO
    } else {
        melted
    }
}

/// Temporary failure, congestion and resources unavailable (3GPP TS 24.011 annex E-2), service centre busy and its
/// system failure (TS 23.040 §9.2.3.22).
fn is_congestion(cause: Cause) -> bool {
    matches!(cause, Cause::Cms(41 | 42 | 47 | 192 | 194))
}

const GAP_FIRST: Duration = Duration::from_secs(1);
/// A cell that is congested for longer has its SIMs rest by [`crate::causes`].
const GAP_MAX: Duration = Duration::from_secs(60);
/// Shorter gaps are nothing beside the time of a part.
const GAP_LEAST: Duration = Duration::from_millis(250);

#[cfg(test)]
mod tests;
