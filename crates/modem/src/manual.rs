//! An operator's own command on a line: which may be typed, how long each may take, and what it answered.
//!
//! What would send, change an IMEI, touch a PIN, leave the command state or open a prompt is refused before a byte is
//! written. What comes back is kept as it is. Who may type, and when, is decided by the shell and in `line`.

use std::fmt;
use std::time::Duration;

use crate::command::Command;
use crate::timing::{MANUAL, MANUAL_LINES_MAX, MANUAL_NETWORK};
use crate::wire::Query;

/// One command without its `AT`, checked.
#[derive(Clone, PartialEq, Eq)]
pub struct ManualCommand(Box<str>);

/// What became of an operator's command.
#[derive(Clone, PartialEq, Eq)]
pub struct ManualAnswer {
    /// All that the modem said until the end, without empty lines; the final result is the last.
    pub lines: Vec<String>,
    /// How it ended.
    pub end: ManualEnd,
}

/// How an operator's command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ManualEnd {
    /// `OK`.
    Ok,
    /// Another final result; it is the last line.
    Refused,
    /// No final result came in time.
    NoAnswer,
    /// It opened a prompt, which was left with ESC.
    Prompt,
    /// The line was lost, reset or rebooted.
    LineLost,
    /// The line was not free for it: nothing was written.
    Busy,
}

/// A command that runs.
#[derive(Debug)]
pub(crate) struct Manual {
    command: ManualCommand,
    lines: Vec<String>,
}

impl ManualCommand {
    /// Checks a command as it was typed, with its `AT`.
    ///
    /// # Errors
    /// Why it is not run, for people.
    pub fn parse(text: &str) -> Result<ManualCommand, &'static str> {
        let text = text.trim();
        let is_plain = text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
        if !is_plain || text.len() > TYPED_BYTES_MAX {
            return Err("write one command of printable ASCII, at most 256 characters");
        }
        let typed = match text.split_at_checked(2) {
            Some((at, rest)) if at.eq_ignore_ascii_case("AT") => rest.trim_start(),
            Some(_) | None => return Err("a command begins with AT, as in AT+CSQ"),
        };
        let command = ManualCommand(typed.into());
        if typed.starts_with(EXTENDED) {
            if has_more(typed) {
                return Err("one command at a time: leave out what follows the `;`");
            }
            check_extended(&command)?;
        } else if !is_known_basic(typed) {
            return Err(
                "of the commands without a + only AT, ATI, ATE0, ATE1, ATV1, ATZ, AT&F and AT&V may be typed: others \
                 dial, answer or leave the command state",
            );
        }
        Ok(command)
    }

    /// The command with its `AT`.
    pub fn as_typed(&self) -> String {
        format!("AT{}", self.0)
    }

    /// How long its final result may take.
    pub fn limit(&self) -> Duration {
        if NETWORK.contains(&self.name().as_str()) {
            MANUAL_NETWORK
        } else {
            MANUAL
        }
    }

    /// Whether it may have changed something that the line relies on: all do but reads and a few known ones.
    pub(crate) fn may_change(&self) -> bool {
        let reads = self.0.ends_with('?');
        !(reads || HARMLESS.contains(&self.0.to_ascii_uppercase().as_str()))
    }

    /// As it goes on the wire.
    pub(crate) fn query(&self) -> Query<'_> {
        Query::plain(Command::Execute(&self.0), self.limit())
    }

    /// The name of an extended command: all before `=` or `?`.
    fn name(&self) -> String {
        let end = self.0.find(['=', '?']).unwrap_or(self.0.len());
        self.0[..end].trim().to_ascii_uppercase()
    }

    /// Whether it sets something: `=` that is not `=?`.
    fn sets(&self) -> bool {
        self.0.contains('=') && !self.0.ends_with("=?")
    }
}

impl ManualEnd {
    /// The word used in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            ManualEnd::Ok => "ok",
            ManualEnd::Refused => "refused",
            ManualEnd::NoAnswer => "no_answer",
            ManualEnd::Prompt => "prompt",
            ManualEnd::LineLost => "line_lost",
            ManualEnd::Busy => "busy",
        }
    }
}

impl Manual {
    pub(crate) fn new(command: ManualCommand) -> Manual {
        Manual {
            command,
            lines: Vec::new(),
        }
    }

    /// Keeps a line of the answer, as far as there is room.
    pub(crate) fn keep(&mut self, line: &[u8]) {
        if self.lines.len() < MANUAL_LINES_MAX {
            self.lines.push(String::from_utf8_lossy(line).into_owned());
        }
    }

    /// Whether a line answers the command by its name, whatever it would mean by itself.
    pub(crate) fn is_answer(&self, line: &[u8]) -> bool {
        let name = self.command.name();
        !name.is_empty()
            && line.get(name.len()) == Some(&b':')
            && line[..name.len()].eq_ignore_ascii_case(name.as_bytes())
    }

    /// Keeps the final result, which always has room.
    pub(crate) fn keep_last(&mut self, line: &[u8]) {
        self.lines.truncate(MANUAL_LINES_MAX - 1);
        self.keep(line);
    }

    pub(crate) fn may_change(&self) -> bool {
        self.command.may_change()
    }

    pub(crate) fn end(self, end: ManualEnd) -> ManualAnswer {
        ManualAnswer {
            lines: self.lines,
            end,
        }
    }
}

/// Whether another command follows in the same line (ITU-T V.250 §5.3.1).
fn has_more(typed: &str) -> bool {
    let mut quoted = false;
    typed.bytes().any(|byte| {
        quoted ^= byte == b'"';
        byte == b';' && !quoted
    })
}

