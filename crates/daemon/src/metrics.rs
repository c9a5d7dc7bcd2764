//! What Prometheus sees. Histograms and counters are fed as things happen, through cached handles; everything that has an
//! absolute value is taken from a snapshot when it is scraped.
//!
//! Labels come from fixed words and the configuration only: never a recipient, an id or an error text. Histograms are by
//! class or operator, never by SIM.

mod exposition;
mod fleet;
mod observer;
mod truth;

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use gateway::{
    Class, Entry, Handed, KnownKey, KnownMessage, MessageId, MessageSeq, Settings, Store, UnixMs,
    WARNING_MARKS, warned_budgets,
};
use prometheus::{
    Encoder, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, Opts, Registry,
    TextEncoder, exponential_buckets,
};

pub(crate) use fleet::{LINE_STATES, Scene, fleet};
pub(crate) use observer::Observer;
use truth::Truth;

/// All that is fed as it happens.
pub(crate) struct Metrics {
    registry: Registry,
    /// From the arrival of a message at the API until it is durable and answered; by [`Class::index`].
    accept: [Histogram; 3],
    /// From acceptance until the first part is given to a line; by [`Class::index`].
    queue_wait: [Histogram; 3],
    /// From the record that starts an attempt until its outcome.
    submit: HistogramVec,
    /// From a part's `+CMGS` until its last report.
    report_delay: HistogramVec,
    commit: Histogram,
    refused: IntCounterVec,
    in_doubt: IntCounterVec,
    reports_dropped: IntCounter,
    /// Messages, by the code of the answer.
    not_accepted: IntCounterVec,
    /// By limit and mark.
    budget_warnings: IntCounterVec,
    truth: Truth,
    /// Causes that have a label of their own.
    causes: Mutex<BTreeSet<String>>,
}

impl Metrics {
    pub(crate) fn new() -> Metrics {
        let registry = Registry::new();
        let accept = by_class(
            &registry,
            "accept_seconds",
            "Time to make a message durable and answer",
            FAST,
        );
        let queue_wait = by_class(
            &registry,
            "queue_wait_seconds",
            "Time from acceptance until the first part goes to a line",
            WAIT,
        );
        let submit = by_operator(
            &registry,
            "submit_seconds",
            "Time from the record that starts an attempt until its outcome (a CMGS round trip and its wait on the line)",
            AIR,
        );
        let report_delay = by_operator(
            &registry,
            "report_delay_seconds",
            "Time from the network's acceptance of a part until its report",
            WAIT,
        );
        let commit = register(
            &registry,
            Histogram::with_opts(options(
                "store_commit_seconds",
                "Time of one commit to the store",
                FAST,
            )),
        );
        let refused = by_cause(
            &registry,
            "attempts_refused_total",
            "Attempts that were certainly not sent, by cause",
        );
        let in_doubt = by_cause(
            &registry,
            "attempts_in_doubt_total",
            "Attempts of unknown outcome, by cause",
        );
        let dropped = "Reports that fitted no attempt and were given up";
        let reports_dropped = register(
            &registry,
            IntCounter::new(full("reports_dropped_total"), dropped),
        );
        let not_accepted = not_accepted(&registry);
        let budget_warnings = budget_warnings(&registry);
        let truth = Truth::new(&registry);
        Metrics {
            registry,
            accept,
            queue_wait,
            submit,
            report_delay,
            commit,
            refused,
            in_doubt,
            reports_dropped,
            not_accepted,
            budget_warnings,
            truth,
            causes: Mutex::default(),
        }
    }

    /// Notes how long it took to accept a message.
    pub(crate) fn accepted(&self, class: Class, after: Duration) {
        self.accept[class.index()].observe(after.as_secs_f64());
    }

    /// Notes that a message was not accepted; `code` is one of the API's.
    pub(crate) fn not_accepted(&self, code: &str) {
        self.not_accepted.with_label_values(&[code]).inc();
    }

    /// The text that Prometheus reads, without the fleet.
    pub(crate) fn text(&self) -> String {
        let mut text = Vec::new();
        TextEncoder::new()
            .encode(&self.registry.gather(), &mut text)
            .expect("every family has a name and writing to memory never fails");
        String::from_utf8(text).expect("names and labels are UTF-8")
    }

    /// The label of a cause: its own word for the first [`CAUSES_MAX`] causes, since codes come from modems.
    fn cause_label(&self, cause: String) -> String {
        let mut causes = self.causes.lock().unwrap_or_else(PoisonError::into_inner);
        if causes.len() < CAUSES_MAX || causes.contains(&cause) {
            causes.insert(cause.clone());
            return cause;
        }
        "other".to_owned()
    }
}

/// A store whose commits are timed.
pub(crate) struct Timed<S> {
    store: S,
    commit: Histogram,
}

impl<S> Timed<S> {
    pub(crate) fn new(store: S, metrics: &Metrics) -> Timed<S> {
        Timed {
            store,
            commit: metrics.commit.clone(),
        }
    }
}

