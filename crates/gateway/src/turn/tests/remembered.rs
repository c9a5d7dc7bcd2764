//! What was known to be sick before a restart is known after it: no message is burnt to find it out again.

use modem::{Cause, Event, Outcome, Rung};

use super::hubs::rack;
use super::rig::*;
use crate::breaker::BreakerOf;
use crate::exchange::Input;
use crate::hub::HubResult;
use crate::record::{Control, Record, Target};
use crate::settings::Settings;
use crate::snapshot::SimState;
use crate::words::{Class, LineId};

/// The daemon is killed and comes up again, with so many SIMs, each in the line of its number.
fn restart(rig: &mut Rig, sims: u32) {
    rig.restart();
    (0..sims).for_each(|line| rig.plug(line, line));
}

/// As many messages wait as it takes.
fn with_backlog(sims: u32) -> Rig {
    let mut rig = Rig::with_sims(sims);
    (0..60).for_each(|_| {
        rig.accept(&raw(Class::Bulk));
    });
    rig
}

/// Refuses what a line holds, once it holds something; how many seconds that took.
fn refused_after(rig: &mut Rig, line: u32, cause: Cause) -> i64 {
    let before = rig.now.wall.0;
    while rig.on_line(line).is_none() {
        rig.sleep();
    }
    rig.refused(line, cause);
    (rig.now.wall.0 - before) / 1000
}

#[test]
fn a_barred_sim_rests_on_and_longer_each_time() {
    let mut rig = with_backlog(1);
    let since = rig.now.wall;
    rig.refused(0, Cause::Cms(8));
    let mut rests = Vec::new();
    for _ in 0..3 {
        rig.wait(seconds(100));
        restart(&mut rig, 1);
        let sim = &rig.snapshot().sims[0];
        assert_eq!(sim.state, SimState::Quarantined);
        assert_eq!(sim.reason.as_deref(), Some("barred by its operator: cms_8"));
        let known = rig.gateway.book.sim(crate::book::SimIdx(0)).quarantine;
        assert_eq!(known.map(|known| known.since), Some(since));
        rests.push(refused_after(&mut rig, 0, Cause::Cms(8)));
    }
    assert_eq!(rests, [500, 3500, 21_500]);
    // One part goes through, and it is as if nothing had been.
    while rig.on_line(0).is_none() {
        rig.sleep();
    }
    rig.sent(0, 1);
    restart(&mut rig, 1);
    assert_eq!(refused_after(&mut rig, 0, Cause::Cms(8)), 0);
    restart(&mut rig, 1);
    assert_eq!(refused_after(&mut rig, 0, Cause::Cms(8)), 600);
}

#[test]
fn who_has_looked_after_a_sim_is_heard_by_the_next_process() {
    for target in [Target::Sim(iccid(0)), Target::Line(line_name(0))] {
        let mut rig = with_backlog(1);
        rig.refused(0, Cause::Cms(8));
        rig.control(target.clone(), Control::Active).unwrap();
        assert!(rig.on_line(0).is_some(), "{target:?}");
        restart(&mut rig, 1);
        assert!(rig.on_line(0).is_some(), "{target:?}");
    }
}

#[test]
fn an_operator_that_refuses_everything_is_probed_and_not_flooded() {
    let mut rig = with_backlog(8);
    (0..8).for_each(|line| {
        rig.refused(line, Cause::Cms(38));
    });
    assert_eq!(rig.held(), 0);
    for rest in [15, 30, 60] {
        restart(&mut rig, 8);
        assert_eq!(rig.held(), 0);
        rig.wait(seconds(rest) - seconds(1));
        assert_eq!(rig.held(), 0);
        restart(&mut rig, 8);
        rig.wait(seconds(1));
        assert_eq!(rig.held(), 1, "one part is the probe");
        let probe = (0..8).find(|line| rig.on_line(*line).is_some());
        rig.refused(probe.unwrap(), Cause::Cms(38));
    }
    rig.control(Target::Sim(iccid(0)), Control::Active).unwrap();
    restart(&mut rig, 8);
    assert!(rig.held() > 1, "an operator has looked after it");
}

#[test]
fn a_line_that_loses_everything_is_trusted_with_no_more_by_the_next_process() {
    let mut rig = with_backlog(1);
    let lost = Outcome::Refused(Cause::NoPrompt);
    for _ in 0..3 {
        while rig.on_line(0).is_none() {
            rig.sleep();
        }
        rig.finish(0, lost.clone());
    }
    let before = rig.snapshot().line_breakers;
    for minutes in [1, 2, 4] {
        rig.restart();
        // Another SIM finds the line as it was left.
        rig.plug(0, 9);
        rig.wait(seconds(60 * minutes) - seconds(1));
        assert!(rig.on_line(0).is_none());
        rig.wait(seconds(1));
        assert!(rig.on_line(0).is_some(), "one part tries it");
        rig.finish(0, lost.clone());
    }
    let after = rig.snapshot().line_breakers;
    assert_eq!(
        [&*before[0].reason, &*after[0].reason],
        [
            "lost 3 parts in a row, the last by no_prompt",
            "lost 6 parts in a row, the last by no_prompt"
        ]
    );
    rig.control(Target::Line(line_name(0)), Control::Active)
        .unwrap();
    rig.restart();
    rig.plug(0, 9);
    assert!(rig.on_line(0).is_some());
    assert!(rig.gateway.book.trips().next().is_none());
}

#[test]
fn a_daemon_that_starts_again_and_again_resets_a_hub_no_more_often() {
    let mut rig = Rig::new(Settings {
        hubs: vec![rack()],
        ..generous()
    });
    let start = rig.now.wall;
    // A line comes up, so that no reset was in vain, and then to rest, every minute and in a new process each time. Of some
    // resets no process lives to hear how they ended.
    for minute in 0..125 {
        rig.restart();
        rig.add(0);
        rig.input(Input::LinePlaced {
            line: LineId(0),
            hub: Some("rack1".into()),
        });
        rig.plug(0, 0);
        rig.unplug(0);
        let (rung, reason) = (Rung::Rest, "no answer to AT");
        rig.event(0, Event::Climbed { rung, reason });
        rig.wait(seconds(60));
        if minute % 20 == 0 {
            let (hub, result) = ("rack1".into(), HubResult::Done);
            rig.input(Input::HubReset { hub, result });
            rig.turn();
        }
    }
    let resets = rig.store.entries.iter();
    let resets = resets.filter(|entry| matches!(entry.record, Record::HubReset { .. }));
    let minutes: Vec<u64> = resets
        .map(|entry| entry.at.since(start).as_secs() / 60)
        .collect();
    assert_eq!(minutes, [1, 11, 61, 71, 121]);
}

#[test]
fn only_what_is_not_closed_is_kept() {
    let mut rig = with_backlog(4);
    for line in 0..4 {
        rig.refused(line, Cause::Cms(38));
        rig.pass(seconds(5));
    }
    assert!(rig.gateway.book.trips().next().is_none());
    let operator = BreakerOf::Operator("26201".into());
    for line in [0, 1, 2, 3] {
        refused_after(&mut rig, line, Cause::Cms(38));
    }
    let trip = rig.gateway.book.trip(&operator).expect("it is open");
    assert_eq!((trip.times, trip.in_row, &*trip.cause), (1, 8, "cms_38"));
    rig.check_replay();
}
