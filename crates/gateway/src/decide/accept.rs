//! Admission, cancellation and operator control.

use std::time::Duration;

use crate::book::Book;
use crate::capacity::Capacity;
use crate::exchange::{Answer, Effect, Refusal, Request};
use crate::floor::Floor;
use crate::hours;
use crate::record::{Control, EndReason, Message, Record, Target};
use crate::settings::Settings;
use crate::store::{KnownKey, KnownMessage};
use crate::words::{Class, MessageId, MessageState, Now, ReplyTo, UnixMs};

use super::Draft;

/// What the turn knows when it asks whether a message may come in.
pub(crate) struct Admission<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) book: &'a Book,
    pub(crate) floor: &'a Floor,
    /// What is known of the request's key.
    pub(crate) known: Option<KnownKey>,
    /// What the fleet can do, if there is a reason to ask: the queue is full, or a code finds no free SIM.
    pub(crate) capacity: Option<Capacity>,
    /// When the first SIM may send again, if all have used up their budgets.
    pub(crate) refill: Option<UnixMs>,
    /// Why a guard does not let it in.
    pub(crate) guarded: Option<Refusal>,
}

/// Takes a message in, or says why not.
pub(crate) fn accept(with: &Admission<'_>, now: Now, reply: ReplyTo, request: Request) -> Draft {
    if let Some(known) = with.known.map(|known| current(with.book, known)) {
        return Draft::effect(Effect::Reply {
            to: reply,
            answer: repeated(&known, request.digest),
        });
    }
    let refusal = no_room(with, request.class)
        .or_else(|| with.guarded.clone())
        .or_else(|| out_of_time(with.settings, now, &request))
        .or_else(|| too_late(with, now, &request));
    if let Some(refusal) = refusal {
        return Draft::effect(Effect::Reply {
            to: reply,
            answer: Err(refusal),
        });
    }
    let (_, expires) = request.span(now.wall);
    let answer = Answer::Accepted {
        id: request.id,
        state: MessageState::Queued,
        parts: request.parts,
        form: request.form,
        repeated: false,
    };
    let message = Message {
        id: request.id,
        to: request.to,
        text: request.text,
        class: request.class,
        key: request.key,
        digest: request.digest,
        app: request.app,
        route: request.route,
        report: request.report,
        in_doubt: request.in_doubt,
        form: request.form,
        parts: request.parts,
        flash: request.flash,
        replace: request.replace,
        expires,
        send_at: request.send_at,
    };
    Draft {
        records: vec![Record::Accepted(Box::new(message))],
        effects: vec![Effect::Reply {
            to: reply,
            answer: Ok(answer),
        }],
    }
}

/// Takes a message back if nothing of it can be on the air.
pub(crate) fn cancel(
    book: &Book,
    known: Option<KnownMessage>,
    reply: ReplyTo,
    id: MessageId,
) -> Draft {
    let refuse = |refusal| {
        Draft::effect(Effect::Reply {
            to: reply,
            answer: Err(refusal),
        })
    };
    let Some(KnownMessage { seq, state }) = known else {
        return refuse(Refusal::NotFound);
    };
    let Some(live) = book.message(seq) else {
        return refuse(Refusal::TooLate(state));
    };
    if live.state != MessageState::Queued || book.is_on_air(live) {
        return refuse(Refusal::TooLate(live.state));
    }
    let ended = Record::Ended {
        message: seq,
        state: MessageState::Cancelled,
        reason: EndReason::Cancelled,
    };
    Draft {
        records: vec![ended],
        effects: vec![Effect::Reply {
            to: reply,
            answer: Ok(Answer::Cancelled { id }),
        }],
    }
}

/// Notes what an operator wants of a line or SIM.
pub(crate) fn control(
    book: &Book,
    floor: &Floor,
    reply: ReplyTo,
    target: Target,
    control: Control,
    reason: Option<Box<str>>,
) -> Draft {
    let line = floor.line_of(book, &target);
    let is_known = match &target {
        Target::Line(_) => line.is_some(),
        Target::Sim(iccid) => book.sim_by_iccid(iccid).is_some(),
    };
    if !is_known {
        return Draft::effect(Effect::Reply {
            to: reply,
            answer: Err(Refusal::UnknownTarget),
        });
    }
    let mut effects = vec![Effect::Reply {
        to: reply,
        answer: Ok(Answer::Controlled),
    }];
    if let (Control::Draining, Some(line)) = (control, line) {
        effects.push(Effect::Recall { line });
    }
    Draft {
        records: vec![Record::Controlled {
            target,
            control,
            reason,
        }],
        effects,
    }
}

