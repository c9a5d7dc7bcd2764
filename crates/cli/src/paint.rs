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
        let code = match tint {
            Tint::Plain => return text.to_owned(),
            Tint::Dim => "2",
            Tint::Good => "32",
            Tint::Warn => "33",
            Tint::Bad => "31",
        };
        match self {
            Colours::On if !text.is_empty() => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
            Colours::On | Colours::Off => text.to_owned(),
        }
    }
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
