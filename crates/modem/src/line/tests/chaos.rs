//! Any bytes at any time: no panic, no spinning, every submission ends once, nothing is written into a running send, and
//! what is kept stays small.

use std::time::Duration;

use proptest::prelude::*;

use super::bench::{Bench, PlainModem};
use crate::timing::{CHORES_MAX, HELD_EVENTS_MAX, LINE_BYTES_MAX, SWEEP_MAX};
use crate::{Input, Rung};

/// What the world may do to a line.
#[derive(Clone, Debug)]
enum Act {
    Bytes(Vec<u8>),
    Line(&'static str),
    Pass(u64),
    Submit,
    /// The modem answers what was asked.
    Answer,
    Open,
    Close,
    Reset(Rung),
}

const LINES: &[&str] = &[
    "\r\nOK\r\n",
    "\r\nERROR\r\n",
    "\r\n> ",
    "\r\n+CMGS: 12\r\n",
    "\r\n+CMS ERROR: 500\r\n",
    "\r\n+CMS ERROR: 515\r\n",
    "\r\n+CME ERROR: 10\r\n",
    "\r\nRDY\r\n",
    "\r\n+CPIN: READY\r\n",
    "\r\n+CPIN: NOT READY\r\n",
    "\r\n+CREG: 2\r\n",
    "\r\n+CREG: 1\r\n",
    "\r\n+CMTI: \"ME\",1\r\n",
    "\r\n+CMTI: \"SM\",-1\r\n",
    "\r\n+CMGL: 7,1,,4\r\n01020304\r\n",
    "\r\n+CMGR: 1,,4\r\n",
    "\r\n+CDS: 26\r\n",
    "\r\n+CCID: 8949020000012345678\r\n",
    "\r\n+CCID: 8949020000099999999\r\n",
    "\r\n+CNMI: 2,0,0,0,0\r\n",
    "\r\nRING\r\n",
    "\r\nNO CARRIER\r\n",
    "\r\n#QSS: 0\r\n",
    "AT+CMGS=20",
];

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        2 => prop::collection::vec(any::<u8>(), 0..60).prop_map(Act::Bytes),
        4 => prop::sample::select(LINES).prop_map(Act::Line),
        2 => prop_oneof![0..400u64, 0..70_000u64, 0..4_000_000u64].prop_map(Act::Pass),
        4 => Just(Act::Submit),
        12 => Just(Act::Answer),
        1 => Just(Act::Open),
        1 => Just(Act::Close),
        1 => prop::sample::select(&Rung::ALL[..]).prop_map(Act::Reset),
    ]
}

fn play(acts: Vec<Act>, mut bench: Bench) {
    let mut submitted = 0;
    let mut open = 0;
    let mut ended = Vec::new();
    for act in acts {
        match act {
            Act::Bytes(bytes) => bench.hear(&bytes),
            Act::Line(line) => bench.hear(line.as_bytes()),
            Act::Pass(ms) => bench.pass(Duration::from_millis(ms)),
            Act::Submit => {
                submitted += 1;
                bench.force(submitted, None);
            }
            Act::Answer => {
                if let Some(command) = bench.take_command() {
                    bench.hear(network(&command).as_bytes());
                }
            }
            Act::Open => bench.input(Input::Opened),
            Act::Close => bench.input(Input::Closed),
            Act::Reset(rung) => bench.input(Input::Reset(rung)),
        }
        check_bounds(&bench);
        collect(&mut bench, &mut ended);
        open = open.max(submitted - ended.len() as u64);
    }
    assert!(open <= 1, "{open} open at once");
    // The hard time-out ends what is left.
    bench.pass(Duration::from_secs(300));
    collect(&mut bench, &mut ended);
    ended.sort_unstable();
    assert_eq!(ended, (1..=submitted).collect::<Vec<_>>());
}

fn collect(bench: &mut Bench, ended: &mut Vec<u64>) {
    for told in bench.take_told() {
        let words: Vec<_> = told.split(' ').collect();
        if matches!(words[0], "finished" | "returned") {
            ended.push(words[1].parse().unwrap());
        }
    }
}

fn check_bounds(bench: &Bench) {
    bench.check_waits();
    let kept = bench.line.kept();
    assert!(kept.early <= HELD_EVENTS_MAX);
    assert!(kept.chores <= CHORES_MAX + SWEEP_MAX + 1);
    assert!(kept.line_bytes <= LINE_BYTES_MAX);
}

fn network(command: &str) -> String {
    if command.starts_with("AT+CMGS=") {
        "\r\n> ".into()
    } else if command.ends_with('\x1A') {
        "\r\n+CMGS: 77\r\n\r\nOK\r\n".into()
    } else {
        PlainModem::default().answer(command)
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_ready_line_survives_anything(acts in prop::collection::vec(act(), 0..80)) {
        play(acts, Bench::ready());
    }

    #[test]
    fn a_fresh_line_survives_anything(acts in prop::collection::vec(act(), 0..80)) {
        let mut bench = Bench::new();
        bench.input(Input::Opened);
        play(acts, bench);
    }

    #[test]
    fn a_modem_with_every_peculiarity_survives_anything(acts in prop::collection::vec(act(), 0..80)) {
        let mut bench = Bench::with_profile(PECULIAR);
        bench.more_follow = true;
        bench.bring_up();
        play(acts, bench);
    }
}

const PECULIAR: &str = include_str!("../../../fuzz/peculiar.toml");

#[test]
fn a_line_heals_after_chaos() {
    for seed in LINES {
        let mut bench = Bench::ready();
        bench.submit(1);
        bench.hear(seed.as_bytes());
        for _ in 0..2_000 {
            if bench.line.is_idle() {
                break;
            }
            match bench.take_command() {
                Some(command) => bench.hear(network(&command).as_bytes()),
                None => bench.pass(Duration::from_secs(1)),
            }
            if bench.told.iter().any(|told| told.starts_with("reopen")) {
                bench.told.clear();
                bench.input(Input::Closed);
                bench.input(Input::Opened);
            }
        }
        assert!(
            bench.line.is_idle(),
            "after {seed:?}: {:?}",
            bench.line.state()
        );
    }
}
