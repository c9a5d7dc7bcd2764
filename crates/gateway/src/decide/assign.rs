//! Which message goes next, and to which SIM.
//!
//! The order: parts that continue a message on its SIM; then codes, the earliest deadline first; then notifications before
//! bulk, where bulk gets its share of what codes leave, and within both each app gets its share. A code starts at once;
//! everything else keeps the fleet's pace, and leaves a few SIMs free while codes come in, so that a code finds one without
//! waiting for the radio.

use std::time::{Duration, Instant};

use modem::{Submission, Ticket};
use sms::{DataCoding, MessageClass, Submit, Validity};

use crate::book::{AppIdx, Book, Brief, Head, LaneKey, Live, Recipient, RouteIdx, SimIdx};
use crate::budget::Strangers;
use crate::floor::{Floor, FloorSim};
use crate::quarantine::Sick;
use crate::rotation::{self, Candidate, Stand, Wish};
use crate::settings::Settings;
use crate::unheard;
use crate::words::{Class, MessageSeq, Now, Rotation, UnixMs};

/// A message and the SIM that takes its next part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pick {
    pub(crate) message: MessageSeq,
    pub(crate) sim: SimIdx,
}

/// What a turn has found out so far: routes without a free SIM. Within a turn SIMs are only taken, so it is not asked again.
#[derive(Clone, Debug, Default)]
pub(crate) struct Busy {
    for_codes: Vec<RouteIdx>,
    for_others: Vec<RouteIdx>,
    /// Where it depends on the message: only these lanes.
    lanes: Vec<LaneKey>,
    /// Whether messages were left because their send window is closed.
    pub(crate) is_window_closed: bool,
}

impl Busy {
    fn of(&mut self, class: Class) -> &mut Vec<RouteIdx> {
        match class {
            Class::Otp => &mut self.for_codes,
            Class::Notification | Class::Bulk => &mut self.for_others,
        }
    }
}

/// Parts of messages whose earlier parts went through a free SIM: they stay next to each other.
pub(crate) fn continued(book: &Book, floor: &Floor, now: Now) -> Vec<Pick> {
    if floor.stopping || floor.idle.is_empty() {
        return Vec::new();
    }
    let free = book.bound_sims().filter(|sim| floor.idle.contains(sim));
    let next_on = |sim| {
        let allowance = &floor.sim(sim)?.allowance;
        let may_go = |seq: &MessageSeq| {
            is_in_time(book, *seq, now)
                && book.message(*seq).is_some_and(|live| {
                    let is_code = live.message.class == Class::Otp;
                    let knows = || book.sim(sim).parts_to(live.message.to.mark()) > 0;
                    (is_code || allowance.codes_only_until.is_none())
                        && allowance.strangers.may_reach(is_code, knows)
                })
        };
        let message = book.bound_on(sim).find(may_go)?;
        Some(Pick { message, sim })
    };
    free.filter_map(next_on).collect()
}

/// The next message to begin, if there is one and a SIM for it.
pub(crate) fn next_pick(
    settings: &Settings,
    book: &Book,
    floor: &Floor,
    now: Now,
    busy: &mut Busy,
) -> Option<Pick> {
    if floor.stopping || floor.idle.is_empty() {
        return None;
    }
    let mut pick_for = |lane: LaneKey| {
        if !floor.is_open(lane.class, lane.zone) {
            busy.is_window_closed = true;
            return None;
        }
        let route = floor.serving(lane.class, lane.route);
        if busy.of(lane.class).contains(&route) || busy.lanes.contains(&lane) {
            return None;
        }
        let pick = from_lane(settings, book, floor, now, lane, route);
        if pick.is_none() && is_choosy(settings, floor, route) {
            busy.lanes.push(lane);
        } else if pick.is_none() {
            busy.of(lane.class).push(route);
        }
        pick
    };
    let order = floor.shares.order(settings.bulk_share_percent);
    order.into_iter().find_map(|class| {
        if class != Class::Otp && !floor.pace.is_open(now.mono) {
            return None;
        }
        apps_in_turn(book, floor, class)
            .into_iter()
            .find_map(|app| {
                let mut heads: Vec<Head> = book.lanes().heads(class, app).collect();
                heads.sort_unstable();
                heads.into_iter().find_map(|head| {
                    pick_for(LaneKey {
                        class,
                        app,
                        zone: head.zone,
                        route: head.route,
                    })
                })
            })
    })
}

