//! The gateway's vocabulary: ids, classes, states and times. Plain values without behaviour of their own.

use std::fmt;
use std::str::FromStr;
use std::time::{Duration, Instant};

use uuid::Uuid;

/// Public name of a message: a UUID version 7, made by the shell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageId(pub Uuid);

/// Internal name of a message: the number of the record that accepted it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageSeq(pub u64);

/// One serial port of this process, numbered by the shell as it finds them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LineId(pub u32);

/// Names the caller who waits for an answer; made and understood by the shell alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReplyTo(pub u64);

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixMs(pub i64);

/// The time as a machine is told it: `mono` for intervals, `wall` for what people and disks see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// Never jumps.
    pub mono: Instant,
    /// May be set by an administrator.
    pub wall: UnixMs,
}

/// What kind of message it is; each class has its lane, deadline and policy in doubt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// A one-time code: worthless when late.
    Otp,
    /// Something a person waits for, within hours.
    Notification,
    /// Everything else.
    Bulk,
}

/// What to do when nobody can say whether a part was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum InDoubt {
    /// Send it again, once: rather twice than never.
    Resend,
    /// Wait for a report until the deadline: rather never than twice.
    Hold,
    /// End as unconfirmed at once.
    Fail,
}

/// Where a message is in its life.
///
/// ```text
/// Queued ─► Sending ─► Sent ─► Delivered | Undelivered | Unconfirmed
///   │          └─► InDoubt ─► Queued (resend) | Sent (resolved) | Unconfirmed
///   └─► Expired | Cancelled | Failed
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MessageState {
    /// Waiting for a SIM.
    Queued,
    /// At least one part was handed to a line and not all parts have an outcome.
    Sending,
    /// A part has an unknown outcome.
    InDoubt,
    /// All parts are on the air.
    Sent,
    /// Reports say that all parts arrived.
    Delivered,
    /// Reports say that a part did not arrive.
    Undelivered,
    /// The deadline passed and neither answer nor report came.
    Unconfirmed,
    /// The deadline passed before a part was sent.
    Expired,
    /// The app took it back in time.
    Cancelled,
    /// It was certainly not sent, and will not be.
    Failed,
}

/// How a SIM is picked among those that may serve a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rotation {
    /// The SIM whose scarcest budget has most left, a slow one counting as if it had less.
    #[default]
    Headroom,
    /// The SIM that was not used for the longest time.
    RoundRobin,
    /// The SIM that has sent the fewest parts in its month.
    LeastUsed,
    /// The SIM that the recipient always sees, as long as it is to be had.
    Sticky,
    /// The SIM on which a part costs least; among equals as [`Rotation::Headroom`].
    Cost,
}

/// A word that is none of the allowed ones.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{given}` is not one of {allowed}")]
pub struct UnknownWord {
    /// What was given.
    pub given: String,
    /// What is allowed.
    pub allowed: &'static str,
}

impl UnixMs {
    /// This time and `duration` more; stops at the end of time instead of wrapping.
    #[must_use]
    pub fn plus(self, duration: Duration) -> UnixMs {
        let ms = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        UnixMs(self.0.saturating_add(ms))
    }

    /// How long from `earlier` to this time; zero if it is not later.
    #[must_use]
    pub fn since(self, earlier: UnixMs) -> Duration {
        let ms = self.0.saturating_sub(earlier.0);
        Duration::from_millis(u64::try_from(ms).unwrap_or(0))
    }
}

impl Now {
    /// What the wall clock showed at an instant, if nobody has set it since.
    #[must_use]
    pub fn wall_of(self, past: Instant) -> UnixMs {
        let ago = self.mono.saturating_duration_since(past);
        let ms = i64::try_from(ago.as_millis()).unwrap_or(i64::MAX);
        UnixMs(self.wall.0.saturating_sub(ms))
    }

    /// The monotonic instant at which the wall clock will show `wall`, if nobody sets it until then.
    #[must_use]
    pub fn instant_of(self, wall: UnixMs) -> Instant {
        self.mono + wall.since(self.wall)
    }
}

