//! The binary `simfleet`: runs the daemon, talks to it, and shows the whole product in one command.
//!
//! It decides nothing about messages: it asks the daemon and tells people what the answer means.

mod args;
#[cfg(feature = "demo")]
mod demo;
mod events;
mod failure;
mod fleet;
mod import;
mod messages;
mod output;
mod paint;
mod rows;
#[cfg(feature = "run")]
mod run;
mod send;
mod table;

use std::process::ExitCode;

use anyhow::Context;
use clap::Parser;
use client::Client;

use crate::args::{Arguments, Command};
use crate::failure::Failure;
use crate::fleet::Control;
use crate::output::Output;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let verbose = arguments.verbose;
    match execute(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            if let Some(text) = failure.text(verbose) {
                eprintln!("simfleet: {text}");
            }
            ExitCode::from(failure.exit_code())
        }
    }
}

fn execute(arguments: Arguments) -> Result<(), Failure> {
    let mut out = Output::new(arguments.json, arguments.verbose);
    match arguments.command {
        #[cfg(feature = "run")]
        Command::Run(run) => return run::run(&run.config),
        #[cfg(feature = "run")]
        Command::Check(check) => {
            run::check(&mut out, &check.config)?;
            return out.flush();
        }
        command => {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .context("can't start the runtime")?;
            let done = runtime.block_on(converse(&arguments.socket, &mut out, command));
            // What was printed before a failure is part of the answer.
            let flushed = out.flush();
            // A thread that still reads standard input is not waited for.
            runtime.shutdown_background();
            done.and(flushed)
        }
    }
}

/// The commands that talk to a daemon.
async fn converse(
    socket: &std::path::Path,
    out: &mut Output,
    command: Command,
) -> Result<(), Failure> {
    let client = Client::new(socket);
    match command {
        Command::Send(send) => send::send(&client, out, send).await,
        Command::Message { id } => messages::message(&client, out, &id).await,
        Command::Messages(search) => messages::messages(&client, out, search).await,
        Command::Cancel { id } => messages::cancel(&client, out, &id).await,
        Command::Status => fleet::status(&client, out).await,
        Command::Lines => fleet::lines(&client, out).await,
        Command::Sims => fleet::sims(&client, out).await,
        Command::Pause(control) => fleet::control(&client, out, Control::Pause, control).await,
        Command::Resume(control) => fleet::control(&client, out, Control::Resume, control).await,
        Command::Drain(control) => fleet::control(&client, out, Control::Drain, control).await,
        Command::Events(events) => events::events(&client, out, events).await,
        #[cfg(feature = "demo")]
        Command::Demo(demo) => demo::demo(out, demo).await,
        #[cfg(feature = "demo")]
        Command::Bench(bench) => demo::bench(out, bench).await,
        #[cfg(feature = "run")]
        Command::Run(_) | Command::Check(_) => unreachable!("executed without a client"),
    }
}
