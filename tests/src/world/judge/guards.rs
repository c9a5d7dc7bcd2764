//! Whom nothing may be sent to, how many messages may come in, and when: held against every yes and every no.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use gateway::{Class, Each, Limit, Recipients, Refusal, Settings, UnixMs};

use super::clock::{Clock, Open};
use super::{Checked, Judge, demand};
use crate::world::plan::Probe;

/// What guards know.
#[derive(Debug)]
pub(super) struct Guards {
    /// The operator's lists, and since when each is in force.
    lists: Vec<(UnixMs, Arc<Recipients>)>,
    suppressed: BTreeSet<Box<str>>,
    /// When a recipient came on the suppression list, or left it.
    changed: BTreeMap<Box<str>, UnixMs>,
    flood: Option<Limit>,
    /// When each message was accepted that the guard counts together.
    counted: BTreeMap<Box<str>, Vec<UnixMs>>,
    /// Hours of notifications and bulk.
    open: Option<Open>,
}

/// What the operator's lists say of a recipient.
#[derive(Clone, Copy, Debug)]
pub(super) struct Excluded {
    pub(super) surely: bool,
    pub(super) maybe: bool,
}

impl Guards {
    pub(super) fn new(settings: &Settings, window: Option<&str>) -> Guards {
        Guards {
            lists: vec![(UnixMs(i64::MIN), Arc::clone(&settings.recipients))],
            suppressed: BTreeSet::new(),
            changed: BTreeMap::new(),
            flood: settings.limits.first().cloned(),
            counted: BTreeMap::new(),
            open: window.map(Open::parse),
        }
    }

    pub(super) fn reloaded(&mut self, settings: &Settings, at: UnixMs) {
        self.lists.push((at, Arc::clone(&settings.recipients)));
    }

    pub(super) fn suppress(&mut self, to: &str, suppressed: bool, at: UnixMs) {
        if suppressed {
            self.suppressed.insert(to.into());
        } else {
            self.suppressed.remove(to);
        }
        self.changed.insert(to.into(), at);
    }

    pub(super) fn is_suppressed(&self, to: &str) -> bool {
        self.suppressed.contains(to)
    }

    /// Whether the operator's lists excluded a recipient; at the moment in which they change both may be in force.
    pub(super) fn excluded(&self, to: &str, at: UnixMs) -> Excluded {
        let by = |is_past: &dyn Fn(UnixMs) -> bool| {
            let mut lists = self.lists.iter().rev();
            let (_, lists) = lists
                .find(|(since, _)| is_past(*since))
                .expect("the first holds ever");
            let allow = lists.allow.as_ref();
            lists.deny.contains(to) || allow.is_some_and(|allow| !allow.contains(to))
        };
        let (before, after) = (by(&|since| since < at), by(&|since| since <= at));
        Excluded {
            surely: before && after,
            maybe: before || after,
        }
    }

    /// A message was accepted.
    pub(super) fn count(&mut self, probe: &Probe, at: UnixMs) -> Checked {
        let Some(limit) = &self.flood else {
            return Ok(());
        };
        let times = self.counted.entry(counted(limit.each, probe)).or_default();
        times.push(at);
        let messages = times
            .iter()
            .filter(|time| at < time.plus(limit.per))
            .count();
        demand(messages <= limit.messages as usize, || {
            format!(
                "{messages} messages are accepted in a time for {}",
                limit.messages
            )
        })
    }

    /// Whether a flood guard was full a moment ago.
    fn was_full(&self, probe: &Probe, now: UnixMs) -> bool {
        self.flood.as_ref().is_some_and(|limit| {
            let times = self.counted.get(&counted(limit.each, probe));
            let counts = |time: &&UnixMs| now.0 < time.plus(limit.per).0 + MOMENT_MS;
            times.into_iter().flatten().filter(counts).count() >= limit.messages as usize
        })
    }

    /// Whether a message of a class may begin now.
    pub(super) fn is_open(&self, class: Class, to: &str, at: UnixMs) -> bool {
        self.window(class)
            .is_none_or(|open| Clock::of_recipient(to).shows(open, at))
    }

