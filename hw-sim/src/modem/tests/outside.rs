//! What comes from outside without being asked for: calls, cell broadcasts; and a modem that has to find its speed.

use super::*;
use crate::{ModemEvent, ModemProfile};

fn call(driver: &mut Driver, rings: u8) {
    driver.step(RackInput::Modem {
        line: 0,
        event: ModemEvent::Call {
            from: "+491700".to_owned(),
            rings,
        },
    });
}

fn broadcast(driver: &mut Driver) {
    driver.step(RackInput::Modem {
        line: 0,
        event: ModemEvent::Broadcast {
            message_id: 50,
            text: "flood".to_owned(),
        },
    });
}

#[test]
fn call_rings_and_is_rejected_or_given_up() {
    let mut driver = quiet_modem(Faults::default());
    call(&mut driver, 3);
    run(
        &mut driver,
        &[
            Modem("\r\nRING\r\n"),
            Host("AT+CLIP=1;+CRC=1\r"),
            OK,
            Pass(3_000),
            Modem("\r\n+CRING: VOICE\r\n\r\n+CLIP: \"+491700\",145,\"\",0,\"\",0\r\n"),
            Host("AT+CLCC\r"),
            Modem("\r\n+CLCC: 1,1,4,0,0,\"+491700\",145\r\n\r\nOK\r\n"),
            Host("AT+CHUP\r"),
            OK,
            Pass(30_000),
            NOTHING,
            Host("ATA\r"),
            Modem("\r\nNO CARRIER\r\n"),
            Host("AT+CRC=0;+CLIP=0\r"),
            OK,
        ],
    );
    call(&mut driver, 1);
    run(
        &mut driver,
        &[
            Modem("\r\nRING\r\n"),
            Pass(3_000),
            Modem("\r\nNO CARRIER\r\n"),
        ],
    );
    // A call that rings does not keep messages from being sent, but for models that say so.
    call(&mut driver, 9);
    run(
        &mut driver,
        &[
            Modem("\r\nRING\r\n"),
            SEND,
            PROMPT,
            PDU_SENT,
            Pass(3_000),
            Modem("\r\nRING\r\n\r\n+CMGS: 42\r\n\r\nOK\r\n"),
        ],
    );
}

#[test]
fn broadcast_is_for_hosts_that_want_it() {
    let mut driver = quiet_modem(Faults::default());
    broadcast(&mut driver);
    run(&mut driver, &[NOTHING, Host("AT+CNMI=2,1,2,1,0\r"), OK]);
    broadcast(&mut driver);
    let said = String::from_utf8(driver.read(0)).unwrap();
    assert!(said.starts_with("\r\n+CBM: 88\r\n000000320F11"), "{said}");
    run(&mut driver, &[Host("AT+CMGF=1\r"), OK]);
    broadcast(&mut driver);
    run(&mut driver, &[Modem("\r\n+CBM: 0,50,15,1,1\r\nflood\r\n")]);
    run(&mut driver, &[Host("AT+CFUN=4\r"), OK]);
    broadcast(&mut driver);
    run(&mut driver, &[NOTHING]);
}

#[test]
fn broadcasts_are_chosen_by_their_number() {
    for (types, is_told) in [
        ("", true),
        ("0,\"50\"", true),
        ("0,\"1,40-60\"", true),
        ("0,\"51-60\"", false),
        ("1,\"40-60\"", false),
        ("1,\"1\"", true),
        ("1,\"\"", true),
    ] {
        let mut driver = quiet_modem(Faults::default());
        run(&mut driver, &[Host("AT+CNMI=2,1,2,1,0\r"), OK]);
        run(&mut driver, &[Host(&format!("AT+CSCB={types}\r"))]);
        driver.read(0);
        broadcast(&mut driver);
        assert_eq!(!driver.read(0).is_empty(), is_told, "{types}");
    }
    check(&[
        Host("AT+CSCB=1,\"0,50-60\",\"\"\r"),
        OK,
        Host("AT+CSCB?\r"),
        Modem("\r\n+CSCB: 1,\"0,50-60\",\"\"\r\n\r\nOK\r\n"),
        Host("AT+CSCB=0,\"60-50\"\r"),
        Modem("\r\n+CMS ERROR: 305\r\n"),
        Host("AT+CSCB=2\r"),
        Modem("\r\n+CMS ERROR: 305\r\n"),
    ]);
}

#[test]
fn speed_is_found_by_asking_again() {
    let profile = ModemProfile::parse(
        "[quirks]\nno_urc_autobaud = 1\n",
        std::path::Path::new("autobaud.toml"),
    )
    .unwrap();
    let mut driver = Driver::new(DriverSettings {
        profile: profile.into(),
        ..DriverSettings::default()
    });
    driver.step(RackInput::Restart { line: 0 });
    driver.advance(Duration::from_secs(20));
    // No greeting: it does not know how fast to speak.
    assert_eq!(driver.read(0), b"");
    let mut asked = 0;
    let answer = loop {
        driver.write(0, b"AT\r");
        asked += 1;
        let said = driver.read(0);
        if said.ends_with(b"OK\r\n") {
            break said;
        }
        assert!(asked < 10, "it never finds it: {said:?}");
    };
    assert!(asked > 1);
    assert_eq!(answer, b"AT\r\r\nOK\r\n");
}

#[test]
fn commands_of_a_line_share_one_result() {
    let answer = |command: &str, wanted: &str| check_answer(command, wanted);
    answer(
        "ATE0V1;+CMEE=1;+CMEE?;+CREG?",
        "\r\n+CMEE: 1\r\n\r\n+CREG: 0,1\r\n\r\nOK\r\n",
    );
    // Quotes keep a semicolon; blanks are nothing; a line with a prompt ends with it.
    answer(
        "AT+CUSD=1,\"*100;#\",15;+CMEE?",
        "\r\n+CMEE: 1\r\n\r\nOK\r\n",
    );
    answer("AT +CMEE ?", "\r\n+CME ERROR: 4\r\n");
    answer(
        "AT+CMEE?;+NONSENSE;+CREG?",
        "\r\n+CMEE: 1\r\n\r\n+CME ERROR: 4\r\n",
    );
    answer("AT+CMEE?;+CMGS=20", "\r\n+CMEE: 1\r\n\r\n> ");
    answer("at+cmee?", "\r\n+CMEE: 1\r\n\r\nOK\r\n");
    check(&[
        Host("AT+CMEE?\rA/"),
        Modem("\r\n+CMEE: 1\r\n\r\nOK\r\n\r\n+CMEE: 1\r\n\r\nOK\r\n"),
    ]);
}
