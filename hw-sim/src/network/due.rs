//! What the network has planned: a queue entry for each thing that happens by itself.

use std::time::Instant;

use sms::Submit;

use super::fate::Fate;
use super::subscriber::Report;
use crate::air::Answer;

#[derive(Debug)]
pub(super) struct Due {
    pub(super) at: Instant,
    /// Keeps what is due at one instant in the order in which it was planned.
    pub(super) sequence: u64,
    pub(super) what: What,
}

#[derive(Debug)]
pub(super) enum What {
    /// The radio time of a submission ends.
    Radio(Box<OnAir>),
    /// A modem that was mute learns that its submission is over.
    Answer {
        line: usize,
        id: u64,
        answer: Answer,
    },
    /// A status report is due.
    Report(Box<Report>),
    /// Reports that no other has overtaken come all the same.
    Overtaken { card: usize },
    /// What was not acknowledged is tried again.
    Redelivery { card: usize },
    /// A search for the network ends; only the SIM's last search counts.
    Registered { card: usize, search: u64 },
}

impl What {
    pub(super) fn reason(&self) -> &'static str {
        match self {
            What::Radio(_) => "radio time of a submission ends",
            What::Answer { .. } => "mute modem recovers",
            What::Report(_) => "status report is due",
            What::Overtaken { .. } => "overtaken report comes",
            What::Redelivery { .. } => "delivery is tried again",
            What::Registered { .. } => "network lets a SIM in",
        }
    }
}

impl PartialEq for Due {
    fn eq(&self, other: &Due) -> bool {
        self.sequence == other.sequence
    }
}

impl Eq for Due {}

impl PartialOrd for Due {
    fn partial_cmp(&self, other: &Due) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Due {
    fn cmp(&self, other: &Due) -> std::cmp::Ordering {
        (self.at, self.sequence).cmp(&(other.at, other.sequence))
    }
}

#[derive(Debug)]
pub(super) struct OnAir {
    pub(super) line: usize,
    pub(super) card: usize,
    pub(super) id: u64,
    pub(super) submit: Box<Submit>,
    pub(super) tpdu: Vec<u8>,
    pub(super) fate: Fate,
}
