//! Why a text takes its parts, and what transliteration makes of it.

use crate::*;

#[test]
fn a_text_is_explained() {
    /// Of a text: parts, encoding, units per part, units left, doubled, outside, parts without what forces.
    #[track_caller]
    fn check(text: &str, expected: (u8, &str, u32, u32, u32, u32, usize)) {
        let found = explain(text, EncodingChoice::Auto).unwrap();
        let Measure {
            parts, encoding, ..
        } = found.measure;
        let row = (
            parts,
            encoding.as_str(),
            found.units_per_part,
            found.units_left,
            found.doubled,
            found.outside,
            found.parts_without,
        );
        assert_eq!(row, expected, "{text}");
    }
    check("hello", (1, "gsm7", 160, 155, 0, 0, 1));
    check(&"a".repeat(160), (1, "gsm7", 160, 0, 0, 0, 1));
    check(&"a".repeat(161), (2, "gsm7", 153, 145, 0, 0, 2));
    check("5 €", (1, "gsm7", 160, 156, 1, 0, 1));
    check("It’s", (1, "ucs2", 70, 66, 0, 1, 1));
    check(
        &("’".to_owned() + &"a".repeat(159)),
        (3, "ucs2", 67, 41, 0, 1, 1),
    );
    check("👍👍", (1, "ucs2", 70, 66, 2, 2, 1));
    // The last character of the first part is kept whole, so the second has one unit less to spare.
    check(
        &("ж".repeat(66) + "e\u{301}" + &"ж".repeat(20)),
        (2, "ucs2", 67, 45, 0, 87, 1),
    );
}

#[test]
fn forcing_characters_are_named_once() {
    let found = explain("a“b” c’d’e – “", EncodingChoice::Auto).unwrap();
    let named: Vec<_> = found
        .forcing
        .iter()
        .map(|forcing| (forcing.ch, forcing.position, forcing.count))
        .collect();
    assert_eq!(named, [('“', 1, 2), ('”', 3, 1), ('’', 6, 2), ('–', 11, 1)]);
    assert_eq!(found.outside, 6);
    let many: String = ('а'..='я').collect();
    let found = explain(&many, EncodingChoice::Auto).unwrap();
    assert_eq!((found.forcing.len(), found.outside), (FORCING_MAX, 32));
    assert!(!format!("{found:?}").contains('а'), "a text is private");
}

#[test]
fn what_cannot_be_sent_is_not_explained() {
    let error = |text: &str, choice| explain(text, choice).unwrap_err();
    assert_eq!(error("", EncodingChoice::Auto), SegmentError::Empty);
    let unencodable = SegmentError::Unencodable {
        ch: 'ж',
        position: 1,
    };
    assert_eq!(error("aж", EncodingChoice::Gsm7), unencodable);
}

#[test]
fn what_is_transliterated_is_told() {
    #[track_caller]
    fn check(text: &str, how: Transliteration, expected: &str, replaced: &[(char, &str, u32)]) {
        let found = transliterate(text, how);
        assert_eq!(found.text, expected);
        let told: Vec<_> = found
            .replaced
            .iter()
            .map(|of| (of.ch, of.by, of.count))
            .collect();
        assert_eq!(told, replaced);
    }
    use Transliteration::{Letters, Punctuation};
    check("naïve é", Punctuation, "naïve é", &[]);
    check("naïve é", Letters, "naive é", &[('ï', "i", 1)]);
    check(
        "“It’s” – it’s…\u{a0}ş",
        Punctuation,
        "\"It's\" - it's... ş",
        &[
            ('“', "\"", 1),
            ('’', "'", 2),
            ('”', "\"", 1),
            ('–', "-", 1),
            ('…', "...", 1),
            ('\u{a0}', " ", 1),
        ],
    );
    check(
        "Łódź",
        Letters,
        "Lodz",
        &[('Ł', "L", 1), ('ó', "o", 1), ('ź', "z", 1)],
    );
    check("Œuvre", Letters, "OEuvre", &[('Œ', "OE", 1)]);
    check("e\u{301}", Letters, "e", &[('\u{301}', "", 1)]);
    // Another script stays another script, and what GSM 7-bit has stays too.
    check("Привет Ω Ä €", Letters, "Привет Ω Ä €", &[]);
}

#[test]
fn the_table_has_each_character_once_and_only_plain_replacements() {
    let mut seen = std::collections::BTreeSet::new();
    for (chars, by) in transliteration::rows() {
        assert!(gsm7::septets(by).is_some(), "{by}");
        for ch in chars.chars() {
            assert!(gsm7::septets(&ch.to_string()).is_none(), "{ch} needs none");
            assert!(seen.insert(ch), "{ch} is there twice");
        }
    }
    assert!(seen.len() > 200);
}
