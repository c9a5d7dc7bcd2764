//! The words that a line and its owner exchange: what may be asked of a line, and what it tells.
//!
//! Only plain values live here. The gateway depends on this module and on nothing else of the crate.

use std::fmt;
use std::time::Instant;

use sms::{Deliver, StatusReport};

use crate::{ManualAnswer, UssdAnswer};

/// Names one attempt from the moment its record is durable until its outcome is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u64);

/// Counts the sessions of a line: a session is one SIM in one line between two initialisations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Session(pub u32);

/// The serial number of a SIM card (ITU-T E.118), 18 to 20 digits: the key of everything a SIM owns.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Iccid(pub Box<str>);

/// One part, ready for the air.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submission {
    /// Names the attempt in every later event.
    pub ticket: Ticket,
    /// The session it was made for; a submission of another session is returned, never sent.
    pub session: Session,
    /// The SMS-SUBMIT TPDU (3GPP TS 23.040 §9.2.2.2), without the SMSC octets.
    pub tpdu: Box<[u8]>,
    /// Whether the next part of the same message follows: the link may be kept up for it (`+CMMS`).
    pub more_follow: bool,
}

/// What became of a submission that reached the modem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The service centre took it and the modem named its TP-MR (3GPP TS 27.005 §4.3).
    Sent {
        /// TP-MR as given in `+CMGS:`.
        mr: u8,
    },
    /// It was certainly not sent: refused by modem or network, or abandoned before Ctrl-Z.
    Refused(Cause),
    /// Ctrl-Z was written and no answer came: it may or may not be on the air.
    Unknown(Doubt),
}

/// How a submission went: what its outcome was read from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Course {
    /// When Ctrl-Z was written: from then on the part may be on the air. `None`: never.
    pub submitted: Option<Instant>,
    /// The modem's last words about it, as it said them; at most [`RAW_RESULT_MAX`] characters.
    pub raw: Option<Box<str>>,
}

/// Characters of a result that are kept: the longest text of 3GPP TS 27.005 §3.2.5, and a service centre's time.
pub const RAW_RESULT_MAX: usize = 96;

/// Why a submission was certainly not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// `+CMS ERROR: n` (3GPP TS 27.005 §3.2.5, TS 24.011 annex E, TS 23.040 §9.2.3.22).
    Cms(u16),
    /// `+CME ERROR: n` (3GPP TS 27.007 §9.2).
    Cme(u16),
    /// A plain `ERROR`.
    Error,
    /// The modem never gave the prompt; nothing was written after the command.
    NoPrompt,
    /// The line was lost, reset or rebooted before Ctrl-Z.
    LineLost,
}

/// Why nobody can say whether a submission was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Doubt {
    /// No answer within the hard time-out.
    Silence,
    /// The port closed after Ctrl-Z.
    LineLost,
    /// The modem rebooted after Ctrl-Z.
    Reboot,
    /// An answer that names a network time-out (`+CMS ERROR: 332`, `+CME ERROR: 31`).
    NetworkTimeout,
    /// A final result came, but it proves nothing (`OK` without `+CMGS:`).
    NoReference,
    /// A refusal that leaves open whether the message is on the air (class `unknown` of `config/causes.toml`).
    Answer,
    /// The daemon ended while the attempt was open.
    Restart,
}

/// The modem behind a line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModemIdentity {
    /// `+CGMI`.
    pub manufacturer: String,
    /// `+CGMM`.
    pub model: String,
    /// `+CGMR`.
    pub revision: String,
    /// `+CGSN`, 14 to 17 digits; empty if the modem does not tell.
    pub imei: String,
    /// The profile that drives it.
    pub profile: Box<str>,
}

/// The SIM in a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SimIdentity {
    /// Key of the SIM.
    pub iccid: Iccid,
    /// `+CIMI`, 14 or 15 digits; empty if the modem does not tell.
    pub imsi: String,
    /// `+CNUM`; empty if the SIM does not know it.
    pub number: OwnNumber,
}

/// The phone number of a SIM as the SIM tells it; empty if it does not. It never shows in `Debug`.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct OwnNumber(pub Box<str>);

/// The network that a SIM is registered in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Network {
    /// MCC and MNC of the operator, 5 or 6 digits (3GPP TS 23.003 §2.2); empty if the modem does not tell.
    pub operator: Box<str>,
    /// Access technology as in `+COPS?` (3GPP TS 27.007 §7.3): 0 GSM, 2 UMTS, 7 LTE, and so on.
    pub technology: Option<u8>,
    /// Whether it is another operator's network; `None` if the SIM is not registered.
    pub roaming: Option<bool>,
}

/// Where a line is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LineState {
    /// The port is not open.
    Closed,
    /// Commands of the initialisation are running.
    Initialising,
    /// The modem works, the SIM is missing, locked or not ready.
    NoSim,
    /// The SIM works and is not registered in a network that takes SMS.
    NoNetwork,
    /// Ready and idle.
    Ready,
    /// A submission is on its way.
    Sending,
    /// The line is being brought back after an error.
    Recovering,
    /// Given up for a while: the recovery budget is spent.
    OutOfService,
}

