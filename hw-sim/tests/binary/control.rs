//! The control socket and the lines on TCP: what they do, and what they bear.

use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;

use super::*;

/// One HTTP exchange on a Unix socket: status line, headers and body.
fn exchange(socket: &Path, request: &str, body: &str) -> String {
    let length = body.len();
    let whole = format!(
        "{request} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\n\
         content-length: {length}\r\n\r\n{body}"
    );
    said_to(socket, whole.as_bytes(), false)
}

/// Writes whatever bytes and says, if `is_all`, that no more will come; then what comes back until the simulator closes the
/// connection, which it may do while they are written.
fn said_to(socket: &Path, bytes: &[u8], is_all: bool) -> String {
    let mut stream = UnixStream::connect(socket).expect("the simulator listens");
    let _ = stream.write_all(bytes);
    if is_all {
        let _ = stream.shutdown(Shutdown::Write);
    }
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn lines_are_on_tcp_and_trouble_is_made_on_demand() {
    let dir = tempfile::tempdir().unwrap();
    let socket = dir.path().join("control");
    let lines = dir.path().join("lines");
    // A port that was free a moment ago.
    let probe = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let tcp = probe.local_addr().unwrap().port();
    let port = tcp.to_string();
    let args = [
        "run",
        "--lines",
        "1",
        "--dir",
        lines.to_str().unwrap(),
        "--tcp",
        &port,
    ];
    refused(&args, 1, &["TCP port", "--tcp"]);
    drop(probe);
    let control = ["--control", socket.to_str().unwrap()];
    let (mut child, _stdout, _) = started(&[&args[..], &control].concat());
    let mut line = std::net::TcpStream::connect(("127.0.0.1", tcp)).unwrap();
    let mut heard = |typed: &str, end: &str| {
        line.write_all(typed.as_bytes()).unwrap();
        let mut said = Vec::new();
        let mut byte = [0];
        while !said.ends_with(end.as_bytes()) {
            line.read_exact(&mut byte).unwrap();
            said.push(byte[0]);
        }
    };
    heard("AT+CNMI=2,1\r", "OK\r\n");
    let inbound = r#"{"what":"inbound","from":"+491701234567","text":"STOP"}"#;
    assert!(exchange(&socket, "POST /v1/events", inbound).starts_with("HTTP/1.1 200"));
    heard("", "+CMTI: \"ME\",1\r\n");
    assert!(exchange(&socket, "GET /v1/state", "").contains("\"inbound\":1"));
    for wrong in [
        r#"{"what":"boom"}"#,
        r#"{"what":"mute"}"#,
        r#"{"what":"reboot","at":"1s"}"#,
    ] {
        let answer = exchange(&socket, "POST /v1/events", wrong);
        assert!(answer.starts_with("HTTP/1.1 422"), "{answer}");
    }
    let watch = ["watch", "--control", socket.to_str().unwrap()];
    let page = hw_sim(&[&watch[..], &["--once"]].concat())
        .output()
        .unwrap();
    let page = String::from_utf8_lossy(&page.stdout).into_owned();
    for part in [
        "hw-sim  1 lines, 1 open",
        "1 idle",
        "operator",
        "faults  none",
    ] {
        assert!(page.contains(part), "{part:?} in\n{page}");
    }
    refused(&watch, 1, &["needs a terminal", "--once"]);
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    assert!(child.wait().unwrap().success());
    assert!(!socket.exists());
    refused(
        &[&watch[..], &["--once"]].concat(),
        1,
        &["no simulator answers here", "hw-sim run --control"],
    );
}

/// The first of two neighbours that were free a moment ago.
fn two_free_ports() -> u16 {
    let free = |port| std::net::TcpListener::bind(("127.0.0.1", port));
    let base = |_| {
        let base = free(0).ok()?.local_addr().ok()?.port();
        free(base.checked_add(1)?).ok().map(|_| base)
    };
    (0..100).find_map(base).expect("some ports are free")
}

#[test]
fn a_rude_client_on_tcp_keeps_no_other_line_waiting() {
    let dir = tempfile::tempdir().unwrap();
    let base = two_free_ports();
    let lines = dir.path().join("lines");
    let (mut child, _stdout, _) = started(&[
        "run",
        "--lines",
        "2",
        "--dir",
        lines.to_str().unwrap(),
        "--tcp",
        &base.to_string(),
    ]);
    let connect = |line: u16| std::net::TcpStream::connect(("127.0.0.1", base + line)).unwrap();
    let (mut rude, mut polite) = (connect(0), connect(1));
    polite.write_all(b"ATE0\r").unwrap();
    let mut line_answers = || {
        polite.write_all(b"AT\r").unwrap();
        let mut said = Vec::new();
        while !said.ends_with(b"\r\nOK\r\n") {
            let mut byte = [0];
            polite.read_exact(&mut byte).unwrap();
            said.push(byte[0]);
        }
    };
    let garbage: Vec<u8> = (0..=255_u8).cycle().take(1 << 14).collect();
    for _ in 0..64 {
        rude.write_all(&garbage).unwrap();
        line_answers();
    }
    // Gone without a word, again and again: each time the line is free for the next.
    for _ in 0..100 {
        drop(connect(0));
    }
    line_answers();
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_control_socket_that_is_not_to_be_had_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let (lines, socket) = (path("lines"), path("control"));
    let (mut child, _stdout, _) =
        started(&["run", "--lines", "1", "--dir", &lines, "--control", &socket]);
    std::fs::write(path("file"), "mine").unwrap();
    let others = path("others");
    for (control, says) in [
        (
            socket,
            "another simulator listens here; choose another socket",
        ),
        (
            path("file"),
            "exists and is not a socket; choose another path",
        ),
        (path("file/under"), "can't listen here"),
        (path("no/such/folder"), "can't listen here"),
        (path(&"long".repeat(40)), "can't listen here"),
    ] {
        let args = [
            "run",
            "--lines",
            "1",
            "--dir",
            &others,
            "--control",
            &control,
        ];
        refused(&args, 1, &[&control, says]);
        assert!(
            !Path::new(&others).join("line000").exists(),
            "nothing is left behind"
        );
    }
    assert_eq!(std::fs::read_to_string(path("file")).unwrap(), "mine");
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    assert!(child.wait().unwrap().success());
}

/// A simulator of one line whose control socket somebody abuses.
struct Abused {
    child: Child,
    line: std::fs::File,
    socket: PathBuf,
    _dir: tempfile::TempDir,
}

impl Abused {
    fn new() -> Abused {
        let dir = tempfile::tempdir().expect(OWN);
        let path = |name: &str| dir.path().join(name).to_str().expect(OWN).to_owned();
        let (lines, socket) = (path("lines"), path("control"));
        let args = ["run", "--lines", "1", "--dir", &lines, "--control", &socket];
        let (child, _, _) = started(&args);
        let mut options = std::fs::OpenOptions::new();
        let line = options.read(true).write(true).open(path("lines/line000"));
        Abused {
            child,
            line: line.expect(OWN),
            socket: socket.into(),
            _dir: dir,
        }
    }

    fn line_answers(&mut self) {
        self.line.write_all(b"AT\r").expect(OWN);
        let mut said = Vec::new();
        while !said.ends_with(b"OK\r\n") {
            let mut byte = [0];
            self.line.read_exact(&mut byte).expect(OWN);
            said.push(byte[0]);
        }
    }

    fn refuses(&mut self, request: &str, body: &str, status: u16, says: &str) {
        let answer = exchange(&self.socket, request, body);
        let wanted = format!("HTTP/1.1 {status}");
        assert!(answer.starts_with(&wanted), "{status}: {answer}");
        assert!(answer.contains(says), "{says:?} in {answer}");
        self.line_answers();
    }

    /// Nothing has happened, and the simulator ends as it should.
    fn ends_well(mut self) {
        let state = exchange(&self.socket, "GET /v1/state", "");
        assert!(state.contains("\"troubles\":[],\"faults\":[]"), "{state}");
        kill_process(Pid::from_child(&self.child), Signal::TERM).expect(OWN);
        assert!(self.child.wait().expect(OWN).success());
    }
}

#[test]
fn nonsense_is_answered_with_what_makes_sense() {
    let mut sim = Abused::new();
    let large = "a".repeat(3 << 20);
    let large = format!(r#"{{"what":"inbound","from":"1","text":"{large}"}}"#);
    for (request, status, says) in [
        ("GET /", 404, "GET /v1/state"),
        ("GET /v1/events", 405, "POST /v1/events"),
        ("BREW /v1/state", 405, "GET /v1/state"),
    ] {
        sim.refuses(request, "", status, says);
    }
    for (event, status, says) in [
        ("", 400, "JSON"),
        ("{", 400, "JSON"),
        ("[[[[[[[[[[", 422, "expected a string"),
        (&large, 413, "length limit"),
        (r#"{"what":"mute","for":"9e99h"}"#, 422, "is not a duration"),
        (r#"{"what":"mute","for":"999999h"}"#, 422, "longer than"),
        (r#"{"what":"mute","for":"1s","lines":"5-1"}"#, 422, "hub 3"),
        (r#"{"what":"call","from":"\r\nOK\r\n"}"#, 422, "from: "),
        (r#"{"what":"reboot","bogus":1}"#, 422, "bogus"),
    ] {
        sim.refuses("POST /v1/events", event, status, says);
    }
    let faults = r#"{"errors":{"rate":-1}}"#;
    sim.refuses("PUT /v1/faults", faults, 422, "0 to 1");
    let no_type =
        b"PUT /v1/faults HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}";
    let answer = said_to(&sim.socket, no_type, false);
    assert!(
        answer.starts_with("HTTP/1.1 415") && answer.contains("application/json"),
        "{answer}"
    );
    sim.ends_well();
}

#[test]
fn bytes_that_are_no_requests_are_turned_away() {
    let mut sim = Abused::new();
    let garbage: Vec<u8> = (0..=255_u8).cycle().take(1 << 20).collect();
    let header = [&b"GET /v1/state HTTP/1.1\r\nx: "[..], &vec![b'a'; 1 << 20]].concat();
    let length =
        b"PUT /v1/faults HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999999999999999\r\n\r\n{}";
    let cut = b"PUT /v1/faults HTTP/1.1\r\nhost: x\r\ncontent-length: 99\r\n\r\n{";
    for bytes in [&garbage[..], &header, length, cut, b"\x16\x03\x01", b""] {
        let answer = said_to(&sim.socket, bytes, true);
        let is_refused = answer.is_empty() || answer.starts_with("HTTP/1.1 4");
        assert!(is_refused, "{answer}");
        sim.line_answers();
    }
    sim.ends_well();
}

/// By more callers than anybody has.
#[test]
fn requests_that_are_begun_and_never_ended_keep_nobody_waiting() {
    let mut sim = Abused::new();
    let begin = || {
        let mut stream = UnixStream::connect(&sim.socket).unwrap();
        let piece = b"POST /v1/events HTTP/1.1\r\nhost: x\r\ncontent-le";
        stream.write_all(piece).unwrap();
        stream
    };
    let begun: Vec<UnixStream> = (0..200).map(|_| begin()).collect();
    sim.line_answers();
    sim.refuses("GET /", "", 404, "GET /v1/state");
    sim.ends_well();
    drop(begun);
}

const OWN: &str = "a test may use its own simulator";
