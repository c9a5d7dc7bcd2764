//! Masking: what is shown, what never is, wherever the lines break.

use super::Direction::{FromModem, ToModem};
use super::{Masker, visible, without_pins};

fn from_modem(bytes: &[u8]) -> String {
    Masker::default().mask(FromModem, bytes)
}

#[test]
fn what_says_nothing_of_anybody_is_shown() {
    for (line, shown) in [
        ("\r\nOK\r\n", "\\r\\nOK\\r\\n"),
        ("\r\n> ", "\\r\\n> "),
        ("+CSQ: 17,99\r\n", "+CSQ: 17,99\\r\\n"),
        ("+CMGS: 64\r\n", "+CMGS: 64\\r\\n"),
        ("+CMS ERROR: 500\r\n", "+CMS ERROR: 500\\r\\n"),
        ("+CME ERROR: 10\r\n", "+CME ERROR: 10\\r\\n"),
        ("+CPIN: READY\r\n", "+CPIN: READY\\r\\n"),
        ("+COPS: 0,2,\"26202\",7\r\n", "+COPS: 0,2,\"26202\",7\\r\\n"),
        (
            "+CREG: 2,1,\"00C3\",\"0134F5A7\"\r\n",
            "+CREG: 2,1,\"00C3\",\"0134F5A7\"\\r\\n",
        ),
        ("+CPMS: \"SM\",3,20\r\n", "+CPMS: \"SM\",3,20\\r\\n"),
        ("+CMTI: \"SM\",3\r\n", "+CMTI: \"SM\",3\\r\\n"),
        ("+CDS: 26\r\n", "+CDS: 26\\r\\n"),
        ("RDY\r\n", "RDY\\r\\n"),
        ("\r\n", "\\r\\n"),
        ("\x07", "\\x07"),
    ] {
        assert_eq!(from_modem(line.as_bytes()), shown);
    }
    for (line, shown) in [
        ("AT+CMGS=20\r", "AT+CMGS=20\\r"),
        ("AT+CNMI=2,1,0,1,0\r", "AT+CNMI=2,1,0,1,0\\r"),
        (
            "AT+CPMS=\"SM\",\"SM\",\"SM\"\r",
            "AT+CPMS=\"SM\",\"SM\",\"SM\"\\r",
        ),
        ("AT+CUSD=2\r", "AT+CUSD=2\\r"),
        ("\u{1B}\r", "^[\\r"),
    ] {
        assert_eq!(Masker::default().mask(ToModem, line.as_bytes()), shown);
    }
}

#[test]
fn numbers_keep_their_beginning() {
    for (line, shown) in [
        (
            "+CSCA: \"+491710760000\",145\r\n",
            "+CSCA: \"+49171*******\",145\\r\\n",
        ),
        ("262020123456789\r\n", "26202**********\\r\\n"),
        (
            "+CCID: 8949020000012345678\r\n",
            "+CCID: 89490**************\\r\\n",
        ),
        (
            "+CCID: 8949020000012345678F\r\n",
            "+CCID: 89490***************\\r\\n",
        ),
        ("867322040012345\r\n", "86732**********\\r\\n"),
        ("+CLIP: 4915112,129\r\n", "+CLIP: 491****,129\\r\\n"),
    ] {
        assert_eq!(from_modem(line.as_bytes()), shown);
    }
}

#[test]
fn pdus_and_texts_keep_their_length() {
    let pdu = b"0031000D91945111325476F80000A705E8329BFD06\x1A";
    assert_eq!(Masker::default().mask(ToModem, pdu), "‹42 hex digits›^Z");
    let pdu = b"07919471060040F006400D91945111325476F8521170610340405211706153104000\r\n";
    assert_eq!(from_modem(pdu), "‹68 hex digits›\\r\\n");
    for (line, shown) in [
        ("Your code is 123456\r\n", "‹19 characters›\\r\\n"),
        ("hello\r\n", "‹5 characters›\\r\\n"),
        (
            "+CUSD: 0,\"Your number is 4915112345678\",15\r\n",
            "+CUSD: 0,\"‹28 characters›\",15\\r\\n",
        ),
        (
            "+CNUM: \"Max\",\"+4915112345678\",145\r\n",
            "+CNUM: \"‹3 characters›\",\"‹14 characters›\",145\\r\\n",
        ),
        (
            "+CMT: \"+4915112345678\",,\"26/11/28\"\r\n",
            "+CMT: \"‹14 characters›\",,\"‹8 characters›\"\\r\\n",
        ),
        (
            "+CUSD: 0,\"half of a text\r\n",
            "+CUSD: 0,\"‹14 characters›\\r\\n",
        ),
        ("+49 151: call me: now\r\n", "‹21 characters›\\r\\n"),
    ] {
        assert_eq!(from_modem(line.as_bytes()), shown, "{line}");
    }
    let code = b"AT+CUSD=1,\"*133*4915112345678#\",15\r";
    let shown = Masker::default().mask(ToModem, code);
    assert_eq!(shown, "AT+CUSD=1,\"‹19 characters›\",15\\r");
}

