//! Reads entries from TOML, strictly: every fault with its line, its key and what is allowed.

use std::fmt;
use std::time::Duration;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{
    COUNT_DEFAULT, CauseClass, CauseRule, Causes, Codes, Module, REFUSALS_MAX, Suspect, Tables,
    WAIT_DEFAULT,
};

/// What is wrong with a file of entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CauseFault {
    /// Line, from 1.
    pub line: usize,
    /// The key, with the names of its tables.
    pub key: String,
    /// What is wrong.
    pub what: String,
    /// What is allowed instead, where that can be listed.
    pub allowed: Option<&'static str>,
}

impl fmt::Display for CauseFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}: {}", self.line, self.key, self.what)?;
        match self.allowed {
            Some(allowed) => write!(f, "; allowed: {allowed}"),
            None => Ok(()),
        }
    }
}

pub(super) fn parse(text: &str) -> Result<Causes, Vec<CauseFault>> {
    let mut reader = Reader {
        text,
        faults: Vec::new(),
    };
    let table = match DeTable::parse(text) {
        Ok(table) => table.into_inner(),
        Err(error) => {
            let at = error.span().map_or(0, |span| span.start);
            reader.fault(at, "the file", error.message(), None);
            return Err(reader.faults);
        }
    };
    let causes = reader.root(&table);
    reader.faults.sort_by_key(|fault| fault.line);
    if reader.faults.is_empty() {
        Ok(causes)
    } else {
        Err(reader.faults)
    }
}

struct Reader<'t> {
    text: &'t str,
    faults: Vec<CauseFault>,
}

