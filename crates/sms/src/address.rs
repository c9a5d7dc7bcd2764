//! Addresses: the numbers and names that messages come from and go to (3GPP TS 23.040 §9.1.2.5).
//!
//! ```text
//!  TP-OA, TP-DA, TP-RA:  length in semi-octets │ type │ swapped digits, F-filled, or packed septets
//!  SMSC (27.005):        length in octets, type included │ type │ the same
//!  type: 1 │ type of number (3 bits) │ numbering plan (4 bits)
//!  digits: 0 to 9, A = *, B = #, C = a, D = b, E = c, F = none
//! ```
//!
//! Does not know countries: no prefix is added, stripped or checked.

use std::fmt;

use crate::{AddressError, PduError, Shifts, gsm7, reader::Reader};

/// A number or an alphanumeric name. `Debug` shows at most its last three characters.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Address {
    type_octet: u8,
    /// Digits, or the text if the type is alphanumeric.
    value: Box<str>,
}

/// What an address's digits are (3GPP TS 23.040 §9.1.2.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TypeOfNumber {
    /// Dialled as it is: short codes, and national numbers whose kind the network finds out.
    Unknown,
    /// With the country code, without any prefix.
    International,
    /// Without country code and prefix.
    National,
    /// Special to the serving network.
    NetworkSpecific,
    /// Subscriber number.
    Subscriber,
    /// Not digits but text in the GSM 7-bit alphabet.
    Alphanumeric,
    /// Abbreviated number.
    Abbreviated,
    /// Reserved for extension.
    Reserved,
}

impl Address {
    /// The address of a string: international after a `+`, which only decimal digits may follow, else of unknown type,
    /// with `*`, `#`, `a`, `b` and `c` allowed. Numbers are in the telephone numbering plan (E.164).
    ///
    /// # Errors
    /// [`AddressError`] for no digits, more than [`ADDRESS_DIGITS_MAX`], or anything that is not a digit.
    pub fn parse(text: &str) -> Result<Address, AddressError> {
        let (type_octet, digits, allowed, skipped) = match text.strip_prefix('+') {
            Some(digits) => (INTERNATIONAL_E164, digits, &DIGITS[..10], 1),
            None => (UNKNOWN_E164, text, &DIGITS[..], 0),
        };
        let is_digit = |ch: char| u8::try_from(ch).is_ok_and(|octet| allowed.contains(&octet));
        if let Some((position, ch)) = digits.chars().enumerate().find(|(_, ch)| !is_digit(*ch)) {
            return Err(AddressError::Character {
                ch,
                position: position + skipped,
            });
        }
        check_length(digits.len(), ADDRESS_DIGITS_MAX)?;
        Ok(Address {
            type_octet,
            value: digits.into(),
        })
    }

    /// The address of a name, such as a service sends from.
    ///
    /// # Errors
    /// [`AddressError`] for an empty name, one of more than 11 septets, or a character outside GSM 7-bit.
    pub fn alphanumeric(text: &str) -> Result<Address, AddressError> {
        let unencodable = text
            .chars()
            .enumerate()
            .find(|(_, ch)| gsm7::width(*ch).is_none());
        if let Some((position, ch)) = unencodable {
            return Err(AddressError::Character { ch, position });
        }
        check_length(
            text.chars().filter_map(gsm7::width).sum(),
            ADDRESS_SEPTETS_MAX,
        )?;
        Ok(Address {
            type_octet: ALPHANUMERIC,
            value: text.into(),
        })
    }

    /// The digits, without a `+`; `None` for an alphanumeric address.
    pub fn digits(&self) -> Option<&str> {
        (!is_alphanumeric(self.type_octet)).then_some(&*self.value)
    }

    /// The address as people write it: with `+` if international, else the digits or the name alone.
    pub fn text(&self) -> String {
        match self.type_of_number() {
            TypeOfNumber::International => format!("+{}", self.value),
            TypeOfNumber::Unknown
            | TypeOfNumber::National
            | TypeOfNumber::NetworkSpecific
            | TypeOfNumber::Subscriber
            | TypeOfNumber::Alphanumeric
            | TypeOfNumber::Abbreviated
            | TypeOfNumber::Reserved => self.value.to_string(),
        }
    }

    /// The type of number.
    pub fn type_of_number(&self) -> TypeOfNumber {
        match self.type_octet >> 4 & 0x07 {
            0 => TypeOfNumber::Unknown,
            1 => TypeOfNumber::International,
            2 => TypeOfNumber::National,
            3 => TypeOfNumber::NetworkSpecific,
            4 => TypeOfNumber::Subscriber,
            5 => TypeOfNumber::Alphanumeric,
            6 => TypeOfNumber::Abbreviated,
            _ => TypeOfNumber::Reserved,
        }
    }

    /// The numbering plan, 0 to 15; 1 is E.164.
    pub fn numbering_plan(&self) -> u8 {
        self.type_octet & 0x0f
    }

    /// The address for logs: its last characters, three at most and never more than half.
    pub fn masked(&self) -> String {
        let length = self.value.chars().count();
        let shown = MASKED_SHOWN_MAX.min(length / 2);
        let tail: String = self.value.chars().skip(length - shown).collect();
        format!("…{tail}")
    }

