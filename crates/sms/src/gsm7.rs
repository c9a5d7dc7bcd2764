//! The GSM 7-bit alphabet: the default tables, the national ones, and the packing of septets into octets.
//!
//! 3GPP TS 23.038 §6.1.2.1 (packing), §6.2.1 and annex A (tables). A septet is a `u8` below 0x80; an extension
//! character is two septets, ESC and a code. Nothing is transliterated: a character is in the tables or it is not.

mod language;
mod locking;
mod single_shift;

pub use language::{Language, Shifts};

use crate::PduError;

/// The septets of a text, unpacked, extension characters as two; `None` if a character is in neither default table.
pub fn septets(text: &str) -> Option<Vec<u8>> {
    septets_in(text, Shifts::NONE)
}

/// As [`septets`], with national tables.
pub fn septets_in(text: &str, shifts: Shifts) -> Option<Vec<u8>> {
    let mut septets = Vec::with_capacity(text.len());
    for ch in text.chars() {
        let (code, escaped) = if shifts.is_default() {
            default_code(ch)?
        } else {
            shifts.code(ch)?
        };
        if escaped {
            septets.push(ESCAPE);
        }
        septets.push(code);
    }
    Some(septets)
}

/// The text of unpacked septets (the top bit of each is ignored), in the default tables.
///
/// An escape before a code that the extension table lacks is dropped, so that the table's character shows, and one
/// before another escape or at the end is a space (3GPP TS 23.038 §6.2.1.1, notes).
pub fn text(septets: &[u8]) -> String {
    text_in(septets, Shifts::NONE)
}

/// As [`text`], with national tables; a code without a character is a space.
pub fn text_in(septets: &[u8], shifts: Shifts) -> String {
    let (table, extension) = (shifts.table(), shifts.extension());
    let shown = |code: u8| match table[usize::from(code)] {
        GAP => ' ',
        ch => ch,
    };
    let mut text = String::with_capacity(septets.len());
    let mut rest = septets.iter().map(|septet| septet & 0x7f);
    while let Some(septet) = rest.next() {
        if septet != ESCAPE {
            text.push(shown(septet));
            continue;
        }
        match rest.next() {
            None | Some(ESCAPE) => text.push(' '),
            Some(code) => {
                let extended = extension.iter().find(|(of, _)| *of == code);
                text.push(extended.map_or_else(|| shown(code), |(_, ch)| *ch));
            }
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
    let mut septets = Vec::with_capacity(count);
    let (mut held, mut held_bits, mut next) = (0u64, 0, 0);
    if let Some(first) = octets.first().filter(|_| fill_bits > 0) {
        held = u64::from(*first) >> fill_bits;
        held_bits = 8 - fill_bits;
        next = 1;
    }
    // Seven octets are eight septets, whatever is held before them.
    while count - septets.len() >= 8 && octets.len() - next >= 7 {
        let mut seven = [0; 8];
        seven[..7].copy_from_slice(&octets[next..next + 7]);
        next += 7;
        let bits = u64::from_le_bytes(seven);
        let whole = held | bits << held_bits;
        septets.extend((0..8).map(|index| (whole >> (7 * index) & 0x7f) as u8));
        held = bits >> (56 - held_bits);
    }
    while septets.len() < count {
        if held_bits < 7 {
            held |= u64::from(octets[next]) << held_bits;
            held_bits += 8;
            next += 1;
        }
        septets.push((held & 0x7f) as u8);
        held >>= 7;
        held_bits -= 7;
    }
    Ok(septets)
}

/// How many octets `count` septets after `fill_bits` bits take.
pub(crate) fn packed_len(count: usize, fill_bits: u8) -> usize {
    (count * 7 + usize::from(fill_bits)).div_ceil(8)
}

/// As [`pack`], appending.
pub(crate) fn pack_into(octets: &mut Vec<u8>, septets: &[u8], fill_bits: u8) {
    let mut held = 0u64;
    let mut held_bits = u32::from(fill_bits);
    // Eight septets are seven octets, whatever is held before them.
    let (eights, rest) = septets.as_chunks::<8>();
    for eight in eights {
        let mut bits = 0u64;
        for (index, septet) in eight.iter().enumerate() {
            bits |= u64::from(septet & 0x7f) << (7 * index);
        }
        held |= bits << held_bits;
        octets.extend_from_slice(&held.to_le_bytes()[..7]);
        held >>= 56;
    }
    for septet in rest {
        held |= u64::from(septet & 0x7f) << held_bits;
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

/// As [`width`], with national tables.
pub(crate) fn width_in(ch: char, shifts: Shifts) -> Option<usize> {
    if shifts.is_default() {
        return width(ch);
    }
    shifts.code(ch).map(|(_, escaped)| 1 + usize::from(escaped))
}

fn default_code(ch: char) -> Option<(u8, bool)> {
    match code(ch) {
        NONE => None,
        code => Some((code & !EXTENDED, code & EXTENDED != 0)),
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
/// A table's place without a character.
const GAP: char = '\0';
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
