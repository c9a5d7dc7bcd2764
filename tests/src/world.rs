//! The simulated world: the real gateway, real line machines and hw-sim's modems and network, byte for byte, on a disk
//! that can tear, in virtual time, on one thread, from one seed.
//!
//! ```text
//!   plan ── acts ─► World ──────────────────────────────────────────────► Judge
//!                    │ process: Gateway::turn ─► Disk ─► effects held until the commit is over
//!                    │ shells:  Line::step, send queue, port                │
//!                    │ wires:   bytes, late and in pieces                   ▼
//!                    └ rack:    SimModem × n, Network, faults ─► ledger   records, answers, air
//! ```
//!
//! First the troubles of the seed's [`Options`], then everything heals, and every message has to end. The shells here
//! are thin copies of the daemon's tasks; no decision about a message is made in them.

mod apps;
mod dice;
mod disk;
pub mod figures;
mod hunt;
mod judge;
mod life;
pub mod month;
mod options;
mod outside;
mod plan;
mod process;
mod shell;
mod site;
mod talks;

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use gateway::{Now, Settings, UnixMs};
use hw_sim::{Rack, RackEffects, Scenario};

pub use dice::Dice;
pub use disk::{Disk, DiskFailed, Torn};
pub use hunt::{Finding, Make, commit, shrink, trial};
pub use judge::{Aired, Judge, Tally};
pub use options::{Knob, Options};
pub use plan::{Act, Probe, acts, probes};

use disk::Disk as Store;
use judge::Checked;
use process::Process;
use shell::Shell;

/// What a world is made of.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Seed of every draw.
    pub seed: u64,
    /// Its numbers.
    pub options: Options,
    /// What apps hand over.
    pub probes: Vec<Probe>,
    /// What happens, in its order.
    pub acts: Vec<(Duration, Act)>,
    /// The gateway's configuration.
    pub settings: Settings,
    /// What else befalls modems and network.
    pub scenario: Option<Scenario>,
}

/// A broken invariant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("seed {seed}, after {after:?} of virtual time: {what}")]
pub struct Violation {
    /// The world's seed.
    pub seed: u64,
    /// Virtual time since the world began.
    pub after: Duration,
    /// What is wrong.
    pub what: String,
}

impl Summary {
    /// Adds up what several worlds went through.
    pub fn add(&mut self, other: &Summary) {
        self.tally.add(&other.tally);
        self.commits += other.commits;
        self.turns += other.turns;
        self.events += other.events;
        self.deaths += other.deaths;
        self.dialogues += other.dialogues;
        self.elapsed += other.elapsed;
    }
}

/// What a world went through.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Summary {
    /// Counts of the judge.
    pub tally: Tally,
    /// Commits.
    pub commits: u64,
    /// Turns.
    pub turns: u64,
    /// Things that happened.
    pub events: u64,
    /// Processes that died.
    pub deaths: u64,
    /// USSD codes that operators dialled.
    pub dialogues: u64,
    /// Virtual time.
    pub elapsed: Duration,
}

/// A running world.
pub struct World {
    setup: Setup,
    start: Instant,
    now: Instant,
    /// Next of the setup's acts.
    next_act: usize,
    dice: Dice,
    rack: Rack,
    rack_effects: RackEffects,
    /// By line.
    shells: Vec<Shell>,
    /// When to wake which line, with the time by line.
    wakes: BTreeSet<(Instant, usize)>,
    armed: Vec<Option<Instant>>,
    /// Which modem is behind which line, and back.
    modem_of: Vec<usize>,
    line_of: Vec<usize>,
    /// Ports that are away, by modem, and until when.
    away: Vec<Option<Instant>>,
    /// The same by time.
    returns: BTreeSet<(Instant, usize)>,
    /// Bytes on their way to a line, by when they come and their order.
    wires: BTreeMap<(Instant, u64), (usize, Vec<u8>)>,
    wire_order: u64,
    /// `None` while the daemon is down.
    process: Option<Process>,
    restart_at: Option<Instant>,
    disk: Store,
    apps: apps::Apps,
    judge: Judge,
    summary: Summary,
    is_healing: bool,
    log: bool,
    /// The gateway's configuration now.
    settings: Settings,
    /// How often it was changed.
    reloads: u64,
}

