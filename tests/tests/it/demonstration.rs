//! `simfleet demo`: its verdict for scripts, and that it leaves nothing behind.

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;
use tests::{Binary, binary, eventually};

/// A small fleet, so that it takes seconds.
const SMALL: [&str; 5] = ["demo", "--lines", "4", "--sms-time", "200ms"];

#[test]
fn it_ends_with_one_object_that_scripts_read() {
    let output = Command::new(binary(Binary::Simfleet))
        .args(SMALL)
        .args(["--messages", "40", "--json"])
        .output()
        .expect("the demonstration can be started");
    let told = String::from_utf8(output.stdout).expect("JSON is UTF-8");
    assert_eq!(told.lines().count(), 1, "{told}");
    let fields: Value = serde_json::from_str(&told).expect("one object");
    let named: Vec<&str> = fields
        .as_object()
        .expect("one object")
        .keys()
        .map(String::as_str)
        .collect();
    let mut expected = FIELDS.to_vec();
    expected.sort_unstable();
    assert_eq!(named, expected);
    let numbers = ["lost", "duplicates", "in_doubt", "accepted", "delivered"];
    assert_eq!(
        numbers.map(|name| fields[name].as_u64()),
        [0, 0, 0, 40, 40].map(Some)
    );
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn its_daemon_ends_with_it_even_when_it_is_killed() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut demo = Command::new(binary(Binary::Simfleet))
        .env("TMPDIR", folder.path())
        .args(SMALL)
        .args(["--messages", "4000"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the demonstration can be started");
    let daemon = eventually("the demonstration has a daemon", || child_of(demo.id()));
    demo.kill().expect("it can be killed");
    demo.wait().expect("it can be waited for");
    eventually("the daemon has ended", || {
        (!Path::new(&format!("/proc/{daemon}")).exists()).then_some(())
    });
}

/// The child process of a process, once it runs our binary.
fn child_of(parent: u32) -> Option<u32> {
    let tasks = std::fs::read_dir(format!("/proc/{parent}/task")).ok()?;
    let children =
        tasks.filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("children")).ok());
    let child: u32 = children
        .collect::<String>()
        .split_whitespace()
        .next()?
        .parse()
        .ok()?;
    let command = std::fs::read(format!("/proc/{child}/cmdline")).ok()?;
    let runs = command
        .split(|byte| *byte == 0)
        .any(|word| word == b"--with-parent");
    // Its first act is to ask for the parent's end; by then it has opened its log and more.
    let is_ready = std::fs::read_dir(format!("/proc/{child}/fd")).ok()?.count() > 8;
    (runs && is_ready).then_some(child)
}

/// The fields that scripts count on.
const FIELDS: [&str; 24] = [
    "lines",
    "messages",
    "accepted",
    "sent",
    "delivered",
    "undelivered",
    "unconfirmed",
    "failed",
    "in_doubt",
    "lost",
    "duplicates",
    "elapsed_s",
    "rate_per_min",
    "capacity_per_min",
    "capacity_share",
    "per_sim_min",
    "per_sim_max",
    "jain_index",
    "otp_queue_ms_p50",
    "otp_queue_ms_p99",
    "accept_ms_p50",
    "accept_ms_p99",
    "cpu_s",
    "rss_mb",
];
