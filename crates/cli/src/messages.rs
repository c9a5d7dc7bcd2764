//! `message`, `messages`, `cancel`: what became of messages, told.

use client::{AttemptView, Client, MessageFilter, MessageView};

use crate::args::SearchArguments;
use crate::failure::Failure;
use crate::output::{Output, local_time, time_between};
use crate::paint::{Tint, tint_of};
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
            eprintln!("there are more: --limit N, or narrow the search");
        }
    }
    Ok(())
}

fn list(out: &mut Output, messages: &[MessageView]) -> Result<(), Failure> {
    let mut columns = vec![
        ("ID", Left),
        ("TO", Left),
        ("CLASS", Left),
        ("STATE", Left),
        ("PARTS", Right),
        ("ACCEPTED", Left),
        ("ENDED", Left),
    ];
    if out.is_verbose() {
        columns.extend([("KEY", Left), ("TEXT", Left)]);
    }
    let mut table = Table::new(&columns);
    for message in messages {
        let mut row = vec![
            (&message.id).into(),
            (&message.to).into(),
            (&message.class).into(),
            state(&message.state),
            message.parts.into(),
            local_time(&message.accepted_at).into(),
            message
                .ended_at
                .as_deref()
                .map(local_time)
                .unwrap_or_default()
                .into(),
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
        let label = out.paint(&format!("{name:<9}"), Tint::Dim);
        out.line(format_args!("{label} {value}"))?;
    }
    if message.attempts.is_empty() {
        return Ok(());
    }
    out.line("")?;
    out.table(&attempts(&message.attempts))
}

fn content(message: &MessageView) -> (&'static str, String) {
    let named = [("text", &message.text), ("data", &message.data)];
    let found = named.into_iter().find_map(|(name, content)| {
        let content = content.clone()?;
        Some((name, content))
    });
    found.unwrap_or_else(|| ("text", "(erased)".to_owned()))
}

fn attempts(attempts: &[AttemptView]) -> Table {
    let mut table = Table::new(&[
        ("PART", Right),
        ("LINE", Left),
        ("SIM", Left),
        ("STARTED", Left),
        ("SUBMITTED", Right),
        ("OUTCOME", Left),
        ("TOOK", Right),
        ("TP-MR", Right),
        ("CAUSE", Left),
        ("MODEM SAID", Left),
        ("REPORT", Left),
    ]);
    for attempt in attempts {
        let finished = attempt.finished_at.as_deref().unwrap_or_default();
        let report = attempt.report.as_ref().map_or(String::new(), |report| {
            format!(
                "{} (0x{:02X}) {}",
                report.status_name,
                report.status,
                local_time(&report.at)
            )
        });
        table.row(vec![
            attempt.part.into(),
            (&attempt.line).into(),
            (&attempt.sim).into(),
            local_time(&attempt.started_at).into(),
            after_start(attempt, attempt.submitted_at.as_deref()).into(),
            state(&attempt.outcome),
            time_between(&attempt.started_at, finished).into(),
            attempt
                .mr
                .map(|mr| mr.to_string())
                .unwrap_or_default()
                .into(),
            attempt.cause.as_deref().unwrap_or_default().into(),
            attempt.raw.as_deref().unwrap_or_default().into(),
            report.into(),
        ]);
    }
    table
}

/// How long after its start something happened to an attempt; nothing if it did not.
fn after_start(attempt: &AttemptView, at: Option<&str>) -> String {
    at.map_or_else(String::new, |at| {
        format!("+{}", time_between(&attempt.started_at, at))
    })
}

/// A state in its colour.
pub(crate) fn state(state: &str) -> Cell {
    Cell::tinted(state, tint_of(state))
}

/// The most messages that the API puts on one page.
const PAGE_MAX: u32 = 500;
