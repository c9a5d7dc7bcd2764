//! Days, months and hours at their edges, where the clocks change above all.

use super::*;

#[test]
fn days_begin_at_their_reset() {
    let check = |zone: &str, reset_min: u16, now: &str, start: &str, end: &str| {
        let calendar = calendar(zone, reset_min, BillingDay::Day(1));
        let found = calendar.day(at(now));
        assert_eq!(found, (at(start), at(end)), "{zone} {reset_min} {now}");
    };
    check(
        "UTC",
        0,
        "2026-03-10T23:59:59.999Z",
        "2026-03-10T00:00:00Z",
        "2026-03-11T00:00:00Z",
    );
    check(
        "Europe/Berlin",
        0,
        "2026-03-10T22:59:59Z",
        "2026-03-09T23:00:00Z",
        "2026-03-10T23:00:00Z",
    );
    check(
        "Europe/Berlin",
        0,
        "2026-03-10T23:00:00Z",
        "2026-03-10T23:00:00Z",
        "2026-03-11T23:00:00Z",
    );
    // 23 hours in spring, 25 in autumn.
    check(
        "Europe/Berlin",
        0,
        "2026-03-29T10:00:00Z",
        "2026-03-28T23:00:00Z",
        "2026-03-29T22:00:00Z",
    );
    check(
        "Europe/Berlin",
        0,
        "2026-10-25T10:00:00Z",
        "2026-10-24T22:00:00Z",
        "2026-10-25T23:00:00Z",
    );
    // A reset at a time that does not exist on the day, and at one that comes twice.
    check(
        "Europe/Berlin",
        150,
        "2026-03-29T01:29:59Z",
        "2026-03-28T01:30:00Z",
        "2026-03-29T01:30:00Z",
    );
    check(
        "Europe/Berlin",
        150,
        "2026-10-25T00:45:00Z",
        "2026-10-25T00:30:00Z",
        "2026-10-26T01:30:00Z",
    );
    check(
        "Asia/Kolkata",
        360,
        "2026-06-01T00:29:59Z",
        "2026-05-31T00:30:00Z",
        "2026-06-01T00:30:00Z",
    );
    check(
        "America/Sao_Paulo",
        1439,
        "2026-01-02T02:58:00Z",
        "2026-01-01T02:59:00Z",
        "2026-01-02T02:59:00Z",
    );
}

#[test]
fn months_begin_on_their_billing_day() {
    let check = |zone: &str, day: BillingDay, now: &str, start: &str, end: &str| {
        let found = calendar(zone, 0, day).month(at(now));
        assert_eq!(found, (at(start), at(end)), "{zone} {day:?} {now}");
    };
    use BillingDay::{Day, Last};
    check(
        "UTC",
        Day(1),
        "2026-03-31T23:59:59Z",
        "2026-03-01T00:00:00Z",
        "2026-04-01T00:00:00Z",
    );
    check(
        "UTC",
        Day(1),
        "2026-12-01T00:00:00Z",
        "2026-12-01T00:00:00Z",
        "2027-01-01T00:00:00Z",
    );
    check(
        "UTC",
        Day(20),
        "2026-01-19T23:59:59Z",
        "2025-12-20T00:00:00Z",
        "2026-01-20T00:00:00Z",
    );
    check(
        "UTC",
        Day(28),
        "2024-02-28T00:00:00Z",
        "2024-02-28T00:00:00Z",
        "2024-03-28T00:00:00Z",
    );
    check(
        "UTC",
        Last,
        "2024-02-28T23:00:00Z",
        "2024-01-31T00:00:00Z",
        "2024-02-29T00:00:00Z",
    );
    check(
        "UTC",
        Last,
        "2024-02-29T00:00:00Z",
        "2024-02-29T00:00:00Z",
        "2024-03-31T00:00:00Z",
    );
    check(
        "UTC",
        Last,
        "2026-12-31T10:00:00Z",
        "2026-12-31T00:00:00Z",
        "2027-01-31T00:00:00Z",
    );
    check(
        "Europe/Berlin",
        Day(1),
        "2026-03-31T21:59:59Z",
        "2026-02-28T23:00:00Z",
        "2026-03-31T22:00:00Z",
    );
    check(
        "Europe/Berlin",
        Day(1),
        "2026-03-31T22:00:00Z",
        "2026-03-31T22:00:00Z",
        "2026-04-30T22:00:00Z",
    );
}

