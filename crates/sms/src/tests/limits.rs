//! Boundaries and refusals: where a text becomes one part more, and what each error says.

use crate::*;

#[test]
fn lengths_at_which_parts_are_added() {
    #[track_caller]
    fn check(text: &str, encoding: Encoding, parts: u8, units: u32) {
        let found = measure(text, EncodingChoice::Auto).unwrap();
        assert_eq!(
            (found.encoding, found.parts, found.units),
            (encoding, parts, units)
        );
        assert_eq!(
            segment(text, EncodingChoice::Auto, 0).unwrap().len(),
            usize::from(parts)
        );
    }
    use Encoding::{Gsm7, Ucs2};
    check("a", Gsm7, 1, 1);
    check(&"a".repeat(160), Gsm7, 1, 160);
    check(&"a".repeat(161), Gsm7, 2, 161);
    check(&"a".repeat(306), Gsm7, 2, 306);
    check(&"a".repeat(307), Gsm7, 3, 307);
    check(&"a".repeat(255 * 153), Gsm7, 255, 255 * 153);
    check(&"€".repeat(80), Gsm7, 1, 160);
    check(&("a".to_owned() + &"€".repeat(80)), Gsm7, 2, 161);
    check(&"ж".repeat(70), Ucs2, 1, 70);
    check(&"ж".repeat(71), Ucs2, 2, 71);
    check(&"ж".repeat(134), Ucs2, 2, 134);
    check(&"ж".repeat(135), Ucs2, 3, 135);
    check(&"😀".repeat(35), Ucs2, 1, 70);
    check(&"😀".repeat(36), Ucs2, 2, 72);
    check(&("a".repeat(159) + "`"), Ucs2, 3, 160);
    check(&"ç".repeat(70), Ucs2, 1, 70);
    // An escape pair or a surrogate pair that would be cut goes to the next part whole.
    check(&"€".repeat(152), Gsm7, 2, 304);
    check(&"€".repeat(153), Gsm7, 3, 306);
    check(&"😀".repeat(66), Ucs2, 2, 132);
    check(&"😀".repeat(67), Ucs2, 3, 134);
}

#[test]
fn pairs_are_not_cut() {
    #[track_caller]
    fn check(text: &str, expected: &[usize]) {
        let segments = segment(text, EncodingChoice::Auto, 200).unwrap();
        let lengths: Vec<_> = segments
            .iter()
            .map(|part| part.text().unwrap().chars().count())
            .collect();
        assert_eq!(lengths, expected);
    }
    check(&("a".repeat(152) + "{" + &"b".repeat(10)), &[152, 11]);
    check(&("a".repeat(151) + "{" + &"b".repeat(10)), &[152, 10]);
    check(&("ж".repeat(66) + "😀" + &"ж".repeat(10)), &[66, 11]);
    check(&("ж".repeat(65) + "😀" + &"ж".repeat(10)), &[66, 10]);
}

#[test]
fn texts_that_are_refused() {
    #[track_caller]
    fn check(text: &str, choice: EncodingChoice, expected: SegmentError, message: &str) {
        assert_eq!(expected.to_string(), message);
        assert_eq!(measure(text, choice), Err(expected.clone()));
        assert_eq!(segment(text, choice, 0), Err(expected));
    }
    check(
        "",
        EncodingChoice::Auto,
        SegmentError::Empty,
        "the message is empty",
    );
    check(
        "naïve",
        EncodingChoice::Gsm7,
        SegmentError::Unencodable {
            ch: 'ï',
            position: 2,
        },
        "'ï' at position 2 is not in the GSM 7-bit alphabet",
    );
    check(
        &"a".repeat(255 * 153 + 1),
        EncodingChoice::Auto,
        SegmentError::TooLong {
            parts: 256,
            parts_max: 255,
        },
        "the message takes 256 parts, at most 255 can be sent as one message",
    );
    check(
        &"a".repeat(300 * 67),
        EncodingChoice::Ucs2,
        SegmentError::TooLong {
            parts: 300,
            parts_max: 255,
        },
        "the message takes 300 parts, at most 255 can be sent as one message",
    );
}

