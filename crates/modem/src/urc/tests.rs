//! What unsolicited lines mean.

use proptest::prelude::*;

use super::*;

fn check(line: &str, expected: Option<Urc>) {
    assert_eq!(classify(line.as_bytes()), expected, "{line}");
}

#[test]
fn state_is_read() {
    check("+CREG: 5", Some(Urc::Registration(Domain::Circuit, 5)));
    check(
        "+CEREG: 2,1,\"0502\"",
        Some(Urc::Registration(Domain::Eps, 1)),
    );
    check("+CREG: ?", Some(Urc::Other));
    check("+CSQ: 17,99", Some(Urc::Signal(Some(17))));
    check("+CSQ: 31,0", Some(Urc::Signal(Some(31))));
    check("+CSQ: 99,99", Some(Urc::Signal(None)));
    check("+CSQ: 150,99", Some(Urc::Signal(None)));
    check("+CSQ:", Some(Urc::Signal(None)));
}

#[test]
fn the_sim_comes_and_goes() {
    check("+CPIN: READY", Some(Urc::SimReady));
    check("+CPIN:READY", Some(Urc::SimReady));
    check("+CPIN: NOT READY", Some(Urc::SimLost));
    check("+CPIN: SIM PIN", Some(Urc::SimLost));
    check("+CPIN: NOT INSERTED", Some(Urc::SimLost));
    check("+SIM READY", Some(Urc::SimReady));
    check("+SIM DROP", Some(Urc::SimLost));
    check("+QSIMSTAT: 1,0", Some(Urc::SimLost));
    check("+QSIMSTAT: 1,1", Some(Urc::SimReady));
    check("^SIMST:255", Some(Urc::SimLost));
    check("^SIMST:255,0", Some(Urc::SimLost));
    check("^SIMST:1", Some(Urc::SimReady));
    check("^SIMST: 1,0", Some(Urc::SimReady));
    check("+CPIN: NOT INSERTED", Some(Urc::SimLost));
    check("+QUSIM: 1", Some(Urc::SimReady));
    check("+UUSIMSTAT: 0", Some(Urc::SimLost));
    check("+UUSIMSTAT: 4", Some(Urc::SimReady));
    check("^SCKS: 0", Some(Urc::SimLost));
    check("^SCKS: 1", Some(Urc::SimReady));
    check("#QSS: 0", Some(Urc::SimLost));
    check("#QSS: 1", Some(Urc::SimReady));
    check("#QSS: 3", Some(Urc::SimReady));
    check("+WIND: 0", Some(Urc::SimLost));
    check("+WIND: 1", Some(Urc::SimReady));
}

#[test]
fn boots_are_seen() {
    for line in [
        "RDY",
        "^SYSSTART",
        "^SYSSTART AIRPLANE MODE",
        "*ATREADY: 1",
        "+AT: READY",
        "+CFUN: 1",
        "+WIND: 4",
        "NORMAL POWER DOWN",
        "POWERED DOWN",
        "UNDER-VOLTAGE POWER DOWN",
    ] {
        check(line, Some(Urc::Reboot));
    }
    // A warning, and a banner that Huawei repeats every few seconds.
    check("UNDER-VOLTAGE WARNNING", Some(Urc::Other));
    check("^BOOT:20952548,0,0,0,6", Some(Urc::Other));
    check("+CFUN: 4", Some(Urc::Other));
}

#[test]
fn stores_are_told() {
    check("+CMTI: \"SM\",3", Some(Urc::Stored(Memory::Sim, Some(3))));
    check("+CMTI: \"ME\",0", Some(Urc::Stored(Memory::Phone, Some(0))));
    check("+CMTI: SM,3", Some(Urc::Stored(Memory::Sim, Some(3))));
    check("+CMTI: \"SM\",-1", Some(Urc::Stored(Memory::Sim, None)));
    check(
        "+CDSI: \"SR\",8",
        Some(Urc::Stored(Memory::Reports, Some(8))),
    );
    check("+CMTI: \"XX\",8", Some(Urc::StoreFull));
    check("^SMMEMFULL: \"SM\"", Some(Urc::StoreFull));
}

#[test]
fn calls_ring() {
    check("RING", Some(Urc::Ring));
    check("+CRING: VOICE", Some(Urc::Ring));
    check("RINGING", None);
}

#[test]
fn the_rest_is_noise_or_unknown() {
    check("+CLIP: \"+4915112345678\",145", Some(Urc::Other));
    check("NO CARRIER", Some(Urc::Other));
    check("^RSSI:12", Some(Urc::Other));
    check("+ZUSIMR:2", Some(Urc::Other));
    check("+CGEV: 1", Some(Urc::Other));
    check("+C", None);
    check("+CMGS:", None);
    check("+CMS ERROR:", None);
    check("hello", None);
}

proptest! {
    #[test]
    fn any_line_is_read_without_panic(line in prop::collection::vec(any::<u8>(), 0..80), name in "[+^#*][A-Z]{0,5}:?") {
        let _ = classify(&line);
        let _ = classify(&[name.as_bytes(), &line].concat());
    }
}
