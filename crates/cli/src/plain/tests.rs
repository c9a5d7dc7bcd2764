//! What reaches a terminal.

use super::{on_one_line, screened};
use crate::paint::{Colours, Tint};

#[test]
fn what_has_one_line_keeps_it() {
    let check = |given: &str, expected: &str| {
        assert_eq!(on_one_line(given), expected, "{given:?}");
        assert_eq!(given.chars().count(), expected.chars().count());
    };
    check("Grüße 你好 😀", "Grüße 你好 😀");
    check("a\nstate delivered", "a␊state delivered");
    check("\u{1b}[2J\u{7}\0\u{7f}", "␛[2J␇␀␡");
    check("\u{9b}31m\u{202e}evil", "\u{fffd}31m\u{fffd}evil");
}

#[test]
fn several_lines_keep_their_ends_and_our_colours() {
    let ours = Colours::On.paint("ready", Tint::Good);
    let check = |given: &str, colours: Colours, expected: &str| {
        assert_eq!(screened(given, colours), expected, "{given:?}");
    };
    let mixed = format!("{ours}\n\u{1b}]0;title\u{7}\u{1b}[2J\r");
    check(&mixed, Colours::On, &format!("{ours}\n␛]0;title␇␛[2J␍"));
    check(&mixed, Colours::Off, "␛[32mready␛[0m\n␛]0;title␇␛[2J␍");
    check(
        "1 Balance\n2 My number",
        Colours::Off,
        "1 Balance\n2 My number",
    );
    check("", Colours::On, "");
}
