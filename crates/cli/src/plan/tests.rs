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