/// The first message of a lane that a SIM takes. Where it depends on the message whether one does, a few that come after
/// it are asked too, so that they don't wait for the first one's SIM.
fn from_lane(
    settings: &Settings,
    book: &Book,
    floor: &Floor,
    now: Now,
    lane: LaneKey,
    route: RouteIdx,
) -> Option<Pick> {
    let asked = if is_choosy(settings, floor, route) {
        LOOK_AHEAD
    } else {
        1
    };
    let waiting = book.lanes().next_in(lane).take(asked);
    waiting
        .filter(|message| is_in_time(book, *message, now))
        .find_map(|message| {
            let live = book.message(message)?;
            let query = Query {
                class: lane.class,
                recipient: &live.message.to,
                parts: live.message.parts,
                age: now.wall.since(live.since),
            };
            let sim = choose(settings, book, floor, now, &query, route)?;
            Some(Pick { message, sim })
        })
}

/// Whether it depends on a message's recipient or length which SIM takes it.
fn is_choosy(settings: &Settings, floor: &Floor, route: RouteIdx) -> bool {
    let route = settings.routes.get(usize::from(route.0));
    floor.is_choosy || route.is_some_and(|route| route.rotation == Rotation::Sticky)
}

/// Apps with a message of this class, the one that has had least of its share first.
fn apps_in_turn(book: &Book, floor: &Floor, class: Class) -> Vec<AppIdx> {
    let mut apps: Vec<AppIdx> = book.lanes().apps(class).collect();
    apps.sort_by_key(|app| floor.shares.tag(class, *app));
    apps
}

/// A turn ends only so many overdue messages; those it has left are not started any more.
fn is_in_time(book: &Book, seq: MessageSeq, now: Now) -> bool {
    book.message(seq)
        .is_some_and(|live| live.message.expires > now.wall)
}

/// The part as the modem gets it.
pub(crate) fn submission(
    message: &Brief,
    text: &str,
    part: u8,
    reference: u8,
    session: modem::Session,
    ticket: Ticket,
    now: UnixMs,
) -> Submission {
    let user_data = message.form.part(text, reference, part);
    let class = message.handling.flash().then_some(MessageClass::Flash);
    let minutes = message.expires.since(now).as_secs().div_ceil(60);
    let submit = Submit {
        report: message.report,
        validity: Some(Validity::at_least_minutes(
            u32::try_from(minutes).unwrap_or(u32::MAX),
        )),
        protocol_id: message
            .handling
            .replace()
            .map_or(0, sms::protocol::replacing),
        coding: DataCoding::new(user_data.alphabet, class),
        ..Submit::new(message.to.address(), user_data)
    };
    let tpdu = submit.encode().expect("a segment fits a TPDU").into();
    Submission {
        ticket,
        session,
        tpdu,
        more_follow: part < message.parts,
    }
}

/// The concatenation reference of a message's next part on a SIM: that of its other parts there, else a new one.
pub(crate) fn reference(live: &Live, book: &Book, sim: SimIdx) -> u8 {
    if live.bound == Some(sim) && book.is_begun(live) {
        return live.reference;
    }
    let last = book.sim(sim).usage.reference;
    if live.message.parts > 1 {
        last.wrapping_add(1)
    } else {
        last
    }
}

/// When messages that wait although a SIM is free may get it: the pace opens, or no more codes are expected.
pub(crate) fn next_opening(
    settings: &Settings,
    book: &Book,
    floor: &Floor,
    now: Now,
) -> Option<(Instant, &'static str)> {
    if floor.stopping || floor.idle.is_empty() || book.lanes().is_empty() {
        return None;
    }
    // An open pace is no reason to wake: the turn has just used it, as far as there were SIMs.
    let pace = floor.pace.opens().filter(|_| !floor.pace.is_open(now.mono));
    let reserve = floor
        .otp_seen
        .map(|seen| seen + RESERVE_FOR)
        .filter(|end| *end > now.mono);
    let pace = pace.map(|at| (at, "the fleet's pace"));
    let opening = pace.or(reserve.map(|at| (at, "the reserve for codes ends")));
    opening
        .into_iter()
        .chain(patience_ends(settings, book, now))
        .min_by_key(|(at, _)| *at)
}

