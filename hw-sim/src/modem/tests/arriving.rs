//! Reports and messages that arrive: when, in which form, and for whom they wait.

use super::*;

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
            OK,
            Pass(59_999),
            NOTHING,
            Pass(1),
        ],
    );
    // The network comes again with what was not acknowledged, and then with the rest.
    let again = String::from_utf8(driver.read(0)).unwrap();
    assert!(again.starts_with(&format!("{head}B")), "{again}");
    driver.write(0, b"AT+CNMA\r");
    let said = String::from_utf8(driver.read(0)).unwrap();
    assert!(said.starts_with(&format!("\r\nOK\r\n{head}C")), "{said}");
}

/// The host can't acknowledge what it was not told: its 17 s begin when the entry is over.
#[test]
fn what_is_held_is_acknowledged_after_the_entry() {
    let still_on = Modem("\r\n+CNMI: 2,2,0,1,0\r\n\r\nOK\r\n");
    let mut driver = check(&[
        Host("AT+CSMS=1;+CNMI=2,2,0,1,0\r"),
        Modem("\r\n+CSMS: 1,1,1\r\n\r\nOK\r\n"),
        SEND,
        PROMPT,
        Inbound("hi"),
        Pass(60_000),
        NOTHING,
        Host("\x1b"),
        Pass(16_000),
    ]);
    let held = String::from_utf8(driver.read(0)).unwrap();
    assert!(held.starts_with("\r\nOK\r\n\r\n+CMT: ,18\r\n"), "{held}");
    run(
        &mut driver,
        &[Host("AT+CNMI?\r"), still_on, Host("AT+CNMA\r"), OK],
    );
    let mut driver = check(&[
        Host("AT+CSMS=1;+CNMI=2,2,0,1,0\r"),
        Modem("\r\n+CSMS: 1,1,1\r\n\r\nOK\r\n"),
        SEND,
        PROMPT,
        Inbound("hi"),
        Host("\x1b"),
        Pass(17_000),
    ]);
    driver.read(0);
    let off = Modem("\r\n+CNMI: 2,0,0,0,0\r\n\r\nOK\r\n");
    run(&mut driver, &[Host("AT+CNMI?\r"), off]);
}

/// Nobody is shown what a modem keeps to itself, so nobody has to acknowledge it.
#[test]
fn what_is_kept_back_wants_no_acknowledgement() {
    check(&[
        Host("AT+CSMS=1;+CNMI=0,2,0,1,0\r"),
        Modem("\r\n+CSMS: 1,1,1\r\n\r\nOK\r\n"),
        Inbound("hi"),
        Pass(60_000),
        NOTHING,
        Host("AT+CNMI?\r"),
        Modem("\r\n+CNMI: 0,2,0,1,0\r\n\r\nOK\r\n"),
    ]);
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
