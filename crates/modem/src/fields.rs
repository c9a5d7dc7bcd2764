//! Picks the fields of one finished line with the `at-commands` parser, behind guards.
//!
//! The guards: a line is ASCII before it is parsed; fields are taken raw, never as the parser's integers or strings,
//! since a number of ten digits overflows there and an unquoted string loses its first character. Deciding what kind of
//! line it is, is not done here (`result`, `urc`).

use at_commands::parser::CommandParser;

/// The first fields of a line, in order; empty where the line has none.
pub(crate) type Fields<'a> = [&'a str; FIELDS_MAX];

/// Splits what follows `name` at commas. Spaces around a field are dropped, quotes stay.
/// `None` if the line does not begin with `name` or is not ASCII.
///
/// A comma inside quotes splits too: no line that is parsed here has one before the fields that matter.
pub(crate) fn fields<'a>(line: &'a [u8], name: &str) -> Option<Fields<'a>> {
    if !line.is_ascii() {
        return None;
    }
    let (a, b, c, d, e) = CommandParser::parse(line)
        .expect_identifier(name.as_bytes())
        .expect_optional_raw_string_parameter()
        .expect_optional_raw_string_parameter()
        .expect_optional_raw_string_parameter()
        .expect_optional_raw_string_parameter()
        .expect_optional_raw_string_parameter()
        .finish()
        .ok()?;
    Some([a, b, c, d, e].map(|field| field.unwrap_or_default().trim()))
}

/// All that follows `name`, without spaces around it and without quotes around the whole.
pub(crate) fn rest<'a>(line: &'a [u8], name: &str) -> Option<&'a str> {
    if !line.is_ascii() {
        return None;
    }
    let (rest,) = CommandParser::parse(line)
        .expect_identifier(name.as_bytes())
        .expect_optional_raw_string()
        .finish()
        .ok()?;
    Some(unquoted(rest.unwrap_or_default().trim()))
}

/// A decimal number of at most nine digits.
pub(crate) fn number(field: &str) -> Option<u32> {
    let digits = (1..=9).contains(&field.len()) && field.bytes().all(|byte| byte.is_ascii_digit());
    if digits { field.parse().ok() } else { None }
}

/// A field without the quotes around it.
pub(crate) fn unquoted(field: &str) -> &str {
    field
        .strip_prefix('"')
        .and_then(|field| field.strip_suffix('"'))
        .unwrap_or(field)
        .trim()
}

/// How many fields are looked at: `+CNMI:` has five.
const FIELDS_MAX: usize = 5;

#[cfg(test)]
mod tests;
