//! The verdict of a demonstration: the figures that programs get, and what they mean in words.

use std::collections::HashMap;
use std::time::Duration;

use client::StatusView;
use hw_sim::{Accepted, Audit, LedgerEntry};
use serde::Serialize;

use super::child::Usage;
use super::figures::{loaded_span, on_air_span, percentile, queue_waits};
use super::fleet_under_test::Settings;
use super::hand_over::HandOver;
use super::said::Said;
use crate::failure::Failure;
use crate::output::Output;
use crate::paint::Tint;

/// Everything that is known when a run is over.
pub(crate) struct Run {
    pub(crate) settings: Settings,
    pub(crate) messages: u32,
    pub(crate) handed: HandOver,
    /// With a scenario: what the daemon says of each message, by key.
    pub(crate) told: Option<HashMap<String, String>>,
    /// The daemon's last status: for how messages ended, not for what was lost.
    pub(crate) status: StatusView,
    pub(crate) all_ended: bool,
    pub(crate) entries: Vec<LedgerEntry>,
    /// From the first message handed over until the last had ended.
    pub(crate) elapsed: Duration,
    pub(crate) usage: Usage,
    pub(crate) usage_at_start: Usage,
    pub(crate) stopped_cleanly: bool,
}

/// The object of `demo --json`; its fields are part of the product.
#[derive(Debug, Serialize)]
pub(crate) struct Fields {
    lines: u16,
    messages: u32,
    accepted: u64,
    /// Messages that the network has whole.
    sent: u64,
    delivered: u64,
    undelivered: u64,
    unconfirmed: u64,
    /// Ended without being sent: failed or expired.
    failed: u64,
    in_doubt: u64,
    /// Never whole on the air; with a scenario only those that the daemon says were sent.
    lost: u64,
    /// With a scenario: never whole on the air, and the daemon says so or says that it does not know.
    #[serde(skip_serializing_if = "Option::is_none")]
    told_not_sent: Option<u64>,
    /// With a scenario: accepted, and the daemon no longer knows them.
    #[serde(skip_serializing_if = "Option::is_none")]
    forgotten: Option<u64>,
    /// With a scenario: still queued or being sent when nothing more happened.
    #[serde(skip_serializing_if = "Option::is_none")]
    never_ended: Option<u64>,
    /// With a scenario: ended as failed, though the network neither took nor refused any part.
    #[serde(skip_serializing_if = "Option::is_none")]
    failed_untried: Option<u64>,
    /// With a scenario: expired untried, though most of the radios' time was free all the while.
    #[serde(skip_serializing_if = "Option::is_none")]
    expired_idle: Option<u64>,
    /// With a scenario: on the air, though the daemon says that they were not sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    wrongly_not_sent: Option<u64>,
    duplicates: u64,
    elapsed_s: f64,
    /// Parts on the air per minute, from the first start to the last acceptance by the network.
    rate_per_min: Option<f64>,
    /// `null` if the radios take no time.
    capacity_per_min: Option<f64>,
    /// `null` if never as many messages waited as there are lines.
    capacity_share: Option<f64>,
    per_sim_min: u64,
    per_sim_max: u64,
    jain_index: f64,
    otp_queue_ms_p50: Option<f64>,
    otp_queue_ms_p99: Option<f64>,
    accept_ms_p50: Option<f64>,
    accept_ms_p99: Option<f64>,
    /// User and system time of the daemon, its start included.
    cpu_s: f64,
    /// Peak resident memory of the daemon, in 10^6 bytes.
    rss_mb: f64,
}

/// The verdict.
pub(crate) struct Verdict {
    pub(crate) fields: Fields,
    settings: Settings,
    all_ended: bool,
    /// With a scenario: sent or in doubt, waiting for reports that it may have lost.
    waiting: u64,
    stopped_cleanly: bool,
    parts: u64,
    /// What the network got that nobody had accepted.
    foreign: u64,
    refused: usize,
    loaded_for: Option<Duration>,
    codes: usize,
    cpu_in_run_s: f64,
}

