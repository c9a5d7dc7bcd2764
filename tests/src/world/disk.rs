//! A store on a disk that tells synced from unsynced writes, and what a crash leaves of each.
//!
//! ```text
//!   commit ─► written (unsynced) ─► synced ─► Ok
//!                │ crash: lost, torn (a checksum drops it whole), or there
//!                └── the caller never had an answer
//! ```
//!
//! It keeps what a replay gives back, and forgets the rest once the judge has read it: so a month fits in memory.

use std::collections::{BTreeMap, HashMap, VecDeque};

use gateway::{
    BreakerOf, Entry, Handed, KnownKey, KnownMessage, Message, MessageId, MessageSeq, MessageState,
    Record, Store, Target, UnixMs, Warning,
};
use modem::Iccid;

/// What becomes of the transaction that a dying process was writing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Torn {
    /// Not a byte of it was written.
    Unwritten,
    /// It was only in the cache.
    Lost,
    /// Half of it is on disk, which its checksum shows.
    Half,
    /// All of it is on disk, though nobody was told.
    Whole,
}

impl Torn {
    /// All of them.
    pub const ALL: [Torn; 4] = [Torn::Unwritten, Torn::Lost, Torn::Half, Torn::Whole];
}

/// The disk failed under a commit.
#[derive(Debug, thiserror::Error)]
#[error("the disk failed")]
pub struct DiskFailed;

/// The disk.
#[derive(Debug, Default)]
pub struct Disk {
    /// Records of messages that have not ended, and kept reports, by number.
    open: BTreeMap<u64, Entry>,
    of_message: HashMap<MessageSeq, Vec<u64>>,
    last_of: BTreeMap<Lasting, Entry>,
    keys: HashMap<Box<str>, KnownKey>,
    key_of: HashMap<MessageSeq, Box<str>>,
    ids: HashMap<MessageId, KnownMessage>,
    /// What was accepted, as flood guards count it.
    accepted: Vec<Handed>,
    last_seq: u64,
    /// Entries of messages that ended last, message by message.
    past: VecDeque<Vec<Entry>>,
    /// Of what was started before, some is missing there.
    past_since: UnixMs,
    /// A transaction that was written and not synced, with as many records as its frame declares.
    unsynced: Option<(Vec<Entry>, usize)>,
    /// Durable records that the judge has not read.
    fresh: Vec<Entry>,
    /// Commits so far.
    pub commits: u64,
    /// What the next commit does instead of succeeding.
    pub fault: Option<Torn>,
}

/// Records of which only the last counts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Lasting {
    Sim(Iccid),
    Target(Target),
    Recipient(Iccid, u64),
    Warning(Iccid, &'static str, u8),
    Quarantine(Iccid),
    Breaker(BreakerOf),
    Totals,
}

impl Disk {
    /// Durable records since the last call.
    pub fn take_fresh(&mut self) -> Vec<Entry> {
        std::mem::take(&mut self.fresh)
    }

    /// The process is gone and the next one reads the disk: what was not synced is there whole or not at all.
    pub fn reopen(&mut self) {
        if let Some((entries, declared)) = self.unsynced.take()
            && entries.len() == declared
        {
            self.sync(entries);
        }
    }

    fn sync(&mut self, entries: Vec<Entry>) {
        for entry in &entries {
            self.last_seq = entry.seq;
            self.index(entry);
        }
        self.fresh.extend(entries);
    }

    fn index(&mut self, entry: &Entry) {
        if let Record::RecipientsForgotten { sim } = &entry.record {
            self.last_of
                .retain(|lasting, _| !matches!(lasting, Lasting::Recipient(of, _) if of == sim));
            return;
        }
        if let Some(lasting) = lasting(&entry.record) {
            self.last_of.insert(lasting, entry.clone());
            return;
        }
        if let Record::ReportDropped { kept } = &entry.record {
            self.open.remove(kept);
            return;
        }
        if let Record::Reported {
            kept: Some(kept), ..
        } = &entry.record
        {
            self.open.remove(kept);
        }
        if let Record::Accepted(message) = &entry.record {
            self.accept(entry, message);
        }
        let Some(standing) = entry.standing else {
            self.open.insert(entry.seq, entry.clone());
            return;
        };
        let known = KnownMessage {
            seq: standing.message,
            state: standing.state,
        };
        self.ids.insert(standing.id, known);
        let known = self
            .key_of
            .get(&standing.message)
            .and_then(|key| self.keys.get_mut(key));
        if let Some(known) = known {
            known.state = standing.state;
        }
        if standing.ended {
            let seqs = self.of_message.remove(&standing.message);
            let story = seqs.into_iter().flatten();
            let mut story: Vec<Entry> = story.filter_map(|seq| self.open.remove(&seq)).collect();
            story.push(entry.clone());
            self.put_behind(story);
            self.key_of.remove(&standing.message);
        } else {
            self.of_message
                .entry(standing.message)
                .or_default()
                .push(entry.seq);
            self.open.insert(entry.seq, entry.clone());
        }
    }
}

