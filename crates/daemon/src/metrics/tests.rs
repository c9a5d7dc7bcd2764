//! The exposition: what it holds, what it never holds, and how much of it there is.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use gateway::{
    BudgetSnapshot, Class, Entry, InDoubt, LineId, Message, MessageId, MessageSeq, MessageState,
    Record, Report, ReportRate, Settings, SimSettings, SimSnapshot, SimState, Snapshot, Standing,
    UnixMs, Usage, Warning,
};
use modem::{Cause, Doubt, Event, Iccid, Outcome, Ticket};
use uuid::Uuid;

use super::{CAUSES_MAX, Metrics, Observer, Scene, fleet};
use crate::board::{Board, LineStatus};
use crate::process;
use crate::send_queue::SendQueue;
use crate::testing::{settings, snapshot};

const RECIPIENT: &str = "+4915112345678";

fn iccid(number: u32) -> Iccid {
    Iccid(format!("8949020000{number:09}").into())
}

fn sim(number: u32) -> SimSnapshot {
    let iccid = iccid(number);
    SimSnapshot {
        label: iccid.tail().into(),
        iccid,
        operator: None,
        imsi: Some("262010000000001".into()),
        line: Some(LineId(number)),
        state: SimState::Idle,
        reason: Some("free text of an operator".into()),
        usage: Usage::default(),
        budgets: vec![budget("per_minute", 0, 10)],
        binds: None,
        contract: None,
        reports: quarter(),
    }
}

/// A report came of one part in four.
fn quarter() -> ReportRate {
    let mut rate = ReportRate {
        parts: 40,
        ..ReportRate::default()
    };
    rate.by_delay[0] = 10;
    rate
}

fn budget(name: &'static str, used: u32, limit: u32) -> BudgetSnapshot {
    BudgetSnapshot {
        name,
        limit,
        used,
        for_codes: 0,
        resets: None,
        binds: None,
        warning: None,
    }
}

/// A fleet of `count` lines, each with its SIM.
fn scene_of(count: u32) -> (Snapshot, Vec<(Box<str>, LineStatus)>) {
    let board = Board::default();
    let mut snapshot = snapshot();
    for number in 0..count {
        let name = format!("line{number:03}");
        let queue = Arc::new(SendQueue::new());
        board.add(
            &name,
            LineId(number),
            Path::new("/dev/null"),
            UnixMs(0),
            queue,
        );
        board.update(&name, |status| {
            status.note(UnixMs(0), &Event::Signal(Some(20)), None)
        });
        snapshot.sims.push(sim(number));
    }
    (snapshot, board.all())
}

fn exposition(snapshot: &Snapshot, lines: &[(Box<str>, LineStatus)], metrics: &Metrics) -> String {
    let process = process::Usage::default();
    let scene = Scene {
        snapshot,
        lines,
        climbs: modem::Rung::ALL.map(|rung| (rung, 0)),
        calls_rejected: 0,
        webhooks: &[],
        now: UnixMs(0),
        process: &process,
        store_log_octets: 0,
        sweep: &store::SweepHealth::default(),
    };
    metrics.text() + &fleet(&scene)
}

fn value(text: &str, series: &str) -> f64 {
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("no {series} in\n{text}"))
        .parse()
        .unwrap()
}

fn label_values(text: &str) -> BTreeSet<&str> {
    let samples = text.lines().filter(|line| !line.starts_with('#'));
    samples
        .flat_map(|line| line.split('"').skip(1).step_by(2))
        .collect()
}

fn message(class: Class) -> Message {
    Message {
        id: MessageId(Uuid::now_v7()),
        to: sms::Address::parse(RECIPIENT).unwrap(),
        text: "secret text".into(),
        class,
        key: Some("order-77".into()),
        digest: 0,
        app: None,
        route: None,
        report: true,
        in_doubt: InDoubt::Hold,
        form: sms::Encoding::Gsm7.into(),
        parts: 1,
        expires: UnixMs(1_000_000),
        flash: false,
        replace: None,
        send_at: None,
    }
}

