//! The strings of `+CUSD`: what modems make of a text, and how to tell which of it they did.
//!
//! By the standard a string is in the character set of `+CSCS`, or hexadecimal by the `<dcs>` (3GPP TS 27.007 §7.15,
//! TS 23.038 §5). Modems differ: text as it is, packed septets in hexadecimal (Huawei), UCS-2 in hexadecimal under any
//! `<dcs>` (MediaTek, ZTE). So the string itself decides, and the `<dcs>` where it leaves a choice.

use crate::UssdText;

/// A request as this modem wants it. The text is printable ASCII of the GSM alphabet.
pub(super) fn encode(text: &str, style: UssdText) -> String {
    match style {
        UssdText::Plain => text.to_owned(),
        UssdText::PackedHex => {
            let mut septets = sms::gsm7::septets(text).unwrap_or_default();
            // Seven spare bits would read as `@` (3GPP TS 23.038 §6.1.2.3.1).
            if septets.len() % 8 == 7 {
                septets.push(CARRIAGE_RETURN);
            }
            sms::hex::encode_upper(&sms::gsm7::pack(&septets, 0))
        }
        UssdText::Ucs2Hex => {
            let octets: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
            sms::hex::encode_upper(&octets)
        }
    }
}

/// The text of a string, as well as it can be told.
pub(super) fn decode(raw: &[u8], dcs: Option<u8>) -> String {
    let digits: Vec<u8> = raw
        .iter()
        .copied()
        .filter(|byte| !matches!(byte, b'\n' | b'\r'))
        .collect();
    let text = octets_of(&digits)
        .and_then(|octets| decode_octets(&octets, &digits, dcs))
        .unwrap_or_else(|| plain(raw));
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    text.trim_start_matches('\n')
        .trim_end_matches(['\n', '\0', ' '])
        .to_owned()
}

/// What hexadecimal digits hold; `None` if they are more likely a text of such characters.
fn decode_octets(octets: &[u8], digits: &[u8], dcs: Option<u8>) -> Option<String> {
    if dcs.is_some_and(is_ucs2) {
        return ucs2(octets);
    }
    let has_letter = digits.iter().any(u8::is_ascii_alphabetic);
    if looks_like_ucs2(octets, has_letter)
        && let Some(text) = ucs2(octets).filter(|text| is_readable(text))
    {
        return Some(text);
    }
    // A balance of digits alone is no hexadecimal, nor is a short word.
    if !has_letter || digits.len() < PACKED_DIGITS_MIN {
        return None;
    }
    unpacked(octets).filter(|text| is_readable(text))
}

fn octets_of(digits: &[u8]) -> Option<Vec<u8>> {
    let fits = digits.len() >= 2 && digits.len().is_multiple_of(2);
    fits.then(|| sms::hex::decode(digits).ok()).flatten()
}

/// UCS-2 by its `<dcs>`: general data coding, or preceded by a language (3GPP TS 23.038 §5).
fn is_ucs2(dcs: u8) -> bool {
    dcs == 0x11 || dcs & 0xC0 == 0x40 && dcs & 0x0C == 0x08
}

/// Whether these are units of an alphabet and its punctuation. Digits alone must be of the most usual ones: they may be an
/// amount as well.
fn looks_like_ucs2(octets: &[u8], has_letter: bool) -> bool {
    let is_row = |row: u8| match row {
        0x00 | 0x04..=0x06 | 0x20 => true,
        0x01..=0x1F | 0x21 | 0x22 => has_letter,
        _ => false,
    };
    octets.len() >= 4
        && octets.len().is_multiple_of(2)
        && octets.iter().step_by(2).all(|&row| is_row(row))
}

fn ucs2(octets: &[u8]) -> Option<String> {
    let units = octets
        .chunks_exact(2)
        .map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
    let text: String = char::decode_utf16(units)
        .map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect();
    (!text.is_empty()).then_some(text)
}

fn unpacked(octets: &[u8]) -> Option<String> {
    let count = octets.len() * 8 / 7;
    let mut septets = sms::gsm7::unpack(octets, count, 0).ok()?;
    // Seven spare bits are filled with CR; zeros are what older modems leave there.
    if count.is_multiple_of(8) && matches!(septets.last(), Some(&(CARRIAGE_RETURN | 0))) {
        septets.pop();
    }
    Some(sms::gsm7::text(&septets))
}

fn is_readable(text: &str) -> bool {
    let strange = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\0');
    !text.is_empty() && !text.contains(strange) && !text.contains(char::REPLACEMENT_CHARACTER)
}

/// A text as it is: UTF-8, Latin-1, or the codes of the GSM alphabet where ASCII has control characters.
fn plain(raw: &[u8]) -> String {
    if raw.iter().any(|byte| !byte.is_ascii()) {
        return match std::str::from_utf8(raw) {
            Ok(text) => text.to_owned(),
            Err(_) => raw.iter().copied().map(char::from).collect(),
        };
    }
    let mut text = String::with_capacity(raw.len());
    let mut bytes = raw.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\n' | b'\r' => text.push(char::from(byte)),
            ESCAPE => {
                let extended = bytes.next().map_or(vec![byte], |next| vec![byte, next]);
                text.push_str(&sms::gsm7::text(&extended));
            }
            0x00..0x20 | 0x7F => text.push_str(&sms::gsm7::text(&[byte])),
            _ => text.push(char::from(byte)),
        }
    }
    text
}

/// Four characters: networks say more than that.
const PACKED_DIGITS_MIN: usize = 8;
const CARRIAGE_RETURN: u8 = 0x0D;
const ESCAPE: u8 = 0x1B;
