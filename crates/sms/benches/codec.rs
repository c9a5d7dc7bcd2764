//! How fast texts are measured, cut, encoded and decoded: `cargo bench -p sms`.
//!
//! *encode* is the whole way of a text to what is written to the modem: choice of the encoding, segmentation, headers,
//! SUBMIT, hexadecimal digits. *decode* is the way back, from the digits to text and header. Both allocate what they
//! return, as the daemon does. One core; each figure is the fastest of [`SPANS`] spans of [`SPAN`], so that what else
//! the machine does counts little. Asserts nothing: the numbers depend on the machine.
#![expect(clippy::disallowed_methods, reason = "a benchmark needs the clock")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use sms::{
    Address, EncodingChoice, Language, Pdu, ServiceCentreTime, Shifts, Status, StatusReport,
    Submit, Validity, gsm7, hex, measure, segment,
};

fn main() {
    println!(
        "fastest of {SPANS} spans of {} ms, one core; thousands of parts a second\n",
        SPAN.as_millis()
    );
    println!(
        "{:<34} {:>5} {:>9} {:>9} {:>9}",
        "", "parts", "measure", "encode", "decode"
    );
    for (name, text, choice) in texts() {
        println!("{}", row(name, &text, choice));
    }
    for language in Language::ALL {
        let (text, choice) = whole_tables(language);
        let name = format!("all of the {} tables", language.as_str());
        println!("{}", row(&name, &text, choice));
    }
    let pdu = status_report();
    let decoded = rate(1, || {
        let octets = hex::decode(black_box(pdu.as_bytes())).expect("digits");
        Pdu::<StatusReport>::decode(&octets).is_ok()
    });
    println!(
        "{:<34} {:>5} {:>9} {:>9} {decoded:>9.0}",
        "status report", 1, "", ""
    );
}

fn row(name: &str, text: &str, choice: EncodingChoice) -> String {
    let pdus = submissions(text, choice);
    let parts = pdus.len();
    let measured = rate(parts, || measure(black_box(text), choice).is_ok());
    let encoded = rate(parts, || submissions(black_box(text), choice).len());
    let decoded = rate(parts, || {
        pdus.iter().filter(|pdu| decodes(black_box(pdu))).count()
    });
    format!("{name:<34} {parts:>5} {measured:>9.0} {encoded:>9.0} {decoded:>9.0}")
}

/// A part with every character of a language's tables, in the order of the codes: no two neighbours are alike.
fn whole_tables(language: Language) -> (String, EncodingChoice) {
    let shifts = Shifts {
        locking: Some(language).filter(|language| language.has_locking()),
        single: Some(language),
    };
    let septets: Vec<u8> = (0x1c..0x7f)
        .chain((0x14..0x3f).flat_map(|code| [0x1b, code]))
        .collect();
    let text: String = gsm7::text_in(&septets[..144], shifts);
    (text, EncodingChoice::National(shifts))
}

fn texts() -> Vec<(&'static str, String, EncodingChoice)> {
    let turkish = EncodingChoice::National(Shifts {
        locking: Some(Language::Turkish),
        single: None,
    });
    let hindi = EncodingChoice::National(Shifts {
        locking: Some(Language::Hindi),
        single: Some(Language::Hindi),
    });
    let auto = EncodingChoice::Auto;
    let any = EncodingChoice::AutoNational(Language::ALL.into_iter().collect());
    let cut = |text: &str, chars: usize| text.chars().cycle().take(chars).collect::<String>();
    let escaped = "ab[c]d{e}".repeat(12);
    vec![
        ("a code, ASCII", "Your code is 123456".to_owned(), auto),
        ("160 ASCII", cut(ENGLISH, 160), auto),
        ("160 characters with umlauts, euro", cut(GERMAN, 160), auto),
        ("160 septets, a third escaped", escaped, auto),
        ("70 Cyrillic", cut(RUSSIAN, 70), auto),
        ("Turkish table", cut(TURKISH, 155), turkish),
        ("Hindi tables", cut(HINDI, 150), hindi),
        ("Hindi, any table allowed", cut(HINDI, 130), any),
        ("ASCII, any table allowed", cut(ENGLISH, 130), any),
        ("Turkish, any table allowed", cut(TURKISH, 130), any),
        ("long ASCII", cut(ENGLISH, 1500), auto),
        ("long with umlauts and euro", cut(GERMAN, 1500), auto),
        ("long Cyrillic", cut(RUSSIAN, 660), auto),
        ("long Cyrillic with emoji", cut(EMOJI, 600), auto),
        ("long Turkish table", cut(TURKISH, 1400), turkish),
        ("longest, ASCII", cut(ENGLISH, 255 * 153), auto),
        ("longest, with umlauts and euro", cut(GERMAN, 37_000), auto),
        ("longest, Cyrillic with emoji", cut(EMOJI, 15_000), auto),
    ]
}

/// The hexadecimal PDUs of a text, as they go to the modem.
fn submissions(text: &str, choice: EncodingChoice) -> Vec<String> {
    let to = Address::parse("+4915112345678").expect("a number");
    let segments = segment(text, choice, 1).expect("a text that fits");
    let encode = |user_data| {
        let mut tpdu = Submit::new(to.clone(), user_data);
        tpdu.report = true;
        tpdu.validity = Some(Validity::at_least_minutes(60));
        let octets = Pdu { smsc: None, tpdu }.encode();
        hex::encode_upper(&octets.expect("segments have octets"))
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

/// Thousands of parts a second, after a span to warm up.
fn rate<T>(parts: usize, mut call: impl FnMut() -> T) -> f64 {
    run(&mut call);
    let spans = (0..SPANS).map(|_| run(&mut call));
    parts as f64 / spans.fold(f64::INFINITY, f64::min) / 1000.0
}

/// Seconds a call takes on average.
fn run<T>(call: &mut impl FnMut() -> T) -> f64 {
    let start = Instant::now();
    let mut calls = 0.0;
    while start.elapsed() < SPAN {
        for _ in 0..CALLS_A_LOOK {
            black_box(call());
        }
        calls += f64::from(CALLS_A_LOOK);
    }
    start.elapsed().as_secs_f64() / calls
}

const ENGLISH: &str = "Your table for four is booked for Friday at 19:30. Reply STOP to end. ";
const GERMAN: &str = "Ihre Bestellung über 25 € für Grüße & Blumen ist unterwegs, schönen Tag! ";
const RUSSIAN: &str = "Съешь ещё этих мягких французских булок, да выпей чаю. ";
const EMOJI: &str = "Спасибо за заказ 🎉 Курьер уже в пути 🚚 до встречи 👋🏽 ";
const TURKISH: &str = "Şifreniz 123456. Lütfen kimseyle paylaşmayın, iyi günler dileriz. ";
const HINDI: &str = "नमस्ते आपका कोड 123456 है ";

/// How long one measurement takes.
const SPAN: Duration = Duration::from_millis(2);
/// Measurements a figure.
const SPANS: u32 = 150;
/// Calls between two looks at the clock.
const CALLS_A_LOOK: u32 = 10;
