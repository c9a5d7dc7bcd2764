//! The crash harness: the real daemon under load, killed with `-9` at drawn moments while the modems live on, and the
//! verdict of the simulator's ledger.
//!
//! ```text
//!  App ──── keyed messages, half `hold`, half `resend`; what got no answer is handed over again ──► daemon
//!  Reader ─ the event stream by its cursor, across all kills ◄─────────────────────────────────────┤ spawn, kill -9,
//!  Fleet ── pseudo-terminals, never restarted ─────────────────────────────────────────────────────┘ spawn, kill -9 …
//!    └─ ledger ──► verdict ◄── what the apps were told at the end
//! ```
//!
//! The moments come from a seed; where they fall within the daemon's work is the scheduler's doing, so every kill is
//! another experiment. What must hold, holds wherever they fall.

mod app;
mod reader;
mod verdict;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::site::{Site, SiteSettings};
use app::App;
use reader::Reader;

pub use verdict::{PolicyVerdict, Verdict};

/// An experiment.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What the load is called in the table.
    pub name: String,
    /// How many lines.
    pub lines: usize,
    /// Mean radio time of a part.
    pub sms_time: Duration,
    /// How often the daemon is killed.
    pub kills: usize,
    /// The longest life of a daemon that is going to be killed, from its spawn on.
    pub life_max: Duration,
    /// Messages that the app keeps waiting.
    pub queued: u64,
    /// Of the moments and of the modems.
    pub seed: u64,
}

impl Plan {
    /// 512 lines that take 5.65 s a part: all of them have a part on the air when the daemon is killed.
    pub fn headline(kills: usize, seed: u64) -> Plan {
        Plan {
            name: "headline: 512 lines, 5.65 s a part".to_owned(),
            lines: 512,
            sms_time: Duration::from_millis(5650),
            kills,
            life_max: Duration::from_secs(10),
            queued: 1_000,
            seed,
        }
    }

    /// 512 lines that take no time: as much as the daemon can do between two kills.
    pub fn zero_radio_time(kills: usize, seed: u64) -> Plan {
        Plan {
            name: "512 lines, no radio time".to_owned(),
            lines: 512,
            sms_time: Duration::ZERO,
            kills,
            life_max: Duration::from_secs(4),
            queued: 5_000,
            seed,
        }
    }
}

/// What an experiment tells while it goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Kills so far.
    pub kills: usize,
    /// Lines with a part on the air at the last of them.
    pub busy_lines: usize,
    /// Parts that the network has taken so far.
    pub on_air: u64,
}

/// Loads and kills the daemon as the plan says, lets the last one finish, and judges.
///
/// # Panics
/// When a daemon ends by itself, answers what it must not, or never finishes.
pub fn run(plan: &Plan, tell: &mut dyn FnMut(Progress)) -> Verdict {
    let site = Site::new(SiteSettings {
        lines: plan.lines,
        sms_time: plan.sms_time,
        report_delay: Duration::from_millis(200)..=Duration::from_secs(3),
        seed: plan.seed,
        log_filter: "warn",
        ..SiteSettings::default()
    });
    let stop = AtomicBool::new(false);
    let (mut app, mut reader) = (App::new(&site, plan.queued), Reader::new(site.api()));
    std::thread::scope(|scope| {
        let handing_over = scope.spawn(|| app.run(&stop));
        let reading = scope.spawn(|| reader.run(&stop));
        kill_again_and_again(&site, plan, tell);
        let daemon = site.start();
        stop.store(true, Ordering::Relaxed);
        handing_over.join().expect("the app does not fail");
        reading.join().expect("the reader does not fail");
        daemon.stop();
    });
    let daemon = site.start();
    app.finish();
    site.api()
        .counts_within(FINISH_MAX, "all is sent", |counts| {
            counts.queued + counts.sending == 0
        });
    reader.catch_up();
    let verdict = verdict::judge(plan, &site, &app, &reader);
    daemon.stop();
    verdict
}

fn kill_again_and_again(site: &Site, plan: &Plan, tell: &mut dyn FnMut(Progress)) {
    let mut draws = Draws(plan.seed);
    let longest = u64::try_from(plan.life_max.as_micros()).unwrap_or(u64::MAX);
    for kills in 1..=plan.kills {
        let born = Instant::now();
        let daemon = site.spawn(&site.config());
        let life = Duration::from_micros(draws.below(longest.max(1)));
        std::thread::sleep(life.saturating_sub(born.elapsed()));
        daemon.kill();
        let stats = site.fleet().stats();
        tell(Progress {
            kills,
            busy_lines: stats.busy_lines,
            on_air: stats.network.accepted,
        });
    }
}

/// Draws from a seed (`SplitMix64`).
struct Draws(u64);

impl Draws {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % bound
    }
}

/// How long the last daemon has for what waits: some minutes for all that 512 lines queued.
const FINISH_MAX: Duration = Duration::from_secs(600);
