//! What becomes of records in the API.

use client::AttemptView;
use gateway::{Entry, MessageSeq, Record, Report, Requeue, UnixMs};
use modem::{Cause, Doubt, Iccid, Outcome, Ticket};

use super::attempts;

const MESSAGE: MessageSeq = MessageSeq(1);

fn started(part: u8) -> Record {
    let sim = Iccid("8949020000001234567".into());
    Record::Started {
        message: MESSAGE,
        part,
        sim,
        line: "line0".into(),
        reference: 1,
    }
}

fn finished(ticket: u64, outcome: Outcome) -> Record {
    Record::Finished {
        message: MESSAGE,
        ticket: Ticket(ticket),
        raw: matches!(outcome, Outcome::Refused(_)).then(|| "+CMS ERROR: 38".into()),
        submitted: Some(UnixMs(900)),
        outcome,
    }
}

fn reported(ticket: u64, status: u8) -> Record {
    let report = Report {
        status: sms::Status(status),
        taken: None,
        discharged: Some(UnixMs(5000)),
    };
    Record::Reported {
        message: MESSAGE,
        ticket: Ticket(ticket),
        report,
        kept: None,
    }
}

/// Records from number 2 on, a second apart, make these attempts, of which only some fields are looked at.
fn check(records: Vec<Record>, expected: &[AttemptView]) {
    let entries: Vec<Entry> = (2..)
        .zip(records)
        .map(|(seq, record)| Entry {
            seq,
            at: UnixMs(seq.cast_signed() * 1000),
            record,
            standing: None,
        })
        .collect();
    let fields = |attempt: &AttemptView| {
        let report = attempt.report.as_ref().map(|report| report.status);
        (
            attempt.part,
            attempt.outcome.clone(),
            attempt.cause.clone(),
            attempt.mr,
            attempt.raw.clone(),
            report,
        )
    };
    let made: Vec<_> = attempts(&entries).iter().map(fields).collect();
    assert_eq!(made, expected.iter().map(fields).collect::<Vec<_>>());
}

fn attempt(part: u8, outcome: &str) -> AttemptView {
    AttemptView {
        part,
        outcome: outcome.to_owned(),
        ..AttemptView::default()
    }
}

fn report(status: u8) -> Option<client::ReportView> {
    Some(client::ReportView {
        status,
        ..client::ReportView::default()
    })
}

#[test]
fn an_attempt_without_outcome_is_open() {
    check(vec![started(1)], &[attempt(1, "open")]);
    check(vec![], &[]);
}

#[test]
fn each_part_has_its_own_outcome_and_report() {
    check(
        vec![
            started(1),
            started(2),
            finished(2, Outcome::Sent { mr: 7 }),
            finished(3, Outcome::Refused(Cause::Cms(38))),
            Record::Requeued {
                message: MESSAGE,
                not_before: UnixMs(0),
                why: Requeue::Refused,
            },
            started(2),
            reported(2, 0),
            finished(7, Outcome::Sent { mr: 8 }),
        ],
        &[
            AttemptView {
                mr: Some(7),
                report: report(0),
                ..attempt(1, "sent")
            },
            AttemptView {
                cause: Some("cms_38".to_owned()),
                raw: Some("+CMS ERROR: 38".to_owned()),
                ..attempt(2, "refused")
            },
            AttemptView {
                mr: Some(8),
                ..attempt(2, "sent")
            },
        ],
    );
}

#[test]
fn doubt_may_be_resolved_and_its_cause_is_kept() {
    check(
        vec![
            started(1),
            finished(2, Outcome::Unknown(Doubt::Silence)),
            Record::Resolved {
                message: MESSAGE,
                ticket: Ticket(2),
                mr: Some(9),
            },
        ],
        &[AttemptView {
            mr: Some(9),
            cause: Some("silence".to_owned()),
            ..attempt(1, "sent")
        }],
    );
}

#[test]
fn what_came_back_is_no_try() {
    check(
        vec![
            started(1),
            Record::Returned {
                message: MESSAGE,
                ticket: Ticket(2),
            },
        ],
        &[attempt(1, "returned")],
    );
}

#[test]
fn the_last_report_counts() {
    check(
        vec![
            started(1),
            finished(2, Outcome::Sent { mr: 7 }),
            reported(2, 0x20),
            reported(2, 0),
        ],
        &[AttemptView {
            mr: Some(7),
            report: report(0),
            ..attempt(1, "sent")
        }],
    );
}
