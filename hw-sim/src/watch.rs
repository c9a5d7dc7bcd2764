//! The live view: a fleet's state, twice a second, in a terminal; or once, as plain text.
//!
//! The state comes from a fleet in this process or from the control socket of another; nothing is changed by looking.

mod screen;

use std::io::{IsTerminal, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::crossterm::event::{self, Event, KeyCode, KeyEventKind, KeyModifiers};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use crate::state::FleetState;
use screen::Screen;

/// The fleet behind a control socket as one page of text.
pub(crate) fn once(control: &Path) -> anyhow::Result<String> {
    let mut screen = Screen::default();
    screen.take(fetch(control)?);
    let (columns, rows) = ratatui::crossterm::terminal::size().unwrap_or(PAGE);
    let page = TestBackend::new(columns.max(PAGE.0), rows.max(PAGE.1));
    let mut terminal = Terminal::new(page)?;
    terminal.draw(|frame| screen.draw(frame, ""))?;
    let buffer = terminal.backend().buffer();
    let lines = buffer
        .content()
        .chunks(usize::from(buffer.area.width))
        .map(|cells| cells.iter().map(|cell| cell.symbol()).collect::<String>());
    let lines: Vec<String> = lines.map(|line| line.trim_end().to_owned()).collect();
    Ok(lines.join("\n").trim_end().to_owned())
}

/// Draws what `look` says until it says nothing more or a key ends it.
pub(crate) fn show(
    hint: &str,
    mut look: impl FnMut() -> anyhow::Result<Option<FleetState>>,
) -> anyhow::Result<()> {
    if !std::io::stdout().is_terminal() || !std::io::stdin().is_terminal() {
        bail!("the view needs a terminal; `hw-sim watch --once` prints one page of text instead");
    }
    let mut screen = Screen::default();
    // The first look may fail for good: then the terminal stays as it is.
    let mut next = look()?;
    let mut terminal = ratatui::try_init()?;
    let done = (|| {
        while let Some(state) = next {
            screen.take(state);
            let until = Instant::now() + EVERY;
            loop {
                terminal.draw(|frame| screen.draw(frame, hint))?;
                let left = until.saturating_duration_since(Instant::now());
                match wait(left)? {
                    Woken::Time => break,
                    Woken::Redraw => {}
                    Woken::End => return Ok(()),
                }
            }
            next = look()?;
        }
        Ok(())
    })();
    ratatui::restore();
    done
}

/// What ends a wait.
enum Woken {
    Time,
    Redraw,
    End,
}

fn wait(left: Duration) -> std::io::Result<Woken> {
    // Not left to the library, which never returns once the terminal is gone.
    let stdin = std::io::stdin();
    let mut terminal = [PollFd::new(&stdin, PollFlags::IN)];
    let timeout = Timespec::try_from(left).unwrap_or_default();
    match poll(&mut terminal, Some(&timeout)) {
        Ok(0) => return Ok(Woken::Time),
        Ok(_) => {}
        // The size of the terminal changed, perhaps.
        Err(Errno::INTR) => return Ok(Woken::Redraw),
        Err(errno) => return Err(errno.into()),
    }
    let gone = PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL;
    if terminal[0].revents().intersects(gone) {
        return Ok(Woken::End);
    }
    if !event::poll(Duration::ZERO)? {
        return Ok(Woken::Redraw);
    }
    let Event::Key(key) = event::read()? else {
        return Ok(Woken::Redraw);
    };
    let is_interrupt =
        key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL);
    let ends = is_interrupt || matches!(key.code, KeyCode::Char('q') | KeyCode::Esc);
    Ok(if ends && key.kind == KeyEventKind::Press {
        Woken::End
    } else {
        Woken::Redraw
    })
}

/// Asks the control socket. HTTP/1.0: the answer ends with the connection.
pub(crate) fn fetch(control: &Path) -> anyhow::Result<FleetState> {
    let refused = || {
        let path = control.display();
        format!("{path}: no simulator answers here; start one with `hw-sim run --control {path}`")
    };
    let mut socket = UnixStream::connect(control).with_context(refused)?;
    socket.set_read_timeout(Some(ANSWER_TIMEOUT))?;
    socket.write_all(b"GET /v1/state HTTP/1.0\r\nHost: sim\r\n\r\n")?;
    let mut answer = String::new();
    socket.read_to_string(&mut answer).with_context(refused)?;
    let (head, body) = answer.split_once("\r\n\r\n").with_context(refused)?;
    if !head.starts_with("HTTP/1.0 200") && !head.starts_with("HTTP/1.1 200") {
        bail!("{}: {body}", control.display());
    }
    serde_json::from_str(body).with_context(|| {
        let path = control.display();
        format!("{path}: not the state of a simulator of this version")
    })
}

/// Between two looks: quick enough to see a fault strike, and far below what a fleet notices.
const EVERY: Duration = Duration::from_millis(500);
/// A simulator answers within a round of its loop.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);
/// Columns and rows of a page where there is no terminal.
const PAGE: (u16, u16) = (80, 24);
