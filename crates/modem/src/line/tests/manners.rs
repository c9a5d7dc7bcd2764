//! How a modem wants to be written to: pauses, pieces, line ends, and what happens when one is cut off.

use std::time::Duration;

use super::bench::{Bench, CMGS, PDU};
use crate::{Input, Pin, PinAnswer};

const PIECES: &str =
    "about = \"pieces\"\n[wire]\nprompt_gap_ms = 50\npdu_chunk_bytes = 18\npdu_chunk_gap_ms = 10\n";

fn ready(profile: &str) -> Bench {
    let mut bench = Bench::with_profile(profile);
    bench.bring_up();
    bench.pass(Duration::from_secs(1));
    bench
}

#[test]
fn a_pdu_is_written_in_pieces() {
    let mut bench = ready(PIECES);
    bench.submit(1);
    assert_eq!(bench.take_writes(), CMGS);
    bench.hear(b"\r\n> ");
    bench.pass(Duration::from_millis(49));
    assert_eq!(bench.take_writes(), b"");
    bench.pass(Duration::from_millis(1));
    assert_eq!(bench.take_writes(), &PDU[..18]);
    bench.pass(Duration::from_millis(10));
    assert_eq!(bench.take_writes(), &PDU[18..36]);
    bench.pass(Duration::from_millis(10));
    assert_eq!(bench.take_writes(), &PDU[36..]);
    let written = bench.now;
    bench.pass(Duration::from_secs(3));
    bench.hear(b"\r\n+CMGS: 64\r\n\r\nOK\r\n");
    assert_eq!(bench.take_told(), ["finished 1 sent 64"]);
    assert_eq!(
        bench.course.submitted,
        Some(written),
        "Ctrl-Z, not the prompt"
    );
}

#[test]
fn a_pdu_that_is_cut_off_is_never_finished() {
    let mut bench = ready(PIECES);
    bench.submit(1);
    bench.hear(b"\r\n> ");
    bench.pass(Duration::from_millis(50));
    assert_eq!(bench.take_writes(), [CMGS, &PDU[..18]].concat());
    bench.hear(b"\r\n+CMS ERROR: 304\r\n");
    assert_eq!(bench.take_told(), ["finished 1 refused cms_304"]);
    assert_eq!(bench.course.submitted, None, "Ctrl-Z was never written");
    bench.pass(Duration::from_secs(1));
    // ESC, since the modem may wait for the rest.
    assert_eq!(bench.take_writes(), b"\x1B");
}

#[test]
fn a_reboot_drops_what_was_not_written() {
    let mut bench = ready(PIECES);
    bench.submit(1);
    bench.hear(b"\r\n> \r\nRDY\r\n");
    assert_eq!(
        bench.take_told(),
        ["finished 1 refused line_lost", "down 1 reboot"]
    );
    bench.pass(Duration::from_secs(1));
    assert_eq!(bench.take_writes(), CMGS);
}

#[test]
fn a_pdu_in_pieces_is_certain_until_its_last_is_written() {
    #[track_caller]
    fn check(wait_ms: u64, ends: fn(&mut Bench), written: &[u8], told: [&str; 2]) {
        let mut bench = ready(PIECES);
        bench.submit(1);
        bench.hear(b"\r\n> ");
        bench.pass(Duration::from_millis(wait_ms));
        assert_eq!(bench.take_writes(), [CMGS, written].concat());
        ends(&mut bench);
        let told_now = bench.take_told();
        assert_eq!(told_now[..2], told, "after {wait_ms} ms");
        assert_eq!(bench.course.submitted.is_none(), wait_ms < 70);
        bench.pass(Duration::from_secs(5));
        let rest = bench.take_writes();
        assert!(!rest.contains(&0x1A), "{:?}", rest.escape_ascii());
    }
    let reboots = |bench: &mut Bench| bench.hear(b"\r\nRDY\r\n");
    let closes = |bench: &mut Bench| bench.input(Input::Closed);
    let fails = |bench: &mut Bench| {
        bench.input(Input::Unwritten);
        bench.input(Input::Closed);
    };
    for (wait_ms, written) in [(0, 0), (50, 18), (60, 36)] {
        let written = &PDU[..written];
        let refused = "finished 1 refused line_lost";
        check(wait_ms, reboots, written, [refused, "down 1 reboot"]);
        check(wait_ms, closes, written, [refused, "down 1 closed"]);
        check(wait_ms, fails, written, [refused, "down 1 closed"]);
    }
    check(
        70,
        reboots,
        PDU,
        ["finished 1 unknown reboot", "down 1 reboot"],
    );
    check(
        70,
        closes,
        PDU,
        ["finished 1 unknown line_lost", "down 1 closed"],
    );
}

#[test]
fn a_pdu_in_pieces_is_not_finished_for_another_sim() {
    let mut bench = ready(PIECES);
    bench.submit(1);
    bench.hear(b"\r\n> ");
    bench.pass(Duration::from_millis(50));
    assert_eq!(bench.take_writes(), [CMGS, &PDU[..18]].concat());
    bench.hear(b"\r\n+QSIMSTAT: 1,0\r\n");
    assert_eq!(bench.take_told(), ["finished 1 refused line_lost"]);
    bench.pass(Duration::from_secs(1));
    assert_eq!(bench.take_writes(), b"\x1B");
}

