//! Replays `tests-data/pdu.json`, vectors gathered from other projects' tests (each names its source).
//!
//! Every vector is decoded and compared with what it expects, then encoded again and compared octet by octet. What is
//! not done here is listed with its reason; a vector on a list that would pass fails the test, so the lists stay true.

use serde_json::Value;

use crate::reader::Reader;
use crate::*;

#[test]
fn vectors_decode_as_expected() {
    let outcomes: Vec<_> = vectors()
        .iter()
        .map(|vector| outcome(vector, decoded))
        .collect();
    compare(&outcomes, &[]);
    assert_eq!(outcomes.len(), 129);
}

#[test]
fn vectors_encode_octet_by_octet() {
    let valid = vectors()
        .into_iter()
        .filter(|vector| vector["valid"] != false);
    let outcomes: Vec<_> = valid.map(|vector| outcome(&vector, encoded)).collect();
    compare(&outcomes, NOT_ENCODED);
    assert_eq!(outcomes.len() - NOT_ENCODED.len(), 113);
}

#[test]
fn long_vectors_are_segmented_alike() {
    let vectors = vectors();
    let parts: Vec<_> = vectors
        .iter()
        .filter(|v| v["expect"]["whole_text"].is_string())
        .collect();
    let text = parts[0]["expect"]["whole_text"].as_str().unwrap();
    let segments = segment(text, EncodingChoice::Auto, 0).unwrap();
    let decoded: Vec<_> = parts
        .iter()
        .map(|v| Pdu::<Submit>::decode(&octets(v)).unwrap().tpdu.user_data)
        .collect();
    assert_eq!(segments, decoded);
    assert_eq!(parts.len(), 3);
}

#[test]
fn every_cut_of_a_vector_decodes_or_fails_cleanly() {
    for vector in vectors() {
        let Ok(octets) = hex::decode(vector["pdu"].as_str().unwrap().as_bytes()) else {
            continue;
        };
        for end in 0..octets.len() {
            for direction in [Direction::MobileOriginated, Direction::MobileTerminated] {
                let _ = Pdu::<Tpdu>::decode(&octets[..end], direction);
                let _ = Tpdu::decode(&octets[..end], direction);
            }
        }
    }
}

/// An id, and what was wrong, if anything was.
type Outcome = (String, Result<(), String>);

fn outcome(vector: &Value, replay: impl Fn(&Value) -> Result<(), String>) -> Outcome {
    (string(vector, "id"), replay(vector))
}

/// Every vector but the listed must have passed, and these must not.
fn compare(outcomes: &[Outcome], listed: &[(&str, &str)]) {
    for (id, result) in outcomes {
        match (listed.iter().find(|(of, _)| of == id), result) {
            (None, Err(wrong)) => panic!("{id}: {wrong}"),
            (Some((_, reason)), Ok(())) => panic!("{id} passes though listed: {reason}"),
            (None, Ok(())) | (Some(_), Err(_)) => {}
        }
    }
    for (id, _) in listed {
        assert!(
            outcomes.iter().any(|(of, _)| of == id),
            "{id} is listed but not replayed"
        );
    }
}

fn decoded(vector: &Value) -> Result<(), String> {
    let expect = &vector["expect"];
    match string(vector, "kind").as_str() {
        "SUBMIT" => submit_decoded(&octets(vector), expect),
        "gsm7-language" => language_decoded(&octets(vector), expect),
        "DELIVER" => deliver_decoded(&octets(vector), expect),
        "STATUS-REPORT" => report_decoded(&octets(vector), expect),
        "malformed" => malformed_refused(vector),
        "address" => same("number", expect, Some(address(vector)?.text())),
        "septets" => septets_decoded(&octets(vector), expect),
        "timestamp" => same(
            "time",
            expect,
            time(&octets(vector)).map(|time| time.rfc3339()),
        ),
        "vp-relative" => {
            let seconds = Validity::Relative(octets(vector)[0]).period();
            same("vp_seconds", expect, seconds.map(|period| period.as_secs()))
        }
        "udh-ie" => element_decoded(&octets(vector), expect),
        kind => Err(format!("kind {kind}")),
    }
}

