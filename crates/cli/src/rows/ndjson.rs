//! One JSON object a line; blank lines are passed over, and a line that is too long is skipped without being held.

use std::io::BufRead;

use anyhow::Context;
use client::MessageRequest;

use super::BYTE_ORDER_MARK;
use super::physical::read_line;

/// Hands every row with its line number to `take` until it says stop.
///
/// # Errors
/// When the file cannot be read on.
pub(super) fn read(
    mut reader: impl BufRead,
    mut take: impl FnMut(u64, Result<MessageRequest, String>) -> bool,
) -> anyhow::Result<()> {
    let mut line = Vec::new();
    for number in 1.. {
        let Some(length) = read_line(&mut reader, &mut line, LINE_BYTES_MAX)
            .with_context(|| format!("stopped at line {number}"))?
        else {
            break;
        };
        let mark = if number == 1 { BYTE_ORDER_MARK } else { b"" };
        let text = line.strip_prefix(mark).unwrap_or(&line).trim_ascii();
        if text.is_empty() {
            continue;
        }
        let content = if length > LINE_BYTES_MAX {
            Err(format!("{length} bytes long, {LINE_BYTES_MAX} are allowed"))
        } else if text.starts_with(b"[") {
            Err("an array, and must be an object".to_owned())
        } else {
            serde_json::from_slice(text).map_err(|error| fault(&error))
        };
        if !take(number, content) {
            break;
        }
    }
    Ok(())
}

/// What the parser says, without the position in a "file" of one line.
fn fault(error: &serde_json::Error) -> String {
    let kind = if error.is_data() { "" } else { "not JSON: " };
    let text = format!("{kind}{error}");
    match text.rsplit_once(" at line ") {
        Some((what, _)) => format!("{what} (column {})", error.column()),
        None => text,
    }
}

/// The longest line that the API takes.
const LINE_BYTES_MAX: usize = 64 * 1024;
