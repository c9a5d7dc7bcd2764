//! Message memories of a modem: `SM`, `ME` and `SR` (3GPP TS 27.005 §3.1, §3.2.3).
//!
//! Indexes start at 1. A memory only holds PDUs; what they mean is the reader's business.

/// One memory. `Default` has no place for anything.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    slots: Vec<Option<Stored>>,
}

/// A stored message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stored {
    /// SMSC octets and TPDU.
    pub(crate) pdu: Vec<u8>,
    /// Octets of the TPDU alone, as list answers give it.
    pub(crate) tpdu_length: usize,
    pub(crate) state: MessageState,
}

/// The `<stat>` of a stored message (3GPP TS 27.005 §3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MessageState {
    Unread = 0,
    Read = 1,
    Unsent = 2,
    Sent = 3,
}

impl MessageState {
    pub(crate) const ALL: [MessageState; 4] = [
        MessageState::Unread,
        MessageState::Read,
        MessageState::Unsent,
        MessageState::Sent,
    ];

    /// As text mode writes it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            MessageState::Unread => "REC UNREAD",
            MessageState::Read => "REC READ",
            MessageState::Unsent => "STO UNSENT",
            MessageState::Sent => "STO SENT",
        }
    }
}

impl Stored {
    /// The host has seen it.
    pub(crate) fn see(&mut self) {
        if self.state == MessageState::Unread {
            self.state = MessageState::Read;
        }
    }
}

impl Memory {
    pub(crate) fn new(capacity: usize) -> Memory {
        Memory {
            slots: vec![None; capacity],
        }
    }

    pub(crate) fn capacity(&self) -> usize {
        self.slots.len()
    }

    pub(crate) fn used(&self) -> usize {
        self.slots.iter().flatten().count()
    }

    pub(crate) fn has_room(&self) -> bool {
        self.slots.iter().any(Option::is_none)
    }

    /// Stores in the first free place and returns its index; `None` when full.
    pub(crate) fn store(&mut self, message: Stored) -> Option<usize> {
        let place = self.slots.iter().position(Option::is_none)?;
        self.slots[place] = Some(message);
        Some(place + 1)
    }

    pub(crate) fn message_mut(&mut self, index: usize) -> Option<&mut Stored> {
        self.slots.get_mut(index.checked_sub(1)?)?.as_mut()
    }

    /// Empties one place; false when there is no such place.
    pub(crate) fn delete(&mut self, index: usize) -> bool {
        let Some(slot) = index
            .checked_sub(1)
            .and_then(|place| self.slots.get_mut(place))
        else {
            return false;
        };
        *slot = None;
        true
    }

    /// Empties every place whose message is one of these.
    pub(crate) fn delete_where(&mut self, doomed: impl Fn(&Stored) -> bool) {
        for slot in &mut self.slots {
            if slot.as_ref().is_some_and(&doomed) {
                *slot = None;
            }
        }
    }

    /// Every message with its index.
    pub(crate) fn messages_mut(&mut self) -> impl Iterator<Item = (usize, &mut Stored)> {
        self.slots
            .iter_mut()
            .enumerate()
            .filter_map(|(place, slot)| slot.as_mut().map(|message| (place + 1, message)))
    }
}
