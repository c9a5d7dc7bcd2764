//! Identities in the spellings of modems.

use super::*;
use crate::fields::fields;

fn check(text: &str, expected: Option<&str>) {
    assert_eq!(
        iccid(text).map(|iccid| iccid.0.to_string()),
        expected.map(String::from),
        "{text}"
    );
}

#[test]
fn iccids_have_18_to_20_digits() {
    check("8949020000012345678", Some("8949020000012345678"));
    check("\"89490200000123456789\"", Some("89490200000123456789"));
    check("8949020000012345678F", Some("8949020000012345678"));
    check("894902000001234567FF", Some("894902000001234567"));
    check("89490200000123456", None);
    check("894902000001234567890", None);
    check("89490200000123456A8", None);
    check("", None);
}

#[test]
fn iccids_come_out_of_the_record_swapped_or_not() {
    let check = |line: &str, expected: Option<&str>| {
        let found = iccid_of_record(fields(line.as_bytes(), "").unwrap());
        assert_eq!(
            found.map(|iccid| iccid.0.to_string()),
            expected.map(String::from),
            "{line}"
        );
    };
    check(
        "144,0,\"98942000001032547698\"",
        Some("89490200000123456789"),
    );
    check("144,0,989420000010325476F8", Some("8949020000012345678"));
    check(
        "144,0,\"89490200000123456789\"",
        Some("89490200000123456789"),
    );
    check("148,4,\"89490200000123456789\"", None);
    check("144,0,\"FFFFFFFFFFFFFFFFFFFF\"", None);
    check("144,0,\"123\"", None);
}

#[test]
fn imsi_and_imei_are_digits() {
    assert_eq!(imsi("262011234567890"), Some("262011234567890"));
    assert_eq!(imsi("\"26201123456789\""), Some("26201123456789"));
    assert_eq!(imsi("2620112345678901"), None);
    assert_eq!(imei("\"867322040012345\""), Some("867322040012345"));
    assert_eq!(imei("none"), None);
}
