//! The network through a rack of modems: order of the ledger, repeatability, and bytes nobody should send.

mod country;

use std::time::Duration;

use crate::rng::{Rng, Stream};
use crate::{
    Accepted, Driver, DriverSettings, ErrorFault, Faults, GarbageFault, LedgerEntry, LedgerEvent,
    NoiseFault, PromptFault, ReportFault, SilenceFault, Verdict, audit,
};

const PDU: &str = "0031000D91945111325476F80000A705E8329BFD06";

fn bad_day() -> Faults {
    Faults {
        errors: ErrorFault {
            rate: 0.1,
            ..ErrorFault::default()
        },
        silence: SilenceFault {
            rate: 0.1,
            accepted: 0.5,
            busy: Duration::from_secs(1),
        },
        reports: ReportFault {
            lost: 0.1,
            twice: 0.2,
            early: 0.2,
            undelivered: 0.2,
            trying: 0.2,
            ..ReportFault::default()
        },
        prompt: PromptFault {
            rate: 0.1,
            ..PromptFault::default()
        },
        garbage: GarbageFault {
            every: Some(Duration::from_secs(30)),
            bytes_max: 50,
        },
        noise: NoiseFault {
            every: Some(Duration::from_secs(10)),
        },
        ..Faults::default()
    }
}

/// Keeps every line sending for ten minutes and returns the ledger.
fn ledger(seed: u64, lines: usize, faults: Faults) -> Vec<LedgerEntry> {
    let mut driver = Driver::new(DriverSettings {
        lines,
        seed,
        sms_time_spread: 0.4,
        faults,
        ..DriverSettings::default()
    });
    for line in 0..lines {
        driver.write(line, b"ATE0;+CNMI=2,1,0,1,0\r");
    }
    for _ in 0..600 {
        for line in 0..lines {
            let said = driver.read(line);
            if !driver.rack().modems()[line].is_busy() && !said.ends_with(b"> ") {
                driver.write(line, b"AT+CMGS=20\r");
            }
            driver.write(line, format!("{PDU}\x1a").as_bytes());
        }
        driver.advance(Duration::from_secs(1));
    }
    driver.ledger().to_vec()
}

#[test]
fn same_seed_same_ledger() {
    let first = ledger(5, 3, bad_day());
    assert!(first.len() > 100, "{}", first.len());
    assert_eq!(first, ledger(5, 3, bad_day()));
    assert_ne!(first, ledger(6, 3, bad_day()));
}

#[test]
fn fate_of_a_line_does_not_depend_on_others() {
    let of_line_0 = |lines| {
        let mut entries = ledger(5, lines, bad_day());
        entries.retain(|entry| entry.line == 0);
        entries
    };
    assert_eq!(of_line_0(1), of_line_0(4));
}

#[test]
fn rates_are_kept() {
    let faults = Faults {
        reports: ReportFault {
            lost: 0.25,
            twice: 0.5,
            undelivered: 0.5,
            ..ReportFault::default()
        },
        ..Faults::default()
    };
    let entries = ledger(1, 8, faults);
    let submits = entries
        .iter()
        .filter(|entry| entry.event == LedgerEvent::Submit)
        .count() as f64;
    let reports: Vec<_> = entries
        .iter()
        .filter(|entry| entry.event == LedgerEvent::Report)
        .collect();
    let per_submit = reports.len() as f64 / submits;
    assert!(
        (per_submit - 0.75 * 1.5).abs() < 0.1,
        "{per_submit} reports a submission"
    );
    let failed = reports
        .iter()
        .filter(|entry| entry.status != Some(0))
        .count() as f64;
    assert!(
        (failed / reports.len() as f64 - 0.5).abs() < 0.08,
        "{failed} failed"
    );
}

#[test]
fn ledger_precedes_the_answer_and_is_in_order() {
    let entries = ledger(2, 4, bad_day());
    assert!(entries.is_sorted_by_key(|entry| entry.t_ms));
    let mut accepted = vec![[0_i32; 256]; 4];
    for entry in &entries {
        let mr = usize::from(entry.mr.unwrap());
        match entry.event {
            LedgerEvent::Submit => accepted[entry.line][mr] += 1,
            LedgerEvent::Report => {
                assert!(accepted[entry.line][mr] > 0, "report before its submission")
            }
            LedgerEvent::Refuse => {}
            LedgerEvent::Inbound => unreachable!("nobody sent one"),
        }
    }
}

#[test]
fn radio_is_one_after_another_across_a_restart() {
    let mut driver = Driver::new(DriverSettings::default());
    for _ in 0..2 {
        driver.write(0, format!("AT+CMGS=20\r{PDU}\x1a").as_bytes());
        driver.step(crate::RackInput::Restart { line: 0 });
        driver.step(crate::RackInput::Faults(&Faults::default()));
        driver.advance(Duration::from_millis(1));
    }
    driver.advance(Duration::from_secs(60));
    // The second one was written to a modem that booted: it never went on the air.
    assert_eq!(driver.ledger().len(), 1);
    assert_eq!(driver.rack().totals().on_air, 0);
}

