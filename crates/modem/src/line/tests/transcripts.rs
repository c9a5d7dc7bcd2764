//! Replays the dialogues under `transcripts/<model>/*.txt`.
//!
//! ```text
//! # a comment
//! ! open | close
//! ! unwritten             the port failed before it took the end of what was written last, and closes
//! ! submit TICKET         into the send queue: the line gets it when it is idle
//! ! force TICKET [SESSION]  to the line, idle or not
//! ! ready                 open, and a modem without quirks answers until the line is idle; what was told is forgotten
//! ! modem MAKER MODEL     who it says it is when it answers by itself
//! ! more | last           whether another part follows what is submitted from here on
//! ! answer [COMMAND]      such a modem answers until the line is idle, or has written that command
//! ! check sim             another line tells the SIM of this one
//! ! reset RUNG            an operator wants it
//! ! idle | busy | reason TEXT
//! ! dial CODE | reply TEXT | give up     an operator's USSD dialogue
//! ! at AT+CSQ             an operator's own command
//! > AT+CMGS=20\r          the line must have written these bytes, and nothing else
//! < \r\n>                 the modem sends these bytes (at the end of a line, a space is written \x20)
//! + 3s                    time passes (ms, s, min, h)
//! = finished 1 sent 64    the line must have told this; states and signals need not be expected
//! ```
//!
//! What was written or told must be expected before anything else happens.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::bench::{Bench, is_display};
use crate::{Input, Rung, Session};

#[test]
fn every_transcript_replays() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("transcripts");
    let mut files: Vec<PathBuf> = folders(&root)
        .iter()
        .flat_map(|folder| folders(folder))
        .collect();
    files.sort();
    assert!(
        files.len() >= TRANSCRIPTS_MIN,
        "only {} transcripts",
        files.len()
    );
    let mut failed = Vec::new();
    for whole in [true, false] {
        for file in &files {
            if std::panic::catch_unwind(|| replay(file, whole)).is_err() {
                failed.push(file);
            }
        }
    }
    assert!(failed.is_empty(), "{failed:#?}");
}

/// Replays one file; if not `whole`, the modem's bytes come one by one.
fn replay(file: &Path, whole: bool) {
    let text = std::fs::read_to_string(file).unwrap();
    let mut bench = Bench::new();
    for (number, line) in text.lines().enumerate() {
        let at = format!("{}:{}: {line}", file.display(), number + 1);
        let (kind, rest) = line.split_at_checked(1).unwrap_or_default();
        let rest = rest.trim();
        match kind {
            "" | "#" => {}
            ">" => wrote(&mut bench, &bytes(rest), &at),
            "=" => told(&mut bench, rest, &at),
            "<" if whole => {
                nothing_left(&bench, &at);
                bench.hear(&bytes(rest));
            }
            "<" => {
                nothing_left(&bench, &at);
                for byte in bytes(rest) {
                    bench.hear(&[byte]);
                }
            }
            "+" => {
                nothing_left(&bench, &at);
                bench.pass(duration(rest));
            }
            "!" => {
                if ["open", "close", "unwritten", "submit", "force", "reset"]
                    .iter()
                    .any(|action| rest.starts_with(action))
                {
                    nothing_left(&bench, &at);
                }
                act(&mut bench, rest, &at);
            }
            _ => panic!("{at}: what is this?"),
        }
    }
    nothing_left(&bench, &format!("{}: end", file.display()));
}

