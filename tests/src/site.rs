//! A gateway host in a temporary folder: modems, a configuration, a socket, a store, a log and a ledger.
//!
//! It starts nothing but the simulated modems; daemons are started on it, one after another, and find what was left.

use std::ffi::OsString;
use std::fmt::Write;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use hw_sim::{Faults, Fleet, FleetSettings, LedgerEntry, LedgerEvent, ModemProfile};
use sms::{Direction, Submit, Tpdu, hex};
use tempfile::TempDir;

use crate::api::Api;
use crate::binaries::{Binary, binary};
use crate::daemon::Daemon;
use crate::poll::eventually;

/// What a site is like. `Default` is eight fast, faultless lines with reports after 50 to 150 ms.
#[derive(Debug, Clone)]
pub struct SiteSettings {
    /// How many lines.
    pub lines: usize,
    /// Mean radio time of a send.
    pub sms_time: Duration,
    /// How long after the accept a status report comes.
    pub report_delay: RangeInclusive<Duration>,
    /// Seed of the simulator.
    pub seed: u64,
    /// What goes wrong.
    pub faults: Faults,
    /// Keys of `[sims.default]`.
    pub sims_default: &'static str,
    /// More keys of `[gateway]`.
    pub gateway: String,
    /// More sections, such as `[class.otp]` or `[[lines]]`.
    pub sections: String,
    /// The daemon's log filter.
    pub log_filter: &'static str,
    /// Models of the modems, dealt out to the lines in turn; none is the standard model.
    pub models: &'static [&'static str],
}

impl Default for SiteSettings {
    fn default() -> SiteSettings {
        SiteSettings {
            lines: 8,
            sms_time: Duration::from_millis(50),
            report_delay: Duration::from_millis(50)..=Duration::from_millis(150),
            seed: 1,
            faults: Faults::default(),
            sims_default: "per_minute = 1000000",
            gateway: String::new(),
            sections: String::new(),
            log_filter: "info",
            models: &[],
        }
    }
}

/// A host. Dropping it removes everything.
#[derive(Debug)]
pub struct Site {
    // Before the folder, so that the links are removed first.
    fleet: Fleet,
    settings: SiteSettings,
    dir: TempDir,
}

impl Site {
    /// Makes the folder, starts the modems and writes the configuration.
    ///
    /// # Panics
    /// When the system gives no folder or pseudo-terminals.
    pub fn new(settings: SiteSettings) -> Site {
        let dir = tempfile::tempdir().expect("there is room for a folder");
        let fleet = Fleet::start(FleetSettings {
            dir: dir.path().join("modems"),
            lines: settings.lines,
            sms_time: settings.sms_time,
            report_delay: settings.report_delay.clone(),
            seed: settings.seed,
            ledger: Some(dir.path().join("ledger.ndjson")),
            faults: settings.faults.clone(),
            profiles: settings
                .models
                .iter()
                .map(|model| ModemProfile::load(model).expect("the model is built in"))
                .collect(),
            ..FleetSettings::default()
        })
        .expect("the modems start");
        let site = Site {
            fleet,
            settings,
            dir,
        };
        site.configure(&site.settings.gateway, &site.settings.sections);
        site
    }

    /// The folder.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// The modems.
    pub fn fleet(&self) -> &Fleet {
        &self.fleet
    }

    /// The configuration file.
    pub fn config(&self) -> PathBuf {
        self.dir().join("simfleet.toml")
    }

    /// The daemon's socket.
    pub fn socket(&self) -> PathBuf {
        self.dir().join("simfleet.sock")
    }

    /// Where the daemon looks for systemd; nobody listens there unless a test does.
    pub fn notify_socket(&self) -> PathBuf {
        self.dir().join("notify.sock")
    }

    /// Where the daemon keeps its store.
    pub fn state_dir(&self) -> PathBuf {
        self.dir().join("state")
    }

    /// The way to the daemon, whether one runs or not.
    pub fn api(&self) -> Api {
        Api::new(&self.socket())
    }

    /// What the network has seen so far.
    ///
    /// # Panics
    /// When the ledger can't be read.
    pub fn ledger(&self) -> Vec<LedgerEntry> {
        let path = self.dir().join("ledger.ndjson");
        hw_sim::ledger::read(&path).expect("the simulator writes a ledger that it can read")
    }

