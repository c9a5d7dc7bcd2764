//! A hub whose power is cut: its lines get nothing, what is on the air ends, and afterwards everything goes on.

use modem::{Event, Rung};

use super::rig::*;
use crate::exchange::Input;
use crate::hub::{HubResult, HubState, HubStep};
use crate::settings::{HubSettings, Settings};
use crate::snapshot::SimState;
use crate::words::{Class, LineId, MessageState};

/// A hub that may be reset twice an hour.
pub(super) fn rack() -> HubSettings {
    HubSettings {
        name: "rack1".into(),
        resets_per_hour: 2,
        interval_min: seconds(600),
        gone_for: seconds(60),
    }
}

/// Two lines on it, and one beside it.
fn rig() -> Rig {
    let mut rig = Rig::new(Settings {
        hubs: vec![rack()],
        ..generous()
    });
    for line in 0..3 {
        rig.add(line);
        let hub = (line < 2).then(|| "rack1".into());
        rig.input(Input::LinePlaced {
            line: LineId(line),
            hub,
        });
        rig.plug(line, line);
    }
    rig
}

fn rests(rig: &mut Rig, line: u32) {
    rig.event(
        line,
        Event::Climbed {
            rung: Rung::Rest,
            reason: "no answer to AT",
        },
    );
    rig.turn();
}

fn ended(rig: &mut Rig, result: HubResult) {
    rig.input(Input::HubReset {
        hub: "rack1".into(),
        result,
    });
    rig.turn();
}

fn steps(rig: &mut Rig) -> Vec<&'static str> {
    let steps = std::mem::take(&mut rig.hub_steps);
    let word = |(hub, step): (Box<str>, HubStep)| {
        assert_eq!(&*hub, "rack1");
        match step {
            HubStep::Drain(_) => "drain",
            HubStep::Reset(_) => "reset",
            HubStep::Spare => "spare",
        }
    };
    steps.into_iter().map(word).collect()
}

#[test]
fn a_line_at_rest_has_its_hub_drained_and_reset() {
    let mut rig = rig();
    let ids: Vec<_> = (0..6).map(|_| rig.accept(&raw(Class::Bulk))).collect();
    rig.begin(1);
    rig.unplug(0);
    rests(&mut rig, 0);
    assert_eq!(steps(&mut rig), ["drain"], "line 1 has a part on the air");
    assert_eq!(rig.snapshot().hubs[0].state, HubState::Draining);
    assert_eq!(rig.lines[&LineId(1)].recalls, 1);
    rig.pass(seconds(6));
    rig.sent(1, 1);
    assert_eq!(steps(&mut rig), ["reset"]);
    assert!(rig.on_line(1).is_none(), "it gets nothing new");
    assert!(rig.on_line(2).is_some(), "the line beside it does");
    let seen = rig.snapshot();
    assert_eq!(
        (seen.hubs[0].state, seen.sims[1].state),
        (HubState::Resetting, SimState::Waiting)
    );
    assert_eq!(
        seen.sims[1].reason.as_deref(),
        Some("its hub is being reset")
    );
    // Its lines vanish with the power, and come back.
    rig.unplug(1);
    rig.wait(seconds(70));
    ended(&mut rig, HubResult::Done);
    rig.plug(0, 0);
    rig.plug(1, 1);
    rig.wait(seconds(70));
    assert_eq!(steps(&mut rig), [""; 0]);
    while rig.held() > 0 {
        for line in 0..3 {
            if rig.on_line(line).is_some() {
                rig.sent(line, 1);
            }
        }
    }
    assert!(ids.iter().all(|id| rig.state(*id) == MessageState::Sent));
    let hub = &rig.snapshot().hubs[0];
    assert_eq!((hub.state, hub.resets), (HubState::Well, [1, 0, 0]));
    assert_eq!((hub.lines, hub.gone), (2, 0));
}

#[test]
fn most_lines_gone_at_once_are_a_hub_that_is_gone() {
    let mut rig = rig();
    rig.unplug(0);
    rig.unplug(1);
    assert_eq!(rig.sleep(), "a hub may have to be reset");
    assert_eq!(steps(&mut rig), ["drain", "reset"]);
    ended(&mut rig, HubResult::Failed);
    assert_eq!(
        rig.sleep(),
        "a hub may have to be reset",
        "after the interval"
    );
    assert_eq!(steps(&mut rig), ["drain", "reset"]);
    ended(&mut rig, HubResult::TimedOut);
    assert_eq!(rig.snapshot().hubs[0].resets, [0, 1, 1]);
}

#[test]
fn lines_that_are_placed_elsewhere_are_not_the_hubs() {
    let mut rig = rig();
    rig.input(Input::LinePlaced {
        line: LineId(0),
        hub: None,
    });
    rig.turn();
    rig.unplug(0);
    rests(&mut rig, 0);
    rests(&mut rig, 2);
    assert_eq!(steps(&mut rig), [""; 0]);
    assert_eq!(rig.snapshot().hubs[0].lines, 1);
    // A hub that is not declared any more is none.
    rig.reload(generous());
    rests(&mut rig, 1);
    assert_eq!(steps(&mut rig), [""; 0]);
    assert!(rig.snapshot().hubs.is_empty());
}

#[test]
fn a_daemon_that_stops_resets_nothing() {
    let mut rig = rig();
    rig.accept(&raw(Class::Bulk));
    (0..3).for_each(|line| {
        if rig.on_line(line).is_some() {
            rig.begin(line);
        }
    });
    rig.input(Input::Stop);
    rests(&mut rig, 0);
    assert_eq!(steps(&mut rig), [""; 0]);
    assert!(
        rig.gateway
            .deadline()
            .is_none_or(|(_, why)| why != "a hub may have to be reset")
    );
}
