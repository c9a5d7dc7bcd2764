//! When events begin and end, whom they strike, and what each does to a fleet.

use std::time::Duration;

use super::*;
use crate::{Driver, DriverSettings, Unplugged};

const SECOND: Duration = Duration::from_secs(1);
const SEND: &[u8] = b"AT+CMGS=20\r0031000D91945111325476F80000A705E8329BFD06\x1a";

fn event(trouble: Trouble) -> Event {
    Event {
        at: SECOND * 10,
        every: None,
        lasts: SECOND * 5,
        lines: Lines::All,
        share: 1.0,
        trouble,
    }
}

/// A fleet of two lines, echo off, registration shown, to which one thing happens after 10 s.
fn fleet(trouble: Trouble) -> Driver {
    let mut driver = Driver::new(DriverSettings {
        lines: 2,
        sms_time: SECOND,
        events: vec![event(trouble)],
        ..DriverSettings::default()
    });
    for line in 0..2 {
        driver.write(line, b"ATE0;+CMEE=1;+CREG=1;+CNMI=2,1,0,1,0\r");
        assert_eq!(
            driver.read(line),
            b"ATE0;+CMEE=1;+CREG=1;+CNMI=2,1,0,1,0\r\r\nOK\r\n"
        );
    }
    driver.advance(SECOND * 11);
    driver
}

fn said(driver: &mut Driver, line: usize, typed: &[u8]) -> String {
    driver.write(line, typed);
    driver.advance(SECOND);
    String::from_utf8(driver.read(line)).unwrap()
}

#[test]
fn lines_are_read_and_chosen() {
    let chosen = |text: &str| {
        let lines = Lines::parse(text).unwrap();
        let has = |line: &usize| lines.has(*line, 4, line % 2);
        (0..10).filter(has).collect::<Vec<_>>()
    };
    assert_eq!(chosen("all").len(), 10);
    assert_eq!(chosen("3"), [3]);
    assert_eq!(chosen("0-2, 8-20"), [0, 1, 2, 8, 9]);
    assert_eq!(chosen("hub 1"), [4, 5, 6, 7]);
    assert_eq!(chosen("operator 1"), [1, 3, 5, 7, 9]);
    for wrong in ["", "x", "5-3", "hub", "hub x", "1,,2", "-1"] {
        assert!(Lines::parse(wrong).is_err(), "{wrong:?}");
    }
}

#[test]
fn events_repeat_and_strike_their_share() {
    let now = Instant::now();
    let repeated = Event {
        every: Some(SECOND * 10),
        share: 0.5,
        ..event(Trouble::Mute)
    };
    let mut timeline = Timeline::new(now, vec![repeated], vec![0; 100], 16, 1);
    let mut struck = Vec::new();
    for round in 1..=3 {
        let at = now + SECOND * 10 * round;
        assert_eq!(timeline.deadline(), Some(at));
        let Some(Step::Strike { lines, until, .. }) = timeline.take_due(at) else {
            panic!("an event begins");
        };
        assert_eq!(until, at + SECOND * 5);
        assert!((30..70).contains(&lines.len()), "{}", lines.len());
        struck.push(lines);
    }
    assert_ne!(struck[0], struck[1]);
}

#[test]
fn mute_line_answers_again() {
    let mut driver = fleet(Trouble::Mute);
    assert_eq!(said(&mut driver, 0, b"AT\r"), "");
    driver.advance(SECOND * 5);
    assert_eq!(said(&mut driver, 0, b"AT\r"), "\r\nOK\r\n");
}

#[test]
fn power_cut_takes_ports_and_settings_of_all() {
    let mut driver = fleet(Trouble::PowerCut);
    let gone: Vec<usize> = driver.unplugged().iter().map(|gone| gone.line).collect();
    assert_eq!(gone, [0, 1]);
    driver.advance(SECOND * 20);
    for line in 0..2 {
        let booted = String::from_utf8(driver.read(line)).unwrap();
        assert!(booted.contains("RDY"), "{booted:?}");
        assert_eq!(said(&mut driver, line, b"AT\r"), "AT\r\r\nOK\r\n");
        assert!(said(&mut driver, line, b"AT+CREG?\r").contains("+CREG: 0,1"));
    }
}

