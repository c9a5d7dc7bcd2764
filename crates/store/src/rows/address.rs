//! An address in two columns: as people write it, and its type octet (3GPP TS 23.040 §9.1.2.5).
//!
//! The type keeps what the text does not tell: national from unknown, and the numbering plan. It is written with its
//! extension bit set, as every network does; an alphanumeric address comes back in the unknown plan.

use sms::{Address, TypeOfNumber};

/// The type octet of an address.
pub(crate) fn type_octet(address: &Address) -> u8 {
    let number = match address.type_of_number() {
        TypeOfNumber::Unknown => 0,
        TypeOfNumber::International => 1,
        TypeOfNumber::National => 2,
        TypeOfNumber::NetworkSpecific => 3,
        TypeOfNumber::Subscriber => 4,
        TypeOfNumber::Alphanumeric => 5,
        TypeOfNumber::Abbreviated => 6,
        TypeOfNumber::Reserved => 7,
    };
    EXTENSION | number << 4 | address.numbering_plan()
}

/// The address that was written as this text and type; `None` if none could be.
pub(crate) fn parse(text: &str, type_octet: u8) -> Option<Address> {
    let number = type_octet >> 4 & 0x07;
    let digits = text.strip_prefix('+').unwrap_or(text);
    if digits.is_empty() {
        return retyped(&[1, type_octet]);
    }
    if number == ALPHANUMERIC {
        return Address::alphanumeric(text).ok();
    }
    let address = Address::parse(text).ok()?;
    if self::type_octet(&address) == type_octet {
        return Some(address);
    }
    let mut octets = sms::join_smsc(Some(&Address::parse(digits).ok()?), &[]);
    *octets.get_mut(1)? = type_octet;
    retyped(&octets)
}

/// The address of an SMSC field (3GPP TS 27.005 §3.1): length, type, digits.
fn retyped(octets: &[u8]) -> Option<Address> {
    sms::split_smsc(octets).ok()?.0
}

/// Set in every type octet: no extension follows.
const EXTENSION: u8 = 0x80;
/// Type of number of a name.
const ALPHANUMERIC: u8 = 5;
