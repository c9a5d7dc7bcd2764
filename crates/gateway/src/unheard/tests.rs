//! Who counts as unheard, and who does not.

use super::*;

#[test]
fn a_sim_is_held_against_the_others_of_its_operator() {
    let check = |own: (u32, u32), others: (u32, u32), expected: bool| {
        let judged = |(came, parts)| Judged { parts, came };
        let found = Unheard::among(judged(own), judged(others));
        assert_eq!(found.is_some(), expected, "{own:?} beside {others:?}");
    };
    // Nearly all of the others' come, and of its own none, few, half or most.
    check((0, 50), (480, 500), true);
    check((0, 20), (50, 50), true);
    check((10, 50), (480, 500), true);
    check((23, 50), (480, 500), true);
    check((24, 50), (480, 500), false);
    check((45, 50), (480, 500), false);
    // Too few to say.
    check((0, 19), (480, 500), false);
    check((0, 50), (49, 49), false);
    check((0, 0), (0, 0), false);
    // The operator gives none, or too few; all fail at once.
    check((0, 50), (0, 500), false);
    check((0, 50), (249, 500), false);
    // Where half is usual, chance has more room.
    check((5, 20), (250, 500), false);
    check((3, 20), (250, 500), true);
    check((4, 20), (250, 500), false);
    check((4, 50), (250, 500), true);
}
