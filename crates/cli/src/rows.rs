//! Files of messages: each row of a CSV or NDJSON file becomes a request, or a fault with its line number.
//!
//! Pure but for reading: nothing is sent here. What a number, class or duration may be is the daemon's to judge.
//! A row without a key gets `batch/line/hash of the request`, so that the same file handed over again is recognised.

mod columns;
mod csv_file;
mod ndjson;
mod physical;

use std::io::{self, BufRead};

use client::MessageRequest;

pub(crate) use columns::NONE;

/// One row.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Row {
    /// Line number in the file, from 1.
    pub(crate) line: u64,
    /// The request, or what is wrong with the row.
    pub(crate) content: Result<MessageRequest, String>,
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

/// Hands every row to `take` until it says stop (false) or the file ends. What a row leaves open is as in `defaults`.
///
/// # Errors
/// When the file cannot be read on, or its header is not understood.
pub(crate) fn read_rows(
    reader: impl BufRead,
    format: Format,
    defaults: &MessageRequest,
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
    defaults: &MessageRequest,
    batch: Option<&str>,
    line: u64,
) -> MessageRequest {
    // Recipient, content, key and a dry run are each row's own.
    let MessageRequest {
        to: _,
        text: _,
        data: _,
        key: _,
        dry_run: _,
        class,
        expires_in,
        app,
        route,
        report,
        in_doubt,
        encoding,
        national_tables,
        transliterate,
        flash,
        replace,
        send_at,
        destination_port,
        source_port,
    } = defaults;
    fill(&mut request.class, class);
    fill(&mut request.expires_in, expires_in);
    fill(&mut request.app, app);
    fill(&mut request.route, route);
    fill(&mut request.report, report);
    fill(&mut request.in_doubt, in_doubt);
    fill(&mut request.flash, flash);
    fill(&mut request.replace, replace);
    fill(&mut request.send_at, send_at);
    if request.data.is_some() {
        fill(&mut request.destination_port, destination_port);
        fill(&mut request.source_port, source_port);
    } else {
        fill(&mut request.encoding, encoding);
        fill(&mut request.national_tables, national_tables);
        fill(&mut request.transliterate, transliterate);
    }
    if request.key.is_none() {
        request.key = batch.map(|batch| derived_key(batch, line, &request));
    }
    request
}

fn fill<T: Clone>(field: &mut Option<T>, default: &Option<T>) {
    if field.is_none() {
        field.clone_from(default);
    }
}

/// `batch/line/hash`: the same for the same row of the same file, another for any change of it.
fn derived_key(batch: &str, line: u64, request: &MessageRequest) -> String {
    let row = serde_json::to_vec(request).expect("a request is strings, numbers and bools");
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

/// How much of a batch's name goes into a key, so that keys stay short.
const BATCH_CHARS_MAX: usize = 64;

/// What some programs put before UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

#[cfg(test)]
mod tests;
