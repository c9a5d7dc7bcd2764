//! Properties that hold for all input: encoding and decoding undo each other, and any octets decode or fail cleanly.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use crate::reader::Reader;
use crate::*;

proptest! {
    #[test]
    fn septets_survive_packing(septets in vec(0u8..128, 0..400), fill_bits in 0u8..8) {
        let packed = gsm7::pack(&septets, fill_bits);
        prop_assert_eq!(gsm7::unpack(&packed, septets.len(), fill_bits).unwrap(), septets.clone());
        let room = packed.len() * 8 - usize::from(fill_bits);
        prop_assert!(room < septets.len() * 7 + 8);
        prop_assert!(gsm7::unpack(&packed, room / 7 + 1, fill_bits).is_err());
    }

    #[test]
    fn any_septets_are_text_of_the_alphabet(septets in vec(any::<u8>(), 0..200)) {
        let text = gsm7::text(&septets);
        let again = gsm7::septets(&text).unwrap();
        prop_assert!(again.len() <= septets.len());
        prop_assert_eq!(gsm7::text(&again), text);
    }

    #[test]
    fn gsm7_text_survives(text in gsm7_text(400)) {
        prop_assert_eq!(gsm7::text(&gsm7::septets(&text).unwrap()), text);
    }

    #[test]
    fn hex_survives(octets in vec(any::<u8>(), 0..200)) {
        let digits = hex::encode_upper(&octets);
        prop_assert_eq!(&hex::decode(digits.as_bytes()).unwrap(), &octets);
        prop_assert_eq!(&hex::decode(digits.to_lowercase().as_bytes()).unwrap(), &octets);
    }

    #[test]
    fn segments_rejoined_are_the_text(
        text in any_text(2000),
        choice in prop_oneof![Just(EncodingChoice::Auto), Just(EncodingChoice::Ucs2)],
        reference: u8,
    ) {
        check_segments(&text, choice, reference)?;
    }

    #[test]
    fn gsm7_segments_rejoined_are_the_text(text in gsm7_text(2000), reference: u8) {
        check_segments(&text, EncodingChoice::Gsm7, reference)?;
        prop_assert_eq!(
            measure(&text, EncodingChoice::Auto), measure(&text, EncodingChoice::Gsm7)
        );
    }

    #[test]
    fn submit_survives(submit in submit()) {
        check_submit(&submit)?;
    }

    #[test]
    fn deliver_survives(deliver in deliver()) {
        prop_assert_eq!(Deliver::decode(&deliver.encode().unwrap()).unwrap(), deliver);
    }

    #[test]
    fn report_survives(report in status_report()) {
        prop_assert_eq!(StatusReport::decode(&report.encode().unwrap()).unwrap(), report);
    }

    #[test]
    fn answers_survive(cause in option::of(0x80u8..), time in option::of(time()), parameters in parameters()) {
        let cause = cause.map(FailureCause);
        let submit = SubmitReport { cause, time, parameters: parameters.clone() };
        let octets = submit.encode().unwrap();
        prop_assert_eq!(SubmitReport::decode(&octets).unwrap(), submit.clone());
        let tpdu = Tpdu::decode(&octets, Direction::MobileTerminated).unwrap();
        prop_assert_eq!(tpdu, Tpdu::SubmitReport(submit));
        let deliver = DeliverReport { cause, parameters };
        let octets = deliver.encode().unwrap();
        prop_assert_eq!(DeliverReport::decode(&octets).unwrap(), deliver.clone());
        let tpdu = Tpdu::decode(&octets, Direction::MobileOriginated).unwrap();
        prop_assert_eq!(tpdu, Tpdu::DeliverReport(deliver));
    }

    #[test]
    fn smsc_survives(smsc in option::of(number()), tpdu in vec(any::<u8>(), 0..20)) {
        let joined = join_smsc(smsc.as_ref(), &tpdu);
        let (found, rest) = split_smsc(&joined).unwrap();
        prop_assert_eq!(found, smsc);
        prop_assert_eq!(rest, tpdu);
    }

    #[test]
    fn any_user_data_has_octets_or_an_error(user_data in any_user_data()) {
        let to = Address::parse("+4915112345678").unwrap();
        let submit = Submit::new(to, user_data);
        if let Ok(octets) = submit.encode() {
            prop_assert!(octets.len() <= 164);
            prop_assert!(Submit::decode(&octets).is_ok());
        }
    }

    #[test]
    fn any_octets_decode_or_fail(octets in vec(any::<u8>(), 0..300)) {
        check_total(&octets)?;
    }

    #[test]
    fn damaged_tpdus_decode_or_fail(
        octets in prop_oneof![
            submit().prop_map(|submit| submit.encode().unwrap()),
            deliver().prop_map(|deliver| deliver.encode().unwrap()),
            status_report().prop_map(|report| report.encode().unwrap()),
            parameters().prop_map(|parameters| {
                let cause = Some(FailureCause(0xc2));
                SubmitReport { cause, time: None, parameters }.encode().unwrap()
            }),
            parameters().prop_map(|parameters| {
                DeliverReport { cause: None, parameters }.encode().unwrap()
            }),
        ],
        damage in vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut octets = octets;
        for (at, octet) in damage {
            let at = at.index(octets.len());
            octets[at] = octet;
        }
        check_total(&octets)?;
        octets.truncate(cut.index(octets.len()));
        check_total(&octets)?;
    }

    #[test]
    fn times_survive(ms in -1_000_000_000_000i64..5_000_000_000_000, quarters: i8) {
        let time = ServiceCentreTime::from_unix_ms(ms, quarters);
        prop_assert_eq!(ServiceCentreTime::decode(&time.encode()), Some(time));
        let again = ServiceCentreTime::from_unix_ms(time.unix_ms(), time.quarters());
        prop_assert_eq!(again, time);
    }

    #[test]
    fn any_seven_octets_are_a_time_or_none(octets: [u8; 7]) {
        if let Some(time) = ServiceCentreTime::decode(&octets) {
            let again = ServiceCentreTime::decode(&time.encode());
            prop_assert_eq!(again, Some(time));
        }
    }

    #[test]
    fn validity_is_the_shortest_that_suffices(minutes in 0u32..700_000) {
        let validity = Validity::at_least_minutes(minutes);
        let Validity::Relative(octet) = validity else {
            panic!("{validity:?}")
        };
        let period = |octet| Validity::Relative(octet).period().unwrap().as_secs() / 60;
        prop_assert!(period(octet) >= u64::from(minutes) || octet == 255);
        prop_assert!((0..octet).map(period).max().is_none_or(|shorter| shorter < u64::from(minutes)));
    }

    #[test]
    fn numbers_survive_text(address in number()) {
        prop_assert_eq!(Address::parse(&address.text()).unwrap(), address);
    }

    #[test]
    fn any_string_is_an_address_or_refused(text in any_text(30)) {
        let _ = Address::parse(&text);
        let _ = Address::alphanumeric(&text);
    }

    #[test]
    fn the_same_subscriber_is_symmetric(one in address(), two in address()) {
        prop_assert!(one.same_subscriber(&one));
        prop_assert_eq!(one.same_subscriber(&two), two.same_subscriber(&one));
    }
}

