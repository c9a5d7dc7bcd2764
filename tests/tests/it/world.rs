//! The simulated world: fixed seeds, and a crash at every commit and at every step between.
//!
//! `explore` hunts with fresh seeds; a seed that found a bug is named here, so that the bug stays found.

use std::sync::Arc;

use hw_sim::{ModemProfile, Scenario};
use tests::repository;
use tests::world::figures::{self, Figure, Lateness, Load};
use tests::world::{Knob, Options, Setup, Summary, Violation, World, month, trial};

#[test]
fn even_seeds_hold_every_promise() {
    hold((0..SEEDS).step_by(2));
}

/// Few worlds have one in doubt twice, so that a third try would be seen.
#[test]
fn what_is_in_doubt_twice_is_not_sent_a_third_time() {
    let summary = lived(416, &Options::of_seed(416));
    assert!(summary.tally.unknown > 1, "{summary:?}");
}

/// Few worlds have reports that fit nothing and are given up at last.
#[test]
fn reports_that_fit_nothing_are_given_up() {
    let summary = lived(237, &Options::of_seed(237));
    assert!(summary.tally.dropped > 0, "{summary:?}");
}

/// Worlds that found something wrong in the gateway, the line or the judge, as small as they could be made.
#[test]
fn worlds_that_broke_a_promise_keep_it_now() {
    for (seed, sets) in [
        // The SIMs changed places while a line heard nothing.
        (1795870745, "lines=4 messages=5 span_s=1 troubles=8 swaps=3"),
        // A long message that is begun anew takes a turn of its app.
        (
            1795878008,
            "lines=3 messages=46 span_s=353 long=1000 silence=100 apps=2",
        ),
        // The network takes a part from a modem that has rebooted since, while the next try of it is under way.
        (
            1795865836,
            "messages=18 span_s=119 long=1000 sms_ms=3000 spread=100 queued_max=10 commit_ms=3000 late_prompt=400 \
             noise_s=30 reboot_s=900 troubles=3 crashes=1 power_cuts=1 controls=3 inbound=10",
        ),
        // A SIM is taken out when the message that is bound to it has just expired.
        (
            1795881283,
            "lines=3 messages=5 span_s=119 long=1000 expires_s=20 spread=100 report_ms=20000 per_minute=6 late_prompt=400 \
             port_s=40 garbage_s=600 troubles=3 models=1",
        ),
    ] {
        let mut options = Options::calm();
        for set in sets.split(' ') {
            options.set_text(set).expect("there is such a number");
        }
        lived(seed, &options);
    }
}

#[test]
fn odd_seeds_hold_every_promise() {
    hold((1..SEEDS).step_by(2));
}

/// A process that dies at a commit, in each way, and is followed by one that only has the disk.
#[test]
fn a_crash_at_any_commit_loses_nothing() {
    for seed in 0..CRASH_SEEDS {
        let options = small_troubles();
        let commits = lived(seed, &options).commits;
        assert!(commits > 20, "a world of {commits} commits proves little");
        for commit in 1..=commits {
            for how in 0..=4 {
                let options = options
                    .clone()
                    .with(Knob::DieAtCommit, commit)
                    .with(Knob::DieHow, how);
                assert!(
                    lived(seed, &options).deaths > 0,
                    "nobody died at commit {commit}"
                );
            }
        }
    }
}

/// The same between the commits: after each byte that moves, each answer, each wake-up.
#[test]
fn a_crash_at_any_step_loses_nothing() {
    let options = small_troubles()
        .with(Knob::CommitMs, 300)
        .with(Knob::WireMs, 5);
    let events = lived(0, &options).events.min(EVENTS_MAX);
    for event in 1..=events {
        lived(0, &options.clone().with(Knob::DieAtEvent, event));
    }
}

/// The figures of small fleets; `explore --figures` measures large ones.
#[test]
fn a_fleet_keeps_its_pace() {
    met(figures::headline(128, 1));
    met(figures::quarter_lost(64));
    met(figures::codes(
        Load {
            lines: 128,
            sms_ms: 5000,
            target: 1360,
            code_every_ms: 500,
        },
        1,
    ));
}

#[test]
fn late_reports_find_their_parts() {
    let few = Lateness {
        messages: 700,
        ..Lateness::default()
    };
    met(figures::late_reports(few));
    met(figures::late_reports(Lateness {
        messages: 1200,
        skew_s: 20_700,
        is_rough: true,
    }));
}

#[test]
fn no_budget_is_exceeded_in_a_month() {
    met(figures::month(1, 200));
}

/// A month with a tariff of its own for each SIM, in bursts and lulls, over restarts; `explore --month` lives through more.
#[test]
fn no_tariff_is_exceeded_in_a_month() {
    let mut all = Summary::default();
    for seed in 0..MONTHS {
        let lived = trial(month::setup, seed, &month::options(seed));
        all.add(&lived.unwrap_or_else(|violation| {
            panic!("{violation}\ncargo run -p tests --bin explore -- --month --seed {seed}")
        }));
    }
    // Each kind of limit was felt.
    assert!(
        all.tally.filled.iter().all(|times| *times > 0),
        "{:?}",
        all.tally
    );
}

