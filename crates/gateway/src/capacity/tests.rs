//! Fleets on paper: what they can do, what binds them, when they run dry.

use super::*;
use crate::calendar::Hours;

const HOURS: fn(u64) -> Duration = |hours| Duration::from_secs(hours * 3600);

fn fleet(count: usize, step_ms: u64, limits: [Option<u32>; 4]) -> Vec<SimAbility> {
    vec![SimAbility::fresh(Duration::from_millis(step_ms), limits); count]
}

fn full() -> [Duration; 4] {
    [Duration::from_secs(60), HOURS(1), HOURS(24), HOURS(30 * 24)]
}

#[test]
fn the_headline_fleet() {
    // 512 SIMs, one part in 5.65 s: 5437 a minute.
    let sims = fleet(512, 5650, [None, None, Some(200), None]);
    let found = capacity(5440, &sims, full());
    assert!(
        (found.achievable_per_minute - 5437.2).abs() < 0.1,
        "{found:?}"
    );
    assert_eq!(found.binds, Bound::Radio);
    // 102,400 parts a day: 71.1 a minute around the clock, used up in 18.8 minutes at full speed.
    assert!((found.steady_per_minute - 71.1).abs() < 0.1, "{found:?}");
    assert_eq!(
        found.exhausted_in.map(|lasts| lasts.as_secs() / 60),
        Some(18)
    );
    let found = capacity(60, &sims, full());
    assert_eq!((found.binds, found.exhausted_in), (Bound::Target, None));
}

#[test]
fn what_binds() {
    let minute = |limit| [Some(limit), None, None, None];
    let free = || fleet(10, 6000, minute(1000));
    let away = |count: usize, standing| {
        let mut sims = free();
        sims.iter_mut()
            .take(count)
            .for_each(|sim| sim.standing = standing);
        sims
    };
    for (sims, target, achievable, binds) in [
        (free(), 100, 100.0, Bound::Target),
        (free(), 101, 100.0, Bound::Radio),
        (fleet(10, 6000, minute(7)), 100, 70.0, Bound::Budget),
        (away(3, Standby::Away), 100, 70.0, Bound::LinesDown),
        (away(3, Standby::Spent), 100, 70.0, Bound::Budget),
        (away(10, Standby::Away), 100, 0.0, Bound::LinesDown),
        (Vec::new(), 100, 0.0, Bound::Radio),
    ] {
        let found = capacity(target, &sims, full());
        let off = (found.achievable_per_minute - achievable).abs();
        assert!(
            off < 1e-9 && found.binds == binds,
            "{found:?} for {achievable} {binds:?}"
        );
    }
}

#[test]
fn a_budget_that_is_filled_again_in_time_does_not_run_out() {
    let mut sims = fleet(1, 1000, [None, Some(600), None, None]);
    sims[0].left = [None, Some(100), None, None];
    let in_minutes = |minutes: u64| {
        let mut resets = full();
        resets[1] = Duration::from_secs(minutes * 60);
        resets
    };
    assert_eq!(capacity(10, &sims, in_minutes(9)).exhausted_in, None);
    let found = capacity(10, &sims, in_minutes(11)).exhausted_in;
    assert_eq!(found, Some(Duration::from_secs(600)));
    // A SIM without that limit takes over.
    sims.extend(fleet(1, 1000, [Some(5), None, None, None]));
    assert_eq!(capacity(10, &sims, in_minutes(11)).exhausted_in, None);
}

#[test]
fn a_life_runs_out_and_is_never_filled_again() {
    let mut sims = fleet(2, 6000, [None; 4]);
    sims[0].life_left = Some(60);
    assert_eq!(capacity(20, &sims, full()).exhausted_in, None);
    sims[1].life_left = Some(20);
    let found = capacity(20, &sims, full()).exhausted_in;
    assert_eq!(found, Some(Duration::from_secs(4 * 60)));
    assert_eq!(capacity(20, &[], full()).exhausted_in, None);
}

#[test]
fn hours_are_counted_once_however_they_overlap() {
    let check = |hours: &[(u16, u16)], expected: u32| {
        let hours: Vec<Hours> = hours
            .iter()
            .map(|(from_min, to_min)| Hours {
                from_min: from_min * 60,
                to_min: to_min * 60,
            })
            .collect();
        assert_eq!(Hours::open(&hours).minutes, expected * 7 * 60, "{hours:?}");
    };
    check(&[], 24);
    check(&[(8, 20)], 12);
    check(&[(20, 8)], 12);
    check(&[(8, 12), (10, 14), (9, 11)], 6);
    check(&[(22, 2), (1, 3), (23, 24)], 5);
    check(&[(0, 24)], 24);
    check(&[(5, 5)], 24);
}
