//! Whether a line may give its SIM a PIN: the same PIN goes to the same SIM once, ever.

use super::Draft;
use crate::book::Book;
use crate::exchange::{Effect, PinWish};
use crate::floor::Floor;
use crate::record::Record;

/// Records the try and lets the line go on, or withholds a PIN that was tried before. A third wrong PIN locks the card,
/// so the try counts before the PIN is sent, and still counts if it never is.
pub(crate) fn pin(book: &Book, floor: &Floor, wish: PinWish) -> Draft {
    let PinWish {
        line,
        number,
        sim,
        fingerprint,
    } = wish;
    let known = floor.lines.get(&line);
    let Some(known) = known.filter(|_| !book.is_pin_tried(&sim, fingerprint)) else {
        return Draft::effect(Effect::Pin {
            line,
            number,
            go: false,
        });
    };
    Draft {
        records: vec![Record::PinTried {
            sim,
            line: known.name.clone(),
            fingerprint,
        }],
        effects: vec![Effect::Pin {
            line,
            number,
            go: true,
        }],
    }
}
