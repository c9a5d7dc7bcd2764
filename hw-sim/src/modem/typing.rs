//! Bytes from the host on their way to a command line or an entry: echo, line ends, `A/`, what is lost.
//!
//! It cuts bytes into lines only; what a line means is decided elsewhere.

use std::time::{Duration, Instant};

use super::answer::Final;
use super::command::{self, Commands};
use super::timers::Timer;
use super::{Effects, Phase, SimModem};
use crate::profile::Quirk;

impl SimModem {
    pub(super) fn host(&mut self, now: Instant, mut bytes: &[u8], out: &mut Effects) {
        if self.has(Quirk::AutosuspendReset) && self.phase != Phase::Booting {
            self.timers.set(Timer::Idle, Some(now + IDLE_MAX));
        }
        while !bytes.is_empty() {
            let used = match self.phase {
                Phase::Command => self.command_bytes(now, bytes, out),
                Phase::Editing => self.entry_bytes(now, bytes, out),
                Phase::Prompting | Phase::OnAir { .. } | Phase::Booting | Phase::Mute => return,
            };
            bytes = &bytes[used..];
        }
    }

    /// Takes bytes up to and including the end of a command line; returns how many.
    fn command_bytes(&mut self, now: Instant, bytes: &[u8], out: &mut Effects) -> usize {
        let line_end = if self.has(Quirk::CrlfNeeded) {
            b'\n'
        } else {
            b'\r'
        };
        let end = bytes.iter().position(|byte| *byte == line_end);
        if let Some(slash) = self.repeat_at(&bytes[..end.unwrap_or(bytes.len())]) {
            self.echo(&bytes[..=slash], out);
            self.typed.clear();
            let line = self.last_line.clone();
            self.command_line(now, &line, out);
            return slash + 1;
        }
        let used = end.map_or(bytes.len(), |end| end + 1);
        self.echo(&bytes[..used], out);
        let room = (LINE_OCTETS_MAX + 1).saturating_sub(self.typed.len());
        let content = &bytes[..end.unwrap_or(used)];
        self.typed
            .extend_from_slice(&content[..content.len().min(room)]);
        if end.is_some() {
            let typed = std::mem::take(&mut self.typed);
            if self.has(Quirk::DoubleEcho) && self.at.echo {
                out.host.extend_from_slice(&typed);
                out.host.push(line_end);
            }
            if !self.sleeps_through(now) && !self.is_garbled(out) {
                self.remember(&typed);
                self.command_line(now, &typed, out);
            }
            if self.typed.capacity() == 0 {
                self.typed = typed;
                self.typed.clear();
            }
        }
        used
    }

    fn echo(&self, bytes: &[u8], out: &mut Effects) {
        if self.at.echo || self.has(Quirk::PromptEchoGlued) {
            out.host.extend_from_slice(bytes);
        }
    }

    /// Where `A/` is complete, which needs no line end (ITU-T V.250 §5.2.4).
    fn repeat_at(&self, bytes: &[u8]) -> Option<usize> {
        let slash = bytes.iter().position(|byte| *byte == b'/')?;
        let mut line = self
            .typed
            .iter()
            .chain(&bytes[..slash])
            .filter(|byte| !matches!(byte, 0 | b'\r' | b'\n' | 0x1b));
        let first = line.next()?;
        (first.eq_ignore_ascii_case(&b'A') && line.next().is_none()).then_some(slash)
    }

    fn remember(&mut self, typed: &[u8]) {
        if typed.len() <= LINE_OCTETS_MAX {
            self.last_line.clear();
            self.last_line.extend_from_slice(typed);
        }
    }

    /// A modem that sleeps takes the first line after a pause for its alarm clock.
    fn sleeps_through(&mut self, now: Instant) -> bool {
        let slept = self
            .oddity
            .spoken_to
            .is_none_or(|at| now.saturating_duration_since(at) >= SLEEP_AFTER);
        self.oddity.spoken_to = Some(now);
        slept && self.shows(Quirk::WakeAt)
    }

    /// Until a modem has found the speed, what it hears and says is garbage.
    fn is_garbled(&mut self, out: &mut Effects) -> bool {
        if self.oddity.garbled_lines == 0 {
            return false;
        }
        self.oddity.garbled_lines -= 1;
        out.host
            .extend((0..GARBLED_OCTETS).map(|_| 0x80 | self.rng.bits().to_be_bytes()[0]));
        true
    }

    fn command_line(&mut self, now: Instant, typed: &[u8], out: &mut Effects) {
        if typed.len() > LINE_OCTETS_MAX {
            return self.finish(Final::Error, out);
        }
        let line = command::clean(typed);
        let Some(body) = command::after_prefix(&line) else {
            return;
        };
        self.oddity.double_cr = self.shows(Quirk::DoubleCr);
        if self.shows(Quirk::UrcFirstLine) {
            let place = format!("+CREG: {}", self.radio.stat);
            self.unsolicited(&place, out);
        }
        for command in Commands::new(body) {
            match self.execute(now, &command, out) {
                Final::Ok => {}
                Final::Later => return,
                failed @ (Final::Error
                | Final::NoCarrier
                | Final::Cme(_)
                | Final::Cms(_)
                | Final::Said) => return self.finish(failed, out),
            }
        }
        self.finish(Final::Ok, out);
    }
}

/// Octets of a command line; common modules take 400 to 560.
const LINE_OCTETS_MAX: usize = 560;
/// Without a byte for so long a sleepy model sleeps.
const SLEEP_AFTER: Duration = Duration::from_secs(5);
/// Without a byte for so long a suspended model restarts.
const IDLE_MAX: Duration = Duration::from_secs(300);
/// Octets of garbage in place of an answer at the wrong speed.
const GARBLED_OCTETS: usize = 6;
