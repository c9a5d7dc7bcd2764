//! Headers and PDUs in the spellings of modems.

use proptest::prelude::*;

use super::*;

const REPORT: &str = "07919471060040F006400D91945111325476F8521170610340405211706153104000";
const DELIVER: &str = "07919471060040F0040D91945111325476F800005211706103404005E8329BFD06";

/// What a header and the lines after it give: a letter for each line.
fn check(header: &str, lines: &[&str], expected: &str) {
    let mut inbound = Inbound::default();
    if let Some(header) = Header::parse(header.as_bytes()) {
        inbound.expect(header);
    }
    let found: String = lines
        .iter()
        .map(|line| {
            match inbound
                .take(line.as_bytes())
                .map(|incoming| incoming.content)
            {
                None => '-',
                Some(Content::Unwanted) => 'u',
                Some(Content::Garbage) => 'g',
                Some(Content::Event(event)) if matches!(*event, Event::Report(_)) => 'r',
                Some(Content::Event(_)) => 'm',
            }
        })
        .collect();
    assert_eq!(found, expected, "{header} {lines:?}");
}

#[test]
fn a_pdu_follows_its_header() {
    check("+CDS: 26", &[REPORT, REPORT], "r-");
    check("+CDS: ,26", &[REPORT], "r");
    check("+CDS:26", &[&REPORT.to_lowercase()], "r");
    check("+CMT: ,25", &[DELIVER], "m");
    check("+CMT: \"a,b\",25", &[DELIVER], "m");
    check("+CMGR: 1,,25", &[DELIVER], "m");
    check("+CMGL: 3,0,\"\",26", &[REPORT], "r");
    check("+CBM: 25", &[DELIVER], "u");
}

#[test]
fn the_service_centre_may_be_missing() {
    check("+CDS: 26", &[&REPORT[16..]], "r");
    check("+CMT: ,25", &[&DELIVER[16..]], "m");
    // Q51: Wavecom's broken record.
    check("+CDS: 5", &["000000FF00"], "g");
}

#[test]
fn own_messages_in_the_store_are_unwanted() {
    check("+CMGL: 3,2,,25", &[DELIVER], "u");
    check("+CMGL: 3,3,,25", &[DELIVER], "u");
    check("+CMGR: 2,,25", &[DELIVER], "u");
}

#[test]
fn other_lines_may_come_between() {
    check("+CDS: 26", &["+CREG: 1", "^RSSI:2", REPORT], "--r");
    check("+CDS: 26", &["a", "b", "c", "d", REPORT], "-----");
    // Too short: the digits of another answer.
    check("+CDS: 26", &["89490200000123456789", REPORT], "-r");
}

#[test]
fn headers_without_pdu_announce_nothing() {
    check("+CMGR: 0,,0", &[DELIVER], "-");
    check("+CDS: 6,64,\"+49\",145,\"1\",\"2\",0", &[REPORT], "-");
    check("+CDS: x", &[REPORT], "-");
    check("+CMGL: 99999999,1,,25", &[DELIVER], "-");
    check("+CDSI: \"SR\",1", &[REPORT], "-");
}

proptest! {
    #[test]
    fn any_header_and_line_are_read_without_panic(header in "[+]C(DS|MT|MGL|MGR|BM):[ -~]{0,20}", line in "[0-9A-F]{0,60}") {
        let mut inbound = Inbound::default();
        if let Some(header) = Header::parse(header.as_bytes()) {
            inbound.expect(header);
        }
        let _ = inbound.take(line.as_bytes());
    }
}
