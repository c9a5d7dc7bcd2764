//! Flood guards: how many messages are accepted to a recipient, into a range of numbers, of an app, or at all, in a time.
//!
//! ```text
//!  the messages of the last `per`, in cells:      ┌ 1 ┬─ 3 ─┐   ┌ 2 ┐        now: 6 of `messages`
//!                                            ─────┴───┴─────┴───┴───┴─────────►
//!                                            │◄────────────── per ───────────►│
//! ```
//!
//! Never more than `messages` in any `per`, whenever it begins. Up to [`CELLS`] messages are remembered one by one; where a
//! limit has more, those that came within a [`CELLS`]th of `per` share a cell, which counts as long as its last one does: so
//! room comes back that much later at most, never earlier.
//!
//! Only accepted messages count, in the class, to the prefixes and of the apps that the limit names. After a restart the
//! windows are counted again from the messages on record; a limit that is changed begins with empty ones. Nothing here
//! is durable of its own.

use std::collections::BTreeMap;
use std::time::Duration;

use sms::Address;

use crate::settings::Settings;
use crate::words::{Class, UnixMs};

/// How many messages are accepted in a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Name, as answers call it.
    pub name: Box<str>,
    /// What is counted apart from the others.
    pub each: Each,
    /// Recipients begin with one of these; empty: all.
    pub prefixes: Vec<Box<str>>,
    /// Classes it holds for; empty: all.
    pub classes: Vec<Class>,
    /// Apps it holds for, as they name themselves; empty: all.
    pub apps: Vec<Box<str>>,
    /// Messages in a window; 0: none at all.
    pub messages: u32,
    /// How long a window is, whenever it begins.
    pub per: Duration,
}

/// What has windows of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Each {
    /// A recipient.
    Recipient,
    /// A thousand numbers that differ in their last three digits: who pumps traffic owns numbers in a row.
    Range,
    /// An app.
    App,
    /// Nothing: all that the limit names is counted together.
    All,
}

/// A message as limits see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handed {
    /// Recipient.
    pub to: Address,
    /// Class.
    pub class: Class,
    /// The app that handed it over.
    pub app: Option<Box<str>>,
    /// When it was accepted.
    pub at: UnixMs,
}

/// A limit that is reached, and when it has room again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reached<'a> {
    pub(crate) limit: &'a Limit,
    pub(crate) until: UnixMs,
}

/// The windows of all limits, in the order of the settings.
#[derive(Debug, Default)]
pub(crate) struct Windows {
    of: Vec<Keyed>,
}

/// The windows of one limit, by what they count.
#[derive(Debug, Default)]
struct Keyed {
    windows: BTreeMap<u64, Window>,
    /// How many there may be before those that have ended are dropped.
    sweep_at: usize,
}

/// The messages that count at present, the oldest first.
#[derive(Debug, Default)]
struct Window {
    cells: Vec<Cell>,
}

/// Messages that came close together.
#[derive(Clone, Copy, Debug)]
struct Cell {
    first: UnixMs,
    /// How much later the last one came.
    span_ms: u32,
    count: u32,
}

impl Windows {
    /// Empty windows for these limits.
    pub(crate) fn new(limits: &[Limit]) -> Windows {
        Windows {
            of: limits.iter().map(|_| Keyed::default()).collect(),
        }
    }

    /// Goes on with other limits: those that stay as they were keep their windows.
    pub(crate) fn change(&mut self, before: &[Limit], after: &[Limit]) {
        let mut old: Vec<Option<Keyed>> = self.of.drain(..).map(Some).collect();
        let kept = after.iter().map(|limit| {
            let at = before.iter().position(|of| of == limit);
            at.and_then(|at| old.get_mut(at)?.take())
                .unwrap_or_default()
        });
        self.of = kept.collect();
    }

    /// The limit that a message would have to wait for longest, if it reaches any.
    pub(crate) fn reached<'a>(&self, limits: &'a [Limit], handed: &Handed) -> Option<Reached<'a>> {
        let to = handed.to.text();
        let reached = limits.iter().zip(&self.of).filter_map(|(limit, keyed)| {
            let window = keyed.windows.get(&limit.key(handed, &to)?);
            let until = match window {
                _ if limit.messages == 0 => Some(handed.at.plus(limit.per)),
                window => window?.full_until(limit, handed.at),
            };
            until.map(|until| Reached { limit, until })
        });
        reached.max_by_key(|reached| reached.until)
    }

    /// Counts a message that was accepted.
    pub(crate) fn count(&mut self, limits: &[Limit], handed: &Handed) {
        if limits.is_empty() {
            return;
        }
        let to = handed.to.text();
        for (limit, keyed) in limits.iter().zip(&mut self.of) {
            if let Some(key) = limit.key(handed, &to) {
                keyed.count(limit, key, handed.at);
            }
        }
    }
}

impl Keyed {
    fn count(&mut self, limit: &Limit, key: u64, at: UnixMs) {
        self.windows.entry(key).or_default().count(limit, at);
        if self.windows.len() >= self.sweep_at {
            self.sweep(limit, at);
        }
    }

