//! What the tables show.

use std::collections::BTreeMap;

use client::{BreakerView, BudgetView, LineView, ReportRateView, SimView};

use super::{classes_in_order, line_table, reports, sim_table};
use crate::paint::Colours;

#[test]
fn urgent_classes_come_first() {
    let queues: BTreeMap<String, ()> = ["bulk", "fax", "notification", "otp"]
        .map(|class| (class.to_owned(), ()))
        .into();
    assert_eq!(
        classes_in_order(&queues),
        ["otp", "notification", "bulk", "fax"]
    );
}

#[test]
fn a_line_shows_what_is_wrong_with_it() {
    let line = LineView {
        name: "line000".into(),
        state: "closed".into(),
        control: "paused".into(),
        control_reason: Some("antenna".into()),
        error: Some("port busy".into()),
        since: "?".into(),
        ..LineView::default()
    };
    assert_eq!(
        line_table(&[line], false).render(Colours::Off),
        "LINE     STATE   CONTROL  SIM  SIGNAL  SINCE  NOTE\n\
         line000  closed  paused                ?      antenna; port busy"
    );
}

#[test]
fn a_line_that_loses_its_parts_says_what_it_is_given() {
    let line = LineView {
        name: "line000".into(),
        state: "ready".into(),
        control: "active".into(),
        since: "?".into(),
        breaker: Some(BreakerView {
            state: "half_open".into(),
            reason: "lost 3 parts in a row, the last by silence".into(),
            retry_at: None,
        }),
        ..LineView::default()
    };
    let table = line_table(&[line], false).render(Colours::Off);
    assert!(
        table.ends_with("one part tries it: lost 3 parts in a row, the last by silence"),
        "{table}"
    );
}

#[test]
fn a_line_whose_sim_is_in_another_names_that_one() {
    let line = LineView {
        name: "line001".into(),
        state: "ready".into(),
        control: "active".into(),
        since: "?".into(),
        same_sim_as: Some("line000".into()),
        ..LineView::default()
    };
    let table = line_table(&[line], false).render(Colours::Off);
    let expected = "no parts: line line000 has its SIM already";
    assert!(table.ends_with(expected), "{table}");
}

#[test]
fn a_sim_shows_what_is_left_the_scarcest_first() {
    let budget = |name: &str, left: u64, limit: u64| BudgetView {
        name: name.into(),
        used: limit - left,
        limit,
        left,
        for_codes: left / 10,
        ..BudgetView::default()
    };
    let sim = SimView {
        iccid: "8949020000001234567".into(),
        label: "vodka-1".into(),
        line: Some("line000".into()),
        state: "idle".into(),
        sent: 123_456,
        budgets: vec![
            budget("per_minute", 7, 10),
            budget("per_hour", 290, 300),
            BudgetView {
                warning: Some(80),
                ..budget("per_day", 400, 3000)
            },
            budget("per_month", 28_100, 30_000),
            BudgetView {
                warning: Some(95),
                ..budget("recipients_per_month", 12, 250)
            },
        ],
        binds: Some("per_day".into()),
        binds_at: Some("soon".into()),
        ..SimView::default()
    };
    let shown = sim_table(std::slice::from_ref(&sim), false).render(Colours::Off);
    assert!(
        shown.ends_with("people 12/250!!, day 400/3000!  day at soon"),
        "{shown}"
    );
    assert!(shown.lines().all(|line| line.len() <= 120), "{shown}");
    let spent = SimView {
        state: "exhausted".into(),
        reason: Some("per_day is used up".into()),
        budgets: vec![BudgetView {
            resets_at: Some("midnight".into()),
            ..budget("per_day", 0, 3000)
        }],
        ..sim
    };
    let shown = sim_table(&[spent], true).render(Colours::Off);
    let end = "day 0/3000  per_day is used up until midnight";
    assert!(shown.ends_with(end), "{shown}");
}

#[test]
fn a_report_rate_says_what_is_known_and_no_more() {
    let check = |rate: ReportRateView, expected: &str| assert_eq!(reports::words(&rate), expected);
    let rate = ReportRateView {
        operator: "alpha".into(),
        parts: 412,
        came: 411,
        ratio: Some(411.0 / 412.0),
        delay_ms_p50: Some(5_000),
        delay_ms_p90: Some(120_000),
    };
    let expected =
        "alpha: 99 % of 412 parts within 5 min; half of them within 5 s, nine of ten within 120 s";
    check(rate.clone(), expected);
    let few = ReportRateView {
        parts: 9,
        came: 0,
        ratio: None,
        delay_ms_p50: None,
        delay_ms_p90: None,
        ..rate.clone()
    };
    check(few.clone(), "alpha: unknown, 9 parts are too few to say");
    let silent = ReportRateView {
        parts: 10,
        ratio: Some(0.0),
        ..few
    };
    check(silent, "alpha: 0 % of 10 parts within 5 min");
    for (ratio, shown) in [(None, "?"), (Some(1.0), "100 %"), (Some(0.004), "0 %")] {
        let sim = SimView {
            state: "idle".into(),
            report_ratio: ratio,
            ..SimView::default()
        };
        let table = sim_table(&[sim], false).render(Colours::Off);
        assert!(table.trim_end().ends_with(shown), "{table}");
    }
}

#[test]
fn a_sick_line_is_told_where_to_look_at() {
    let check = |states: &[&str], expected: Option<&str>| {
        let line = |(number, state): (usize, &&str)| LineView {
            name: format!("line{number:03}"),
            state: (*state).to_owned(),
            ..LineView::default()
        };
        let lines: Vec<LineView> = states.iter().enumerate().map(line).collect();
        assert_eq!(super::line_hint(&lines).as_deref(), expected, "{states:?}");
    };
    check(&["ready", "sending", "closed"], None);
    let failure = "what led to it: simfleet line line001 trace --failure";
    check(&["ready", "out_of_service"], Some(failure));
    let two = format!("{failure} (1 more do not work)");
    check(&["recovering", "out_of_service"], Some(&two));
    check(
        &["no_sim", "ready"],
        Some("what its modem says: simfleet line line000 trace"),
    );
    let hint = super::line_hint(&[]).unwrap_or_default();
    assert!(hint.contains("[[lines]]"), "{hint}");
}
