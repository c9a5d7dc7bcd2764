//! Where a message waits: in a lane, for its own SIM, or for a time. An index over [`Live`], nothing more.

use std::sync::Arc;
use std::time::Duration;

use super::{AppIdx, Apps, Book, Brief, LaneKey, Live, RouteIdx};
use crate::routes::{self, Traits};
use crate::settings::Settings;
use crate::words::{Class, MessageSeq, MessageState, UnixMs};
use crate::zones::ZoneIdx;

/// How long after a message's deadline its report is waited for: a service centre gives up within its validity period,
/// which TP-VP rounds up to 5 minutes at least, and then needs to bring the report to the SIM.
const REPORT_GRACE: Duration = Duration::from_secs(10 * 60);

/// The indices that hold a message, beside its timer. With [`Live`] it says where exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// In none: with a line, on the air, or in doubt.
    Nowhere,
    /// Waits for a time.
    Later,
    /// In the lane of its class, app and route.
    Lane,
    /// Waits for the one SIM that has its other parts.
    Bound,
}

impl Book {
    /// Moves the clock on and returns the messages whose time has come, `max` at most. Messages whose back-off is over
    /// enter their lanes.
    pub(crate) fn advance(&mut self, now: UnixMs, max: usize) -> Vec<MessageSeq> {
        self.clock = self.clock.max(now);
        let mut due = Vec::new();
        while due.len() < max
            && let Some(&(at, seq)) = self.timers.first()
            && at <= now
        {
            self.replace(seq, |_| ());
            // Still due after it was placed anew: no back-off ended, a deadline passed.
            let timer = self.messages.get(&seq).and_then(|live| live.timer());
            if let Some(at) = timer.filter(|at| *at <= now) {
                self.timers.remove(&(at, seq));
                due.push(seq);
            }
        }
        due
    }

    /// Takes over new routes, apps and zones; every message finds its lane anew.
    pub(crate) fn reroute(&mut self, settings: &Settings) {
        self.routes.clone_from(&settings.routes);
        self.apps = Apps::new(settings.apps.keys().map(Box::as_ref));
        self.zones = Arc::clone(&settings.zones);
        self.has_window = settings.has_window();
        let all: Vec<MessageSeq> = self.messages.keys().copied().collect();
        for seq in all {
            let Some(live) = self.messages.get(&seq) else {
                continue;
            };
            let route = self.route_of(&live.message);
            let lane = self.apps.join(live.message.app.as_deref());
            let to = &live.message.to;
            let zone = self.zone_of(live.message.class, || to.address().text());
            self.replace(seq, |live| {
                live.message.zone = zone;
                live.route = route;
                live.message.lane = lane;
            });
        }
    }

    /// The route that fits a message best; one past the last if none does.
    pub(super) fn route_of(&self, message: &Brief) -> RouteIdx {
        let has_prefixes = self.routes.iter().any(|route| !route.prefixes.is_empty());
        let to = match has_prefixes {
            true => message.to.address().text(),
            false => String::new(),
        };
        let traits = Traits {
            to: &to,
            class: message.class,
            app: message.app.as_deref(),
            asked: message.route.as_deref(),
        };
        let at = routes::best(&self.routes, &traits).unwrap_or(self.routes.len());
        RouteIdx(u16::try_from(at).expect("the configuration allows fewer routes"))
    }

    /// The zone whose clocks open a message's send window; the default's where its class has none.
    pub(super) fn zone_of(&self, class: Class, to: impl FnOnce() -> String) -> ZoneIdx {
        match self.has_window[class.index()] {
            true => self.zones.of(&to()),
            false => ZoneIdx::DEFAULT,
        }
    }

    /// Changes a message, adds up what became of its attempts, and puts it where it now belongs.
    pub(super) fn replace(&mut self, seq: MessageSeq, change: impl FnOnce(&mut Live)) {
        let Some(mut live) = self.messages.remove(&seq) else {
            return;
        };
        self.take_out(seq, &mut live);
        change(&mut live);
        live.parts = self.parts_of(&live);
        live.state = live.state_of_parts();
        self.put_in(seq, &mut live);
        self.messages.insert(seq, live);
    }

