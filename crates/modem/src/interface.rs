//! What a line is given and what it asks for: the inputs, effects and settings of the machine.
//!
//! The words of its events are in `vocabulary`; the machine itself is in `line`.

use std::fmt;
use std::time::Duration;

use crate::{Event, ManualCommand, PinAnswer, ProfileChoice, Rung, Session, Submission, UssdAct};

/// What differs between lines. The defaults suit a GSM, UMTS or LTE modem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineSettings {
    /// Number of the first session. A line made anew after a panic must begin above the sessions of the old one, else a
    /// submission of an old session would pass for a new one.
    pub first_session: Session,
    /// How the modem's peculiarities are known.
    pub profile: ProfileChoice,
    /// Service centre to name in each PDU if the SIM has none (`+CSCA` empty).
    pub smsc: Option<sms::Address>,
    /// Added to the wait for a network before the radio is turned off and on: a fleet that lost its network at once must
    /// not come back at once.
    pub stagger: Duration,
}

impl Default for LineSettings {
    fn default() -> LineSettings {
        LineSettings {
            first_session: Session(1),
            profile: ProfileChoice::default(),
            smsc: None,
            stagger: Duration::ZERO,
        }
    }
}

/// What happens to a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input<'a> {
    /// The port is open and fresh; initialisation begins.
    Opened,
    /// Bytes arrived.
    Bytes(&'a [u8]),
    /// The port failed before it had taken all of the last `Effect::Write` that was tried; none of those after it was.
    /// `Closed` follows. Without this word all that was to be written counts as written, wherever it lies by now.
    Unwritten,
    /// The port is gone (end of file, `EIO`, unplugged) or could not be kept open.
    Closed,
    /// One submission. The shell gives the next one only after `Finished` or `Returned` of the last; a second one while
    /// the line is busy is returned.
    Submit(Submission),
    /// The owner's answer to `Event::PinWanted`.
    Pin(PinAnswer),
    /// An operator's USSD code, reply or wish to end a dialogue. One `Event::Ussd` that was asked for answers it.
    Ussd(UssdAct),
    /// An operator's own command. One `Event::Manual` answers it.
    Manual(ManualCommand),
    /// An operator wants the modem brought back by this rung (`Initialise`, `Radio`, `Reset`, `Reopen`), or by the next one
    /// that its profile allows. A submission on its way ends first. Nothing happens while the port is closed.
    Reset(Rung),
    /// Another line tells the SIM of this one: look whether it is still there, before the next submission.
    CheckSim,
    /// A deadline passed: the shell calls this when `now >= deadline()`.
    Wake,
}

/// What a line wants done, in order.
#[derive(Clone, PartialEq)]
pub enum Effect {
    /// Write these bytes to the port. They count as written from here on; if the port fails meanwhile, say `Unwritten`.
    Write(Vec<u8>),
    /// Tell the owner.
    Event(Event),
    /// Close the port, wait, and open it again; `Closed` and then `Opened` follow.
    Reopen {
        /// How long to wait with the port closed.
        after: Duration,
        /// Why, for logs.
        reason: &'static str,
    },
}

impl fmt::Debug for Effect {
    /// Bytes written carry texts and numbers: only their count is shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Effect::Write(bytes) => write!(f, "Write({} bytes)", bytes.len()),
            Effect::Event(event) => f.debug_tuple("Event").field(event).finish(),
            Effect::Reopen { after, reason } => f
                .debug_struct("Reopen")
                .field("after", after)
                .field("reason", reason)
                .finish(),
        }
    }
}
