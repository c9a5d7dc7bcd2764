//! Finding ports, naming lines, and what a reload touches.

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use modem::{Effect, Input, LineSettings, ProfileChoice};
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::Lines;
use crate::board::Board;
use crate::config::HubConfig;
use crate::config::LineConfig;
use crate::line_link::{FromLine, LineContext};
use crate::machine::Machine;
use crate::testing::pseudo_terminal;

/// A machine that does nothing.
struct Idle;

impl Machine for Idle {
    fn new(_: LineSettings) -> Idle {
        Idle
    }

    fn step(&mut self, _now: Instant, _input: Input<'_>, _out: &mut Vec<Effect>) {}

    fn deadline(&self) -> Option<Instant> {
        None
    }

    fn is_free_to_command(&self) -> bool {
        false
    }

    fn is_idle(&self) -> bool {
        false
    }

    fn reason(&self) -> Option<&'static str> {
        None
    }
}

struct Rig {
    lines: Lines,
    board: Arc<Board>,
    events: mpsc::Receiver<FromLine>,
    stop: CancellationToken,
}

impl Rig {
    fn new(entries: Vec<LineConfig>) -> Rig {
        let (sender, events) = mpsc::channel(64);
        let (board, stop) = (Arc::new(Board::default()), CancellationToken::new());
        let context = LineContext {
            pins: tokio::sync::watch::channel(Arc::default()).1,
            board: Arc::clone(&board),
            events: sender,
            stop: stop.clone(),
        };
        Rig {
            lines: Lines::new(context, entries, Vec::new()),
            board,
            events,
            stop,
        }
    }

    fn names(&self) -> Vec<String> {
        self.board
            .all()
            .iter()
            .map(|(name, _)| name.to_string())
            .collect()
    }

    /// The next line that has ended.
    async fn gone(&mut self) {
        loop {
            let event = timeout(Duration::from_secs(20), self.events.recv())
                .await
                .unwrap();
            if matches!(event, Some(FromLine::Gone { .. })) {
                return;
            }
        }
    }
}

fn entry(path: &Path, name: Option<&str>, baud: u32) -> LineConfig {
    LineConfig {
        path: path.display().to_string(),
        name: name.map(str::to_owned),
        baud,
        profile: ProfileChoice::default(),
    }
}

/// A folder with ports in it.
fn folder(ports: &[&str]) -> (tempfile::TempDir, Vec<std::fs::File>) {
    let folder = tempfile::tempdir().unwrap();
    let mut modems = Vec::new();
    for port in ports {
        modems.push(plug(folder.path(), port));
    }
    (folder, modems)
}

fn plug(folder: &Path, port: &str) -> std::fs::File {
    let (modem, path): (_, PathBuf) = pseudo_terminal();
    symlink(path, folder.join(port)).unwrap();
    modem
}

#[tokio::test]
async fn a_pattern_finds_ports_now_and_later() {
    let (folder, mut modems) = folder(&["line0", "other"]);
    let mut rig = Rig::new(vec![entry(&folder.path().join("line*"), None, 115_200)]);
    rig.lines.scan::<Idle>().await;
    assert_eq!(rig.names(), ["line0"]);
    modems.push(plug(folder.path(), "line1"));
    rig.lines.scan::<Idle>().await;
    assert_eq!(rig.names(), ["line0", "line1"]);
    rig.stop.cancel();
    rig.lines.join().await;
}

#[tokio::test]
async fn a_pattern_without_ports_is_no_error() {
    let (folder, _modems) = folder(&[]);
    let mut rig = Rig::new(vec![entry(&folder.path().join("line*"), None, 115_200)]);
    rig.lines.scan::<Idle>().await;
    assert!(rig.names().is_empty());
}

#[tokio::test]
async fn a_plain_path_is_a_line_even_while_nothing_is_there() {
    let (folder, _modems) = folder(&[]);
    let mut rig = Rig::new(vec![entry(&folder.path().join("left"), None, 115_200)]);
    rig.lines.scan::<Idle>().await;
    assert_eq!(rig.names(), ["left"]);
}

