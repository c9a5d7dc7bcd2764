//! Other people's programs, unchanged, against the simulator on pseudo-terminals.
//!
//! A program that is not installed is skipped with a word on standard error; `.ci/run` installs those it can. They
//! are the judges of the simulator here; what the gateway makes of it is tested elsewhere.
//!
//! | | identify | send | long text | report | receive | USSD |
//! |---|---|---|---|---|---|---|
//! | gammu | yes | yes | yes | yes, `monitor` | yes | yes |
//! | gammu-smsd | yes, its monitor | yes | yes | yes | yes | it has none |
//! | smstools3 | yes | yes | yes | yes | yes | yes, a regular command |
//! | Kannel's AT2 | yes, detects it | yes | yes | yes | yes | it has none |
//! | python-gsmmodem | yes | yes | yes | yes | yes | yes |

mod gammu;
mod gsmmodem;
mod kannel;
mod smstools;

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use hw_sim::{Fleet, FleetSettings, LedgerEvent, ModemProfile};
use rustix::process::{Pid, Signal, kill_process_group};
use tests::eventually;

/// A fleet of one line, its ledger, and room for a program's files.
struct Bench {
    dir: tempfile::TempDir,
    fleet: Fleet,
}

impl Bench {
    fn new() -> Bench {
        Bench::with("generic")
    }

    /// With a modem of this model.
    fn with(model: &str) -> Bench {
        let dir = tempfile::tempdir().expect("a test may use its own files and programs");
        let fleet = Fleet::start(FleetSettings {
            dir: dir.path().join("lines"),
            lines: 1,
            sms_time: Duration::from_millis(100),
            report_delay: Duration::from_millis(200)..=Duration::from_millis(200),
            ledger: Some(dir.path().join("ledger.ndjson")),
            profiles: vec![ModemProfile::load(model).expect("it is built in, or a file")],
            ..FleetSettings::default()
        });
        Bench {
            fleet: fleet.expect("a test may use its own files and programs"),
            dir,
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn line(&self) -> String {
        self.fleet.links()[0].display().to_string()
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(
            path.parent()
                .expect("a test may use its own files and programs"),
        )
        .expect("it is in the folder");
        std::fs::write(&path, text).expect("a test may use its own files and programs");
        path
    }

    fn folder(&self, name: &str) -> String {
        let path = self.path(name);
        std::fs::create_dir_all(&path).expect("a test may use its own files and programs");
        path.display().to_string()
    }

    /// Texts the network took, in order, each put together from its parts.
    fn sent(&self) -> Vec<String> {
        let ledger = hw_sim::ledger::read(&self.path("ledger.ndjson"))
            .expect("a test may use its own files and programs");
        let mut texts: Vec<String> = Vec::new();
        for entry in ledger {
            if entry.event != LedgerEvent::Submit {
                continue;
            }
            let text = entry.text.unwrap_or_default();
            match texts.last_mut() {
                Some(whole) if entry.part > 1 => whole.push_str(&text),
                Some(_) | None => texts.push(text),
            }
        }
        texts
    }

    /// Waits until the network has as much as these texts, and compares; blanks at an end are each program's own
    /// affair.
    fn await_sent(&self, wanted: &[&str]) {
        let needed: usize = wanted.iter().map(|text| text.len()).sum();
        let sent = eventually("the sent texts", || {
            let sent = self.sent();
            let has: usize = sent.iter().map(|text| text.trim_end().len()).sum();
            (has >= needed).then_some(sent)
        });
        let sent: Vec<_> = sent.iter().map(|text| text.trim_end()).collect();
        assert_eq!(sent, wanted);
    }

    /// Waits until a file of the bench says this; its text.
    fn await_words(&self, name: &str, wanted: &str) -> String {
        eventually(&format!("{wanted} in {name}"), || {
            let text = std::fs::read(self.path(name)).ok()?;
            let text = String::from_utf8_lossy(&text).into_owned();
            text.contains(wanted).then_some(text)
        })
    }
}

/// A program that runs until it is dropped, with all that it started.
struct Service(Child);

impl Service {
    fn start(command: &mut Command) -> Service {
        let child = command
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        Service(child.expect("a test may use its own files and programs"))
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let group = Pid::from_child(&self.0);
        let _ = kill_process_group(group, Signal::KILL);
        let _ = self.0.wait();
    }
}

fn said(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        output.status.success(),
        "{}: {text} {errors}",
        output.status
    );
    text + &errors
}

/// Whether a program is there; says so when it is not.
pub(super) fn is_installed(program: &str) -> bool {
    let places = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&places)
        .chain([PathBuf::from("/usr/sbin")])
        .any(|folder| folder.join(program).is_file());
    if !found {
        eprintln!("SKIPPED: {program} is not installed");
    }
    found
}

/// Says that a program has no such thing, so that nobody takes the gap for an oversight.
fn has_none(program: &str, what: &str) {
    eprintln!("SKIPPED: {program} has no {what}");
}

/// A text of three parts.
fn long_text() -> String {
    "a long text of several parts, ".repeat(13) + "and its end"
}

/// The first file of a folder whose text has this in it.
fn file_with(folder: &Path, wanted: &str) -> Option<String> {
    std::fs::read_dir(folder)
        .ok()?
        .flatten()
        .filter_map(|entry| std::fs::read_to_string(entry.path()).ok())
        .find(|text| text.contains(wanted))
}

/// The text of the first file of a folder whose name has this in it, once there is any.
fn file_named(folder: &Path, wanted: &str) -> Option<String> {
    let found = std::fs::read_dir(folder)
        .ok()?
        .flatten()
        .find(|entry| entry.file_name().to_string_lossy().contains(wanted))?;
    std::fs::read_to_string(found.path())
        .ok()
        .filter(|text| !text.is_empty())
}
