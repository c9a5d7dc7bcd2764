//! How long the service centre keeps trying: the relative TP-VP octet (3GPP TS 23.040 §9.2.3.12.1).
//!
//! Does not know absolute and enhanced periods: the service centre's clock is not ours, so we never send them.

/// A relative validity period, from 5 minutes to 63 weeks in steps that grow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Validity(u8);

impl Validity {
    /// The shortest period that is not shorter than `minutes`; 63 weeks if there is none.
    pub fn at_least_minutes(minutes: u32) -> Validity {
        let octet = match minutes {
            0..=720 => minutes.div_ceil(5).saturating_sub(1),
            721..=1440 => 143 + (minutes - 720).div_ceil(30),
            1441..=43_200 => 166 + minutes.div_ceil(DAY),
            _ => 192 + minutes.div_ceil(WEEK),
        };
        Validity(u8::try_from(octet).unwrap_or(u8::MAX))
    }

    /// The period in minutes.
    pub fn minutes(&self) -> u32 {
        let octet = u32::from(self.0);
        match octet {
            0..=143 => (octet + 1) * 5,
            144..=167 => 720 + (octet - 143) * 30,
            168..=196 => (octet - 166) * DAY,
            _ => (octet - 192) * WEEK,
        }
    }

    /// The TP-VP octet.
    pub fn octet(&self) -> u8 {
        self.0
    }

    /// The period of a TP-VP octet; each octet is one.
    pub fn from_octet(octet: u8) -> Validity {
        Validity(octet)
    }
}

const DAY: u32 = 24 * 60;
const WEEK: u32 = 7 * DAY;