/// A key's place, and its value.
type Item<'a, 't> = (&'a str, usize, &'a DeValue<'t>);

impl Reader<'_> {
    fn fault(
        &mut self,
        at: usize,
        key: &str,
        what: impl fmt::Display,
        allowed: Option<&'static str>,
    ) {
        let before = self.text.as_bytes().iter().take(at);
        self.faults.push(CauseFault {
            line: 1 + before.filter(|byte| **byte == b'\n').count(),
            key: key.to_owned(),
            what: what.to_string(),
            allowed,
        });
    }

    fn root(&mut self, table: &DeTable<'_>) -> Causes {
        let mut causes = Causes::default();
        for (name, at, value) in items(table) {
            match name {
                "operator" => {
                    for (name, at, value) in self.items_of(name, at, value) {
                        let key = format!("operator.{name}");
                        let tables = self.tables(&key, at, value, |_, _| false);
                        causes.operators.insert(name.into(), tables);
                    }
                }
                "module" => {
                    for (name, at, value) in self.items_of(name, at, value) {
                        let module = self.module(name, at, value);
                        causes.modules.insert(name.into(), module);
                    }
                }
                _ => self.family(
                    "",
                    (name, at, value),
                    &mut causes.general,
                    "cms, cme, other, operator, module",
                ),
            }
        }
        causes
    }

    fn module(&mut self, name: &str, at: usize, value: &DeValue<'_>) -> Module {
        let key = format!("module.{name}");
        let mut matches: Vec<Box<str>> = Vec::new();
        let tables = self.tables(&key, at, value, |reader, (name, at, value)| {
            if name != "match" {
                return false;
            }
            let words = value.as_array().into_iter().flatten();
            for word in words.filter_map(|word| word.get_ref().as_str()) {
                matches.push(word.to_lowercase().into());
            }
            if matches.is_empty() || matches.iter().any(|word| str::is_empty(word)) {
                reader.fault(
                    at,
                    &format!("{key}.match"),
                    "is no list of words",
                    Some("[\"sim7\", …]"),
                );
            }
            true
        });
        Module { matches, tables }
    }

    /// The tables of families under one name; `more` takes what else may be there.
    fn tables(
        &mut self,
        key: &str,
        at: usize,
        value: &DeValue<'_>,
        mut more: impl FnMut(&mut Self, Item<'_, '_>) -> bool,
    ) -> Tables {
        let mut tables = Tables::default();
        for item in self.items_of(key, at, value) {
            if !more(self, item) {
                self.family(
                    key,
                    item,
                    &mut tables,
                    "cms, cme, other, match (of a module)",
                );
            }
        }
        tables
    }

    fn family(
        &mut self,
        under: &str,
        (name, at, value): Item<'_, '_>,
        tables: &mut Tables,
        allowed: &'static str,
    ) {
        let key = join(under, name);
        match name {
            "cms" => self.codes(&key, at, value, &mut tables.cms),
            "cme" => self.codes(&key, at, value, &mut tables.cme),
            "other" => {
                for (word, at, value) in self.items_of(&key, at, value) {
                    let key = join(&key, word);
                    if !OTHER.contains(&word) {
                        self.fault(
                            at,
                            &key,
                            "is no such cause",
                            Some("error, no_prompt, line_lost"),
                        );
                    } else if let Some(rule) = self.rule(&key, at, value) {
                        tables.other.insert(word.into(), rule);
                    }
                }
            }
            _ => self.fault(at, &key, "is unknown", Some(allowed)),
        }
    }

    fn codes(&mut self, under: &str, at: usize, value: &DeValue<'_>, codes: &mut Codes) {
        for (name, at, value) in self.items_of(under, at, value) {
            let key = join(under, name);
            let Some(rule) = self.rule(&key, at, value) else {
                continue;
            };
            if name == "default" {
                codes.default = Some(rule);
            } else if let Some(range) = range(name) {
                codes.ranges.insert(range, rule);
            } else {
                self.fault(
                    at,
                    &key,
                    "is no code",
                    Some("38, \"128-255\", default; codes from 0 to 65535"),
                );
            }
        }
    }

    fn rule(&mut self, key: &str, at: usize, value: &DeValue<'_>) -> Option<CauseRule> {
        let (mut class, mut then, mut name) = (None, None, None);
        let (mut wait, mut count, mut suspect, mut note) =
            (WAIT_DEFAULT, COUNT_DEFAULT, None, None);
        let faults = self.faults.len();
        for (field, at, value) in self.items_of(key, at, value) {
            let key = join(key, field);
            let text = value.as_str();
            match field {
                "class" => class = self.class(&key, at, text),
                "then" => then = self.class(&key, at, text),
                "wait" => wait = self.wait(&key, at, text),
                "count" => count = self.count(&key, at, value),
                "suspect" => suspect = self.suspect(&key, at, text),
                "name" => name = self.words(&key, at, text),
                "note" => note = self.words(&key, at, text),
                _ => self.fault(
                    at,
                    &key,
                    "is unknown",
                    Some("class, wait, count, then, suspect, name, note"),
                ),
            }
        }
        if self.faults.len() == faults {
            if class.is_none() {
                self.fault(
                    at,
                    &join(key, "class"),
                    "is missing",
                    Some(super::CLASSES_ALLOWED),
                );
            }
            if name.is_none() {
                self.fault(
                    at,
                    &join(key, "name"),
                    "is missing: say what it is called",
                    None,
                );
            }
        }
        let class = class?;
        Some(CauseRule {
            class,
            wait,
            count,
            then: then.unwrap_or(class),
            suspect,
            name: name?,
            note,
        })
    }

    fn class(&mut self, key: &str, at: usize, text: Option<&str>) -> Option<CauseClass> {
        let class = text.and_then(|text| text.parse().ok());
        if class.is_none() {
            self.fault(at, key, "is no class", Some(super::CLASSES_ALLOWED));
        }
        class
    }

    fn wait(&mut self, key: &str, at: usize, text: Option<&str>) -> Duration {
        let wait = text.and_then(duration).filter(|wait| *wait <= WAIT_MAX);
        if wait.is_none() {
            self.fault(
                at,
                key,
                "is no such time",
                Some("a number and s, m or h, from \"0s\" to \"1h\""),
            );
        }
        wait.unwrap_or(WAIT_DEFAULT)
    }

    fn count(&mut self, key: &str, at: usize, value: &DeValue<'_>) -> u16 {
        let count = value
            .as_integer()
            .and_then(|number| number.as_str().parse().ok());
        let count = count.filter(|count| (1..=REFUSALS_MAX).contains(count));
        if count.is_none() {
            self.fault(at, key, "is no such count", Some("1 to 8"));
        }
        count.unwrap_or(COUNT_DEFAULT)
    }

    fn suspect(&mut self, key: &str, at: usize, text: Option<&str>) -> Option<Suspect> {
        match text {
            Some("recipient") => Some(Suspect::Recipient),
            Some("sim") => Some(Suspect::Sim),
            _ => {
                self.fault(
                    at,
                    key,
                    "is nobody that can be suspected",
                    Some("\"recipient\", \"sim\""),
                );
                None
            }
        }
    }

    fn words(&mut self, key: &str, at: usize, text: Option<&str>) -> Option<Box<str>> {
        let text = text.filter(|text| !text.trim().is_empty());
        if text.is_none() {
            self.fault(at, key, "is no text", None);
        }
        text.map(Into::into)
    }

    fn items_of<'a, 't>(
        &mut self,
        key: &str,
        at: usize,
        value: &'a DeValue<'t>,
    ) -> Vec<Item<'a, 't>> {
        match value.as_table() {
            Some(table) => items(table),
            None => {
                self.fault(at, key, "is no table", None);
                Vec::new()
            }
        }
    }
}

fn items<'a, 't>(table: &'a DeTable<'t>) -> Vec<Item<'a, 't>> {
    let item = |(key, value): (
        &'a Spanned<std::borrow::Cow<'t, str>>,
        &'a Spanned<DeValue<'t>>,
    )| { (&**key.get_ref(), key.span().start, value.get_ref()) };
    table.iter().map(item).collect()
}

fn join(under: &str, name: &str) -> String {
    if under.is_empty() {
        name.to_owned()
    } else {
        format!("{under}.{name}")
    }
}

fn range(text: &str) -> Option<(u16, u16)> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(first) || !is_number(last) {
        return None;
    }
    let range = (first.parse().ok()?, last.parse().ok()?);
    (range.0 <= range.1).then_some(range)
}

fn duration(text: &str) -> Option<Duration> {
    let (number, seconds) = match text.as_bytes().last()? {
        b's' => (&text[..text.len() - 1], 1),
        b'm' => (&text[..text.len() - 1], 60),
        b'h' => (&text[..text.len() - 1], 3600),
        _ => return None,
    };
    let number: u64 = number.parse().ok()?;
    number.checked_mul(seconds).map(Duration::from_secs)
}

const OTHER: [&str; 3] = ["error", "no_prompt", "line_lost"];
const WAIT_MAX: Duration = Duration::from_secs(3600);
