//! From what the core and the store know to the JSON of the API.

use std::collections::BTreeMap;

use client::{
    AttemptView, BreakerView, BudgetView, EventView, HubView, LineView, MessageCounts, MessageView,
    NetworkSaidView, QueueView, RecoveryView, ReportRateView, ReportView, SimView, StatusView,
};
use gateway::{
    BudgetSnapshot, Class, Control, EndReason, Entry, HubResult, HubSnapshot, Message,
    MessageState, Record, Report, ReportRate, SimSnapshot, SimState, Snapshot, UnixMs,
};
use modem::{ModemIdentity, Outcome, Rung, Ticket};
use store::{Erased, StoredEvent, Story, Summary};

use super::measure::tables;
use crate::board::{Climbed, LineStatus, NetworkSaid};
use crate::clock::rfc3339;
use crate::metrics::LINE_STATES;

/// A message with its attempts.
pub(super) fn story(story: &Story) -> MessageView {
    let mut view = message(
        &story.message,
        story.accepted,
        story.state,
        story.ended,
        story.reason,
        story.erased,
    );
    view.attempts = attempts(&story.entries);
    view
}

/// A message without its attempts.
pub(crate) fn summary(summary: &Summary) -> MessageView {
    message(
        &summary.message,
        summary.accepted,
        summary.state,
        summary.ended,
        summary.reason,
        summary.erased,
    )
}

fn message(
    message: &Message,
    accepted: UnixMs,
    state: MessageState,
    ended: Option<UnixMs>,
    reason: Option<EndReason>,
    erased: Option<Erased>,
) -> MessageView {
    let [locking_shift, single_shift] = tables(message.form.shifts());
    let content = erased.is_none().then(|| message.text.to_string());
    let (text, data) = match message.form.is_data() {
        false => (content, None),
        true => (None, content),
    };
    let ports = message.form.ports();
    let is_cut = erased.is_some_and(|erased| erased.cut_recipient);
    MessageView {
        id: message.id.to_string(),
        to: message.to.text() + if is_cut { "…" } else { "" },
        text,
        class: message.class.as_str().to_owned(),
        state: state.as_str().to_owned(),
        ended: ended.is_some(),
        reason: reason.map(|reason| reason.as_str().to_owned()),
        parts: message.parts,
        encoding: message.form.as_str().to_owned(),
        key: message.key.as_deref().map(str::to_owned),
        app: message.app.as_deref().map(str::to_owned),
        route: message.route.as_deref().map(str::to_owned),
        report: message.report,
        in_doubt: message.in_doubt.as_str().to_owned(),
        accepted_at: rfc3339(accepted),
        expires_at: rfc3339(message.expires),
        ended_at: ended.map(rfc3339),
        locking_shift,
        single_shift,
        flash: message.flash,
        replace: message.replace,
        send_at: message.send_at.map(rfc3339),
        window_opens_at: None,
        attempts: Vec::new(),
        erased_at: erased.map(|erased| rfc3339(erased.at)),
        data,
        destination_port: ports.map(|ports| ports.destination),
        source_port: ports.map(|ports| ports.source),
    }
}

fn attempts(entries: &[Entry]) -> Vec<AttemptView> {
    let mut attempts: Vec<(Ticket, AttemptView)> = Vec::new();
    for entry in entries {
        if let Record::Started {
            part, sim, line, ..
        } = &entry.record
        {
            let attempt = AttemptView {
                part: *part,
                sim: sim.to_string(),
                line: line.to_string(),
                started_at: rfc3339(entry.at),
                outcome: "open".to_owned(),
                ..AttemptView::default()
            };
            attempts.push((Ticket(entry.seq), attempt));
        } else if let Some(ticket) = entry.record.ticket()
            && let Some((_, attempt)) = attempts.iter_mut().find(|(own, _)| *own == ticket)
        {
            follow(attempt, entry);
        }
    }
    attempts.into_iter().map(|(_, attempt)| attempt).collect()
}

