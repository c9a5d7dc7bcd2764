//! Kills the real daemon with `-9` at random moments under load, the simulated modems living on, and prints what the
//! simulator's ledger says of every message.
//!
//! A failure leaves with exit code 1. Run it in a release build: a debug build is killed mostly while it starts.

use std::io::IsTerminal;
use std::process::ExitCode;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use clap::{Parser, ValueEnum};
use tests::crash::{self, Plan, Progress, Verdict};

/// Kill the daemon again and again, and count what was lost and what was sent twice.
#[derive(Debug, Parser)]
struct Arguments {
    /// How often at the headline load: 512 lines, 5.65 s a part.
    #[arg(long, default_value_t = 200)]
    kills: usize,
    /// How often at zero radio time.
    #[arg(long, default_value_t = 50)]
    zero_kills: usize,
    /// Which of the two loads.
    #[arg(long, value_enum, default_value_t = Load::Both)]
    load: Load,
    /// Of the moments; else the clock tells.
    #[arg(long)]
    seed: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Load {
    Headline,
    Zero,
    Both,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let seed = arguments.seed.unwrap_or_else(clock);
    println!("commit {}, seed {seed}", tests::world::commit());
    let mut plans = Vec::new();
    if arguments.load != Load::Zero {
        plans.push(Plan::headline(arguments.kills, seed));
    }
    if arguments.load != Load::Headline {
        plans.push(Plan::zero_radio_time(arguments.zero_kills, seed));
    }
    let verdicts: Vec<Verdict> = plans.iter().map(experiment).collect();
    println!("\n{}", Verdict::heading());
    for verdict in &verdicts {
        println!("{verdict}");
    }
    println!();
    for verdict in &verdicts {
        println!(
            "{}: a consumer with a cursor read {} events across {} kills, {} of them wrong",
            verdict.load, verdict.events, verdict.kills, verdict.events_wrong
        );
    }
    if verdicts.iter().all(Verdict::is_good) {
        println!("everything that is promised held");
        return ExitCode::SUCCESS;
    }
    println!("A PROMISE WAS BROKEN: {verdicts:#?}");
    ExitCode::FAILURE
}

fn experiment(plan: &Plan) -> Verdict {
    let begun = Instant::now();
    let is_terminal = std::io::stderr().is_terminal();
    let verdict = crash::run(plan, &mut |progress: Progress| {
        let Progress {
            kills,
            busy_lines,
            on_air,
        } = progress;
        if is_terminal || kills % SELDOM == 0 {
            eprintln!(
                "{}: {kills} of {} kills, {busy_lines} lines on the air at the last one, {on_air} parts sent, {:.0} s",
                plan.name,
                plan.kills,
                begun.elapsed().as_secs_f64()
            );
        }
    });
    eprintln!(
        "{}: done after {:.0} s",
        plan.name,
        begun.elapsed().as_secs_f64()
    );
    verdict
}

fn clock() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs())
}

/// Where nobody watches, every so many kills are told.
const SELDOM: usize = 10;
