//! SMS-DELIVER-REPORT and SMS-SUBMIT-REPORT: the answers to a DELIVER and to a SUBMIT (3GPP TS 23.040 §9.2.2.1a,
//! §9.2.2.2a), with the optional fields that TP-PI announces (§9.2.3.27).
//!
//! ```text
//!  DELIVER-REPORT  fo [FCS] PI         [PID] [DCS] [UDL UD]     host → SMSC
//!  SUBMIT-REPORT   fo [FCS] PI SCTS(7) [PID] [DCS] [UDL UD]     SMSC → host
//! ```
//!
//! FCS is there only in an answer that refuses. The octets do not say so themselves; but causes begin at 80 and TP-PI
//! has no extension, so an octet from 80 on is a cause.

use crate::reader::Reader;
use crate::tpdu::{FIRST_OCTET, HEADER, MTI_DELIVER, MTI_SUBMIT, expect_type, flag};
use crate::{Alphabet, DataCoding, FailureCause, PduError, ServiceCentreTime, UserData};

/// The optional fields at the end of a report.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Parameters {
    /// TP-PID.
    pub protocol_id: Option<u8>,
    /// TP-DCS; user data without it is GSM 7-bit.
    pub coding: Option<DataCoding>,
    /// TP-UD.
    pub user_data: Option<UserData>,
}

/// The answer to a DELIVER.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct DeliverReport {
    /// TP-FCS: why the message was refused; `None` says that it was taken.
    pub cause: Option<FailureCause>,
    /// What else it says.
    pub parameters: Parameters,
}

/// The answer to a SUBMIT.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SubmitReport {
    /// TP-FCS: why the message was refused; `None` says that it was taken.
    pub cause: Option<FailureCause>,
    /// TP-SCTS: when the service centre got the message, as later in its status report; `None` if the octets are no
    /// time.
    pub time: Option<ServiceCentreTime>,
    /// What else it says.
    pub parameters: Parameters,
}

impl DeliverReport {
    /// The TPDU, without service centre address.
    ///
    /// # Errors
    /// As [`crate::Submit::encode`]; a cause below 80 can't be told from TP-PI and is [`PduError::FailureCause`].
    pub fn encode(&self) -> Result<Vec<u8>, PduError> {
        let mut out = vec![MTI_DELIVER | self.parameters.header_flag()];
        encode_cause(self.cause, &mut out)?;
        out.push(self.parameters.indicator());
        self.parameters.encode_into(&mut out)?;
        Ok(out)
    }

    /// Reads a TPDU, without service centre address. Octets after its end are ignored.
    ///
    /// # Errors
    /// [`PduError`] says what is wrong and where.
    pub fn decode(octets: &[u8]) -> Result<DeliverReport, PduError> {
        let mut reader = Reader::new(octets);
        let first = reader.octet(FIRST_OCTET)?;
        expect_type(first, MTI_DELIVER, "DELIVER-REPORT")?;
        let (cause, indicator) = decode_cause(&mut reader)?;
        let parameters = Parameters::decode(indicator, &mut reader, first & HEADER != 0)?;
        Ok(DeliverReport { cause, parameters })
    }
}

impl SubmitReport {
    /// The TPDU, without service centre address. No time is seven zero octets.
    ///
    /// # Errors
    /// As [`DeliverReport::encode`].
    pub fn encode(&self) -> Result<Vec<u8>, PduError> {
        let mut out = vec![MTI_SUBMIT | self.parameters.header_flag()];
        encode_cause(self.cause, &mut out)?;
        out.push(self.parameters.indicator());
        out.extend(self.time.map_or([0; 7], |time| time.encode()));
        self.parameters.encode_into(&mut out)?;
        Ok(out)
    }

