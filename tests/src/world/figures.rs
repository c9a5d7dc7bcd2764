//! Figures of whole gateways in virtual time: the fleet at its headline load, codes beside it, a quarter of it lost,
//! reports that come hours late, a month of budgets, a day of 512 SIMs.
//!
//! They come from the network's ledger alone; on the way the judge holds the world to every invariant.

use std::collections::BTreeMap;
use std::fmt;
use std::time::{Duration, Instant};

use super::options::{Knob, Options};
use super::{Act, Aired, EPOCH, Probe, Setup, Violation, World, site};

/// One figure.
#[derive(Clone, Debug)]
pub struct Figure {
    /// What was measured.
    pub name: &'static str,
    /// What came out.
    pub value: String,
    /// What is wanted.
    pub wanted: &'static str,
    /// Whether it is as wanted.
    pub is_met: bool,
}

/// Rates of a fleet that sends as fast as it may.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Parts per minute.
    pub per_minute: f64,
    /// Parts in the worst second over parts in the mean second.
    pub worst_second: f64,
    /// Jain's index over the SIMs.
    pub jain: f64,
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let met = if self.is_met { "ok" } else { "MISSED" };
        write!(
            f,
            "{:<52} {:>24}   {:<22} {met}",
            self.name, self.value, self.wanted
        )
    }
}

/// A fleet below its capacity, for `minutes` after the pace has risen.
///
/// # Errors
/// A broken invariant.
pub fn headline(lines: u64, minutes: u64) -> Result<Vec<Figure>, Violation> {
    // 5.0 s a part: 512 SIMs could send 6144 a minute.
    let target = lines * 5440 / 512;
    let setup = busy(lines, 5000, target, WARM_UP_S / 60 + minutes + 1);
    let end_s = WARM_UP_S + 60 * minutes;
    let (_, judge) = World::new(setup, false).watch(Duration::from_secs(end_s + 10))?;
    let pace = pace(judge.air(), lines, WARM_UP_S, end_s);
    let off = (pace.per_minute / target as f64 - 1.0).abs() * 100.0;
    Ok(vec![
        figure(
            "rate, away from the target",
            format!("{off:.2} %"),
            "at most 0.5 %",
            off <= 0.5,
        ),
        figure(
            "worst second over the mean",
            format!("{:.3}", pace.worst_second),
            "at most 1.1",
            pace.worst_second <= 1.1,
        ),
        figure(
            "Jain's index of the SIMs",
            format!("{:.4}", pace.jain),
            "at least 0.99",
            pace.jain >= 0.99,
        ),
    ])
}

/// A fleet whose target is above its capacity.
///
/// # Errors
/// A broken invariant.
pub fn capacity(lines: u64, minutes: u64) -> Result<Vec<Figure>, Violation> {
    let end_s = WARM_UP_S + 60 * minutes;
    let setup = busy(lines, 5650, lines * 20, end_s / 60);
    let (_, judge) = World::new(setup, false).watch(Duration::from_secs(end_s + 30))?;
    let share = busy_share(judge.air(), lines, WARM_UP_S, end_s);
    Ok(vec![figure(
        "radio time used at capacity",
        format!("{:.2} %", share * 100.0),
        "at least 99 %",
        share >= 0.99,
    )])
}

