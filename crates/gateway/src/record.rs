//! What is durable: every change of the gateway's state is one of these records.
//!
//! A record says what happened, never how to react. The store writes them, the book applies them, and a restart
//! applies them again; nothing else changes durable state. Records with absolute values ([`Record::SimUsed`],
//! [`Record::Counted`]) replace what was there, so that the store may keep only the last of each.

use modem::{Iccid, Outcome, Ticket};
use sms::Address;

use crate::breaker::{BreakerOf, Trip};
use crate::form::Form;
use crate::quarantine::Quarantine;
use crate::words::{Class, InDoubt, MessageId, MessageSeq, MessageState, UnixMs};

/// A record in its place: number, time, and what it makes of its message.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Position in the sequence of all records, from 1, without gaps within a process.
    pub seq: u64,
    /// When it was made.
    pub at: UnixMs,
    /// What happened.
    pub record: Record,
    /// The message it is about and that message's standing after it.
    pub standing: Option<Standing>,
}

/// A message's state after a record, as searches and events show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The message.
    pub message: MessageSeq,
    /// Its public name.
    pub id: MessageId,
    /// Its state.
    pub state: MessageState,
    /// Whether nothing more will happen to it.
    pub ended: bool,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Record {
    /// An app handed over a message; the entry's `seq` names it from now on.
    Accepted(Box<Message>),
    /// A part was given to a SIM; the entry's `seq` is the attempt's ticket.
    Started {
        /// The message.
        message: MessageSeq,
        /// Part, from 1.
        part: u8,
        /// The SIM.
        sim: Iccid,
        /// Name of the line that the SIM is in.
        line: Box<str>,
        /// Concatenation reference that all parts of the message share on this SIM (3GPP TS 23.040 §9.2.3.24.1).
        reference: u8,
    },
    /// An attempt has its outcome.
    Finished {
        /// The message.
        message: MessageSeq,
        /// The attempt.
        ticket: Ticket,
        /// What became of it.
        outcome: Outcome,
        /// When Ctrl-Z was written; `None` if it never was, or if that was not heard of before a restart.
        submitted: Option<UnixMs>,
        /// The modem's last words about it ([`modem::Course::raw`]).
        raw: Option<Box<str>>,
    },
    /// An attempt came back before any byte was written: it does not count.
    Returned {
        /// The message.
        message: MessageSeq,
        /// The attempt.
        ticket: Ticket,
    },
    /// A late answer or a report proved that an attempt of unknown outcome was sent.
    Resolved {
        /// The message.
        message: MessageSeq,
        /// The attempt.
        ticket: Ticket,
        /// Its TP-MR, if it is known.
        mr: Option<u8>,
    },
    /// A status report was attributed to an attempt.
    Reported {
        /// The message.
        message: MessageSeq,
        /// The attempt.
        ticket: Ticket,
        /// What the network said.
        report: Report,
        /// The kept report that this one was, if it came too early.
        kept: Option<u64>,
    },
    /// A status report fits no attempt yet; the entry's `seq` names it.
    ReportKept {
        /// The SIM it came to.
        sim: Iccid,
        /// TP-MR.
        mr: u8,
        /// TP-RA.
        recipient: Address,
        /// What the network said.
        report: Report,
    },
    /// A kept report was given up.
    ReportDropped {
        /// The `seq` of its [`Record::ReportKept`].
        kept: u64,
    },
    /// The message goes back to its lane.
    Requeued {
        /// The message.
        message: MessageSeq,
        /// Not to be sent before.
        not_before: UnixMs,
        /// Why.
        why: Requeue,
    },
    /// The message has ended; its standing says how.
    Ended {
        /// The message.
        message: MessageSeq,
        /// The final state.
        state: MessageState,
        /// Why.
        reason: EndReason,
    },
    /// What a SIM has used up, in absolute numbers.
    SimUsed {
        /// The SIM.
        sim: Iccid,
        /// Its counters.
        usage: Usage,
    },
    /// An operator paused, drained or resumed a line or SIM.
    Controlled {
        /// Which.
        target: Target,
        /// What.
        control: Control,
        /// Why, in the operator's words.
        reason: Option<Box<str>>,
    },
    /// A PIN is about to be given to a SIM: never again the same PIN to the same SIM.
    PinTried {
        /// The SIM.
        sim: Iccid,
        /// Name of the line that the SIM is in.
        line: Box<str>,
        /// Fingerprint of the PIN ([`modem::Pin::fingerprint`]).
        fingerprint: u64,
    },
    /// A recipient was put on the suppression list, or taken off it.
    Suppressed {
        /// Whom nothing is sent to.
        recipient: Address,
        /// Whether it is on the list from now on.
        suppressed: bool,
        /// Why, in the words of whoever asked.
        reason: Option<Box<str>>,
    },
    /// How many messages there ever were, in absolute numbers.
    Counted(Totals),
    /// How many parts went to one recipient through a SIM in the running month, in absolute numbers. Only of SIMs whose
    /// recipients are limited.
    RecipientUsed {
        /// The SIM.
        sim: Iccid,
        /// Stands for the recipient.
        mark: u64,
        /// Parts; 0: none any more.
        parts: u32,
    },
    /// A SIM's month has ended: its recipients count from none again.
    RecipientsForgotten {
        /// The SIM.
        sim: Iccid,
    },
    /// A limit of a SIM comes near its end. Replaces the last one of the same limit and mark.
    BudgetWarned {
        /// The SIM.
        sim: Iccid,
        /// Which limit, and how far it is used.
        warning: Warning,
    },
    /// A SIM was taken out, or is used again. Replaces the last of the SIM.
    Quarantined {
        /// The SIM.
        sim: Iccid,
        /// Why, and until when; `None`: it is used again.
        quarantine: Option<Quarantine>,
    },
    /// A breaker opened, or closed. Replaces the last of the breaker.
    BreakerMoved {
        /// Which.
        breaker: BreakerOf,
        /// Why, and until when; `None`: it is closed.
        trip: Option<Trip>,
    },
    /// A hub's power is about to be cut.
    HubReset {
        /// Its name.
        hub: Box<str>,
        /// Resets since one of its lines last came up, this one included.
        in_vain: u16,
    },
}

