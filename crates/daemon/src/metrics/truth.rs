//! What became of parts after they were sent or in doubt: reports by operator, doubts by cause.

use modem::Doubt;
use prometheus::{IntCounterVec, Opts, Registry};
use sms::StatusClass;

use super::{by_cause, full, register};

/// The counters.
pub(super) struct Truth {
    reports_awaited: IntCounterVec,
    reports: IntCounterVec,
    resolved: IntCounterVec,
    unresolved: IntCounterVec,
}

impl Truth {
    pub(super) fn new(registry: &Registry) -> Truth {
        let counter = |name, help: &str, labels: &[&str]| {
            register(
                registry,
                IntCounterVec::new(Opts::new(full(name), help), labels),
            )
        };
        let truth = Truth {
            reports_awaited: counter(
                "reports_awaited_total",
                "Parts that were sent and whose report was asked for",
                &["operator"],
            ),
            reports: counter(
                "reports_total",
                "Reports that were attributed, by what they say",
                &["operator", "result"],
            ),
            resolved: by_cause(
                registry,
                "doubts_resolved_total",
                "Attempts of unknown outcome that an answer or a report proved to be sent, by cause",
            ),
            unresolved: by_cause(
                registry,
                "doubts_unresolved_total",
                "Attempts of unknown outcome whose message ended before anything proved them, by cause",
            ),
        };
        // A series is there before its first event, so that a rate of it is right.
        for doubt in DOUBTS {
            truth.resolved.with_label_values(&[doubt.as_str()]);
            truth.unresolved.with_label_values(&[doubt.as_str()]);
        }
        truth
    }

    /// Reports of this operator will be counted.
    pub(super) fn know(&self, operator: &str) {
        self.reports_awaited.with_label_values(&[operator]);
        for result in RESULTS {
            self.reports.with_label_values(&[operator, result]);
        }
    }

    /// A part was sent, and its report was asked for.
    pub(super) fn awaited(&self, operator: &str) {
        self.reports_awaited.with_label_values(&[operator]).inc();
    }

    /// A report was attributed.
    pub(super) fn reported(&self, operator: &str, class: StatusClass) {
        let labels = [operator, result(class)];
        self.reports.with_label_values(&labels).inc();
    }

    /// An attempt in doubt is known to be sent.
    pub(super) fn resolved(&self, doubt: Doubt) {
        self.resolved.with_label_values(&[doubt.as_str()]).inc();
    }

    /// The message of an attempt in doubt ended, and nobody knows of the attempt.
    pub(super) fn unresolved(&self, doubt: Doubt) {
        self.unresolved.with_label_values(&[doubt.as_str()]).inc();
    }
}

/// What a report says, in a word that does not multiply series.
fn result(class: StatusClass) -> &'static str {
    match class {
        StatusClass::Delivered => "delivered",
        StatusClass::DeliveredUnconfirmed | StatusClass::Replaced => "unconfirmed",
        StatusClass::Trying => "trying",
        StatusClass::Failed | StatusClass::Expired | StatusClass::Deleted | StatusClass::GaveUp => {
            "undelivered"
        }
    }
}

const RESULTS: [&str; 4] = ["delivered", "unconfirmed", "trying", "undelivered"];
const DOUBTS: [Doubt; 7] = [
    Doubt::Silence,
    Doubt::LineLost,
    Doubt::Reboot,
    Doubt::NetworkTimeout,
    Doubt::NoReference,
    Doubt::Answer,
    Doubt::Restart,
];
