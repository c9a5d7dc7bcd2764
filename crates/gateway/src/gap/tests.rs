//! The gap grows with congestion alone, melts with success, and is bounded.

use super::*;

#[test]
fn it_grows_with_congestion_and_melts_with_success() {
    let congested = Cause::Cms(42);
    let mut gap = Duration::ZERO;
    for expected_s in [1, 2, 4, 8, 16, 32, 60, 60] {
        gap = after_refusal(gap, congested);
        assert_eq!(gap, Duration::from_secs(expected_s));
    }
    let mut successes = 0;
    while !gap.is_zero() {
        gap = after_success(gap);
        successes += 1;
    }
    assert_eq!(successes, 20);
}

#[test]
fn other_refusals_leave_it() {
    let gap = Duration::from_secs(2);
    for cause in [
        Cause::Cms(8),
        Cause::Cms(500),
        Cause::Cme(42),
        Cause::NoPrompt,
    ] {
        assert_eq!(after_refusal(gap, cause), gap, "{cause:?}");
        assert_eq!(after_refusal(Duration::ZERO, cause), Duration::ZERO);
    }
}
