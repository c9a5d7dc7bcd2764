//! Which message goes next, and to which SIM.
//!
//! The order: parts that continue a message on its SIM; then codes, the earliest deadline first; then notifications before
//! bulk, where bulk gets its share of what codes leave, and within both each app gets its share. A code starts at once;
//! everything else keeps the fleet's pace, and leaves a few SIMs free while codes come in, so that a code finds one without
//! waiting for the radio.

use std::time::{Duration, Instant};

use modem::{Submission, Ticket};
use sms::{DataCoding, MessageClass, Submit, Validity};

use crate::book::{AppIdx, Book, Brief, Head, Live, RouteIdx, SimIdx};
use crate::floor::Floor;
use crate::rotation::{self, Candidate};
use crate::settings::Settings;
use crate::words::{Class, MessageSeq, Now, Rotation, UnixMs};

/// A message and the SIM that takes its next part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pick {
    pub(crate) message: MessageSeq,
    pub(crate) sim: SimIdx,
}

/// Routes that found no SIM. Within a turn SIMs are only taken, so it is not asked again.
#[derive(Clone, Debug, Default)]
pub(crate) struct Busy {
    for_codes: Vec<RouteIdx>,
    for_others: Vec<RouteIdx>,
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
        let message = book.bound_on(sim).find(|seq| is_in_time(book, *seq, now))?;
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
    let mut pick_for = |head: Head, class| {
        let route = floor.serving(head.route);
        if busy.of(class).contains(&route) || !is_in_time(book, head.message, now) {
            return None;
        }
        let Some(sim) = choose(settings, floor, now, class, route) else {
            busy.of(class).push(route);
            return None;
        };
        let message = head.message;
        Some(Pick { message, sim })
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
                heads.into_iter().find_map(|head| pick_for(head, class))
            })
    })
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

/// The part as the modem gets it. Its encoding was checked at admission.
pub(crate) fn submission(
    message: &Brief,
    text: &str,
    part: u8,
    reference: u8,
    session: modem::Session,
    ticket: Ticket,
    now: UnixMs,
) -> Submission {
    let mut parts = sms::segment(text, message.encoding.into(), reference)
        .expect("admission has measured the text");
    let user_data = parts.swap_remove(usize::from(part) - 1);
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
    if live.bound == Some(sim) && book.is_on_air(live) {
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
    pace.or(reserve.map(|at| (at, "the reserve for codes ends")))
}

/// The SIM that serves a message of a class on a route now, if there is one.
pub(crate) fn choose(
    settings: &Settings,
    floor: &Floor,
    now: Now,
    class: Class,
    route: RouteIdx,
) -> Option<SimIdx> {
    if class != Class::Otp && floor.idle.len() <= reserve(settings, floor, now.mono) {
        return None;
    }
    let declared = settings.routes.get(usize::from(route.0));
    let rotation = declared.map_or(Rotation::Headroom, |route| route.rotation);
    let candidates = floor.idle.iter().filter_map(|&sim| {
        let volatile = floor.sim(sim).filter(|sim| sim.serves(route))?;
        Some(Candidate {
            sim,
            headroom: volatile.headroom,
            last_start: volatile.last_start,
            busy: !volatile.in_flight.is_empty(),
        })
    });
    rotation::choose(rotation, candidates)
}

/// SIMs that stay free for codes: none unless codes come in.
fn reserve(settings: &Settings, floor: &Floor, now: Instant) -> usize {
    let codes_come = floor
        .otp_seen
        .is_some_and(|seen| now.saturating_duration_since(seen) < RESERVE_FOR);
    if !codes_come {
        return 0;
    }
    let lines = floor.lines.len();
    // However much is asked for, half of a small fleet still serves the rest.
    settings
        .otp_reserve
        .unwrap_or(lines / LINES_PER_RESERVED)
        .min(lines / 2)
}

/// How long after a code SIMs are kept free for the next.
const RESERVE_FOR: Duration = Duration::from_secs(60);
/// At 512 lines and 5.65 s a part two free SIMs keep codes from waiting for the radio, for 0.4 % of the capacity.
const LINES_PER_RESERVED: usize = 256;