impl Disk {
    fn accept(&mut self, entry: &Entry, message: &Message) {
        self.accepted.push(Handed {
            to: message.to.clone(),
            class: message.class,
            app: message.app.clone(),
            at: entry.at,
        });
        let Some(key) = &message.key else { return };
        let known = KnownKey {
            seq: MessageSeq(entry.seq),
            id: message.id,
            digest: message.digest,
            state: MessageState::Queued,
            parts: message.parts,
            form: message.form,
        };
        self.keys.insert(key.clone(), known);
        self.key_of.insert(MessageSeq(entry.seq), key.clone());
    }

    /// Keeps the story of an ended message for a while.
    fn put_behind(&mut self, story: Vec<Entry>) {
        self.past.push_back(story);
        if self.past.len() > PAST_MAX
            && let Some(forgotten) = self.past.pop_front()
        {
            let starts = forgotten
                .iter()
                .filter(|entry| matches!(entry.record, Record::Started { .. }));
            let last = starts.map(|entry| UnixMs(entry.at.0 + 1)).max();
            self.past_since = self.past_since.max(last.unwrap_or_default());
        }
    }
}

impl Store for Disk {
    type Error = DiskFailed;

    fn commit(&mut self, entries: &[Entry]) -> Result<(), DiskFailed> {
        self.commits += 1;
        let Some(fault) = self.fault.take() else {
            self.sync(entries.to_vec());
            return Ok(());
        };
        let written = match fault {
            Torn::Unwritten | Torn::Lost => 0,
            Torn::Half => entries.len() / 2,
            Torn::Whole => entries.len(),
        };
        if fault != Torn::Unwritten {
            self.unsynced = Some((entries[..written].to_vec(), entries.len()));
        }
        Err(DiskFailed)
    }

    fn find_keys(&mut self, keys: &[&str]) -> Result<Vec<Option<KnownKey>>, DiskFailed> {
        Ok(keys
            .iter()
            .map(|key| self.keys.get(*key).copied())
            .collect())
    }

    fn find_id(&mut self, id: MessageId) -> Result<Option<KnownMessage>, DiskFailed> {
        Ok(self.ids.get(&id).copied())
    }

    fn texts(&mut self, of: &[MessageSeq]) -> Result<Vec<Box<str>>, DiskFailed> {
        let text = |seq: &MessageSeq| {
            let Record::Accepted(message) = &self.open.get(&seq.0)?.record else {
                return None;
            };
            Some(message.text.clone())
        };
        let texts: Option<Vec<_>> = of.iter().map(text).collect();
        Ok(texts.expect("the gateway asks for texts of messages that have not ended"))
    }

    fn replay(&mut self, apply: &mut dyn FnMut(Entry)) -> Result<u64, DiskFailed> {
        let mut last: Vec<&Entry> = self.last_of.values().collect();
        last.sort_unstable_by_key(|entry| entry.seq);
        last.into_iter().cloned().for_each(&mut *apply);
        self.open.values().cloned().for_each(&mut *apply);
        Ok(self.last_seq)
    }

    fn accepted_since(
        &mut self,
        since: UnixMs,
        each: &mut dyn FnMut(Handed),
    ) -> Result<(), DiskFailed> {
        let recent = self.accepted.iter().filter(|handed| handed.at >= since);
        recent.cloned().for_each(each);
        Ok(())
    }

    fn past(&mut self, apply: &mut dyn FnMut(Entry)) -> Result<UnixMs, DiskFailed> {
        self.past.iter().flatten().cloned().for_each(apply);
        Ok(self.past_since)
    }
}

fn lasting(record: &Record) -> Option<Lasting> {
    if let Record::SimUsed { sim, .. } = record {
        return Some(Lasting::Sim(sim.clone()));
    }
    if let Record::Controlled { target, .. } = record {
        return Some(Lasting::Target(target.clone()));
    }
    if let Record::RecipientUsed { sim, mark, .. } = record {
        return Some(Lasting::Recipient(sim.clone(), *mark));
    }
    if let Record::BudgetWarned { sim, warning } = record {
        let Warning {
            budget, percent, ..
        } = *warning;
        return Some(Lasting::Warning(sim.clone(), budget, percent));
    }
    if let Record::Quarantined { sim, .. } = record {
        return Some(Lasting::Quarantine(sim.clone()));
    }
    if let Record::BreakerMoved { breaker, .. } = record {
        return Some(Lasting::Breaker(breaker.clone()));
    }
    matches!(record, Record::Counted(_)).then_some(Lasting::Totals)
}

/// Some fewer than a real store has at hand.
const PAST_MAX: usize = 20_000;
