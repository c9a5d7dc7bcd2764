//! The national languages of GSM 7-bit, and where a character stands in their tables.
//!
//! A table is named in the user data header, by element 24 (single shift) or 25 (locking shift), in every part
//! (3GPP TS 23.040 §9.2.3.24.15 and §9.2.3.24.16). Does not judge what a network or a handset understands.

use std::sync::LazyLock;

use super::{DEFAULT, ESCAPE, EXTENSION, GAP, locking, single_shift};

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
        self.locking().is_some()
    }

    pub(super) fn locking(self) -> Option<&'static [char; 128]> {
        match self {
            Language::Turkish => Some(&locking::TURKISH),
            Language::Spanish => None,
            Language::Portuguese => Some(&locking::PORTUGUESE),
            Language::Bengali => Some(&locking::BENGALI),
            Language::Gujarati => Some(&locking::GUJARATI),
            Language::Hindi => Some(&locking::HINDI),
            Language::Kannada => Some(&locking::KANNADA),
            Language::Malayalam => Some(&locking::MALAYALAM),
            Language::Oriya => Some(&locking::ORIYA),
            Language::Punjabi => Some(&locking::PUNJABI),
            Language::Tamil => Some(&locking::TAMIL),
            Language::Telugu => Some(&locking::TELUGU),
            Language::Urdu => Some(&locking::URDU),
        }
    }

    pub(super) fn single(self) -> &'static [(u8, char)] {
        match self {
            Language::Turkish => single_shift::TURKISH,
            Language::Spanish => single_shift::SPANISH,
            Language::Portuguese => single_shift::PORTUGUESE,
            Language::Bengali => single_shift::BENGALI,
            Language::Gujarati => single_shift::GUJARATI,
            Language::Hindi => single_shift::HINDI,
            Language::Kannada => single_shift::KANNADA,
            Language::Malayalam => single_shift::MALAYALAM,
            Language::Oriya => single_shift::ORIYA,
            Language::Punjabi => single_shift::PUNJABI,
            Language::Tamil => single_shift::TAMIL,
            Language::Telugu => single_shift::TELUGU,
            Language::Urdu => single_shift::URDU,
        }
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
    pub(super) fn table(self) -> &'static [char; 128] {
        self.locking.and_then(Language::locking).unwrap_or(&DEFAULT)
    }

    /// The table in place of the default extension.
    pub(super) fn extension(self) -> &'static [(u8, char)] {
        self.single.map_or(&EXTENSION, Language::single)
    }

    /// The code of a character and whether the escape goes before it.
    pub(super) fn code(self, ch: char) -> Option<(u8, bool)> {
        let place = place(ch)?;
        let base = self.locking.filter(|language| language.has_locking());
        let base = place.locking[base.map_or(0, |language| usize::from(language.id()))];
        let extended = place.single[self.single.map_or(0, |language| usize::from(language.id()))];
        match (base, extended) {
            (ABSENT, ABSENT) => None,
            (ABSENT, extended) => Some((extended, true)),
            (base, _) => Some((base, false)),
        }
    }
}

/// A character's codes in all tables, by language; the default tables are at 0.
struct Place {
    ch: char,
    locking: [u8; LANGUAGES],
    single: [u8; LANGUAGES],
}

fn place(ch: char) -> Option<&'static Place> {
    let at = PLACES.binary_search_by_key(&ch, |place| place.ch).ok()?;
    Some(&PLACES[at])
}

/// All tables read the other way round, sorted by character; made from constants when first used.
static PLACES: LazyLock<Vec<Place>> = LazyLock::new(|| {
    let mut places: Vec<Place> = Vec::new();
    let default = std::iter::once((0, Some(&DEFAULT), &EXTENSION[..]));
    let national =
        Language::ALL.map(|language| (language as usize, language.locking(), language.single()));
    for (id, locking, single) in default.chain(national) {
        for (code, ch) in (0..).zip(locking.into_iter().flatten()) {
            if *ch != GAP && code != ESCAPE {
                at(&mut places, *ch).locking[id] = code;
            }
        }
        // Where a table has a character twice, the lower code is written.
        for (code, ch) in single.iter().rev() {
            at(&mut places, *ch).single[id] = *code;
        }
    }
    places
});

fn at(places: &mut Vec<Place>, ch: char) -> &mut Place {
    let at = places
        .binary_search_by_key(&ch, |place| place.ch)
        .unwrap_or_else(|at| {
            let place = Place {
                ch,
                locking: [ABSENT; LANGUAGES],
                single: [ABSENT; LANGUAGES],
            };
            places.insert(at, place);
            at
        });
    &mut places[at]
}

/// With the default tables.
const LANGUAGES: usize = Language::ALL.len() + 1;
/// No code: septets are below 0x80.
const ABSENT: u8 = 0xff;
