//! Reports that fail to come, at work: once a minute each SIM is held against the others of its operator.

use std::collections::BTreeMap;

use super::Gateway;
use crate::unheard::{Judged, Unheard};

impl Gateway {
    pub(super) fn judge_reports(&mut self) {
        let own: Vec<Judged> = self
            .floor
            .sims
            .iter()
            .map(|sim| sim.past.judged())
            .collect();
        let mut of_operator: BTreeMap<Box<str>, Judged> = BTreeMap::new();
        for (sim, own) in self.floor.sims.iter().zip(&own) {
            of_operator
                .entry(sim.operator.clone())
                .or_default()
                .add(*own);
        }
        for (sim, own) in self.floor.sims.iter_mut().zip(own) {
            let all = of_operator.get(&sim.operator).copied();
            // Without an operator it was in no line yet, and belongs with nobody.
            let others = all.filter(|_| !sim.operator.is_empty());
            sim.unheard = others.and_then(|all| Unheard::among(own, all.without(own)));
        }
    }
}
