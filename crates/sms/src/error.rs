//! What can be wrong with a PDU, a text or a number, each error saying where.
//!
//! No error holds a message text or a whole number: at most the one character that was refused.

use crate::Alphabet;

/// Why octets are not a PDU, or why a value has no PDU.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PduError {
    /// The octets end inside this field.
    #[error("the PDU ends inside {field}")]
    Truncated {
        /// The field, by the standard's name (`TP-UD`).
        field: &'static str,
    },
    /// TP-MTI (3GPP TS 23.040 §9.2.3.1) is not the one this decoder reads.
    #[error("message type {bits:02b} is not {expected}")]
    MessageType {
        /// The two TP-MTI bits found.
        bits: u8,
        /// The type or types that would have been read.
        expected: &'static str,
    },
    /// An address says that it is longer than any address may be (3GPP TS 23.040 §9.1.2.5).
    #[error("{field} says {length} semi-octets, at most {length_max} are allowed")]
    AddressLength {
        /// The field, by the standard's name (`TP-DA`).
        field: &'static str,
        /// The length found, in semi-octets.
        length: usize,
        /// The length allowed, in semi-octets.
        length_max: usize,
    },
    /// The user data is longer than a TPDU can carry (3GPP TS 23.040 §9.2.3.24).
    #[error("user data of {octets} octets, at most {octets_max} fit")]
    UserDataLength {
        /// The length found, in octets, header included.
        octets: usize,
        /// The length allowed, in octets.
        octets_max: usize,
    },
    /// The optional fields make the TPDU longer than the network carries.
    #[error("a TPDU of {octets} octets, at most {octets_max} are carried")]
    TpduLength {
        /// The length found, in octets.
        octets: usize,
        /// The length allowed, in octets.
        octets_max: usize,
    },
    /// TP-UDHI is set, but TP-UDHL does not fit in the user data (3GPP TS 23.040 §9.2.3.24).
    #[error("the user data header says {octets} octets, the user data has {octets_max}")]
    UserDataHeader {
        /// What the header would take, in octets, its length octet included.
        octets: usize,
        /// What the user data has, in octets.
        octets_max: usize,
    },
    /// The text has a character that the alphabet of its user data lacks.
    #[error("character {position} of the text is not in the alphabet {alphabet:?}")]
    Unencodable {
        /// The alphabet asked for.
        alphabet: Alphabet,
        /// The character's place in the text, counted in characters from 0.
        position: usize,
    },
    /// The body is text where the alphabet says octets, or octets where it says text.
    #[error("the body does not suit the alphabet {alphabet:?}")]
    BodyMismatch {
        /// The alphabet of the user data.
        alphabet: Alphabet,
    },
    /// A TP-FCS that is reserved, and would be read as another field (3GPP TS 23.040 §9.2.3.22).
    #[error("failure cause {octet:#04x} is reserved: causes begin at 0x80")]
    FailureCause {
        /// The cause.
        octet: u8,
    },
    /// A hexadecimal string has an odd number of digits.
    #[error("an odd number of hexadecimal digits: {digits}")]
    HexLength {
        /// How many digits there are.
        digits: usize,
    },
    /// A hexadecimal string has a character that is not a digit.
    #[error("not a hexadecimal digit at position {position}")]
    HexDigit {
        /// Where, counted in octets from 0.
        position: usize,
    },
}

/// Why a text or data can't be sent as short messages.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SegmentError {
    /// There is nothing to send.
    #[error("the message is empty")]
    Empty,
    /// The chosen encoding lacks a character. Never with [`crate::EncodingChoice::Auto`] or `Ucs2`.
    #[error("{ch:?} at position {position} is not in the GSM 7-bit alphabet")]
    Unencodable {
        /// The character.
        ch: char,
        /// Its place in the text, counted in characters from 0.
        position: usize,
    },
    /// It takes more parts than the concatenation header can number (3GPP TS 23.040 §9.2.3.24.1).
    #[error("the message takes {parts} parts, at most {parts_max} can be sent as one message")]
    TooLong {
        /// The parts it takes.
        parts: usize,
        /// The parts allowed: [`crate::PARTS_MAX`].
        parts_max: usize,
    },
}

/// Why a string is not an address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// There are no digits, or no characters.
    #[error("the address is empty")]
    Empty,
    /// A character that an address of this kind can't have.
    #[error("{ch:?} at position {position} can't be in an address")]
    Character {
        /// The character.
        ch: char,
        /// Its place in the string, counted in characters from 0.
        position: usize,
    },
    /// More digits than 20, or more than 11 septets of an alphanumeric address.
    #[error("an address of {length} digits or septets, at most {length_max} are allowed")]
    TooLong {
        /// The length found, in digits or septets.
        length: usize,
        /// The length allowed, in the same unit.
        length_max: usize,
    },
}