    /// Reads a TPDU, without service centre address. Octets after its end are ignored.
    ///
    /// # Errors
    /// [`PduError`] says what is wrong and where.
    pub fn decode(octets: &[u8]) -> Result<SubmitReport, PduError> {
        let mut reader = Reader::new(octets);
        let first = reader.octet(FIRST_OCTET)?;
        expect_type(first, MTI_SUBMIT, "SUBMIT-REPORT")?;
        let (cause, indicator) = decode_cause(&mut reader)?;
        let time = ServiceCentreTime::decode(reader.take(7, "TP-SCTS")?);
        let parameters = Parameters::decode(indicator, &mut reader, first & HEADER != 0)?;
        Ok(SubmitReport {
            cause,
            time,
            parameters,
        })
    }
}

impl Parameters {
    /// Reads the optional fields from TP-PI on, as [`crate::StatusReport::optional`] keeps them; `has_header` is
    /// TP-UDHI. No octets are no fields.
    ///
    /// # Errors
    /// [`PduError`] says what is wrong and where.
    pub fn from_octets(octets: &[u8], has_header: bool) -> Result<Parameters, PduError> {
        let mut reader = Reader::new(octets);
        if octets.is_empty() {
            return Ok(Parameters::default());
        }
        let indicator = reader.octet(INDICATOR_FIELD)?;
        Parameters::decode(indicator, &mut reader, has_header)
    }

    fn decode(
        indicator: u8,
        reader: &mut Reader<'_>,
        has_header: bool,
    ) -> Result<Parameters, PduError> {
        let announces = |bit: u8| indicator & bit != 0;
        let octet = |bit, field, reader: &mut Reader<'_>| {
            announces(bit).then(|| reader.octet(field)).transpose()
        };
        let protocol_id = octet(PROTOCOL_ID, "TP-PID", reader)?;
        let coding = octet(CODING, "TP-DCS", reader)?.map(DataCoding);
        let alphabet = coding.map_or(Alphabet::Gsm7, DataCoding::alphabet);
        let user_data = announces(USER_DATA)
            .then(|| UserData::decode(reader, alphabet, has_header))
            .transpose()?;
        Ok(Parameters {
            protocol_id,
            coding,
            user_data,
        })
    }

    fn encode_into(&self, out: &mut Vec<u8>) -> Result<(), PduError> {
        out.extend(self.protocol_id);
        out.extend(self.coding.map(|coding| coding.0));
        let Some(user_data) = &self.user_data else {
            return Ok(());
        };
        let coding = self.coding.unwrap_or(DataCoding(0));
        user_data.encode_into(coding, out)
    }

    fn indicator(&self) -> u8 {
        flag(self.protocol_id.is_some(), PROTOCOL_ID)
            | flag(self.coding.is_some(), CODING)
            | flag(self.user_data.is_some(), USER_DATA)
    }

    fn header_flag(&self) -> u8 {
        let has_header = self
            .user_data
            .as_ref()
            .is_some_and(|user_data| !user_data.header.is_empty());
        flag(has_header, HEADER)
    }
}

fn encode_cause(cause: Option<FailureCause>, out: &mut Vec<u8>) -> Result<(), PduError> {
    if let Some(FailureCause(octet)) = cause.filter(|cause| cause.0 < CAUSE_MIN) {
        return Err(PduError::FailureCause { octet });
    }
    out.extend(cause.map(|cause| cause.0));
    Ok(())
}

/// The cause, if there is one, and TP-PI.
fn decode_cause(reader: &mut Reader<'_>) -> Result<(Option<FailureCause>, u8), PduError> {
    let octet = reader.octet(INDICATOR_FIELD)?;
    if octet < CAUSE_MIN {
        return Ok((None, octet));
    }
    Ok((Some(FailureCause(octet)), reader.octet(INDICATOR_FIELD)?))
}

const INDICATOR_FIELD: &str = "TP-PI";
/// TP-PI.
const PROTOCOL_ID: u8 = 0x01;
const CODING: u8 = 0x02;
const USER_DATA: u8 = 0x04;
/// The least cause that is not reserved.
const CAUSE_MIN: u8 = 0x80;