#[test]
fn addresses_that_are_refused() {
    #[track_caller]
    fn check(found: Result<Address, AddressError>, expected: &str) {
        assert_eq!(found.unwrap_err().to_string(), expected);
    }
    check(Address::parse(""), "the address is empty");
    check(Address::parse("+"), "the address is empty");
    check(
        Address::parse("+49 151"),
        "' ' at position 3 can't be in an address",
    );
    check(
        Address::parse("+49*"),
        "'*' at position 3 can't be in an address",
    );
    check(
        Address::parse("++49"),
        "'+' at position 1 can't be in an address",
    );
    check(
        Address::parse("12A"),
        "'A' at position 2 can't be in an address",
    );
    check(
        Address::parse("٣"),
        "'٣' at position 0 can't be in an address",
    );
    check(
        Address::parse(&"1".repeat(21)),
        "an address of 21 digits or septets, at most 20 are allowed",
    );
    check(Address::alphanumeric(""), "the address is empty");
    check(
        Address::alphanumeric("Ж"),
        "'Ж' at position 0 can't be in an address",
    );
    check(
        Address::alphanumeric("[123456789]"),
        "an address of 13 digits or septets, at most 11 are allowed",
    );
}

#[test]
fn hex_that_is_refused() {
    #[track_caller]
    fn check(ascii: &[u8], expected: PduError) {
        assert_eq!(hex::decode(ascii), Err(expected));
    }
    check(b"012", PduError::HexLength { digits: 3 });
    check(b"01 2", PduError::HexDigit { position: 2 });
    check(b"0g", PduError::HexDigit { position: 1 });
    check(&[0xff], PduError::HexDigit { position: 0 });
    assert_eq!(hex::decode(b""), Ok(Vec::new()));
    assert_eq!(hex::decode(b"0aF9"), Ok(vec![0x0a, 0xf9]));
}

