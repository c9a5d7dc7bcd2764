//! What goes into a turn and what comes out of it.

use std::time::{Duration, Instant};

use modem::{Event, Iccid, Submission};
use sms::{Address, Replaced};

use crate::form::Form;
use crate::hub::{HubResult, HubStep};
use crate::record::{Control, Target};
use crate::routes::{Exclusion, RouteFit};
use crate::settings::Settings;
use crate::words::{Class, InDoubt, LineId, MessageId, MessageState, ReplyTo, Rotation, UnixMs};

/// One thing that happened outside.
#[derive(Debug)]
pub enum Input {
    /// An app hands over a message that passed [`crate::admit`].
    Accept {
        /// Who waits for the answer.
        reply: ReplyTo,
        /// The message.
        request: Box<Request>,
    },
    /// An app takes a message back.
    Cancel {
        /// Who waits for the answer.
        reply: ReplyTo,
        /// The message.
        id: MessageId,
    },
    /// The shell found a port and will tell its events from now on.
    LineAdded {
        /// Its number.
        line: LineId,
        /// Its stable name.
        name: Box<str>,
    },
    /// A line tells something.
    Line {
        /// Which.
        line: LineId,
        /// What.
        event: Event,
    },
    /// Where a line has its power from.
    LinePlaced {
        /// The line.
        line: LineId,
        /// Name of a hub of [`Settings::hubs`]; `None`: nothing that could be reset.
        hub: Option<Box<str>>,
    },
    /// The command of [`crate::HubStep::Reset`] has ended.
    HubReset {
        /// The hub.
        hub: Box<str>,
        /// How.
        result: HubResult,
    },
    /// A line is about to give a SIM its PIN, and waits for [`Effect::Pin`].
    Pin(PinWish),
    /// An operator's dialogue wants a line, and waits for [`Effect::Engaged`]; or it is over.
    Engage {
        /// The line.
        line: LineId,
        /// Whether it is wanted; otherwise the line is free for messages again.
        wanted: bool,
    },
    /// An operator pauses, drains or resumes a line or SIM.
    Control {
        /// Who waits for the answer.
        reply: ReplyTo,
        /// Which line or SIM.
        target: Target,
        /// What is wanted.
        control: Control,
        /// Why.
        reason: Option<Box<str>>,
    },
    /// An app or operator puts a recipient on the suppression list, or takes it off.
    Suppress {
        /// Who waits for the answer.
        reply: ReplyTo,
        /// The recipient, in canonical form.
        recipient: Address,
        /// Whether it is to be on the list.
        suppressed: bool,
        /// Why.
        reason: Option<Box<str>>,
    },
    /// The disk is too full to accept messages (`true`), or no longer (`false`).
    DiskLow(bool),
    /// The configuration changed.
    Reload(Box<Settings>),
    /// Stop: accept nothing, start nothing; what is on the air may finish.
    Stop,
}

/// A line wants to give its SIM a PIN. The same PIN goes to the same SIM once, ever.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PinWish {
    /// The line.
    pub line: LineId,
    /// Counts the line's wishes, so that a late answer is not taken for another's.
    pub number: u32,
    /// The SIM.
    pub sim: Iccid,
    /// Fingerprint of the PIN.
    pub fingerprint: u64,
}

/// A message that is well formed, canonical and encodable, and waits for the gateway's word.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// Public name it will have; made by the shell.
    pub id: MessageId,
    /// Recipient in canonical form.
    pub to: Address,
    /// The text; of data its hexadecimal digits.
    pub text: Box<str>,
    /// Class.
    pub class: Class,
    /// How long it is worth sending.
    pub expires_in: Duration,
    /// Idempotency key.
    pub key: Option<Box<str>>,
    /// Digest of the body.
    pub digest: u64,
    /// The app that hands it over, as it names itself.
    pub app: Option<Box<str>>,
    /// Route that is asked for.
    pub route: Option<Box<str>>,
    /// Whether delivery reports are asked for.
    pub report: bool,
    /// Policy in doubt.
    pub in_doubt: InDoubt,
    /// How it goes on the air.
    pub form: Form,
    /// Parts on the air.
    pub parts: u8,
    /// Shown at once and not stored.
    pub flash: bool,
    /// Takes the place of the last message of this type, 1 to 7.
    pub replace: Option<u8>,
    /// What transliteration made of the text that was given, for whoever gave it. Private, as the text is.
    pub replaced: Vec<Replaced>,
    /// Not to be sent before; its lifetime begins then.
    pub send_at: Option<UnixMs>,
}