/// Segments join to the text, agree with the measure, are numbered, fit, survive the air, and none could be fewer.
fn check_segments(text: &str, choice: EncodingChoice, reference: u8) -> Result<(), TestCaseError> {
    let segments = match segment(text, choice, reference) {
        Ok(segments) => segments,
        Err(error) => {
            prop_assert_eq!(measure(text, choice), Err(error));
            return Ok(());
        }
    };
    let measure = measure(text, choice).unwrap();
    prop_assert_eq!(segments.len(), usize::from(measure.parts));
    for part in 0..=measure.parts {
        let wanted = part
            .checked_sub(1)
            .and_then(|index| segments.get(usize::from(index)));
        let found = segment_part(text, choice, reference, part).unwrap();
        prop_assert_eq!(found.as_ref(), wanted);
    }
    let joined: String = segments
        .iter()
        .map(|segment| segment.text().unwrap())
        .collect();
    prop_assert_eq!(joined, text);
    let numbers: Vec<_> = segments.iter().map(UserData::concatenation).collect();
    if segments.len() == 1 {
        prop_assert_eq!(numbers, [None]);
    } else {
        for (part, number) in (1..).zip(numbers) {
            let reference = Reference::Eight(reference);
            let wanted = Concatenation {
                reference,
                parts: measure.parts,
                part,
            };
            prop_assert_eq!(number, Some(wanted));
        }
    }
    for segment in segments {
        check_user_data(segment)?;
    }
    Ok(())
}