fn act(bench: &mut Bench, action: &str, at: &str) {
    match action.split(' ').collect::<Vec<_>>()[..] {
        ["open"] => bench.input(Input::Opened),
        ["close"] => bench.input(Input::Closed),
        ["unwritten"] => {
            bench.input(Input::Unwritten);
            bench.input(Input::Closed);
        }
        ["ready"] => bench.bring_up(),
        ["submit", ticket] => bench.submit(ticket.parse().unwrap()),
        ["force", ticket] => bench.force(ticket.parse().unwrap(), None),
        ["force", ticket, session] => {
            bench.force(
                ticket.parse().unwrap(),
                Some(Session(session.parse().unwrap())),
            );
        }
        ["modem", manufacturer, model] => {
            bench.modem.manufacturer = manufacturer.into();
            bench.modem.model = model.into();
        }
        ["more"] => bench.more_follow = true,
        ["last"] => bench.more_follow = false,
        ["pin", digits] => {
            let pin = crate::Pin::parse(digits).expect("4 to 8 digits");
            bench.input(Input::Pin(crate::PinAnswer::Give(pin)));
        }
        ["withhold"] => bench.input(Input::Pin(crate::PinAnswer::Withhold("withheld"))),
        ["answer"] => bench.answer_until(None),
        ["answer", command] => bench.answer_until(Some(command)),
        ["dial", ..] => {
            let request = crate::UssdRequest::parse(&action["dial ".len()..]).expect("a code");
            bench.input(Input::Ussd(crate::UssdAct::Dial(request)));
        }
        ["reply", ..] => {
            let request = crate::UssdRequest::parse(&action["reply ".len()..]).expect("a reply");
            bench.input(Input::Ussd(crate::UssdAct::Reply(request)));
        }
        ["check", "sim"] => bench.input(Input::CheckSim),
        ["give", "up"] => bench.input(Input::Ussd(crate::UssdAct::GiveUp)),
        ["at", ..] => {
            let command = crate::ManualCommand::parse(&action["at ".len()..]).expect("allowed");
            bench.input(Input::Manual(command));
        }
        ["reason", ..] => {
            assert_eq!(bench.line.reason(), action.strip_prefix("reason "), "{at}");
        }
        ["reset", rung] => {
            let rung = Rung::ALL.into_iter().find(|known| known.as_str() == rung);
            bench.input(Input::Reset(rung.expect("a rung")));
        }
        ["idle"] => assert!(bench.line.is_idle(), "{at}: {:?}", bench.line.state()),
        ["busy"] => assert!(!bench.line.is_idle(), "{at}: {:?}", bench.line.state()),
        _ => panic!("{at}: what is this?"),
    }
}

fn wrote(bench: &mut Bench, expected: &[u8], at: &str) {
    let written: Vec<u8> = bench
        .writes
        .drain(..expected.len().min(bench.writes.len()))
        .collect();
    assert_eq!(
        written.escape_ascii().to_string(),
        expected.escape_ascii().to_string(),
        "{at}"
    );
}

fn told(bench: &mut Bench, expected: &str, at: &str) {
    while let Some(told) = bench.told.pop_front() {
        if told == expected {
            return;
        }
        assert!(is_display(&told), "{at}: told {told:?}");
    }
    panic!("{at}: not told");
}

fn nothing_left(bench: &Bench, at: &str) {
    let left: Vec<_> = bench.told.iter().filter(|told| !is_display(told)).collect();
    assert!(left.is_empty(), "{at}: before it, not expected: {left:?}");
    let written: Vec<u8> = bench.writes.iter().copied().collect();
    assert!(
        written.is_empty(),
        "{at}: before it, written: {}",
        written.escape_ascii()
    );
}

fn bytes(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        let (&escaped, tail) = rest.split_first().expect("an escape ends the line");
        rest = tail;
        match escaped {
            b'r' => bytes.push(b'\r'),
            b'n' => bytes.push(b'\n'),
            b'\\' => bytes.push(b'\\'),
            b'x' => {
                let (digits, tail) = rest.split_at(2);
                bytes.extend(sms::hex::decode(digits).unwrap());
                rest = tail;
            }
            _ => panic!("unknown escape in {text}"),
        }
    }
    bytes
}

fn duration(text: &str) -> Duration {
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap());
    let number: u64 = number.parse().unwrap();
    match unit {
        "ms" => Duration::from_millis(number),
        "s" => Duration::from_secs(number),
        "min" => Duration::from_secs(number * 60),
        "h" => Duration::from_secs(number * 3600),
        _ => panic!("unknown unit in {text}"),
    }
}

fn folders(root: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect()
}

/// So that a moved folder can't make the test pass by finding nothing.
const TRANSCRIPTS_MIN: usize = 30;