/// A message as it was accepted.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// Public name.
    pub id: MessageId,
    /// Recipient, in canonical form.
    pub to: Address,
    /// The text; of data its hexadecimal digits.
    pub text: Box<str>,
    /// Class.
    pub class: Class,
    /// Idempotency key.
    pub key: Option<Box<str>>,
    /// Digest of the request's body, to tell a repetition from another message under the same key.
    pub digest: u64,
    /// The app that handed it over, as it names itself.
    pub app: Option<Box<str>>,
    /// Route that was asked for.
    pub route: Option<Box<str>>,
    /// Whether delivery reports are asked for.
    pub report: bool,
    /// Policy in doubt.
    pub in_doubt: InDoubt,
    /// How it goes on the air.
    pub form: Form,
    /// Parts on the air.
    pub parts: u8,
    /// When it is no longer worth sending.
    pub expires: UnixMs,
    /// Shown at once and not stored (3GPP TS 23.038 §4, class 0).
    pub flash: bool,
    /// Takes the place of the last message of this type, 1 to 7 (3GPP TS 23.040 §9.2.3.9).
    pub replace: Option<u8>,
    /// Not to be sent before, if the app asked for a time.
    pub send_at: Option<UnixMs>,
}

/// What a status report says (3GPP TS 23.040 §9.2.2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Report {
    /// TP-ST.
    pub status: sms::Status,
    /// TP-SCTS: when the service centre took the part, by its own clock.
    pub taken: Option<UnixMs>,
    /// TP-DT: when it was delivered or last tried, by the same clock.
    pub discharged: Option<UnixMs>,
}

