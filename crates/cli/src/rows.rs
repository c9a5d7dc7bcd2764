//! Files of messages: each row of a CSV or NDJSON file becomes a request, or a fault with its line number.
//!
//! Pure but for reading: nothing is sent here. What a number, class or duration may be is the daemon's to judge.
//! A row without a key gets `batch/line/hash of the request`, so that the same file handed over again is recognised.

mod csv_file;
mod ndjson;
mod physical;

use std::io::{self, BufRead};

use client::MessageRequest;

/// One row.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Row {
    /// Line number in the file, from 1.
    pub(crate) line: u64,
    /// The request, or what is wrong with the row.
    pub(crate) content: Result<MessageRequest, String>,
}

/// What holds for rows that do not say otherwise.
#[derive(Clone, Debug, Default)]
pub(crate) struct Defaults {
    pub(crate) class: Option<String>,
    pub(crate) expires_in: Option<String>,
    pub(crate) app: Option<String>,
    pub(crate) route: Option<String>,
    pub(crate) report: Option<bool>,
    pub(crate) in_doubt: Option<String>,
    pub(crate) encoding: Option<String>,
    pub(crate) national_tables: Option<Vec<String>>,
    pub(crate) transliterate: Option<String>,
    pub(crate) flash: Option<bool>,
    pub(crate) replace: Option<u8>,
    pub(crate) send_at: Option<String>,
}

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// Comma or semicolon separated, with a header.
    Csv,
    /// One JSON object a line.
    Ndjson,
}

impl Format {
    /// By the name's ending, else by the first character: JSON objects begin with a brace.
    pub(crate) fn of(name: &str, reader: &mut impl BufRead) -> io::Result<Format> {
        let ending = name
            .rsplit_once('.')
            .map(|(_, ending)| ending.to_ascii_lowercase());
        match ending.as_deref() {
            Some("csv") => return Ok(Format::Csv),
            Some("ndjson" | "jsonl") => return Ok(Format::Ndjson),
            _ => {}
        }
        let beginning = reader.fill_buf()?;
        let beginning = beginning.strip_prefix(BYTE_ORDER_MARK).unwrap_or(beginning);
        let is_object = beginning.trim_ascii_start().first() == Some(&b'{');
        Ok(if is_object {
            Format::Ndjson
        } else {
            Format::Csv
        })
    }
}

/// Hands every row to `take` until it says stop (false) or the file ends.
///
/// # Errors
/// When the file cannot be read on, or its header is not understood.
pub(crate) fn read_rows(
    reader: impl BufRead,
    format: Format,
    defaults: &Defaults,
    batch: Option<&str>,
    mut take: impl FnMut(Row) -> bool,
) -> anyhow::Result<()> {
    let finish = |line, content: Result<MessageRequest, String>| Row {
        line,
        content: content.map(|request| completed(request, defaults, batch, line)),
    };
    match format {
        Format::Csv => csv_file::read(reader, |line, content| take(finish(line, content))),
        Format::Ndjson => ndjson::read(reader, |line, content| take(finish(line, content))),
    }
}

/// Adds the defaults and, if the row has no key and there is a batch, the derived key.
fn completed(
    mut request: MessageRequest,
    defaults: &Defaults,
    batch: Option<&str>,
    line: u64,
) -> MessageRequest {
    request.class = request.class.or_else(|| defaults.class.clone());
    request.expires_in = request.expires_in.or_else(|| defaults.expires_in.clone());
    request.app = request.app.or_else(|| defaults.app.clone());
    request.route = request.route.or_else(|| defaults.route.clone());
    request.report = request.report.or(defaults.report);
    request.in_doubt = request.in_doubt.or_else(|| defaults.in_doubt.clone());
    request.encoding = request.encoding.or_else(|| defaults.encoding.clone());
    request.national_tables = request
        .national_tables
        .or_else(|| defaults.national_tables.clone());
    request.transliterate = request
        .transliterate
        .or_else(|| defaults.transliterate.clone());
    request.flash = request.flash.or(defaults.flash);
    request.replace = request.replace.or(defaults.replace);
    request.send_at = request.send_at.or_else(|| defaults.send_at.clone());
    if request.key.is_none() {
        request.key = batch.map(|batch| derived_key(batch, line, &request));
    }
    request
}

/// `batch/line/hash`: the same for the same row of the same file, another for any change of it.
fn derived_key(batch: &str, line: u64, request: &MessageRequest) -> String {
    let row = serde_json::to_vec(request).expect("a request is strings and a bool");
    // The end of a long name tells files apart better than its beginning.
    let surplus = batch.chars().count().saturating_sub(BATCH_CHARS_MAX);
    let batch: String = batch.chars().skip(surplus).collect();
    format!("{batch}/{line}/{:016x}", fnv_1a(&row))
}

/// FNV-1a, 64 bit: the same in every version, as keys must be.
fn fnv_1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xCBF2_9CE4_8422_2325, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3)
    })
}

/// The columns of a CSV and the names in a JSON object.
const COLUMNS: [&str; 10] = [
    "to",
    "text",
    "class",
    "expires_in",
    "key",
    "app",
    "route",
    "report",
    "in_doubt",
    "send_at",
];

/// How much of a batch's name goes into a key, so that keys stay short.
const BATCH_CHARS_MAX: usize = 64;

/// What some programs put before UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

#[cfg(test)]
mod tests;
