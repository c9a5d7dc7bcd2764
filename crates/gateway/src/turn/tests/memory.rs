//! A store in memory that keeps the promises of the trait: what it replays is what a real store would.

use std::collections::{BTreeMap, BTreeSet};

use crate::limits::Handed;
use crate::record::{Entry, Message, Record};
use crate::store::{KnownKey, KnownMessage, Store};
use crate::words::{MessageId, MessageSeq, MessageState, UnixMs};

/// Everything that was ever committed.
#[derive(Debug, Default)]
pub(super) struct MemoryStore {
    pub(super) entries: Vec<Entry>,
    pub(super) commits: usize,
    /// What the next commit does instead of succeeding.
    pub(super) fault: Option<CommitFault>,
    pub(super) key_fault: bool,
    pub(super) texts_read: usize,
}

/// How a commit fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CommitFault {
    /// Nothing is on disk.
    Lost,
    /// Everything is on disk, and the store could not say so.
    Written,
}

#[derive(Debug, thiserror::Error)]
#[error("the disk failed")]
pub(super) struct DiskFailed;

/// What became of one message, as a search would show it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Told {
    pub(super) seq: MessageSeq,
    pub(super) message: Message,
    pub(super) state: MessageState,
    pub(super) ends: usize,
}

impl MemoryStore {
    pub(super) fn last_seq(&self) -> u64 {
        self.entries.last().map_or(0, |entry| entry.seq)
    }

    /// All messages by their public names.
    pub(super) fn messages(&self) -> BTreeMap<MessageId, Told> {
        let mut told: BTreeMap<MessageId, Told> = BTreeMap::new();
        for entry in &self.entries {
            if let Record::Accepted(message) = &entry.record {
                let first = Told {
                    seq: MessageSeq(entry.seq),
                    message: (**message).clone(),
                    state: MessageState::Queued,
                    ends: 0,
                };
                assert!(told.insert(message.id, first).is_none(), "accepted twice");
            }
            if let Some(standing) = entry.standing {
                let told = told
                    .get_mut(&standing.id)
                    .expect("a message is accepted before it has a standing");
                assert_eq!(told.seq, standing.message);
                assert_eq!(told.ends, 0, "something happened after the end: {entry:?}");
                told.state = standing.state;
                told.ends += usize::from(standing.ended);
            }
        }
        told
    }

    pub(super) fn told(&self, id: MessageId) -> Told {
        self.messages()
            .remove(&id)
            .expect("the message is committed")
    }

    /// The records of a message, in their order.
    pub(super) fn story(&self, id: MessageId) -> Vec<&'static str> {
        let seq = self.told(id).seq;
        let mine = self.entries.iter().filter(|entry| {
            entry
                .standing
                .is_some_and(|standing| standing.message == seq)
        });
        mine.map(|entry| entry.record.kind()).collect()
    }

    fn ended(&self) -> BTreeSet<MessageSeq> {
        let ended = |entry: &Entry| {
            let is_end = matches!(entry.record, Record::Ended { .. });
            is_end.then(|| entry.record.message(entry.seq))?
        };
        self.entries.iter().filter_map(ended).collect()
    }

    fn settled_reports(&self) -> BTreeSet<u64> {
        let settled = |entry: &Entry| {
            if let Record::Reported { kept, .. } = &entry.record {
                *kept
            } else if let Record::ReportDropped { kept } = &entry.record {
                Some(*kept)
            } else {
                None
            }
        };
        self.entries.iter().filter_map(settled).collect()
    }

    /// The last absolute record of each kind, in their order.
    fn absolute(&self) -> Vec<Entry> {
        let mut last: BTreeMap<String, Entry> = BTreeMap::new();
        for entry in &self.entries {
            if let Some(name) = absolute_name(&entry.record) {
                last.insert(name, entry.clone());
            }
        }
        let mut last: Vec<Entry> = last.into_values().collect();
        last.sort_by_key(|entry| entry.seq);
        last
    }

    /// The message under a key; there is one at most.
    fn find_key(&self, key: &str) -> Option<KnownKey> {
        let mut known = None;
        for told in self.messages().into_values() {
            if told.message.key.as_deref() == Some(key) {
                assert!(known.is_none(), "two messages were accepted under one key");
                known = Some(KnownKey {
                    seq: told.seq,
                    id: told.message.id,
                    digest: told.message.digest,
                    state: told.state,
                    parts: told.message.parts,
                    form: told.message.form,
                });
            }
        }
        known
    }
}

impl Store for MemoryStore {
    type Error = DiskFailed;