fn follow(attempt: &mut AttemptView, entry: &Entry) {
    let at = Some(rfc3339(entry.at));
    match &entry.record {
        Record::Finished {
            outcome,
            submitted,
            raw,
            ..
        } => {
            attempt.submitted_at = submitted.map(rfc3339);
            attempt.finished_at = at;
            attempt.raw = raw.as_deref().map(str::to_owned);
            finish(attempt, outcome);
        }
        Record::Returned { .. } => {
            attempt.finished_at = at;
            attempt.outcome = "returned".to_owned();
        }
        Record::Resolved { mr, .. } => {
            attempt.outcome = "sent".to_owned();
            attempt.mr = attempt.mr.or(*mr);
        }
        Record::Reported { report, .. } => attempt.report = Some(view_report(report, entry.at)),
        Record::Accepted(_)
        | Record::Started { .. }
        | Record::ReportKept { .. }
        | Record::ReportDropped { .. }
        | Record::Requeued { .. }
        | Record::Ended { .. }
        | Record::SimUsed { .. }
        | Record::Controlled { .. }
        | Record::PinTried { .. }
        | Record::RecipientUsed { .. }
        | Record::RecipientsForgotten { .. }
        | Record::BudgetWarned { .. }
        | Record::Quarantined { .. }
        | Record::BreakerMoved { .. }
        | Record::HubReset { .. }
        | Record::Suppressed { .. }
        | Record::Counted(_) => {}
    }
}

fn finish(attempt: &mut AttemptView, outcome: &Outcome) {
    match outcome {
        Outcome::Sent { mr } => {
            attempt.outcome = "sent".to_owned();
            attempt.mr = Some(*mr);
        }
        Outcome::Refused(cause) => {
            attempt.outcome = "refused".to_owned();
            attempt.cause = Some(cause.to_string());
        }
        Outcome::Unknown(doubt) => {
            attempt.outcome = "unknown".to_owned();
            attempt.cause = Some(doubt.as_str().to_owned());
        }
    }
}

fn view_report(report: &Report, at: UnixMs) -> ReportView {
    ReportView {
        status: report.status.0,
        status_name: report.status.name().to_owned(),
        at: rfc3339(at),
        discharged_at: report.discharged.map(rfc3339),
    }
}

/// One event.
pub(crate) fn event(event: &StoredEvent) -> EventView {
    let state = event.state.map(MessageState::as_str);
    let warning = event.warning.as_ref();
    EventView {
        seq: event.seq,
        at: rfc3339(event.at),
        kind: event.kind.to_owned(),
        id: event.id.map(|id| id.to_string()).unwrap_or_default(),
        state: state.unwrap_or_default().to_owned(),
        part: event.part,
        sim: event.sim.as_ref().map(ToString::to_string),
        line: event.line.as_deref().map(str::to_owned),
        outcome: event.outcome.map(str::to_owned),
        cause: event.cause.as_deref().map(str::to_owned),
        mr: event.mr,
        status: event.status.map(|status| status.0),
        budget: warning.map(|warning| warning.budget.to_owned()),
        percent: warning.map(|warning| warning.percent),
        used: warning.map(|warning| warning.used.into()),
        limit: warning.map(|warning| warning.limit.into()),
        resets_at: warning.and_then(|warning| warning.resets).map(rfc3339),
    }
}

