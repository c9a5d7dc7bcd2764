//! The GSM 7-bit alphabet: the default tables, the national ones, and the packing of septets into octets.
//!
//! 3GPP TS 23.038 §6.1.2.1 (packing), §6.2.1 and annex A (tables). A septet is a `u8` below 0x80; an extension
//! character is two septets, ESC and a code. Nothing is transliterated: a character is in the tables or it is not.
//!
//! Most of every text is ASCII in one septet a character, so eight octets at a time are tried as that first.

mod codes;
mod language;
mod languages;
mod locking;
mod packing;
mod single_shift;
mod survey;

pub(crate) use codes::Codes;
pub use language::{Language, Shifts};
pub use languages::Languages;
pub use packing::{pack, unpack};

use packing::Packer;

pub(crate) use packing::packed_len;
pub(crate) use survey::Survey;

/// The septets of a text, unpacked, extension characters as two; `None` if a character is in neither default table.
pub fn septets(text: &str) -> Option<Vec<u8>> {
    septets_in(text, Shifts::NONE)
}

/// As [`septets`], with national tables.
pub fn septets_in(text: &str, shifts: Shifts) -> Option<Vec<u8>> {
    let codes = shifts.codes();
    let mut septets = Vec::with_capacity(text.len());
    for ch in text.chars() {
        let (code, escaped) = codes.code(ch)?;
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
    let plain = shifts.plain();
    let octets = septets
        .iter()
        .map(|septet| plain[usize::from(septet & 0x7f)]);
    match String::from_utf8(octets.collect()) {
        Ok(text) => text,
        Err(not_plain) => mixed_text(septets, not_plain.as_bytes(), shifts),
    }
}

/// The text of septets, of which `octets` has what is ASCII in the base table: taken over in runs, and the others in
/// eights, since they are rarely alone.
fn mixed_text(septets: &[u8], octets: &[u8], shifts: Shifts) -> String {
    let mut reader = Shown::new(septets.len(), shifts);
    let mut at = 0;
    while at < septets.len() {
        if !reader.escaped {
            let plain = plain_run(&octets[at..]);
            reader.text.push_str(plain);
            at += plain.len();
        }
        let end = septets.len().min(at + 8);
        reader.read(&septets[at..end]);
        at = end;
    }
    reader.finish()
}

/// What is ASCII before the first octet that is not.
fn plain_run(octets: &[u8]) -> &str {
    let len = match str::from_utf8(octets) {
        Ok(plain) => return plain,
        Err(end) => end.valid_up_to(),
    };
    str::from_utf8(&octets[..len]).expect("valid up to there")
}

/// Appends a text's septets, packed after `fill_bits` zero bits, and says how many there are; `None` if a character is
/// in neither table, and then some of them may be there.
pub(crate) fn pack_text(
    octets: &mut Vec<u8>,
    text: &str,
    shifts: Shifts,
    fill_bits: u8,
) -> Option<usize> {
    let mut packer = Packer::new(octets, fill_bits);
    let codes = shifts.codes();
    for some in pieces(text) {
        match plain_septets(some, shifts) {
            Some(eight) => packer.push_eight(eight),
            None => push_chars(&mut packer, some, codes)?,
        }
    }
    Some(packer.finish())
}

/// A text in pieces of eight octets, or of [`FOREIGN`] where a letter of another script begins, less where a character
/// would be cut.
pub(crate) fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let octets = match rest.as_bytes().first() {
            Some(ARABIC..) => FOREIGN,
            Some(_) | None => 8,
        };
        let (some, after) = rest.split_at(rest.floor_char_boundary(octets));
        rest = after;
        (!some.is_empty()).then_some(some)
    })
}

/// Whether it is eight ASCII characters that the base table has.
pub(crate) fn is_plain(text: &str, shifts: Shifts) -> bool {
    plain_septets(text, shifts).is_some()
}

fn push_chars(packer: &mut Packer<'_>, text: &str, codes: Codes) -> Option<()> {
    for ch in text.chars() {
        let (code, escaped) = codes.code(ch)?;
        if escaped {
            packer.push(ESCAPE);
        }
        packer.push(code);
    }
    Some(())
}

