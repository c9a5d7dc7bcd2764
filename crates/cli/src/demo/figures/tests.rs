//! The figures of hand-made ledgers.

use std::ops::RangeInclusive;
use std::time::Duration;

use hw_sim::{LedgerEntry, LedgerEvent};

use super::{
    loaded_span, on_air_span, others_per_minute, parts_per_second, percentile, queue_waits,
};
use crate::demo::hand_over::Handed;

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// A part accepted at `t_ms` after `busy_ms` on the air.
fn submit(t_ms: u64, busy_ms: f64, text: &str) -> LedgerEntry {
    LedgerEntry {
        t_ms,
        event: LedgerEvent::Submit,
        line: 0,
        iccid: "89".into(),
        imsi: "26".into(),
        to: "+491".into(),
        from: None,
        mr: Some(0),
        tpdu: String::new(),
        text: Some(text.into()),
        reference: None,
        part: 1,
        parts: 1,
        status: None,
        cause: None,
        busy_ms: Some(busy_ms),
        data: None,
    }
}

fn handed(at_ms: u64, text: &str) -> Handed {
    Handed {
        to: "+491".into(),
        text: text.into(),
        class: "otp".into(),
        key: None,
        asked_at: ms(at_ms),
        accepted_at: ms(at_ms),
    }
}

#[test]
fn percentiles_are_by_nearest_rank() {
    let values: Vec<Duration> = (1..=100).rev().map(ms).collect();
    let cases = [(0.5, 50), (0.99, 99), (1.0, 100), (0.0, 1), (0.001, 1)];
    for (share, expected) in cases {
        assert_eq!(percentile(&values, share), Some(ms(expected)), "{share}");
    }
    assert_eq!(percentile(&[ms(7)], 0.99), Some(ms(7)));
    assert_eq!(percentile(&[], 0.5), None);
}

/// Accepts at `accepts`, starts at `starts` (each 100 ms long), over `lines` lines.
fn check_span(
    accepts: &[u64],
    starts: &[u64],
    lines: usize,
    expected: Option<RangeInclusive<u64>>,
) {
    let handed: Vec<Handed> = accepts.iter().map(|at| handed(*at, "x")).collect();
    let entries: Vec<LedgerEntry> = starts
        .iter()
        .map(|start| submit(start + 100, 100.0, "x"))
        .collect();
    let span = loaded_span(&entries, &handed, lines);
    assert_eq!(
        span,
        expected.map(|span| ms(*span.start())..=ms(*span.end()))
    );
}

#[test]
fn the_loaded_span_ends_when_fewer_wait_than_lines() {
    // Four accepted at once over two lines: with the third start one is left waiting.
    check_span(&[0, 0, 0, 0], &[10, 20, 110, 120], 2, Some(10..=110));
    // A late arrival makes two wait again, for a while.
    check_span(&[0, 0, 0, 115], &[10, 20, 120, 220], 2, Some(10..=120));
    // Never more than lines waiting.
    check_span(&[0, 50], &[10, 60], 2, None);
    check_span(&[], &[], 2, None);
    // Still waiting at the end: there is no such moment.
    check_span(&[0, 0, 0], &[10], 2, None);
}

#[test]
fn later_parts_are_no_messages() {
    let mut second = submit(220, 100.0, "x");
    second.part = 2;
    second.parts = 2;
    let entries = [submit(110, 100.0, "x"), second, submit(330, 100.0, "y")];
    let handed = [handed(0, "x"), handed(0, "y")];
    assert_eq!(loaded_span(&entries, &handed, 1), Some(ms(10)..=ms(230)));
}

#[test]
fn queue_waits_run_from_handing_over_to_the_first_start() {
    let entries = [
        submit(1_100, 100.0, "a"),
        submit(5_100, 100.0, "a"),
        submit(900, 0.0, "b"),
    ];
    let handed = [handed(990, "a"), handed(901, "b"), handed(0, "never sent")];
    assert_eq!(queue_waits(&entries, handed.iter()), [ms(10), ms(0)]);
}

#[test]
fn throughput_is_parts_over_the_time_on_the_air() {
    assert_eq!(on_air_span(&[]), None);
    assert_eq!(parts_per_second(&[submit(10, 0.0, "a")]), None);
    let entries = [
        submit(100, 100.0, "a"),
        submit(1_000, 100.0, "b"),
        submit(2_000, 50.0, "c"),
    ];
    assert_eq!(on_air_span(&entries), Some(ms(0)..=ms(2_000)));
    assert_eq!(parts_per_second(&entries), Some(1.5));
}

#[test]
fn what_others_begin_beside_codes() {
    let entries = [
        submit(1_100, 100.0, "before"),
        submit(2_100, 100.0, "bulk 1"),
        submit(3_100, 100.0, "code"),
        submit(4_100, 100.0, "bulk 2"),
        submit(8_200, 100.0, "after"),
    ];
    let rate = others_per_minute(&entries, &[handed(3_000, "code")], &(ms(2_000)..=ms(8_000)));
    assert!(
        (rate - 20.0).abs() < 1e-9,
        "{rate}: two in a tenth of a minute"
    );
}
