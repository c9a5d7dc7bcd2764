//! The encodings a text can go on the air in, which of them may be chosen, and what forces the choice.

use std::fmt;

use crate::gsm7::{self, Languages};
use crate::{Alphabet, Shifts};

/// How a text goes on the air.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Encoding {
    /// GSM 7-bit default alphabet with its extension table.
    Gsm7,
    /// GSM 7-bit with national tables, named in every part.
    National(Shifts),
    /// UTF-16.
    Ucs2,
}

/// Which encoding to use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EncodingChoice {
    /// The default GSM 7-bit alphabet if it has every character, else UCS-2: what every network and handset takes.
    #[default]
    Auto,
    /// The cheapest of all, the tables of these languages included: the fewest parts, then the fewest octets. A
    /// language's locking and single shift tables are tried alone and together.
    AutoNational(Languages),
    /// The default GSM 7-bit alphabet or an error.
    Gsm7,
    /// GSM 7-bit with these tables or an error.
    National(Shifts),
    /// UCS-2 always.
    Ucs2,
}

impl Encoding {
    /// `"gsm7"`, whatever the tables, or `"ucs2"`.
    pub fn as_str(self) -> &'static str {
        match self {
            Encoding::Gsm7 | Encoding::National(_) => "gsm7",
            Encoding::Ucs2 => "ucs2",
        }
    }

    /// The alphabet of the user data.
    pub fn alphabet(self) -> Alphabet {
        match self {
            Encoding::Gsm7 | Encoding::National(_) => Alphabet::Gsm7,
            Encoding::Ucs2 => Alphabet::Ucs2,
        }
    }

    /// The national tables.
    pub fn shifts(self) -> Shifts {
        match self {
            Encoding::National(shifts) => shifts,
            Encoding::Gsm7 | Encoding::Ucs2 => Shifts::NONE,
        }
    }

    /// How many units a character takes; `None` if the encoding lacks it.
    pub(crate) fn width(self, ch: char) -> Option<usize> {
        match self {
            Encoding::Gsm7 => gsm7::width(ch),
            Encoding::National(shifts) => shifts.codes().width(ch),
            Encoding::Ucs2 => Some(ch.len_utf16()),
        }
    }

    /// The units that a text takes, or the first character that the encoding lacks, with its place, counted in
    /// characters from 0.
    pub(crate) fn units(self, text: &str) -> Result<usize, (usize, char)> {
        match self {
            Encoding::Gsm7 => match gsm7::outside(text) {
                Some(outside) => Err(outside),
                None => Ok(add_up(text.as_bytes(), &gsm7::WIDTHS)),
            },
            Encoding::National(shifts) => national_units(text, shifts),
            Encoding::Ucs2 => Ok(text.chars().count() + surrogate_pairs(text)),
        }
    }

    /// How many octets of a text fit in so many units; the encoding has all of it.
    pub(crate) fn fitting(self, text: &str, units: usize) -> usize {
        match self {
            Encoding::Gsm7 => fitting(text, units, &gsm7::WIDTHS),
            Encoding::National(shifts) => national_fitting(text, units, shifts),
            Encoding::Ucs2 => fitting(text, units, &UCS2_WIDTHS),
        }
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl From<Encoding> for EncodingChoice {
    fn from(encoding: Encoding) -> EncodingChoice {
        match encoding {
            Encoding::Gsm7 => EncodingChoice::Gsm7,
            Encoding::National(shifts) => EncodingChoice::National(shifts),
            Encoding::Ucs2 => EncodingChoice::Ucs2,
        }
    }
}

/// The first character that the default GSM 7-bit alphabet lacks, with its place in the text, counted in characters
/// from 0: what makes a text UCS-2.
pub fn outside_gsm7(text: &str) -> Option<(usize, char)> {
    gsm7::outside(text)
}

/// Characters of four octets in UTF-8.
fn surrogate_pairs(text: &str) -> usize {
    text.bytes().filter(|octet| *octet >= 0xf0).count()
}

/// The units of whole characters, by the first octet of each in UTF-8; the others count nothing.
fn add_up(octets: &[u8], widths: &[u8; 256]) -> usize {
    let width = |octet: &u8| usize::from(widths[usize::from(*octet)]);
    octets.iter().map(width).sum()
}

fn fitting(text: &str, units: usize, widths: &[u8; 256]) -> usize {
    let octets = text.as_bytes();
    let (mut end, mut left) = (0, units);
    // An octet takes two units at most: half as many as there is room for fit without a look at each.
    while left >= 2 && end < octets.len() {
        let some = &octets[end..octets.len().min(end + left / 2)];
        end += some.len();
        left -= add_up(some, widths);
    }
    let fits = |octet: &&u8| {
        let width = usize::from(widths[usize::from(**octet)]);
        take(&mut left, width)
    };
    end + octets[end..].iter().take_while(fits).count()
}

fn national_units(text: &str, shifts: Shifts) -> Result<usize, (usize, char)> {
    let codes = shifts.codes();
    let (mut units, mut position) = (0, 0);
    for some in gsm7::pieces(text) {
        if gsm7::is_plain(some, shifts) {
            units += 8;
            position += 8;
            continue;
        }
        for ch in some.chars() {
            units += codes.width(ch).ok_or((position, ch))?;
            position += 1;
        }
    }
    Ok(units)
}

fn national_fitting(text: &str, units: usize, shifts: Shifts) -> usize {
    let codes = shifts.codes();
    let (mut end, mut left) = (0, units);
    for some in gsm7::pieces(text) {
        if left >= 8 && gsm7::is_plain(some, shifts) {
            left -= 8;
            end += 8;
            continue;
        }
        for ch in some.chars() {
            let width = codes.width(ch).expect("the encoding has all of the text");
            if !take(&mut left, width) {
                return end;
            }
            end += ch.len_utf8();
        }
    }
    end
}

/// Whether there was so much left to take.
fn take(left: &mut usize, width: usize) -> bool {
    let less = left.checked_sub(width);
    *left = less.unwrap_or(*left);
    less.is_some()
}

/// UTF-16 units of the character of which an octet is the first in UTF-8: four octets are a surrogate pair.
static UCS2_WIDTHS: [u8; 256] = {
    let mut widths = [0; 256];
    let mut octet = 0;
    while octet < 256 {
        widths[octet] = match octet {
            0..=0x7f | 0xc2..=0xef => 1,
            0xf0.. => 2,
            _ => 0,
        };
        octet += 1;
    }
    widths
};