fn submit_decoded(octets: &[u8], expect: &Value) -> Result<(), String> {
    let Pdu { smsc, tpdu } = Pdu::<Submit>::decode(octets).map_err(|error| error.to_string())?;
    let vp = tpdu.validity;
    same("smsc", expect, smsc.map(|smsc| smsc.text()))?;
    same("da", expect, Some(tpdu.destination.text()))?;
    same("mr", expect, Some(tpdu.reference))?;
    same("pid", expect, Some(tpdu.protocol_id))?;
    same("srr", expect, Some(tpdu.report))?;
    same("rd", expect, Some(tpdu.reject_duplicates))?;
    let relative = match vp {
        Some(Validity::Relative(octet)) => Some(octet),
        Some(Validity::Absolute(_) | Validity::Enhanced(_)) | None => None,
    };
    same("vp_octet", expect, relative)?;
    same(
        "vp_seconds",
        expect,
        vp.and_then(|vp| vp.period()).map(|period| period.as_secs()),
    )?;
    let form = match vp {
        None => "none",
        Some(Validity::Relative(_)) => "relative",
        Some(Validity::Absolute(_)) => "absolute",
        Some(Validity::Enhanced(_)) => "enhanced",
    };
    same("vpf", expect, Some(form))?;
    let end = vp.and_then(|vp| vp.end()).map(|end| end.rfc3339());
    same("vp_time", expect, end)?;
    enhanced_decoded(vp, &expect["vp_enhanced"])?;
    user_data_decoded(&tpdu.user_data, expect)
}

fn enhanced_decoded(vp: Option<Validity>, expect: &Value) -> Result<(), String> {
    same("single_shot", expect, vp.map(|vp| vp.is_single_shot()))?;
    let period = vp.and_then(|vp| vp.period()).map(|period| period.as_secs());
    same("value", expect, period)?;
    let octet = match vp {
        Some(Validity::Enhanced([_, octet, ..])) => Some(octet),
        Some(Validity::Relative(_) | Validity::Absolute(_)) | None => None,
    };
    same("octet", expect, octet)
}

/// The tables come with the vector and not in its header: they are applied to the septets.
fn language_decoded(octets: &[u8], expect: &Value) -> Result<(), String> {
    let (shifts, packed, count) = language_septets(octets, expect);
    let septets = gsm7::unpack(packed, count, 0).map_err(|error| error.to_string())?;
    same("text", expect, Some(gsm7::text_in(&septets, shifts)))
}

/// The tables, the packed septets behind 14 octets of header, and how many they are.
fn language_septets<'a>(octets: &'a [u8], expect: &Value) -> (Shifts, &'a [u8], usize) {
    let language = |field: &str| {
        let id = expect[field].as_u64().unwrap();
        Language::from_id(u8::try_from(id).unwrap())
    };
    let shifts = Shifts {
        locking: language("lock"),
        single: language("single"),
    };
    (shifts, &octets[14..], usize::from(octets[13]))
}

fn deliver_decoded(octets: &[u8], expect: &Value) -> Result<(), String> {
    let Pdu { smsc, tpdu } = Pdu::<Deliver>::decode(octets).map_err(|error| error.to_string())?;
    same("smsc", expect, smsc.map(|smsc| smsc.text()))?;
    same("oa", expect, Some(tpdu.originator.text()))?;
    same("pid", expect, Some(tpdu.protocol_id))?;
    same("scts", expect, tpdu.time.map(|time| time.rfc3339()))?;
    user_data_decoded(&tpdu.user_data, expect)
}

fn report_decoded(octets: &[u8], expect: &Value) -> Result<(), String> {
    let pdu = Pdu::<StatusReport>::decode(octets).map_err(|error| error.to_string())?;
    let Pdu { smsc, tpdu } = pdu;
    same("smsc", expect, smsc.map(|smsc| smsc.text()))?;
    same("ra", expect, Some(tpdu.recipient.text()))?;
    same("mr", expect, Some(tpdu.reference))?;
    same("scts", expect, tpdu.time.map(|time| time.rfc3339()))?;
    same("dt", expect, tpdu.discharge.map(|time| time.rfc3339()))?;
    same("status", expect, Some(tpdu.status.0))
}

