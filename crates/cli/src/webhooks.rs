//! `webhooks`: how far each has come, its dead letters, and sending those again.

use client::{Client, WebhookView};

use crate::args::{WebhookAction, WebhooksArguments};
use crate::failure::Failure;
use crate::output::{Output, column_time};
use crate::paint::Tint;
use crate::table::Align::{Left, Right};
use crate::table::{Cell, Table};

/// All webhooks, or what is wanted of one.
pub(crate) async fn webhooks(
    client: &Client,
    out: &mut Output,
    arguments: WebhooksArguments,
) -> Result<(), Failure> {
    match arguments.action {
        None => list(client, out).await,
        Some(WebhookAction::Dead { name }) => dead(client, out, &name).await,
        Some(WebhookAction::Resend { name }) => resend(client, out, &name).await,
    }
}

async fn list(client: &Client, out: &mut Output) -> Result<(), Failure> {
    let page = client.webhooks().await?;
    if out.is_json() {
        return page
            .webhooks
            .iter()
            .try_for_each(|webhook| out.object(webhook));
    }
    if page.webhooks.is_empty() {
        return out.line(format_args!(
            "no webhooks: add [[webhooks]] to the configuration to have events pushed to a server"
        ));
    }
    out.table(&table(&page.webhooks))
}

fn table(webhooks: &[WebhookView]) -> Table {
    let mut table = Table::new(&[
        ("WEBHOOK", Left),
        ("SERVER", Left),
        ("DELIVERED", Right),
        ("DEAD", Right),
        ("BEHIND SINCE", Left),
        ("ERROR", Left),
    ]);
    for webhook in webhooks {
        let dead_tint = if webhook.dead > 0 {
            Tint::Bad
        } else {
            Tint::Plain
        };
        let behind = webhook
            .behind_since
            .as_deref()
            .map_or("-".into(), column_time);
        table.row(vec![
            webhook.name.as_str().into(),
            webhook.server.as_str().into(),
            webhook.delivered.into(),
            Cell::tinted(webhook.dead.to_string(), dead_tint),
            behind.into(),
            Cell::tinted(webhook.error.as_deref().unwrap_or("-"), Tint::Bad),
        ]);
    }
    table
}

async fn dead(client: &Client, out: &mut Output, name: &str) -> Result<(), Failure> {
    let mut table = Table::new(&[
        ("EVENT", Right),
        ("GIVEN UP", Left),
        ("TYPE", Left),
        ("MESSAGE", Left),
        ("REASON", Left),
    ]);
    let mut after = 0;
    loop {
        let page = client.dead_letters(name, after).await?;
        let Some(last) = page.dead.last() else { break };
        after = last.seq;
        for letter in &page.dead {
            if out.is_json() {
                out.object(letter)?;
                continue;
            }
            let field = |name: &str| letter.event[name].as_str().unwrap_or("-").to_owned();
            table.row(vec![
                letter.seq.into(),
                column_time(&letter.at).into(),
                field("type").into(),
                field("id").into(),
                letter.reason.as_str().into(),
            ]);
        }
    }
    if out.is_json() {
        return Ok(());
    }
    out.table(&table)
}

async fn resend(client: &Client, out: &mut Output, name: &str) -> Result<(), Failure> {
    let webhook = client.resend_dead_letters(name).await?;
    if out.is_json() {
        return out.object(&webhook);
    }
    out.line(format_args!(
        "{} dead letters of {} are sent again, once it has nothing else to deliver: see `simfleet webhooks`",
        webhook.dead, webhook.name
    ))
}
