//! Sending: prompt, PDU, Ctrl-Z, ESC, answers and their absence.

use super::*;

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
    let [entry] = driver.ledger() else {
        panic!("{:?}", driver.ledger());
    };
    assert_eq!((entry.event, entry.cause), (LedgerEvent::Refuse, Some(38)));
    assert_eq!(entry.text.as_deref(), Some("hello"));
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