    /// Whether two addresses may be the same subscriber though the network rewrote the form of one.
    ///
    /// Without leading zeros, the shorter number ends the longer one and has at least seven digits; shorter numbers
    /// and names must be equal, whatever their type of number.
    pub fn same_subscriber(&self, other: &Address) -> bool {
        let (Some(one), Some(two)) = (self.digits(), other.digits()) else {
            return self.digits().is_none()
                && other.digits().is_none()
                && self.value == other.value;
        };
        if one == two {
            return true;
        }
        let (one, two) = (one.trim_start_matches('0'), two.trim_start_matches('0'));
        one.len().min(two.len()) >= SUFFIX_DIGITS_MIN && (one.ends_with(two) || two.ends_with(one))
    }

    /// Appends a TP address.
    pub(crate) fn encode_into(&self, out: &mut Vec<u8>) {
        let length_at = out.len();
        out.extend([0, self.type_octet]);
        out[length_at] = self.encode_value_into(out) as u8;
    }

    /// Appends the SMSC field of the AT interface.
    pub(crate) fn encode_smsc_into(&self, out: &mut Vec<u8>) {
        let length_at = out.len();
        out.extend([0, self.type_octet]);
        self.encode_value_into(out);
        out[length_at] = (out.len() - length_at - 1) as u8;
    }

    /// Appends the value and says its length in useful semi-octets, 20 at most.
    fn encode_value_into(&self, out: &mut Vec<u8>) -> usize {
        if is_alphanumeric(self.type_octet) {
            let septets = gsm7::pack_text(out, &self.value, Shifts::NONE, 0)
                .expect("an alphanumeric value is GSM 7-bit");
            return (septets * 7).div_ceil(4);
        }
        let digits = self.value.as_bytes();
        let (pairs, odd) = digits.as_chunks::<2>();
        out.extend(
            pairs
                .iter()
                .map(|[low, high]| semi_octet(*high) << 4 | semi_octet(*low)),
        );
        out.extend(odd.iter().map(|low| FILL << 4 | semi_octet(*low)));
        digits.len()
    }

    /// Reads a TP address.
    pub(crate) fn decode(
        reader: &mut Reader<'_>,
        field: &'static str,
    ) -> Result<Address, PduError> {
        let length = usize::from(reader.octet(field)?);
        if length > ADDRESS_DIGITS_MAX {
            return Err(PduError::AddressLength {
                field,
                length,
                length_max: ADDRESS_DIGITS_MAX,
            });
        }
        let type_octet = reader.octet(field)?;
        let octets = reader.take(length.div_ceil(2), field)?;
        Ok(Address::from_value(type_octet, octets, length))
    }

    /// Reads the SMSC field of the AT interface; `None` if it is empty.
    pub(crate) fn decode_smsc(reader: &mut Reader<'_>) -> Result<Option<Address>, PduError> {
        let field = "the SMSC address";
        let octet_count = usize::from(reader.octet(field)?);
        if octet_count == 0 {
            return Ok(None);
        }
        let length = (octet_count - 1) * 2;
        if length > ADDRESS_DIGITS_MAX {
            return Err(PduError::AddressLength {
                field,
                length,
                length_max: ADDRESS_DIGITS_MAX,
            });
        }
        let type_octet = reader.octet(field)?;
        let octets = reader.take(octet_count - 1, field)?;
        Ok(Some(Address::from_value(type_octet, octets, length)))
    }

    fn from_value(type_octet: u8, octets: &[u8], semi_octets: usize) -> Address {
        if is_alphanumeric(type_octet) {
            let septets = gsm7::unpack(octets, semi_octets * 4 / 7, 0)
                .expect("seven bits of every seven are in the octets");
            return Address {
                type_octet,
                value: gsm7::text(&septets).into(),
            };
        }
        let mut digits = [0; ADDRESS_DIGITS_MAX];
        let mut length = 0;
        let nibbles = octets.iter().flat_map(|octet| [octet & 0x0f, octet >> 4]);
        for nibble in nibbles.take(semi_octets) {
            if let Some(digit) = DIGITS.get(usize::from(nibble)) {
                digits[length] = *digit;
                length += 1;
            }
        }
        let value = str::from_utf8(&digits[..length]).expect("digits are ASCII");
        Address {
            type_octet,
            value: value.into(),
        }
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({:?} {})", self.type_of_number(), self.masked())
    }
}

fn check_length(length: usize, length_max: usize) -> Result<(), AddressError> {
    match length {
        0 => Err(AddressError::Empty),
        _ if length > length_max => Err(AddressError::TooLong { length, length_max }),
        _ => Ok(()),
    }
}

fn is_alphanumeric(type_octet: u8) -> bool {
    type_octet & 0x70 == ALPHANUMERIC & 0x70
}

/// Of one of [`DIGITS`].
fn semi_octet(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        b'*' => 10,
        b'#' => 11,
        _ => digit - b'a' + 12,
    }
}

/// Digits, or useful semi-octets, of an address: its value has 10 octets at most (3GPP TS 23.040 §9.1.2.5).
pub const ADDRESS_DIGITS_MAX: usize = 20;
/// Septets that fit in the same 10 octets.
const ADDRESS_SEPTETS_MAX: usize = 11;
/// By value; 15 is the filler.
const DIGITS: &[u8; 15] = b"0123456789*#abc";
const FILL: u8 = 0x0f;
const UNKNOWN_E164: u8 = 0x81;
const INTERNATIONAL_E164: u8 = 0x91;
const ALPHANUMERIC: u8 = 0xd0;
/// Characters of an address shown in logs.
const MASKED_SHOWN_MAX: usize = 3;
/// Digits from which on a shared ending means the same subscriber.
const SUFFIX_DIGITS_MIN: usize = 7;
