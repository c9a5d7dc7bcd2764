//! When a breaker opens, what it lets through, and how it closes.

use super::*;

fn instant() -> Instant {
    #[expect(
        clippy::disallowed_methods,
        reason = "an instant can't be made in another way"
    )]
    Instant::now()
}

/// Refusals on these SIMs, one after the other; how many of them opened it.
fn refuse(breaker: &mut Breaker, now: Instant, sims: &[u32]) -> usize {
    let opened = sims
        .iter()
        .filter(|sim| breaker.refused(now, SimIdx(**sim), Cause::Cms(38)));
    opened.count()
}

#[test]
fn many_refusals_on_several_sims_open_it() {
    let now = instant();
    for (sims, opens) in [
        (&[1, 2, 3, 1, 2, 3, 1][..], false),
        (&[1, 2, 3, 1, 2, 3, 1, 2], true),
        (&[1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2], false),
        (&[1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 3], true),
    ] {
        let mut breaker = Breaker::default();
        assert_eq!(
            refuse(&mut breaker, now, sims),
            usize::from(opens),
            "{sims:?}"
        );
        assert_eq!(breaker.is_tripped(), opens, "{sims:?}");
    }
}

#[test]
fn a_part_that_is_sent_begins_the_count_anew() {
    let (mut breaker, now) = (Breaker::default(), instant());
    assert_eq!(refuse(&mut breaker, now, &[1, 2, 3, 4, 5, 6, 7]), 0);
    assert!(!breaker.sent());
    assert_eq!(refuse(&mut breaker, now, &[1, 2, 3, 4, 5, 6, 7]), 0);
}

#[test]
fn a_probe_decides_and_each_failure_doubles_the_wait() {
    let (mut breaker, mut now) = (Breaker::default(), instant());
    refuse(&mut breaker, now, &[1, 2, 3, 4, 5, 6, 7, 8]);
    for expected_s in [15, 30, 60, 120, 240, 300, 300] {
        let until = now + Duration::from_secs(expected_s);
        assert_eq!(breaker.gate(now), Gate::ShutUntil(until));
        // What was under way before changes nothing.
        assert!(!breaker.refused(now, SimIdx(9), Cause::Cms(38)));
        now = until;
        assert_eq!(breaker.gate(now), Gate::Open);
        assert!(breaker.starts(), "it is the probe");
        assert_eq!(breaker.gate(now), Gate::Probing);
        assert!(breaker.refused(now, SimIdx(1), Cause::Cms(38)));
    }
    now += RESTS.longest;
    assert!(breaker.starts());
    assert!(breaker.returned(now));
    assert_eq!(breaker.gate(now), Gate::Open);
    assert!(breaker.starts(), "an untouched probe is repeated");
    assert!(breaker.sent());
    assert!(!breaker.is_tripped() && !breaker.starts());
    assert_eq!(breaker.gate(now), Gate::Open);
}
