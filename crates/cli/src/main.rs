//! The binary `simfleet`: runs the daemon, talks to it, and shows the whole product in one command.
//!
//! It decides nothing about messages: it asks the daemon and tells people what the answer means.

mod args;
mod causes;
mod control;
#[cfg(feature = "demo")]
mod demo;
mod events;
mod failure;
mod fleet;
mod import;
mod line;
mod measure;
mod messages;
mod output;
mod paint;
mod pdu;
mod plain;
mod plan;
mod route;
mod rows;
mod run;
mod send;
mod store;
mod suppressions;
mod table;
mod talk;
mod webhooks;

use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;
use clap::Parser;
use client::Client;

use crate::args::{Arguments, Command, PduCommand, Request};
use crate::control::{Control, control};
use crate::failure::Failure;
use crate::output::Output;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let verbose = arguments.verbose;
    match execute(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            if let Some(text) = failure.text(verbose) {
                output::say(format_args!("simfleet: {text}"));
            }
            ExitCode::from(failure.exit_code())
        }
    }
}

fn execute(arguments: Arguments) -> Result<(), Failure> {
    let mut out = Output::new(arguments.json, arguments.verbose);
    let done = match arguments.command {
        Command::Run(run) => run::run(&run),
        Command::Plan(fleet) => plan::plan(&mut out, &fleet),
        Command::Check(check) => run::check(&mut out, &check.config),
        Command::Store(store) => store::store(&mut out, store.action),
        Command::Causes(asked) => causes::causes(&mut out, &asked),
        #[cfg(feature = "demo")]
        Command::Demo(demo) => wait_for(demo::demo(&mut out, demo)),
        #[cfg(feature = "demo")]
        Command::Bench(bench) => wait_for(demo::bench(&mut out, bench)),
        Command::Pdu(PduCommand::Decode(decode)) => pdu::decode(&mut out, &decode),
        Command::Pdu(PduCommand::Encode(encode)) => pdu::encode(&mut out, &encode),
        Command::Ask(request) => wait_for(ask(&arguments.socket, &mut out, request)),
    };
    // What was printed before a failure is part of the answer.
    let flushed = out.flush();
    done.and(flushed)
}

/// Runs one command on a runtime of its own. A thread that still reads standard input is not waited for.
fn wait_for(work: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("can't start the runtime")?;
    let done = runtime.block_on(work);
    runtime.shutdown_background();
    done
}

/// The commands that talk to a running daemon.
async fn ask(socket: &Path, out: &mut Output, request: Request) -> Result<(), Failure> {
    let client = Client::new(socket);
    match request {
        Request::Send(send) => send::send(&client, out, *send).await,
        Request::Message { id } => messages::message(&client, out, &id).await,
        Request::Messages(search) => messages::messages(&client, out, search).await,
        Request::Cancel { id } => messages::cancel(&client, out, &id).await,
        Request::Status => fleet::status(&client, out).await,
        Request::Lines => fleet::lines(&client, out).await,
        Request::Sims => fleet::sims(&client, out).await,
        Request::Route(message) => route::route(&client, out, message).await,
        Request::Pause(asked) => control(&client, out, Control::Pause, asked).await,
        Request::Resume(asked) => control(&client, out, Control::Resume, asked).await,
        Request::Drain(asked) => control(&client, out, Control::Drain, asked).await,
        Request::Events(events) => events::events(&client, out, events).await,
        Request::Ussd(dialogue) => talk::ussd(&client, out, dialogue).await,
        Request::Line(line) => talk::line(&client, out, line).await,
        Request::Suppressions(asked) => suppressions::suppressions(&client, out, asked).await,
        Request::Webhooks(webhooks) => webhooks::webhooks(&client, out, webhooks).await,
    }
}
