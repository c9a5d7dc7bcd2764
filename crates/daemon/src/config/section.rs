//! Reads typed values out of a TOML table, and notes every fault with its line instead of stopping at the first.
//!
//! A section knows which keys were asked for; what is left over is unknown. It has no defaults and no meaning of its own.

use std::cell::RefCell;
use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;
use std::time::Duration;

use gateway::UnknownWord;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::faults::Fault;
use crate::duration;

/// The text being read, and the faults found in it so far.
pub(super) struct Source {
    /// Byte offsets at which lines begin.
    line_starts: Vec<usize>,
    faults: RefCell<Vec<Fault>>,
}

/// One table of the file, or the absence of one.
pub(super) struct Section<'s, 't> {
    source: &'s Source,
    path: String,
    at: Option<usize>,
    table: Option<&'s DeTable<'t>>,
    known: Vec<&'s str>,
    /// Keys that the file chose.
    chosen: Vec<&'s str>,
}

/// A value and its place.
#[derive(Clone, Debug)]
pub(super) struct Found<T> {
    pub(super) value: T,
    pub(super) at: usize,
}

impl Source {
    pub(super) fn new(text: &str) -> Source {
        let ends = text.bytes().enumerate().filter(|&(_, byte)| byte == b'\n');
        let line_starts = std::iter::once(0)
            .chain(ends.map(|(at, _)| at + 1))
            .collect();
        Source {
            line_starts,
            faults: RefCell::default(),
        }
    }

    pub(super) fn fault(&self, at: Option<usize>, key: &str, what: impl Display) {
        self.push(at, key, what, None);
    }

    pub(super) fn push(
        &self,
        at: Option<usize>,
        key: &str,
        what: impl Display,
        allowed: Option<String>,
    ) {
        let line = at.map(|at| self.line_starts.partition_point(|&start| start <= at));
        let fault = Fault {
            line,
            key: key.to_owned(),
            what: what.to_string(),
            allowed,
        };
        self.faults.borrow_mut().push(fault);
    }

    pub(super) fn into_faults(self) -> Vec<Fault> {
        self.faults.into_inner()
    }
}

impl<'s, 't> Section<'s, 't> {
    pub(super) fn root(source: &'s Source, table: &'s DeTable<'t>) -> Section<'s, 't> {
        Section {
            source,
            path: String::new(),
            at: None,
            table: Some(table),
            known: Vec::new(),
            chosen: Vec::new(),
        }
    }

    /// Where the section begins, if it is in the file.
    pub(super) fn at(&self) -> Option<usize> {
        self.at
    }

    pub(super) fn is_present(&self) -> bool {
        self.table.is_some()
    }

    /// Whether a key is written, rightly or wrongly.
    pub(super) fn has(&self, key: &str) -> bool {
        self.table.is_some_and(|table| table.contains_key(key))
    }

    /// Keys that begin in some way and are otherwise the file's to choose, in their order.
    pub(super) fn keys_with(&mut self, beginning: &str) -> Vec<&'s str> {
        let keys = self.table.into_iter().flat_map(|table| table.keys());
        let keys = keys.map(|key| -> &'s str { key.get_ref() });
        self.chosen = keys.filter(|key| key.starts_with(beginning)).collect();
        self.chosen.clone()
    }

    /// Whether a key holds a table.
    pub(super) fn is_table(&self, key: &str) -> bool {
        let value = self.table.and_then(|table| table.get(key));
        value.is_some_and(|value| value.get_ref().is_table())
    }

    /// Notes a fault of one of its keys; the empty key is the section itself.
    pub(super) fn fault(&self, at: Option<usize>, key: &str, what: impl Display) {
        self.source.fault(at.or(self.at), &self.key_path(key), what);
    }

    /// Notes a fault of the section as a whole.
    pub(super) fn fault_here(&self, what: impl Display) {
        self.source.fault(self.at, &self.path, what);
    }

    pub(super) fn section(&mut self, key: &'static str) -> Section<'s, 't> {
        self.section_as(key, key)
    }

