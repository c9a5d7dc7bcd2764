//! How fast texts are measured, cut, encoded and decoded: `cargo bench -p sms`.
//!
//! Prints time a call and parts a second on one core. Asserts nothing: the numbers depend on the machine.
#![expect(clippy::disallowed_methods, reason = "a benchmark needs the clock")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use sms::{
    Address, EncodingChoice, Pdu, ServiceCentreTime, Status, StatusReport, Submit, Validity, hex,
    measure, segment,
};

fn main() {
    println!("{:<44} {:>12} {:>16}", "", "ns a call", "parts/s");
    for (name, text) in texts() {
        let parts = measure(&text, EncodingChoice::Auto)
            .expect("a text that fits")
            .parts
            .into();
        report(&format!("measure            {name}"), parts, || {
            measure(black_box(&text), EncodingChoice::Auto).is_ok()
        });
        report(&format!("segment and encode {name}"), parts, || {
            submissions(black_box(&text)).len()
        });
        let pdus = submissions(&text);
        report(&format!("decode             {name}"), parts, || {
            pdus.iter().filter(|pdu| decodes(black_box(pdu))).count()
        });
    }
    let pdu = status_report();
    report("decode             status report", 1, || {
        let octets = hex::decode(black_box(pdu.as_bytes())).expect("digits");
        Pdu::<StatusReport>::decode(&octets).is_ok()
    });
}

fn texts() -> [(&'static str, String); 5] {
    [
        (
            "160 ASCII",
            "The quick brown fox. ".repeat(8)[..160].to_owned(),
        ),
        ("160 septets, a third escaped", "ab[c]d{e}".repeat(12)),
        (
            "70 UCS-2",
            "Съешь ещё этих мягких булок"
                .chars()
                .cycle()
                .take(70)
                .collect(),
        ),
        ("10 parts GSM 7-bit", "The quick brown fox. ".repeat(72)),
        ("255 parts GSM 7-bit", "x".repeat(255 * 153)),
    ]
}

/// The hexadecimal PDUs of a text, as they go to the modem.
fn submissions(text: &str) -> Vec<String> {
    let to = Address::parse("+4915112345678").expect("a number");
    let segments = segment(text, EncodingChoice::Auto, 1).expect("a text that fits");
    let encode = |user_data| {
        let mut tpdu = Submit::new(to.clone(), user_data);
        tpdu.report = true;
        tpdu.validity = Some(Validity::at_least_minutes(60));
        hex::encode_upper(
            &Pdu { smsc: None, tpdu }
                .encode()
                .expect("segments have octets"),
        )
    };
    segments.into_iter().map(encode).collect()
}

fn decodes(pdu: &str) -> bool {
    let octets = hex::decode(pdu.as_bytes()).expect("digits");
    Pdu::<Submit>::decode(&octets).is_ok()
}

fn status_report() -> String {
    let recipient = Address::parse("+4915112345678").expect("a number");
    let time = ServiceCentreTime::from_unix_ms(1_762_533_004_000, 4);
    let tpdu = StatusReport::new(64, recipient, time, time, Status(0));
    hex::encode_upper(&Pdu { smsc: None, tpdu }.encode().expect("nothing optional"))
}

/// Calls for a fixed time, after as long to warm up, and prints the mean.
fn report<T>(name: &str, parts: u32, mut call: impl FnMut() -> T) {
    run(&mut call);
    let (calls, elapsed) = run(&mut call);
    let seconds = elapsed.as_secs_f64();
    let per_call_ns = seconds * 1e9 / calls;
    let parts_per_second = calls * f64::from(parts) / seconds;
    println!("{name:<44} {per_call_ns:>12.0} {parts_per_second:>16.0}");
}

fn run<T>(call: &mut impl FnMut() -> T) -> (f64, Duration) {
    let start = Instant::now();
    let mut calls = 0.0;
    while start.elapsed() < SPAN {
        for _ in 0..CALLS_A_LOOK {
            black_box(call());
        }
        calls += f64::from(CALLS_A_LOOK);
    }
    (calls, start.elapsed())
}

/// How long each line is measured.
const SPAN: Duration = Duration::from_millis(200);
/// Calls between two looks at the clock.
const CALLS_A_LOOK: u32 = 10;
