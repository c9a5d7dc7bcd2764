//! What a refusal means, as data: `config/causes.toml`, with an operator's entries over it.
//!
//! ```text
//!  cause ──► entry of the SIM's operator, else of the modem's module, else the general one
//!              single code before range before `default`
//!        ──► class at this message's n-th refusal ──► evidence (see `evidence`) ──► what is done
//! ```
//!
//! A table and its look-up; it keeps no counts, and decides nothing about a message.

mod file;

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use modem::Cause;

use crate::words::UnknownWord;

pub use file::CauseFault;

/// What to do after a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CauseClass {
    /// The moment is wrong: message and SIM wait.
    SameSim,
    /// Another SIM may have the message at once.
    OtherSim,
    /// Nobody can send the message.
    Permanent,
    /// The SIM is taken out.
    SimSick,
    /// The operator bars the SIM: it is taken out, and what it was to send is not moved on at once.
    Barred,
    /// The modem rests; another SIM may have the message at once.
    ModemSick,
    /// Not ready yet, and nobody's fault.
    Wait,
    /// Our fault, or the message's form: one other SIM is tried.
    Configuration,
    /// It may be on the air all the same.
    Unknown,
}

/// Whom a cause points at when it comes again and again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Suspect {
    /// The recipient, if SIMs of different operators hear it.
    Recipient,
    /// The SIM, if several recipients in a row bring it.
    Sim,
}

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CauseRule {
    /// What to do.
    pub class: CauseClass,
    /// First back-off of the message.
    pub wait: Duration,
    /// Refusals of one message after which `then` holds.
    pub count: u16,
    /// The class from then on.
    pub then: CauseClass,
    /// Whom it points at.
    pub suspect: Option<Suspect>,
    /// What the standard or the maker calls it.
    pub name: Box<str>,
    /// What is known from the field.
    pub note: Option<Box<str>>,
}

/// Where an entry holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CauseScope {
    /// Everywhere.
    General,
    /// For SIMs of an operator.
    Operator(Box<str>),
    /// For modems of a module.
    Module(Box<str>),
}

/// An entry in its place, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CauseEntry {
    /// Where it holds.
    pub scope: CauseScope,
    /// `cms`, `cme` or `other`.
    pub family: &'static str,
    /// `38`, `128-255`, `default`, `no_prompt`.
    pub code: String,
    /// What it says.
    pub rule: CauseRule,
}

