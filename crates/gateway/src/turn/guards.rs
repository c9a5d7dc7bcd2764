//! Guards at work: who is not sent to, and what is too much.

use std::time::Duration;

use sms::Address;

use super::{Gateway, Turn};
use crate::exchange::Refusal;
use crate::limits::{self, Handed};
use crate::record::{EndReason, Message, Record};
use crate::store::Store;
use crate::words::{Class, MessageSeq, MessageState, Now, UnixMs};

impl Gateway {
    /// Why a message is not accepted, whatever room there is.
    pub(super) fn guarded(
        &self,
        now: Now,
        to: &Address,
        class: Class,
        app: Option<&str>,
    ) -> Option<Refusal> {
        if self.book.is_suppressed(&to.text()) {
            return Some(Refusal::Suppressed);
        }
        if self.settings.limits.is_empty() {
            return None;
        }
        let handed = Handed {
            to: to.clone(),
            class,
            app: app.map(Into::into),
            at: now.wall,
        };
        let reached = self.windows.reached(&self.settings.limits, &handed)?;
        let left = reached.until.since(now.wall);
        Some(Refusal::RateLimited {
            limit: reached.limit.name.clone(),
            retry_after_s: u32::try_from(left.as_millis().div_ceil(1000)).unwrap_or(u32::MAX),
        })
    }

    /// Counts a message that is accepted.
    pub(super) fn count(&mut self, now: Now, message: &Message) {
        let handed = Handed {
            to: message.to.clone(),
            class: message.class,
            app: message.app.clone(),
            at: now.wall,
        };
        self.windows.count(&self.settings.limits, &handed);
    }

    /// Counts again what was accepted before a restart.
    pub(super) fn recount<S: Store>(&mut self, now: Now, store: &mut S) -> Result<(), S::Error> {
        let Some(longest) = limits::longest(&self.settings) else {
            return Ok(());
        };
        let (windows, settings) = (&mut self.windows, &self.settings);
        store.accepted_since(before(now, longest), &mut |handed| {
            windows.count(&settings.limits, &handed);
        })
    }

    /// Why a message that waits is not begun any more.
    pub(super) fn barred(&self, message: MessageSeq) -> Option<EndReason> {
        let live = self.book.message(message)?;
        let is_open = self.settings.recipients.is_open() && self.book.suppressed() == 0;
        if is_open || self.book.is_begun(live) {
            return None;
        }
        let to = live.message.to.address().text();
        if self.book.is_suppressed(&to) {
            return Some(EndReason::Suppressed);
        }
        let against = self.settings.recipients.against(&to);
        against.map(|_| EndReason::Policy)
    }

    /// Ends a message that is not to be begun.
    pub(super) fn bar(&mut self, now: Now, message: MessageSeq, reason: EndReason, out: &mut Turn) {
        let ended = Record::Ended {
            message,
            state: MessageState::Failed,
            reason,
        };
        self.emit(now, ended, out);
    }
}

fn before(now: Now, ago: Duration) -> UnixMs {
    let ago_ms = i64::try_from(ago.as_millis()).unwrap_or(i64::MAX);
    UnixMs(now.wall.0.saturating_sub(ago_ms))
}
