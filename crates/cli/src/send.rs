//! `send`, one message. Many are `import.rs`.

use client::{Client, MessageRequest};

use crate::args::SendArguments;
use crate::events::wait_for_end;
use crate::failure::{FAILED, Failure};
use crate::import::import;
use crate::measure::explain;
use crate::messages::story;
use crate::output::{Output, counted, say};
use crate::rows::NONE;

/// Sends one message, or the rows of a file.
pub(crate) async fn send(
    client: &Client,
    out: &mut Output,
    arguments: SendArguments,
) -> Result<(), Failure> {
    let (is_dry_run, waits) = (arguments.dry_run, arguments.wait);
    if let Some(file) = arguments.file.clone() {
        let batch = arguments.batch.clone();
        return import(client, out, &file, batch, request(arguments)).await;
    }
    let request = request(arguments);
    if is_dry_run {
        return dry_run(client, out, &request).await;
    }
    if waits {
        return send_and_wait(client, out, &request).await;
    }
    let accepted = client.send(&request).await?;
    if out.is_json() {
        return out.object(&accepted);
    }
    let repeated = if accepted.repeated {
        ", accepted before under this key"
    } else {
        ""
    };
    out.line(format_args!(
        "{}  {}, {} ({}){repeated}",
        accepted.id,
        accepted.state,
        counted(accepted.parts.into(), "part"),
        accepted.encoding
    ))?;
    match &accepted.measure {
        Some(measure) => explain(out, measure),
        None => Ok(()),
    }
}

/// The message, or what the rows of a file leave open.
fn request(arguments: SendArguments) -> MessageRequest {
    MessageRequest {
        to: arguments.to.unwrap_or_default(),
        text: arguments.text.unwrap_or_default(),
        class: arguments.class,
        expires_in: arguments.expires_in,
        key: arguments.key,
        app: arguments.app,
        route: arguments.route,
        report: arguments.no_report.then_some(false),
        in_doubt: arguments.in_doubt,
        encoding: arguments.encoding,
        national_tables: arguments.national_tables.map(named),
        transliterate: arguments.transliterate,
        flash: arguments.flash.then_some(true),
        replace: arguments.replace,
        dry_run: None,
        send_at: arguments.send_at,
        data: arguments.data,
        destination_port: arguments.port,
        source_port: arguments.source_port,
    }
}

/// `none` is how a command line names no language.
fn named(languages: Vec<String>) -> Vec<String> {
    languages.into_iter().filter(|name| name != NONE).collect()
}

/// Says what would become of the message.
async fn dry_run(
    client: &Client,
    out: &mut Output,
    request: &MessageRequest,
) -> Result<(), Failure> {
    let found = client.try_send(request).await?;
    if out.is_json() {
        return out.object(&found);
    }
    out.line(format_args!(
        "not sent: it would take {} ({}), with {} of {} units free in the last",
        counted(found.parts.into(), "part"),
        found.encoding,
        found.measure.units_left,
        found.measure.units_per_part
    ))?;
    explain(out, &found.measure)?;
    let route = found.route.route.as_deref().unwrap_or("any SIM");
    let chosen = found.route.chosen.as_deref().unwrap_or("none is free now");
    out.line(format_args!("route: {route}; SIM: {chosen}"))
}

/// Follows the message to its end. The place in the event stream is taken before it is handed over, so that its end
/// cannot be missed.
async fn send_and_wait(
    client: &Client,
    out: &mut Output,
    request: &MessageRequest,
) -> Result<(), Failure> {
    let after = client.status().await?.last_event;
    let accepted = client.send(request).await?;
    if !out.is_json() {
        say(format_args!("{}  {}", accepted.id, accepted.state));
    }
    let mut message = client.message(&accepted.id).await?;
    if !message.ended {
        wait_for_end(client, &accepted.id, after).await?;
        message = client.message(&accepted.id).await?;
    }
    story(out, &message)?;
    if matches!(message.state.as_str(), "delivered" | "sent") {
        return Ok(());
    }
    Err(Failure::Told(FAILED))
}
