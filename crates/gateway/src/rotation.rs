//! Which of the SIMs that may serve a message serves it: a pure choice over a table of facts.
//!
//! Filter, weigh, break ties. A SIM's key holds for every message of a policy, except under `sticky`, where the recipient
//! decides: of all SIMs of the route the one whose hash with the recipient is highest is its home (rendezvous hashing), so
//! nothing has to be remembered, and when a SIM goes only its own recipients find another.

use std::cmp::Reverse;

use crate::book::SimIdx;
use crate::budget::{Room, Strangers};
use crate::causes::mix;
use crate::words::{Class, Rotation};

/// One SIM of the route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Candidate {
    pub(crate) sim: SimIdx,
    pub(crate) stand: Stand,
    /// What is left of its scarcest budget, in billionths.
    pub(crate) headroom: u64,
    /// How many times as long as its peers it takes for a part; 1 unless it is twice as slow.
    pub(crate) slowness: u64,
    /// Parts used in its month.
    pub(crate) used_in_month: u32,
    /// What a part costs.
    pub(crate) cost: u32,
    /// Number of the last start on it: smaller is longer ago.
    pub(crate) last_start: u64,
    /// Whether it was taken out and has to prove itself: nothing to try a code on while there is another.
    pub(crate) on_trial: bool,
    /// Whether every other one is better: too few of its reports come, and it was used lately.
    pub(crate) held_back: bool,
    /// Parts that its budgets of an hour and longer leave.
    pub(crate) room: Room,
    /// Whether the rest of a budget is kept for codes.
    pub(crate) codes_only: bool,
    /// Which recipients it may reach that it has not reached in this month.
    pub(crate) strangers: Strangers,
    /// Whether it has reached the message's recipient in this month.
    pub(crate) knows: bool,
    /// Its hash with the recipient.
    pub(crate) affinity: u64,
}

/// How soon a SIM could take a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stand {
    /// Now.
    Free,
    /// Soon: it has a part, or keeps a distance to its last one.
    Soon,
    /// Nobody knows when: it is in no line, paused, sick, or has used up a budget.
    Out,
    /// Its operator bars it: what is meant for it is not moved to another.
    Barred,
}

/// What a message asks of its SIM.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wish {
    pub(crate) class: Class,
    /// Parts that are to stay next to each other on it.
    pub(crate) parts: u8,
    /// Whether it has waited for its home as long as it may.
    pub(crate) is_impatient: bool,
}

/// What decides between two SIMs, the least first.
pub(crate) type Key = (u64, u64, u64, u64, SimIdx);

/// Picks one; the same facts always give the same choice. `None`: none may, or the message waits for its home.
pub(crate) fn choose(
    rotation: Rotation,
    wish: Wish,
    candidates: impl Iterator<Item = Candidate>,
) -> Option<SimIdx> {
    let serving = candidates.filter(|candidate| candidate.may_serve(wish));
    match rotation {
        Rotation::Sticky => home(wish, serving),
        Rotation::Headroom | Rotation::RoundRobin | Rotation::LeastUsed | Rotation::Cost => serving
            .filter(|candidate| candidate.stand == Stand::Free)
            .map(|candidate| key(rotation, wish.class, &candidate))
            .min()
            .map(|(.., sim)| sim),
    }
}

/// What a policy goes by. Ties go to the longest unused SIM, then to the lowest number.
pub(crate) fn key(rotation: Rotation, class: Class, candidate: &Candidate) -> Key {
    let c = candidate;
    let behind = u64::from(c.on_trial && class == Class::Otp) + 2 * u64::from(c.held_back);
    let spare = u64::MAX - c.headroom / c.slowness.max(1);
    match rotation {
        Rotation::Headroom => (behind, spare, c.last_start, 0, c.sim),
        Rotation::RoundRobin => (behind, c.last_start, 0, 0, c.sim),
        Rotation::LeastUsed => (behind, c.used_in_month.into(), c.last_start, 0, c.sim),
        Rotation::Cost => (c.cost.into(), behind, spare, c.last_start, c.sim),
        Rotation::Sticky => (u64::MAX - c.affinity, 0, 0, 0, c.sim),
    }
}

/// The hash of a SIM with a recipient, of what stands for each.
pub(crate) fn affinity(sim: u64, recipient: u64) -> u64 {
    mix(sim ^ mix(recipient))
}

/// The recipient's home if it is free; another one if it is out, or if the message has waited for it long enough.
fn home(wish: Wish, serving: impl Iterator<Item = Candidate>) -> Option<SimIdx> {
    let rank = |candidate: &Candidate| (candidate.affinity, Reverse(candidate.sim));
    let (mut home, mut free) = (None::<Candidate>, None::<Candidate>);
    for candidate in serving {
        if candidate.stand != Stand::Out && home.is_none_or(|home| rank(&candidate) > rank(&home)) {
            home = Some(candidate);
        }
        if candidate.stand == Stand::Free && free.is_none_or(|free| rank(&candidate) > rank(&free))
        {
            free = Some(candidate);
        }
    }
    match home?.stand {
        Stand::Free => home,
        Stand::Soon if wish.is_impatient => free,
        Stand::Soon | Stand::Barred | Stand::Out => None,
    }
    .map(|candidate| candidate.sim)
}

impl Candidate {
    /// Whether its budgets allow the whole message, and to this recipient.
    fn may_serve(&self, wish: Wish) -> bool {
        let is_code = wish.class == Class::Otp;
        self.strangers.may_reach(is_code, || self.knows)
            && (is_code || !self.codes_only)
            && self.room.holds(wish.class, wish.parts)
    }
}

#[cfg(test)]
mod tests;
