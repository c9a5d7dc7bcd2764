//! Hubs whose power can be cut: when that is wanted, when it may be done, and in which order.
//!
//! ```text
//!  well ──a line has come to rest, or most lines are gone──► wanted ──the limits allow it──► draining
//!    ▲                                                                                          │
//!    │                                               nothing on the air, or it took too long    ▼
//!    └──────────── the command has ended, well or not ◄──────────────────────────────── resetting
//! ```
//!
//! Power is the last rung of a line's ladder, and the only one that takes its neighbours along: they get no new parts first,
//! and what is on the air may finish. The command itself is run outside.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use modem::DownReason;

use crate::book::Reset;
use crate::settings::HubSettings;
use crate::words::{LineId, Now, UnixMs};

/// One hub.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hub {
    lines: BTreeMap<LineId, Presence>,
    phase: Phase,
    /// A line has come to rest; why, for people.
    rest: Option<Box<str>>,
    /// Resets within [`LIMIT_SPAN`], the oldest first.
    ordered: VecDeque<Instant>,
    /// Resets since a line last came up.
    in_vain: u16,
    /// By [`HubResult::index`].
    pub(crate) results: [u64; HubResult::ALL.len()],
    /// The last one.
    pub(crate) last: Option<(UnixMs, HubResult)>,
}

/// Whether a line is there, as far as its hub may be to blame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Presence {
    /// It was never ready.
    Unknown,
    /// It is, or something else than its power keeps it away.
    There,
    /// Its modem stopped answering, restarted, or its port closed.
    Gone { since: Instant },
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Phase {
    #[default]
    Well,
    Draining {
        until: Instant,
    },
    Resetting,
}

/// What becomes of a hub.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HubStep {
    /// Its lines get no new parts; why, for people.
    Drain(Box<str>),
    /// Its power is to be cut now; why, for people.
    Reset(Box<str>),
    /// Its lines came back by themselves: they are used again.
    Spare,
}

/// How a reset ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum HubResult {
    /// The command says that it is done.
    Done,
    /// The command failed, or could not be run.
    Failed,
    /// The command took too long and was ended.
    TimedOut,
}

/// What a hub is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum HubState {
    /// Its lines are used.
    Well,
    /// A reset is wanted, and its limits forbid it for now.
    Wanted,
    /// Its lines finish what they have.
    Draining,
    /// Its command is running.
    Resetting,
}

impl HubResult {
    /// All results.
    pub const ALL: [HubResult; 3] = [HubResult::Done, HubResult::Failed, HubResult::TimedOut];

    /// The word of the API and the metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            HubResult::Done => "done",
            HubResult::Failed => "failed",
            HubResult::TimedOut => "timed_out",
        }
    }

    /// Position in [`HubResult::ALL`].
    pub fn index(self) -> usize {
        match self {
            HubResult::Done => 0,
            HubResult::Failed => 1,
            HubResult::TimedOut => 2,
        }
    }
}

impl HubState {
    /// The word of the API.
    pub fn as_str(self) -> &'static str {
        match self {
            HubState::Well => "well",
            HubState::Wanted => "wanted",
            HubState::Draining => "draining",
            HubState::Resetting => "resetting",
        }
    }
}

impl Hub {
    /// As the last process left it: its limits count on.
    pub(crate) fn restored(now: Now, resets: &[Reset]) -> Hub {
        let instant = |reset: &Reset| {
            let ago = now.wall.since(reset.at);
            now.mono.checked_sub(ago).unwrap_or(now.mono)
        };
        Hub {
            ordered: resets.iter().map(instant).collect(),
            in_vain: resets.last().map_or(0, |last| last.in_vain),
            ..Hub::default()
        }
    }

    /// Resets since a line last came up.
    pub(crate) fn in_vain(&self) -> u16 {
        self.in_vain
    }

    /// A line is plugged into it.
    pub(crate) fn add(&mut self, line: LineId, is_ready: bool) {
        let presence = if is_ready {
            Presence::There
        } else {
            Presence::Unknown
        };
        self.lines.entry(line).or_insert(presence);
    }

    /// A line is not its own any more.
    pub(crate) fn remove(&mut self, line: LineId) {
        self.lines.remove(&line);
    }

    pub(crate) fn has(&self, line: LineId) -> bool {
        self.lines.contains_key(&line)
    }