impl Class {
    /// All classes, the most urgent first.
    pub const ALL: [Class; 3] = [Class::Otp, Class::Notification, Class::Bulk];

    /// The word of the API, the configuration and the metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Class::Otp => "otp",
            Class::Notification => "notification",
            Class::Bulk => "bulk",
        }
    }

    /// Position in [`Class::ALL`].
    pub fn index(self) -> usize {
        match self {
            Class::Otp => 0,
            Class::Notification => 1,
            Class::Bulk => 2,
        }
    }
}

impl InDoubt {
    /// All policies.
    pub const ALL: [InDoubt; 3] = [InDoubt::Resend, InDoubt::Hold, InDoubt::Fail];

    /// The word of the API and the configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            InDoubt::Resend => "resend",
            InDoubt::Hold => "hold",
            InDoubt::Fail => "fail",
        }
    }
}

impl MessageState {
    /// All states, in the order of a life.
    pub const ALL: [MessageState; 10] = [
        MessageState::Queued,
        MessageState::Sending,
        MessageState::InDoubt,
        MessageState::Sent,
        MessageState::Delivered,
        MessageState::Undelivered,
        MessageState::Unconfirmed,
        MessageState::Expired,
        MessageState::Cancelled,
        MessageState::Failed,
    ];

    /// The word of the API and the metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            MessageState::Queued => "queued",
            MessageState::Sending => "sending",
            MessageState::InDoubt => "in_doubt",
            MessageState::Sent => "sent",
            MessageState::Delivered => "delivered",
            MessageState::Undelivered => "undelivered",
            MessageState::Unconfirmed => "unconfirmed",
            MessageState::Expired => "expired",
            MessageState::Cancelled => "cancelled",
            MessageState::Failed => "failed",
        }
    }

    /// Position in [`MessageState::ALL`]; also its number in the store, so it never changes.
    pub fn index(self) -> usize {
        match self {
            MessageState::Queued => 0,
            MessageState::Sending => 1,
            MessageState::InDoubt => 2,
            MessageState::Sent => 3,
            MessageState::Delivered => 4,
            MessageState::Undelivered => 5,
            MessageState::Unconfirmed => 6,
            MessageState::Expired => 7,
            MessageState::Cancelled => 8,
            MessageState::Failed => 9,
        }
    }
}

impl Rotation {
    /// All policies.
    pub const ALL: [Rotation; 5] = [
        Rotation::Headroom,
        Rotation::RoundRobin,
        Rotation::LeastUsed,
        Rotation::Sticky,
        Rotation::Cost,
    ];

    /// The word of the configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Rotation::Headroom => "headroom",
            Rotation::RoundRobin => "round_robin",
            Rotation::LeastUsed => "least_used",
            Rotation::Sticky => "sticky",
            Rotation::Cost => "cost",
        }
    }
}

impl FromStr for Class {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        let found = Class::ALL.into_iter().find(|class| class.as_str() == text);
        found.ok_or_else(|| unknown(text, "otp, notification, bulk"))
    }
}

impl FromStr for InDoubt {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        let found = InDoubt::ALL
            .into_iter()
            .find(|policy| policy.as_str() == text);
        found.ok_or_else(|| unknown(text, "resend, hold, fail"))
    }
}

impl FromStr for MessageState {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        let found = MessageState::ALL
            .into_iter()
            .find(|state| state.as_str() == text);
        found.ok_or_else(|| {
            unknown(
                text,
                "queued, sending, in_doubt, sent, delivered, undelivered, unconfirmed, expired, cancelled, failed",
            )
        })
    }
}

impl FromStr for Rotation {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        let found = Rotation::ALL
            .into_iter()
            .find(|rotation| rotation.as_str() == text);
        found.ok_or_else(|| unknown(text, "headroom, round_robin, least_used, sticky, cost"))
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

pub(crate) fn unknown(given: &str, allowed: &'static str) -> UnknownWord {
    UnknownWord {
        given: given.to_owned(),
        allowed,
    }
}
