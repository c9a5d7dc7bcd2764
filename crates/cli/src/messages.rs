//! `message`, `messages`, `cancel`: what became of messages, told.

use client::{AttemptView, Client, MessageFilter, MessageView};

use crate::args::SearchArguments;
use crate::failure::Failure;
use crate::output::{Output, column_time, exact_time, local_time, say, time_between};
use crate::paint::tint_of;
use crate::table::Align::{Left, Right};
use crate::table::{Cell, Table};

/// One message's whole story.
pub(crate) async fn message(client: &Client, out: &mut Output, id: &str) -> Result<(), Failure> {
    let message = client.message(id).await?;
    story(out, &message)
}

/// Cancels a message and shows what it has come to.
pub(crate) async fn cancel(client: &Client, out: &mut Output, id: &str) -> Result<(), Failure> {
    let message = client.cancel(id).await?;
    if out.is_json() {
        return out.object(&message);
    }
    out.line(format_args!("{} {}", message.id, message.state))
}

/// Searches, page by page until the limit.
pub(crate) async fn messages(
    client: &Client,
    out: &mut Output,
    search: SearchArguments,
) -> Result<(), Failure> {
    let mut left = search.limit;
    let mut filter = MessageFilter {
        to: search.to,
        state: search.state,
        class: search.class,
        since: search.since,
        limit: None,
        cursor: None,
    };
    let mut found = Vec::new();
    while left > 0 {
        filter.limit = Some(left.min(PAGE_MAX));
        let page = client.messages(&filter).await?;
        left = left.saturating_sub(u32::try_from(page.messages.len()).unwrap_or(u32::MAX));
        if out.is_json() {
            page.messages
                .iter()
                .try_for_each(|message| out.object(message))?;
        } else {
            found.extend(page.messages);
        }
        filter.cursor = page.next_cursor;
        if filter.cursor.is_none() {
            break;
        }
    }
    if !out.is_json() {
        list(out, &found)?;
        if filter.cursor.is_some() {
            out.flush()?;
            say("there are more: --limit N, or narrow the search");
        }
    }
    Ok(())
}

fn list(out: &mut Output, messages: &[MessageView]) -> Result<(), Failure> {
    let mut columns = vec![
        ("ID", Left),
        ("ACCEPTED", Left),
        ("TO", Left),
        ("STATE", Left),
        ("CLASS", Left),
        ("PARTS", Right),
        ("TOOK", Right),
    ];
    if out.is_verbose() {
        columns.extend([("KEY", Left), ("TEXT", Left)]);
    }
    let mut table = Table::new(&columns);
    for message in messages {
        let ended = message.ended_at.as_deref().unwrap_or_default();
        let mut row = vec![
            (&message.id).into(),
            column_time(&message.accepted_at).into(),
            (&message.to).into(),
            state(&message.state),
            (&message.class).into(),
            message.parts.into(),
            time_between(&message.accepted_at, ended).into(),
        ];
        if out.is_verbose() {
            row.push(message.key.as_deref().unwrap_or_default().into());
            let content = message.text.as_deref().or(message.data.as_deref());
            row.push(content.unwrap_or_default().into());
        }
        table.row(row);
    }
    out.table(&table)
}

/// A message with everything that is known of it.
pub(crate) fn story(out: &mut Output, message: &MessageView) -> Result<(), Failure> {
    if out.is_json() {
        return out.object(message);
    }
    let reason = message
        .reason
        .as_ref()
        .filter(|reason| **reason != message.state)
        .map_or(String::new(), |reason| format!(" ({reason})"));
    let state = out.paint(&message.state, tint_of(&message.state)) + &reason;
    let parts = format!("{} ({})", message.parts, message.encoding);
    let report = if message.report {
        "asked for"
    } else {
        "not asked for"
    };
    let mut facts = vec![
        ("id", message.id.clone()),
        ("state", state),
        ("to", message.to.clone()),
        content(message),
        ("class", message.class.clone()),
        ("parts", parts),
        ("accepted", local_time(&message.accepted_at)),
        ("expires", local_time(&message.expires_at)),
    ];
    if let Some(destination) = message.destination_port {
        let source = message.source_port.unwrap_or(0);
        facts.push(("ports", format!("{source} to {destination}")));
    }
    if let Some(send_at) = &message.send_at {
        facts.push(("send at", local_time(send_at)));
    }
    if let Some(opens) = &message.window_opens_at {
        let waits = format!("its send window opens at {}", local_time(opens));
        facts.push(("waits", waits));
    }
    if let Some(ended) = &message.ended_at {
        let took = time_between(&message.accepted_at, ended);
        facts.push(("ended", format!("{} (after {took})", local_time(ended))));
    }
    facts.push(("report", report.to_owned()));
    facts.push(("in doubt", message.in_doubt.clone()));
    facts.extend(message.key.clone().map(|key| ("key", key)));
    facts.extend(message.app.clone().map(|app| ("app", app)));
    facts.extend(message.route.clone().map(|route| ("route", route)));
    for (name, value) in facts {
        out.fact(name, &value)?;
    }
    for attempt in &message.attempts {
        out.line("")?;
        let what = format!("part {} by {}", attempt.part, attempt.line);
        out.line(format_args!("{what}, SIM {}", attempt.sim))?;
        for step in course(out, attempt) {
            out.line(step.trim_end())?;
        }
    }
    Ok(())
}

fn content(message: &MessageView) -> (&'static str, String) {
    let named = [("text", &message.text), ("data", &message.data)];
    let found = named.into_iter().find_map(|(name, content)| {
        let content = content.clone()?;
        Some((name, content))
    });
    found.unwrap_or_else(|| ("text", "(erased)".to_owned()))
}

/// What happened to an attempt, in the order in which it happened, a line each: when, how long after its start, and what.
fn course(out: &Output, attempt: &AttemptView) -> Vec<String> {
    let finished = attempt.finished_at.as_ref();
    let submitted = attempt.submitted_at.as_ref();
    let reported = attempt.report.as_ref();
    let mut steps = vec![(&attempt.started_at, "started".to_owned())];
    steps.extend(submitted.map(|at| (at, "the modem has the whole part".to_owned())));
    steps.extend(finished.map(|at| (at, outcome(out, attempt))));
    steps.extend(reported.map(|report| {
        let (name, status) = (&report.status_name, report.status);
        (&report.at, format!("report: {name} (0x{status:02X})"))
    }));
    // A report may come before the answer to its submission. Times of the API sort as texts.
    steps.sort_by_key(|(at, _)| *at);
    let line = |(at, what): &(&String, String)| {
        let after = time_between(&attempt.started_at, at);
        format!("  {}  {:>11}  {what}", exact_time(at), format!("+{after}"))
    };
    steps.iter().map(line).collect()
}

/// `sent, TP-MR 26; the modem said "+CMGS: 26"`.
fn outcome(out: &Output, attempt: &AttemptView) -> String {
    let mut words = out.paint(&attempt.outcome, tint_of(&attempt.outcome));
    if let Some(mr) = attempt.mr {
        words += &format!(", TP-MR {mr}");
    }
    if let Some(cause) = &attempt.cause {
        words += &format!(": {cause}");
    }
    if let Some(raw) = &attempt.raw {
        words += &format!("; the modem said {raw:?}");
    }
    words
}

/// A state in its colour.
pub(crate) fn state(state: &str) -> Cell {
    Cell::tinted(state, tint_of(state))
}

/// The most messages that the API puts on one page.
const PAGE_MAX: u32 = 500;

#[cfg(test)]
mod tests;