/// Codes that apps hand over while bulk takes all that the fleet may send: the time from the app's hand to the radio.
///
/// # Errors
/// A broken invariant.
pub fn codes(load: Load, minutes: u64) -> Result<Vec<Figure>, Violation> {
    let end_s = WARM_UP_S + 60 * minutes;
    let mut setup = busy(load.lines, load.sms_ms, load.target, end_s / 60 + 1);
    setup.options.set(Knob::CommitMs, 1);
    setup.options.set(Knob::WireMs, 1);
    let span_ms = 60_000 * minutes;
    let bulk = setup.probes.len();
    for number in 0..span_ms / load.code_every_ms {
        let at = Duration::from_millis(WARM_UP_S * 1000 + number * load.code_every_ms);
        setup.acts.push((at, Act::Send(setup.probes.len())));
        setup.probes.push(code(setup.probes.len()));
    }
    let codes = setup.probes.len() - bulk;
    let handed = |number: usize| {
        let ms = WARM_UP_S * 1000 + (number - bulk) as u64 * load.code_every_ms;
        EPOCH.plus(Duration::from_millis(ms))
    };
    let (_, judge) = World::new(setup, false).watch(Duration::from_secs(end_s + 60))?;
    let sent = judge.air().iter().filter(|aired| aired.number >= bulk);
    let mut waits: Vec<u64> = sent
        .map(|aired| aired.began.0.abs_diff(handed(aired.number).0))
        .collect();
    waits.sort_unstable();
    let at = |percent: usize| waits.get(waits.len() * percent / 100).copied();
    let (p50, p99) = (at(50).unwrap_or(u64::MAX), at(99).unwrap_or(u64::MAX));
    Ok(vec![
        figure(
            "codes handed over, on the air",
            format!("{codes}, {}", waits.len()),
            "all",
            codes == waits.len(),
        ),
        figure(
            "from the app's hand to the radio, p50 and p99",
            format!("{p50} ms, {p99} ms"),
            "p99 at most 100 ms",
            p99 <= 100,
        ),
    ])
}

/// What a fleet has to do beside codes.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    /// Lines.
    pub lines: u64,
    /// Radio time of a part.
    pub sms_ms: u64,
    /// Parts per minute that are wanted of the fleet.
    pub target: u64,
    /// Between two codes.
    pub code_every_ms: u64,
}

/// A quarter of the lines is lost at once: how much of what the others can do they do, and how soon.
///
/// # Errors
/// A broken invariant.
pub fn quarter_lost(lines: u64) -> Result<Vec<Figure>, Violation> {
    let mut setup = busy(lines, 5000, lines * 5440 / 512, 5);
    setup
        .acts
        .push((Duration::from_secs(LOST_S), Act::LoseQuarter(600)));
    let (_, judge) = World::new(setup, false).watch(Duration::from_secs(LOST_S + 80))?;
    let (gone, left) = (lines / 4, lines - lines / 4);
    let of_those_left: Vec<Aired> = judge
        .air()
        .iter()
        .filter(|aired| (gone..lines).any(|line| *site::iccid(line as usize, 0).0 == *aired.sim))
        .cloned()
        .collect();
    let share =
        |from_s, until_s| busy_share(&of_those_left, left, LOST_S + from_s, LOST_S + until_s);
    // A window of one radio time: shorter ones tell of chance alone.
    let held_after = (0..=60).find(|second| share(*second, second + 5) >= 0.98);
    let told = held_after.map_or("never".to_owned(), |second| format!("{second} s"));
    Ok(vec![
        figure(
            "radio time used 10 s after a quarter was lost",
            format!("{:.2} %", share(10, 70) * 100.0),
            "at least 98 %",
            share(10, 70) >= 0.98,
        ),
        figure(
            "until the others do all that they can",
            told,
            "at most 10 s",
            held_after.is_some_and(|second| second <= 10),
        ),
    ])
}

/// What a world of late reports is like, beside that.
#[derive(Clone, Copy, Debug, Default)]
pub struct Lateness {
    /// Messages, on two SIMs and to five recipients.
    pub messages: u64,
    /// Seconds by which the service centre's clock is ahead.
    pub skew_s: u64,
    /// Whether reports come twice or never as well, sends stay without an answer, and the daemon is killed now and then.
    pub is_rough: bool,
}

