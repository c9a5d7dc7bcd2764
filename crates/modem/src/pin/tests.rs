//! Counters as modems word them, the rules of tries, and that a PIN is not shown.

use super::{COUNTERS, Pin, PinAnswer, PinScope, tries_left};
use crate::{Iccid, fields};

#[test]
fn counters_are_read_as_modems_word_them() {
    for (line, tries) in [
        ("+CPINR: SIM PIN,3,3", Some(3)),
        ("+CPINR: SIM PIN,0,3", Some(0)),
        ("+CPINR: SIM PUK,10,10", None),
        ("+CPINR: SIM PIN2,3,3", None),
        ("+QPINC: \"SC\",2,10", Some(2)),
        ("+QPINC: \"P2\",3,10", None),
        ("+SPIC: 3,10,3,10", Some(3)),
        ("^CPIN: SIM PIN,3,10,3,10,3", Some(3)),
        ("^CPIN: READY,,10,3,10,3", None),
        ("#PCT: 1", Some(1)),
        ("+UPINCNT: 3,3,10,10", Some(3)),
        ("+ZPINPUK: 3,10", Some(3)),
        ("+SPIC: 99,10", None),
        ("+SPIC: ", None),
        ("+SPIC: x", None),
    ] {
        let names = COUNTERS.iter().flat_map(|query| query.names);
        let text = names
            .clone()
            .find_map(|name| fields::rest(line.as_bytes(), name));
        assert_eq!(text.and_then(tries_left), tries, "{line}");
    }
}

#[test]
fn the_last_try_is_never_used() {
    for (scope, tries, may) in [
        (PinScope::Sim, 0, false),
        (PinScope::Sim, 1, false),
        (PinScope::Sim, 2, true),
        (PinScope::Sim, 3, true),
        (PinScope::Line, 1, false),
        (PinScope::Line, 2, false),
        (PinScope::Line, 3, true),
    ] {
        assert_eq!(scope.allows(tries).is_ok(), may, "{scope:?} {tries}");
    }
}

#[test]
fn a_pin_is_digits_and_is_not_shown() {
    for (text, fits) in [
        ("1234", true),
        ("12345678", true),
        ("123", false),
        ("123456789", false),
        ("12a4", false),
        ("12 4", false),
        ("١٢٣٤", false),
    ] {
        assert_eq!(Pin::parse(text).is_some(), fits, "{text}");
    }
    let pin = Pin::parse("9137").unwrap();
    assert!(!format!("{:?}", PinAnswer::Give(pin)).contains("9137"));
}

#[test]
fn fingerprints_tell_pins_and_sims_apart() {
    let (one, other) = (Iccid("89490001".into()), Iccid("89490002".into()));
    let print = |pin: &str, sim: &Iccid| Pin::parse(pin).unwrap().fingerprint(sim);
    assert_eq!(print("1234", &one), print("1234", &one));
    assert_ne!(print("1234", &one), print("1235", &one));
    assert_ne!(print("1234", &one), print("1234", &other));
    assert_ne!(
        print("12345", &one),
        print("1234", &Iccid("894900015".into()))
    );
}
