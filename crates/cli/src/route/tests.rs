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
fn what_keeps_it_waiting_or_out_comes_before_a_sim() {
    let check = |refused: Option<&str>, held: Option<(&str, Option<&str>)>, expected: &str| {
        let trial = RouteTrialView {
            rotation: "headroom".to_owned(),
            chosen: Some("89".to_owned()),
            refused_because: refused.map(str::to_owned),
            held_by: held.map(|(by, _)| by.to_owned()),
            held_until: held.and_then(|(_, until)| until).map(str::to_owned),
            ..RouteTrialView::default()
        };
        let choice = choice(&trial);
        let (_, end) = choice.split_once("; headroom; ").unwrap();
        assert_eq!(end, expected);
    };
    let window = Some(("send_window", Some("soon")));
    check(None, None, "SIM 89 would take it now");
    check(
        None,
        window,
        "it would wait until its send window opens at soon",
    );
    check(
        None,
        Some(("send_window", None)),
        "its send window never opens for this recipient",
    );
    check(
        None,
        Some(("otp_reserve", None)),
        "it would wait: the free SIMs are kept for codes",
    );
    check(
        Some("the limit `x` is reached"),
        window,
        "it would not be accepted now: the limit `x` is reached",
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
