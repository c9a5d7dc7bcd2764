//! Puts a `+CUSD` together: its string may have line breaks in it, or come in pieces, and may never end.
//!
//! Only lines that mean nothing else are taken for its rest, and only for a second, so that a broken one costs nothing.

use std::time::Instant;

use super::coding;
use crate::fields;
use crate::timing::{LINE_BYTES_MAX, USSD_PIECES};

/// The `+CUSD` that is coming in.
#[derive(Debug, Default)]
pub(crate) struct Gatherer {
    waiting: Option<Waiting>,
}

#[derive(Debug)]
struct Waiting {
    raw: Vec<u8>,
    until: Instant,
}

/// What a whole `+CUSD` says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Heard {
    /// `<m>`.
    pub(crate) mode: u8,
    /// The string, decoded; `None` if there is none.
    pub(crate) text: Option<Box<str>>,
}

impl Gatherer {
    /// Whether the rest of a string is to come.
    pub(crate) fn is_open(&self) -> bool {
        self.waiting.is_some()
    }

    /// When the rest counts as lost.
    pub(crate) fn deadline(&self) -> Option<(Instant, &'static str)> {
        let waiting = self.waiting.as_ref()?;
        Some((waiting.until, "the rest of a USSD answer"))
    }

    /// Takes a line that begins with `+CUSD:`. What it says, once it is whole.
    pub(crate) fn begin(&mut self, now: Instant, line: &[u8]) -> Option<Heard> {
        self.waiting = Some(Waiting {
            raw: line.to_vec(),
            until: now + USSD_PIECES,
        });
        self.if_whole()
    }

    /// Takes a line that may be its rest.
    pub(crate) fn more(&mut self, line: &[u8]) -> Option<Heard> {
        let waiting = self.waiting.as_mut()?;
        waiting.raw.push(b'\n');
        waiting.raw.extend_from_slice(line);
        if waiting.raw.len() > LINE_BYTES_MAX {
            return self.finish();
        }
        self.if_whole()
    }

    /// The rest did not come in time: what is there counts.
    pub(crate) fn expire(&mut self, now: Instant) -> Option<Heard> {
        let waiting = self.waiting.as_ref()?;
        if waiting.until > now {
            return None;
        }
        self.finish()
    }

    /// Forgets what has begun.
    pub(crate) fn reset(&mut self) {
        self.waiting = None;
    }

    fn if_whole(&mut self) -> Option<Heard> {
        let waiting = self.waiting.as_ref()?;
        let is_whole = match string_of(&waiting.raw) {
            None => true,
            Some((_, end)) => end.is_some(),
        };
        if is_whole { self.finish() } else { None }
    }

    fn finish(&mut self) -> Option<Heard> {
        let raw = self.waiting.take()?.raw;
        let head = raw.get(NAME.len()..).unwrap_or_default().trim_ascii_start();
        let mode = head.first().filter(|byte| byte.is_ascii_digit())? - b'0';
        let text = string_of(&raw).map(|(string, end)| {
            let dcs = end.and_then(|end| {
                let digits = end.trim_start_matches([',', ' ']).trim_end();
                u8::try_from(fields::number(digits)?).ok()
            });
            coding::decode(string, dcs).into_boxed_str()
        });
        Some(Heard { mode, text })
    }
}

/// The string between its quotes, and what follows them; nothing follows while it is not whole. Quotes within the string
/// are told from the last one by what follows: nothing, or a comma and digits.
fn string_of(raw: &[u8]) -> Option<(&[u8], Option<&str>)> {
    let begin = raw.iter().position(|&byte| byte == b'"')? + 1;
    let string = &raw[begin..];
    let end = string.iter().rposition(|&byte| byte == b'"');
    let whole = end.and_then(|end| {
        let tail = std::str::from_utf8(&string[end + 1..]).ok()?;
        let is_end = tail
            .bytes()
            .all(|byte| byte.is_ascii_digit() || matches!(byte, b',' | b' '));
        is_end.then_some((&string[..end], Some(tail)))
    });
    Some(whole.unwrap_or((string, None)))
}

/// What such a line begins with.
pub(crate) const NAME: &[u8] = b"+CUSD:";
