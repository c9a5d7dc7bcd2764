//! What is chosen and kept: encodings, references, ports, where a part ends, answers with and without a cause.

use crate::gsm7::{Language, Shifts};
use crate::*;

#[test]
fn impossible_lengths_leave_what_follows() {
    #[track_caller]
    fn check(tpdu: &str, expected: &str) {
        let octets = hex::decode(tpdu.as_bytes()).unwrap();
        let submit = Submit::decode(&octets).unwrap();
        assert_eq!(submit.user_data.text(), Some(expected));
    }
    // 160 octets of UCS-2 and 255 septets can't be; the octets that came are all there is.
    check("010001811F0008A000410042", "AB");
    check("010001811F0000FFE1", "a");
}

#[test]
fn reports_survive_with_and_without_a_cause() {
    #[track_caller]
    fn check(tpdu: &str, direction: Direction, cause: Option<u8>, text: Option<&str>) {
        let octets = hex::decode(tpdu.as_bytes()).unwrap();
        let decoded = Tpdu::decode(&octets, direction).unwrap();
        assert_eq!(hex::encode_upper(&decoded.encode().unwrap()), tpdu);
        let (found, parameters) = match decoded {
            Tpdu::SubmitReport(report) => (report.cause, report.parameters),
            Tpdu::DeliverReport(report) => (report.cause, report.parameters),
            Tpdu::Submit(_) | Tpdu::Deliver(_) | Tpdu::StatusReport(_) => panic!("{decoded:?}"),
        };
        assert_eq!(found.map(|cause| cause.0), cause);
        let user_data = parameters.user_data;
        assert_eq!(user_data.as_ref().and_then(UserData::text), text);
    }
    use Direction::{MobileOriginated, MobileTerminated};
    check("010052117061034040", MobileTerminated, None, None);
    check("01C20052117061034040", MobileTerminated, Some(0xc2), None);
    check("0000", MobileOriginated, None, None);
    check("00D300", MobileOriginated, Some(0xd3), None);
    check("00070008020041", MobileOriginated, None, Some("A"));
}

#[test]
fn the_cheapest_encoding_is_chosen() {
    #[track_caller]
    fn check(text: &str, expected: Encoding, parts: u8) {
        let all = Language::ALL.into_iter().collect();
        let found = measure(text, EncodingChoice::AutoNational(all)).unwrap();
        assert_eq!((found.encoding, found.parts), (expected, parts));
        let plain = measure(text, EncodingChoice::Auto).unwrap();
        assert!(found.parts <= plain.parts);
        let sent = segment(text, found.encoding.into(), 1).unwrap();
        assert_eq!(sent.len(), usize::from(parts));
        assert!(
            sent.iter()
                .all(|part| part.shifts() == found.encoding.shifts())
        );
    }
    let national = |locking, single| Encoding::National(Shifts { locking, single });
    let turkish = Some(Language::Turkish);
    let hindi = Some(Language::Hindi);
    check("hello", Encoding::Gsm7, 1);
    check("Ж", Encoding::Ucs2, 1);
    // Two octets a character against seven bits and a header of four octets.
    check("Ş", Encoding::Ucs2, 1);
    check("ŞŞŞŞŞŞŞŞ", national(turkish, None), 1);
    check(
        "Mañana será otro día, ¡olé!",
        national(None, Some(Language::Spanish)),
        1,
    );
    check(&"नमस्ते".repeat(25), national(hindi, None), 1);
    check(&"ş".repeat(71), national(turkish, None), 1);
    check(&"[ş".repeat(60), national(turkish, None), 2);
}

