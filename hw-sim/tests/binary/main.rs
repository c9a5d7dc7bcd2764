//! The binary as its users meet it: ready line, a send by hand, signals, refusals.

mod control;
mod view;

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use rustix::process::{Pid, Signal, kill_process};

fn hw_sim(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hw-sim"));
    command
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// Starts it and waits for its first line.
fn started(args: &[&str]) -> (Child, BufReader<std::process::ChildStdout>, String) {
    let mut child = hw_sim(args)
        .spawn()
        .expect("the binary was built for this test");
    let mut stdout = BufReader::new(child.stdout.take().expect("stdout is piped"));
    let mut ready = String::new();
    stdout.read_line(&mut ready).expect("a pipe can be read");
    (child, stdout, ready)
}

fn refused(args: &[&str], code: i32, says: &[&str]) {
    let Output {
        status,
        stderr,
        stdout,
    } = hw_sim(args)
        .output()
        .expect("the binary was built for this test");
    let stderr = String::from_utf8_lossy(&stderr);
    assert_eq!(status.code(), Some(code), "{stderr}");
    assert!(stdout.is_empty());
    for part in says {
        assert!(stderr.contains(part), "{stderr:?} should say {part:?}");
    }
}

#[test]
fn serves_lines_until_a_signal() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().to_str().unwrap();
    let ledger = dir.path().join("ledger.ndjson");
    for signal in [Signal::INT, Signal::TERM] {
        let (mut child, mut stdout, ready) = started(&[
            "run",
            "--dir",
            path,
            "--lines",
            "3",
            "--sms-time",
            "0s",
            "--report-delay",
            "0..10ms",
            "--ledger",
            ledger.to_str().unwrap(),
        ]);
        assert_eq!(ready, format!("ready: 3 lines in {path}\n"));
        let mut port = std::fs::OpenOptions::new()
            .read(true)
            .write(true)
            .open(dir.path().join("line002"))
            .unwrap();
        port.write_all(b"AT+CMGS=20\r0031000D91945111325476F80000A705E8329BFD06\x1a")
            .unwrap();
        let mut said = Vec::new();
        while !said.ends_with(b"OK\r\n") {
            let mut buffer = [0; 256];
            let count = port.read(&mut buffer).unwrap();
            said.extend_from_slice(&buffer[..count]);
        }
        assert_eq!(hw_sim::ledger::read(&ledger).unwrap().len(), 1);
        kill_process(Pid::from_child(&child), signal).unwrap();
        let mut summary = String::new();
        stdout.read_to_string(&mut summary).unwrap();
        assert!(summary.contains("1 submissions (1 accepted"), "{summary}");
        assert!(child.wait().unwrap().success());
        assert!(dir.path().join("line000").symlink_metadata().is_err());
    }
}

#[test]
fn refusals_say_what_is_allowed() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().to_str().unwrap();
    let scenario = dir.path().join("s.toml");
    std::fs::write(&scenario, "lines = 2\n[port]\nevry = \"1m\"\n").unwrap();
    let run = ["run", "--dir", path];
    refused(
        &[&run[..], &["--scenario", scenario.to_str().unwrap()]].concat(),
        1,
        &["s.toml:3: ", "evry", "every"],
    );
    refused(&[&run[..], &["--lines", "0"]].concat(), 1, &["1 to 4096"]);
    refused(
        &[&run[..], &["--error-rate", "1.2"]].concat(),
        2,
        &["--error-rate", "0 to 1"],
    );
    refused(
        &[&run[..], &["--sms-time", "5"]].concat(),
        2,
        &["--sms-time", "5.65s"],
    );
    refused(
        &[&run[..], &["--error-codes", "41:0"]].concat(),
        2,
        &["41:3"],
    );
    refused(&["run"], 2, &["--dir"]);
    let (mut child, _stdout, _) = started(&run);
    refused(&run, 1, &["another simulator"]);
    kill_process(Pid::from_child(&child), Signal::KILL).unwrap();
    child.wait().unwrap();
    // Killed: the links stay, and the next one takes them over.
    assert!(Path::new(path).join("line000").symlink_metadata().is_ok());
    let (mut child, _stdout, ready) = started(&[&run[..], &["--lines", "1"]].concat());
    assert!(ready.starts_with("ready: 1 lines"));
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    assert!(child.wait().unwrap().success());
}

