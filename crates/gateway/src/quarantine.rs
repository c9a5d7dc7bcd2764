//! SIMs that are taken out: why, since when, and when one part is tried again. Durable, so that a restart burns no message
//! on a card that is known to be sick.

use modem::Cause;

use crate::words::UnixMs;

/// A SIM that was taken out; until a part was sent on it again, or an operator has looked after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quarantine {
    /// Why.
    pub sick: Sick,
    /// Since when.
    pub since: UnixMs,
    /// When the next part is tried on it.
    pub until: UnixMs,
    /// How often it was found sick since a part was last sent on it: it rests longer each time.
    pub times: u16,
    /// Refusals in a row.
    pub refused_in_row: u16,
}

/// What is wrong with a SIM.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sick {
    /// Its operator bars it.
    Barred(Cause),
    /// It was refused again and again, the last time for this.
    Refused(Cause),
    /// Nearly all its reports are bad, and those of the other SIMs are not.
    Filtered,
}

impl Sick {
    /// The word of the store and the log.
    pub fn as_str(self) -> &'static str {
        match self {
            Sick::Barred(_) => "barred",
            Sick::Refused(_) => "refused",
            Sick::Filtered => "filtered",
        }
    }

    /// What its network said.
    pub fn cause(self) -> Option<Cause> {
        match self {
            Sick::Barred(cause) | Sick::Refused(cause) => Some(cause),
            Sick::Filtered => None,
        }
    }
}
