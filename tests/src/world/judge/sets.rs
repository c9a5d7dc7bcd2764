//! Long messages that are begun anew: each set is judged for itself, and only the last one may be whole on the air.

use gateway::{MessageSeq, UnixMs};

use super::{Aired, Checked, Fate, Judge, demand};

impl Judge {
    /// A message is begun anew: what is on the air of it can't become a whole (invariant 3).
    pub(super) fn begun_anew(&mut self, seq: MessageSeq, at: UnixMs) -> Checked {
        let message = &self.messages[&seq];
        let (number, set) = (message.number, message.set);
        let on_air = || {
            let own = self
                .tries(number)
                .filter(move |(_, tried)| tried.set == set);
            own.filter(|(_, tried)| tried.fate != Fate::NotSent)
        };
        demand(on_air().all(|(_, tried)| tried.fate != Fate::Open), || {
            format!("{number} is begun anew with a part on its way")
        })?;
        let is_whole = (1..=message.parts).all(|part| on_air().any(|(_, own)| own.part == part));
        demand(!is_whole, || {
            format!("{number} is begun anew and all its parts may be on the air")
        })?;
        demand(at < message.expires && set < ANEWS_MAX, || {
            format!("{number} is begun anew too late or too often: {at:?}, {message:?}")
        })?;
        let given_up = on_air().count() as u64;
        self.tally.anews += 1;
        self.tally.given_up += given_up;
        self.messages.get_mut(&seq).expect("it is known").set += 1;
        Ok(())
    }

    /// What is on the air of one set of a message.
    pub(super) fn of_set(&self, number: usize, set: u8) -> impl Iterator<Item = &Aired> {
        let is_own = move |aired: &&Aired| {
            self.tries(number).any(|(_, tried)| {
                let is_same = aired
                    .reference
                    .is_none_or(|own| own == u16::from(tried.reference));
                (tried.set, tried.part) == (set, aired.part)
                    && tried.fate != Fate::NotSent
                    && *tried.sim.0 == *aired.sim
                    && is_same
            })
        };
        self.on_air(number).filter(is_own)
    }

    /// Whether one set of a message has all its parts on the air.
    pub(super) fn is_whole(&self, number: usize, set: u8, parts: u8) -> bool {
        (1..=parts).all(|part| self.of_set(number, set).any(|aired| aired.part == part))
    }
}

/// Sets that may be given up.
const ANEWS_MAX: u8 = 2;
