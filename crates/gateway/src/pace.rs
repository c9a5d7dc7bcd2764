//! The fleet's pace: `target_per_minute` spread evenly, never in bursts.
//!
//! Each part moves the due time on by one interval. A part that comes late (no SIM was free) leaves a debt, and later
//! parts catch up, but never closer together than [`CATCH_UP`] allows, but for the few that a late turn starts together;
//! a debt older than [`DEBT_MAX`] is forgotten, so that an idle hour is not made up for in a rush.
//!
//! After a start, or when the first SIM comes back after a power cut, the pace begins at [`RAMP_FROM`] of the target and
//! reaches it within [`RAMP`]: the modems, their hubs and their cells are not all hit in the same moment. What is held back
//! meanwhile is a debt like any other.

use std::time::{Duration, Instant};

/// When the next part may start.
#[derive(Clone, Debug)]
pub(crate) struct Pace {
    interval: Duration,
    /// When the next part is due at an even pace; earlier than now while there is a debt.
    due: Option<Instant>,
    /// The next part may not start before, whatever the debt.
    spaced: Option<Instant>,
    /// When the pace began to rise.
    ramp: Option<Instant>,
}

impl Pace {
    pub(crate) fn new(target_per_minute: u32) -> Pace {
        Pace {
            interval: interval_of(target_per_minute),
            due: None,
            spaced: None,
            ramp: None,
        }
    }

    /// The first SIM is there, after a start or a power cut: the pace rises from here.
    pub(crate) fn ramp_up(&mut self, now: Instant) {
        self.ramp = Some(now);
    }

    /// How fast parts may follow each other, in shares of the target.
    fn speed(&self, now: Instant) -> f64 {
        let Some(begun) = self.ramp.filter(|_| self.interval < SLOW) else {
            return CATCH_UP;
        };
        let risen = now.saturating_duration_since(begun).as_secs_f64() / RAMP.as_secs_f64();
        if risen >= 1.0 {
            return CATCH_UP;
        }
        RAMP_FROM + (1.0 - RAMP_FROM) * risen
    }

    /// Changes the target from now on.
    pub(crate) fn retarget(&mut self, target_per_minute: u32) {
        self.interval = interval_of(target_per_minute);
    }

    /// When the next part may start; `None`: at any time.
    pub(crate) fn opens(&self) -> Option<Instant> {
        self.due.max(self.spaced)
    }

    /// Whether a part may start now. A tick early is on time: the shell's timers count milliseconds.
    pub(crate) fn is_open(&self, now: Instant) -> bool {
        self.opens().is_none_or(|opens| opens <= now + TICK)
    }

    /// A part starts now, whether the pace was open for it or it had the right of way.
    pub(crate) fn charge(&mut self, now: Instant) {
        let oldest = now.checked_sub(DEBT_MAX).unwrap_or(now);
        self.due = Some(self.due.unwrap_or(now).max(oldest) + self.interval);
        // An early start does not pull the next one forward, and a pause is not made up for in a rush.
        let from = self.spaced.map_or(now, |spaced| {
            spaced.max(now.checked_sub(LATE_MAX).unwrap_or(now))
        });
        self.spaced = Some(from + self.interval.mul_f64(1.0 / self.speed(now)));
    }
}

fn interval_of(target_per_minute: u32) -> Duration {
    Duration::from_secs(60) / target_per_minute.max(1)
}

/// How much faster than the target parts may follow each other while a debt is made up for.
const CATCH_UP: f64 = 1.1;
/// How long the pace rises: about as long as a part takes on the air.
const RAMP: Duration = Duration::from_secs(5);
/// Parts this far apart hit nobody together.
const SLOW: Duration = Duration::from_secs(1);
/// Where it begins, in shares of the target.
const RAMP_FROM: f64 = 0.5;
/// How old a debt may be.
const DEBT_MAX: Duration = Duration::from_secs(10);
/// How late a turn may be (a slow commit, a busy host) and still start the parts whose places have passed, together.
const LATE_MAX: Duration = Duration::from_millis(50);
/// One millisecond: what a timer can resolve.
const TICK: Duration = Duration::from_millis(1);

#[cfg(test)]
mod tests;
