//! The judge's own clocks and calendar: days since 1970 and civil dates after Hinnant's algorithm.
//!
//! No place of a world changes to or from summer time in the months in which worlds live, so a clock is an offset.

use gateway::{BillingDay, Calendar, UnixMs};

/// A clock on a wall.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Clock {
    offset_min: i64,
}

/// When the days and months of a SIM begin.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dates {
    clock: Clock,
    reset_min: i64,
    billing_day: BillingDay,
}

/// Times of day between which something is open, in minutes; over midnight if the second is not later.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Open {
    pub(crate) from: i64,
    pub(crate) until: i64,
}

impl Clock {
    /// The clock of a zone.
    fn of_zone(name: &str) -> Clock {
        let offset_min = match name {
            "UTC" => 0,
            "Europe/Berlin" => 120,
            "America/New_York" => -240,
            "Asia/Kolkata" => 330,
            other => panic!("the judge has no clock of {other}"),
        };
        Clock { offset_min }
    }

    /// The clock at a recipient.
    pub(crate) fn of_recipient(number: &str) -> Clock {
        let offset_min = match number.get(..3) {
            Some("+49") => 120,
            Some("+44") => 60,
            Some("+91") => 330,
            other => panic!("the judge has no clock of {other:?}"),
        };
        Clock { offset_min }
    }

    fn minute_of_day(self, at: UnixMs) -> i64 {
        (at.0.div_euclid(60_000) + self.offset_min).rem_euclid(24 * 60)
    }

    /// Whether it shows a time between these.
    pub(crate) fn shows(self, open: Open, at: UnixMs) -> bool {
        let minute = self.minute_of_day(at);
        if open.from < open.until {
            (open.from..open.until).contains(&minute)
        } else {
            minute >= open.from || minute < open.until
        }
    }

    /// Whether it will show such a time in between.
    pub(crate) fn will_show(self, open: Open, from: UnixMs, until: UnixMs) -> bool {
        let minutes = from.0.div_euclid(60_000)..=(until.0 - 1).div_euclid(60_000);
        from < until
            && minutes
                .take(24 * 60)
                .any(|minute| self.shows(open, UnixMs(minute * 60_000)))
    }
}

impl Open {
    /// Reads `08:00-20:00`.
    pub(crate) fn parse(text: &str) -> Open {
        let minutes = |time: &str| -> Option<i64> {
            let (hour, minute) = time.split_once(':')?;
            Some(hour.parse::<i64>().ok()? * 60 + minute.parse::<i64>().ok()?)
        };
        let (from, until) = text.split_once('-').expect("two times");
        Open {
            from: minutes(from).expect("a time"),
            until: minutes(until).expect("a time"),
        }
    }
}

impl Dates {
    /// Those that were declared.
    pub(crate) fn of(calendar: &Calendar) -> Dates {
        let zone = calendar.zone.iana_name().unwrap_or("UTC");
        Dates {
            clock: Clock::of_zone(zone),
            reset_min: i64::from(calendar.reset_min),
            billing_day: calendar.billing_day,
        }
    }

    pub(crate) fn clock(self) -> Clock {
        self.clock
    }

    /// Number of the day.
    pub(crate) fn day(self, at: UnixMs) -> i64 {
        let minutes = at.0.div_euclid(60_000) + self.clock.offset_min - self.reset_min;
        minutes.div_euclid(24 * 60)
    }

    /// Number of the month.
    pub(crate) fn month(self, at: UnixMs) -> i64 {
        let today = self.day(at);
        let (month, day) = civil(today);
        let has_begun = match self.billing_day {
            BillingDay::Day(first) => day >= i64::from(first),
            BillingDay::Last => civil(today + 1).1 == 1,
        };
        month - i64::from(!has_begun)
    }
}

/// The month of a day since 1970, counted from March of the year 0, and the day of that month.
fn civil(day: i64) -> (i64, i64) {
    let day = day + 719_468;
    let era = day.div_euclid(146_097);
    let of_era = day.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let of_month = of_year - (153 * month + 2) / 5 + 1;
    ((era * 400 + year) * 12 + month, of_month)
}