/// Of the reports 30 % are late by up to 6 h, while TP-MR wraps and few recipients share all messages.
///
/// # Errors
/// A broken invariant: a report that is attributed to another part.
pub fn late_reports(lateness: Lateness) -> Result<Vec<Figure>, Violation> {
    let messages = lateness.messages;
    let mut options = Options::calm()
        .with(Knob::Lines, 2)
        .with(Knob::Messages, messages)
        .with(Knob::SpanS, messages * 3)
        .with(Knob::Recipients, 5)
        .with(Knob::ExpiresS, 1)
        .with(Knob::Late, 300)
        .with(Knob::LateByS, 6 * 3600)
        .with(Knob::SkewMs, lateness.skew_s * 1000)
        .with(Knob::ReplayEvery, 0);
    if lateness.is_rough {
        options = options
            .with(Knob::ReportTwice, 200)
            .with(Knob::ReportLost, 50)
            .with(Knob::ReportEarly, 100)
            .with(Knob::National, 200)
            .with(Knob::Silence, 20)
            .with(Knob::Crashes, 3 + messages / 500);
    }
    let mut setup = Setup::with(LATE_SEED, options);
    for probe in &mut setup.probes {
        probe.report = true;
        probe.expires_in = Duration::from_secs(12 * 3600);
    }
    let (summary, judge) =
        World::new(setup, false).watch(Duration::from_secs(messages * 3 + 13 * 3600))?;
    let air = judge.air();
    let came = || air.iter().filter(|aired| !aired.reports.is_empty());
    let mut unmatched: Vec<&Aired> = came().filter(|aired| !judge.is_reported(aired)).collect();
    let all = unmatched.len();
    unmatched.retain(|aired| !judge.is_given_up(aired));
    let attributed = came().count() - all;
    let decidable = unmatched.iter().filter(|aired| !has_twin(air, aired));
    let decidable = decidable.count();
    let wraps = air.len() / 2 / 256;
    Ok(vec![
        figure(
            "parts, TP-MR wraps of each SIM, kills",
            format!("{}, {wraps}, {}", air.len(), summary.deaths),
            "-",
            wraps > 0,
        ),
        figure(
            "parts whose report came, and was attributed",
            format!("{}, {attributed}", came().count()),
            "-",
            true,
        ),
        figure(
            "of ended messages (in doubt, policy fail)",
            format!("{}", all - unmatched.len()),
            "-",
            true,
        ),
        // The judge ends the world at the first one.
        figure("reports attributed wrongly", "0".to_owned(), "0", true),
        figure(
            "unmatched and undecidable",
            format!("{}", unmatched.len() - decidable),
            "-",
            true,
        ),
        figure(
            "unmatched though decidable",
            format!("{decidable}"),
            "0",
            decidable == 0,
        ),
    ])
}

/// Thirty days across the end of a month, with budgets of every period and loads that come and go.
///
/// # Errors
/// A broken invariant: a part too many in any period.
pub fn month(lines: u64, messages: u64) -> Result<Vec<Figure>, Violation> {
    let options = Options::calm()
        .with(Knob::Lines, lines)
        .with(Knob::Messages, messages)
        .with(Knob::SpanS, 29 * 86_400)
        .with(Knob::Recipients, 1000)
        .with(Knob::Long, 200)
        .with(Knob::ExpiresS, 3 * 86_400)
        .with(Knob::Errors, 50)
        .with(Knob::PerMinute, 4)
        .with(Knob::PerHour, 20)
        .with(Knob::PerDay, messages / lines / 20)
        .with(Knob::PerMonth, messages / lines / 2)
        .with(Knob::Crashes, 20)
        .with(Knob::Moves, 10)
        .with(Knob::ReplayEvery, 0);
    let (summary, judge) =
        World::new(Setup::with(7, options), false).watch(Duration::from_secs(30 * 86_400))?;
    let aired = judge.air().len();
    Ok(vec![
        figure(
            "parts in a month, with crashes",
            format!("{aired}, {}", summary.deaths),
            "-",
            aired > 0,
        ),
        figure("parts beyond a budget", "0".to_owned(), "0", true),
    ])
}

/// A day of a fleet whose SIMs send 200 parts each.
///
/// # Errors
/// A broken invariant.
pub fn day(lines: u64) -> Result<Vec<Figure>, Violation> {
    let begun = Instant::now();
    let options = Options::calm()
        .with(Knob::Lines, lines)
        .with(Knob::Messages, lines * 200)
        .with(Knob::SpanS, 86_000)
        .with(Knob::Recipients, 100_000)
        .with(Knob::SmsMs, 5650)
        .with(Knob::Spread, 20)
        .with(Knob::Target, 5440)
        .with(Knob::PerDay, 400)
        .with(Knob::ReplayEvery, 0);
    let mut setup = Setup::with(8, options);
    setup.settings.queued_max = 1_000_000;
    let (summary, _) = World::new(setup, false).watch(Duration::from_secs(86_400))?;
    let took = begun.elapsed().as_secs_f64();
    Ok(vec![
        figure(
            "a day of the fleet, parts on the air",
            format!("{}", summary.tally.aired),
            "-",
            true,
        ),
        figure(
            "which took",
            format!("{took:.1} s"),
            "below 60 s",
            took < 60.0,
        ),
    ])
}