/// A message's life: accepted at 0, started at 1 s, sent at 5 s, reported and ended at 9 s.
fn life(class: Class, sim: Iccid) -> Vec<Entry> {
    let message = message(class);
    let (seq, ticket) = (MessageSeq(1), Ticket(2));
    let standing = |state, ended| Standing {
        message: seq,
        id: message.id,
        state,
        ended,
    };
    let report = Report {
        status: sms::Status(0),
        taken: None,
        discharged: None,
    };
    let entry = |seq, ms, record, state, ended| Entry {
        seq,
        at: UnixMs(ms),
        record,
        standing: Some(standing(state, ended)),
    };
    let started = Record::Started {
        message: seq,
        part: 1,
        sim,
        line: "line0".into(),
        reference: 1,
    };
    let finished = Record::Finished {
        message: seq,
        ticket,
        outcome: Outcome::Sent { mr: 7 },
        submitted: None,
        raw: None,
    };
    let reported = Record::Reported {
        message: seq,
        ticket,
        report,
        kept: None,
    };
    vec![
        entry(
            1,
            0,
            Record::Accepted(Box::new(message.clone())),
            MessageState::Queued,
            false,
        ),
        entry(2, 1000, started, MessageState::Sending, false),
        entry(3, 5000, finished, MessageState::Sent, false),
        entry(4, 9000, reported, MessageState::Delivered, true),
    ]
}

#[test]
fn a_life_is_measured_by_class_and_operator() {
    let mut settings = settings();
    let operator = SimSettings {
        operator: Some("examplenet".into()),
        ..SimSettings::default()
    };
    settings.sims.insert(iccid(1), operator);
    let metrics = Arc::new(Metrics::new());
    let mut observer = Observer::new(Arc::clone(&metrics), &settings);
    observer.observe(&life(Class::Otp, iccid(1)));
    observer.observe(&life(Class::Bulk, iccid(2)));
    metrics.accepted(Class::Otp, Duration::from_millis(3));
    let text = metrics.text();
    let check = |series: &str, expected: f64| {
        assert!((value(&text, series) - expected).abs() < 1e-9, "{series}")
    };
    check("simfleet_accept_seconds_count{class=\"otp\"}", 1.0);
    check("simfleet_queue_wait_seconds_sum{class=\"otp\"}", 1.0);
    check("simfleet_queue_wait_seconds_count{class=\"bulk\"}", 1.0);
    check("simfleet_submit_seconds_sum{operator=\"examplenet\"}", 4.0);
    check("simfleet_report_delay_seconds_sum{operator=\"none\"}", 4.0);
}

#[test]
fn a_clock_that_is_set_back_makes_no_long_wait() {
    let wait_of = |accepted_at: i64| {
        let metrics = Arc::new(Metrics::new());
        let mut observer = Observer::new(Arc::clone(&metrics), &Settings::default());
        let mut entries = life(Class::Otp, iccid(1));
        let started = entries[1].at;
        entries[0].at = UnixMs(started.0 + accepted_at);
        observer.observe(&entries);
        value(
            &metrics.text(),
            "simfleet_queue_wait_seconds_sum{class=\"otp\"}",
        )
    };
    assert!((wait_of(-3_000) - 3.0).abs() < 1e-9);
    assert!((wait_of(-86_400_000) - 86_400.0).abs() < 1e-6);
    assert!(wait_of(5_000).abs() < 1e-9);
}

#[test]
fn warnings_are_counted_by_budget_and_mark() {
    let metrics = Arc::new(Metrics::new());
    let mut observer = Observer::new(Arc::clone(&metrics), &Settings::default());
    let warning = Warning {
        budget: "per_month",
        percent: 95,
        used: 95,
        limit: 100,
        resets: None,
    };
    let sim = iccid(1);
    observer.observe(&[Entry {
        seq: 1,
        at: UnixMs(0),
        record: Record::BudgetWarned { sim, warning },
        standing: None,
    }]);
    let series = "simfleet_budget_warnings_total{budget=\"per_month\",percent=\"95\"}";
    assert!((value(&metrics.text(), series) - 1.0).abs() < 1e-9);
    let quiet = series.replace("month", "life");
    assert!(
        value(&metrics.text(), &quiet).abs() < 1e-9,
        "there from the start"
    );
}

