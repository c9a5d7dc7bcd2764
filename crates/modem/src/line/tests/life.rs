//! Settings, boot loops and sessions: what is easier said in code than in a transcript.

use std::time::Duration;

use super::bench::{Bench, CMGS, PDU};
use crate::{Event, Input, Line, LineSettings, LineState, Session};

#[test]
fn a_boot_loop_spends_the_budget_and_a_healthy_reboot_does_not() {
    let reboot_after = |uptime_s: u64| {
        let mut bench = Bench::ready();
        for _ in 0..10 {
            for _ in 0..uptime_s {
                bench.pass(Duration::from_secs(1));
                bench.answer_until(None);
            }
            bench.hear(b"\r\nRDY\r\n");
            if bench.line.state() == LineState::OutOfService {
                return true;
            }
            bench.answer_until(None);
        }
        false
    };
    assert!(reboot_after(31));
    assert!(!reboot_after(61));
}

#[test]
fn sessions_count_up_from_the_first() {
    let mut bench = Bench::with(LineSettings {
        first_session: Session(7),
        ..LineSettings::default()
    });
    for number in 7..10 {
        bench.input(Input::Opened);
        bench.answer_until(None);
        let told = bench.take_told();
        assert!(
            told.iter()
                .any(|told| told.starts_with(&format!("ready {number} "))),
            "{told:?}"
        );
        bench.input(Input::Closed);
        assert_eq!(bench.take_told(), [format!("down {number} closed")]);
    }
}

#[test]
fn a_port_opened_twice_is_a_new_session() {
    let mut bench = Bench::ready();
    bench.submit(1);
    bench.hear(b"\r\n> ");
    bench.input(Input::Opened);
    assert_eq!(
        bench.take_told(),
        ["finished 1 unknown line_lost", "down 1 closed"]
    );
    assert_eq!(bench.line.state(), LineState::Initialising);
}

#[test]
fn the_result_timeout_can_be_longer() {
    let mut bench = Bench::with_profile("about = \"slow\"\n[messages]\nresult_s = 420\n");
    bench.bring_up();
    bench.submit(1);
    bench.hear(b"\r\n> ");
    assert_eq!(bench.take_writes(), [CMGS, PDU].concat());
    bench.pass(Duration::from_secs(419));
    assert!(bench.take_told().is_empty());
    bench.pass(Duration::from_secs(1));
    assert_eq!(bench.take_told(), ["finished 1 unknown silence"]);
}

/// The PDU written when the modem answers `AT+CSCA?` like this.
fn pdu_with_csca(csca: &str) -> Vec<u8> {
    let smsc = sms::Address::parse("+491710760000").unwrap();
    let mut bench = Bench::with(LineSettings {
        smsc: Some(smsc),
        ..LineSettings::default()
    });
    bench.input(Input::Opened);
    bench.answer_until(Some("AT+CSCA?"));
    bench.take_command();
    bench.hear(csca.as_bytes());
    bench.answer_until(None);
    bench.submit(1);
    assert_eq!(bench.take_writes(), CMGS);
    bench.hear(b"\r\n> ");
    bench.take_writes()
}

#[test]
fn the_service_centre_is_named_only_if_the_sim_has_none() {
    // The length in AT+CMGS leaves the service centre out.
    let named = [b"07919471010670".as_slice(), b"00", &PDU[2..]].concat();
    let own = pdu_with_csca("\r\n+CSCA: \"+4917\",145\r\n\r\nOK\r\n");
    assert_eq!(own, PDU);
    let none = pdu_with_csca("\r\n+CSCA: \"\",129\r\n\r\nOK\r\n");
    assert_eq!(none.len(), named.len());
    assert!(none.starts_with(b"079194") && none.ends_with(&PDU[2..]));
    assert_eq!(pdu_with_csca("\r\nERROR\r\n"), PDU);
}

#[test]
fn sms_over_ims_needs_lte_alone() {
    let mut bench = Bench::with_profile("about = \"over IMS\"\n[network]\nlte_alone = \"send\"\n");
    bench.input(Input::Opened);
    bench.answer_until(Some("AT+CREG?"));
    bench.take_command();
    bench.hear(b"\r\n+CREG: 2,0\r\n\r\nOK\r\n");
    bench.take_command();
    bench.hear(b"\r\n+CEREG: 2,1\r\n\r\nOK\r\n");
    bench.answer_until(None);
    assert!(bench.line.is_idle());
}

#[test]
fn a_doubtful_sim_is_looked_at_before_the_next_submission() {
    let mut bench = Bench::ready();
    bench.submit(1);
    bench.submit(2);
    bench.hear(b"\r\n> ");
    bench.take_writes();
    bench.hear(b"\r\n+CMGS: 1\r\n\r\nOK\r\n\r\n+CPIN: READY\r\n");
    assert_eq!(bench.take_command().unwrap(), "AT+CCID\r");
    assert!(!bench.line.is_idle());
    bench.hear(b"\r\n+CCID: 8949020000012345678\r\n\r\nOK\r\n");
    assert_eq!(bench.take_writes(), CMGS);
}

#[test]
fn a_closed_line_hears_nothing_and_wants_nothing() {
    let mut bench = Bench::new();
    bench.hear(b"\r\n> \r\nRDY\r\n\xFF\xFF");
    bench.input(Input::Wake);
    bench.input(Input::Closed);
    assert!(bench.take_writes().is_empty() && bench.told.is_empty());
    assert_eq!(bench.line.deadline(), None);
    assert_eq!(bench.line.state(), LineState::Closed);
}

#[test]
fn deadlines_say_why() {
    let mut bench = Bench::ready();
    let why = |bench: &Bench| bench.line.deadline().map(|(_, why)| why);
    assert_eq!(why(&bench), Some("a chore"));
    bench.submit(1);
    assert_eq!(why(&bench), Some("the prompt"));
    bench.hear(b"\r\n> ");
    assert_eq!(why(&bench), Some("the result, soft limit"));
    bench.pass(Duration::from_secs(61));
    assert_eq!(why(&bench), Some("the result, hard limit"));
    bench.hear(b"\r\n+CMGS: 1\r\n");
    assert_eq!(why(&bench), Some("the OK after the reference"));
}

#[test]
fn a_line_can_live_on_any_thread() {
    fn check<T: Send + 'static>() {}
    check::<Line>();
    check::<Event>();
}
