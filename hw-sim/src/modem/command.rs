//! Command lines cut into commands (ITU-T V.250 §5.2 to §5.4).
//!
//! Knows the grammar only: which commands exist and what their values mean is decided elsewhere.

/// One command of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Command<'a> {
    /// Upper case: `E`, `&F`, `S7`, `+CMGS`. Empty when the text is no command.
    pub(super) name: String,
    pub(super) form: Form<'a>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form<'a> {
    /// `AT+X`, `ATE`
    Execute,
    /// `AT+X?`
    Read,
    /// `AT+X=?`
    Test,
    /// `AT+X=value`, `ATE0`
    Set(&'a str),
}

/// The commands of a line, after `AT`.
#[derive(Debug)]
pub(super) struct Commands<'a> {
    rest: &'a str,
}

/// The line as a modem sees it: control characters and bytes above 7E dropped, backspaces applied (S5 = 8).
pub(super) fn clean(typed: &[u8]) -> String {
    let mut line = String::with_capacity(typed.len());
    for byte in typed {
        match byte {
            0x08 => drop(line.pop()),
            0x20..=0x7e => line.push(char::from(*byte)),
            _ => {}
        }
    }
    line
}

/// What follows the first `AT` or `at`; `None` when the line is not for the modem. `A/` is not kept.
pub(super) fn after_prefix(line: &str) -> Option<&str> {
    let at = line.find("AT").into_iter().chain(line.find("at")).min()?;
    Some(&line[at + 2..])
}

impl<'a> Commands<'a> {
    pub(super) fn new(body: &'a str) -> Commands<'a> {
        Commands { rest: body }
    }

    fn extended(&mut self) -> Command<'a> {
        let end = outside_quotes(self.rest, ';').unwrap_or(self.rest.len());
        let text = self.rest[..end].trim_end();
        self.rest = self.rest[end..].trim_start_matches(';');
        let name_end = text.find(['=', '?']).unwrap_or(text.len());
        let form = match &text[name_end..] {
            "" => Form::Execute,
            "?" => Form::Read,
            "=?" => Form::Test,
            value => match value.strip_prefix('=') {
                Some(value) => Form::Set(value),
                None => {
                    return Command {
                        name: String::new(),
                        form: Form::Execute,
                    };
                }
            },
        };
        Command {
            name: text[..name_end].to_ascii_uppercase(),
            form,
        }
    }

    fn basic(&mut self) -> Command<'a> {
        let letters = if self.rest.starts_with('&') { 2 } else { 1 };
        let is_register = self.rest.starts_with(['S', 's']);
        let letters = letters
            + if is_register {
                digits(&self.rest[1..])
            } else {
                0
            };
        let name = self.rest[..letters.min(self.rest.len())].to_ascii_uppercase();
        self.rest = &self.rest[name.len()..];
        let form = if name == "D" {
            Form::Set(std::mem::take(&mut self.rest))
        } else if is_register && self.rest.starts_with('=') {
            self.rest = &self.rest[1..];
            Form::Set(self.number())
        } else if self.rest.starts_with('?') {
            self.rest = &self.rest[1..];
            Form::Read
        } else {
            match self.number() {
                "" => Form::Execute,
                number => Form::Set(number),
            }
        };
        Command { name, form }
    }

    fn number(&mut self) -> &'a str {
        let (number, rest) = self.rest.split_at(digits(self.rest));
        self.rest = rest;
        number
    }
}

impl<'a> Iterator for Commands<'a> {
    type Item = Command<'a>;

    fn next(&mut self) -> Option<Command<'a>> {
        self.rest = self.rest.trim_start_matches([' ', ';']);
        let first = self.rest.chars().next()?;
        Some(match first {
            'A'..='Z' | 'a'..='z' | '&' => self.basic(),
            _ => self.extended(),
        })
    }
}

/// The values of a command, split at commas outside quotes; quotes are taken off.
#[derive(Debug)]
pub(super) struct Values<'a>(Vec<&'a str>);

impl<'a> Values<'a> {
    pub(super) fn of(text: &'a str) -> Values<'a> {
        let mut values = Vec::new();
        let mut rest = text;
        while let Some(comma) = outside_quotes(rest, ',') {
            values.push(unquoted(&rest[..comma]));
            rest = &rest[comma + 1..];
        }
        values.push(unquoted(rest));
        Values(values)
    }

    pub(super) fn count(&self) -> usize {
        self.0.len()
    }

    /// The value at a place; `None` when it was left out.
    pub(super) fn text(&self, place: usize) -> Option<&'a str> {
        self.0.get(place).copied().filter(|value| !value.is_empty())
    }

    /// A number at a place: `Ok(None)` when it was left out.
    pub(super) fn number(&self, place: usize) -> Result<Option<usize>, NotANumber> {
        match self.text(place) {
            None => Ok(None),
            Some(text)
                if text.len() <= NUMBER_DIGITS_MAX
                    && text.bytes().all(|byte| byte.is_ascii_digit()) =>
            {
                text.parse().map(Some).map_err(|_| NotANumber)
            }
            Some(_) => Err(NotANumber),
        }
    }
}

/// A value that had to be a number is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NotANumber;

fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

fn outside_quotes(text: &str, wanted: char) -> Option<usize> {
    let mut quoted = false;
    text.char_indices().find_map(|(place, ch)| {
        quoted ^= ch == '"';
        (ch == wanted && !quoted).then_some(place)
    })
}

fn unquoted(value: &str) -> &str {
    let value = value.trim();
    value
        .strip_prefix('"')
        .and_then(|inner| inner.strip_suffix('"'))
        .unwrap_or(value)
}

/// No command has a larger number.
const NUMBER_DIGITS_MAX: usize = 9;

#[cfg(test)]
mod tests;
