//! Routes and exclusions as tables.

use super::*;
use crate::settings::SimFilter;

fn route(name: &str, prefixes: &[&str]) -> Route {
    Route {
        name: name.into(),
        prefixes: prefixes.iter().map(|prefix| (*prefix).into()).collect(),
        ..Route::default()
    }
}

fn table() -> Vec<Route> {
    vec![
        route("germany", &["+49"]),
        route("mobile", &["+4915", "+4916", "+4917"]),
        Route {
            classes: vec![Class::Otp],
            ..route("codes", &["+49151"])
        },
        Route {
            apps: vec!["shop".into(), "till".into()],
            ..route("shop", &["+49151"])
        },
        route("mobile too", &["+4917"]),
        route("service", &["22"]),
    ]
}

#[test]
fn the_longest_prefix_of_class_and_app_wins() {
    let routes = table();
    let check = |to, class, app, expected: Option<&str>| {
        let message = Traits {
            to,
            class,
            app,
            asked: None,
        };
        let found = best(&routes, &message).map(|at| &*routes[at].name);
        assert_eq!(found, expected, "{to} {class:?} {app:?}");
    };
    check("+49301234567", Class::Bulk, None, Some("germany"));
    check("+4915212345678", Class::Bulk, None, Some("mobile"));
    check("+4915112345678", Class::Bulk, None, Some("mobile"));
    check("+4915112345678", Class::Otp, None, Some("codes"));
    check("+4915112345678", Class::Bulk, Some("shop"), Some("shop"));
    check("+4915112345678", Class::Bulk, Some("till"), Some("shop"));
    check("+4915112345678", Class::Bulk, Some("other"), Some("mobile"));
    // Equal length: the first of the file.
    check("+4915112345678", Class::Otp, Some("shop"), Some("codes"));
    check("+4917112345678", Class::Bulk, None, Some("mobile"));
    check("22333", Class::Bulk, None, Some("service"));
    check("+441234567890", Class::Bulk, None, None);
}

#[test]
fn each_route_says_how_it_stands() {
    let routes = table();
    let check = |asked, expected: [RouteFit; 6]| {
        let message = Traits {
            to: "+4915112345678",
            class: Class::Bulk,
            app: None,
            asked,
        };
        let found: Vec<RouteFit> = routes.iter().map(|route| fit(route, &message)).collect();
        assert_eq!(found, expected, "{asked:?}");
    };
    check(
        None,
        [
            RouteFit::Prefix(3),
            RouteFit::Prefix(5),
            RouteFit::OtherClass,
            RouteFit::OtherApp,
            RouteFit::OtherPrefix,
            RouteFit::OtherPrefix,
        ],
    );
    let mut named = [RouteFit::NotAsked; 6];
    named[5] = RouteFit::Asked;
    check(Some("service"), named);
    check(Some("gone"), [RouteFit::NotAsked; 6]);
}

#[test]
fn a_dry_route_is_served_by_its_first_fall_back_that_is_not() {
    let mut routes = vec![route("a", &[]), route("b", &[]), route("c", &[])];
    routes[0].fallback = vec!["c".into(), "gone".into(), "b".into()];
    let check = |dry: &[bool], at: usize, expected: usize| {
        assert_eq!(
            serving(&routes, at, |at| dry.get(at).copied().unwrap_or(false)),
            expected,
            "{dry:?} {at}"
        );
    };
    check(&[], 0, 0);
    check(&[false, true, true], 0, 0);
    check(&[true, false, false], 0, 2);
    check(&[true, false, true], 0, 1);
    // All dry: its own SIMs are waited for.
    check(&[true, true, true], 0, 0);
    // Without a fall-back, and the route of messages that no route fits.
    check(&[false, true, false], 1, 1);
    check(&[true, false, false], 3, 3);
}

