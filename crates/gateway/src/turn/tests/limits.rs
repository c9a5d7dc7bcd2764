//! Budgets and intervals: what a SIM may send, across refills, restarts and reloads.

use std::time::Duration;

use modem::Cause;

use super::rig::*;
use crate::admission::RawRequest;
use crate::settings::{Budget, Settings, SimSettings};
use crate::snapshot::SimState;
use crate::words::Class;

#[test]
fn a_used_up_budget_is_refilled_with_the_next_minute() {
    let mut rig = limited(Some(2), 0);
    rig.pass(seconds(30));
    (0..5).for_each(|_| {
        rig.accept(&raw(Class::Bulk));
    });
    work(&mut rig);
    assert_eq!(
        (sent(&rig), rig.snapshot().sims[0].state),
        (2, SimState::Exhausted)
    );
    assert_eq!(
        rig.snapshot().sims[0].budgets[0].resets,
        Some(rig.now.wall.plus(seconds(30)))
    );
    assert_eq!(rig.sleep(), "a SIM has rested, or its budget is another");
    assert_eq!(rig.now.mono, noon_of(&rig) + seconds(60));
    work(&mut rig);
    assert_eq!(sent(&rig), 4);
}

/// Its recipient was reached in the month that is over, and counts anew in this one.
#[test]
fn the_rest_of_a_long_message_is_no_way_around_the_recipients_of_a_new_month() {
    let mut settings = generous();
    settings.sims_default.budget.recipients_per_month = Some(1);
    let mut rig = Rig::new(settings);
    rig.plug(0, 0);
    // Five seconds before the end of March.
    rig.pass(seconds(21 * 86_400 + 43_195));
    let text = long_text();
    rig.accept(&RawRequest {
        text: &text,
        ..raw(Class::Bulk)
    });
    rig.sent(0, 1);
    rig.refused(0, Cause::Cms(42));
    rig.pass(seconds(5));
    let other = rig.accept(&RawRequest {
        to: "+4915100000001",
        ..raw(Class::Otp)
    });
    assert_eq!(rig.on_line(0), Some((other, 1)));
    rig.sent(0, 2);
    rig.wait(seconds(120));
    assert_eq!(rig.held(), 0, "a second recipient in April");
}

#[test]
fn a_restart_refills_nothing() {
    let mut rig = limited(Some(2), 0);
    (0..5).for_each(|_| {
        rig.accept(&raw(Class::Bulk));
    });
    work(&mut rig);
    rig.restart();
    rig.plug(3, 0);
    assert_eq!(rig.held(), 0, "not even in another line");
    rig.wait(seconds(60));
    assert_eq!(rig.held(), 1);
}

#[test]
fn what_was_certainly_not_sent_is_given_back() {
    let mut rig = limited(Some(1), 0);
    rig.accept(&raw(Class::Bulk));
    rig.refused(0, Cause::Cms(1));
    rig.accept(&raw(Class::Bulk));
    assert_eq!(rig.held(), 1);
    rig.unknown(0);
    rig.accept(&raw(Class::Bulk));
    assert_eq!(rig.held(), 0, "what may have been sent counts");
}

#[test]
fn a_part_that_is_refused_in_the_next_minute_gives_nothing_to_that_minute() {
    let mut rig = limited(Some(1), 0);
    rig.pass(seconds(59));
    rig.accept(&raw(Class::Bulk));
    rig.wait(seconds(2));
    rig.refused(0, Cause::Cms(1));
    (0..2).for_each(|_| {
        rig.accept(&raw(Class::Bulk));
    });
    work(&mut rig);
    assert_eq!(sent(&rig), 1);
}

#[test]
fn without_a_budget_nothing_is_sent() {
    let mut rig = Rig::new(Settings {
        sims_default: SimSettings::default(),
        ..generous()
    });
    rig.plug(0, 0);
    rig.accept(&raw(Class::Otp));
    assert_eq!(rig.held(), 0);
    let sim = &rig.snapshot().sims[0];
    assert_eq!(sim.state, SimState::Exhausted);
    assert_eq!(sim.reason.as_deref(), Some("no budget is declared"));
}

