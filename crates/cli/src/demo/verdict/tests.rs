//! The verdict of hand-made runs: what makes it good, what spoils it, and the fields that programs rely on.

use std::time::Duration;

use client::StatusView;
use hw_sim::{LedgerEntry, LedgerEvent};

use super::{Run, Verdict};
use crate::demo::child::Usage;
use crate::demo::fleet_under_test::Settings;
use crate::demo::hand_over::{HandOver, Handed};

fn submit(t_ms: u64, line: usize, text: &str) -> LedgerEntry {
    LedgerEntry {
        t_ms,
        event: LedgerEvent::Submit,
        line,
        iccid: format!("89{line}"),
        imsi: "26".into(),
        to: "+4915512345678".into(),
        from: None,
        mr: Some(0),
        tpdu: String::new(),
        text: Some(text.into()),
        reference: None,
        part: 1,
        parts: 1,
        status: None,
        cause: None,
        busy_ms: Some(1_000.0),
        data: None,
    }
}

/// Six messages `0` to `5` over two lines, one second each, without a gap.
fn run() -> Run {
    let accepted = (0..6)
        .map(|number| Handed {
            to: "+4915512345678".into(),
            text: number.to_string(),
            class: if number == 0 {
                "otp".into()
            } else {
                "bulk".into()
            },
            key: Some(number.to_string()),
            asked_at: Duration::ZERO,
            accepted_at: Duration::ZERO,
        })
        .collect();
    let entries = (0..6_u64)
        .map(|number| {
            let turn = number / 2 + 1;
            submit(
                turn * 1_000,
                usize::from(number % 2 == 1),
                &number.to_string(),
            )
        })
        .collect();
    let usage = Usage {
        cpu_s: 0.5,
        rss_mb: 40.0,
    };
    Run {
        settings: Settings::new(2, Duration::from_secs(1)),
        messages: 6,
        handed: HandOver {
            accepted,
            refused: Vec::new(),
            accept_times: vec![Duration::from_micros(1_234)],
        },
        status: StatusView::default(),
        told: None,
        all_ended: true,
        entries,
        elapsed: Duration::from_secs(4),
        usage,
        usage_at_start: usage,
        stopped_cleanly: true,
    }
}

/// The verdict after `spoil`: lost, duplicates, good.
fn check(spoil: impl FnOnce(&mut Run), expected: (u64, u64, bool)) {
    let mut run = run();
    spoil(&mut run);
    let verdict = Verdict::of(&run);
    assert_eq!(
        (
            verdict.fields.lost,
            verdict.fields.duplicates,
            verdict.is_good()
        ),
        expected
    );
}

#[test]
fn only_the_ledger_and_the_ends_decide() {
    check(|_| {}, (0, 0, true));
    check(|run| drop(run.entries.pop()), (1, 0, false));
    check(|run| run.entries.push(submit(9_000, 0, "3")), (0, 1, false));
    check(
        |run| run.entries.push(submit(9_000, 0, "made up")),
        (0, 0, false),
    );
    check(|run| run.all_ended = false, (0, 0, false));
    check(|run| run.stopped_cleanly = false, (0, 0, false));
    // The gateway's own books do not matter.
    check(|run| run.status.messages.failed = 6, (0, 0, true));
}

#[test]
fn the_fields_are_those_of_the_manual() {
    let json = serde_json::to_value(Verdict::of(&run()).fields).unwrap();
    let expected = serde_json::json!({
        "lines": 2, "messages": 6, "accepted": 6, "sent": 6, "delivered": 0, "undelivered": 0,
        "unconfirmed": 0, "failed": 0, "in_doubt": 0, "lost": 0, "duplicates": 0, "elapsed_s": 4.0,
        "rate_per_min": 120.0, "capacity_per_min": 120.0, "capacity_share": 1.0, "per_sim_min": 3,
        "per_sim_max": 3, "jain_index": 1.0, "otp_queue_ms_p50": 0.0, "otp_queue_ms_p99": 0.0,
        "accept_ms_p50": 1.23, "accept_ms_p99": 1.23, "cpu_s": 0.5, "rss_mb": 40.0,
    });
    assert_eq!(json, expected);
}

#[test]
fn what_cannot_be_measured_is_null() {
    let mut run = run();
    run.settings = Settings::new(200, Duration::ZERO);
    run.handed.accept_times.clear();
    let json = serde_json::to_value(Verdict::of(&run).fields).unwrap();
    for field in ["capacity_per_min", "capacity_share", "accept_ms_p99"] {
        assert!(json[field].is_null(), "{field}");
    }
}

/// A run of a scenario in which number 5 never came to the network; what is said of the others is that they arrived.
fn run_of_scenario(states: &[(&str, &str)]) -> Run {
    let mut run = run();
    run.entries
        .retain(|entry| entry.text.as_deref() != Some("5"));
    let said = |key: String| {
        let state = states.iter().find(|(named, _)| *named == key);
        let state = state.map_or("delivered", |(_, state)| state).to_owned();
        (key, state)
    };
    let keys = run.handed.accepted.iter().filter_map(|one| one.key.clone());
    run.told = Some(keys.map(said).collect());
    run
}

#[test]
fn with_a_scenario_only_a_lie_is_a_loss() {
    let check = |states: &[(&str, &str)], lost, told_not_sent, wrongly_not_sent| {
        let mut run = run_of_scenario(states);
        run.entries.push(LedgerEntry {
            event: LedgerEvent::Refuse,
            cause: Some(21),
            ..submit(3_000, 1, "5")
        });
        let verdict = Verdict::of(&run);
        let fields = &verdict.fields;
        let found = (fields.lost, fields.told_not_sent, fields.wrongly_not_sent);
        assert_eq!(found, (lost, Some(told_not_sent), Some(wrongly_not_sent)));
        assert_eq!(verdict.is_good(), lost + wrongly_not_sent == 0);
    };
    check(&[("5", "failed")], 0, 1, 0);
    check(&[("5", "unconfirmed")], 0, 1, 0);
    check(&[("5", "in_doubt")], 0, 1, 0);
    check(&[], 1, 0, 0);
    check(&[("4", "expired"), ("5", "expired")], 0, 1, 1);
}

#[test]
fn with_a_scenario_nothing_is_forgotten_left_lying_or_given_up_untried() {
    let verdict = Verdict::of(&run_of_scenario(&[("5", "failed")]));
    assert_eq!(verdict.fields.failed_untried, Some(1));
    assert!(!verdict.is_good());
    for state in ["queued", "sending"] {
        let verdict = Verdict::of(&run_of_scenario(&[("5", state)]));
        assert_eq!(verdict.fields.never_ended, Some(1));
        assert!(!verdict.is_good());
    }
    let mut run = run_of_scenario(&[]);
    run.told.as_mut().unwrap().remove("5");
    let verdict = Verdict::of(&run);
    assert_eq!(verdict.fields.forgotten, Some(1));
    assert!(!verdict.is_good());
    // Expired beside busy radios, and beside idle ones: the second is told apart.
    let mut run = run_of_scenario(&[("5", "expired")]);
    let verdict = Verdict::of(&run);
    assert_eq!(
        (verdict.fields.expired_idle, verdict.is_good()),
        (Some(0), true)
    );
    run.elapsed = Duration::from_secs(60);
    let verdict = Verdict::of(&run);
    assert_eq!(
        (verdict.fields.expired_idle, verdict.is_good()),
        (Some(1), true)
    );
}
