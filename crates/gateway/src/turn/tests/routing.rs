//! Fall-backs and the dry run: what a route does while its SIMs can't serve it.

use modem::Cause;

use super::rig::*;
use crate::exchange::RouteQuery;
use crate::record::{Control, Target};
use crate::routes::{Exclusion, RouteFit};
use crate::settings::{Budget, Route, Settings, SimFilter, SimSettings};
use crate::words::Class;

/// SIM 0 serves `home` and may send twice a day; SIM 1 is the fall-back.
fn home_and_abroad() -> Rig {
    let route = |name: &str, sim, fallback: &[&str]| Route {
        name: name.into(),
        sims: SimFilter {
            iccids: vec![iccid(sim)],
            ..SimFilter::default()
        },
        fallback: fallback.iter().map(|name| (*name).into()).collect(),
        ..Route::default()
    };
    let mut settings = Settings {
        routes: vec![route("home", 0, &["abroad"]), route("abroad", 1, &[])],
        ..generous()
    };
    let budget = Budget {
        limits: [None, None, Some(2), None],
        ..Budget::default()
    };
    let twice = SimSettings {
        budget,
        ..SimSettings::default()
    };
    settings.sims.insert(iccid(0), twice);
    let mut rig = Rig::new(settings);
    rig.plug(0, 0);
    rig.plug(1, 1);
    rig
}

#[test]
fn a_busy_route_is_waited_for_and_a_spent_one_falls_back() {
    let mut rig = home_and_abroad();
    let ids: Vec<_> = (0..3).map(|_| rig.accept(&raw(Class::Otp))).collect();
    assert_eq!(rig.line_of(ids[0]), Some(0));
    assert_eq!(rig.line_of(ids[1]), None, "a busy SIM is waited for");
    rig.sent(0, 1);
    assert_eq!(rig.line_of(ids[1]), Some(0));
    rig.sent(0, 2);
    assert_eq!(
        rig.line_of(ids[2]),
        Some(1),
        "its own is used up until midnight"
    );
    rig.check_replay();
}

#[test]
fn a_pause_falls_back_and_a_bar_does_not() {
    let mut rig = home_and_abroad();
    rig.control(Target::Sim(iccid(0)), Control::Paused).unwrap();
    let id = rig.accept(&raw(Class::Otp));
    assert_eq!(rig.line_of(id), Some(1));
    rig.sent(1, 1);
    rig.control(Target::Sim(iccid(0)), Control::Active).unwrap();

    let mut barred = home_and_abroad();
    barred.accept(&raw(Class::Bulk));
    for _ in 0..20 {
        if barred.on_line(0).is_some() {
            barred.refused(0, Cause::Cms(8));
        }
        assert_eq!(
            barred.on_line(1),
            None,
            "traffic never moves away from a bar"
        );
        barred.wait(seconds(60));
    }
}

#[test]
fn the_dry_run_explains_every_route_and_sim() {
    let mut rig = home_and_abroad();
    let query = RouteQuery {
        to: sms::Address::parse("+4915112345678").unwrap(),
        class: Class::Otp,
        app: None,
        route: None,
    };
    let trial = rig.gateway.try_route(rig.now, &query);
    assert_eq!(trial.route.as_deref(), Some("home"));
    assert_eq!((&trial.serving, &trial.chosen), (&None, &Some(iccid(0))));
    let fits: Vec<RouteFit> = trial.routes.iter().map(|(_, fit)| *fit).collect();
    assert_eq!(fits, [RouteFit::Prefix(0), RouteFit::Prefix(0)]);
    let excluded: Vec<_> = trial.sims.iter().map(|sim| sim.exclusion.clone()).collect();
    assert_eq!(excluded, [None, Some(Exclusion::NotInRoute)]);

    for mr in 0..2 {
        rig.accept(&raw(Class::Otp));
        rig.sent(0, mr);
    }
    let trial = rig.gateway.try_route(rig.now, &query);
    assert_eq!(trial.route.as_deref(), Some("home"));
    assert_eq!(trial.serving.as_deref(), Some("abroad"));
    assert_eq!(trial.chosen, Some(iccid(1)));

    // Asked by its name, the fall-back is a route like any other; a route without one explains its own SIMs.
    let mut settings = rig.settings.clone();
    settings.routes[0].fallback.clear();
    rig.reload(settings);
    let trial = rig.gateway.try_route(rig.now, &query);
    assert_eq!((&trial.serving, &trial.chosen), (&None, &None));
    let until = rig.snapshot().sims[0].budgets[0].resets.unwrap();
    let spent = Exclusion::Spent {
        budget: "per_day",
        until,
    };
    assert_eq!(trial.sims[0].exclusion, Some(spent));
    let asked = RouteQuery {
        route: Some("abroad".into()),
        ..query
    };
    let trial = rig.gateway.try_route(rig.now, &asked);
    assert_eq!(trial.chosen, Some(iccid(1)));
}
