//! What follows from what happened: pure functions of the book, the floor and the settings.
//!
//! Each returns records and effects and changes nothing; the turn applies the records in their order.

mod accept;
mod assign;
mod outcome;
mod pin;
mod suppress;
mod time;

use crate::exchange::Effect;
use crate::record::Record;

pub(crate) use accept::{Admission, accept, cancel, control};
pub use assign::kept_for_codes;
pub(crate) use assign::{
    Busy, Query, choose, continued, is_kept_for_codes, next_opening, next_pick, reference,
    submission,
};
pub(crate) use outcome::{Ruling, claimed, conclusion, next_step, report};
pub(crate) use pin::pin;
pub(crate) use suppress::suppress;
pub(crate) use time::{forsaken, overdue, stale_report};

/// Records to apply, in order, and effects to release once they are durable.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    pub(crate) records: Vec<Record>,
    pub(crate) effects: Vec<Effect>,
}

impl Draft {
    fn effect(effect: Effect) -> Draft {
        Draft {
            records: Vec::new(),
            effects: vec![effect],
        }
    }
}