impl Verdict {
    /// Holds the ledger against what the API accepted.
    pub(crate) fn of(run: &Run) -> Verdict {
        let accepted: Vec<Accepted> = run
            .handed
            .accepted
            .iter()
            .map(|one| Accepted {
                to: one.to.clone(),
                text: one.text.clone(),
            })
            .collect();
        let truth = hw_sim::audit::compare(&run.entries, &accepted);
        let said = run.told.as_ref().map(|told| Said::of(run, told));
        let lost = said.map_or(truth.lost, |said| said.lost);
        let audit = Audit::of(&run.entries);
        let lines = usize::from(run.settings.lines);
        let loaded = loaded_span(&run.entries, &run.handed.accepted, lines);
        let codes = run.handed.accepted.iter().filter(|one| one.class == "otp");
        let waits = queue_waits(&run.entries, codes);
        let counts = &run.status.messages;
        let share = loaded
            .as_ref()
            .filter(|_| !run.settings.sms_time.is_zero())
            .map(|span| hw_sim::audit::capacity_share(&run.entries, lines, span));
        let fields = Fields {
            lines: run.settings.lines,
            messages: run.messages,
            accepted: accepted.len() as u64,
            sent: truth.complete,
            delivered: counts.delivered,
            undelivered: counts.undelivered,
            unconfirmed: counts.unconfirmed,
            failed: counts.failed + counts.expired,
            in_doubt: counts.in_doubt,
            lost,
            told_not_sent: said.map(|_| truth.lost - lost),
            forgotten: said.map(|said| said.forgotten),
            never_ended: said.map(|said| said.never_ended),
            failed_untried: said.map(|said| said.failed_untried),
            expired_idle: said.map(|said| said.expired_idle),
            wrongly_not_sent: said.map(|said| said.wrongly_not_sent),
            duplicates: truth.duplicates,
            elapsed_s: rounded(run.elapsed.as_secs_f64()),
            rate_per_min: rate_per_minute(&run.entries, audit.parts()),
            capacity_per_min: run.settings.capacity_per_minute().map(rounded),
            capacity_share: share.map(|share| (share * 1e4).round() / 1e4),
            per_sim_min: audit.per_sim_min(lines),
            per_sim_max: audit.per_sim_max(),
            jain_index: (audit.jain_index(lines) * 1e4).round() / 1e4,
            otp_queue_ms_p50: milliseconds(&waits, 0.5),
            otp_queue_ms_p99: milliseconds(&waits, 0.99),
            accept_ms_p50: milliseconds(&run.handed.accept_times, 0.5),
            accept_ms_p99: milliseconds(&run.handed.accept_times, 0.99),
            cpu_s: rounded(run.usage.cpu_s),
            rss_mb: rounded(run.usage.rss_mb),
        };
        Verdict {
            fields,
            settings: run.settings.clone(),
            all_ended: run.all_ended,
            waiting: counts.sent + counts.in_doubt,
            stopped_cleanly: run.stopped_cleanly,
            parts: audit.parts(),
            foreign: truth.foreign,
            refused: run.handed.refused.len(),
            loaded_for: loaded.map(|span| *span.end() - *span.start()),
            codes: waits.len(),
            cpu_in_run_s: run.usage.cpu_s - run.usage_at_start.cpu_s,
        }
    }

    /// Nothing lost, nothing twice, nothing made up, everything ended, and the daemon stopped in order.
    pub(crate) fn is_good(&self) -> bool {
        let Fields {
            lost, duplicates, ..
        } = self.fields;
        // What expired while radios were free is told and not condemned: a barred SIM has a free radio too.
        let untrue = [
            self.fields.wrongly_not_sent,
            self.fields.forgotten,
            self.fields.never_ended,
            self.fields.failed_untried,
        ];
        lost + duplicates == 0
            && untrue.iter().flatten().all(|count| *count == 0)
            && self.foreign == 0
            && self.all_ended
            && self.stopped_cleanly
    }

