//! Lines and prompts out of bytes, in any chunks.

use proptest::prelude::*;

use super::*;

fn tokens(bytes: &[u8]) -> (Vec<String>, usize) {
    let mut framer = Framer::default();
    let mut seen = Vec::new();
    for &byte in bytes {
        match framer.push(byte) {
            Some(Token::Line) => {
                let line = framer.take_line();
                seen.push(String::from_utf8(line.clone()).unwrap());
                framer.give_back(line);
            }
            Some(Token::Prompt) => seen.push(">>".into()),
            None => {}
        }
        assert!(framer.line.len() <= LINE_BYTES_MAX);
    }
    (seen, framer.take_garbage())
}

fn check(bytes: &[u8], expected: &[&str], garbage_bytes: usize) {
    let (seen, garbage) = tokens(bytes);
    assert_eq!(seen, expected, "{:?}", String::from_utf8_lossy(bytes));
    assert_eq!(
        garbage,
        garbage_bytes,
        "{:?}",
        String::from_utf8_lossy(bytes)
    );
}

#[test]
fn lines_end_at_any_run_of_cr_and_lf() {
    check(b"\r\nOK\r\n", &["OK"], 0);
    check(b"\r\r\nOK\r\n\r\n+CREG: 1\r\n", &["OK", "+CREG: 1"], 0);
    check(b"OK\n", &["OK"], 0);
    check(b"O", &[], 0);
}

#[test]
fn prompts_come_in_many_forms() {
    check(b"\r\n> ", &[">>"], 0);
    check(b"\r\n>", &[">>"], 0);
    check(b"\r\n>\r\n", &[">>"], 0);
    check(b"AT+CMGS=26\r\r\n> ", &["AT+CMGS=26", ">>"], 0);
    check(b"\r\n> OK\r\n", &[">>", "OK"], 0);
    check(b"\r\na > b\r\n", &["a > b"], 0);
}

#[test]
fn noise_is_dropped_and_counted() {
    check(b"\0\0\r\nOK\r\n", &["OK"], 0);
    check(b"\xFF\x80O\x07K\r\n", &["OK"], 3);
    check(b"0031\x1A\r\n", &["0031"], 0);
}

#[test]
fn overlong_lines_are_dropped_whole() {
    let mut bytes = vec![b'x'; LINE_BYTES_MAX + 50];
    bytes.extend_from_slice(b"\r\nOK\r\n");
    check(&bytes, &["OK"], LINE_BYTES_MAX + 50);
    let mut fits = vec![b'x'; LINE_BYTES_MAX];
    fits.push(b'\r');
    assert_eq!(tokens(&fits).0[0].len(), LINE_BYTES_MAX);
}

proptest! {
    #[test]
    fn any_bytes_give_printable_bounded_lines(bytes in prop::collection::vec(any::<u8>(), 0..3000)) {
        for line in tokens(&bytes).0 {
            prop_assert!(!line.is_empty() && line.len() <= LINE_BYTES_MAX);
            prop_assert!(line.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
        }
    }
}
