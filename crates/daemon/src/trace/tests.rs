//! The recorder: lines out of chunks, bounds, failures, followers.

use std::sync::Arc;
use std::time::Duration;

use gateway::UnixMs;
use modem::trace::Direction::{FromModem, ToModem};
use tokio::time::timeout;

use super::{Excerpt, FOLLOWED_BYTES_MAX, KEPT_BYTES_MAX, Trace, What};

/// What is kept, in short.
fn shown(excerpt: &Excerpt) -> Vec<String> {
    let show = |what: &What| match what {
        What::Wire(ToModem, bytes) => format!("> {}", bytes.escape_ascii()),
        What::Wire(FromModem, bytes) => format!("< {}", bytes.escape_ascii()),
        What::Note(words) => format!("= {words}"),
    };
    excerpt
        .records
        .iter()
        .map(|record| show(&record.what))
        .collect()
}

#[test]
fn what_is_read_is_kept_line_by_line_whatever_the_chunks() {
    let trace = Trace::default();
    trace.wrote(UnixMs(1), b"AT+CSQ\r");
    for piece in [&b"\r\n+CS"[..], b"Q: 17,99\r", b"\n\r", b"\nOK\r\n\r\n> "] {
        trace.read(UnixMs(2), piece);
    }
    trace.note(UnixMs(3), "ready");
    assert_eq!(
        shown(&trace.recent()),
        [
            "> AT+CSQ\\r",
            "< \\r\\n+CSQ: 17,99\\r\\n",
            "< \\r\\nOK\\r\\n",
            "< \\r\\n> ",
            "= ready"
        ]
    );
    let seqs: Vec<u64> = trace
        .recent()
        .records
        .iter()
        .map(|record| record.seq)
        .collect();
    assert_eq!(seqs, [1, 2, 3, 4, 5]);
}

#[test]
fn pins_are_starred_before_they_are_kept() {
    let trace = Trace::default();
    trace.wrote(UnixMs(1), b"AT+CPIN=\"1234\"\r");
    trace.read(UnixMs(2), b"AT+CP");
    trace.read(UnixMs(2), b"IN=\"1234\"\r\r\n");
    let kept = format!("{:?}", trace.recent());
    let digits = "1234"
        .bytes()
        .map(|byte| byte.to_string())
        .collect::<Vec<_>>()
        .join(", ");
    assert!(!kept.contains(&digits), "{kept}");
}

#[test]
fn what_is_kept_is_bounded_and_says_what_is_lost() {
    let trace = Arc::new(Trace::default());
    let line = [b'x'; 100];
    for _ in 0..10_000 {
        trace.wrote(UnixMs(1), &line);
    }
    assert!(trace.ring().bytes <= KEPT_BYTES_MAX);
    let follower = trace.follow();
    for _ in 0..10_000 {
        trace.wrote(UnixMs(1), &line);
    }
    let bytes = trace.ring().bytes;
    assert!(
        (KEPT_BYTES_MAX..=FOLLOWED_BYTES_MAX).contains(&bytes),
        "{bytes}"
    );
    let first = trace.recent().records[0].seq;
    assert_eq!(trace.ring().after(first - 11).lost, 10);
    drop(follower);
    assert!(trace.ring().bytes <= KEPT_BYTES_MAX);
    // A line without end is cut.
    trace.read(UnixMs(1), &[b'x'; 1_000_000]);
    assert!(trace.ring().bytes <= KEPT_BYTES_MAX + 4096);
}

#[test]
fn what_led_to_a_failure_outlives_what_comes_after() {
    let trace = Trace::default();
    assert_eq!(trace.failure(), Excerpt::default());
    trace.wrote(UnixMs(1), b"AT\r");
    trace.note(UnixMs(2), "recovering");
    trace.keep_failure();
    for _ in 0..1000 {
        trace.wrote(UnixMs(3), b"AT+CSQ\r");
    }
    assert_eq!(shown(&trace.failure()), ["> AT\\r", "= recovering"]);
}

#[tokio::test]
async fn a_follower_gets_what_is_kept_and_then_what_comes() {
    let trace = Arc::new(Trace::default());
    trace.wrote(UnixMs(1), b"AT\r");
    let mut follower = trace.follow();
    assert_eq!(shown(&follower.next().await), ["> AT\\r"]);
    let waits = timeout(Duration::from_millis(20), follower.next()).await;
    assert!(waits.is_err(), "nothing is new");
    let writer = Arc::clone(&trace);
    tokio::spawn(async move { writer.read(UnixMs(2), b"\r\nOK\r\n") });
    assert_eq!(shown(&follower.next().await), ["< \\r\\nOK\\r\\n"]);
}
