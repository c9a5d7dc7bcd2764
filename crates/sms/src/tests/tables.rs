//! Tables of the standard, checked row by row.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::gsm7::{Language, Shifts};
use crate::*;

#[test]
fn alphabets_are_the_standards() {
    let file: Value =
        serde_json::from_str(include_str!("../../tests-data/gsm7-tables.json")).unwrap();
    let tables = |id: u8, which: &str| table(&file["tables"][id.to_string()][which]);
    let languages = || std::iter::once(None).chain(Language::ALL.map(Some));
    for locking in languages() {
        for single in languages() {
            let id = |language: Option<Language>| language.map_or(0, Language::id);
            let locked = match tables(id(locking), "locking") {
                none if none.is_empty() => tables(0, "locking"),
                locked => locked,
            };
            check_alphabet(
                Shifts { locking, single },
                &locked,
                &tables(id(single), "single"),
            );
        }
    }
}

/// All characters of the tables, and every code, both ways.
fn check_alphabet(shifts: Shifts, locked: &[(u8, char)], extension: &[(u8, char)]) {
    let mut septets_of = BTreeMap::new();
    for (code, ch) in extension.iter().rev() {
        assert_eq!(gsm7::text_in(&[0x1b, *code], shifts), ch.to_string());
        septets_of.insert(*ch, vec![0x1b, *code]);
    }
    for (code, ch) in locked {
        assert_eq!(gsm7::text_in(&[*code], shifts), ch.to_string());
        septets_of.insert(*ch, vec![*code]);
    }
    let default = shifts.is_default();
    let probed = if default { 0x1_1000 } else { 0x400 };
    for ch in ('\0'..=char::MAX)
        .take(probed)
        .chain(septets_of.keys().copied())
    {
        let found = gsm7::septets_in(&ch.to_string(), shifts);
        assert_eq!(found.as_ref(), septets_of.get(&ch), "{ch:?} in {shifts:?}");
    }
    for code in (0..128).filter(|code| locked.iter().all(|(of, _)| of != code)) {
        assert_eq!(
            gsm7::text_in(&[code], shifts),
            " ",
            "{code:#04x} in {shifts:?}"
        );
    }
}

fn table(table: &Value) -> Vec<(u8, char)> {
    let rows = table
        .as_object()
        .into_iter()
        .flatten()
        .map(|(code, point)| {
            let point = u32::from_str_radix(point.as_str().unwrap(), 16).unwrap();
            (
                u8::from_str_radix(code, 16).unwrap(),
                char::from_u32(point).unwrap(),
            )
        });
    rows.collect()
}

#[test]
fn odd_escapes_show_something() {
    #[track_caller]
    fn check(septets: &[u8], expected: &str) {
        assert_eq!(gsm7::text(septets), expected);
    }
    check(&[0x1b], " ");
    check(&[0x41, 0x1b], "A ");
    check(&[0x1b, 0x1b, 0x41], " A");
    check(&[0x1b, 0x41], "A");
    check(&[0x1b, 0x65, 0x1b, 0x00], "€@");
    check(&[0xe5, 0x9b, 0xe5], "e€");
}

#[test]
fn validity_octets() {
    #[track_caller]
    fn check(minutes: u32, octet: u8, is: u32) {
        let validity = Validity::at_least_minutes(minutes);
        assert_eq!(
            (validity, validity.period().unwrap().as_secs()),
            (Validity::Relative(octet), u64::from(is) * 60),
            "{minutes} minutes"
        );
    }
    const HOUR: u32 = 60;
    const DAY: u32 = 24 * HOUR;
    check(0, 0x00, 5);
    check(1, 0x00, 5);
    check(5, 0x00, 5);
    check(6, 0x01, 10);
    check(30, 0x05, 30);
    check(HOUR, 0x0b, HOUR);
    check(2 * HOUR, 0x17, 2 * HOUR);
    check(6 * HOUR, 0x47, 6 * HOUR);
    check(12 * HOUR, 0x8f, 12 * HOUR);
    check(12 * HOUR + 1, 0x90, 12 * HOUR + 30);
    check(DAY, 0xa7, DAY);
    check(DAY + 1, 0xa8, 2 * DAY);
    check(3 * DAY, 0xa9, 3 * DAY);
    check(7 * DAY, 0xad, 7 * DAY);
    check(30 * DAY, 0xc4, 30 * DAY);
    check(30 * DAY + 1, 0xc5, 35 * DAY);
    check(63 * 7 * DAY, 0xff, 63 * 7 * DAY);
    check(u32::MAX, 0xff, 63 * 7 * DAY);
}