    /// For people.
    pub(crate) fn tell(&self, out: &mut Output) -> Result<(), Failure> {
        out.line("")?;
        for (name, text) in self.paragraphs() {
            let label = out.paint(&format!("{name:<11}"), Tint::Dim);
            out.line(format_args!("{label} {text}"))?;
        }
        out.line("")?;
        if self.is_good() {
            let verdict = match self.waiting {
                0 => "every message ended; nothing was lost and nothing was sent twice",
                _ => {
                    "every message ended or waits for its report; nothing was lost and nothing was sent twice"
                }
            };
            return out.line(out.paint(verdict, Tint::Good));
        }
        for fault in self.faults() {
            out.line(out.paint(&fault, Tint::Bad))?;
        }
        Ok(())
    }

    fn paragraphs(&self) -> Vec<(&'static str, String)> {
        let fields = &self.fields;
        vec![
            ("fleet", self.fleet()),
            (
                "accepted",
                format!(
                    "{} messages over the socket, {} refused",
                    fields.accepted, self.refused
                ),
            ),
            (
                "on the air",
                format!(
                    "{} messages whole, {} parts, {}",
                    fields.sent,
                    self.parts,
                    self.rate()
                ),
            ),
            ("ended", self.ends()),
            (
                "lost",
                format!(
                    "{} by the simulator's ledger against what the API accepted{}",
                    fields.lost,
                    self.beside_lost()
                ),
            ),
            (
                "duplicates",
                format!("{} by the same comparison", fields.duplicates),
            ),
            ("radios", self.radios()),
            ("pace", self.pace()),
            (
                "per SIM",
                format!(
                    "{} to {} parts, Jain index {}",
                    fields.per_sim_min, fields.per_sim_max, fields.jain_index
                ),
            ),
            ("codes", self.codes()),
            (
                "accept",
                format!(
                    "durable, one by one over the socket: p50 {}, p99 {}",
                    ms_text(fields.accept_ms_p50),
                    ms_text(fields.accept_ms_p99)
                ),
            ),
            ("daemon", self.daemon()),
        ]
    }

    /// With a scenario: what was not sent and told.
    fn beside_lost(&self) -> String {
        self.fields.told_not_sent.map_or(String::new(), |told| {
            let idle = match self.fields.expired_idle {
                Some(idle) if idle > 0 => {
                    format!("; {idle} of them expired untried while most radios were free")
                }
                Some(_) | None => String::new(),
            };
            format!(
                " and what the daemon says was sent; {told} never whole on the air, and the apps were told{idle}"
            )
        })
    }

    fn fleet(&self) -> String {
        let settings = &self.settings;
        format!(
            "{} lines, {:.2} s of radio time a part on average, seed {}",
            settings.lines,
            settings.sms_time.as_secs_f64(),
            settings.seed
        )
    }

    fn rate(&self) -> String {
        match self.fields.rate_per_min {
            Some(rate) if self.settings.sms_time.is_zero() => {
                format!("{:.0} parts a second", rate / 60.0)
            }
            Some(rate) => format!("{rate:.0} parts a minute over the whole run"),
            None => "too few for a rate".to_owned(),
        }
    }

    fn ends(&self) -> String {
        let fields = &self.fields;
        let ended = match (self.all_ended, self.waiting) {
            (false, _) => "not all".to_owned(),
            (true, 0) => "all".to_owned(),
            (true, waiting) => format!("all but {waiting} that wait for a report"),
        };
        format!(
            "{ended}, in {:.1} s: {} delivered, {} undelivered, {} unconfirmed, {} failed, {} in doubt",
            fields.elapsed_s,
            fields.delivered,
            fields.undelivered,
            fields.unconfirmed,
            fields.failed,
            fields.in_doubt
        )
    }

