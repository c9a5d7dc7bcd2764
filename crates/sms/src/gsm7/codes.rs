//! From a character to its code: all tables read the other way round, when the crate is built.
//!
//! ```text
//!  code point │ block of 64 │ place in it │     SLOTS ─ the block's slot ─► a table's slots of 64 codes
//!             └─ 3 octets of UTF-8 end where a place does: a script's letters share one slot or two
//! ```
//!
//! Few of all blocks have a character, so a table's codes are a few kilobytes, of which a text touches some lines.

use super::language::{EXTENSIONS, LANGUAGES, LOCKING, Table};
use super::{ESCAPE, GAP};

/// The codes of the characters of a base table and an extension table.
#[derive(Clone, Copy)]
pub(crate) struct Codes {
    base: &'static Slots,
    extension: &'static Slots,
}

impl Codes {
    /// Of the tables with these numbers.
    pub(super) fn of(base: usize, extension: usize) -> Codes {
        Codes {
            base: &BASES[base],
            extension: &EXTENDED[extension],
        }
    }

    /// The code of a character and whether the escape goes before it.
    #[inline]
    pub(super) fn code(self, ch: char) -> Option<(u8, bool)> {
        let (slot, place) = place(ch);
        match (self.base[slot][place], self.extension[slot][place]) {
            (ABSENT, ABSENT) => None,
            (ABSENT, extended) => Some((extended, true)),
            (base, _) => Some((base, false)),
        }
    }

    /// How many septets a character takes: 1, 2, or `None` if it is in neither table.
    #[inline]
    pub(crate) fn width(self, ch: char) -> Option<usize> {
        self.code(ch).map(|(_, escaped)| 1 + usize::from(escaped))
    }
}

/// The slot of a character, and its place there.
#[inline]
pub(super) fn place(ch: char) -> (usize, usize) {
    let point = ch as usize;
    let slot = SLOTS.get(point / BLOCK).copied().unwrap_or(EMPTY_SLOT);
    (usize::from(slot), point % BLOCK)
}

/// Codes by slot and place.
pub(super) type Slots = [[u8; BLOCK]; SLOTS_MAX];

/// By block, its slot; that of blocks without characters is empty.
static SLOTS: [u8; BLOCKS] = SLOT_OF;
const SLOT_OF: [u8; BLOCKS] = slots();
pub(super) static BASES: [Slots; LANGUAGES] = {
    let mut all = [EMPTY; LANGUAGES];
    let mut number = 0;
    while number < LANGUAGES {
        all[number] = reversed(LOCKING[number], true);
        number += 1;
    }
    all
};
pub(super) static EXTENDED: [Slots; LANGUAGES] = {
    let mut all = [EMPTY; LANGUAGES];
    let mut number = 0;
    while number < LANGUAGES {
        all[number] = reversed(&EXTENSIONS[number], false);
        number += 1;
    }
    all
};

/// Gives a slot to each block with a character.
const fn slots() -> [u8; BLOCKS] {
    let mut slots = [EMPTY_SLOT; BLOCKS];
    let mut used = EMPTY_SLOT + 1;
    let mut number = 0;
    while number < LANGUAGES {
        let mut code = 0;
        while code < 128 {
            let chars = [LOCKING[number][code], EXTENSIONS[number][code]];
            let mut at = 0;
            while at < chars.len() {
                let block = chars[at] as usize / BLOCK;
                if chars[at] as usize != GAP as usize && slots[block] == EMPTY_SLOT {
                    slots[block] = used;
                    used += 1;
                }
                at += 1;
            }
            code += 1;
        }
        number += 1;
    }
    assert!(used as usize == SLOTS_MAX, "a slot for each block");
    slots
}

/// The codes of a table's characters; of a character that it has twice the lower one is written.
const fn reversed(table: &Table, has_escape: bool) -> Slots {
    let mut slots = EMPTY;
    let mut code = 128;
    while code > 0 {
        code -= 1;
        let point = table[code] as usize;
        if point != GAP as usize && !(has_escape && code == ESCAPE as usize) {
            slots[SLOT_OF[point / BLOCK] as usize][point % BLOCK] = code as u8;
        }
    }
    slots
}

/// Code points that share a slot.
pub(super) const BLOCK: usize = 64;
/// Blocks up to the last character of all tables, U+221E.
const BLOCKS: usize = 0x221f_usize.div_ceil(BLOCK);
/// Blocks with characters, and the empty slot.
pub(super) const SLOTS_MAX: usize = 32;
/// That of blocks without characters.
const EMPTY_SLOT: u8 = 0;
const EMPTY: Slots = [[ABSENT; BLOCK]; SLOTS_MAX];
/// No code: septets are below 0x80.
pub(super) const ABSENT: u8 = 0xff;
