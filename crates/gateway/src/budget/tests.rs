//! Windows at their boundaries, limits of every kind, and clocks and calendars that change.

use jiff::Timestamp;

use super::*;
use crate::calendar::{BillingDay, Hours};
use crate::settings::Cost;

#[test]
fn windows_count_and_empty_themselves() {
    let mut sim = Sim::default();
    let mut check = |now: &str, expected: [u32; 4]| {
        sim.spend(now, 1);
        assert_eq!(sim.used(now), expected, "{now}");
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
fn days_and_months_are_those_of_the_calendar() {
    let mut sim = Sim::with(calendar("Europe/Berlin", 360, BillingDay::Day(10)));
    let mut check = |now: &str, expected: [u32; 4]| {
        sim.spend(now, 1);
        assert_eq!(sim.used(now), expected, "{now}");
    };
    check("2026-03-10T04:59:00Z", [1, 1, 1, 1]);
    check("2026-03-10T05:00:00Z", [1, 1, 1, 1]);
    // Summer time begins between the two: the day has 23 hours.
    check("2026-03-29T03:59:00Z", [1, 1, 1, 2]);
    check("2026-03-29T04:00:00Z", [1, 1, 1, 3]);
    check("2026-04-10T03:59:59Z", [1, 1, 1, 4]);
    check("2026-04-10T04:00:00Z", [1, 1, 1, 1]);
}

#[test]
fn what_is_given_back_goes_to_the_windows_that_it_came_from() {
    let check = |started: &str, later: &str, expected: [u32; 4]| {
        let mut sim = Sim::default();
        sim.spend(started, 1);
        sim.spend(later, 1);
        give_back(&mut sim.usage, at(started));
        assert_eq!(sim.used(later), expected, "{started} and {later}");
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
fn a_clock_that_is_set_back_gives_no_second_budget() {
    let mut sim = Sim::default();
    sim.spend("2026-03-10T23:59:50Z", 5);
    sim.spend("2026-03-11T00:00:05Z", 3);
    // Ten seconds back, over midnight.
    sim.recut("2026-03-10T23:59:55Z", "2026-03-11T00:00:05Z");
    assert_eq!(sim.used("2026-03-10T23:59:55Z"), [8, 8, 8, 8]);
    sim.spend("2026-03-10T23:59:56Z", 1);
    assert_eq!(sim.used("2026-03-11T00:00:00Z"), [4, 4, 4, 9]);
    assert_eq!(sim.used("2026-03-12T00:00:00Z"), [0, 0, 0, 9]);
}

#[test]
fn a_clock_that_was_years_ahead_does_not_stop_a_sim_for_years() {
    let mut sim = Sim::default();
    sim.spend("2026-03-10T12:00:00Z", 5);
    sim.spend("2036-01-01T00:00:00Z", 2);
    sim.recut("2026-03-10T12:00:10Z", "2036-01-01T00:00:00Z");
    assert_eq!(sim.used("2026-03-10T12:00:10Z"), [7, 7, 7, 7]);
    assert_eq!(sim.used("2026-03-10T12:01:00Z"), [0, 7, 7, 7]);
    assert_eq!(sim.used("2026-03-11T12:01:00Z"), [0, 0, 0, 7]);
    assert_eq!(sim.used("2026-04-01T00:00:00Z"), [0, 0, 0, 0]);
}

#[test]
fn a_reset_that_moves_counts_what_may_belong_to_the_running_period() {
    let check = |day: i8, spent: &[(&str, u32)], now: &str, expected: u32| {
        let mut sim = Sim::default();
        for (at, parts) in spent {
            sim.spend(at, *parts);
        }
        sim.budget.calendar = calendar("UTC", 0, BillingDay::Day(day));
        sim.recut(now, spent.last().unwrap().0);
        assert_eq!(
            sim.used(now)[3],
            expected,
            "billing day {day} {spent:?} at {now}"
        );
        let (start, end) = sim.budget.calendar.month(at(now));
        let month = sim.usage.windows[3];
        assert!(
            expected == 0 || (month.start, month.end) == (start, end),
            "{month:?}"
        );
    };
    let march = ("2026-03-05T00:00:00Z", 4);
    // From 20 February: February's parts may be of it, as far as anybody knows.
    check(
        20,
        &[("2026-02-25T00:00:00Z", 3), march],
        "2026-03-15T00:00:00Z",
        7,
    );
    check(20, &[march], "2026-03-15T00:00:00Z", 4);
    // From 20 March: nothing was sent since.
    check(20, &[march], "2026-03-25T00:00:00Z", 0);
    check(
        20,
        &[march, ("2026-03-21T00:00:00Z", 2)],
        "2026-03-25T00:00:00Z",
        6,
    );
    // Long over.
    check(20, &[march], "2026-06-25T00:00:00Z", 0);
}

#[test]
fn the_limit_that_binds_longest_says_until_when() {
    let now = "2026-12-31T23:30:30Z";
    let check = |limits: [Option<u32>; 4], spent: u32, expected: Option<(&'static str, &str)>| {
        let mut sim = Sim::default();
        sim.budget.limits = limits;
        sim.spend(now, spent);
        let expected = expected.map(|(name, until)| (Shut::Limit(name), at(until)));
        assert_eq!(
            sim.shut(Class::Bulk, now),
            expected,
            "{limits:?} after {spent}"
        );
    };
    let year = "2027-01-01T00:00:00Z";
    check([Some(2), None, None, None], 1, None);
    check(
        [Some(2), None, None, None],
        2,
        Some(("per_minute", "2026-12-31T23:31:00Z")),
    );
    check([None, Some(2), None, None], 2, Some(("per_hour", year)));
    check([None, None, Some(2), None], 3, Some(("per_day", year)));
    check(
        [Some(1), Some(1), None, Some(1)],
        1,
        Some(("per_month", year)),
    );
    check([Some(9), Some(9), None, Some(9)], 8, None);
    check(
        [Some(0), None, None, None],
        0,
        Some(("per_minute", "2026-12-31T23:31:00Z")),
    );
    check([None, None, None, Some(5)], 5, Some(("per_month", year)));
}

#[test]
fn everything_that_shuts_a_sim() {
    let now = "2026-03-10T12:00:00Z";
    let check = |change: &dyn Fn(&mut Sim), class: Class, expected: Option<(Shut, &str)>| {
        let mut sim = Sim::default();
        sim.budget.limits[2] = Some(10);
        change(&mut sim);
        let expected = expected.map(|(shut, until)| (shut, at(until)));
        assert_eq!(sim.shut(class, now), expected, "{sim:?} {class:?}");
    };
    use Class::{Bulk, Otp};
    check(&|_| (), Bulk, None);
    check(
        &|sim| sim.budget = Budget::default(),
        Otp,
        Some((Shut::Undeclared, "MAX")),
    );
    check(
        &|sim| sim.budget.ends = Some(at(now)),
        Otp,
        Some((Shut::Contract, "MAX")),
    );
    check(
        &|sim| sim.budget.ends = Some(at("2026-03-10T12:00:00.001Z")),
        Otp,
        None,
    );
    let night = |sim: &mut Sim| {
        sim.budget.hours = vec![Hours {
            from_min: 1320,
            to_min: 360,
        }];
    };
    check(&night, Otp, Some((Shut::Hours, "2026-03-10T22:00:00Z")));
    // For life, whatever the period; what was refused does not count.
    let life = |started, refused| {
        move |sim: &mut Sim| {
            sim.budget.limits[2] = None;
            sim.budget.per_life = Some(7);
            (sim.usage.started, sim.usage.refused) = (started, refused);
        }
    };
    check(&life(9, 3), Bulk, None);
    check(&life(9, 2), Bulk, Some((Shut::Limit("per_life"), "MAX")));
    // Two of ten are for codes.
    let share = |spent| {
        move |sim: &mut Sim| {
            sim.budget.otp_share = 29;
            sim.spend(now, spent);
        }
    };
    let midnight = "2026-03-11T00:00:00Z";
    check(&share(7), Bulk, None);
    check(
        &share(8),
        Bulk,
        Some((Shut::KeptForCodes("per_day"), midnight)),
    );
    check(&share(8), Otp, None);
    check(&share(10), Otp, Some((Shut::Limit("per_day"), midnight)));
}

#[test]
fn recipients_are_limited_in_their_month() {
    let now = "2026-03-10T12:00:00Z";
    let check = |reached: u32, now: &str, bulk: bool, otp: bool, strangers: Strangers| {
        let mut sim = Sim::default();
        sim.budget.limits[2] = Some(1000);
        sim.budget.recipients_per_month = Some(10);
        sim.budget.otp_share = 20;
        sim.spend("2026-03-10T12:00:00Z", 1);
        sim.recipients = reached;
        let shut = |class| shut_to_strangers(&sim.budget, sim.spent(), class, at(now)).is_some();
        assert_eq!(
            (shut(Class::Bulk), shut(Class::Otp)),
            (bulk, otp),
            "{reached} at {now}"
        );
        assert_eq!(
            sim.allowance(now).strangers,
            strangers,
            "{reached} at {now}"
        );
        assert_eq!(
            sim.shut(Class::Bulk, now),
            None,
            "known recipients are served"
        );
    };
    check(7, now, false, false, Strangers::All);
    check(8, now, true, false, Strangers::Codes);
    check(10, now, true, true, Strangers::None);
    check(10, "2026-04-01T00:00:00Z", false, false, Strangers::All);
}

#[test]
fn headroom_is_that_of_the_scarcest_limit() {
    let now = "2026-03-10T12:00:00Z";
    let check = |change: &dyn Fn(&mut Sim), spent: u32, expected: u64| {
        let mut sim = Sim::default();
        change(&mut sim);
        sim.spend(now, spent);
        let found = headroom(&sim.budget, sim.spent(), at(now));
        assert_eq!(found, expected, "{sim:?}");
    };
    let limits = |limits: [Option<u32>; 4]| move |sim: &mut Sim| sim.budget.limits = limits;
    check(&limits([Some(10), None, None, None]), 0, 1_000_000_000);
    check(&limits([Some(10), None, None, None]), 4, 600_000_000);
    check(&limits([Some(10), Some(5), None, None]), 4, 200_000_000);
    check(&limits([None, None, None, Some(1000)]), 1, 999_000_000);
    check(&limits([Some(3), None, None, None]), 7, 0);
    check(&limits([Some(0), None, None, None]), 0, 0);
    check(&limits([Some(u32::MAX), None, None, None]), 1, 999_999_999);
    check(&limits([None; 4]), 1, 0);
    let package = |sim: &mut Sim| {
        sim.budget.limits[0] = Some(10);
        sim.budget.per_life = Some(100);
        sim.usage.started = 75;
    };
    check(&package, 1, 250_000_000);
    let few = |sim: &mut Sim| {
        sim.budget.limits[0] = Some(10);
        sim.budget.recipients_per_month = Some(4);
        sim.recipients = 3;
    };
    check(&few, 1, 250_000_000);
}

#[test]
fn an_allowance_holds_until_something_changes_it() {
    let now = "2026-03-10T12:00:00Z";
    let check = |change: &dyn Fn(&mut Sim), expected: &str| {
        let mut sim = Sim::default();
        sim.budget.limits = [Some(10), None, Some(10), None];
        change(&mut sim);
        assert_eq!(sim.allowance(now).holds_until, at(expected), "{sim:?}");
    };
    check(&|_| (), "MAX");
    check(&|sim| sim.spend(now, 1), "2026-03-10T12:01:00Z");
    check(
        &|sim| sim.spend("2026-03-10T11:00:00Z", 1),
        "2026-03-11T00:00:00Z",
    );
    check(
        &|sim| sim.budget.ends = Some(at("2026-03-10T18:00:00Z")),
        "2026-03-10T18:00:00Z",
    );
    let hours = |from_min, to_min| vec![Hours { from_min, to_min }];
    check(
        &|sim| sim.budget.hours = hours(360, 1320),
        "2026-03-10T22:00:00Z",
    );
    let cheap = |sim: &mut Sim| {
        sim.cost = Cost {
            part: 9,
            cheap: 2,
            cheap_hours: hours(1200, 360),
        };
    };
    check(&cheap, "2026-03-10T20:00:00Z");
    let mut sim = Sim::default();
    cheap(&mut sim);
    let costs = [now, "2026-03-10T20:00:00Z"].map(|at| sim.allowance(at).cost);
    assert_eq!(costs, [9, 2]);
}

#[test]
fn what_is_shown_says_when_a_limit_binds() {
    let noon = "2026-03-10T12:00:00Z";
    let mut sim = Sim::default();
    sim.budget.limits = [None, None, Some(100), Some(10_000)];
    sim.budget.otp_share = 10;
    sim.spend(noon, 60);
    let [day, month] = overview(&sim.budget, sim.spent(), at(noon))[..] else {
        panic!("two limits are set");
    };
    let midnight = Some(at("2026-03-11T00:00:00Z"));
    assert_eq!(
        (day.name, day.limit, day.used, day.for_codes),
        ("per_day", 100, 60, 10)
    );
    // 60 in 12 hours: the other 40 last 8 more.
    assert_eq!(
        (day.resets, day.binds),
        (midnight, Some(at("2026-03-10T20:00:00Z")))
    );
    assert_eq!(
        (month.resets, month.binds),
        (Some(at("2026-04-01T00:00:00Z")), None)
    );
    let first = |sim: &Sim| first_to_bind(&sim.budget, sim.spent(), at(noon));
    assert_eq!(first(&sim), Some(("per_day", at("2026-03-10T20:00:00Z"))));
    sim.budget.ends = Some(at(noon));
    assert_eq!(first(&sim), Some(("contract", at(noon))));
}

#[test]
fn whole_messages_find_room_or_wait() {
    let check = |limit: u32, share: u8, used: u32, class: Class, parts: u8, expected: bool| {
        let mut sim = Sim::default();
        sim.budget.limits = [Some(1), None, Some(limit), None];
        sim.budget.otp_share = share;
        sim.spend("2026-03-10T12:00:00Z", used);
        let room = sim.allowance("2026-03-10T12:00:30Z").room;
        assert_eq!(
            room.holds(class, parts),
            expected,
            "{limit} {share}% {used} {parts}"
        );
    };
    check(10, 0, 7, Class::Bulk, 3, true);
    check(10, 0, 8, Class::Bulk, 3, false);
    check(10, 20, 6, Class::Bulk, 3, false);
    check(10, 20, 6, Class::Otp, 3, true);
    // More than a day ever allows: as much of it as a day does.
    check(2, 0, 0, Class::Bulk, 3, true);
    check(2, 0, 1, Class::Bulk, 3, false);
}

#[test]
fn times_beyond_the_calendar_do_not_panic() {
    for now in [i64::MIN / 2, i64::MAX / 2] {
        let mut sim = Sim::default();
        sim.budget.limits = [Some(1); 4];
        spend(&mut sim.usage, &sim.budget.calendar, UnixMs(now));
        recut(&mut sim.usage, &sim.budget.calendar, UnixMs(now), UnixMs(0));
        let declared = SimSettings::default();
        allowance(&declared, sim.spent(), UnixMs(now));
    }
}

/// A SIM on paper.
#[derive(Clone, Debug, Default)]
struct Sim {
    usage: Usage,
    budget: Budget,
    cost: Cost,
    recipients: u32,
}

impl Sim {
    fn with(calendar: Calendar) -> Sim {
        let mut sim = Sim::default();
        sim.budget.calendar = calendar;
        sim
    }

    fn spend(&mut self, now: &str, parts: u32) {
        (0..parts).for_each(|_| spend(&mut self.usage, &self.budget.calendar, at(now)));
    }

    fn recut(&mut self, now: &str, last_used: &str) {
        recut(
            &mut self.usage,
            &self.budget.calendar,
            at(last_used),
            at(now),
        );
    }

    fn used(&self, now: &str) -> [u32; 4] {
        [0, 1, 2, 3].map(|index| used(&self.usage, index, at(now)))
    }

    fn shut(&self, class: Class, now: &str) -> Option<(Shut, UnixMs)> {
        shut(&self.budget, self.spent(), class, at(now))
    }

    fn spent(&self) -> Spent<'_> {
        Spent {
            usage: &self.usage,
            recipients: self.recipients,
        }
    }

    fn allowance(&self, now: &str) -> Allowance {
        let declared = SimSettings {
            budget: self.budget.clone(),
            cost: self.cost.clone(),
            ..SimSettings::default()
        };
        allowance(&declared, self.spent(), at(now))
    }
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
