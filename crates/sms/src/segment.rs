//! Cuts a text into the user data of its parts (3GPP TS 23.040 §9.2.3.24.1), and says beforehand how many there are.
//!
//! ```text
//!  one part:   160 septets or 70 UTF-16 units
//!  more:       153 or 67 in each, behind the header 05 00 03 reference parts part
//!  less:       a 16-bit reference takes an octet more, each national table three
//! ```
//!
//! An escape pair or a surrogate pair is never cut, and what people see as one character only where it would cost a
//! part more not to. Does not transliterate: [`crate::transliterate()`] does, for those who ask. Does not say why there
//! are so many: [`crate::explain()`] does.

use unicode_segmentation::GraphemeCursor;

use crate::gsm7::Survey;
use crate::user_data::Reference;
use crate::{
    Alphabet, Body, Concatenation, Encoding, EncodingChoice, InformationElement, Languages,
    SegmentError, Shifts, UserData,
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
    /// Octets of user data in all parts, headers included, without fill bits.
    pub octets: u32,
}

/// Measures a text without cutting it; allocates nothing.
///
/// # Errors
/// As [`segment`].
pub fn measure(text: &str, choice: EncodingChoice) -> Result<Measure, SegmentError> {
    plan(text, choice, Width::Eight).map(|plan| plan.measure)
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
    let cut = Cut::of(text, choice, reference)?;
    let parts = (1..=cut.parts).zip(&cut.pieces);
    Ok(parts
        .map(|(part, piece)| cut.user_data(part, piece))
        .collect())
}

/// One part of what [`segment`] gives, counted from 1; `None` if there are fewer.
///
/// # Errors
/// As [`segment`].
pub fn segment_part(
    text: &str,
    choice: EncodingChoice,
    reference: u8,
    part: u8,
) -> Result<Option<UserData>, SegmentError> {
    let cut = Cut::of(text, choice, Reference::Eight(reference))?;
    let index = usize::from(part).checked_sub(1);
    let piece = index.and_then(|index| cut.pieces.get(index));
    Ok(piece.map(|piece| cut.user_data(part, piece)))
}

/// A text in its pieces.
struct Cut<'t> {
    encoding: Encoding,
    reference: Reference,
    parts: u8,
    /// As many as parts.
    pieces: Vec<&'t str>,
}

impl<'t> Cut<'t> {
    fn of(
        text: &'t str,
        choice: EncodingChoice,
        reference: Reference,
    ) -> Result<Cut<'t>, SegmentError> {
        let width = match reference {
            Reference::Eight(_) => Width::Eight,
            Reference::Sixteen(_) => Width::Sixteen,
        };
        let plan = plan(text, choice, width)?;
        let Measure {
            encoding, parts, ..
        } = plan.measure;
        let pieces = match parts {
            1 => vec![text],
            _ => plan.pieces(text),
        };
        Ok(Cut {
            encoding,
            reference,
            parts,
            pieces,
        })
    }

    fn user_data(&self, part: u8, piece: &str) -> UserData {
        let concatenation = Concatenation {
            reference: self.reference,
            parts: self.parts,
            part,
        };
        let number = (self.parts > 1).then(|| InformationElement::of_concatenation(concatenation));
        UserData {
            header: number
                .into_iter()
                .chain(InformationElement::of_shifts(self.encoding.shifts()))
                .collect(),
            alphabet: self.encoding.alphabet(),
            body: Body::Text(piece.to_owned()),
        }
    }
}

/// How a text is to be cut.
pub(crate) struct Plan {
    pub(crate) measure: Measure,
    pub(crate) room: Room,
}

/// Units in the parts of an encoding.
#[derive(Clone, Copy)]
pub(crate) struct Room {
    /// In a text that is one part.
    pub(crate) alone: usize,
    /// In each part of several.
    pub(crate) per_part: usize,
}

/// How wide the reference is.
#[derive(Clone, Copy)]
pub(crate) enum Width {
    Eight,
    Sixteen,
}

/// What a text takes in an encoding.
#[derive(Clone, Copy)]
struct Count {
    encoding: Encoding,
    width: Width,
    room: Room,
    parts: usize,
    units: usize,
}

/// The cheapest encoding that the choice allows.
pub(crate) fn plan(text: &str, choice: EncodingChoice, width: Width) -> Result<Plan, SegmentError> {
    if text.is_empty() {
        return Err(SegmentError::Empty);
    }
    let of = |encoding| Ok(count(text, encoding, width)?.cut(text));
    let count = match choice {
        EncodingChoice::Auto => plain(text, width)?.cut(text),
        EncodingChoice::AutoNational(languages) => cheapest(text, languages, width)?,
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
        octets: u32::try_from(count.octets()).expect("255 parts of 140 octets at most"),
    };
    Ok(Plan {
        measure,
        room: count.room,
    })
}

