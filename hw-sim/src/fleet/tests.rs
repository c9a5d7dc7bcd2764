//! Real pseudo-terminals: a dialogue, a host that dies, a port that vanishes, and refusals to start.

mod rude;

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::*;
use crate::ledger;

const PDU: &[u8] = b"0031000D91945111325476F80000A705E8329BFD06\x1a";

fn settings(dir: &Path) -> FleetSettings {
    FleetSettings {
        dir: dir.join("lines"),
        lines: 2,
        sms_time: Duration::ZERO,
        sms_time_spread: 0.0,
        report_delay: Duration::ZERO..=Duration::ZERO,
        ledger: Some(dir.join("ledger.ndjson")),
        ..FleetSettings::default()
    }
}

/// The host's end of a line.
struct Host {
    port: File,
}

impl Host {
    fn open(link: &Path) -> Host {
        // O_NOCTTY and O_NONBLOCK as a daemon opens a port.
        let flags = (rustix::fs::OFlags::NOCTTY | rustix::fs::OFlags::NONBLOCK).bits();
        let port = OpenOptions::new()
            .read(true)
            .write(true)
            .custom_flags(flags.cast_signed())
            .open(link)
            .unwrap();
        Host { port }
    }

    fn write(&mut self, bytes: &[u8]) {
        self.port.write_all(bytes).unwrap();
    }

    /// Reads until `end` comes; panics after a time that only a broken fleet needs.
    fn read_until(&mut self, end: &str) -> String {
        let mut said = Vec::new();
        let started = Instant::now();
        while !String::from_utf8_lossy(&said).ends_with(end) {
            let left = PATIENCE.checked_sub(started.elapsed());
            let left = left
                .unwrap_or_else(|| panic!("no {end:?} in {:?}", String::from_utf8_lossy(&said)));
            let mut fds = [PollFd::new(&self.port, PollFlags::IN)];
            poll(&mut fds, Some(&Timespec::try_from(left).unwrap())).unwrap();
            let mut buffer = [0; 512];
            if let Ok(count) = self.port.read(&mut buffer) {
                said.extend_from_slice(&buffer[..count]);
            }
        }
        String::from_utf8_lossy(&said).into_owned()
    }

    fn ask(&mut self, command: &str) -> String {
        self.write(command.as_bytes());
        self.write(b"\r");
        self.read_until("OK\r\n")
    }

    fn send(&mut self) -> String {
        self.write(b"AT+CMGS=20\r");
        self.read_until("> ");
        self.write(PDU);
        self.read_until("OK\r\n")
    }
}

/// Waits for something the fleet's thread does.
fn wait_for(what: &str, mut happened: impl FnMut() -> bool) {
    let started = Instant::now();
    while !happened() {
        assert!(started.elapsed() < PATIENCE, "{what} did not happen");
        std::thread::yield_now();
    }
}

const PATIENCE: Duration = Duration::from_secs(20);

#[test]
fn message_goes_through_a_port_and_into_the_ledger_first() {
    let dir = tempfile::tempdir().unwrap();
    let settings = settings(dir.path());
    let path = settings.ledger.clone().unwrap();
    let fleet = Fleet::start(settings).unwrap();
    assert_eq!(fleet.links().len(), 2);
    let mut host = Host::open(&fleet.links()[1]);
    assert_eq!(host.ask("AT"), "AT\r\r\nOK\r\n");
    host.ask("ATE0+CNMI=2,1,0,1,0");
    host.write(b"AT+CMGS=20\r");
    assert_eq!(host.read_until("> "), "\r\n> ");
    host.write(PDU);
    let said = host.read_until("000\r\n");
    assert!(
        said.starts_with("\r\n+CMGS: ") && said.contains("OK\r\n\r\n+CDS: 26\r\n"),
        "{said}"
    );
    let entries = ledger::read(&path).unwrap();
    assert_eq!((entries.len(), entries[0].line), (2, 1));
    assert_eq!(Audit::of(&entries).sims, fleet.audit().sims[1..]);
    let stats = fleet.stats();
    assert_eq!(
        (
            stats.network.accepted,
            stats.network.reports,
            stats.open_lines
        ),
        (1, 1, 1)
    );
    let links = fleet.links().to_vec();
    let summary = fleet.stop();
    assert_eq!(
        (summary.failure, summary.stats.network.submissions),
        (None, 1)
    );
    assert!(
        links
            .iter()
            .all(|link| !link.exists() && link.symlink_metadata().is_err())
    );
}

#[test]
fn modem_outlives_its_host() {
    let dir = tempfile::tempdir().unwrap();
    let fleet = Fleet::start(FleetSettings {
        sms_time: Duration::from_millis(20),
        ..settings(dir.path())
    })
    .unwrap();
    let mut host = Host::open(&fleet.links()[0]);
    host.ask("ATE0+CNMI=2,1,0,1,0");
    host.write(b"AT+CMGS=20\r");
    host.read_until("> ");
    host.write(PDU);
    drop(host);
    wait_for("the accept", || fleet.stats().network.accepted == 1);
    wait_for("the report", || fleet.stats().network.reports_waiting == 1);
    wait_for("the hang-up", || fleet.stats().open_lines == 0);
    // Echo is still off, the answer nobody read is gone, and the report comes to the host that asks for reports.
    let mut host = Host::open(&fleet.links()[0]);
    assert_eq!(host.ask("AT"), "\r\nOK\r\n");
    let said = {
        host.write(b"AT+CNMI=2,1,0,1,0\r");
        host.read_until("000\r\n")
    };
    assert!(said.starts_with("\r\nOK\r\n\r\n+CDS: 26\r\n"), "{said}");
    assert!(fleet.stats().dropped_bytes > 0);
}