fn user_data_decoded(user_data: &UserData, expect: &Value) -> Result<(), String> {
    let concatenation = user_data.concatenation();
    same("text", expect, user_data.text().map(str::to_owned))?;
    same(
        "data",
        expect,
        match &user_data.body {
            Body::Octets(octets) => Some(hex::encode_upper(octets)),
            Body::Text(_) => None,
        },
    )?;
    same("multipart", expect, Some(concatenation.is_some()))?;
    let header: usize = user_data
        .header
        .iter()
        .map(|element| 2 + element.data.len())
        .sum();
    same("udhl", expect, Some(header))?;
    concatenation_decoded(concatenation, expect)
}

fn concatenation_decoded(found: Option<Concatenation>, expect: &Value) -> Result<(), String> {
    let expect = &expect["concat"];
    same("ref", expect, found.map(|found| found.reference.number()))?;
    let bits = found.map(|found| match found.reference {
        Reference::Eight(_) => 8,
        Reference::Sixteen(_) => 16,
    });
    same("bits", expect, bits)?;
    same("tot", expect, found.map(|found| found.parts))?;
    same("seq", expect, found.map(|found| found.part))
}

fn malformed_refused(vector: &Value) -> Result<(), String> {
    let Ok(octets) = hex::decode(string(vector, "pdu").as_bytes()) else {
        return Ok(());
    };
    for direction in [Direction::MobileOriginated, Direction::MobileTerminated] {
        match Pdu::<Tpdu>::decode(&octets, direction).map(|pdu| pdu.tpdu) {
            // The sources never meant one, and its two octets can be read from almost anything.
            Ok(Tpdu::SubmitReport(_) | Tpdu::DeliverReport(_)) | Err(_) => {}
            Ok(Tpdu::Submit(_) | Tpdu::Deliver(_) | Tpdu::StatusReport(_)) => {
                return Err(format!("decodes as {direction:?}"));
            }
        }
    }
    Ok(())
}

fn septets_decoded(octets: &[u8], expect: &Value) -> Result<(), String> {
    let text = expect["text"].as_str().unwrap();
    let count = gsm7::septets(text).unwrap().len();
    let septets = gsm7::unpack(octets, count, 0).map_err(|error| error.to_string())?;
    same("septets", expect, Some(hex::encode_upper(&septets)))?;
    same("text", expect, Some(gsm7::text(&septets)))
}

fn element_decoded(octets: &[u8], expect: &Value) -> Result<(), String> {
    let element = InformationElement {
        id: octets[0],
        data: octets[2..].to_vec(),
    };
    if let Some(ports) = expect["ports"].as_array() {
        let ports: Vec<_> = ports.iter().map(|port| port.as_u64().unwrap()).collect();
        let width = element.data.len() / 2;
        let kept = element.data.chunks(width).map(|port| {
            port.iter()
                .fold(0u64, |port, octet| port << 8 | u64::from(*octet))
        });
        assert_eq!(kept.collect::<Vec<_>>(), ports);
    }
    let user_data = UserData {
        header: vec![element],
        alphabet: Alphabet::Ucs2,
        body: Body::Text("x".into()),
    };
    concatenation_decoded(user_data.concatenation(), expect)
}

fn encoded(vector: &Value) -> Result<(), String> {
    let octets = octets(vector);
    let again = encoded_again(vector, &octets).map_err(|error| error.to_string())?;
    let (wanted, found) = (hex::encode_upper(&octets), hex::encode_upper(&again));
    if wanted == found {
        Ok(())
    } else {
        Err(format!("\n  wanted {wanted}\n  found  {found}"))
    }
}

