//! Builds every command with the `at-commands` builder, ended by CR alone.
//!
//! Parameters are constants of this crate or small numbers: no text from outside ever reaches a command, so nothing
//! needs escaping. The PDU after the prompt is not a command; `send` writes it.

use at_commands::builder::CommandBuilder;

/// A command as a value, so that tables can hold it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// `AT` + name.
    Execute(&'static str),
    /// `AT` + name + `?`.
    Read(&'static str),
    /// `AT` + name + `=` + text as it stands (quotes included).
    Set(&'static str, &'static str),
    /// `AT` + name + `=` + number.
    SetNumber(&'static str, u16),
}

impl Command {
    /// Writes the command line into `line`, without the CR that ends it, replacing what was there.
    pub(crate) fn write(self, line: &mut Vec<u8>) {
        let mut buffer = [0; COMMAND_BYTES_MAX];
        let built = match self {
            Command::Execute(name) => CommandBuilder::create_execute(&mut buffer, true)
                .named(name)
                .finish_with(b""),
            Command::Read(name) => CommandBuilder::create_query(&mut buffer, true)
                .named(name)
                .finish_with(b""),
            Command::Set(name, text) => CommandBuilder::create_set(&mut buffer, true)
                .named(name)
                .with_raw_parameter(text)
                .finish_with(b""),
            Command::SetNumber(name, number) => CommandBuilder::create_set(&mut buffer, true)
                .named(name)
                .with_int_parameter(number)
                .finish_with(b""),
        };
        line.clear();
        line.extend_from_slice(built.expect("commands are constants and fit the buffer"));
    }
}

/// Room for the longest command, `AT+CRSM=176,12258,0,0,10`, twice over.
const COMMAND_BYTES_MAX: usize = 64;

#[cfg(test)]
mod tests;