#[test]
fn status_classes() {
    #[track_caller]
    fn check(statuses: impl IntoIterator<Item = u8>, class: StatusClass) {
        for status in statuses {
            assert_eq!(Status(status).class(), class, "{status:#04x}");
            assert_eq!(Status(status).is_final(), class != StatusClass::Trying);
        }
    }
    check([0x00], StatusClass::Delivered);
    check([0x01], StatusClass::DeliveredUnconfirmed);
    check([0x02], StatusClass::Replaced);
    check(0x03..=0x1f, StatusClass::DeliveredUnconfirmed);
    check(0x20..=0x3f, StatusClass::Trying);
    check(0x40..=0x45, StatusClass::Failed);
    check([0x46], StatusClass::Expired);
    check([0x47, 0x48], StatusClass::Deleted);
    check(0x49..=0x5f, StatusClass::Failed);
    check(0x60..=0xff, StatusClass::GaveUp);
    assert_eq!(
        Status(0x62).to_string(),
        "0x62 no response from the recipient, given up"
    );
}

#[test]
fn data_codings() {
    use Alphabet::{Data8, Gsm7, Ucs2};
    use MessageClass::{Flash, Mobile, Sim, Terminal};
    #[track_caller]
    fn check(
        octets: impl IntoIterator<Item = u8>,
        alphabet: Alphabet,
        class: Option<MessageClass>,
    ) {
        for octet in octets {
            let coding = DataCoding(octet);
            assert_eq!(
                (coding.alphabet(), coding.class()),
                (alphabet, class),
                "{octet:#04x}"
            );
        }
        let written = DataCoding::new(alphabet, class);
        assert_eq!((written.alphabet(), written.class()), (alphabet, class));
    }
    check([0x00, 0x0c, 0x40], Gsm7, None);
    check([0x04, 0x44], Data8, None);
    check([0x08, 0x48], Ucs2, None);
    check([0x10, 0x50, 0xf0], Gsm7, Some(Flash));
    check([0x14, 0xf4], Data8, Some(Flash));
    check([0x18], Ucs2, Some(Flash));
    check([0x11, 0xf1], Gsm7, Some(Mobile));
    check([0x12, 0xf2], Gsm7, Some(Sim));
    check([0x13, 0xf3], Gsm7, Some(Terminal));
    check([0x15, 0xf5], Data8, Some(Mobile));
    check([0x20, 0x28, 0x60], Data8, None);
    check((0x80..=0xdf).chain([0x0f]), Gsm7, None);
    check(0xe0..=0xef, Ucs2, None);
    assert_eq!(DataCoding::new(Gsm7, Some(Flash)), DataCoding(0x10));
    assert_eq!(DataCoding::new(Ucs2, None), DataCoding(0x08));
}

#[test]
fn timestamps() {
    #[track_caller]
    fn check(octets: &str, expected: Option<&str>) {
        let time = ServiceCentreTime::decode(&hex::decode(octets.as_bytes()).unwrap());
        assert_eq!(
            time.map(|time| time.rfc3339()).as_deref(),
            expected,
            "{octets}"
        );
        if let Some(time) = time {
            assert_eq!(hex::encode_upper(&time.encode()), octets);
        }
    }
    check("52117061034040", Some("2025-11-07T16:30:04+01:00"));
    check("52117061034048", Some("2025-11-07T16:30:04-01:00"));
    check("11208211050500", Some("2011-02-28T11:50:50+00:00"));
    check("1120821105054A", Some("2011-02-28T11:50:50-06:00"));
    check("42209200000000", Some("2024-02-29T00:00:00+00:00"));
    check("07101000000000", Some("1970-01-01T00:00:00+00:00"));
    check("96211332959597", Some("2069-12-31T23:59:59+19:45"));
    check("9621133295959F", Some("2069-12-31T23:59:59-19:45"));
    check("32209200000000", None); // 29 February of 2023
    check("52111300000000", None); // 31 November
    check("52007000000000", None); // month 0
    check("52317000000000", None); // month 13
    check("52110000000000", None); // day 0
    check("52117042000000", None); // hour 24
    check("52117000060000", None); // minute 60
    check("52117000000600", None); // second 60
    check("5A117061034040", None); // a nibble above 9
    check("A2117061034040", None);
    check("521170610340A0", None);
    check("00000000000000", None);
    check("FFFFFFFFFFFFFF", None);
}

