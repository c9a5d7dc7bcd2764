//! Unsolicited results: what a line means that nobody asked for (3GPP TS 27.007, TS 27.005 and vendors' manuals).
//!
//! Also used for answers that look like an unsolicited result (`+CREG:`, `+CSQ:`): both say the same. What follows from
//! one is decided in `line`.

use crate::fields;
use crate::inbound::Header;
use crate::registration;
use crate::{Domain, Memory};

/// One unsolicited result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Urc {
    /// `+CREG:`, `+CEREG:` with their `<stat>`.
    Registration(Domain, u8),
    /// `+CSQ:` in 0 to 31, or unknown.
    Signal(Option<u8>),
    /// `+CESQ:` on the scale of `+CSQ`, or unknown.
    ExtendedSignal(Option<u8>),
    /// The SIM is there: inserted, or unlocked.
    SimReady,
    /// The SIM is gone or locked.
    SimLost,
    /// The modem starts or stops by itself.
    Reboot,
    /// A message or report lies in a store.
    Stored(Memory, Option<u16>),
    /// A store is full.
    StoreFull,
    /// A PDU follows on the next line.
    Pdu(Header),
    /// A voice call comes in.
    Ring,
    /// Known, and of no interest.
    Other,
}

impl Urc {
    /// Whether it heads a record of the store: it is never sent by itself.
    pub(crate) fn is_record(self) -> bool {
        matches!(self, Urc::Pdu(header) if !header.is_routed())
    }
}

/// Reads a line; `None` if it is none that is known.
pub(crate) fn classify(line: &[u8]) -> Option<Urc> {
    let line = line.trim_ascii();
    if let Some(header) = Header::parse(line) {
        return Some(Urc::Pdu(header));
    }
    by_name(line).or_else(|| is_noise(line).then_some(Urc::Other))
}

fn by_name(line: &[u8]) -> Option<Urc> {
    let (name, _) = line.split_at(
        line.iter()
            .position(|&byte| byte == b':')
            .unwrap_or(line.len()),
    );
    let rest =
        || fields::rest(line.get(name.len() + 1..).unwrap_or_default(), "").unwrap_or_default();
    let urc = match name {
        b"+CREG" => registered(Domain::Circuit, line, "+CREG:"),
        b"+CGREG" => registered(Domain::Packet, line, "+CGREG:"),
        b"+CEREG" => registered(Domain::Eps, line, "+CEREG:"),
        b"+C5GREG" => registered(Domain::FiveG, line, "+C5GREG:"),
        b"+CSQ" => Urc::Signal(signal(line)),
        b"+CESQ" => Urc::ExtendedSignal(extended_signal(line)),
        b"+CMTI" => stored(line, "+CMTI:"),
        b"+CDSI" => stored(line, "+CDSI:"),
        b"^SMMEMFULL" => Urc::StoreFull,
        b"+CPIN" => sim_if(is_usable(rest())),
        b"+SIM READY" => Urc::SimReady,
        b"+SIM DROP" => Urc::SimLost,
        b"+QSIMSTAT" => sim_if(rest().ends_with('1')),
        // The type of a card that was put in or started.
        b"+QUSIM" => Urc::SimReady,
        b"^SIMST" => sim_if(!matches!(first(rest()), "0" | "255")),
        b"#QSS" => sim_if(rest() != "0"),
        b"^SCKS" => sim_if(first(rest()) != "0"),
        b"+UUSIMSTAT" => sim_if(rest() != "0"),
        b"RING" | b"+CRING" => Urc::Ring,
        b"+WIND" => wavecom(rest()),
        b"+CFUN" => reboot_if(rest() == "1"),
        b"RDY" | b"^SHUTDOWN" | b"POWERED DOWN" | b"NORMAL POWER DOWN" => Urc::Reboot,
        b"UNDER-VOLTAGE POWER DOWN" | b"OVER-VOLTAGE POWER DOWN" => Urc::Reboot,
        b"*ATREADY" | b"+AT" => Urc::Reboot,
        _ if name.starts_with(b"^SYSSTART") => Urc::Reboot,
        _ => return None,
    };
    Some(urc)
}

/// Whether a `+CPIN:` code lets short messages be used: PIN2 and PUK2 guard other things.
pub(crate) fn is_usable(code: &str) -> bool {
    matches!(code, "READY" | "SIM PIN2" | "SIM PUK2")
}

