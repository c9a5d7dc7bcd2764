//! Power, boot and radio: in which stages a modem comes up, what it refuses meanwhile, and the link between messages.

use super::*;
use crate::country::{Country, Operator, Profile};
use crate::{ModemEvent, ModemProfile};

#[test]
fn boot_has_its_stages() {
    let profile = ModemProfile::load("sim800").unwrap();
    let profile = (*profile).clone().with_quirk("wake_at", 0.0).unwrap();
    let profile = profile.with_quirk("csq_swallowed", 0.0).unwrap();
    let mut driver = Driver::new(DriverSettings {
        profile: profile.into(),
        ..DriverSettings::default()
    });
    let mut faults = Faults::default();
    faults.reboot.boot = Duration::from_secs(3)..=Duration::from_secs(3);
    driver.step(RackInput::Faults(&faults));
    driver.step(RackInput::Restart { line: 0 });
    run(
        &mut driver,
        &[
            // Power: it hears nothing.
            Host("AT\r"),
            Pass(2_999),
            NOTHING,
            // The firmware is up, with echo on and nothing set; the card is open.
            Pass(1),
            Modem("\r\nRDY\r\n\r\n+CFUN: 1\r\n\r\n+CPIN: READY\r\n"),
            Host("ATE0+CMEE=1;+CREG?;+CREG=1\r"),
            Modem("ATE0+CMEE=1;+CREG?;+CREG=1\r\r\n+CREG: 0,2\r\n\r\nOK\r\n"),
            // Its files are not read, and no network is found.
            Host("AT+CMGL=4\r"),
            Modem("\r\n+CMS ERROR: 314\r\n"),
            Host("AT+CMGF=0\r"),
            OK,
            // It looks around for 4 s, and the network lets it in half a second later.
            Pass(4_499),
            NOTHING,
            Pass(1),
            Modem("\r\n+CREG: 1\r\n"),
            Pass(499),
            NOTHING,
            // Messages.
            Pass(1),
            Modem("\r\nCall Ready\r\n\r\nSMS Ready\r\n"),
            Host("AT+CMGL=4\r"),
            OK,
            SEND,
            Pass(60),
            PROMPT,
        ],
    );
}

#[test]
fn radio_is_switched_off_and_on() {
    let off = |function: &str| {
        let read = format!("\r\n+CFUN: {function}\r\n\r\nOK\r\n");
        check(&[
            Host(&format!("AT+CFUN={function}\r")),
            OK,
            Host("AT+CFUN?\r"),
            Modem(&read),
            Host("AT+CSQ;+COPS?\r"),
            Modem("\r\n+CSQ: 99,99\r\n\r\n+COPS: 0\r\n\r\nOK\r\n"),
            // The card is there all the same.
            Host("AT+CPIN?\r"),
            Modem("\r\n+CPIN: READY\r\n\r\nOK\r\n"),
            SEND,
            Modem("\r\n+CMS ERROR: 331\r\n"),
            Host("AT+CUSD=1,\"*100#\"\r"),
            Modem("\r\n+CME ERROR: 30\r\n"),
            Host("AT+CFUN=1\r"),
            OK,
            SEND,
            Modem("\r\n+CMS ERROR: 331\r\n"),
            Pass(600),
            // What is on already is not switched on again.
            Host("AT+CFUN=1\r"),
            OK,
            SEND,
            PROMPT,
            Host("\x1b"),
            OK,
        ]);
    };
    off("0");
    off("4");
    check_answer("AT+CFUN=?", "\r\n+CFUN: (0,1,4),(0,1)\r\n\r\nOK\r\n");
    check_answer("AT+CFUN=2", "\r\n+CME ERROR: 50\r\n");
    check_answer("AT+CFUN", "\r\n+CME ERROR: 50\r\n");
}

#[test]
fn the_network_is_left_and_found_again() {
    check(&[
        Host("AT+COPS=2;+CREG?\r"),
        Modem("\r\n+CREG: 0,0\r\n\r\nOK\r\n"),
        Host("AT+COPS=0;+CREG?\r"),
        Modem("\r\n+CREG: 0,2\r\n\r\nOK\r\n"),
        Pass(600),
        Host("AT+CREG?;+COPS=3,2;+COPS?\r"),
        Modem("\r\n+CREG: 0,1\r\n\r\n+COPS: 0,2,\"26201\",7\r\n\r\nOK\r\n"),
    ]);
}