#[test]
fn outcomes_are_counted_by_cause_and_causes_are_bounded() {
    let metrics = Arc::new(Metrics::new());
    let mut observer = Observer::new(Arc::clone(&metrics), &Settings::default());
    let finish = |outcome| Entry {
        seq: 1,
        at: UnixMs(0),
        record: Record::Finished {
            message: MessageSeq(1),
            ticket: Ticket(1),
            outcome,
            submitted: None,
            raw: None,
        },
        standing: None,
    };
    observer.observe(&[finish(Outcome::Unknown(Doubt::Silence))]);
    for code in 0..1000 {
        observer.observe(&[finish(Outcome::Refused(Cause::Cms(code)))]);
    }
    let text = metrics.text();
    assert!(
        (value(&text, "simfleet_attempts_in_doubt_total{cause=\"silence\"}") - 1.0).abs() < 1e-9
    );
    let series = text
        .lines()
        .filter(|line| line.starts_with("simfleet_attempts_refused_total{"))
        .count();
    assert_eq!(series, CAUSES_MAX + 1);
    assert!(value(&text, "simfleet_attempts_refused_total{cause=\"other\"}") > 900.0);
}

#[test]
fn reports_and_doubts_are_counted() {
    let metrics = Arc::new(Metrics::new());
    let mut observer = Observer::new(Arc::clone(&metrics), &Settings::default());
    observer.observe(&life(Class::Bulk, Iccid("8949000000000000001".into())));
    // In doubt: once a report proves it, once nothing does.
    let in_doubt = |outcome: Outcome| Record::Finished {
        message: MessageSeq(1),
        ticket: Ticket(2),
        outcome,
        submitted: None,
        raw: None,
    };
    let mut proven = life(Class::Bulk, Iccid("8949000000000000001".into()));
    proven[2].record = in_doubt(Outcome::Unknown(Doubt::Silence));
    let mut never = proven.clone();
    let resolved = Record::Resolved {
        message: MessageSeq(1),
        ticket: Ticket(2),
        mr: Some(7),
    };
    let resolved = Entry {
        record: resolved,
        ..proven[2].clone()
    };
    proven.insert(3, resolved);
    observer.observe(&proven);
    never[3].record = Record::Ended {
        message: MessageSeq(1),
        state: MessageState::Unconfirmed,
        reason: gateway::EndReason::Deadline,
    };
    observer.observe(&never);
    let text = metrics.text();
    for (name, expected) in [
        ("simfleet_reports_awaited_total{operator=\"none\"}", 2.0),
        (
            "simfleet_reports_total{operator=\"none\",result=\"delivered\"}",
            2.0,
        ),
        ("simfleet_doubts_resolved_total{cause=\"silence\"}", 1.0),
        ("simfleet_doubts_unresolved_total{cause=\"silence\"}", 1.0),
    ] {
        assert!(
            (value(&text, name) - expected).abs() < 1e-9,
            "{name}: {text}"
        );
    }
}

#[test]
fn the_messages_add_up() {
    let mut snapshot = snapshot();
    snapshot.totals.accepted = 10;
    (
        snapshot.queued,
        snapshot.sending,
        snapshot.in_doubt,
        snapshot.sent,
    ) = (1, 2, 3, 1);
    snapshot.totals.ended[MessageState::Delivered.index()] = 2;
    snapshot.totals.ended[MessageState::Sent.index()] = 1;
    let text = exposition(&snapshot, &[], &Metrics::new());
    let samples = text.lines().filter_map(|line| line.split_once(' '));
    let sum = |family: &str| {
        let own = samples
            .clone()
            .filter(|(name, _)| name.split('{').next() == Some(family));
        own.map(|(_, value)| value.parse::<f64>().unwrap())
            .sum::<f64>()
    };
    let accepted = sum("simfleet_messages_accepted_total");
    assert!(
        (accepted - sum("simfleet_messages") - sum("simfleet_messages_ended_total")).abs() < 1e-9
    );
}

