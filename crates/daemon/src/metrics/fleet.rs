//! The fleet as Prometheus sees it: messages, queues, SIMs, lines, process, all from one snapshot.

use std::collections::BTreeMap;

use gateway::{
    Bound, BreakerState, Class, HubResult, LineId, MessageState, SimSnapshot, SimState, Snapshot,
    UnixMs,
};
use modem::{LineState, Rung};
use store::SweepHealth;

use super::exposition::{Exposition, Label};
use super::{NO_OPERATOR, count_as_f64};
use crate::board::LineStatus;
use crate::process::Usage;
use crate::webhooks::WebhookStatus;

/// All that is shown at one scrape.
pub(crate) struct Scene<'a> {
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) lines: &'a [(Box<str>, LineStatus)],
    /// How often all lines climbed each rung of the ladder.
    pub(crate) climbs: [(Rung, u64); Rung::ALL.len()],
    pub(crate) calls_rejected: u64,
    pub(crate) webhooks: &'a [(Box<str>, WebhookStatus)],
    pub(crate) now: UnixMs,
    pub(crate) process: &'a Usage,
    /// Octets of the store's log that are not in its database yet.
    pub(crate) store_log_octets: u64,
    /// How deleting and erasing goes.
    pub(crate) sweep: &'a SweepHealth,
}

/// Writes the scene in the text format.
pub(crate) fn fleet(scene: &Scene<'_>) -> String {
    let mut out = Exposition::default();
    messages(&mut out, scene.snapshot);
    queues(&mut out, scene.snapshot);
    throughput(&mut out, scene.snapshot);
    lines(&mut out, scene.lines);
    breakers(&mut out, scene.snapshot);
    recovery(&mut out, scene);
    hubs(&mut out, scene.snapshot);
    sims(&mut out, scene);
    webhooks(&mut out, scene);
    store(&mut out, scene);
    process(&mut out, scene);
    out.into_text()
}

fn messages(out: &mut Exposition, snapshot: &Snapshot) {
    let totals = &snapshot.totals;
    out.single_counter(
        "messages_accepted_total",
        "Messages accepted since the store was made",
        totals.accepted,
    );
    out.gauge("messages", "Messages that have not ended, by state");
    let open = [
        (MessageState::Queued, snapshot.queued),
        (MessageState::Sending, snapshot.sending),
        (MessageState::InDoubt, snapshot.in_doubt),
        (MessageState::Sent, snapshot.sent),
    ];
    for (state, count) in open {
        out.sample(&[("state", state.as_str())], count);
    }
    out.counter(
        "messages_ended_total",
        "Messages that have ended, by state; sent: no report was asked for",
    );
    for state in MessageState::ALL {
        let can_end = !matches!(
            state,
            MessageState::Queued | MessageState::Sending | MessageState::InDoubt
        );
        if can_end {
            out.sample(&[("state", state.as_str())], totals.ended[state.index()]);
        }
    }
    out.single_counter(
        "resent_in_doubt_total",
        "Parts sent again though an earlier attempt may have arrived",
        totals.resent_in_doubt,
    );
    out.single_counter(
        "given_up_parts_total",
        "Parts of long messages that were sent in vain, as the message was begun anew",
        totals.given_up,
    );
}

