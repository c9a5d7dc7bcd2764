//! `demo` and `bench`: the whole product on one machine, measured from outside.
//!
//! ```text
//!  this process                                   child process
//!  ┌───────────────┐  Unix socket, HTTP/JSON  ┌──────────────────┐
//!  │ load, figures │ ───────────────────────► │ simfleet run     │
//!  │ hw-sim fleet  │ ◄── pseudo-terminals ──► │ (its CPU, memory │
//!  └──────┬────────┘                          │  from /proc)     │
//!         └─ ledger ─► verdict                └──────────────────┘
//! ```
//!
//! What was lost or sent twice is counted from the simulator's ledger against what the API accepted, never from the
//! daemon's own books.

mod bench;
mod child;
mod figures;
mod fleet_under_test;
mod hand_over;
mod load;
mod progress;
mod said;
mod verdict;

use std::cell::Cell;
use std::collections::HashMap;
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow, bail};
use client::{MessageCounts, MessageFilter, StatusView};
use hw_sim::Scenario;
use tokio::signal::unix::{SignalKind, signal};

use crate::args::DemoArguments;
use crate::failure::{FAILED, Failure};
use crate::output::Output;

use fleet_under_test::{FleetUnderTest, Settings};
use hand_over::{HandOver, trickle, upload};
use load::Load;
use progress::Progress;
use verdict::{Run, Verdict};

pub(crate) use bench::{Measurement, bench};

/// Reads a duration option such as `5.65s`.
pub(crate) fn parse_duration(text: &str) -> Result<Duration, String> {
    hw_sim::duration::duration(text).map_err(|error| error.to_string())
}

/// Runs the demonstration and prints the verdict.
pub(crate) async fn demo(out: &mut Output, arguments: DemoArguments) -> Result<(), Failure> {
    let verdict = unless_interrupted(demonstrate(&arguments, out)).await?;
    if out.is_json() {
        out.object(&verdict.fields)?;
    } else {
        verdict.tell(out)?;
    }
    if verdict.is_good() {
        Ok(())
    } else {
        Err(Failure::Told(FAILED))
    }
}

/// A signal ends it in order: the child is killed and the temporary folder removed as everything is dropped.
async fn unless_interrupted<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    let listen = |kind| signal(kind).context("can't wait for signals");
    let mut interrupt = listen(SignalKind::interrupt())?;
    let mut terminate = listen(SignalKind::terminate())?;
    let mut hang_up = listen(SignalKind::hangup())?;
    tokio::select! {
        done = work => return done,
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
        _ = hang_up.recv() => {}
    }
    bail!("interrupted")
}

async fn demonstrate(arguments: &DemoArguments, out: &Output) -> anyhow::Result<Verdict> {
    let progress = Progress::new(out.is_json());
    let (settings, messages) = plan(arguments)?;
    let load = Load::mixed(messages, settings.seed);
    let patience_max = patience(&settings, &load);
    let settings = settings.with_deadline(patience_max);
    let bed = FleetUnderTest::start(settings, &progress).await?;
    let before = bed.usage()?;
    let begun = Instant::now();
    let handed_over = Cell::new(None);
    let (handed, last) = tokio::try_join!(
        hand_over(&bed, &load, &handed_over, &progress),
        watch(
            &bed,
            &handed_over,
            patience(bed.settings(), &load),
            &progress
        )
    )?;
    let elapsed = begun.elapsed();
    let usage = bed.usage()?;
    let told = match bed.settings().scenario() {
        Some(_) => Some(told(&bed).await?),
        None => None,
    };
    progress.phase("stopping the daemon, reading the simulator's ledger");
    let settings = bed.settings().clone();
    let (entries, stopped_cleanly) = bed.stop().await?;
    progress.finish();
    Ok(Verdict::of(&Run {
        settings,
        messages,
        handed,
        told,
        status: last.status,
        all_ended: last.all_ended,
        entries,
        elapsed,
        usage,
        usage_at_start: before,
        stopped_cleanly,
    }))
}

/// What kind of fleet, and how many messages: the scenario says what the command line leaves open.
fn plan(arguments: &DemoArguments) -> anyhow::Result<(Settings, u32)> {
    let scenario = arguments.scenario.as_deref().map(Scenario::load);
    let scenario = scenario.transpose()?;
    let of_scenario = scenario.as_ref().and_then(|scenario| scenario.lines);
    let lines = match (arguments.lines, of_scenario) {
        (Some(lines), _) => lines,
        (None, Some(lines)) => u16::try_from(lines)
            .ok()
            .filter(|lines| *lines <= LINES_MAX)
            .with_context(|| {
                format!("{lines} lines are too many: up to {LINES_MAX} are allowed")
            })?,
        (None, None) => LINES_DEFAULT,
    };
    let sms_time = scenario.as_ref().and_then(|scenario| scenario.sms_time);
    let sms_time = arguments.sms_time.or(sms_time).unwrap_or(SMS_TIME_DEFAULT);
    let seed = scenario.as_ref().and_then(|scenario| scenario.seed);
    let messages = arguments.messages.unwrap_or(match scenario {
        Some(_) => u32::from(lines) * MESSAGES_PER_LINE,
        None => MESSAGES_DEFAULT,
    });
    let settings = Settings::new(lines, sms_time)
        .with_seed(arguments.seed.or(seed).unwrap_or(1))
        .with_scenario(scenario)
        .kept_in(arguments.keep.clone());
    Ok((settings, messages))
}

