//! PINs: what one is, how many tries are left, and when one may be tried (3GPP TS 27.007 §8.3, §8.65; TS 31.101 §9.5).
//!
//! Three wrong PINs lock a SIM until somebody finds its PUK, ten wrong PUKs kill it. So the counter is read first, the
//! last try is never used, and whoever owns the line remembers each try before it is made. A PIN is never shown.

use std::fmt;

use crate::command::Command::{Execute, Read, Test};
use crate::fields;
use crate::timing::SETTING;
use crate::wire::Query;
use crate::{Iccid, PinCounter};

/// The PIN of a SIM: 4 to 8 digits.
#[derive(Clone, PartialEq, Eq)]
pub struct Pin(Box<str>);

/// The owner's answer to [`crate::Event::PinWanted`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PinAnswer {
    /// The try is on record: give the SIM this PIN.
    Give(Pin),
    /// Do not try; the reason is for people.
    Withhold(&'static str),
}

/// Whom a configured PIN belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PinScope {
    /// To this SIM, by its ICCID.
    Sim,
    /// To whatever SIM is in a line.
    Line,
}

impl Pin {
    /// Reads a PIN; `None` unless it has 4 to 8 digits and nothing else.
    pub fn parse(text: &str) -> Option<Pin> {
        let fits = (4..=8).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        fits.then(|| Pin(text.into()))
    }

    /// Tells this PIN for this SIM from others (FNV-1a, 64 bits). It keeps no secret: who can read it can find the PIN by
    /// trying all, so it belongs where only the daemon reads.
    pub fn fingerprint(&self, sim: &Iccid) -> u64 {
        let bytes = sim.0.bytes().chain([0]).chain(self.0.bytes());
        bytes.fold(FNV_BASIS, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(FNV_PRIME)
        })
    }

    pub(crate) fn digits(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pin(…)")
    }
}

impl PinScope {
    /// Whether a PIN may be tried when so many tries are left.
    ///
    /// # Errors
    /// Why not, and what to do, for people.
    pub fn allows(self, tries: u8) -> Result<(), &'static str> {
        match self {
            _ if tries <= 1 => Err(LAST_TRY),
            PinScope::Line if tries < TRIES_FULL => Err(ANOTHER_FAILED),
            PinScope::Sim | PinScope::Line => Ok(()),
        }
    }
}

/// How many tries are left, in the reply to one of the [`COUNTERS`].
pub(crate) fn tries_left(text: &str) -> Option<u8> {
    let [first, ..] = fields::fields(text.as_bytes(), "")?;
    u8::try_from(fields::number(first)?)
        .ok()
        .filter(|&tries| tries <= TRIES_MAX)
}

/// Where in the [`COUNTERS`] a profile's own one stands; `None` if the model has none.
pub(crate) fn counter_of(profile: PinCounter) -> Option<usize> {
    match profile {
        PinCounter::Cpinr => Some(0),
        PinCounter::Qpinc => Some(1),
        PinCounter::Spic => Some(2),
        PinCounter::HuaweiCpin => Some(3),
        PinCounter::Pct => Some(4),
        PinCounter::Upincnt => Some(5),
        PinCounter::Zpinpuk => Some(6),
        PinCounter::Epin => Some(7),
        PinCounter::Untold => None,
    }
}

/// The counter that is asked `nth` if the one at `first` is asked first.
pub(crate) fn nth_counter(first: usize, nth: usize) -> Option<&'static Query<'static>> {
    let at = match nth {
        0 => first,
        nth if nth <= first => nth - 1,
        nth => nth,
    };
    COUNTERS.get(at)
}

/// Ways to ask how many tries are left, the standard's first; each answers with the number behind the name.
const COUNTERS: &[Query<'static>] = &[
    Query::named(
        Execute("+CPINR"),
        &["+CPINR: SIM PIN,", "+CPINR: \"SIM PIN\","],
        SETTING,
    ),
    // Quectel.
    Query::named(Read("+QPINC"), &["+QPINC: \"SC\",", "+QPINC: SC,"], SETTING),
    // SIMCom: PIN first of four numbers.
    Query::named(Execute("+SPIC"), &["+SPIC:"], SETTING),
    // Huawei: what is asked for, and how often it may be tried.
    Query::named(
        Read("^CPIN"),
        &["^CPIN: SIM PIN,", "^CPIN:SIM PIN,"],
        SETTING,
    ),
    // Telit.
    Query::named(Execute("#PCT"), &["#PCT:"], SETTING),
    // u-blox.
    Query::named(Execute("+UPINCNT"), &["+UPINCNT:"], SETTING),
    // ZTE.
    Query::named(Test("+ZPINPUK"), &["+ZPINPUK:"], SETTING),
    // Ericsson.
    Query::named(Read("*EPIN"), &["*EPIN:"], SETTING),
];

/// Why the last try is not used.
pub(crate) const LAST_TRY: &str = "the SIM wants its PIN and one try is left, which is never used: \
                                   put the SIM in a phone and enter the PIN there";

const ANOTHER_FAILED: &str = "the SIM wants its PIN and a try has failed already: check the PIN, then name it with \
                              the SIM's iccid in [[sims]]";

/// Tries of a SIM that nobody gave a wrong PIN.
const TRIES_FULL: u8 = 3;

/// More tries than any SIM gives for its PIN: a larger number is another counter.
const TRIES_MAX: u8 = 10;

const FNV_BASIS: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x0100_0000_01b3;

#[cfg(test)]
mod tests;
