//! USSD: menus, what ends them, what the network says by itself, and the ways in which models write texts.

use super::*;
use crate::{ModemEvent, ModemProfile};

const MENU: Say<'_> = Modem("\r\n+CUSD: 1,\"1 Balance\n2 My number\n0 End\",15\r\n");
const DIAL: Say<'_> = Host("AT+CUSD=1,\"*111#\",15\r");
const NETWORK: Say<'_> = Pass(1_500);

#[test]
fn menu_is_answered_until_it_ends() {
    let number = Modem("\r\n+CUSD: 0,\"Your number is +4915550000000\",15\r\n");
    let unknown = Modem("\r\n+CUSD: 2,\"Unknown service code\",15\r\n");
    let two = Host("AT+CUSD=1,\"2\"\r");
    check(&[DIAL, OK, NETWORK, MENU, two, OK, NETWORK, number]);
    // It is over: the reply means nothing any more.
    check(&[
        DIAL, OK, NETWORK, MENU, two, OK, NETWORK, number, two, OK, NETWORK, unknown,
    ]);
    let nine = Host("AT+CUSD=1,\"9\"\r");
    check(&[DIAL, OK, NETWORK, MENU, nine, OK, NETWORK, unknown]);
    let end = Host("AT+CUSD=2\r");
    check(&[DIAL, OK, NETWORK, MENU, end, OK, two, OK, NETWORK, unknown]);
    check_answer("AT+CUSD=3", "\r\n+CME ERROR: 50\r\n");
    check_answer("AT+CUSD=?", "\r\n+CUSD: (0-2)\r\n\r\nOK\r\n");
}

#[test]
fn network_says_what_nobody_asked_for() {
    let mut driver = check(&[]);
    let say = |driver: &mut Driver| {
        driver.step(RackInput::Modem {
            line: 0,
            event: ModemEvent::NetworkText {
                text: "Top up!".to_owned(),
            },
        });
    };
    say(&mut driver);
    run(
        &mut driver,
        &[
            Modem("\r\n+CUSD: 0,\"Top up!\",15\r\n"),
            Host("AT+CFUN=4\r"),
            OK,
        ],
    );
    say(&mut driver);
    run(&mut driver, &[NOTHING]);
}

#[test]
fn texts_are_written_as_the_model_and_the_host_want() {
    let ucs2: String = "Balance: 10.00"
        .encode_utf16()
        .map(|unit| format!("{unit:04X}"))
        .collect();
    for (quirk, charset, request, shown) in [
        (None, "IRA", "*100#", "Balance: 10.00"),
        (None, "GSM", "*100#", "Balance: 10.00"),
        (None, "UCS2", "002A0031003000300023", &ucs2),
        // Plain all the same, as many programs write it.
        (None, "UCS2", "*100#", &ucs2),
        (
            Some("ussd_packed_hex"),
            "IRA",
            "AA180C3602",
            "C2303BEC1E9775A018CC058301",
        ),
        (Some("ussd_ucs2_dcs15"), "IRA", "*100#", &ucs2),
    ] {
        let mut profile = ModemProfile::default();
        if let Some(quirk) = quirk {
            profile = profile.with_quirk(quirk, 1.0).unwrap();
        }
        let mut driver = Driver::new(DriverSettings {
            profile: profile.into(),
            ..DriverSettings::default()
        });
        driver.write(0, format!("ATE0+CSCS=\"{charset}\"\r").as_bytes());
        driver.read(0);
        let dial = format!("AT+CUSD=1,\"{request}\",15\r");
        let told = format!("\r\n+CUSD: 0,\"{shown}\",15\r\n");
        run(&mut driver, &[Host(&dial), OK, NETWORK, Modem(&told)]);
    }
}