/// Sends one part again and again until the modem answers `+CMGS`.
fn send_stubbornly(driver: &mut Driver, line: usize, pdu: &[u8]) {
    let typed = format!(
        "AT+CMGS={}\r{}\x1a",
        pdu.len() - 1,
        sms::hex::encode_upper(pdu)
    );
    for _ in 0..100 {
        driver.write(line, typed.as_bytes());
        driver.advance(Duration::from_secs(10));
        if String::from_utf8_lossy(&driver.read(line)).contains("+CMGS: ") {
            return;
        }
    }
    panic!("never accepted");
}

#[test]
fn oracle_sees_exactly_what_a_stubborn_sender_repeats() {
    let faults = Faults {
        errors: ErrorFault {
            rate: 0.2,
            ..ErrorFault::default()
        },
        silence: SilenceFault {
            rate: 0.2,
            accepted: 0.5,
            busy: Duration::ZERO,
        },
        ..Faults::default()
    };
    let mut driver = Driver::new(DriverSettings {
        lines: 3,
        faults,
        ..DriverSettings::default()
    });
    let mut accepted = Vec::new();
    for number in 0..60_u8 {
        // The same long beginning to the same recipient, references that come round, both alphabets.
        let filler = if number % 2 == 0 {
            "a".repeat(200)
        } else {
            "ü😀".repeat(50)
        };
        let text = format!("{filler} {number}");
        let to = sms::Address::parse("+491700").unwrap();
        for part in sms::segment(&text, sms::EncodingChoice::Auto, number % 4).unwrap() {
            let tpdu = sms::Submit::new(to.clone(), part).encode().unwrap();
            send_stubbornly(
                &mut driver,
                usize::from(number % 3),
                &sms::join_smsc(None, &tpdu),
            );
        }
        accepted.push(Accepted {
            to: to.text(),
            text,
        });
    }
    let parts: u64 = accepted
        .iter()
        .map(|message| {
            u64::from(
                sms::measure(&message.text, sms::EncodingChoice::Auto)
                    .unwrap()
                    .parts,
            )
        })
        .sum();
    let verdict = audit::compare(driver.ledger(), &accepted);
    let totals = driver.rack().totals();
    assert!(
        totals.accepted > parts,
        "some silent submissions were accepted"
    );
    let expected = Verdict {
        complete: 60,
        duplicates: totals.accepted - parts,
        ..Verdict::default()
    };
    assert_eq!(verdict, expected);
}

/// Bytes that lead into every phase, and bytes that lead nowhere, in any order and any pieces.
#[test]
fn hostile_bytes_do_no_harm() {
    let words: [&[u8]; 16] = [
        b"AT",
        b"\r",
        b"+CMGS=20\r",
        b"AT+CMGS=20\r",
        PDU.as_bytes(),
        b"\x1a",
        b"\x1b",
        b";",
        b"AT+CNMI=2,1,0,1,0\r",
        b"AT+CPMS=\"SR\",\"SM\"\r",
        b"AT+CMGD=1,4\r",
        b"AT+CFUN=1,1\r",
        b"AT+CUSD=1,\"",
        b"\xff\x00\x08",
        b"ATE1\r",
        b"AT+CMGL=4\r",
    ];
    for seed in 0..200 {
        let mut rng = Rng::keyed(seed, Stream::Identity, 0, 99);
        let mut driver = Driver::new(DriverSettings {
            seed,
            faults: bad_day(),
            ..DriverSettings::default()
        });
        for _ in 0..200 {
            match rng.below(10) {
                0 => driver.advance(Duration::from_millis(rng.below(4_000) as u64)),
                1 => {
                    let noise: Vec<u8> = (0..rng.below(40))
                        .map(|_| rng.bits().to_be_bytes()[0])
                        .collect();
                    driver.write(0, &noise);
                }
                _ => {
                    let word = words[rng.below(words.len())];
                    driver.write(0, &word[..=rng.below(word.len())]);
                    driver.write(0, word);
                }
            }
        }
        // Whatever happened, it comes back to life.
        driver.step(crate::RackInput::Faults(&Faults::default()));
        driver.advance(Duration::from_secs(60));
        driver.write(0, b"\x1b\r");
        driver.read(0);
        driver.write(0, b"ATE0V1Q0\r");
        driver.read(0);
        driver.write(0, b"AT+CMGF?\r");
        let said = String::from_utf8_lossy(&driver.read(0)).into_owned();
        assert!(
            said.ends_with("\r\n+CMGF: 0\r\n\r\nOK\r\n"),
            "seed {seed}: {said:?}"
        );
    }
}
