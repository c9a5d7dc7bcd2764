//! Cuts a text into the user data of its parts (3GPP TS 23.040 §9.2.3.24.1), and says beforehand how many there are.
//!
//! ```text
//!  one part:   160 septets or 70 UTF-16 units
//!  more:       153 or 67 in each, behind the header 05 00 03 reference parts part
//!  less:       a 16-bit reference takes an octet more, each national table three
//! ```
//!
//! An escape pair or a surrogate pair is never cut, and what people see as one character only where it would cost a
//! part more not to. Does not transliterate: [`crate::transliterate()`] does, for those who ask.

use unicode_segmentation::GraphemeCursor;

use crate::user_data::Reference;
use crate::{
    Alphabet, Body, Concatenation, Encoding, EncodingChoice, InformationElement, SegmentError,
    Shifts, UserData, encoding,
};

/// What a text takes on the air.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Measure {
    /// The encoding it would be sent in.
    pub encoding: Encoding,
    /// How many parts, from 1 to [`PARTS_MAX`].
    pub parts: u8,
    /// Septets or UTF-16 units of the whole text.
    pub units: u32,
}

/// Measures a text without cutting it; allocates nothing.
///
/// # Errors
/// As [`segment`].
pub fn measure(text: &str, choice: EncodingChoice) -> Result<Measure, SegmentError> {
    plan(text, choice, Width::Eight).map(|(measure, _)| measure)
}

/// Cuts a text into the user data of its parts, in order. If there are more than one, each has the concatenation header
/// with an 8-bit `reference`, which must be the same for all and should differ from the sender's last to this recipient.
///
/// # Errors
/// [`SegmentError::Empty`], [`SegmentError::Unencodable`] where the choice leaves no encoding that has every character,
/// and [`SegmentError::TooLong`] above [`PARTS_MAX`] parts.
pub fn segment(
    text: &str,
    choice: EncodingChoice,
    reference: u8,
) -> Result<Vec<UserData>, SegmentError> {
    segment_with(text, choice, Reference::Eight(reference))
}

/// As [`segment`], with a reference of either width; 16 bits leave less room in each part.
///
/// # Errors
/// As [`segment`].
pub fn segment_with(
    text: &str,
    choice: EncodingChoice,
    reference: Reference,
) -> Result<Vec<UserData>, SegmentError> {
    let width = match reference {
        Reference::Eight(_) => Width::Eight,
        Reference::Sixteen(_) => Width::Sixteen,
    };
    let (
        Measure {
            encoding, parts, ..
        },
        room,
    ) = plan(text, choice, width)?;
    let user_data = |first: Option<InformationElement>, piece: &str| UserData {
        header: first
            .into_iter()
            .chain(InformationElement::of_shifts(encoding.shifts()))
            .collect(),
        alphabet: encoding.alphabet(),
        body: Body::Text(piece.to_owned()),
    };
    if parts == 1 {
        return Ok(vec![user_data(None, text)]);
    }
    let number = |part| {
        InformationElement::of_concatenation(Concatenation {
            reference,
            parts,
            part,
        })
    };
    let pieces = pieces(text, encoding, room.per_part, usize::from(parts));
    Ok((1..=parts)
        .zip(pieces)
        .map(|(part, piece)| user_data(Some(number(part)), piece))
        .collect())
}

/// Units in the parts of an encoding.
#[derive(Clone, Copy)]
struct Room {
    /// In a text that is one part.
    alone: usize,
    /// In each part of several.
    per_part: usize,
}

/// How wide the reference is.
#[derive(Clone, Copy)]
enum Width {
    Eight,
    Sixteen,
}

struct Count {
    encoding: Encoding,
    room: Room,
    parts: usize,
    units: usize,
}

/// The cheapest encoding that the choice allows.
fn plan(text: &str, choice: EncodingChoice, width: Width) -> Result<(Measure, Room), SegmentError> {
    if text.is_empty() {
        return Err(SegmentError::Empty);
    }
    let of = |encoding| count(text, encoding, width);
    let count = match choice {
        EncodingChoice::Auto => of(Encoding::Gsm7).or_else(|_| of(Encoding::Ucs2))?,
        EncodingChoice::AutoNational => cheapest(text, width)?,
        EncodingChoice::Gsm7 => of(Encoding::Gsm7)?,
        EncodingChoice::National(shifts) => of(Encoding::National(shifts))?,
        EncodingChoice::Ucs2 => of(Encoding::Ucs2)?,
    };
    let too_long = SegmentError::TooLong {
        parts: count.parts,
        parts_max: PARTS_MAX,
    };
    let measure = Measure {
        encoding: count.encoding,
        parts: u8::try_from(count.parts).map_err(|_| too_long)?,
        units: u32::try_from(count.units).expect("255 parts of 153 units at most"),
    };
    Ok((measure, count.room))
}

/// Of all encodings the one with the fewest parts, then the fewest octets, then the plainest.
fn cheapest(text: &str, width: Width) -> Result<Count, SegmentError> {
    let plain = [Encoding::Gsm7, Encoding::Ucs2];
    let national = encoding::national();
    let counts = plain
        .into_iter()
        .chain(national)
        .filter_map(|encoding| count(text, encoding, width).ok());
    let cheapest = counts.min_by_key(|count| (count.parts, count.octets(width)));
    Ok(cheapest.expect("UCS-2 has every character"))
}

