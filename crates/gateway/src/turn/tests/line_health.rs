//! A line that loses one part after the other: it rests, one part tries it, and nobody else pays for it.

use modem::{Cause, Outcome};

use super::rig::*;
use crate::admission::RawRequest;
use crate::breaker::Gate;
use crate::capacity::Bound;
use crate::exchange::LineTrust;
use crate::line_breaker::BreakerState;
use crate::record::{Control, Target};
use crate::settings::{Route, Settings, SimFilter};
use crate::snapshot::SimState;
use crate::words::{Class, LineId, MessageState, Rotation};

/// Gives the line so many parts and loses each.
fn lose(rig: &mut Rig, line: u32, parts: usize, outcome: &Outcome) {
    for _ in 0..parts {
        while rig.on_line(line).is_none() {
            rig.sleep();
        }
        rig.finish(line, outcome.clone());
    }
}

fn no_prompt() -> Outcome {
    Outcome::Refused(Cause::NoPrompt)
}

#[test]
fn a_line_without_a_prompt_burns_three_attempts_and_then_one_at_a_time() {
    let mut rig = Rig::with_sims(2);
    let ids: Vec<_> = (0..60).map(|_| rig.accept(&raw(Class::Bulk))).collect();
    lose(&mut rig, 0, 3, &no_prompt());
    // Its neighbour sends a part a minute, each while this one may be asked.
    let mut lost = 3;
    for minute in 0..50 {
        assert!(rig.on_line(1).is_some(), "the neighbour goes on: {minute}");
        rig.sent(1, 1);
        rig.wait(seconds(60));
        if rig.on_line(0).is_some() {
            rig.finish(0, no_prompt());
            lost += 1;
        }
    }
    // 1, 2, 4, 8, 16 and 32 minutes after one another.
    assert_eq!(lost, 3 + 5, "probes within 50 minutes");
    let seen = rig.snapshot();
    assert_eq!(
        (seen.sims[0].usage.refused, seen.sims[1].usage.sent),
        (8, 50)
    );
    assert!(ids.iter().all(|id| rig.state(*id) != MessageState::Failed));
    assert_eq!(seen.line_trips, 6);
}

#[test]
fn what_a_line_loses_is_not_held_against_its_sim_or_its_network() {
    let mut rig = Rig::with_sims(4);
    (0..40).for_each(|_| {
        rig.accept(&raw(Class::Bulk));
    });
    // A hub in trouble: eight parts in a row are lost on three lines, and the operator has refused none.
    (0..3).for_each(|line| lose(&mut rig, line, 3, &no_prompt()));
    assert!(rig.on_line(3).is_some(), "another line of the same network");
    assert_eq!(rig.snapshot().sims[0].state, SimState::Quarantined);
    rig.unplug(0);
    rig.plug(7, 0);
    assert_eq!(
        rig.gateway.line_gate(rig.now, crate::book::SimIdx(0)),
        Gate::Open
    );
    rig.wait(seconds(20));
    assert!(rig.on_line(7).is_some(), "the SIM sends in another line");
    // And the next SIM in the bad line finds it as it was left.
    rig.plug(0, 9);
    assert!(rig.on_line(0).is_none());
}

#[test]
fn a_line_that_works_again_gets_its_parts() {
    let mut rig = Rig::with_sims(1);
    (0..10).for_each(|_| {
        rig.accept(&raw(Class::Bulk));
    });
    lose(&mut rig, 0, 3, &no_prompt());
    let seen = rig.snapshot();
    let [open] = seen.line_breakers.as_slice() else {
        panic!("{:?}", seen.line_breakers);
    };
    assert_eq!(
        (open.line, open.state, open.retry_at),
        (
            LineId(0),
            BreakerState::Open,
            Some(rig.now.wall.plus(seconds(60)))
        )
    );
    let reason = seen.sims[0].reason.as_deref().unwrap();
    assert!(
        reason.contains("lost 3 parts in a row, the last by no_prompt"),
        "{reason}"
    );
    assert_eq!(seen.capacity.binds, Bound::LinesDown);
    rig.wait(seconds(60));
    assert_eq!(
        rig.snapshot().line_breakers[0].state,
        BreakerState::HalfOpen
    );
    assert_eq!(rig.held(), 1, "one part, however fast the line was");
    rig.sent(0, 1);
    assert!(rig.snapshot().line_breakers.is_empty());
    assert!(rig.on_line(0).is_some());
    assert_eq!(
        rig.trusts,
        [
            (
                line_name(0),
                LineTrust::Rests {
                    reason: "lost 3 parts in a row, the last by no_prompt".into(),
                    rest: seconds(60)
                }
            ),
            (line_name(0), LineTrust::Back)
        ]
    );
}

