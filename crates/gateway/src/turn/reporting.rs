//! Reports that come, at work: what is heard of them, and what is shown.

use std::collections::BTreeMap;

use super::Gateway;
use crate::book::SimIdx;
use crate::record::Record;
use crate::report_rate::{self, ReportRate};
use crate::words::{Now, UnixMs};

impl Gateway {
    /// Before a record is applied: what it says of reports that are waited for.
    pub(super) fn hear_of_reports(&mut self, at: UnixMs, record: &Record) {
        for (sim, news) in report_rate::news(&self.book, at, record) {
            self.floor.sim_mut(sim).reporting.hear(news);
        }
    }

    pub(super) fn report_rate(&self, now: Now, sim: SimIdx) -> ReportRate {
        let volatile = self.floor.sim(sim);
        volatile.map_or_else(ReportRate::default, |sim| sim.reporting.rate(now.wall))
    }

    /// What the reports of each operator's SIMs add up to.
    pub(super) fn report_rates(&self, now: Now) -> Vec<(Box<str>, ReportRate)> {
        let mut rates: BTreeMap<&str, ReportRate> = BTreeMap::new();
        for (sim, known) in self.book.sims() {
            let declared = self.settings.sim(&known.iccid).operator.as_deref();
            let found = self.floor.sim(sim).map(|sim| &*sim.operator);
            // A SIM that is not declared and was in no line since the start belongs with nobody.
            let operator = declared.or(found).filter(|operator| !operator.is_empty());
            if let Some(operator) = operator {
                let rate = self.report_rate(now, sim);
                rates.entry(operator).or_default().add(&rate);
            }
        }
        let named = |(operator, rate): (&str, ReportRate)| (operator.into(), rate);
        rates.into_iter().map(named).collect()
    }
}