#[test]
fn no_label_holds_a_number_an_id_or_a_text() {
    let metrics = Arc::new(Metrics::new());
    let mut observer = Observer::new(Arc::clone(&metrics), &Settings::default());
    observer.observe(&life(Class::Bulk, iccid(1)));
    let (snapshot, lines) = scene_of(3);
    let text = exposition(&snapshot, &lines, &metrics);
    for label in label_values(&text) {
        let digits = label
            .split(|c: char| !c.is_ascii_digit())
            .map(str::len)
            .max()
            .unwrap_or(0);
        assert!(digits <= 6, "{label}");
        assert!(!label.contains(' ') && label.len() < 40, "{label}");
    }
    assert!(!text.contains("secret") && !text.contains("free text") && !text.contains("order-77"));
}

#[test]
fn a_sim_has_about_a_dozen_series_at_most() {
    let (snapshot, lines) = scene_of(512);
    let text = exposition(&snapshot, &lines, &Metrics::new());
    let mut per_sim: BTreeMap<&str, usize> = BTreeMap::new();
    for line in text.lines().filter(|line| line.contains("sim=\"")) {
        *per_sim
            .entry(
                line.split("sim=\"")
                    .nth(1)
                    .unwrap()
                    .split('"')
                    .next()
                    .unwrap(),
            )
            .or_default() += 1;
    }
    assert_eq!(per_sim.len(), 512);
    assert!(per_sim.values().all(|series| *series <= 12), "{per_sim:?}");
}

#[test]
fn every_series_is_there_once_and_every_family_is_described() {
    let (mut snapshot, lines) = scene_of(2);
    // Two cards with the same last digits, both in no line.
    for sim in &mut snapshot.sims {
        (sim.label, sim.line) = ("000001".into(), None);
    }
    let text = exposition(&snapshot, &lines, &Metrics::new());
    let mut seen = BTreeSet::new();
    let described: BTreeSet<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next())
        .collect();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (series, number) = line.rsplit_once(' ').unwrap();
        assert!(number.parse::<f64>().is_ok(), "{line}");
        assert!(seen.insert(series), "{series} comes twice");
        let name = series.split('{').next().unwrap();
        let family = ["_bucket", "_sum", "_count"]
            .iter()
            .find_map(|end| name.strip_suffix(end));
        assert!(
            described.contains(name) || family.is_some_and(|name| described.contains(name)),
            "{name}"
        );
        assert!(name.starts_with("simfleet_"), "{name}");
    }
}

#[test]
fn the_scarcest_budget_is_shown() {
    let (mut snapshot, lines) = scene_of(1);
    snapshot.sims[0].budgets = vec![budget("per_minute", 2, 10), budget("per_day", 90, 100)];
    let text = exposition(&snapshot, &lines, &Metrics::new());
    let series =
        "simfleet_sim_budget_used_ratio{sim=\"000000\",line=\"line000\",operator=\"none\"}";
    assert!((value(&text, series) - 0.9).abs() < 1e-9);
}

#[test]
fn the_fleets_capacity_is_shown_and_what_binds_it() {
    let (mut snapshot, lines) = scene_of(1);
    snapshot.capacity = gateway::Capacity {
        achievable_per_minute: 5437.2,
        steady_per_minute: 71.1,
        radio_per_minute: 5437.2,
        binds: gateway::Bound::Radio,
        exhausted_in: None,
    };
    let text = exposition(&snapshot, &lines, &Metrics::new());
    let shows = |text: &str, series: &str, expected: f64| {
        assert!((value(text, series) - expected).abs() < 1e-9, "{series}")
    };
    shows(&text, "simfleet_achievable_parts_per_minute", 5437.0);
    shows(&text, "simfleet_steady_parts_per_minute", 71.0);
    shows(&text, "simfleet_throughput_bound{bound=\"radio\"}", 1.0);
    shows(&text, "simfleet_throughput_bound{bound=\"budget\"}", 0.0);
    assert!(!text.contains("\nsimfleet_budgets_exhausted_in_seconds "));
    snapshot.capacity.exhausted_in = Some(Duration::from_secs(1130));
    let text = exposition(&snapshot, &lines, &Metrics::new());
    shows(&text, "simfleet_budgets_exhausted_in_seconds", 1130.0);
}
