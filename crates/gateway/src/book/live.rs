//! One message that has not ended, its parts and its attempts.

use modem::Ticket;
use sms::Status;

use super::{Placed, RouteIdx, SimIdx};
use crate::record::Message;
use crate::words::{MessageSeq, MessageState, UnixMs};

/// A message that has not ended.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Live {
    pub(crate) message: Box<Message>,
    pub(crate) accepted: UnixMs,
    pub(crate) route: RouteIdx,
    pub(crate) state: MessageState,
    /// Empty until the first part is started.
    pub(crate) parts: Vec<Part>,
    /// Started and not returned.
    pub(crate) attempts: u16,
    /// How often it was sent again in doubt.
    pub(crate) resends: u8,
    pub(crate) not_before: UnixMs,
    /// The SIM that all parts go through, once one of several was given to it.
    pub(crate) bound: Option<SimIdx>,
    /// Concatenation reference on that SIM.
    pub(crate) reference: u8,
    /// Attempts that are open, sent or in doubt.
    pub(crate) tickets: Vec<Ticket>,
    pub(super) placed: Placed,
}

/// How far one part is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// To be sent.
    Waiting,
    /// With a line.
    Open,
    /// On the air.
    Sent,
    /// Perhaps on the air.
    Doubt,
    /// Its final report is in.
    Reported(Status),
}

/// One try of one part on one SIM.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Attempt {
    pub(crate) message: MessageSeq,
    /// From 1.
    pub(crate) part: u8,
    pub(crate) sim: SimIdx,
    pub(crate) started: UnixMs,
    pub(crate) phase: Phase,
}

/// How far an attempt is; refused and returned ones are forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    Open,
    Sent { mr: Option<u8> },
    Doubt,
}

impl Live {
    /// The next part to be sent, from 1.
    pub(crate) fn next_part(&self) -> Option<u8> {
        if self.parts.is_empty() {
            return Some(1);
        }
        let index = self.parts.iter().position(|part| *part == Part::Waiting)?;
        Some(u8::try_from(index + 1).expect("a message has at most 255 parts"))
    }

    /// Whether a part is with a line.
    pub(crate) fn has_open(&self) -> bool {
        self.parts.contains(&Part::Open)
    }

    /// Whether a part is, or may be, on the air.
    pub(crate) fn is_on_air(&self) -> bool {
        self.parts
            .iter()
            .any(|part| !matches!(part, Part::Waiting | Part::Open))
            || self.has_doubt()
    }

    /// Whether an attempt of unknown outcome is unresolved, even if its part is sent again.
    pub(crate) fn has_doubt(&self) -> bool {
        self.parts.contains(&Part::Doubt) || self.resends > 0
    }

    pub(crate) fn all_sent(&self) -> bool {
        !self.parts.is_empty()
            && self
                .parts
                .iter()
                .all(|part| matches!(part, Part::Sent | Part::Reported(_)))
    }

    /// The final reports of all parts, or `None` while one is outstanding.
    pub(crate) fn final_reports(&self) -> Option<Vec<Status>> {
        let status = |part: &Part| match part {
            Part::Reported(status) => Some(*status),
            Part::Waiting | Part::Open | Part::Sent | Part::Doubt => None,
        };
        if self.parts.is_empty() {
            None
        } else {
            self.parts.iter().map(status).collect()
        }
    }

    /// The state that its parts add up to while it is neither queued nor ended.
    pub(super) fn state_of_parts(&self) -> MessageState {
        if self.parts.contains(&Part::Doubt) {
            MessageState::InDoubt
        } else if self.all_sent() {
            MessageState::Sent
        } else {
            MessageState::Sending
        }
    }
}
