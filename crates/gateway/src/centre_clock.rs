//! How far a service centre's clock is from ours, learnt from its reports.
//!
//! Centres write the time at which they took a part into its report. Their clocks are off by a zone, by the hour that
//! summer time makes, or by what somebody set them to; a centre of several machines has several clocks. So what is
//! learnt is a short list of offsets. One sample proves nothing: three that agree are an offset. It decides nothing
//! about reports.

use std::collections::VecDeque;

/// The clock of the centre behind one SIM.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct CentreClock {
    /// Learnt offsets in milliseconds, the one that was confirmed last first.
    offsets: Vec<i64>,
    samples: VecDeque<i64>,
}

impl CentreClock {
    /// A clock whose offset was learnt before.
    pub(crate) fn known(offset_ms: Option<i64>) -> CentreClock {
        CentreClock {
            offsets: offset_ms.into_iter().collect(),
            samples: VecDeque::new(),
        }
    }

    /// Whether an offset is learnt.
    pub(crate) fn is_learnt(&self) -> bool {
        !self.offsets.is_empty()
    }

    /// The learnt offsets.
    pub(crate) fn offsets(&self) -> impl Iterator<Item = i64> {
        self.offsets.iter().copied()
    }

    /// The offset that was confirmed last.
    pub(crate) fn offset_ms(&self) -> Option<i64> {
        self.offsets.first().copied()
    }

    /// Takes the offset that one report shows. Returns whether the list of offsets is another one now.
    pub(crate) fn learn(&mut self, sample_ms: i64) -> bool {
        self.samples.push_back(sample_ms);
        if self.samples.len() > SAMPLES_MAX {
            self.samples.pop_front();
        }
        let known = self
            .offsets
            .iter()
            .position(|offset| agree(*offset, sample_ms));
        if let Some(at) = known {
            self.offsets[..=at].rotate_right(1);
            return at > 0;
        }
        let mut agreeing: Vec<i64> = self
            .samples
            .iter()
            .copied()
            .filter(|other| agree(*other, sample_ms))
            .collect();
        if agreeing.len() < SAMPLES_AGREE {
            return false;
        }
        agreeing.sort_unstable();
        self.offsets.insert(0, agreeing[agreeing.len() / 2]);
        self.offsets.truncate(OFFSETS_MAX);
        true
    }
}

fn agree(one: i64, other: i64) -> bool {
    one.abs_diff(other) <= AGREE_MS
}

/// Samples that make an offset.
const SAMPLES_AGREE: usize = 3;
/// Samples of which they are.
const SAMPLES_MAX: usize = 8;
/// Samples of one offset differ by the time that answers take, and by the seconds that reports are cut to. No two zones
/// are as close.
const AGREE_MS: u64 = 30_000;
/// Offsets that are held at a time: a centre's machines, and the hour before the last change of it.
const OFFSETS_MAX: usize = 4;

const _: () = assert!(SAMPLES_AGREE <= SAMPLES_MAX);

#[cfg(test)]
mod tests;
