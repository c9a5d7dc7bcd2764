//! The card: PUK, the PIN switched off and on, and another card in its place.

use super::*;
use crate::ModemEvent;

fn locked() -> Driver {
    let sim = Sim {
        pin: Some("1234".to_owned()),
        last_reference: 41,
        ..Sim::of_line(0, 1)
    };
    let mut driver = with_sim(Faults::default(), sim);
    driver.write(0, b"ATE0+CMEE=1\r");
    driver.read(0);
    driver
}

#[test]
fn puk_unblocks_and_sets_a_new_pin() {
    let mut driver = locked();
    run(
        &mut driver,
        &[
            Host("AT+CPIN=1\rAT+CPIN=1\rAT+CPIN=1\r"),
            Modem("\r\n+CME ERROR: 16\r\n\r\n+CME ERROR: 16\r\n\r\n+CME ERROR: 16\r\n"),
            Host("AT+CPIN=\"1234\"\r"),
            Modem("\r\n+CME ERROR: 12\r\n"),
            SEND,
            Modem("\r\n+CMS ERROR: 316\r\n"),
            Host("AT+CPIN=\"99999999\",\"4321\"\r"),
            Modem("\r\n+CME ERROR: 16\r\n"),
            Host("AT+CPIN=\"10000000\",\"4321\"\r"),
            OK,
            Pass(600),
            Host("AT+CPIN?\r"),
            Modem("\r\n+CPIN: READY\r\n\r\nOK\r\n"),
            Host("AT+CFUN=1,1\r"),
            OK,
            Pass(10_000),
            Modem("\r\nRDY\r\n\r\n+CFUN: 1\r\n\r\n+CPIN: SIM PIN\r\n"),
            Host("ATE0+CPIN=\"4321\"\r"),
            Modem("ATE0+CPIN=\"4321\"\r\r\nOK\r\n"),
        ],
    );
}

#[test]
fn ten_wrong_puks_kill_the_card() {
    let mut driver = locked();
    for _ in 0..3 {
        driver.write(0, b"AT+CPIN=1\r");
    }
    for _ in 0..10 {
        driver.write(0, b"AT+CPIN=\"00000000\",\"4321\"\r");
    }
    driver.read(0);
    run(
        &mut driver,
        &[
            Host("AT+CPIN?\r"),
            Modem("\r\n+CME ERROR: 13\r\n"),
            Host("AT+CPIN=\"10000000\",\"4321\"\r"),
            Modem("\r\n+CME ERROR: 13\r\n"),
        ],
    );
}

#[test]
fn pin_is_switched_off_on_and_changed() {
    let mut driver = locked();
    run(
        &mut driver,
        &[
            Host("AT+CPIN=\"1234\"\r"),
            OK,
            Host("AT+CLCK=\"SC\",2\r"),
            Modem("\r\n+CLCK: 1\r\n\r\nOK\r\n"),
            Host("AT+CPWD=\"SC\",\"1234\",\"5678\"\r"),
            OK,
            Host("AT+CLCK=\"SC\",0,\"1234\"\r"),
            Modem("\r\n+CME ERROR: 16\r\n"),
            Host("AT+CLCK=\"SC\",0,\"5678\"\r"),
            OK,
            Host("AT+CLCK=\"SC\",2\r"),
            Modem("\r\n+CLCK: 0\r\n\r\nOK\r\n"),
            Host("AT+CFUN=1,1\r"),
            OK,
            Pass(10_000),
            Modem("\r\nRDY\r\n\r\n+CFUN: 1\r\n\r\n+CPIN: READY\r\n"),
        ],
    );
}

