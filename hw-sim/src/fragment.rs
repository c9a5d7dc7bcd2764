//! A long message whose parts are coming in, as whoever puts it together keeps it: the auditor, and a recipient's phone.
//!
//! It decides neither which parts belong together nor what becomes of a message that is never whole.

use crate::ledger::LedgerEntry;

/// Parts of a long message on their way to be a whole.
#[derive(Debug)]
pub(crate) struct Fragment {
    pub(crate) sim: String,
    pub(crate) to: String,
    texts: Vec<Option<String>>,
    last_part: u8,
    /// Whether a part came after one that follows it.
    pub(crate) is_disordered: bool,
    /// Parts that came again.
    pub(crate) again: u64,
    /// Which submission of the ledger began it.
    pub(crate) since: u64,
}

impl Fragment {
    pub(crate) fn new(entry: &LedgerEntry, since: u64) -> Fragment {
        Fragment {
            sim: entry.iccid.clone(),
            to: entry.to.clone(),
            texts: vec![None; usize::from(entry.parts.max(1))],
            last_part: 0,
            is_disordered: false,
            again: 0,
            since,
        }
    }

    /// Whether this part is there with another text: then a new message has begun.
    pub(crate) fn has_other(&self, part: u8, text: &str) -> bool {
        let present = self.texts[usize::from(part) - 1].as_deref();
        present.is_some_and(|present| present != text)
    }

    pub(crate) fn add(&mut self, part: u8, text: &str) {
        let place = &mut self.texts[usize::from(part) - 1];
        if place.is_some() {
            self.again += 1;
            return;
        }
        *place = Some(text.to_owned());
        self.is_disordered |= part < self.last_part;
        self.last_part = self.last_part.max(part);
    }

    pub(crate) fn is_complete(&self) -> bool {
        self.texts.iter().all(Option::is_some)
    }

    /// Whether the first part is there: senders keep the order, so every set begins with it.
    pub(crate) fn has_first(&self) -> bool {
        self.texts.first().is_some_and(Option::is_some)
    }

    /// How many parts are there.
    pub(crate) fn count(&self) -> u64 {
        self.texts.iter().flatten().count() as u64
    }

    pub(crate) fn text(&self) -> String {
        self.texts.iter().flatten().map(String::as_str).collect()
    }

    /// Whether `text` could be the whole: every part stands in it, behind those before it.
    pub(crate) fn fits(&self, text: &str) -> bool {
        let mut rest = text;
        let last = self.texts.len() - 1;
        for (index, part) in self.texts.iter().enumerate() {
            let Some(part) = part else { continue };
            let place = match index {
                0 => rest.starts_with(part).then_some(0),
                _ if index == last => rest.ends_with(part).then(|| rest.len() - part.len()),
                _ => rest.find(part.as_str()),
            };
            let Some(place) = place else { return false };
            rest = &rest[place + part.len()..];
        }
        true
    }
}
