//! When a message may be sent, by the clock at its recipient: pure sums over a send window, time zones and a moment.
//!
//! A window says what a clock on the recipient's wall has to show. So it moves with daylight saving time: a window from 02:30
//! opens at 03:00 in the night that has no 02:30, and is open twice where the hour comes twice.

use jiff::civil::{Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use sms::Address;

use crate::capacity::Open;
use crate::settings::Settings;
use crate::words::{Class, UnixMs, UnknownWord};

/// The hours of a week in which messages of a class may be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SendWindow {
    /// Minute of the day at which it opens.
    opens: u16,
    /// Minute of the day at which it closes; not after the opening: on the next day.
    closes: u16,
    /// The days on which it opens, Monday first.
    days: [bool; 7],
}

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day(Weekday);

impl SendWindow {
    /// Reads `08:00-20:00`; it opens every day.
    ///
    /// # Errors
    /// What is wrong, and what is allowed.
    pub fn parse(text: &str) -> Result<SendWindow, UnknownWord> {
        let wrong = || UnknownWord {
            given: text.to_owned(),
            allowed: "opening and closing time of day, as in 08:00-20:00; up to 24:00",
        };
        let (opens, closes) = text.split_once('-').ok_or_else(wrong)?;
        let [opens, closes] = [opens, closes].map(|time| minute_of_day(time.trim()));
        let (Some(opens), Some(closes)) = (opens, closes) else {
            return Err(wrong());
        };
        if opens == closes || opens == DAY_MINUTES {
            return Err(wrong());
        }
        Ok(SendWindow {
            opens,
            closes,
            days: [true; 7],
        })
    }

    /// The same hours, on these days only; those after midnight belong to the day before.
    #[must_use]
    pub fn on(self, days: &[Day]) -> SendWindow {
        let mut window = SendWindow {
            days: [false; 7],
            ..self
        };
        for day in days {
            window.days[index(day.0)] = true;
        }
        window
    }

    /// How much of a week is in any of these windows, where there are some, and in all of those.
    pub fn open(any: &[SendWindow], all: &[SendWindow]) -> Open {
        let holds = |window: &SendWindow, day: usize, minute: u16| {
            let (today, yesterday) = (window.days[day], window.days[(day + 6) % 7]);
            window.holds_on(today, yesterday, minute)
        };
        Open::count(|day, minute| {
            let holds = |window: &SendWindow| holds(window, day, minute);
            (any.is_empty() || any.iter().any(holds)) && all.iter().all(holds)
        })
    }

    /// Whether a clock that shows this time lets a message go.
    fn holds(&self, day: Weekday, minute: u16) -> bool {
        let (today, yesterday) = (index(day), index(day.previous()));
        self.holds_on(self.days[today], self.days[yesterday], minute)
    }

    /// The same, of a day on which it opens or does not, after one on which it did or did not.
    fn holds_on(&self, today: bool, yesterday: bool, minute: u16) -> bool {
        if self.opens < self.closes {
            return today && (self.opens..self.closes).contains(&minute);
        }
        (today && minute >= self.opens) || (yesterday && minute < self.closes)
    }
}

impl std::str::FromStr for Day {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Day, UnknownWord> {
        match DAYS.iter().find(|(name, _)| *name == text) {
            Some((_, day)) => Ok(Day(*day)),
            None => Err(UnknownWord {
                given: text.to_owned(),
                allowed: "mon, tue, wed, thu, fri, sat, sun",
            }),
        }
    }
}

/// When a message that may be sent from a moment on finds its send window open; `None` if that is at once, or never.
pub fn window_opens(
    settings: &Settings,
    class: Class,
    to: &Address,
    from: UnixMs,
) -> Option<UnixMs> {
    let window = settings.class(class).window?;
    let clocks = settings.zones.clocks(settings.zones.of(&to.text()));
    next_opening(&window, clocks, from).filter(|opens| *opens > from)
}

/// Whether a window is open on all clocks.
pub(crate) fn is_open(window: &SendWindow, clocks: &[TimeZone], at: UnixMs) -> bool {
    Timestamp::from_millisecond(at.0).is_ok_and(|at| is_open_at(window, clocks, at))
}

/// The first moment, not before `from`, at which a window is open on all clocks; `None` if it never is.
pub(crate) fn next_opening(
    window: &SendWindow,
    clocks: &[TimeZone],
    from: UnixMs,
) -> Option<UnixMs> {
    if is_open(window, clocks, from) {
        return Some(from);
    }
    let from = Timestamp::from_millisecond(from.0).ok()?;
    let mut moments: Vec<Timestamp> = clocks
        .iter()
        .flat_map(|clock| openings(window, clock, from).chain(shifts(clock, from)))
        .filter(|moment| *moment > from)
        .collect();
    moments.sort_unstable();
    let open = |moment: &Timestamp| is_open_at(window, clocks, *moment);
    let opening = moments.into_iter().find(open)?;
    Some(UnixMs(opening.as_millisecond()))
}

fn is_open_at(window: &SendWindow, clocks: &[TimeZone], at: Timestamp) -> bool {
    clocks.iter().all(|clock| {
        let shown = clock.to_datetime(at);
        let minute =
            u16::from(shown.hour().unsigned_abs()) * 60 + u16::from(shown.minute().unsigned_abs());
        window.holds(shown.weekday(), minute)
    })
}

/// When a clock shows the opening time in the days that begin with the one before `from`.
fn openings(
    window: &SendWindow,
    clock: &TimeZone,
    from: Timestamp,
) -> impl Iterator<Item = Timestamp> {
    let today = clock.to_datetime(from).date();
    let opens = i64::from(window.opens).minutes();
    (-1..=DAYS_AHEAD)
        .filter_map(move |days: i64| {
            let midnight = today
                .checked_add(days.days())
                .ok()?
                .to_datetime(Time::midnight());
            let opening = midnight.checked_add(opens).ok()?;
            // It may come twice. Where it never comes, the shift is the opening.
            let moment = clock.to_ambiguous_timestamp(opening);
            Some([moment.earlier(), moment.later()])
        })
        .flatten()
        .flatten()
}

/// When a clock is set forward or back, in the same days.
fn shifts(clock: &TimeZone, from: Timestamp) -> impl Iterator<Item = Timestamp> {
    let last = from
        .saturating_add(SignedDuration::from_hours(24 * DAYS_AHEAD))
        .unwrap_or(Timestamp::MAX);
    let shifts = clock.following(from).map(|shift| shift.timestamp());
    shifts.take_while(move |shift| *shift <= last)
}

/// `HH:MM`, up to 24:00.
fn minute_of_day(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let number = |digits: &str| -> Option<u16> {
        let is_number = digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| digits.parse().ok()).flatten()
    };
    let (hour, minute) = (number(hour)?, number(minute)?);
    let of_day = hour * 60 + minute;
    (minute < 60 && of_day <= DAY_MINUTES).then_some(of_day)
}

fn index(day: Weekday) -> usize {
    usize::from(day.to_monday_zero_offset().unsigned_abs())
}

const DAY_MINUTES: u16 = 24 * 60;
/// A window that opens at all opens on one of the days of a week; one more for the days of other clocks.
const DAYS_AHEAD: i64 = 8;
const DAYS: [(&str, Weekday); 7] = [
    ("mon", Weekday::Monday),
    ("tue", Weekday::Tuesday),
    ("wed", Weekday::Wednesday),
    ("thu", Weekday::Thursday),
    ("fri", Weekday::Friday),
    ("sat", Weekday::Saturday),
    ("sun", Weekday::Sunday),
];

#[cfg(test)]
mod tests;
