//! Which rung comes next, and how often.

use std::time::{Duration, Instant};

use crate::{Profile, Rung};

use super::{Ladder, Next};

use Rung::{Initialise, Radio, Reopen, Reset, Resync};

fn profile(recovery: &str) -> Profile {
    let text = format!("about = \"a\"\n[recovery]\n{recovery}\n");
    Profile::read("own", &text).unwrap()
}

#[expect(
    clippy::disallowed_methods,
    reason = "a point to count virtual time from"
)]
fn origin() -> Instant {
    Instant::now()
}

/// What a line that never gets well climbs, a failure every `gap_s`, until its first rest.
fn climbed(recovery: &str, least: Rung, gap_s: u64) -> Vec<Rung> {
    let profile = profile(recovery);
    let mut ladder = Ladder::default();
    let mut now = origin();
    let mut rungs = Vec::new();
    while let Next::Climb(rung) = ladder.climb(now, least, Some(&profile.recovery)) {
        rungs.push(rung);
        now += Duration::from_secs(gap_s);
    }
    rungs
}

#[test]
fn a_sick_modem_climbs_to_the_first_rung_that_is_allowed() {
    let all = [
        Initialise, Initialise, Radio, Reset, Reset, Reopen, Reopen, Reopen, Reopen, Reopen,
    ];
    assert_eq!(climbed("", Initialise, 30), all);
    assert_eq!(climbed("", Reset, 30), all[3..]);
    assert_eq!(climbed("", Reopen, 30), all[5..]);
    assert_eq!(
        climbed("radio_off = \"never\"", Radio, 30),
        all[3..],
        "the radio must not be turned off"
    );
    assert_eq!(
        climbed("reset = []", Radio, 30),
        [&all[2..3], &all[5..]].concat()
    );
}

#[test]
fn a_modem_that_has_not_said_who_it_is_is_neither_reset_nor_silenced() {
    let mut ladder = Ladder::default();
    let now = origin();
    for _ in 0..5 {
        assert_eq!(ladder.climb(now, Radio, None), Next::Climb(Reopen));
    }
    assert!(matches!(ladder.climb(now, Radio, None), Next::Rest(_)));
}

#[test]
fn rests_get_longer_until_the_line_is_well() {
    let mut ladder = Ladder::default();
    let mut now = origin();
    let mut rest = |ladder: &mut Ladder| {
        loop {
            now += Duration::from_secs(3600);
            if let Next::Rest(rest) = ladder.climb(now, Reopen, None) {
                return rest.as_secs();
            }
        }
    };
    let rests = [(); 4].map(|()| rest(&mut ladder));
    assert_eq!(rests, [600, 3600, 86_400, 86_400]);
    ladder.heal();
    assert_eq!(rest(&mut ladder), 600);
}

#[test]
fn what_was_climbed_within_the_hour_counts_though_the_line_was_well_between() {
    let profile = profile("");
    let mut ladder = Ladder::default();
    let start = origin();
    let mut after = |minutes: u64| {
        ladder.heal();
        let now = start + Duration::from_secs(minutes * 60);
        ladder.climb(now, Initialise, Some(&profile.recovery))
    };
    let first: Vec<Next> = (0..6).map(&mut after).collect();
    assert_eq!(first, [Next::Climb(Initialise); 6]);
    assert_eq!(after(6), Next::Climb(Radio));
    assert_eq!(after(7), Next::Climb(Radio));
    assert_eq!(after(8), Next::Climb(Reset));
    assert_eq!(after(60), Next::Climb(Initialise), "the hour is over");
}

#[test]
fn a_line_without_a_network_is_eased_less_and_less_often() {
    let known = profile("");
    let mut ladder = Ladder::default();
    let mut now = origin();
    let mut waited = Vec::new();
    for _ in 0..9 {
        let patience = ladder.patience();
        waited.push(patience.as_secs() / 60);
        now += Duration::from_secs(2 * 3600);
        assert_eq!(ladder.ease(now, &known.recovery), Some(Radio));
    }
    assert_eq!(waited, [5, 10, 20, 40, 80, 160, 320, 320, 320]);
    assert_eq!(ladder.ease(now, &known.recovery), Some(Radio));
    assert_eq!(ladder.ease(now, &known.recovery), None, "twice an hour");
    let deaf = profile("radio_off = \"never\"");
    assert_eq!(ladder.ease(now, &deaf.recovery), Some(Reset));
    let untouchable = profile("radio_off = \"never\"\nreset = []");
    assert_eq!(ladder.ease(now, &untouchable.recovery), None);
}

#[test]
fn resynchronisations_are_bounded_too() {
    let mut ladder = Ladder::default();
    let mut now = origin();
    let mut resyncs = 0;
    while ladder.climb(now, Resync, None) == Next::Climb(Resync) {
        resyncs += 1;
        ladder.heal();
        now += Duration::from_secs(60);
    }
    assert_eq!(resyncs, 30);
}
