//! What waits for a SIM: its order, what is brought again, and what goes with a SIM from line to line.

use std::time::Duration;

use crate::{Driver, DriverSettings, Event, Faults, LedgerEvent, RackInput, Trouble};

const SECOND: Duration = Duration::from_secs(1);

/// Lines with echo off whose hosts want reports and messages, with or without acknowledging them.
fn fleet(lines: usize, service: u8) -> Driver {
    let mut driver = Driver::new(DriverSettings {
        lines,
        ..DriverSettings::default()
    });
    for line in 0..lines {
        let opening = format!("ATE0;+CSMS={service};+CNMI=2,2,0,1,0\r");
        driver.write(line, opening.as_bytes());
        driver.read(line);
    }
    driver
}

fn send(driver: &mut Driver, line: usize) {
    driver.write(line, b"AT+CMGS=20\r");
    driver.write(line, b"0031000D91945111325476F80000A705E8329BFD06\x1a");
    driver.advance(SECOND * 3);
}

/// TP-MRs of the reports in the ledger, with the ICCID and line that each went to.
fn reports(driver: &Driver) -> Vec<(u8, String, usize)> {
    let of = |event| {
        driver
            .ledger()
            .iter()
            .filter(move |entry| entry.event == event)
    };
    of(LedgerEvent::Report)
        .map(|entry| (entry.mr.unwrap(), entry.iccid.clone(), entry.line))
        .collect()
}

fn references(driver: &Driver) -> Vec<u8> {
    let submits = driver
        .ledger()
        .iter()
        .filter(|entry| entry.event == LedgerEvent::Submit);
    submits.map(|entry| entry.mr.unwrap()).collect()
}

fn said(driver: &mut Driver, line: usize) -> String {
    String::from_utf8_lossy(&driver.read(line)).into_owned()
}

fn swap(driver: &mut Driver, lasts: Duration) {
    driver.step(RackInput::Trouble {
        lines: &crate::Lines::All,
        trouble: &Trouble::SwapSims,
        lasts,
    });
}

#[test]
fn unacknowledged_report_comes_again() {
    let mut driver = fleet(1, 1);
    send(&mut driver, 0);
    driver.advance(SECOND * 2);
    let first = said(&mut driver, 0);
    assert!(first.contains("+CDS: "), "{first}");
    // Nobody acknowledges: the modem says so to the network, and closes its mouth towards the host.
    driver.advance(SECOND * 17);
    driver.write(0, b"AT+CNMI?\r");
    assert_eq!(said(&mut driver, 0), "\r\n+CNMI: 2,0,0,0,0\r\n\r\nOK\r\n");
    driver.advance(SECOND * 600);
    assert_eq!(
        (said(&mut driver, 0).as_str(), reports(&driver).len()),
        ("", 1)
    );
    driver.write(0, b"AT+CNMI=2,2,0,1,0\r");
    let again = said(&mut driver, 0);
    assert!(again.contains(first.lines().last().unwrap()), "{again}");
    driver.write(0, b"AT+CNMA\r");
    driver.advance(SECOND * 600);
    assert_eq!(said(&mut driver, 0), "\r\nOK\r\n");
    let given = reports(&driver);
    assert_eq!((given.len(), given[0].0), (2, given[1].0));
}

#[test]
fn service_centre_waits_before_it_tries_again() {
    let mut driver = fleet(1, 1);
    driver.inbound(0, "+491700", "hello").unwrap();
    assert!(said(&mut driver, 0).contains("+CMT: "));
    driver.write(0, b"AT+CNMA=2\r");
    assert_eq!(said(&mut driver, 0), "\r\nOK\r\n");
    driver.advance(SECOND * 59);
    assert_eq!(said(&mut driver, 0), "");
    driver.advance(SECOND);
    assert!(said(&mut driver, 0).contains("+CMT: "));
    // A modem that loses its power has acknowledged nothing.
    driver.step(RackInput::Restart { line: 0 });
    driver.advance(SECOND * 120);
    driver.read(0);
    driver.write(0, b"AT+CMGL=4\r");
    assert!(said(&mut driver, 0).contains("+CMGL: 1,0,"));
    let inbound = driver.rack().totals().inbound;
    assert_eq!(inbound, 3);
}

