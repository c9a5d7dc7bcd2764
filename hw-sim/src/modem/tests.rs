//! Dialogues with one modem, byte by byte, on a clock that only moves when told.

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
    check_answer("AT+CMGF=1", "\r\n+CMS ERROR: 303\r\n");
    check_answer("AT=", "\r\n+CME ERROR: 4\r\n");
    check_answer("AT+", "\r\n+CME ERROR: 4\r\n");
    check_answer("AT+CSQ=?x", "\r\n+CME ERROR: 4\r\n");
}

#[test]
fn joined_commands_stop_at_the_first_error() {
    check_answer("AT+CMGF=0;+CMGF?", "\r\n+CMGF: 0\r\n\r\nOK\r\n");
    check_answer(
        "AT+CMGF?;+CMGF=1;+CMEE?",
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
fn message_is_sent() {
    let driver = check(&[
        SEND,
        PROMPT,
        PDU_SENT,
        NOTHING,
        Pass(2_999),
        NOTHING,
        Pass(1),
        Modem("\r\n+CMGS: 42\r\n\r\nOK\r\n"),
        SEND,
        PROMPT,
        PDU_SENT,
        Pass(3_000),
        Modem("\r\n+CMGS: 43\r\n\r\nOK\r\n"),
    ]);
    let entry = &driver.ledger()[0];
    assert_eq!((entry.to.as_str(), entry.mr), ("+4915112345678", Some(42)));
    assert_eq!((entry.text.as_deref(), entry.parts), (Some("hello"), 1));
    assert_eq!((entry.t_ms, entry.busy_ms), (3_000, Some(3_000.0)));
    assert_eq!(entry.tpdu, "312A0D91945111325476F80000A705E8329BFD06");
}

#[test]
fn reference_wraps_and_belongs_to_the_card() {
    let mut driver = with_sim(
        Faults::default(),
        Sim {
            last_reference: 255,
            ..Sim::of_line(0, 1)
        },
    );
    driver.write(0, b"ATE0\r");
    driver.read(0);
    let restart = [Host("AT+CFUN=1,1\r"), OK, Pass(10_000)];
    run(
        &mut driver,
        &[
            SEND,
            PROMPT,
            PDU_SENT,
            Pass(3_000),
            Modem("\r\n+CMGS: 0\r\n\r\nOK\r\n"),
        ],
    );
    run(&mut driver, &restart);
    driver.read(0);
    driver.write(0, b"ATE0\r");
    driver.read(0);
    run(
        &mut driver,
        &[
            SEND,
            PROMPT,
            PDU_SENT,
            Pass(3_000),
            Modem("\r\n+CMGS: 1\r\n\r\nOK\r\n"),
        ],
    );
}

#[test]
fn pdu_is_echoed_when_echo_is_on() {
    let mut driver = fresh_modem(Faults::default());
    run(
        &mut driver,
        &[
            SEND,
            Modem("AT+CMGS=20\r\r\n> "),
            PDU_SENT,
            Modem(PDU),
            Pass(3_000),
            Modem("\r\n+CMGS: 42\r\n\r\nOK\r\n"),
        ],
    );
}

#[test]
fn pdu_arrives_in_pieces() {
    let mut driver = quiet_modem(Faults::default());
    for byte in format!("AT+CMGS=20\r{PDU}\x1a").bytes() {
        driver.write(0, &[byte]);
    }
    run(
        &mut driver,
        &[PROMPT, Pass(3_000), Modem("\r\n+CMGS: 42\r\n\r\nOK\r\n")],
    );
}

#[test]
fn escape_sends_nothing() {
    let driver = check(&[
        SEND,
        PROMPT,
        Host("0031000D"),
        Host("\x1b"),
        OK,
        Pass(60_000),
        NOTHING,
        Host("AT\r"),
        OK,
        SEND,
        PROMPT,
        PDU_SENT,
        Pass(3_000),
        Modem("\r\n+CMGS: 42\r\n\r\nOK\r\n"),
    ]);
    assert_eq!(submissions(&driver), 1);
}

#[test]
fn wrong_pdus_are_refused_before_the_air() {
    let refused = |length: &str, pdu: &str| {
        let command = format!("AT+CMGS={length}\r");
        let typed = format!("{pdu}\x1a");
        let driver = check(&[
            Host(&command),
            PROMPT,
            Host(&typed),
            Modem("\r\n+CMS ERROR: 304\r\n"),
            Host("AT\r"),
            OK,
        ]);
        assert_eq!(submissions(&driver), 0);
    };
    refused("19", PDU);
    refused("21", PDU);
    refused("20", &PDU[..41]);
    refused("20", &format!("\n{PDU}"));
    refused("20", &PDU.replace('E', "X"));
    refused("20", "");
    refused("20", &PDU.replacen("31", "30", 1));
    refused("20", &"0".repeat(100_000));
    refused("20", "FF");
    let unannounced = |length: &str| {
        check_answer(&format!("AT+CMGS{length}"), "\r\n+CMS ERROR: 304\r\n");
    };
    for length in [
        "",
        "=",
        "=0",
        "=6",
        "=165",
        "=-1",
        "=99999999999",
        "=x",
        "?",
    ] {
        unannounced(length);
    }
    check(&[
        Host("AT+CSCA=\"\"\r"),
        OK,
        SEND,
        PROMPT,
        PDU_SENT,
        Modem("\r\n+CMS ERROR: 330\r\n"),
    ]);
}

#[test]
fn nothing_is_heard_during_a_send() {
    check(&[
        SEND,
        PROMPT,
        PDU_SENT,
        Host("AT\r\x1bAT+CSQ\r"),
        NOTHING,
        Pass(3_000),
        Modem("\r\n+CMGS: 42\r\n\r\nOK\r\n"),
        Host("AT\r"),
        OK,
    ]);
}

#[test]
fn network_refuses() {
    let mut faults = Faults::default();
    faults.errors.rate = 1.0;
    faults.errors.codes = vec![ErrorCode {
        code: 38,
        weight: 1.0,
    }];
    let mut driver = quiet_modem(faults);
    run(
        &mut driver,
        &[
            SEND,
            PROMPT,
            PDU_SENT,
            Pass(3_000),
            Modem("\r\n+CMS ERROR: 38\r\n"),
            Host("AT\r"),
            OK,
        ],
    );
    assert_eq!(driver.ledger(), []);
}

#[test]
fn silence_follows_ctrl_z() {
    for accepted in [0.0, 1.0] {
        let silence = SilenceFault {
            rate: 1.0,
            accepted,
            busy: Duration::from_secs(2),
        };
        let mut driver = quiet_modem(Faults {
            silence,
            ..Faults::default()
        });
        run(
            &mut driver,
            &[
                SEND,
                PROMPT,
                PDU_SENT,
                Pass(4_999),
                Host("AT\r"),
                NOTHING,
                Pass(1),
                NOTHING,
                Host("AT\r"),
                OK,
            ],
        );
        assert_eq!(submissions(&driver), accepted as usize);
    }
}

#[test]
fn late_prompt() {
    let prompt = PromptFault {
        rate: 1.0,
        delay: Duration::from_secs(3)..=Duration::from_secs(3),
    };
    let mut driver = quiet_modem(Faults {
        prompt,
        ..Faults::default()
    });
    run(
        &mut driver,
        &[
            SEND,
            NOTHING,
            Pass(2_000),
            Host("\x1b"),
            NOTHING,
            Pass(1_000),
            PROMPT,
            Host("\x1b"),
            OK,
        ],
    );
}

#[test]
fn report_comes_when_asked_for() {
    let report = "\r\n+CDS: 26\r\n079194515599999906\
                  2A0D91945111325476F8521110100030405211101000504000\r\n";
    check(&[
        REPORT_ME,
        OK,
        SEND,
        PROMPT,
        PDU_SENT,
        Pass(3_000),
        Modem("\r\n+CMGS: 42\r\n\r\nOK\r\n"),
        Pass(1_999),
        NOTHING,
        Pass(1),
        Modem(report),
    ]);
    // Without TP-SRR nobody asked.
    let unasked = PDU.replacen("0031", "0011", 1) + "\x1a";
    let sent = Modem("\r\n+CMGS: 42\r\n\r\nOK\r\n");
    check(&[
        REPORT_ME,
        OK,
        SEND,
        PROMPT,
        Host(&unasked),
        Pass(3_000),
        sent,
        Pass(60_000),
        NOTHING,
    ]);
}

#[test]
fn reports_wait_for_a_host_that_listens() {
    let report = |mr: &str| {
        format!(
            "\r\n+CDS: 26\r\n079194515599999906{mr}0D91945111325476F8521110100030405211101000504000\r\n"
        )
    };
    let answer = Modem("\r\n+CMGS: 42\r\n\r\nOK\r\n");
    let late = format!("\r\nOK\r\n{}", report("2A"));
    check(&[
        SEND,
        PROMPT,
        PDU_SENT,
        Pass(3_000),
        answer,
        Pass(60_000),
        NOTHING,
        REPORT_ME,
        Modem(&late),
    ]);
    // A host that died takes its settings with it as far as the network is concerned.
    let driver = check(&[
        REPORT_ME,
        OK,
        SEND,
        PROMPT,
        PDU_SENT,
        Gone,
        Pass(3_000),
        answer,
        Pass(60_000),
        NOTHING,
        REPORT_ME,
        Modem(&late),
    ]);
    assert_eq!(driver.ledger().len(), 2);
    assert_eq!(driver.ledger()[1].t_ms, 63_000);
}

#[test]
fn reports_are_stored_with_ds_2() {
    let pdu = "0791945155999999062A0D91945111325476F8521110100030405211101000504000";
    let shown = format!("\r\n+CMGR: 0,,26\r\n{pdu}\r\n\r\nOK\r\n");
    check(&[
        Host("AT+CNMI=2,1,0,2,0\r"),
        OK,
        SEND,
        PROMPT,
        PDU_SENT,
        Pass(5_000),
        Modem("\r\n+CMGS: 42\r\n\r\nOK\r\n\r\n+CDSI: \"SR\",1\r\n"),
        Host("AT+CPMS=\"SR\"\r"),
        Modem("\r\n+CPMS: 1,20,0,100,0,100\r\n\r\nOK\r\n"),
        Host("AT+CMGR=1\r"),
        Modem(&shown),
        Host("AT+CMGD=1\r"),
        OK,
        Host("AT+CMGR=1\r"),
        Modem("\r\n+CMS ERROR: 321\r\n"),
    ]);
}

#[test]
fn report_before_the_answer() {
    let mut faults = Faults::default();
    faults.reports.early = 1.0;
    let mut driver = quiet_modem(faults);
    let report =
        "\r\n+CDS: 26\r\n0791945155999999062A0D91945111325476F8521110100030405211101000304000\r\n";
    let both = format!("{report}\r\n+CMGS: 42\r\n\r\nOK\r\n");
    run(
        &mut driver,
        &[
            REPORT_ME,
            OK,
            SEND,
            PROMPT,
            PDU_SENT,
            Pass(3_000),
            Modem(&both),
            Pass(60_000),
            NOTHING,
        ],
    );
}

#[test]
fn unsolicited_lines_wait_while_a_pdu_is_entered() {
    let mut driver = quiet_modem(Faults::default());
    let sent = [
        REPORT_ME,
        OK,
        SEND,
        PROMPT,
        PDU_SENT,
        Pass(3_000),
        Modem("\r\n+CMGS: 42\r\n\r\nOK\r\n"),
    ];
    run(&mut driver, &sent);
    let report =
        "\r\n+CDS: 26\r\n0791945155999999062A0D91945111325476F8521110100030405211101000504000\r\n";
    let after_escape = format!("\r\nOK\r\n{report}");
    run(
        &mut driver,
        &[
            SEND,
            PROMPT,
            Host("00"),
            Pass(5_000),
            NOTHING,
            Host("\x1b"),
            Modem(&after_escape),
        ],
    );
}

#[test]
fn routed_reports_want_acknowledgement_with_csms_1() {
    let head = "\r\n+CDS: 26\r\n0791945155999999062";
    let mut driver = quiet_modem(Faults::default());
    run(
        &mut driver,
        &[
            Host("AT+CSMS=1\r"),
            Modem("\r\n+CSMS: 1,1,1\r\n\r\nOK\r\n"),
            REPORT_ME,
            OK,
        ],
    );
    for _ in 0..3 {
        run(&mut driver, &[SEND, PROMPT, PDU_SENT, Pass(3_000)]);
        driver.read(0);
    }
    // The second report waits for the first to be acknowledged; the third is never asked for in time.
    run(&mut driver, &[Pass(5_000), NOTHING, Host("AT+CNMA=0\r")]);
    let said = String::from_utf8(driver.read(0)).unwrap();
    assert!(said.starts_with(&format!("\r\nOK\r\n{head}B")), "{said}");
    run(
        &mut driver,
        &[
            Pass(17_000),
            NOTHING,
            Host("AT+CNMI?\r"),
            Modem("\r\n+CNMI: 2,0,0,0,0\r\n\r\nOK\r\n"),
            Host("AT+CNMA\r"),
            Modem("\r\n+CMS ERROR: 340\r\n"),
            REPORT_ME,
        ],
    );
    let said = String::from_utf8(driver.read(0)).unwrap();
    assert!(said.starts_with(&format!("\r\nOK\r\n{head}C")), "{said}");
}

#[test]
fn messages_from_outside_are_stored_or_routed() {
    let mut driver = check(&[
        Host("AT+CNMI=2,1,0,0,0\r"),
        OK,
        Inbound("hi"),
        Modem("\r\n+CMTI: \"ME\",1\r\n"),
        Inbound("you"),
        Modem("\r\n+CMTI: \"ME\",2\r\n"),
        Host("AT+CPMS?\r"),
        Modem("\r\n+CPMS: \"ME\",2,100,\"ME\",2,100,\"ME\",2,100\r\n\r\nOK\r\n"),
        Host("AT+CMGL=4\r"),
    ]);
    let listed = String::from_utf8(driver.read(0)).unwrap();
    assert!(
        listed.starts_with("\r\n+CMGL: 1,0,,18\r\n0791945155999999040691947100"),
        "{listed}"
    );
    assert!(listed.contains("\r\n\r\n+CMGL: 2,0,,19\r\n"), "{listed}");
    run(
        &mut driver,
        &[
            Host("AT+CMGL=0\r"),
            OK,
            Host("AT+CMGD=1,4\r"),
            OK,
            Host("AT+CMGL=4\r"),
            OK,
        ],
    );
    run(&mut driver, &[Host("AT+CNMI=2,2\r"), OK, Inbound("hi")]);
    let routed = String::from_utf8(driver.read(0)).unwrap();
    assert!(
        routed.starts_with("\r\n+CMT: ,18\r\n0791945155999999040691947100"),
        "{routed}"
    );
    let inbound: Vec<_> = driver
        .ledger()
        .iter()
        .map(|entry| (entry.from.as_deref(), entry.text.as_deref()))
        .collect();
    let expected = [
        (Some("+491700"), Some("hi")),
        (Some("+491700"), Some("you")),
        (Some("+491700"), Some("hi")),
    ];
    assert_eq!(inbound, expected);
}

#[test]
fn full_memory_keeps_messages_in_the_network() {
    let mut driver = check(&[
        Host("AT+CPMS=\"SM\",\"SM\",\"SM\"\r"),
        Modem("\r\n+CPMS: 0,30,0,30,0,30\r\n\r\nOK\r\n"),
    ]);
    for index in 0..35 {
        driver
            .inbound(0, "SimFleet", &format!("number {index}"))
            .unwrap();
    }
    assert_eq!(driver.ledger().len(), 30);
    driver.write(0, b"AT+CMGD=1\r");
    assert_eq!(driver.ledger().len(), 31);
    driver.write(0, b"AT+CMGD=1,4\r");
    assert_eq!(driver.ledger().len(), 35);
}

#[test]
fn restart_loses_settings_but_not_the_submission() {
    let mut driver = quiet_modem(Faults::default());
    run(
        &mut driver,
        &[REPORT_ME, OK, SEND, PROMPT, PDU_SENT, Pass(1_000)],
    );
    driver.step(RackInput::Restart { line: 0 });
    run(
        &mut driver,
        &[
            Host("AT\r"),
            NOTHING,
            Pass(10_000),
            Modem("\r\nRDY\r\n\r\n+CFUN: 1\r\n\r\n+CPIN: READY\r\n"),
            Host("AT+CNMI?\r"),
            Modem("AT+CNMI?\r\r\n+CNMI: 0,0,0,0,0\r\n\r\nOK\r\n"),
        ],
    );
    assert_eq!(submissions(&driver), 1);
}

#[test]
fn upsets_come_by_themselves() {
    let every = Some(Duration::from_secs(10));
    let faults = Faults {
        noise: NoiseFault { every },
        garbage: GarbageFault {
            every,
            bytes_max: 10,
        },
        reboot: RebootFault {
            every,
            ..RebootFault::default()
        },
        port: PortFault {
            every,
            ..PortFault::default()
        },
        ..Faults::default()
    };
    let mut driver = Driver::new(DriverSettings {
        faults,
        ..DriverSettings::default()
    });
    driver.advance(Duration::from_secs(600));
    let said = String::from_utf8_lossy(&driver.read(0)).into_owned();
    for expected in ["RDY", "RING", "+CSQ", "+CREG", "^RSSI", "\u{fffd}"] {
        assert!(said.contains(expected), "{expected} in {said}");
    }
    let unplugged = driver.unplugged().len();
    assert!((30..90).contains(&unplugged), "{unplugged}");
    driver.step(RackInput::Faults(&Faults::default()));
    driver.advance(Duration::from_secs(60));
    driver.read(0);
    driver.advance(Duration::from_secs(6_000));
    assert_eq!(
        (driver.read(0), driver.unplugged(), driver.deadline()),
        (vec![], vec![], None)
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
