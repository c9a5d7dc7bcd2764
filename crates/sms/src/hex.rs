//! Octets as hexadecimal digits, the form of a PDU on the AT interface (3GPP TS 27.005 §3.1).
//!
//! Does not skip spaces, line ends or prefixes: the caller hands over the digits of one PDU.

use crate::PduError;

/// The octets as upper-case digits, high nibble first. Lower case is refused by some modems.
pub fn encode_upper(octets: &[u8]) -> String {
    let mut digits = vec![0; octets.len() * 2];
    let (pairs, _) = digits.as_chunks_mut::<2>();
    for (pair, octet) in pairs.iter_mut().zip(octets) {
        *pair = PAIRS[usize::from(*octet)];
    }
    String::from_utf8(digits).expect("digits are ASCII")
}

/// The octets of ASCII digits in either case.
///
/// # Errors
/// [`PduError::HexDigit`] for anything that is not a digit, else [`PduError::HexLength`] for an odd count.
pub fn decode(ascii: &[u8]) -> Result<Vec<u8>, PduError> {
    let (pairs, odd) = ascii.as_chunks::<2>();
    let mut octets = vec![0; pairs.len()];
    let mut seen = 0;
    for (octet, [high, low]) in octets.iter_mut().zip(pairs) {
        let (high, low) = (VALUES[usize::from(*high)], VALUES[usize::from(*low)]);
        seen |= high | low;
        *octet = high << 4 | low & 0x0f;
    }
    if seen & NOT_A_DIGIT != 0 || odd.iter().any(|digit| !digit.is_ascii_hexdigit()) {
        let position = ascii.iter().position(|digit| !digit.is_ascii_hexdigit());
        return Err(PduError::HexDigit {
            position: position.expect("one of them is no digit"),
        });
    }
    match odd {
        [] => Ok(octets),
        _ => Err(PduError::HexLength {
            digits: ascii.len(),
        }),
    }
}

const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
/// The two digits of each octet.
static PAIRS: [[u8; 2]; 256] = {
    let mut pairs = [[0; 2]; 256];
    let mut octet = 0;
    while octet < 256 {
        pairs[octet] = [DIGITS[octet >> 4], DIGITS[octet & 0x0f]];
        octet += 1;
    }
    pairs
};
/// In [`VALUES`].
const NOT_A_DIGIT: u8 = 0x80;
/// What an ASCII character is worth as a digit.
static VALUES: [u8; 256] = {
    let mut values = [NOT_A_DIGIT; 256];
    let mut value = 0;
    while value < 16 {
        let digit = DIGITS[value];
        values[digit as usize] = value as u8;
        values[digit.to_ascii_lowercase() as usize] = value as u8;
        value += 1;
    }
    values
};