/// Every scenario that is shipped, with the whole gateway, in virtual time: nothing is lost, doubled or left lying.
#[test]
fn every_scenario_keeps_every_promise() {
    for (name, lines) in [
        ("quiet", 8),
        ("flaky-usb", 16),
        ("rush-hour", 32),
        ("storage-full", 8),
        ("operator-outage", 16),
        ("power-cut", 32),
        ("mixed-vendors", 17),
        ("sim-bars", 8),
    ] {
        let options = Options::calm()
            .with(Knob::Lines, lines)
            .with(Knob::Messages, lines * 12)
            .with(Knob::SpanS, 120)
            .with(Knob::Recipients, 40)
            .with(Knob::Long, 100)
            .with(Knob::ExpiresS, 900);
        let mut setup = Setup::with(11, options);
        let file = repository().join(format!("hw-sim/scenarios/{name}.toml"));
        setup.scenario = Some(Scenario::load(&file).expect("it is shipped"));
        let (summary, _) = World::new(setup, false)
            .run()
            .unwrap_or_else(|violation| panic!("{name}: {violation}"));
        assert!(summary.tally.delivered > 0, "{name}: {summary:?}");
    }
}

/// One modem of eight restarts whenever sending begins, as on a hub that is too weak: what it is given is lost, so it is
/// given little. It is ready again each time, and its own recovery can't know that. Without a breaker it loses 95.
#[test]
fn a_modem_that_browns_out_burns_few_attempts() {
    let model = ModemProfile::load("generic").expect("it is built in");
    let broken = (*model).clone().with_quirk("undervoltage", 1.0);
    let mut modems = vec![Arc::clone(&model); 7];
    modems.push(Arc::new(broken.expect("there is such a quirk")));
    let options = Options::calm()
        .with(Knob::Lines, 8)
        .with(Knob::Messages, 1_600)
        .with(Knob::SpanS, 8 * 3_600)
        .with(Knob::Recipients, 400)
        .with(Knob::ExpiresS, 7_200);
    let mut setup = Setup::with(3, options);
    setup.scenario = Some(Scenario {
        modems: Some(modems),
        ..Scenario::default()
    });
    let (summary, _) = World::new(setup, false)
        .run()
        .unwrap_or_else(|violation| panic!("{violation}"));
    let tally = &summary.tally;
    assert!(tally.unknown >= 3, "it was tried: {tally:?}");
    // Three in a row, then 1, 2, 4 … 64, 120 and 120 minutes after one another.
    assert!(tally.unknown <= 3 + 10, "it was spared: {tally:?}");
    // A few are worth sending for a second only.
    let lost = tally.accepted - tally.aired - tally.unknown;
    assert!(lost < 10, "the others send what it is not given: {tally:?}");
}

fn met(figures: Result<Vec<Figure>, Violation>) {
    let figures = figures.unwrap_or_else(|violation| panic!("{violation}"));
    for figure in figures {
        assert!(figure.is_met, "{figure}");
    }
}

fn hold(seeds: impl Iterator<Item = u64>) {
    let mut all = Summary::default();
    for seed in seeds {
        all.add(&lived(seed, &Options::of_seed(seed)));
    }
    let tally = all.tally;
    // What never happens is not tested.
    let happened = [
        tally.doubled,
        tally.refused,
        tally.unknown,
        tally.returned,
        tally.resolved,
        tally.kept,
        tally.anews,
        tally.guarded,
        tally.barred,
        tally.scheduled,
        tally.climbed,
        tally.shared,
    ];
    assert!(
        happened.iter().all(|times| *times > 0) && all.deaths > 100,
        "{all:?}"
    );
}

fn lived(seed: u64, options: &Options) -> Summary {
    trial(Setup::with, seed, options).unwrap_or_else(|violation| {
        panic!(
            "{violation}\ncargo run -p tests --bin explore -- --seed {seed} --calm {}",
            sets(options)
        )
    })
}

fn sets(options: &Options) -> String {
    let difference = options.difference(&Options::calm());
    difference
        .iter()
        .map(|set| format!("--set {set} "))
        .collect()
}

/// A few messages, some long, on two lines whose network refuses, stays silent and reports early.
fn small_troubles() -> Options {
    Options::calm()
        .with(Knob::Lines, 2)
        .with(Knob::Messages, 8)
        .with(Knob::SpanS, 5)
        .with(Knob::Long, 300)
        .with(Knob::ExpiresS, 600)
        .with(Knob::Errors, 100)
        .with(Knob::Silence, 100)
        .with(Knob::ReportEarly, 200)
        .with(Knob::Recipients, 2)
        .with(Knob::ReplayEvery, 1)
}

const SEEDS: u64 = 240;
const CRASH_SEEDS: u64 = 2;
const MONTHS: u64 = 6;
/// After so many events the messages of such a world have ended; what follows are idle lines.
const EVENTS_MAX: u64 = 300;
