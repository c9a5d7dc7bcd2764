//! What operators do: pause, drain, resume, reload, stop.

use super::rig::*;
use crate::admission::RawRequest;
use crate::exchange::{Answer, Input, Refusal};
use crate::record::{Control, Target};
use crate::settings::{Route, Settings, SimFilter};
use crate::snapshot::SimState;
use crate::words::{Class, LineId, MessageState, Rotation};

#[test]
fn a_paused_line_gets_nothing_new_and_keeps_what_it_has() {
    let mut rig = Rig::with_sims(1);
    let id = rig.accept(&raw(Class::Bulk));
    assert_eq!(
        rig.control(line(0), Control::Paused),
        Ok(Answer::Controlled)
    );
    let next = rig.accept(&raw(Class::Otp));
    assert_eq!((rig.line_of(id), rig.line_of(next)), (Some(0), None));
    rig.pass(seconds(5));
    rig.sent(0, 1);
    assert_eq!(rig.line_of(next), None);
    let seen = rig.snapshot();
    assert_eq!(seen.sims[0].state, SimState::Paused);
    assert_eq!(
        seen.line_controls,
        [(line_name(0), Control::Paused, Some("by hand".into()))]
    );
    rig.control(line(0), Control::Active).unwrap();
    assert_eq!(rig.line_of(next), Some(0));
}

#[test]
fn a_drained_line_gives_back_what_it_has_not_begun() {
    let mut rig = Rig::with_sims(2);
    let id = rig.accept(&raw(Class::Bulk));
    let first = rig.line_of(id).unwrap();
    rig.control(line(first), Control::Draining).unwrap();
    assert_eq!(rig.lines[&LineId(first)].recalls, 1);
    assert_eq!(rig.line_of(id), Some(1 - first));
}

#[test]
fn a_paused_sim_is_paused_in_every_line() {
    let mut rig = Rig::with_sims(1);
    rig.control(Target::Sim(iccid(0)), Control::Paused).unwrap();
    assert_eq!(rig.snapshot().sims[0].reason.as_deref(), Some("by hand"));
    rig.unplug(0);
    rig.plug(1, 0);
    rig.accept(&raw(Class::Bulk));
    assert_eq!(rig.held(), 0);
    rig.control(Target::Sim(iccid(0)), Control::Active).unwrap();
    assert_eq!(rig.held(), 1);
}

#[test]
fn a_control_survives_a_restart() {
    for (target, control) in [
        (line(0), Control::Paused),
        (line(0), Control::Draining),
        (Target::Sim(iccid(0)), Control::Paused),
    ] {
        let mut rig = Rig::with_sims(1);
        // A SIM is known to the store once it has sent.
        rig.accept(&RawRequest {
            report: Some(false),
            ..raw(Class::Bulk)
        });
        rig.pass(seconds(5));
        rig.sent(0, 1);
        rig.control(target.clone(), control).unwrap();
        rig.restart();
        rig.plug(0, 0);
        rig.accept(&raw(Class::Bulk));
        assert_eq!(rig.held(), 0, "{target:?} {control:?}");
        let seen = rig.snapshot();
        let reason = match &target {
            Target::Line(name) => {
                let [(line, kept, reason)] = seen.line_controls.as_slice() else {
                    panic!("{:?}", seen.line_controls);
                };
                assert_eq!((line, *kept), (name, control));
                reason.as_deref()
            }
            Target::Sim(_) => seen.sims[0].reason.as_deref(),
        };
        assert_eq!(reason, Some("by hand"), "{target:?} {control:?}");
        rig.control(target, Control::Active).unwrap();
        assert_eq!(rig.held(), 1);
        rig.pass(seconds(5));
        rig.sent(0, 2);
        rig.restart();
        rig.plug(0, 0);
        rig.accept(&raw(Class::Bulk));
        assert_eq!(rig.held(), 1, "{control:?} is over");
    }
}

#[test]
fn unknown_targets_are_refused() {
    let mut rig = Rig::with_sims(1);
    assert_eq!(
        rig.control(line(7), Control::Paused),
        Err(Refusal::UnknownTarget)
    );
    assert_eq!(
        rig.control(Target::Sim(iccid(7)), Control::Paused),
        Err(Refusal::UnknownTarget)
    );
}

