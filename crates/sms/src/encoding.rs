//! The encodings a text can go on the air in, which of them may be chosen, and what forces the choice.

use std::fmt;

use crate::gsm7::{self, Language};
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
    /// The cheapest of all, national tables included: the fewest parts, then the fewest octets. A language's locking
    /// and single shift tables are tried alone and together.
    AutoNational,
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
            Encoding::National(shifts) => gsm7::width_in(ch, shifts),
            Encoding::Ucs2 => Some(ch.len_utf16()),
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
    let mut chars = text.chars().enumerate();
    chars.find(|(_, ch)| gsm7::width(*ch).is_none())
}

/// A text with the punctuation that word processors put in (quotation marks, dashes, ellipses, odd spaces) as GSM 7-bit
/// has it. Letters stay as they are: leaving out an accent may change a word.
pub fn transliterate(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for ch in text.chars() {
        match ch {
            '\u{2018}' | '\u{2019}' | '\u{201b}' | '\u{2032}' | '`' | '\u{b4}' => plain.push('\''),
            '\u{201a}' => plain.push(','),
            '\u{201c}'..='\u{201f}' | '\u{2033}' | '\u{ab}' | '\u{bb}' => plain.push('"'),
            '\u{2010}'..='\u{2015}' | '\u{2212}' => plain.push('-'),
            '\u{2026}' => plain.push_str("..."),
            '\u{2022}' | '\u{b7}' => plain.push('*'),
            '\t' | '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{3000}' => plain.push(' '),
            '\u{ad}' | '\u{200b}' | '\u{feff}' => {}
            _ => plain.push(ch),
        }
    }
    plain
}

/// Every language's tables, alone and together.
pub(crate) fn national() -> impl Iterator<Item = Encoding> {
    Language::ALL.into_iter().flat_map(|language| {
        let locking = Some(language).filter(|language| language.has_locking());
        let single = Some(language);
        let both = locking.map(|_| Shifts { locking, single });
        let alone = [
            Some(Shifts {
                locking: None,
                single,
            }),
            locking.map(|_| Shifts {
                locking,
                single: None,
            }),
        ];
        alone
            .into_iter()
            .chain([both])
            .flatten()
            .map(Encoding::National)
    })
}
