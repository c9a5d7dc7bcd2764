//! Warnings before a SIM is exhausted: each mark once in a period, over restarts, moves, refusals and reloads.

use modem::Cause;

use super::rig::*;
use crate::record::{Record, Warning};
use crate::settings::{Budget, Settings};
use crate::words::Class;

#[test]
fn each_mark_once_in_a_period_and_again_in_the_next() {
    let mut rig = with_limits(Some(20), None);
    send(&mut rig, 15);
    assert_eq!(warnings(&rig), []);
    send(&mut rig, 1);
    let [first] = warnings(&rig)[..] else {
        panic!("{:?}", warnings(&rig))
    };
    assert_eq!((first.budget, first.percent), ("per_day", 80));
    assert_eq!((first.used, first.limit), (16, 20));
    assert_eq!(first.resets, rig.snapshot().sims[0].budgets[1].resets);
    send(&mut rig, 4);
    assert_eq!(marks(&rig), [("per_day", 80), ("per_day", 95)]);
    rig.wait(seconds(86_400));
    send(&mut rig, 16);
    assert_eq!(marks(&rig)[2..], [("per_day", 80)]);
}

#[test]
fn a_restart_and_another_line_say_nothing_anew() {
    let mut rig = with_limits(Some(20), None);
    send(&mut rig, 16);
    rig.restart();
    rig.plug(3, 0);
    assert_eq!(marks(&rig), [("per_day", 80)]);
    rig.unplug(3);
    rig.plug(0, 0);
    send(&mut rig, 1);
    assert_eq!(marks(&rig), [("per_day", 80)]);
}

#[test]
fn parts_that_are_given_back_and_used_anew_are_no_news() {
    let mut rig = with_limits(Some(20), None);
    send(&mut rig, 15);
    for _ in 0..2 {
        let id = rig.accept(&raw(Class::Bulk));
        rig.refused(0, Cause::Cms(1));
        assert!(rig.line_of(id).is_none());
    }
    send(&mut rig, 1);
    assert_eq!(marks(&rig), [("per_day", 80)]);
}

#[test]
fn a_limit_that_is_changed_is_another_one() {
    let mut rig = with_limits(None, Some(20));
    send(&mut rig, 16);
    assert_eq!(marks(&rig), [("per_life", 80)]);
    let mut settings = rig.settings.clone();
    settings.sims_default.budget.per_life = Some(100);
    rig.reload(settings.clone());
    assert_eq!(marks(&rig).len(), 1, "much is left again");
    settings.sims_default.budget.per_life = Some(16);
    rig.reload(settings);
    assert_eq!(
        marks(&rig)[1..],
        [("per_life", 95)],
        "though nothing is sent any more"
    );
}

#[test]
fn a_limit_that_was_lowered_while_the_daemon_was_down_is_noticed() {
    let mut rig = with_limits(None, Some(1000));
    send(&mut rig, 16);
    rig.settings.sims_default.budget.per_life = Some(16);
    rig.restart();
    assert_eq!(marks(&rig), []);
    rig.plug(0, 0);
    assert_eq!(marks(&rig), [("per_life", 95)]);
}

#[test]
fn recipients_are_warned_of_too() {
    let mut settings = limits(None, None);
    settings.sims_default.budget.recipients_per_month = Some(5);
    let mut rig = Rig::new(settings);
    rig.plug(0, 0);
    for number in 0..5 {
        let to = format!("+4915110000{number}");
        rig.accept(&crate::admission::RawRequest {
            to: &to,
            ..raw(Class::Bulk)
        });
        rig.pass(seconds(1));
        rig.sent(0, number);
    }
    let people = "recipients_per_month";
    assert_eq!(marks(&rig), [(people, 80), (people, 95)]);
    let shown = &rig.snapshot().sims[0].budgets;
    let marks: Vec<_> = shown.iter().map(|of| (of.name, of.warning)).collect();
    assert_eq!(marks, [("per_minute", None), (people, Some(95))]);
}

/// Messages that are sent, in no time.
fn send(rig: &mut Rig, count: u8) {
    for mr in 0..count {
        rig.accept(&raw(Class::Bulk));
        rig.pass(seconds(1));
        rig.sent(0, mr);
    }
}

fn warnings(rig: &Rig) -> Vec<Warning> {
    let entries = rig.store.entries.iter();
    let warning = entries.filter_map(|entry| {
        if let Record::BudgetWarned { warning, .. } = &entry.record {
            return Some(*warning);
        }
        None
    });
    warning.collect()
}

fn marks(rig: &Rig) -> Vec<(&'static str, u8)> {
    let warnings = warnings(rig);
    warnings
        .iter()
        .map(|warning| (warning.budget, warning.percent))
        .collect()
}

fn limits(per_day: Option<u32>, per_life: Option<u32>) -> Settings {
    let mut settings = generous();
    settings.sims_default.budget = Budget {
        limits: [Some(1000), None, per_day, None],
        per_life,
        ..Budget::default()
    };
    settings
}

fn with_limits(per_day: Option<u32>, per_life: Option<u32>) -> Rig {
    let mut rig = Rig::new(limits(per_day, per_life));
    rig.plug(0, 0);
    rig
}
