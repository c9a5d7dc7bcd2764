//! Final result codes: the lines that end a command (ITU-T V.250 §5.7, 3GPP TS 27.005 §3.2.5, TS 27.007 §9.2).
//!
//! `NO CARRIER`, `BUSY`, `NO ANSWER` and `CONNECT` are not among them: no command of ours makes a call, and Novatel and
//! ZTE modems say `NO CARRIER` by themselves. What a code means for a message is not decided here.

use crate::fields;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Final {
    /// `OK`.
    Ok,
    /// `ERROR`, or a vendor's word for it.
    Error,
    /// `+CMS ERROR: n`.
    Cms(u16),
    /// `+CME ERROR: n`.
    Cme(u16),
}

impl Final {
    /// Reads a whole line; `None` if it is not a final result.
    pub(crate) fn parse(line: &[u8]) -> Option<Final> {
        let line = line.trim_ascii();
        match line {
            b"OK" => return Some(Final::Ok),
            b"ERROR" | b"NA" | b"COMMAND NOT SUPPORT" | b"TOO MANY PARAMETERS" => {
                return Some(Final::Error);
            }
            _ => {}
        }
        if let Some(code) = code(line, "+CMS ERROR:") {
            return Some(Final::Cms(code_of(code, CMS_TEXTS).unwrap_or(CMS_UNKNOWN)));
        }
        if let Some(code) = code(line, "+CME ERROR:") {
            return Some(Final::Cme(code_of(code, CME_TEXTS).unwrap_or(CME_UNKNOWN)));
        }
        let vendor = line.starts_with(b"+EXT ERROR:") || line.starts_with(b"MODEM ERROR:");
        vendor.then_some(Final::Error)
    }

    /// Reads a result in the short form (ITU-T V.250 §6.2.5, `ATV0`).
    pub(crate) fn parse_digit(line: &[u8]) -> Option<Final> {
        match line.trim_ascii() {
            b"0" => Some(Final::Ok),
            b"4" => Some(Final::Error),
            _ => None,
        }
    }

    /// Whether this says that the SIM is still starting (3GPP TS 27.007 §9.2.1: SIM busy; Q55).
    pub(crate) fn is_sim_busy(self) -> bool {
        matches!(self, Final::Cme(14) | Final::Cms(314))
    }
}

/// Splits a line that begins with a final result glued to the next line (Huawei: `ERROR+CNUM: …`).
pub(crate) fn split_glued(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let head = [b"OK".as_slice(), b"ERROR"]
        .into_iter()
        .find(|head| line.starts_with(head))?;
    let tail = &line[head.len()..];
    matches!(tail.first(), Some(b'+' | b'^')).then_some((head, tail))
}

/// What follows the name of an error; without it the line is only the beginning of one, cut off by another line.
fn code<'a>(line: &'a [u8], name: &str) -> Option<&'a str> {
    fields::rest(line, name).filter(|code| !code.is_empty())
}

/// A code as decimal, as `0x` and hexadecimal, or as words.
fn code_of(text: &str, table: &[(&str, u16)]) -> Option<u16> {
    if let Some(digits) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        return u16::from_str_radix(digits, 16).ok();
    }
    if let Some(number) = fields::number(text) {
        return u16::try_from(number).ok();
    }
    // Firmware differs in case, spaces, hyphens and brackets.
    let letters = |text: &str| {
        text.bytes()
            .filter(u8::is_ascii_alphanumeric)
            .map(|byte| byte.to_ascii_lowercase())
            .collect::<Vec<u8>>()
    };
    let wanted = letters(text);
    table
        .iter()
        .find(|(words, _)| letters(words) == wanted)
        .map(|&(_, code)| code)
}

/// "Unknown error" of `+CMS` (3GPP TS 27.005 §3.2.5).
const CMS_UNKNOWN: u16 = 500;

/// "Unknown" of `+CME` (3GPP TS 27.007 §9.2.1).
const CME_UNKNOWN: u16 = 100;

/// Words for `+CMS` codes, as in 3GPP TS 24.011 annex E and TS 27.005 §3.2.5.
const CMS_TEXTS: &[(&str, u16)] = &[
    ("unassigned number", 1),
    ("unassigned (unallocated) number", 1),
    ("operator determined barring", 8),
    ("call barred", 10),
    ("network failure", 17),
    ("short message transfer rejected", 21),
    ("congestion", 42),
    ("memory capacity exceeded", 22),
    ("destination out of service", 27),
    ("destination out of order", 27),
    ("unidentified subscriber", 28),
    ("facility rejected", 29),
    ("unknown subscriber", 30),
    ("network out of order", 38),
    ("temporary failure", 41),
    ("resources unavailable", 47),
    ("resources unavailable, unspecified", 47),
    ("requested facility not subscribed", 50),
    ("requested facility not implemented", 69),
    ("invalid short message transfer reference value", 81),
    ("invalid transaction identifier", 81),
    ("semantically incorrect message", 95),
    ("invalid message, unspecified", 95),
    ("invalid mandatory information", 96),
    ("message type non-existent or not implemented", 97),
    (
        "message not compatible with short message protocol state",
        98,
    ),
    ("message not compatible with protocol state", 98),
    ("information element non-existent or not implemented", 99),
    ("protocol error, unspecified", 111),
    ("interworking, unspecified", 127),
    ("ME failure", 300),
    ("phone failure", 300),
    ("SMS service of ME reserved", 301),
    ("operation not allowed", 302),
    ("operation not supported", 303),
    ("invalid PDU mode parameter", 304),
    ("invalid text mode parameter", 305),
    ("SIM not inserted", 310),
    ("(U)SIM not inserted", 310),
    ("SIM PIN required", 311),
    ("(U)SIM PIN required", 311),
    ("PH-SIM PIN required", 312),
    ("SIM failure", 313),
    ("(U)SIM failure", 313),
    ("SIM busy", 314),
    ("(U)SIM busy", 314),
    ("SIM wrong", 315),
    ("(U)SIM wrong", 315),
    ("SIM PUK required", 316),
    ("(U)SIM PUK required", 316),
    ("SIM PIN2 required", 317),
    ("SIM PUK2 required", 318),
    ("memory failure", 320),
    ("invalid memory index", 321),
    ("memory full", 322),
    ("SMSC address unknown", 330),
    ("SCA unknown", 330),
    ("no network service", 331),
    ("no network", 331),
    ("network timeout", 332),
    ("no +CNMA acknowledgement expected", 340),
    ("unknown error", 500),
];

/// Words for `+CME` codes, as in 3GPP TS 27.007 §9.2.1.
const CME_TEXTS: &[(&str, u16)] = &[
    ("phone failure", 0),
    ("no connection to phone", 1),
    ("phone-adaptor link reserved", 2),
    ("operation not allowed", 3),
    ("operation not supported", 4),
    ("PH-SIM PIN required", 5),
    ("SIM not inserted", 10),
    ("SIM PIN required", 11),
    ("SIM PUK required", 12),
    ("SIM failure", 13),
    ("SIM busy", 14),
    ("SIM wrong", 15),
    ("incorrect password", 16),
    ("SIM PIN2 required", 17),
    ("SIM PUK2 required", 18),
    ("memory full", 20),
    ("invalid index", 21),
    ("not found", 22),
    ("memory failure", 23),
    ("no network service", 30),
    ("network timeout", 31),
    ("network not allowed - emergency calls only", 32),
    ("emergency call only", 32),
    ("incorrect parameters", 50),
    ("unknown", 100),
    ("unknown error", 100),
    ("SIM blocked", 262),
];

#[cfg(test)]
mod tests;
