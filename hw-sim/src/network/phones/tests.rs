//! What a phone makes of parts in any order, twice, and of others' references.

use super::*;
use crate::ledger::LedgerEvent;

/// Sender, recipient, reference, part, parts, text.
type Part = (&'static str, &'static str, u16, u8, u8, &'static str);

fn entry((sim, to, reference, part, parts, text): Part) -> LedgerEntry {
    LedgerEntry {
        t_ms: 0,
        event: LedgerEvent::Submit,
        line: 0,
        iccid: sim.to_owned(),
        imsi: String::new(),
        to: to.to_owned(),
        from: None,
        mr: None,
        tpdu: String::new(),
        text: Some(text.to_owned()),
        reference: Some(reference),
        part,
        parts,
        status: None,
        cause: None,
        busy_ms: None,
        data: None,
    }
}

fn check(parts: &[Part], shown: u64, waiting: u64) {
    let mut phones = Phones::default();
    for part in parts {
        phones.take(&entry(*part));
    }
    assert_eq!(
        (phones.shown(), phones.waiting()),
        (shown, waiting),
        "{parts:?}"
    );
}

#[test]
fn whole_messages_are_shown_and_pieces_wait() {
    check(&[("s", "+49", 1, 1, 1, "a")], 1, 0);
    check(&[("s", "+49", 1, 1, 2, "a")], 0, 1);
    check(
        &[("s", "+49", 1, 2, 2, "b"), ("s", "+49", 1, 1, 2, "a")],
        1,
        0,
    );
    // The same part again is nothing new.
    check(
        &[("s", "+49", 1, 1, 2, "a"), ("s", "+49", 1, 1, 2, "a")],
        0,
        1,
    );
    // Other senders, recipients, references and numbers of parts are other messages.
    for other in [
        ("t", "+49", 1, 2, 2, "b"),
        ("s", "+50", 1, 2, 2, "b"),
        ("s", "+49", 2, 2, 2, "b"),
        ("s", "+49", 1, 2, 3, "b"),
    ] {
        check(&[("s", "+49", 1, 1, 2, "a"), other], 0, 2);
    }
    // A reference that came round while its first message was never whole.
    check(
        &[
            ("s", "+49", 1, 1, 2, "a"),
            ("s", "+49", 1, 1, 2, "c"),
            ("s", "+49", 1, 2, 2, "d"),
        ],
        1,
        0,
    );
    // What no phone can place.
    check(
        &[("s", "+49", 1, 0, 2, "a"), ("s", "+49", 1, 3, 2, "b")],
        2,
        0,
    );
}

#[test]
fn what_nobody_completes_is_forgotten() {
    let mut phones = Phones::default();
    for number in 0..WAITING_MAX + 10 {
        let mut part = entry(("s", "", 1, 1, 2, "a"));
        part.to = number.to_string();
        phones.take(&part);
    }
    assert_eq!(phones.waiting(), WAITING_MAX as u64);
    let second = |to: &str| LedgerEntry {
        to: to.to_owned(),
        ..entry(("s", "", 1, 2, 2, "b"))
    };
    phones.take(&second("0"));
    assert_eq!(phones.shown(), 0, "its first part is forgotten");
    phones.take(&second(&(WAITING_MAX + 5).to_string()));
    assert_eq!(phones.shown(), 1);
}