#[test]
fn another_card_brings_its_own_identity_and_references() {
    let mut driver = check(&[
        REPORT_ME,
        OK,
        SEND,
        PROMPT,
        PDU_SENT,
        Pass(3_000),
        Modem("\r\n+CMGS: 42\r\n\r\nOK\r\n"),
    ]);
    let other = Sim {
        last_reference: 6,
        ..Sim::of_line(9, 1)
    };
    let first = driver.rack().modems()[0].card();
    let swap = |driver: &mut Driver, sim: &Sim| {
        driver.step(RackInput::Modem {
            line: 0,
            event: ModemEvent::SwapSim(Box::new(sim.clone())),
        });
    };
    swap(&mut driver, &other);
    run(
        &mut driver,
        &[
            Modem("\r\n+CPIN: NOT INSERTED\r\n\r\n+CPIN: READY\r\n"),
            // The report is the other SIM's.
            Pass(60_000),
            NOTHING,
            Host("AT+CIMI\r"),
            Modem("\r\n262010000000009\r\n\r\nOK\r\n"),
            SEND,
            PROMPT,
            PDU_SENT,
            Pass(3_000),
            Modem("\r\n+CMGS: 7\r\n\r\nOK\r\n"),
        ],
    );
    driver.advance(Duration::from_secs(10));
    driver.read(0);
    let second = driver.rack().modems()[0].card();
    swap(&mut driver, &first);
    driver.advance(Duration::from_secs(10));
    let said = String::from_utf8(driver.read(0)).unwrap();
    assert_eq!(
        said.matches("+CDS: 26\r\n0791945155999999062A").count(),
        1,
        "{said}"
    );
    swap(&mut driver, &second);
    driver.advance(Duration::from_secs(10));
    driver.read(0);
    run(
        &mut driver,
        &[
            SEND,
            PROMPT,
            PDU_SENT,
            Pass(3_000),
            Modem("\r\n+CMGS: 8\r\n\r\nOK\r\n"),
        ],
    );
}

#[test]
fn pulled_card_refuses_everything_and_comes_back() {
    let mut driver = check(&[]);
    let happen = |driver: &mut Driver, event| driver.step(RackInput::Modem { line: 0, event });
    happen(&mut driver, ModemEvent::PullSim);
    run(
        &mut driver,
        &[
            Modem("\r\n+CPIN: NOT INSERTED\r\n"),
            Host("AT+CPIN?\r"),
            Modem("\r\n+CME ERROR: 10\r\n"),
            SEND,
            Modem("\r\n+CMS ERROR: 310\r\n"),
        ],
    );
    happen(&mut driver, ModemEvent::InsertSim);
    run(
        &mut driver,
        &[
            Modem("\r\n+CPIN: READY\r\n"),
            Pass(600),
            SEND,
            PROMPT,
            PDU_SENT,
            Pass(3_000),
            Modem("\r\n+CMGS: 42\r\n\r\nOK\r\n"),
        ],
    );
}

#[test]
fn card_that_goes_while_a_message_is_entered_sends_nothing() {
    let pull = |driver: &mut Driver| {
        driver.step(RackInput::Modem {
            line: 0,
            event: ModemEvent::PullSim,
        });
    };
    let gone = Modem("\r\n+CMS ERROR: 310\r\n\r\n+CPIN: NOT INSERTED\r\n");
    let mut driver = check(&[SEND, PROMPT, Host("0031")]);
    pull(&mut driver);
    run(&mut driver, &[gone, Host("\x1a\rAT\r"), OK]);
    let mut faults = Faults::default();
    faults.prompt.rate = 1.0;
    let mut driver = quiet_modem(faults);
    run(&mut driver, &[SEND, NOTHING]);
    pull(&mut driver);
    run(&mut driver, &[gone, Pass(10_000), NOTHING]);
    // The network may go as well.
    let mut driver = check(&[SEND, PROMPT]);
    driver.step(RackInput::Trouble {
        lines: &crate::Lines::All,
        trouble: &crate::Trouble::LoseNetwork { denied: false },
        lasts: Duration::from_secs(60),
    });
    run(&mut driver, &[PDU_SENT, Modem("\r\n+CMS ERROR: 331\r\n")]);
    assert_eq!(driver.ledger(), []);
}
