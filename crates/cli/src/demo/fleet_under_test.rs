//! A simulated fleet in this process, the daemon as a child, and a client between them: what demo and bench share.
//!
//! Everything lives in one folder: `lines/line000` …, `simfleet.toml`, `state/`, `simfleet.sock`, `daemon.log`,
//! `ledger.ndjson`. The folder is temporary unless it is to be kept.

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use client::{Client, ClientError, StatusView};
use hw_sim::{Fleet, FleetSettings, LedgerEntry, Scenario};
use tempfile::TempDir;

use super::child::{Daemon, Usage};
use super::progress::Progress;

/// What kind of fleet.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) lines: u16,
    /// Mean radio time of a part.
    pub(crate) sms_time: Duration,
    pub(crate) seed: u64,
    target_per_minute: Option<u32>,
    scenario: Option<Scenario>,
    /// How long messages are worth sending; `None` is as the daemon's defaults say.
    deadline: Option<Duration>,
    keep: Option<PathBuf>,
}

impl Settings {
    pub(crate) fn new(lines: u16, sms_time: Duration) -> Settings {
        Settings {
            lines,
            sms_time,
            seed: 1,
            target_per_minute: None,
            scenario: None,
            deadline: None,
            keep: None,
        }
    }

    pub(crate) fn with_seed(self, seed: u64) -> Settings {
        Settings { seed, ..self }
    }

    pub(crate) fn kept_in(self, keep: Option<PathBuf>) -> Settings {
        Settings { keep, ..self }
    }

    pub(crate) fn with_scenario(self, scenario: Option<Scenario>) -> Settings {
        Settings { scenario, ..self }
    }

    /// With a scenario, messages whose reports never come must end too: then they are not worth sending for ever.
    pub(crate) fn with_deadline(self, deadline: Duration) -> Settings {
        let deadline = self
            .scenario
            .as_ref()
            .map(|_| deadline.max(DEADLINE_MIN) - DEADLINE_MARGIN);
        Settings { deadline, ..self }
    }

    /// How long messages are worth sending, with a scenario.
    pub(crate) fn deadline(&self) -> Option<Duration> {
        self.deadline
    }

    /// What befalls the fleet.
    pub(crate) fn scenario(&self) -> Option<&Scenario> {
        self.scenario.as_ref()
    }

    /// What the simulator is started with.
    fn fleet(&self, place: &Place) -> FleetSettings {
        let mut fleet = FleetSettings {
            report_delay: self.report_delay(),
            ..FleetSettings::default()
        };
        if let Some(scenario) = &self.scenario {
            scenario.apply(&mut fleet);
        }
        FleetSettings {
            dir: place.path("lines"),
            lines: usize::from(self.lines),
            sms_time: self.sms_time,
            seed: self.seed,
            ledger: Some(place.path("ledger.ndjson")),
            ..fleet
        }
    }

    /// Another target for the daemon than [`Settings::target_per_minute`] chooses.
    pub(crate) fn with_target(self, target: u32) -> Settings {
        Settings {
            target_per_minute: Some(target),
            ..self
        }
    }

    /// Parts per minute that the simulated radios can do at best; `None` if they take no time.
    pub(crate) fn capacity_per_minute(&self) -> Option<f64> {
        let seconds = self.sms_time.as_secs_f64();
        (seconds > 0.0).then(|| f64::from(self.lines) * 60.0 / seconds)
    }

    /// The daemon's target: six times what the radios can do, so that the radios are the bound and not the pace, and all
    /// of them are at work within a second; the highest that the configuration allows if they take no time.
    pub(crate) fn target_per_minute(&self) -> u32 {
        if let Some(target) = self.target_per_minute {
            return target;
        }
        let wanted = self
            .capacity_per_minute()
            .map_or(f64::INFINITY, |capacity| capacity * 6.0);
        wanted.clamp(1.0, f64::from(TARGET_MAX)).ceil() as u32
    }

    /// Over how long the pace spreads the first send of every line.
    pub(crate) fn start_spread(&self) -> Duration {
        let per_second = f64::from(self.target_per_minute()) / 60.0;
        Duration::from_secs_f64(f64::from(self.lines) / per_second)
    }

    /// Reports come soon, so that a demonstration ends soon.
    pub(crate) fn report_delay(&self) -> RangeInclusive<Duration> {
        if self.sms_time.is_zero() {
            Duration::from_millis(50)..=Duration::from_millis(200)
        } else {
            Duration::from_secs(1)..=Duration::from_secs(4)
        }
    }
}

