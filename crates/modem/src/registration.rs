//! Registration in the network: reading its many spellings, and whether it lets short messages through
//! (3GPP TS 27.007 §7.2 `+CREG`, §10.1.20 `+CGREG`, §10.1.22 `+CEREG`, §10.1.47 `+C5GREG`).
//!
//! Does not decide when a loss ends a session: `line` has the debounce.

use crate::fields::{self, Fields};
use crate::{Domain, LteAlone};

/// The last known `<stat>` of each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Registration {
    circuit: Option<u8>,
    packet: Option<u8>,
    eps: Option<u8>,
    five_g: Option<u8>,
}

impl Registration {
    /// Takes a new `<stat>`; `None` if the modem does not know the command.
    pub(crate) fn set(&mut self, domain: Domain, stat: Option<u8>) {
        match domain {
            Domain::Circuit => self.circuit = stat,
            Domain::Packet => self.packet = stat,
            Domain::Eps => self.eps = stat,
            Domain::FiveG => self.five_g = stat,
        }
    }

    /// Which of them lets the SIM send, and so is worth a poll.
    pub(crate) fn domain(self) -> Domain {
        if self.circuit.is_some_and(takes_sms) {
            Domain::Circuit
        } else if self.eps.is_some_and(takes_sms) {
            Domain::Eps
        } else if self.five_g.is_some_and(takes_sms) {
            Domain::FiveG
        } else {
            Domain::Circuit
        }
    }

    /// Whether the SIM is in the network of another operator; `None` if it is in none.
    pub(crate) fn is_roaming(self) -> Option<bool> {
        let stat = [self.circuit, self.eps, self.five_g, self.packet]
            .into_iter()
            .flatten()
            .find(|&stat| takes_sms(stat))?;
        Some(matches!(stat, 5 | 7 | 10))
    }

    /// Whether messages can be sent, or why not, for people.
    pub(crate) fn check(self, lte_alone: LteAlone) -> Result<(), &'static str> {
        let alone = [self.eps, self.five_g].into_iter().flatten().any(takes_sms);
        match self.circuit {
            Some(stat) if takes_sms(stat) => Ok(()),
            // Some modems report only +CEREG while in LTE.
            None if alone => Ok(()),
            Some(_) if alone && lte_alone == LteAlone::Send => Ok(()),
            Some(_) if alone => Err(LTE_ALONE),
            Some(0) => Err("not registered and not searching"),
            Some(2) => Err("searching for a network"),
            Some(3) => Err("the network denies registration"),
            Some(8) => Err("emergency calls only"),
            Some(11) => Err("restricted service: no short messages"),
            Some(_) => Err("out of coverage"),
            None => Err("the modem does not tell its registration"),
        }
    }
}

impl Domain {
    /// The command that speaks of it.
    pub(crate) fn command(self) -> &'static str {
        match self {
            Domain::Circuit => "+CREG",
            Domain::Packet => "+CGREG",
            Domain::Eps => "+CEREG",
            Domain::FiveG => "+C5GREG",
        }
    }
}

/// The `<stat>` of a `+CREG:` line or one of its kind, read or unsolicited.
///
/// The two forms differ by a leading `<n>` that only the read form has; some firmware sends that form unsolicited. In the
/// unsolicited form the second field is a location area, which is quoted, empty or four hexadecimal digits.
pub(crate) fn stat(line: &[u8], name: &str) -> Option<u8> {
    let [first, second, ..]: Fields<'_> = fields::fields(line, name)?;
    let read_form = (1..=3).contains(&second.len()) && !second.contains('"');
    let stat = fields::number(if read_form { second } else { first })?;
    u8::try_from(stat).ok()
}

/// Why a SIM that is registered does not send.
pub(crate) const LTE_ALONE: &str =
    "registered in LTE only: short messages need SMS over IMS, which is not allowed here";

/// Home, roaming, "SMS only" and "CSFB not preferred" take short messages; searching, denied, unknown, emergency and
/// restricted service do not (A7670 answers `ERROR` to SMS commands at 11).
fn takes_sms(stat: u8) -> bool {
    matches!(stat, 1 | 5 | 6 | 7 | 9 | 10)
}

#[cfg(test)]
mod tests;