#[test]
fn the_modem_may_speak_of_itself() {
    let mut masker = Masker::default();
    assert_eq!(
        masker.mask(FromModem, b"Quectel\r\n"),
        "‹7 characters›\\r\\n"
    );
    masker.mask(ToModem, b"AT+CGMM\r");
    assert_eq!(masker.mask(FromModem, b"EC25 R2.1\r\n"), "EC25 R2.1\\r\\n");
    masker.mask(ToModem, b"AT+CIMI\r");
    assert_eq!(
        masker.mask(FromModem, b"262020123456789\r\n"),
        "26202**********\\r\\n"
    );
    masker.mask(ToModem, b"AT+CMGR=1\r");
    assert_eq!(masker.mask(FromModem, b"hello\r\n"), "‹5 characters›\\r\\n");
}

#[test]
fn no_private_thing_passes_wherever_the_line_breaks() {
    let secrets = [
        "112345678",
        "54761132",
        "0123456789",
        "000012345678",
        "hello",
        "E8329BFD06",
        "123456 ",
    ];
    let lines: [&[u8]; 6] = [
        b"+CNUM: \"hello\",\"+4915112345678\",145\r\n",
        b"0031000D91945111325476F80000A705E8329BFD06\x1A",
        b"\r\n262020123456789\r\n\r\nOK\r\n",
        b"+CCID: 8949020000012345678\r\n",
        b"Your code is 123456 hello\r\n",
        b"+CUSD: 1,\"hello 4915112345678\",15\r\n",
    ];
    for line in lines {
        for cut in 0..=line.len() {
            let (head, tail) = line.split_at(cut);
            for direction in [FromModem, ToModem] {
                let mut masker = Masker::default();
                let shown = [masker.mask(direction, head), masker.mask(direction, tail)].concat();
                let leak = secrets.iter().find(|secret| shown.contains(**secret));
                assert_eq!(leak, None, "{shown}, cut at {cut}");
            }
        }
    }
}

#[test]
fn whatever_comes_is_shown_without_control_characters() {
    proptest::proptest!(|(bytes: Vec<u8>)| {
        for direction in [FromModem, ToModem] {
            let shown = Masker::default().mask(direction, &bytes);
            proptest::prop_assert!(!shown.contains(char::is_control), "{shown:?}");
        }
        proptest::prop_assert!(!visible(&bytes).contains(char::is_control));
        proptest::prop_assert_eq!(without_pins(&bytes).len(), bytes.len());
    });
}

#[test]
fn pins_never_pass() {
    for (line, kept) in [
        ("AT+CPIN=\"1234\"\r", "AT+CPIN=\"****\"\r"),
        ("at+cpin=1234\r", "at+cpin=****\r"),
        (
            "AT+CPIN=\"12345678\",\"1234\"\r",
            "AT+CPIN=\"********\",\"****\"\r",
        ),
        ("AT+CLCK=\"SC\",1,\"1234\"\r", "AT+CLCK=\"SC\",*,\"****\"\r"),
        ("\r\nAT+CPIN=\"1234\"\r\r\n", "\r\nAT+CPIN=\"****\"\r\r\n"),
        ("AT+CPIN?\r", "AT+CPIN?\r"),
        ("+CPIN: SIM PIN\r\n", "+CPIN: SIM PIN\r\n"),
        ("AT+CSQ\r", "AT+CSQ\r"),
    ] {
        assert_eq!(without_pins(line.as_bytes()), kept.as_bytes(), "{line}");
    }
}