#[test]
fn timestamps_count_from_1970() {
    #[track_caller]
    fn check(ms: i64, quarters: i8, expected: &str) {
        let time = ServiceCentreTime::from_unix_ms(ms, quarters);
        assert_eq!(time.rfc3339(), expected);
    }
    check(0, 0, "1970-01-01T00:00:00+00:00");
    check(1_762_533_004_999, 4, "2025-11-07T17:30:04+01:00");
    check(1_762_533_004_000, -14, "2025-11-07T13:00:04-03:30");
    check(951_782_400_000, 0, "2000-02-29T00:00:00+00:00");
    check(-1, 0, "1970-01-01T00:00:00+00:00");
    check(0, -4, "1970-01-01T00:00:00-01:00");
    check(i64::MIN, i8::MIN, "1970-01-01T00:00:00-19:45");
    check(i64::MAX, i8::MAX, "2069-12-31T23:59:59+19:45");
    assert_eq!(
        ServiceCentreTime::from_unix_ms(1_762_533_004_999, 4).unix_ms(),
        1_762_533_004_000
    );
}

#[test]
fn addresses_of_strings() {
    #[track_caller]
    fn check(text: &str, expected: &str) {
        let mut octets = Vec::new();
        let address = Address::parse(text).unwrap();
        address.encode_into(&mut octets);
        assert_eq!(hex::encode_upper(&octets), expected);
        assert_eq!(address.text(), text);
        assert_eq!(address.numbering_plan(), 1);
    }
    check("+4915112345678", "0D91945111325476F8");
    check("+493012345678", "0C91940321436587");
    check("72404", "05812704F4");
    check("0151", "04811015");
    check("*100#abc", "08811A00CBED");
    check("12345678901234567890", "148121436587092143658709");
    check("+1", "0191F1");
}

#[test]
fn addresses_of_names() {
    #[track_caller]
    fn check(text: &str, expected: &str) {
        let mut octets = Vec::new();
        let address = Address::alphanumeric(text).unwrap();
        address.encode_into(&mut octets);
        assert_eq!(hex::encode_upper(&octets), expected);
        assert_eq!((address.text().as_str(), address.digits()), (text, None));
    }
    check("InternetSMS", "14D04937BD2C7797E9D3E614");
    check("sipgate", "0DD0F334FC1CA69701");
    check("A", "02D041");
}

#[test]
fn types_of_number() {
    use TypeOfNumber::{
        Abbreviated, Alphanumeric, International, National, NetworkSpecific, Reserved, Subscriber,
        Unknown,
    };
    let all = [
        Unknown,
        International,
        National,
        NetworkSpecific,
        Subscriber,
        Alphanumeric,
        Abbreviated,
        Reserved,
    ];
    for (bits, expected) in (0u8..).zip(all) {
        let octets = [0x03, 0x80 | bits << 4 | 0x09, 0x21, 0x03];
        let address = Address::decode(&mut reader::Reader::new(&octets), "TP-OA").unwrap();
        assert_eq!(
            (address.type_of_number(), address.numbering_plan()),
            (expected, 9)
        );
        let digits = (expected != Alphanumeric).then_some("123");
        assert_eq!(address.digits(), digits.map(|_| "123"));
    }
}

#[test]
fn the_same_subscriber_in_another_form() {
    #[track_caller]
    fn check(one: &str, two: &str, expected: bool) {
        let address = |text: &str| {
            Address::parse(text)
                .or_else(|_| Address::alphanumeric(text))
                .expect("an address")
        };
        assert_eq!(
            address(one).same_subscriber(&address(two)),
            expected,
            "{one} {two}"
        );
        assert_eq!(
            address(two).same_subscriber(&address(one)),
            expected,
            "{two} {one}"
        );
    }
    check("+4915112345678", "+4915112345678", true);
    check("0485123456", "+32485123456", true);
    check("0032485123456", "+32485123456", true);
    check("01132485123456", "+32485123456", true);
    check("+4915112345678", "4915112345678", true);
    check("1234567", "+49301234567", true);
    check("234567", "+4930234567", false);
    check("+4915112345678", "+4915112345679", false);
    check("72404", "72404", true);
    check("72404", "+72404", true);
    check("72404", "172404", false);
    check("0000000", "0000000", true);
    check("0000000", "00000000", false);
    check("Megafon", "Megafon", true);
    check("Megafon", "megafon", false);
    check("Megafon", "+4915112345678", false);
}

#[test]
fn addresses_are_masked() {
    #[track_caller]
    fn check(text: &str, expected: &str) {
        let address = Address::parse(text)
            .or_else(|_| Address::alphanumeric(text))
            .unwrap();
        assert_eq!(address.masked(), expected);
        assert!(format!("{address:?}").ends_with(&format!(" {expected})")));
    }
    check("+4915112345678", "…678");
    check("72404", "…04");
    check("110", "…0");
    check("1", "…");
    check("Megafon", "…fon");
}