/// The store says where a message stood at the last commit; the book, where it stands now.
fn current(book: &Book, known: KnownKey) -> KnownKey {
    let state = book
        .message(known.seq)
        .map_or(known.state, |live| live.state);
    KnownKey { state, ..known }
}

fn repeated(known: &KnownKey, digest: u64) -> Result<Answer, Refusal> {
    if known.digest != digest {
        return Err(Refusal::KeyConflict);
    }
    Ok(Answer::Accepted {
        id: known.id,
        state: known.state,
        parts: known.parts,
        form: known.form,
        repeated: true,
    })
}

fn no_room(with: &Admission<'_>, class: Class) -> Option<Refusal> {
    let queued = usize::try_from(with.book.unsent()).unwrap_or(usize::MAX);
    if with.floor.stopping {
        Some(Refusal::Draining)
    } else if with.floor.disk_low {
        Some(Refusal::DiskFull)
    } else if queued >= with.settings.queued_max(class) {
        Some(Refusal::QueueFull {
            queued,
            retry_after_s: room_in_s(with),
        })
    } else {
        None
    }
}

/// When a full queue has room for a batch, at the rate the fleet can send.
fn room_in_s(with: &Admission<'_>) -> u32 {
    let target = with.settings.target_per_minute;
    let rate = with
        .capacity
        .map(|capacity| capacity.throughput_per_minute(target))
        .filter(|rate| *rate > 0.0);
    rate.map_or(RETRY_AFTER_MAX_S, |rate| {
        seconds(f64::from(ROOM_PARTS) / rate * 60.0)
    })
}

/// Why no moment of a message's life is one to send it in.
fn out_of_time(settings: &Settings, now: Now, request: &Request) -> Option<Refusal> {
    let (begins, expires) = request.span(now.wall);
    let (ahead, ahead_max) = (begins.since(now.wall), settings.schedule_max);
    if ahead > ahead_max {
        return Some(Refusal::ScheduledTooFar { ahead, ahead_max });
    }
    if request.send_at.is_some() && expires <= now.wall {
        return Some(Refusal::DeadlinePassed { expires });
    }
    let class = request.class;
    let window = settings.class(class).window?;
    let clocks = settings.zones.clocks(settings.zones.of(&request.to.text()));
    let opens = hours::next_opening(&window, clocks, begins);
    let in_time = opens.is_some_and(|opens| opens < expires);
    (!in_time).then_some(Refusal::OutsideSendWindow { class, opens })
}

/// Why a code can't start before its deadline. Where a SIM may come back at any moment nobody can say so.
fn too_late(with: &Admission<'_>, now: Now, request: &Request) -> Option<Refusal> {
    let capacity = with.capacity.filter(|_| request.class == Class::Otp)?;
    let wait = if capacity.achievable_per_minute > 0.0 {
        let ahead = with.book.lanes().len(Class::Otp) as f64;
        Duration::try_from_secs_f64(ahead / capacity.achievable_per_minute * 60.0).ok()?
    } else {
        with.refill?.since(now.wall)
    };
    let (_, expires) = request.span(now.wall);
    let late = wait.checked_sub(expires.since(now.wall))?;
    Some(Refusal::DeadlineUnreachable {
        wait_s: seconds(wait.as_secs_f64()),
        retry_after_s: seconds(late.as_secs_f64()),
    })
}

/// Whole seconds for people and `Retry-After`, within bounds.
fn seconds(wait: f64) -> u32 {
    let longest = f64::from(RETRY_AFTER_MAX_S);
    wait.ceil().min(longest).max(1.0) as u32
}

/// Parts that make room for a batch of an app.
const ROOM_PARTS: u32 = 64;
/// Nobody is told to stay away for longer: an operator may have helped by then.
const RETRY_AFTER_MAX_S: u32 = 3600;