/// The fleet, the daemon and the client.
pub(crate) struct FleetUnderTest {
    settings: Settings,
    daemon: Daemon,
    fleet: Fleet,
    client: Client,
    place: Place,
}

impl FleetUnderTest {
    /// Starts everything and waits until every line is ready to send.
    pub(crate) async fn start(
        settings: Settings,
        progress: &Progress,
    ) -> anyhow::Result<FleetUnderTest> {
        let place = Place::new(settings.keep.as_deref())?;
        let begun = Instant::now();
        let fleet = Fleet::start(settings.fleet(&place)).context("can't start the simulator")?;
        progress.phase(&format!(
            "{} simulated modems wait in {}",
            settings.lines,
            place.dir().display()
        ));
        let config = place.path("simfleet.toml");
        std::fs::write(&config, configuration(&settings, &place))
            .with_context(|| format!("can't write {}", config.display()))?;
        let daemon = Daemon::start(&config, place.path("daemon.log"))?;
        let client = Client::new(place.socket());
        let mut bed = FleetUnderTest {
            settings,
            daemon,
            fleet,
            client,
            place,
        };
        bed.await_ready().await?;
        progress.phase(&format!(
            "the daemon has every line ready after {:.1} s",
            begun.elapsed().as_secs_f64()
        ));
        Ok(bed)
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The client whose connection uploads use.
    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// Another client, with a connection of its own.
    pub(crate) fn another_client(&self) -> Client {
        Client::new(self.place.socket())
    }

    /// Time since the simulator started: the clock of the ledger.
    pub(crate) fn clock(&self) -> Duration {
        self.fleet.elapsed()
    }

    /// Parts that the simulated network has accepted.
    pub(crate) fn parts_on_air(&self) -> u64 {
        self.fleet.stats().network.accepted
    }

    /// What the daemon has used so far.
    pub(crate) fn usage(&self) -> anyhow::Result<Usage> {
        self.daemon.usage()
    }

    /// The last lines of the daemon's log.
    pub(crate) fn log_end(&self) -> String {
        self.daemon.log_end()
    }

    /// Stops the daemon gracefully and then the simulator. Returns the ledger and whether the daemon ended with success.
    pub(crate) async fn stop(self) -> anyhow::Result<(Vec<LedgerEntry>, bool)> {
        let stopped = self.daemon.stop().await?;
        Ok((end(self.fleet, &self.place)?, stopped))
    }

    /// Ends everything at once: nobody waits for what is still queued. Returns the ledger.
    pub(crate) fn abandon(self) -> anyhow::Result<Vec<LedgerEntry>> {
        drop(self.daemon);
        end(self.fleet, &self.place)
    }

    /// Stops the daemon and starts it again; how long it took from the start to its first answer.
    pub(crate) async fn restart(self) -> anyhow::Result<(FleetUnderTest, Duration)> {
        if !self.daemon.stop().await? {
            bail!("the daemon did not end by itself");
        }
        let begun = Instant::now();
        let config = self.place.path("simfleet.toml");
        let daemon = Daemon::start(&config, self.place.path("daemon-2.log"))?;
        let mut bed = FleetUnderTest { daemon, ..self };
        bed.await_status(|_| true).await?;
        Ok((bed, begun.elapsed()))
    }

    async fn await_ready(&mut self) -> anyhow::Result<()> {
        let lines = u64::from(self.settings.lines);
        self.await_status(|status| status.lines.get("ready").copied().unwrap_or(0) >= lines)
            .await?;
        // With every line ready it is a matter of moments.
        while !self.client.ready().await? {
            tokio::time::sleep(READY_LOOK_INTERVAL).await;
        }
        Ok(())
    }

    /// Waits until the daemon answers, and its status is as wanted.
    async fn await_status(
        &mut self,
        is_wanted: impl Fn(&StatusView) -> bool,
    ) -> anyhow::Result<()> {
        let begun = Instant::now();
        let mut last = String::from("it never answered");
        while begun.elapsed() < READY_WAIT_MAX {
            if let Some(status) = self.daemon.ended()? {
                bail!(
                    "the daemon ended with {status}; its log ends with\n{}",
                    self.daemon.log_end()
                );
            }
            match self.client.status().await {
                Ok(status) if is_wanted(&status) => return Ok(()),
                Ok(status) => {
                    let ready = status.lines.get("ready").copied().unwrap_or(0);
                    last = format!("{ready} of {} lines are ready", self.settings.lines);
                }
                Err(ClientError::Unreachable { .. }) => {}
                Err(error) => last = error.to_string(),
            }
            tokio::time::sleep(READY_LOOK_INTERVAL).await;
        }
        bail!(
            "the daemon is not ready after {} s: {last}; its log ends with\n{}",
            READY_WAIT_MAX.as_secs(),
            self.daemon.log_end()
        )
    }
}

fn end(fleet: Fleet, place: &Place) -> anyhow::Result<Vec<LedgerEntry>> {
    let summary = fleet.stop();
    if let Some(failure) = summary.failure {
        bail!("the simulator failed: {failure}");
    }
    hw_sim::ledger::read(&place.path("ledger.ndjson")).context("can't read the ledger")
}

/// The folder that everything is in.
struct Place {
    dir: PathBuf,
    /// Removes the folder when dropped.
    _temporary: Option<TempDir>,
}

impl Place {
    fn new(keep: Option<&Path>) -> anyhow::Result<Place> {
        let Some(keep) = keep else {
            let temporary = tempfile::Builder::new()
                .prefix("simfleet-")
                .tempdir()
                .context("can't make a temporary folder")?;
            return Ok(Place {
                dir: temporary.path().to_owned(),
                _temporary: Some(temporary),
            });
        };
        std::fs::create_dir_all(keep).with_context(|| format!("can't make {}", keep.display()))?;
        let dir = keep
            .canonicalize()
            .with_context(|| format!("can't use {}", keep.display()))?;
        let place = Place {
            dir,
            _temporary: None,
        };
        if place.path("state").exists() {
            bail!(
                "{} holds an earlier run; choose another folder",
                keep.display()
            );
        }
        if place.socket().as_os_str().len() > SOCKET_PATH_MAX {
            bail!("{} is too long a path for a socket in it", keep.display());
        }
        Ok(place)
    }

