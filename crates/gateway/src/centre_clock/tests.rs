//! What a service centre's clock is taken for, from what its reports say.

use super::*;

const HOUR: i64 = 3_600_000;

/// Samples in their order, and the offsets after them.
fn check(samples: &[i64], expected: &[i64]) {
    let mut clock = CentreClock::default();
    for sample in samples {
        clock.learn(*sample);
    }
    let learnt: Vec<i64> = clock.offsets().collect();
    assert_eq!(learnt, expected, "{samples:?}");
}

#[test]
fn three_that_agree_are_an_offset() {
    check(&[0, 100], &[]);
    check(&[0, 100, 200], &[100]);
    check(&[HOUR, 2 * HOUR, 3 * HOUR, 4 * HOUR], &[]);
    check(&[HOUR, 0, HOUR + 1000, 900_000, HOUR - 2000], &[HOUR]);
}

#[test]
fn samples_that_are_long_past_do_not_count() {
    let strays: Vec<i64> = (1..=7).map(|hour| hour * HOUR).collect();
    check(&[&[0, 0], strays.as_slice(), &[0]].concat(), &[]);
}

#[test]
fn a_clock_that_is_set_again_has_both_offsets_for_a_while() {
    check(&[0, 0, 0, HOUR, HOUR, HOUR], &[HOUR, 0]);
    check(&[0, 0, 0, HOUR, HOUR, HOUR, 10], &[0, HOUR]);
    let quarters: Vec<i64> = (0..6).flat_map(|quarter| [quarter * HOUR / 4; 3]).collect();
    check(&quarters, &[HOUR * 5 / 4, HOUR, HOUR * 3 / 4, HOUR / 2]);
}

#[test]
fn what_was_learnt_before_a_restart_counts() {
    let mut clock = CentreClock::known(Some(-HOUR));
    assert!(clock.is_learnt() && !clock.learn(-HOUR + 5000));
    assert_eq!(clock.offset_ms(), Some(-HOUR));
    assert!(!CentreClock::known(None).is_learnt());
}
