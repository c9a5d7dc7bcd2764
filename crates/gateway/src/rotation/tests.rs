//! The choice is a function of the facts, ties included.

use super::*;
use crate::words::Class::{Bulk, Otp};

#[test]
fn each_policy_picks_by_its_rule() {
    // By policy, in the order of `Rotation::ALL`.
    let check = |candidates: &[Candidate], expected: [u32; 5]| {
        let picks = Rotation::ALL.map(|rotation| pick(rotation, Bulk, false, candidates));
        assert_eq!(
            picks,
            expected.map(|sim| Some(SimIdx(sim))),
            "{candidates:?}"
        );
    };
    check(&[sim(7)], [7; 5]);
    // The last has most left, was used longest ago, has sent least, has the highest hash, is the cheapest, each in turn.
    let best = |change: fn(&mut Candidate)| {
        let mut last = sim(2);
        change(&mut last);
        [sim(0), sim(1), last]
    };
    check(&best(|_| ()), [0; 5]);
    check(&best(|c| c.headroom += 1), [2, 0, 0, 0, 2]);
    check(&best(|c| c.last_start -= 1), [2, 2, 2, 0, 2]);
    check(&best(|c| c.used_in_month -= 1), [0, 0, 2, 0, 0]);
    check(&best(|c| c.affinity += 1), [0, 0, 0, 2, 0]);
    check(&best(|c| c.cost -= 1), [0, 0, 0, 0, 2]);
    // A modem that takes three times as long is as good as one with a third left.
    check(&best(|c| (c.headroom, c.slowness) = (299, 3)), [0; 5]);
    check(
        &best(|c| (c.headroom, c.slowness) = (306, 3)),
        [2, 0, 0, 0, 2],
    );
    // One whose reports fail to come is used after the others, but before dearer ones.
    let held_back = |change: fn(&mut Candidate)| {
        let mut first = sim(0);
        first.held_back = true;
        change(&mut first);
        [first, sim(1)]
    };
    check(&held_back(|c| c.headroom = 999), [1, 1, 1, 0, 1]);
    check(&held_back(|c| c.cost = 0), [1, 1, 1, 0, 0]);
}

#[test]
fn only_those_that_may_are_asked() {
    let check = |change: fn(&mut Candidate), bulk: bool, otp: bool| {
        let mut only = sim(3);
        change(&mut only);
        for rotation in Rotation::ALL {
            let picks = [Bulk, Otp].map(|class| pick(rotation, class, true, &[only]).is_some());
            assert_eq!(picks, [bulk, otp], "{rotation:?} {only:?}");
        }
    };
    check(|_| (), true, true);
    check(|c| c.codes_only = true, false, true);
    check(|c| c.strangers = Strangers::Codes, false, true);
    check(|c| c.strangers = Strangers::None, false, false);
    check(
        |c| (c.strangers, c.knows) = (Strangers::None, true),
        true,
        true,
    );
    check(
        |c| {
            c.room = Room {
                codes: 2,
                others: 1,
                most: 9,
            }
        },
        false,
        true,
    );
    check(
        |c| {
            c.room = Room {
                codes: 1,
                others: 1,
                most: 1,
            }
        },
        true,
        true,
    );
    check(|c| c.stand = Stand::Soon, false, false);
    check(|c| c.stand = Stand::Out, false, false);
    check(|c| c.stand = Stand::Barred, false, false);
}

#[test]
fn a_code_tries_no_sim_that_has_to_prove_itself_while_there_is_another() {
    let mut trial = sim(0);
    trial.on_trial = true;
    for rotation in [
        Rotation::Headroom,
        Rotation::RoundRobin,
        Rotation::LeastUsed,
    ] {
        assert_eq!(
            pick(rotation, Otp, false, &[trial, sim(1)]),
            Some(SimIdx(1)),
            "{rotation:?}"
        );
        assert_eq!(
            pick(rotation, Otp, false, &[trial]),
            Some(SimIdx(0)),
            "{rotation:?}"
        );
        assert_eq!(
            pick(rotation, Bulk, false, &[trial, sim(1)]),
            Some(SimIdx(0)),
            "{rotation:?}"
        );
    }
}

#[test]
fn a_recipient_keeps_its_sim_as_long_as_it_is_to_be_had() {
    let check = |home: Stand, impatient: bool, expected: Option<u32>| {
        let mut favourite = sim(5);
        (favourite.stand, favourite.affinity) = (home, 90);
        let found = pick(Rotation::Sticky, Bulk, impatient, &[sim(1), favourite]);
        assert_eq!(
            found,
            expected.map(SimIdx),
            "{home:?}, impatient: {impatient}"
        );
    };
    check(Stand::Free, false, Some(5));
    check(Stand::Soon, false, None);
    check(Stand::Soon, true, Some(1));
    check(Stand::Out, false, Some(1));
    // What is meant for a barred SIM is not moved, however long it waits.
    check(Stand::Barred, false, None);
    check(Stand::Barred, true, None);
}

#[test]
fn when_a_sim_goes_only_its_own_recipients_move() {
    let sims: Vec<u64> = (0..8).map(mix).collect();
    let home = |recipient: u64, sims: &[u64]| {
        let best = sims.iter().max_by_key(|sim| affinity(**sim, recipient));
        *best.unwrap()
    };
    let mut counts = std::collections::BTreeMap::new();
    for recipient in (0..8000).map(|number| 49_151_100_000 + number) {
        let before = home(recipient, &sims);
        *counts.entry(before).or_insert(0) += 1;
        let after = home(recipient, &sims[1..]);
        assert!(before == sims[0] || before == after, "{recipient}");
    }
    assert!(
        counts.values().all(|count| (850..1150).contains(count)),
        "{counts:?}"
    );
}

#[test]
fn nobody_is_no_choice() {
    for rotation in Rotation::ALL {
        assert_eq!(pick(rotation, Otp, true, &[]), None);
    }
}

/// The choice for a message of two parts; the order of the table does not matter.
fn pick(
    rotation: Rotation,
    class: Class,
    is_impatient: bool,
    candidates: &[Candidate],
) -> Option<SimIdx> {
    let wish = Wish {
        class,
        parts: 2,
        is_impatient,
    };
    let forward = choose(rotation, wish, candidates.iter().copied());
    let backward = choose(rotation, wish, candidates.iter().rev().copied());
    assert_eq!(forward, backward, "{rotation:?} {candidates:?}");
    forward
}

fn sim(number: u32) -> Candidate {
    Candidate {
        sim: SimIdx(number),
        stand: Stand::Free,
        headroom: 100,
        slowness: 1,
        used_in_month: 5,
        cost: 4,
        last_start: 8,
        on_trial: false,
        held_back: false,
        room: Room {
            codes: 9,
            others: 9,
            most: 9,
        },
        codes_only: false,
        strangers: Strangers::All,
        knows: false,
        affinity: 60,
    }
}