/// Why a message went back to its lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Requeue {
    /// A part was certainly not sent.
    Refused,
    /// A part's outcome is unknown, and the policy says `resend`.
    InDoubt,
    /// A part came back untouched.
    Returned,
    /// The parts that were sent can't become a whole any more: it begins anew, with all its parts and on any SIM.
    Anew,
}

/// Why a message ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndReason {
    /// Reports came for all parts.
    Reported,
    /// No reports were asked for, and all parts are sent.
    Unreported,
    /// The deadline passed.
    Deadline,
    /// The policy in doubt is `fail`, or its resend was in doubt too.
    InDoubt,
    /// The network's refusal is final.
    Refused,
    /// The attempts are used up.
    Attempts,
    /// The app took it back.
    Cancelled,
    /// Some parts were sent and the rest could not be, in time.
    Incomplete,
    /// The operator's lists came to exclude the recipient while the message waited.
    Policy,
    /// The recipient was put on the suppression list while the message waited.
    Suppressed,
}

/// A SIM's counters, all in parts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Running minute, hour, day and month.
    pub windows: [Window; 4],
    /// Ever started and not returned.
    pub started: u64,
    /// Ever sent.
    pub sent: u64,
    /// Ever refused.
    pub refused: u64,
    /// Ever unknown.
    pub in_doubt: u64,
    /// Ever reported as delivered.
    pub delivered: u64,
    /// The last concatenation reference.
    pub reference: u8,
    /// How far its service centre's clock is ahead of ours, once learnt.
    pub centre_offset_ms: Option<i64>,
}

/// One period of a budget: the last one in which something was used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// When it began.
    pub start: UnixMs,
    /// Parts used in it.
    pub used: u32,
    /// When it ends.
    pub end: UnixMs,
    /// Parts used in the one before it, for a clock that is set back.
    pub before: u32,
}

/// How far a limit of a SIM was used when it passed a mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Warning {
    /// One of [`crate::BUDGET_NAMES`].
    pub budget: &'static str,
    /// The mark: one of [`crate::WARNING_MARKS`].
    pub percent: u8,
    /// Used by then.
    pub used: u32,
    /// Most that may be used.
    pub limit: u32,
    /// When it counts from 0 again; `None`: never.
    pub resets: Option<UnixMs>,
}

/// All messages there ever were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Accepted.
    pub accepted: u64,
    /// Ended, by [`MessageState::index`]; `Sent` counts those that asked for no report.
    pub ended: [u64; 10],
    /// Attempts that may be on the air though an earlier one of the same part may be, too.
    pub resent_in_doubt: u64,
    /// Parts that are, or may be, on the air in vain: their long messages were begun anew.
    pub given_up: u64,
}

/// What an operator controls.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// A line, by name.
    Line(Box<str>),
    /// A SIM.
    Sim(Iccid),
}

/// What an operator wants of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    /// Use it.
    Active,
    /// Start nothing new on it.
    Paused,
    /// Start nothing new on it; hand back what waits in its send queue.
    Draining,
}

impl Record {
    /// The message that the record is about; `seq` is the number of the record itself.
    pub fn message(&self, seq: u64) -> Option<MessageSeq> {
        match self {
            Record::Accepted(_) => Some(MessageSeq(seq)),
            Record::Started { message, .. }
            | Record::Finished { message, .. }
            | Record::Returned { message, .. }
            | Record::Resolved { message, .. }
            | Record::Reported { message, .. }
            | Record::Requeued { message, .. }
            | Record::Ended { message, .. } => Some(*message),
            Record::ReportKept { .. }
            | Record::ReportDropped { .. }
            | Record::SimUsed { .. }
            | Record::Controlled { .. }
            | Record::PinTried { .. }
            | Record::RecipientUsed { .. }
            | Record::RecipientsForgotten { .. }
            | Record::BudgetWarned { .. }
            | Record::Quarantined { .. }
            | Record::BreakerMoved { .. }
            | Record::HubReset { .. }
            | Record::Suppressed { .. }
            | Record::Counted(_) => None,
        }
    }