#[tokio::test]
async fn names_do_not_clash() {
    let (one, _one) = folder(&["line0"]);
    let (two, _two) = folder(&["line0"]);
    let unnamed = |folder: &tempfile::TempDir, name| entry(&folder.path().join("*"), name, 9600);
    let mut rig = Rig::new(vec![unnamed(&one, None), unnamed(&two, None)]);
    rig.lines.scan::<Idle>().await;
    assert_eq!(
        rig.names(),
        ["line0"],
        "the second one is not used until it has a name"
    );
    assert!(
        rig.board
            .status("line0")
            .unwrap()
            .path
            .starts_with(one.path())
    );
    rig.lines
        .reload::<Idle>(
            vec![unnamed(&one, None), unnamed(&two, Some("two"))],
            Vec::new(),
        )
        .await;
    assert_eq!(rig.names(), ["line0", "two/line0"]);
}

#[tokio::test]
async fn a_port_found_twice_is_one_line() {
    let (folder, _modems) = folder(&["line0"]);
    let path = folder.path().join("line0");
    let mut rig = Rig::new(vec![
        entry(&path, Some("left"), 9600),
        entry(&folder.path().join("*"), None, 9600),
    ]);
    rig.lines.scan::<Idle>().await;
    assert_eq!(rig.names(), ["left"]);
}

#[tokio::test]
async fn a_reload_touches_only_what_changed() {
    let (folder, _modems) = folder(&["line0", "line1"]);
    let path = |name: &str| folder.path().join(name);
    let mut rig = Rig::new(vec![entry(&path("line*"), None, 9600)]);
    rig.lines.scan::<Idle>().await;
    let kept = rig.board.status("line0").unwrap().line;
    let changed = rig.board.status("line1").unwrap().line;
    let new = vec![
        entry(&path("line0"), None, 9600),
        entry(&path("line1"), None, 115_200),
    ];
    rig.lines.reload::<Idle>(new, Vec::new()).await;
    rig.gone().await;
    while rig
        .board
        .status("line1")
        .is_none_or(|status| status.line == changed)
    {
        tokio::task::yield_now().await;
        rig.lines.scan::<Idle>().await;
    }
    assert_eq!(rig.board.status("line0").unwrap().line, kept);
    rig.lines
        .reload::<Idle>(vec![entry(&path("line0"), None, 9600)], Vec::new())
        .await;
    rig.gone().await;
    while rig.names() != ["line0"] {
        tokio::task::yield_now().await;
        rig.lines.scan::<Idle>().await;
    }
}

#[tokio::test]
async fn a_line_is_told_to_be_on_the_first_hub_that_covers_it() {
    let (folder, _modems) = folder(&["a0", "a1", "b0"]);
    let at = |name: &str| folder.path().join(name).display().to_string();
    let hub = |name: &str, lines: &[&str]| HubConfig {
        name: name.into(),
        lines: lines.iter().map(|line| at(line).into()).collect(),
        command: vec!["/bin/true".to_owned()],
        timeout: Duration::from_secs(1),
    };
    let mut rig = Rig::new(vec![entry(&folder.path().join("*"), None, 9600)]);
    rig.lines.hubs = vec![hub("all", &["a*"]), hub("one", &["a1"])];
    rig.lines.scan::<Idle>().await;
    let hubs = |rig: &Rig| {
        let lines = rig.board.all();
        let hubs = lines.into_iter().map(|(_, status)| status.hub);
        hubs.map(|hub| hub.unwrap_or_default()).collect::<Vec<_>>()
    };
    assert_eq!(hubs(&rig), ["all".into(), "all".into(), "".into()]);
    let entries = rig.lines.entries.clone();
    rig.lines
        .reload::<Idle>(entries, vec![hub("b", &["b0"])])
        .await;
    assert_eq!(hubs(&rig), ["".into(), "".into(), "b".into()]);
    let mut placed = Vec::new();
    while let Ok(event) = rig.events.try_recv() {
        if let FromLine::Placed { line, hub } = event {
            placed.push((line.0, hub.unwrap_or_default()));
        }
    }
    let expected = [(0, "all"), (1, "all"), (0, ""), (1, ""), (2, "b")];
    assert_eq!(placed, expected.map(|(line, hub)| (line, Box::from(hub))));
    rig.stop.cancel();
    rig.lines.join().await;
}
