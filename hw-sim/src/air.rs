//! What passes between a modem and the network: the words both machines share.
//!
//! Radio is perfect here: delays and losses are the network's decisions, not the air's.

use sms::Submit;

use crate::sim::Sim;

/// From a modem to the network.
#[derive(Debug, Clone)]
pub enum Uplink {
    /// A submission; exactly one [`Answer`] with its `id` comes back.
    Submit {
        /// The modem's own number for it, never used twice.
        id: u64,
        /// What is submitted, with the TP-MR the SIM gave it.
        submit: Box<Submit>,
        /// The same as octets, without SMSC address.
        tpdu: Vec<u8>,
        /// Whether the link of the last one was kept for it (`+CMMS`): no new one is set up.
        follows: bool,
    },
    /// What the modem can take from now on. Sent when it changes.
    Ready(Readiness),
    /// The last [`Downlink::Report`] or [`Downlink::Deliver`] was passed on; [`Uplink::Taken`] or [`Uplink::Returned`]
    /// follows when its host has acknowledged it, or has not.
    Shown,
    /// It was taken.
    Taken,
    /// It could not be taken, or its host did not acknowledge it: the network keeps it for later.
    Returned,
    /// The modem looks for a network; [`Downlink::Registration`] follows when it is let in.
    Search,
    /// A USSD request, or a reply within a dialogue; [`Downlink::Ussd`] answers at once.
    Ussd(String),
    /// The USSD dialogue was given up.
    UssdEnd,
    /// Another SIM is in the modem: what the network knows the line by from now on.
    Card(Box<Sim>),
}

/// What a modem can take from the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Readiness {
    /// Status reports.
    pub reports: bool,
    /// Messages from outside.
    pub messages: bool,
}

/// From the network to a modem.
#[derive(Debug, Clone, PartialEq)]
pub enum Downlink {
    /// The end of a submission.
    Answer {
        /// Which submission.
        id: u64,
        /// How it ended.
        answer: Answer,
    },
    /// A status report: a STATUS-REPORT TPDU.
    Report(Vec<u8>),
    /// A message from outside: a DELIVER TPDU.
    Deliver(Vec<u8>),
    /// The registration is another one from now on: `<stat>` of 3GPP TS 27.007 §7.2.
    Registration(u8),
    /// The answer to a USSD request.
    Ussd {
        /// What it says.
        text: String,
        /// `<m>` of `+CUSD` (3GPP TS 27.007 §7.15): 0 is the end, 1 wants a reply, 2 ended by the network.
        mode: u8,
    },
}

/// How a submission ended, as the modem is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// The network has it.
    Accepted,
    /// The network refused it with this cause (3GPP TS 27.005 §3.2.5).
    Refused(u16),
    /// The modem never heard; whether the network has it only the ledger knows.
    Silence,
}
