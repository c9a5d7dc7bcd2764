//! `ussd` and `line`: what an operator says to a SIM's network, and to one modem.

use std::io::{self, IsTerminal, Write};

use anyhow::anyhow;
use clap::{Args, Subcommand};
use client::{Client, CommandView, TraceRecord, TraceWish, UssdRequest, UssdView};

use crate::control::find_sim;
use crate::failure::Failure;
use crate::line::{self, ResetArguments};
use crate::output::{Output, local_time, say};
use crate::paint::Tint;

/// A dialogue by USSD.
#[derive(Debug, Args)]
pub(crate) struct UssdArguments {
    /// An ICCID, a label, or the name of the line that the SIM is in.
    #[arg(value_name = "SIM")]
    sim: String,
    /// The code, such as '*100#' (in quotes: the shell knows * and #).
    #[arg(required_unless_present_any = ["reply", "cancel"])]
    code: Option<String>,
    /// Answer the menu that is open.
    #[arg(long, value_name = "TEXT", conflicts_with_all = ["code", "cancel"])]
    reply: Option<String>,
    /// End the dialogue that is open.
    #[arg(long, conflicts_with = "code")]
    cancel: bool,
}

/// One line.
#[derive(Debug, Args)]
pub(crate) struct LineArguments {
    /// Its name, such as line017.
    name: String,
    #[command(subcommand)]
    action: LineAction,
}

/// What is wanted of it.
#[derive(Debug, Subcommand)]
pub(crate) enum LineAction {
    /// Run one AT command on a paused line and show all that the modem says. What sends, changes an IMEI, touches a PIN,
    /// or waits for data is refused. After a command that may change something the line is set up anew.
    At {
        /// The command, such as 'AT+CSQ'.
        command: String,
    },
    /// Show what went over its wire, the last 8 KiB of which are always kept: control characters visible, numbers, texts
    /// and PDUs masked.
    Trace {
        /// Go on with what comes, until interrupted.
        #[arg(long)]
        follow: bool,
        /// Go on for so long, such as 5m.
        #[arg(long = "for", value_name = "DURATION", value_parser = crate::plan::parse_duration)]
        span: Option<std::time::Duration>,
        /// What led to its last failure.
        #[arg(long, conflicts_with_all = ["follow", "span"])]
        failure: bool,
        /// Show numbers, texts and PDUs as they are; the daemon's log says that you did. PINs are never shown.
        #[arg(long)]
        unmasked: bool,
    },
    /// Bring its modem back, as soon as nothing is on its way.
    Reset(ResetArguments),
}

/// Dials, replies or ends; on a terminal it goes on as long as the network asks.
pub(crate) async fn ussd(
    client: &Client,
    out: &mut Output,
    arguments: UssdArguments,
) -> Result<(), Failure> {
    let sim = find_sim(client, &arguments.sim).await?;
    if arguments.cancel {
        client.end_ussd(&sim.iccid).await?;
        if out.is_json() {
            return Ok(());
        }
        return out.line("the dialogue is over");
    }
    let mut request = UssdRequest {
        code: arguments.code,
        reply: arguments.reply,
    };
    let asks = !out.is_json() && io::stdin().is_terminal() && io::stdout().is_terminal();
    loop {
        let said = client.ussd(&sim.iccid, &request).await?;
        show(out, &said)?;
        out.flush()?;
        if said.state != "open" {
            return Ok(());
        }
        if !asks {
            if !out.is_json() {
                say(format_args!(
                    "the network waits a minute for a reply: simfleet ussd {} --reply TEXT, or --cancel",
                    arguments.sim
                ));
            }
            return Ok(());
        }
        match ask_reply().await {
            Some(reply) => {
                request = UssdRequest {
                    code: None,
                    reply: Some(reply),
                };
            }
            None => {
                client.end_ussd(&sim.iccid).await?;
                return Ok(());
            }
        }
    }
}

