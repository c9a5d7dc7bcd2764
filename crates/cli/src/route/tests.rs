//! The words of a dry run.

use super::*;

#[test]
fn the_choice_in_one_line() {
    let check = |route: Option<&str>, fallback: Option<&str>, chosen: Option<&str>, expected| {
        let trial = RouteTrialView {
            route: route.map(str::to_owned),
            fallback: fallback.map(str::to_owned),
            chosen: chosen.map(str::to_owned),
            rotation: "headroom".to_owned(),
            ..RouteTrialView::default()
        };
        assert_eq!(choice(&trial), expected);
    };
    check(
        None,
        None,
        Some("89"),
        "no route fits: every SIM may serve it; headroom; SIM 89 would take it now",
    );
    check(
        Some("home"),
        Some("abroad"),
        None,
        "route home, served by abroad: none of its own SIMs can; headroom; no SIM can take it now",
    );
}

#[test]
fn a_sim_says_why_it_does_not_serve() {
    let check = |excluded: Option<&str>, reason: Option<&str>, expected: &str| {
        let sim = SimTrialView {
            excluded: excluded.map(str::to_owned),
            reason: reason.map(str::to_owned),
            budget: Some("per_day".to_owned()),
            ..SimTrialView::default()
        };
        assert_eq!(standing(&sim, false), expected);
    };
    check(None, None, "could take it");
    check(Some("not_in_route"), None, "not in route");
    check(Some("budget_used_up"), None, "per_day used up");
    check(Some("paused"), Some("antenna work"), "paused: antenna work");
}
