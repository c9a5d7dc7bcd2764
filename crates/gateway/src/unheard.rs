//! SIMs whose reports fail to come: a SIM beside the others of its operator, by parts that were waited for to the end.
//!
//! A SIM whose parts the network takes and drops, or whose line loses reports, looks well by its answers alone. It is judged
//! only against its operator's other SIMs in the same time, so that nothing follows where an operator gives no reports, or
//! where they all fail at once; and it gets less to send rather than nothing, so that it can show that it works again.

/// Parts of a SIM, or of several, that were waited for to the end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Judged {
    pub(crate) parts: u32,
    /// Of these, those whose report came.
    pub(crate) came: u32,
}

/// A SIM whose reports fail to come, and what was compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unheard {
    pub(crate) own: Judged,
    /// Of its operator's other SIMs.
    pub(crate) others: Judged,
}

impl Unheard {
    /// Finds it, if it is one.
    pub(crate) fn among(own: Judged, others: Judged) -> Option<Unheard> {
        if own.parts < OWN_MIN || others.parts < OTHERS_MIN {
            return None;
        }
        let usual = f64::from(others.came) / f64::from(others.parts);
        let (parts, came) = (f64::from(own.parts), f64::from(own.came));
        let expected = parts * usual;
        let deviation = (expected * (1.0 - usual)).sqrt();
        let is_chance = came + DEVIATIONS * deviation >= expected;
        let is_much_below = came < expected * SHARE_MAX;
        (usual >= USUAL_MIN && is_much_below && !is_chance).then_some(Unheard { own, others })
    }
}

impl Judged {
    /// What is left without some of them.
    pub(crate) fn without(self, some: Judged) -> Judged {
        Judged {
            parts: self.parts.saturating_sub(some.parts),
            came: self.came.saturating_sub(some.came),
        }
    }

    pub(crate) fn add(&mut self, more: Judged) {
        self.parts = self.parts.saturating_add(more.parts);
        self.came = self.came.saturating_add(more.came);
    }
}

impl std::fmt::Display for Unheard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Unheard { own, others } = self;
        write!(
            f,
            "few of its reports come ({} of {}; its operator's other SIMs: {} of {}): it is given less",
            own.came, own.parts, others.came, others.parts
        )
    }
}

/// Such a SIM takes its turn once where the others have theirs this often, and more where nobody else is free.
pub(crate) const ONE_IN: u64 = 10;
/// Fewer parts say nothing.
const OWN_MIN: u32 = 20;
const OTHERS_MIN: u32 = 50;
/// An operator that reports less than half of its parts is no measure for anyone.
const USUAL_MIN: f64 = 0.5;
/// Half of what is usual is a SIM with a weak antenna at most, less is none.
const SHARE_MAX: f64 = 0.5;
/// Of one SIM in a thousand by chance.
const DEVIATIONS: f64 = 3.0;

#[cfg(test)]
mod tests;
