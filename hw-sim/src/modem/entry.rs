//! Entering a PDU or text after the prompt: `+CMGS`, `+CMGW` and `+CNMA` up to Ctrl-Z or ESC (3GPP TS 27.005 §3.5, §4).
//!
//! What was entered is handed to the command that asked for it; nothing is sent or stored here.

use std::time::{Duration, Instant};

use super::answer::Final;
use super::timers::Timer;
use super::{Effects, Phase, SimModem};
use crate::air::Uplink;
use crate::memory::MessageState;
use crate::profile::Quirk;

/// What is being entered.
#[derive(Debug, Default)]
pub(super) struct Entry {
    pub(super) purpose: Purpose,
    pub(super) content: Content,
    /// ESCs so far, for a model that wants two.
    escapes: u8,
    /// This prompt ignores Ctrl-Z.
    is_stuck: bool,
    /// A message arrived meanwhile.
    pub(super) collided: bool,
}

/// Which command wants it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Purpose {
    #[default]
    Send,
    Write(MessageState),
    Acknowledge {
        is_error: bool,
    },
}

/// What it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Content {
    /// `length` octets of TPDU were announced.
    Pdu { length: usize },
    /// Text; to nobody yet with `+CMGW` alone.
    Text { to: Option<sms::Address> },
}

impl Default for Content {
    fn default() -> Content {
        Content::Pdu { length: 0 }
    }
}

impl SimModem {
    /// A command wants an entry: the prompt comes now or a little later.
    pub(super) fn ask(
        &mut self,
        now: Instant,
        purpose: Purpose,
        content: Content,
        out: &mut Effects,
    ) {
        self.typed.clear();
        self.entry = Entry {
            purpose,
            content,
            is_stuck: self.shows(Quirk::StuckPrompt),
            ..Entry::default()
        };
        self.phase = Phase::Prompting;
        let mut delay = self.profile.prompt;
        if self.rng.chance(self.faults.prompt.rate) {
            delay += self.rng.between(&self.faults.prompt.delay);
        }
        if self.shows(Quirk::PromptLate) {
            delay += self.rng.between(&LATE_PROMPT);
        }
        if self.shows(Quirk::UrcBeforePrompt) {
            self.unsolicited("+CMTI: \"SM\",1", out);
            delay += DISTURBED_PROMPT;
        }
        if delay.is_zero() {
            self.prompt(out);
        } else {
            self.timers.set(Timer::Prompt, Some(now + delay));
        }
    }

    pub(super) fn prompt(&mut self, out: &mut Effects) {
        if self.phase != Phase::Prompting {
            return;
        }
        self.phase = Phase::Editing;
        self.prompt_bytes(out);
        if self.shows(Quirk::OkWithPrompt) {
            out.host.extend_from_slice(b"\r\nOK\r\n");
            self.oddity.answered_early = true;
        }
    }

    fn prompt_bytes(&mut self, out: &mut Effects) {
        let prompt: &[u8] = if self.shows(Quirk::PromptNospace) {
            b"\r\n>\r\n"
        } else {
            b"\r\n> "
        };
        out.host.extend_from_slice(prompt);
    }

    /// Takes bytes up to and including Ctrl-Z or ESC; returns how many.
    pub(super) fn entry_bytes(&mut self, now: Instant, bytes: &[u8], out: &mut Effects) -> usize {
        let all = bytes.len();
        let bytes = if all > CHUNK_OCTETS && self.shows(Quirk::ChunkedPdu) {
            &bytes[..CHUNK_OCTETS]
        } else {
            bytes
        };
        let is_text = matches!(self.entry.content, Content::Text { .. });
        let ends = |byte: &u8| match *byte {
            CTRL_Z => !self.entry.is_stuck,
            ESC => true,
            b'\r' => is_text || self.has(Quirk::Stuck515),
            _ => false,
        };
        let end = bytes.iter().position(ends);
        let content = &bytes[..end.unwrap_or(bytes.len())];
        if self.at.echo || self.has(Quirk::PduEcho) {
            out.host.extend_from_slice(content);
        }
        let room = (ENTRY_OCTETS_MAX + 1).saturating_sub(self.typed.len());
        self.typed
            .extend_from_slice(&content[..content.len().min(room)]);
        let Some(end) = end else { return all };
        match bytes[end] {
            ESC => self.escape(now, out),
            CTRL_Z => self.entered(now, out),
            _ if is_text => {
                self.typed.push(b'\n');
                self.prompt_bytes(out);
            }
            _ => self.get_stuck(out),
        }
        if bytes.len() < all { all } else { end + 1 }
    }

    /// A line end where a PDU belongs confuses some firmware for good.
    fn get_stuck(&mut self, out: &mut Effects) {
        self.oddity.stuck = true;
        self.typed.clear();
        self.leave_entry(Final::Cms(515), out);
    }

    fn escape(&mut self, now: Instant, out: &mut Effects) {
        self.entry.escapes += 1;
        if self.entry.is_stuck && self.entry.escapes < 2 {
            return;
        }
        self.typed.clear();
        self.oddity.answered_early = false;
        if self.shows(Quirk::EscOkLate) {
            self.phase = Phase::Command;
            self.timers.set(Timer::Escape, Some(now + LATE_OK));
            return self.release_held(out);
        }
        self.leave_entry(Final::Ok, out);
    }

    fn entered(&mut self, now: Instant, out: &mut Effects) {
        if self.has(Quirk::PduEcho) {
            out.host.push(CTRL_Z);
        }
        match self.entry.purpose {
            Purpose::Send => self.entered_to_send(now, out),
            Purpose::Write(state) => self.entered_to_store(state, out),
            Purpose::Acknowledge { is_error } => {
                self.typed.clear();
                let answer = if is_error {
                    Uplink::Returned
                } else {
                    Uplink::Taken
                };
                let result = self.acknowledged(answer, out);
                self.leave_entry(result, out);
            }
        }
    }

    pub(super) fn leave_entry(&mut self, result: Final, out: &mut Effects) {
        self.phase = Phase::Command;
        self.finish(result, out);
        self.release_held(out);
    }
}

const CTRL_Z: u8 = 0x1a;
const ESC: u8 = 0x1b;
/// Octets that may be entered: the hex digits of the longest TPDU behind the longest SMSC address.
const ENTRY_OCTETS_MAX: usize = 2 * (164 + 12);
/// What a slow model takes of a PDU at once.
const CHUNK_OCTETS: usize = 18;
/// The prompt of a model that is slow now and then.
const LATE_PROMPT: std::ops::RangeInclusive<Duration> =
    Duration::from_secs(3)..=Duration::from_secs(9);
/// The prompt after an unsolicited line came in between.
const DISTURBED_PROMPT: Duration = Duration::from_millis(1_200);
/// The late `OK` to ESC.
const LATE_OK: Duration = Duration::from_millis(1_500);
