//! `status`, `lines`, `sims`: the fleet, shown.

mod reports;

use std::collections::BTreeMap;

use client::{
    BreakerView, BudgetView, Client, HubView, LineView, MessageCounts, SimView, StatusView,
};

use crate::failure::Failure;
use crate::messages::state;
use crate::output::{Output, column_time, counted, duration_text, local_time, near_time, say};
use crate::paint::{Tint, tint_of};
use crate::table::Align::{Left, Right};
use crate::table::Table;

/// The fleet at a glance.
pub(crate) async fn status(client: &Client, out: &mut Output) -> Result<(), Failure> {
    let status = client.status().await?;
    if out.is_json() {
        return out.object(&status);
    }
    glance(out, &status)
}

/// Every line.
pub(crate) async fn lines(client: &Client, out: &mut Output) -> Result<(), Failure> {
    let page = client.lines().await?;
    if out.is_json() {
        return page.lines.iter().try_for_each(|line| out.object(line));
    }
    let table = line_table(&page.lines, out.is_verbose());
    out.table(&table)?;
    if let Some(hint) = line_hint(&page.lines) {
        out.flush()?;
        say(hint);
    }
    Ok(())
}

/// Every SIM.
pub(crate) async fn sims(client: &Client, out: &mut Output) -> Result<(), Failure> {
    let page = client.sims().await?;
    if out.is_json() {
        return page.sims.iter().try_for_each(|sim| out.object(sim));
    }
    let mut sims = page.sims;
    // By line, as the other table; SIMs without one come last.
    sims.sort_by(|one, other| {
        let place = |sim: &SimView| (sim.line.is_none(), sim.line.clone(), sim.iccid.clone());
        place(one).cmp(&place(other))
    });
    let table = sim_table(&sims, out.is_verbose());
    out.table(&table)
}

fn glance(out: &mut Output, status: &StatusView) -> Result<(), Failure> {
    let daemon = format!(
        "{}, version {}, since {}",
        out.paint(&status.state, tint_of(&status.state)),
        status.version,
        local_time(&status.started_at)
    );
    // A daemon that stops says so in its state; what is left is the disk.
    let accepting = if status.accepting || status.state == "draining" {
        String::new()
    } else {
        out.paint("; the disk is too full to accept messages", Tint::Bad)
    };
    let sent = format!(
        "{} in the last minute, target {}",
        counted(status.sent_last_minute, "part"),
        status.target_per_minute
    );
    let lasts = status.exhausted_in_ms.map_or_else(String::new, |ms| {
        let ms = i64::try_from(ms).unwrap_or(i64::MAX);
        format!("; budgets used up in {}", duration_text(ms))
    });
    let capacity = format!(
        "{} parts a minute now, {} around the clock; {} binds{lasts}",
        status.achievable_per_minute,
        status.steady_per_minute,
        status.binds.replace('_', " ")
    );
    let events = format!(
        "{} so far; {} reports unmatched, {} came unclear",
        status.last_event, status.reports_unmatched, status.reports_unclear
    );
    let facts = [
        ("daemon", daemon + &accepting),
        ("lines", by_state(out, &status.lines)),
        ("sims", by_state(out, &status.sims)),
        ("sent", sent),
        ("capacity", capacity),
        ("messages", counts(&status.messages)),
        ("ended", ends(&status.messages)),
        ("events", events),
    ];
    for (name, value) in facts {
        out.fact(name, &value)?;
    }
    for hub in &status.hubs {
        let words = hub_words(out, hub);
        out.fact("hub", &words)?;
    }
    for rate in &status.reports {
        out.fact("reports", &reports::words(rate))?;
    }
    out.line("")?;
    out.table(&queue_table(status))
}

fn queue_table(status: &StatusView) -> Table {
    let mut table = Table::new(&[
        ("QUEUE", Left),
        ("WAITING", Right),
        ("LATER", Right),
        ("CLOSED", Right),
        ("OLDEST", Right),
    ]);
    for class in classes_in_order(&status.queues) {
        let queue = &status.queues[class];
        let oldest = i64::try_from(queue.oldest_ms).unwrap_or(i64::MAX);
        table.row(vec![
            class.into(),
            queue.depth.into(),
            queue.later.into(),
            queue.window_closed.into(),
            duration_text(oldest).into(),
        ]);
    }
    table
}