fn queues(out: &mut Exposition, snapshot: &Snapshot) {
    out.gauge("queue_depth", "Messages that wait, by class");
    for class in Class::ALL {
        out.sample(
            &[("class", class.as_str())],
            snapshot.lanes[class.index()].depth,
        );
    }
    out.gauge(
        "queue_later",
        "Messages that wait for a time, their own or the end of a back-off, by class",
    );
    for class in Class::ALL {
        let later = snapshot.lanes[class.index()].later;
        out.sample(&[("class", class.as_str())], later);
    }
    out.gauge(
        "queue_window_closed",
        "Messages that only wait for their send window, by class",
    );
    for class in Class::ALL {
        let closed = snapshot.lanes[class.index()].window_closed;
        out.sample(&[("class", class.as_str())], closed);
    }
    out.gauge(
        "queue_oldest_seconds",
        "How long the oldest message has waited, by class",
    );
    for class in Class::ALL {
        let oldest = snapshot.lanes[class.index()].oldest.as_secs_f64();
        out.sample(&[("class", class.as_str())], oldest);
    }
    out.single_gauge(
        "accepting",
        "1 while messages are accepted",
        u8::from(snapshot.accepting),
    );
    out.single_gauge(
        "in_flight",
        "Submissions that are with a line",
        snapshot.in_flight,
    );
    out.single_gauge(
        "reports_unmatched",
        "Reports that fit no attempt yet",
        snapshot.reports_kept,
    );
    out.single_counter(
        "reports_repeated_total",
        "Reports that came again, since the daemon started",
        snapshot.reports_repeated,
    );
    out.single_counter(
        "reports_unclear_total",
        "Reports that fitted several parts when they came, since the daemon started",
        snapshot.reports_unclear,
    );
}

fn throughput(out: &mut Exposition, snapshot: &Snapshot) {
    out.single_gauge(
        "sent_parts_last_minute",
        "Parts sent in the last 60 s",
        snapshot.sent_last_minute,
    );
    out.single_gauge(
        "target_parts_per_minute",
        "Configured target",
        snapshot.target_per_minute,
    );
    let capacity = &snapshot.capacity;
    out.single_gauge(
        "achievable_parts_per_minute",
        "What the usable SIMs could send now, by their radios and budgets",
        capacity.achievable_per_minute.round(),
    );
    out.single_gauge(
        "steady_parts_per_minute",
        "What the budgets of the usable SIMs allow around the clock",
        capacity.steady_per_minute.round(),
    );
    out.gauge(
        "throughput_bound",
        "1 for what keeps the fleet from sending more",
    );
    for bound in Bound::ALL {
        let binds = u8::from(bound == capacity.binds);
        out.sample(&[("bound", bound.as_str())], binds);
    }
    out.gauge(
        "budgets_exhausted_in_seconds",
        "When the budgets are used up at the present rate; absent if they are filled again before",
    );
    if let Some(lasts) = capacity.exhausted_in {
        out.sample(&[], lasts.as_secs());
    }
}

fn lines(out: &mut Exposition, lines: &[(Box<str>, LineStatus)]) {
    let mut by_state = BTreeMap::new();
    for (_, status) in lines {
        *by_state.entry(status.state).or_insert(0_u64) += 1;
    }
    out.gauge("lines", "Lines, by state");
    for state in LINE_STATES {
        let count = by_state.get(&state).copied().unwrap_or(0);
        out.sample(&[("state", state.as_str())], count);
    }
    out.counter(
        "line_opens_total",
        "How often the ports of all lines were opened",
    );
    out.sample(
        &[],
        lines.iter().map(|(_, status)| status.opens).sum::<u64>(),
    );
    out.counter(
        "line_garbage_bytes_total",
        "Bytes of all lines that made no sense",
    );
    out.sample(
        &[],
        lines
            .iter()
            .map(|(_, status)| status.garbage_bytes)
            .sum::<u64>(),
    );
}

fn breakers(out: &mut Exposition, snapshot: &Snapshot) {
    out.gauge(
        "line_breakers",
        "Lines that lost one part after the other, by state; open: they get nothing",
    );
    for state in [BreakerState::Open, BreakerState::HalfOpen] {
        let breakers = snapshot.line_breakers.iter();
        let count = breakers.filter(|breaker| breaker.state == state).count();
        out.sample(&[("state", state.as_str())], count);
    }
    out.single_counter(
        "line_breaker_trips_total",
        "How often lines were given nothing for a while, since the daemon started",
        snapshot.line_trips,
    );
    out.single_gauge(
        "lines_same_sim",
        "Lines that are given nothing, since another line has the SIM that they tell",
        snapshot.held_lines.len(),
    );
}