#[test]
fn renamed_port_says_so() {
    let mut driver = fleet(Trouble::Unplug { renamed: true });
    let gone = Unplugged {
        line: 0,
        down: SECOND * 5,
        renamed: true,
    };
    assert_eq!(driver.unplugged()[0], gone);
}

#[test]
fn pulled_sim_is_gone_and_comes_back() {
    let mut driver = fleet(Trouble::PullSim);
    let told = String::from_utf8(driver.read(0)).unwrap();
    assert!(
        told.contains("NOT INSERTED") && told.contains("+CREG: 0"),
        "{told:?}"
    );
    assert_eq!(said(&mut driver, 0, b"AT+CCID\r"), "\r\n+CME ERROR: 10\r\n");
    assert_eq!(
        said(&mut driver, 0, b"AT+CMGS=20\r"),
        "\r\n+CMS ERROR: 310\r\n"
    );
    driver.advance(SECOND * 5);
    let told = String::from_utf8(driver.read(0)).unwrap();
    assert!(
        told.contains("+CPIN: READY") && told.contains("+CREG: 1"),
        "{told:?}"
    );
    assert!(said(&mut driver, 0, b"AT+CCID\r").contains("894920"));
}

#[test]
fn lost_network_comes_back() {
    for (denied, stat) in [(false, 2), (true, 3)] {
        let mut driver = fleet(Trouble::LoseNetwork { denied });
        let told = String::from_utf8(driver.read(0)).unwrap();
        assert_eq!(told, format!("\r\n+CREG: {stat}\r\n"));
        assert_eq!(
            said(&mut driver, 0, b"AT+CMGS=20\r"),
            "\r\n+CMS ERROR: 331\r\n"
        );
        driver.advance(SECOND * 5);
        assert_eq!(driver.read(0), b"\r\n+CREG: 1\r\n");
    }
}

#[test]
fn full_storage_takes_no_messages_until_emptied() {
    let mut driver = fleet(Trouble::FillStorage);
    let stores = said(&mut driver, 0, b"AT+CPMS=\"SM\",\"SM\",\"SM\"\r");
    assert!(stores.contains("30,30"), "{stores:?}");
    driver.inbound(0, "+491", "Hi").unwrap();
    driver.advance(SECOND);
    assert_eq!(driver.read(0), b"");
    let deleted = said(&mut driver, 0, b"AT+CMGD=1,4\r");
    assert!(
        deleted.contains("OK") && deleted.contains("+CMTI"),
        "{deleted:?}"
    );
}

#[test]
fn outage_and_bar_refuse_for_their_time() {
    for (trouble, code) in [(Trouble::Outage, 38), (Trouble::Bar, 8)] {
        let mut driver = fleet(trouble);
        driver.write(0, SEND);
        driver.advance(SECOND * 5);
        let told = String::from_utf8(driver.read(0)).unwrap();
        assert!(
            told.ends_with(&format!("+CMS ERROR: {code}\r\n")),
            "{told:?}"
        );
        driver.write(0, SEND);
        driver.advance(SECOND);
        let told = String::from_utf8(driver.read(0)).unwrap();
        assert!(told.contains("+CMGS: "), "{told:?}");
    }
}

#[test]
fn faults_are_what_they_were_afterwards() {
    let mut faults = crate::Faults::default();
    faults.errors.rate = 1.0;
    let mut driver = fleet(Trouble::Faults(Box::new(faults)));
    driver.write(0, SEND);
    driver.advance(SECOND * 5);
    assert!(
        String::from_utf8(driver.read(0))
            .unwrap()
            .contains("+CMS ERROR")
    );
    driver.write(0, SEND);
    driver.advance(SECOND);
    assert!(
        String::from_utf8(driver.read(0))
            .unwrap()
            .contains("+CMGS: ")
    );
}

#[test]
fn inbound_messages_come_at_once() {
    let mut driver = fleet(Trouble::Inbound {
        from: "+491701234567".to_owned(),
        text: "STOP".to_owned(),
        count: 3,
    });
    let told = String::from_utf8(driver.read(1)).unwrap();
    assert_eq!(told.matches("+CMTI").count(), 3, "{told:?}");
    assert_eq!(driver.ledger().len(), 6);
}
