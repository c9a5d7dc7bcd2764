//! SMS-SUBMIT: a message on its way to the service centre (3GPP TS 23.040 §9.2.2.2).
//!
//! Every field is kept as it is, so that what was read is written the same.

use crate::reader::Reader;
use crate::tpdu::{FIRST_OCTET, HEADER, MTI_SUBMIT, REPLY_PATH, REPORT, expect_type, flag};
use crate::validity::{FORMAT_ABSOLUTE, FORMAT_ENHANCED, FORMAT_RELATIVE};
use crate::{Address, DataCoding, PduError, UserData, Validity};

/// A message to be sent: one part.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Submit {
    /// TP-MR. Modems put their own in its place and tell it after sending.
    pub reference: u8,
    /// TP-DA: whom it is for.
    pub destination: Address,
    /// TP-SRR: whether a status report is asked for.
    pub report: bool,
    /// TP-RD: whether the service centre is to refuse the same reference to the same destination again.
    pub reject_duplicates: bool,
    /// TP-RP: whether the answer may go by the same service centre.
    pub reply_path: bool,
    /// TP-VP: how long the service centre tries; `None` leaves it to the service centre.
    pub validity: Option<Validity>,
    /// TP-PID; 0 is a plain short message. See [`crate::protocol`].
    pub protocol_id: u8,
    /// TP-DCS: the alphabet of the user data, and its class.
    pub coding: DataCoding,
    /// TP-UD.
    pub user_data: UserData,
}

impl Submit {
    /// A plain message: reference 0, no report, no flags, no validity period, no class.
    pub fn new(destination: Address, user_data: UserData) -> Submit {
        Submit {
            reference: 0,
            destination,
            report: false,
            reject_duplicates: false,
            reply_path: false,
            validity: None,
            protocol_id: 0,
            coding: DataCoding::new(user_data.alphabet, None),
            user_data,
        }
    }

    /// The TPDU, without service centre address: at most 164 octets.
    ///
    /// # Errors
    /// [`PduError::UserDataLength`], [`PduError::Unencodable`] or [`PduError::BodyMismatch`]: user data that has no
    /// coding. What [`crate::segment()`] makes always has one.
    pub fn encode(&self) -> Result<Vec<u8>, PduError> {
        let mut out = Vec::with_capacity(TPDU_OCTETS_MAX);
        self.encode_into(&mut out)?;
        Ok(out)
    }

    /// As [`Submit::encode`], appending.
    pub(crate) fn encode_into(&self, out: &mut Vec<u8>) -> Result<(), PduError> {
        out.extend([self.first_octet(), self.reference]);
        self.destination.encode_into(out);
        out.extend([self.protocol_id, self.coding.0]);
        if let Some(validity) = &self.validity {
            out.extend_from_slice(validity.field().1);
        }
        self.user_data.encode_into(self.coding, out)
    }

    /// Reads a TPDU, without service centre address. Octets after its end are ignored.
    ///
    /// # Errors
    /// [`PduError`] says what is wrong and where.
    pub fn decode(octets: &[u8]) -> Result<Submit, PduError> {
        let mut reader = Reader::new(octets);
        let first = reader.octet(FIRST_OCTET)?;
        expect_type(first, MTI_SUBMIT, "SUBMIT")?;
        let reference = reader.octet("TP-MR")?;
        let destination = Address::decode(&mut reader, "TP-DA")?;
        let protocol_id = reader.octet("TP-PID")?;
        let coding = DataCoding(reader.octet("TP-DCS")?);
        let validity = decode_validity(first, &mut reader)?;
        let user_data = UserData::decode(&mut reader, coding.alphabet(), first & HEADER != 0)?;
        Ok(Submit {
            reference,
            destination,
            report: first & REPORT != 0,
            reject_duplicates: first & REJECT_DUPLICATES != 0,
            reply_path: first & REPLY_PATH != 0,
            validity,
            protocol_id,
            coding,
            user_data,
        })
    }

    fn first_octet(&self) -> u8 {
        MTI_SUBMIT
            | flag(self.reject_duplicates, REJECT_DUPLICATES)
            | self.validity.map_or(0, |validity| validity.field().0)
            | flag(self.report, REPORT)
            | flag(!self.user_data.header.is_empty(), HEADER)
            | flag(self.reply_path, REPLY_PATH)
    }
}

fn decode_validity(first: u8, reader: &mut Reader<'_>) -> Result<Option<Validity>, PduError> {
    match first & VALIDITY_FORMAT {
        0 => Ok(None),
        FORMAT_RELATIVE => reader.octet("TP-VP").map(Validity::Relative).map(Some),
        FORMAT_ABSOLUTE => reader.array("TP-VP").map(Validity::Absolute).map(Some),
        FORMAT_ENHANCED => reader.array("TP-VP").map(Validity::Enhanced).map(Some),
        _ => unreachable!("the mask leaves two bits"),
    }
}

/// First octet, reference, 12 of address, identifier, coding, period, length and user data.
pub(crate) const TPDU_OCTETS_MAX: usize = 24 + crate::USER_DATA_OCTETS_MAX;
/// TP-RD.
const REJECT_DUPLICATES: u8 = 0x04;
/// TP-VPF.
const VALIDITY_FORMAT: u8 = 0x18;