fn count(text: &str, encoding: Encoding, width: Width) -> Result<Count, SegmentError> {
    let room = Room::of(encoding, width);
    // Each has a loop of its own: every text admitted is measured.
    let (units, parts) = match encoding {
        Encoding::Gsm7 => count_with(text, room, crate::gsm7::width),
        Encoding::National(shifts) => {
            count_with(text, room, |ch| crate::gsm7::width_in(ch, shifts))
        }
        Encoding::Ucs2 => count_with(text, room, |ch| Some(ch.len_utf16())),
    }?;
    Ok(Count {
        encoding,
        room,
        parts,
        units,
    })
}

/// Units and parts.
fn count_with(
    text: &str,
    room: Room,
    width: impl Fn(char) -> Option<usize>,
) -> Result<(usize, usize), SegmentError> {
    let (mut units, mut parts, mut used) = (0, 1, 0);
    for (position, ch) in text.chars().enumerate() {
        let width = width(ch).ok_or(SegmentError::Unencodable { ch, position })?;
        units += width;
        used += width;
        if used > room.per_part {
            parts += 1;
            used = width;
        }
    }
    if units <= room.alone {
        parts = 1;
    }
    Ok((units, parts))
}

impl Count {
    /// Octets of user data, headers included, without the fill bits of each part.
    fn octets(&self, width: Width) -> usize {
        let numbered = if self.parts > 1 { width.octets() } else { 0 };
        let header = header_octets(numbered + shift_octets(self.encoding.shifts()));
        let body = match self.encoding.alphabet() {
            Alphabet::Ucs2 => self.units * 2,
            Alphabet::Gsm7 | Alphabet::Data8 => (self.units * 7).div_ceil(8),
        };
        self.parts * header + body
    }
}

impl Room {
    fn of(encoding: Encoding, width: Width) -> Room {
        let shifts = shift_octets(encoding.shifts());
        let units = |elements: usize| {
            let octets = crate::USER_DATA_OCTETS_MAX - header_octets(elements);
            match encoding.alphabet() {
                Alphabet::Ucs2 => octets / 2,
                Alphabet::Gsm7 | Alphabet::Data8 => octets * 8 / 7,
            }
        };
        Room {
            alone: units(shifts),
            per_part: units(shifts + width.octets()),
        }
    }
}

impl Width {
    /// Octets of the element, with identifier and length.
    fn octets(self) -> usize {
        match self {
            Width::Eight => 5,
            Width::Sixteen => 6,
        }
    }
}

fn shift_octets(shifts: Shifts) -> usize {
    (usize::from(shifts.locking.is_some()) + usize::from(shifts.single.is_some())) * 3
}

/// The header's own length octet counts too.
fn header_octets(elements: usize) -> usize {
    if elements == 0 { 0 } else { elements + 1 }
}

/// The text in as many pieces as it takes at least. Each is as long as fits, or ends where people see a character end
/// if the rest still fits what is left.
fn pieces(text: &str, encoding: Encoding, room: usize, parts: usize) -> Vec<&str> {
    // Where the last `n` parts may begin at the earliest, by `n`; the default alphabet has no combining characters.
    let earliest = match encoding {
        Encoding::Gsm7 => Vec::new(),
        Encoding::National(_) | Encoding::Ucs2 => earliest(text, encoding, room),
    };
    let mut pieces = Vec::with_capacity(parts);
    let mut start = 0;
    for left in (0..parts).rev() {
        let end = start + piece_len(&text[start..], encoding, room);
        let at_least = earliest.get(left).copied().unwrap_or(end).max(start + 1);
        let end = whole_end(text, at_least, end).unwrap_or(end);
        pieces.push(&text[start..end]);
        start = end;
    }
    pieces
}

/// The last place from `at_least` to `end` at which a grapheme cluster ends.
fn whole_end(text: &str, at_least: usize, end: usize) -> Option<usize> {
    if at_least >= end {
        return None;
    }
    let mut cursor = GraphemeCursor::new(end, text.len(), true);
    if cursor.is_boundary(text, 0).ok()? {
        return Some(end);
    }
    let before = cursor.prev_boundary(text, 0).ok()??;
    (before >= at_least).then_some(before)
}

/// By how many parts are left, the first octet of the text from which it fits into them.
fn earliest(text: &str, encoding: Encoding, room: usize) -> Vec<usize> {
    let mut earliest = vec![text.len()];
    let (mut used, mut begin) = (0, text.len());
    for (at, ch) in text.char_indices().rev() {
        let width = encoding.width(ch).expect("measured before");
        used += width;
        if used > room {
            earliest.push(begin);
            used = width;
        }
        begin = at;
    }
    earliest.push(begin);
    earliest
}

/// How many UTF-8 octets of a text go into its next part of several.
fn piece_len(text: &str, encoding: Encoding, room: usize) -> usize {
    let mut used = 0;
    for (at, ch) in text.char_indices() {
        used += encoding.width(ch).expect("measured before");
        if used > room {
            return at;
        }
    }
    text.len()
}

/// Parts that a concatenation header can number (3GPP TS 23.040 §9.2.3.24.1).
pub const PARTS_MAX: usize = 255;
