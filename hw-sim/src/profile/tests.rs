//! Profiles as data: what is built in, what is refused, and that every quirk of the catalogue is accounted for.

use super::*;

#[test]
fn every_quirk_has_a_flag_or_a_reason() {
    for number in 1..=100_u8 {
        let flag = Quirk::ALL.iter().find(|quirk| **quirk as u8 == number);
        let elsewhere = ELSEWHERE.iter().find(|(known, ..)| *known == number);
        match (flag, elsewhere) {
            (Some(flag), None) => {
                assert_eq!(Quirk::of(&format!("Q{number:02}")), Some(*flag));
                assert_eq!(Quirk::of(flag.name()), Some(*flag));
            }
            (None, Some((_, name, why))) => {
                assert!(!name.is_empty() && why.len() > 10, "Q{number:02}")
            }
            (_, _) => panic!("Q{number:02} has a flag and a reason, or neither"),
        }
    }
    assert_eq!(Quirk::ALL.len() + ELSEWHERE.len(), 100);
}

#[test]
fn built_in_profiles_are_valid() {
    for name in ModemProfile::names() {
        let profile = ModemProfile::load(name).unwrap_or_else(|error| panic!("{error}"));
        assert!(
            !profile.manufacturer.is_empty() && !profile.model.is_empty(),
            "{name}"
        );
    }
    let generic = ModemProfile::load("generic").unwrap();
    assert_eq!(*generic, ModemProfile::default());
    assert_eq!(generic.quirks().count(), 0);
}

#[test]
fn bad_profiles_are_refused_with_the_place() {
    let check = |text: &str, says: &str| {
        let error = ModemProfile::parse(text, Path::new("x.toml"))
            .unwrap_err()
            .to_string();
        assert!(
            error.starts_with("x.toml:") && error.contains(says),
            "{error}"
        );
    };
    check("modle = \"x\"", "x.toml:1: unknown field `modle`");
    check("\nsms_ready = 5", "x.toml:2:");
    check("sms_ready = \"soon\"", "is not a duration");
    check("technology = 99", "0 (GSM) to 13 is allowed");
    check("capacities = [0, 1, 1]", "from 1 to 500");
    check("memory = \"XX\"", "SM or ME is allowed");
    check("cnmi = [[9], [0], [0], [0], [0]]", "mode 0 to 3");
    check("charsets = []", "at least one of");
    check("charsets = [\"EBCDIC\"]", "unknown variant");
    check(
        "[quirks]\nprompt_nospaces = 1",
        "unknown quirk prompt_nospaces; allowed are prompt_nospace,",
    );
    check("[quirks]\nQ75 = 1.0", "is not a modem's: pseudo-terminals");
    check("[quirks]\nQ01 = 2.0", "0 to 1 is allowed");
    let unknown = ModemProfile::load("nokia").unwrap_err().to_string();
    assert!(unknown.contains("built in are generic, a7670"), "{unknown}");
}