    fn radios(&self) -> String {
        let (Some(capacity), Some(share), Some(loaded)) = (
            self.fields.capacity_per_min,
            self.fields.capacity_share,
            self.loaded_for,
        ) else {
            let zero = self.settings.sms_time.is_zero();
            let why = if zero {
                "they take no time"
            } else {
                "too few messages to keep them busy"
            };
            return format!("capacity not measured: {why}");
        };
        format!(
            "busy {:.2} % of the {:.1} s in which more messages waited than there are lines; \
             at best {capacity:.0} parts a minute",
            share * 100.0,
            loaded.as_secs_f64(),
        )
    }

    fn pace(&self) -> String {
        let target = self.settings.target_per_minute();
        let spread = self.settings.start_spread().as_secs_f64();
        let radios = self.settings.capacity_per_minute();
        let bound = if radios.is_some_and(|capacity| capacity < f64::from(target)) {
            "well above what the radios can do, so that they are the bound"
        } else {
            "the most that a configuration allows"
        };
        format!(
            "the daemon's target is {target} parts a minute, {bound}; \
             the lines' first sends are spread over {spread:.2} s"
        )
    }

    fn codes(&self) -> String {
        format!(
            "{} one-time codes beside the backlog, once every line was at work, from handing over to on the air: p50 {}, p99 {}",
            self.codes,
            ms_text(self.fields.otp_queue_ms_p50),
            ms_text(self.fields.otp_queue_ms_p99)
        )
    }

    fn daemon(&self) -> String {
        format!(
            "{:.2} s of CPU in the run ({:.1} % of one core; {:.2} s with its start), {:.0} MB of memory at most",
            self.cpu_in_run_s,
            self.cpu_in_run_s / self.fields.elapsed_s.max(0.001) * 100.0,
            self.fields.cpu_s,
            self.fields.rss_mb
        )
    }

    fn faults(&self) -> Vec<String> {
        let fields = &self.fields;
        let mut faults = Vec::new();
        if fields.lost > 0 {
            faults.push(format!(
                "{} accepted messages never came to the network whole",
                fields.lost
            ));
        }
        if fields.wrongly_not_sent.is_some_and(|wrong| wrong > 0) {
            faults.push(
                "messages went to the network though the daemon says that they were not sent"
                    .to_owned(),
            );
        }
        let untrue = [
            (
                fields.forgotten,
                "accepted messages are unknown to the daemon",
            ),
            (
                fields.never_ended,
                "accepted messages neither ended nor went on",
            ),
            (
                fields.failed_untried,
                "messages failed though the network neither took nor refused any of their parts",
            ),
        ];
        for (count, what) in untrue {
            if let Some(count) = count.filter(|count| *count > 0) {
                faults.push(format!("{count} {what}"));
            }
        }
        if fields.duplicates > 0 {
            faults.push(format!(
                "{} parts came to the network again",
                fields.duplicates
            ));
        }
        if self.foreign > 0 {
            faults.push(format!(
                "{} texts on the air were never handed over",
                self.foreign
            ));
        }
        if !self.all_ended {
            faults.push("not every message ended in time".to_owned());
        }
        if !self.stopped_cleanly {
            faults.push("the daemon did not stop in order".to_owned());
        }
        faults
    }
}

fn rate_per_minute(entries: &[LedgerEntry], parts: u64) -> Option<f64> {
    let span = on_air_span(entries)?;
    let minutes = (*span.end() - *span.start()).as_secs_f64() / 60.0;
    (minutes > 0.0).then(|| rounded(parts as f64 / minutes))
}

fn milliseconds(values: &[Duration], share: f64) -> Option<f64> {
    percentile(values, share).map(|value| rounded(value.as_secs_f64() * 1e3))
}

pub(crate) fn ms_text(value: Option<f64>) -> String {
    value.map_or("not measured".to_owned(), |value| format!("{value} ms"))
}

/// Two decimals say all that such a run can.
pub(crate) fn rounded(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests;
