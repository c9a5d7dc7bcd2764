//! Lines of a file, read within bounds.

use std::io::{self, BufRead};

/// Reads one line, without its end, into `line`: at most `bytes_max` of it. Returns its true length, or `None` at the
/// end of the file.
///
/// # Errors
/// When the file cannot be read.
pub(super) fn read_line(
    reader: &mut impl BufRead,
    line: &mut Vec<u8>,
    bytes_max: usize,
) -> io::Result<Option<usize>> {
    line.clear();
    let mut length = 0;
    let mut empty = true;
    loop {
        let buffer = reader.fill_buf()?;
        if buffer.is_empty() {
            return Ok((!empty).then_some(length));
        }
        empty = false;
        let end = buffer.iter().position(|&byte| byte == b'\n');
        let piece = &buffer[..end.unwrap_or(buffer.len())];
        let room = bytes_max.saturating_sub(line.len());
        line.extend_from_slice(&piece[..piece.len().min(room)]);
        length += piece.len();
        let used = end.map_or(buffer.len(), |end| end + 1);
        reader.consume(used);
        if end.is_some() {
            return Ok(Some(length));
        }
    }
}
