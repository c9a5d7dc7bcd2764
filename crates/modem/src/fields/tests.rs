//! The guards around the foreign parser hold.

use proptest::prelude::*;

use super::*;

#[test]
fn fields_are_split_and_trimmed() {
    let line = b"+CREG: 2,1, \"00C3\" , ,7,9";
    assert_eq!(
        fields(line, "+CREG:"),
        Some(["2", "1", "\"00C3\"", "", "7"])
    );
    assert_eq!(fields(b"+CDS: ,25", "+CDS:"), Some(["", "25", "", "", ""]));
    assert_eq!(fields(b"+CSQ:", "+CSQ:"), Some([""; 5]));
    assert_eq!(fields(b"+CSQ: 1", "+CREG:"), None);
    assert_eq!(fields("+CSQ: ü".as_bytes(), "+CSQ:"), None);
}

#[test]
fn rest_is_the_whole_line() {
    assert_eq!(rest(b"+CPIN: \"SIM PIN\"", "+CPIN:"), Some("SIM PIN"));
    assert_eq!(rest(b"8949 1234, 5 ", ""), Some("8949 1234, 5"));
    assert_eq!(rest(b"+CPIN:", "+CPIN:"), Some(""));
}

#[test]
fn numbers_never_overflow() {
    assert_eq!(number("001"), Some(1));
    assert_eq!(number("999999999"), Some(999_999_999));
    assert_eq!(number("9999999999"), None);
    assert_eq!(number(""), None);
    assert_eq!(number("-1"), None);
    assert_eq!(number("+1"), None);
    assert_eq!(number("1a"), None);
}

proptest! {
    #[test]
    fn no_line_panics(line in prop::collection::vec(any::<u8>(), 0..200)) {
        for name in ["", "+C", "+CREG:"] {
            let mut named = name.as_bytes().to_vec();
            named.extend_from_slice(&line);
            for line in [&line, &named] {
                let _ = rest(line, name);
                for field in fields(line, name).into_iter().flatten() {
                    let _ = (number(field), unquoted(field));
                }
            }
        }
    }

    #[test]
    fn no_row_of_digits_and_commas_panics(line in "[0-9,\" +:-]{0,200}") {
        let _ = (rest(line.as_bytes(), ""), fields(line.as_bytes(), ""));
    }
}