impl Request {
    /// When it could be sent first, and when it is no longer worth sending, if it comes in now.
    pub(crate) fn span(&self, now: UnixMs) -> (UnixMs, UnixMs) {
        let asked = self.send_at.unwrap_or(now);
        (asked.max(now), asked.plus(self.expires_in))
    }
}

/// One thing to be done outside, once the turn's records are durable.
#[derive(Debug)]
pub enum Effect {
    /// Answer a caller.
    Reply {
        /// The caller.
        to: ReplyTo,
        /// The answer.
        answer: Result<Answer, Refusal>,
    },
    /// Push a part on a SIM's send queue.
    Submit {
        /// The line that the SIM is in.
        line: LineId,
        /// The part.
        submission: Submission,
        /// If it has not been started by then, it is to be returned: its message is too late.
        not_after: Instant,
    },
    /// Let a line give its SIM the PIN, or not: it was tried before.
    Pin {
        /// The line.
        line: LineId,
        /// Which of the line's wishes.
        number: u32,
        /// Whether it may.
        go: bool,
    },
    /// Nothing new is pushed on the line's send queue until its dialogue is over.
    Engaged {
        /// The line.
        line: LineId,
    },
    /// A code needs the SIM of a dialogue: end it.
    GiveWay {
        /// The line.
        line: LineId,
    },
    /// Take back what waits in a line's send queue; each comes in again as [`Event::Returned`].
    Recall {
        /// The line.
        line: LineId,
    },
    /// A hub goes one step towards a reset; at [`HubStep::Reset`] its command is to be run, and [`Input::HubReset`] tells how
    /// that went.
    Hub {
        /// Its name.
        hub: Box<str>,
        /// The step.
        step: HubStep,
    },
    /// Another line tells the SIM of this one: it is to look whether it still has it.
    CheckSim {
        /// The line.
        line: LineId,
    },
    /// A line is trusted with parts again, or not any more: to be told to people.
    Trust {
        /// Its name.
        line: Box<str>,
        /// What has become of the trust.
        trust: LineTrust,
    },
}

/// Whether a line is given parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LineTrust {
    /// None for a while, and then one.
    Rests {
        /// Why.
        reason: Box<str>,
        /// How long.
        rest: Duration,
    },
    /// None as long as its SIM is another line's.
    Held {
        /// Name of that line.
        holder: Box<str>,
    },
    /// As before.
    Back,
}

/// A yes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The message is durable.
    Accepted {
        /// Its public name.
        id: MessageId,
        /// Its state now.
        state: MessageState,
        /// Its parts on the air.
        parts: u8,
        /// How it goes on the air.
        form: Form,
        /// Whether it was accepted earlier, under the same key.
        repeated: bool,
    },
    /// The message is taken back.
    Cancelled {
        /// The message.
        id: MessageId,
    },
    /// The operator's wish is noted, or the recipient's.
    Controlled,
}

/// A message that nobody sends: what would become of it?
#[derive(Clone, Debug, PartialEq)]
pub struct RouteQuery {
    /// Recipient in canonical form.
    pub to: Address,
    /// Class.
    pub class: Class,
    /// Name of the app.
    pub app: Option<Box<str>>,
    /// Route that is asked for.
    pub route: Option<Box<str>>,
    /// Parts on the air, which stay together on one SIM.
    pub parts: u8,
}

