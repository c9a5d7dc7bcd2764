//! What a text takes in every pair of tables that may be chosen, from one look at each character.
//!
//! ```text
//!  a pair is a bit:   0         the default tables
//!                     id        the default table, a language's single shift
//!                     16 + id   a language's locking shift, the default extension
//!                     32 + id   both of a language
//! ```
//!
//! A character names the pairs that have it once and those that have it behind an escape, so a word holds the pairs that
//! can still carry the text, and the escapes of all pairs are added up at once. Does not weigh headers or parts.

use std::iter;

use super::codes::{ABSENT, BASES, BLOCK, EXTENDED, SLOTS_MAX, place};
use super::language::LANGUAGES;
use super::{Language, Languages, Shifts};

/// The septets of a text, by pair of tables.
pub(crate) struct Survey {
    /// Those that have all of the text.
    pairs: Pairs,
    /// Characters of the text.
    chars: usize,
    /// The binary digits of each pair's escapes, the lowest first.
    escapes: [Pairs; usize::BITS as usize],
}

/// Pairs of tables.
type Pairs = u64;

/// What the pairs have of a character.
#[derive(Clone, Copy)]
struct Carriers {
    /// Those that have it.
    all: Pairs,
    /// Those of them that have it behind an escape.
    escaped: Pairs,
}

impl Survey {
    /// Of a text, in the default tables and those of these languages. Ends at a character that no pair has beside those
    /// before it.
    pub(crate) fn of(text: &str, languages: Languages) -> Survey {
        let (mut pairs, mut chars) = (allowed(languages), 0);
        let mut escapes = [0; usize::BITS as usize];
        for ch in text.chars() {
            let (slot, place) = place(ch);
            let Carriers { all, escaped } = CARRIERS[slot][place];
            pairs &= all;
            if pairs == 0 {
                break;
            }
            chars += 1;
            add_one(&mut escapes, escaped & pairs);
        }
        Survey {
            pairs,
            chars,
            escapes,
        }
    }

    /// The tables that have all of the text, the plainest first, and the septets that it takes in them.
    pub(crate) fn septets(&self) -> impl Iterator<Item = (Shifts, usize)> {
        let mut left = self.pairs;
        let next = move || {
            let pair = left.trailing_zeros();
            left &= left.checked_sub(1)?;
            Some(pair)
        };
        iter::from_fn(next).map(|pair| (shifts(pair), self.chars + self.escapes_of(pair)))
    }

    fn escapes_of(&self, pair: u32) -> usize {
        // There are no more escapes than characters.
        let digits = usize::BITS - self.chars.leading_zeros();
        let digits = self.escapes.iter().zip(0..digits);
        digits.fold(0, |count, (digit, place)| {
            count | ((digit >> pair & 1) as usize) << place
        })
    }
}

/// Adds one to the counts of some pairs, of which these are the binary digits.
fn add_one(digits: &mut [Pairs], pairs: Pairs) {
    let mut carry = pairs;
    for digit in digits {
        if carry == 0 {
            return;
        }
        (*digit, carry) = (*digit ^ carry, *digit & carry);
    }
}

/// The default pair and each language's.
fn allowed(languages: Languages) -> Pairs {
    let of = |language: Language| {
        let locking = match language.has_locking() {
            true => 1 << LOCKING | 1 << BOTH,
            false => 0,
        };
        (1 << SINGLE | locking) << language.id()
    };
    languages
        .iter()
        .fold(1 << DEFAULT, |pairs: Pairs, language| pairs | of(language))
}

fn shifts(pair: u32) -> Shifts {
    let language = Language::from_id((pair % LOCKING) as u8);
    Shifts {
        locking: language.filter(|_| pair >= LOCKING),
        single: language.filter(|_| !(LOCKING..BOTH).contains(&pair)),
    }
}

const fn carriers() -> [[Carriers; BLOCK]; SLOTS_MAX] {
    let none = Carriers { all: 0, escaped: 0 };
    let mut carriers = [[none; BLOCK]; SLOTS_MAX];
    let mut slot = 0;
    while slot < SLOTS_MAX {
        let mut place = 0;
        while place < BLOCK {
            carriers[slot][place] = carriers_at(slot, place);
            place += 1;
        }
        slot += 1;
    }
    carriers
}

const fn carriers_at(slot: usize, place: usize) -> Carriers {
    let (mut bases, mut extensions): (Pairs, Pairs) = (0, 0);
    let mut id = 0;
    while id < LANGUAGES {
        bases |= ((BASES[id][slot][place] != ABSENT) as Pairs) << id;
        extensions |= ((EXTENDED[id][slot][place] != ABSENT) as Pairs) << id;
        id += 1;
    }
    // A pair with a default table has what that table has, whatever the language of the other.
    let default_base = EVERY_ID * (bases & 1);
    let default_extension = EVERY_ID * (extensions & 1);
    let once = default_base << SINGLE | bases << LOCKING | bases << BOTH;
    let escaped = extensions << SINGLE | default_extension << LOCKING | extensions << BOTH;
    Carriers {
        all: once | escaped,
        escaped: escaped & !once,
    }
}

/// By slot and place of a character.
static CARRIERS: [[Carriers; BLOCK]; SLOTS_MAX] = carriers();

/// The bit of the default pair; the places of the other pairs, to which a language's identifier is added.
const DEFAULT: u32 = 0;
const SINGLE: u32 = 0;
const LOCKING: u32 = 16;
const BOTH: u32 = 32;
const EVERY_ID: Pairs = 0xffff;
const _: () = assert!(LANGUAGES <= LOCKING as usize, "a place for each language");
