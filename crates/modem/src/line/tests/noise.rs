//! A send dialogue with unsolicited results, chunks and echo at every byte boundary: the outcome stays, and nothing
//! else is written.

use std::time::Duration;

use super::bench::{Bench, CMGS, PDU, REPORT};
use crate::{Input, Rung};

/// What the modem sends in a whole send: before the PDU is written, and after.
struct Dialogue {
    prompt: &'static [u8],
    result: &'static [u8],
}

const PLAIN: Dialogue = Dialogue {
    prompt: b"\r\n> ",
    result: b"\r\n+CMGS: 164\r\n\r\nOK\r\n",
};

const ECHO: Dialogue = Dialogue {
    prompt: b"AT+CMGS=20\r\r\n> ",
    result: b"0031000D91945111325476F80000A705E8329BFD06\x1A\r\n+CMGS: 164\r\n\r\nOK\r\n",
};

const DOUBLE_ECHO: Dialogue = Dialogue {
    prompt: b"AT+CMGS=20\rAT+CMGS=20\r\r\n>",
    result: b"0031000D91945111325476F80000A705E8329BFD06\r\n\r\n+CMGS: 164\r\n\r\nOK\r\n",
};

/// Each unsolicited result, and what the line tells of it.
fn noises() -> Vec<(String, Option<&'static str>)> {
    vec![
        ("\r\n+CREG: 1\r\n".into(), None),
        (
            "\r\n+CREG: 1,\"00C3\",\"0134F5A7\",7\r\n\r\n+CGREG: 0\r\n".into(),
            None,
        ),
        ("\r\nRING\r\n".into(), None),
        (
            "\r\n+CRING: VOICE\r\n\r\n+CLIP: \"+4915112345678\",145\r\n".into(),
            None,
        ),
        ("\r\nNO CARRIER\r\n".into(), None),
        ("\r\n^RSSI:17\r\n".into(), None),
        ("\r\n+CSQ: 17,99\r\n".into(), None),
        ("\r\n+QIND: \"csq\",20,99\r\n".into(), None),
        ("\r\n+ZUSIMR:2\r\n".into(), None),
        ("\r\n+CMTI: \"SM\",3\r\n".into(), None),
        (
            format!("\r\n+CDS: 26\r\n{REPORT}\r\n"),
            Some("report 64 +4915112345678 00"),
        ),
        (
            format!("\r\n+CDS: ,26\r\n\r\n{REPORT}\r\n"),
            Some("report 64 +4915112345678 00"),
        ),
    ]
}

/// Plays a send in which `noise` comes after the first `at` bytes of the modem, in chunks of at most `chunk` bytes.
fn play(dialogue: &Dialogue, noise: &[u8], at: usize, chunk: usize) -> Bench {
    let mut bench = Bench::ready();
    bench.submit(1);
    assert_eq!(bench.take_writes(), CMGS);
    let before = &dialogue.prompt[..at.min(dialogue.prompt.len())];
    let between = &dialogue.prompt[before.len()..];
    hear(&mut bench, before, chunk);
    if at < dialogue.prompt.len() {
        hear(&mut bench, noise, chunk);
    }
    hear(&mut bench, between, chunk);
    assert_eq!(bench.take_writes(), PDU, "noise at {at}");
    let Some(at) = at.checked_sub(dialogue.prompt.len()) else {
        hear(&mut bench, dialogue.result, chunk);
        return bench;
    };
    hear(&mut bench, &dialogue.result[..at], chunk);
    hear(&mut bench, noise, chunk);
    hear(&mut bench, &dialogue.result[at..], chunk);
    bench
}

fn hear(bench: &mut Bench, bytes: &[u8], chunk: usize) {
    for chunk in bytes.chunks(chunk) {
        bench.hear(chunk);
    }
}

fn check_sent(bench: &mut Bench, told: Option<&str>, context: &str) {
    let mut events = bench.take_told();
    events.retain(|event| !event.starts_with("garbage "));
    let mut expected = vec!["finished 1 sent 164"];
    expected.extend(told);
    events.sort();
    assert_eq!(events, expected, "{context}");
}

