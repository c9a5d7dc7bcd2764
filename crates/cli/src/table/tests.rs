//! Columns line up, whatever is in them.

use super::{Align, Table};
use crate::paint::{Colours, Tint};

fn check(rows: &[[&str; 3]], expected: &str) {
    let mut table = Table::new(&[
        ("NAME", Align::Left),
        ("SENT", Align::Right),
        ("ERROR", Align::Left),
    ]);
    for row in rows {
        table.row(row.iter().map(|text| (*text).into()).collect());
    }
    assert_eq!(table.render(Colours::Off), expected);
}

#[test]
fn columns_are_as_wide_as_their_widest_cell() {
    check(&[], "NAME  SENT  ERROR");
    check(
        &[["line000", "7", ""], ["l", "12345", "port busy"]],
        "NAME      SENT  ERROR\nline000      7\nl        12345  port busy",
    );
    check(
        &[["Grüße", "1", "x"], ["ab", "2", "y"]],
        "NAME   SENT  ERROR\nGrüße     1  x\nab        2  y",
    );
}

#[test]
fn control_characters_cannot_break_a_row_or_the_terminal() {
    check(
        &[["a\nb\u{1b}[31m", "1", "x"]],
        "NAME      SENT  ERROR\na␊b␛[31m     1  x",
    );
}

#[test]
fn tints_do_not_count_as_width() {
    let mut table = Table::new(&[("S", Align::Left), ("N", Align::Right)]);
    table.row(vec![super::Cell::tinted("ready", Tint::Good), 1.into()]);
    table.row(vec!["x".into(), 22.into()]);
    assert_eq!(
        table.render(Colours::On),
        "\u{1b}[2mS\u{1b}[0m       \u{1b}[2mN\u{1b}[0m\n\u{1b}[32mready\u{1b}[0m   1\nx      22"
    );
}
