//! The command that is on its way: writing it, telling its echo, keeping its answer, and its time-out.
//!
//! One command at a time (3GPP TS 27.005 has no overlapping). What an answer means, and the dialogue of a send, are not
//! decided here.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::command::Command;
use crate::framer::Framer;
use crate::pin::Pin;
use crate::result::Final;
use crate::timing::{IDENTITY_BYTES_MAX, LOST_OK};
use crate::{Effect, LineEnd, WireManners, fields};

/// A command, the shape of its answer and how long it may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Query<'a> {
    /// What is written.
    pub(crate) command: Command<'a>,
    /// The answer is a line that begins with one of these.
    pub(crate) names: &'static [&'static str],
    /// The answer may be a line without a name.
    pub(crate) bare: bool,
    /// How long the final result may take.
    pub(crate) limit: Duration,
}

/// How a query ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reply {
    /// The final result; `None` if it did not come in time.
    pub(crate) result: Option<Final>,
    /// The answer without its name and quotes, empty if there was none.
    pub(crate) text: String,
}

/// The command side of a port.
#[derive(Debug, Default)]
pub(crate) struct Wire {
    /// Cuts the bytes of the port.
    pub(crate) framer: Framer,
    /// What was written last, without its terminator: its echo is known by it.
    written: Vec<u8>,
    /// The piece of a line that an unsolicited result cut off.
    fragment: Vec<u8>,
    pending: Option<Pending>,
    /// How this modem wants to be written to.
    pub(crate) manners: WireManners,
    /// When the modem takes the next command.
    free_at: Option<Instant>,
    /// What is written later, and when.
    held: VecDeque<(Instant, Vec<u8>)>,
}

#[derive(Debug)]
struct Pending {
    names: &'static [&'static str],
    bare: bool,
    text: Option<String>,
    until: Instant,
}

impl<'a> Query<'a> {
    /// A command whose only answer is its final result.
    pub(crate) const fn plain(command: Command<'a>, limit: Duration) -> Query<'a> {
        Query {
            command,
            names: &[],
            bare: false,
            limit,
        }
    }

    /// A command that answers with a line of this name.
    pub(crate) const fn named(
        command: Command<'a>,
        names: &'static [&'static str],
        limit: Duration,
    ) -> Query<'a> {
        Query {
            command,
            names,
            bare: false,
            limit,
        }
    }

    /// A command that answers with a line of one of these names, or of none.
    pub(crate) const fn bare(
        command: Command<'a>,
        names: &'static [&'static str],
        limit: Duration,
    ) -> Query<'a> {
        Query {
            command,
            names,
            bare: true,
            limit,
        }
    }
}

impl Reply {
    /// Whether the command was accepted.
    pub(crate) fn is_ok(&self) -> bool {
        self.result == Some(Final::Ok)
    }
}

impl Wire {
    /// Forgets everything: the port is new.
    pub(crate) fn reset(&mut self) {
        self.framer.reset();
        self.written.clear();
        self.fragment.clear();
        self.pending = None;
        self.free_at = None;
        self.held.clear();
    }

    /// Writes a command and waits for its final result.
    pub(crate) fn ask(&mut self, now: Instant, query: &Query<'_>, out: &mut Vec<Effect>) {
        debug_assert!(self.pending.is_none(), "one command at a time");
        self.command(now, query.command, out);
        self.pending = Some(Pending {
            names: query.names,
            bare: query.bare,
            text: None,
            until: now + query.limit,
        });
    }

    /// Gives the SIM its PIN and waits for the final result.
    pub(crate) fn ask_pin(
        &mut self,
        now: Instant,
        pin: &Pin,
        limit: Duration,
        out: &mut Vec<Effect>,
    ) {
        debug_assert!(self.pending.is_none(), "one command at a time");
        self.written.clear();
        for piece in ["AT+CPIN=\"", pin.digits(), "\""] {
            self.written.extend_from_slice(piece.as_bytes());
        }
        self.end_line(now, out);
        self.pending = Some(Pending {
            names: &[],
            bare: false,
            text: None,
            until: now + limit,
        });
    }

    /// Writes a command whose dialogue the caller follows.
    pub(crate) fn command(&mut self, now: Instant, command: Command<'_>, out: &mut Vec<Effect>) {
        command.write(&mut self.written);
        self.end_line(now, out);
    }

    /// Writes the line that `written` holds.
    fn end_line(&mut self, now: Instant, out: &mut Vec<Effect>) {
        let end: &[u8] = match self.manners.line_end {
            LineEnd::Cr => b"\r",
            LineEnd::CrLf => b"\r\n",
        };
        let at = self.free_at.map_or(now, |free_at| free_at.max(now));
        self.write_at(now, at, [&self.written, end].concat(), out);
    }

    /// Writes a PDU in hexadecimal and Ctrl-Z, at once unless the modem wants pieces: no byte may follow them.
    pub(crate) fn pdu(&mut self, now: Instant, octets: &[u8], out: &mut Vec<Effect>) {
        self.written.clear();
        self.written
            .extend_from_slice(sms::hex::encode_upper(octets).as_bytes());
        let bytes = [&self.written[..], &[CTRL_Z]].concat();
        let mut at = now + self.manners.prompt_gap_ms.millis();
        let piece = match self.manners.pdu_chunk_bytes.get() {
            0 => bytes.len(),
            piece => piece.into(),
        };
        for piece in bytes.chunks(piece) {
            self.write_at(now, at, piece.to_vec(), out);
            at += self.manners.pdu_chunk_gap_ms.millis();
        }
    }

