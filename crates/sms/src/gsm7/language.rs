//! The national languages of GSM 7-bit, and where a character stands in their tables.
//!
//! A table is named in the user data header, by element 24 (single shift) or 25 (locking shift), in every part
//! (3GPP TS 23.040 §9.2.3.24.15 and §9.2.3.24.16). Does not judge what a network or a handset understands.

use super::codes::{ABSENT, Codes};
use super::{DEFAULT, ESCAPE, EXTENSION, GAP, locking, single_shift};

pub(super) type Table = [char; 128];

/// A national language (3GPP TS 23.038 §6.2.1.2.4), by its identifier in the user data header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "each is the language it says")]
pub enum Language {
    Turkish = 1,
    /// Has a single shift table only.
    Spanish = 2,
    Portuguese = 3,
    /// Assamese as well.
    Bengali = 4,
    Gujarati = 5,
    Hindi = 6,
    Kannada = 7,
    Malayalam = 8,
    Oriya = 9,
    Punjabi = 10,
    Tamil = 11,
    Telugu = 12,
    Urdu = 13,
}

/// The tables that a text uses in place of the default ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Shifts {
    /// In place of the default table; Spanish has none, which leaves the default.
    pub locking: Option<Language>,
    /// In place of the default extension table.
    pub single: Option<Language>,
}

impl Language {
    /// All, by identifier.
    pub const ALL: [Language; 13] = [
        Language::Turkish,
        Language::Spanish,
        Language::Portuguese,
        Language::Bengali,
        Language::Gujarati,
        Language::Hindi,
        Language::Kannada,
        Language::Malayalam,
        Language::Oriya,
        Language::Punjabi,
        Language::Tamil,
        Language::Telugu,
        Language::Urdu,
    ];

    /// The language of an identifier; `None` for 0 and for those reserved.
    pub fn from_id(id: u8) -> Option<Language> {
        Language::ALL
            .into_iter()
            .find(|language| language.id() == id)
    }

    /// The language of an English name in lower case, as [`Language::as_str`] gives it.
    pub fn from_name(name: &str) -> Option<Language> {
        Language::ALL
            .into_iter()
            .find(|language| language.as_str() == name)
    }

    /// The identifier, 1 to 13.
    pub fn id(self) -> u8 {
        self as u8
    }

    /// The language's English name, in lower case.
    pub fn as_str(self) -> &'static str {
        match self {
            Language::Turkish => "turkish",
            Language::Spanish => "spanish",
            Language::Portuguese => "portuguese",
            Language::Bengali => "bengali",
            Language::Gujarati => "gujarati",
            Language::Hindi => "hindi",
            Language::Kannada => "kannada",
            Language::Malayalam => "malayalam",
            Language::Oriya => "oriya",
            Language::Punjabi => "punjabi",
            Language::Tamil => "tamil",
            Language::Telugu => "telugu",
            Language::Urdu => "urdu",
        }
    }

    /// Whether there is a locking shift table.
    pub fn has_locking(self) -> bool {
        self != Language::Spanish
    }
}

impl Shifts {
    /// The default tables alone.
    pub const NONE: Shifts = Shifts {
        locking: None,
        single: None,
    };

    /// Whether only the default tables are used.
    pub fn is_default(self) -> bool {
        self == Shifts::NONE
    }

    /// The table in place of the default one.
    pub(super) fn table(self) -> &'static Table {
        LOCKING[number(self.locking)]
    }

    /// The table in place of the default extension, with gaps.
    pub(super) fn extension(self) -> &'static Table {
        &EXTENSIONS[number(self.single)]
    }

    /// ASCII of the codes of [`Shifts::table`]; [`NOT_ASCII`] for other characters, gaps and the escape.
    pub(super) fn plain(self) -> &'static [u8; 128] {
        &PLAIN[number(self.locking)]
    }

    /// Codes by ASCII in [`Shifts::table`]; [`ABSENT`] for what it lacks.
    pub(super) fn ascii(self) -> &'static [u8; 128] {
        &ASCII[number(self.locking)]
    }

    /// The codes of all characters.
    pub(crate) fn codes(self) -> Codes {
        Codes::of(number(self.locking), number(self.single))
    }
}

/// Where a language's tables stand in the lists; the default ones are at 0.
fn number(language: Option<Language>) -> usize {
    language.map_or(0, |language| usize::from(language.id()))
}

const fn spread(list: &[(u8, char)]) -> Table {
    let mut table = [GAP; 128];
    let mut at = 0;
    while at < list.len() {
        let (code, ch) = list[at];
        table[code as usize] = ch;
        at += 1;
    }
    table
}

/// [`PLAIN`] the other way round.
const fn ascii() -> [[u8; 128]; LANGUAGES] {
    let plain = &PLAIN;
    let mut ascii = [[ABSENT; 128]; LANGUAGES];
    let mut number = 0;
    while number < LANGUAGES {
        let mut code = 0;
        while code < 128 {
            let octet = plain[number][code];
            if octet != NOT_ASCII {
                ascii[number][octet as usize] = code as u8;
            }
            code += 1;
        }
        number += 1;
    }
    ascii
}

const fn plain() -> [[u8; 128]; LANGUAGES] {
    let mut plain = [[NOT_ASCII; 128]; LANGUAGES];
    let mut number = 0;
    while number < LANGUAGES {
        let mut code = 0;
        while code < 128 {
            let ch = LOCKING[number][code];
            if ch.is_ascii() && ch != GAP && code != ESCAPE as usize {
                plain[number][code] = ch as u8;
            }
            code += 1;
        }
        number += 1;
    }
    plain
}

/// With the default tables.
pub(super) const LANGUAGES: usize = Language::ALL.len() + 1;
/// Not an octet of ASCII.
const NOT_ASCII: u8 = 0x80;

/// By [`number`]. Spanish has no locking table of its own.
pub(super) static LOCKING: [&Table; LANGUAGES] = [
    &DEFAULT,
    &locking::TURKISH,
    &DEFAULT,
    &locking::PORTUGUESE,
    &locking::BENGALI,
    &locking::GUJARATI,
    &locking::HINDI,
    &locking::KANNADA,
    &locking::MALAYALAM,
    &locking::ORIYA,
    &locking::PUNJABI,
    &locking::TAMIL,
    &locking::TELUGU,
    &locking::URDU,
];
/// By [`number`].
pub(super) static EXTENSIONS: [Table; LANGUAGES] = [
    spread(&EXTENSION),
    spread(single_shift::TURKISH),
    spread(single_shift::SPANISH),
    spread(single_shift::PORTUGUESE),
    spread(single_shift::BENGALI),
    spread(single_shift::GUJARATI),
    spread(single_shift::HINDI),
    spread(single_shift::KANNADA),
    spread(single_shift::MALAYALAM),
    spread(single_shift::ORIYA),
    spread(single_shift::PUNJABI),
    spread(single_shift::TAMIL),
    spread(single_shift::TELUGU),
    spread(single_shift::URDU),
];
static PLAIN: [[u8; 128]; LANGUAGES] = plain();
static ASCII: [[u8; 128]; LANGUAGES] = ascii();
