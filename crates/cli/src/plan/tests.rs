//! Fleets on paper, as the command line describes them.

use clap::Parser;

use super::*;
use crate::args::{Arguments, Command};

fn plan_of(line: &str) -> Plan {
    let words = ["simfleet", "plan"]
        .into_iter()
        .chain(line.split_whitespace());
    let Command::Plan(fleet) = Arguments::try_parse_from(words).unwrap().command else {
        panic!("{line} is another command");
    };
    Plan::of(&fleet)
}

#[test]
fn the_headline_fleet_with_a_daily_budget() {
    let plan = plan_of("--sims 512 --sms-time 5.65s --per-day 200 --target 5000");
    assert_eq!((plan.achievable_per_minute, plan.binds), (5437, "target"));
    assert_eq!(
        (plan.throughput_per_minute, plan.steady_per_day),
        (5000, 102_400)
    );
    assert!((plan.exhausted_in_hours.unwrap() - 102_400.0 / 5000.0 / 60.0).abs() < 0.001);
    // 200 a day are 0.139 a minute.
    assert_eq!(plan.sims_for_target, Some(36_000));
}

#[test]
fn without_a_target_the_radio_or_the_budget_binds() {
    let plan = plan_of("--sims 10 --sms-time 6s");
    assert_eq!((plan.throughput_per_minute, plan.binds), (100, "radio"));
    assert_eq!(
        (plan.exhausted_in_hours, plan.sims_for_target),
        (None, None)
    );
    let plan = plan_of("--sims 10 --sms-time 6s --per-minute 4");
    assert_eq!((plan.throughput_per_minute, plan.binds), (40, "budget"));
    let plan = plan_of("--sims 10 --sms-time 6s --min-interval 30s");
    assert_eq!((plan.throughput_per_minute, plan.binds), (20, "radio"));
}

#[test]
fn a_life_ends_and_recipients_are_parts_of_a_month() {
    let plan = plan_of("--sims 10 --sms-time 6s --per-life 600");
    assert_eq!((plan.throughput_per_minute, plan.binds), (100, "radio"));
    assert_eq!(plan.exhausted_in_hours, Some(1.0));
    let of_month = |line: &str| plan_of(line).steady_per_day;
    assert_eq!(of_month("--sims 1 --recipients-per-month 300"), 10);
    let three = "--sims 1 --recipients-per-month 300 --parts-per-recipient 3";
    assert_eq!(of_month(three), 30);
    assert_eq!(of_month(&format!("{three} --per-month 600")), 20);
}

#[test]
fn hours_and_windows_close_the_radio_and_not_the_days_budget() {
    let check = |line: &str, hours: f64, per_day: u64| {
        let plan = plan_of(&format!("--sims 1 --sms-time 6s {line}"));
        assert!((plan.open_hours_a_week - hours).abs() < 1e-9, "{plan:?}");
        assert_eq!(plan.steady_per_day, per_day, "{line}");
    };
    check("", 168.0, 14_400);
    check("--hours 08:00-20:00", 84.0, 7200);
    check("--hours 22:00-06:00 --hours 05:00-08:00", 70.0, 6000);
    check("--hours 08:00-20:00 --send-window 18:00-22:00", 14.0, 1200);
    check("--send-window 18:00-06:00 --send-days mon", 12.0, 1029);
    check("--hours 08:00-20:00 --per-day 700", 84.0, 700);
    check("--send-days mon,tue,wed,thu,fri --per-day 700", 120.0, 500);
    check("--hours 08:00-20:00 --per-hour 60", 84.0, 720);
}

#[test]
fn what_codes_keep_from_the_others() {
    let plan = plan_of("--sims 512 --sms-time 6s --per-day 99 --otp-share 20");
    assert_eq!(plan.steady_per_day, 512 * 99);
    assert_eq!(plan.steady_per_day_without_codes, 512 * 80);
    assert_eq!(plan.kept_for_codes, 2);
    assert_eq!(plan.throughput_per_minute_beside_codes, 5100);
    assert_eq!(plan_of("--sims 4").kept_for_codes, 0);
    assert_eq!(plan_of("--sims 4 --otp-reserve 9").kept_for_codes, 2);
}