#[test]
fn every_exclusion_has_its_reason() {
    let free = SimFacts {
        in_route: true,
        state: SimState::Idle,
        reason: None,
        shut: None,
        rests_until: None,
        has_room: true,
        is_line_out: false,
        holds_all: true,
    };
    let now = UnixMs(1_000_000);
    let later = |ms| UnixMs(now.0 + ms);
    let check = |facts: SimFacts, expected: Option<Exclusion>, dry: bool| {
        assert_eq!(exclusion(&facts), expected, "{facts:?}");
        assert_eq!(is_dry(&facts, now), dry, "{facts:?}");
    };
    let state = |state| SimFacts {
        state,
        reason: Some("why".into()),
        ..free.clone()
    };
    let spent = |until| SimFacts {
        shut: Some((Shut::Limit("per_day"), until)),
        ..state(SimState::Exhausted)
    };
    let of_day = |until| {
        Some(Exclusion::Spent {
            budget: "per_day",
            until,
        })
    };
    check(free.clone(), None, false);
    let elsewhere = SimFacts {
        in_route: false,
        ..state(SimState::Absent)
    };
    check(elsewhere, Some(Exclusion::NotInRoute), true);
    check(state(SimState::Absent), Some(Exclusion::Absent), true);
    let paused = Exclusion::Paused(Some("why".into()));
    check(state(SimState::Paused), Some(paused), true);
    // A bar moves no traffic.
    let barred = Exclusion::Quarantined(Some("why".into()));
    check(state(SimState::Quarantined), Some(barred), false);
    // What a line loses is no refusal.
    let line_out = SimFacts {
        is_line_out: true,
        ..state(SimState::Quarantined)
    };
    let lost = Exclusion::LineOut(Some("why".into()));
    check(line_out, Some(lost), true);
    check(spent(later(60_000)), of_day(later(60_000)), false);
    check(spent(later(60_001)), of_day(later(60_001)), true);
    let busy = SimFacts {
        has_room: false,
        rests_until: Some(later(5)),
        ..state(SimState::Sending)
    };
    check(busy, Some(Exclusion::Busy), false);
    let scarce = SimFacts {
        holds_all: false,
        ..state(SimState::Idle)
    };
    check(scarce, Some(Exclusion::TooFewLeft), false);
    let resting = SimFacts {
        rests_until: Some(later(5)),
        ..state(SimState::Waiting)
    };
    let until = later(5);
    check(resting, Some(Exclusion::Resting { until }), false);
}

#[test]
fn whatever_shuts_a_sim_is_named() {
    let now = UnixMs(1_000_000);
    let never = UnixMs(i64::MAX);
    let until = UnixMs(now.0 + 60_001);
    let soon = UnixMs(now.0 + 60_000);
    let check = |shut: Shut, until: UnixMs, expected: Exclusion, dry: bool| {
        let facts = SimFacts {
            state: SimState::Exhausted,
            shut: Some((shut, until)),
            in_route: true,
            has_room: true,
            ..SimFacts::elsewhere()
        };
        assert_eq!(exclusion(&facts), Some(expected), "{facts:?}");
        assert_eq!(is_dry(&facts, now), dry, "{facts:?}");
    };
    check(Shut::Undeclared, never, Exclusion::NoBudget, true);
    check(Shut::Contract, never, Exclusion::ContractEnded, true);
    check(Shut::Hours, until, Exclusion::OutsideHours { until }, true);
    check(
        Shut::Hours,
        soon,
        Exclusion::OutsideHours { until: soon },
        false,
    );
    let budget = "per_day";
    let kept = Exclusion::KeptForCodes { budget, until };
    check(Shut::KeptForCodes(budget), until, kept, true);
    let spent = Exclusion::Spent { budget, until };
    check(Shut::Limit(budget), until, spent, true);
}

#[test]
fn a_filter_takes_what_any_of_its_lists_names() {
    let iccid = modem::Iccid("8949020000001234567".into());
    let sim = crate::settings::SimSettings {
        label: Some("north".into()),
        operator: Some("examplenet".into()),
        ..Default::default()
    };
    let check = |filter: SimFilter, imsi: Option<&str>, expected: bool| {
        assert_eq!(
            filter.fits(&iccid, &sim, imsi),
            expected,
            "{filter:?} {imsi:?}"
        );
    };
    let networks = |named: &[&str]| SimFilter {
        networks: named.iter().map(|name| (*name).into()).collect(),
        ..SimFilter::default()
    };
    check(SimFilter::default(), None, true);
    check(networks(&["26201"]), Some("262011234567890"), true);
    check(networks(&["262"]), Some("262031234567890"), true);
    check(networks(&["26201", "23415"]), Some("234151234567890"), true);
    check(networks(&["26201"]), Some("262021234567890"), false);
    check(networks(&["26201"]), None, false);
    let label = SimFilter {
        labels: vec!["north".into()],
        ..networks(&["26299"])
    };
    check(label, None, true);
}