#[test]
fn unknown_outcomes_count_too_and_an_answer_between_does_not() {
    let mut rig = Rig::with_sims(1);
    (0..10).for_each(|_| {
        rig.accept(&raw(Class::Bulk));
    });
    for _ in 0..3 {
        rig.unknown(0);
        rig.unknown(0);
        rig.sent(0, 1);
    }
    assert!(rig.snapshot().line_breakers.is_empty());
    let mut rig = Rig::with_sims(1);
    (0..10).for_each(|_| {
        rig.accept(&raw(Class::Bulk));
    });
    (0..3).for_each(|_| {
        rig.unknown(0);
    });
    assert_eq!(rig.snapshot().line_breakers.len(), 1);
    assert_eq!(rig.held(), 0);
}

#[test]
fn an_operator_closes_it_by_the_line_or_by_its_sim() {
    for target in [Target::Line(line_name(0)), Target::Sim(iccid(0))] {
        let mut rig = Rig::with_sims(1);
        (0..10).for_each(|_| {
            rig.accept(&raw(Class::Bulk));
        });
        lose(&mut rig, 0, 3, &no_prompt());
        assert_eq!(rig.held(), 0);
        rig.control(target.clone(), Control::Active).unwrap();
        assert_eq!(rig.held(), 1, "{target:?}");
    }
}

#[test]
fn a_code_tries_a_doubtful_line_only_if_there_is_no_other() {
    let mut rig = Rig::with_sims(2);
    (0..3).for_each(|_| {
        rig.accept(&raw(Class::Bulk));
    });
    lose(&mut rig, 0, 3, &no_prompt());
    while rig.on_line(1).is_some() {
        rig.sent(1, 1);
    }
    rig.wait(seconds(60));
    let code = rig.accept(&raw(Class::Otp));
    assert_eq!(rig.line_of(code), Some(1));
    let next = rig.accept(&raw(Class::Otp));
    assert_eq!(
        rig.line_of(next),
        Some(0),
        "rather a doubtful line than none"
    );
}

#[test]
fn a_route_falls_back_while_its_lines_are_out_and_returns_with_the_probe() {
    let to_sim = |name: &str, sim: u32, fallback: &[&str]| Route {
        name: name.into(),
        sims: SimFilter {
            iccids: vec![iccid(sim)],
            ..SimFilter::default()
        },
        rotation: Rotation::RoundRobin,
        fallback: fallback.iter().map(|name| (*name).into()).collect(),
        ..Route::default()
    };
    let mut rig = Rig::new(Settings {
        routes: vec![to_sim("own", 0, &["other"]), to_sim("other", 1, &[])],
        ..generous()
    });
    (0..2).for_each(|line| rig.plug(line, line));
    let on_own = RawRequest {
        route: Some("own"),
        ..raw(Class::Bulk)
    };
    (0..6).for_each(|_| {
        rig.accept(&on_own);
    });
    lose(&mut rig, 0, 2, &no_prompt());
    assert!(rig.on_line(1).is_none());
    lose(&mut rig, 0, 1, &no_prompt());
    assert!(rig.on_line(1).is_some(), "the fall-back serves");
    rig.wait(seconds(60));
    rig.sent(1, 1);
    assert!(rig.on_line(0).is_some(), "the route's own line is tried");
}
