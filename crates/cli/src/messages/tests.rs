//! A message's story, as people read it.

use client::{AttemptView, MessageView, ReportView};

use super::story;
use crate::output::Output;
use crate::output::tests::Paper;
use crate::paint::Colours;

fn told(message: &MessageView) -> String {
    let paper = Paper::default();
    let mut out = Output::to(Box::new(paper.clone()), false, false, Colours::Off);
    story(&mut out, message).unwrap();
    out.flush().unwrap();
    paper.text()
}

fn message() -> MessageView {
    MessageView {
        id: "01a22151-ed68-70e8-a235-42302f7bffd4".into(),
        to: "+4915112345678".into(),
        text: Some("hello".into()),
        class: "otp".into(),
        state: "delivered".into(),
        reason: Some("reported".into()),
        accepted_at: "2026-11-28T08:42:27.048Z".into(),
        ended_at: Some("2026-11-28T08:42:35.920Z".into()),
        attempts: vec![AttemptView {
            part: 1,
            sim: "8949200000000000016".into(),
            line: "line001".into(),
            started_at: "2026-11-28T08:42:27.048Z".into(),
            outcome: "sent".into(),
            submitted_at: Some("2026-11-28T08:42:27.059Z".into()),
            finished_at: Some("2026-11-28T08:42:32.568Z".into()),
            mr: Some(26),
            raw: Some("+CMGS: 26".into()),
            report: Some(ReportView {
                status: 0,
                status_name: "received by the recipient".into(),
                at: "2026-11-28T08:42:35.920Z".into(),
                discharged_at: None,
            }),
            ..AttemptView::default()
        }],
        ..MessageView::default()
    }
}

/// The lines of the attempt without their times of day, which are local.
fn course(message: &MessageView) -> Vec<String> {
    let told = told(message);
    assert!(told.lines().all(|line| line.len() <= 80), "{told}");
    let steps = told.lines().filter(|line| line.starts_with("  "));
    steps.map(|line| line[20..].trim().to_owned()).collect()
}

#[test]
fn an_attempt_is_told_in_the_order_in_which_it_happened() {
    let mut message = message();
    assert_eq!(
        course(&message),
        [
            "+0 ms  started",
            "+11 ms  the modem has the whole part",
            "+5.52 s  sent, TP-MR 26; the modem said \"+CMGS: 26\"",
            "+8.87 s  report: received by the recipient (0x00)",
        ]
    );
    let report = message.attempts[0].report.as_mut().unwrap();
    report.at = "2026-11-28T08:42:30.000Z".into();
    assert!(course(&message)[2].contains("report"), "it came early");
}

#[test]
fn what_is_not_known_yet_is_not_told() {
    let mut message = message();
    message.attempts[0] = AttemptView {
        started_at: "2026-11-28T08:42:27.048Z".into(),
        outcome: "open".into(),
        ..AttemptView::default()
    };
    assert_eq!(course(&message), ["+0 ms  started"]);
    message.attempts[0].outcome = "unknown".into();
    message.attempts[0].cause = Some("silence".into());
    message.attempts[0].finished_at = Some("2026-11-28T08:43:27.048Z".into());
    assert_eq!(course(&message)[1], "+1 min 00 s  unknown: silence");
}

#[test]
fn a_text_forges_no_line_and_reaches_no_terminal_raw() {
    let message = MessageView {
        text: Some("x\nstate     failed\u{1b}[2J".into()),
        key: Some("k\u{9b}31m".into()),
        ..message()
    };
    let told = told(&message);
    assert!(told.contains("x␊state     failed␛[2J"), "{told}");
    let control = |ch: char| ch.is_control() && ch != '\n';
    assert!(!told.contains(control), "{told:?}");
}