    /// The table under `key`, which faults call `shown`.
    pub(super) fn section_as(&mut self, key: &'static str, shown: &str) -> Section<'s, 't> {
        let path = self.key_path(shown);
        let mut section = Section {
            source: self.source,
            path,
            at: self.at,
            table: None,
            known: Vec::new(),
            chosen: Vec::new(),
        };
        if let Some(found) = self.value(key) {
            section.at = Some(found.at);
            section.table = found.value.as_table();
            if section.table.is_none() {
                self.wrong_type(&found, key, found.value, "a table");
            }
        }
        section
    }

    /// The tables of an array of tables.
    pub(super) fn sections(&mut self, key: &'static str) -> Vec<Section<'s, 't>> {
        let Some(found) = self.value(key) else {
            return Vec::new();
        };
        let DeValue::Array(array) = found.value else {
            self.wrong_type(&found, key, found.value, &format!("tables under [[{key}]]"));
            return Vec::new();
        };
        let mut sections = Vec::new();
        for (index, item) in array.iter().enumerate() {
            let path = format!("{}[{}]", self.key_path(key), index + 1);
            let at = item.span().start;
            let Some(table) = item.get_ref().as_table() else {
                self.source
                    .fault(Some(at), &path, not(item.get_ref(), "a table"));
                continue;
            };
            sections.push(Section {
                source: self.source,
                path,
                at: Some(at),
                table: Some(table),
                known: Vec::new(),
                chosen: Vec::new(),
            });
        }
        sections
    }

    /// The tables under `key` with names that the file chooses, and where each begins.
    pub(super) fn named_sections(&mut self, key: &'static str) -> Vec<(&'s str, Section<'s, 't>)> {
        let outer = self.section(key);
        let mut sections = Vec::new();
        for (name, value) in outer.table.into_iter().flatten() {
            let at = Some(name.span().start);
            let name: &str = name.get_ref();
            let Some(table) = value.get_ref().as_table() else {
                outer.fault(at, name, not(value.get_ref(), "a table"));
                continue;
            };
            let section = Section {
                source: self.source,
                path: outer.key_path(name),
                at,
                table: Some(table),
                known: Vec::new(),
                chosen: Vec::new(),
            };
            sections.push((name, section));
        }
        sections
    }