fn recovery(out: &mut Exposition, scene: &Scene<'_>) {
    out.counter(
        "line_recoveries_total",
        "How often lines were brought back, by rung of the ladder",
    );
    for (rung, count) in scene.climbs {
        out.sample(&[("rung", rung.as_str())], count);
    }
    out.single_counter(
        "calls_rejected_total",
        "Calls that came in and were rejected",
        scene.calls_rejected,
    );
}

fn hubs(out: &mut Exposition, snapshot: &Snapshot) {
    out.counter(
        "hub_resets_total",
        "How often the power of a hub was cut, since the daemon started",
    );
    for hub in &snapshot.hubs {
        for result in HubResult::ALL {
            let labels = [("hub", &*hub.name), ("result", result.as_str())];
            out.sample(&labels, hub.resets[result.index()]);
        }
    }
    out.gauge("hub_lines_gone", "Lines of a hub that are gone");
    for hub in &snapshot.hubs {
        out.sample(&[("hub", &*hub.name)], count_as_f64(hub.gone as u64));
    }
}

/// One SIM and the labels of all its series.
struct Shown<'a> {
    sim: &'a SimSnapshot,
    label: String,
    line: &'a str,
    signal: Option<u8>,
}

impl<'a> Shown<'a> {
    fn labels(&'a self) -> [Label<'a>; 3] {
        let operator = self.sim.operator.as_deref().unwrap_or(NO_OPERATOR);
        [
            ("sim", &self.label),
            ("line", self.line),
            ("operator", operator),
        ]
    }
}

fn sims(out: &mut Exposition, scene: &Scene<'_>) {
    let by_id: BTreeMap<LineId, (&str, &LineStatus)> = scene
        .lines
        .iter()
        .map(|(name, status)| (status.line, (&**name, status)))
        .collect();
    let mut labels = BTreeMap::new();
    let sims = scene.snapshot.sims.iter();
    let shown: Vec<Shown<'_>> = sims.map(|sim| show(sim, &by_id, &mut labels)).collect();
    out.gauge("sim_state", "1 for the state that a SIM is in");
    for each in &shown {
        let [a, b, c] = each.labels();
        out.sample(&[a, b, c, ("state", each.sim.state.as_str())], 1);
    }
    type Count = fn(&SimSnapshot) -> u64;
    let counters: [(&str, &str, Count); 4] = [
        ("sim_sent_parts_total", "Parts sent", |sim| sim.usage.sent),
        (
            "sim_refused_parts_total",
            "Attempts that were certainly not sent",
            |sim| sim.usage.refused,
        ),
        (
            "sim_in_doubt_parts_total",
            "Attempts of unknown outcome",
            |sim| sim.usage.in_doubt,
        ),
        (
            "sim_delivered_parts_total",
            "Parts reported as delivered",
            |sim| sim.usage.delivered,
        ),
    ];
    for (name, help, count) in counters {
        out.counter(name, help);
        for each in &shown {
            out.sample(&each.labels(), count(each.sim));
        }
    }
    out.gauge(
        "sim_budget_used_ratio",
        "Share of the scarcest budget that is used",
    );
    for each in &shown {
        if let Some(ratio) = used_ratio(each.sim) {
            out.sample(&each.labels(), ratio);
        }
    }
    out.gauge(
        "sim_report_ratio",
        "Share of the parts sent, with a report asked for, whose final report came within 5 minutes",
    );
    for each in &shown {
        if let Some(ratio) = each.sim.reports.ratio() {
            out.sample(&each.labels(), ratio);
        }
    }
    out.gauge("sim_signal", "Signal strength as in +CSQ, 0 to 31");
    for each in &shown {
        if let Some(signal) = each.signal {
            out.sample(&each.labels(), signal);
        }
    }
    sims_by_state(out, scene.snapshot);
}

/// A label that two SIMs share gets a number, since two series must not have the same labels.
fn show<'a>(
    sim: &'a SimSnapshot,
    lines: &BTreeMap<LineId, (&'a str, &'a LineStatus)>,
    labels: &mut BTreeMap<&'a str, u32>,
) -> Shown<'a> {
    let line = sim.line.and_then(|line| lines.get(&line));
    let seen = labels.entry(&sim.label).or_insert(0);
    *seen += 1;
    let label = if *seen == 1 {
        sim.label.to_string()
    } else {
        format!("{}~{seen}", sim.label)
    };
    Shown {
        sim,
        label,
        line: line.map_or("", |(name, _)| name),
        signal: line.and_then(|(_, status)| status.signal),
    }
}