    fn dir(&self) -> &Path {
        &self.dir
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    fn socket(&self) -> PathBuf {
        self.path("simfleet.sock")
    }
}

/// The daemon's configuration: one budget that never binds, and the defaults for all that is not named.
fn configuration(settings: &Settings, place: &Place) -> String {
    let quoted = |path: &Path| {
        // A JSON string is a TOML basic string.
        serde_json::Value::from(path.to_string_lossy()).to_string()
    };
    format!(
        "# Written by `simfleet demo`.\n\
         [gateway]\n\
         state_dir = {state}\n\
         target_per_minute = {target}  # above what the radios can do, so that they are the bound\n\
         max_queued = {QUEUED_MAX}  # room for the largest measurement\n\
         \n\
         [api]\n\
         socket = {socket}\n\
         \n\
         [metrics]\n\
         listen = \"\"  # only on the socket\n\
         \n\
         [[lines]]\n\
         path = {lines}\n\
         \n\
         [sims.default]\n\
         per_minute = {PER_MINUTE}  # a simulated SIM costs nothing\n\
         {classes}",
        classes = classes(settings),
        state = quoted(&place.path("state")),
        target = settings.target_per_minute(),
        socket = quoted(&place.socket()),
        lines = quoted(&place.path("lines/line*")),
    )
}

/// With a scenario: a deadline within the run, and nothing is sent again on a mere suspicion.
fn classes(settings: &Settings) -> String {
    let Some(deadline) = settings.deadline else {
        return String::new();
    };
    let class = |name| {
        format!(
            "\n[class.{name}]\nexpires_in = \"{}s\"\nin_doubt = \"hold\"\n",
            deadline.as_secs()
        )
    };
    ["otp", "notification", "bulk"].map(class).concat()
}

/// The shortest deadline of a run with a scenario, and by how much it is before the end of patience.
const DEADLINE_MIN: Duration = Duration::from_secs(120);
const DEADLINE_MARGIN: Duration = Duration::from_secs(60);

/// The highest `target_per_minute` that the configuration allows.
const TARGET_MAX: u32 = 1_000_000;

/// Messages that may wait.
const QUEUED_MAX: u32 = 2_000_000;

/// A budget per SIM that never binds.
const PER_MINUTE: u32 = 1_000_000;

/// What fits into `sockaddr_un` on Linux, with its end.
const SOCKET_PATH_MAX: usize = 107;

/// 512 lines take about two seconds to be ready; a busy machine may take far longer.
const READY_WAIT_MAX: Duration = Duration::from_secs(60);

/// How often readiness is looked at.
const READY_LOOK_INTERVAL: Duration = Duration::from_millis(50);

#[cfg(test)]
mod tests;