#[test]
fn a_reference_between_two_pieces_is_that_of_the_attempt_before() {
    let mut bench = ready(PIECES);
    bench.submit(1);
    bench.hear(b"\r\n> ");
    bench.pass(Duration::from_secs(126));
    assert_eq!(bench.take_told(), ["finished 1 unknown silence"]);
    bench.writes.clear();
    bench.answer_until(None);
    bench.submit(2);
    bench.hear(b"\r\n> \r\n+CMGS: 63\r\n\r\nOK\r\n");
    assert_eq!(bench.take_told(), ["resolved 1 63"]);
    bench.pass(Duration::from_secs(3));
    bench.hear(b"\r\n+CMGS: 64\r\n\r\nOK\r\n");
    assert_eq!(bench.take_told(), ["finished 2 sent 64"]);
}

#[test]
fn a_pdu_can_begin_without_a_service_centre() {
    let mut bench = ready("about = \"old\"\n[messages]\nsmsc_in_pdu = \"absent\"\n");
    bench.submit(1);
    assert_eq!(bench.take_writes(), CMGS);
    bench.hear(b"\r\n> ");
    assert_eq!(bench.take_writes(), &PDU[2..]);
}

#[test]
fn commands_can_end_with_a_line_feed() {
    let mut bench = ready("about = \"old\"\n[wire]\nline_end = \"crlf\"\n");
    bench.submit(1);
    assert_eq!(bench.take_writes(), b"AT+CMGS=20\r\n");
    bench.hear(b"\r\n> ");
    assert_eq!(bench.take_writes(), PDU);
}

#[test]
fn a_slow_modem_gets_its_pause_before_each_command() {
    let mut bench = ready("about = \"slow\"\n[wire]\ngap_ms = 100\n");
    bench.submit(1);
    assert_eq!(bench.take_writes(), CMGS);
    bench.hear(b"\r\n> ");
    assert_eq!(bench.take_writes(), PDU);
    bench.hear(b"\r\n+CMGS: 64\r\n\r\nOK\r\n");
    bench.submit(2);
    bench.pass(Duration::from_millis(99));
    assert_eq!(bench.take_writes(), b"");
    bench.pass(Duration::from_millis(1));
    assert_eq!(bench.take_writes(), CMGS);
}

const SLOW: &str = "about = \"slow\"\n[wire]\ngap_ms = 100\n";

#[test]
fn what_comes_before_a_command_is_written_does_not_answer_it() {
    for stray in ["\r\nERROR\r\n", "\r\n+CMS ERROR: 304\r\n", "\r\n> "] {
        let mut bench = ready(SLOW);
        bench.hear(b"\r\nOK\r\n");
        bench.submit(1);
        bench.pass(Duration::from_millis(50));
        bench.hear(stray.as_bytes());
        assert_eq!(bench.take_told(), [""; 0], "{stray:?}");
        assert_eq!(bench.take_writes(), b"", "{stray:?}");
        bench.pass(Duration::from_millis(50));
        assert_eq!(bench.take_writes(), CMGS, "{stray:?}");
        bench.hear(b"\r\n> ");
        assert_eq!(bench.take_writes(), PDU, "{stray:?}");
    }
}

#[test]
fn what_comes_before_an_operators_command_is_written_is_not_its_answer() {
    let mut bench = ready(SLOW);
    bench.hear(b"\r\nOK\r\n");
    let command = crate::ManualCommand::parse("AT+CSQ").unwrap();
    bench.input(Input::Manual(command));
    bench.hear(b"\r\nERROR\r\n+CSQ: 1,99\r\nBUSY\r\n");
    assert_eq!(bench.take_writes(), b"", "the modem wants its pause");
    bench.pass(Duration::from_millis(100));
    assert_eq!(bench.take_writes(), b"AT+CSQ\r");
    bench.hear(b"\r\n+CSQ: 17,99\r\n\r\nOK\r\n");
    let told = bench.take_told();
    assert_eq!(told.last().unwrap(), "manual ok +CSQ: 17,99|OK", "{told:?}");
}

#[test]
fn a_pin_that_waits_to_be_written_does_not_go_to_the_next_sim() {
    let says = |bench: &mut Bench, answer: &[u8]| {
        bench.pass(Duration::from_millis(100));
        bench.take_writes();
        bench.hear(answer);
    };
    for is_swapped in [false, true] {
        let mut bench = Bench::with_profile(SLOW);
        bench.input(Input::Opened);
        bench.answer_until(Some("AT+CPIN?"));
        says(&mut bench, b"\r\n+CPIN: SIM PIN\r\n\r\nOK\r\n");
        says(&mut bench, b"\r\n+CCID: 8949020000012345678\r\n\r\nOK\r\n");
        says(&mut bench, b"\r\n+CPINR: SIM PIN,3,3\r\n\r\nOK\r\n");
        assert_eq!(bench.take_told(), ["pin wanted 8949020000012345678 3"]);
        let pin = Pin::parse("4711").unwrap();
        bench.input(Input::Pin(PinAnswer::Give(pin)));
        assert_eq!(bench.take_writes(), b"", "the modem wants its pause");
        if is_swapped {
            bench.hear(b"\r\n+QSIMSTAT: 1,0\r\n");
        }
        bench.pass(Duration::from_secs(1));
        let written = bench.take_writes();
        let is_given = written.starts_with(b"AT+CPIN=\"4711\"\r");
        assert_eq!(is_given, !is_swapped, "{written:?}");
    }
}
