//! What a turn knows of idempotency keys and ids: what the store had when it began, and what it has accepted itself, which
//! the store does not know before the commit.

use std::collections::BTreeMap;

use crate::exchange::Input;
use crate::record::Message;
use crate::store::{KnownKey, Store};
use crate::words::{MessageId, MessageSeq, MessageState};

/// Known keys, and the ids of this turn.
#[derive(Debug, Default)]
pub(crate) struct Known {
    keys: BTreeMap<Box<str>, KnownKey>,
    ids: BTreeMap<MessageId, MessageSeq>,
}

impl Known {
    /// Looks up at once all keys that a batch brings.
    pub(crate) fn of<S: Store>(inputs: &[Input], store: &mut S) -> Result<Known, S::Error> {
        let keys: Vec<&str> = inputs.iter().filter_map(key_of).collect();
        if keys.is_empty() {
            return Ok(Known::default());
        }
        let found = store.find_keys(&keys)?;
        let known = keys.into_iter().zip(found);
        Ok(Known {
            keys: known
                .filter_map(|(key, found)| Some((key.into(), found?)))
                .collect(),
            ids: BTreeMap::new(),
        })
    }

    /// The message under a key.
    pub(crate) fn key(&self, key: &str) -> Option<KnownKey> {
        self.keys.get(key).copied()
    }

    /// The message of an id, if this turn has accepted it.
    pub(crate) fn id(&self, id: MessageId) -> Option<MessageSeq> {
        self.ids.get(&id).copied()
    }

    /// Takes note of a message that this turn accepts.
    pub(crate) fn accept(&mut self, seq: MessageSeq, message: &Message) {
        self.ids.insert(message.id, seq);
        if let Some(key) = &message.key {
            let known = KnownKey {
                seq,
                id: message.id,
                digest: message.digest,
                state: MessageState::Queued,
                parts: message.parts,
                form: message.form,
            };
            self.keys.insert(key.clone(), known);
        }
    }
}

fn key_of(input: &Input) -> Option<&str> {
    match input {
        Input::Accept { request, .. } => request.key.as_deref(),
        Input::Cancel { .. }
        | Input::LineAdded { .. }
        | Input::LinePlaced { .. }
        | Input::Line { .. }
        | Input::HubReset { .. }
        | Input::Pin(_)
        | Input::Engage { .. }
        | Input::Control { .. }
        | Input::Suppress { .. }
        | Input::DiskLow(_)
        | Input::Reload(_)
        | Input::Stop => None,
    }
}
