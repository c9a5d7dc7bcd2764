//! The suppression list: recipients that nothing is sent to, until they are taken off it.

use sms::Address;

use super::Draft;
use crate::book::Book;
use crate::exchange::{Answer, Effect, Refusal, SUPPRESSED_MAX};
use crate::record::Record;
use crate::words::ReplyTo;

/// Puts a recipient on the list or takes it off; a second time nothing changes but the reason.
pub(crate) fn suppress(
    book: &Book,
    reply: ReplyTo,
    recipient: Address,
    suppressed: bool,
    reason: Option<Box<str>>,
) -> Draft {
    let is_listed = book.is_suppressed(&recipient.text());
    let refusal = match (suppressed, is_listed) {
        (true, false) if book.suppressed() >= SUPPRESSED_MAX => Some(Refusal::SuppressionsFull),
        (false, false) => Some(Refusal::NotSuppressed),
        (true, _) | (false, true) => None,
    };
    if let Some(refusal) = refusal {
        return Draft::effect(Effect::Reply {
            to: reply,
            answer: Err(refusal),
        });
    }
    Draft {
        records: vec![Record::Suppressed {
            recipient,
            suppressed,
            reason,
        }],
        effects: vec![Effect::Reply {
            to: reply,
            answer: Ok(Answer::Controlled),
        }],
    }
}