fn encoded_again(vector: &Value, octets: &[u8]) -> Result<Vec<u8>, PduError> {
    let expect = &vector["expect"];
    match string(vector, "kind").as_str() {
        "SUBMIT" => Pdu::<Submit>::decode(octets)?.encode(),
        "gsm7-language" => {
            let (shifts, _, _) = language_septets(octets, expect);
            let septets = gsm7::septets_in(expect["text"].as_str().unwrap(), shifts);
            Ok([&octets[..14], &gsm7::pack(&septets.unwrap(), 0)].concat())
        }
        "DELIVER" => Pdu::<Deliver>::decode(octets)?.encode(),
        "STATUS-REPORT" => Pdu::<StatusReport>::decode(octets)?.encode(),
        "address" => Ok(address_encoded(vector)),
        "septets" => Ok(gsm7::pack(
            &gsm7::septets(expect["text"].as_str().unwrap()).unwrap(),
            0,
        )),
        "timestamp" => Ok(time(octets).unwrap().encode().to_vec()),
        "vp-relative" => {
            let minutes = expect["vp_seconds"].as_u64().unwrap() / 60;
            let validity = Validity::at_least_minutes(u32::try_from(minutes).unwrap());
            Ok(validity.field().1.to_vec())
        }
        _ => {
            let element = [&[2 + octets[1]], octets].concat();
            let pdu = [
                &[
                    0x00,
                    0x41,
                    0x00,
                    0x01,
                    0x81,
                    0xf1,
                    0,
                    8,
                    element.len() as u8,
                ],
                &*element,
            ];
            let encoded = Pdu::<Submit>::decode(&pdu.concat())?.encode()?;
            Ok(encoded[encoded.len() - octets.len()..].to_vec())
        }
    }
}

/// The address made from the expected text where that tells all, else from the octets.
fn address_encoded(vector: &Value) -> Vec<u8> {
    let number = vector["expect"]["number"].as_str().unwrap();
    let read = address(vector).unwrap();
    let type_of_number = read.type_of_number();
    let made = if type_of_number == TypeOfNumber::Alphanumeric {
        Address::alphanumeric(number).unwrap()
    } else if [TypeOfNumber::International, TypeOfNumber::Unknown].contains(&type_of_number) {
        Address::parse(number).unwrap()
    } else {
        read
    };
    let mut out = Vec::new();
    if vector["expect"]["field"] == "smsc" {
        made.encode_smsc_into(&mut out);
    } else {
        made.encode_into(&mut out);
    }
    out
}

fn address(vector: &Value) -> Result<Address, String> {
    let octets = octets(vector);
    let mut reader = Reader::new(&octets);
    let address = if vector["expect"]["field"] == "smsc" {
        Address::decode_smsc(&mut reader).map(|address| address.expect("an address"))
    } else {
        Address::decode(&mut reader, "TP-DA")
    };
    address.map_err(|error| error.to_string())
}

fn time(octets: &[u8]) -> Option<ServiceCentreTime> {
    ServiceCentreTime::decode(octets)
}

/// Compares a field, if the vector has it.
fn same<T: Into<Value>>(field: &str, expect: &Value, found: Option<T>) -> Result<(), String> {
    let Some(wanted) = expect.get(field) else {
        return Ok(());
    };
    let found = found.map_or(Value::Null, Into::into);
    if *wanted == found {
        Ok(())
    } else {
        Err(format!("{field}: wanted {wanted}, found {found}"))
    }
}

fn vectors() -> Vec<Value> {
    let file: Value = serde_json::from_str(include_str!("../../tests-data/pdu.json")).unwrap();
    file["vectors"].as_array().unwrap().clone()
}

fn octets(vector: &Value) -> Vec<u8> {
    hex::decode(string(vector, "pdu").as_bytes()).unwrap()
}

fn string(vector: &Value, field: &str) -> String {
    vector[field].as_str().unwrap().to_owned()
}

/// Encoding what was decoded gives other octets, with the reason.
#[rustfmt::skip]
const NOT_ENCODED: &[(&str, &str)] = &[
    ("babca/python-gsmmodem#TestSmsPdu.test_decode.7", CUT),
    ("linux-mobile-broadband/ModemManager#test_pdu_multipart", FILL),
    ("linux-mobile-broadband/ModemManager#test_pdu_multipart~1", FILL),
    ("babca/python-gsmmodem#TestSmsPdu.test_decode.5", FILL),
    ("xlab/at#pduSubmitGsm7_EnhancedTpVp2", CARRIAGE_RETURN),
    ("xlab/at#7bit/AAAAAAAAAAAAAAB_", CARRIAGE_RETURN),
    ("xlab/at#7bit/AAAAAAAAAAAAAAB", CARRIAGE_RETURN),
    ("xlab/at#7bit/height_of_eifel", CARRIAGE_RETURN),
];

const CUT: &str = "TP-UDL says more octets than follow, and more than fit";
const FILL: &str = "the source's fill bits are not zero";
const CARRIAGE_RETURN: &str = "padding with a carriage return is for USSD and cell broadcast only";
