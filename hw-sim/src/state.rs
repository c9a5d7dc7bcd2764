//! What `GET /v1/state` says of a fleet, and what the live view shows.

use std::path::PathBuf;

use hw_sim::{Fleet, View};
use serde::{Deserialize, Serialize};

/// A fleet's state.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct FleetState {
    pub(crate) elapsed_s: f64,
    pub(crate) lines: usize,
    pub(crate) open_lines: usize,
    pub(crate) on_air: u64,
    pub(crate) submissions: u64,
    pub(crate) accepted: u64,
    pub(crate) refused: u64,
    pub(crate) silent: u64,
    pub(crate) barred: u64,
    pub(crate) reports: u64,
    pub(crate) reports_waiting: u64,
    pub(crate) inbound: u64,
    pub(crate) shown: u64,
    pub(crate) in_pieces: u64,
    #[serde(flatten)]
    pub(crate) view: View,
    pub(crate) sims: Vec<SimState>,
}

/// What a SIM did.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct SimState {
    line: usize,
    port: PathBuf,
    iccid: String,
    parts: u64,
    reports: u64,
    inbound: u64,
}

impl FleetState {
    /// The state now; `None` when the fleet has ended.
    pub(crate) fn of(fleet: &Fleet) -> Option<FleetState> {
        let view = fleet.view()?;
        let (stats, audit) = (fleet.stats(), fleet.audit());
        let totals = stats.network;
        let sims = audit.sims.iter().map(|sim| SimState {
            line: sim.line,
            port: fleet.links()[sim.line].clone(),
            iccid: sim.iccid.clone(),
            parts: sim.parts,
            reports: sim.reports,
            inbound: sim.inbound,
        });
        Some(FleetState {
            elapsed_s: fleet.elapsed().as_secs_f64(),
            lines: fleet.links().len(),
            open_lines: stats.open_lines,
            on_air: totals.on_air,
            submissions: totals.submissions,
            accepted: totals.accepted,
            refused: totals.refused,
            silent: totals.silent,
            barred: totals.barred,
            reports: totals.reports,
            reports_waiting: totals.reports_waiting,
            inbound: totals.inbound,
            shown: totals.shown,
            in_pieces: totals.in_pieces,
            view,
            sims: sims.collect(),
        })
    }
}