#[test]
fn a_budget_of_its_own_comes_before_the_default() {
    let mut settings = generous();
    let own = SimSettings {
        budget: Budget {
            limits: [Some(1), None, None, None],
            ..Budget::default()
        },
        ..SimSettings::default()
    };
    settings.sims.insert(iccid(0), own);
    let mut rig = Rig::new(settings);
    rig.plug(0, 0);
    (0..3).for_each(|_| {
        rig.accept(&raw(Class::Bulk));
    });
    work(&mut rig);
    assert_eq!(sent(&rig), 1);
}

#[test]
fn starts_keep_their_interval() {
    let mut rig = limited(Some(1000), 3000);
    (0..3).for_each(|_| {
        rig.accept(&raw(Class::Bulk));
    });
    rig.pass(Duration::from_millis(20));
    rig.sent(0, 1);
    assert_eq!(
        (rig.held(), rig.snapshot().sims[0].state),
        (0, SimState::Waiting)
    );
    rig.wait(Duration::from_millis(2979));
    assert_eq!(rig.held(), 0);
    rig.wait(Duration::from_millis(1));
    assert_eq!(rig.held(), 1);
    rig.wait(seconds(10));
    assert_eq!(
        rig.held(),
        1,
        "no part waits at the line, or its start would not be known"
    );
    rig.sent(0, 2);
    assert_eq!(rig.held(), 1, "the interval has long passed");
}

#[test]
fn a_restart_does_not_shorten_an_interval() {
    let mut rig = limited(Some(1000), 60_000);
    (0..3).for_each(|_| {
        rig.accept(&raw(Class::Bulk));
    });
    rig.pass(seconds(5));
    rig.sent(0, 1);
    rig.pass(seconds(5));
    rig.restart();
    rig.plug(0, 0);
    assert_eq!(rig.held(), 0);
    rig.wait(seconds(60));
    assert_eq!(rig.held(), 1);
}

#[test]
fn a_larger_budget_is_used_at_once() {
    let mut rig = limited(Some(1), 0);
    (0..3).for_each(|_| {
        rig.accept(&raw(Class::Bulk));
    });
    work(&mut rig);
    assert_eq!(sent(&rig), 1);
    let mut settings = rig.settings.clone();
    settings.sims_default.budget.limits[0] = Some(2);
    rig.reload(settings);
    work(&mut rig);
    assert_eq!(sent(&rig), 2);
}

#[test]
fn the_sim_with_most_left_is_used() {
    let mut settings = generous();
    for (sim, limit) in [(0, 10), (1, 20), (2, 40)] {
        let budget = Budget {
            limits: [None, Some(limit), None, None],
            ..Budget::default()
        };
        settings.sims.insert(
            iccid(sim),
            SimSettings {
                budget,
                ..SimSettings::default()
            },
        );
    }
    let mut rig = Rig::new(settings);
    (0..3).for_each(|line| rig.plug(line, line));
    for mr in 0..35 {
        let id = rig.accept(&raw(Class::Bulk));
        rig.pass(Duration::from_millis(500));
        rig.sent(rig.line_of(id).unwrap(), mr);
    }
    let sent: Vec<u64> = rig
        .snapshot()
        .sims
        .iter()
        .map(|sim| sim.usage.sent)
        .collect();
    assert_eq!(sent, [5, 10, 20], "in proportion to what they may");
}

fn limited(per_minute: Option<u32>, interval_ms: u64) -> Rig {
    let mut settings = generous();
    settings.sims_default.budget = Budget {
        limits: [per_minute, None, None, None],
        interval_min: Duration::from_millis(interval_ms),
        ..Budget::default()
    };
    let mut rig = Rig::new(settings);
    rig.plug(0, 0);
    rig
}

/// The one line sends what it gets, in no time.
fn work(rig: &mut Rig) {
    while rig.on_line(0).is_some() {
        rig.sent(0, 1);
    }
}

fn sent(rig: &Rig) -> u64 {
    rig.snapshot().sims[0].usage.sent
}

fn noon_of(rig: &Rig) -> std::time::Instant {
    rig.now.mono - rig.now.wall.since(noon().wall)
}
