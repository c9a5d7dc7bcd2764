//! Who goes first when more waits than can be sent: apps within a class, and bulk beside notifications.
//!
//! ```text
//!  otp             first, always
//!  notification    first among the others, but while bulk waits every share of bulk is owed to it
//!  bulk            at least its share of what codes leave
//! ```
//!
//! Within a class each app gets parts in proportion to its weight, by start-time fair queueing (Goyal, Vin, Cheng 1996):
//! a message moves its app's tag on by its parts over the app's weight, and the least tag goes first. An app that had
//! nothing to send, or no SIM to send it, begins again where the others are: what it left is not saved up.
//!
//! Volatile: after a restart all begin level.

use crate::book::AppIdx;
use crate::words::Class;

/// What each app was given, and what bulk is owed.
#[derive(Clone, Debug)]
pub(crate) struct Shares {
    /// By [`Class::index`].
    classes: [OfClass; Class::ALL.len()],
    /// Hundredths of a part.
    owed_to_bulk: i64,
}

#[derive(Clone, Debug)]
struct OfClass {
    /// Tag of the message that was served last.
    now: u64,
    /// Where each app's last message ended, by [`AppIdx::index`].
    ends: [u64; AppIdx::COUNT_MAX],
}

impl Shares {
    pub(crate) fn new() -> Shares {
        let level = OfClass {
            now: 0,
            ends: [0; AppIdx::COUNT_MAX],
        };
        Shares {
            classes: [level.clone(), level.clone(), level],
            owed_to_bulk: 0,
        }
    }

    /// The classes in the order in which they are served now.
    pub(crate) fn order(&self, bulk_share_percent: u8) -> [Class; 3] {
        if self.is_bulks_turn(bulk_share_percent) {
            [Class::Otp, Class::Bulk, Class::Notification]
        } else {
            Class::ALL
        }
    }

    /// Of two apps of a class the one with the lesser tag goes first.
    pub(crate) fn tag(&self, class: Class, app: AppIdx) -> u64 {
        let class = &self.classes[class.index()];
        class.ends[app.index()].max(class.now)
    }

    /// A message is taken from its lane, and all its parts are charged to its app.
    pub(crate) fn charge(&mut self, class: Class, app: AppIdx, parts: u8, weight: u32) {
        let tag = self.tag(class, app);
        let class = &mut self.classes[class.index()];
        class.now = tag;
        class.ends[app.index()] = tag + u64::from(parts) * SCALE / u64::from(weight.max(1));
    }

    /// A notification is taken while bulk waits.
    pub(crate) fn pass_bulk_over(&mut self, parts: u8, bulk_share_percent: u8) {
        // It would have gone first if it had a SIM: what it can't use is not saved up.
        if !self.is_bulks_turn(bulk_share_percent) {
            self.owed_to_bulk += i64::from(parts) * i64::from(bulk_share_percent);
        }
    }

    /// A bulk message is taken: in its turn, or because no notification could be.
    pub(crate) fn serve_bulk(&mut self, parts: u8, bulk_share_percent: u8) {
        self.owed_to_bulk = if self.is_bulks_turn(bulk_share_percent) {
            self.owed_to_bulk - i64::from(parts) * (PART - i64::from(bulk_share_percent))
        } else {
            self.owed_to_bulk.min(0)
        };
    }

    fn is_bulks_turn(&self, bulk_share_percent: u8) -> bool {
        self.owed_to_bulk + i64::from(bulk_share_percent) >= PART
    }
}

/// A part, in hundredths: shares are given in percent.
const PART: i64 = 100;
/// What one part of an app of weight 1 moves its tag on: fine enough for any weight, and 2^40 parts fit.
const SCALE: u64 = 1 << 24;

#[cfg(test)]
mod tests;