#[test]
fn options_win_over_the_scenario() {
    let dir = tempfile::tempdir().unwrap();
    let scenario = dir.path().join("s.toml");
    std::fs::write(&scenario, "lines = 2\n").unwrap();
    let lines = dir.path().join("lines");
    let args = [
        "run",
        "--dir",
        lines.to_str().unwrap(),
        "--scenario",
        scenario.to_str().unwrap(),
    ];
    for (more, expected) in [
        (&[][..], "ready: 2 lines"),
        (&["--lines", "5"][..], "ready: 5 lines"),
    ] {
        let (mut child, _stdout, ready) = started(&[&args[..], more].concat());
        assert!(ready.starts_with(expected), "{ready}");
        kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
        assert!(child.wait().unwrap().success());
    }
}

#[test]
fn audit_tells_by_its_exit_code() {
    let dir = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = dir.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let sent = r#"{"t_ms":1,"event":"submit","line":0,"iccid":"8","imsi":"2","to":"+1","mr":1,"tpdu":"01","text":"hi"}"#;
    let ledger = file("ledger", &format!("{sent}\n"));
    let accepted = file("accepted", "{\"to\":\"+1\",\"text\":\"hi\",\"id\":\"x\"}\n");
    let missing = file("missing", "{\"to\":\"+1\",\"text\":\"ho\"}\n");
    let audit = |accepted: &str| {
        let args = ["audit", "--ledger", &ledger, "--accepted", accepted];
        let output = hw_sim(&[&args[..], &["--json"]].concat()).output().unwrap();
        let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let counts = ["exactly_once", "lost", "wrong_text"].map(|name| json[name].as_u64());
        (output.status.code(), counts.map(Option::unwrap))
    };
    assert_eq!(audit(&accepted), (Some(0), [1, 0, 0]));
    assert_eq!(audit(&missing), (Some(1), [0, 1, 1]));
    let broken = file("broken", "{\"to\":\"+1\"}\n");
    let args = ["audit", "--ledger", &ledger, "--accepted", &broken];
    refused(&args, 1, &["broken:1: ", "text"]);
    let args = ["audit", "--ledger", "/none", "--accepted", &broken];
    refused(&args, 1, &["broken:1: "]);
}

#[test]
fn folders_and_terminals_that_are_not_to_be_had_are_told_apart() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    std::fs::write(&file, "").unwrap();
    let under_file = file.join("lines");
    refused(
        &["run", "--dir", under_file.to_str().unwrap()],
        1,
        &["file/lines", "choose a folder that can be written to"],
    );
    // It is there, and even root can make nothing in it.
    refused(
        &["run", "--dir", "/proc/self"],
        1,
        &[
            "/proc/self/line000",
            "choose a folder that can be written to",
        ],
    );
    refused(
        &[
            "run",
            "--dir",
            dir.path().to_str().unwrap(),
            "--ledger",
            under_file.to_str().unwrap(),
        ],
        1,
        &[
            "ledger",
            "file/lines",
            "choose a file that can be written to",
        ],
    );
    let limited = Command::new("sh")
        .args([
            "-c",
            "ulimit -n 24 && exec \"$0\" run --dir \"$1\" --lines 64",
        ])
        .arg(env!("CARGO_BIN_EXE_hw-sim"))
        .arg(dir.path().join("lines"))
        .stdin(Stdio::null())
        .output()
        .expect("a shell is there");
    let told = String::from_utf8_lossy(&limited.stderr);
    assert_eq!(limited.status.code(), Some(1), "{told}");
    assert!(told.contains("of 64 pseudo-terminals opened"), "{told}");
    assert!(told.contains("ulimit -n"), "{told}");
    let left = std::fs::read_dir(dir.path().join("lines")).unwrap();
    let links = left.filter(|entry| entry.as_ref().is_ok_and(|entry| entry.path().is_symlink()));
    assert_eq!(links.count(), 0, "nothing is left behind");
}
