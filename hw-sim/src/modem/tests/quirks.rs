//! Every quirk shows: a modem that has it says something else, somewhere in one long conversation, than one without.

use std::path::Path;
use std::sync::Arc;

use super::*;
use crate::profile::Quirk;
use crate::{ModemEvent, ModemProfile};

/// What a modem of a model says in a conversation that touches everything, from power-up on.
fn conversation(profile: ModemProfile, opening: &[&str]) -> String {
    let mut driver = Driver::new(DriverSettings {
        profile: Arc::new(profile),
        ..DriverSettings::default()
    });
    driver.step(RackInput::Modem {
        line: 0,
        event: ModemEvent::PullSim,
    });
    driver.step(RackInput::Restart { line: 0 });
    driver.advance(Duration::from_secs(4));
    for command in ["AT", "AT", "AT", "AT+CFUN=4", "AT+CFUN=1"] {
        say(&mut driver, &format!("{command}\r\n"));
    }
    driver.step(RackInput::Modem {
        line: 0,
        event: ModemEvent::InsertSim,
    });
    say(&mut driver, "AT+CPIN?\r\n");
    driver.step(RackInput::Restart { line: 0 });
    driver.advance(Duration::from_secs(9));
    for command in opening.iter().chain(&COMMANDS) {
        say(&mut driver, &format!("{command}\r"));
    }
    driver.advance(Duration::from_secs(30));
    messages(&mut driver);
    stores(&mut driver);
    radio_and_calls(&mut driver);
    let said = String::from_utf8_lossy(&driver.read(0)).into_owned();
    format!("{said}\nports gone: {:?}", driver.unplugged())
}

const COMMANDS: [&str; 26] = [
    "ATE0",
    "AT+CMGF=0",
    "AT+CMEE=1",
    "AT+CPIN?",
    "AT+CPINR",
    "AT+CIMI",
    "AT+CNUM",
    "AT+CMGF=0",
    "AT+CMGF=0",
    "AT+CSMS=1",
    "AT+CSMS?",
    "AT+CNMI=?",
    "AT+CNMI=2,1,0,1,0",
    "AT+CNMI=1,1,0,2,0",
    "AT+CPMS=?",
    "AT+CPMS=\"SM\",\"SM\",\"SM\"",
    "AT+CMGD=?",
    "AT+CREG=2",
    "AT+CREG?",
    "AT+CREG?",
    "AT+NOSUCH=1",
    "AT+CMMS=2",
    "AT+CSQ",
    "AT^RESET",
    "AT+CGREG?",
    "ATI",
];

fn say(driver: &mut Driver, text: &str) {
    driver.write(0, text.as_bytes());
    driver.advance(Duration::from_millis(500));
}

fn send(driver: &mut Driver) {
    say(driver, "AT+CMGS=20\r");
    driver.advance(Duration::from_secs(10));
    for piece in [PDU, "\x1a"] {
        driver.write(0, piece.as_bytes());
    }
    driver.advance(Duration::from_secs(40));
    say(driver, "\x1b\x1b\r");
}

fn messages(driver: &mut Driver) {
    for indications in ["2,1,0,2,0", "1,1,0,2,0", "1,1,0,1,0", "2,2,0,1,0"] {
        say(driver, &format!("AT+CNMI={indications}\r"));
        // What was not acknowledged comes again.
        for _ in 0..8 {
            driver.advance(Duration::from_secs(10));
            say(driver, "AT+CNMA\r");
        }
        driver.inbound(0, "+491700", "hello").unwrap();
        driver.advance(Duration::from_secs(1));
        say(driver, "AT+CNMA\r");
        send(driver);
    }
    say(driver, "AT+CMGS=163\r\x1b");
    // Entered while a message arrives; what comes again comes before.
    say(driver, "AT+CSMS=0;+CNMI=1,1,0,1,0\r");
    driver.advance(Duration::from_secs(120));
    say(driver, "AT+CMGS=20\r");
    driver.advance(Duration::from_secs(10));
    driver.inbound(0, "+491700", "now").unwrap();
    say(driver, &format!("{PDU}\x1a"));
    driver.advance(Duration::from_secs(40));
    // A line end in the middle of a PDU.
    say(driver, "\x1b\x1bAT+CMGS=20\r");
    driver.advance(Duration::from_secs(10));
    say(driver, "00\r");
    say(driver, "AT\r");
    say(driver, "\x1b\r");
    say(driver, "AT\x1b\x1b\r");
}

fn stores(driver: &mut Driver) {
    say(driver, "AT+CPMS=\"SR\",\"SM\"\r");
    for command in [
        "AT+CMGL=4",
        "AT+CMGR=1",
        "AT+CMGD=1,4",
        "AT+CPMS=\"SM\"",
        "AT+CMGL=4",
        "AT+CMGD=1,4",
    ] {
        say(driver, &format!("{command}\r"));
    }
    let long = "long ".repeat(50);
    driver.inbound(0, "+491700", &long).unwrap();
    say(driver, "AT+CNMI=1,1,0,0,0\r");
    for command in ["AT+CMGL=4", "AT+CMGD=1", "AT+CMGL=4", "AT+CPMS?"] {
        say(driver, &format!("{command}\r"));
    }
    for index in 0..40 {
        driver.inbound(0, "+491700", &format!("{index}")).unwrap();
    }
    send(driver);
    say(driver, "AT+CMGD=1,4\r");
}

