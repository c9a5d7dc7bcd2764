//! Stdout: tables and words for people, or JSON and nothing but JSON.
//!
//! What is said about the work (faults, hints) goes to stderr by [`say`]. Whatever people see is screened on its way out.

use std::fmt::Display;
use std::io::{self, BufWriter, ErrorKind, Write};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

use crate::failure::Failure;
use crate::paint::{Colours, Tint};
use crate::plain::screened;
use crate::table::Table;

/// Where results go.
pub(crate) struct Output {
    json: bool,
    verbose: bool,
    colours: Colours,
    out: BufWriter<Box<dyn Write>>,
}

impl Output {
    /// Stdout.
    pub(crate) fn new(json: bool, verbose: bool) -> Output {
        Output::to(Box::new(io::stdout()), json, verbose, Colours::of_stdout())
    }

    /// Somewhere else.
    pub(crate) fn to(place: Box<dyn Write>, json: bool, verbose: bool, colours: Colours) -> Output {
        Output {
            json,
            verbose,
            colours,
            out: BufWriter::new(place),
        }
    }

    /// Whether programs read this.
    pub(crate) fn is_json(&self) -> bool {
        self.json
    }

    /// Whether more was asked for.
    pub(crate) fn is_verbose(&self) -> bool {
        self.verbose
    }

    /// The text in its tint, where colours are welcome.
    pub(crate) fn paint(&self, text: &str, tint: Tint) -> String {
        self.colours.paint(text, tint)
    }

    /// One object on a line of its own.
    pub(crate) fn object<T: Serialize>(&mut self, value: &T) -> Result<(), Failure> {
        let text = serde_json::to_string(value)
            .map_err(io::Error::from)
            .map_err(broken)?;
        writeln!(self.out, "{text}").map_err(broken)
    }

    /// One line of text.
    pub(crate) fn line(&mut self, text: impl Display) -> Result<(), Failure> {
        let text = text.to_string();
        writeln!(self.out, "{}", screened(&text, self.colours)).map_err(broken)
    }

    /// A fact beside its name, on one line whatever is in it.
    pub(crate) fn fact(&mut self, name: &str, value: &str) -> Result<(), Failure> {
        let label = self.paint(&format!("{name:<9}"), Tint::Dim);
        let value = value.replace('\n', "␊");
        self.line(format_args!("{label} {value}"))
    }

    /// A table.
    pub(crate) fn table(&mut self, table: &Table) -> Result<(), Failure> {
        let text = table.render(self.colours);
        self.line(text)
    }

    /// Hands over what was gathered; a reader is waiting, or the command ends.
    pub(crate) fn flush(&mut self) -> Result<(), Failure> {
        self.out.flush().map_err(broken)
    }
}

/// Tells a person on stderr: a fault, a hint.
pub(crate) fn say(text: impl Display) {
    eprintln!("{}", screened(&text.to_string(), Colours::Off));
}

fn broken(error: io::Error) -> Failure {
    if error.kind() == ErrorKind::BrokenPipe {
        Failure::ReaderGone
    } else {
        Failure::Output(error)
    }
}

/// A time of the API in the local time zone, RFC 3339; as it came if it is none.
pub(crate) fn local_time(at: &str) -> String {
    in_zone(at, TimeZone::system())
}

fn in_zone(at: &str, zone: TimeZone) -> String {
    match at.parse::<Timestamp>() {
        Ok(time) => time
            .to_zoned(zone)
            .strftime("%Y-%m-%dT%H:%M:%S%.3f%:z")
            .to_string(),
        Err(_) => at.to_owned(),
    }
}

/// A time of the API, local and to the minute, for what lies ahead: `03-31 23:50`.
pub(crate) fn near_time(at: &str) -> String {
    short_time(at, "%m-%d %H:%M")
}

/// A time of the API, local and to the second, for columns with little room: `03-31 23:50:07`.
pub(crate) fn column_time(at: &str) -> String {
    short_time(at, "%m-%d %H:%M:%S")
}

/// A time of the API, local and to the millisecond, for what happens within seconds: `03-31 23:50:07.123`.
pub(crate) fn exact_time(at: &str) -> String {
    short_time(at, "%m-%d %H:%M:%S%.3f")
}

fn short_time(at: &str, format: &str) -> String {
    match at.parse::<Timestamp>() {
        Ok(time) => time
            .to_zoned(TimeZone::system())
            .strftime(format)
            .to_string(),
        Err(_) => at.to_owned(),
    }
}

/// From one time of the API to another, for people; empty if either is none.
pub(crate) fn time_between(from: &str, to: &str) -> String {
    match (from.parse::<Timestamp>(), to.parse::<Timestamp>()) {
        (Ok(from), Ok(to)) => duration_text(to.as_millisecond() - from.as_millisecond()),
        _ => String::new(),
    }
}

/// `1 part`, `2 parts`.
pub(crate) fn counted(count: u64, word: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{count} {word}{ending}")
}

/// Milliseconds in the unit that reads best.
pub(crate) fn duration_text(ms: i64) -> String {
    match ms {
        ..1_000 => format!("{ms} ms"),
        1_000..60_000 => format!("{}.{:02} s", ms / 1_000, ms % 1_000 / 10),
        60_000..3_600_000 => format!("{} min {:02} s", ms / 60_000, ms % 60_000 / 1_000),
        3_600_000.. => format!("{} h {:02} min", ms / 3_600_000, ms % 3_600_000 / 60_000),
    }
}

#[cfg(test)]
pub(crate) mod tests;
