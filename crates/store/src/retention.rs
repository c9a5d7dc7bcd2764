//! What is kept for how long: the decisions, without a clock and without a file.
//!
//! ```text
//!  accepted ────► ended ───► text erased ───► events gone ───► message gone
//!                       erase_text_after      events           messages
//!                 ◄───── never before ─────►                   (an idempotency key: not before 7 days)
//! ```
//!
//! A message that has not ended is never touched. Events that a webhook has not got yet are never deleted, however old
//! they are and however full the store is.

use std::time::Duration;

use gateway::{Class, UnixMs};

/// What an operator wants to be kept. The default keeps everything for ever.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Retention {
    /// How long a message is kept after its end, with all that is about it.
    pub messages: Option<Duration>,
    /// How long after a message's end it is kept what happened to it: attempts, reports, events.
    pub events: Option<Duration>,
    /// How long a report that fitted no attempt is kept after it was settled.
    pub reports: Option<Duration>,
    /// Above this the oldest ended messages are deleted early, in octets of the database file.
    pub octets_max: Option<u64>,
    /// How long after a message's end its text is kept, by [`Class::index`]; zero: not at all.
    pub erase_text_after: [Option<Duration>; 3],
    /// Whether the last digits of the recipient are erased with the text.
    pub erase_recipients: bool,
}

/// What is due at a time: everything that ended or was settled until then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Due {
    pub(crate) messages: Option<UnixMs>,
    pub(crate) events: Option<UnixMs>,
    pub(crate) reports: Option<UnixMs>,
    /// By [`Class::index`].
    pub(crate) texts: [Option<UnixMs>; 3],
}

/// How large the database file is, in pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) pages: u64,
    /// Of these, without content: they are used again before the file grows.
    pub(crate) free: u64,
    pub(crate) page_octets: u64,
}

impl Retention {
    pub(crate) fn due(&self, now: UnixMs) -> Due {
        let until = |kept: Option<Duration>| kept.map(|kept| before(now, kept));
        Due {
            messages: until(self.messages),
            events: until(self.events),
            reports: until(self.reports),
            texts: self.erase_text_after.map(until),
        }
    }

    /// Whether ended messages have to go before their time.
    pub(crate) fn is_excessive(&self, size: Size) -> bool {
        self.octets_max.is_some_and(|max| size.used_octets() > max)
    }
}

impl Due {
    pub(crate) fn text(&self, class: Class) -> Option<UnixMs> {
        self.texts[class.index()]
    }
}

impl Size {
    /// Octets with content.
    pub(crate) fn used_octets(self) -> u64 {
        self.pages.saturating_sub(self.free) * self.page_octets
    }

    /// Whether so much of the file is empty that it is given back to the disk. New content takes what is below that, at no
    /// cost.
    pub(crate) fn is_slack(self) -> bool {
        self.free > (self.pages / FREE_SHARE).max(FREE_PAGES_MIN)
    }
}

fn before(now: UnixMs, kept: Duration) -> UnixMs {
    let kept = i64::try_from(kept.as_millis()).unwrap_or(i64::MAX);
    UnixMs(now.0.saturating_sub(kept))
}

/// A file of which more than a quarter is empty is made smaller.
const FREE_SHARE: u64 = 4;
/// Less than 16 MiB of empty pages are never worth the work.
const FREE_PAGES_MIN: u64 = 4 << 10;
