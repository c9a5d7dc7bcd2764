//! Colours: on a terminal that wants them, and nowhere else (<https://no-color.org>).

use std::io::IsTerminal;

/// Whether to colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Colours {
    /// Escape sequences are welcome.
    On,
    /// Plain text only.
    Off,
}

/// What a colour means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tint {
    /// Nothing special.
    Plain,
    /// Headings and labels.
    Dim,
    /// As it should be.
    Good,
    /// On its way, or worth a look.
    Warn,
    /// Wrong.
    Bad,
}

impl Colours {
    /// On if stdout is a terminal, `NO_COLOR` is empty or unset, and the terminal is not dumb.
    pub(crate) fn of_stdout() -> Colours {
        let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        if std::io::stdout().is_terminal() && !refused && !dumb {
            Colours::On
        } else {
            Colours::Off
        }
    }

    /// The text in its tint.
    pub(crate) fn paint(self, text: &str, tint: Tint) -> String {
        let begin = match tint {
            Tint::Plain => return text.to_owned(),
            Tint::Dim => DIM,
            Tint::Good => GREEN,
            Tint::Warn => YELLOW,
            Tint::Bad => RED,
        };
        match self {
            Colours::On if !text.is_empty() => format!("{begin}{text}{RESET}"),
            Colours::On | Colours::Off => text.to_owned(),
        }
    }
}

/// How many octets at the beginning of a text are one of the escape sequences that [`Colours::paint`] writes.
pub(crate) fn tint_length(text: &str) -> Option<usize> {
    let ours = [RESET, DIM, GREEN, YELLOW, RED];
    let found = ours.iter().find(|sequence| text.starts_with(**sequence))?;
    Some(found.len())
}

/// The tint of a state of a message, an attempt, a line or a SIM.
pub(crate) fn tint_of(state: &str) -> Tint {
    match state {
        "ready" | "idle" | "delivered" | "sent" | "active" | "running" => Tint::Good,
        "failed" | "undelivered" | "expired" | "refused" | "quarantined" | "out_of_service"
        | "no_sim" => Tint::Bad,
        "in_doubt" | "unknown" | "unconfirmed" | "paused" | "draining" | "recovering"
        | "no_network" | "closed" | "exhausted" | "absent" => Tint::Warn,
        _ => Tint::Plain,
    }
}

const RESET: &str = "\u{1b}[0m";
const DIM: &str = "\u{1b}[2m";
const RED: &str = "\u{1b}[31m";
const GREEN: &str = "\u{1b}[32m";
const YELLOW: &str = "\u{1b}[33m";
