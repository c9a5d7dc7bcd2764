//! Which message goes next, and to which SIM.
//!
//! The order: parts that continue a message on its SIM; then codes; then notifications before bulk, where bulk gets one
//! pick in [`BULK_SHARE`] that codes leave. A code starts at once; everything else keeps the fleet's pace, and leaves a
//! few SIMs free while codes come in, so that a code finds one without waiting for the radio.

use std::time::{Duration, Instant};

use modem::{Submission, Ticket};
use sms::{Submit, Validity};

use crate::book::{Book, Brief, Live, RouteIdx, SimIdx};
use crate::budget;
use crate::floor::Floor;
use crate::rotation::{self, Candidate};
use crate::routes;
use crate::settings::Settings;
use crate::words::{Class, MessageSeq, Now, Rotation, UnixMs};

/// A message and the SIM that takes its next part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pick {
    pub(crate) message: MessageSeq,
    pub(crate) sim: SimIdx,
    /// Whether it was a pick in which bulk waited and was passed over.
    pub(crate) passes_bulk_over: bool,
}

/// The next part to start, if there is one and a SIM for it.
pub(crate) fn next_pick(settings: &Settings, book: &Book, floor: &Floor, now: Now) -> Option<Pick> {
    if floor.stopping || floor.idle.is_empty() {
        return None;
    }
    // A turn ends only so many overdue messages; those it has left are not started any more.
    let in_time = |seq: &MessageSeq| {
        book.message(*seq)
            .is_some_and(|live| live.message.expires > now.wall)
    };
    if let Some(pick) = continued(book, floor).filter(|pick| in_time(&pick.message)) {
        return Some(pick);
    }
    order(book, floor).into_iter().find_map(|class| {
        if class != Class::Otp && !floor.pace.is_open(now.mono) {
            return None;
        }
        let mut heads: Vec<(i64, MessageSeq, RouteIdx)> = book
            .heads(class)
            .filter(|(_, seq, _)| in_time(seq))
            .map(|(route, seq, order)| (order, seq, route))
            .collect();
        heads.sort_unstable();
        heads.into_iter().find_map(|(_, message, route)| {
            let serving =
                routes::serving(&settings.routes, &floor.dry_routes, usize::from(route.0));
            let serving = RouteIdx(u16::try_from(serving).unwrap_or(route.0));
            let sim = choose(settings, book, floor, now, class, serving)?;
            let passes_bulk_over = class == Class::Notification && book.waiting(Class::Bulk) > 0;
            Some(Pick {
                message,
                sim,
                passes_bulk_over,
            })
        })
    })
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
    let minutes = message.expires.since(now).as_secs().div_ceil(60);
    let submit = Submit {
        report: message.report,
        validity: Some(Validity::at_least_minutes(
            u32::try_from(minutes).unwrap_or(u32::MAX),
        )),
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
    if floor.stopping || floor.idle.is_empty() || !book.has_ready() {
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

/// A message whose earlier parts went through an idle SIM: its parts stay next to each other.
fn continued(book: &Book, floor: &Floor) -> Option<Pick> {
    if !book.has_bound() {
        return None;
    }
    let mut picks = floor
        .idle
        .iter()
        .filter_map(|sim| Some((book.bound_on(*sim)?, *sim)));
    picks.next().map(|(message, sim)| Pick {
        message,
        sim,
        passes_bulk_over: false,
    })
}

fn order(book: &Book, floor: &Floor) -> [Class; 3] {
    if floor.bulk_passed_over + 1 >= BULK_SHARE && book.waiting(Class::Bulk) > 0 {
        [Class::Otp, Class::Bulk, Class::Notification]
    } else {
        Class::ALL
    }
}

/// The SIM that serves a message of a class on a route now, if there is one.
pub(crate) fn choose(
    settings: &Settings,
    book: &Book,
    floor: &Floor,
    now: Now,
    class: Class,
    route: RouteIdx,
) -> Option<SimIdx> {
    if class != Class::Otp && floor.idle.len() <= reserve(settings, floor, now.mono) {
        return None;
    }
    let route = settings.routes.get(usize::from(route.0));
    let rotation = route.map_or(Rotation::Headroom, |route| route.rotation);
    let candidates = floor.idle.iter().filter_map(|&sim| {
        let known = book.sim(sim);
        let declared = settings.sim(&known.iccid);
        let volatile = floor.sim(sim)?;
        let imsi = volatile.imsi.as_deref();
        if route.is_some_and(|route| !route.sims.fits(&known.iccid, declared, imsi)) {
            return None;
        }
        Some(Candidate {
            sim,
            headroom: match rotation {
                Rotation::Headroom => budget::headroom(&declared.budget, &known.usage, now.wall),
                Rotation::RoundRobin => 0,
            },
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

/// Of so many picks that codes leave, bulk gets one even while notifications wait.
const BULK_SHARE: u32 = 20;
/// How long after a code SIMs are kept free for the next.
const RESERVE_FOR: Duration = Duration::from_secs(60);
/// At 512 lines and 5.65 s a part two free SIMs keep codes from waiting for the radio, for 0.4 % of the capacity.
const LINES_PER_RESERVED: usize = 256;
