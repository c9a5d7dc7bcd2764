//! Operators, antennas and recipients: what each does to submissions and reports.

use std::time::Duration;

use crate::country::{
    Behaviour, Cell, Congestion, Country, Operator, Profile, Recipients, SpamReaction,
};
use crate::{Driver, DriverSettings, LedgerEvent};

const SECOND: Duration = Duration::from_secs(1);
const DAY: Duration = Duration::from_secs(86_400);
const SEND: &[u8] = b"AT+CMGS=20\r0031000D91945111325476F80000A705E8329BFD06\x1a";

fn fleet(lines: usize, country: Country) -> Driver {
    let mut driver = Driver::new(DriverSettings {
        lines,
        sms_time: SECOND,
        country,
        ..DriverSettings::default()
    });
    for line in 0..lines {
        driver.write(line, b"ATE0;+CNMI=2,1,0,1,0\r");
        driver.read(line);
    }
    driver
}

fn of(operator: Operator) -> Country {
    Country {
        operators: vec![operator],
        ..Country::default()
    }
}

/// The answer to a send: the error code, or 0.
fn sent(driver: &mut Driver, line: usize) -> u16 {
    driver.write(line, SEND);
    for _ in 0..200 {
        driver.advance(SECOND);
        let said = String::from_utf8_lossy(&driver.read(line)).into_owned();
        if let Some((_, code)) = said.split_once("+CMS ERROR: ") {
            return code.trim().parse().unwrap();
        }
        if said.contains("+CMGS: ") {
            return 0;
        }
    }
    panic!("no answer");
}

fn statuses(driver: &Driver) -> Vec<u8> {
    let reports = driver.ledger().iter();
    reports.filter_map(|entry| entry.status).collect()
}

#[test]
fn too_many_a_day_bar_a_sim() {
    let check = |spam_reaction, third, next_day| {
        let mut driver = fleet(
            1,
            of(Operator {
                spam_per_day: Some(2),
                spam_reaction,
                ..Operator::default()
            }),
        );
        let codes: Vec<u16> = (0..3).map(|_| sent(&mut driver, 0)).collect();
        assert_eq!(codes, [0, 0, third]);
        driver.advance(DAY);
        assert_eq!(sent(&mut driver, 0), next_day);
        driver
    };
    let barred = check(SpamReaction::Bar, 8, 8);
    assert_eq!(barred.rack().totals().barred, 1);
    check(SpamReaction::Refuse, 21, 0);
    let dropped = check(SpamReaction::Drop, 0, 0);
    assert_eq!(statuses(&dropped), [0, 0, 0x48]);
}

#[test]
fn credit_ends() {
    let mut driver = fleet(
        1,
        of(Operator {
            credit: Some(1),
            ..Operator::default()
        }),
    );
    let codes: Vec<u16> = (0..3).map(|_| sent(&mut driver, 0)).collect();
    assert_eq!(codes, [0, 21, 21]);
}

#[test]
fn balance_is_what_parts_have_left() {
    let mut driver = fleet(
        1,
        of(Operator {
            credit: Some(5),
            ..Operator::default()
        }),
    );
    for left in ["0.50", "0.40", "0.30", "0.20", "0.10", "0.00", "0.00"] {
        driver.write(0, b"AT+CUSD=1,\"*100#\",15\r");
        driver.advance(2 * SECOND);
        let said = String::from_utf8_lossy(&driver.read(0)).into_owned();
        let told = format!("+CUSD: 0,\"Balance: {left}\",15");
        assert!(said.contains(&told), "{left}: {said}");
        sent(&mut driver, 0);
    }
}

#[test]
fn antenna_carries_so_many() {
    let mut driver = fleet(
        4,
        Country {
            cell: Some(Cell {
                lines: 3,
                channels: 2,
            }),
            ..Country::default()
        },
    );
    for line in 0..4 {
        driver.write(line, SEND);
    }
    driver.advance(SECOND);
    let refused: Vec<usize> = (0..4)
        .filter(|line| String::from_utf8_lossy(&driver.read(*line)).contains("ERROR: 42"))
        .collect();
    assert_eq!(refused, [2]);
    assert_eq!(sent(&mut driver, 2), 0);
}