/// The default GSM 7-bit alphabet, which is never dearer than UCS-2, or that.
fn plain(text: &str, width: Width) -> Result<Count, SegmentError> {
    count(text, Encoding::Gsm7, width).or_else(|_| count(text, Encoding::Ucs2, width))
}

/// Of all encodings the one with the fewest parts, then the fewest octets, then the plainest.
fn cheapest(text: &str, languages: Languages, width: Width) -> Result<Count, SegmentError> {
    let plain = plain(text, width)?;
    if plain.encoding == Encoding::Gsm7 && plain.units == text.chars().count() {
        // Nothing is cheaper than a septet a character, and no header.
        return Ok(plain.cut(text));
    }
    let survey = Survey::of(text, languages);
    let national = survey
        .septets()
        .map(|(shifts, septets)| Count::at_least(Encoding::National(shifts), septets, width));
    let mut best: Option<Count> = None;
    for count in national.chain([plain]) {
        let is_cheaper = |count: &Count| best.is_none_or(|best| count.cost() < best.cost());
        if is_cheaper(&count) {
            let count = count.cut(text);
            best = Some(count).filter(is_cheaper).or(best);
        }
    }
    Ok(best.expect("the plain one is among them"))
}

/// Counts the units, or says what the encoding lacks.
fn count(text: &str, encoding: Encoding, width: Width) -> Result<Count, SegmentError> {
    let units = encoding
        .units(text)
        .map_err(|(position, ch)| SegmentError::Unencodable { ch, position })?;
    Ok(Count::at_least(encoding, units, width))
}

/// Every part but the last is as long as fits.
fn count_parts(text: &str, encoding: Encoding, room: usize) -> usize {
    let (mut parts, mut rest) = (0, text);
    while !rest.is_empty() {
        rest = &rest[encoding.fitting(rest, room)..];
        parts += 1;
    }
    parts
}

impl Plan {
    /// The texts of the parts, if there are several.
    pub(crate) fn pieces<'a>(&self, text: &'a str) -> Vec<&'a str> {
        let Measure {
            encoding, parts, ..
        } = self.measure;
        pieces(text, encoding, self.room.per_part, usize::from(parts))
    }
}

impl Count {
    /// Of so many units, if parts may end anywhere.
    fn at_least(encoding: Encoding, units: usize, width: Width) -> Count {
        let room = Room::of(encoding, width);
        let parts = match units {
            units if units <= room.alone => 1,
            units => units.div_ceil(room.per_part),
        };
        Count {
            encoding,
            width,
            room,
            parts,
            units,
        }
    }

    /// With parts that end where they can.
    fn cut(self, text: &str) -> Count {
        let parts = match self.parts {
            1 => 1,
            _ => count_parts(text, self.encoding, self.room.per_part),
        };
        Count { parts, ..self }
    }

    /// What makes an encoding dearer than another.
    fn cost(&self) -> (usize, usize, bool) {
        let is_national = matches!(self.encoding, Encoding::National(_));
        (self.parts, self.octets(), is_national)
    }

    /// Octets of user data, headers included, without the fill bits of each part.
    fn octets(&self) -> usize {
        let numbered = if self.parts > 1 {
            self.width.octets()
        } else {
            0
        };
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
    pub(crate) fn octets(self) -> usize {
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
pub(crate) fn header_octets(elements: usize) -> usize {
    if elements == 0 { 0 } else { elements + 1 }
}

/// The text in as many pieces as it takes at least. Each is as long as fits, or ends where people see a character end
/// if the rest still fits what is left.
fn pieces(text: &str, encoding: Encoding, room: usize, parts: usize) -> Vec<&str> {
    let mut begins = Vec::new();
    let mut pieces = Vec::with_capacity(parts);
    let mut start = 0;
    for left in (0..parts).rev() {
        let mut end = start + encoding.fitting(&text[start..], room);
        // The default alphabet has no combining characters.
        if encoding != Encoding::Gsm7 && !is_whole(text, end) {
            if begins.is_empty() {
                begins = earliest(text, encoding, room);
            }
            let at_least = begins[left].max(start + 1);
            end = whole_end(text, end)
                .filter(|whole| *whole >= at_least)
                .unwrap_or(end);
        }
        pieces.push(&text[start..end]);
        start = end;
    }
    pieces
}

/// Whether a grapheme cluster ends at this place.
fn is_whole(text: &str, at: usize) -> bool {
    let mut cursor = GraphemeCursor::new(at, text.len(), true);
    cursor.is_boundary(text, 0).unwrap_or(true)
}

/// The last place before this one at which a grapheme cluster ends.
fn whole_end(text: &str, end: usize) -> Option<usize> {
    let mut cursor = GraphemeCursor::new(end, text.len(), true);
    cursor.prev_boundary(text, 0).ok()?
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

/// Parts that a concatenation header can number (3GPP TS 23.040 §9.2.3.24.1).
pub const PARTS_MAX: usize = 255;
