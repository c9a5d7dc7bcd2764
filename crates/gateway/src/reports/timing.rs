//! How well the times in a report fit a part.
//!
//! ```text
//!  our clock      Ctrl-Z ──── answer ─────────────── the report comes
//!                    └── span ──┘                         │
//!  centre's clock        TP-SCTS ──────────── TP-DT ──────┘ soon after, if the SIM is in its network
//! ```
//!
//! Once the offset of the centre's clock is learnt, TP-SCTS has to be in the span. Until then the clock counts as right
//! within some minutes; and from TP-SCTS to TP-DT it can't have taken longer than from Ctrl-Z until the report was here.

use crate::book::Span;
use crate::centre_clock::CentreClock;
use crate::record::Report;
use crate::words::UnixMs;

/// The times of one report, and what is known of the clock behind them.
pub(super) struct Timing<'a> {
    clock: &'a CentreClock,
    report: Report,
    /// When it came, by our clock.
    at: UnixMs,
}

impl<'a> Timing<'a> {
    pub(super) fn new(clock: &'a CentreClock, report: Report, at: UnixMs) -> Timing<'a> {
        Timing { clock, report, at }
    }

    /// Whether the centre's clock is known.
    pub(super) fn is_learnt(&self) -> bool {
        self.clock.is_learnt()
    }

    /// How far TP-SCTS is from a span; `None`: too far. A report without a time is near everything.
    pub(super) fn off(&self, span: Span) -> Option<u64> {
        let Some(taken) = self.report.taken else {
            return Some(0);
        };
        if self.is_learnt() {
            let off = |offset| distance(taken.0.saturating_sub(offset), span);
            return self
                .clock
                .offsets()
                .map(off)
                .min()
                .filter(|ms| *ms <= NEAR_MS);
        }
        let by_clock = Some(distance(taken.0, span)).filter(|ms| *ms <= WINDOW_MS);
        by_clock.filter(|_| self.is_possible(span))
    }

    /// Whether such a distance is what a clock that is right makes.
    pub(super) fn is_near(&self, off_ms: Option<u64>) -> bool {
        off_ms.is_some_and(|ms| ms <= NEAR_MS)
    }

    /// Two distances that differ by less are the same.
    pub(super) fn tie_ms(&self) -> u64 {
        if self.is_learnt() {
            TIE_MS
        } else {
            TIE_UNLEARNT_MS
        }
    }

    /// How much longer or shorter the part's journey was by our clock than by the centre's; `None` if the report doesn't
    /// say. It needs nobody's clock to be right.
    pub(super) fn off_trip(&self, span: Span) -> Option<u64> {
        let (taken, discharged) = (self.report.taken?, self.report.discharged?);
        let theirs = discharged.0.saturating_sub(taken.0);
        if theirs < 0 {
            return None;
        }
        Some(distance(self.at.0.saturating_sub(theirs), span))
    }

    /// Whether the report can be about a part of this span: the part was not underway for longer than it exists.
    pub(super) fn is_possible(&self, span: Span) -> bool {
        let (Some(taken), Some(discharged)) = (self.report.taken, self.report.discharged) else {
            return true;
        };
        let theirs = discharged.0.saturating_sub(taken.0);
        let ours = self.at.0.saturating_sub(span.from.0);
        theirs < 0 || theirs <= ours.saturating_add(TRIP_MS.cast_signed())
    }

    /// What was started before has no reports any more.
    pub(super) fn oldest(&self) -> UnixMs {
        UnixMs(self.at.0.saturating_sub(REPORTS_COME_FOR.cast_signed()))
    }
}

fn distance(at_ms: i64, span: Span) -> u64 {
    if at_ms < span.from.0 {
        at_ms.abs_diff(span.from.0)
    } else {
        u64::try_from(at_ms.saturating_sub(span.until.0)).unwrap_or(0)
    }
}

/// A time that is right is this near: answers that were long underway, and a centre's own queue.
pub(super) const NEAR_MS: u64 = 2 * 60 * 1000;
/// While a clock is not learnt it may be wrong by so much.
const WINDOW_MS: u64 = 10 * 60 * 1000;
/// Two estimates of one journey differ by the seconds that times are cut to and by a modem's way with reports.
pub(super) const TRIP_MS: u64 = 30_000;
/// A learnt offset is good to some seconds, and so is a span.
const TIE_MS: u64 = 5_000;
/// A clock that is not learnt is good to so much, in most networks.
const TIE_UNLEARNT_MS: u64 = 30_000;
/// Reports come as long as a part may wait for its recipient, three days where nobody chose longer, and one day more.
pub(super) const REPORTS_COME_FOR: u64 = 4 * 24 * 3600 * 1000;

const _: () = assert!(NEAR_MS <= WINDOW_MS && TIE_MS < TIE_UNLEARNT_MS);
