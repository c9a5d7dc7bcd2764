//! What the fuzz targets do with their input; `tests/corpus.rs` does the same with the seeds.
#![allow(dead_code, reason = "each target uses its own")]

use sms::{
    Address, Body, Direction, EncodingChoice, Language, Parameters, Ports, Reference, Replaced,
    Shifts, Submit, Tpdu, Transliteration, explain, hex, measure, measure_data, outside_gsm7,
    segment_data, segment_with, split_smsc, transliterate,
};

/// Any octets decode or fail; what decodes has octets that decode to the same.
pub(crate) fn pdu(octets: &[u8]) {
    let _ = hex::decode(octets);
    assert_eq!(
        hex::decode(hex::encode_upper(octets).as_bytes()).as_deref(),
        Ok(octets)
    );
    let behind_smsc = split_smsc(octets).map(|(_, tpdu)| tpdu).unwrap_or_default();
    for tpdu in [octets, behind_smsc] {
        for direction in [Direction::MobileOriginated, Direction::MobileTerminated] {
            again(tpdu, direction);
        }
    }
}

fn again(octets: &[u8], direction: Direction) {
    let Ok(decoded) = Tpdu::decode(octets, direction) else {
        return;
    };
    if let Tpdu::StatusReport(report) = &decoded {
        let _ = Parameters::from_octets(&report.optional, report.optional_header);
        if report.optional.len() > 135 {
            return;
        }
    }
    let encoded = decoded.encode().expect("what was read can be written");
    assert!(encoded.len() <= 164);
    assert_eq!(Tpdu::decode(&encoded, direction), Ok(decoded));
}

/// The first two octets choose an encoding and a reference; the rest is a text, which its parts must make up again. One
/// choice is 8-bit data, with ports or without.
pub(crate) fn text(octets: &[u8]) {
    let Some(([choice, languages], text)) = octets.split_first_chunk() else {
        return;
    };
    if choice & 0x7f == DATA {
        return data(text, *languages);
    }
    let text = String::from_utf8_lossy(text);
    let reference = match choice & 0x80 {
        0 => Reference::Eight(7),
        _ => Reference::Sixteen(0x1234),
    };
    let choice = choice_of(choice & 0x7f, *languages);
    let _ = (
        outside_gsm7(&text),
        Address::parse(&text),
        Address::alphanumeric(&text),
    );
    plain(&text);
    let explained = explain(&text, choice);
    assert_eq!(
        explained.as_ref().map(|explained| explained.measure),
        measure(&text, choice).as_ref().copied()
    );
    never_dearer(&text, choice);
    let Ok(parts) = segment_with(&text, choice, reference) else {
        return;
    };
    if let (Reference::Eight(_), Ok(explained)) = (reference, explained) {
        assert_eq!(usize::from(explained.measure.parts), parts.len());
        assert!(explained.units_left < explained.units_per_part);
    }
    let joined: String = parts.iter().filter_map(|part| part.text()).collect();
    assert_eq!(joined, text);
    let to = Address::parse("+4915112345678").expect("a number");
    for part in parts {
        let submit = Submit::new(to.clone(), part);
        let encoded = submit.encode().expect("a part fits");
        assert_eq!(Submit::decode(&encoded), Ok(submit));
    }
}

/// What is chosen among national tables costs no more than any of them.
fn never_dearer(text: &str, choice: EncodingChoice) {
    let EncodingChoice::AutoNational(languages) = choice else {
        return;
    };
    let Ok(chosen) = measure(text, choice) else {
        return;
    };
    let shifts = languages.iter().flat_map(|language| {
        let (locking, single) = (Some(language), Some(language));
        [(None, single), (locking, None), (locking, single)]
    });
    for (locking, single) in shifts {
        let other = EncodingChoice::National(Shifts { locking, single });
        if let Ok(other) = measure(text, other) {
            assert!((chosen.parts, chosen.octets) <= (other.parts, other.octets));
        }
    }
}

/// The parts make up the data again, each behind the ports, and are as many as was said before.
fn data(data: &[u8], ports: u8) {
    let ports = (ports > 0).then_some(Ports {
        destination: u16::from(ports) << 8,
        source: u16::from(ports),
    });
    let measured = measure_data(data.len(), ports);
    let segmented = segment_data(data, ports, ports.map_or(0, |ports| ports.source as u8));
    let (measured, parts) = match (measured, segmented) {
        (Ok(measured), Ok(parts)) => (measured, parts),
        (measured, segmented) => {
            return assert_eq!(measured.err(), segmented.err());
        }
    };
    assert_eq!(usize::from(measured.parts), parts.len());
    assert!(measured.octets_left < measured.octets_per_part);
    let to = Address::parse("+4915112345678").expect("a number");
    let mut joined = Vec::new();
    for (number, part) in (1..).zip(parts) {
        assert_eq!(part.ports(), ports);
        let place = part.concatenation().map(|place| (place.part, place.parts));
        let expected = (measured.parts > 1).then_some((number, measured.parts));
        assert_eq!(place, expected);
        let submit = Submit::new(to.clone(), part);
        let encoded = submit.encode().expect("a part fits");
        assert_eq!(Submit::decode(&encoded).as_ref(), Ok(&submit));
        match submit.user_data.body {
            Body::Octets(octets) => joined.extend(octets),
            Body::Text(_) => panic!("data became a text"),
        }
    }
    assert_eq!(joined, data);
}

/// What is transliterated stays so, and no character of GSM 7-bit is replaced.
fn plain(text: &str) {
    for how in Transliteration::ALL {
        let once = transliterate(text, how);
        let twice = transliterate(&once.text, how);
        assert_eq!((&once.text, 0), (&twice.text, twice.replaced.len()));
        let forced =
            |replaced: &Replaced| outside_gsm7(replaced.ch.encode_utf8(&mut [0; 4])).is_some();
        assert!(once.replaced.iter().all(forced));
    }
}

fn choice_of(octet: u8, languages: u8) -> EncodingChoice {
    let [high, low] = [languages >> 4, languages & 0x0f].map(Language::from_id);
    match octet {
        0..=31 => EncodingChoice::Auto,
        32..=62 => EncodingChoice::AutoNational([high, low].into_iter().flatten().collect()),
        63 => EncodingChoice::AutoNational(Language::ALL.into_iter().collect()),
        64 => EncodingChoice::Gsm7,
        65 => EncodingChoice::Ucs2,
        _ => EncodingChoice::National(Shifts {
            locking: high,
            single: low,
        }),
    }
}

/// The choice that is 8-bit data.
const DATA: u8 = 127;
