//! What an operator may type, and what not and why.

use super::ManualCommand;
use crate::timing::{MANUAL, MANUAL_NETWORK};

#[test]
fn what_may_be_typed() {
    for fine in [
        "AT",
        "at",
        "ATI",
        "ati9",
        "AT+CSQ",
        "at+csq",
        " AT+COPS? ",
        "AT+COPS=?",
        "AT+CPIN?",
        "AT+CLCK=\"SC\",2",
        "AT+CMGF?",
        "AT+CMGS=?",
        "AT+CUSD=?",
        "AT+EGMR=0,7",
        "AT+CGSN",
        "AT^SYSINFOEX",
        "AT+QENG=\"servingcell\"",
        "AT+COPS=1,2,\"26201;\"",
        "AT#QSS?",
        "AT&V",
        "ATZ",
        "AT+CFUN=1,1",
    ] {
        let parsed = ManualCommand::parse(fine);
        assert!(parsed.is_ok(), "{fine}: {parsed:?}");
    }
}

#[test]
fn what_may_not_be_typed_says_why() {
    let check = |typed: &str, why: &str| {
        let reason = ManualCommand::parse(typed).expect_err(typed);
        assert!(reason.contains(why), "{typed}: {reason}");
    };
    for sends in [
        "AT+CMGS=20",
        "at+cmgs=20",
        "AT +CMGS=20",
        "AT+CMGS =20",
        "AT+CMSS=1",
        "AT+CMGW=20",
        "AT+CMGC=2",
        "AT^HCMGS=1",
    ] {
        check(sends, "sends");
    }
    check("AT+CUSD=1,\"*100#\",15", "simfleet ussd");
    check("AT+CNMA", "acknowledges");
    for imei in [
        "AT+EGMR=1,7,\"490154203237518\"",
        "AT+SIMEI=490154203237518",
        "AT+CGSN=\"490154203237518\"",
        "AT^PHYNUM=IMEI,490154203237518",
        "AT#IMEI=1",
        "AT^NVWR=550,1",
        "at+egmr=1,7,\"1\"",
        "AT!NVWRITE=1",
    ] {
        check(imei, "IMEI");
    }
    for pin in [
        "AT+CPIN=\"1234\"",
        "AT+CPIN=\"12345678\",\"1234\"",
        "AT+CPWD=\"SC\",\"1\",\"2\"",
        "AT+CLCK=\"SC\",1,\"1234\"",
        "AT^CPIN=1234",
    ] {
        check(pin, "PIN");
    }
    for data in [
        "AT+CGDATA=\"PPP\",1",
        "AT+CMUX=0",
        "AT+CIPSEND",
        "AT+QISEND=0",
    ] {
        check(data, "command state");
    }
    for basic in [
        "ATD112;", "ATD*99#", "ATA", "ATO", "AT&W", "ATE1D112", "ATH", "ATX4", "AT\\Q3",
    ] {
        let reason = ManualCommand::parse(basic).expect_err(basic);
        assert!(!reason.is_empty());
    }
    check("AT+CSQ;+CMGS=20", "one command");
    check("AT+CSQ;D112", "one command");
    check("+CSQ", "begins with AT");
    check("", "begins with AT");

    check("AT+C\u{1A}SQ", "printable");
    check("AT+CPOF", "turns the modem off");
    check("AT+IPR=9600", "port");
    check(&format!("AT+{}", "X".repeat(300)), "256");
}

#[test]
fn only_reads_leave_the_line_as_it_is() {
    let changes = |typed: &str| ManualCommand::parse(typed).unwrap().may_change();
    for read in [
        "AT",
        "ATI",
        "AT+CSQ",
        "at+csq",
        "AT+COPS?",
        "AT+COPS=?",
        "AT+CIMI",
    ] {
        assert!(!changes(read), "{read}");
    }
    for change in [
        "ATZ",
        "ATE1",
        "AT+CMGF=1",
        "AT+COPS=2",
        "AT+CFUN=4",
        "AT+CMGL=4",
        "AT+CMGD=1",
    ] {
        assert!(changes(change), "{change}");
    }
}

#[test]
fn what_asks_the_network_has_longer() {
    let limit = |typed: &str| ManualCommand::parse(typed).unwrap().limit();
    assert_eq!(limit("AT+COPS=?"), MANUAL_NETWORK);
    assert_eq!(limit("AT+CSQ"), MANUAL);
}
