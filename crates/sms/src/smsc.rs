//! The PDU of the AT interface: a TPDU behind the service centre's address (3GPP TS 27.005 §3.1).
//!
//! Does not guess whether an address is there: some modems leave it out of reports, and only the caller, who knows the
//! announced length, can tell.

use crate::submit::TPDU_OCTETS_MAX;
use crate::{Address, Deliver, Direction, PduError, StatusReport, Submit, Tpdu, reader::Reader};

/// A TPDU with the address of its service centre.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Pdu<T> {
    /// The service centre; `None` leaves the choice to the modem, which takes the SIM's.
    pub smsc: Option<Address>,
    /// The message.
    pub tpdu: T,
}

impl Pdu<Tpdu> {
    /// Reads the service centre's address and then a TPDU of a direction.
    ///
    /// # Errors
    /// As [`split_smsc`] and [`Tpdu::decode`].
    pub fn decode(octets: &[u8], direction: Direction) -> Result<Pdu<Tpdu>, PduError> {
        decode_with(octets, |tpdu| Tpdu::decode(tpdu, direction))
    }
}

impl Pdu<Submit> {
    /// Reads the service centre's address and then a SUBMIT.
    ///
    /// # Errors
    /// As [`split_smsc`] and [`Submit::decode`].
    pub fn decode(octets: &[u8]) -> Result<Pdu<Submit>, PduError> {
        decode_with(octets, Submit::decode)
    }

    /// The octets, service centre first.
    ///
    /// # Errors
    /// As [`Submit::encode`].
    pub fn encode(&self) -> Result<Vec<u8>, PduError> {
        let mut octets = begin(self.smsc.as_ref(), TPDU_OCTETS_MAX);
        self.tpdu.encode_into(&mut octets)?;
        Ok(octets)
    }
}

impl Pdu<Deliver> {
    /// Reads the service centre's address and then a DELIVER.
    ///
    /// # Errors
    /// As [`split_smsc`] and [`Deliver::decode`].
    pub fn decode(octets: &[u8]) -> Result<Pdu<Deliver>, PduError> {
        decode_with(octets, Deliver::decode)
    }

    /// The octets, service centre first.
    ///
    /// # Errors
    /// As [`Deliver::encode`].
    pub fn encode(&self) -> Result<Vec<u8>, PduError> {
        Ok(join_smsc(self.smsc.as_ref(), &self.tpdu.encode()?))
    }
}

impl Pdu<StatusReport> {
    /// Reads the service centre's address and then a STATUS-REPORT.
    ///
    /// # Errors
    /// As [`split_smsc`] and [`StatusReport::decode`].
    pub fn decode(octets: &[u8]) -> Result<Pdu<StatusReport>, PduError> {
        decode_with(octets, StatusReport::decode)
    }

    /// The octets, service centre first.
    ///
    /// # Errors
    /// As [`StatusReport::encode`].
    pub fn encode(&self) -> Result<Vec<u8>, PduError> {
        Ok(join_smsc(self.smsc.as_ref(), &self.tpdu.encode()?))
    }
}

/// The service centre's address, `None` when its length octet is 0, and the TPDU behind it.
///
/// # Errors
/// [`PduError::Truncated`] or [`PduError::AddressLength`].
pub fn split_smsc(octets: &[u8]) -> Result<(Option<Address>, &[u8]), PduError> {
    let mut reader = Reader::new(octets);
    let smsc = Address::decode_smsc(&mut reader)?;
    Ok((smsc, reader.rest()))
}

/// A TPDU behind the service centre's address, or behind a length octet of 0.
pub fn join_smsc(smsc: Option<&Address>, tpdu: &[u8]) -> Vec<u8> {
    let mut octets = begin(smsc, tpdu.len());
    octets.extend_from_slice(tpdu);
    octets
}

/// The service centre's address, with room for a TPDU behind it.
fn begin(smsc: Option<&Address>, tpdu_len: usize) -> Vec<u8> {
    let mut octets = Vec::with_capacity(SMSC_OCTETS_MAX + tpdu_len);
    match smsc {
        Some(smsc) => smsc.encode_smsc_into(&mut octets),
        None => octets.push(0),
    }
    octets
}

fn decode_with<T>(
    octets: &[u8],
    decode: impl FnOnce(&[u8]) -> Result<T, PduError>,
) -> Result<Pdu<T>, PduError> {
    let (smsc, tpdu) = split_smsc(octets)?;
    Ok(Pdu {
        smsc,
        tpdu: decode(tpdu)?,
    })
}

/// Length, type and ten octets of digits.
const SMSC_OCTETS_MAX: usize = 12;
