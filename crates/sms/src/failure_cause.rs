//! Why a TPDU was refused: TP-FCS (3GPP TS 23.040 §9.2.3.22).
//!
//! Only says what a cause means; what to do about it is the gateway's policy.

use std::fmt;

/// A TP-FCS octet; every value has a meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FailureCause(pub u8);

/// What a cause speaks of: the standard's ranges.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FailureClass {
    /// TP-PID.
    ProtocolIdentifier,
    /// TP-DCS.
    DataCoding,
    /// An SMS-COMMAND.
    Command,
    /// The TPDU as a whole.
    Tpdu,
    /// The service centre.
    ServiceCentre,
    /// The SIM or the mobile equipment.
    Mobile,
    /// Left to applications.
    Application,
    /// Reserved, or without a cause.
    Unspecified,
}

impl FailureCause {
    /// What the cause speaks of.
    pub fn class(self) -> FailureClass {
        match self.0 {
            0x80..=0x8f => FailureClass::ProtocolIdentifier,
            0x90..=0x9f => FailureClass::DataCoding,
            0xa0..=0xaf => FailureClass::Command,
            0xb0..=0xbf => FailureClass::Tpdu,
            0xc0..=0xcf => FailureClass::ServiceCentre,
            0xd0..=0xdf => FailureClass::Mobile,
            0xe0..=0xfe => FailureClass::Application,
            0x00..=0x7f | 0xff => FailureClass::Unspecified,
        }
    }

    /// What the standard calls the cause, in lower case; one name for each range that is reserved or left open.
    pub fn name(self) -> &'static str {
        match self.0 {
            0x80 => "telematic interworking not supported",
            0x81 => "short message type 0 not supported",
            0x82 => "cannot replace short message",
            0x8f => "unspecified TP-PID error",
            0x90 => "data coding scheme not supported",
            0x91 => "message class not supported",
            0x9f => "unspecified TP-DCS error",
            0xa0 => "command cannot be actioned",
            0xa1 => "command unsupported",
            0xaf => "unspecified TP-Command error",
            0xb0 => "TPDU not supported",
            0xc0 => "service centre busy",
            0xc1 => "no service centre subscription",
            0xc2 => "service centre system failure",
            0xc3 => "invalid recipient address",
            0xc4 => "recipient barred",
            0xc5 => "duplicate rejected",
            0xc6 => "validity period format not supported",
            0xc7 => "validity period not supported",
            0xd0 => "SIM message storage full",
            0xd1 => "no message storage capability in SIM",
            0xd2 => "error in the mobile equipment",
            0xd3 => "memory capacity exceeded",
            0xd4 => "SIM application toolkit busy",
            0xd5 => "SIM data download error",
            0xe0..=0xfe => "application's own cause",
            0xff => "unspecified error cause",
            0x00..=0x7f => "reserved cause",
            0x83..=0x8e => "TP-PID error, reserved cause",
            0x92..=0x9e => "TP-DCS error, reserved cause",
            0xa2..=0xae => "TP-Command error, reserved cause",
            0xb1..=0xbf => "TPDU error, reserved cause",
            0xc8..=0xcf => "service centre error, reserved cause",
            0xd6..=0xdf => "mobile equipment error, reserved cause",
        }
    }
}

impl FailureClass {
    /// The class as programs read it.
    pub fn as_str(self) -> &'static str {
        match self {
            FailureClass::ProtocolIdentifier => "protocol_identifier",
            FailureClass::DataCoding => "data_coding",
            FailureClass::Command => "command",
            FailureClass::Tpdu => "tpdu",
            FailureClass::ServiceCentre => "service_centre",
            FailureClass::Mobile => "mobile",
            FailureClass::Application => "application",
            FailureClass::Unspecified => "unspecified",
        }
    }
}

impl fmt::Display for FailureCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#04x} {}", self.0, self.name())
    }
}