#[test]
fn unsolicited_results_at_every_byte_change_nothing() {
    for (name, dialogue) in [
        ("plain", PLAIN),
        ("echo", ECHO),
        ("double echo", DOUBLE_ECHO),
    ] {
        let length = dialogue.prompt.len() + dialogue.result.len();
        for (noise, told) in noises() {
            for at in 0..length {
                let context = format!("{name}, {noise:?} after {at} bytes");
                let mut bench = play(&dialogue, noise.as_bytes(), at, usize::MAX);
                check_sent(&mut bench, told, &context);
                let written = bench.take_writes();
                let fetches = noise.contains("+CMTI") && written == b"AT+CMGR=3\r";
                let hangs_up = noise.contains("RING") && written == b"ATH\r";
                assert!(
                    written.is_empty() || fetches || hangs_up,
                    "{context}: {}",
                    written.escape_ascii()
                );
            }
        }
    }
}

#[test]
fn chunks_of_any_size_change_nothing() {
    for dialogue in [PLAIN, ECHO, DOUBLE_ECHO] {
        for (noise, told) in noises() {
            for chunk in 1..40 {
                let at = dialogue.prompt.len() + dialogue.result.len() - 6;
                let mut bench = play(&dialogue, noise.as_bytes(), at, chunk);
                check_sent(&mut bench, told, &format!("{noise:?} in chunks of {chunk}"));
            }
        }
    }
}

#[test]
fn an_error_is_told_whatever_comes_between() {
    for (noise, _) in noises() {
        let error = b"\r\n+CMS ERROR: 38\r\n";
        // Inside the number the halves are two numbers: nothing could tell.
        for at in 0..=error.len() - 4 - 1 {
            let mut bench = Bench::ready();
            bench.submit(1);
            bench.hear(b"\r\n> ");
            bench.hear(&error[..at]);
            bench.hear(noise.as_bytes());
            bench.hear(&error[at..]);
            let told = bench.take_told();
            assert!(
                told.contains(&"finished 1 refused cms_38".into()),
                "{noise:?} after {at} bytes: {told:?}"
            );
        }
    }
}

/// Plays what an undisturbed modem says, with `noise` after `at` of its bytes; false if it said less.
fn answer_with_noise(bench: &mut Bench, noise: &[u8], at: usize) -> bool {
    let mut said = 0;
    for _ in 0..STEPS_MAX {
        if bench.line.is_idle() && bench.writes.is_empty() {
            break;
        }
        let Some(command) = bench.take_command() else {
            bench.pass(Duration::from_millis(100));
            continue;
        };
        let answer = bench.modem.answer(&command);
        let (before, after) = match at.checked_sub(said) {
            Some(cut) if cut < answer.len() => answer.as_bytes().split_at(cut),
            _ => (answer.as_bytes(), b"".as_slice()),
        };
        bench.hear(before);
        if !after.is_empty() {
            bench.hear(noise);
            bench.hear(after);
        }
        said += answer.len();
    }
    said > at
}

#[test]
fn the_initialisation_survives_unsolicited_results_at_every_byte() {
    for (noise, told) in noises() {
        for at in 0.. {
            let context = format!("{noise:?} after {at} bytes");
            let mut bench = Bench::new();
            bench.input(Input::Opened);
            let has_come = answer_with_noise(&mut bench, noise.as_bytes(), at);
            assert!(bench.line.is_idle(), "{context}: {:?}", bench.line.reason());
            let events = bench.take_told();
            let ready = events.iter().filter(|event| event.starts_with("ready "));
            let ready: Vec<_> = ready.collect();
            assert!(
                ready.len() == 1 && ready[0].starts_with("ready 1 8949020000012345678 "),
                "{context}: {events:?}"
            );
            if !has_come {
                assert!(at > 300, "{context}: the modem said too little");
                break;
            }
            let is_told = |told: &str| events.iter().any(|event| event == told);
            assert!(told.is_none_or(is_told), "{context}: {events:?}");
        }
    }
}

