//! What several tests need: a store in memory, pseudo-terminals, a snapshot, HTTP as it is on the wire.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

use gateway::{
    Budget, Entry, KnownKey, KnownMessage, Message, MessageId, MessageSeq, MessageState, Record,
    Settings, SimSettings, Snapshot, Store, Totals, UnixMs,
};
use rustix::fs::{Mode, OFlags};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

/// A store that keeps entries in memory, and fails or waits when it is told to.
pub(crate) struct MemoryStore {
    /// Each commit that has something to keep waits here, if there is a gate.
    gate: Option<(mpsc::Sender<()>, mpsc::Receiver<Verdict>)>,
    /// What was ever accepted.
    messages: BTreeMap<MessageSeq, Box<Message>>,
}

/// The other side of a store's gate.
pub(crate) struct Gate {
    entered: mpsc::Receiver<()>,
    verdicts: mpsc::Sender<Verdict>,
}

/// What becomes of a commit.
pub(crate) enum Verdict {
    Keep,
    Fail,
}

#[derive(Debug, thiserror::Error)]
#[error("told to fail")]
pub(crate) struct ToldToFail;

impl MemoryStore {
    pub(crate) fn open() -> MemoryStore {
        MemoryStore {
            gate: None,
            messages: BTreeMap::new(),
        }
    }

    pub(crate) fn gated() -> (MemoryStore, Gate) {
        let (enter, entered) = mpsc::channel();
        let (verdicts, verdict) = mpsc::channel();
        (
            MemoryStore {
                gate: Some((enter, verdict)),
                messages: BTreeMap::new(),
            },
            Gate { entered, verdicts },
        )
    }
}

impl Gate {
    /// Waits until a commit is being made.
    pub(crate) fn wait_for_commit(&self) {
        self.entered.recv().unwrap();
    }

    /// Lets it, or the next one, end.
    pub(crate) fn decide(&self, verdict: Verdict) {
        self.verdicts.send(verdict).unwrap();
    }
}

impl Store for MemoryStore {
    type Error = ToldToFail;

    fn commit(&mut self, entries: &[Entry]) -> Result<(), ToldToFail> {
        for entry in entries {
            if let Record::Accepted(message) = &entry.record {
                self.messages.insert(MessageSeq(entry.seq), message.clone());
            }
        }
        let Some((enter, verdict)) = self.gate.as_ref().filter(|_| !entries.is_empty()) else {
            return Ok(());
        };
        // A test that has ended its side wants no more commits.
        let _ = enter.send(());
        match verdict.recv() {
            Ok(Verdict::Keep) => Ok(()),
            Ok(Verdict::Fail) | Err(_) => Err(ToldToFail),
        }
    }

    fn find_keys(&mut self, keys: &[&str]) -> Result<Vec<Option<KnownKey>>, ToldToFail> {
        Ok(vec![None; keys.len()])
    }

    fn find_id(&mut self, id: MessageId) -> Result<Option<KnownMessage>, ToldToFail> {
        let found = self.messages.iter().find(|(_, message)| message.id == id);
        Ok(found.map(|(seq, _)| KnownMessage {
            seq: *seq,
            state: MessageState::Sent,
        }))
    }

    fn texts(&mut self, of: &[MessageSeq]) -> Result<Vec<Box<str>>, ToldToFail> {
        Ok(of
            .iter()
            .map(|seq| self.messages[seq].text.clone())
            .collect())
    }

    fn replay(&mut self, _apply: &mut dyn FnMut(Entry)) -> Result<u64, ToldToFail> {
        Ok(0)
    }

    fn past(&mut self, _apply: &mut dyn FnMut(Entry)) -> Result<UnixMs, ToldToFail> {
        Ok(UnixMs(i64::MIN))
    }
}

/// Settings under which every SIM may send.
pub(crate) fn settings() -> Settings {
    let budget = Budget {
        limits: [Some(10_000), None, None, None],
        ..Budget::default()
    };
    Settings {
        sims_default: SimSettings {
            budget,
            ..SimSettings::default()
        },
        target_per_minute: 100_000,
        ..Settings::default()
    }
}

/// An empty fleet.
pub(crate) fn snapshot() -> Snapshot {
    Snapshot {
        at: UnixMs(0),
        totals: Totals::default(),
        queued: 0,
        sending: 0,
        in_doubt: 0,
        sent: 0,
        lanes: Default::default(),
        target_per_minute: 5440,
        capacity: gateway::capacity(5440, &[], [Duration::ZERO; 4]),
        sent_last_minute: 0,
        last_seq: 0,
        reports_kept: 0,
        reports_repeated: 0,
        reports_unclear: 0,
        accepting: true,
        stopping: false,
        in_flight: 0,
        sims: Vec::new(),
        line_controls: Vec::new(),
        line_breakers: Vec::new(),
        line_trips: 0,
        hubs: Vec::new(),
        reports: Vec::new(),
        held_lines: Vec::new(),
    }
}

/// A pseudo-terminal: the modem's end, and the path of the port.
pub(crate) fn pseudo_terminal() -> (File, PathBuf) {
    let master: OwnedFd =
        openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
    grantpt(&master).unwrap();
    unlockpt(&master).unwrap();
    let path = ptsname(&master, Vec::new()).unwrap();
    (
        File::from(master),
        PathBuf::from(path.into_string().unwrap()),
    )
}

/// Opens a port a second time, if it is there, without becoming its session.
pub(crate) fn hold_open(path: &Path) -> Option<OwnedFd> {
    let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
    rustix::fs::open(path, flags, Mode::empty()).ok()
}

/// An answer as it came over the wire.
#[derive(Debug)]
pub(crate) struct Wire {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Wire {
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// A header's value, by its name in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let fields = self.head.lines().filter_map(|line| line.split_once(": "));
        let mut named = fields.filter(|(found, _)| found.eq_ignore_ascii_case(name));
        named.next().map(|(_, value)| value)
    }

    /// Status and, if it is a problem, its code.
    pub(crate) fn code(&self) -> (u16, String) {
        let json: serde_json::Value = serde_json::from_str(&self.body).unwrap_or_default();
        (
            self.status,
            json["code"].as_str().unwrap_or_default().to_owned(),
        )
    }
}

/// Sends one request on a connection of its own and reads the whole answer. `head` holds more header lines.
pub(crate) fn http(socket: &Path, request: &str, head: &str, body: &[u8]) -> Wire {
    let mut stream = UnixStream::connect(socket).unwrap();
    let length = body.len();
    let request = format!(
        "{request} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {length}\r\n{head}\r\n"
    );
    stream.write_all(request.as_bytes()).unwrap();
    // The daemon may answer and close before it has read a body that is too long.
    let _ = stream.write_all(body);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    let answer = String::from_utf8(answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok())
        .unwrap_or(0);
    let is_chunked = head
        .to_ascii_lowercase()
        .contains("transfer-encoding: chunked");
    let body = if is_chunked {
        unchunked(body)
    } else {
        body.to_owned()
    };
    Wire {
        status,
        head: head.to_owned(),
        body,
    }
}

fn unchunked(mut body: &str) -> String {
    let mut whole = String::new();
    while let Some((size, rest)) = body.split_once("\r\n") {
        let size = usize::from_str_radix(size, 16).unwrap_or(0);
        let Some(chunk) = rest.get(..size).filter(|_| size > 0) else {
            break;
        };
        whole.push_str(chunk);
        body = rest.get(size + 2..).unwrap_or("");
    }
    whole
}
