//! Every encoding, the national tables alone and together, at every length around the ends of parts: what goes on the
//! air comes back as it was.

use crate::*;

#[test]
fn every_encoding_survives_at_every_length() {
    for encoding in encodings() {
        let chars = characters(encoding);
        assert!(chars.len() >= 2, "{encoding:?} has an alphabet");
        for length in lengths(encoding) {
            // Begins elsewhere each time, so that pairs and single units meet every place at which a part may end.
            let text: String = chars.iter().cycle().skip(length).take(length).collect();
            check(&text, encoding);
        }
    }
}

#[test]
fn every_character_survives_alone_and_as_filling() {
    for encoding in encodings() {
        for ch in characters(encoding) {
            check(&ch.to_string(), encoding);
            check(&String::from_iter([ch; 161]), encoding);
        }
    }
}

#[test]
fn the_choice_is_never_dearer_than_any_encoding_allowed() {
    let all: Languages = Language::ALL.into_iter().collect();
    for encoding in encodings() {
        let chars = characters(encoding);
        for length in [1, 69, 71, 140, 153, 161, 310] {
            let text: String = chars.iter().cycle().take(length).collect();
            let cheapest = measure(&text, EncodingChoice::AutoNational(all)).unwrap();
            for other in encodings() {
                let Ok(other) = measure(&text, other.into()) else {
                    continue;
                };
                let cost = |measure: &Measure| (measure.parts, measure.octets);
                assert!(cost(&cheapest) <= cost(&other), "{cheapest:?} {other:?}");
            }
            let none = measure(&text, EncodingChoice::AutoNational(Languages::NONE));
            assert_eq!(none, measure(&text, EncodingChoice::Auto));
        }
    }
}

#[test]
fn what_two_encodings_have_goes_in_the_cheapest_that_has_both() {
    let all: Languages = Language::ALL.into_iter().collect();
    let encodings = encodings();
    for (number, one) in encodings.iter().enumerate() {
        for (offset, other) in encodings.iter().enumerate() {
            let (ones, others) = (characters(*one), characters(*other));
            let others = others.iter().cycle().skip(number * 7);
            let mixed = ones.iter().cycle().skip(offset * 5).zip(others);
            // From all of one to all of the other, in one part or two.
            let period = 2 + (number + offset) % 9;
            let chars = mixed.enumerate().map(
                |(at, (one, other))| {
                    if at % period == 0 { *one } else { *other }
                },
            );
            let text: String = chars.take(20 + number * 4).collect();
            let cost = |measure: Measure| (measure.parts, measure.octets);
            let costs = encodings.iter().filter_map(|encoding| {
                let measure = measure(&text, (*encoding).into());
                measure.ok().map(cost)
            });
            let chosen = measure(&text, EncodingChoice::AutoNational(all)).unwrap();
            assert_eq!(Some(cost(chosen)), costs.min(), "{one:?} {other:?}");
            assert_eq!(measure(&text, chosen.encoding.into()), Ok(chosen));
        }
    }
}

#[test]
fn only_languages_allowed_are_used() {
    for allowed in Language::ALL {
        let only: Languages = [allowed].into_iter().collect();
        for encoding in encodings() {
            let text: String = characters(encoding).iter().cycle().take(150).collect();
            let chosen = measure(&text, EncodingChoice::AutoNational(only)).unwrap();
            let shifts = chosen.encoding.shifts();
            let used = [shifts.locking, shifts.single].into_iter().flatten();
            assert!(used.into_iter().all(|language| language == allowed));
        }
    }
}

/// The default ones, and each language's tables alone and together.
fn encodings() -> Vec<Encoding> {
    let national = Language::ALL.into_iter().flat_map(|language| {
        let locking = Some(language).filter(|language| language.has_locking());
        let single = Some(language);
        [(None, single), (locking, None), (locking, single)]
    });
    let national = national
        .map(|(locking, single)| Shifts { locking, single })
        .filter(|shifts| !shifts.is_default())
        .map(Encoding::National);
    [Encoding::Gsm7, Encoding::Ucs2]
        .into_iter()
        .chain(national)
        .collect()
}

/// What an encoding has, as its septets show it; of UCS-2 a choice.
fn characters(encoding: Encoding) -> Vec<char> {
    if encoding == Encoding::Ucs2 {
        return "aЖ😀ç€नe\u{301}👍\u{1f3fd}\r\n\u{ffff}".chars().collect();
    }
    let shifts = encoding.shifts();
    let of = |septets: &[u8]| gsm7::text_in(septets, shifts).chars().next().unwrap();
    let mut chars: Vec<char> = (0..128)
        .filter(|code| *code != 0x1b)
        .flat_map(|code| [of(&[code]), of(&[0x1b, code])])
        .collect();
    chars.sort_unstable();
    chars.dedup();
    chars
}

/// Every length of one part and a half, and those around the end of the second.
fn lengths(encoding: Encoding) -> impl Iterator<Item = usize> {
    match encoding {
        Encoding::Gsm7 | Encoding::National(_) => (1..=172).chain(290..=308),
        Encoding::Ucs2 => (1..=75).chain(130..=140),
    }
}

#[track_caller]
fn check(text: &str, encoding: Encoding) {
    let parts = segment(text, encoding.into(), 7).unwrap();
    let explained = explain(text, encoding.into()).unwrap();
    assert_eq!(usize::from(explained.measure.parts), parts.len());
    let mut joined = String::new();
    for part in parts {
        let submit = Submit::new(Address::parse("+4915112345678").unwrap(), part);
        let octets = submit.encode().unwrap();
        let again = Submit::decode(&octets).unwrap();
        assert_eq!(again, submit);
        assert_eq!(again.user_data.shifts(), encoding.shifts());
        joined += again.user_data.text().unwrap();
    }
    assert_eq!(joined, text, "{encoding:?}");
}
