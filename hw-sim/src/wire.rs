//! The bytes between a modem and its host, and what can happen to them on the way.
//!
//! ```text
//!   modem ─► mute? ─► garbled? ─► cut? ─► late? ─► host        host ─► mute? ─► modem
//!                      flood of lines ──┘
//! ```
//!
//! A calm wire costs one comparison. What the bytes mean is not known here.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::rng::{Rng, Stream};

/// One wire.
#[derive(Debug)]
pub(crate) struct Wire {
    rng: Rng,
    mute_until: Option<Instant>,
    /// Until when bytes are late, and by how much.
    lag: Option<(Instant, Duration)>,
    /// Until when each piece may lose its end, and how probable that is.
    cut: Option<(Instant, f64)>,
    /// Until when bytes change, and how probable that is for each.
    garble: Option<(Instant, f64)>,
    flood: Option<Flood>,
    /// Bytes on their way, in order.
    late: VecDeque<(Instant, Vec<u8>)>,
}

/// Lines nobody asked for, one after another.
#[derive(Debug, Clone, Copy)]
struct Flood {
    until: Instant,
    every: Duration,
    next: Instant,
}

impl Wire {
    pub(crate) fn new(seed: u64, line: usize) -> Wire {
        Wire {
            rng: Rng::keyed(seed, Stream::Wire, line, 0),
            mute_until: None,
            lag: None,
            cut: None,
            garble: None,
            flood: None,
            late: VecDeque::new(),
        }
    }

    pub(crate) fn mute(&mut self, until: Instant) {
        self.mute_until = self.mute_until.max(Some(until));
    }

    pub(crate) fn is_mute(&self, now: Instant) -> bool {
        self.mute_until.is_some_and(|until| now < until)
    }

    pub(crate) fn delay(&mut self, until: Instant, by: Duration) {
        self.lag = Some((until, by));
    }

    pub(crate) fn cut(&mut self, until: Instant, rate: f64) {
        self.cut = Some((until, rate));
    }

    pub(crate) fn garble(&mut self, until: Instant, rate: f64) {
        self.garble = Some((until, rate));
    }

    pub(crate) fn flood(&mut self, now: Instant, until: Instant, every: Duration) {
        self.flood = Some(Flood {
            until,
            every: every.max(FLOOD_INTERVAL_MIN),
            next: now,
        });
    }

    /// The host is gone, or the port: what was on its way is lost.
    pub(crate) fn drop_late(&mut self) {
        self.late.clear();
    }

    /// Whether what the host writes arrives.
    pub(crate) fn takes(&mut self, now: Instant) -> bool {
        !is_on(&mut self.mute_until, now, |until| *until)
    }

    /// Whether bytes may pass as they are, without [`Wire::carry`].
    pub(crate) fn is_calm(&self) -> bool {
        self.mute_until.is_none()
            && self.lag.is_none()
            && self.cut.is_none()
            && self.garble.is_none()
            && self.late.is_empty()
    }

    /// Takes what the modem says; what arrives at once goes to `host`.
    pub(crate) fn carry(&mut self, now: Instant, said: &mut Vec<u8>, host: &mut Vec<u8>) {
        if !self.takes(now) {
            said.clear();
        }
        if is_on(&mut self.garble, now, |(until, _)| *until) {
            self.garble_bytes(said);
        }
        if let Some((_, rate)) = current(&mut self.cut, now, |(until, _)| *until)
            && self.rng.chance(rate)
        {
            let kept = self.rng.below(said.len());
            said.truncate(kept);
        }
        let by =
            current(&mut self.lag, now, |(until, _)| *until).map_or(Duration::ZERO, |(_, by)| by);
        // Bytes never overtake each other.
        let at = self.late.back().map_or(now, |(at, _)| *at).max(now + by);
        if at <= now {
            host.append(said);
        } else if !said.is_empty() && self.late.len() < LATE_PIECES_MAX {
            self.late.push_back((at, std::mem::take(said)));
        }
        said.clear();
    }

    /// When something arrives by itself.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        let late = self.late.front().map(|(at, _)| *at);
        let flood = self.flood.map(|flood| flood.next);
        late.into_iter().chain(flood).min()
    }

    /// What arrives by itself until `now`.
    pub(crate) fn arrive(&mut self, now: Instant, host: &mut Vec<u8>) {
        while self.late.front().is_some_and(|(at, _)| *at <= now) {
            if let Some((_, mut bytes)) = self.late.pop_front() {
                host.append(&mut bytes);
            }
        }
        if let Some(flood) = &mut self.flood
            && flood.next <= now
        {
            let signal = 5 + self.rng.below(25);
            host.extend_from_slice(format!("\r\n^RSSI: {signal}\r\n").as_bytes());
            flood.next = now + flood.every;
            if flood.next > flood.until {
                self.flood = None;
            }
        }
    }

    fn garble_bytes(&mut self, said: &mut [u8]) {
        let Some((_, rate)) = self.garble else { return };
        for byte in said {
            if self.rng.chance(rate) {
                *byte ^= 1 << self.rng.below(8);
            }
        }
    }
}

/// A trouble that has not passed; one that has is forgotten.
fn current<T: Copy>(
    trouble: &mut Option<T>,
    now: Instant,
    until: impl Fn(&T) -> Instant,
) -> Option<T> {
    if trouble
        .as_ref()
        .is_some_and(|trouble| until(trouble) <= now)
    {
        *trouble = None;
    }
    *trouble
}

fn is_on<T: Copy>(trouble: &mut Option<T>, now: Instant, until: impl Fn(&T) -> Instant) -> bool {
    current(trouble, now, until).is_some()
}

/// Pieces on their way: minutes of a talkative modem. More are lost, as in a buffer that overruns.
const LATE_PIECES_MAX: usize = 10_000;
/// A serial port at 115200 baud carries about 1,000 such lines a second.
const FLOOD_INTERVAL_MIN: Duration = Duration::from_millis(1);

#[cfg(test)]
mod tests;
