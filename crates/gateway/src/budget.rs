//! What a SIM may still send: counting parts in the running minute, hour, day and month.
//!
//! Windows begin at full UTC minutes, hours, days and months. A window of an earlier period counts as empty; nothing
//! has to be reset.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::record::{Usage, Window};
use crate::settings::Budget;
use crate::words::UnixMs;

/// Length of a period, in the order of [`Usage::windows`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Period {
    Minute,
    Hour,
    Day,
    Month,
}

impl Period {
    pub(crate) const ALL: [Period; 4] = [Period::Minute, Period::Hour, Period::Day, Period::Month];

    /// Position in [`Period::ALL`].
    pub(crate) fn index(self) -> usize {
        match self {
            Period::Minute => 0,
            Period::Hour => 1,
            Period::Day => 2,
            Period::Month => 3,
        }
    }

    /// When the period that holds `now` began.
    pub(crate) fn start(self, now: UnixMs) -> UnixMs {
        match self {
            Period::Minute => floor_to(now, MINUTE_MS),
            Period::Hour => floor_to(now, HOUR_MS),
            Period::Day => floor_to(now, DAY_MS),
            Period::Month => month_start(now, 0),
        }
    }

    /// Whether a period that began at `start` still runs.
    fn runs(self, start: UnixMs, now: UnixMs) -> bool {
        // Every month has 28 days: mostly there is no need to ask the calendar.
        let is_young = start.0 > 0 && (0..28 * DAY_MS).contains(&(now.0 - start.0));
        match self {
            Period::Month => is_young || start == self.start(now),
            Period::Minute | Period::Hour | Period::Day => start == self.start(now),
        }
    }

    /// When the period that holds `now` ends.
    pub(crate) fn end(self, now: UnixMs) -> UnixMs {
        match self {
            Period::Minute => UnixMs(self.start(now).0 + MINUTE_MS),
            Period::Hour => UnixMs(self.start(now).0 + HOUR_MS),
            Period::Day => UnixMs(self.start(now).0 + DAY_MS),
            Period::Month => month_start(now, 1),
        }
    }
}

/// Parts used in the period that holds `now`.
pub(crate) fn used(usage: &Usage, index: usize, now: UnixMs) -> u32 {
    let window = usage.windows[index];
    if window.used > 0 && Period::ALL[index].runs(window.start, now) {
        window.used
    } else {
        0
    }
}

/// When the SIM may send a part again as far as its budget goes: `None` if it may now.
pub(crate) fn exhausted_until(budget: &Budget, usage: &Usage, now: UnixMs) -> Option<UnixMs> {
    if !budget.is_declared() {
        return Some(UnixMs(i64::MAX));
    }
    binding(budget, usage, now).map(|(_, until)| until)
}

/// Of the limits that are used up, the one that binds longest, and until when.
pub(crate) fn binding(budget: &Budget, usage: &Usage, now: UnixMs) -> Option<(usize, UnixMs)> {
    let spent = (0..Period::ALL.len()).filter(|&index| {
        budget.limits[index].is_some_and(|limit| used(usage, index, now) >= limit)
    });
    let bound = spent.map(|index| (index, Period::ALL[index].end(now)));
    bound.max_by_key(|(_, until)| *until)
}

/// What is left of the scarcest budget, in billionths of its limit.
pub(crate) fn headroom(budget: &Budget, usage: &Usage, now: UnixMs) -> u64 {
    let left = |(index, limit): (usize, Option<u32>)| {
        let limit = limit?;
        let left = limit.saturating_sub(used(usage, index, now));
        Some(u64::from(left) * HEADROOM_FULL / u64::from(limit.max(1)))
    };
    budget
        .limits
        .into_iter()
        .enumerate()
        .filter_map(left)
        .min()
        .unwrap_or(0)
}

/// Counts one part as used.
pub(crate) fn spend(usage: &mut Usage, now: UnixMs) {
    for (window, period) in usage.windows.iter_mut().zip(Period::ALL) {
        if !period.runs(window.start, now) {
            *window = Window {
                start: period.start(now),
                used: 0,
            };
        }
        window.used = window.used.saturating_add(1);
    }
}

/// Takes back one part that was counted at `started` and certainly was not sent.
pub(crate) fn give_back(usage: &mut Usage, started: UnixMs) {
    for (window, period) in usage.windows.iter_mut().zip(Period::ALL) {
        if period.runs(window.start, started) {
            window.used = window.used.saturating_sub(1);
        }
    }
}

fn floor_to(now: UnixMs, length_ms: i64) -> UnixMs {
    UnixMs(now.0.div_euclid(length_ms) * length_ms)
}

/// The first moment of the UTC month that is `months_later` after the one that holds `now`.
fn month_start(now: UnixMs, months_later: i8) -> UnixMs {
    let Ok(moment) = Timestamp::from_millisecond(now.0) else {
        return UnixMs(if months_later == 0 { 0 } else { i64::MAX });
    };
    let today = moment.to_zoned(TimeZone::UTC).date();
    let months =
        i32::from(today.year()) * 12 + i32::from(today.month()) - 1 + i32::from(months_later);
    let year = i16::try_from(months.div_euclid(12)).unwrap_or(i16::MAX);
    let month = i8::try_from(months.rem_euclid(12)).expect("a remainder of 12 fits") + 1;
    let first = Date::new(year, month, 1).and_then(|date| date.to_zoned(TimeZone::UTC));
    first.map_or(UnixMs(i64::MAX), |start| {
        UnixMs(start.timestamp().as_millisecond())
    })
}

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;
/// A full budget, as [`headroom`] counts.
const HEADROOM_FULL: u64 = 1_000_000_000;

#[cfg(test)]
mod tests;