/// When the next message has waited for its recipient's SIM as long as it may.
fn patience_ends(settings: &Settings, book: &Book, now: Now) -> Option<(Instant, &'static str)> {
    let sticky = |route: RouteIdx| {
        let route = settings.routes.get(usize::from(route.0));
        route.filter(|route| route.rotation == Rotation::Sticky)
    };
    let ends = book.lanes().keys().filter_map(|lane| {
        let wait = sticky(lane.route)?.sticky_wait;
        let asked = book.lanes().next_in(lane).take(LOOK_AHEAD);
        let ends = asked.filter_map(|seq| Some(book.message(seq)?.since.plus(wait)));
        ends.filter(|ends| *ends > now.wall).min()
    });
    let next = ends.min()?;
    Some((now.instant_of(next), "a message has waited for its SIM"))
}

/// What a choice needs to know of a message.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Query<'a> {
    pub(crate) class: Class,
    pub(crate) recipient: &'a Recipient,
    pub(crate) parts: u8,
    /// How long ago it was accepted.
    pub(crate) age: Duration,
}

/// The SIM that serves a message on a route now, if there is one.
pub(crate) fn choose(
    settings: &Settings,
    book: &Book,
    floor: &Floor,
    now: Now,
    query: &Query<'_>,
    route: RouteIdx,
) -> Option<SimIdx> {
    let is_code = query.class == Class::Otp;
    if is_kept_for_codes(settings, floor, now, query.class) {
        return None;
    }
    let declared = settings.routes.get(usize::from(route.0));
    let rotation = declared.map_or(Rotation::Headroom, |route| route.rotation);
    let wish = Wish {
        class: query.class,
        parts: query.parts,
        is_impatient: declared.is_none_or(|route| query.age >= route.sticky_wait),
    };
    let field = Field {
        book,
        floor,
        now,
        route,
        mark: query.recipient.mark(),
        service: floor.service_typical,
    };
    let idle = |but: Option<SimIdx>| {
        let others = floor.idle.iter().copied().filter(|sim| Some(*sim) != but);
        let candidates = others.filter_map(|sim| field.candidate(sim, |_| Stand::Free));
        rotation::choose(rotation, wish, candidates)
    };
    match rotation {
        Rotation::Sticky => {
            // Both in the order of SIMs.
            let mut idle = floor.idle.iter().copied().peekable();
            let candidates = book.sims().filter_map(|(sim, _)| {
                let is_free = idle.next_if_eq(&sim).is_some();
                field.candidate(sim, |volatile| match is_free {
                    true => Stand::Free,
                    false => field.stand(sim, volatile, is_code),
                })
            });
            rotation::choose(rotation, wish, candidates)
        }
        Rotation::Headroom | Rotation::RoundRobin | Rotation::LeastUsed | Rotation::Cost => {
            let chosen = idle(None)?;
            let another = field
                .repeats_number(chosen, query)
                .then(|| idle(Some(chosen)));
            another.flatten().or(Some(chosen))
        }
    }
}

/// Where a choice is made.
struct Field<'a> {
    book: &'a Book,
    floor: &'a Floor,
    now: Now,
    route: RouteIdx,
    /// Of the recipient.
    mark: u64,
    /// How long a part takes on most SIMs.
    service: Option<Duration>,
}

