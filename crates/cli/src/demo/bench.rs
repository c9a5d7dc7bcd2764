//! `bench`: a few numbers, each with how it was measured. Nothing is asserted: a shared machine is no judge.

mod million;

use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use clap::ValueEnum;
use serde::{Serialize, Serializer};

use super::figures::{parts_per_second, percentile, queue_waits};
use super::fleet_under_test::{FleetUnderTest, Settings};
use super::hand_over::{HandOver, one_at_a_time, trickle, upload};
use super::load::Load;
use super::progress::Progress;
use super::unless_interrupted;
use super::verdict::rounded;
use crate::args::BenchArguments;
use crate::failure::Failure;
use crate::output::Output;
use crate::paint::Tint;

/// What can be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Measurement {
    /// How long a durable accept takes, one at a time.
    Accept,
    /// How many messages a second one NDJSON stream hands over.
    Upload,
    /// How long a code takes to a line while 100,000 bulk messages wait.
    Overtake,
    /// The same while 1,000,000 wait, what bulk gets beside codes, and how long a start with them takes.
    Million,
    /// How many parts a second the software can do when the radios take no time.
    Throughput,
}

/// Measures and prints.
pub(crate) async fn bench(out: &mut Output, arguments: BenchArguments) -> Result<(), Failure> {
    let chosen = if arguments.only.is_empty() {
        Measurement::value_variants().to_vec()
    } else {
        arguments.only
    };
    let progress = Progress::new(out.is_json());
    for measurement in chosen {
        let result = unless_interrupted(measure(measurement, &progress)).await?;
        if out.is_json() {
            out.object(&result)?;
        } else {
            result.tell(out)?;
        }
        out.flush()?;
    }
    Ok(())
}

async fn measure(measurement: Measurement, progress: &Progress) -> anyhow::Result<Measured> {
    match measurement {
        Measurement::Accept => accept(progress).await,
        Measurement::Upload => bulk_upload(progress).await,
        Measurement::Overtake => overtake(progress).await,
        Measurement::Million => million::measure(progress).await,
        Measurement::Throughput => throughput(progress).await,
    }
}

/// One measurement's figures and how they came about.
#[derive(Debug, Serialize)]
struct Measured {
    name: &'static str,
    #[serde(flatten)]
    figures: Figures,
    how: String,
}

/// Named figures in the order in which they are told.
#[derive(Debug)]
struct Figures(Vec<(&'static str, f64)>);

impl Serialize for Figures {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().copied())
    }
}

impl Measured {
    fn new(name: &'static str, figures: &[(&'static str, f64)], how: String) -> Measured {
        let figures = figures
            .iter()
            .map(|(name, value)| (*name, rounded(*value)))
            .collect();
        Measured {
            name,
            figures: Figures(figures),
            how,
        }
    }

    fn tell(&self, out: &mut Output) -> Result<(), Failure> {
        let figures: Vec<String> = self
            .figures
            .0
            .iter()
            .map(|(name, value)| format!("{name} {value}"))
            .collect();
        let label = out.paint(&format!("{:<10}", self.name), Tint::Good);
        out.line(format_args!("{label} {}", figures.join(", ")))?;
        let how = out.paint(&self.how, Tint::Dim);
        out.line(format_args!("           {how}"))
    }
}

async fn accept(progress: &Progress) -> anyhow::Result<Measured> {
    let bed = FleetUnderTest::start(quiet_fleet(), progress).await?;
    let messages = Load::bulk(ACCEPTS, 1);
    let handed = one_at_a_time(bed.client(), &messages, || bed.clock()).await?;
    all_accepted(&handed, messages.len())?;
    drop(bed);
    let [p50, p99, max] = [0.5, 0.99, 1.0].map(|share| ms_at(&handed.accept_times, share));
    let figures = [
        ("count", f64::from(ACCEPTS)),
        ("p50_ms", p50),
        ("p99_ms", p99),
        ("max_ms", max),
    ];
    let how = format!(
        "{ACCEPTS} messages over one kept connection, each sent when the one before was answered; from the request to \
         the durable answer as the client sees it; {QUIET_LINES} lines, their radios busy with one part for a minute"
    );
    Ok(Measured::new("accept", &figures, how))
}

async fn bulk_upload(progress: &Progress) -> anyhow::Result<Measured> {
    let bed = FleetUnderTest::start(quiet_fleet(), progress).await?;
    let messages = Load::bulk(BACKLOG, 1);
    let before = bed.usage()?;
    let begun = Instant::now();
    let handed = upload(bed.client(), &messages, || bed.clock()).await?;
    let seconds = begun.elapsed().as_secs_f64();
    all_accepted(&handed, messages.len())?;
    let usage = bed.usage()?;
    drop(bed);
    let figures = [
        ("count", f64::from(BACKLOG)),
        ("seconds", seconds),
        ("messages_per_s", f64::from(BACKLOG) / seconds),
        ("daemon_cpu_s", usage.cpu_s - before.cpu_s),
        ("daemon_rss_mb", usage.rss_mb),
    ];
    let how = format!(
        "{BACKLOG} bulk messages with keys in one NDJSON request, from its first byte to the last durable answer; \
         {QUIET_LINES} lines, their radios busy with one part for a minute"
    );
    Ok(Measured::new("upload", &figures, how))
}

