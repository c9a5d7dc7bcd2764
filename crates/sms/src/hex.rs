//! Octets as hexadecimal digits, the form of a PDU on the AT interface (3GPP TS 27.005 §3.1).
//!
//! Does not skip spaces, line ends or prefixes: the caller hands over the digits of one PDU.

use crate::PduError;

/// The octets as upper-case digits, high nibble first. Lower case is refused by some modems.
pub fn encode_upper(octets: &[u8]) -> String {
    let mut digits = String::with_capacity(octets.len() * 2);
    for octet in octets {
        digits.push(char::from(DIGITS[usize::from(octet >> 4)]));
        digits.push(char::from(DIGITS[usize::from(octet & 0x0f)]));
    }
    digits
}

/// The octets of ASCII digits in either case.
///
/// # Errors
/// [`PduError::HexDigit`] for anything that is not a digit, else [`PduError::HexLength`] for an odd count.
pub fn decode(ascii: &[u8]) -> Result<Vec<u8>, PduError> {
    if let Some(position) = ascii.iter().position(|digit| !digit.is_ascii_hexdigit()) {
        return Err(PduError::HexDigit { position });
    }
    if !ascii.len().is_multiple_of(2) {
        return Err(PduError::HexLength {
            digits: ascii.len(),
        });
    }
    Ok(ascii
        .chunks_exact(2)
        .map(|pair| nibble(pair[0]) << 4 | nibble(pair[1]))
        .collect())
}

fn nibble(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        b'a'..=b'f' => digit - b'a' + 10,
        _ => digit - b'A' + 10,
    }
}

const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
