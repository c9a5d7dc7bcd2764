//! What went over the wire, made fit to be looked at: control characters visible, private things masked.
//!
//! Masked are numbers (of subscribers, IMSI, ICCID, IMEI: all but their first digits), PDUs, and every text that is not
//! known to be the modem's own. When in doubt it is masked. PINs never pass, masked or not. What is kept, and for whom, is
//! the shell's business.

use std::borrow::Cow;

use crate::result::Final;

/// Which way bytes went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// To the modem.
    ToModem,
    /// From the modem.
    FromModem,
}

/// Masks what went over one wire. It remembers the last command: answers to some of them are words of the modem.
#[derive(Debug, Default)]
pub struct Masker {
    /// The last command was one that asks the modem about itself.
    asks_identity: bool,
}

impl Masker {
    /// A line of the wire, masked, with its control characters visible.
    pub fn mask(&mut self, direction: Direction, bytes: &[u8]) -> String {
        let text = String::from_utf8_lossy(bytes);
        let content = text.trim_matches(|c: char| c.is_control() || c == ' ');
        let masked = match direction {
            Direction::ToModem => self.written(content),
            Direction::FromModem => self.heard(content),
        };
        // Nothing to trim away is nothing at all: then there is no content either.
        let begin = text.find(content).unwrap_or(0);
        let head = visible(text[..begin].as_bytes());
        let tail = visible(text[begin + content.len()..].as_bytes());
        format!("{head}{}{tail}", visible(masked.as_bytes()))
    }

    fn written(&mut self, content: &str) -> String {
        let Some(command) = strip_at(content) else {
            return mask_free(content);
        };
        self.asks_identity = IDENTITY
            .iter()
            .any(|name| command.eq_ignore_ascii_case(name));
        mask_fields(content, hides_quoted(command))
    }

    fn heard(&self, content: &str) -> String {
        let is_word = WORDS.contains(&content) || Final::parse(content.as_bytes()).is_some();
        if is_word {
            // A vendor's words after the name of an error may be longer than a code.
            return mask_fields(content, true);
        }
        if let Some(command) = strip_at(content) {
            return mask_fields(content, hides_quoted(command));
        }
        let is_named = content.starts_with(NAMES_BEGIN)
            && content
                .split_once(':')
                .is_some_and(|(name, _)| is_name(name));
        if is_named {
            return mask_fields(content, hides_quoted(content));
        }
        if self.asks_identity && !content.is_empty() {
            return mask_fields(content, false);
        }
        mask_free(content)
    }
}