#[test]
fn report_is_overtaken_by_the_next_one() {
    let mut driver = fleet(1, 0);
    let mut faults = Faults::default();
    faults.reports.out_of_order = 1.0;
    driver.step(RackInput::Faults(&faults));
    send(&mut driver, 0);
    driver.step(RackInput::Faults(&Faults::default()));
    send(&mut driver, 0);
    driver.advance(SECOND * 10);
    let [one, other] = references(&driver)[..] else {
        panic!("{:?}", driver.ledger());
    };
    let order: Vec<u8> = reports(&driver).into_iter().map(|(mr, ..)| mr).collect();
    assert_eq!(order, [other, one]);
    // Without a next one it comes a minute late.
    driver.step(RackInput::Faults(&faults));
    send(&mut driver, 0);
    driver.advance(SECOND * 61);
    assert_eq!(reports(&driver).len(), 2);
    driver.advance(SECOND);
    assert_eq!(reports(&driver).len(), 3);
}

#[test]
fn report_follows_its_sim_to_another_line() {
    let mut driver = fleet(2, 0);
    send(&mut driver, 0);
    let sender = driver.rack().modems()[0].sim().clone();
    driver.inbound(0, "+491700", "to the sender").unwrap();
    said(&mut driver, 0);
    swap(&mut driver, SECOND * 5);
    driver.advance(SECOND * 4);
    assert_eq!(reports(&driver).len(), 0);
    driver.advance(SECOND * 2);
    let given = reports(&driver);
    assert_eq!(
        given,
        [(sender.last_reference, sender.iccid.clone(), 1)],
        "the report is its SIM's, whatever line that is in"
    );
    assert!(said(&mut driver, 1).contains("+CDS: "));
    assert!(!said(&mut driver, 0).contains("+CDS: "));
    // References go on where the card has them.
    send(&mut driver, 1);
    assert_eq!(
        references(&driver).last().copied(),
        Some(sender.last_reference.wrapping_add(1))
    );
    assert_eq!(driver.rack().modems()[1].sim().iccid, sender.iccid);
}

#[test]
fn stored_messages_go_with_their_card() {
    let mut driver = fleet(2, 0);
    for line in 0..2 {
        driver.write(line, b"AT+CNMI=2,1;+CPMS=\"SM\",\"SM\",\"SM\"\r");
    }
    driver.inbound(0, "+491700", "kept on the card").unwrap();
    let stored = |driver: &mut Driver, line: usize| {
        driver.read(line);
        driver.write(line, b"AT+CMGL=4\r");
        said(driver, line).matches("+CMGL: ").count()
    };
    assert_eq!([0, 1].map(|line| stored(&mut driver, line)), [1, 0]);
    swap(&mut driver, SECOND);
    driver.advance(SECOND * 2);
    assert_eq!([0, 1].map(|line| stored(&mut driver, line)), [0, 1]);
    swap(&mut driver, SECOND);
    driver.advance(SECOND * 2);
    assert_eq!([0, 1].map(|line| stored(&mut driver, line)), [1, 0]);
}

#[test]
fn scenario_swaps_sims() {
    let written = r#"{"what": "swap_sims", "lines": "0-2", "for": "10s"}"#;
    let event: Event = serde_json::from_str(written).unwrap();
    let mut driver = Driver::new(DriverSettings {
        lines: 3,
        events: vec![event],
        ..DriverSettings::default()
    });
    let names = |driver: &Driver| -> Vec<String> {
        let modems = driver.rack().modems().iter();
        modems.map(|modem| modem.sim().iccid.clone()).collect()
    };
    let before = names(&driver);
    driver.advance(SECOND * 5);
    driver.write(1, b"ATE0+CMEE=1;+CIMI\r");
    assert!(said(&mut driver, 1).contains("+CME ERROR: 10"));
    driver.advance(SECOND * 6);
    driver.write(1, b"AT+CCID\r");
    let wanted = [&before[1], &before[2], &before[0]].map(String::clone);
    assert_eq!(names(&driver), wanted);
    assert!(said(&mut driver, 1).contains(&before[2]));
}
