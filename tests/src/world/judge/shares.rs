//! Whether apps of a class get their shares of what it sends, and bulk its share beside notifications.
//!
//! A claim that can be held against the records alone: while two apps have messages waiting without a break, what they
//! get over their weights differs by no more than a longest message of each (Goyal, Vin, Cheng 1996, theorem 1).
//! Only worlds in which every free SIM takes every message are judged.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use gateway::{Class, MessageSeq, Settings, UnixMs};

use super::demand;
use crate::world::Setup;
use crate::world::options::{Knob, Options, PLAIN};

/// What was given to whom.
#[derive(Debug)]
pub(super) struct Shares {
    is_judged: bool,
    /// Parts of the longest message.
    longest: u64,
    weights: Vec<u64>,
    bulk_share: u64,
    waiting: BTreeMap<MessageSeq, Waiting>,
    /// Waiting messages by class and app, by the time at which they may begin.
    lanes: BTreeMap<(Class, usize), BTreeSet<(UnixMs, MessageSeq)>>,
    /// Parts that began in this turn.
    begun: Vec<(Class, usize, u64)>,
    /// Parts that both apps of a class were given since both have messages waiting.
    pairs: BTreeMap<(Class, usize, usize), [u64; 2]>,
    /// The same of notifications and bulk.
    classes: Option<[u64; 2]>,
}

/// A message in its lane.
#[derive(Clone, Copy, Debug)]
pub(super) struct Waiting {
    pub(super) seq: MessageSeq,
    pub(super) class: Class,
    pub(super) app: Option<u64>,
    pub(super) parts: u8,
    pub(super) not_before: UnixMs,
    pub(super) expires: UnixMs,
}

impl Shares {
    pub(super) fn new(setup: &Setup) -> Shares {
        Shares {
            is_judged: is_plain(&setup.options),
            longest: 1,
            weights: weights(&setup.settings),
            bulk_share: setup.settings.bulk_share_percent.into(),
            waiting: BTreeMap::new(),
            lanes: BTreeMap::new(),
            begun: Vec::new(),
            pairs: BTreeMap::new(),
            classes: None,
        }
    }

    /// From here on nothing that went before counts.
    pub(super) fn begin_anew(&mut self) {
        self.begun.clear();
        self.pairs.clear();
        self.classes = None;
    }

    /// A message is in its lane.
    pub(super) fn wait(&mut self, message: Waiting) {
        if self.is_judged {
            self.gone(message.seq);
            self.longest = self.longest.max(message.parts.into());
            let lane = self.lanes.entry(message.lane()).or_default();
            lane.insert((message.not_before, message.seq));
            self.waiting.insert(message.seq, message);
        }
    }

    /// A message has left its lane.
    pub(super) fn gone(&mut self, seq: MessageSeq) -> Option<Waiting> {
        let message = self.waiting.remove(&seq)?;
        let lane = self.lanes.entry(message.lane()).or_default();
        lane.remove(&(message.not_before, seq));
        Some(message)
    }

    /// A part is given to a SIM: of a message in its lane, all its parts count.
    pub(super) fn start(&mut self, seq: MessageSeq) {
        if let Some(message) = self.gone(seq) {
            let (class, app) = message.lane();
            self.begun.push((class, app, message.parts.into()));
        }
    }

    /// A turn is over; how many parts were held against another's share.
    pub(super) fn turn(&mut self, now: UnixMs) -> Result<u64, String> {
        let begun = std::mem::take(&mut self.begun);
        if !self.is_judged {
            return Ok(0);
        }
        let ready: BTreeSet<(Class, usize)> = self
            .lanes
            .keys()
            .copied()
            .filter(|lane| self.is_ready(*lane, now))
            .collect();
        let mut held = 0;
        // Codes go by their deadlines, whose ever they are.
        for class in [Class::Notification, Class::Bulk] {
            let apps = || {
                ready
                    .iter()
                    .filter(move |lane| lane.0 == class)
                    .map(|lane| lane.1)
            };
            self.pairs.retain(|pair, _| {
                pair.0 != class
                    || apps().any(|app| app == pair.1) && apps().any(|app| app == pair.2)
            });
            for one in apps() {
                for other in apps().filter(|other| *other > one) {
                    held += self.pair(class, one, other, &begun)?;
                }
            }
        }
        held += self.bulk_beside(&ready, &begun)?;
        Ok(held)
    }

    fn pair(
        &mut self,
        class: Class,
        one: usize,
        other: usize,
        begun: &[(Class, usize, u64)],
    ) -> Result<u64, String> {
        let given = self.pairs.entry((class, one, other)).or_default();
        let mut held = 0;
        for (of, app, parts) in begun {
            if *of == class && *app == one {
                given[0] += parts;
                held += parts;
            } else if *of == class && *app == other {
                given[1] += parts;
                held += parts;
            }
        }
        let (weight, against) = (self.weights[one], self.weights[other]);
        let gap = (given[0] * against).abs_diff(given[1] * weight);
        let most = self.longest * (weight + against);
        let told = *given;
        demand(gap <= most, || {
            format!(
                "apps {one} and {other} of {class:?}, weights {weight} and {against}, are given {told:?} parts"
            )
        })?;
        Ok(held)
    }

    /// Bulk beside notifications: its share of both, no more and no less than a message or two.
    fn bulk_beside(
        &mut self,
        ready: &BTreeSet<(Class, usize)>,
        begun: &[(Class, usize, u64)],
    ) -> Result<u64, String> {
        let waits = |class| ready.iter().any(|lane| lane.0 == class);
        if !waits(Class::Notification) || !waits(Class::Bulk) {
            self.classes = None;
            return Ok(0);
        }
        let given = self.classes.get_or_insert_default();
        let before = *given;
        for (class, _, parts) in begun {
            match class {
                Class::Otp => {}
                Class::Notification => given[0] += parts,
                Class::Bulk => given[1] += parts,
            }
        }
        let told = *given;
        let (both, bulk) = (given[0] + given[1], given[1] * 100);
        let gap = bulk.abs_diff(both * self.bulk_share);
        demand(gap <= 100 * (2 * self.longest + 1), || {
            format!(
                "notifications and bulk, share {} %, are given {told:?} parts",
                self.bulk_share
            )
        })?;
        Ok(both - before[0] - before[1])
    }

    /// Whether a lane has a message that could have begun in this turn and has not.
    fn is_ready(&self, lane: (Class, usize), now: UnixMs) -> bool {
        let lane = self.lanes.get(&lane).into_iter().flatten();
        lane.take_while(|(from, _)| *from <= now)
            .any(|(_, seq)| self.waiting[seq].expires > now)
    }
}

impl Waiting {
    fn lane(&self) -> (Class, usize) {
        let app = self.app.map_or(0, |app| app + 1);
        (self.class, usize::try_from(app).unwrap_or(0))
    }
}

/// The worlds whose SIMs differ in nothing but whether they are free.
fn is_plain(options: &Options) -> bool {
    let is_calm = |knob: &Knob| options.value(*knob) == knob.calm();
    PLAIN.iter().all(is_calm)
}

/// By lane: an app without a name first.
fn weights(settings: &Settings) -> Vec<u64> {
    let named = settings.apps.values().map(|app| u64::from(app.weight));
    std::iter::once(1).chain(named).collect()
}
