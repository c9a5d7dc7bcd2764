//! The choice is a function of the facts, ties included.

use super::*;

fn candidate(sim: u32, headroom: u64, last_start: u64, busy: bool) -> Candidate {
    Candidate {
        sim: SimIdx(sim),
        headroom,
        last_start,
        busy,
    }
}

#[test]
fn each_rotation_picks_by_its_rule() {
    let check = |candidates: &[(u32, u64, u64, bool)], headroom: u32, round_robin: u32| {
        let all = || {
            candidates
                .iter()
                .map(|&(sim, headroom, last, busy)| candidate(sim, headroom, last, busy))
        };
        let picks = [Rotation::Headroom, Rotation::RoundRobin].map(|rotation| {
            let forward = choose(rotation, all());
            let backward = choose(rotation, all().rev());
            assert_eq!(forward, backward, "the order of the table does not matter");
            forward
        });
        assert_eq!(
            picks,
            [Some(SimIdx(headroom)), Some(SimIdx(round_robin))],
            "{candidates:?}"
        );
    };
    check(&[(7, 1, 1, false)], 7, 7);
    // Most left, longest unused.
    check(
        &[(0, 10, 1, false), (1, 20, 2, false), (2, 15, 0, false)],
        1,
        2,
    );
    // Equal headroom: the longest unused.
    check(
        &[(0, 10, 5, false), (1, 10, 3, false), (2, 10, 4, false)],
        1,
        1,
    );
    // All equal: the lowest number.
    check(
        &[(2, 10, 5, false), (1, 10, 5, false), (3, 10, 5, false)],
        1,
        1,
    );
    // An empty one comes before a busy one with more left or longer unused.
    check(&[(0, 99, 0, true), (1, 1, 9, false)], 1, 1);
    check(&[(0, 1, 5, true), (1, 9, 6, true)], 1, 0);
}

#[test]
fn nobody_is_no_choice() {
    for rotation in [Rotation::Headroom, Rotation::RoundRobin] {
        assert_eq!(choose(rotation, std::iter::empty()), None);
    }
}
