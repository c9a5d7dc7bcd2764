//! When a line's breaker opens, for how long, what closes it, and whom an outcome speaks against.

use super::*;

fn origin() -> Instant {
    #[expect(
        clippy::disallowed_methods,
        reason = "an instant can't be made in another way"
    )]
    Instant::now()
}

fn failed(word: &str) -> Verdict {
    Verdict::Failed(word.into())
}

#[test]
fn three_failures_in_a_row_open_it_and_a_success_between_does_not() {
    let now = origin();
    let mut breaker = LineBreaker::default();
    for _ in 0..5 {
        assert!(!breaker.landed(now, failed("silence")));
        assert!(!breaker.landed(now, failed("silence")));
        assert!(!breaker.landed(now, Verdict::Worked));
    }
    assert_eq!(
        (breaker.state(now), breaker.reason()),
        (BreakerState::Closed, None)
    );
    let opened = (0..4).map(|_| breaker.landed(now, failed("no_prompt")));
    assert_eq!(opened.collect::<Vec<_>>(), [false, false, true, false]);
    assert_eq!(breaker.state(now), BreakerState::Open);
    let until = now + Duration::from_secs(60);
    assert_eq!(breaker.gate(now), Gate::ShutUntil(until));
    let reason = breaker.reason().unwrap();
    assert_eq!(&*reason, "lost 4 parts in a row, the last by no_prompt");
}

#[test]
fn it_opens_twice_as_long_each_time_a_probe_fails() {
    let mut now = origin();
    let mut breaker = LineBreaker::default();
    (0..3).for_each(|_| {
        breaker.landed(now, failed("silence"));
    });
    let mut minutes = Vec::new();
    for _ in 0..8 {
        let Gate::ShutUntil(until) = breaker.gate(now) else {
            panic!("{breaker:?}");
        };
        minutes.push((until - now).as_secs() / 60);
        now = until;
        assert_eq!(breaker.gate(now), Gate::Open, "one part may try");
        assert_eq!(breaker.state(now), BreakerState::HalfOpen);
        breaker.starts();
        assert_eq!(breaker.gate(now), Gate::Probing);
        assert_eq!(breaker.state(now), BreakerState::HalfOpen);
        assert!(breaker.landed(now, failed("silence")));
    }
    assert_eq!(minutes, [1, 2, 4, 8, 16, 32, 64, 120]);
}

#[test]
fn a_probe_that_came_back_untouched_proves_nothing() {
    let mut now = origin();
    let mut breaker = LineBreaker::default();
    (0..3).for_each(|_| {
        breaker.landed(now, failed("reboot"));
    });
    now += Duration::from_secs(60);
    breaker.starts();
    breaker.landed(now, Verdict::Neither);
    assert_eq!(breaker.gate(now), Gate::Open, "the next one is the probe");
    breaker.starts();
    breaker.landed(now, Verdict::Worked);
    assert_eq!(breaker.state(now), BreakerState::Closed);
    // And the next trouble begins at the shortest rest.
    (0..3).for_each(|_| {
        breaker.landed(now, failed("reboot"));
    });
    assert_eq!(
        breaker.gate(now),
        Gate::ShutUntil(now + Duration::from_secs(60))
    );
}

#[test]
fn what_an_outcome_says_of_its_modem() {
    use CauseClass::{Barred, Configuration, ModemSick, OtherSim, Permanent, SameSim, Wait};
    let refused = |cause, class| verdict(Some(&Outcome::Refused(cause)), Some(class));
    let unknown = |doubt| verdict(Some(&Outcome::Unknown(doubt)), None);
    for (heard, expected) in [
        (
            verdict(Some(&Outcome::Sent { mr: 1 }), None),
            Verdict::Worked,
        ),
        (verdict(None, None), Verdict::Neither),
        (unknown(Doubt::Silence), failed("silence")),
        (unknown(Doubt::LineLost), failed("line_lost")),
        (unknown(Doubt::Reboot), failed("reboot")),
        (unknown(Doubt::NetworkTimeout), Verdict::Neither),
        (unknown(Doubt::NoReference), Verdict::Neither),
        (unknown(Doubt::Answer), Verdict::Neither),
        (unknown(Doubt::Restart), Verdict::Neither),
        (refused(Cause::NoPrompt, OtherSim), failed("no_prompt")),
        (refused(Cause::LineLost, OtherSim), failed("line_lost")),
        (refused(Cause::Cms(210), ModemSick), failed("cms_210")),
        (refused(Cause::Error, OtherSim), Verdict::Neither),
        (refused(Cause::Cms(314), Wait), Verdict::Neither),
        (refused(Cause::Cms(38), SameSim), Verdict::Worked),
        (refused(Cause::Cms(8), Barred), Verdict::Worked),
        (refused(Cause::Cms(1), Permanent), Verdict::Worked),
        (refused(Cause::Cme(50), Configuration), Verdict::Worked),
    ] {
        assert_eq!(heard, expected);
    }
}
