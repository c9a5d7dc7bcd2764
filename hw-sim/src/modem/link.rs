//! The radio link that `+CMMS` keeps between one message and the next (3GPP TS 27.005 §3.5.6).
//!
//! The modem keeps or gives up; how much radio time a kept link saves is the network's business.

use std::time::{Duration, Instant};

use super::SimModem;
use super::timers::Timer;

impl SimModem {
    /// A submission has ended: with `+CMMS` the link stays for the next one, for a while.
    pub(super) fn keep_link(&mut self, now: Instant) {
        let is_kept = self.indications.more_messages > 0;
        self.timers
            .set(Timer::Link, is_kept.then(|| now + LINK_TIME));
    }

    /// A submission begins: whether a link is there for it.
    pub(super) fn takes_link(&mut self) -> bool {
        let is_kept = self.timers.is_set(Timer::Link);
        self.timers.set(Timer::Link, None);
        is_kept && self.indications.more_messages > 0
    }

    /// Nothing followed in time: `+CMMS: 1` falls back to 0, and 2 stays for the next message.
    pub(super) fn give_link_up(&mut self) {
        if self.indications.more_messages == 1 {
            self.indications.more_messages = 0;
        }
    }
}

/// How long a link waits for the next message: 1 to 5 s are allowed.
const LINK_TIME: Duration = Duration::from_secs(5);
