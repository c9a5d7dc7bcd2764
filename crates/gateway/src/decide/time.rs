//! What follows from a deadline.

use crate::book::Book;
use crate::record::{EndReason, Record, Requeue};
use crate::words::{MessageSeq, MessageState, UnixMs};

/// What a message comes to whose time has come: it begins anew, or its deadline has passed.
pub(crate) fn overdue(book: &Book, now: UnixMs, message: MessageSeq) -> Option<Record> {
    let live = book.message(message)?;
    if live.anew_at.is_some() && now < live.message.expires {
        return Some(Record::Requeued {
            message,
            not_before: now,
            why: Requeue::Anew,
        });
    }
    let (state, reason) = match live.state {
        MessageState::Queued | MessageState::Sending if book.is_in_doubt(live) => {
            (MessageState::Unconfirmed, EndReason::Deadline)
        }
        MessageState::Queued | MessageState::Sending if book.is_on_air(live) => {
            (MessageState::Failed, EndReason::Incomplete)
        }
        MessageState::Queued | MessageState::Sending => {
            (MessageState::Expired, EndReason::Deadline)
        }
        MessageState::InDoubt | MessageState::Sent => {
            (MessageState::Unconfirmed, EndReason::Deadline)
        }
        MessageState::Delivered
        | MessageState::Undelivered
        | MessageState::Unconfirmed
        | MessageState::Expired
        | MessageState::Cancelled
        | MessageState::Failed => return None,
    };
    Some(Record::Ended {
        message,
        state,
        reason,
    })
}

/// The new beginning of a message whose SIM is taken out for longer than the message would wait for it, if that is before its
/// deadline.
pub(crate) fn forsaken(book: &Book, message: MessageSeq, not_before: UnixMs) -> Option<Record> {
    let live = book.message(message)?;
    let patience_ends = live.anew_at?;
    let quarantine = book.sim(live.bound?).quarantine?;
    let is_in_time = not_before < live.message.expires;
    (is_in_time && quarantine.until > patience_ends).then_some(Record::Requeued {
        message,
        not_before,
        why: Requeue::Anew,
    })
}

/// The oldest kept report, if it is to be given up.
pub(crate) fn stale_report(book: &Book, now: UnixMs) -> Option<Record> {
    let (kept, report) = book.kept().next()?;
    let is_stale = now.since(report.since) >= KEPT_MAX_AGE || book.kept_len() > KEPT_MAX;
    is_stale.then_some(Record::ReportDropped { kept })
}

/// A report that no attempt has claimed by then belongs to nothing that this store knows.
const KEPT_MAX_AGE: std::time::Duration = std::time::Duration::from_secs(72 * 3600);
/// Kept reports that are held at a time: a SIM that was used elsewhere may bring thousands.
const KEPT_MAX: usize = 10_000;
