//! Cuts the byte stream of a port into lines and prompts, in bounded memory and whatever the chunks are.
//!
//! ```text
//!            CR, LF          other byte                too long
//!  empty ──────────► empty ─────────────► in a line ─────────────► overlong
//!    │ '>' ─► Prompt                         │ CR, LF ─► Line         │ CR, LF ─► empty
//! ```
//!
//! A prompt is a `>` at the start of a line, with or without the space (3GPP TS 27.005 §4.3 has `CR LF > SP`; SIM7670G
//! omits the space). What a line means is not decided here.

use crate::timing::LINE_BYTES_MAX;
use crate::ussd;

/// What a byte completed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    /// A line; it waits in [`Framer::take_line`].
    Line,
    /// The prompt.
    Prompt,
}

/// The bytes of the line that has begun.
#[derive(Debug, Default)]
pub(crate) struct Framer {
    line: Vec<u8>,
    overlong: bool,
    garbage_bytes: usize,
    /// The line is text: every byte of it counts.
    raw: bool,
}

impl Framer {
    /// Takes one byte of the port.
    pub(crate) fn push(&mut self, byte: u8) -> Option<Token> {
        match byte {
            b'\r' | b'\n' if self.overlong => {
                self.overlong = false;
                None
            }
            b'\r' | b'\n' => (!self.line.is_empty()).then_some(Token::Line),
            _ if self.overlong => {
                self.garbage_bytes += 1;
                None
            }
            b' ' if self.line.is_empty() => None,
            b'>' if self.line.is_empty() && !self.raw => Some(Token::Prompt),
            b' '..=b'~' => {
                self.keep(byte);
                None
            }
            // The network's words may be in any alphabet.
            _ if self.raw || self.line.starts_with(ussd::NAME) => {
                self.keep(byte);
                None
            }
            // Power-up noise, and the echoes of Ctrl-Z and ESC.
            0x00 | 0x1A | 0x1B => None,
            _ => {
                self.garbage_bytes += 1;
                None
            }
        }
    }

    /// The finished line: printable ASCII, not empty; only `+CUSD` and what follows it may hold other bytes. Give the vector back with [`Framer::give_back`].
    pub(crate) fn take_line(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.line)
    }

    /// Returns the vector of a line, so that lines cost no allocation.
    pub(crate) fn give_back(&mut self, mut line: Vec<u8>) {
        line.clear();
        self.line = line;
    }

    /// Whether what comes is text that has begun in the line before: no byte is dropped, and `>` is no prompt.
    pub(crate) fn keep_raw(&mut self, raw: bool) {
        self.raw = raw;
    }

    /// Bytes dropped since the last call.
    pub(crate) fn take_garbage(&mut self) -> usize {
        std::mem::take(&mut self.garbage_bytes)
    }

    /// Forgets the line that has begun: the port is new.
    pub(crate) fn reset(&mut self) {
        self.line.clear();
        self.overlong = false;
        self.raw = false;
    }

    /// Bytes of the line that has begun.
    #[cfg(test)]
    pub(crate) fn kept_bytes(&self) -> usize {
        self.line.len()
    }

    fn keep(&mut self, byte: u8) {
        if self.line.len() < LINE_BYTES_MAX {
            self.line.push(byte);
            return;
        }
        self.garbage_bytes += self.line.len() + 1;
        self.line.clear();
        self.overlong = true;
    }
}

#[cfg(test)]
mod tests;