#[test]
fn rush_hour_is_slow_and_refuses() {
    let rush = |refused| {
        of(Operator {
            congestion: vec![Congestion {
                from: 0,
                to: 1,
                factor: 10.0,
                refused,
            }],
            ..Operator::default()
        })
    };
    let mut driver = fleet(1, rush(0.0));
    assert_eq!(sent(&mut driver, 0), 0);
    assert_eq!(driver.ledger()[0].busy_ms, Some(10_000.0));
    driver.advance(SECOND * 3600);
    assert_eq!(sent(&mut driver, 0), 0);
    let last = driver
        .ledger()
        .iter()
        .rfind(|entry| entry.event == LedgerEvent::Submit);
    assert_eq!(last.unwrap().busy_ms, Some(1_000.0));
    assert_eq!(sent(&mut fleet(1, rush(1.0)), 0), 42);
}

#[test]
fn recipients_behave_as_their_prefix_says() {
    let check = |behaviour, code, reports: &[u8]| {
        let mut driver = fleet(
            1,
            Country {
                recipients: vec![Recipients {
                    prefix: "+4915".to_owned(),
                    behaviour,
                    after: SECOND * 60..=SECOND * 60,
                }],
                ..Country::default()
            },
        );
        assert_eq!(sent(&mut driver, 0), code, "{behaviour:?}");
        driver.advance(SECOND * 30);
        let early = statuses(&driver).len();
        driver.advance(SECOND * 60);
        assert_eq!(statuses(&driver), reports, "{behaviour:?}");
        assert_eq!(early, reports.len().min(1), "{behaviour:?}");
        // The phone shows what the final report calls delivered, and nothing else.
        let shown = u64::from(reports.last() == Some(&0x00));
        assert_eq!(driver.rack().totals().shown, shown, "{behaviour:?}");
    };
    check(Behaviour::Reachable, 0, &[0x00]);
    check(Behaviour::AbsentThenReachable, 0, &[0x22, 0x00]);
    check(Behaviour::Absent, 0, &[0x22, 0x46]);
    check(Behaviour::Invalid, 1, &[]);
    check(Behaviour::Barred, 0, &[0x42]);
    check(Behaviour::Full, 0, &[0x25, 0x65]);
}

#[test]
fn network_without_a_way_for_messages_takes_none() {
    let mut driver = fleet(
        1,
        of(Operator {
            profile: Profile::LteNoSgs,
            ..Operator::default()
        }),
    );
    for _ in 0..20 {
        driver.write(0, SEND);
        driver.advance(SECOND * 150);
    }
    let said = String::from_utf8_lossy(&driver.read(0)).into_owned();
    let refused = said.matches("+CMS ERROR: 500").count();
    assert!((3..18).contains(&refused), "{refused}");
    assert!(!said.contains("+CMGS"));
}

#[test]
fn wrong_reports_are_wrong_as_asked() {
    let mut driver = fleet(1, Country::default());
    let mut faults = crate::Faults::default();
    faults.reports.other_reference = 1.0;
    faults.reports.national = 1.0;
    faults.reports.late = 1.0;
    faults.reports.late_by = SECOND * 100..=SECOND * 100;
    driver.step(crate::RackInput::Faults(&faults));
    assert_eq!(sent(&mut driver, 0), 0);
    driver.advance(SECOND * 90);
    assert_eq!(driver.ledger().len(), 1);
    driver.advance(SECOND * 30);
    let [submit, report] = driver.ledger() else {
        panic!("{:?}", driver.ledger());
    };
    assert_ne!(submit.mr, report.mr);
    assert_eq!(
        (submit.to.as_str(), report.to.as_str()),
        ("+4915112345678", "015112345678")
    );
}

#[test]
fn many_at_once_are_let_in_one_by_one() {
    let mut driver = fleet(
        10,
        of(Operator {
            registrations_per_second: Some(2.0),
            ..Operator::default()
        }),
    );
    for line in 0..10 {
        driver.write(line, b"AT+CFUN=4;+CFUN=1\r");
    }
    let registered = |driver: &mut Driver| {
        (0..10)
            .filter(|line| {
                driver.read(*line);
                driver.write(*line, b"AT+CREG?\r");
                String::from_utf8_lossy(&driver.read(*line)).contains("+CREG: 0,1")
            })
            .count()
    };
    driver.advance(SECOND * 2);
    assert_eq!(registered(&mut driver), 5);
    driver.advance(SECOND * 3);
    assert_eq!(registered(&mut driver), 10);
}
