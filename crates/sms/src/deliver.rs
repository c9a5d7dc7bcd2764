//! SMS-DELIVER: a message from the service centre (3GPP TS 23.040 §9.2.2.1).
//!
//! Does not reassemble long messages: [`crate::UserData::concatenation`] says which part this is.

use crate::reader::Reader;
use crate::tpdu::{
    FIRST_OCTET, HEADER, LOOP_PREVENTION, MTI_DELIVER, NO_MORE, REPLY_PATH, REPORT, expect_type,
    flag,
};
use crate::{Address, DataCoding, PduError, ServiceCentreTime, UserData};

/// A message received: one part.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Deliver {
    /// TP-OA: whom it is from.
    pub originator: Address,
    /// TP-MMS: whether the service centre has more for us.
    pub more_to_send: bool,
    /// TP-SRI: whether the sender gets a status report.
    pub report_indication: bool,
    /// TP-RP: whether the answer may go by the same service centre.
    pub reply_path: bool,
    /// TP-LP: whether it was forwarded, and must not be answered by a machine.
    pub loop_prevention: bool,
    /// TP-PID; 0 is a plain short message.
    pub protocol_id: u8,
    /// TP-DCS: the alphabet of the user data, and its class.
    pub coding: DataCoding,
    /// TP-SCTS: when the service centre got it; `None` if the octets are no time.
    pub time: Option<ServiceCentreTime>,
    /// TP-UD.
    pub user_data: UserData,
}

impl Deliver {
    /// A plain message: no flags, no class, nothing more to send.
    pub fn new(originator: Address, time: ServiceCentreTime, user_data: UserData) -> Deliver {
        Deliver {
            originator,
            more_to_send: false,
            report_indication: false,
            reply_path: false,
            loop_prevention: false,
            protocol_id: 0,
            coding: DataCoding::new(user_data.alphabet, None),
            time: Some(time),
            user_data,
        }
    }

    /// The TPDU, without service centre address. No time is seven zero octets.
    ///
    /// # Errors
    /// As [`crate::Submit::encode`].
    pub fn encode(&self) -> Result<Vec<u8>, PduError> {
        let mut out = Vec::with_capacity(TPDU_OCTETS_MAX);
        out.push(self.first_octet());
        self.originator.encode_into(&mut out);
        out.push(self.protocol_id);
        out.push(self.coding.0);
        out.extend(self.time.map_or([0; 7], |time| time.encode()));
        self.user_data.encode_into(self.coding, &mut out)?;
        Ok(out)
    }

    /// Reads a TPDU, without service centre address. Octets after its end are ignored.
    ///
    /// # Errors
    /// [`PduError`] says what is wrong and where.
    pub fn decode(octets: &[u8]) -> Result<Deliver, PduError> {
        let mut reader = Reader::new(octets);
        let first = reader.octet(FIRST_OCTET)?;
        expect_type(first, MTI_DELIVER, "DELIVER")?;
        let originator = Address::decode(&mut reader, "TP-OA")?;
        let protocol_id = reader.octet("TP-PID")?;
        let coding = DataCoding(reader.octet("TP-DCS")?);
        let time = ServiceCentreTime::decode(reader.take(7, "TP-SCTS")?);
        let user_data = UserData::decode(&mut reader, coding.alphabet(), first & HEADER != 0)?;
        Ok(Deliver {
            originator,
            more_to_send: first & NO_MORE == 0,
            report_indication: first & REPORT != 0,
            reply_path: first & REPLY_PATH != 0,
            loop_prevention: first & LOOP_PREVENTION != 0,
            protocol_id,
            coding,
            time,
            user_data,
        })
    }

    fn first_octet(&self) -> u8 {
        MTI_DELIVER
            | flag(!self.more_to_send, NO_MORE)
            | flag(self.loop_prevention, LOOP_PREVENTION)
            | flag(self.report_indication, REPORT)
            | flag(!self.user_data.header.is_empty(), HEADER)
            | flag(self.reply_path, REPLY_PATH)
    }
}

/// First octet, 12 of address, identifier, coding, time, length and user data.
const TPDU_OCTETS_MAX: usize = 23 + crate::USER_DATA_OCTETS_MAX;