    /// The parts that the network has accepted so far, as they were on the air.
    ///
    /// # Panics
    /// When the ledger can't be read or holds something else.
    pub fn submits(&self) -> Vec<Submit> {
        let submitted = self
            .ledger()
            .into_iter()
            .filter(|entry| entry.event == LedgerEvent::Submit);
        submitted
            .map(|entry| {
                let octets = hex::decode(entry.tpdu.as_bytes()).expect("the ledger holds hex");
                match Tpdu::decode(&octets, Direction::MobileOriginated) {
                    Ok(Tpdu::Submit(submit)) => submit,
                    other => panic!("a submission, not {other:?}"),
                }
            })
            .collect()
    }

    /// How many parts the network has accepted so far.
    pub fn parts_on_air(&self) -> u64 {
        self.fleet.stats().network.accepted
    }

    /// Writes the configuration anew, with these keys of `[gateway]` and these sections more.
    ///
    /// # Panics
    /// When it can't be written.
    pub fn configure(&self, gateway: &str, sections: &str) {
        let text = self.config_text(&self.state_dir(), &self.socket(), gateway, sections);
        std::fs::write(self.config(), text).expect("the folder can be written to");
    }

    /// The text of a configuration for this site's modems.
    pub fn config_text(
        &self,
        state_dir: &Path,
        socket: &Path,
        gateway: &str,
        sections: &str,
    ) -> String {
        let mut text = String::new();
        let modems = self.dir().join("modems/line*");
        write!(
            text,
            "[gateway]\nstate_dir = {state_dir:?}\n{gateway}\n\n[api]\nsocket = {socket:?}\n\n\
             [metrics]\nlisten = \"\"\n\n[sims.default]\n{sims}\n\n\
             [[lines]]\npath = {modems:?}\n\n{sections}\n",
            sims = self.settings.sims_default,
        )
        .expect("writing to a String never fails");
        if !gateway.contains("target_per_minute") {
            text = text.replacen("[gateway]\n", "[gateway]\ntarget_per_minute = 1000000\n", 1);
        }
        text
    }

    /// Starts a daemon and waits until it answers; its lines may still be busy with their modems.
    ///
    /// # Panics
    /// When it ends instead.
    pub fn start(&self) -> Daemon {
        self.start_by(&[])
    }

    /// As [`Site::start`], behind the words of a command that becomes the daemon.
    ///
    /// # Panics
    /// When it ends instead.
    pub fn start_by(&self, words: &[OsString]) -> Daemon {
        let mut daemon = self.spawn_by(words, &self.config());
        let api = self.api();
        eventually("the daemon answers", || {
            if let Some(status) = daemon.has_ended() {
                panic!("the daemon ended with {status}");
            }
            let answer = api.get("/healthz").ok()?;
            (answer.status == 200).then_some(())
        });
        daemon
    }

    /// Starts a daemon and waits until all lines are ready.
    ///
    /// # Panics
    /// When it ends instead, or a line does not get ready.
    pub fn start_ready(&self) -> Daemon {
        let daemon = self.start();
        self.api().lines_ready(self.settings.lines);
        daemon
    }

    /// Starts a daemon with any configuration and does not wait.
    ///
    /// # Panics
    /// When the process can't be started.
    pub fn spawn(&self, config: &Path) -> Daemon {
        self.spawn_by(&[], config)
    }

    /// As [`Site::spawn`], behind the words of a command that becomes the daemon.
    ///
    /// # Panics
    /// When the process can't be started.
    pub fn spawn_by(&self, words: &[OsString], config: &Path) -> Daemon {
        let log = self.dir().join("daemon.log");
        let environment = [
            ("SIMFLEET_LOG", self.settings.log_filter.into()),
            ("NOTIFY_SOCKET", self.notify_socket().into_os_string()),
        ];
        Daemon::start(words, config, &log, &environment)
    }

    /// Runs `simfleet` to its end, with this site's socket.
    ///
    /// # Panics
    /// When the process can't be started.
    pub fn simfleet(&self, arguments: &[&str]) -> Output {
        Command::new(binary(Binary::Simfleet))
            .args(arguments)
            .env("SIMFLEET_SOCKET", self.socket())
            .current_dir(self.dir())
            .stdin(Stdio::null())
            .output()
            .expect("the binary can be started")
    }
}
