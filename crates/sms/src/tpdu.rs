//! Which TPDU it is, and the bits of the first octet that the three kinds share (3GPP TS 23.040 §9.2.2, §9.2.3.1).
//!
//! SUBMIT-REPORT and DELIVER-REPORT share their type bits with SUBMIT and DELIVER the other way. COMMAND is not read:
//! no host sends one to a modem in PDU mode that it would get back.

use crate::{Deliver, DeliverReport, PduError, StatusReport, Submit, SubmitReport};

/// A TPDU of any kind read here.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Tpdu {
    /// A message to the service centre.
    Submit(Submit),
    /// A message from the service centre.
    Deliver(Deliver),
    /// What became of a message, from the service centre.
    StatusReport(StatusReport),
    /// The service centre's answer to a SUBMIT.
    SubmitReport(SubmitReport),
    /// The answer to a DELIVER, to the service centre.
    DeliverReport(DeliverReport),
}

/// Which way a TPDU goes: the same type bits mean different kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// From the host to the service centre.
    MobileOriginated,
    /// From the service centre to the host.
    MobileTerminated,
}

impl Tpdu {
    /// Reads a TPDU, without service centre address. Octets after its end are ignored.
    ///
    /// # Errors
    /// [`PduError`] says what is wrong and where; [`PduError::MessageType`] for a kind that is not read.
    pub fn decode(octets: &[u8], direction: Direction) -> Result<Tpdu, PduError> {
        let first = *octets
            .first()
            .ok_or(PduError::Truncated { field: FIRST_OCTET })?;
        match (direction, first & MTI) {
            (Direction::MobileOriginated, MTI_SUBMIT) => Submit::decode(octets).map(Tpdu::Submit),
            (Direction::MobileOriginated, MTI_DELIVER) => {
                DeliverReport::decode(octets).map(Tpdu::DeliverReport)
            }
            (Direction::MobileOriginated, bits) => Err(PduError::MessageType {
                bits,
                expected: "SUBMIT or DELIVER-REPORT",
            }),
            (Direction::MobileTerminated, MTI_DELIVER) => {
                Deliver::decode(octets).map(Tpdu::Deliver)
            }
            (Direction::MobileTerminated, MTI_STATUS_REPORT) => {
                StatusReport::decode(octets).map(Tpdu::StatusReport)
            }
            (Direction::MobileTerminated, MTI_SUBMIT) => {
                SubmitReport::decode(octets).map(Tpdu::SubmitReport)
            }
            (Direction::MobileTerminated, bits) => Err(PduError::MessageType {
                bits,
                expected: "DELIVER, STATUS-REPORT or SUBMIT-REPORT",
            }),
        }
    }

    /// The TPDU, without service centre address.
    ///
    /// # Errors
    /// As the `encode` of each kind.
    pub fn encode(&self) -> Result<Vec<u8>, PduError> {
        match self {
            Tpdu::Submit(submit) => submit.encode(),
            Tpdu::Deliver(deliver) => deliver.encode(),
            Tpdu::StatusReport(report) => report.encode(),
            Tpdu::SubmitReport(report) => report.encode(),
            Tpdu::DeliverReport(report) => report.encode(),
        }
    }
}

/// Checks TP-MTI.
pub(crate) fn expect_type(first: u8, bits: u8, expected: &'static str) -> Result<(), PduError> {
    match first & MTI {
        found if found == bits => Ok(()),
        found => Err(PduError::MessageType {
            bits: found,
            expected,
        }),
    }
}

/// `bit` if `set`.
pub(crate) fn flag(set: bool, bit: u8) -> u8 {
    if set { bit } else { 0 }
}

/// What errors call the first octet.
pub(crate) const FIRST_OCTET: &str = "the first octet";
/// TP-MTI, message type indicator.
pub(crate) const MTI: u8 = 0x03;
pub(crate) const MTI_DELIVER: u8 = 0x00;
pub(crate) const MTI_SUBMIT: u8 = 0x01;
pub(crate) const MTI_STATUS_REPORT: u8 = 0x02;
/// TP-MMS of what the service centre sends: set when there is nothing more.
pub(crate) const NO_MORE: u8 = 0x04;
/// TP-LP, loop prevention, of what the service centre sends.
pub(crate) const LOOP_PREVENTION: u8 = 0x08;
/// TP-SRR, TP-SRI or TP-SRQ.
pub(crate) const REPORT: u8 = 0x20;
/// TP-UDHI, user data header indicator.
pub(crate) const HEADER: u8 = 0x40;
/// TP-RP, reply path.
pub(crate) const REPLY_PATH: u8 = 0x80;