#[test]
fn port_vanishes_and_comes_back() {
    let dir = tempfile::tempdir().unwrap();
    let fleet = Fleet::start(settings(dir.path())).unwrap();
    let link = fleet.links()[0].clone();
    let mut host = Host::open(&link);
    host.ask("ATE0");
    let target = std::fs::read_link(&link).unwrap();
    fleet.unplug(0, Duration::from_millis(50));
    wait_for("the end of the port", || {
        matches!(host.port.read(&mut [0; 64]), Ok(0)) || !link.exists()
    });
    wait_for("the new port", || link.exists());
    // The other line did not notice, and this one's modem kept its settings.
    assert_eq!(Host::open(&fleet.links()[1]).ask("AT"), "AT\r\r\nOK\r\n");
    let mut host = Host::open(&link);
    assert_eq!(host.ask("AT"), "\r\nOK\r\n");
    assert!(host.send().starts_with("\r\n+CMGS: "));
    drop((target, host));
}

#[test]
fn requests_reach_the_machines() {
    let dir = tempfile::tempdir().unwrap();
    let fleet = Fleet::start(settings(dir.path())).unwrap();
    let mut host = Host::open(&fleet.links()[0]);
    host.ask("ATE0+CNMI=2,1,0,1,0");
    fleet.inbound(0, "+491700", "hello").unwrap();
    assert_eq!(host.read_until("1\r\n"), "\r\n+CMTI: \"ME\",1\r\n");
    assert!(fleet.inbound(0, "+491700", "").is_err());
    let mut faults = Faults::default();
    faults.errors.rate = 1.0;
    faults.reboot.boot = Duration::ZERO..=Duration::ZERO;
    fleet.set_faults(faults);
    host.write(b"AT+CMGS=20\r");
    host.read_until("> ");
    host.write(PDU);
    assert!(
        host.read_until("\r\n").contains("+CMS ERROR: ")
            || host.read_until("\r\n").contains("+CMS ERROR: ")
    );
    fleet.restart(0);
    assert!(host.read_until("+CPIN: READY\r\n").contains("RDY"));
}

/// Which limit it was decides what an operator has to raise.
#[test]
fn limits_of_the_system_are_told_apart() {
    use rustix::io::Errno;
    for (errno, hint) in [
        (Errno::MFILE, "ulimit -n"),
        (Errno::NFILE, "fs.file-max"),
        (Errno::NOSPC, "kernel.pty.max"),
        (Errno::AGAIN, "kernel.pty.max"),
    ] {
        let told = port::limit_behind(errno);
        assert!(
            told.contains(hint) && told.contains("fewer lines"),
            "{told}"
        );
    }
}

#[test]
fn impossible_settings_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let start = |change: &dyn Fn(&mut FleetSettings)| {
        let mut settings = settings(dir.path());
        change(&mut settings);
        Fleet::start(settings).map(|_| ()).unwrap_err()
    };
    assert!(matches!(
        start(&|settings| settings.lines = 0),
        FleetError::Lines { lines: 0 }
    ));
    assert!(matches!(
        start(&|settings| settings.lines = 5_000),
        FleetError::Lines { .. }
    ));
    assert!(matches!(
        start(&|settings| settings.sms_time_spread = f64::NAN),
        FleetError::Spread { .. }
    ));
    let nowhere = dir.path().join("no/such/ledger");
    assert!(matches!(
        start(&|settings| settings.ledger = Some(nowhere.clone())),
        FleetError::Ledger { .. }
    ));
    let file = dir.path().join("file");
    std::fs::write(&file, "").unwrap();
    assert!(matches!(
        start(&|settings| settings.dir = file.join("lines")),
        FleetError::Directory { .. }
    ));
    let lines = dir.path().join("lines");
    let ledger = dir.path().join("ledger.ndjson");
    std::fs::write(lines.join("line001"), "mine").unwrap();
    std::fs::write(&ledger, "of the last run").unwrap();
    assert!(matches!(start(&|_| {}), FleetError::Occupied { .. }));
    assert_eq!(std::fs::read_to_string(&ledger).unwrap(), "of the last run");
    assert!(
        lines.join("line000").symlink_metadata().is_err(),
        "nothing is left behind"
    );
    std::fs::remove_file(lines.join("line001")).unwrap();
    // A link left by a simulator that was killed is replaced; a living one is not disturbed.
    std::os::unix::fs::symlink("/dev/pts/none", lines.join("line000")).unwrap();
    let fleet = Fleet::start(settings(dir.path())).unwrap();
    assert!(matches!(start(&|_| {}), FleetError::Busy { .. }));
    assert_eq!(Host::open(&fleet.links()[0]).ask("AT"), "AT\r\r\nOK\r\n");
}

#[test]
fn ledger_that_cannot_be_written_ends_the_fleet_before_the_answer() {
    let dir = tempfile::tempdir().unwrap();
    let fleet = Fleet::start(FleetSettings {
        ledger: Some("/dev/full".into()),
        ..settings(dir.path())
    })
    .unwrap();
    let mut host = Host::open(&fleet.links()[0]);
    host.ask("ATE0");
    host.write(b"AT+CMGS=20\r");
    host.read_until("> ");
    host.write(PDU);
    wait_for("the end", || fleet.failure().is_some());
    let mut rest = Vec::new();
    let _ = host.port.read_to_end(&mut rest);
    assert!(
        !String::from_utf8_lossy(&rest).contains("+CMGS"),
        "no answer without a record"
    );
    assert!(fleet.stop().failure.unwrap().contains("No space left"));
}
