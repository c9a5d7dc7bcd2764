//! How many reports of each operator's parts come, across doubts, new beginnings and restarts.

use std::time::Duration;

use super::rig::*;
use crate::admission::RawRequest;
use crate::settings::{Settings, SimSettings};
use crate::words::{Class, InDoubt};

/// What is shown of each operator, and of each SIM: parts, reports that came, and within how many seconds half of them did.
type Shown = (Vec<(String, u32, u32, Option<u64>)>, Vec<(u32, u32)>);

fn shown(rig: &Rig) -> Shown {
    let seen = rig.snapshot();
    let operators = seen.reports.iter().map(|(operator, rate)| {
        let soon = rate.delay(50).map(|delay| delay.as_secs());
        (operator.to_string(), rate.parts, rate.came(), soon)
    });
    let mut sims: Vec<_> = seen.sims.iter().collect();
    sims.sort_by_key(|sim| &sim.iccid);
    let sims = sims
        .iter()
        .map(|sim| (sim.reports.parts, sim.reports.came()));
    (operators.collect(), sims.collect())
}

/// SIM 0 is declared to be of an operator, SIM 1 is not.
fn two_operators() -> Rig {
    let mut settings: Settings = generous();
    let declared = SimSettings {
        operator: Some("alpha".into()),
        ..settings.sims_default.clone()
    };
    settings.sims.insert(iccid(0), declared);
    let mut rig = Rig::new(settings);
    (0..2).for_each(|line| rig.plug(line, line));
    rig
}

/// Sends messages on both lines; of those on line 0 all reports come, of those on line 1 every third.
fn send(rig: &mut Rig, messages: u8) {
    for mr in 0..messages {
        for _ in 0..2 {
            rig.accept(&raw(Class::Notification));
        }
        rig.pass(seconds(5));
        (0..2).for_each(|line| {
            rig.sent(line, mr);
        });
        rig.pass(seconds(2));
        rig.report_of(0, mr, RECIPIENT, DELIVERED, rig.now.wall);
        if mr % 3 == 0 {
            rig.report_of(1, mr, RECIPIENT, FAILED, rig.now.wall);
        }
    }
}

#[test]
fn each_operator_shows_what_came_of_its_parts_and_a_restart_changes_nothing() {
    let mut rig = two_operators();
    send(&mut rig, 30);
    let (operators, _) = shown(&rig);
    assert!(
        operators.iter().all(|(_, parts, _, _)| *parts == 0),
        "not yet due"
    );
    rig.wait(seconds(600));
    let expected = (
        vec![
            ("26201".to_owned(), 30, 10, Some(3)),
            ("alpha".to_owned(), 30, 30, Some(3)),
        ],
        vec![(30, 30), (30, 10)],
    );
    assert_eq!(shown(&rig), expected);
    // Of SIM 1 nobody knows the operator until it is in a line again.
    rig.restart();
    let (operators, sims) = shown(&rig);
    assert_eq!((&operators[..], &sims), (&expected.0[1..], &expected.1));
    (0..2).for_each(|line| rig.plug(line, line));
    assert_eq!(shown(&rig), expected);
    // The deadline of what got no report ends it, and it counts all the same.
    rig.wait(Duration::from_hours(23));
    assert_eq!(shown(&rig), expected);
    rig.wait(Duration::from_hours(2));
    assert_eq!(shown(&rig).1, [(0, 0), (0, 0)]);
}

#[test]
fn only_parts_that_were_sent_with_a_report_asked_for_count() {
    let mut rig = Rig::with_sims(1);
    rig.accept(&RawRequest {
        report: Some(false),
        ..raw(Class::Bulk)
    });
    rig.sent(0, 1);
    let held = RawRequest {
        in_doubt: Some(InDoubt::Hold),
        ..raw(Class::Bulk)
    };
    rig.accept(&held);
    let doubtful = rig.unknown(0);
    rig.accept(&held);
    rig.unknown(0);
    rig.resolved(0, doubtful, 2);
    rig.report(0, 2, RECIPIENT, TRYING);
    rig.wait(seconds(600));
    assert_eq!(
        shown(&rig).1,
        [(1, 0)],
        "the one that was proven to be sent"
    );
    rig.restart();
    assert_eq!(shown(&rig).1, [(1, 0)]);
}

#[test]
fn parts_of_a_set_that_was_given_up_do_not_count() {
    let mut rig = Rig::with_sims(1);
    let text = long_text();
    rig.accept(&RawRequest {
        text: &text,
        ..raw(Class::Notification)
    });
    rig.sent(0, 1);
    rig.sent(0, 2);
    rig.report(0, 1, RECIPIENT, DELIVERED);
    rig.unplug(0);
    rig.wait(seconds(301));
    assert_eq!(rig.snapshot().totals.given_up, 2);
    rig.wait(seconds(600));
    assert_eq!(shown(&rig).1, [(1, 1)]);
    rig.restart();
    assert_eq!(shown(&rig).1, [(1, 1)]);
}
