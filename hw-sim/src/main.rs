//! The binary `hw-sim`: a fleet of simulated modems on pseudo-terminals, until it is interrupted.
//!
//! It reads the command line and a scenario and starts a [`hw_sim::Fleet`]; it has no behaviour of its own.

mod control;
mod serial_server;
mod state;
mod watch;

use std::io::Write;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use hw_sim::audit::Auditor;
use hw_sim::{ErrorCode, Fleet, FleetSettings, ModemProfile, Scenario, Summary, ledger};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::JoinHandle;

use state::FleetState;

/// Simulated SIM modems on pseudo-terminals, with a mobile network behind them.
///
/// Every modem speaks AT commands as real ones do: echo on at start, PDU mode, the `> ` prompt, `+CMGS`,
/// `+CMS ERROR`, `+CDS` status reports. A ledger records what the network accepted, whatever any program believes.
#[derive(Debug, Parser)]
#[command(name = "hw-sim", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Makes DIR/line000, DIR/line001, … and serves them until SIGINT or SIGTERM; then prints a summary.
    ///
    /// Prints `ready: N lines in DIR` when every line can be opened. A program that opens a line, dies and comes back
    /// finds the modem as it left it; what was on the air meanwhile is settled, and reports wait until AT+CNMI is set.
    ///
    /// Durations are written 250ms, 5.65s, 2m or 1h; ranges 1s..4s or 1..4s. Options win over the scenario.
    Run(Box<RunArgs>),
    /// Holds a ledger against the messages that a gateway accepted: what was lost, doubled or wrong.
    ///
    /// Both files hold one JSON object a line. Of an accepted message, `to` and `text` count; `state` (what the apps were
    /// told), `in_doubt` (`resend` allows a repetition) and `sim` (the only ICCID that may send it) may say more, so the
    /// output of `simfleet messages --json` will do.
    Audit(AuditArgs),
    /// Shows a running simulator in the terminal: its lines, submissions, reports owed, operators and faults.
    ///
    /// Looks twice a second at the control socket of `hw-sim run --control PATH`, and changes nothing.
    Watch(WatchArgs),
}

