//! Who is not sent to, and what is too much, as apps and operators meet it.

use client::{MessageRequest, Problem, SuppressionPage};
use tests::{Answer, Site, SiteSettings, eventually, numbered};

fn post(site: &Site, request: &MessageRequest) -> Answer {
    let body = serde_json::to_vec(request).expect("a request is JSON");
    let answer = site.api().post("/v1/messages", "application/json", &body);
    answer.expect("the daemon answers")
}

/// Status, code and header `Retry-After` of an answer that refuses.
fn refusal(answer: &Answer) -> (u16, String, Option<u32>) {
    let problem: Problem = serde_json::from_slice(&answer.body).expect("a problem");
    let retry_after = answer
        .header("retry-after")
        .map(|after| after.parse().expect("seconds"));
    (answer.status, problem.code, retry_after)
}

fn code(number: usize) -> MessageRequest {
    MessageRequest {
        class: Some("otp".to_owned()),
        ..numbered(number)
    }
}

#[test]
fn a_limit_holds_across_a_crash() {
    let site = Site::new(SiteSettings::default());
    site.configure(
        "",
        "[[limits]]\nname = \"codes\"\neach = \"recipient\"\nclasses = [\"otp\"]\nmessages = 2\nper = \"1h\"\n",
    );
    let daemon = site.start_ready();
    assert_eq!(post(&site, &code(1)).status, 202);
    assert_eq!(post(&site, &code(1)).status, 202);
    let check = || {
        let (status, code, retry_after) = refusal(&post(&site, &code(1)));
        assert_eq!((status, code.as_str()), (429, "rate_limited"));
        assert!((3000..=3600).contains(&retry_after.expect("it says when")));
    };
    check();
    assert_eq!(post(&site, &code(2)).status, 202, "another recipient");
    assert_eq!(post(&site, &numbered(1)).status, 202, "another class");
    daemon.kill();
    let daemon = site.start_ready();
    check();
    let metrics = site.api().get("/metrics").expect("the daemon answers");
    let metrics = String::from_utf8_lossy(&metrics.body).into_owned();
    let counted = "simfleet_messages_refused_total{code=\"rate_limited\"} 1";
    assert!(metrics.contains(counted), "{metrics}");
    daemon.stop();
}

#[test]
fn a_suppressed_recipient_is_left_alone() {
    let site = Site::new(SiteSettings::default());
    let daemon = site.start_ready();
    let to = numbered(1).to;
    let run = |arguments: &[&str]| {
        let out = site.simfleet(arguments);
        (
            out.status.code(),
            String::from_utf8_lossy(&out.stdout).into_owned(),
        )
    };
    assert_eq!(
        run(&["suppressions", "add", &to, "--reason", "STOP"]).0,
        Some(0)
    );
    let (status, code, _) = refusal(&post(&site, &numbered(1)));
    assert_eq!((status, code.as_str()), (422, "suppressed"));
    assert_eq!(post(&site, &numbered(2)).status, 202);
    let page: SuppressionPage = site.api().fetch("/v1/suppressions");
    let [listed] = page.suppressions.as_slice() else {
        panic!("one is on the list: {page:?}");
    };
    assert_eq!((&listed.to, listed.reason.as_deref()), (&to, Some("STOP")));
    assert!(run(&["suppressions"]).1.contains("STOP"));
    let log = daemon.log();
    assert!(
        log.contains("suppression list") && !log.contains(&to),
        "numbers are masked"
    );
    daemon.kill();

    let daemon = site.start_ready();
    assert_eq!(post(&site, &numbered(1)).status, 422, "the list is durable");
    assert_eq!(run(&["suppressions", "remove", &to]).0, Some(0));
    assert_eq!(run(&["suppressions", "remove", &to]).0, Some(1));
    assert_eq!(post(&site, &numbered(1)).status, 202);
    daemon.stop();
}

#[test]
fn a_list_of_recipients_is_read_again_on_reload() {
    let site = Site::new(SiteSettings::default());
    let file = site.dir().join("deny");
    std::fs::write(&file, "# nobody yet\n").expect("the folder can be written to");
    site.configure(&format!("deny_file = {file:?}"), "");
    let daemon = site.start_ready();
    assert_eq!(post(&site, &numbered(1)).status, 202);
    std::fs::write(&file, format!("{}\n", numbered(1).to)).expect("it can be written");
    daemon.reload();
    let answer = eventually("the list holds", || {
        Some(post(&site, &numbered(1))).filter(|answer| answer.status != 202)
    });
    let (status, code, _) = refusal(&answer);
    assert_eq!((status, code.as_str()), (422, "policy"));
    assert_eq!(post(&site, &numbered(2)).status, 202);
    daemon.stop();
}