/// A line with a letter of the vendors in front and a name, or one of the words without.
fn is_noise(line: &[u8]) -> bool {
    let introduced = matches!(
        line.first(),
        Some(b'+' | b'^' | b'*' | b'#' | b'%' | b'_' | b'$' | b'!')
    );
    // The beginning of an answer that another line cut off is no URC: its other half is still to come.
    let half = [b"+CMGS".as_slice(), b"+CMS ", b"+CME "]
        .iter()
        .any(|name| line.starts_with(name));
    let named = introduced && line.contains(&b':') && !half;
    named || WORDS.contains(&line) || line.starts_with(b"CONNECT")
}

fn registered(domain: Domain, line: &[u8], name: &str) -> Urc {
    registration::stat(line, name).map_or(Urc::Other, |stat| Urc::Registration(domain, stat))
}

fn signal(line: &[u8]) -> Option<u8> {
    let [rssi, ..] = fields::fields(line, "+CSQ:")?;
    let rssi = u8::try_from(fields::number(rssi)?).ok()?;
    (rssi <= SIGNAL_MAX).then_some(rssi)
}

/// `+CESQ: rxlev,ber,rscp,ecno,rsrq,rsrp` (3GPP TS 27.007 §8.69): one of three is known, by the technology. RSRP counts
/// one subcarrier: what is weak for it, -115 dBm, is weak as -95 dBm for the whole carrier.
fn extended_signal(line: &[u8]) -> Option<u8> {
    let rest = fields::rest(line, "+CESQ:")?;
    let values: Vec<Option<u32>> = rest
        .split(',')
        .map(|field| fields::number(field.trim()))
        .collect();
    let dbm = |at: usize, known: u32, least: i32| {
        let value = values.get(at).copied().flatten()?;
        (value <= known).then(|| least + i32::try_from(value).unwrap_or(0))
    };
    let dbm = dbm(0, 63, -111)
        .or_else(|| dbm(2, 96, -121))
        .or_else(|| dbm(5, 97, -141 + 20))?;
    u8::try_from((dbm + 113).clamp(0, 62) / 2).ok()
}

fn stored(line: &[u8], name: &str) -> Urc {
    let Some([memory, index, ..]) = fields::fields(line, name) else {
        return Urc::Other;
    };
    let index = fields::number(index).and_then(|index| u16::try_from(index).ok());
    Memory::parse(fields::unquoted(memory))
        .map_or(Urc::StoreFull, |memory| Urc::Stored(memory, index))
}

fn wavecom(rest: &str) -> Urc {
    match rest {
        "0" => Urc::SimLost,
        "1" => Urc::SimReady,
        "3" | "4" => Urc::Reboot,
        _ => Urc::Other,
    }
}

fn sim_if(ready: bool) -> Urc {
    if ready { Urc::SimReady } else { Urc::SimLost }
}

/// The first of the fields.
fn first(rest: &str) -> &str {
    rest.split(',').next().unwrap_or_default().trim()
}

fn reboot_if(reboot: bool) -> Urc {
    if reboot { Urc::Reboot } else { Urc::Other }
}

impl Memory {
    /// Reads the name without quotes.
    pub(crate) fn parse(name: &str) -> Option<Memory> {
        Some(match name {
            "SM" => Memory::Sim,
            "ME" => Memory::Phone,
            "MT" => Memory::Both,
            "SR" => Memory::Reports,
            _ => return None,
        })
    }

    /// The parameters of `+CPMS` that select it for reading, writing and receiving.
    pub(crate) fn three_parameters(self) -> &'static str {
        match self {
            Memory::Sim => "\"SM\",\"SM\",\"SM\"",
            Memory::Phone => "\"ME\",\"ME\",\"ME\"",
            Memory::Both => "\"MT\",\"MT\",\"MT\"",
            Memory::Reports => "\"SR\",\"SR\",\"SR\"",
        }
    }

    /// The parameter of `+CPMS` that selects it for reading and deleting.
    pub(crate) fn parameter(self) -> &'static str {
        match self {
            Memory::Sim => "\"SM\"",
            Memory::Phone => "\"ME\"",
            Memory::Both => "\"MT\"",
            Memory::Reports => "\"SR\"",
        }
    }
}

/// Highest `<rssi>`; 99 and vendors' values above are unknown (3GPP TS 27.007 §8.5).
const SIGNAL_MAX: u8 = 31;

/// Lines of words alone. `NO CARRIER` comes by itself from Novatel and ZTE modems, and when a call ends.
const WORDS: &[&[u8]] = &[
    b"NO CARRIER",
    b"NO ANSWER",
    b"NO DIALTONE",
    b"NO DIAL TONE",
    b"BUSY",
    b"Call Ready",
    b"SMS Ready",
    b"SMS DONE",
    b"PB DONE",
    b"CHARGE-ONLY MODE",
    b"UNDER-VOLTAGE WARNNING",
    b"OVER-VOLTAGE WARNNING",
];

#[cfg(test)]
mod tests;
