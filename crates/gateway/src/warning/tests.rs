//! Which marks a limit has passed, and which of them are news.

use super::*;
use crate::budget::{self, Spent};
use crate::record::{Usage, Window};
use crate::settings::Budget;

const NOW: UnixMs = UnixMs(1_000);
const END: UnixMs = UnixMs(2_000);

/// How a limit stands of which so much is used.
fn standing(index: usize, used: u32, limit: u32) -> Standing {
    let window = Window {
        used,
        end: END,
        ..Window::default()
    };
    let usage = Usage {
        windows: [window; 4],
        started: used.into(),
        ..Usage::default()
    };
    let spent = Spent {
        usage: &usage,
        recipients: used,
    };
    let mut budget = Budget::default();
    match index {
        4 => budget.per_life = Some(limit),
        5 => budget.recipients_per_month = Some(limit),
        index => budget.limits[index] = Some(limit),
    }
    let mut standings = budget::standings(&budget, spent, NOW);
    standings.next().expect("one limit is set")
}

#[test]
fn the_highest_mark_that_is_passed() {
    let check = |index, used, limit, expected| {
        let standing = standing(index, used, limit);
        assert_eq!(passed(&standing), expected, "{index}: {used} of {limit}");
    };
    for index in 2..6 {
        check(index, 0, 100, None);
        check(index, 79, 100, None);
        check(index, 80, 100, Some(80));
        check(index, 94, 100, Some(80));
        check(index, 95, 100, Some(95));
        check(index, 120, 100, Some(95));
        check(index, 0, 0, None);
        check(index, 1, 1, Some(95));
        check(index, 3, 4, None);
        check(index, u32::MAX, u32::MAX, Some(95));
    }
    check(0, 100, 100, None);
    check(1, 100, 100, None);
}

#[test]
fn each_mark_is_news_once_in_a_period() {
    let told = |percent, limit, resets| Warning {
        budget: "per_month",
        percent,
        used: 0,
        limit,
        resets,
    };
    let check = |used, told: Option<Warning>, expected: Option<u8>| {
        let due = due(&standing(3, used, 100), || Some(END), told.as_ref(), NOW);
        assert_eq!(due.map(|due| due.percent), expected, "{used}, {told:?}");
    };
    check(79, None, None);
    check(80, None, Some(80));
    check(99, None, Some(95));
    check(94, Some(told(80, 100, Some(END))), None);
    check(95, Some(told(80, 100, Some(END))), Some(95));
    check(80, Some(told(95, 100, Some(END))), None);
    // The period that it was said in is over, or not quite.
    check(80, Some(told(95, 100, Some(NOW))), Some(80));
    check(80, Some(told(95, 100, Some(UnixMs(NOW.0 + 1)))), None);
    // A life has no end, but an operator may buy more.
    check(80, Some(told(80, 100, None)), None);
    check(80, Some(told(95, 90, None)), Some(80));
}
