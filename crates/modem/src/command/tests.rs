//! Commands as they go on the wire.

use super::*;

fn check(command: Command, expected: &str) {
    let mut line = b"left over".to_vec();
    command.write(&mut line);
    assert_eq!(String::from_utf8(line).unwrap(), expected);
}

#[test]
fn commands_are_spelled_as_the_standard_does() {
    check(Command::Execute(""), "AT");
    check(Command::Execute("E0V1Q0"), "ATE0V1Q0");
    check(Command::Read("+CPIN"), "AT+CPIN?");
    check(Command::Set("+CNMI", "2,1,0,1,0"), "AT+CNMI=2,1,0,1,0");
    check(
        Command::Set("+CPMS", "\"SM\",\"SM\",\"SM\""),
        "AT+CPMS=\"SM\",\"SM\",\"SM\"",
    );
    check(Command::SetNumber("+CMGS", 164), "AT+CMGS=164");
    check(Command::SetNumber("+CMGD", u16::MAX), "AT+CMGD=65535");
    check(
        Command::Set("+CRSM", "176,12258,0,0,10"),
        "AT+CRSM=176,12258,0,0,10",
    );
}