    pub(super) fn text(&mut self, key: &'static str) -> Option<Found<&'s str>> {
        let found = self.value(key)?;
        if let DeValue::String(text) = found.value {
            return Some(Found {
                value: text.as_ref(),
                at: found.at,
            });
        }
        self.wrong_type(&found, key, found.value, "text in quotes");
        None
    }

    pub(super) fn integer(
        &mut self,
        key: &'static str,
        range: RangeInclusive<u64>,
        unit: &str,
    ) -> Option<u64> {
        let found = self.value(key)?;
        let allowed = format!("{} to {} {unit}", range.start(), range.end());
        let DeValue::Integer(integer) = found.value else {
            self.wrong_type(
                &found,
                key,
                found.value,
                &format!("a whole number, {allowed}"),
            );
            return None;
        };
        let value = i128::from_str_radix(integer.as_str(), integer.radix()).ok();
        let value = value.and_then(|value| u64::try_from(value).ok());
        match value.filter(|value| range.contains(value)) {
            Some(value) => Some(value),
            None => {
                let key = self.key_path(key);
                let what = format!("{} is out of range", integer.as_str());
                self.source.push(Some(found.at), &key, what, Some(allowed));
                None
            }
        }
    }

    /// As [`Section::integer`], for ranges within 32 bits.
    pub(super) fn count(
        &mut self,
        key: &'static str,
        range: RangeInclusive<u32>,
        unit: &str,
    ) -> Option<u32> {
        let range = u64::from(*range.start())..=u64::from(*range.end());
        let value = self.integer(key, range, unit)?;
        Some(u32::try_from(value).expect("the range fits 32 bits"))
    }

    pub(super) fn duration(
        &mut self,
        key: &'static str,
        range: RangeInclusive<Duration>,
    ) -> Option<Duration> {
        let found = self.text(key)?;
        let allowed = format!(
            "{} to {}",
            duration::format(*range.start()),
            duration::format(*range.end())
        );
        let what = match duration::parse(found.value) {
            Ok(value) if range.contains(&value) => return Some(value),
            Ok(_) => format!("`{}` is out of range", found.value),
            Err(error) => error.to_string(),
        };
        self.source
            .push(Some(found.at), &self.key_path(key), what, Some(allowed));
        None
    }

    /// `true` or `false`.
    pub(super) fn yes(&mut self, key: &'static str) -> Option<bool> {
        let found = self.value(key)?;
        if let DeValue::Boolean(yes) = found.value {
            return Some(*yes);
        }
        self.wrong_type(&found, key, found.value, "true or false");
        None
    }

    /// A word out of a fixed list.
    pub(super) fn word<T: FromStr<Err = UnknownWord>>(&mut self, key: &'static str) -> Option<T> {
        let found = self.text(key)?;
        self.parse_word(key, &found)
    }

    /// A list of words out of a fixed list.
    pub(super) fn words<T: FromStr<Err = UnknownWord>>(&mut self, key: &'static str) -> Vec<T> {
        let texts = self.texts(key);
        texts
            .iter()
            .filter_map(|found| self.parse_word(key, found))
            .collect()
    }

    pub(super) fn texts(&mut self, key: &'s str) -> Vec<Found<&'s str>> {
        let Some(found) = self.value(key) else {
            return Vec::new();
        };
        let DeValue::Array(array) = found.value else {
            self.wrong_type(
                &found,
                key,
                found.value,
                "a list of texts, as in [\"a\", \"b\"]",
            );
            return Vec::new();
        };
        let mut texts = Vec::new();
        for item in array {
            let at = item.span().start;
            match item.get_ref().as_str() {
                Some(value) => texts.push(Found { value, at }),
                None => self.fault(Some(at), key, not(item.get_ref(), "text in quotes")),
            }
        }
        texts
    }

    /// Notes every key that nobody asked for. `planned` are those that a later version will know.
    pub(super) fn finish(self, planned: &[&str]) {
        let Some(table) = self.table else { return };
        for key in table.keys() {
            let name: &str = key.get_ref();
            if self.known.contains(&name) || self.chosen.contains(&name) {
                continue;
            }
            let what = if planned.contains(&name) {
                "not supported yet"
            } else {
                "unknown key"
            };
            let allowed = self
                .known
                .iter()
                .map(|known| shown(known))
                .collect::<Vec<_>>()
                .join(", ");
            self.source.push(
                Some(key.span().start),
                &self.key_path(name),
                what,
                Some(allowed),
            );
        }
    }

    /// The value under a key, which is known from now on.
    pub(super) fn value(&mut self, key: &'s str) -> Option<Found<&'s DeValue<'t>>> {
        if !self.known.contains(&key) && !self.chosen.contains(&key) {
            self.known.push(key);
        }
        let (name, value): (_, &Spanned<DeValue<'t>>) = self.table?.get_key_value(key)?;
        // A table's own span may begin anywhere in it; its key is where people look.
        Some(Found {
            value: value.get_ref(),
            at: name.span().start,
        })
    }

    fn key_path(&self, key: &str) -> String {
        if key.is_empty() {
            self.path.clone()
        } else if self.path.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.path)
        }
    }

    fn parse_word<T: FromStr<Err = UnknownWord>>(
        &self,
        key: &str,
        found: &Found<&str>,
    ) -> Option<T> {
        match found.value.parse() {
            Ok(word) => Some(word),
            Err(UnknownWord { given, allowed }) => {
                let what = format!("`{given}` is unknown");
                self.source.push(
                    Some(found.at),
                    &self.key_path(key),
                    what,
                    Some(allowed.to_owned()),
                );
                None
            }
        }
    }

    fn wrong_type<T>(&self, found: &Found<T>, key: &str, value: &DeValue<'_>, expected: &str) {
        self.fault(Some(found.at), key, not(value, expected));
    }
}

/// The name under which the file writes a key that is read under another (see `file::tables_of_their_own`).
fn shown(key: &str) -> &str {
    if key == super::file::SIMS_DEFAULT {
        "sims.default"
    } else {
        key
    }
}

fn not(value: &DeValue<'_>, expected: &str) -> String {
    format!(
        "is {}, and must be {expected}",
        type_with_article(value.type_str())
    )
}

fn type_with_article(name: &str) -> String {
    match name {
        "integer" | "array" => format!("an {name}"),
        _ => format!("a {name}"),
    }
}
