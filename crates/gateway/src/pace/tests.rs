//! The rate over a minute, the worst second, stalls, and early timers.

use super::*;

/// Millisecond ticks of a shell whose fleet can always take a part: the starts, by millisecond.
fn starts(pace: &mut Pace, from: Instant, ms: u64, wake: impl Fn(u64) -> bool) -> Vec<u64> {
    let mut starts = Vec::new();
    for tick in (0..ms).filter(|tick| wake(*tick)) {
        let now = from + Duration::from_millis(tick);
        while pace.is_open(now) {
            pace.charge(now);
            starts.push(tick);
        }
    }
    starts
}

#[test]
fn a_minute_holds_the_target_and_no_second_more_than_its_share() {
    for target in [60, 100, 600, 1000, 5440, 12_000, 30_000] {
        let mut pace = Pace::new(target);
        let starts = starts(&mut pace, instant(), 180_000, |_| true);
        for minute in 0..3 {
            let count = starts.iter().filter(|at| **at / 60_000 == minute).count() as f64;
            let share = count / f64::from(target);
            // One part more or less is allowed where a minute holds few.
            let slack = 0.005_f64.max(1.5 / f64::from(target));
            assert!(
                (share - 1.0).abs() <= slack,
                "{target} a minute: {count} in minute {minute}"
            );
        }
        let worst = worst_second(&starts) as f64;
        let per_second = f64::from(target) / 60.0;
        assert!(
            worst <= per_second * 1.1 + 1.0,
            "{target} a minute: {worst} in a second"
        );
    }
}

#[test]
fn a_stall_is_made_up_for_and_not_in_a_rush() {
    let target = 6000;
    let mut pace = Pace::new(target);
    let starts = starts(&mut pace, instant(), 60_000, |tick| {
        !(10_000..14_000).contains(&tick)
    });
    let share = starts.len() as f64 / f64::from(target);
    assert!(
        (share - 1.0).abs() <= 0.005,
        "{} in the minute of the stall",
        starts.len()
    );
    // A late turn starts at most what 50 ms hold together.
    assert!(
        worst_second(&starts) as f64 <= 110.0 + 1.0 + 5.5,
        "{}",
        worst_second(&starts)
    );
    let after: Vec<u64> = starts
        .iter()
        .copied()
        .filter(|at| (14_000..15_000).contains(at))
        .collect();
    assert!(
        (105..=117).contains(&after.len()),
        "{} in the first second after",
        after.len()
    );
}

#[test]
fn an_idle_hour_leaves_a_bounded_debt() {
    let target = 600;
    let mut pace = Pace::new(target);
    let from = instant();
    pace.charge(from);
    let later = from + Duration::from_secs(3600);
    let starts = starts(&mut pace, later, 300_000, |_| true);
    // Ten seconds of debt are a hundred parts, made up for at a tenth more than the target.
    let extra = starts.len() as i64 - 3000;
    assert!(
        (95..=105).contains(&extra),
        "{extra} more than the target in five minutes"
    );
    assert!(worst_second(&starts) <= 12);
}

#[test]
fn timers_that_fire_a_millisecond_early_do_not_speed_it_up() {
    for target in [5440, 600, 60_000] {
        let mut pace = Pace::new(target);
        let mut now = instant();
        let end = now + Duration::from_secs(60);
        let mut count = 0;
        while now < end {
            if pace.is_open(now) {
                pace.charge(now);
                count += 1;
            } else {
                let opens = pace.opens().expect("a closed pace opens");
                now = opens - Duration::from_millis(1);
            }
        }
        let share = f64::from(count) / f64::from(target);
        assert!((share - 1.0).abs() <= 0.005, "{count} at {target} a minute");
    }
}

#[test]
fn turns_every_few_milliseconds_keep_the_rate() {
    for period in [2, 5, 10, 20, 50] {
        let mut pace = Pace::new(5440);
        let starts = starts(&mut pace, instant(), 60_000, |tick| tick % period == 0);
        let share = starts.len() as f64 / 5440.0;
        assert!(
            (share - 1.0).abs() <= 0.005,
            "{} with a turn every {period} ms",
            starts.len()
        );
    }
}

#[test]
fn codes_take_their_share_of_the_pace() {
    let mut pace = Pace::new(600);
    let now = instant();
    (0..10).for_each(|_| pace.charge(now));
    assert!(
        !pace.is_open(now + Duration::from_millis(900)),
        "ten codes at once use up a second"
    );
    assert!(pace.is_open(now + Duration::from_millis(1000)));
}

#[test]
fn a_new_target_counts_from_now() {
    let mut pace = Pace::new(60);
    let now = instant();
    assert!(pace.is_open(now) && pace.opens().is_none());
    pace.charge(now);
    assert_eq!(pace.opens(), Some(now + Duration::from_secs(1)));
    pace.retarget(6000);
    pace.charge(now + Duration::from_secs(1));
    assert_eq!(pace.opens(), Some(now + Duration::from_millis(1010)));
    // No target divides by zero.
    assert_eq!(interval_of(0), Duration::from_secs(60));
}

#[test]
fn after_a_power_cut_it_rises_and_makes_up_for_it() {
    let target = 6000;
    let mut pace = Pace::new(target);
    let from = instant();
    pace.ramp_up(from);
    let starts = starts(&mut pace, from, 60_000, |_| true);
    let within = |second: u64| {
        let of_second = starts.iter().filter(|at| **at / 1000 == second);
        of_second.count()
    };
    let rising: Vec<usize> = (0..5).map(within).collect();
    assert!(rising.is_sorted(), "{rising:?}");
    assert!((50..=60).contains(&rising[0]), "{rising:?}");
    assert!(
        worst_second(&starts) as f64 <= 111.0,
        "{}",
        worst_second(&starts)
    );
    let share = starts.len() as f64 / f64::from(target);
    assert!(
        (share - 1.0).abs() <= 0.005,
        "{} in the minute",
        starts.len()
    );
}

/// The most starts in any second, wherever it begins.
fn worst_second(starts: &[u64]) -> usize {
    let from = |at: usize| {
        starts[at..]
            .iter()
            .take_while(|other| **other < starts[at] + 1000)
            .count()
    };
    (0..starts.len()).map(from).max().unwrap_or(0)
}

fn instant() -> Instant {
    #[expect(
        clippy::disallowed_methods,
        reason = "an instant can't be made in another way"
    )]
    let now = Instant::now();
    // Far enough from the machine's start for debts.
    now + Duration::from_secs(1000)
}