fn check_user_data(user_data: UserData) -> Result<(), TestCaseError> {
    let mut octets = Vec::new();
    user_data
        .encode_into(DataCoding::new(user_data.alphabet, None), &mut octets)
        .unwrap();
    prop_assert!(octets.len() <= 1 + USER_DATA_OCTETS_MAX);
    let has_header = !user_data.header.is_empty();
    let mut reader = Reader::new(&octets);
    let decoded = UserData::decode(&mut reader, user_data.alphabet, has_header).unwrap();
    prop_assert_eq!(decoded, user_data);
    prop_assert!(reader.rest().is_empty());
    Ok(())
}

fn check_submit(submit: &Submit) -> Result<(), TestCaseError> {
    let octets = submit.encode().unwrap();
    prop_assert!(octets.len() <= 164);
    prop_assert_eq!(&Submit::decode(&octets).unwrap(), submit);
    let tpdu = Tpdu::decode(&octets, Direction::MobileOriginated).unwrap();
    prop_assert_eq!(tpdu, Tpdu::Submit(submit.clone()));
    Ok(())
}

/// What decodes has octets that decode to the same.
fn check_total(octets: &[u8]) -> Result<(), TestCaseError> {
    let _ = split_smsc(octets);
    let _ = hex::decode(octets);
    let _ = gsm7::unpack(octets, octets.len() * 8 / 7, 0);
    for direction in [Direction::MobileOriginated, Direction::MobileTerminated] {
        let again = match Tpdu::decode(octets, direction) {
            Ok(Tpdu::StatusReport(report)) if report.optional.len() > 135 => continue,
            Ok(tpdu) => tpdu.encode(),
            Err(_) => continue,
        };
        let decoded = Tpdu::decode(octets, direction);
        prop_assert_eq!(Tpdu::decode(&again.unwrap(), direction), decoded);
    }
    Ok(())
}

fn gsm7_text(chars_max: usize) -> impl Strategy<Value = String> {
    vec(gsm7_char(), 1..=chars_max).prop_map(String::from_iter)
}

fn gsm7_char() -> impl Strategy<Value = char> {
    // Codes of the default table as they decode; the escape becomes one of the extension table.
    (
        0u8..128,
        prop::sample::select("\u{c}^{}\\[~]|€".chars().collect::<Vec<_>>()),
    )
        .prop_map(|(code, extended)| match code {
            0x1b => extended,
            _ => gsm7::text(&[code]).chars().next().unwrap(),
        })
        .boxed()
}

/// Of all planes, and of the two GSM 7-bit tables often enough to fill parts with either.
fn any_text(chars_max: usize) -> impl Strategy<Value = String> {
    let wide = prop_oneof![8 => gsm7_char(), 1 => any::<char>(), 1 => Just('😀')];
    prop_oneof![
        gsm7_text(chars_max),
        vec(wide, 1..=chars_max).prop_map(String::from_iter),
        vec(any::<char>(), 1..=chars_max).prop_map(String::from_iter),
    ]
}

fn number() -> impl Strategy<Value = Address> {
    prop_oneof!["\\+[0-9]{1,20}", "[0-9*#abc]{1,20}"]
        .prop_map(|text| Address::parse(&text).unwrap())
}

fn address() -> impl Strategy<Value = Address> {
    prop_oneof![
        number(),
        "[0-9A-Za-z @-]{1,11}".prop_map(|text| Address::alphanumeric(&text).unwrap()),
    ]
}

/// User data that fits: text is cut to what its header leaves.
fn user_data() -> impl Strategy<Value = UserData> {
    let octets = vec(any::<u8>(), 0..=40).prop_map(Body::Octets);
    let body = prop_oneof![
        gsm7_text(50).prop_map(|text| (Alphabet::Gsm7, Body::Text(text))),
        any_text(20).prop_map(|text| (Alphabet::Ucs2, Body::Text(text))),
        octets.prop_map(|body| (Alphabet::Data8, body)),
    ];
    (vec(element(10), 0..4), body).prop_map(|(header, (alphabet, body))| UserData {
        header,
        alphabet,
        body,
    })
}