/// One line.
pub(super) fn line(name: &str, status: &LineStatus, snapshot: &Snapshot) -> LineView {
    let controlled = snapshot
        .line_controls
        .iter()
        .find(|(line, _, _)| **line == *name);
    let (control, reason) = controlled.map_or((Control::Active, None), |(_, control, reason)| {
        (*control, reason.as_deref())
    });
    let mut held = snapshot.held_lines.iter();
    let held = held.find(|other| other.line == status.line);
    let breakers = &snapshot.line_breakers;
    let breaker = breakers.iter().find(|other| other.line == status.line);
    LineView {
        name: name.to_owned(),
        path: status.path.display().to_string(),
        state: status.state.as_str().to_owned(),
        control: control.as_str().to_owned(),
        control_reason: reason.map(str::to_owned),
        since: rfc3339(status.since),
        error: status.error.as_deref().map(str::to_owned),
        sim: status.sim.as_ref().map(ToString::to_string),
        modem: status.modem.as_ref().map(modem_name),
        imei: status
            .modem
            .as_ref()
            .map(|modem| modem.imei.clone())
            .filter(|imei| !imei.is_empty()),
        profile: status.modem.as_ref().map(|modem| modem.profile.to_string()),
        number: Some(status.number.0.to_string()).filter(|number| !number.is_empty()),
        network: status
            .network
            .as_ref()
            .map(|network| network.operator.to_string())
            .filter(|operator| !operator.is_empty()),
        technology: status
            .network
            .as_ref()
            .and_then(|network| network.technology),
        roaming: status.network.as_ref().and_then(|network| network.roaming),
        signal: status.signal,
        opens: status.opens,
        step: status.step.map(str::to_owned),
        opens_at: status.opens_at.map(rfc3339),
        last_recovery: status.climbed.map(recovery),
        recoveries: recoveries(status),
        calls_rejected: status.calls_rejected,
        garbage_bytes: status.garbage_bytes,
        breaker: breaker.map(|breaker| BreakerView {
            state: breaker.state.as_str().to_owned(),
            reason: breaker.reason.to_string(),
            retry_at: breaker.retry_at.map(rfc3339),
        }),
        same_sim_as: held.map(|held| held.holder.to_string()),
        hub: status.hub.as_deref().map(str::to_owned),
    }
}

fn recovery(climbed: Climbed) -> RecoveryView {
    RecoveryView {
        rung: climbed.rung.as_str().to_owned(),
        reason: climbed.reason.to_owned(),
        at: rfc3339(climbed.at),
    }
}

fn recoveries(status: &LineStatus) -> BTreeMap<String, u64> {
    let counts = Rung::ALL.iter().zip(status.climbs);
    let climbed = counts.filter(|(_, count)| *count > 0);
    climbed
        .map(|(rung, count)| (rung.as_str().to_owned(), count))
        .collect()
}

fn modem_name(modem: &ModemIdentity) -> String {
    let words = [&modem.manufacturer, &modem.model, &modem.revision];
    let words: Vec<&str> = words
        .iter()
        .map(|word| word.trim())
        .filter(|word| !word.is_empty())
        .collect();
    words.join(" ")
}

/// One SIM; `line` is the name of the line that it is in, `said` what the network last said to it by itself.
pub(super) fn sim(sim: &SimSnapshot, line: Option<&str>, said: Option<NetworkSaid>) -> SimView {
    SimView {
        iccid: sim.iccid.to_string(),
        label: sim.label.to_string(),
        operator: sim.operator.as_deref().map(str::to_owned),
        imsi: sim
            .imsi
            .as_deref()
            .filter(|imsi| !imsi.is_empty())
            .map(str::to_owned),
        line: line.map(str::to_owned),
        state: sim.state.as_str().to_owned(),
        reason: sim.reason.as_deref().map(str::to_owned),
        sent: sim.usage.sent,
        refused: sim.usage.refused,
        in_doubt: sim.usage.in_doubt,
        delivered: sim.usage.delivered,
        budgets: sim.budgets.iter().map(budget).collect(),
        binds: sim.binds.map(|(name, _)| name.to_owned()),
        binds_at: sim.binds.map(|(_, at)| rfc3339(at)),
        contract: sim.contract.as_deref().map(str::to_owned),
        report_ratio: sim.reports.ratio(),
        network_said: said.map(|said| NetworkSaidView {
            text: said.text.into(),
            at: rfc3339(said.at),
        }),
    }
}

fn budget(budget: &BudgetSnapshot) -> BudgetView {
    let left = budget.limit.saturating_sub(budget.used);
    BudgetView {
        name: budget.name.to_owned(),
        used: budget.used.into(),
        limit: budget.limit.into(),
        left: left.into(),
        for_codes: budget.for_codes.min(left).into(),
        resets_at: budget.resets.map(rfc3339),
        binds_at: budget.binds.map(rfc3339),
        warning: budget.warning,
    }
}