/// All entries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Causes {
    general: Tables,
    operators: BTreeMap<Box<str>, Tables>,
    modules: BTreeMap<Box<str>, Module>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Tables {
    cms: Codes,
    cme: Codes,
    other: BTreeMap<Box<str>, CauseRule>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Codes {
    /// First and last code, and the entry; a single code is a range of one.
    ranges: BTreeMap<(u16, u16), CauseRule>,
    default: Option<CauseRule>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Module {
    /// Parts of a manufacturer's or model's name, in lower case.
    matches: Vec<Box<str>>,
    tables: Tables,
}

impl Causes {
    /// The entries that are built in.
    pub fn built_in() -> Arc<Causes> {
        Arc::clone(&BUILT_IN)
    }

    /// Reads entries from the text of a file like `config/causes.toml`.
    ///
    /// # Errors
    /// Every fault of the text.
    pub fn parse(text: &str) -> Result<Causes, Vec<CauseFault>> {
        file::parse(text)
    }

    /// These entries, with others over them: an entry of the same place replaces the one here.
    #[must_use]
    pub fn with(&self, over: Causes) -> Causes {
        let mut all = self.clone();
        all.general.extend(over.general);
        for (name, tables) in over.operators {
            all.operators.entry(name).or_default().extend(tables);
        }
        for (name, module) in over.modules {
            let known = all.modules.entry(name).or_default();
            if !module.matches.is_empty() {
                known.matches = module.matches;
            }
            known.tables.extend(module.tables);
        }
        all
    }

    /// What a cause means on a SIM of this operator in this modem (manufacturer and model).
    pub fn rule(&self, cause: Cause, operator: Option<&str>, modem: &str) -> &CauseRule {
        let of_operator = operator.and_then(|name| self.operators.get(name));
        let modem = modem.to_lowercase();
        let of_module = self
            .modules
            .values()
            .filter(|module| module.matches.iter().any(|part| modem.contains(&**part)));
        let special = of_operator
            .into_iter()
            .chain(of_module.map(|module| &module.tables));
        special
            .filter_map(|tables| tables.rule(cause))
            .next()
            .or_else(|| self.general.rule(cause))
            .unwrap_or(&UNLISTED)
    }

    /// All entries, the general ones first.
    pub fn entries(&self) -> Vec<CauseEntry> {
        let mut all = self.general.entries(&CauseScope::General);
        for (name, tables) in &self.operators {
            all.extend(tables.entries(&CauseScope::Operator(name.clone())));
        }
        for (name, module) in &self.modules {
            all.extend(module.tables.entries(&CauseScope::Module(name.clone())));
        }
        all
    }

    /// What holds for a code: in each place the entry that would be taken, the general one first. The code is a number,
    /// `cms_38`, `cme_14`, `error`, `no_prompt` or `line_lost`; a number is looked up as `+CMS` and as `+CME`.
    pub fn explain(&self, code: &str) -> Vec<CauseEntry> {
        let causes: Vec<Cause> = match code.parse() {
            Ok(number) => vec![Cause::Cms(number), Cause::Cme(number)],
            Err(_) => cause_of(code).into_iter().collect(),
        };
        let mut found = Vec::new();
        for cause in causes {
            let taken = |tables: &Tables, scope: CauseScope| tables.entry(cause, scope);
            found.extend(taken(&self.general, CauseScope::General));
            for (name, tables) in &self.operators {
                found.extend(taken(tables, CauseScope::Operator(name.clone())));
            }
            for (name, module) in &self.modules {
                found.extend(taken(&module.tables, CauseScope::Module(name.clone())));
            }
        }
        found
    }
}

impl Tables {
    fn extend(&mut self, over: Tables) {
        self.cms.extend(over.cms);
        self.cme.extend(over.cme);
        self.other.extend(over.other);
    }

    fn rule(&self, cause: Cause) -> Option<&CauseRule> {
        self.find(cause).map(|(_, rule)| rule)
    }

    fn find(&self, cause: Cause) -> Option<(String, &CauseRule)> {
        match cause {
            Cause::Cms(code) => self.cms.find(code),
            Cause::Cme(code) => self.cme.find(code),
            Cause::Error | Cause::NoPrompt | Cause::LineLost => {
                let word = cause.to_string();
                let rule = self.other.get(word.as_str())?;
                Some((word, rule))
            }
        }
    }

    fn entry(&self, cause: Cause, scope: CauseScope) -> Option<CauseEntry> {
        let (code, rule) = self.find(cause)?;
        Some(CauseEntry {
            scope,
            family: family(cause),
            code,
            rule: rule.clone(),
        })
    }

    fn entries(&self, scope: &CauseScope) -> Vec<CauseEntry> {
        let entry = |family, code, rule: &CauseRule| CauseEntry {
            scope: scope.clone(),
            family,
            code,
            rule: rule.clone(),
        };
        let mut all = Vec::new();
        for (family, codes) in [("cms", &self.cms), ("cme", &self.cme)] {
            let default = codes.default.iter();
            all.extend(default.map(|rule| entry(family, "default".to_owned(), rule)));
            let ranges = codes.ranges.iter();
            all.extend(ranges.map(|(range, rule)| entry(family, range_text(*range), rule)));
        }
        let other = self.other.iter();
        all.extend(other.map(|(word, rule)| entry("other", word.to_string(), rule)));
        all
    }
}

impl Codes {
    fn extend(&mut self, over: Codes) {
        self.ranges.extend(over.ranges);
        self.default = over.default.or(self.default.take());
    }

    /// The narrowest range around the code, else the default.
    fn find(&self, code: u16) -> Option<(String, &CauseRule)> {
        let around = self
            .ranges
            .iter()
            .filter(|((first, last), _)| (*first..=*last).contains(&code));
        let narrowest = around.min_by_key(|((first, last), _)| last - first);
        narrowest
            .map(|(range, rule)| (range_text(*range), rule))
            .or_else(|| Some(("default".to_owned(), self.default.as_ref()?)))
    }
}

impl CauseRule {
    /// The class at a message's n-th refusal, from 1.
    pub fn class_at(&self, refusals: u16) -> CauseClass {
        if refusals > self.count {
            self.then
        } else {
            self.class
        }
    }

    /// How long the message waits after its n-th refusal, from 1.
    pub fn back_off(&self, refusals: u16) -> Duration {
        doubled(self.wait, refusals, MESSAGE_BACK_OFF_MAX)
    }
}

impl CauseClass {
    /// All classes.
    pub const ALL: [CauseClass; 9] = [
        CauseClass::SameSim,
        CauseClass::OtherSim,
        CauseClass::Permanent,
        CauseClass::SimSick,
        CauseClass::Barred,
        CauseClass::ModemSick,
        CauseClass::Wait,
        CauseClass::Configuration,
        CauseClass::Unknown,
    ];

    /// The word of the file, the API and the metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            CauseClass::SameSim => "same_sim",
            CauseClass::OtherSim => "other_sim",
            CauseClass::Permanent => "permanent",
            CauseClass::SimSick => "sim_sick",
            CauseClass::Barred => "barred",
            CauseClass::ModemSick => "modem_sick",
            CauseClass::Wait => "wait",
            CauseClass::Configuration => "configuration",
            CauseClass::Unknown => "unknown",
        }
    }

    /// What is done, for people.
    pub fn meaning(self) -> &'static str {
        match self {
            CauseClass::SameSim => "the message waits and is tried again; the SIM rests too",
            CauseClass::OtherSim => "another SIM gets the message at once; this one rests",
            CauseClass::Permanent => "the message ends as failed",
            CauseClass::SimSick => "the SIM is taken out; another SIM gets the message at once",
            CauseClass::Barred => {
                "the SIM is taken out; the message waits, and is not moved on at once"
            }
            CauseClass::ModemSick => "another SIM gets the message at once; this modem rests",
            CauseClass::Wait => "not ready yet: the message waits and is tried again",
            CauseClass::Configuration => "one other SIM is tried, then the message ends as failed",
            CauseClass::Unknown => "it may be on the air: the message's policy in doubt decides",
        }
    }
}