/// The optional fields of an answer; user data has the coding that stands beside it.
fn parameters() -> impl Strategy<Value = Parameters> {
    (option::of(any::<u8>()), option::of(user_data()), class()).prop_map(
        |(protocol_id, user_data, class)| Parameters {
            protocol_id,
            coding: user_data
                .as_ref()
                .map(|user_data| DataCoding::new(user_data.alphabet, class)),
            user_data,
        },
    )
}

/// User data that may be too long, or not suit its alphabet.
fn any_user_data() -> impl Strategy<Value = UserData> {
    let body = prop_oneof![
        any_text(180).prop_map(Body::Text),
        vec(any::<u8>(), 0..200).prop_map(Body::Octets),
    ];
    let alphabet = prop_oneof![
        Just(Alphabet::Gsm7),
        Just(Alphabet::Data8),
        Just(Alphabet::Ucs2)
    ];
    (vec(element(300), 0..4), alphabet, body).prop_map(|(header, alphabet, body)| UserData {
        header,
        alphabet,
        body,
    })
}

fn element(octets_max: usize) -> impl Strategy<Value = InformationElement> {
    (any::<u8>(), vec(any::<u8>(), 0..=octets_max))
        .prop_map(|(id, data)| InformationElement { id, data })
}

fn class() -> impl Strategy<Value = Option<MessageClass>> {
    use MessageClass::{Flash, Mobile, Sim, Terminal};
    option::of(prop_oneof![
        Just(Flash),
        Just(Mobile),
        Just(Sim),
        Just(Terminal)
    ])
}

fn time() -> impl Strategy<Value = ServiceCentreTime> {
    (0i64..3_155_000_000_000, -56i8..=56)
        .prop_map(|(ms, quarters)| ServiceCentreTime::from_unix_ms(ms, quarters))
}

fn submit() -> impl Strategy<Value = Submit> {
    let validity = option::of(prop_oneof![
        any::<u8>().prop_map(Validity::Relative),
        any::<[u8; 7]>().prop_map(Validity::Absolute),
        any::<[u8; 7]>().prop_map(Validity::Enhanced),
    ]);
    (
        any::<(u8, bool, bool, bool, u8)>(),
        address(),
        validity,
        class(),
        user_data(),
    )
        .prop_map(|(plain, destination, validity, class, user_data)| {
            let (reference, report, reject_duplicates, reply_path, protocol_id) = plain;
            Submit {
                reference,
                destination,
                report,
                reject_duplicates,
                reply_path,
                validity,
                protocol_id,
                coding: DataCoding::new(user_data.alphabet, class),
                user_data,
            }
        })
}

fn deliver() -> impl Strategy<Value = Deliver> {
    (
        any::<(bool, bool, bool, bool, u8)>(),
        address(),
        option::of(time()),
        class(),
        user_data(),
    )
        .prop_map(|(plain, originator, time, class, user_data)| {
            let (more_to_send, report_indication, reply_path, loop_prevention, protocol_id) = plain;
            Deliver {
                originator,
                more_to_send,
                report_indication,
                reply_path,
                loop_prevention,
                protocol_id,
                coding: DataCoding::new(user_data.alphabet, class),
                time,
                user_data,
            }
        })
}

fn status_report() -> impl Strategy<Value = StatusReport> {
    let optional = vec(any::<u8>(), 0..=135);
    (
        any::<(u8, bool, bool, bool, u8, bool)>(),
        address(),
        option::of(time()),
        option::of(time()),
    )
        .prop_flat_map(move |fields| (Just(fields), optional.clone()))
        .prop_map(|((plain, recipient, time, discharge), optional)| {
            let (reference, more_to_send, loop_prevention, command, status, header) = plain;
            StatusReport {
                reference,
                recipient,
                more_to_send,
                loop_prevention,
                command,
                time,
                discharge,
                status: Status(status),
                optional_header: header,
                optional,
            }
        })
}
