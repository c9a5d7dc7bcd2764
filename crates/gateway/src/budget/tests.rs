//! Windows at their boundaries, in UTC.

use super::*;

#[test]
fn periods_begin_and_end() {
    for (period, now, start, end) in PERIODS {
        let now = at(now);
        let found = (period.start(now), period.end(now));
        assert_eq!(found, (at(start), at(end)), "{period:?} of {now:?}");
    }
}

/// A moment, and when its period begins and ends.
#[rustfmt::skip]
const PERIODS: [(Period, &str, &str, &str); 14] = [
    (Period::Minute, "2026-03-10T12:34:56.789Z", "2026-03-10T12:34:00Z", "2026-03-10T12:35:00Z"),
    (Period::Minute, "2026-03-10T12:34:00Z", "2026-03-10T12:34:00Z", "2026-03-10T12:35:00Z"),
    (Period::Hour, "2026-03-10T12:59:59.999Z", "2026-03-10T12:00:00Z", "2026-03-10T13:00:00Z"),
    (Period::Day, "2026-03-10T23:59:59.999Z", "2026-03-10T00:00:00Z", "2026-03-11T00:00:00Z"),
    (Period::Day, "2024-02-28T12:00:00Z", "2024-02-28T00:00:00Z", "2024-02-29T00:00:00Z"),
    (Period::Month, "2026-03-31T23:59:59.999Z", "2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z"),
    (Period::Month, "2024-02-29T00:00:00Z", "2024-02-01T00:00:00Z", "2024-03-01T00:00:00Z"),
    // The end of the year.
    (Period::Minute, "2026-12-31T23:59:59.999Z", "2026-12-31T23:59:00Z", "2027-01-01T00:00:00Z"),
    (Period::Hour, "2026-12-31T23:59:59.999Z", "2026-12-31T23:00:00Z", "2027-01-01T00:00:00Z"),
    (Period::Day, "2026-12-31T23:59:59.999Z", "2026-12-31T00:00:00Z", "2027-01-01T00:00:00Z"),
    (Period::Month, "2026-12-31T23:59:59.999Z", "2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z"),
    (Period::Month, "2027-01-01T00:00:00Z", "2027-01-01T00:00:00Z", "2027-02-01T00:00:00Z"),
    // Before the epoch, by a clock that was never set.
    (Period::Minute, "1969-12-31T23:59:30Z", "1969-12-31T23:59:00Z", "1970-01-01T00:00:00Z"),
    (Period::Month, "1969-12-31T23:59:30Z", "1969-12-01T00:00:00Z", "1970-01-01T00:00:00Z"),
];

#[test]
fn times_beyond_the_calendar_do_not_panic() {
    for now in [i64::MIN / 2, i64::MAX / 2] {
        for period in Period::ALL {
            assert!(
                period.end(UnixMs(now)) >= period.start(UnixMs(now)),
                "{period:?} at {now}"
            );
        }
    }
}

#[test]
fn every_moment_is_in_the_period_that_it_names() {
    let mut now = at("2023-12-30T23:00:00Z");
    while now < at("2025-03-02T00:00:00Z") {
        for period in Period::ALL {
            let (start, end) = (period.start(now), period.end(now));
            assert!(start <= now && now < end, "{period:?} at {now:?}");
            assert_eq!(period.start(end), end, "the next begins where it ends");
            assert!(
                period.runs(start, now) && period.runs(start, start),
                "{period:?} at {now:?}"
            );
            assert!(!period.runs(start, end), "{period:?} at {now:?}");
            assert!(
                !period.runs(start, UnixMs(start.0 - 1)),
                "{period:?} at {now:?}"
            );
        }
        now.0 += 37 * MINUTE_MS + 11_003;
    }
}

#[test]
fn windows_count_and_empty_themselves() {
    let mut usage = Usage::default();
    let mut check = |now: &str, expected: [u32; 4]| {
        let now = at(now);
        spend(&mut usage, now);
        let counted: Vec<u32> = (0..4).map(|index| used(&usage, index, now)).collect();
        assert_eq!(counted, expected, "{now:?}");
    };
    check("2026-12-31T22:58:00Z", [1, 1, 1, 1]);
    check("2026-12-31T22:58:59.999Z", [2, 2, 2, 2]);
    check("2026-12-31T22:59:00Z", [1, 3, 3, 3]);
    check("2026-12-31T23:00:00Z", [1, 1, 4, 4]);
    check("2026-12-31T23:59:59.999Z", [1, 2, 5, 5]);
    check("2027-01-01T00:00:00Z", [1, 1, 1, 1]);
    check("2027-01-02T00:00:00Z", [1, 1, 1, 2]);
    check("2027-02-01T00:00:00Z", [1, 1, 1, 1]);
}

