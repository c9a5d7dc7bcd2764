//! What a line tells of an attempt beside its outcome: when Ctrl-Z was written, and the modem's own words.

use std::time::Duration;

use super::bench::Bench;
use crate::RAW_RESULT_MAX;

/// What the modem says after the command, and after the prompt if it gives one; the words that are told.
fn check(before: &str, after: Option<&str>, told: &str, raw: Option<&str>) {
    let mut bench = Bench::ready();
    bench.submit(1);
    bench.pass(Duration::from_millis(200));
    bench.hear(before.as_bytes());
    let submitted = after.map(|_| bench.now);
    if let Some(after) = after {
        bench.pass(Duration::from_secs(3));
        bench.hear(after.as_bytes());
    }
    bench.pass(Duration::from_secs(400));
    assert!(bench.take_told().contains(&told.to_owned()), "{told}");
    assert_eq!(bench.course.raw.as_deref(), raw, "{told}");
    assert_eq!(bench.course.submitted, submitted, "{told}");
}

#[test]
fn the_modems_words_are_told_as_it_said_them() {
    let prompt = "\r\n> ";
    let sent = "\r\n+CMGS: 64,\"26/03/10,12:00:00+04\"\r\n\r\nOK\r\n";
    let words = "+CMGS: 64,\"26/03/10,12:00:00+04\"";
    check(prompt, Some(sent), "finished 1 sent 64", Some(words));
    let refused = "\r\n+CMS ERROR:  38\r\n";
    let words = Some("+CMS ERROR:  38");
    check(prompt, Some(refused), "finished 1 refused cms_38", words);
    let bare = "\r\nOK\r\n\r\nOK\r\n";
    check(
        prompt,
        Some(bare),
        "finished 1 unknown no_reference",
        Some("OK"),
    );
    check(prompt, Some(""), "finished 1 unknown silence", None);
    let early = "\r\nCOMMAND NOT SUPPORT\r\n";
    check(
        early,
        None,
        "finished 1 refused error",
        Some("COMMAND NOT SUPPORT"),
    );
}

#[test]
fn long_and_unreadable_words_are_cut() {
    let long = format!("\r\n+CMS ERROR: \u{1}{}\r\n", "no ".repeat(40));
    let words = format!("+CMS ERROR: {}", "no ".repeat(40));
    let words = &words[..RAW_RESULT_MAX];
    check(
        "\r\n> ",
        Some(&long),
        "finished 1 refused cms_500",
        Some(words),
    );
}
