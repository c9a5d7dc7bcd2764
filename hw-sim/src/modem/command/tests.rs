//! The grammar of command lines.

use super::*;

fn check(body: &str, expected: &[(&str, Form<'_>)]) {
    let commands: Vec<Command<'_>> = Commands::new(body).collect();
    let expected: Vec<Command<'_>> = expected
        .iter()
        .map(|(name, form)| Command {
            name: (*name).to_owned(),
            form: *form,
        })
        .collect();
    assert_eq!(commands, expected, "{body}");
}

#[test]
fn commands_are_cut() {
    check("", &[]);
    check(
        "E0V1Q0",
        &[
            ("E", Form::Set("0")),
            ("V", Form::Set("1")),
            ("Q", Form::Set("0")),
        ],
    );
    check(
        "E0+CMEE=1",
        &[("E", Form::Set("0")), ("+CMEE", Form::Set("1"))],
    );
    check("&F0&D2", &[("&F", Form::Set("0")), ("&D", Form::Set("2"))]);
    check("S7=30S0?", &[("S7", Form::Set("30")), ("S0", Form::Read)]);
    check(
        "+cmgf=0;+CMGF?",
        &[("+CMGF", Form::Set("0")), ("+CMGF", Form::Read)],
    );
    check(
        "+CNMI=?;+CSQ ; +CREG?",
        &[
            ("+CNMI", Form::Test),
            ("+CSQ", Form::Execute),
            ("+CREG", Form::Read),
        ],
    );
    check(
        "+CUSD=1,\"a;b\",15;Z",
        &[("+CUSD", Form::Set("1,\"a;b\",15")), ("Z", Form::Execute)],
    );
    check("D+4915112345;", &[("D", Form::Set("+4915112345;"))]);
    check("&", &[("&", Form::Execute)]);
    check("?", &[("", Form::Read)]);
    check("+A=?b", &[("+A", Form::Set("?b"))]);
    check("+A?b", &[("", Form::Execute)]);
}

#[test]
fn line_is_cleaned_and_its_prefix_found() {
    let check = |typed: &[u8], expected: Option<&str>| {
        let line = clean(typed);
        assert_eq!(after_prefix(&line), expected, "{typed:?}");
    };
    check(b"AT", Some(""));
    check(b"at+csq", Some("+csq"));
    check(b"\n\0AT+X", Some("+X"));
    check(b"AX\x08T+Y", Some("+Y"));
    check(b"\xffgarbageAT", Some(""));
    check(b"atAT", Some("AT"));
    check(b"aT", None);
    check(b"", None);
}

#[test]
fn values_are_split() {
    let values = Values::of("1,\"a,b\",,x");
    assert_eq!(
        (values.count(), values.text(1), values.text(2)),
        (4, Some("a,b"), None)
    );
    assert_eq!(
        (values.number(0), values.number(2), values.number(9)),
        (Ok(Some(1)), Ok(None), Ok(None))
    );
    assert_eq!(
        (values.number(3), Values::of("12345678901").number(0)),
        (Err(NotANumber), Err(NotANumber))
    );
    assert_eq!(Values::of("-1").number(0), Err(NotANumber));
}
