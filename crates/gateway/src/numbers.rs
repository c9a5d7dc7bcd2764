//! Lists of numbers and prefixes: whom an operator sends to, and whom never.

use std::collections::BTreeSet;

/// Numbers, and prefixes for all numbers that begin with them. Its `Debug` tells how many: numbers are private.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Numbers {
    whole: BTreeSet<Box<str>>,
    prefixes: BTreeSet<Box<str>>,
}

/// Whom messages may go to. Both lists are short in most places and up to a million long.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recipients {
    /// Only to these; `None`: to all.
    pub allow: Option<Numbers>,
    /// Never to these, whatever the other list says.
    pub deny: Numbers,
}

impl Numbers {
    /// Adds a number in canonical form, or with a `*` at its end the prefix before it.
    pub fn add(&mut self, entry: &str) {
        match entry.strip_suffix('*') {
            Some(prefix) => self.prefixes.insert(prefix.into()),
            None => self.whole.insert(entry.into()),
        };
    }

    /// Whether a number in canonical form is on the list.
    pub fn contains(&self, number: &str) -> bool {
        let mut beginnings = number
            .char_indices()
            .map(|(at, _)| &number[..at])
            .chain([number]);
        self.whole.contains(number)
            || (!self.prefixes.is_empty()
                && beginnings.any(|beginning| self.prefixes.contains(beginning)))
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.whole.len() + self.prefixes.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Recipients {
    /// Whether messages may go to everybody.
    pub(crate) fn is_open(&self) -> bool {
        self.allow.is_none() && self.deny.is_empty()
    }

    /// Why nothing goes to a number.
    pub(crate) fn against(&self, number: &str) -> Option<&'static str> {
        if self.deny.contains(number) {
            return Some("it is on the operator's list of recipients that are never sent to");
        }
        let allowed = self.allow.as_ref().is_none_or(|list| list.contains(number));
        (!allowed).then_some("it is not on the operator's list of recipients that are sent to")
    }
}

impl std::fmt::Debug for Numbers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Numbers({})", self.len())
    }
}

/// Entries of one list: a million take about 60 MB.
pub const NUMBERS_MAX: usize = 1_000_000;

#[cfg(test)]
mod tests;
