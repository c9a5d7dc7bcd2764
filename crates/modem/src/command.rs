//! Builds every command with the `at-commands` builder, ended by CR alone.
//!
//! Parameters are constants of this crate, small numbers, values of a profile that were checked when its file was read
//! (`profile::values`), or an operator's words that were checked as they came in (`ussd`, `manual`): nothing needs escaping. The PDU after the prompt is not a command; `send` writes it.

use at_commands::builder::CommandBuilder;

/// A command as a value, so that tables can hold it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Command<'a> {
    /// `AT` + name.
    Execute(&'a str),
    /// `AT` + name + `?`.
    Read(&'a str),
    /// `AT` + name + `=?`.
    Test(&'a str),
    /// `AT` + name + `=` + text as it stands (quotes included).
    Set(&'a str, &'a str),
    /// `AT` + name + `=` + number.
    SetNumber(&'a str, u16),
}

impl Command<'_> {
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
            Command::Test(name) => CommandBuilder::create_test(&mut buffer, true)
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
        line.extend_from_slice(
            built.expect("commands are constants or checked values and fit the buffer"),
        );
    }
}

/// Room for the longest command: `AT+CUSD=1,"…",15` with 182 characters as UCS-2 in hexadecimal.
const COMMAND_BYTES_MAX: usize = 768;

#[cfg(test)]
mod tests;