#[test]
fn parts_end_where_characters_end() {
    #[track_caller]
    fn check(text: &str, parts: usize, whole: bool) {
        let parts_of = segment(text, EncodingChoice::Ucs2, 0).unwrap();
        assert_eq!(parts_of.len(), parts);
        let cut = parts_of.windows(2).any(|pair| {
            let next = pair[1].text().unwrap();
            next.starts_with(['\u{200d}', '\u{301}', '\u{1f3fd}'])
        });
        assert_eq!(!cut, whole);
    }
    check(&("a".repeat(66) + "e\u{301}" + &"b".repeat(20)), 2, true);
    check(&("a".repeat(65) + "👍\u{1f3fd}" + &"b".repeat(20)), 2, true);
    // 134 units fill two parts: there is no room to keep the accent with its letter.
    check(&("a".repeat(66) + "e\u{301}" + &"b".repeat(66)), 2, false);
    // A character longer than a part is cut all the same.
    check(&("e".to_owned() + &"\u{301}".repeat(200)), 3, false);
}

#[test]
fn sixteen_bit_references_take_an_octet() {
    let reference = Reference::Sixteen(0xabcd);
    let cut = |length: usize| {
        let parts = segment_with(&"a".repeat(length), EncodingChoice::Auto, reference).unwrap();
        assert_eq!(parts[0].concatenation().unwrap().reference, reference);
        assert_eq!(parts[0].header[0].data, [0xab, 0xcd, parts.len() as u8, 1]);
        parts.len()
    };
    assert_eq!([cut(161), cut(304), cut(305)], [2, 2, 3]);
}

#[test]
fn ports_of_either_width() {
    #[track_caller]
    fn check(destination: u16, source: u16, id: u8, data: &[u8]) {
        let data = data.to_vec();
        let user_data = UserData {
            header: vec![InformationElement { id, data }],
            alphabet: Alphabet::Data8,
            body: Body::Octets(vec![1]),
        };
        let ports = Ports {
            destination,
            source,
        };
        assert_eq!(user_data.ports(), Some(ports));
        if id == 5 {
            assert_eq!(InformationElement::of_ports(ports), user_data.header[0]);
        }
    }
    check(240, 1, 4, &[240, 1]);
    check(240, 1, 5, &[0, 240, 0, 1]);
    check(2948, 9200, 5, &[0x0b, 0x84, 0x23, 0xf0]);
}

#[test]
fn data_fills_its_parts_beside_ports_and_numbers() {
    /// Cuts so many octets, and checks what is free in the last part and how full the parts are.
    #[track_caller]
    fn check(octets: usize, ports: Option<Ports>, expected: (&[usize], u32)) {
        let data: Vec<u8> = (0..octets).map(|at| at as u8).collect();
        let measure = measure_data(octets, ports).unwrap();
        let parts = segment_data(&data, ports, 7).unwrap();
        let bodies: Vec<&[u8]> = parts
            .iter()
            .map(|part| match &part.body {
                Body::Octets(octets) => &**octets,
                Body::Text(_) => panic!("octets are no text"),
            })
            .collect();
        assert_eq!(bodies.concat(), data);
        let lengths: Vec<usize> = bodies.iter().map(|body| body.len()).collect();
        assert_eq!((&*lengths, measure.octets_left), expected);
        assert_eq!(usize::from(measure.parts), parts.len());
        for (number, part) in (1..).zip(&parts) {
            let place = part.concatenation().map(|of| (of.part, of.parts));
            let expected = (measure.parts > 1).then_some((number, measure.parts));
            assert_eq!((place, part.ports()), (expected, ports));
            let submit = Submit::new(Address::parse("+49151").unwrap(), part.clone());
            let read = Submit::decode(&submit.encode().unwrap()).unwrap();
            assert_eq!(read, submit);
        }
    }
    let ports = Some(Ports {
        destination: 16000,
        source: 0,
    });
    check(1, None, (&[1], 139));
    check(140, None, (&[140], 0));
    check(141, None, (&[134, 7], 127));
    check(268, None, (&[134, 134], 0));
    check(133, ports, (&[133], 0));
    check(134, ports, (&[128, 6], 122));
    check(257, ports, (&[128, 128, 1], 127));
    assert_eq!(measure_data(0, None), Err(SegmentError::Empty));
    let most = 255 * 128;
    assert_eq!(measure_data(most, ports).unwrap().parts, 255);
    let too_long = SegmentError::TooLong {
        parts: 256,
        parts_max: 255,
    };
    assert_eq!(segment_data(&vec![0; most + 1], ports, 0), Err(too_long));
}