/// Which route and SIM would serve a message now, and why no others.
#[derive(Clone, Debug, PartialEq)]
pub struct RouteTrial {
    /// The route; `None`: no route fits, every SIM may serve it.
    pub route: Option<Box<str>>,
    /// The fall-back whose SIMs serve it while none of the route's own can.
    pub serving: Option<Box<str>>,
    /// How one of the SIMs is picked.
    pub rotation: Rotation,
    /// Every route and how it stands to the message, in the order of the configuration.
    pub routes: Vec<(Box<str>, RouteFit)>,
    /// The SIM that would take it now; none while all that may are busy or resting.
    pub chosen: Option<Iccid>,
    /// Every SIM that was ever seen.
    pub sims: Vec<SimTrial>,
    /// Why it would not be accepted now.
    pub refusal: Option<Refusal>,
    /// Why it waits though a SIM could take it.
    pub hold: Option<Hold>,
}

/// Why a message waits though a SIM could take it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// Its send window is closed.
    SendWindow {
        /// When it opens; `None`: never.
        opens: Option<UnixMs>,
    },
    /// The SIMs that are free are kept for codes.
    OtpReserve,
    /// The daemon stops, and starts nothing new.
    Stopping,
}

impl Hold {
    /// The word of the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Hold::SendWindow { .. } => "send_window",
            Hold::OtpReserve => "otp_reserve",
            Hold::Stopping => "stopping",
        }
    }
}

/// How one SIM stands to a message.
#[derive(Clone, Debug, PartialEq)]
pub struct SimTrial {
    /// The card.
    pub iccid: Iccid,
    /// Configured label, else the last digits of the card's number.
    pub label: Box<str>,
    /// The line it is in.
    pub line: Option<LineId>,
    /// What is left of its scarcest budget, in billionths.
    pub headroom: u64,
    /// Why it would not take the message now; `None`: it may.
    pub exclusion: Option<Exclusion>,
}

/// A no, with its reason. The variants are the stable codes of the API.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// 422.
    #[error("the recipient is not a phone number: {0}")]
    InvalidRecipient(&'static str),
    /// 422.
    #[error(
        "the message is empty: it needs a text of at least one character, or data of at least one octet"
    )]
    EmptyText,
    /// 422.
    #[error(
        "the message takes {parts} parts and {parts_max} are allowed: shorten it or raise gateway.max_parts"
    )]
    TextTooLong {
        /// Parts it would take.
        parts: usize,
        /// Parts allowed.
        parts_max: usize,
    },
    /// 422.
    #[error(
        "the character at position {position} can't be encoded in the encoding that was asked for"
    )]
    Unencodable {
        /// Position, in characters from 0.
        position: usize,
    },
    /// 422.
    #[error("no route is called `{0}`: see the [[routes]] of the configuration")]
    UnknownRoute(Box<str>),
    /// 422.
    #[error("nothing is sent to this recipient: {0}")]
    Policy(&'static str),
    /// 422.
    #[error(
        "the recipient is on the suppression list: nothing is sent to it until it is taken off (`simfleet suppressions remove`)"
    )]
    Suppressed,
    /// 404.
    #[error("the recipient is not on the suppression list")]
    NotSuppressed,
    /// 422.
    #[error("the suppression list is full: it has {SUPPRESSED_MAX} recipients")]
    SuppressionsFull,
    /// 429.
    #[error(
        "the limit `{limit}` is reached: no more messages are accepted under it for {retry_after_s} s"
    )]
    RateLimited {
        /// Name of the limit.
        limit: Box<str>,
        /// When it accepts messages again, in seconds.
        retry_after_s: u32,
    },
    /// 409.
    #[error("the key was used before with another body: use a new key for a new message")]
    KeyConflict,
    /// 404.
    #[error("no message has this id")]
    NotFound,
    /// 404.
    #[error("no line or SIM is called that")]
    UnknownTarget,
    /// 409.
    #[error("the message is {} and can't be taken back", .0.as_str())]
    TooLate(MessageState),
    /// 503.
    #[error(
        "{queued} messages are waiting and gateway.max_queued is reached for the class: try again later"
    )]
    QueueFull {
        /// Messages waiting.
        queued: usize,
        /// When room is expected, in seconds.
        retry_after_s: u32,
    },
    /// 503.
    #[error(
        "the code can't be sent before its deadline: one accepted now would start in about {wait_s} s; use another channel, or allow it more time"
    )]
    DeadlineUnreachable {
        /// When it could start, in seconds.
        wait_s: u32,
        /// When its lifetime would be enough, in seconds.
        retry_after_s: u32,
    },
    /// 422.
    #[error(
        "send_at lies {} days ahead and gateway.schedule_max allows {}: hand the message over later", days(.ahead), days(.ahead_max)
    )]
    ScheduledTooFar {
        /// How far ahead it is to be sent.
        ahead: Duration,
        /// How far ahead is allowed.
        ahead_max: Duration,
    },
    /// 422.
    #[error("the deadline has passed: send_at and expires_in end at {}, before the message came", rfc3339(.expires))]
    DeadlinePassed {
        /// The deadline.
        expires: UnixMs,
    },
    /// 422.
    #[error("{}", outside(.class, .opens))]
    OutsideSendWindow {
        /// Whose send window it is.
        class: Class,
        /// When it opens at the recipient, if it ever does.
        opens: Option<UnixMs>,
    },
    /// 503.
    #[error("the daemon is stopping: hand the message over again after its restart")]
    Draining,
    /// 507.
    #[error("the disk that holds the store is full: nothing is accepted until there is room")]
    DiskFull,
}