/// The fleet at a glance.
pub(super) fn status(
    snapshot: &Snapshot,
    lines: &[(Box<str>, LineStatus)],
    started: UnixMs,
) -> StatusView {
    let lines_in = |state| {
        lines
            .iter()
            .filter(|(_, status)| status.state == state)
            .count() as u64
    };
    let sims_in = |state| {
        snapshot
            .sims
            .iter()
            .filter(|sim| sim.state == state)
            .count() as u64
    };
    let counted = LINE_STATES
        .iter()
        .map(|state| (state.as_str().to_owned(), lines_in(*state)));
    let sims = SimState::ALL
        .iter()
        .map(|state| (state.as_str().to_owned(), sims_in(*state)));
    StatusView {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        started_at: rfc3339(started),
        state: if snapshot.stopping {
            "draining"
        } else {
            "running"
        }
        .to_owned(),
        lines: counted.filter(|(_, count)| *count > 0).collect(),
        sims: sims.filter(|(_, count)| *count > 0).collect(),
        messages: counts(snapshot),
        queues: Class::ALL
            .iter()
            .map(|class| (class.as_str().to_owned(), queue(snapshot, *class)))
            .collect(),
        target_per_minute: snapshot.target_per_minute,
        sent_last_minute: snapshot.sent_last_minute,
        achievable_per_minute: whole(snapshot.capacity.achievable_per_minute),
        steady_per_minute: whole(snapshot.capacity.steady_per_minute),
        binds: snapshot.capacity.binds.as_str().to_owned(),
        exhausted_in_ms: snapshot
            .capacity
            .exhausted_in
            .map(|lasts| u64::try_from(lasts.as_millis()).unwrap_or(u64::MAX)),
        last_event: snapshot.last_seq,
        reports_unmatched: snapshot.reports_kept,
        reports_unclear: snapshot.reports_unclear,
        accepting: snapshot.accepting,
        hubs: snapshot.hubs.iter().map(hub).collect(),
        reports: snapshot.reports.iter().map(report_rate).collect(),
    }
}

fn report_rate((operator, rate): &(Box<str>, ReportRate)) -> ReportRateView {
    let delay_ms = |percent| {
        let delay = rate.delay(percent)?;
        Some(u64::try_from(delay.as_millis()).unwrap_or(u64::MAX))
    };
    ReportRateView {
        operator: operator.to_string(),
        parts: rate.parts.into(),
        came: rate.came().into(),
        ratio: rate.ratio(),
        delay_ms_p50: delay_ms(50),
        delay_ms_p90: delay_ms(90),
    }
}

fn hub(hub: &HubSnapshot) -> HubView {
    let results = HubResult::ALL.iter().zip(hub.resets);
    HubView {
        name: hub.name.to_string(),
        state: hub.state.as_str().to_owned(),
        why: hub.why.as_deref().map(str::to_owned),
        not_before: hub.not_before.map(rfc3339),
        lines: hub.lines as u64,
        gone: hub.gone as u64,
        resets: results
            .map(|(result, count)| (result.as_str().to_owned(), count))
            .collect(),
        last_reset_at: hub.last.map(|(at, _)| rfc3339(at)),
        last_result: hub.last.map(|(_, result)| result.as_str().to_owned()),
    }
}

/// A rate in whole parts; what is beyond a number has no meaning for a fleet.
fn whole(rate: f64) -> u64 {
    rate.round() as u64
}

fn queue(snapshot: &Snapshot, class: Class) -> QueueView {
    let lane = snapshot.lanes[class.index()];
    QueueView {
        depth: lane.depth,
        oldest_ms: u64::try_from(lane.oldest.as_millis()).unwrap_or(u64::MAX),
        later: lane.later,
        window_closed: lane.window_closed,
    }
}

fn counts(snapshot: &Snapshot) -> MessageCounts {
    let totals = &snapshot.totals;
    let ended = |state: MessageState| totals.ended[state.index()];
    MessageCounts {
        accepted: totals.accepted,
        queued: snapshot.queued,
        sending: snapshot.sending,
        in_doubt: snapshot.in_doubt,
        sent: snapshot.sent,
        ended: totals.ended.iter().sum(),
        delivered: ended(MessageState::Delivered),
        sent_unreported: ended(MessageState::Sent),
        undelivered: ended(MessageState::Undelivered),
        unconfirmed: ended(MessageState::Unconfirmed),
        failed: ended(MessageState::Failed),
        expired: ended(MessageState::Expired),
        cancelled: ended(MessageState::Cancelled),
    }
}

#[cfg(test)]
mod tests;
