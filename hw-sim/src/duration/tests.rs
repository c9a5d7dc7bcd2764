//! What people write for times, and what is refused.

use super::*;

#[test]
fn durations_are_read() {
    let check = |text: &str, expected_ms: u64| {
        assert_eq!(
            duration(text),
            Ok(Duration::from_millis(expected_ms)),
            "{text}"
        );
    };
    check("5.65s", 5_650);
    check("250ms", 250);
    check("2m", 120_000);
    check("1.5h", 5_400_000);
    check(" 3s ", 3_000);
    check("0", 0);
    check("0s", 0);
}

#[test]
fn ranges_are_read() {
    let check = |text: &str, start_ms: u64, end_ms: u64| {
        let expected = Duration::from_millis(start_ms)..=Duration::from_millis(end_ms);
        assert_eq!(range(text), Ok(expected), "{text}");
    };
    check("1..4s", 1_000, 4_000);
    check("1s..4s", 1_000, 4_000);
    check("500ms..2s", 500, 2_000);
    check("0..250ms", 0, 250);
    check("1s..=4s", 1_000, 4_000);
    check("2s", 2_000, 2_000);
    check("0..0", 0, 0);
}

#[test]
fn nonsense_is_refused() {
    for text in [
        "",
        "s",
        "5",
        "5 seconds",
        "-1s",
        "1e9s",
        "NaNs",
        "infs",
        "1..2..3s",
        "..",
        "1.2.3s",
        "é",
    ] {
        assert!(range(text).is_err(), "{text}");
    }
    assert!(matches!(
        range("4s..1s"),
        Err(DurationError::Backwards { .. })
    ));
    assert!(matches!(
        duration("99999999h"),
        Err(DurationError::TooLong { .. })
    ));
}