impl Refusal {
    /// The stable code of the API.
    pub fn code(&self) -> &'static str {
        match self {
            Refusal::InvalidRecipient(_) => "invalid_recipient",
            Refusal::EmptyText => "empty_text",
            Refusal::TextTooLong { .. } => "text_too_long",
            Refusal::Unencodable { .. } => "unencodable",
            Refusal::UnknownRoute(_) => "unknown_route",
            Refusal::Policy(_) => "policy",
            Refusal::Suppressed => "suppressed",
            Refusal::NotSuppressed => "not_found",
            Refusal::SuppressionsFull => "suppressions_full",
            Refusal::RateLimited { .. } => "rate_limited",
            Refusal::KeyConflict => "key_conflict",
            Refusal::NotFound | Refusal::UnknownTarget => "not_found",
            Refusal::TooLate(_) => "too_late",
            Refusal::QueueFull { .. } => "queue_full",
            Refusal::DeadlineUnreachable { .. } => "deadline_unreachable",
            Refusal::ScheduledTooFar { .. } => "scheduled_too_far",
            Refusal::DeadlinePassed { .. } => "deadline_passed",
            Refusal::OutsideSendWindow { .. } => "outside_send_window",
            Refusal::Draining => "draining",
            Refusal::DiskFull => "disk_full",
        }
    }
}

/// Recipients on the suppression list; they take about 60 MB.
pub const SUPPRESSED_MAX: usize = 1_000_000;
fn outside(class: &Class, opens: &Option<UnixMs>) -> String {
    let class = class.as_str();
    match opens {
        Some(opens) => format!(
            "the send window of `{class}` opens for this recipient at {}, and the message expires before: allow it more time",
            rfc3339(opens)
        ),
        None => format!(
            "the send window of `{class}` never opens for this recipient: its country has several time zones and no hour suits all; name its zone under [zones]"
        ),
    }
}

fn days(duration: &Duration) -> String {
    format!("{:.0}", duration.as_secs_f64() / 86_400.0)
}

fn rfc3339(at: &UnixMs) -> String {
    let moment = jiff::Timestamp::from_millisecond(at.0);
    moment.map_or_else(
        |_| "a time out of range".to_owned(),
        |at| format!("{at:.0}"),
    )
}