fn radio_and_calls(driver: &mut Driver) {
    say(driver, "AT+CUSD=1,\"*100#\",15\r");
    driver.advance(Duration::from_secs(3));
    let call = ModemEvent::Call {
        from: "+491700".to_owned(),
        rings: 2,
    };
    driver.step(RackInput::Modem {
        line: 0,
        event: call,
    });
    send(driver);
    for line in ["AT+CREG=2\r", "AT+CFUN=4\r", "AT+CREG?\r", "AT+CFUN=1\r"] {
        say(driver, line);
        driver.advance(Duration::from_secs(2));
    }
    for _ in 0..80 {
        driver.advance(Duration::from_secs(60));
        send(driver);
    }
    say(driver, "AT+CSMS=1\r");
    say(driver, "AT+CNMI=2,1,0,1,0\r");
    send(driver);
    driver.advance(Duration::from_secs(60));
    say(driver, "AT\r");
    driver.advance(Duration::from_secs(400));
    say(driver, "AT\r");
    say(driver, "AT+CFUN=4\r");
    say(driver, "AT+CFUN=1,1\r");
    driver.advance(Duration::from_secs(400));
    say(driver, "AT\r");
}

#[test]
fn every_quirk_shows() {
    let standard = |opening: &[&str]| conversation(ModemProfile::default(), opening);
    let plain = standard(&[]);
    let without_echo_off = conversation_with_echo(ModemProfile::default());
    let mut silent = Vec::new();
    for quirk in Quirk::ALL {
        let with = || {
            ModemProfile::default()
                .with_quirk(quirk.name(), 1.0)
                .unwrap()
        };
        let shows = if *quirk == Quirk::Persistent41 {
            refused_for_ever(with())
        } else if *quirk == Quirk::SlowFleetRecovery {
            (1..=5).any(|seed| registered_late(with(), seed))
        } else if *quirk == Quirk::DoubleEcho {
            conversation_with_echo(with()) != without_echo_off
        } else {
            conversation(with(), &[]) != plain
        };
        if !shows {
            silent.push(quirk.name());
        }
    }
    assert_eq!(silent, Vec::<&str>::new(), "these make no difference");
}

fn conversation_with_echo(profile: ModemProfile) -> String {
    let mut driver = Driver::new(DriverSettings {
        profile: Arc::new(profile),
        ..DriverSettings::default()
    });
    say(&mut driver, "AT\r");
    String::from_utf8_lossy(&driver.read(0)).into_owned()
}

fn registered_late(profile: ModemProfile, seed: u64) -> bool {
    let mut driver = Driver::new(DriverSettings {
        profile: Arc::new(profile),
        seed,
        ..DriverSettings::default()
    });
    driver.step(RackInput::Restart { line: 0 });
    driver.advance(Duration::from_secs(180));
    driver.read(0);
    say(&mut driver, "AT+CREG?\r");
    String::from_utf8_lossy(&driver.read(0)).contains("+CREG: 0,2")
}

fn refused_for_ever(profile: ModemProfile) -> bool {
    let mut faults = Faults::default();
    faults.errors.rate = 1.0;
    faults.errors.codes = vec![ErrorCode {
        code: 41,
        weight: 1.0,
    }];
    let mut driver = Driver::new(DriverSettings {
        profile: Arc::new(profile),
        faults,
        ..DriverSettings::default()
    });
    send(&mut driver);
    driver.step(RackInput::Faults(&Faults::default()));
    driver.read(0);
    send(&mut driver);
    String::from_utf8_lossy(&driver.read(0)).contains("+CMS ERROR: 41")
}

#[test]
fn every_model_can_be_set_up_and_sends() {
    for name in ModemProfile::names() {
        let text = format!(
            "{:?}",
            ModemProfile::load(name)
                .unwrap()
                .quirks()
                .collect::<Vec<_>>()
        );
        let profile = ModemProfile::parse(&without_chance(name), Path::new(name)).unwrap();
        let mut driver = Driver::new(DriverSettings {
            profile: Arc::new(profile),
            ..DriverSettings::default()
        });
        for command in ["ATE0", "ATE0", "AT+CSCS=\"GSM\"", "AT+CMEE=1", "AT+CMGF=0"] {
            say(&mut driver, &format!("{command}\r"));
        }
        driver.read(0);
        say(&mut driver, "AT+CMGS=20\r");
        driver.advance(Duration::from_secs(2));
        say(&mut driver, &format!("{PDU}\x1a"));
        driver.advance(Duration::from_secs(4));
        let said = String::from_utf8_lossy(&driver.read(0)).into_owned();
        assert!(said.contains("+CMGS: "), "{name} {text}: {said:?}");
    }
}

/// A built-in profile without the quirks that only show by chance.
fn without_chance(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("profiles/{name}.toml"));
    let text = std::fs::read_to_string(path).unwrap();
    text.lines()
        .filter(|line| !line.contains("= 0."))
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn telit_says_when_its_card_serves_messages() {
    let mut driver = Driver::new(DriverSettings {
        profile: ModemProfile::load("telit").unwrap(),
        ..DriverSettings::default()
    });
    driver.step(RackInput::Restart { line: 0 });
    for (wait, stage) in [(9, "#QSS: 2,2\r\n"), (30, "#QSS: 2,3\r\n")] {
        driver.advance(Duration::from_secs(wait));
        driver.read(0);
        driver.write(0, b"AT#QSS?\r");
        driver.advance(Duration::from_secs(1));
        let said = String::from_utf8_lossy(&driver.read(0)).into_owned();
        assert!(said.contains(stage) && said.ends_with("OK\r\n"), "{said:?}");
    }
}