    pub(super) fn take_out(&mut self, seq: MessageSeq, live: &mut Live) {
        self.counts[live.state.index()] -= 1;
        if live.state == MessageState::Queued {
            self.waiting[live.message.class.index()] -= 1;
        }
        if let Some(at) = live.timer() {
            self.timers.remove(&(at, seq));
        }
        match live.place {
            Place::Nowhere => {}
            Place::Later => self.later[live.message.class.index()] -= 1,
            Place::Lane => self.lanes.remove(live.lane(), live.order(seq), seq),
            Place::Bound => {
                let sim = live.bound.expect("it waits for a SIM");
                self.bound.remove(&(sim, seq));
            }
        }
        live.place = Place::Nowhere;
    }

    pub(super) fn put_in(&mut self, seq: MessageSeq, live: &mut Live) {
        live.anew_at = self.anew_at(live);
        live.place = self.place_of(live);
        self.counts[live.state.index()] += 1;
        if live.state == MessageState::Queued {
            self.waiting[live.message.class.index()] += 1;
        }
        if let Some(at) = live.timer() {
            self.timers.insert((at, seq));
        }
        match live.place {
            Place::Nowhere => {}
            Place::Later => self.later[live.message.class.index()] += 1,
            Place::Lane => self.lanes.insert(live.lane(), live.order(seq), seq),
            Place::Bound => {
                let sim = live.bound.expect("it waits for a SIM");
                self.bound.insert((sim, seq));
            }
        }
    }

    fn place_of(&self, live: &Live) -> Place {
        match live.state {
            MessageState::Queued if live.not_before > self.clock => Place::Later,
            MessageState::Queued => live.ready(),
            MessageState::Sending if live.has_open() => Place::Nowhere,
            MessageState::Sending => live.ready(),
            MessageState::InDoubt
            | MessageState::Sent
            | MessageState::Delivered
            | MessageState::Undelivered
            | MessageState::Unconfirmed
            | MessageState::Expired
            | MessageState::Cancelled
            | MessageState::Failed => Place::Nowhere,
        }
    }
}

impl Live {
    /// In its lane, or waiting for the one SIM that has its other parts.
    fn ready(&self) -> Place {
        if self.bound.is_some() {
            Place::Bound
        } else {
            Place::Lane
        }
    }

    /// The lane that is its own while it could be sent.
    pub(crate) fn lane(&self) -> LaneKey {
        let class = self.message.class;
        LaneKey {
            class,
            app: match class {
                Class::Otp => AppIdx::NAMELESS,
                Class::Notification | Class::Bulk => self.message.lane,
            },
            zone: self.message.zone,
            route: self.route,
        }
    }

    /// Its place in its lane: the deadline for codes, the age for all others.
    fn order(&self, seq: MessageSeq) -> i64 {
        match self.message.class {
            Class::Otp => self.message.expires.0,
            Class::Notification | Class::Bulk => i64::try_from(seq.0).unwrap_or(i64::MAX),
        }
    }

    /// When it wants attention because of the time.
    pub(super) fn timer(&self) -> Option<UnixMs> {
        let expires = self.message.expires;
        match (self.place, self.state) {
            (Place::Later, _) => Some(self.not_before.min(expires)),
            (Place::Lane | Place::Bound, _) => Some(self.anew_at.unwrap_or(expires)),
            (Place::Nowhere, MessageState::InDoubt) if self.has_open() => None,
            (Place::Nowhere, MessageState::InDoubt | MessageState::Sent) => {
                Some(self.anew_at.unwrap_or(expires.plus(REPORT_GRACE)))
            }
            (
                Place::Nowhere,
                MessageState::Queued
                | MessageState::Sending
                | MessageState::Delivered
                | MessageState::Undelivered
                | MessageState::Unconfirmed
                | MessageState::Expired
                | MessageState::Cancelled
                | MessageState::Failed,
            ) => None,
        }
    }
}