/// A fleet with more work than it can do: everything handed over in the first second.
fn busy(lines: u64, sms_ms: u64, target: u64, minutes: u64) -> Setup {
    let options = Options::calm()
        .with(Knob::Lines, lines)
        .with(Knob::Messages, target * minutes)
        .with(Knob::SpanS, 1)
        .with(Knob::Recipients, 100_000)
        .with(Knob::SmsMs, sms_ms)
        .with(Knob::Spread, 20)
        .with(Knob::Target, target)
        .with(Knob::QueuedMax, 10_000_000)
        .with(Knob::ReplayEvery, 0);
    let mut setup = Setup::with(5, options);
    for probe in &mut setup.probes {
        probe.class = gateway::Class::Bulk;
        probe.expires_in = Duration::from_secs(86_400);
    }
    setup
}

/// A code of this number in the world.
fn code(number: usize) -> Probe {
    Probe {
        to: format!("+49151000{:05}", number % 100_000),
        text: format!("m{number}; is your code"),
        class: gateway::Class::Otp,
        in_doubt: gateway::InDoubt::Resend,
        report: true,
        key: None,
        expires_in: Duration::from_secs(300),
        ahead: None,
        app: None,
    }
}

fn pace(air: &[Aired], lines: u64, from_s: u64, until_s: u64) -> Pace {
    let mut of_sim: BTreeMap<&str, f64> = BTreeMap::new();
    let mut of_second: BTreeMap<u64, f64> = BTreeMap::new();
    for aired in air {
        let second = u64::try_from(aired.began.0 - EPOCH.0).unwrap_or(0) / 1000;
        if (from_s..until_s).contains(&second) {
            *of_sim.entry(&aired.sim).or_default() += 1.0;
            *of_second.entry(second).or_default() += 1.0;
        }
    }
    let sum: f64 = of_sim.values().sum();
    let squares: f64 = of_sim.values().map(|parts| parts * parts).sum();
    let mean = sum / (until_s - from_s) as f64;
    Pace {
        per_minute: mean * 60.0,
        worst_second: of_second.values().copied().fold(0.0, f64::max) / mean,
        jain: sum * sum / (lines as f64 * squares),
    }
}

/// The share of their time that so many radios were on the air.
fn busy_share(air: &[Aired], lines: u64, from_s: u64, until_s: u64) -> f64 {
    let (from, until) = (
        EPOCH.0 + from_s as i64 * 1000,
        EPOCH.0 + until_s as i64 * 1000,
    );
    let inside = air
        .iter()
        .map(|aired| (aired.at.0.min(until) - aired.began.0.max(from)).max(0));
    inside.sum::<i64>() as f64 / ((until - from) as f64 * lines as f64)
}

/// Whether another part may be meant by the same report: one SIM, number and recipient, and times too close to tell.
fn has_twin(air: &[Aired], aired: &Aired) -> bool {
    air.iter().any(|other| {
        let is_other = (other.number, other.part) != (aired.number, aired.part);
        let is_same = other.sim == aired.sim && other.mr == aired.mr && other.to == aired.to;
        is_other && is_same && other.at.0.abs_diff(aired.at.0) < TWIN_MS
    })
}

fn figure(name: &'static str, value: String, wanted: &'static str, is_met: bool) -> Figure {
    Figure {
        name,
        value,
        wanted,
        is_met,
    }
}

/// Parts of one number and recipient that are nearer to each other than a second are told by no time.
const TWIN_MS: u64 = 2_000;
/// Second at which a quarter of the lines is lost.
const LOST_S: u64 = 120;
/// Seconds until the pace has risen after the start, and made up for it.
const WARM_UP_S: u64 = 240;
/// With this seed a few hundred late reports are enough to show that neither recipient nor time is left out.
const LATE_SEED: u64 = 12;
