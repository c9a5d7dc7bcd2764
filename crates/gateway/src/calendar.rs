//! When days, months and hours begin and end where a SIM's contract counts them: a zone, a time of day and a billing day.
//!
//! Days and months are as long as the zone makes them, with its changes to and from summer time. The zones are those of
//! the IANA, from within the program: no file of the host is read.

use jiff::civil::{Date, Time};
use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{Timestamp, ToSpan, Zoned};

use crate::capacity::Open;
use crate::words::UnixMs;

/// Where and when the days and months of a SIM's contract begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    /// The zone.
    pub zone: TimeZone,
    /// When a day begins, in minutes after midnight, local time; below 1440.
    pub reset_min: u16,
    /// When a month begins.
    pub billing_day: BillingDay,
}

/// On which day a month of a contract begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BillingDay {
    /// Day of the month, 1 to 28.
    Day(i8),
    /// The last one, whichever that is.
    Last,
}

/// Hours of each day, local time: from the first minute up to the second, over midnight if that is not later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hours {
    /// First minute after midnight.
    pub from_min: u16,
    /// The minute after the last one.
    pub to_min: u16,
}

impl Calendar {
    /// The zone of an IANA name, such as `Europe/Berlin`.
    pub fn zone_of(name: &str) -> Option<TimeZone> {
        TimeZoneDatabase::bundled().get(name).ok()
    }

    /// When the day that holds `now` began, and when it ends.
    pub(crate) fn day(&self, now: UnixMs) -> (UnixMs, UnixMs) {
        let Some(date) = self.local(now).map(|local| local.date()) else {
            return BEYOND;
        };
        let today = self.reset_on(date);
        if now < today {
            let yesterday = date.yesterday().unwrap_or(Date::MIN);
            (self.reset_on(yesterday), today)
        } else {
            let tomorrow = date.tomorrow().unwrap_or(Date::MAX);
            (today, self.reset_on(tomorrow))
        }
    }

    /// When the month that holds `now` began, and when it ends.
    pub(crate) fn month(&self, now: UnixMs) -> (UnixMs, UnixMs) {
        let Some(date) = self.local(now).map(|local| local.date()) else {
            return BEYOND;
        };
        let begins = |months: i32| self.reset_on(self.billing_date(date, months));
        let this = begins(0);
        if now < this {
            (begins(-1), this)
        } else {
            (this, begins(1))
        }
    }

    /// When a date begins, local time; the end of time beyond the calendar.
    pub fn midnight(&self, date: Date) -> UnixMs {
        self.at(date, Time::midnight())
    }

    /// Whether it is in any of these hours; none means always.
    pub(crate) fn is_within(&self, hours: &[Hours], now: UnixMs) -> bool {
        hours.is_empty()
            || self.local(now).is_some_and(|local| {
                let minute = minute_of(&local);
                hours.iter().any(|hours| hours.hold(minute))
            })
    }

    /// When that changes next.
    pub(crate) fn next_change(&self, hours: &[Hours], now: UnixMs) -> UnixMs {
        let Some(date) = self.local(now).map(|local| local.date()) else {
            return UnixMs(i64::MAX);
        };
        let within = self.is_within(hours, now);
        let days = (0..=2).filter_map(|days: i64| date.checked_add(days.days()).ok());
        let edges = days.flat_map(|date| {
            let edges = hours
                .iter()
                .flat_map(|hours| [hours.from_min, hours.to_min]);
            edges.map(move |minute| self.at(date, time_of(minute)))
        });
        let changes = edges.filter(|at| *at > now && self.is_within(hours, *at) != within);
        changes.min().unwrap_or(UnixMs(i64::MAX))
    }

    /// A moment as people there write it.
    fn local(&self, now: UnixMs) -> Option<Zoned> {
        let moment = Timestamp::from_millisecond(now.0).ok()?;
        Some(moment.to_zoned(self.zone.clone()))
    }

    /// The billing day of the month that is `months` after that of a date.
    fn billing_date(&self, date: Date, months: i32) -> Date {
        let count = i32::from(date.year()) * 12 + i32::from(date.month()) - 1 + months;
        let year = i16::try_from(count.div_euclid(12)).unwrap_or(i16::MAX);
        let month = i8::try_from(count.rem_euclid(12) + 1).expect("12 at most");
        let Ok(first) = Date::new(year, month, 1) else {
            return if months < 0 { Date::MIN } else { Date::MAX };
        };
        match self.billing_day {
            BillingDay::Day(day) => first.with().day(day.clamp(1, DAY_MAX)).build(),
            BillingDay::Last => Ok(first.last_of_month()),
        }
        .expect("every month has 28 days")
    }

    fn reset_on(&self, date: Date) -> UnixMs {
        self.at(date, time_of(self.reset_min))
    }

    /// A local time that a change to summer time leaves out is as much later; one that comes twice is the first.
    fn at(&self, date: Date, time: Time) -> UnixMs {
        let there = self.zone.to_ambiguous_zoned(date.to_datetime(time));
        there.compatible().map_or_else(
            |_| UnixMs(if date.year() < 0 { 0 } else { i64::MAX }),
            |moment| UnixMs(moment.timestamp().as_millisecond()),
        )
    }
}

impl Default for Calendar {
    /// Days and months of UTC.
    fn default() -> Calendar {
        Calendar {
            zone: TimeZone::UTC,
            reset_min: 0,
            billing_day: BillingDay::Day(1),
        }
    }
}

impl Hours {
    /// How much of a week these hours are; none means all of it.
    pub(crate) fn open(hours: &[Hours]) -> Open {
        if hours.is_empty() {
            return Open::ALWAYS;
        }
        let mut spans: Vec<(u16, u16)> = hours.iter().flat_map(|hours| hours.spans()).collect();
        spans.sort_unstable();
        let merge = |(open, end): (u16, u16), (from, to): (u16, u16)| {
            (open + to.saturating_sub(from.max(end)), end.max(to))
        };
        let (open, _) = spans.into_iter().fold((0, 0), merge);
        Open {
            minutes: u32::from(open) * 7,
            days: 7,
        }
    }

    /// The same in minutes of one day, those before midnight apart from those after it.
    fn spans(self) -> [(u16, u16); 2] {
        if self.from_min < self.to_min {
            [(self.from_min, self.to_min), (0, 0)]
        } else {
            [(self.from_min, 24 * 60), (0, self.to_min)]
        }
    }

    fn hold(self, minute: u16) -> bool {
        if self.from_min < self.to_min {
            (self.from_min..self.to_min).contains(&minute)
        } else {
            minute >= self.from_min || minute < self.to_min
        }
    }
}

fn minute_of(local: &Zoned) -> u16 {
    u16::from(local.hour().unsigned_abs()) * 60 + u16::from(local.minute().unsigned_abs())
}

/// 1440 is the midnight that a day ends with: the same time of day as 0.
fn time_of(minute: u16) -> Time {
    let hour = i8::try_from(minute / 60 % 24).expect("below 24");
    let minute = i8::try_from(minute % 60).expect("below 60");
    Time::new(hour, minute, 0, 0).expect("a time of day")
}

/// The last day that every month has.
const DAY_MAX: i8 = 28;
/// The one period of a clock that shows no date at all.
const BEYOND: (UnixMs, UnixMs) = (UnixMs(0), UnixMs(i64::MAX));

#[cfg(test)]
mod tests;