/// `rack1: a reset is wanted, 4 of its 5 lines are gone, not before 10:41; 5 lines, 4 gone`.
fn hub_words(out: &Output, hub: &HubView) -> String {
    let state = out.paint(&hub.state, tint_of(&hub.state));
    let what = match hub.state.as_str() {
        "wanted" => "a reset is ".to_owned() + &state,
        _ => state,
    };
    let mut words = format!("{}: {what}", hub.name);
    if let Some(why) = &hub.why {
        words += &format!(", {why}");
    }
    if let Some(at) = &hub.not_before {
        words += &format!(", not before {}", near_time(at));
    }
    words += &format!("; {} lines, {} gone", hub.lines, hub.gone);
    let resets = hub.resets.iter().filter(|(_, count)| **count > 0);
    let resets: Vec<String> = resets
        .map(|(result, count)| format!("{count} {}", result.replace('_', " ")))
        .collect();
    if let Some(at) = &hub.last_reset_at {
        words += &format!(
            "; resets: {}, the last at {}",
            resets.join(", "),
            near_time(at)
        );
    }
    words
}

fn by_state(out: &Output, counts: &BTreeMap<String, u64>) -> String {
    let present = counts.iter().filter(|(_, count)| **count > 0);
    let words: Vec<String> = present
        .map(|(state, count)| format!("{count} {}", out.paint(state, tint_of(state))))
        .collect();
    if words.is_empty() {
        "none".to_owned()
    } else {
        words.join(", ")
    }
}

fn counts(messages: &MessageCounts) -> String {
    format!(
        "{} accepted = {} queued + {} sending + {} in doubt + {} sent + {} ended",
        messages.accepted,
        messages.queued,
        messages.sending,
        messages.in_doubt,
        messages.sent,
        messages.ended
    )
}

fn ends(messages: &MessageCounts) -> String {
    let ends = [
        (messages.delivered, "delivered"),
        (messages.sent_unreported, "sent without a report"),
        (messages.undelivered, "undelivered"),
        (messages.unconfirmed, "unconfirmed"),
        (messages.failed, "failed"),
        (messages.expired, "expired"),
        (messages.cancelled, "cancelled"),
    ];
    let words: Vec<String> = ends
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    if words.is_empty() {
        "none".to_owned()
    } else {
        words.join(", ")
    }
}

/// The most urgent first; what a newer daemon adds comes last.
fn classes_in_order<T>(queues: &BTreeMap<String, T>) -> Vec<&str> {
    let mut classes: Vec<&str> = queues.keys().map(String::as_str).collect();
    let rank = |class: &str| CLASSES.iter().position(|known| *known == class);
    classes.sort_by_key(|class| rank(class).unwrap_or(CLASSES.len()));
    classes
}

fn line_table(lines: &[LineView], verbose: bool) -> Table {
    let mut columns = vec![
        ("LINE", Left),
        ("STATE", Left),
        ("CONTROL", Left),
        ("SIM", Left),
        ("SIGNAL", Right),
        ("SINCE", Left),
    ];
    if verbose {
        columns.extend([
            ("PATH", Left),
            ("MODEM", Left),
            ("PROFILE", Left),
            ("IMEI", Left),
            ("NUMBER", Left),
            ("NETWORK", Left),
            ("OPENS", Right),
            ("GARBAGE", Right),
            ("CALLS", Right),
            ("RECOVERY", Left),
            ("HUB", Left),
        ]);
    }
    columns.push(("NOTE", Left));
    let mut table = Table::new(&columns);
    for line in lines {
        let mut row = vec![
            (&line.name).into(),
            state(&line.state),
            state(&line.control),
            line.sim.as_deref().unwrap_or_default().into(),
            line.signal
                .map(|signal| signal.to_string())
                .unwrap_or_default()
                .into(),
            column_time(&line.since).into(),
        ];
        if verbose {
            row.push((&line.path).into());
            row.push(line.modem.as_deref().unwrap_or_default().into());
            row.push(line.profile.as_deref().unwrap_or_default().into());
            row.push(line.imei.as_deref().unwrap_or_default().into());
            row.push(line.number.as_deref().unwrap_or_default().into());
            row.push(network(line).into());
            row.push(line.opens.into());
            row.push(line.garbage_bytes.into());
            row.push(line.calls_rejected.into());
            row.push(recovery(line).into());
            row.push(line.hub.as_deref().unwrap_or_default().into());
        }
        row.push(note(line).into());
        table.row(row);
    }
    table
}

