//! Memories for messages: written, listed, read, sent and deleted, and what happens when one is full.

use super::*;
use crate::ModemProfile;

const IN_SM: Say<'_> = Host("AT+CPMS=\"SM\",\"SM\",\"SM\"\r");

/// A modem whose memories are small: two places on the SIM, three in the modem, one for reports.
fn small() -> Driver {
    let profile = ModemProfile::parse(
        "capacities = [2, 3, 1]\n",
        std::path::Path::new("small.toml"),
    );
    let mut driver = Driver::new(DriverSettings {
        profile: profile.unwrap().into(),
        ..DriverSettings::default()
    });
    driver.write(0, b"ATE0+CMEE=1\r");
    driver.read(0);
    driver
}

/// What of `+CMGL: <index>,<stat>` a command brings.
fn listed(driver: &mut Driver, command: &str) -> Vec<String> {
    driver.write(0, format!("{command}\r").as_bytes());
    let said = String::from_utf8(driver.read(0)).unwrap();
    assert!(said.ends_with("\r\nOK\r\n"), "{said}");
    let lines = said.lines().filter_map(|line| line.strip_prefix("+CMGL: "));
    lines.map(|line| line.chars().take(3).collect()).collect()
}

/// Received, read, to be sent and sent, in this order.
fn one_of_each(driver: &mut Driver) {
    run(
        driver,
        &[
            Inbound("new"),
            Inbound("seen"),
            Host("AT+CMGR=2\r"),
            Host("AT+CMGW=20\r"),
            PDU_SENT,
            Host("AT+CMGW=20,3\r"),
            PDU_SENT,
        ],
    );
    driver.read(0);
}

#[test]
fn messages_are_listed_by_their_state() {
    let mut driver = check(&[]);
    one_of_each(&mut driver);
    for (command, expected) in [
        ("AT+CMGL=1", &["2,1"][..]),
        ("AT+CMGL=2", &["3,2"]),
        ("AT+CMGL=3", &["4,3"]),
        ("AT+CMGL=0", &["1,0"]),
        // Whoever was listed has been seen.
        ("AT+CMGL=0", &[]),
        ("AT+CMGL", &[]),
        ("AT+CMGL=4", &["1,1", "2,1", "3,2", "4,3"]),
    ] {
        assert_eq!(listed(&mut driver, command), expected, "{command}");
    }
    check_answer("AT+CMGL=5", "\r\n+CMS ERROR: 305\r\n");
    check_answer("AT+CMGL=\"ALL\"", "\r\n+CMS ERROR: 305\r\n");
    check_answer("AT+CMGL=?", "\r\n+CMGL: (0-4)\r\n\r\nOK\r\n");
}

#[test]
fn a_message_is_read_and_then_is_no_longer_new() {
    let shown = |stat: u8| {
        format!(
            "\r\n+CMGR: {stat},,18\r\n0791945155999999040691947100000052111010000040\
             02E834\r\n\r\nOK\r\n"
        )
    };
    check(&[
        Inbound("hi"),
        Host("AT+CMGR=1\r"),
        Modem(&shown(0)),
        Host("AT+CMGR=1\r"),
        Modem(&shown(1)),
        Host("AT+CMGR=0\r"),
        Modem("\r\n+CMS ERROR: 321\r\n"),
        Host("AT+CMGR=101\r"),
        Modem("\r\n+CMS ERROR: 321\r\n"),
        Host("AT+CMGR=x\r"),
        Modem("\r\n+CMS ERROR: 305\r\n"),
    ]);
}

#[test]
fn messages_are_deleted_one_by_one_or_by_their_state() {
    for (command, left) in [
        ("AT+CMGD=1", &["2,1", "3,2", "4,3"][..]),
        ("AT+CMGD=1,0", &["2,1", "3,2", "4,3"]),
        // Of those that were read, sent, written and received; the index means nothing.
        ("AT+CMGD=1,1", &["1,0", "3,2", "4,3"]),
        ("AT+CMGD=1,2", &["1,0", "3,2"]),
        ("AT+CMGD=1,3", &["1,0"]),
        ("AT+CMGD=1,4", &[]),
        // An empty place is as good as emptied.
        ("AT+CMGD=50", &["1,0", "2,1", "3,2", "4,3"]),
    ] {
        let mut driver = check(&[]);
        one_of_each(&mut driver);
        run(&mut driver, &[Host(&format!("{command}\r")), OK]);
        assert_eq!(listed(&mut driver, "AT+CMGL=4"), left, "{command}");
    }
    check_answer("AT+CMGD=0", "\r\n+CMS ERROR: 321\r\n");
    check_answer("AT+CMGD=101", "\r\n+CMS ERROR: 321\r\n");
    check_answer("AT+CMGD=1,5", "\r\n+CMS ERROR: 305\r\n");
    check_answer("AT+CMGD=?", "\r\n+CMGD: (1-100),(0-4)\r\n\r\nOK\r\n");
}