/// The radio is turned off and on, the modem is reset, set up again, a call is rejected: whatever comes between, the line
/// is ready again, with its next session where one ended.
#[test]
fn every_rung_survives_unsolicited_results_at_every_byte() {
    let begins = [
        Some(Rung::Initialise),
        Some(Rung::Radio),
        Some(Rung::Reset),
        None,
    ];
    for rung in begins {
        let name = rung.map_or("call", Rung::as_str);
        let sessions = usize::from(rung.is_some());
        for (noise, told) in noises() {
            for at in 0..BYTES_MAX {
                let context = format!("{name}, {noise:?} after {at} bytes");
                let mut bench = Bench::ready();
                match rung {
                    Some(rung) => bench.input(Input::Reset(rung)),
                    None => bench.hear(b"\r\nRING\r\n"),
                }
                let has_come = answer_with_noise(&mut bench, noise.as_bytes(), at);
                assert!(bench.line.is_idle(), "{context}: {:?}", bench.line.reason());
                let events = bench.take_told();
                let ready = events.iter().filter(|event| event.starts_with("ready 2 "));
                assert_eq!(ready.count(), sessions, "{context}: {events:?}");
                if !has_come {
                    break;
                }
                let is_told = |told: &str| events.iter().any(|event| event == told);
                assert!(told.is_none_or(is_told), "{context}: {events:?}");
            }
        }
    }
}

/// A stored report is read and deleted, whatever comes between.
#[test]
fn reading_the_store_survives_unsolicited_results_at_every_byte() {
    let record = format!("\r\n+CMGR: 0,,26\r\n{REPORT}\r\n\r\nOK\r\n");
    let line_end = record.len() - "\r\n\r\nOK\r\n".len();
    for (noise, told) in noises() {
        for at in 0..record.len() {
            // Inside the PDU or its header the two halves are not the record any more: it stays, and is read again later.
            let between = at == record.find(REPORT).unwrap() && told.is_none();
            let is_cut = (3..line_end).contains(&at) && !between;
            let mut bench = Bench::ready();
            bench.hear(b"\r\n+CMTI: \"SM\",5\r\n");
            assert_eq!(bench.take_writes(), b"AT+CMGR=5\r");
            bench.hear(&record.as_bytes()[..at]);
            bench.hear(noise.as_bytes());
            bench.hear(&record.as_bytes()[at..]);
            let context = format!("{noise:?} after {at} bytes");
            let mut written = bench.take_writes();
            // A call goes before what is left of the reading.
            if written.starts_with(b"ATH\r") {
                bench.hear(b"\r\nOK\r\n");
                written = bench.take_writes();
            }
            let reports = bench
                .take_told()
                .iter()
                .filter(|event| event.starts_with("report 64"))
                .count();
            let expected = 1 + usize::from(told.is_some());
            let deleted = written.starts_with(b"AT+CMGD=5\r");
            assert!(!deleted || reports >= 1, "{context}: deleted unread");
            if !is_cut {
                assert!(deleted, "{context}: {}", written.escape_ascii());
                assert_eq!(reports, expected, "{context}");
            }
        }
    }
}

#[test]
fn the_next_submission_starts_at_once() {
    let mut bench = Bench::ready();
    for ticket in 1..=5 {
        assert!(bench.line.is_idle());
        bench.submit(ticket);
        assert!(!bench.line.is_idle());
        assert_eq!(bench.take_writes(), CMGS);
        bench.hear(b"\r\n> ");
        assert_eq!(bench.take_writes(), PDU);
        bench.hear(b"\r\n+CMGS: 7\r\n\r\nOK\r\n");
        assert_eq!(bench.take_told(), [format!("finished {ticket} sent 7")]);
        assert_eq!(bench.take_writes(), b"");
    }
}

/// Commands and pauses of one initialisation, with its retries.
const STEPS_MAX: usize = 1000;

/// What a modem says before the initialisation, which has a test of its own, goes on by itself.
const BYTES_MAX: usize = 60;
