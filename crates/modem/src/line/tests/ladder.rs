//! Sick modems climb the ladder rung by rung, never into a running send, and the line says all the time what it waits for.

use std::time::Duration;

use super::bench::Bench;
use crate::{Input, LineState, Rung};

/// What ails a modem: commands that begin with one of these have no answer, or this one.
struct Ailment {
    commands: &'static [&'static str],
    answer: &'static str,
}

/// What is climbed while a modem with this ailment is brought up, and messages wait to be sent, until the line rests or the
/// time is over.
fn climbed(ailment: &Ailment, profile: &str, minutes: u64) -> Vec<String> {
    let mut bench = Bench::with_profile(&format!("about = \"a\"\n{profile}"));
    let start = bench.now;
    let mut ticket = 0;
    let mut rungs = Vec::new();
    bench.input(Input::Opened);
    while bench.now < start + Duration::from_secs(minutes * 60) {
        if bench.line.is_idle() {
            ticket += 1;
            bench.submit(ticket);
        }
        match bench.take_command() {
            Some(command) => {
                let is_ill = ailment.commands.iter().any(|ill| command.contains(ill));
                let answer = if is_ill {
                    ailment.answer.to_owned()
                } else {
                    bench.modem.answer(&command)
                };
                bench.hear(answer.as_bytes());
            }
            None => bench.pass(Duration::from_millis(500)),
        }
        for told in bench.told.drain(..).collect::<Vec<_>>() {
            let word = told.split(' ').nth(1).unwrap_or_default();
            if told.starts_with("climbed ") {
                rungs.push(word.to_owned());
            }
            if told.starts_with("reopen ") {
                bench.input(Input::Closed);
                bench.pass(Duration::from_secs(
                    word.trim_end_matches('s').parse().unwrap(),
                ));
                bench.input(Input::Opened);
            }
        }
        bench.check_waits();
        if rungs.last().is_some_and(|rung| rung == "rest") {
            break;
        }
    }
    rungs
}

const NO_PROMPT: Ailment = Ailment {
    commands: &["+CMGS"],
    answer: "",
};

const NO_PDU_MODE: Ailment = Ailment {
    commands: &["+CMGF="],
    answer: "\r\nERROR\r\n",
};

const DEAF: Ailment = Ailment {
    commands: &[""],
    answer: "",
};

const NO_NETWORK: Ailment = Ailment {
    commands: &["REG?"],
    answer: "\r\n+CREG: 2,2\r\n\r\nOK\r\n",
};

const NO_CARD: Ailment = Ailment {
    commands: &["+CPIN?"],
    answer: "\r\n+CME ERROR: 10\r\n",
};

const WANTS_PUK: Ailment = Ailment {
    commands: &["+CPIN?"],
    answer: "\r\n+CPIN: SIM PUK\r\n\r\nOK\r\n",
};

#[test]
fn each_ailment_climbs_its_rungs() {
    let no_prompt = [
        "resync initialise",
        "resync initialise",
        "resync radio",
        "resync reset",
        "resync reset",
        "resync reopen",
        "resync reopen",
        "resync reopen",
        "resync reopen",
        "resync reopen",
        "rest",
    ];
    let check = |ailment, profile, minutes, expected: &str| {
        let found = climbed(ailment, profile, minutes).join(" ");
        assert_eq!(found, expected, "{profile}");
    };
    check(&NO_PROMPT, "", 60, &no_prompt.join(" "));
    check(
        &NO_PDU_MODE,
        "",
        60,
        "radio reset reset reopen reopen reopen reopen reopen rest",
    );
    check(
        &NO_PDU_MODE,
        "[recovery]\nradio_off = \"never\"\nreset = []",
        60,
        "reopen reopen reopen reopen reopen rest",
    );
    check(&DEAF, "", 60, "reopen reopen reopen reopen reopen rest");
    // Twice an hour, the second time after twice as long.
    check(&NO_NETWORK, "", 60, "radio radio");
    check(
        &NO_NETWORK,
        "[recovery]\nradio_off = \"never\"",
        20,
        "reset reset",
    );
    check(&NO_CARD, "", 10, "radio");
    // Nothing that is done to the modem helps.
    check(&WANTS_PUK, "", 60, "");
}

#[test]
fn a_line_that_sends_begins_at_the_bottom_again() {
    let mut bench = Bench::ready();
    for round in 0..6 {
        for ticket in [3 * round, 3 * round + 1] {
            bench.submit(ticket);
            bench.take_writes();
            bench.pass(Duration::from_secs(10));
            let escape = bench.take_writes();
            assert_eq!(escape[0], 0x1B);
            bench.hear(b"\r\nOK\r\n");
            bench.answer_until(None);
        }
        bench.submit(3 * round + 2);
        bench.take_writes();
        bench.hear(b"\r\n> ");
        bench.take_writes();
        bench.hear(b"\r\n+CMGS: 1\r\n\r\nOK\r\n");
    }
    let rungs: Vec<String> = bench
        .told
        .iter()
        .filter(|told| told.starts_with("climbed "))
        .map(|told| told.split(' ').nth(1).unwrap_or_default().to_owned())
        .collect();
    assert_eq!(rungs, ["resync", "initialise"].repeat(6));
}

/// A poll that the modem never answers is asked three times, then no more; the session goes on.
#[test]
fn a_poll_without_an_answer_is_left_out() {
    let mut bench = Bench::ready();
    let mut asked = 0;
    for _ in 0..2_000 {
        match bench.take_command() {
            Some(command) if command == "AT+CSQ\r" => asked += 1,
            Some(command) => {
                let answer = bench.modem.answer(&command);
                bench.hear(answer.as_bytes());
            }
            None => bench.pass(Duration::from_secs(1)),
        }
    }
    assert_eq!(asked, 3);
    assert_eq!(bench.line.state(), LineState::Ready);
    assert!(bench.take_told().is_empty(), "the session goes on");
}

#[test]
fn an_operator_can_ask_for_each_rung_in_any_state() {
    for rung in [Rung::Initialise, Rung::Radio, Rung::Reset, Rung::Reopen] {
        let mut bench = Bench::new();
        bench.input(Input::Reset(rung));
        assert!(bench.take_told().is_empty(), "the port is closed");
        bench.input(Input::Opened);
        bench.input(Input::Reset(rung));
        let word = format!("climbed {} an operator asked for it", rung.as_str());
        let is_known = matches!(rung, Rung::Initialise | Rung::Reopen);
        // A modem that has not said who it is yet is neither silenced nor reset.
        let expected = if is_known {
            &word
        } else {
            "climbed reopen an operator asked for it"
        };
        assert!(
            bench.told.iter().any(|told| told == expected),
            "{:?}",
            bench.told
        );
    }
}