/// Where to look next, if lines do not work: at the worst of them.
fn line_hint(lines: &[LineView]) -> Option<String> {
    if lines.is_empty() {
        let hint = "no line is known: look at the [[lines]] of the configuration, and at /dev/serial/by-path";
        return Some(hint.to_owned());
    }
    let severity = |line: &LineView| match line.state.as_str() {
        "out_of_service" => 3,
        "recovering" => 2,
        "no_sim" | "no_network" => 1,
        _ => 0,
    };
    let sick = lines.iter().filter(|line| severity(line) > 0).count();
    let worst = lines.iter().rev().max_by_key(|line| severity(line))?;
    let name = &worst.name;
    let others = match sick {
        0 => return None,
        1 => String::new(),
        _ => format!(" ({} more do not work)", sick - 1),
    };
    Some(if severity(worst) > 1 {
        format!("what led to it: simfleet line {name} trace --failure{others}")
    } else {
        format!("what its modem says: simfleet line {name} trace{others}")
    })
}

/// Why it is not ready, or not used; what it is at; when its port is opened again.
fn note(line: &LineView) -> String {
    let opens = line
        .opens_at
        .as_ref()
        .map(|at| format!("opened again at {}", near_time(at)));
    let trust = line.breaker.as_ref().map(trust);
    let same_sim = line
        .same_sim_as
        .as_ref()
        .map(|other| format!("no parts: line {other} has its SIM already"));
    let notes = line
        .control_reason
        .iter()
        .chain(&trust)
        .chain(&same_sim)
        .chain(&line.error)
        .chain(&line.step)
        .chain(&opens);
    notes.map(String::as_str).collect::<Vec<_>>().join("; ")
}

/// What a line that loses its parts is given: `no parts until 10:41: lost 3 parts in a row, the last by silence`.
fn trust(breaker: &BreakerView) -> String {
    let given = match &breaker.retry_at {
        Some(at) => format!("no parts until {}", near_time(at)),
        None => "one part tries it".to_owned(),
    };
    format!("{given}: {}", breaker.reason)
}

/// How often each rung was climbed, and the last time: `reset 2, reopen 1; reset 10:41: no answer to AT`.
fn recovery(line: &LineView) -> String {
    let counts = line.recoveries.iter();
    let counts: Vec<String> = counts
        .map(|(rung, count)| format!("{rung} {count}"))
        .collect();
    let last = line
        .last_recovery
        .as_ref()
        .map(|last| format!("{} {}: {}", last.rung, near_time(&last.at), last.reason));
    let words = Some(counts.join(", ")).filter(|words| !words.is_empty());
    [words, last]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join("; ")
}

