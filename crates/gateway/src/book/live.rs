//! One message that has not ended, its parts and its attempts.

use std::time::Duration;

use modem::Ticket;
use sms::{Status, StatusClass};

use super::{Brief, Place, RouteIdx, SimIdx};
use crate::record::{Report, Requeue};
use crate::words::{MessageSeq, MessageState, UnixMs};

/// A message that has not ended.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Live {
    pub(crate) message: Brief,
    /// When it could have been sent first: when it was accepted, or the time that its app asked for.
    pub(crate) since: UnixMs,
    pub(crate) route: RouteIdx,
    pub(crate) state: MessageState,
    /// What the attempts add up to, part by part; empty while there is none.
    pub(crate) parts: Box<[Part]>,
    /// Attempts that were refused.
    pub(crate) refusals: u8,
    /// How often it was sent again in doubt.
    pub(crate) resends: u8,
    /// How often it was begun anew.
    pub(crate) anews: u8,
    /// When it begins anew, if the parts that it has sent can't become a whole without its SIM.
    pub(crate) anew_at: Option<UnixMs>,
    pub(crate) not_before: UnixMs,
    /// The SIM that all parts go through, once one of several was given to it.
    pub(crate) bound: Option<SimIdx>,
    /// Concatenation reference on that SIM.
    pub(crate) reference: u8,
    /// Attempts that are open, sent or in doubt.
    pub(crate) tickets: Box<[Ticket]>,
    pub(super) place: Place,
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
    /// When Ctrl-Z was written, if that is known.
    pub(crate) submitted: Option<UnixMs>,
    /// When it had its outcome.
    pub(crate) landed: Option<UnixMs>,
    pub(crate) phase: Phase,
    /// Its final report.
    pub(crate) reported: Option<Report>,
}

/// The time within which a service centre took a part, by our clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) from: UnixMs,
    pub(crate) until: UnixMs,
}

/// How far an attempt is; refused and returned ones are forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    Open,
    Sent {
        mr: Option<u8>,
    },
    Doubt {
        /// The policy sends its part again: the part does not wait for news of this attempt.
        resent: bool,
    },
}

impl Attempt {
    /// An attempt that begins.
    pub(super) fn new(message: MessageSeq, part: u8, sim: SimIdx, started: UnixMs) -> Attempt {
        Attempt {
            message,
            part,
            sim,
            started,
            submitted: None,
            landed: None,
            phase: Phase::Open,
            reported: None,
        }
    }

    /// When the service centre took it, if it did: after Ctrl-Z, and before the answer.
    pub(crate) fn span(&self) -> Span {
        let from = self.submitted.unwrap_or(self.started);
        let last = from.plus(TAKEN_MAX);
        let until = self.landed.map_or(last, |landed| landed.min(last));
        Span {
            from,
            until: until.max(from),
        }
    }

    /// Whether it is unknown if it was sent.
    pub(crate) fn is_in_doubt(&self) -> bool {
        matches!(self.phase, Phase::Doubt { .. })
    }

    /// Whether it was certainly sent.
    pub(crate) fn is_sent(&self) -> bool {
        matches!(self.phase, Phase::Sent { .. })
    }

    /// How far this attempt alone takes its part.
    pub(super) fn part(&self) -> Part {
        match (self.phase, self.reported) {
            (Phase::Open, _) => Part::Open,
            (Phase::Sent { .. }, Some(report)) => Part::Reported(report.status),
            (Phase::Sent { .. }, None) => Part::Sent,
            (Phase::Doubt { resent: false }, _) => Part::Doubt,
            (Phase::Doubt { resent: true }, _) => Part::Waiting,
        }
    }
}

impl Part {
    /// How far a part is that two attempts were made of: one that is under way counts first, then proof of delivery,
    /// then what may still be proven.
    pub(super) fn with(self, other: Part) -> Part {
        if other.rank() >= self.rank() {
            other
        } else {
            self
        }
    }

    fn rank(self) -> u8 {
        match self {
            Part::Waiting => 0,
            Part::Reported(status) if status.class() == StatusClass::Delivered => 4,
            Part::Reported(_) => 1,
            Part::Doubt => 2,
            Part::Sent => 3,
            Part::Open => 5,
        }
    }
}

impl Live {
    /// It goes back to its lane.
    pub(super) fn requeued(&mut self, why: Requeue) {
        match why {
            Requeue::Refused | Requeue::Returned => {}
            Requeue::InDoubt => self.resends = self.resends.saturating_add(1),
            Requeue::Anew => {
                self.anews = self.anews.saturating_add(1);
                self.resends = 0;
                self.tickets = Box::default();
                self.bound = None;
            }
        }
    }

    /// The next part to be sent, from 1.
    pub(crate) fn next_part(&self) -> Option<u8> {
        if self.parts.is_empty() {
            return Some(1);
        }
        let index = self.parts.iter().position(|part| *part == Part::Waiting)?;
        Some(u8::try_from(index + 1).expect("a message has at most 255 parts"))
    }

    /// How far a part is; they count from 1.
    pub(crate) fn part(&self, part: u8) -> Part {
        let index = usize::from(part).saturating_sub(1);
        self.parts.get(index).copied().unwrap_or(Part::Waiting)
    }

    /// Whether a part is with a line.
    pub(crate) fn has_open(&self) -> bool {
        self.parts.contains(&Part::Open)
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

    /// The state that its parts add up to. A message that was sent back to its lane stays there while a part waits.
    pub(super) fn state_of_parts(&self) -> MessageState {
        if self.parts.contains(&Part::Doubt) {
            MessageState::InDoubt
        } else if self.all_sent() {
            MessageState::Sent
        } else if self.state == MessageState::Queued && !self.has_open() {
            MessageState::Queued
        } else {
            MessageState::Sending
        }
    }
}

/// A service centre takes a part within this time of Ctrl-Z, however late the answer comes.
const TAKEN_MAX: Duration = Duration::from_secs(2 * 60);
