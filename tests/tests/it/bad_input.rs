//! What apps and operators get wrong: each gets a clear answer, and nobody else notices.

use client::{LineAnswer, MessageRequest, Problem};
use tests::{Answer, Site, SiteSettings, numbered};

/// A body, and the status and stable code of its refusal.
type Case = (String, u16, &'static str);

fn cases() -> Vec<Case> {
    let with = |change: &str| format!(r#"{{"to":"+4915100000001","text":"secret words"{change}}}"#);
    let to = |to: &str| format!(r#"{{"to":"{to}","text":"secret words"}}"#);
    let text = |text: &str| format!(r#"{{"to":"+4915100000001","text":"{text}"}}"#);
    let data = |data: &str| format!(r#"{{"to":"+4915100000001","data":{data}}}"#);
    vec![
        (
            "to: +4915100000001, secret words".to_owned(),
            400,
            "malformed",
        ),
        (
            r#""+4915100000001 secret words""#.to_owned(),
            400,
            "malformed",
        ),
        (
            r#"{"to":4915100000001,"text":"secret words"}"#.to_owned(),
            400,
            "malformed",
        ),
        (with(r#","colour":"red""#), 400, "malformed"),
        (with(r#","class":"urgent""#), 400, "malformed"),
        (with(r#","in_doubt":"perhaps""#), 400, "malformed"),
        (with(r#","expires_in":"soon""#), 400, "malformed"),
        (with(r#","report":"yes""#), 400, "malformed"),
        (text(r"\ud800"), 400, "malformed"),
        (to(""), 422, "invalid_recipient"),
        (to("4915100000001"), 422, "invalid_recipient"),
        (to("015100000001"), 422, "invalid_recipient"),
        (to("+49151000000012345678"), 422, "invalid_recipient"),
        (to("+0151000000001"), 422, "invalid_recipient"),
        (to("+49151x0000001"), 422, "invalid_recipient"),
        (to("mum"), 422, "invalid_recipient"),
        (text(""), 422, "empty_text"),
        (r#"{"to":"+4915100000001"}"#.to_owned(), 422, "empty_text"),
        (with(r#","data":"00""#), 400, "malformed"),
        (with(r#","destination_port":7"#), 400, "malformed"),
        (data(r#""0G""#), 400, "malformed"),
        (data(r#""000""#), 400, "malformed"),
        (data(r#""00 11""#), 400, "malformed"),
        (data("[0,1]"), 400, "malformed"),
        (data(r#""00","encoding":"ucs2""#), 400, "malformed"),
        (data(r#""00","transliterate":"letters""#), 400, "malformed"),
        (data(r#""00","national_tables":[]"#), 400, "malformed"),
        (data(r#""00","source_port":7"#), 400, "malformed"),
        (data(r#""00","destination_port":65536"#), 400, "malformed"),
        (data(r#""00","destination_port":-1"#), 400, "malformed"),
        (data(r#""""#), 422, "empty_text"),
        (
            data(&format!("\"{}\"", "5A".repeat(134 * 10 + 1))),
            422,
            "text_too_long",
        ),
        (text(&"a".repeat(153 * 299 + 1)), 422, "text_too_long"),
        (text(&"я".repeat(67 * 299 + 1)), 422, "text_too_long"),
        (with(r#","route":"nowhere""#), 422, "unknown_route"),
    ]
}

#[test]
fn a_wrong_message_is_refused_with_its_code() {
    let site = Site::new(SiteSettings::default());
    let daemon = site.start_ready();
    let post = |body: &[u8]| {
        let answer = site.api().post("/v1/messages", "application/json", body);
        answer.expect("the daemon answers")
    };
    for (body, status, code) in cases() {
        check(&post(body.as_bytes()), status, code, &body);
    }
    check(&post(b"\xff\xfe{}"), 400, "malformed", "not UTF-8");
    check(&post(b""), 400, "malformed", "empty");
    check(&post(&vec![b'a'; 10 << 20]), 413, "body_too_large", "10 MB");
    check(
        &post(text_of_bytes(100_000).as_bytes()),
        413,
        "body_too_large",
        "a large text",
    );

    let get = |target: &str| site.api().get(target).expect("the daemon answers");
    check(
        &get("/v1/messages/nonsense"),
        404,
        "not_found",
        "an id that is none",
    );
    check(
        &get("/v1/messages?state=happy"),
        400,
        "malformed",
        "a state that is none",
    );
    check(
        &get("/v1/messages?limit=many"),
        400,
        "malformed",
        "a limit that is none",
    );
    check(
        &get("/v1/messages?since=yesterday"),
        400,
        "malformed",
        "a time that is none",
    );
    check(
        &get("/v1/events?after=now&follow=false"),
        400,
        "malformed",
        "a cursor that is none",
    );
    check(
        &get("/v2/messages"),
        404,
        "no_such_path",
        "a path that is none",
    );

    let counts = site.api().status().messages;
    assert_eq!(counts.accepted, 0, "nothing of this was accepted");
    let good = site.api().send(&numbered(1));
    assert_eq!(
        site.api().ended(&good.id).state,
        "delivered",
        "and the daemon goes on"
    );
    daemon.stop();
}

#[test]
fn a_wrong_line_of_an_upload_is_answered_and_the_rest_goes_on() {
    let site = Site::new(SiteSettings::default());
    let daemon = site.start_ready();
    let mut body = Vec::new();
    let mut expected = Vec::new();
    let mut good = 0..;
    let mut push = |line: &[u8], code: Option<&'static str>| {
        body.extend_from_slice(line);
        body.push(b'\n');
        expected.push(code);
    };
    let mut push_good = |push: &mut dyn FnMut(&[u8], Option<&'static str>)| {
        let message = numbered(good.next().expect("there is always one more"));
        push(
            &serde_json::to_vec(&message).expect("a request is strings"),
            None,
        );
    };
    for (line, _, code) in cases() {
        push_good(&mut push);
        push(line.as_bytes(), Some(code));
    }
    push(b"\xff\xfe", Some("malformed"));
    push_good(&mut push);
    push(&vec![b'a'; 10 << 20], Some("line_too_long"));
    push_good(&mut push);
    push(text_of_bytes(100_000).as_bytes(), Some("line_too_long"));
    push_good(&mut push);
    // The last line may do without a line end.
    body.pop();

    let answer = site
        .api()
        .post("/v1/messages", "application/x-ndjson", &body);
    let answer = answer.expect("the daemon answers");
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), Some("application/x-ndjson"));
    assert!(answer.complete);
    let answers: Vec<LineAnswer> = answer.lines();
    assert_eq!(answers.len(), expected.len());
    for ((index, answer), code) in answers.iter().enumerate().zip(&expected) {
        assert_eq!(answer.line, index as u64 + 1, "in order");
        let found = answer.error.as_ref().map(|problem| problem.code.as_str());
        assert_eq!(found, *code, "line {}", answer.line);
        assert_eq!(
            answer.accepted.is_some(),
            code.is_none(),
            "line {}",
            answer.line
        );
    }
    let wanted = expected.iter().filter(|code| code.is_none()).count() as u64;
    site.api()
        .counts("the good ones end", |counts| counts.ended == wanted);
    assert_eq!(site.parts_on_air(), wanted);
    daemon.stop();
}

#[test]
fn numbers_are_brought_into_one_form() {
    let site = Site::new(SiteSettings {
        gateway: "default_country = \"49\"".to_owned(),
        ..SiteSettings::default()
    });
    let daemon = site.start_ready();
    for form in [
        "+4915100000001",
        "004915100000001",
        "0151 00000001",
        "+49 (151) 000-00.001",
    ] {
        let accepted = site.api().send(&MessageRequest {
            to: form.to_owned(),
            ..numbered(1)
        });
        assert_eq!(
            site.api().message(&accepted.id).to,
            "+4915100000001",
            "{form}"
        );
    }
    daemon.stop();
}

/// A refusal is a problem object that names its code, and holds nothing of what was private in the request.
fn check(answer: &Answer, status: u16, code: &str, what: &str) {
    let what: String = what.chars().take(100).collect();
    assert_eq!(answer.status, status, "{what}: {}", answer.text());
    assert_eq!(
        answer.header("content-type"),
        Some("application/problem+json"),
        "{what}"
    );
    let problem: Problem = answer.json();
    assert_eq!(problem.code, code, "{what}: {problem:?}");
    assert_eq!(problem.status, status, "{what}");
    assert_eq!(
        problem.kind,
        format!("urn:simfleet:problem:{code}"),
        "{what}"
    );
    assert!(
        !problem.title.is_empty() && problem.detail.len() > 10,
        "{what}: {problem:?}"
    );
    let is_private = |word: &str| problem.detail.contains(word);
    assert!(
        !is_private("secret words") && !is_private("15100000001"),
        "{what}: {problem:?}"
    );
}

fn text_of_bytes(bytes: usize) -> String {
    format!(
        r#"{{"to":"+4915100000001","text":"{}"}}"#,
        "a".repeat(bytes)
    )
}
