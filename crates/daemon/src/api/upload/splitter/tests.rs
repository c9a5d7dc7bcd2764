//! Lines out of pieces, however the stream is cut.

use super::{Line, Splitter};

fn text(line: &str) -> Line {
    Line::Text(line.to_owned().into())
}

/// `stream`, pushed in pieces of every size, gives these lines with a bound of 8 bytes.
fn check(stream: &str, expected: &[Line]) {
    for size in 1..=stream.len().max(1) {
        let mut splitter = Splitter::new(8);
        let mut lines = Vec::new();
        for piece in stream.as_bytes().chunks(size) {
            splitter.push(piece);
            while let Some(line) = splitter.next() {
                lines.push(line);
            }
            assert!(splitter.buffer.len() <= 8, "the buffer is bounded");
        }
        splitter.finish();
        while let Some(line) = splitter.next() {
            lines.push(line);
        }
        assert_eq!(lines, expected, "{stream:?} in pieces of {size}");
    }
}

#[test]
fn lines_are_cut_at_their_ends() {
    check("", &[]);
    check("a", &[text("a")]);
    check("a\n", &[text("a")]);
    check("a\r\nbc\n", &[text("a"), text("bc")]);
    check("\n \na", &[Line::Blank, Line::Blank, text("a")]);
    check("12345678\n", &[text("12345678")]);
}

#[test]
fn a_line_beyond_the_bound_is_one_line() {
    check("123456789\na\n", &[Line::TooLong, text("a")]);
    check("12345678901234567890\n\n", &[Line::TooLong, Line::Blank]);
    check("a\n123456789", &[text("a"), Line::TooLong]);
}

#[test]
fn a_torn_last_line_is_no_line() {
    let mut splitter = Splitter::new(8);
    splitter.push(b"a\nb");
    splitter.give_up();
    assert_eq!(splitter.next(), Some(text("a")));
    assert_eq!(splitter.next(), None);
}