#[test]
fn new_routes_apply_to_what_waits() {
    let mut rig = Rig::new(Settings {
        routes: vec![to_sim("a", "+49", 8)],
        ..generous()
    });
    rig.plug(0, 0);
    let id = rig.accept(&raw(Class::Bulk));
    let french = rig.accept(&RawRequest {
        to: "+33612345678",
        ..raw(Class::Bulk)
    });
    assert_eq!((rig.line_of(id), rig.line_of(french)), (None, Some(0)));
    rig.pass(seconds(5));
    rig.sent(0, 1);
    let settings = Settings {
        routes: vec![to_sim("b", "+33", 8), to_sim("a", "+49", 0)],
        ..generous()
    };
    rig.reload(settings);
    assert_eq!(rig.line_of(id), Some(0));
    rig.check_replay();
}

#[test]
fn the_longest_prefix_or_the_asked_route_decides() {
    let routes = vec![
        to_sim("country", "+49", 0),
        to_sim("mobile", "+4915", 1),
        to_sim("asked", "+1", 2),
    ];
    let mut rig = Rig::new(Settings {
        routes,
        ..generous()
    });
    (0..4).for_each(|line| rig.plug(line, line));
    let mut check = |to, route, expected: Option<u32>| {
        let id = rig.accept(&RawRequest {
            to,
            route,
            ..raw(Class::Bulk)
        });
        let line = rig.line_of(id).unwrap();
        assert!(
            expected.is_none_or(|expected| line == expected),
            "{to} by {route:?} went to {line}"
        );
        rig.pass(seconds(5));
        rig.sent(line, 1);
    };
    check("+4930123456", None, Some(0));
    check("+4915112345678", None, Some(1));
    check("+4915112345678", Some("asked"), Some(2));
    check("+4915112345678", Some("country"), Some(0));
    check("+33612345678", None, None);
}

#[test]
fn a_route_that_is_gone_leaves_its_messages_to_every_sim() {
    let mut rig = Rig::new(Settings {
        routes: vec![to_sim("gone", "+49", 8)],
        ..generous()
    });
    rig.plug(0, 0);
    let id = rig.accept(&RawRequest {
        route: Some("gone"),
        ..raw(Class::Bulk)
    });
    assert_eq!(rig.line_of(id), None);
    rig.reload(generous());
    assert_eq!(rig.line_of(id), Some(0));
}

#[test]
fn a_new_target_is_the_new_pace() {
    let mut rig = Rig::new(Settings {
        target_per_minute: 1,
        ..generous()
    });
    (0..3).for_each(|line| rig.plug(line, line));
    (0..3).for_each(|_| {
        rig.accept(&raw(Class::Bulk));
    });
    rig.wait(seconds(60));
    assert_eq!(rig.held(), 2);
    rig.reload(generous());
    rig.wait(seconds(60));
    assert_eq!(rig.held(), 3);
}

#[test]
fn stopping_lets_begun_parts_finish_and_hands_back_the_rest() {
    let mut rig = Rig::with_sims(2);
    let begun = rig.accept(&raw(Class::Bulk));
    let line = rig.line_of(begun).unwrap();
    rig.begin(line);
    let other = rig.accept(&raw(Class::Bulk));
    let waiting = rig.accept(&raw(Class::Bulk));
    assert!(!rig.gateway.is_drained());
    rig.input(Input::Stop);
    rig.turn();
    assert_eq!(rig.held(), 1, "what was begun");
    assert!(!rig.gateway.is_drained());
    assert_eq!(rig.refusal(&raw(Class::Otp)), Refusal::Draining);
    assert_eq!(
        (rig.state(other), rig.state(waiting)),
        (MessageState::Queued, MessageState::Queued)
    );
    rig.sent(line, 1);
    assert!(rig.gateway.is_drained());
    assert_eq!(rig.held(), 0, "nothing new is started");
    let seen = rig.snapshot();
    assert!(seen.stopping && !seen.accepting);

    rig.restart();
    rig.plug(0, 0);
    assert_eq!(rig.held(), 1, "after the restart it goes on");
    assert_eq!(rig.state(begun), MessageState::Sent);
}

fn line(line: u32) -> Target {
    Target::Line(line_name(line))
}

fn to_sim(name: &str, prefix: &str, sim: u32) -> Route {
    Route {
        name: name.into(),
        prefixes: vec![prefix.into()],
        classes: Vec::new(),
        sims: SimFilter {
            iccids: vec![iccid(sim)],
            ..SimFilter::default()
        },
        rotation: Rotation::RoundRobin,
        ..Route::default()
    }
}