#[test]
fn a_written_pdu_is_sent_from_its_place() {
    let mut driver = check(&[
        Host("AT+CMGW=20\r"),
        PROMPT,
        PDU_SENT,
        Modem("\r\n+CMGW: 1\r\n\r\nOK\r\n"),
        Host("AT+CMGW=20\r"),
        PROMPT,
        Host("00\x1b"),
        OK,
        Host("AT+CMSS=1\r"),
        NOTHING,
        Pass(3_000),
        Modem("\r\n+CMSS: 42\r\n\r\nOK\r\n"),
        Inbound("not to be sent"),
        Host("AT+CMSS=2\r"),
        Modem("\r\n+CMS ERROR: 321\r\n"),
        Host("AT+CMGW=21\r"),
        PROMPT,
        PDU_SENT,
        Modem("\r\n+CMS ERROR: 304\r\n"),
    ]);
    assert_eq!(listed(&mut driver, "AT+CMGL=3"), ["1,3"]);
    let [entry, _] = driver.ledger() else {
        panic!("{:?}", driver.ledger())
    };
    assert_eq!(
        (entry.to.as_str(), entry.text.as_deref(), entry.mr),
        ("+4915112345678", Some("hello"), Some(42))
    );
}

#[test]
fn a_full_memory_takes_nothing() {
    let mut driver = small();
    run(
        &mut driver,
        &[
            IN_SM,
            Modem("\r\n+CPMS: 0,2,0,2,0,2\r\n\r\nOK\r\n"),
            Host("AT+CMGW=20\r"),
            PROMPT,
            PDU_SENT,
            Modem("\r\n+CMGW: 1\r\n\r\nOK\r\n"),
            Inbound("one"),
            Inbound("waits with the network"),
            Host("AT+CMGW=20\r"),
            PROMPT,
            PDU_SENT,
            Modem("\r\n+CMS ERROR: 322\r\n"),
            Host("AT+CPMS?\r"),
            Modem("\r\n+CPMS: \"SM\",2,2,\"SM\",2,2,\"SM\",2,2\r\n\r\nOK\r\n"),
            // Room again: the network comes with what waited.
            Host("AT+CMGD=1\r"),
            OK,
            Host("AT+CPMS?\r"),
            Modem("\r\n+CPMS: \"SM\",2,2,\"SM\",2,2,\"SM\",2,2\r\n\r\nOK\r\n"),
        ],
    );
}

#[test]
fn a_full_memory_for_reports_keeps_them_in_the_network() {
    let mut driver = small();
    driver.write(0, b"AT+CNMI=2,1,0,2,0\r");
    for _ in 0..2 {
        run(&mut driver, &[SEND, PDU_SENT, Pass(6_000)]);
    }
    let said = String::from_utf8(driver.read(0)).unwrap();
    assert_eq!(said.matches("+CDSI: \"SR\",1").count(), 1, "{said}");
    run(
        &mut driver,
        &[
            Host("AT+CPMS=\"SR\"\r"),
            Modem("\r\n+CPMS: 1,1,0,3,0,3\r\n\r\nOK\r\n"),
            Host("AT+CMGD=1\r"),
            Modem("\r\nOK\r\n\r\n+CDSI: \"SR\",1\r\n"),
        ],
    );
}

#[test]
fn both_memories_together_have_the_places_of_both() {
    let mut driver = small();
    run(
        &mut driver,
        &[
            Host("AT+CPMS=\"MT\",\"ME\",\"MT\"\r"),
            Modem("\r\n+CPMS: 0,5,0,3,0,5\r\n\r\nOK\r\n"),
            Host("AT+CNMI=2,1\r"),
            OK,
        ],
    );
    for index in 1..=5 {
        let told = format!("\r\n+CMTI: \"MT\",{index}\r\n");
        run(&mut driver, &[Inbound("hi"), Modem(&told)]);
    }
    run(
        &mut driver,
        &[
            // The modem's three places, then the SIM's two.
            Host("AT+CMGD=5\r"),
            OK,
            Host("AT+CPMS=\"SM\"\r"),
            Modem("\r\n+CPMS: 1,2,3,3,4,5\r\n\r\nOK\r\n"),
            Host("AT+CPMS=\"XX\"\r"),
        ],
    );
    let refused = String::from_utf8(driver.read(0)).unwrap();
    assert!(refused.starts_with("\r\n+CMS ERROR: "), "{refused}");
}
