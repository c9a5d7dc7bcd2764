//! Every rotation in the turn: what leaves for which SIM, what a recipient sees, and what stays with a bar.

use std::collections::BTreeSet;
use std::time::Duration;

use modem::Cause;

use super::rig::*;
use crate::admission::RawRequest;
use crate::calendar::Hours;
use crate::settings::{Cost, Route, SimSettings};
use crate::snapshot::SimState;
use crate::words::{Class, Rotation};

#[test]
fn whatever_the_rotation_a_bar_moves_nothing() {
    for rotation in Rotation::ALL {
        let mut rig = rotated(rotation, &[SimSettings::default(), SimSettings::default()]);
        let id = rig.accept(&raw(Class::Notification));
        let barred = rig.line_of(id).unwrap();
        rig.refused(barred, Cause::Cms(8));
        let sim = &rig.snapshot().sims[barred as usize];
        assert_eq!(sim.state, SimState::Quarantined, "{rotation:?}");
        let reason = sim.reason.as_deref().unwrap();
        assert!(reason.starts_with("barred by its operator"), "{reason}");
        rig.wait(seconds(40));
        assert_eq!(rig.line_of(id), None, "{rotation:?}: it is not moved on");
        let next = rig.accept(&raw(Class::Notification));
        let expected = (rotation != Rotation::Sticky).then_some(1 - barred);
        assert_eq!(rig.line_of(next), expected, "{rotation:?}");
    }
}

#[test]
fn a_recipient_sees_one_sim_and_another_only_while_that_is_away() {
    let sims = [(); 5].map(|()| SimSettings::default());
    let mut rig = rotated(Rotation::Sticky, &sims);
    let to = |number: u32| format!("+49151000{number:05}");
    let serve = |rig: &mut Rig, number| {
        let to = to(number);
        let id = rig.accept(&RawRequest {
            to: &to,
            ..raw(Class::Bulk)
        });
        let line = rig.line_of(id).expect("all SIMs are free");
        rig.pass(seconds(1));
        rig.sent(line, 1);
        line
    };
    let homes: Vec<u32> = (0..40).map(|number| serve(&mut rig, number)).collect();
    assert_eq!(homes.iter().collect::<BTreeSet<_>>().len(), 5, "{homes:?}");
    rig.unplug(2);
    for (number, home) in (0..).zip(&homes) {
        let now = serve(&mut rig, number);
        assert!(
            now == *home || *home == 2,
            "{number} moved from {home} to {now}"
        );
    }
    rig.plug(2, 2);
    let again: Vec<u32> = (0..40).map(|number| serve(&mut rig, number)).collect();
    assert_eq!(again, homes);
}

#[test]
fn a_message_waits_for_its_sim_as_long_as_the_route_says() {
    let mut rig = rotated(
        Rotation::Sticky,
        &[SimSettings::default(), SimSettings::default()],
    );
    let first = rig.accept(&raw(Class::Bulk));
    let home = rig.line_of(first).unwrap();
    let second = rig.accept(&raw(Class::Bulk));
    rig.wait(seconds(29));
    assert_eq!(rig.line_of(second), None);
    while rig.line_of(second).is_none() {
        rig.sleep();
    }
    assert_eq!(rig.line_of(second), Some(1 - home));
    assert_eq!(rig.now.wall, noon().wall.plus(seconds(30)));
}

#[test]
fn the_cheapest_sim_at_the_hour_is_used() {
    let sim = |part, cheap_hours| SimSettings {
        cost: Cost {
            part,
            cheap: 1,
            cheap_hours,
        },
        ..SimSettings::default()
    };
    let night = vec![Hours {
        from_min: 1200,
        to_min: 360,
    }];
    let mut rig = rotated(Rotation::Cost, &[sim(5, night), sim(3, Vec::new())]);
    for (hours, expected) in [(0, 1), (9, 0), (12, 1)] {
        rig.wait(seconds(hours * 3600));
        let id = rig.accept(&raw(Class::Bulk));
        assert_eq!(rig.line_of(id), Some(expected), "after {hours} more hours");
        rig.pass(seconds(1));
        rig.sent(expected, 1);
    }
}

#[test]
fn equal_sims_send_equally() {
    for rotation in [
        Rotation::Headroom,
        Rotation::RoundRobin,
        Rotation::LeastUsed,
    ] {
        let sims = [(); 6].map(|()| SimSettings::default());
        let mut rig = rotated(rotation, &sims);
        for _ in 0..300 {
            let id = rig.accept(&raw(Class::Bulk));
            rig.pass(Duration::from_millis(900));
            rig.sent(rig.line_of(id).unwrap(), 1);
        }
        let sent = rig.snapshot().sims;
        let sent: Vec<f64> = sent.iter().map(|sim| sim.usage.sent as f64).collect();
        let (sum, squares) = (
            sent.iter().sum::<f64>(),
            sent.iter().map(|n| n * n).sum::<f64>(),
        );
        assert!(
            sum * sum / (6.0 * squares) >= 0.99,
            "{rotation:?}: {sent:?}"
        );
    }
}

/// SIMs of one route with this rotation, with the generous budget.
fn rotated(rotation: Rotation, sims: &[SimSettings]) -> Rig {
    let mut settings = generous();
    settings.routes = vec![Route {
        name: "all".into(),
        rotation,
        sticky_wait: seconds(30),
        ..Route::default()
    }];
    for (number, sim) in (0..).zip(sims) {
        let mut sim = sim.clone();
        sim.budget = settings.sims_default.budget.clone();
        settings.sims.insert(iccid(number), sim);
    }
    let mut rig = Rig::new(settings);
    (0..).zip(sims).for_each(|(line, _)| rig.plug(line, line));
    rig
}