    pub(crate) fn lines(&self) -> impl Iterator<Item = LineId> + '_ {
        self.lines.keys().copied()
    }

    /// Lines that are gone.
    pub(crate) fn gone(&self) -> usize {
        let gone = |presence: &&Presence| matches!(presence, Presence::Gone { .. });
        self.lines.values().filter(gone).count()
    }

    /// A line is ready.
    pub(crate) fn came_up(&mut self, line: LineId) {
        if let Some(presence) = self.lines.get_mut(&line) {
            *presence = Presence::There;
            self.in_vain = 0;
        }
    }

    /// A line's session has ended.
    pub(crate) fn went_down(&mut self, now: Instant, line: LineId, reason: DownReason) {
        let is_lost = match reason {
            DownReason::Closed | DownReason::Reboot | DownReason::Unresponsive => true,
            DownReason::SimLost | DownReason::NetworkLost | DownReason::Operator => false,
        };
        if let Some(presence) = self.lines.get_mut(&line).filter(|_| is_lost) {
            *presence = Presence::Gone { since: now };
        }
    }

    /// A line's ladder is spent.
    pub(crate) fn came_to_rest(&mut self, line: LineId, name: &str) {
        if self.has(line) && self.phase != Phase::Resetting {
            self.rest = Some(format!("{name}: nothing else brought it back").into());
        }
    }

    /// Whether its lines get no new parts.
    pub(crate) fn is_held(&self) -> bool {
        self.phase != Phase::Well
    }

    /// What is to be done next, if its time has come. `is_busy`: something is on the air, or an operator talks to a line.
    pub(crate) fn step(
        &mut self,
        now: Instant,
        declared: &HubSettings,
        is_busy: bool,
    ) -> Option<HubStep> {
        let why = self.why(now, declared);
        match (self.phase, why) {
            (Phase::Well, Some(why)) if self.may_at(now, declared) <= now => {
                self.phase = Phase::Draining {
                    until: now + DRAIN_MAX,
                };
                Some(HubStep::Drain(why))
            }
            (Phase::Draining { .. }, None) => {
                self.phase = Phase::Well;
                Some(HubStep::Spare)
            }
            (Phase::Draining { until }, Some(why)) if !is_busy || until <= now => {
                self.phase = Phase::Resetting;
                self.rest = None;
                self.ordered.push_back(now);
                self.in_vain = self.in_vain.saturating_add(1);
                Some(HubStep::Reset(why))
            }
            (Phase::Well | Phase::Draining { .. } | Phase::Resetting, _) => None,
        }
    }

    /// The command has ended.
    pub(crate) fn was_reset(&mut self, at: UnixMs, result: HubResult) {
        if self.phase == Phase::Resetting {
            self.phase = Phase::Well;
            self.results[result.index()] += 1;
            self.last = Some((at, result));
        }
    }

    /// Lets go of what it has not ordered yet: the daemon stops.
    pub(crate) fn let_go(&mut self) {
        if matches!(self.phase, Phase::Draining { .. }) {
            self.phase = Phase::Well;
        }
    }

    /// When to look again.
    pub(crate) fn deadline(&self, now: Instant, declared: &HubSettings) -> Option<Instant> {
        match self.phase {
            Phase::Resetting => None,
            Phase::Draining { until } => Some(until),
            Phase::Well => {
                let wanted = match self.rest {
                    Some(_) => now,
                    None => self.mostly_gone_at(declared)?,
                };
                Some(wanted.max(self.may_at(now, declared)))
            }
        }
    }

    /// What it is doing, why a reset is wanted, and when it may be done if it may not now.
    pub(crate) fn state(
        &self,
        now: Instant,
        declared: &HubSettings,
    ) -> (HubState, Option<Box<str>>, Option<Instant>) {
        let why = self.why(now, declared);
        let state = match self.phase {
            Phase::Draining { .. } => HubState::Draining,
            Phase::Resetting => HubState::Resetting,
            Phase::Well if why.is_some() => HubState::Wanted,
            Phase::Well => HubState::Well,
        };
        let may_at = Some(self.may_at(now, declared));
        let may_at = may_at.filter(|at| state == HubState::Wanted && *at > now);
        (state, why, may_at)
    }

    /// Why a reset is wanted now.
    fn why(&self, now: Instant, declared: &HubSettings) -> Option<Box<str>> {
        if self.rest.is_some() {
            return self.rest.clone();
        }
        let gone_at = self.mostly_gone_at(declared)?;
        let counted = || format!("{} of its {} lines are gone", self.gone(), self.lines.len());
        (gone_at <= now).then(|| counted().into())
    }

    /// When most of the lines that were ever there have been gone for long enough, if none comes back.
    fn mostly_gone_at(&self, declared: &HubSettings) -> Option<Instant> {
        let presences = self.lines.values();
        let mut gone: Vec<Instant> = presences
            .filter_map(|presence| match presence {
                Presence::Gone { since } => Some(*since),
                Presence::Unknown | Presence::There => None,
            })
            .collect();
        let seen = self.lines.values();
        let seen = seen.filter(|presence| **presence != Presence::Unknown);
        let most = (seen.count() / 2 + 1).max(GONE_MIN);
        gone.sort_unstable();
        Some(*gone.get(most - 1)? + declared.gone_for)
    }

    /// From when on its limits allow the next reset.
    fn may_at(&self, now: Instant, declared: &HubSettings) -> Instant {
        let Some(last) = self.ordered.back() else {
            return now;
        };
        let doublings = u32::from(self.in_vain.saturating_sub(1)).min(DOUBLINGS_MAX);
        let distance = (declared.interval_min * (1 << doublings)).min(INTERVAL_MAX);
        let apart = *last + distance.max(declared.interval_min);
        let allowed = usize::try_from(declared.resets_per_hour).unwrap_or(usize::MAX);
        let recent = self.ordered.iter().rev().nth(allowed.saturating_sub(1));
        recent.map_or(apart, |at| apart.max(*at + LIMIT_SPAN))
    }

    /// Forgets what no limit counts any more.
    pub(crate) fn forget(&mut self, now: Instant) {
        while self.ordered.len() > 1
            && self
                .ordered
                .front()
                .is_some_and(|at| *at + LIMIT_SPAN <= now)
        {
            self.ordered.pop_front();
        }
    }
}

/// How long what is on the air may take: more than a line's hard time-out after Ctrl-Z, 125 s.
const DRAIN_MAX: Duration = Duration::from_secs(150);
/// One modem that is gone is no hub that is gone.
const GONE_MIN: usize = 2;
/// What `resets_per_hour` means.
pub const LIMIT_SPAN: Duration = Duration::from_secs(3600);
/// A hub that no reset brings back is tried once a day in the end.
const INTERVAL_MAX: Duration = Duration::from_secs(24 * 3600);
/// From the shortest interval to the longest.
const DOUBLINGS_MAX: u32 = 17;

#[cfg(test)]
mod tests;