#[derive(Debug, Args)]
struct WatchArgs {
    /// Control socket of the running simulator.
    #[arg(long, value_name = "PATH")]
    control: PathBuf,
    /// Print one page of plain text and end.
    #[arg(long)]
    once: bool,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 nothing lost, doubled or wrong · 1 something is, or a file can't be read · 2 usage"
)]
struct AuditArgs {
    /// The ledger of `hw-sim run`.
    #[arg(long, value_name = "FILE")]
    ledger: PathBuf,
    /// The accepted messages.
    #[arg(long, value_name = "FILE")]
    accepted: PathBuf,
    /// One JSON object instead of a table.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
struct RunArgs {
    /// Folder for the links to the ports; made if it does not exist.
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// How many lines [default: 16].
    #[arg(long, value_name = "N")]
    lines: Option<usize>,
    /// TOML file with times and faults; see hw-sim/scenarios/.
    #[arg(long, value_name = "FILE")]
    scenario: Option<PathBuf>,
    /// A modem model: a built-in profile (generic, ec25, sim800, …) or a file like those in hw-sim/profiles. Given
    /// several times, models are dealt out to the lines in turn [default: generic].
    #[arg(long = "modem", value_name = "MODEL")]
    modems: Vec<String>,
    /// Mean radio time of a send; 0s answers at once [default: 5.65s].
    #[arg(long, value_name = "D", value_parser = hw_sim::duration::duration)]
    sms_time: Option<Duration>,
    /// Coefficient of variation of the radio time (log-normal); 0 is constant [default: 0.2].
    #[arg(long, value_name = "CV")]
    sms_time_spread: Option<f64>,
    /// When a status report comes after the accept [default: 1s..4s].
    #[arg(long, value_name = "A..B", value_parser = hw_sim::duration::range)]
    report_delay: Option<RangeInclusive<Duration>>,
    /// Seed of every draw: the same seed gives each line the same fates again [default: 1].
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Record of what the network accepted and reported, one JSON object a line; an older file is replaced.
    #[arg(long, value_name = "FILE")]
    ledger: Option<PathBuf>,
    /// Serve every line on TCP too, as a serial server does: line 0 on this port of 127.0.0.1, the others behind it.
    #[arg(long, value_name = "PORT")]
    tcp: Option<u16>,
    /// Unix socket for HTTP/JSON: GET /v1/state, POST /v1/events, PUT /v1/faults; see docs/simulator.md.
    #[arg(long, value_name = "PATH")]
    control: Option<PathBuf>,
    /// Show lines, submissions, reports, operators and faults in the terminal while it runs; q stops it.
    #[arg(long)]
    view: bool,
    #[command(flatten)]
    faults: FaultArgs,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Faults")]
struct FaultArgs {
    /// Probability that a send is refused with +CMS ERROR.
    #[arg(long, value_name = "P", value_parser = probability)]
    error_rate: Option<f64>,
    /// Codes of refused sends, each with an optional weight: 41:3,38,500.
    #[arg(long, value_name = "CODES", value_delimiter = ',', value_parser = error_code)]
    error_codes: Vec<ErrorCode>,
    /// Probability that no answer follows Ctrl-Z.
    #[arg(long, value_name = "P", value_parser = probability)]
    silence_rate: Option<f64>,
    /// Share of the silent sends that the network accepted all the same [default: 0.5].
    #[arg(long, value_name = "P", value_parser = probability)]
    silence_accepted: Option<f64>,
    /// Probability that a status report never comes.
    #[arg(long, value_name = "P", value_parser = probability)]
    report_lost: Option<f64>,
    /// Probability that a status report comes twice.
    #[arg(long, value_name = "P", value_parser = probability)]
    report_twice: Option<f64>,
    /// Probability that a status report comes before the +CMGS answer.
    #[arg(long, value_name = "P", value_parser = probability)]
    report_early: Option<f64>,
    /// Probability that a status report says that the message was not delivered.
    #[arg(long, value_name = "P", value_parser = probability)]
    report_undelivered: Option<f64>,
    /// Probability that a prompt is late by 1 to 5 seconds.
    #[arg(long, value_name = "P", value_parser = probability)]
    prompt_rate: Option<f64>,
    /// Mean time between two losses of a port, per line.
    #[arg(long, value_name = "D", value_parser = interval)]
    port_every: Option<Duration>,
    /// How long a lost port is away [default: 1s..5s].
    #[arg(long, value_name = "A..B", value_parser = hw_sim::duration::range)]
    port_down: Option<RangeInclusive<Duration>>,
    /// Mean time between two bursts of random bytes, per line.
    #[arg(long, value_name = "D", value_parser = interval)]
    garbage_every: Option<Duration>,
    /// Mean time between two unsolicited lines, per modem.
    #[arg(long, value_name = "D", value_parser = interval)]
    noise_every: Option<Duration>,
    /// Mean time between two spontaneous restarts, per modem.
    #[arg(long, value_name = "D", value_parser = interval)]
    reboot_every: Option<Duration>,
}

const EXAMPLES: &str = "\
Examples:
  hw-sim run --dir /tmp/lines --lines 16 --ledger /tmp/ledger.ndjson
  hw-sim run --dir /tmp/lines --lines 512 --sms-time 0s --report-delay 0..1s
  hw-sim run --dir /tmp/lines --scenario hw-sim/scenarios/flaky-usb.toml --seed 42
  hw-sim run --dir /tmp/lines --lines 512 --view
  hw-sim run --dir /tmp/lines --error-rate 0.02 --error-codes 41:3,38 --port-every 10m

Try a line by hand:  socat - /tmp/lines/line000,raw,echo=0   then type AT and Enter.
Exit codes: 0 stopped by a signal · 1 could not start or go on · 2 usage";

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Run(args) => settings(&args)
            .and_then(|settings| run(settings, &args))
            .map(|summary| report(&summary)),
        Command::Audit(args) => audit(&args),
        Command::Watch(args) => look(&args).map(|()| ExitCode::SUCCESS),
    };
    done.unwrap_or_else(|error| {
        eprintln!("hw-sim: {error:#}");
        ExitCode::FAILURE
    })
}

fn look(args: &WatchArgs) -> anyhow::Result<()> {
    if args.once {
        say(&watch::once(&args.control)?);
        return Ok(());
    }
    watch_until_told(args.control.clone())
}

/// Shows another simulator's fleet until a key or a signal ends that; the terminal is given back either way.
#[tokio::main(flavor = "current_thread")]
async fn watch_until_told(control: PathBuf) -> anyhow::Result<()> {
    let mut stop = Stop::new()?;
    let mut view = View::start("q ends the view", move || watch::fetch(&control).map(Some));
    tokio::select! {
        () = stop.told() => {}
        () = view.ended() => {}
    }
    view.end().await
}