#[test]
fn every_moment_is_in_the_period_that_it_names() {
    let calendars = [
        calendar("Europe/Berlin", 150, BillingDay::Last),
        calendar("America/New_York", 0, BillingDay::Day(28)),
        calendar("Pacific/Apia", 0, BillingDay::Day(1)),
        Calendar::default(),
    ];
    for calendar in calendars {
        let mut now = at("2011-12-20T00:00:00Z");
        while now < at("2013-02-02T00:00:00Z") {
            for period in [Calendar::day, Calendar::month] {
                let (start, end) = period(&calendar, now);
                assert!(start <= now && now < end, "{calendar:?} at {now:?}");
                assert_eq!(period(&calendar, start).0, start, "{calendar:?} at {now:?}");
                assert_eq!(
                    period(&calendar, end).0,
                    end,
                    "the next begins where it ends"
                );
            }
            now.0 += 3 * 3_600_000 + 11_003;
        }
    }
}

#[test]
fn hours_open_and_close() {
    let check = |hours: &[(u16, u16)], now: &str, within: bool, change: &str| {
        let calendar = calendar("Europe/Berlin", 0, BillingDay::Day(1));
        let hours: Vec<Hours> = hours
            .iter()
            .map(|&(from_min, to_min)| Hours { from_min, to_min })
            .collect();
        let found = (
            calendar.is_within(&hours, at(now)),
            calendar.next_change(&hours, at(now)),
        );
        assert_eq!(found, (within, at(change)), "{hours:?} {now}");
    };
    let day = [(360, 1320)];
    check(&day, "2026-01-10T04:59:59Z", false, "2026-01-10T05:00:00Z");
    check(&day, "2026-01-10T05:00:00Z", true, "2026-01-10T21:00:00Z");
    check(&day, "2026-01-10T21:00:00Z", false, "2026-01-11T05:00:00Z");
    let night = [(1200, 360)];
    check(
        &night,
        "2026-01-10T12:00:00Z",
        false,
        "2026-01-10T19:00:00Z",
    );
    check(&night, "2026-01-10T23:30:00Z", true, "2026-01-11T05:00:00Z");
    // The night in which an hour is missing.
    check(&night, "2026-03-28T22:00:00Z", true, "2026-03-29T04:00:00Z");
    check(
        &[(0, 120), (120, 1440)],
        "2026-01-10T12:00:00Z",
        true,
        "MAX",
    );
    check(
        &[(1200, 1440), (0, 360)],
        "2026-01-10T20:00:00Z",
        true,
        "2026-01-11T05:00:00Z",
    );
    check(&[(0, 0)], "2026-01-10T20:00:00Z", true, "MAX");
    check(&[], "2026-01-10T20:00:00Z", true, "MAX");
}

#[test]
fn times_beyond_the_calendar_do_not_panic() {
    for now in [
        i64::MIN / 2,
        i64::MAX / 2,
        -377_705_116_800_000,
        253_402_207_199_999,
    ] {
        for day in [BillingDay::Day(1), BillingDay::Last] {
            let calendar = calendar("America/New_York", 1439, day);
            for (start, end) in [calendar.day(UnixMs(now)), calendar.month(UnixMs(now))] {
                assert!(start <= end, "{now}");
            }
            calendar.next_change(
                &[Hours {
                    from_min: 0,
                    to_min: 1,
                }],
                UnixMs(now),
            );
        }
    }
}

#[test]
fn zones_are_in_the_program() {
    assert!(Calendar::zone_of("Europe/Berlin").is_some());
    assert!(Calendar::zone_of("Europe/Atlantis").is_none());
}

fn calendar(zone: &str, reset_min: u16, billing_day: BillingDay) -> Calendar {
    Calendar {
        zone: Calendar::zone_of(zone).unwrap(),
        reset_min,
        billing_day,
    }
}

fn at(text: &str) -> UnixMs {
    if text == "MAX" {
        return UnixMs(i64::MAX);
    }
    let time: Timestamp = text.parse().unwrap();
    UnixMs(time.as_millisecond())
}
