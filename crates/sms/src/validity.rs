//! How long the service centre keeps trying: TP-VP (3GPP TS 23.040 §9.2.3.12).
//!
//! The three forms are kept as they are, octet by octet. We send relative periods only: the service centre's clock is
//! not ours, and few service centres take enhanced ones.

use std::time::Duration;

use crate::ServiceCentreTime;

/// A validity period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Validity {
    /// From 5 minutes to 63 weeks in steps that grow (§9.2.3.12.1).
    Relative(u8),
    /// A time of the service centre (§9.2.3.12.2).
    Absolute([u8; 7]),
    /// Functionality indicator and what it announces (§9.2.3.12.3).
    Enhanced([u8; 7]),
}

impl Validity {
    /// The shortest relative period that is not shorter than `minutes`; 63 weeks if there is none.
    pub fn at_least_minutes(minutes: u32) -> Validity {
        let octet = match minutes {
            0..=720 => minutes.div_ceil(5).saturating_sub(1),
            721..=1440 => 143 + (minutes - 720).div_ceil(30),
            1441..=43_200 => 166 + minutes.div_ceil(DAY),
            _ => 192 + minutes.div_ceil(WEEK),
        };
        Validity::Relative(u8::try_from(octet).unwrap_or(u8::MAX))
    }

    /// The absolute period that ends at a time.
    pub fn until(end: ServiceCentreTime) -> Validity {
        Validity::Absolute(end.encode())
    }

    /// How long, from when the service centre has the message; `None` for an absolute period, and for an enhanced one
    /// that gives none or is malformed.
    pub fn period(&self) -> Option<Duration> {
        match self {
            Validity::Relative(octet) => Some(relative(*octet)),
            Validity::Absolute(_) => None,
            Validity::Enhanced(octets) => enhanced(octets),
        }
    }

    /// When an absolute period ends; `None` for another one, and for octets that are no time.
    pub fn end(&self) -> Option<ServiceCentreTime> {
        match self {
            Validity::Absolute(octets) => ServiceCentreTime::decode(octets),
            Validity::Relative(_) | Validity::Enhanced(_) => None,
        }
    }

    /// Whether the service centre is to try once only.
    pub fn is_single_shot(&self) -> bool {
        matches!(self, Validity::Enhanced([indicator, ..]) if indicator & SINGLE_SHOT != 0)
    }

    /// TP-VPF and the octets of TP-VP.
    pub(crate) fn field(&self) -> (u8, &[u8]) {
        match self {
            Validity::Relative(octet) => (FORMAT_RELATIVE, std::slice::from_ref(octet)),
            Validity::Absolute(octets) => (FORMAT_ABSOLUTE, octets),
            Validity::Enhanced(octets) => (FORMAT_ENHANCED, octets),
        }
    }
}

fn relative(octet: u8) -> Duration {
    let octet = u32::from(octet);
    let minutes = match octet {
        0..=143 => (octet + 1) * 5,
        144..=167 => 720 + (octet - 143) * 30,
        168..=196 => (octet - 166) * DAY,
        _ => (octet - 192) * WEEK,
    };
    Duration::from_secs(u64::from(minutes) * 60)
}

fn enhanced(octets: &[u8; 7]) -> Option<Duration> {
    let [indicator, value @ ..] = octets;
    // With another indicator behind it, its period comes later; no such extension is defined.
    if indicator & EXTENDED != 0 {
        return None;
    }
    match indicator & 0x07 {
        1 => Some(relative(value[0])),
        2 => Some(Duration::from_secs(u64::from(value[0]))),
        3 => {
            let [hours, minutes, seconds] = [value[0], value[1], value[2]].map(semi_octets);
            Some(Duration::from_secs(
                hours? * 3600 + minutes? * 60 + seconds?,
            ))
        }
        _ => None,
    }
}

fn semi_octets(octet: u8) -> Option<u64> {
    let (tens, units) = (octet & 0x0f, octet >> 4);
    (tens <= 9 && units <= 9).then(|| u64::from(tens) * 10 + u64::from(units))
}

const DAY: u32 = 24 * 60;
const WEEK: u32 = 7 * DAY;
/// Of the functionality indicator.
const EXTENDED: u8 = 0x80;
const SINGLE_SHOT: u8 = 0x40;
pub(crate) const FORMAT_RELATIVE: u8 = 0x10;
pub(crate) const FORMAT_ENHANCED: u8 = 0x08;
pub(crate) const FORMAT_ABSOLUTE: u8 = 0x18;