fn is_known_basic(typed: &str) -> bool {
    let typed = typed.to_ascii_uppercase();
    let is_identity = typed
        .strip_prefix('I')
        .is_some_and(|rest| rest.len() <= 1 && rest.bytes().all(|byte| byte.is_ascii_digit()));
    is_identity || BASIC.contains(&typed.as_str())
}

fn check_extended(command: &ManualCommand) -> Result<(), &'static str> {
    let name = command.name();
    if name.contains("IMEI") && command.0.contains('=') || command.sets() && IMEI.contains(&&*name)
    {
        return Err(IMEI_REASON);
    }
    if command.0.to_ascii_uppercase().starts_with("+EGMR=1") {
        return Err(IMEI_REASON);
    }
    let asks = command.0.ends_with('?');
    let refused = REFUSED
        .iter()
        .find(|(names, _)| !asks && names.contains(&&*name));
    if let Some((_, reason)) = refused {
        return Err(reason);
    }
    // A lock may be asked for (mode 2), not set.
    let locks = name == "+CLCK" && command.sets() && !command.0.contains(",2");
    if locks || command.sets() && PINS.contains(&&*name) {
        return Err(
            "touches PINs or locks: a wrong one can lock the SIM for good; use pin_file, or a phone",
        );
    }
    Ok(())
}

impl fmt::Debug for ManualCommand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ManualCommand({})", self.name())
    }
}

impl fmt::Debug for ManualAnswer {
    /// An answer may hold texts and numbers: only its size is shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "ManualAnswer({} lines, {:?})",
            self.lines.len(),
            self.end
        )
    }
}

/// It must fit the command buffer.
const TYPED_BYTES_MAX: usize = 256;

/// What extended commands begin with.
const EXTENDED: [char; 9] = ['+', '^', '#', '*', '%', '$', '!', '_', '@'];

const BASIC: &[&str] = &["", "E0", "E1", "V1", "Z", "Z0", "&F", "&F0", "&V"];

/// What asks without a question mark.
const HARMLESS: &[&str] = &[
    "",
    "I",
    "&V",
    "+CSQ",
    "+CESQ",
    "+CGMI",
    "+CGMM",
    "+CGMR",
    "+GMI",
    "+GMM",
    "+GMR",
    "+CGSN",
    "+GSN",
    "+CIMI",
    "+CCID",
    "+ICCID",
    "^ICCID?",
    "+QCCID",
    "+CNUM",
    "+CPAS",
    "+CBC",
    "+CLCC",
    "+CEER",
    "+CPINR",
    "+QPINC",
    "+QENG=\"SERVINGCELL\"",
    "+CPSI?",
    "+QNWINFO",
    "^SYSINFO",
    "^SYSINFOEX",
    "#RFSTS",
    "#MONI",
    "+COPN",
];

/// What waits for the network.
const NETWORK: &[&str] = &[
    "+COPS", "+CGATT", "+CFUN", "+QCOPS", "+CLIR", "+CCFC", "+CCWA",
];

const IMEI_REASON: &str = "an IMEI is never changed";

/// What writes an IMEI, or whole memory, by vendor: MediaTek, SIMCom, Huawei, Quectel, Telit, Wavecom, Sierra.
const IMEI: &[&str] = &[
    "+CGSN",
    "+GSN",
    "+SIMEI",
    "+CIMEI",
    "^PHYNUM",
    "^NVWR",
    "^NVWREX",
    "+QNVW",
    "+QNVFW",
    "#NVM",
    "+WIMEI",
    "+QMEID",
    "!NVWRITE",
    "^CIMEI",
    "+NVWR",
    "^DATALOCK",
    "!ENTERCND",
    "+QFCT",
];

const PINS: &[&str] = &[
    "+CPIN", "+CPIN2", "^CPIN", "+CPWD", "^CPWD", "+QPIN", "#CPUC", "+SPIN", "+EPIN",
];

/// What is not run from here, and what to do instead.
const REFUSED: &[(&[&str], &str)] = &[
    (
        &[
            "+CMGS", "+CMSS", "+CMGC", "+CMGW", "+CMGCOMM", "^HCMGS", "+QCMGS", "+CMGSEX", "#CMGS",
        ],
        "sends, or opens a prompt: messages go through `simfleet send`, where they are counted and followed",
    ),
    (
        &["+CNMA"],
        "acknowledges reports: the line does that itself, and a second one confuses the modem",
    ),
    (
        &["+CUSD"],
        "talks to the network: use `simfleet ussd SIM \"*100#\"`",
    ),
    (
        &[
            "+CGDATA",
            "+CMUX",
            "+CIPSTART",
            "+CIPSEND",
            "+QIOPEN",
            "+QISEND",
            "+QISENDEX",
            "+QHTTPURL",
            "+QHTTPPOST",
            "+HTTPDATA",
            "+CIPMODE",
            "+QFUPL",
            "+FSWRITE",
            "#SD",
            "#SSEND",
            "+USOCO",
            "+USOWR",
            "+UDWNFILE",
            "+QSSLSEND",
            "+QMTPUB",
            "^SISO",
            "^SISW",
            "+CCHSEND",
            "+CFTPPUT",
            "+CFTRANRX",
            "+WOPEN",
            "+FTM",
            "$QCRMCALL",
        ],
        "leaves the command state or waits for data: the line could not be used any more",
    ),
    (
        &["+IPR", "+ICF", "+IFC", "+CBST", "&W", "+CSAS"],
        "changes how the port itself works, or stores settings for good: set `baud` of the [[lines]] instead",
    ),
    (
        &["+CPOF", "+QPOWD", "^SMSO", "#SHDN", "+CPWROFF", "+MSO"],
        "turns the modem off, and only its power brings it back",
    ),
];

#[cfg(test)]
mod tests;
