//! What one commit writes: a row of each record, and each row that records change once, however many they are.

use std::collections::BTreeMap;

use gateway::{Entry, MessageSeq, MessageState, Record};
use rusqlite::Connection;

use crate::error::Fault;
use crate::rows::absolute::Latest;
use crate::rows::kept::{self, Kept};
use crate::rows::message::{self, Change};
use crate::rows::{health, pin, recipient, record, suppression, warning};

/// What a commit changes besides adding rows: each row once, however many records are about it.
#[derive(Default)]
pub(crate) struct Changes<'e> {
    messages: BTreeMap<MessageSeq, Change>,
    latest: Latest<'e>,
}

impl<'e> Changes<'e> {
    /// Adds the rows of an entry and notes what else it changes.
    pub(crate) fn add(&mut self, connection: &Connection, entry: &'e Entry) -> Result<(), Fault> {
        match &entry.record {
            Record::Accepted(message) => {
                check_accepted(entry);
                message::insert(connection, entry, message)
            }
            Record::Started { message, .. }
            | Record::Finished { message, .. }
            | Record::Returned { message, .. }
            | Record::Resolved { message, .. }
            | Record::Requeued { message, .. } => self.add_about(connection, entry, *message),
            Record::Reported { message, kept, .. } => {
                if let Some(kept) = kept {
                    kept::settle(connection, *kept, entry)?;
                }
                self.add_about(connection, entry, *message)
            }
            Record::Ended { message, state, .. } => {
                check_ended(entry, *state);
                self.add_about(connection, entry, *message)
            }
            Record::ReportKept {
                sim,
                mr,
                recipient,
                report,
            } => kept::insert(
                connection,
                entry,
                &Kept {
                    sim,
                    mr: *mr,
                    recipient,
                    report,
                },
            ),
            Record::ReportDropped { kept } => kept::settle(connection, *kept, entry),
            Record::SimUsed { .. } | Record::Controlled { .. } | Record::Counted(_) => {
                self.latest.add(entry);
                Ok(())
            }
            Record::PinTried {
                sim,
                line,
                fingerprint,
            } => pin::insert(connection, entry, sim, line, *fingerprint),
            Record::Suppressed {
                recipient,
                suppressed,
                reason,
            } => suppression::write(connection, entry, recipient, *suppressed, reason.as_deref()),
            Record::RecipientUsed { sim, mark, parts } => {
                recipient::write(connection, entry, sim, *mark, *parts)
            }
            Record::RecipientsForgotten { sim } => recipient::forget(connection, sim),
            Record::BudgetWarned { sim, warning: of } => warning::write(connection, entry, sim, of),
            Record::Quarantined { sim, quarantine } => {
                health::write_quarantine(connection, entry, sim, quarantine.as_ref())
            }
            Record::BreakerMoved { breaker, trip } => {
                health::write_breaker(connection, entry, breaker, trip.as_ref())
            }
            Record::HubReset { hub, in_vain } => {
                health::add_reset(connection, entry, hub, *in_vain)
            }
        }
    }

    /// Adds a record about a message and notes where the message stands after it.
    fn add_about(
        &mut self,
        connection: &Connection,
        entry: &Entry,
        about: MessageSeq,
    ) -> Result<(), Fault> {
        record::insert(connection, entry, about)?;
        let Some(standing) = entry.standing else {
            return Ok(());
        };
        assert!(
            standing.message == about,
            "record {} is about one message",
            entry.seq
        );
        let ended = standing.ended.then_some(entry.at);
        let reason = if let Record::Ended { reason, .. } = &entry.record {
            Some(*reason)
        } else {
            None
        };
        let change = self.messages.entry(about).or_insert(Change {
            state: standing.state,
            ended,
            reason,
        });
        change.state = standing.state;
        change.ended = change.ended.or(ended);
        change.reason = change.reason.or(reason);
        Ok(())
    }

    pub(crate) fn write(&self, connection: &Connection) -> Result<(), Fault> {
        for (about, change) in &self.messages {
            message::update(connection, about.0.cast_signed(), change)?;
        }
        self.latest.write(connection)
    }
}

/// The row of a message has no place for another first standing than this one.
fn check_accepted(entry: &Entry) {
    let fits = entry.standing.is_some_and(|standing| {
        standing.message.0 == entry.seq && standing.state == MessageState::Queued && !standing.ended
    });
    assert!(fits, "message {} begins as queued", entry.seq);
}

fn check_ended(entry: &Entry, state: MessageState) {
    let fits = entry
        .standing
        .is_some_and(|standing| standing.state == state);
    assert!(
        fits,
        "record {} ends its message in the state it says",
        entry.seq
    );
}