async fn overtake(progress: &Progress) -> anyhow::Result<Measured> {
    let settings = Settings::new(HEADLINE_LINES, HEADLINE_SMS_TIME).with_target(HEADLINE_TARGET);
    let bed = FleetUnderTest::start(settings, progress).await?;
    let backlog = Load::bulk(BACKLOG, 1);
    let handed = upload(bed.client(), &backlog, || bed.clock()).await?;
    all_accepted(&handed, backlog.len())?;
    progress.phase("a backlog waits; letting the fleet settle into its rhythm");
    tokio::time::sleep(HEADLINE_SMS_TIME * SETTLE_ROUNDS).await;
    let waiting = bed.client().status().await?.messages.queued;
    progress.phase(&format!("{waiting} bulk messages wait; sending codes"));
    let codes = Load::codes(CODES, 2);
    let handed = trickle(bed.client(), &codes, CODE_INTERVAL, || bed.clock()).await?;
    all_accepted(&handed, codes.len())?;
    let usage = bed.usage()?;
    // The last code has begun by then; its radio time has to pass for the ledger to hold it.
    tokio::time::sleep(HEADLINE_SMS_TIME * 2).await;
    let entries = bed.abandon()?;
    let waits = queue_waits(&entries, handed.accepted.iter());
    let [p50, p99, max] = [0.5, 0.99, 1.0].map(|share| ms_at(&waits, share));
    let [accept_p50, accept_p99] = [0.5, 0.99].map(|share| ms_at(&handed.accept_times, share));
    let figures = [
        ("count", waits.len() as f64),
        ("p50_ms", p50),
        ("p99_ms", p99),
        ("max_ms", max),
        ("accept_p50_ms", accept_p50),
        ("accept_p99_ms", accept_p99),
        ("waiting", waiting as f64),
        ("daemon_rss_mb", usage.rss_mb),
    ];
    let how = format!(
        "{CODES} codes, one every {} ms, while the backlog waits at {HEADLINE_LINES} lines of {:.2} s and a target of \
         {HEADLINE_TARGET} a minute; from the request at the client, the accept included, to the begin of the radio \
         time in the simulator's ledger",
        CODE_INTERVAL.as_millis(),
        HEADLINE_SMS_TIME.as_secs_f64(),
    );
    Ok(Measured::new("overtake", &figures, how))
}

async fn throughput(progress: &Progress) -> anyhow::Result<Measured> {
    let settings = Settings::new(HEADLINE_LINES, Duration::ZERO);
    let target = settings.target_per_minute();
    let bed = FleetUnderTest::start(settings, progress).await?;
    let messages = Load::bulk(THROUGHPUT_MESSAGES, 1);
    let before = bed.usage()?;
    let handed = upload(bed.client(), &messages, || bed.clock()).await?;
    all_accepted(&handed, messages.len())?;
    let begun = Instant::now();
    while bed.client().status().await?.messages.ended < u64::from(THROUGHPUT_MESSAGES) {
        if begun.elapsed() > THROUGHPUT_WAIT_MAX {
            bail!(
                "not all messages ended; the daemon's log ends with\n{}",
                bed.log_end()
            );
        }
        tokio::time::sleep(THROUGHPUT_LOOK_INTERVAL).await;
    }
    let usage = bed.usage()?;
    let (entries, _) = bed.stop().await?;
    let rate = parts_per_second(&entries).context("the ledger is empty")?;
    let accepted: Vec<hw_sim::Accepted> = handed
        .accepted
        .into_iter()
        .map(|one| hw_sim::Accepted {
            to: one.to,
            text: one.text,
        })
        .collect();
    let truth = hw_sim::audit::compare(&entries, &accepted);
    let figures = [
        ("count", f64::from(THROUGHPUT_MESSAGES)),
        ("parts_per_s", rate),
        ("lost", truth.lost as f64),
        ("duplicates", truth.duplicates as f64),
        ("daemon_cpu_s", usage.cpu_s - before.cpu_s),
        ("daemon_rss_mb", usage.rss_mb),
    ];
    let how = format!(
        "{THROUGHPUT_MESSAGES} one-part messages with reports through {HEADLINE_LINES} lines whose radios take no time, \
         simulator on the same machine, upload included; parts in the ledger over the time from the first to the last; \
         the pace allows {target} a minute"
    );
    Ok(Measured::new("throughput", &figures, how))
}

/// A fleet that sends next to nothing, so that only the accepting is measured.
fn quiet_fleet() -> Settings {
    Settings::new(QUIET_LINES, Duration::from_secs(60))
}

fn all_accepted(handed: &HandOver, expected: usize) -> anyhow::Result<()> {
    if handed.accepted.len() == expected {
        return Ok(());
    }
    let code = handed.refused.first().map_or("no answer", String::as_str);
    bail!(
        "{} of {expected} messages were accepted, the others not: {code}",
        handed.accepted.len()
    )
}

fn ms_at(values: &[Duration], share: f64) -> f64 {
    percentile(values, share).map_or(0.0, |value| value.as_secs_f64() * 1e3)
}

/// The fleet and the load that the product is made for.
const HEADLINE_LINES: u16 = 512;
const HEADLINE_SMS_TIME: Duration = Duration::from_millis(5_650);
const HEADLINE_TARGET: u32 = 5_440;

/// Lines whose radios are in the way of nothing.
const QUIET_LINES: u16 = 16;

const ACCEPTS: u32 = 2_000;
const BACKLOG: u32 = 100_000;

/// 30 s of codes.
const CODES: u32 = 300;
const CODE_INTERVAL: Duration = Duration::from_millis(100);

/// Sends a line has done before codes are sent: until then the lines still beat in the time of their start.
const SETTLE_ROUNDS: u32 = 3;

const THROUGHPUT_MESSAGES: u32 = 20_000;

/// How often the end is looked for; the figure itself is the ledger's.
const THROUGHPUT_LOOK_INTERVAL: Duration = Duration::from_millis(50);

/// A hundred times what it should take.
const THROUGHPUT_WAIT_MAX: Duration = Duration::from_secs(200);
