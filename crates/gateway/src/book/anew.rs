//! When a long message begins anew.
//!
//! ```text
//!  part 1 sent ─ part 2 refused, its SIM is gone ──────── patience is over: the set is given up
//!  └─ one reference, one SIM ─┘                           └─ a new reference, any SIM: parts 1, 2, 3
//! ```
//!
//! A phone shows a long message when it has all its parts under one reference. While one of them was certainly never sent,
//! the set can't become a whole but by its own SIM, so another set shows once and no doubt matters. A set is given up when
//! its SIM has not taken the next part for a while: networks and phones throw away what they have of it, too. Of a SIM that
//! is in quarantine for longer than that, it does not wait for the end of the while (`decide::forsaken`). A SIM that was
//! unplugged or pulled may be back in a moment, in any line: its messages wait.

use std::time::Duration;

use super::{Book, Live};
use crate::words::UnixMs;

impl Book {
    /// When a message gives up the parts that it has sent, and begins anew; `None`: never, as it stands.
    pub(super) fn anew_at(&self, live: &Live) -> Option<UnixMs> {
        if live.anews >= ANEWS_MAX || live.has_open() {
            return None;
        }
        let is_tried = |part| self.attempts_of(live).any(|(_, tried)| tried.part == part);
        if (1..=live.message.parts).all(is_tried) {
            return None;
        }
        let landed = self
            .attempts_of(live)
            .filter_map(|(_, attempt)| attempt.landed);
        let anew_at = landed.max()?.plus(patience(live));
        (anew_at < live.message.expires).then_some(anew_at)
    }
}

/// How long a set waits for its SIM: the shorter a message lives, the less.
fn patience(live: &Live) -> Duration {
    let life = live.message.expires.since(live.since);
    (life / PATIENCE_SHARE).min(PATIENCE_MAX)
}

/// Of a message's life: a code of five minutes waits 19 s.
const PATIENCE_SHARE: u32 = 16;
/// There are networks that have thrown the first part away when the next one comes ten minutes later.
const PATIENCE_MAX: Duration = Duration::from_secs(5 * 60);
/// Sets that are given up: a message that three SIMs can't finish is not worth a fourth.
const ANEWS_MAX: u8 = 2;