impl Suspect {
    /// The word of the file.
    pub fn as_str(self) -> &'static str {
        match self {
            Suspect::Recipient => "recipient",
            Suspect::Sim => "sim",
        }
    }

    /// What follows from it, for people.
    pub fn meaning(self) -> &'static str {
        match self {
            Suspect::Recipient => "refused by SIMs of two operators, the message ends as failed",
            Suspect::Sim => "refused for three recipients in a row, the SIM is taken out",
        }
    }
}

impl FromStr for CauseClass {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        let found = CauseClass::ALL
            .into_iter()
            .find(|class| class.as_str() == text);
        found.ok_or_else(|| UnknownWord {
            given: text.to_owned(),
            allowed: CLASSES_ALLOWED,
        })
    }
}

impl fmt::Display for CauseScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CauseScope::General => f.write_str("general"),
            CauseScope::Operator(name) => write!(f, "operator {name}"),
            CauseScope::Module(name) => write!(f, "module {name}"),
        }
    }
}

/// How long a SIM rests after so many refusals in a row that speak against it.
pub(crate) fn sim_rest(refused_in_row: u16) -> Duration {
    doubled(SIM_REST_FIRST, refused_in_row, SIM_REST_MAX)
}

/// A wait, up to a fifth shorter or longer: what was refused together does not come again together. The same seed gives
/// the same waits.
pub(crate) fn jittered(wait: Duration, seed: u64, message: u64, refusals: u16) -> Duration {
    let mixed = mix(seed ^ mix(message ^ mix(u64::from(refusals))));
    let percent = 80 + u32::try_from(mixed % 41).expect("below 41");
    wait * percent / 100
}

/// The finaliser of `SplitMix64`.
pub(crate) fn mix(number: u64) -> u64 {
    let number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

fn doubled(first: Duration, times: u16, max: Duration) -> Duration {
    let factor = 1u32 << u32::from(times.saturating_sub(1).min(16));
    first.saturating_mul(factor).min(max)
}

fn cause_of(word: &str) -> Option<Cause> {
    let word = word.to_lowercase();
    match word.as_str() {
        "error" => return Some(Cause::Error),
        "no_prompt" => return Some(Cause::NoPrompt),
        "line_lost" => return Some(Cause::LineLost),
        _ => {}
    }
    let (family, code) = word.split_once(['_', ' ', ':'])?;
    let code = code.parse().ok()?;
    match family {
        "cms" => Some(Cause::Cms(code)),
        "cme" => Some(Cause::Cme(code)),
        _ => None,
    }
}

fn family(cause: Cause) -> &'static str {
    match cause {
        Cause::Cms(_) => "cms",
        Cause::Cme(_) => "cme",
        Cause::Error | Cause::NoPrompt | Cause::LineLost => "other",
    }
}

fn range_text((first, last): (u16, u16)) -> String {
    if first == last {
        first.to_string()
    } else {
        format!("{first}-{last}")
    }
}

static BUILT_IN: LazyLock<Arc<Causes>> = LazyLock::new(|| {
    let text = include_str!("../../../config/causes.toml");
    Arc::new(Causes::parse(text).expect("the file that is built in is tested"))
});

/// What holds where no entry does, not even a default.
static UNLISTED: LazyLock<CauseRule> = LazyLock::new(|| CauseRule {
    class: CauseClass::OtherSim,
    wait: WAIT_DEFAULT,
    count: COUNT_DEFAULT,
    then: CauseClass::OtherSim,
    suspect: None,
    name: "not listed".into(),
    note: None,
});

const CLASSES_ALLOWED: &str =
    "same_sim, other_sim, permanent, sim_sick, barred, modem_sick, wait, configuration, unknown";
/// First back-off where an entry says none: long enough for a busy cell, short for a code.
const WAIT_DEFAULT: Duration = Duration::from_secs(2);
/// Refusals after which `then` holds, where an entry does not say.
const COUNT_DEFAULT: u16 = 3;
/// Longest wait of a message.
const MESSAGE_BACK_OFF_MAX: Duration = Duration::from_secs(300);
/// First rest of a SIM.
const SIM_REST_FIRST: Duration = Duration::from_secs(5);
/// Longest rest of a SIM that is not taken out.
const SIM_REST_MAX: Duration = Duration::from_secs(600);
/// Refusals in a row after which a SIM counts as quarantined.
pub(crate) const QUARANTINE_AFTER: u16 = 5;
/// Refusals after which a message is given up.
pub(crate) const REFUSALS_MAX: u16 = 8;

#[cfg(test)]
mod tests;