    /// Drops the windows in which nothing counts any more, and of too many the older half.
    fn sweep(&mut self, limit: &Limit, at: UnixMs) {
        self.windows
            .retain(|_, window| at < window.last().plus(limit.per));
        if self.windows.len() >= WINDOWS_MAX {
            let mut last: Vec<UnixMs> = self.windows.values().map(Window::last).collect();
            let middle = last.len() / 2;
            let (_, median, _) = last.select_nth_unstable(middle);
            let median = *median;
            self.windows.retain(|_, window| window.last() > median);
        }
        self.sweep_at = (self.windows.len() * 2).clamp(SWEEP_AT_MIN, WINDOWS_MAX);
    }
}

impl Window {
    /// Until when there is no room; `None` if there is.
    fn full_until(&self, limit: &Limit, at: UnixMs) -> Option<UnixMs> {
        let counts = |cell: &&Cell| at < cell.last().plus(limit.per);
        let live = || self.cells.iter().filter(counts);
        let mut left: u64 = live().map(|cell| u64::from(cell.count)).sum();
        let room = u64::from(limit.messages);
        if left < room {
            return None;
        }
        let makes_room = live().find(|cell| {
            left -= u64::from(cell.count);
            left < room
        });
        makes_room.map(|cell| cell.last().plus(limit.per))
    }

    fn count(&mut self, limit: &Limit, at: UnixMs) {
        // After a clock that was set back, a message comes with the last one.
        let at = at.max(self.last());
        self.cells.retain(|cell| at < cell.last().plus(limit.per));
        let shares = limit.messages > CELLS;
        let joined = self.cells.last_mut().filter(|cell| {
            let wide = at.since(cell.first);
            shares && wide < limit.per / CELLS
        });
        match joined {
            Some(cell) => {
                cell.span_ms = millis(at.since(cell.first));
                cell.count = cell.count.saturating_add(1);
            }
            None => {
                self.cells.reserve_exact(1);
                self.cells.push(Cell {
                    first: at,
                    span_ms: 0,
                    count: 1,
                });
            }
        }
        self.forget_beyond(limit);
    }

    /// Of more messages than the limit allows, as from before it was set, the newest decide.
    fn forget_beyond(&mut self, limit: &Limit) {
        let mut total: u64 = self.cells.iter().map(|cell| u64::from(cell.count)).sum();
        let beyond = self.cells.iter().take_while(|cell| {
            total -= u64::from(cell.count);
            total >= u64::from(limit.messages)
        });
        let beyond = beyond.count();
        self.cells.drain(..beyond);
    }

    /// When the last message came.
    fn last(&self) -> UnixMs {
        self.cells
            .last()
            .map_or(UnixMs(i64::MIN), |cell| cell.last())
    }
}

impl Cell {
    fn last(&self) -> UnixMs {
        self.first.plus(Duration::from_millis(self.span_ms.into()))
    }
}

impl Limit {
    /// What a message counts for; `None` if the limit does not hold for it.
    fn key(&self, handed: &Handed, to: &str) -> Option<u64> {
        let fits = (self.classes.is_empty() || self.classes.contains(&handed.class))
            && (self.prefixes.is_empty()
                || self.prefixes.iter().any(|prefix| to.starts_with(&**prefix)))
            && (self.apps.is_empty()
                || handed
                    .app
                    .as_ref()
                    .is_some_and(|app| self.apps.contains(app)));
        fits.then(|| match self.each {
            Each::Recipient => digest(to),
            Each::Range => digest(&to[..to.len().saturating_sub(RANGE_DIGITS)]),
            Each::App => digest(handed.app.as_deref().unwrap_or_default()),
            Each::All => 0,
        })
    }
}

impl Each {
    /// All.
    pub const ALL: [Each; 4] = [Each::Recipient, Each::Range, Each::App, Each::All];

    /// The word of the configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Each::Recipient => "recipient",
            Each::Range => "range",
            Each::App => "app",
            Each::All => "all",
        }
    }
}

/// How far back messages count, with these settings.
pub(crate) fn longest(settings: &Settings) -> Option<Duration> {
    settings.limits.iter().map(|limit| limit.per).max()
}

/// FNV-1a: a number in place of digits or a name, so that a window takes few octets.
fn digest(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, octet| {
        (hash ^ u64::from(octet)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

fn millis(span: Duration) -> u32 {
    u32::try_from(span.as_millis()).unwrap_or(u32::MAX)
}

/// Messages, or groups of messages, that a window remembers.
const CELLS: u32 = 16;
/// Windows of one limit; about 40 MB where each holds one message. Beyond, the older half is forgotten: a guard that is
/// flooded lets more through, never the memory of the host.
const WINDOWS_MAX: usize = 500_000;
const SWEEP_AT_MIN: usize = 1024;
/// Digits in which the numbers of a range differ.
const RANGE_DIGITS: usize = 3;
/// The longest window: what is counted again after a restart.
pub const LIMIT_PER_MAX: Duration = Duration::from_secs(86_400);

#[cfg(test)]
mod tests;
