//! Restarts, noise, garbage and vanishing ports.

use super::*;

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
