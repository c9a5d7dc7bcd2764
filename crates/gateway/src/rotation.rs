//! Which of the SIMs that may serve a message serves it: a pure choice over a table of facts.

use crate::book::SimIdx;
use crate::words::Rotation;

/// One SIM that could take the message now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Candidate {
    pub(crate) sim: SimIdx,
    /// What is left of its scarcest budget, in billionths.
    pub(crate) headroom: u64,
    /// Number of the last start on it: smaller is longer ago.
    pub(crate) last_start: u64,
    /// Whether a part waits or is sent on it already; an empty one reaches the radio sooner.
    pub(crate) busy: bool,
}

/// Picks one. An empty SIM comes before a busy one; ties go to the longest unused, then to the lowest number, so that
/// the same facts always give the same choice.
pub(crate) fn choose(
    rotation: Rotation,
    candidates: impl Iterator<Item = Candidate>,
) -> Option<SimIdx> {
    let best = match rotation {
        Rotation::Headroom => {
            candidates.min_by_key(|c| (c.busy, std::cmp::Reverse(c.headroom), c.last_start, c.sim))
        }
        Rotation::RoundRobin => candidates.min_by_key(|c| (c.busy, c.last_start, c.sim)),
    };
    best.map(|candidate| candidate.sim)
}

#[cfg(test)]
mod tests;