/// Bytes with their control characters visible, unmasked: `\r`, `\n`, `^Z`, `^[`, `\x07`.
pub fn visible(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() + 4);
    for c in String::from_utf8_lossy(bytes).chars() {
        match c {
            '\r' => out.push_str("\\r"),
            '\n' => out.push_str("\\n"),
            '\u{1A}' => out.push_str("^Z"),
            '\u{1B}' => out.push_str("^["),
            c if c.is_control() => out.push_str(&format!("\\x{:02X}", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}

/// The bytes with every PIN in them starred out, as long as it was; also in the echo of the command.
pub fn without_pins(bytes: &[u8]) -> Cow<'_, [u8]> {
    // Most lines, and all PDUs, end here.
    if !bytes.contains(&b'=') {
        return Cow::Borrowed(bytes);
    }
    let upper = bytes.to_ascii_uppercase();
    let at = PIN_COMMANDS.iter().find_map(|name| {
        let at = upper
            .windows(name.len())
            .position(|piece| piece == name.as_bytes())?;
        Some(at + name.len())
    });
    let Some(at) = at else {
        return Cow::Borrowed(bytes);
    };
    let mut starred = bytes.to_vec();
    for byte in &mut starred[at..] {
        if byte.is_ascii_digit() {
            *byte = b'*';
        }
    }
    Cow::Owned(starred)
}

fn strip_at(content: &str) -> Option<&str> {
    let (at, command) = content.split_at_checked(2)?;
    at.eq_ignore_ascii_case("AT").then_some(command)
}

fn is_name(name: &str) -> bool {
    let is_letter = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == ' ';
    let name = &name[1..];
    name.len() <= NAME_BYTES_MAX
        && name.starts_with(|c: char| c.is_ascii_uppercase())
        && name.chars().all(is_letter)
}

/// Whether what stands in quotes may be a text, a name or a code.
fn hides_quoted(content: &str) -> bool {
    let name = content.split([':', '=', '?']).next().unwrap_or_default();
    !QUOTES_SHOWN
        .iter()
        .any(|shown| name.eq_ignore_ascii_case(shown))
}

/// A line whose form is not known: a PDU, a number, or somebody's words.
fn mask_free(content: &str) -> String {
    let is_hex = content.bytes().all(|byte| byte.is_ascii_hexdigit());
    if content.is_empty() || is_hex && content.len() < NUMBER_DIGITS_MIN {
        return content.to_owned();
    }
    if is_hex && is_number(content) {
        return mask_run(content);
    }
    if is_hex {
        return format!("‹{} hex digits›", content.len());
    }
    format!("‹{} characters›", content.chars().count())
}

/// Fields of a known form: long runs of digits are masked, and what stands in quotes if it may be a text.
fn mask_fields(content: &str, hide_quoted: bool) -> String {
    let mut out = String::with_capacity(content.len());
    for (index, piece) in content.split('"').enumerate() {
        if index > 0 {
            out.push('"');
        }
        let is_quoted = index % 2 == 1;
        if is_quoted && hide_quoted && !piece.is_empty() {
            out.push_str(&format!("‹{} characters›", piece.chars().count()));
        } else {
            mask_runs(piece, &mut out);
        }
    }
    out
}

fn mask_runs(piece: &str, out: &mut String) {
    let mut rest = piece;
    while !rest.is_empty() {
        let run = rest
            .find(|c: char| !c.is_ascii_hexdigit())
            .unwrap_or(rest.len());
        if run == 0 {
            let next = rest
                .find(|c: char| c.is_ascii_hexdigit())
                .unwrap_or(rest.len());
            out.push_str(&rest[..next]);
            rest = &rest[next..];
        } else {
            out.push_str(&mask_run(&rest[..run]));
            rest = &rest[run..];
        }
    }
}

/// A run of hexadecimal digits: short ones say nothing of anybody, numbers keep their beginning, PDUs their length.
fn mask_run(run: &str) -> String {
    let digits = run.bytes().filter(u8::is_ascii_digit).count();
    if run.len() > NUMBER_DIGITS_MAX || !is_number(run) && run.len() >= PDU_DIGITS_MIN {
        return format!("‹{} hex digits›", run.len());
    }
    if digits < NUMBER_DIGITS_MIN {
        return run.to_owned();
    }
    let shown = SHOWN_DIGITS_MAX.min(run.len() / 2);
    format!("{}{}", &run[..shown], "*".repeat(run.len() - shown))
}

/// Digits alone, but for the filler of an ICCID.
fn is_number(run: &str) -> bool {
    let digits = run.trim_end_matches('F');
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// A subscriber's number has seven digits or more; LAC, cell and operator codes fewer, or letters among them.
const NUMBER_DIGITS_MIN: usize = 7;
/// An ICCID has 20 digits; what is longer is a PDU or a text in hexadecimal.
const NUMBER_DIGITS_MAX: usize = 22;
/// A cell's identity has eight hexadecimal digits, ten at most in 5G.
const PDU_DIGITS_MIN: usize = 12;
/// Country and network of a number, an IMSI or an ICCID.
const SHOWN_DIGITS_MAX: usize = 5;
/// Longer names are none.
const NAME_BYTES_MAX: usize = 20;

/// What names of answers begin with.
const NAMES_BEGIN: [char; 8] = ['+', '^', '#', '*', '%', '$', '!', '_'];

/// Commands and answers whose quotes hold settings and codes of the modem, and nothing of a person.
const QUOTES_SHOWN: &[&str] = &[
    "+CPMS",
    "+CMTI",
    "+CDSI",
    "+COPS",
    "+CREG",
    "+CGREG",
    "+CEREG",
    "+C5GREG",
    "+CSCS",
    "+CLCK",
    "+CSQ",
    "+QENG",
    "+QNWINFO",
    "+CPOL",
    "+CGDCONT",
    "+QCFG",
    "+QIND",
    "+CIND",
    "^SCFG",
    "^SYSINFO",
    "^SYSINFOEX",
    "+CPINR",
    "+QSIMSTAT",
    "+CSCA",
    "+CCLK",
    "+CTZE",
    "*PSUTTZ",
    "+CMER",
];

/// Commands that ask the modem about itself; it answers with lines of its own form.
const IDENTITY: &[&str] = &[
    "", "I", "+CGMI", "+CGMM", "+CGMR", "+GMI", "+GMM", "+GMR", "&V", "+CGSN", "+GSN", "+CIMI",
    "+CCID", "+ICCID", "+CEER",
];

/// Lines of words alone.
const WORDS: &[&str] = &[
    ">",
    "RING",
    "NO CARRIER",
    "NO ANSWER",
    "NO DIALTONE",
    "BUSY",
    "CONNECT",
    "RDY",
    "Call Ready",
    "SMS Ready",
    "SMS DONE",
    "PB DONE",
    "POWERED DOWN",
    "NORMAL POWER DOWN",
    "^SYSSTART",
];

/// What a PIN follows.
const PIN_COMMANDS: &[&str] = &["CPIN=", "CPIN2=", "CPWD=", "CLCK=", "CPUC=", "PINPUK="];

#[cfg(test)]
mod tests;
