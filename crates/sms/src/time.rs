//! Service centre timestamps: TP-SCTS and TP-DT (3GPP TS 23.040 §9.2.3.11).
//!
//! ```text
//!  year month day hour minute second zone    seven octets of two swapped decimal digits each, local time
//!  zone: quarters of an hour from UTC, the tens digit's top bit its sign
//! ```
//!
//! Two digits of year are read as 1970 to 2069. Does not ask a clock, and does not know time zones, only offsets.

/// A point in time to the second, with the offset of the service centre's local time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServiceCentreTime {
    /// Seconds since 1970-01-01T00:00:00 UTC.
    unix_s: i64,
    quarters: i8,
}

impl ServiceCentreTime {
    /// A time from milliseconds since 1970-01-01T00:00:00 UTC, cut to the second, and an offset in quarters of an hour.
    ///
    /// An offset beyond ±79 quarters and a local time outside the years 1970 to 2069 are moved to the nearest that
    /// seven octets can say.
    pub fn from_unix_ms(ms: i64, quarters: i8) -> ServiceCentreTime {
        let quarters = quarters.clamp(-QUARTERS_MAX, QUARTERS_MAX);
        let offset_s = i64::from(quarters) * QUARTER_S;
        let local_s = (ms.div_euclid(1000) + offset_s).clamp(0, LOCAL_S_MAX);
        ServiceCentreTime {
            unix_s: local_s - offset_s,
            quarters,
        }
    }

    /// Milliseconds since 1970-01-01T00:00:00 UTC, a multiple of 1000.
    pub fn unix_ms(&self) -> i64 {
        self.unix_s * 1000
    }

    /// The local time's offset from UTC in quarters of an hour, positive to the east.
    pub fn quarters(&self) -> i8 {
        self.quarters
    }

    /// The local time as RFC 3339 (`2014-06-26T21:36:30+04:00`).
    pub fn rfc3339(&self) -> String {
        let [year, month, day, hour, minute, second] = self.local();
        let sign = if self.quarters < 0 { '-' } else { '+' };
        let offset = i64::from(self.quarters).abs() * 15;
        format!(
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{sign}{:02}:{:02}",
            offset / 60,
            offset % 60
        )
    }

    /// The seven octets.
    pub(crate) fn encode(&self) -> [u8; 7] {
        let [year, month, day, hour, minute, second] = self.local();
        let zone = swapped(i64::from(self.quarters).abs());
        let sign = if self.quarters < 0 { 0x08 } else { 0 };
        [
            swapped(year % 100),
            swapped(month),
            swapped(day),
            swapped(hour),
            swapped(minute),
            swapped(second),
            zone | sign,
        ]
    }

    /// What seven octets say; `None` for a nibble above 9 or a time that does not exist.
    pub(crate) fn decode(octets: &[u8]) -> Option<ServiceCentreTime> {
        let [year, month, day, hour, minute, second, zone] = *octets else {
            return None;
        };
        let year = match digits(year)? {
            year @ 70.. => 1900 + year,
            year => 2000 + year,
        };
        let (month, day) = (digits(month)?, digits(day)?);
        let (hour, minute, second) = (digits(hour)?, digits(minute)?, digits(second)?);
        let quarters = digits(zone & !0x08)?;
        let quarters = if zone & 0x08 != 0 {
            -quarters
        } else {
            quarters
        };
        let exists = (1..=12).contains(&month)
            && (1..=days_in_month(year, month)).contains(&day)
            && hour < 24
            && minute < 60
            && second < 60;
        let local_s =
            days_since_1970(year, month, day) * DAY_S + hour * 3600 + minute * 60 + second;
        let unix_s = local_s - quarters * QUARTER_S;
        exists.then_some(ServiceCentreTime {
            unix_s,
            quarters: i8::try_from(quarters).ok()?,
        })
    }

    /// Year, month, day, hour, minute and second of the local time.
    fn local(&self) -> [i64; 6] {
        let local_s = self.unix_s + i64::from(self.quarters) * QUARTER_S;
        let [year, month, day] = date(local_s.div_euclid(DAY_S));
        let second = local_s.rem_euclid(DAY_S);
        [
            year,
            month,
            day,
            second / 3600,
            second / 60 % 60,
            second % 60,
        ]
    }
}

/// Two decimal digits in one octet, tens in the low nibble.
fn swapped(number: i64) -> u8 {
    (((number % 10) << 4) | (number / 10)) as u8
}

fn digits(octet: u8) -> Option<i64> {
    let (tens, units) = (octet & 0x0f, octet >> 4);
    (tens <= 9 && units <= 9).then(|| i64::from(tens) * 10 + i64::from(units))
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Holds for 1901 to 2099: no century year but 2000 lies between.
fn is_leap(year: i64) -> bool {
    year % 4 == 0
}

/// Days from 1970-01-01 to a date of the years 1970 to 2069.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let years = year - 1970;
    let leap_days = (years + 1) / 4;
    let months: i64 = (1..month).map(|month| days_in_month(year, month)).sum();
    years * 365 + leap_days + months + day - 1
}

/// The date of a day of the years 1970 to 2069, counted from 1970-01-01.
fn date(days: i64) -> [i64; 3] {
    // 1461 days are four years, of which the third (1972, …) is the leap year.
    let (fours, mut day) = (days.div_euclid(1461), days.rem_euclid(1461));
    let mut year = 1970 + fours * 4;
    while day >= 365 + i64::from(is_leap(year)) {
        day -= 365 + i64::from(is_leap(year));
        year += 1;
    }
    let mut month = 1;
    while day >= days_in_month(year, month) {
        day -= days_in_month(year, month);
        month += 1;
    }
    [year, month, day + 1]
}

const DAY_S: i64 = 86_400;
const QUARTER_S: i64 = 15 * 60;
/// Seven for the tens digit, whose top bit is the sign, and nine for the units.
const QUARTERS_MAX: i8 = 79;
/// 2069-12-31T23:59:59: 100 years with 25 leap days.
const LOCAL_S_MAX: i64 = (100 * 365 + 25) * DAY_S - 1;
