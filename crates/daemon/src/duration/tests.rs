//! Durations people write, and those that are none.

use std::time::Duration;

use super::{format, parse};

fn check(text: &str, expected_ms: Option<u64>) {
    assert_eq!(
        parse(text).ok(),
        expected_ms.map(Duration::from_millis),
        "{text:?}"
    );
}

#[test]
fn reads_numbers_with_units() {
    check("5m", Some(300_000));
    check("1h30m", Some(5_400_000));
    check("5.65s", Some(5650));
    check("500ms", Some(500));
    check("0s", Some(0));
    check("7d", Some(604_800_000));
    check(" 2s ", Some(2000));
}

#[test]
fn refuses_what_is_no_duration() {
    for text in [
        "",
        "5",
        "m",
        "5 m",
        "-5m",
        "5x",
        "1.2.3s",
        "5m3",
        "99999999d",
        "1e9s",
        "∞s",
    ] {
        check(text, None);
    }
}

#[test]
fn an_error_repeats_only_the_beginning_of_a_long_value() {
    let error = parse(&"9".repeat(1000)).unwrap_err();
    assert!(error.to_string().len() < 200);
}

#[test]
fn what_is_written_is_read_back() {
    for text in ["1ms", "2s", "5m", "1h30m", "3d", "0s"] {
        assert_eq!(format(parse(text).unwrap()), text);
    }
}
