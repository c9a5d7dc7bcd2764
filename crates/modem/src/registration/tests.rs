//! The zoo of registration lines, and which states may send.

use super::*;

fn check(line: &str, expected: Option<u8>) {
    assert_eq!(stat(line.as_bytes(), "+CREG:"), expected, "{line}");
}

#[test]
fn registration_lines_in_all_spellings() {
    check("+CREG: 1", Some(1));
    check("+CREG:5", Some(5));
    check("+CREG: 0,1", Some(1));
    check("+CREG: 000,001", Some(1));
    check("+CREG: 2,", Some(2));
    check("+CREG: 2,,", Some(2));
    check("+CREG: 1,1,84CD,00D30173", Some(1));
    check("+CREG: 2,0,00,0", Some(0));
    check("+CREG:002,001,\"18d8\",\"ffff\"", Some(1));
    check("+CREG: 2,5,\"0502\",\"0404736D\"", Some(5));
    check("+CREG: 2,6,\"8B37\",\"0A265185\",7", Some(6));
    check("+CREG: 2,1,000B,2816, B, C2816", Some(1));
    check("+CREG: 2,1,  0 5, 2715", Some(1));
    check("+CREG: 1,\"00C3\",\"0134F5A7\",7", Some(1));
    check("+CREG: 5,000B,2816", Some(5));
    check("+CREG: 4294967297", None);
    check("+CREG: 999", None);
    check("+CREG:", None);
    check("+CREG: x", None);
    check("+CGREG: 1", None);
}

fn allowed(circuit: Option<u8>, eps: Option<u8>, sms_over_ims: bool) -> bool {
    let lte_alone = if sms_over_ims {
        LteAlone::Send
    } else {
        LteAlone::Refuse
    };
    let registration = Registration {
        circuit,
        eps,
        ..Registration::default()
    };
    registration.check(lte_alone).is_ok()
}

#[test]
fn only_states_that_take_sms_may_send() {
    for stat in 0..=20 {
        let expected = [1, 5, 6, 7, 9, 10].contains(&stat);
        assert_eq!(allowed(Some(stat), None, false), expected, "{stat}");
        assert_eq!(
            allowed(None, Some(stat), false),
            expected,
            "LTE only: {stat}"
        );
    }
    assert!(!allowed(None, None, true));
    assert!(!allowed(Some(0), Some(1), false));
    assert!(allowed(Some(0), Some(1), true));
    assert!(!allowed(Some(2), Some(2), true));
}
