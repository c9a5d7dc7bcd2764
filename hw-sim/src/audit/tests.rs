//! The oracle against ledgers written by hand: every kind of loss and repetition, counted exactly.

use super::*;

/// A submission: SIM, recipient, reference (0 for a single part), part, parts, text.
type Row<'a> = (&'a str, &'a str, u16, u8, u8, &'a str);

fn ledger(rows: &[Row<'_>]) -> Vec<LedgerEntry> {
    let entry = |(index, row): (usize, &Row<'_>)| LedgerEntry {
        t_ms: 1_000 * (index as u64 + 1),
        event: LedgerEvent::Submit,
        line: usize::from(row.0 != "a"),
        iccid: row.0.to_owned(),
        imsi: String::new(),
        to: row.1.to_owned(),
        from: None,
        mr: Some(0),
        tpdu: String::new(),
        text: Some(row.5.to_owned()),
        reference: (row.2 > 0).then_some(row.2),
        part: row.3,
        parts: row.4,
        status: None,
        cause: None,
        busy_ms: Some(500.0),
        data: None,
    };
    rows.iter().enumerate().map(entry).collect()
}

fn check(what: &str, accepted: &[(&str, &str)], rows: &[Row<'_>], expected: [u64; 5]) {
    let accepted: Vec<Accepted> = accepted
        .iter()
        .map(|(to, text)| Accepted {
            to: (*to).to_owned(),
            text: (*text).to_owned(),
        })
        .collect();
    let [complete, lost, incomplete, duplicates, foreign] = expected;
    let expected = Verdict {
        complete,
        lost,
        incomplete,
        duplicates,
        foreign,
    };
    assert_eq!(compare(&ledger(rows), &accepted), expected, "{what}");
}

const LONG: &[(&str, &str)] = &[("+1", "xyz")];
const ONE: Row<'_> = ("a", "+1", 5, 1, 3, "x");
const TWO: Row<'_> = ("a", "+1", 5, 2, 3, "y");
const THREE: Row<'_> = ("a", "+1", 5, 3, 3, "z");

/// The same part under another SIM.
fn on<'a>(sim: &'a str, row: Row<'a>) -> Row<'a> {
    (sim, row.1, row.2, row.3, row.4, row.5)
}

/// The same part under another reference.
fn renumbered(reference: u16, row: Row<'_>) -> Row<'_> {
    (row.0, row.1, reference, row.3, row.4, row.5)
}

#[test]
fn single_parts_are_matched_by_recipient_and_text() {
    let accepted = &[("+1", "hello"), ("+2", "hello")];
    let one: Row<'_> = ("a", "+1", 0, 1, 1, "hello");
    let two: Row<'_> = ("b", "+2", 0, 1, 1, "hello");
    check("both came", accepted, &[one, two], [2, 0, 0, 0, 0]);
    check("one is lost", accepted, &[two], [1, 1, 0, 0, 0]);
    check("nothing came", accepted, &[], [0, 2, 0, 0, 0]);
    check(
        "one came twice",
        accepted,
        &[one, on("b", one), two],
        [2, 0, 0, 1, 0],
    );
    check(
        "nobody accepted it",
        accepted,
        &[one, two, ("a", "+3", 0, 1, 1, "hello")],
        [2, 0, 0, 0, 1],
    );
    check(
        "another text",
        accepted,
        &[one, two, ("a", "+1", 0, 1, 1, "hell")],
        [2, 0, 0, 0, 1],
    );
}

#[test]
fn same_message_accepted_twice_is_expected_twice() {
    let accepted = &[("+1", "hello"), ("+1", "hello")];
    let row: Row<'_> = ("a", "+1", 0, 1, 1, "hello");
    check("once", accepted, &[row], [1, 1, 0, 0, 0]);
    check("twice", accepted, &[row, row], [2, 0, 0, 0, 0]);
    check("three times", accepted, &[row, row, row], [2, 0, 0, 1, 0]);
}

#[test]
fn long_messages_are_put_together() {
    check("in order", LONG, &[ONE, TWO, THREE], [1, 0, 0, 0, 0]);
    check("out of order", LONG, &[THREE, ONE, TWO], [1, 0, 0, 0, 0]);
    check("a part missing", LONG, &[ONE, THREE], [0, 1, 1, 0, 0]);
    check(
        "parts on two SIMs",
        LONG,
        &[ONE, TWO, on("b", THREE)],
        [0, 1, 1, 0, 0],
    );
    check(
        "parts under two references",
        LONG,
        &[ONE, renumbered(6, TWO), THREE],
        [0, 1, 1, 0, 0],
    );
    check(
        "parts swapped",
        LONG,
        &[("a", "+1", 5, 1, 3, "y"), ("a", "+1", 5, 2, 3, "x"), THREE],
        [0, 1, 0, 0, 1],
    );
}

#[test]
fn repeated_parts_are_counted_one_by_one() {
    check(
        "in the middle",
        LONG,
        &[ONE, TWO, TWO, THREE],
        [1, 0, 0, 1, 0],
    );
    check(
        "the first",
        LONG,
        &[ONE, ONE, ONE, TWO, THREE],
        [1, 0, 0, 2, 0],
    );
    check(
        "the last, after the end",
        LONG,
        &[ONE, TWO, THREE, THREE],
        [1, 0, 0, 1, 0],
    );
    check(
        "the whole, same reference",
        LONG,
        &[ONE, TWO, THREE, ONE, TWO, THREE],
        [1, 0, 0, 3, 0],
    );
    let again = [ONE, TWO, THREE].map(|row| renumbered(6, row));
    check(
        "the whole, new reference",
        LONG,
        &[[ONE, TWO, THREE], again].concat(),
        [1, 0, 0, 3, 0],
    );
    let moved = [ONE, TWO, THREE].map(|row| on("b", row));
    check(
        "begun anew after the first part",
        LONG,
        &[&[ONE][..], &moved].concat(),
        [1, 0, 0, 0, 0],
    );
    check(
        "begun anew after a gap",
        LONG,
        &[&[ONE, THREE][..], &moved].concat(),
        [1, 0, 0, 0, 0],
    );
    check(
        "begun anew though it was whole",
        LONG,
        &[&moved[..], &[ONE, TWO]].concat(),
        [1, 0, 0, 2, 0],
    );
}

#[test]
fn fragments_of_a_lost_message_repeat_each_other() {
    check(
        "same part on two SIMs",
        LONG,
        &[ONE, on("b", ONE), on("b", TWO)],
        [0, 1, 1, 1, 0],
    );
    check("other parts", LONG, &[ONE, on("b", TWO)], [0, 1, 1, 0, 0]);
}

#[test]
fn reference_comes_round() {
    let accepted = &[("+1", "xyz"), ("+1", "xyw")];
    let fourth: Row<'_> = ("a", "+1", 5, 3, 3, "w");
    check(
        "both whole",
        accepted,
        &[ONE, TWO, THREE, ONE, TWO, fourth],
        [2, 0, 0, 0, 0],
    );
    check(
        "last part repeated between two that begin alike",
        accepted,
        &[ONE, TWO, THREE, THREE, ONE, TWO, fourth],
        [2, 0, 0, 1, 0],
    );
    check(
        "first part repeated between two that begin alike",
        accepted,
        &[ONE, TWO, THREE, ONE, ONE, TWO, fourth],
        [2, 0, 0, 1, 0],
    );
    check(
        "first given up after its first part",
        accepted,
        &[ONE, ONE, TWO, fourth],
        [1, 1, 1, 0, 0],
    );
    check(
        "second stays a fragment",
        accepted,
        &[ONE, TWO, THREE, ONE, TWO],
        [1, 1, 1, 0, 0],
    );
    let other: Row<'_> = ("a", "+1", 5, 1, 3, "q");
    check(
        "first stays a fragment",
        &[("+1", "xyz"), ("+1", "qyz")],
        &[ONE, TWO, other, TWO, THREE],
        [1, 1, 1, 0, 0],
    );
}

#[test]
fn loose_parts_of_nothing_are_foreign() {
    check(
        "wrong text",
        LONG,
        &[("a", "+1", 5, 1, 3, "?")],
        [0, 1, 0, 0, 1],
    );
    check(
        "wrong recipient",
        LONG,
        &[("a", "+9", 5, 1, 3, "x")],
        [0, 1, 0, 0, 1],
    );
    check(
        "first part not at the start",
        LONG,
        &[("a", "+1", 5, 1, 3, "y")],
        [0, 1, 0, 0, 1],
    );
    check(
        "no such part",
        LONG,
        &[("a", "+1", 5, 9, 3, "x"), ("a", "+1", 5, 0, 3, "x")],
        [0, 1, 0, 0, 2],
    );
}

#[test]
fn sums_by_sim() {
    let mut entries = ledger(&[ONE, TWO, ("b", "+2", 0, 1, 1, "q")]);
    entries.push(LedgerEntry {
        event: LedgerEvent::Report,
        t_ms: 9_000,
        ..entries[0].clone()
    });
    let audit = Audit::of(&entries);
    assert_eq!(audit.sims.len(), 2);
    assert_eq!(
        (audit.parts(), audit.reports(), audit.busy()),
        (3, 1, Duration::from_millis(1_500))
    );
    assert_eq!(
        (
            audit.sims[0].parts,
            audit.sims[0].reports,
            audit.sims[1].parts
        ),
        (2, 1, 1)
    );
    assert_eq!(
        (
            audit.per_sim_min(2),
            audit.per_sim_min(3),
            audit.per_sim_max()
        ),
        (1, 0, 2)
    );
    assert_eq!(audit.first_start, Some(Duration::from_millis(500)));
    assert_eq!(audit.last_accept, Some(Duration::from_secs(3)));
    assert!((audit.jain_index(2) - 0.9).abs() < 1e-9);
    assert!((audit.jain_index(4) - 0.45).abs() < 1e-9);
    assert!((Audit::default().jain_index(4) - 1.0).abs() < 1e-9);
}

#[test]
fn capacity_is_clipped_to_the_span() {
    let entries = ledger(&[ONE, TWO, THREE]);
    let check = |start_ms: u64, end_ms: u64, lines: usize, expected: f64| {
        let span = Duration::from_millis(start_ms)..=Duration::from_millis(end_ms);
        let share = capacity_share(&entries, lines, &span);
        assert!(
            (share - expected).abs() < 1e-9,
            "{share}, wanted {expected}"
        );
    };
    check(500, 3_000, 1, 0.6);
    check(500, 3_000, 2, 0.3);
    check(750, 1_750, 1, 0.5);
    check(1_000, 1_000, 1, 0.0);
    check(5_000, 6_000, 1, 0.0);
    check(500, 3_000, 0, 0.0);
}