    /// Whether there is a time at which it may begin.
    pub(super) fn will_open(&self, class: Class, to: &str, from: UnixMs, until: UnixMs) -> bool {
        self.window(class)
            .is_none_or(|open| Clock::of_recipient(to).will_show(open, from, until))
    }

    pub(super) fn window(&self, class: Class) -> Option<Open> {
        self.open.filter(|_| class != Class::Otp)
    }
}

impl Judge {
    /// A request passed the first look.
    ///
    /// # Errors
    /// When it should not.
    pub fn admitted(&self, number: usize, now: UnixMs) -> Checked {
        let excluded = self.guards.excluded(&self.probes[number].to, now);
        demand(!excluded.surely, || {
            format!("{number} is admitted against the operator's lists")
        })
    }

    /// The operator's configuration has changed.
    pub fn reloaded(&mut self, settings: &Settings, at: UnixMs) {
        self.guards.reloaded(settings, at);
        self.shares.begin_anew();
    }

    /// A message that was handed over first at `asked` is not accepted: that has to have a reason.
    ///
    /// # Errors
    /// When it has none.
    pub fn refused(
        &mut self,
        number: usize,
        refusal: &Refusal,
        asked: UnixMs,
        now: UnixMs,
    ) -> Checked {
        let probe = &self.probes[number];
        let (guards, to) = (&self.guards, probe.to.as_str());
        let begins = asked.plus(probe.ahead.unwrap_or_default());
        let expires = begins.plus(probe.expires_in);
        let is_true = match refusal {
            Refusal::Policy(_) => guards.excluded(to, now).maybe,
            Refusal::Suppressed => {
                let changed = guards.changed.get(to);
                guards.is_suppressed(to) || changed.is_some_and(|at| now.0 < at.0 + MOMENT_MS)
            }
            Refusal::RateLimited { .. } => guards.was_full(probe, now),
            Refusal::OutsideSendWindow { opens, .. } => {
                // Without a time of its own it begins when it is handed over, for the last time a moment ago.
                let ends = match probe.ahead {
                    Some(_) => expires,
                    None => UnixMs(now.plus(probe.expires_in).0 - MOMENT_MS),
                };
                !guards.will_open(probe.class, to, begins.max(now), ends)
                    && opens.is_none_or(|opens| guards.is_open(probe.class, to, opens))
            }
            Refusal::DeadlinePassed { .. } => probe.ahead.is_some() && now >= expires,
            Refusal::DeadlineUnreachable { .. } => probe.class == Class::Otp,
            Refusal::QueueFull { .. } | Refusal::Draining | Refusal::DiskFull => true,
            Refusal::InvalidRecipient(_)
            | Refusal::EmptyText
            | Refusal::TextTooLong { .. }
            | Refusal::Unencodable { .. }
            | Refusal::UnknownRoute(_)
            | Refusal::NotSuppressed
            | Refusal::SuppressionsFull
            | Refusal::KeyConflict
            | Refusal::NotFound
            | Refusal::UnknownTarget
            | Refusal::TooLate(_)
            | Refusal::ScheduledTooFar { .. } => false,
        };
        let is_guard = matches!(
            refusal,
            Refusal::Policy(_)
                | Refusal::Suppressed
                | Refusal::RateLimited { .. }
                | Refusal::OutsideSendWindow { .. }
        );
        self.tally.guarded += u64::from(is_guard);
        demand(is_true, || {
            format!("{number} is refused for no reason: {refusal:?}")
        })
    }
}

/// What a guard counts together.
fn counted(each: Each, probe: &Probe) -> Box<str> {
    match each {
        Each::Recipient => probe.to.as_str().into(),
        Each::Range => probe.to[..probe.to.len() - 3].into(),
        Each::App => format!("{:?}", probe.app).into(),
        Each::All => "".into(),
    }
}

/// An answer leaves when its turn's commit is over.
const MOMENT_MS: i64 = 4_000;