#[test]
fn what_is_given_back_goes_to_the_windows_that_it_came_from() {
    let check = |started: &str, later: &str, expected: [u32; 4]| {
        let mut usage = Usage::default();
        spend(&mut usage, at(started));
        spend(&mut usage, at(later));
        give_back(&mut usage, at(started));
        let counted: Vec<u32> = (0..4).map(|index| used(&usage, index, at(later))).collect();
        assert_eq!(counted, expected, "{started} and {later}");
    };
    check("2026-03-10T12:00:00Z", "2026-03-10T12:00:30Z", [1, 1, 1, 1]);
    check("2026-03-10T12:00:59Z", "2026-03-10T12:01:00Z", [1, 1, 1, 1]);
    check("2026-03-10T12:59:59Z", "2026-03-10T13:00:00Z", [1, 1, 1, 1]);
    check("2026-12-31T23:59:59Z", "2027-01-01T00:00:00Z", [1, 1, 1, 1]);
    let mut usage = Usage::default();
    give_back(&mut usage, at("2026-03-10T12:00:00Z"));
    assert_eq!(usage, Usage::default(), "nothing below zero");
}

#[test]
fn the_scarcest_budget_says_until_when() {
    let now = at("2026-12-31T23:30:30Z");
    let check = |limits: [Option<u32>; 4], spent: u32, expected: Option<&str>| {
        let budget = Budget {
            limits,
            ..Budget::default()
        };
        let mut usage = Usage::default();
        (0..spent).for_each(|_| spend(&mut usage, now));
        assert_eq!(
            exhausted_until(&budget, &usage, now),
            expected.map(at),
            "{limits:?} after {spent}"
        );
    };
    check([Some(2), None, None, None], 1, None);
    check([Some(2), None, None, None], 2, Some("2026-12-31T23:31:00Z"));
    check([None, Some(2), None, None], 2, Some("2027-01-01T00:00:00Z"));
    check([None, None, Some(2), None], 3, Some("2027-01-01T00:00:00Z"));
    check(
        [Some(1), Some(1), None, Some(1)],
        1,
        Some("2027-01-01T00:00:00Z"),
    );
    check([Some(9), Some(9), None, Some(9)], 8, None);
    check([Some(0), None, None, None], 0, Some("2026-12-31T23:31:00Z"));
    check([None, None, None, Some(5)], 5, Some("2027-01-01T00:00:00Z"));
    // A budget is used up until the latest of its windows ends.
    let budget = Budget {
        limits: [Some(1), Some(1), None, None],
        ..Budget::default()
    };
    let mut usage = Usage::default();
    spend(&mut usage, at("2026-03-10T12:00:30Z"));
    let until = exhausted_until(&budget, &usage, at("2026-03-10T12:00:40Z"));
    assert_eq!(until, Some(at("2026-03-10T13:00:00Z")));
}

#[test]
fn without_a_budget_nothing_is_ever_left() {
    let budget = Budget::default();
    let now = at("2026-03-10T12:00:00Z");
    assert_eq!(
        exhausted_until(&budget, &Usage::default(), now),
        Some(UnixMs(i64::MAX))
    );
    assert_eq!(headroom(&budget, &Usage::default(), now), 0);
}

#[test]
fn headroom_is_that_of_the_scarcest_budget() {
    let now = at("2026-03-10T12:00:00Z");
    let check = |limits: [Option<u32>; 4], spent: u32, expected: u64| {
        let budget = Budget {
            limits,
            ..Budget::default()
        };
        let mut usage = Usage::default();
        (0..spent).for_each(|_| spend(&mut usage, now));
        assert_eq!(
            headroom(&budget, &usage, now),
            expected,
            "{limits:?} after {spent}"
        );
    };
    check([Some(10), None, None, None], 0, 1_000_000_000);
    check([Some(10), None, None, None], 4, 600_000_000);
    check([Some(10), Some(5), None, None], 4, 200_000_000);
    check([None, None, None, Some(1000)], 1, 999_000_000);
    check([Some(3), None, None, None], 7, 0);
    check([Some(0), None, None, None], 0, 0);
    check([Some(u32::MAX), None, None, None], 1, 999_999_999);
}

fn at(text: &str) -> UnixMs {
    let time: Timestamp = text.parse().unwrap();
    UnixMs(time.as_millisecond())
}