fn audit(args: &AuditArgs) -> anyhow::Result<ExitCode> {
    let mut auditor = Auditor::new();
    ledger::read_each(&args.accepted, |promise| auditor.expect(promise))?;
    ledger::read_each(&args.ledger, |entry| auditor.take(&entry))?;
    let findings = auditor.finish();
    let fields = serde_json::to_value(findings)?;
    if args.json {
        say(&fields.to_string());
    } else {
        for (name, count) in fields.as_object().into_iter().flatten() {
            say(&format!("{:<18} {count}", name.replace('_', " ")));
        }
    }
    Ok(if findings.is_good() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn settings(args: &RunArgs) -> anyhow::Result<FleetSettings> {
    let mut settings = FleetSettings {
        dir: args.dir.clone(),
        ledger: args.ledger.clone(),
        ..FleetSettings::default()
    };
    if let Some(path) = &args.scenario {
        Scenario::load(path)?.apply(&mut settings);
    }
    set(&mut settings.lines, args.lines.as_ref());
    set(&mut settings.sms_time, args.sms_time.as_ref());
    set(&mut settings.sms_time_spread, args.sms_time_spread.as_ref());
    set(&mut settings.report_delay, args.report_delay.as_ref());
    set(&mut settings.seed, args.seed.as_ref());
    if !args.modems.is_empty() {
        let models = args.modems.iter().map(|name| ModemProfile::load(name));
        settings.profiles = models.collect::<Result<_, _>>()?;
    }
    apply_faults(&args.faults, &mut settings);
    Ok(settings)
}

fn apply_faults(args: &FaultArgs, settings: &mut FleetSettings) {
    let faults = &mut settings.faults;
    set(&mut faults.errors.rate, args.error_rate.as_ref());
    if !args.error_codes.is_empty() {
        faults.errors.codes.clone_from(&args.error_codes);
    }
    set(&mut faults.silence.rate, args.silence_rate.as_ref());
    set(&mut faults.silence.accepted, args.silence_accepted.as_ref());
    set(&mut faults.reports.lost, args.report_lost.as_ref());
    set(&mut faults.reports.twice, args.report_twice.as_ref());
    set(&mut faults.reports.early, args.report_early.as_ref());
    set(
        &mut faults.reports.undelivered,
        args.report_undelivered.as_ref(),
    );
    set(&mut faults.prompt.rate, args.prompt_rate.as_ref());
    set(&mut faults.port.down, args.port_down.as_ref());
    faults.port.every = args.port_every.or(faults.port.every);
    faults.garbage.every = args.garbage_every.or(faults.garbage.every);
    faults.noise.every = args.noise_every.or(faults.noise.every);
    faults.reboot.every = args.reboot_every.or(faults.reboot.every);
}

fn set<T: Clone>(place: &mut T, value: Option<&T>) {
    if let Some(value) = value {
        *place = value.clone();
    }
}

/// Serves until a signal, or until the fleet ends by itself.
#[tokio::main(flavor = "current_thread")]
async fn run(settings: FleetSettings, args: &RunArgs) -> anyhow::Result<Summary> {
    // Before the links exist: a signal from here on still removes them.
    let mut stop = Stop::new()?;
    let dir = settings.dir.clone();
    let fleet = Arc::new(Fleet::start(settings)?);
    if let Some(base) = args.tcp {
        serial_server::start(base, fleet.links()).await?;
    }
    let control = args.control.as_deref();
    let control = control
        .map(|path| control::Control::start(path, Arc::downgrade(&fleet)))
        .transpose()?;
    say(&format!(
        "ready: {} lines in {}",
        fleet.links().len(),
        dir.display()
    ));
    let mut check = tokio::time::interval(FAILURE_CHECK);
    let mut view = View::none();
    if args.view {
        let fleet = Arc::downgrade(&fleet);
        let look = move || Ok(fleet.upgrade().and_then(|fleet| FleetState::of(&fleet)));
        view = View::start("q stops the simulator", look);
    }
    loop {
        tokio::select! {
            () = stop.told() => break,
            _ = check.tick() => if fleet.failure().is_some() { break },
            () = view.ended() => break,
        }
    }
    view.end().await?;
    drop(control);
    let fleet = Arc::into_inner(fleet).expect("handlers hold it only between two awaits");
    Ok(fleet.stop())
}

/// The signals that end a program.
struct Stop {
    signals: [Signal; 3],
}

impl Stop {
    /// From here on they are heard.
    fn new() -> std::io::Result<Stop> {
        Ok(Stop {
            signals: [
                signal(SignalKind::interrupt())?,
                signal(SignalKind::terminate())?,
                signal(SignalKind::hangup())?,
            ],
        })
    }

    /// When one of them comes.
    async fn told(&mut self) {
        let [interrupt, terminate, hangup] = &mut self.signals;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
        }
    }
}

/// The live view, if there is one.
struct View {
    is_over: Arc<AtomicBool>,
    task: Option<JoinHandle<anyhow::Result<()>>>,
    result: anyhow::Result<()>,
}

impl View {
    fn none() -> View {
        View {
            is_over: Arc::default(),
            task: None,
            result: Ok(()),
        }
    }

    /// Shows what `look` says until it says nothing, a key ends it, or [`View::end`].
    fn start(
        hint: &'static str,
        mut look: impl FnMut() -> anyhow::Result<Option<FleetState>> + Send + 'static,
    ) -> View {
        let is_over = Arc::new(AtomicBool::new(false));
        let until = Arc::clone(&is_over);
        let look = move || match until.load(Ordering::Acquire) {
            true => Ok(None),
            false => look(),
        };
        View {
            is_over,
            task: Some(tokio::task::spawn_blocking(move || watch::show(hint, look))),
            result: Ok(()),
        }
    }

    /// When it ends by itself; never, if there is none.
    async fn ended(&mut self) {
        let Some(task) = &mut self.task else {
            return std::future::pending().await;
        };
        self.result = task.await.unwrap_or_else(|panic| Err(panic.into()));
        self.task = None;
    }

    /// Ends it: afterwards the terminal is as it was, and nobody holds the fleet.
    async fn end(mut self) -> anyhow::Result<()> {
        self.is_over.store(true, Ordering::Release);
        if self.task.is_some() {
            self.ended().await;
        }
        self.result
    }
}

fn report(summary: &Summary) -> ExitCode {
    let totals = summary.stats.network;
    say(&format!(
        "stopped after {:.1} s: {} submissions ({} accepted, {} refused, {} unanswered, {} on the air), \
         {} reports sent, {} waiting, {} inbound",
        summary.elapsed.as_secs_f64(),
        totals.submissions,
        totals.accepted,
        totals.refused,
        totals.silent,
        totals.on_air,
        totals.reports,
        totals.reports_waiting,
        totals.inbound,
    ));
    let sims = summary.audit.sims.len();
    say(&format!(
        "parts per SIM: {} to {}, Jain index {:.3}; {} bytes dropped",
        summary.audit.per_sim_min(sims),
        summary.audit.per_sim_max(),
        summary.audit.jain_index(sims),
        summary.stats.dropped_bytes,
    ));
    let Some(failure) = &summary.failure else {
        return ExitCode::SUCCESS;
    };
    eprintln!("hw-sim: ended by itself: {failure}");
    ExitCode::FAILURE
}

/// A line on standard output, at once. A reader that went away is no reason to stop serving lines.
fn say(line: &str) {
    let mut stdout = std::io::stdout().lock();
    let _ = writeln!(stdout, "{line}").and_then(|()| stdout.flush());
}

fn probability(text: &str) -> Result<f64, String> {
    let value = text
        .parse::<f64>()
        .ok()
        .filter(|value| (0.0..=1.0).contains(value));
    value.ok_or_else(|| "a probability from 0 to 1 is allowed".to_owned())
}

fn interval(text: &str) -> Result<Duration, String> {
    let every = hw_sim::duration::duration(text).map_err(|error| error.to_string())?;
    if every.is_zero() {
        return Err(
            "a mean interval above 0 is allowed; leave the option out for never".to_owned(),
        );
    }
    Ok(every)
}

fn error_code(text: &str) -> Result<ErrorCode, String> {
    let (code, weight) = text.split_once(':').unwrap_or((text, "1"));
    let weight = weight
        .parse::<f64>()
        .ok()
        .filter(|weight| *weight > 0.0 && weight.is_finite());
    match (code.parse(), weight) {
        (Ok(code), Some(weight)) => Ok(ErrorCode { code, weight }),
        (Ok(_) | Err(_), _) => {
            Err("a code from 0 to 65535, and perhaps a weight above 0, such as 41:3".to_owned())
        }
    }
}

/// How soon an end of the fleet by itself is noticed.
const FAILURE_CHECK: Duration = Duration::from_millis(200);
