//! What people read of a measure.

use client::{ForcingView, ReplacedView};

use super::*;

#[test]
fn only_what_is_worth_knowing_is_said() {
    assert!(lines(&MeasureView::default()).is_empty());
    let forced = |char: &str, code: &str, position, count| ForcingView {
        char: char.into(),
        code: code.into(),
        position,
        count,
    };
    let measure = MeasureView {
        outside: 3,
        because: vec![forced("’", "U+2019", 2, 2), forced("–", "U+2013", 9, 1)],
        parts_without: Some(1),
        locking_shift: Some("turkish".into()),
        replaced: vec![ReplacedView {
            char: "…".into(),
            by: "...".into(),
            count: 1,
        }],
        ..MeasureView::default()
    };
    let expected = [
        "with the locking shift table of turkish",
        "because of \"’\" (U+2019, character 3, 2 times), \"–\" (U+2013, character 10): 3 characters are not in GSM \
         7-bit; without, it would be 1 part",
        "replaced \"…\" by \"...\", 1 times",
    ];
    assert_eq!(lines(&measure), expected);
}
