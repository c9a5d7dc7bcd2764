//! Parts of ended messages, remembered and judged.

use sms::Address;

use super::*;

/// A part that was started at that second.
fn part(second: i64, is_reported: bool) -> EndedPart {
    let at = UnixMs(second * 1000);
    EndedPart {
        ticket: Ticket(second.cast_unsigned()),
        mr: Some(7),
        recipient: Recipient::of(&Address::parse("+4915112345678").unwrap()),
        span: Span {
            from: at,
            until: at,
        },
        taken: None,
        is_reported,
    }
}

#[test]
fn it_knows_how_far_back_it_reaches() {
    let mut past = Past::default();
    assert!(past.reaches(UnixMs(i64::MIN)));
    let full = i64::try_from(PARTS_MAX).unwrap();
    (0..full).for_each(|second| past.remember(part(second, true), |_| false));
    assert!(past.reaches(UnixMs(0)));
    past.remember(part(full, true), |_| false);
    assert!(!past.reaches(UnixMs(0)) && past.reaches(UnixMs(1)));
    assert!(
        past.reaches_beside(UnixMs(0)),
        "it was near no part in doubt"
    );
    past.forget_before(UnixMs(500));
    assert!(!past.reaches_beside(UnixMs(499)) && past.reaches_beside(UnixMs(500)));
}

#[test]
fn what_is_beside_a_doubt_is_kept_longer_and_not_without_end() {
    let mut past = Past::default();
    let max = i64::try_from(PARTS_MAX).unwrap();
    (0..2 * max).for_each(|second| past.remember(part(second, true), |_| true));
    assert_eq!(past.parts().count(), 2 * PARTS_MAX);
    assert!(past.reaches_beside(UnixMs(0)));
    past.remember(part(2 * max, true), |_| true);
    assert_eq!(past.parts().count(), 2 * PARTS_MAX);
    assert!(!past.reaches_beside(UnixMs(0)));
    // The doubts are over.
    past.remember(part(2 * max + 1, true), |_| true);
    past.remember(part(2 * max + 2, true), |part| part.ticket.0 % 2 == 0);
    assert!(past.parts().count() < 2 * PARTS_MAX);
}

#[test]
fn a_sims_reports_are_judged_by_its_last_parts() {
    let judged = |came: &[bool]| {
        let mut past = Past::default();
        for (second, came) in (0..).zip(came) {
            past.remember(part(second, *came), |_| false);
        }
        let Judged { parts, came } = past.judged();
        (parts, came)
    };
    assert_eq!(judged(&[true; 9]), (9, 9));
    assert_eq!(judged(&[[false; 25], [true; 25]].concat()), (50, 25));
    assert_eq!(judged(&[[false; 50], [true; 50]].concat()), (50, 50));
}
