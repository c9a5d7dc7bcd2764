//! CSV with a header, separated by commas or semicolons (RFC 4180, and what spreadsheets make of it).
//!
//! Records are cut here, line by line, so that every row has the line number that an editor shows and a quote that is
//! never closed cannot swallow the file; the fields of one record are the `csv` crate's.

use std::io::BufRead;

use anyhow::{Context, bail};
use client::MessageRequest;
use csv::{ReaderBuilder, StringRecord};

use super::BYTE_ORDER_MARK;
use super::columns::{COLUMNS, Column, names};
use super::physical::read_line;

/// Hands every row with its line number to `take` until it says stop.
///
/// # Errors
/// When the header is not understood or the file cannot be read on.
pub(super) fn read(
    reader: impl BufRead,
    mut take: impl FnMut(u64, Result<MessageRequest, String>) -> bool,
) -> anyhow::Result<()> {
    let mut records = Records::new(reader);
    let Some((line, header)) = records.next()? else {
        bail!("the file is empty; its first line must name the columns");
    };
    let columns = header
        .map_err(anyhow::Error::msg)
        .and_then(|header| columns_of(&header))
        .with_context(|| format!("line {line}"))?;
    while let Some((line, record)) = records.next()? {
        let content = record.and_then(|record| request_of(&columns, &record));
        if !take(line, content) {
            break;
        }
    }
    Ok(())
}

/// The records of a file, one by one.
struct Records<R> {
    reader: R,
    delimiter: Option<u8>,
    /// Lines read so far.
    lines: u64,
    line: Vec<u8>,
    record: Vec<u8>,
}

impl<R: BufRead> Records<R> {
    fn new(reader: R) -> Records<R> {
        Records {
            reader,
            delimiter: None,
            lines: 0,
            line: Vec::new(),
            record: Vec::new(),
        }
    }

    /// The next record that is not blank, with the number of its first line; or what is wrong with it.
    fn next(&mut self) -> anyhow::Result<Option<(u64, Result<StringRecord, String>)>> {
        loop {
            let Some(length) = self.read_line()? else {
                return Ok(None);
            };
            if self.line.trim_ascii().is_empty() {
                continue;
            }
            let first = self.lines;
            let delimiter = *self
                .delimiter
                .get_or_insert_with(|| delimiter_of(&self.line));
            let mut place = Place::FieldStart;
            place.pass(&self.line, delimiter);
            self.record.clear();
            self.record.extend_from_slice(&self.line);
            while place == Place::Quoted {
                if self.record.len() >= ROW_BYTES_MAX || self.read_line()?.is_none() {
                    bail!("line {first}: a quote is never closed");
                }
                self.record.push(b'\n');
                self.record.extend_from_slice(&self.line);
                place.pass(b"\n", delimiter);
                place.pass(&self.line, delimiter);
            }
            let record = if length > ROW_BYTES_MAX {
                Err(format!("{length} bytes long, {ROW_BYTES_MAX} are allowed"))
            } else {
                fields(&self.record, delimiter)
            };
            return Ok(Some((first, record)));
        }
    }

    fn read_line(&mut self) -> anyhow::Result<Option<usize>> {
        let length = read_line(&mut self.reader, &mut self.line, ROW_BYTES_MAX)
            .with_context(|| format!("stopped at line {}", self.lines + 1))?;
        self.lines += 1;
        if self.lines == 1 && self.line.starts_with(BYTE_ORDER_MARK) {
            self.line.drain(..BYTE_ORDER_MARK.len());
        }
        Ok(length)
    }
}

/// Where in a record a scan stands: enough to know whether a line end ends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Before the first character of a field: only here does a quote open one.
    FieldStart,
    /// In a field without quotes.
    Bare,
    /// In a quoted field.
    Quoted,
    /// After a quote in a quoted field: the end of it, or the first of two.
    QuoteInQuoted,
}

impl Place {
    fn pass(&mut self, bytes: &[u8], delimiter: u8) {
        for &byte in bytes {
            *self = match (*self, byte) {
                (Place::FieldStart, b'"') | (Place::QuoteInQuoted, b'"') => Place::Quoted,
                (Place::Quoted, b'"') => Place::QuoteInQuoted,
                (Place::Quoted, _) => Place::Quoted,
                (Place::FieldStart | Place::Bare | Place::QuoteInQuoted, byte) => {
                    if byte == delimiter {
                        Place::FieldStart
                    } else {
                        Place::Bare
                    }
                }
            };
        }
    }
}

/// The fields of one record.
fn fields(record: &[u8], delimiter: u8) -> Result<StringRecord, String> {
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .delimiter(delimiter)
        .buffer_capacity(record.len().max(1))
        .from_reader(record);
    let mut fields = StringRecord::new();
    match reader.read_record(&mut fields) {
        Ok(_) => Ok(fields),
        Err(error) if matches!(error.kind(), csv::ErrorKind::Utf8 { .. }) => {
            Err("not UTF-8".to_owned())
        }
        Err(error) => Err(error.to_string()),
    }
}

/// Semicolons if the header has some and no comma, as spreadsheets in much of Europe write.
fn delimiter_of(header: &[u8]) -> u8 {
    if header.contains(&b';') && !header.contains(&b',') {
        b';'
    } else {
        b','
    }
}

/// Which of [`COLUMNS`] each column is.
fn columns_of(header: &StringRecord) -> anyhow::Result<Vec<&'static Column>> {
    let mut columns: Vec<&Column> = Vec::new();
    let has = |columns: &[&Column], name| columns.iter().any(|column| column.name == name);
    for name in header {
        let name = name.trim().to_ascii_lowercase();
        let Some(column) = COLUMNS.iter().find(|column| column.name == name) else {
            bail!("unknown column {name:?}; the header may name {}", names());
        };
        if has(&columns, column.name) {
            bail!("column {name:?} is there twice");
        }
        columns.push(column);
    }
    if !has(&columns, "to") {
        bail!("column \"to\" is missing; the header may name {}", names());
    }
    if !has(&columns, "text") && !has(&columns, "data") {
        bail!(
            "columns \"text\" and \"data\" are missing, one is needed; the header may name {}",
            names()
        );
    }
    Ok(columns)
}

fn request_of(columns: &[&Column], record: &StringRecord) -> Result<MessageRequest, String> {
    if record.len() != columns.len() {
        return Err(format!(
            "it has {} of the header's {} fields",
            record.len(),
            columns.len()
        ));
    }
    let mut request = MessageRequest::default();
    for (column, cell) in columns.iter().zip(record) {
        if !cell.is_empty() {
            let set = (column.set)(&mut request, cell);
            set.map_err(|fault| format!("{}: {fault}", column.name))?;
        }
    }
    Ok(request)
}

/// The longest line, and about the longest row of several lines; the longest text is 40 KiB.
const ROW_BYTES_MAX: usize = 256 * 1024;
