//! Every finding of the streaming oracle, from ledgers written by hand.

use super::*;

/// SIM, recipient, reference (0 for a single part), part, parts, text.
type Row<'a> = (&'a str, &'a str, u16, u8, u8, &'a str);

fn entry(row: &Row<'_>) -> LedgerEntry {
    LedgerEntry {
        t_ms: 0,
        event: LedgerEvent::Submit,
        line: 0,
        iccid: row.0.to_owned(),
        imsi: String::new(),
        to: row.1.to_owned(),
        from: None,
        mr: Some(7),
        tpdu: "01".to_owned(),
        text: Some(row.5.to_owned()),
        reference: (row.2 > 0).then_some(row.2),
        part: row.3,
        parts: row.4,
        status: None,
        cause: None,
        busy_ms: None,
        data: None,
    }
}

fn promise(to: &str, text: &str) -> Promise {
    Promise {
        to: to.to_owned(),
        text: text.to_owned(),
        ..Promise::default()
    }
}

fn audit(promises: &[Promise], entries: &[LedgerEntry]) -> Findings {
    let mut auditor = Auditor::new();
    for promise in promises {
        auditor.expect(promise.clone());
    }
    for entry in entries {
        auditor.take(entry);
    }
    auditor.finish()
}

/// Holds rows against one short message "hi" and one long "abc" to +1; `expected` lacks what follows from the rows.
fn check(rows: &[Row<'_>], expected: Findings, is_good: bool) {
    let entries: Vec<LedgerEntry> = rows.iter().map(entry).collect();
    let found = audit(&[promise("+1", "hi"), promise("+1", "abc")], &entries);
    let expected = Findings {
        accepted: 2,
        submissions: rows.len() as u64,
        ..expected
    };
    assert_eq!(found, expected, "{rows:?}");
    assert_eq!(found.is_good(), is_good, "{rows:?}");
}

const SHORT: Row<'_> = ("s", "+1", 0, 1, 1, "hi");
const A: Row<'_> = ("s", "+1", 5, 1, 3, "a");
const B: Row<'_> = ("s", "+1", 5, 2, 3, "b");
const C: Row<'_> = ("s", "+1", 5, 3, 3, "c");
const NONE: Findings = Findings {
    accepted: 0,
    submissions: 0,
    refused: 0,
    exactly_once: 0,
    lost: 0,
    incomplete: 0,
    told_not_sent: 0,
    doubled: 0,
    resent: 0,
    given_up: 0,
    wrong_text: 0,
    wrong_recipient: 0,
    wrong_order: 0,
    wrong_sim: 0,
    reports_owed: 0,
    reports_given: 0,
    reports_again: 0,
    reports_unmatched: 0,
    inbound: 0,
};
const GOOD: Findings = Findings {
    exactly_once: 2,
    ..NONE
};

#[test]
fn messages_are_whole_lost_doubled_or_wrong() {
    check(&[SHORT, A, B, C], GOOD, true);
    let lost = Findings {
        exactly_once: 1,
        lost: 1,
        ..NONE
    };
    check(&[A, B, C], lost, false);
    let incomplete = Findings {
        incomplete: 1,
        ..lost
    };
    check(&[SHORT, A, C], incomplete, false);
    let doubled = |doubled| Findings { doubled, ..GOOD };
    check(&[SHORT, SHORT, A, B, C], doubled(1), false);
    check(&[SHORT, A, A, B, C], doubled(1), false);
    check(&[SHORT, A, B, C, A, B, C], doubled(3), false);
    check(&[SHORT, A, B, C, B], doubled(1), false);
    let disordered = Findings {
        exactly_once: 1,
        wrong_order: 1,
        ..NONE
    };
    check(&[SHORT, B, A, C], disordered, false);
    let wrong_text = Findings {
        wrong_text: 1,
        ..GOOD
    };
    check(
        &[SHORT, A, B, C, ("s", "+1", 0, 1, 1, "ho")],
        wrong_text,
        false,
    );
    let wrong_recipient = Findings {
        wrong_recipient: 1,
        ..GOOD
    };
    check(
        &[SHORT, A, B, C, ("s", "+2", 0, 1, 1, "hi")],
        wrong_recipient,
        false,
    );
    let split = Findings {
        incomplete: 1,
        wrong_sim: 1,
        ..lost
    };
    check(&[SHORT, A, ("t", "+1", 5, 2, 3, "b"), C], split, false);
}

#[test]
fn a_set_that_no_phone_shows_is_no_repetition() {
    let on = |sim, reference, row: Row<'static>| (sim, row.1, reference, row.3, row.4, row.5);
    let anew = [on("t", 9, A), on("t", 9, B), on("t", 9, C)];
    let given_up = |given_up| Findings { given_up, ..GOOD };
    let elsewhere = [&[SHORT, A, B][..], &anew].concat();
    check(&elsewhere, given_up(2), true);
    let renumbered = [SHORT, A, on("s", 6, A), on("s", 6, B), on("s", 6, C)];
    check(&renumbered, given_up(1), true);
    let thrice = [&[SHORT, A, on("u", 1, A), on("u", 1, B)][..], &anew].concat();
    check(&thrice, given_up(3), true);
    // It was whole before: what comes then is too much, whoever shows it.
    let doubled = Findings { doubled: 2, ..GOOD };
    let too_late = [&anew[..], &[SHORT, A, B]].concat();
    check(&too_late, doubled, false);
    // Both became whole.
    let both = [&[SHORT, A, B, C][..], &anew].concat();
    check(&both, Findings { doubled: 3, ..GOOD }, false);
    // None did, and each had begun from the beginning.
    let neither = Findings {
        exactly_once: 1,
        lost: 1,
        incomplete: 1,
        ..NONE
    };
    check(&[SHORT, A, B, on("t", 9, A)], neither, false);
}

#[test]
fn promises_say_what_is_allowed() {
    let with = |state: Option<&str>, in_doubt: Option<&str>, sim: Option<&str>| Promise {
        state: state.map(str::to_owned),
        in_doubt: in_doubt.map(str::to_owned),
        sim: sim.map(str::to_owned),
        ..promise("+1", "hi")
    };
    let short = entry(&SHORT);
    assert_eq!(
        audit(&[with(Some("failed"), None, None)], &[]).told_not_sent,
        1
    );
    assert_eq!(audit(&[with(Some("delivered"), None, None)], &[]).lost, 1);
    let twice = [short.clone(), short.clone()];
    let found = audit(&[with(None, Some("resend"), None)], &twice);
    assert_eq!((found.resent, found.doubled, found.is_good()), (1, 0, true));
    assert_eq!(audit(&[with(None, None, Some("t"))], &[short]).wrong_sim, 1);
}

#[test]
fn reports_are_counted_against_what_was_asked_for() {
    let submit = LedgerEntry {
        tpdu: "31".to_owned(),
        ..entry(&SHORT)
    };
    let report = |status, mr| LedgerEntry {
        event: LedgerEvent::Report,
        status: Some(status),
        mr: Some(mr),
        ..submit.clone()
    };
    let found = audit(
        &[promise("+1", "hi")],
        &[
            submit.clone(),
            report(0x22, 7),
            report(0x00, 7),
            report(0x00, 7),
            report(0x00, 8),
        ],
    );
    let counts = (
        found.reports_owed,
        found.reports_given,
        found.reports_again,
        found.reports_unmatched,
    );
    assert_eq!(counts, (1, 1, 1, 1));
    assert!(found.is_good());
}

#[test]
fn data_is_told_apart_by_its_octets() {
    let of = |data: &str, part| LedgerEntry {
        text: None,
        data: Some(data.to_owned()),
        ..entry(&("s", "+1", 5, part, 2, ""))
    };
    let read = |json: &str| serde_json::from_str::<Promise>(json).unwrap();
    let promises = [
        read(r#"{"to":"+1","data":"00FF"}"#),
        read(r#"{"to":"+1","data":"00FE"}"#),
    ];
    let right = [of("00", 1), of("FF", 2), of("00", 1), of("FE", 2)];
    assert!(audit(&promises, &right).is_good());
    let wrong = [of("00", 1), of("FF", 2), of("00", 1), of("FF", 2)];
    let found = audit(&promises, &wrong);
    assert_eq!((found.lost, found.doubled), (1, 2));
}