impl Setup {
    /// The world of a seed.
    pub fn of_seed(seed: u64) -> Setup {
        Setup::with(seed, Options::of_seed(seed))
    }

    /// The world of a seed with these numbers.
    pub fn with(seed: u64, options: Options) -> Setup {
        Setup {
            seed,
            probes: probes(seed, &options),
            acts: acts(seed, &options),
            settings: site::settings(&options),
            scenario: None,
            options,
        }
    }
}

impl World {
    /// A world at its beginning. `log`: tell on standard output what happens.
    pub fn new(setup: Setup, log: bool) -> World {
        let start = epoch();
        let lines = setup.options.count(Knob::Lines).max(1);
        let rack = Rack::new(lines, site::rack(&setup, start));
        let judge = Judge::new(&setup);
        let mut world = World {
            dice: Dice::new(setup.seed, "world"),
            start,
            now: start,
            next_act: 0,
            rack,
            rack_effects: RackEffects::default(),
            shells: Vec::new(),
            wakes: BTreeSet::new(),
            armed: vec![None; lines],
            modem_of: (0..lines).collect(),
            line_of: (0..lines).collect(),
            away: vec![None; lines],
            returns: BTreeSet::new(),
            wires: BTreeMap::new(),
            wire_order: 0,
            process: None,
            restart_at: None,
            disk: Store::default(),
            apps: apps::Apps::new(&setup.probes),
            judge,
            summary: Summary::default(),
            is_healing: false,
            log,
            settings: setup.settings.clone(),
            reloads: 0,
            setup,
        };
        world.shells = (0..lines).map(|_| Shell::new(start)).collect();
        world.restart_at = Some(start);
        world
    }

    /// Lives through the troubles, heals, and waits until every message has ended.
    ///
    /// # Errors
    /// The first broken invariant.
    pub fn run(mut self) -> Result<(Summary, Judge), Violation> {
        self.live().map_err(|what| Violation {
            seed: self.setup.seed,
            after: self.now - self.start,
            what,
        })?;
        self.summary.tally = self.judge.tally;
        self.summary.elapsed = self.now - self.start;
        self.summary.commits = self.disk.commits;
        Ok((self.summary, self.judge))
    }

    /// Lives for a while, without an end.
    ///
    /// # Errors
    /// The first broken invariant.
    pub fn watch(mut self, during: Duration) -> Result<(Summary, Judge), Violation> {
        self.advance(self.start + during)
            .map_err(|what| Violation {
                seed: self.setup.seed,
                after: self.now - self.start,
                what,
            })?;
        self.summary.tally = self.judge.tally;
        self.summary.elapsed = during;
        Ok((self.summary, self.judge))
    }

    fn live(&mut self) -> Checked {
        let last = self.setup.acts.last().map_or(Duration::ZERO, |(at, _)| *at);
        self.advance(self.start + last + CALM_AFTER)?;
        self.heal()?;
        let options = &self.setup.options;
        let lives = options.seconds(Knob::ExpiresS) + options.seconds(Knob::AheadS);
        let end = self.now + lives + ENDS_WITHIN;
        while self.now < end {
            self.advance((self.now + LOOK_EVERY).min(end))?;
            if self.judge.open() == 0 && self.apps.is_content() && self.process.is_some() {
                break;
            }
        }
        self.check_state()?;
        self.judge.ended()
    }

    /// Both clocks.
    fn clock(&self) -> Now {
        let elapsed = self.now - self.start;
        Now {
            mono: self.now,
            wall: EPOCH.plus(elapsed),
        }
    }

    fn note(&self, what: impl FnOnce() -> String) {
        if self.log {
            let elapsed = self.now - self.start;
            println!("{:>12.3} {}", elapsed.as_secs_f64(), what());
        }
    }
}

/// Any moment: only differences count.
fn epoch() -> Instant {
    Instant::now()
}

/// 2026-03-31 23:50 UTC: days, months and the hour end soon.
const EPOCH: UnixMs = UnixMs(1_775_001_000_000);
/// After the last act, troubles last a little longer.
const CALM_AFTER: Duration = Duration::from_secs(60);
/// After the last deadline everything has ended: the longest answer and the longest outage of a line.
const ENDS_WITHIN: Duration = Duration::from_secs(3600);
const LOOK_EVERY: Duration = Duration::from_secs(30);