    fn commit(&mut self, entries: &[Entry]) -> Result<(), DiskFailed> {
        let fault = self.fault.take();
        if fault != Some(CommitFault::Lost) {
            let mut last = self.last_seq();
            for entry in entries {
                assert!(
                    entry.seq > last,
                    "numbers only grow: {} after {last}",
                    entry.seq
                );
                last = entry.seq;
            }
            self.entries.extend_from_slice(entries);
            self.commits += 1;
        }
        fault.map_or(Ok(()), |_| Err(DiskFailed))
    }

    fn find_keys(&mut self, keys: &[&str]) -> Result<Vec<Option<KnownKey>>, DiskFailed> {
        if self.key_fault {
            return Err(DiskFailed);
        }
        Ok(keys.iter().map(|key| self.find_key(key)).collect())
    }

    fn find_id(&mut self, id: MessageId) -> Result<Option<KnownMessage>, DiskFailed> {
        let mut told = self.messages();
        Ok(told.remove(&id).map(|told| KnownMessage {
            seq: told.seq,
            state: told.state,
        }))
    }

    fn texts(&mut self, of: &[MessageSeq]) -> Result<Vec<Box<str>>, DiskFailed> {
        self.texts_read += of.len();
        let text = |seq: &MessageSeq| {
            let at = self.entries.binary_search_by_key(&seq.0, |entry| entry.seq);
            let entry = &self.entries[at.expect("only committed texts are read")];
            let Record::Accepted(message) = &entry.record else {
                panic!("{seq:?} names no message: {entry:?}");
            };
            message.text.clone()
        };
        Ok(of.iter().map(text).collect())
    }

    fn accepted_since(
        &mut self,
        since: UnixMs,
        each: &mut dyn FnMut(Handed),
    ) -> Result<(), DiskFailed> {
        for entry in self.entries.iter().filter(|entry| entry.at >= since) {
            if let Record::Accepted(message) = &entry.record {
                each(Handed {
                    to: message.to.clone(),
                    class: message.class,
                    app: message.app.clone(),
                    at: entry.at,
                });
            }
        }
        Ok(())
    }

    fn replay(&mut self, apply: &mut dyn FnMut(Entry)) -> Result<u64, DiskFailed> {
        self.absolute().into_iter().for_each(&mut *apply);
        let (ended, settled) = (self.ended(), self.settled_reports());
        for entry in &self.entries {
            let matters = match entry.record.message(entry.seq) {
                Some(message) => !ended.contains(&message),
                None => {
                    let is_kept = matches!(entry.record, Record::ReportKept { .. });
                    let is_reset = matches!(entry.record, Record::HubReset { .. });
                    is_reset || is_kept && !settled.contains(&entry.seq)
                }
            };
            if matters {
                apply(entry.clone());
            }
        }
        Ok(self.last_seq())
    }

    fn past(&mut self, apply: &mut dyn FnMut(Entry)) -> Result<UnixMs, DiskFailed> {
        let ended = self.ended();
        let is_past = |entry: &&Entry| {
            let message = entry.record.message(entry.seq);
            message.is_some_and(|message| ended.contains(&message))
        };
        self.entries.iter().filter(is_past).cloned().for_each(apply);
        Ok(UnixMs(i64::MIN))
    }
}

/// What an absolute record replaces; `None` for records that add.
pub(super) fn absolute_name(record: &Record) -> Option<String> {
    match record {
        Record::SimUsed { sim, .. } => Some(format!("sim {sim}")),
        Record::Controlled { target, .. } => Some(format!("control {target:?}")),
        Record::PinTried {
            sim, fingerprint, ..
        } => Some(format!("pin {sim} {fingerprint}")),
        Record::Suppressed { recipient, .. } => Some(format!("suppressed {}", recipient.text())),
        Record::Counted(_) => Some("count".to_owned()),
        Record::RecipientUsed { sim, mark, .. } => Some(format!("recipient {mark} of {sim}")),
        Record::RecipientsForgotten { sim } => Some(format!("recipients of {sim}")),
        Record::BudgetWarned { sim, warning } => Some(format!(
            "{} of {sim} at {}",
            warning.budget, warning.percent
        )),
        Record::Quarantined { sim, .. } => Some(format!("quarantine of {sim}")),
        Record::BreakerMoved { breaker, .. } => Some(format!("breaker of {breaker:?}")),
        Record::HubReset { .. }
        | Record::Accepted(_)
        | Record::Started { .. }
        | Record::Finished { .. }
        | Record::Returned { .. }
        | Record::Resolved { .. }
        | Record::Reported { .. }
        | Record::ReportKept { .. }
        | Record::ReportDropped { .. }
        | Record::Requeued { .. }
        | Record::Ended { .. } => None,
    }
}