/// The operator's code, the technology, and whether the SIM roams: `26201 LTE roaming`.
fn network(line: &LineView) -> String {
    let technology = line.technology.map(|technology| match technology {
        0 | 1 | 3 => "2G",
        2 | 4..=6 => "3G",
        7..=9 => "LTE",
        10..=13 => "5G",
        _ => "?",
    });
    let roaming = line.roaming.unwrap_or(false).then_some("roaming");
    let words = [line.network.as_deref(), technology, roaming];
    words.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

fn sim_table(sims: &[SimView], verbose: bool) -> Table {
    let mut columns = vec![
        ("SIM", Left),
        ("ICCID", Left),
        ("LINE", Left),
        ("STATE", Left),
        ("SENT", Right),
        ("REPORTS", Right),
    ];
    if verbose {
        columns.extend([
            ("DELIVERED", Right),
            ("REFUSED", Right),
            ("IN DOUBT", Right),
            ("OPERATOR", Left),
            ("IMSI", Left),
            ("CONTRACT", Left),
        ]);
    }
    columns.extend([("LEFT", Left), ("BINDS", Left)]);
    if verbose {
        columns.push(("NETWORK SAID", Left));
    }
    let mut table = Table::new(&columns);
    for sim in sims {
        let mut row = vec![
            (&sim.label).into(),
            (&sim.iccid).into(),
            sim.line.as_deref().unwrap_or_default().into(),
            state(&sim.state),
            sim.sent.into(),
            sim.report_ratio
                .map_or_else(|| "?".into(), reports::share)
                .into(),
        ];
        if verbose {
            row.extend([
                sim.delivered.into(),
                sim.refused.into(),
                sim.in_doubt.into(),
                sim.operator.as_deref().unwrap_or_default().into(),
                sim.imsi.as_deref().unwrap_or_default().into(),
                sim.contract.as_deref().unwrap_or_default().into(),
            ]);
        }
        row.extend([left(sim, verbose).into(), binds(sim).into()]);
        if verbose {
            row.push(network_said(sim).into());
        }
        table.row(row);
    }
    table
}

/// What the network last said by itself, such as what is left on a prepaid SIM, and when.
fn network_said(sim: &SimView) -> String {
    let said = sim.network_said.as_ref();
    said.map_or_else(String::new, |said| {
        format!("{:?}, {}", said.text, near_time(&said.at))
    })
}

/// What is left of a SIM's budgets, the scarcest first; people with little room see only those.
fn left(sim: &SimView, verbose: bool) -> String {
    let mut budgets: Vec<&BudgetView> = sim.budgets.iter().collect();
    // Of two shares the smaller one, without a division.
    let share =
        |budget: &BudgetView| u128::from(budget.left) * 1_000_000 / u128::from(budget.limit.max(1));
    budgets.sort_by_key(|budget| share(budget));
    let shown = if verbose {
        budgets.len()
    } else {
        BUDGETS_SHOWN
    };
    let word = |budget: &&BudgetView| {
        let (left, limit) = (short(budget.left), short(budget.limit));
        let kept = match budget.for_codes {
            kept if verbose && kept > 0 => format!(" ({} for codes)", short(kept)),
            _ => String::new(),
        };
        let mark = match budget.warning {
            None => "",
            Some(0..95) => "!",
            Some(95..) => "!!",
        };
        format!("{} {left}/{limit}{mark}{kept}", budget_word(&budget.name))
    };
    let words: Vec<String> = budgets.iter().take(shown).map(word).collect();
    words.join(", ")
}

/// What keeps a SIM from sending, or will first; and until or from when.
fn binds(sim: &SimView) -> String {
    if let Some(reason) = &sim.reason {
        let until = match sim.state.as_str() {
            "exhausted" => sim.binds.as_deref().and_then(|name| resets(sim, name)),
            _ => None,
        };
        let until = until.map_or_else(String::new, |at| format!(" until {}", near_time(at)));
        return format!("{reason}{until}");
    }
    match (&sim.binds, &sim.binds_at) {
        (Some(name), Some(at)) => format!("{} at {}", budget_word(name), near_time(at)),
        _ => String::new(),
    }
}

fn resets<'a>(sim: &'a SimView, budget: &str) -> Option<&'a str> {
    let mut budgets = sim.budgets.iter();
    budgets
        .find(|known| known.name == budget)?
        .resets_at
        .as_deref()
}

/// A budget's name where there is little room.
fn budget_word(name: &str) -> &str {
    match name {
        "recipients_per_month" => "people",
        _ => name.strip_prefix("per_").unwrap_or(name),
    }
}

/// A count in four characters or so.
fn short(count: u64) -> String {
    match count {
        0..10_000 => count.to_string(),
        10_000..10_000_000 => format!("{}k", count / 1000),
        _ => format!("{}M", count / 1_000_000),
    }
}

/// Budgets in a list for people: the scarcest are what they look for.
const BUDGETS_SHOWN: usize = 2;

const CLASSES: [&str; 3] = ["otp", "notification", "bulk"];

#[cfg(test)]
mod tests;
