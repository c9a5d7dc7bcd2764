//! Other people's programs, unchanged, against the simulator on pseudo-terminals: gammu and gammu-smsd.
//!
//! A program that is not installed is skipped with a word on standard error; `.ci/run` installs those it can. They
//! are the judges of the simulator here; what the gateway makes of it is tested elsewhere.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use hw_sim::{Fleet, FleetSettings, LedgerEntry, LedgerEvent};
use tests::eventually;

/// A fleet of one line, its ledger, and room for a program's files.
struct Bench {
    dir: tempfile::TempDir,
    fleet: Fleet,
}

impl Bench {
    fn new() -> Bench {
        let dir = tempfile::tempdir().unwrap();
        let fleet = Fleet::start(FleetSettings {
            dir: dir.path().join("lines"),
            lines: 1,
            sms_time: Duration::from_millis(100),
            report_delay: Duration::from_millis(200)..=Duration::from_millis(200),
            ledger: Some(dir.path().join("ledger.ndjson")),
            ..FleetSettings::default()
        });
        Bench {
            fleet: fleet.unwrap(),
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
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    fn folder(&self, name: &str) -> String {
        let path = self.path(name);
        std::fs::create_dir_all(&path).unwrap();
        path.display().to_string()
    }

    /// Texts of what the network took, in order.
    fn sent(&self) -> Vec<LedgerEntry> {
        let ledger = hw_sim::ledger::read(&self.path("ledger.ndjson")).unwrap();
        ledger
            .into_iter()
            .filter(|entry| entry.event == LedgerEvent::Submit)
            .collect()
    }

    fn gammu(&self, args: &[&str]) -> String {
        let config = self.write(
            "gammurc",
            &format!("[gammu]\ndevice = {}\nconnection = at115200\n", self.line()),
        );
        let output = Command::new("timeout")
            .args(["20", "gammu", "-c"])
            .arg(config)
            .args(args)
            .env("LC_ALL", "C.UTF-8")
            .stdin(Stdio::null())
            .output()
            .unwrap();
        said(&output)
    }
}

/// A program that runs until it is dropped.
struct Service(Child);

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.0.kill();
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
fn is_installed(program: &str) -> bool {
    let places = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&places)
        .chain([PathBuf::from("/usr/sbin")])
        .any(|folder| folder.join(program).is_file());
    if !found {
        eprintln!("SKIPPED: {program} is not installed");
    }
    found
}

/// The first file of a folder whose text has this in it.
fn file_with(folder: &Path, wanted: &str) -> Option<String> {
    std::fs::read_dir(folder)
        .ok()?
        .flatten()
        .filter_map(|entry| std::fs::read_to_string(entry.path()).ok())
        .find(|text| text.contains(wanted))
}

#[test]
fn gammu_identifies_sends_asks_and_receives() {
    if !is_installed("gammu") {
        return;
    }
    let bench = Bench::new();
    let identity = bench.gammu(&["identify"]);
    for part in ["SimFleet", "HW-SIM", "867000060000009", "262010000000000"] {
        assert!(identity.contains(part), "{part} in {identity}");
    }
    bench.gammu(&["sendsms", "TEXT", "+4915112345678", "-text", "hello"]);
    let long = "a long text ".repeat(30);
    bench.gammu(&[
        "sendsms",
        "TEXT",
        "+4915112345678",
        "-autolen",
        "400",
        "-text",
        &long,
    ]);
    let sent = bench.sent();
    assert_eq!(sent[0].text.as_deref(), Some("hello"));
    assert_eq!(
        sent.iter().map(|entry| entry.parts).collect::<Vec<_>>(),
        [1, 3, 3, 3]
    );
    let whole: String = sent[1..]
        .iter()
        .filter_map(|entry| entry.text.clone())
        .collect();
    assert_eq!(whole.trim_end(), long.trim_end());
    let balance = bench.gammu(&["getussd", "*100#"]);
    assert!(balance.contains("Balance: 10.00"), "{balance}");
    bench.fleet.inbound(0, "+491700", "good day").unwrap();
    bench
        .fleet
        .inbound(0, "+491700", &"wörter ".repeat(40))
        .unwrap();
    let received = eventually("a message", || {
        let all = bench.gammu(&["geteachsms"]);
        (all.matches("wörter").count() >= 39).then_some(all)
    });
    assert!(received.contains("good day"), "{received}");
}

#[test]
fn gammu_smsd_sends_and_receives() {
    if !is_installed("gammu-smsd") {
        return;
    }
    let bench = Bench::new();
    let mut config = format!(
        "[gammu]\ndevice = {}\nconnection = at115200\n[smsd]\nservice = files\nlogfile = {}\ncommtimeout = 1\n\
         sendtimeout = 20\nchecksecurity = 0\ndeliveryreport = sms\n",
        bench.line(),
        bench.path("log").display(),
    );
    for (key, folder) in [
        ("inboxpath", "inbox"),
        ("outboxpath", "outbox"),
        ("sentsmspath", "sent"),
        ("errorsmspath", "error"),
    ] {
        config += &format!("{key} = {}/\n", bench.folder(folder));
    }
    let config = bench.write("smsdrc", &config);
    bench.write("outbox/OUT+4915112345678.txt", "hello from gammu-smsd");
    let child = Command::new("gammu-smsd")
        .arg("-c")
        .arg(config)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let _service = Service(child.unwrap());
    eventually("the sent text", || {
        bench
            .sent()
            .iter()
            .any(|entry| entry.text.as_deref() == Some("hello from gammu-smsd"))
            .then_some(())
    });
    bench.fleet.inbound(0, "+491700", "to gammu-smsd").unwrap();
    eventually("the inbox file", || {
        file_with(&bench.path("inbox"), "to gammu-smsd")
    });
}