    /// Writes ESC, which leaves the edit mode without sending. Ctrl-Z would send a fragment.
    pub(crate) fn escape(&mut self, out: &mut Vec<Effect>) {
        out.push(Effect::Write(vec![ESC]));
    }

    /// Writes ESC and CR: leaves the edit mode and ends a half-written command.
    pub(crate) fn escape_line(&mut self, out: &mut Vec<Effect>) {
        self.written.clear();
        out.push(Effect::Write(vec![ESC, b'\r']));
    }

    /// When to write what is held, or when the pending command gives up.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        let held = self.held.front().map(|(at, _)| *at);
        let pending = self.pending.as_ref().map(|pending| pending.until);
        [held, pending].into_iter().flatten().min()
    }

    /// Writes what was held until now. True if that was the last of it.
    pub(crate) fn write_held(&mut self, now: Instant, out: &mut Vec<Effect>) -> bool {
        let was_held = !self.held.is_empty();
        while let Some((_, bytes)) = self.held.pop_front_if(|(at, _)| *at <= now) {
            out.push(Effect::Write(bytes));
        }
        was_held && self.held.is_empty()
    }

    /// Whether something is written later.
    pub(crate) fn is_holding(&self) -> bool {
        !self.held.is_empty()
    }

    /// Drops what was not written yet; whether there was something.
    pub(crate) fn drop_held(&mut self) -> bool {
        let dropped = !self.held.is_empty();
        self.held.clear();
        dropped
    }

    /// An answer is complete: the next command waits for the modem.
    pub(crate) fn note_answer(&mut self, now: Instant) {
        self.free_at = Some(now + self.manners.gap_ms.millis());
    }

    /// Whether a command waits for its final result.
    pub(crate) fn is_asking(&self) -> bool {
        self.pending.is_some()
    }

    /// Drops the pending command: its phase is over.
    pub(crate) fn abandon(&mut self) {
        self.pending = None;
        self.held.clear();
    }

    /// Takes a line that is the pending command's answer by its name.
    pub(crate) fn take_named(&mut self, now: Instant, line: &[u8]) -> bool {
        let Some(pending) = &mut self.pending else {
            return false;
        };
        let Some(text) = pending
            .names
            .iter()
            .find_map(|name| fields::rest(line, name))
        else {
            return false;
        };
        pending.keep(now, text);
        true
    }

    /// Takes a line without a name, if the pending command wants one.
    pub(crate) fn take_bare(&mut self, now: Instant, line: &[u8]) -> bool {
        let Some(pending) = &mut self.pending else {
            return false;
        };
        let Some(text) = fields::rest(line, "").filter(|_| pending.bare) else {
            return false;
        };
        pending.keep(now, text);
        true
    }

    /// Ends the pending command with a final result; `None` if no command waits.
    pub(crate) fn finish(&mut self, result: Final) -> Option<Reply> {
        let text = self.pending.take()?.text.unwrap_or_default();
        Some(Reply {
            result: Some(result),
            text,
        })
    }

    /// Ends the pending command if its time is over: an answer without `OK` counts as accepted.
    pub(crate) fn expire(&mut self, now: Instant) -> Option<Reply> {
        let pending = self.pending.take_if(|pending| pending.until <= now)?;
        let result = pending.text.as_ref().map(|_| Final::Ok);
        Some(Reply {
            result,
            text: pending.text.unwrap_or_default(),
        })
    }

    /// A line of digits after the answer may be its other half, which an unsolicited result cut off: an ICCID without its
    /// last digits is another SIM's, so the answer counts as none.
    pub(crate) fn note_rest(&mut self, line: &[u8]) {
        let is_digits = line
            .iter()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'F' | b'f' | b'"'));
        if let Some(Pending {
            text: Some(text), ..
        }) = &mut self.pending
            && is_digits
        {
            text.clear();
        }
    }

    /// Whether a line is the echo of what was written, or a piece of it that an unsolicited result left over.
    pub(crate) fn is_echo(&self, line: &[u8]) -> bool {
        let line = line.trim_ascii_end();
        line.len() <= self.written.len()
            && self
                .written
                .windows(line.len().max(1))
                .any(|piece| piece == line)
    }

    /// Remembers a line that made no sense by itself.
    pub(crate) fn keep_fragment(&mut self, line: &[u8]) {
        self.fragment.clear();
        self.fragment.extend_from_slice(line);
    }

    /// Forgets the fragment: what follows begins anew.
    pub(crate) fn drop_fragment(&mut self) {
        self.fragment.clear();
    }

    /// The fragment and what may be its other half, if `is_whole` knows the two as one line. A space may be lost
    /// between them, since a line's leading spaces are.
    pub(crate) fn joined(&self, line: &[u8], is_whole: fn(&[u8]) -> bool) -> Option<Vec<u8>> {
        if self.fragment.is_empty() {
            return None;
        }
        let candidates = [b"".as_slice(), b" "].map(|gap| [&self.fragment, gap, line].concat());
        candidates.into_iter().find(|candidate| is_whole(candidate))
    }

    fn write_at(&mut self, now: Instant, at: Instant, bytes: Vec<u8>, out: &mut Vec<Effect>) {
        if at <= now && self.held.is_empty() {
            out.push(Effect::Write(bytes));
        } else {
            self.held.push_back((at, bytes));
        }
    }
}

impl Pending {
    fn keep(&mut self, now: Instant, text: &str) {
        if self.text.is_some() {
            return;
        }
        // Cut at a character: lines are ASCII.
        self.text = Some(text.chars().take(IDENTITY_BYTES_MAX).collect());
        self.until = self.until.min(now + LOST_OK);
    }
}

const CTRL_Z: u8 = 0x1A;
const ESC: u8 = 0x1B;
