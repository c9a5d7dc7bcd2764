//! Cuts a stream of bytes into lines, holding no more than the longest allowed one and a piece of the stream.

use axum::body::Bytes;
use bytes::BytesMut;

/// A line of the stream.
#[derive(Debug, PartialEq)]
pub(super) enum Line {
    /// A line with something in it, without its end.
    Text(Bytes),
    /// An empty line.
    Blank,
    /// A line beyond the bound; its bytes are dropped.
    TooLong,
}

/// The bytes between the stream and its lines.
pub(super) struct Splitter {
    buffer: BytesMut,
    /// Bytes at the front of the buffer known to hold no line end.
    searched: usize,
    bytes_max: usize,
    /// Within a line beyond the bound.
    is_skipping: bool,
    is_finished: bool,
}

impl Splitter {
    pub(super) fn new(bytes_max: usize) -> Splitter {
        Splitter {
            buffer: BytesMut::new(),
            searched: 0,
            bytes_max,
            is_skipping: false,
            is_finished: false,
        }
    }

    pub(super) fn push(&mut self, data: &[u8]) {
        self.buffer.extend_from_slice(data);
    }

    /// The stream has ended: what is left is the last line.
    pub(super) fn finish(&mut self) {
        self.is_finished = true;
    }

    /// The stream broke off: what is left is no line.
    pub(super) fn give_up(&mut self) {
        let whole = self
            .buffer
            .iter()
            .rposition(|&byte| byte == b'\n')
            .map_or(0, |end| end + 1);
        self.buffer.truncate(whole);
        self.is_skipping &= whole > 0;
        self.is_finished = true;
    }

    /// The next complete line.
    pub(super) fn next(&mut self) -> Option<Line> {
        let end = self.buffer[self.searched..]
            .iter()
            .position(|&byte| byte == b'\n');
        if let Some(end) = end {
            let line = self.buffer.split_to(self.searched + end + 1);
            self.searched = 0;
            return Some(self.judge(line));
        }
        self.searched = self.buffer.len();
        if self.buffer.len() > self.bytes_max {
            self.is_skipping = true;
            self.buffer.clear();
            self.searched = 0;
        }
        if self.is_finished && (self.is_skipping || !self.buffer.is_empty()) {
            let line = self.buffer.split();
            self.searched = 0;
            return Some(self.judge(line));
        }
        None
    }

    fn judge(&mut self, mut line: BytesMut) -> Line {
        if std::mem::take(&mut self.is_skipping) {
            return Line::TooLong;
        }
        let length = line.trim_ascii_end().len();
        line.truncate(length);
        if line.is_empty() {
            Line::Blank
        } else if line.len() > self.bytes_max {
            Line::TooLong
        } else {
            Line::Text(line.freeze())
        }
    }
}

#[cfg(test)]
mod tests;
