//! What became of a message, as the service centre reports it: TP-ST (3GPP TS 23.040 §9.2.3.15).
//!
//! Only says what a status means; what to do about it is the gateway's policy.

use std::fmt;

/// A TP-ST octet; every value has a meaning, reserved ones as the standard tells receivers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Status(pub u8);

/// What a status amounts to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StatusClass {
    /// The recipient has it.
    Delivered,
    /// Forwarded, or completed in a way of the service centre's own, without proof that the recipient has it.
    DeliveredUnconfirmed,
    /// Not delivered yet, the service centre is still trying; the only class that is not final.
    Trying,
    /// Not delivered, and trying again would not help.
    Failed,
    /// The validity period ended first.
    Expired,
    /// Deleted, by the sender or by the service centre's administration.
    Deleted,
    /// Not delivered for a temporary cause, and the service centre has stopped trying.
    GaveUp,
    /// The service centre replaced it by a newer message.
    Replaced,
}

impl StatusClass {
    /// The class as programs read it.
    pub fn as_str(self) -> &'static str {
        match self {
            StatusClass::Delivered => "delivered",
            StatusClass::DeliveredUnconfirmed => "delivered_unconfirmed",
            StatusClass::Trying => "trying",
            StatusClass::Failed => "failed",
            StatusClass::Expired => "expired",
            StatusClass::Deleted => "deleted",
            StatusClass::GaveUp => "gave_up",
            StatusClass::Replaced => "replaced",
        }
    }
}

impl Status {
    /// What the status amounts to.
    pub fn class(self) -> StatusClass {
        match self.0 {
            0x00 => StatusClass::Delivered,
            0x02 => StatusClass::Replaced,
            0x01..=0x1f => StatusClass::DeliveredUnconfirmed,
            0x20..=0x3f => StatusClass::Trying,
            0x46 => StatusClass::Expired,
            0x47 | 0x48 => StatusClass::Deleted,
            0x40..=0x5f => StatusClass::Failed,
            0x60..=0xff => StatusClass::GaveUp,
        }
    }

    /// What the standard calls the status, in lower case; one name for each range that is reserved or left to
    /// service centres.
    pub fn name(self) -> &'static str {
        match self.0 {
            0x00 => "received by the recipient",
            0x01 => "forwarded, delivery not confirmed",
            0x02 => "replaced by the service centre",
            0x03..=0x0f => "completed, reserved status",
            0x10..=0x1f => "completed, service centre's own status",
            0x20 => "congestion, still trying",
            0x21 => "recipient busy, still trying",
            0x22 => "no response from the recipient, still trying",
            0x23 => "service rejected, still trying",
            0x24 => "quality of service not available, still trying",
            0x25 => "error in the recipient, still trying",
            0x26..=0x2f => "still trying, reserved status",
            0x30..=0x3f => "still trying, service centre's own status",
            0x40 => "remote procedure error",
            0x41 => "incompatible destination",
            0x42 => "connection rejected by the recipient",
            0x43 => "not obtainable",
            0x44 => "quality of service not available",
            0x45 => "no interworking available",
            0x46 => "validity period expired",
            0x47 => "deleted by the sender",
            0x48 => "deleted by the service centre",
            0x49 => "message does not exist",
            0x4a..=0x4f => "permanent error, reserved status",
            0x50..=0x5f => "permanent error, service centre's own status",
            0x60 => "congestion, given up",
            0x61 => "recipient busy, given up",
            0x62 => "no response from the recipient, given up",
            0x63 => "service rejected, given up",
            0x64 => "quality of service not available, given up",
            0x65 => "error in the recipient, given up",
            0x66..=0x6f => "given up, reserved status",
            0x70..=0x7f => "given up, service centre's own status",
            0x80..=0xff => "reserved status",
        }
    }

    /// Whether no other status is to follow.
    pub fn is_final(self) -> bool {
        self.class() != StatusClass::Trying
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#04x} {}", self.0, self.name())
    }
}
