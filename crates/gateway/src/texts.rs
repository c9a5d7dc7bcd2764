//! The texts that are at hand: of messages that are about to be sent. All others stay in the store until then.
//!
//! ```text
//!  accept ─► at hand ─► commit ─► dropped again if there are too many
//!                                      │
//!  a pick whose text is missing ─► the store: it and the next of its lane ─► at hand ─► its last part starts: dropped
//! ```
//!
//! A text that is not committed is always at hand: the store can't give it.

use std::collections::BTreeMap;

use crate::words::MessageSeq;

/// The texts at hand.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    at_hand: BTreeMap<MessageSeq, Box<str>>,
    /// Accepted in this turn: from here on nothing is in the store yet.
    uncommitted_from: Option<MessageSeq>,
}

impl Texts {
    /// Keeps the text of a message that is accepted in this turn.
    pub(crate) fn accept(&mut self, message: MessageSeq, text: &str) {
        self.uncommitted_from.get_or_insert(message);
        self.at_hand.insert(message, text.into());
    }

    pub(crate) fn of(&self, message: MessageSeq) -> Option<&str> {
        self.at_hand.get(&message).map(Box::as_ref)
    }

    /// Makes room for a batch from the store, and takes it.
    pub(crate) fn take(&mut self, batch: impl ExactSizeIterator<Item = (MessageSeq, Box<str>)>) {
        if self.at_hand.len() + batch.len() > AT_HAND_MAX {
            // What is dropped and wanted after all is read again.
            match self.uncommitted_from {
                Some(from) => self.at_hand = self.at_hand.split_off(&from),
                None => self.at_hand.clear(),
            }
        }
        self.at_hand.extend(batch);
    }

    pub(crate) fn forget(&mut self, message: MessageSeq) {
        self.at_hand.remove(&message);
    }

    /// Everything accepted is in the store now: the newest texts, which are sent last, may go.
    pub(crate) fn committed(&mut self) {
        self.uncommitted_from = None;
        while self.at_hand.len() > AT_HAND_MAX {
            self.at_hand.pop_last();
        }
    }
}

/// Texts read from the store at a time while so many lanes hold messages: what is read ahead for one of them stays at hand
/// until its turn comes.
pub(crate) fn read_ahead(lanes: usize) -> usize {
    (AT_HAND_MAX / 2 / lanes.max(1)).clamp(1, READ_AHEAD_MAX)
}

/// At the headline rate one read in 0.7 s, which takes well under a millisecond.
const READ_AHEAD_MAX: usize = 64;
/// Texts at hand between two turns: a megabyte at most, and a burst of some hundred messages needs no read at all.
const AT_HAND_MAX: usize = 1024;

const _: () = assert!(READ_AHEAD_MAX <= AT_HAND_MAX / 2);

#[cfg(test)]
mod tests;
