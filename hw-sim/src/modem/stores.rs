//! The message memories as commands see them: `SM`, `ME`, `SR`, and `MT` for the first two together; `+CPMS`
//! (3GPP TS 27.005 §3.2.3).

use super::answer::Final;
use super::command::{Form, Values};
use super::{Effects, SimModem};
use crate::memory::Stored;
use crate::profile::Quirk;

/// A memory that can be selected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Store {
    Sm,
    Me,
    Sr,
    /// `ME` and, behind its places, `SM`.
    Mt,
}

impl Store {
    const ALL: [Store; 4] = [Store::Sm, Store::Me, Store::Sr, Store::Mt];

    pub(super) fn name(self) -> &'static str {
        match self {
            Store::Sm => "SM",
            Store::Me => "ME",
            Store::Sr => "SR",
            Store::Mt => "MT",
        }
    }

    pub(super) fn of_place(place: usize) -> Store {
        Store::ALL[place]
    }

    /// The memories it is made of, in the order of its indexes.
    fn parts(self) -> &'static [usize] {
        match self {
            Store::Sm => &[SM],
            Store::Me => &[ME],
            Store::Sr => &[SR],
            Store::Mt => &[ME, SM],
        }
    }
}

impl SimModem {
    pub(super) fn capacity(&self, store: Store) -> usize {
        store
            .parts()
            .iter()
            .map(|part| self.memories[*part].capacity())
            .sum()
    }

    fn used(&self, store: Store) -> usize {
        if store == Store::Sr && self.has(Quirk::SrUnreadable) {
            return 0;
        }
        store
            .parts()
            .iter()
            .map(|part| self.memories[*part].used())
            .sum()
    }

    pub(super) fn has_room(&self, store: Store) -> bool {
        store
            .parts()
            .iter()
            .any(|part| self.memories[*part].has_room())
    }

    /// Stores a message; its index as the host is told, or nothing when full.
    pub(super) fn store(&mut self, store: Store, message: Stored) -> Option<usize> {
        let part = store
            .parts()
            .iter()
            .find(|part| self.memories[**part].has_room())?;
        let index = self.memories[*part].store(message)?;
        Some(self.shown_index(store, *part, index))
    }

    /// An index of one memory as the host knows it.
    pub(super) fn shown_index(&self, store: Store, part: usize, index: usize) -> usize {
        let before: usize = store
            .parts()
            .iter()
            .take_while(|other| **other != part)
            .map(|other| self.memories[*other].capacity())
            .sum();
        before + index - usize::from(self.has(Quirk::IndexZero))
    }

    /// The memory and the index in it that the host means.
    pub(super) fn place_of(&self, store: Store, shown: usize) -> Option<(usize, usize)> {
        let mut index = shown + usize::from(self.has(Quirk::IndexZero));
        for part in store.parts() {
            let capacity = self.memories[*part].capacity();
            if (1..=capacity).contains(&index) {
                return Some((*part, index));
            }
            index = index.checked_sub(capacity)?;
        }
        None
    }

    /// Every message of a store with its index as the host knows it.
    pub(super) fn messages(&mut self, store: Store) -> Vec<(usize, &mut Stored)> {
        let zero = usize::from(self.has(Quirk::IndexZero));
        let mut before = 0;
        let mut found = Vec::new();
        let [sm, me, sr] = &mut self.memories;
        let parts = match store {
            Store::Sm => [Some(sm), None],
            Store::Me => [Some(me), None],
            Store::Sr => [Some(sr), None],
            Store::Mt => [Some(me), Some(sm)],
        };
        for part in parts.into_iter().flatten() {
            let capacity = part.capacity();
            found.extend(
                part.messages_mut()
                    .map(|(index, message)| (before + index - zero, message)),
            );
            before += capacity;
        }
        found
    }

    pub(super) fn delete_where(&mut self, store: Store, doomed: impl Fn(&Stored) -> bool + Copy) {
        for part in store.parts() {
            self.memories[*part].delete_where(doomed);
        }
    }

    pub(super) fn empty_stores(&mut self) {
        for memory in &mut self.memories {
            memory.delete_where(|_| true);
        }
        self.oddity.store_repaired = true;
    }

    pub(super) fn preferred_memories(&mut self, form: Form<'_>, out: &mut Effects) -> Final {
        let value = match form {
            Form::Test => return self.list_memories(out),
            Form::Execute => return Final::Cms(INVALID_PARAMETER),
            Form::Read => {
                let told: Vec<String> = self
                    .selected
                    .map(|store| {
                        format!(
                            "\"{}\",{},{}",
                            store.name(),
                            self.used(store),
                            self.capacity(store)
                        )
                    })
                    .into_iter()
                    .take(self.memory_count())
                    .collect();
                return self.told_memories(&told, out);
            }
            Form::Set(value) => value,
        };
        let values = Values::of(value);
        if values.count() > self.memory_count() {
            return Final::Cms(UNSUPPORTED);
        }
        let mut selected = self.selected;
        for (place, selected) in selected.iter_mut().enumerate() {
            let Some(name) = values.text(place) else {
                continue;
            };
            match Store::ALL.iter().find(|store| store.name() == name) {
                Some(Store::Sr) if place > 0 => return Final::Cms(UNSUPPORTED),
                Some(store) => *selected = *store,
                None => return Final::Cms(UNSUPPORTED),
            }
        }
        self.selected = selected;
        let told: Vec<String> = selected
            .map(|store| format!("{},{}", self.used(store), self.capacity(store)))
            .into_iter()
            .take(self.memory_count())
            .collect();
        self.told_memories(&told, out)
    }

    fn told_memories(&mut self, told: &[String], out: &mut Effects) -> Final {
        self.oddity.quiet_sim = true;
        self.info(&format!("+CPMS: {}", told.join(",")), out);
        if self.shows(Quirk::CpmsNoOk) {
            return Final::Said;
        }
        Final::Ok
    }

    fn list_memories(&self, out: &mut Effects) -> Final {
        let list = if self.has(Quirk::CpmsNoparens) {
            "\"ME\",\"MT\",\"SM\",\"SR\""
        } else if self.has(Quirk::CpmsOneParam) {
            "(\"SM\",\"SR\"),(\"SM\")"
        } else {
            "(\"SM\",\"ME\",\"MT\",\"SR\"),(\"SM\",\"ME\",\"MT\"),(\"SM\",\"ME\",\"MT\")"
        };
        self.info(&format!("+CPMS: {list}"), out);
        Final::Ok
    }

    fn memory_count(&self) -> usize {
        if self.has(Quirk::CpmsOneParam) { 2 } else { 3 }
    }
}

/// Places of the memories in a modem.
pub(super) const SM: usize = 0;
pub(super) const ME: usize = 1;
pub(super) const SR: usize = 2;
/// +CMS ERROR: operation not supported.
const UNSUPPORTED: u16 = 303;
/// +CMS ERROR: invalid text mode parameter, which modems also use for any bad value.
const INVALID_PARAMETER: u16 = 305;
