//! SMS-STATUS-REPORT: what became of a message that was sent (3GPP TS 23.040 §9.2.2.3).
//!
//! The optional fields behind TP-ST are kept as octets and not interpreted: no report is lost to a quirk in them.

use crate::reader::Reader;
use crate::tpdu::{
    FIRST_OCTET, HEADER, LOOP_PREVENTION, MTI_STATUS_REPORT, NO_MORE, REPORT, expect_type, flag,
};
use crate::{Address, PduError, ServiceCentreTime, Status};

/// A report on one part.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct StatusReport {
    /// TP-MR of the message.
    pub reference: u8,
    /// TP-RA: whom the message was for, perhaps in another form than it was sent with.
    pub recipient: Address,
    /// TP-MMS: whether the service centre has more for us.
    pub more_to_send: bool,
    /// TP-LP: whether it was forwarded, and must not be answered by a machine.
    pub loop_prevention: bool,
    /// TP-SRQ: whether the message was an SMS-COMMAND instead of an SMS-SUBMIT.
    pub command: bool,
    /// TP-SCTS: when the service centre got the message; `None` if the octets are no time.
    pub time: Option<ServiceCentreTime>,
    /// TP-DT: when it was delivered or last tried; `None` if the octets are no time.
    pub discharge: Option<ServiceCentreTime>,
    /// TP-ST.
    pub status: Status,
    /// TP-UDHI: whether user data in `optional` begins with a header.
    pub optional_header: bool,
    /// Everything from TP-PI on, as received.
    pub optional: Vec<u8>,
}

impl StatusReport {
    /// A report on an SMS-SUBMIT: no flags, nothing more to send, nothing optional.
    pub fn new(
        reference: u8,
        recipient: Address,
        time: ServiceCentreTime,
        discharge: ServiceCentreTime,
        status: Status,
    ) -> StatusReport {
        StatusReport {
            reference,
            recipient,
            more_to_send: false,
            loop_prevention: false,
            command: false,
            time: Some(time),
            discharge: Some(discharge),
            status,
            optional_header: false,
            optional: Vec::new(),
        }
    }

    /// The TPDU, without service centre address. No time is seven zero octets.
    ///
    /// # Errors
    /// [`PduError::TpduLength`] if the optional fields are too long.
    pub fn encode(&self) -> Result<Vec<u8>, PduError> {
        let mut out = Vec::with_capacity(TPDU_OCTETS + self.optional.len());
        out.push(self.first_octet());
        out.push(self.reference);
        self.recipient.encode_into(&mut out);
        out.extend(self.time.map_or([0; 7], |time| time.encode()));
        out.extend(self.discharge.map_or([0; 7], |time| time.encode()));
        out.push(self.status.0);
        out.extend_from_slice(&self.optional);
        if out.len() > TPDU_OCTETS_MAX {
            let octets = out.len();
            return Err(PduError::TpduLength {
                octets,
                octets_max: TPDU_OCTETS_MAX,
            });
        }
        Ok(out)
    }

    /// Reads a TPDU, without service centre address.
    ///
    /// # Errors
    /// [`PduError`] says what is wrong and where.
    pub fn decode(octets: &[u8]) -> Result<StatusReport, PduError> {
        let mut reader = Reader::new(octets);
        let first = reader.octet(FIRST_OCTET)?;
        expect_type(first, MTI_STATUS_REPORT, "STATUS-REPORT")?;
        Ok(StatusReport {
            reference: reader.octet("TP-MR")?,
            recipient: Address::decode(&mut reader, "TP-RA")?,
            more_to_send: first & NO_MORE == 0,
            loop_prevention: first & LOOP_PREVENTION != 0,
            command: first & REPORT != 0,
            time: ServiceCentreTime::decode(reader.take(7, "TP-SCTS")?),
            discharge: ServiceCentreTime::decode(reader.take(7, "TP-DT")?),
            status: Status(reader.octet("TP-ST")?),
            optional_header: first & HEADER != 0,
            optional: reader.rest().to_vec(),
        })
    }

    fn first_octet(&self) -> u8 {
        MTI_STATUS_REPORT
            | flag(!self.more_to_send, NO_MORE)
            | flag(self.loop_prevention, LOOP_PREVENTION)
            | flag(self.command, REPORT)
            | flag(self.optional_header, HEADER)
    }
}

/// First octet, reference, 12 of address, two times and the status.
const TPDU_OCTETS: usize = 29;
/// The same with TP-PI, TP-PID, TP-DCS, TP-UDL and the 131 octets of user data that are left for a report.
const TPDU_OCTETS_MAX: usize = TPDU_OCTETS + 4 + 131;
