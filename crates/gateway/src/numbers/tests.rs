//! Which numbers a list has, and what two lists say together.

use super::*;

fn list(entries: &[&str]) -> Numbers {
    let mut numbers = Numbers::default();
    for entry in entries {
        numbers.add(entry);
    }
    numbers
}

#[test]
fn numbers_and_prefixes() {
    let of = list(&["+4915112345678", "+229*", "80808"]);
    for (number, expected) in [
        ("+4915112345678", true),
        ("+491511234567", false),
        ("+49151123456789", false),
        ("+22912345678", true),
        ("+229", true),
        ("+22", false),
        ("80808", true),
        ("808080", false),
    ] {
        assert_eq!(of.contains(number), expected, "{number}");
    }
    assert!(list(&["*"]).contains("+1"), "a star alone is everybody");
    assert!(!Numbers::default().contains("+1"));
    assert_eq!(format!("{of:?}"), "Numbers(3)", "numbers are private");
}

#[test]
fn deny_goes_before_allow() {
    let refused = |allow: Option<&[&str]>, deny: &[&str]| {
        let recipients = Recipients {
            allow: allow.map(list),
            deny: list(deny),
        };
        recipients.against("+4915112345678").is_some()
    };
    assert!(!refused(None, &[]));
    assert!(refused(None, &["+49*"]));
    assert!(!refused(Some(&["+49*"]), &[]));
    assert!(refused(Some(&["+49*"]), &["+49151*"]));
    assert!(refused(Some(&[]), &[]));
    assert!(refused(Some(&["+1*"]), &[]));
}
