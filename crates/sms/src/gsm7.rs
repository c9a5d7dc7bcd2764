//! The GSM 7-bit default alphabet, its default extension table, and the packing of septets into octets.
//!
//! 3GPP TS 23.038 §6.1.2.1 (packing), §6.2.1 (tables). A septet is a `u8` below 0x80; an extension character is two
//! septets, ESC and a code. National language tables are not applied here, and nothing is transliterated: a character
//! is in the tables or it is not.

use crate::PduError;

/// The septets of a text, unpacked, extension characters as two; `None` if a character is in neither table.
pub fn septets(text: &str) -> Option<Vec<u8>> {
    let mut septets = Vec::with_capacity(text.len());
    for ch in text.chars() {
        match code(ch) {
            NONE => return None,
            extended if extended & EXTENDED != 0 => {
                septets.extend([ESCAPE, extended & !EXTENDED]);
            }
            base => septets.push(base),
        }
    }
    Some(septets)
}

/// The text of unpacked septets (the top bit of each is ignored).
///
/// An escape before a code that the extension table lacks is dropped, so that the default character shows, and one
/// before another escape or at the end is a space (3GPP TS 23.038 §6.2.1.1, notes).
pub fn text(septets: &[u8]) -> String {
    let mut text = String::with_capacity(septets.len());
    let mut rest = septets.iter().map(|septet| septet & 0x7f);
    while let Some(septet) = rest.next() {
        if septet != ESCAPE {
            text.push(DEFAULT[usize::from(septet)]);
            continue;
        }
        match rest.next() {
            None | Some(ESCAPE) => text.push(' '),
            Some(code) => text.push(extension(code).unwrap_or(DEFAULT[usize::from(code)])),
        }
    }
    text
}

/// Septets packed into octets, least significant bit first, after `fill_bits` zero bits (0 to 7; taken modulo 8).
pub fn pack(septets: &[u8], fill_bits: u8) -> Vec<u8> {
    let fill_bits = fill_bits % 8;
    let mut octets = Vec::with_capacity(packed_len(septets.len(), fill_bits));
    pack_into(&mut octets, septets, fill_bits);
    octets
}

/// `count` septets from packed octets, after `fill_bits` bits (0 to 7; taken modulo 8). Octets left over are ignored.
///
/// # Errors
/// [`PduError::Truncated`] if the octets hold fewer.
pub fn unpack(octets: &[u8], count: usize, fill_bits: u8) -> Result<Vec<u8>, PduError> {
    let fill_bits = usize::from(fill_bits % 8);
    let bits = octets.len().saturating_mul(8).saturating_sub(fill_bits);
    if count > bits / 7 {
        return Err(PduError::Truncated { field: "TP-UD" });
    }
    let septet_at = |index: usize| {
        let bit = fill_bits + index * 7;
        let low = u16::from(octets[bit / 8]);
        let high = octets.get(bit / 8 + 1).map_or(0, |octet| u16::from(*octet));
        ((high << 8 | low) >> (bit % 8) & 0x7f) as u8
    };
    Ok((0..count).map(septet_at).collect())
}

/// How many octets `count` septets after `fill_bits` bits take.
pub(crate) fn packed_len(count: usize, fill_bits: u8) -> usize {
    (count * 7 + usize::from(fill_bits)).div_ceil(8)
}

/// As [`pack`], appending.
pub(crate) fn pack_into(octets: &mut Vec<u8>, septets: &[u8], fill_bits: u8) {
    let mut held = 0u32;
    let mut held_bits = u32::from(fill_bits);
    for septet in septets {
        held |= u32::from(septet & 0x7f) << held_bits;
        held_bits += 7;
        if held_bits >= 8 {
            octets.push((held & 0xff) as u8);
            held >>= 8;
            held_bits -= 8;
        }
    }
    if held_bits > 0 {
        octets.push((held & 0xff) as u8);
    }
}

/// How many septets a character takes: 1, 2, or `None` if it is in neither table.
pub(crate) fn width(ch: char) -> Option<usize> {
    match code(ch) {
        NONE => None,
        code => Some(1 + usize::from(code >> 7)),
    }
}

/// A character's code: below 0x80 in the default table, with [`EXTENDED`] in the extension table, or [`NONE`].
fn code(ch: char) -> u8 {
    match u32::from(ch) {
        point @ 0..=0xff => LATIN[point as usize],
        point @ GREEK_FIRST..=GREEK_LAST => GREEK[(point - GREEK_FIRST) as usize],
        EURO => EXTENDED | EURO_CODE,
        _ => NONE,
    }
}

fn extension(code: u8) -> Option<char> {
    EXTENSION
        .iter()
        .find(|(of, _)| *of == code)
        .map(|(_, ch)| *ch)
}

const fn codes<const N: usize>(first: u32) -> [u8; N] {
    let mut codes = [NONE; N];
    let mut index = 0;
    while index < DEFAULT.len() {
        let point = DEFAULT[index] as u32;
        if point >= first && point < first + N as u32 && index != ESCAPE as usize {
            codes[(point - first) as usize] = index as u8;
        }
        index += 1;
    }
    index = 0;
    while index < EXTENSION.len() {
        let (code, ch) = EXTENSION[index];
        let point = ch as u32;
        if point >= first && point < first + N as u32 {
            codes[(point - first) as usize] = EXTENDED | code;
        }
        index += 1;
    }
    codes
}

const ESCAPE: u8 = 0x1b;
const EXTENDED: u8 = 0x80;
/// No character: 0x7f is not in the extension table.
const NONE: u8 = 0xff;
const GREEK_FIRST: u32 = 0x393;
const GREEK_LAST: u32 = 0x3a9;
const EURO: u32 = 0x20ac;
const EURO_CODE: u8 = 0x65;

/// Codes of U+0000 to U+00FF.
const LATIN: [u8; 256] = codes(0);
/// Codes of U+0393 to U+03A9.
const GREEK: [u8; (GREEK_LAST - GREEK_FIRST + 1) as usize] = codes(GREEK_FIRST);

/// The default table; the place of the escape is never shown.
#[rustfmt::skip]
const DEFAULT: [char; 128] = [
    '@', '£', '$', '¥', 'è', 'é', 'ù', 'ì', 'ò', 'Ç', '\n', 'Ø', 'ø', '\r', 'Å', 'å',
    'Δ', '_', 'Φ', 'Γ', 'Λ', 'Ω', 'Π', 'Ψ', 'Σ', 'Θ', 'Ξ', '\u{1b}', 'Æ', 'æ', 'ß', 'É',
    ' ', '!', '"', '#', '¤', '%', '&', '\'', '(', ')', '*', '+', ',', '-', '.', '/',
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', ':', ';', '<', '=', '>', '?',
    '¡', 'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K', 'L', 'M', 'N', 'O',
    'P', 'Q', 'R', 'S', 'T', 'U', 'V', 'W', 'X', 'Y', 'Z', 'Ä', 'Ö', 'Ñ', 'Ü', '§',
    '¿', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o',
    'p', 'q', 'r', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z', 'ä', 'ö', 'ñ', 'ü', 'à',
];

/// The default extension table, by the code after the escape.
#[rustfmt::skip]
const EXTENSION: [(u8, char); 10] = [
    (0x0a, '\u{c}'), (0x14, '^'), (0x28, '{'), (0x29, '}'), (0x2f, '\\'),
    (0x3c, '['), (0x3d, '~'), (0x3e, ']'), (0x40, '|'), (EURO_CODE, '€'),
];
