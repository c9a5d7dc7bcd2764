//! Final results in all their spellings.

use proptest::prelude::*;

use super::*;

fn check(line: &str, expected: Option<Final>) {
    assert_eq!(Final::parse(line.as_bytes()), expected, "{line}");
}

#[test]
fn finals_match_whole_lines() {
    check("OK", Some(Final::Ok));
    check("OK ", Some(Final::Ok));
    check("ERROR", Some(Final::Error));
    check("COMMAND NOT SUPPORT", Some(Final::Error));
    check("TOO MANY PARAMETERS", Some(Final::Error));
    check("+EXT ERROR: 3", Some(Final::Error));
    check("MODEM ERROR: 7", Some(Final::Error));
    check("NA", Some(Final::Error));
    check("OKAY", None);
    check("NO ERROR", None);
    check("NO CARRIER", None);
    check("CONNECT 115200", None);
    check("BUSY", None);
    check("+CMGS: 12", None);
}

#[test]
fn codes_come_as_numbers_hex_and_words() {
    check("+CMS ERROR: 38", Some(Final::Cms(38)));
    check("+CMS ERROR:38", Some(Final::Cms(38)));
    check("+CMS ERROR: 0x26", Some(Final::Cms(38)));
    check("+CMS ERROR: network out of order", Some(Final::Cms(38)));
    check("+CMS ERROR: Network timeout", Some(Final::Cms(332)));
    check("+CMS ERROR: SIM not inserted", Some(Final::Cms(310)));
    check("+CMS ERROR: Unknown error", Some(Final::Cms(500)));
    check("+CMS ERROR: something new", Some(Final::Cms(500)));
    check("+CMS ERROR: 99999", Some(Final::Cms(500)));
    check("+CMS ERROR: 99999999999999", Some(Final::Cms(500)));
    check("+CMS ERROR: ?", Some(Final::Cms(500)));
    check("+CMS ERROR:", None);
    check("+CME ERROR: 0", Some(Final::Cme(0)));
    check("+CME ERROR: 3517", Some(Final::Cme(3517)));
    check("+CME ERROR: operation not allowed", Some(Final::Cme(3)));
    check("+CME ERROR: sim busy", Some(Final::Cme(14)));
}

#[test]
fn glued_lines_are_split() {
    assert_eq!(
        split_glued(b"ERROR+CNUM: ,1"),
        Some((&b"ERROR"[..], &b"+CNUM: ,1"[..]))
    );
    assert_eq!(
        split_glued(b"OK^RSSI:12"),
        Some((&b"OK"[..], &b"^RSSI:12"[..]))
    );
    assert_eq!(split_glued(b"OK"), None);
    assert_eq!(split_glued(b"OKAY+"), None);
}

proptest! {
    #[test]
    fn any_line_is_read_without_panic(line in "[ -~]{0,80}", code in "[!-~]{1,30}") {
        let _ = Final::parse(line.as_bytes());
        let error = format!("+CMS ERROR:{code}");
        prop_assert!(matches!(Final::parse(error.as_bytes()), Some(Final::Cms(_))));
    }
}