    /// The attempt whose fate the record tells; the record that starts one is its ticket and tells nothing of its fate.
    pub fn ticket(&self) -> Option<Ticket> {
        match self {
            Record::Finished { ticket, .. }
            | Record::Returned { ticket, .. }
            | Record::Resolved { ticket, .. }
            | Record::Reported { ticket, .. } => Some(*ticket),
            Record::Accepted(_)
            | Record::Started { .. }
            | Record::ReportKept { .. }
            | Record::ReportDropped { .. }
            | Record::Requeued { .. }
            | Record::Ended { .. }
            | Record::SimUsed { .. }
            | Record::Controlled { .. }
            | Record::PinTried { .. }
            | Record::RecipientUsed { .. }
            | Record::RecipientsForgotten { .. }
            | Record::BudgetWarned { .. }
            | Record::Quarantined { .. }
            | Record::BreakerMoved { .. }
            | Record::HubReset { .. }
            | Record::Suppressed { .. }
            | Record::Counted(_) => None,
        }
    }

    /// The word of the event stream and the store.
    pub fn kind(&self) -> &'static str {
        match self {
            Record::Accepted(_) => "accepted",
            Record::Started { .. } => "started",
            Record::Finished { .. } => "finished",
            Record::Returned { .. } => "returned",
            Record::Resolved { .. } => "resolved",
            Record::Reported { .. } => "reported",
            Record::ReportKept { .. } => "report_kept",
            Record::ReportDropped { .. } => "report_dropped",
            Record::Requeued { .. } => "requeued",
            Record::Ended { .. } => "ended",
            Record::SimUsed { .. } => "sim_used",
            Record::Controlled { .. } => "controlled",
            Record::PinTried { .. } => "pin_tried",
            Record::Suppressed { .. } => "suppressed",
            Record::Counted(_) => "counted",
            Record::RecipientUsed { .. } => "recipient_used",
            Record::RecipientsForgotten { .. } => "recipients_forgotten",
            Record::BudgetWarned { .. } => "budget_warned",
            Record::Quarantined { .. } => "quarantined",
            Record::BreakerMoved { .. } => "breaker_moved",
            Record::HubReset { .. } => "hub_reset",
        }
    }
}

impl EndReason {
    /// All reasons.
    pub const ALL: [EndReason; 10] = [
        EndReason::Reported,
        EndReason::Unreported,
        EndReason::Deadline,
        EndReason::InDoubt,
        EndReason::Refused,
        EndReason::Attempts,
        EndReason::Cancelled,
        EndReason::Incomplete,
        EndReason::Policy,
        EndReason::Suppressed,
    ];

    /// The word of the API and the store.
    pub fn as_str(self) -> &'static str {
        match self {
            EndReason::Reported => "reported",
            EndReason::Unreported => "no_report_asked",
            EndReason::Deadline => "deadline",
            EndReason::InDoubt => "in_doubt",
            EndReason::Refused => "refused",
            EndReason::Attempts => "attempts_used_up",
            EndReason::Cancelled => "cancelled",
            EndReason::Incomplete => "incomplete",
            EndReason::Policy => "policy",
            EndReason::Suppressed => "suppressed",
        }
    }
}

impl Requeue {
    /// All reasons.
    pub const ALL: [Requeue; 4] = [
        Requeue::Refused,
        Requeue::InDoubt,
        Requeue::Returned,
        Requeue::Anew,
    ];

    /// The word of the API and the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Requeue::Refused => "refused",
            Requeue::InDoubt => "in_doubt",
            Requeue::Returned => "returned",
            Requeue::Anew => "anew",
        }
    }
}

impl Control {
    /// All controls.
    pub const ALL: [Control; 3] = [Control::Active, Control::Paused, Control::Draining];

    /// The word of the API and the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Control::Active => "active",
            Control::Paused => "paused",
            Control::Draining => "draining",
        }
    }
}
