//! What became of a command, in words.

use client::CommandView;

use super::fault;

#[test]
fn every_end_of_a_command_says_what_became_of_it() {
    let check = |end: &str, expected: Option<&str>| {
        let said = CommandView {
            line: "line000".to_owned(),
            command: "AT+CSQ".to_owned(),
            end: end.to_owned(),
            lines: Vec::new(),
        };
        let fault = fault(&said);
        match (fault, expected) {
            (None, None) => {}
            (Some(fault), Some(expected)) => assert!(fault.contains(expected), "{fault}"),
            (fault, expected) => panic!("{end}: {fault:?}, not {expected:?}"),
        }
    };
    check("ok", None);
    check("refused", Some("refused AT+CSQ"));
    check("no_answer", Some("in time"));
    check("prompt", Some("input"));
    check("line_lost", Some("lost"));
    check("something new", Some("lost"));
}
