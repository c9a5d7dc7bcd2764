//! Every cause has a verdict, and no wait is without end.

use super::*;

#[test]
fn every_code_is_read() {
    let mut counts = [0_u32; 3];
    for code in 0..=u16::MAX {
        match verdict(Cause::Cms(code)) {
            Verdict::Message => counts[0] += 1,
            Verdict::Moment => counts[1] += 1,
            Verdict::Sim => counts[2] += 1,
        }
        assert_ne!(verdict(Cause::Cme(code)), Verdict::Moment);
    }
    assert_eq!(counts.iter().sum::<u32>(), 65_536);
    assert!(counts.iter().all(|count| *count > 0), "{counts:?}");
}

#[test]
fn causes_by_what_is_at_fault() {
    let check = |verdict_expected: Verdict, codes: &[u16]| {
        for code in codes {
            assert_eq!(
                verdict(Cause::Cms(*code)),
                verdict_expected,
                "+CMS ERROR: {code}"
            );
        }
    };
    // Unassigned number; invalid number format; destination out of order; the SC does not know the subscriber.
    check(
        Verdict::Message,
        &[1, 27, 30, 88, 95, 96, 128, 145, 176, 195, 304, 305],
    );
    // Call barred; rejected; network out of order; facility not subscribed; SIM absent, PIN, busy, wrong, full.
    check(
        Verdict::Sim,
        &[
            8, 10, 21, 28, 29, 38, 50, 69, 310, 311, 313, 314, 315, 322, 330, 331, 500, 512, 65_535,
        ],
    );
    // Temporary failure; congestion; resources unavailable; time-outs of the network; unknown ones.
    check(
        Verdict::Moment,
        &[0, 41, 42, 47, 111, 127, 192, 194, 213, 255, 332, 400, 511],
    );
    for cause in [Cause::Error, Cause::NoPrompt, Cause::LineLost] {
        assert_eq!(verdict(cause), Verdict::Sim);
    }
}

#[test]
fn waits_double_and_are_bounded() {
    let check = |wait: fn(u16) -> Duration, times: u16, expected_s: u64| {
        assert_eq!(
            wait(times),
            Duration::from_secs(expected_s),
            "after {times}"
        );
    };
    for (times, expected_s) in [
        (0, 2),
        (1, 2),
        (2, 4),
        (3, 8),
        (7, 128),
        (8, 256),
        (9, 300),
        (u16::MAX, 300),
    ] {
        check(message_back_off, times, expected_s);
    }
    for (times, expected_s) in [
        (0, 5),
        (1, 5),
        (2, 10),
        (7, 320),
        (8, 600),
        (40, 600),
        (u16::MAX, 600),
    ] {
        check(sim_rest, times, expected_s);
    }
}
