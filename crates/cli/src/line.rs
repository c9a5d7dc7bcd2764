//! `line NAME reset`: an operator has a modem brought back.

use clap::Args;
use client::{Client, ResetRequest};

use crate::failure::Failure;
use crate::output::Output;

#[derive(Debug, Args)]
pub(crate) struct ResetArguments {
    /// How; where the modem's profile forbids it, the next stronger one is taken. [default: reopen]
    #[arg(long, value_enum)]
    rung: Option<Rung>,
}

/// How a modem is brought back, the mildest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Rung {
    /// Restore its settings and initialise it again.
    Initialise,
    /// Turn its radio off and on.
    Radio,
    /// Have it restart.
    Reset,
    /// Close its port and open it again.
    Reopen,
}

impl Rung {
    /// The word of the API.
    fn as_str(self) -> &'static str {
        match self {
            Rung::Initialise => "initialise",
            Rung::Radio => "radio",
            Rung::Reset => "reset",
            Rung::Reopen => "reopen",
        }
    }
}

/// Asks for the reset, which waits until nothing is on its way.
pub(crate) async fn reset(
    client: &Client,
    out: &mut Output,
    name: &str,
    arguments: &ResetArguments,
) -> Result<(), Failure> {
    let rung = arguments.rung.map(|rung| rung.as_str().to_owned());
    let line = client.reset_line(name, &ResetRequest { rung }).await?;
    if out.is_json() {
        return out.object(&line);
    }
    out.line(format_args!(
        "line {} is reset as soon as nothing is on its way; it is {}",
        line.name, line.state
    ))
}
