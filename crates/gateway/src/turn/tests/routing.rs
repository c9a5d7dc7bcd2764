//! Fall-backs and the dry run: what a route does while its SIMs can't serve it.

use modem::Cause;

use super::rig::*;
use crate::admission::RawRequest;
use crate::exchange::{Hold, RouteQuery};
use crate::hours::SendWindow;
use crate::record::{Control, Target};
use crate::routes::{Exclusion, RouteFit};
use crate::settings::{Budget, Route, Settings, SimFilter, SimSettings};
use crate::words::{Class, UnixMs};

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
        parts: 1,
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

#[test]
fn the_dry_run_says_what_holds_a_message_back_though_a_sim_is_free() {
    let mut settings = home_and_abroad().settings;
    settings.otp_reserve = Some(1);
    let mut rig = Rig::new(settings.clone());
    rig.plug(0, 0);
    rig.plug(1, 1);
    let query = |class, parts| RouteQuery {
        to: sms::Address::parse("+4915112345678").unwrap(),
        class,
        app: None,
        route: None,
        parts,
    };
    let check = |rig: &Rig, query: &RouteQuery, hold: Option<Hold>, chosen: Option<u32>| {
        let trial = rig.gateway.try_route(rig.now, query);
        assert_eq!(
            (trial.hold, trial.chosen),
            (hold, chosen.map(iccid)),
            "{query:?}"
        );
    };
    check(&rig, &query(Class::Bulk, 1), None, Some(0));
    // A code takes one of the two, and the other one is kept for the next.
    rig.accept(&RawRequest {
        route: Some("abroad"),
        ..raw(Class::Otp)
    });
    check(&rig, &query(Class::Bulk, 1), Some(Hold::OtpReserve), None);
    check(&rig, &query(Class::Otp, 1), None, Some(0));
    // Three parts stay together, and two are left.
    let trial = rig.gateway.try_route(rig.now, &query(Class::Otp, 2));
    assert_eq!(trial.sims[0].exclusion, None);
    rig.accept(&raw(Class::Otp));
    rig.sent(0, 1);
    check(&rig, &query(Class::Otp, 2), None, None);
    let trial = rig.gateway.try_route(rig.now, &query(Class::Otp, 2));
    assert_eq!(trial.sims[0].exclusion, Some(Exclusion::TooFewLeft));
    // It is noon in UTC and one o'clock in Germany.
    settings.classes[Class::Bulk.index()].window = SendWindow::parse("14:00-20:00").ok();
    rig.reload(settings);
    let opens = Some(UnixMs(rig.now.wall.0 + 3_600_000));
    check(
        &rig,
        &query(Class::Bulk, 1),
        Some(Hold::SendWindow { opens }),
        None,
    );
    check(&rig, &query(Class::Otp, 1), None, Some(0));
    rig.wait(seconds(3600));
    check(&rig, &query(Class::Bulk, 1), None, Some(0));
}
