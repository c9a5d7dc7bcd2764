//! What is said about a body that is no request.

use client::MessageRequest;

#[track_caller]
fn check(json: &str, said: &str) {
    let failure = super::parse::<MessageRequest>(json.as_bytes()).unwrap_err();
    let detail = failure.problem().detail.clone();
    assert_eq!(detail, said, "{json}");
}

#[test]
fn the_value_is_not_repeated() {
    check(
        r#""+4915100000001 secret""#,
        "invalid type: string, expected an object at line 1 column 23",
    );
    check(
        r#"{"to":4915100000001,"text":"secret"}"#,
        "to: invalid type: integer, expected a string at line 1 column 19",
    );
    check(
        r#"{"to":"+4915100000001","text":"secret, expected \"x\"","report":"a, expected b"}"#,
        "report: invalid type: string, expected a boolean at line 1 column 79",
    );
}

#[test]
fn the_place_is_named() {
    check(
        "{",
        "not JSON: EOF while parsing an object at line 1 column 1",
    );
    check(
        r#"{"to":"x","text":"y"} {}"#,
        "not one JSON object: something follows it",
    );
}
