//! What the gateway asks of a store. The gateway never sees a file or a database.

use crate::form::Form;
use crate::limits::Handed;
use crate::record::Entry;
use crate::words::{MessageId, MessageSeq, MessageState, UnixMs};

/// The durable home of the records.
pub trait Store {
    /// Why a store can't do what is asked.
    type Error: std::error::Error + Send + Sync + 'static;

    /// Makes the entries durable, all or none. When it returns `Ok`, a power cut loses none of them.
    ///
    /// # Errors
    /// After an error nobody knows what is on disk: the caller stops.
    fn commit(&mut self, entries: &[Entry]) -> Result<(), Self::Error>;

    /// The message that was accepted under each of these idempotency keys, if it is still remembered; in their order.
    ///
    /// # Errors
    /// If the store can't be read.
    fn find_keys(&mut self, keys: &[&str]) -> Result<Vec<Option<KnownKey>>, Self::Error>;

    /// The message of this id, if it is remembered.
    ///
    /// # Errors
    /// If the store can't be read.
    fn find_id(&mut self, id: MessageId) -> Result<Option<KnownMessage>, Self::Error>;

    /// The texts (of data its digits) of messages that have not ended and are committed, in the order that was asked for.
    ///
    /// # Errors
    /// If the store can't be read, or one of them is not there.
    fn texts(&mut self, of: &[MessageSeq]) -> Result<Vec<Box<str>>, Self::Error>;

    /// The messages that were accepted at this time or later, the oldest first, ended or not; of more than
    /// [`RECOUNT_MAX`] only the last. A store that gives none lets the flood guards begin anew after a restart.
    ///
    /// # Errors
    /// If the store can't be read.
    fn accepted_since(
        &mut self,
        _since: UnixMs,
        _each: &mut dyn FnMut(Handed),
    ) -> Result<(), Self::Error> {
        Ok(())
    }

    /// Gives back, in their order, all entries that still matter: those of messages that have not ended, kept reports,
    /// and the last of each absolute record; texts may be missing. Returns the number of the last entry ever committed.
    ///
    /// # Errors
    /// If the store can't be read or holds what no version of this program wrote.
    fn replay(&mut self, apply: &mut dyn FnMut(Entry)) -> Result<u64, Self::Error>;

    /// Gives back, in their order, the entries of messages that asked for reports and ended, as far as the store has
    /// them at hand; texts may be missing. Returns the time since which no part that was started is missing.
    ///
    /// # Errors
    /// As [`Store::replay`].
    fn past(&mut self, apply: &mut dyn FnMut(Entry)) -> Result<UnixMs, Self::Error>;
}

/// A message known by its idempotency key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownKey {
    /// Its internal name.
    pub seq: MessageSeq,
    /// The message.
    pub id: MessageId,
    /// Digest of the body it was accepted with.
    pub digest: u64,
    /// Its state.
    pub state: MessageState,
    /// Its parts on the air.
    pub parts: u8,
    /// How it goes on the air.
    pub form: Form,
}

/// A message known by its public name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownMessage {
    /// Its internal name.
    pub seq: MessageSeq,
    /// Its state.
    pub state: MessageState,
}

/// Messages that flood guards count again after a restart: a day of an eighth of the fleet's target, read in seconds.
pub const RECOUNT_MAX: u32 = 1_000_000;