#[test]
fn each_cut_names_its_field() {
    #[track_caller]
    fn check(tpdu: &str, direction: Direction, fields: &[(usize, &'static str)]) {
        let octets = hex::decode(tpdu.as_bytes()).unwrap();
        let mut from = 0;
        for (to, field) in fields {
            for end in from..*to {
                let found = Tpdu::decode(&octets[..end], direction);
                assert_eq!(found, Err(PduError::Truncated { field }), "{end} octets");
            }
            from = *to;
        }
        assert_eq!(from, octets.len());
        assert!(Tpdu::decode(&octets, direction).is_ok());
    }
    check(
        "31000B915155551532F40000000AE8329BFD4697D9EC37",
        Direction::MobileOriginated,
        &[
            (1, "the first octet"),
            (2, "TP-MR"),
            (10, "TP-DA"),
            (11, "TP-PID"),
            (12, "TP-DCS"),
            (13, "TP-VP"),
            (14, "TP-UDL"),
            (23, "TP-UD"),
        ],
    );
    check(
        "040B915155551532F40000521170610340400AE8329BFD4697D9EC37",
        Direction::MobileTerminated,
        &[
            (1, "the first octet"),
            (9, "TP-OA"),
            (10, "TP-PID"),
            (11, "TP-DCS"),
            (18, "TP-SCTS"),
            (19, "TP-UDL"),
            (28, "TP-UD"),
        ],
    );
    check(
        "06400D91945111325476F8521170610340405211706153104000",
        Direction::MobileTerminated,
        &[
            (1, "the first octet"),
            (2, "TP-MR"),
            (11, "TP-RA"),
            (18, "TP-SCTS"),
            (25, "TP-DT"),
            (26, "TP-ST"),
        ],
    );
}

#[test]
fn tpdus_that_are_refused() {
    #[track_caller]
    fn check(tpdu: &str, direction: Direction, expected: &str) {
        let found = Tpdu::decode(&hex::decode(tpdu.as_bytes()).unwrap(), direction);
        assert_eq!(found.unwrap_err().to_string(), expected);
    }
    use Direction::{MobileOriginated, MobileTerminated};
    check(
        "0200",
        MobileOriginated,
        "message type 10 is not SUBMIT or DELIVER-REPORT",
    );
    check(
        "0300",
        MobileTerminated,
        "message type 11 is not DELIVER, STATUS-REPORT or SUBMIT-REPORT",
    );
    check(
        "01001591",
        MobileOriginated,
        "TP-DA says 21 semi-octets, at most 20 are allowed",
    );
    check(
        "010001811F0004FF",
        MobileOriginated,
        "user data of 255 octets, at most 140 fit",
    );
    check(
        "010001811F0000A1",
        MobileOriginated,
        "user data of 141 octets, at most 140 fit",
    );
    check(
        "410001811F000402",
        MobileOriginated,
        "the PDU ends inside TP-UD",
    );
    check(
        "410001811F000403030001",
        MobileOriginated,
        "the user data header says 4 octets, the user data has 3",
    );
    check(
        "410001811F000400",
        MobileOriginated,
        "the user data header says 1 octets, the user data has 0",
    );
    assert_eq!(
        split_smsc(&[0x0c, 0x91]).unwrap_err().to_string(),
        "the SMSC address says 22 semi-octets, at most 20 are allowed"
    );
}

#[test]
fn user_data_that_is_refused() {
    #[track_caller]
    fn check(header: usize, alphabet: Alphabet, body: Body, expected: Option<&str>) {
        let header = match header {
            0 => Vec::new(),
            octets => vec![InformationElement {
                id: 0x70,
                data: vec![0; octets - 3],
            }],
        };
        let to = Address::parse("72404").unwrap();
        let found = Submit::new(
            to,
            UserData {
                header,
                alphabet,
                body,
            },
        )
        .encode();
        assert_eq!(
            found.err().map(|error| error.to_string()).as_deref(),
            expected
        );
    }
    let text = |length: usize| Body::Text("a".repeat(length));
    check(0, Alphabet::Gsm7, text(160), None);
    check(
        0,
        Alphabet::Gsm7,
        text(161),
        Some("user data of 141 octets, at most 140 fit"),
    );
    check(6, Alphabet::Gsm7, text(153), None);
    check(
        6,
        Alphabet::Gsm7,
        text(154),
        Some("user data of 141 octets, at most 140 fit"),
    );
    check(7, Alphabet::Gsm7, text(152), None);
    check(12, Alphabet::Gsm7, text(146), None);
    check(
        12,
        Alphabet::Gsm7,
        text(147),
        Some("user data of 141 octets, at most 140 fit"),
    );
    check(0, Alphabet::Ucs2, text(70), None);
    check(
        0,
        Alphabet::Ucs2,
        text(71),
        Some("user data of 142 octets, at most 140 fit"),
    );
    check(0, Alphabet::Data8, Body::Octets(vec![0; 140]), None);
    check(140, Alphabet::Data8, Body::Octets(Vec::new()), None);
    check(
        300,
        Alphabet::Data8,
        Body::Octets(Vec::new()),
        Some("user data of 300 octets, at most 140 fit"),
    );
    check(
        0,
        Alphabet::Gsm7,
        Body::Text("aж".into()),
        Some("character 1 of the text is not in the alphabet Gsm7"),
    );
    let mismatch = "the body does not suit the alphabet Data8";
    check(0, Alphabet::Data8, text(1), Some(mismatch));
}

#[test]
fn a_report_with_too_much_behind_it_is_refused() {
    let time = ServiceCentreTime::from_unix_ms(0, 0);
    let to = Address::parse("72404").unwrap();
    let mut report = StatusReport::new(1, to, time, time, Status(0));
    report.optional = vec![0; 142];
    assert_eq!(report.encode().unwrap().len(), 164);
    report.optional.push(0);
    assert_eq!(
        report.encode(),
        Err(PduError::TpduLength {
            octets: 165,
            octets_max: 164
        })
    );
}

#[test]
fn headers_keep_what_is_unknown_and_ignore_what_is_malformed() {
    #[track_caller]
    fn check(header: &[u8], elements: &[(u8, &[u8])], concatenation: Option<(u16, u8, u8)>) {
        let length = header.len() as u8;
        let mut tpdu = vec![0x41, 0x00, 0x01, 0x81, 0xf1, 0x00, 0x08, length + 3, length];
        tpdu.extend(header);
        tpdu.extend([0x04, 0x16]);
        let user_data = Submit::decode(&tpdu).unwrap().user_data;
        let found: Vec<_> = user_data
            .header
            .iter()
            .map(|ie| (ie.id, &*ie.data))
            .collect();
        assert_eq!(found, elements);
        let found = user_data
            .concatenation()
            .map(|is| (is.reference.number(), is.parts, is.part));
        assert_eq!(found, concatenation);
        assert_eq!(user_data.text(), Some("Ж"));
    }
    check(&[0, 3, 7, 2, 1], &[(0, &[7, 2, 1])], Some((7, 2, 1)));
    check(
        &[8, 4, 1, 2, 3, 3],
        &[(8, &[1, 2, 3, 3])],
        Some((0x0102, 3, 3)),
    );
    check(&[0x24, 1, 3, 0x70, 0], &[(0x24, &[3]), (0x70, &[])], None);
    check(
        &[5, 4, 1, 2, 3, 4, 0, 3, 9, 9, 9],
        &[(5, &[1, 2, 3, 4]), (0, &[9; 3])],
        Some((9, 9, 9)),
    );
    // Of two the last counts.
    check(
        &[0, 3, 1, 2, 1, 8, 4, 0, 9, 3, 2],
        &[(0, &[1, 2, 1]), (8, &[0, 9, 3, 2])],
        Some((9, 3, 2)),
    );
    // Part 0, part above parts, no parts, wrong length: ignored.
    check(&[0, 3, 1, 2, 0], &[(0, &[1, 2, 0])], None);
    check(&[0, 3, 1, 2, 3], &[(0, &[1, 2, 3])], None);
    check(&[0, 3, 1, 0, 0], &[(0, &[1, 0, 0])], None);
    check(&[0, 2, 1, 2], &[(0, &[1, 2])], None);
    // The last element does not fit: the whole header is ignored, and the text is not.
    check(&[0, 3, 7, 2, 1, 0x70, 9, 1], &[], None);
    check(&[0, 3, 7, 2, 1, 0x70], &[], None);
    check(&[], &[], None);
}

#[test]
fn broken_text_costs_only_itself() {
    #[track_caller]
    fn check(dcs: u8, length: u8, octets: &[u8], expected: &str) {
        let mut tpdu = vec![0x01, 0x00, 0x01, 0x81, 0xf1, 0x00, dcs, length];
        tpdu.extend(octets);
        assert_eq!(
            Submit::decode(&tpdu).unwrap().user_data.text(),
            Some(expected)
        );
    }
    check(0x08, 4, &[0xd8, 0x3d, 0x00, 0x41], "\u{fffd}A");
    check(0x08, 3, &[0x00, 0x41, 0x00], "A");
    check(0x00, 2, &[0xc1, 0x0d], "A ");
    check(0x00, 0, &[], "");
    check(0x00, 1, &[0x41, 0xff, 0xff], "A");
}

#[test]
fn debug_shows_no_text_and_no_number() {
    let to = Address::parse("+4915112345678").unwrap();
    let parts = segment("secret", EncodingChoice::Auto, 0).unwrap();
    let shown = format!("{:?}", Submit::new(to, parts[0].clone()));
    assert!(
        !shown.contains("secret") && !shown.contains("12345"),
        "{shown}"
    );
    assert!(shown.contains("Text(<6 characters>)"), "{shown}");
}

#[test]
fn report_of_the_reference_trace() {
    let octets = "07919471060040F006400D91945111325476F8521170610340405211706153104000";
    let pdu = Pdu::<Tpdu>::decode(
        &hex::decode(octets.as_bytes()).unwrap(),
        Direction::MobileTerminated,
    )
    .unwrap();
    assert_eq!(pdu.smsc.unwrap().text(), "+49176000040");
    let Tpdu::StatusReport(report) = pdu.tpdu else {
        panic!("{:?}", pdu.tpdu)
    };
    assert_eq!((report.reference, report.status), (64, Status(0)));
    assert_eq!(report.recipient.text(), "+4915112345678");
    assert_eq!(report.time.unwrap().rfc3339(), "2025-11-07T16:30:04+01:00");
    assert_eq!(
        report.discharge.unwrap().rfc3339(),
        "2025-11-07T16:35:01+01:00"
    );
}