/// What a line tells its owner.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The line changed its state, or what it waits for (for display and metrics; no decision hangs on it).
    State(LineState),
    /// A session begins: the SIM may be given submissions.
    Ready {
        /// Number of the new session.
        session: Session,
        /// The SIM that sends.
        sim: SimIdentity,
        /// The modem that carries it.
        modem: ModemIdentity,
    },
    /// The session is over: no submission will be started in it. Open ones end with their own events first.
    Down {
        /// Number of the session that ended.
        session: Session,
        /// The reason, for people.
        reason: DownReason,
    },
    /// A submission has its outcome. Exactly one `Finished` or `Returned` comes for every submission.
    Finished {
        /// The attempt.
        ticket: Ticket,
        /// What became of it.
        outcome: Outcome,
        /// What speaks for that.
        course: Course,
    },
    /// A submission was handed back untouched: no byte of it was written.
    Returned {
        /// The attempt.
        ticket: Ticket,
    },
    /// A late `+CMGS:` answered an attempt that had ended as unknown.
    Resolved {
        /// The attempt.
        ticket: Ticket,
        /// TP-MR as given in `+CMGS:`.
        mr: u8,
    },
    /// A status report came from the network, in this session's SIM.
    Report(StatusReport),
    /// A short message came for this SIM.
    Inbound(Deliver),
    /// Signal strength as in `+CSQ` (3GPP TS 27.007 §8.5): 0 to 31, or `None` if unknown.
    Signal(Option<u8>),
    /// The SIM is in this network; told after `Ready` and when it changes.
    Network(Network),
    /// The SIM wants its PIN and may be given it: the owner records the try, then answers with `Input::Pin`.
    PinWanted {
        /// The SIM.
        iccid: Iccid,
        /// Tries that are left; at least 2.
        tries: u8,
    },
    /// The network spoke by USSD, or a dialogue is over.
    Ussd(UssdAnswer),
    /// An operator's own command has ended.
    Manual(ManualAnswer),
    /// Bytes that made no sense were dropped.
    Garbage {
        /// How many.
        bytes: usize,
    },
    /// Something is done to bring the line back (for display and metrics; at `Rung::Rest` its owner may cut the power).
    Climbed {
        /// What.
        rung: Rung,
        /// Why, for people.
        reason: &'static str,
    },
    /// A voice call came in and was rejected.
    CallRejected,
}

/// A rung of the ladder by which a line is brought back, the mildest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rung {
    /// ESC, silence, `AT`: back into step with the modem, in the same session.
    Resync,
    /// The stored settings, and all of the initialisation.
    Initialise,
    /// The radio off and on (`+CFUN`).
    Radio,
    /// The modem's reset command.
    Reset,
    /// The port closed and opened again.
    Reopen,
    /// The modem's power cut, by its owner.
    Power,
    /// Nothing, for a while: the line is out of service.
    Rest,
}

/// Why a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DownReason {
    /// The port closed.
    Closed,
    /// The modem rebooted by itself.
    Reboot,
    /// The SIM was pulled, locked or failed.
    SimLost,
    /// Registration was lost for longer than the debounce time.
    NetworkLost,
    /// The modem stopped answering and is being recovered.
    Unresponsive,
    /// An operator's own command may have changed the modem's settings, or he had the line reset: it is set up anew.
    Operator,
}

impl Iccid {
    /// The last six digits: enough to tell SIMs apart in logs and metrics without naming the card.
    pub fn tail(&self) -> &str {
        let text: &str = &self.0;
        text.char_indices()
            .rev()
            .nth(5)
            .map_or(text, |(at, _)| &text[at..])
    }
}

impl fmt::Debug for OwnNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OwnNumber({} characters)", self.0.len())
    }
}

impl fmt::Display for Iccid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl LineState {
    /// The word used in the API and in metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            LineState::Closed => "closed",
            LineState::Initialising => "initialising",
            LineState::NoSim => "no_sim",
            LineState::NoNetwork => "no_network",
            LineState::Ready => "ready",
            LineState::Sending => "sending",
            LineState::Recovering => "recovering",
            LineState::OutOfService => "out_of_service",
        }
    }
}

impl Rung {
    /// All rungs, the mildest first.
    pub const ALL: [Rung; 7] = [
        Rung::Resync,
        Rung::Initialise,
        Rung::Radio,
        Rung::Reset,
        Rung::Reopen,
        Rung::Power,
        Rung::Rest,
    ];

    /// The word used in the API, in logs and in metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Rung::Resync => "resync",
            Rung::Initialise => "initialise",
            Rung::Radio => "radio",
            Rung::Reset => "reset",
            Rung::Reopen => "reopen",
            Rung::Power => "power",
            Rung::Rest => "rest",
        }
    }
}

impl DownReason {
    /// The word used in the API and in logs.
    pub fn as_str(self) -> &'static str {
        match self {
            DownReason::Closed => "closed",
            DownReason::Reboot => "reboot",
            DownReason::SimLost => "sim_lost",
            DownReason::NetworkLost => "network_lost",
            DownReason::Unresponsive => "unresponsive",
            DownReason::Operator => "operator",
        }
    }
}

impl Doubt {
    /// The word used in the API, in the store and in metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Doubt::Silence => "silence",
            Doubt::LineLost => "line_lost",
            Doubt::Reboot => "reboot",
            Doubt::NetworkTimeout => "network_timeout",
            Doubt::NoReference => "no_reference",
            Doubt::Answer => "answer",
            Doubt::Restart => "restart",
        }
    }
}

impl fmt::Display for Cause {
    /// `cms_38`, `cme_14`, `error`, `no_prompt`, `line_lost`: the word used in the API, in the store and in metrics.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cause::Cms(code) => write!(f, "cms_{code}"),
            Cause::Cme(code) => write!(f, "cme_{code}"),
            Cause::Error => f.write_str("error"),
            Cause::NoPrompt => f.write_str("no_prompt"),
            Cause::LineLost => f.write_str("line_lost"),
        }
    }
}