/// Each generation of networks has a registration of its own; a modem has those up to its technology.
#[test]
fn registrations_are_those_that_the_model_has() {
    for (technology, answer) in [
        (
            0,
            "\r\n+CREG: 0,1\r\n\r\n+CGREG: 0,1\r\n\r\n+CEREG: 0,0\r\n\r\n+C5GREG: 0,0\r\n\r\nOK\r\n",
        ),
        (
            7,
            "\r\n+CREG: 0,1\r\n\r\n+CGREG: 0,1\r\n\r\n+CEREG: 0,1\r\n\r\n+C5GREG: 0,0\r\n\r\nOK\r\n",
        ),
        (
            11,
            "\r\n+CREG: 0,1\r\n\r\n+CGREG: 0,1\r\n\r\n+CEREG: 0,1\r\n\r\n+C5GREG: 0,1\r\n\r\nOK\r\n",
        ),
    ] {
        let text = format!("technology = {technology}\n");
        let profile = ModemProfile::parse(&text, std::path::Path::new("of.toml")).unwrap();
        let mut driver = Driver::new(DriverSettings {
            profile: profile.into(),
            ..DriverSettings::default()
        });
        driver.write(0, b"ATE0\r");
        driver.read(0);
        run(
            &mut driver,
            &[Host("AT+CREG?;+CGREG?;+CEREG?;+C5GREG?\r"), Modem(answer)],
        );
    }
}

/// How long each of three sends takes on a good 2G network, with pauses before the second and the third.
fn sends(setting: &str, pauses: [u64; 2]) -> ([Duration; 3], Driver) {
    let operator = Operator {
        profile: Profile::GsmGood,
        ..Operator::default()
    };
    let mut driver = Driver::new(DriverSettings {
        country: Country {
            operators: vec![operator],
            ..Country::default()
        },
        ..DriverSettings::default()
    });
    driver.write(0, format!("ATE0+CMMS={setting}\r").as_bytes());
    let mut next = pauses.into_iter();
    let took = [(); 3].map(|()| {
        driver.write(0, format!("AT+CMGS=20\r{PDU}\x1a").as_bytes());
        driver.read(0);
        let mut took = Duration::ZERO;
        while driver.read(0).is_empty() {
            driver.advance(Duration::from_millis(1));
            took += Duration::from_millis(1);
        }
        driver.advance(Duration::from_millis(next.next().unwrap_or(0)));
        took
    });
    (took, driver)
}

#[test]
fn a_kept_link_saves_the_set_up_until_it_is_given_up() {
    let is_saved = |without: Duration, with: Duration| {
        let saved = without.saturating_sub(with);
        assert!(
            saved.is_zero() || saved >= Duration::from_millis(1_100),
            "{saved:?}"
        );
        !saved.is_zero()
    };
    let (plain, _) = sends("0", [4_000, 6_000]);
    for (setting, pauses, expected, left) in [
        ("1", [4_000, 4_000], [false, true, true], "1"),
        // Too late: the link is gone, and with it the setting.
        ("1", [6_000, 4_000], [false, false, false], "0"),
        ("1", [4_000, 6_000], [false, true, false], "0"),
        // This one stays.
        ("2", [6_000, 4_000], [false, false, true], "2"),
        ("0", [0, 0], [false, false, false], "0"),
    ] {
        let (took, mut driver) = sends(setting, pauses);
        let saved = [0, 1, 2].map(|send| is_saved(plain[send], took[send]));
        assert_eq!(saved, expected, "+CMMS={setting}, {pauses:?}");
        driver.write(0, b"AT+CMMS?\r");
        let said = String::from_utf8(driver.read(0)).unwrap();
        assert!(said.starts_with(&format!("\r\n+CMMS: {left}")), "{said}");
    }
}

/// Whoever takes the card out takes the link with it.
#[test]
fn a_kept_link_goes_with_its_card() {
    let (_, mut driver) = sends("1", [0, 0]);
    for event in [ModemEvent::PullSim, ModemEvent::InsertSim] {
        driver.step(RackInput::Modem { line: 0, event });
    }
    driver.advance(Duration::from_secs(60));
    driver.read(0);
    run(
        &mut driver,
        &[Host("AT+CMMS?\r"), Modem("\r\n+CMMS: 1\r\n\r\nOK\r\n")],
    );
}