impl Field<'_> {
    /// Whether a SIM is likely to give a message's part the TP-MR of another to the same recipient whose report has not
    /// come: only the time would tell their reports apart.
    fn repeats_number(&self, sim: SimIdx, query: &Query<'_>) -> bool {
        let Some(last) = self.floor.sim(sim).and_then(|sim| sim.last_mr) else {
            return false;
        };
        let next = (1..=query.parts).map(|ahead| last.wrapping_add(ahead));
        let mut same = next.flat_map(|mr| self.book.numbered(sim, mr));
        same.any(|(_, attempt)| {
            let live = self.book.message(attempt.message);
            attempt.reported.is_none()
                && live
                    .is_some_and(|live| live.message.report && live.message.to == *query.recipient)
        })
    }

    /// The facts of a SIM, if it belongs to the route.
    fn candidate(&self, sim: SimIdx, stand: impl FnOnce(&FloorSim) -> Stand) -> Option<Candidate> {
        let known = self.book.sim(sim);
        let volatile = self.floor.sim(sim).filter(|sim| sim.serves(self.route))?;
        let allowance = &volatile.allowance;
        let knows = allowance.strangers != Strangers::All && known.parts_to(self.mark) > 0;
        Some(Candidate {
            sim,
            stand: stand(volatile),
            headroom: allowance.headroom,
            slowness: self.slowness(volatile),
            used_in_month: allowance.used_in_month,
            cost: allowance.cost,
            last_start: volatile.last_start,
            on_trial: known.quarantine.is_some() || self.floor.is_line_on_trial(volatile),
            room: allowance.room,
            held_back: self.is_held_back(volatile),
            codes_only: allowance.codes_only_until.is_some(),
            strangers: allowance.strangers,
            knows,
            affinity: rotation::affinity(known.mark, self.mark),
        })
    }

    /// How a SIM stands that is not free.
    fn stand(&self, sim: SimIdx, volatile: &FloorSim, is_code: bool) -> Stand {
        let shut = match is_code {
            true => volatile.allowance.shut_until,
            false => volatile.allowance.codes_only_until,
        };
        let shut_for = shut.map(|until| until.since(self.now.wall));
        let quarantine = self.book.sim(sim).quarantine;
        let sick = quarantine.map(|quarantine| quarantine.sick);
        if matches!(sick, Some(Sick::Barred(_))) {
            Stand::Barred
        } else if volatile.place.is_none()
            || volatile.paused
            || sick.is_some()
            || self.floor.is_line_on_trial(volatile)
            || shut_for.is_some_and(|left| left > SHUT_SHORTLY)
        {
            Stand::Out
        } else {
            Stand::Soon
        }
    }

    /// Whether a SIM whose reports fail to come has had its smaller share already.
    fn is_held_back(&self, volatile: &FloorSim) -> bool {
        let turns = self.floor.lines.len() as u64 * unheard::ONE_IN;
        let since = self.floor.starts.saturating_sub(volatile.last_start);
        volatile.unheard.is_some() && since < turns
    }

    /// How many times as long as most SIMs it takes for a part, rounded down: SIMs that differ by less are equals.
    fn slowness(&self, volatile: &FloorSim) -> u64 {
        let (Some(own), Some(typical)) = (volatile.service, self.service) else {
            return 1;
        };
        // Asked of every free SIM in every choice, and hardly ever is one slow.
        if own < typical * 2 {
            return 1;
        }
        let times = own.as_millis() / typical.as_millis().max(1);
        u64::try_from(times).unwrap_or(u64::MAX).max(1)
    }
}

/// Whether the free SIMs are kept for codes, which a message of this class is none of.
pub(crate) fn is_kept_for_codes(
    settings: &Settings,
    floor: &Floor,
    now: Now,
    class: Class,
) -> bool {
    let kept = || reserve(settings, floor, now.mono);
    class != Class::Otp && floor.idle.len() <= kept()
}

/// SIMs that stay free for codes: none unless codes come in.
fn reserve(settings: &Settings, floor: &Floor, now: Instant) -> usize {
    let codes_come = floor
        .otp_seen
        .is_some_and(|seen| now.saturating_duration_since(seen) < RESERVE_FOR);
    if !codes_come {
        return 0;
    }
    kept_for_codes(settings.otp_reserve, floor.lines.len())
}

/// SIMs that stay free for codes while codes come in: as many as are asked for, `None` for one in 256. However much that is,
/// half of a small fleet still serves the rest.
pub fn kept_for_codes(asked: Option<usize>, lines: usize) -> usize {
    asked.unwrap_or(lines / LINES_PER_RESERVED).min(lines / 2)
}

/// Messages of a lane that are asked where it depends on the message whether a SIM takes it: enough to find work for most
/// free SIMs, and few beside a turn.
const LOOK_AHEAD: usize = 16;
/// A budget that is filled again within this time does not drive a recipient away from its SIM.
const SHUT_SHORTLY: Duration = Duration::from_secs(60);
/// How long after a code SIMs are kept free for the next.
const RESERVE_FOR: Duration = Duration::from_secs(60);
/// At 512 lines and 5.65 s a part two free SIMs keep codes from waiting for the radio, for 0.4 % of the capacity.
const LINES_PER_RESERVED: usize = 256;