impl<S: Store> Store for Timed<S> {
    type Error = S::Error;

    fn commit(&mut self, entries: &[Entry]) -> Result<(), S::Error> {
        let began = Instant::now();
        let committed = self.store.commit(entries);
        self.commit.observe(began.elapsed().as_secs_f64());
        committed
    }

    fn find_keys(&mut self, keys: &[&str]) -> Result<Vec<Option<KnownKey>>, S::Error> {
        self.store.find_keys(keys)
    }

    fn find_id(&mut self, id: MessageId) -> Result<Option<KnownMessage>, S::Error> {
        self.store.find_id(id)
    }

    fn texts(&mut self, of: &[MessageSeq]) -> Result<Vec<Box<str>>, S::Error> {
        self.store.texts(of)
    }

    fn accepted_since(
        &mut self,
        since: UnixMs,
        each: &mut dyn FnMut(Handed),
    ) -> Result<(), S::Error> {
        self.store.accepted_since(since, each)
    }

    fn replay(&mut self, apply: &mut dyn FnMut(Entry)) -> Result<u64, S::Error> {
        self.store.replay(apply)
    }

    fn past(&mut self, apply: &mut dyn FnMut(Entry)) -> Result<UnixMs, S::Error> {
        self.store.past(apply)
    }
}

/// The operators that the configuration names; SIMs without one are under [`NO_OPERATOR`].
pub(crate) fn operators(settings: &Settings) -> Vec<&str> {
    let named = settings
        .sims
        .values()
        .filter_map(|sim| sim.operator.as_deref());
    named
        .chain([NO_OPERATOR])
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect()
}

fn by_class(registry: &Registry, name: &str, help: &str, buckets: Buckets) -> [Histogram; 3] {
    let by_class = register(
        registry,
        HistogramVec::new(options(name, help, buckets), &["class"]),
    );
    Class::ALL.map(|class| by_class.with_label_values(&[class.as_str()]))
}

fn by_operator(registry: &Registry, name: &str, help: &str, buckets: Buckets) -> HistogramVec {
    register(
        registry,
        HistogramVec::new(options(name, help, buckets), &["operator"]),
    )
}

fn by_cause(registry: &Registry, name: &str, help: &str) -> IntCounterVec {
    counted_by(registry, name, help, &["cause"])
}

fn not_accepted(registry: &Registry) -> IntCounterVec {
    let by_code = counted_by(
        registry,
        "messages_refused_total",
        "Messages that were not accepted, by the code of the answer",
        &["code"],
    );
    for code in REFUSAL_CODES {
        by_code.with_label_values(&[code]);
    }
    by_code
}

/// A series is there before its first event, so that a rate of it is right.
fn budget_warnings(registry: &Registry) -> IntCounterVec {
    let warnings = counted_by(
        registry,
        "budget_warnings_total",
        "Budgets of SIMs that passed a mark (percent), each for the first time in its period",
        &["budget", "percent"],
    );
    for budget in warned_budgets() {
        for mark in WARNING_MARKS {
            warnings.with_label_values(&[*budget, mark.to_string().as_str()]);
        }
    }
    warnings
}

fn counted_by(registry: &Registry, name: &str, help: &str, labels: &[&str]) -> IntCounterVec {
    let made = IntCounterVec::new(Opts::new(full(name), help), labels);
    register(registry, made)
}

fn options(name: &str, help: &str, (first, factor, count): Buckets) -> HistogramOpts {
    let buckets = exponential_buckets(first, factor, count).expect("the constants are in order");
    HistogramOpts::new(full(name), help).buckets(buckets)
}

fn register<T>(registry: &Registry, made: prometheus::Result<T>) -> T
where
    T: prometheus::core::Collector + Clone + 'static,
{
    let collector = made.expect("names are fixed and valid");
    registry
        .register(Box::new(collector.clone()))
        .expect("each name is registered once");
    collector
}

fn full(name: &str) -> String {
    format!("{PREFIX}{name}")
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a count beyond 2^53 never happens"
)]
fn count_as_f64(count: u64) -> f64 {
    count as f64
}

/// First bound in seconds, factor, count.
type Buckets = (f64, f64, usize);

/// 0.25 ms to 2 s.
const FAST: Buckets = (0.000_25, 2.0, 14);

/// 0.25 s to 128 s: a hard time-out is 125 s.
const AIR: Buckets = (0.25, 2.0, 10);

/// 10 ms to 46 h.
const WAIT: Buckets = (0.01, 4.0, 13);

const PREFIX: &str = "simfleet_";

/// Causes with a label of their own, so that a babbling modem can't make series without end.
const CAUSES_MAX: usize = 48;

/// What alerts look for: it is there before it first happens.
const REFUSAL_CODES: [&str; 7] = [
    "rate_limited",
    "policy",
    "suppressed",
    "queue_full",
    "deadline_unreachable",
    "outside_send_window",
    "disk_full",
];

/// Label of SIMs whose operator is not configured.
pub(crate) const NO_OPERATOR: &str = "none";

#[cfg(test)]
mod tests;
