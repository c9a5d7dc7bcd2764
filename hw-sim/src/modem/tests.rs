//! Dialogues with one modem, byte by byte, on a clock that only moves when told.

mod arriving;
mod card;
mod outside;
mod quirks;
mod radio;
mod sending;
mod stores;
mod text_mode;
mod upsets;
mod ussd;

use std::time::Duration;

use crate::{
    Driver, DriverSettings, ErrorCode, Faults, GarbageFault, LedgerEvent, NoiseFault, PortFault,
    PromptFault, RackInput, RebootFault, SilenceFault, Sim,
};

/// One line of a dialogue.
#[derive(Debug, Clone, Copy)]
enum Say<'a> {
    /// The host writes.
    Host(&'a str),
    /// The modem has written exactly this since the last look.
    Modem(&'a str),
    /// Milliseconds pass.
    Pass(u64),
    /// The host closes the port.
    Gone,
    /// Somebody sends a text.
    Inbound(&'a str),
}

use Say::{Gone, Host, Inbound, Modem, Pass};

const OK: Say<'_> = Modem("\r\nOK\r\n");
const ERROR: Say<'_> = Modem("\r\nERROR\r\n");
const PROMPT: Say<'_> = Modem("\r\n> ");
const NOTHING: Say<'_> = Modem("");
/// A SUBMIT to +4915112345678, "hello", report asked for: 20 octets behind an empty SMSC field.
const PDU: &str = "0031000D91945111325476F80000A705E8329BFD06";
const PDU_SENT: Say<'_> = Host("0031000D91945111325476F80000A705E8329BFD06\x1a");
const SEND: Say<'_> = Host("AT+CMGS=20\r");
const REPORT_ME: Say<'_> = Host("AT+CNMI=2,1,0,1,0\r");

/// The same after `ATE0+CMEE=1`.
fn quiet_modem(faults: Faults) -> Driver {
    let mut driver = fresh_modem(faults);
    run(
        &mut driver,
        &[Host("ATE0+CMEE=1\r"), Modem("ATE0+CMEE=1\r\r\nOK\r\n")],
    );
    driver
}

/// A modem as it comes up, whose SIM last used TP-MR 41.
fn fresh_modem(faults: Faults) -> Driver {
    with_sim(
        faults,
        Sim {
            last_reference: 41,
            ..Sim::of_line(0, 1)
        },
    )
}

fn with_sim(faults: Faults, sim: Sim) -> Driver {
    Driver::with_sims(
        DriverSettings {
            faults,
            ..DriverSettings::default()
        },
        vec![sim],
    )
}

fn run(driver: &mut Driver, dialogue: &[Say<'_>]) {
    for (index, say) in dialogue.iter().enumerate() {
        match say {
            Host(text) => driver.write(0, text.as_bytes()),
            Modem(expected) => {
                let said = String::from_utf8_lossy(&driver.read(0)).into_owned();
                assert_eq!(said, *expected, "line {index} of {dialogue:?}");
            }
            Pass(ms) => driver.advance(Duration::from_millis(*ms)),
            Gone => driver.step(RackInput::HostGone { line: 0 }),
            Inbound(text) => driver.inbound(0, "+491700", text).unwrap(),
        }
    }
}

/// A dialogue with a quiet modem without faults.
fn check(dialogue: &[Say<'_>]) -> Driver {
    let mut driver = quiet_modem(Faults::default());
    run(&mut driver, dialogue);
    driver
}

/// A command and the whole of its answer.
fn check_answer(command: &str, answer: &str) {
    check(&[Host(&format!("{command}\r")), Modem(answer)]);
}

fn submissions(driver: &Driver) -> usize {
    driver
        .ledger()
        .iter()
        .filter(|entry| entry.event == LedgerEvent::Submit)
        .count()
}

#[test]
fn echo_is_on_at_start_and_can_be_switched() {
    let mut driver = fresh_modem(Faults::default());
    run(
        &mut driver,
        &[
            Host("AT\r"),
            Modem("AT\r\r\nOK\r\n"),
            Host("A"),
            Modem("A"),
            Host("T\r"),
            Modem("T\r\r\nOK\r\n"),
            Host("ATE0\r"),
            Modem("ATE0\r\r\nOK\r\n"),
            Host("AT\r"),
            OK,
            Host("ATE1\r"),
            OK,
            Host("at\r"),
            Modem("at\r\r\nOK\r\n"),
            Host("ATE0\rATZ\r"),
            Modem("ATE0\r\r\nOK\r\n\r\nOK\r\n"),
            Host("AT\r"),
            Modem("AT\r\r\nOK\r\n"),
        ],
    );
}

#[test]
fn lines_that_are_not_commands_are_ignored() {
    for line in ["\r", "\n\r", "hello\r", "\x1b\r", "\x1a\r", "\0\0\r"] {
        check(&[Host(line), NOTHING]);
    }
    check(&[Host("\x1b\0garbageAT\r"), OK]);
    check(&[Host("AT\x08\x08AT\r\n"), OK]);
    check(&[
        Host(&"x".repeat(5_000)),
        NOTHING,
        Host("\r"),
        ERROR,
        Host("AT\r"),
        OK,
    ]);
}

#[test]
fn verbosity_and_quiet_are_kept_apart() {
    check(&[
        Host("ATV0\r"),
        Modem("0\r"),
        Host("AT+CSCS?\r"),
        Modem("+CSCS: \"IRA\"\r\n0\r"),
    ]);
    check(&[Host("ATV0\r"), Modem("0\r"), Host("ATE7\r"), Modem("4\r")]);
    check(&[
        Host("ATQ1\r"),
        NOTHING,
        Host("AT\r"),
        NOTHING,
        Host("ATQ0\r"),
        OK,
    ]);
    check(&[
        Host("ATE0V1Q0\r"),
        OK,
        Host("ATE0 V1 Q0\r"),
        OK,
        Host("AT&F\r"),
        OK,
    ]);
    check(&[
        Host("AT&D0\r"),
        OK,
        Host("AT&C1&D2S0=0\r"),
        OK,
        Host("ATS7?\r"),
        OK,
    ]);
}

#[test]
fn errors_have_the_form_that_was_asked_for() {
    check_answer("AT+NOSUCH", "\r\n+CME ERROR: 4\r\n");
    check_answer("AT+CMEE=7", "\r\n+CME ERROR: 50\r\n");
    check(&[Host("AT+CMEE=0\r"), OK, Host("AT+NOSUCH=1\r"), ERROR]);
    check(&[
        Host("AT+CMEE=2\r"),
        OK,
        Host("AT+NOSUCH\r"),
        Modem("\r\n+CME ERROR: operation not supported\r\n"),
        Host("AT+CMGR=5\r"),
        Modem("\r\n+CMS ERROR: Invalid memory index\r\n"),
    ]);
    check_answer("AT+CMGF=2", "\r\n+CMS ERROR: 303\r\n");
    check_answer("AT=", "\r\n+CME ERROR: 4\r\n");
    check_answer("AT+", "\r\n+CME ERROR: 4\r\n");
    check_answer("AT+CSQ=?x", "\r\n+CME ERROR: 4\r\n");
}

#[test]
fn joined_commands_stop_at_the_first_error() {
    check_answer("AT+CMGF=0;+CMGF?", "\r\n+CMGF: 0\r\n\r\nOK\r\n");
    check_answer(
        "AT+CMGF?;+CMGF=2;+CMEE?",
        "\r\n+CMGF: 0\r\n\r\n+CMS ERROR: 303\r\n",
    );
    check_answer(
        "ATE0+CMEE?;+CMMS?",
        "\r\n+CMEE: 1\r\n\r\n+CMMS: 0\r\n\r\nOK\r\n",
    );
    check_answer("AT;;", "\r\nOK\r\n");
}

#[test]
fn identity_is_told() {
    check_answer("AT+CGMI", "\r\nSimFleet\r\n\r\nOK\r\n");
    check_answer("AT+GMM", "\r\nHW-SIM\r\n\r\nOK\r\n");
    check_answer("AT+CGSN", "\r\n867000060000009\r\n\r\nOK\r\n");
    check_answer("AT+CCID", "\r\n+CCID: 8949200000000000008\r\n\r\nOK\r\n");
    check_answer("AT+CIMI", "\r\n262010000000000\r\n\r\nOK\r\n");
    check_answer(
        "AT+CNUM",
        "\r\n+CNUM: \"\",\"+4915550000000\",145\r\n\r\nOK\r\n",
    );
    check_answer("AT+CGSN=?", "\r\nOK\r\n");
    check_answer("AT+CPIN?", "\r\n+CPIN: READY\r\n\r\nOK\r\n");
    check_answer("AT+CSCA?", "\r\n+CSCA: \"+491555999999\",145\r\n\r\nOK\r\n");
    check_answer(
        "AT+CPMS?",
        "\r\n+CPMS: \"ME\",0,100,\"ME\",0,100,\"ME\",0,100\r\n\r\nOK\r\n",
    );
    check_answer("AT+CSMS=0", "\r\n+CSMS: 1,1,1\r\n\r\nOK\r\n");
    check_answer(
        "AT+COPS=3,2;+COPS?",
        "\r\n+COPS: 0,2,\"26201\",7\r\n\r\nOK\r\n",
    );
}

#[test]
fn registration_is_told_and_announced() {
    check_answer("AT+CREG?", "\r\n+CREG: 0,1\r\n\r\nOK\r\n");
    check_answer(
        "AT+CREG=2;+CREG?",
        "\r\n+CREG: 2,1,\"00A1\",\"01A2B3C4\",7\r\n\r\nOK\r\n",
    );
    check(&[
        Host("AT+CREG=1;+CEREG=1\r"),
        OK,
        Host("AT+CFUN=4\r"),
        Modem("\r\n+CREG: 0\r\n\r\n+CEREG: 0\r\n\r\nOK\r\n"),
        SEND,
        Modem("\r\n+CMS ERROR: 331\r\n"),
        Host("AT+CFUN=1;+CREG?\r"),
        Modem("\r\n+CREG: 1,2\r\n\r\nOK\r\n"),
        Pass(600),
        Modem("\r\n+CREG: 1\r\n\r\n+CEREG: 1\r\n"),
    ]);
}

#[test]
fn pin_locks_the_card() {
    let sim = Sim {
        pin: Some("1234".to_owned()),
        ..Sim::of_line(0, 1)
    };
    let mut driver = with_sim(Faults::default(), sim);
    run(
        &mut driver,
        &[
            Host("ATE0+CMEE=1;+CPIN?\r"),
            Modem("ATE0+CMEE=1;+CPIN?\r\r\n+CPIN: SIM PIN\r\n\r\nOK\r\n"),
            Host("AT+CIMI\r"),
            Modem("\r\n+CME ERROR: 11\r\n"),
            SEND,
            Modem("\r\n+CMS ERROR: 311\r\n"),
            Host("AT+CPIN=\"9999\"\r"),
            Modem("\r\n+CME ERROR: 16\r\n"),
            Host("AT+CPINR\r"),
            Modem("\r\n+CPINR: SIM PIN,2,3\r\n\r\nOK\r\n"),
            Host("AT+CPIN=\"1234\"\r"),
            OK,
            Pass(600),
            Host("AT+CPIN?;+CREG?\r"),
            Modem("\r\n+CPIN: READY\r\n\r\n+CREG: 0,1\r\n\r\nOK\r\n"),
            Host("AT+CFUN=1,1\r"),
            OK,
            Pass(10_000),
            Modem("\r\nRDY\r\n\r\n+CFUN: 1\r\n\r\n+CPIN: SIM PIN\r\n"),
            Host("ATE0\rAT+CPIN=1\rAT+CPIN=1\rAT+CPIN=1\rAT+CPIN?\r"),
            Modem(
                "ATE0\r\r\nOK\r\n\r\nERROR\r\n\r\nERROR\r\n\r\nERROR\r\n\r\n+CPIN: SIM PUK\r\n\r\nOK\r\n",
            ),
        ],
    );
}

#[test]
fn ussd_is_answered() {
    check(&[
        Host("AT+CUSD=1,\"*100#\",15\r"),
        OK,
        Pass(1_500),
        Modem("\r\n+CUSD: 0,\"Balance: 10.00\",15\r\n"),
        Host("AT+CUSD=1,\"*100#\",15\r"),
        OK,
        Host("AT+CUSD=2\r"),
        OK,
        Pass(60_000),
        NOTHING,
    ]);
}

/// What is told to people who choose the simulator is held by tests of these names.
#[test]
fn claims_have_their_tests() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(root.join("../docs/simulator.md")).unwrap();
    let (_, claims) = page.split_once("## What a modem does\n").unwrap();
    let (claims, _) = claims.split_once("\n## ").unwrap();
    let mut sources = String::new();
    for folder in [
        "src/modem/tests",
        "src/network/tests",
        "src/network/delivery",
    ] {
        for file in std::fs::read_dir(root.join(folder)).unwrap() {
            sources += &std::fs::read_to_string(file.unwrap().path()).unwrap();
        }
    }
    sources += include_str!("tests.rs");
    let rows = claims.lines().filter(|line| line.starts_with("| "));
    let tests = rows
        .skip(1)
        .map(|row| row.rsplit('|').nth(1).unwrap().trim());
    let mut count = 0;
    for test in tests.flat_map(|tests| tests.split(", ")) {
        let name = test.trim_matches('`');
        assert!(
            sources.contains(&format!("fn {name}() {{")),
            "no test {test}"
        );
        count += 1;
    }
    assert!(count > 40, "{count} tests are named");
}
