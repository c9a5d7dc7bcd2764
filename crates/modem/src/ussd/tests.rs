//! USSD: encodings both ways, strings in pieces, what may be dialled.

use std::time::{Duration, Instant};

use super::coding::{decode, encode};
use super::gather::{Gatherer, Heard};
use super::{UssdAnswer, UssdEnd, UssdRequest, UssdState};
use crate::UssdText::{PackedHex, Plain, Ucs2Hex};

#[test]
fn requests_are_written_as_modems_want_them() {
    assert_eq!(encode("*100#", Plain), "*100#");
    assert_eq!(encode("*100#", PackedHex), "AA180C3602");
    assert_eq!(encode("*100#", Ucs2Hex), "002A0031003000300023");
    // Seven characters leave seven bits, which a CR fills.
    assert_eq!(encode("*100*1#", PackedHex), "AA180CA68A8D1A");
}

#[test]
fn answers_are_read_whatever_they_are() {
    let check = |raw: &[u8], dcs: Option<u8>, expected: &str| {
        assert_eq!(decode(raw, dcs), expected, "{}", raw.escape_ascii());
    };
    check(b"Credit 5.00 EUR", Some(15), "Credit 5.00 EUR");
    check(b"1 Balance\n2 End\n", None, "1 Balance\n2 End");
    // Digits alone are a balance, whatever they would be in hexadecimal.
    check(b"1234", Some(15), "1234");
    check(b"123456789012", Some(15), "123456789012");
    // Words that are hexadecimal by chance unpack to nothing readable, or are too short.
    check(b"", Some(15), "");
    check(b"CAFE", Some(15), "CAFE");
    check(b"1A\n2B\n3C", Some(15), "1A\n2B\n3C");
    check(b"4379999CA6836A2E180C54AC4A01", Some(15), "Credit 5.00 EUR");
    check(b"4379999CA6836A2E180C54AC4A01", None, "Credit 5.00 EUR");
    // UCS-2 by the data coding, or by its looks.
    check(b"00310032", Some(72), "12");
    check(b"00310032", Some(17), "12");
    check(b"0043007200650064", Some(15), "Cred");
    check(b"00430072\n00650064", Some(15), "Cred");
    check(b"0411043004\n3B", Some(15), "Бал");
    // Half a unit is dropped.
    check(b"004300720", Some(72), "004300720");
    // The GSM alphabet where ASCII has control characters, Latin-1, UTF-8.
    check(b"cr\x05dit 5\x1Be", Some(15), "crédit 5€");
    check(b"mail\x00host", Some(15), "mail@host");
    check(b"cr\xE9dit", Some(15), "crédit");
    check("crédit".as_bytes(), Some(15), "crédit");
}

#[test]
fn every_text_survives_the_way_there_and_back() {
    for text in [
        "*100#",
        "*100*1#",
        "12345678",
        "Hello, world",
        "*133*1*12345678901#",
    ] {
        for style in [Plain, PackedHex] {
            assert_eq!(
                decode(encode(text, style).as_bytes(), Some(15)),
                text,
                "{style:?}"
            );
        }
        assert_eq!(decode(encode(text, Ucs2Hex).as_bytes(), Some(72)), text);
    }
}

#[test]
fn a_string_is_gathered_until_it_is_whole() {
    let now = origin();
    let whole = |pieces: &[&str]| {
        let mut gatherer = Gatherer::default();
        let mut heard = gatherer.begin(now, pieces[0].as_bytes());
        for piece in &pieces[1..] {
            assert_eq!(heard, None, "whole before {piece:?}");
            heard = gatherer.more(piece.as_bytes());
        }
        let is_open = gatherer.is_open();
        heard.map(|heard| {
            (
                heard.mode,
                heard.text.unwrap_or_default().into_string(),
                is_open,
            )
        })
    };
    let said = |mode, text: &str| Some((mode, text.to_owned(), false));
    assert_eq!(whole(&["+CUSD: 0,\"a\",15"]), said(0, "a"));
    assert_eq!(whole(&["+CUSD:0,\"a\""]), said(0, "a"));
    assert_eq!(whole(&["+CUSD: 0, \"a\" , 15"]), said(0, "a"));
    assert_eq!(whole(&["+CUSD: 2"]), said(2, ""));
    assert_eq!(
        whole(&["+CUSD: 1,\"say \"hi\" now\",15"]),
        said(1, "say \"hi\" now")
    );
    assert_eq!(
        whole(&["+CUSD: 1,\"1 A", "2 B", "3 C\",15"]),
        said(1, "1 A\n2 B\n3 C")
    );
    assert_eq!(whole(&["+CUSD: 0,\"", "a\",15"]), said(0, "a"));
    for broken in ["+CUSD:", "+CUSD: ", "+CUSD: x", "+CUSD: x,\"a\",15"] {
        assert_eq!(
            Gatherer::default().begin(now, broken.as_bytes()),
            None,
            "{broken}"
        );
    }
}

#[test]
fn a_string_that_never_ends_is_bounded_in_time_and_size() {
    let now = origin();
    let mut gatherer = Gatherer::default();
    assert_eq!(gatherer.begin(now, b"+CUSD: 0,\"abc"), None);
    let (until, _) = gatherer.deadline().unwrap();
    assert!(until <= now + Duration::from_secs(1));
    assert_eq!(gatherer.expire(until - Duration::from_millis(1)), None);
    let text = Some("abc".into());
    assert_eq!(gatherer.expire(until), Some(Heard { mode: 0, text }));
    gatherer.begin(now, b"+CUSD: 0,\"abc");
    let lines = (0..).find(|_| gatherer.more(&[b'x'; 100]).is_some());
    assert!(lines.is_some_and(|lines| lines < 11), "{lines:?}");
    assert!(!gatherer.is_open());
}

#[test]
fn what_may_be_dialled() {
    for fine in ["*100#", "*133*1#", "1", "yes please", "#31#"] {
        assert!(UssdRequest::parse(fine).is_ok(), "{fine}");
    }
    let long = "1".repeat(183);
    for wrong in [
        "",
        "\"",
        "*100#\r",
        "Ünder",
        "`",
        "**04*1234*0000*0000#",
        "**05*12345678#",
        &long,
    ] {
        assert!(UssdRequest::parse(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn what_the_network_says_never_shows_in_debug() {
    let answer = UssdAnswer {
        text: Some("Your number is 4915112345678".into()),
        state: UssdState::Ended(UssdEnd::Done),
        asked: true,
    };
    let request = UssdRequest::parse("*133*4915112345678#").unwrap();
    let shown = format!("{answer:?} {request:?}");
    assert!(!shown.contains("49151"), "{shown}");
}

#[expect(
    clippy::disallowed_methods,
    reason = "a point to count virtual time from"
)]
fn origin() -> Instant {
    Instant::now()
}
