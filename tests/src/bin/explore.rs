//! Hunts for bugs in simulated worlds with fresh seeds, and replays one of them with a readable log.
//!
//! What it prints is enough to see the same failure again: seed, commit and the numbers that the failure needs.

use std::process::ExitCode;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use clap::Parser;
use tests::world::figures::{self, Figure, Lateness, Load};
use tests::world::{
    Finding, Make, Options, Setup, Summary, Violation, World, commit, month, shrink, trial,
};

/// Live through simulated worlds, each from one seed, and tell which of them break an invariant.
#[derive(Debug, Parser)]
struct Arguments {
    /// How long to hunt with fresh seeds.
    #[arg(long, default_value_t = 1.0)]
    minutes: f64,
    /// The first seed; else the clock tells.
    #[arg(long)]
    from: Option<u64>,
    /// Only measure whole fleets in virtual time, and print a table; for a release build.
    #[arg(long, conflicts_with_all = ["from", "seed"])]
    figures: bool,
    /// With --figures: only the scenes whose names hold this word.
    #[arg(long, requires = "figures", value_name = "WORD")]
    only: Option<String>,
    /// Only live through the world of this seed, and tell what happens in it.
    #[arg(long, conflicts_with = "from")]
    seed: Option<u64>,
    /// With --seed: no log, only the verdict.
    #[arg(long, requires = "seed")]
    quiet: bool,
    /// With --seed: begin with a world without any trouble instead of the seed's.
    #[arg(long, requires = "seed")]
    calm: bool,
    /// Worlds that live for a month, with a tariff of its own for each SIM.
    #[arg(long, conflicts_with_all = ["figures", "calm"])]
    month: bool,
    /// Set a number of the world, as in `--set lines=2`.
    #[arg(long = "set", value_name = "NAME=VALUE")]
    sets: Vec<String>,
    /// Stop hunting after so many findings.
    #[arg(long, default_value_t = 3)]
    findings: usize,
}

impl Arguments {
    /// How worlds are made.
    fn make(&self) -> Make {
        match self.month {
            true => month::setup,
            false => Setup::with,
        }
    }

    /// The numbers of a seed's world.
    fn options(&self, seed: u64) -> Result<Options, String> {
        let mut options = match (self.month, self.calm) {
            (true, _) => month::options(seed),
            (false, true) => Options::calm(),
            (false, false) => Options::of_seed(seed),
        };
        let sets = &mut self.sets.iter();
        sets.try_for_each(|set| options.set_text(set))?;
        Ok(options)
    }

    /// Says how a finding is seen again.
    fn tell(&self, seed: u64, finding: &Finding) {
        let (begin, before) = match self.month {
            true => ("--month", month::options(seed)),
            false => ("--calm", Options::calm()),
        };
        let sets = finding.options.difference(&before);
        let sets: String = sets.iter().map(|set| format!(" --set {set}")).collect();
        println!("  smaller: {}", finding.violation);
        println!("  again:   cargo run -p tests --bin explore -- --seed {seed} {begin}{sets}");
    }
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = match arguments.seed {
        Some(seed) => replay(seed, &arguments),
        None if arguments.figures => measure(arguments.only.as_deref().unwrap_or_default()),
        None => hunt(&arguments),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(wrong) => {
            eprintln!("explore: {wrong}");
            ExitCode::from(2)
        }
    }
}

fn replay(seed: u64, arguments: &Arguments) -> Result<bool, String> {
    let options = arguments.options(seed)?;
    println!("seed {seed}, commit {}: {options:?}", commit());
    let outcome = World::new(arguments.make()(seed, options), !arguments.quiet).run();
    match &outcome {
        Ok((summary, _)) => println!("all is well: {summary:?}"),
        Err(violation) => println!("{violation}"),
    }
    Ok(outcome.is_ok())
}

fn measure(only: &str) -> Result<bool, String> {
    type Scene = (&'static str, fn() -> Result<Vec<Figure>, Violation>);
    let scenes: [Scene; 10] = [
        ("512 SIMs at 5.0 s a part, target 5440, ten minutes", || {
            figures::headline(512, 10)
        }),
        (
            "512 SIMs at 5.65 s a part, target 10240, five minutes",
            || figures::capacity(512, 5),
        ),
        (
            "codes beside bulk, 512 SIMs at 5.0 s a part, target 5440",
            || figures::codes(beside_codes(5000, 5440), 5),
        ),
        (
            "codes beside bulk at capacity, 512 SIMs at 5.65 s a part",
            || figures::codes(beside_codes(5650, 10_240), 5),
        ),
        ("a quarter of 512 lines lost", || figures::quarter_lost(512)),
        ("30 % of the reports late by up to 6 h", || {
            figures::late_reports(Lateness {
                messages: 6000,
                ..Lateness::default()
            })
        }),
        (
            "late reports, the service centre's clock 5 h 45 min ahead",
            || {
                figures::late_reports(Lateness {
                    messages: 6000,
                    skew_s: 20_700,
                    ..Lateness::default()
                })
            },
        ),
        (
            "late reports, some lost or doubled, sends unanswered, kills",
            || {
                figures::late_reports(Lateness {
                    messages: 6000,
                    skew_s: 20_700,
                    is_rough: true,
                })
            },
        ),
        ("a month of 4 SIMs", || figures::month(4, 6000)),
        ("a day of 512 SIMs at 200 parts each", || figures::day(512)),
    ];
    let mut is_all_met = true;
    println!("commit {}", commit());
    for (name, scene) in scenes.iter().filter(|(name, _)| name.contains(only)) {
        let begun = Instant::now();
        let figures = scene().map_err(|violation| violation.to_string())?;
        println!("{name} ({:.1} s)", begun.elapsed().as_secs_f64());
        for figure in figures {
            is_all_met &= figure.is_met;
            println!("  {figure}");
        }
    }
    Ok(is_all_met)
}

/// What 512 lines have to do beside twenty codes a second.
fn beside_codes(sms_ms: u64, target: u64) -> Load {
    Load {
        lines: 512,
        sms_ms,
        target,
        code_every_ms: 50,
    }
}

fn hunt(arguments: &Arguments) -> Result<bool, String> {
    std::panic::set_hook(Box::new(|_| {}));
    let begun = Instant::now();
    let patience = Duration::from_secs_f64(arguments.minutes.clamp(0.0, 1e6) * 60.0);
    let first = arguments.from.unwrap_or_else(clock);
    println!("commit {}, seeds from {first}", commit());
    let make = arguments.make();
    let (mut lived, mut found, mut all) = (0_u64, 0, Summary::default());
    while begun.elapsed() < patience && found < arguments.findings {
        let seed = first.wrapping_add(lived);
        lived += 1;
        let options = arguments.options(seed)?;
        match trial(make, seed, &options) {
            Ok(summary) => all.add(&summary),
            Err(violation) => {
                found += 1;
                println!("\nseed {seed}: {}", violation.what);
                let finding = Finding { options, violation };
                let smaller = shrink(make, seed, finding, SHRINK_PATIENCE);
                arguments.tell(seed, &smaller);
            }
        }
    }
    println!(
        "{lived} worlds, {found} broken, {:.1} virtual hours in {:.1} s",
        all.elapsed.as_secs_f64() / 3600.0,
        begun.elapsed().as_secs_f64()
    );
    println!("{all:?}");
    Ok(found == 0)
}

fn clock() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

const SHRINK_PATIENCE: Duration = Duration::from_secs(120);