/// Does something to one line.
pub(crate) async fn line(
    client: &Client,
    out: &mut Output,
    arguments: LineArguments,
) -> Result<(), Failure> {
    let LineArguments { name, action } = arguments;
    match action {
        LineAction::At { command } => at(client, out, &name, &command).await,
        LineAction::Trace {
            follow,
            span,
            failure,
            unmasked,
        } => {
            let wish = TraceWish {
                follow: follow || span.is_some(),
                for_s: span.map(|span| span.as_secs().max(1)),
                unmasked,
                failure,
            };
            trace(client, out, &name, wish).await
        }
        LineAction::Reset(arguments) => line::reset(client, out, &name, &arguments).await,
    }
}

async fn trace(
    client: &Client,
    out: &mut Output,
    line: &str,
    wish: TraceWish,
) -> Result<(), Failure> {
    let mut records = client.trace(line, wish).await?;
    let mut is_empty = true;
    while let Some(record) = records.next().await {
        let record = record?;
        is_empty = false;
        if out.is_json() {
            out.object(&record)?;
        } else {
            out.line(trace_line(out, &record))?;
        }
        if wish.follow {
            out.flush()?;
        }
    }
    if is_empty && !out.is_json() {
        let what = if wish.failure {
            "line {} has not failed since the daemon started"
        } else {
            "nothing went over the wire of line {} yet"
        };
        say(what.replace("{}", line));
    }
    Ok(())
}

/// Time, an arrow for the direction, and the line.
fn trace_line(out: &Output, record: &TraceRecord) -> String {
    let (arrow, tint) = match record.kind.as_str() {
        "to_modem" => (">", None),
        "from_modem" => ("<", None),
        "lost" => ("!", Some(Tint::Bad)),
        _ => ("=", Some(Tint::Dim)),
    };
    let text = match tint {
        Some(tint) => out.paint(&record.text, tint),
        None => record.text.clone(),
    };
    format!(
        "{} {arrow} {text}",
        out.paint(&local_time(&record.at), Tint::Dim)
    )
}

async fn at(client: &Client, out: &mut Output, line: &str, command: &str) -> Result<(), Failure> {
    let said = client.command(line, command).await?;
    if out.is_json() {
        out.object(&said)?;
    } else {
        said.lines.iter().try_for_each(|line| out.line(line))?;
    }
    match fault(&said) {
        Some(fault) => Err(Failure::Operation(anyhow!("{fault}"))),
        None => Ok(()),
    }
}

/// Why a command did not do what it should, as far as the lines do not say it.
fn fault(said: &CommandView) -> Option<String> {
    let command = &said.command;
    match said.end.as_str() {
        "ok" => None,
        "refused" => Some(format!("the modem refused {command}")),
        "no_answer" => Some(format!(
            "the modem did not answer {command} in time; the line is set up anew"
        )),
        "prompt" => Some(format!(
            "{command} wanted input; it was left without any, and the line is set up anew"
        )),
        _ => Some(format!(
            "the line was lost during {command}: see `simfleet lines`"
        )),
    }
}

fn show(out: &mut Output, said: &UssdView) -> Result<(), Failure> {
    if out.is_json() {
        return out.object(said);
    }
    match &said.text {
        Some(text) => out.line(text),
        None => out.line("(the network said nothing more)"),
    }
}

/// A reply from the terminal; `None` to end the dialogue.
async fn ask_reply() -> Option<String> {
    let read = tokio::task::spawn_blocking(|| {
        eprint!("reply (empty to end, within a minute): ");
        // A prompt that can't be shown is no reason not to read.
        let _ = io::stderr().flush();
        let mut line = String::new();
        io::stdin().read_line(&mut line).ok()?;
        Some(line.trim().to_owned()).filter(|line| !line.is_empty())
    });
    tokio::select! {
        read = read => read.ok().flatten(),
        _ = tokio::signal::ctrl_c() => None,
    }
}

#[cfg(test)]
mod tests;