/// The septets of eight ASCII characters, if the base table has them all.
fn plain_septets(text: &str, shifts: Shifts) -> Option<[u8; 8]> {
    let octets: [u8; 8] = text.as_bytes().try_into().ok()?;
    if !is_ascii(octets) {
        return None;
    }
    let ascii = shifts.ascii();
    let septets = octets.map(|octet| ascii[usize::from(octet & 0x7f)]);
    is_ascii(septets).then_some(septets)
}

/// Whether all of eight octets are below 0x80.
fn is_ascii(octets: [u8; 8]) -> bool {
    u64::from_ne_bytes(octets) & 0x8080_8080_8080_8080 == 0
}

/// Septets shown as text, and whether the last was an escape.
struct Shown {
    text: String,
    table: &'static [char; 128],
    extension: &'static [char; 128],
    escaped: bool,
}

impl Shown {
    fn new(septets: usize, shifts: Shifts) -> Shown {
        Shown {
            text: String::with_capacity(septets),
            table: shifts.table(),
            extension: shifts.extension(),
            escaped: false,
        }
    }

    fn read(&mut self, septets: &[u8]) {
        for septet in septets.iter().map(|septet| septet & 0x7f) {
            let code = usize::from(septet);
            match (self.escaped, septet) {
                (false, ESCAPE) => self.escaped = true,
                (false, _) => self.show(self.table[code]),
                (true, ESCAPE) => self.show(' '),
                (true, _) if self.extension[code] == GAP => self.show(self.table[code]),
                (true, _) => self.show(self.extension[code]),
            }
        }
    }

    fn show(&mut self, ch: char) {
        self.escaped = false;
        self.text.push(if ch == GAP { ' ' } else { ch });
    }

    fn finish(mut self) -> String {
        if self.escaped {
            self.show(' ');
        }
        self.text
    }
}

/// How many septets a character takes: 1, 2, or `None` if it is in neither table.
pub(crate) fn width(ch: char) -> Option<usize> {
    match code(ch) {
        NONE => None,
        code => Some(1 + usize::from(code >> 7)),
    }
}

/// The first character that neither default table has, with its place, counted in characters from 0.
pub(crate) fn outside(text: &str) -> Option<(usize, char)> {
    let plain = |octet: u8| LATIN[usize::from(octet)] != NONE;
    if text.is_ascii() && text.bytes().all(plain) {
        return None;
    }
    let mut chars = text.chars().enumerate();
    chars.find(|(_, ch)| code(*ch) == NONE)
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

/// First octet of U+0600 and what follows: scripts of which words are written without any ASCII.
const ARABIC: u8 = 0xd8;
/// Octets of eight characters of most of these scripts.
const FOREIGN: usize = 24;
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
static LATIN: [u8; 256] = LATIN_CODES;
const LATIN_CODES: [u8; 256] = codes(0);
/// Codes of U+0393 to U+03A9.
static GREEK: [u8; (GREEK_LAST - GREEK_FIRST + 1) as usize] = codes(GREEK_FIRST);

/// Septets that the character takes of which an octet is the first in UTF-8, in a text that the default tables have all
/// of: those of several octets are in the default table, but for the euro sign.
pub(crate) static WIDTHS: [u8; 256] = widths();

const fn widths() -> [u8; 256] {
    let mut widths = [0; 256];
    let mut octet = 0;
    while octet < 256 {
        widths[octet] = match octet {
            0..=0x7f if LATIN_CODES[octet] < EXTENDED => 1,
            0..=0x7f | 0xe2 => 2,
            0xc2.. => 1,
            _ => 0,
        };
        octet += 1;
    }
    widths
}

/// The default table; the place of the escape is never shown.
#[rustfmt::skip]
static DEFAULT: [char; 128] = [
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
static EXTENSION: [(u8, char); 10] = [
    (0x0a, '\u{c}'), (0x14, '^'), (0x28, '{'), (0x29, '}'), (0x2f, '\\'),
    (0x3c, '['), (0x3d, '~'), (0x3e, ']'), (0x40, '|'), (EURO_CODE, '€'),
];
