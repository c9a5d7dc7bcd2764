//! A world in small: random messages, lines, reports, operators, crashes and time, from one seed, checked after every turn.
//!
//! The lines here are the truth: they know what went on the air. [`Oracle`] reads the committed records and holds them
//! to the invariants; the rig checks effects, accounting and the indices. A failure names its seed; `WORLD_SEED=n` runs
//! that one alone.

mod acts;
mod air;
mod oracle;
pub(super) mod random;

use std::collections::BTreeMap;
use std::time::Duration;

use modem::{Session, Ticket};

use self::air::Air;
use self::oracle::Oracle;
use self::random::Random;
use super::rig::{Rig, generous, iccid, line_name};
use crate::exchange::{Answer, Input};
use crate::record::{Control, Target};
use crate::settings::{Budget, Route, Settings, SimFilter};
use crate::words::{MessageId, MessageState, Rotation};

#[test]
fn holds_its_promises_whatever_happens() {
    if let Ok(seed) = std::env::var("WORLD_SEED") {
        return World::run(seed.parse().unwrap());
    }
    (0..SEEDS).for_each(World::run);
}

struct World {
    random: Random,
    rig: Rig,
    air: Air,
    oracle: Oracle,
    /// Which SIM is in which line, in truth.
    places: BTreeMap<u32, u32>,
    lines: u32,
    sims: u32,
    /// Parts whose first byte is written, with their place in the air's ledger if they are on the air.
    begun: BTreeMap<Ticket, Option<usize>>,
    /// Attempts of unknown outcome whose answer may come late.
    late: Vec<(u32, Session, Ticket, u8)>,
    ids: Vec<MessageId>,
}

/// Names the seed if the test fails.
struct Named(u64);

impl Drop for Named {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("WORLD_SEED={} fails", self.0);
        }
    }
}

impl World {
    fn run(seed: u64) {
        let _named = Named(seed);
        let mut random = Random(seed);
        let lines = random.within(1, 4);
        let settings = settings(&mut random);
        let mut world = World {
            rig: Rig::new(settings),
            air: Air::new(),
            oracle: Oracle::default(),
            places: BTreeMap::new(),
            lines,
            sims: lines + random.within(0, 2),
            begun: BTreeMap::new(),
            late: Vec::new(),
            ids: Vec::new(),
            random,
        };
        (0..lines).for_each(|line| world.plug(line));
        world.settle();
        for step in 0..STEPS {
            world.act();
            if world.random.one_in(2) {
                world.settle();
            }
            if step % REPLAY_EVERY == 0 {
                world.settle();
                world.rig.check_replay();
            }
        }
        world.settle();
        world.heal();
    }

    /// Takes a turn and checks everything.
    fn settle(&mut self) {
        self.rig.turn();
        assert_eq!(
            self.rig.answers.len(),
            self.rig.asked,
            "everybody is answered"
        );
        self.oracle.read(&self.rig, &self.air);
    }

    fn act(&mut self) {
        match self.random.below(100) {
            0..=24 => self.accept(),
            25..=64 => {
                let line = self.random.below(self.lines);
                self.progress(line);
            }
            65..=79 => self.report(),
            80..=86 => self.pass_time(),
            87..=89 => self.relocate(),
            90..=92 => self.resolve_late(),
            93..=94 => self.cancel(),
            95 => self.control(),
            96 => self.disk(),
            97 => self.reload(),
            98 => self.crash(),
            _ => self.break_commit(),
        }
    }

    /// Every fault heals: then every message ends, once.
    fn heal(&mut self) {
        let settings = Settings {
            routes: Vec::new(),
            ..generous()
        };
        self.oracle.allow(&settings);
        self.rig.settings = settings.clone();
        self.rig.input(Input::Reload(Box::new(settings)));
        self.rig.input(Input::DiskLow(false));
        (0..self.lines).for_each(|line| self.order(Target::Line(line_name(line)), Control::Active));
        (0..self.sims).for_each(|sim| self.order(Target::Sim(iccid(sim)), Control::Active));
        for round in 0..HEAL_ROUNDS {
            self.work_off();
            for line in 0..self.lines {
                if !self.places.contains_key(&line) {
                    self.plug(line);
                }
            }
            self.settle();
            let seen = self.rig.snapshot();
            if seen.queued + seen.sending + seen.in_doubt + seen.sent == 0 {
                self.rig.check_replay();
                return self.check_ends();
            }
            let minutes = if round < HEAL_ROUNDS / 2 { 1 } else { 120 };
            self.rig.pass(Duration::from_secs(60 * minutes));
        }
        panic!(
            "some messages never end: {:#?}",
            self.rig.gateway.book.digest()
        );
    }

    fn check_ends(&self) {
        let messages = self.rig.store.messages();
        for (id, told) in &messages {
            assert_eq!(told.ends, 1, "{id:?} ended in {:?}", told.state);
        }
        for answer in self.rig.answers.values() {
            if let Ok(Answer::Accepted { id, .. }) = answer {
                assert!(messages.contains_key(id), "{id:?} was accepted and is gone");
            }
        }
        let delivered = messages
            .values()
            .filter(|told| told.state == MessageState::Delivered);
        self.oracle
            .check_delivered(delivered.map(|told| told.seq), &self.air);
    }
}

fn settings(random: &mut Random) -> Settings {
    let mut settings = generous();
    settings.target_per_minute = random.pick(&[60, 600, 6_000_000]);
    settings.queued_max = random.pick(&[8, 1000]);
    settings.otp_reserve = random.pick(&[None, Some(1)]);
    settings.sims_default.budget = Budget {
        limits: [
            Some(random.within(2, 40)),
            random.one_in(2).then(|| random.within(10, 100)),
            None,
            None,
        ],
        interval_min: Duration::from_millis(random.pick(&[0, 0, 2500])),
        ..Budget::default()
    };
    if random.one_in(3) {
        settings.routes = vec![Route {
            name: "even".into(),
            prefixes: vec!["+4915".into()],
            classes: Vec::new(),
            sims: SimFilter {
                iccids: vec![iccid(0), iccid(2)],
                ..SimFilter::default()
            },
            rotation: Rotation::RoundRobin,
            ..Route::default()
        }];
    }
    settings
}

const SEEDS: u64 = 200;
const STEPS: u32 = 200;
const REPLAY_EVERY: u32 = 25;
const HEAL_ROUNDS: u32 = 400;
