//! The lanes: where messages wait that may be sent now. An index over the book's messages, nothing more.
//!
//! A lane holds the messages of one class, app and time zone on one route (the zone where the class has a send window, which
//! opens and closes all its lanes at once), except that the codes of all apps share a lane: the
//! earliest deadline goes first, whoever's it is. Which lane is served next is decided elsewhere.

use std::collections::{BTreeMap, BTreeSet};

use super::RouteIdx;
use super::apps::AppIdx;
use crate::words::{Class, MessageSeq};
use crate::zones::ZoneIdx;

/// One lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct LaneKey {
    pub(crate) class: Class,
    /// [`AppIdx::NAMELESS`] for codes.
    pub(crate) app: AppIdx,
    pub(crate) zone: ZoneIdx,
    pub(crate) route: RouteIdx,
}

/// The first message of a lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Head {
    /// The deadline of a code, the age of all others: the least goes first.
    pub(crate) order: i64,
    pub(crate) message: MessageSeq,
    pub(crate) zone: ZoneIdx,
    pub(crate) route: RouteIdx,
}

/// All lanes that hold a message.
#[derive(Debug, Default)]
pub(crate) struct Lanes {
    lanes: BTreeMap<LaneKey, BTreeSet<(i64, MessageSeq)>>,
    /// By [`Class::index`].
    lengths: [u64; Class::ALL.len()],
}

impl LaneKey {
    fn first(class: Class, app: AppIdx) -> LaneKey {
        LaneKey {
            class,
            app,
            zone: ZoneIdx::FIRST,
            route: RouteIdx::FIRST,
        }
    }

    fn last(class: Class, app: AppIdx) -> LaneKey {
        LaneKey {
            class,
            app,
            zone: ZoneIdx::LAST,
            route: RouteIdx::LAST,
        }
    }
}

impl Lanes {
    pub(super) fn insert(&mut self, lane: LaneKey, order: i64, message: MessageSeq) {
        self.lanes.entry(lane).or_default().insert((order, message));
        self.lengths[lane.class.index()] += 1;
    }

    pub(super) fn remove(&mut self, lane: LaneKey, order: i64, message: MessageSeq) {
        let Some(waiting) = self.lanes.get_mut(&lane) else {
            return;
        };
        if waiting.remove(&(order, message)) {
            self.lengths[lane.class.index()] -= 1;
        }
        if waiting.is_empty() {
            self.lanes.remove(&lane);
        }
    }

    /// Messages of a class that could be sent now.
    pub(crate) fn len(&self, class: Class) -> u64 {
        self.lengths[class.index()]
    }

    /// How many lanes hold a message.
    pub(crate) fn count(&self) -> usize {
        self.lanes.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.lanes.is_empty()
    }

    /// Apps that have a message of this class in a lane, in their order.
    pub(crate) fn apps(&self, class: Class) -> impl Iterator<Item = AppIdx> {
        let first = self.next_app(class, None);
        std::iter::successors(first, move |app| self.next_app(class, Some(*app)))
    }

    /// The first messages of an app's lanes.
    pub(crate) fn heads(&self, class: Class, app: AppIdx) -> impl Iterator<Item = Head> {
        let lanes = LaneKey::first(class, app)..=LaneKey::last(class, app);
        let lanes = self.lanes.range(lanes);
        lanes.filter_map(|(key, waiting)| {
            waiting.first().map(|(order, message)| Head {
                order: *order,
                message: *message,
                zone: key.zone,
                route: key.route,
            })
        })
    }

    /// The messages that a lane will give next, in their order.
    pub(crate) fn next_in(&self, lane: LaneKey) -> impl Iterator<Item = MessageSeq> {
        let waiting = self.lanes.get(&lane).into_iter().flatten();
        waiting.map(|(_, message)| *message)
    }

    /// Lanes with a message in them.
    pub(crate) fn keys(&self) -> impl Iterator<Item = LaneKey> {
        self.lanes.keys().copied()
    }

    /// Every lane and how many messages it holds.
    pub(crate) fn lengths(&self) -> impl Iterator<Item = (&LaneKey, usize)> {
        let length = |(lane, waiting): (_, &BTreeSet<_>)| (lane, waiting.len());
        self.lanes.iter().map(length)
    }

    /// Every lane with its messages.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&LaneKey, &BTreeSet<(i64, MessageSeq)>)> {
        self.lanes.iter()
    }

    fn next_app(&self, class: Class, after: Option<AppIdx>) -> Option<AppIdx> {
        use std::ops::Bound::{Excluded, Included};
        let from = match after {
            None => Included(LaneKey::first(class, AppIdx::NAMELESS)),
            Some(app) => Excluded(LaneKey::last(class, app)),
        };
        let (next, _) = self
            .lanes
            .range((from, std::ops::Bound::Unbounded))
            .next()?;
        (next.class == class).then_some(next.app)
    }
}