/// What the daemon says of each message, by key.
async fn told(bed: &FleetUnderTest) -> anyhow::Result<HashMap<String, String>> {
    let client = bed.another_client();
    let mut told = HashMap::new();
    let mut filter = MessageFilter {
        limit: Some(PAGE),
        ..MessageFilter::default()
    };
    loop {
        let page = client.messages(&filter).await?;
        let states = page.messages.into_iter();
        told.extend(states.filter_map(|message| Some((message.key?, message.state))));
        match page.next_cursor {
            Some(cursor) => filter.cursor = Some(cursor),
            None => return Ok(told),
        }
    }
}

/// The backlog through the stream, the codes one by one beside it.
async fn hand_over(
    bed: &FleetUnderTest,
    load: &Load,
    handed_over: &Cell<Option<u64>>,
    progress: &Progress,
) -> anyhow::Result<HandOver> {
    progress.begin(load.len());
    let codes_client = bed.another_client();
    let interval = code_interval(bed, load);
    // All lines begin within a second here, which no real fleet does: for one send's time none of them is free, and a code
    // would tell of that and not of what the gateway does. The codes come once the lines are out of step.
    let codes_begin = bed.settings().sms_time;
    let (mut handed, codes) =
        tokio::try_join!(upload(bed.client(), &load.backlog, || bed.clock()), async {
            tokio::time::sleep(codes_begin).await;
            trickle(&codes_client, &load.codes, interval, || bed.clock()).await
        })?;
    handed.append(codes);
    handed_over.set(Some(handed.accepted.len() as u64));
    Ok(handed)
}

/// The codes come at a steady rate over two thirds of the time that the backlog takes.
fn code_interval(bed: &FleetUnderTest, load: &Load) -> Duration {
    let codes = u32::try_from(load.codes.len().max(1)).unwrap_or(u32::MAX);
    (expected(bed.settings(), load) * 2 / 3 / codes).max(CODE_INTERVAL_MIN)
}

/// How long the radios need for the load, about; without radio time the software is the bound.
fn expected(settings: &Settings, load: &Load) -> Duration {
    let per_part = (settings.sms_time / u32::from(settings.lines)).max(PART_TIME_MIN);
    per_part.saturating_mul(u32::try_from(load.parts_estimate()).unwrap_or(u32::MAX))
}

/// Until when all must have ended: generous, so that only what hangs runs into it.
fn patience(settings: &Settings, load: &Load) -> Duration {
    let usual = expected(settings, load) * 3 + settings.sms_time * 3 + PATIENCE_MIN;
    match settings.scenario() {
        // Every fault costs time: a mute modem is given minutes.
        Some(_) => usual + PATIENCE_IN_TROUBLE,
        None => usual,
    }
}

/// The last look at the daemon's books.
struct LastLook {
    status: StatusView,
    all_ended: bool,
}

/// Looks at the status until every accepted message has ended, or patience has.
async fn watch(
    bed: &FleetUnderTest,
    handed_over: &Cell<Option<u64>>,
    patience: Duration,
    progress: &Progress,
) -> anyhow::Result<LastLook> {
    let client = bed.another_client();
    let begun = Instant::now();
    let mut quiet = (0, Instant::now());
    loop {
        tokio::time::sleep(LOOK_INTERVAL).await;
        let status = client.status().await.map_err(|error| {
            anyhow!(error).context(format!(
                "the daemon is gone; its log ends with\n{}",
                bed.log_end()
            ))
        })?;
        progress.show(&status.messages, bed.parts_on_air());
        if quiet.0 != status.messages.ended {
            quiet = (status.messages.ended, Instant::now());
        }
        let is_quiet = bed.settings().scenario().is_some() && quiet.1.elapsed() > QUIET;
        let all_ended = handed_over
            .get()
            .is_some_and(|accepted| has_all_ended(&status.messages, accepted, is_quiet));
        if all_ended || begun.elapsed() > patience {
            return Ok(LastLook { status, all_ended });
        }
    }
}

/// A scenario loses reports, and the daemon waits for them longer than anybody watches a demonstration: when nothing has
/// ended for a while, what only waits for a report has come as far as it will.
fn has_all_ended(counts: &MessageCounts, accepted: u64, is_quiet: bool) -> bool {
    let waiting = if is_quiet {
        counts.sent + counts.in_doubt
    } else {
        0
    };
    counts.ended + waiting >= accepted
}

/// How long nothing ends before nothing more is expected: longer than reports take in the scenarios.
const QUIET: Duration = Duration::from_secs(40);

/// How often the status is looked at: seldom enough that looking is no load worth naming.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);

/// The steady rate of the codes never exceeds this, lest it become the load itself.
const CODE_INTERVAL_MIN: Duration = Duration::from_millis(2);

/// What the software needs per part at least, for estimates: 10,000 a second.
const PART_TIME_MIN: Duration = Duration::from_micros(100);

/// Reports, start and end, on a slow machine.
const PATIENCE_MIN: Duration = Duration::from_secs(60);

/// What a scenario adds to it.
const PATIENCE_IN_TROUBLE: Duration = Duration::from_secs(120);

/// The headline fleet and its load.
const LINES_DEFAULT: u16 = 512;
const MESSAGES_DEFAULT: u32 = 5440;
const SMS_TIME_DEFAULT: Duration = Duration::from_millis(5_650);

/// Lines of a demonstration at most, as on the command line.
const LINES_MAX: u16 = 1000;

/// With a scenario: enough that its events meet sends, few enough to end in a minute or two.
const MESSAGES_PER_LINE: u32 = 30;

/// The most messages that one page of a search holds.
const PAGE: u32 = 500;
