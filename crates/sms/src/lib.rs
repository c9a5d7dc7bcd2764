//! What a short message is on the air: alphabets, segmentation, concatenation, TPDUs, addresses, timestamps.
//!
//! ```text
//!  text ─ measure / segment ─► UserData, one a part                      "segment", 3GPP TS 23.038, 23.040 §9.2.3.24
//!  octets ─ segment_data ────► the same                                  "octets"
//!
//!  the PDU on the AT interface (3GPP TS 27.005 §3.1), upper-case hexadecimal there ("hex"):
//!
//!  ┌──────────────────┬──────────────────────────────── TPDU ────────────────────────────────┐
//!  │ SMSC length, type│ SUBMIT         fo MR DA        PID DCS [VP 0|1|7]      UDL UD          │ host → SMSC
//!  │ and digits       │ DELIVER        fo    OA        PID DCS  SCTS(7)        UDL UD          │ SMSC → host
//!  │ ("split_smsc")   │ STATUS-REPORT  fo MR RA  SCTS(7) DT(7) ST [PI …]                       │ SMSC → host
//!  └──────────────────┴───────────────────────────────────────────────────────────────────────┘
//!                                                    UD = [UDHL IE…] fill bits, text or octets, ≤ 140 octets
//! ```
//!
//! Every decoder is total: any octets give a value or a [`PduError`], never a panic, and never an allocation larger than
//! a small multiple of the input. What the standard lets a receiver ignore (reserved codings, broken timestamps,
//! malformed information elements) is ignored, so that one odd field does not cost a whole message.
//!
//! This crate knows nothing of modems, AT commands, clocks or I/O, does not guess countries or strip `00` from numbers,
//! and does not reassemble parts: it only says which part of what a message is.

mod acknowledgement;
mod address;
mod alphabet;
mod deliver;
mod encoding;
mod error;
mod explanation;
mod failure_cause;
pub mod gsm7;
pub mod hex;
mod octets;
pub mod protocol;
mod reader;
mod segment;
mod smsc;
mod status;
mod status_report;
mod submit;
mod time;
mod tpdu;
mod transliteration;
mod user_data;
mod validity;

pub use acknowledgement::{DeliverReport, Parameters, SubmitReport};
pub use address::{ADDRESS_DIGITS_MAX, Address, TypeOfNumber};
pub use alphabet::{Alphabet, DataCoding, MessageClass};
pub use deliver::Deliver;
pub use encoding::{Encoding, EncodingChoice, outside_gsm7};
pub use error::{AddressError, PduError, SegmentError};
pub use explanation::{Explanation, FORCING_MAX, Forcing, explain};
pub use failure_cause::{FailureCause, FailureClass};
pub use gsm7::{Language, Languages, Shifts};
pub use octets::{DataMeasure, measure_data, segment_data};
pub use segment::{Measure, PARTS_MAX, measure, segment, segment_part, segment_with};
pub use smsc::{Pdu, join_smsc, split_smsc};
pub use status::{Status, StatusClass};
pub use status_report::StatusReport;
pub use submit::Submit;
pub use time::ServiceCentreTime;
pub use tpdu::{Direction, Tpdu};
pub use transliteration::{Replaced, Transliterated, Transliteration, transliterate};
pub use user_data::{
    Body, Concatenation, InformationElement, Ports, Reference, USER_DATA_OCTETS_MAX, UserData,
};
pub use validity::Validity;

#[cfg(test)]
mod tests;