fn sims_by_state(out: &mut Exposition, snapshot: &Snapshot) {
    out.gauge("sims", "SIMs, by state");
    for state in SimState::ALL {
        let count = snapshot
            .sims
            .iter()
            .filter(|sim| sim.state == state)
            .count();
        out.sample(&[("state", state.as_str())], count);
    }
}

fn used_ratio(sim: &SimSnapshot) -> Option<f64> {
    let budgets = sim.budgets.iter();
    let ratios = budgets.map(|budget| f64::from(budget.used) / f64::from(budget.limit.max(1)));
    ratios.reduce(f64::max)
}

fn webhooks(out: &mut Exposition, scene: &Scene<'_>) {
    out.counter(
        "webhook_events_total",
        "Events that a webhook took, or that were given up",
    );
    for (name, status) in scene.webhooks {
        for (result, events) in [("delivered", status.delivered), ("dead", status.given_up)] {
            out.sample(&[("webhook", &**name), ("result", result)], events);
        }
    }
    out.gauge(
        "webhook_behind_seconds",
        "Age of the oldest event that a webhook has not taken; 0 while it has taken all",
    );
    for (name, status) in scene.webhooks {
        let since = status.behind_since.map_or(scene.now.0, |since| since.0);
        let behind_ms = u64::try_from(scene.now.0.saturating_sub(since)).unwrap_or(0);
        out.sample(&[("webhook", &**name)], count_as_f64(behind_ms) / 1000.0);
    }
    out.gauge("webhook_dead", "Dead letters of a webhook now");
    for (name, status) in scene.webhooks {
        out.sample(&[("webhook", &**name)], status.dead);
    }
}

fn store(out: &mut Exposition, scene: &Scene<'_>) {
    let sweep = scene.sweep;
    out.single_gauge(
        "store_log_bytes",
        "Bytes of the store's log in use",
        scene.store_log_octets,
    );
    out.single_gauge(
        "store_used_bytes",
        "Bytes of the store with content",
        sweep.used_octets,
    );
    out.single_gauge(
        "store_free_bytes",
        "Bytes of the store that are free to be used again",
        sweep.free_octets,
    );
    out.single_gauge(
        "retention_held",
        "1 while something is due to be deleted and waits for a webhook",
        u8::from(sweep.is_held),
    );
    out.single_gauge(
        "retention_too_large",
        "1 while the store is larger than wanted though all that may go is gone",
        u8::from(sweep.is_too_large),
    );
    out.counter("retention_deleted_total", "What was deleted or erased");
    for (what, count) in [
        ("message", sweep.messages_deleted),
        ("record", sweep.events_deleted),
        ("report", sweep.reports_deleted),
        ("text", sweep.texts_erased),
    ] {
        out.sample(&[("what", what)], count);
    }
}

fn process(out: &mut Exposition, scene: &Scene<'_>) {
    let usage = scene.process;
    out.single_counter(
        "process_cpu_seconds_total",
        "CPU time of the daemon",
        usage.cpu_s,
    );
    out.single_gauge(
        "process_resident_memory_bytes",
        "Resident memory of the daemon",
        usage.resident_bytes,
    );
    out.single_gauge("process_open_fds", "Open file descriptors", usage.open_fds);
    out.single_gauge(
        "process_max_fds",
        "Limit of open file descriptors",
        count_as_f64(usage.max_fds),
    );
}

/// All states of a line.
pub(crate) const LINE_STATES: [LineState; 8] = [
    LineState::Closed,
    LineState::Initialising,
    LineState::NoSim,
    LineState::NoNetwork,
    LineState::Ready,
    LineState::Sending,
    LineState::Recovering,
    LineState::OutOfService,
];
