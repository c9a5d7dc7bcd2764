//! Cuts a text into the user data of its parts, in the cheapest encoding (3GPP TS 23.040 §9.2.3.24.1).
//!
//! ```text
//!  one part:   160 septets or 70 UTF-16 units
//!  more:       153 or 67 in each, behind the header 05 00 03 reference parts part
//! ```
//!
//! An escape pair or a surrogate pair is never cut, so a part may be one unit short. Does not transliterate, and does
//! not keep combining sequences together.

use std::fmt;

use crate::{Alphabet, Body, InformationElement, SegmentError, UserData, gsm7, user_data};

/// How a text goes on the air.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Encoding {
    /// GSM 7-bit default alphabet with its extension table.
    Gsm7,
    /// UTF-16.
    Ucs2,
}

impl Encoding {
    /// `"gsm7"` or `"ucs2"`.
    pub fn as_str(self) -> &'static str {
        match self {
            Encoding::Gsm7 => "gsm7",
            Encoding::Ucs2 => "ucs2",
        }
    }

    fn alphabet(self) -> Alphabet {
        match self {
            Encoding::Gsm7 => Alphabet::Gsm7,
            Encoding::Ucs2 => Alphabet::Ucs2,
        }
    }

    /// Units in a text that is one part.
    fn units_alone(self) -> usize {
        match self {
            Encoding::Gsm7 => 160,
            Encoding::Ucs2 => 70,
        }
    }

    /// Units in each part of several.
    fn units_per_part(self) -> usize {
        match self {
            Encoding::Gsm7 => 153,
            Encoding::Ucs2 => 67,
        }
    }

    /// How many units a character takes; `None` if the encoding lacks it.
    fn width(self, ch: char) -> Option<usize> {
        match self {
            Encoding::Gsm7 => gsm7::width(ch),
            Encoding::Ucs2 => Some(ch.len_utf16()),
        }
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Which encoding to use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EncodingChoice {
    /// GSM 7-bit if it has every character, else UCS-2.
    #[default]
    Auto,
    /// GSM 7-bit or an error.
    Gsm7,
    /// UCS-2 always.
    Ucs2,
}

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
    if text.is_empty() {
        return Err(SegmentError::Empty);
    }
    let count = match choice {
        EncodingChoice::Auto => {
            count(text, Encoding::Gsm7).or_else(|_| count(text, Encoding::Ucs2))?
        }
        EncodingChoice::Gsm7 => count(text, Encoding::Gsm7)?,
        EncodingChoice::Ucs2 => count(text, Encoding::Ucs2)?,
    };
    let too_long = SegmentError::TooLong {
        parts: count.parts,
        parts_max: PARTS_MAX,
    };
    let parts = u8::try_from(count.parts).map_err(|_| too_long)?;
    let units = u32::try_from(count.units).expect("255 parts of 153 units at most");
    Ok(Measure {
        encoding: count.encoding,
        parts,
        units,
    })
}

/// Cuts a text into the user data of its parts, in order. If there are more than one, each has the concatenation header
/// with an 8-bit `reference`, which must be the same for all and should differ from the sender's last to this recipient.
///
/// # Errors
/// [`SegmentError::Empty`], [`SegmentError::Unencodable`] with [`EncodingChoice::Gsm7`] only, and
/// [`SegmentError::TooLong`] above [`PARTS_MAX`] parts.
pub fn segment(
    text: &str,
    choice: EncodingChoice,
    reference: u8,
) -> Result<Vec<UserData>, SegmentError> {
    let Measure {
        encoding, parts, ..
    } = measure(text, choice)?;
    let alphabet = encoding.alphabet();
    if parts == 1 {
        let body = Body::Text(text.to_owned());
        return Ok(vec![UserData {
            header: Vec::new(),
            alphabet,
            body,
        }]);
    }
    let mut segments = Vec::with_capacity(usize::from(parts));
    let mut rest = text;
    for part in 1..=parts {
        let (piece, after) = rest.split_at(piece_len(rest, encoding));
        rest = after;
        let data = vec![reference, parts, part];
        let header = vec![InformationElement {
            id: user_data::CONCATENATION_8,
            data,
        }];
        segments.push(UserData {
            header,
            alphabet,
            body: Body::Text(piece.to_owned()),
        });
    }
    Ok(segments)
}

struct Count {
    encoding: Encoding,
    parts: usize,
    units: usize,
}

fn count(text: &str, encoding: Encoding) -> Result<Count, SegmentError> {
    match encoding {
        Encoding::Gsm7 => count_with(text, encoding, gsm7::width),
        Encoding::Ucs2 => count_with(text, encoding, |ch| Some(ch.len_utf16())),
    }
}

/// Apart from [`count`] so that each encoding gets a loop of its own: every text admitted is measured.
fn count_with(
    text: &str,
    encoding: Encoding,
    width: impl Fn(char) -> Option<usize>,
) -> Result<Count, SegmentError> {
    let (mut units, mut parts, mut used) = (0, 1, 0);
    for (position, ch) in text.chars().enumerate() {
        let width = width(ch).ok_or(SegmentError::Unencodable { ch, position })?;
        units += width;
        used += width;
        if used > encoding.units_per_part() {
            parts += 1;
            used = width;
        }
    }
    if units <= encoding.units_alone() {
        parts = 1;
    }
    Ok(Count {
        encoding,
        parts,
        units,
    })
}

/// How many UTF-8 octets of a text go into its next part of several.
fn piece_len(text: &str, encoding: Encoding) -> usize {
    let mut used = 0;
    for (at, ch) in text.char_indices() {
        used += encoding.width(ch).expect("measured before");
        if used > encoding.units_per_part() {
            return at;
        }
    }
    text.len()
}

/// Parts that a concatenation header can number (3GPP TS 23.040 §9.2.3.24.1).
pub const PARTS_MAX: usize = 255;
