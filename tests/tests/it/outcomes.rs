//! How messages end: by the network's reports, its refusals, their deadlines and the SIMs' budgets.

use std::collections::HashMap;
use std::time::Duration;

use client::MessageRequest;
use hw_sim::{ErrorCode, ErrorFault, Faults, LedgerEvent, ReportFault};
use tests::{Site, SiteSettings, eventually, judge, numbered};

#[test]
fn reports_are_told_as_the_network_gave_them_however_they_come() {
    let site = Site::new(SiteSettings {
        faults: Faults {
            reports: ReportFault {
                lost: 0.0,
                twice: 0.3,
                early: 0.3,
                undelivered: 0.3,
                trying: 0.3,
                ..ReportFault::default()
            },
            ..Faults::default()
        },
        ..SiteSettings::default()
    });
    let daemon = site.start_ready();
    let api = site.api();
    let messages: Vec<MessageRequest> = (0..120).map(numbered).collect();
    let accepted = api.upload_all(&messages);
    api.counts("all have ended", |counts| counts.ended == 120);
    let mut status = HashMap::new();
    for entry in site
        .ledger()
        .into_iter()
        .filter(|entry| entry.event == LedgerEvent::Report)
    {
        status.insert(entry.to, entry.status.expect("a report has a status"));
    }
    for (request, accepted) in messages.iter().zip(&accepted) {
        let message = api.message(&accepted.id);
        let last = status[&request.to];
        let expected = if last == 0 {
            "delivered"
        } else {
            "undelivered"
        };
        assert_eq!(message.state, expected, "TP-ST {last:#04x}: {message:?}");
        let told = message
            .attempts
            .last()
            .and_then(|attempt| attempt.report.clone());
        assert_eq!(told.map(|report| report.status), Some(last), "{message:?}");
    }
    assert!(
        status.values().any(|status| *status != 0),
        "some were not delivered"
    );
    daemon.stop();
}

#[test]
fn what_is_refused_for_now_is_sent_by_another_sim() {
    let site = Site::new(SiteSettings {
        lines: 16,
        faults: refusing(0.1, &[41, 500]),
        ..SiteSettings::default()
    });
    let daemon = site.start_ready();
    let api = site.api();
    let messages: Vec<MessageRequest> = (0..60).map(numbered).collect();
    let accepted = api.upload_all(&messages);
    let counts = api.counts("all have ended", |counts| counts.ended == 60);
    assert_eq!(counts.delivered, 60, "{counts:?}");
    let stories = accepted.iter().map(|accepted| api.message(&accepted.id));
    let stories: Vec<_> = messages.into_iter().zip(stories).collect();
    let judgement = judge(&site.ledger(), &api.events(0), &stories);
    assert_eq!(
        (judgement.on_air, judgement.duplicates),
        (60, 0),
        "{judgement:?}"
    );
    let refused = site.fleet().stats().network.refused;
    assert!(refused > 0, "some were refused");
    let told = stories.iter().flat_map(|(_, story)| &story.attempts);
    let told = told.filter(|attempt| attempt.outcome == "refused");
    let causes: Vec<&str> = told
        .filter_map(|attempt| attempt.cause.as_deref())
        .collect();
    assert_eq!(
        causes.len() as u64,
        refused,
        "each refusal is told: {causes:?}"
    );
    assert!(
        causes
            .iter()
            .all(|cause| ["cms_41", "cms_500"].contains(cause))
    );
    daemon.stop();
}

#[test]
fn a_long_message_whose_sim_is_pulled_goes_through_another_as_a_whole() {
    let site = Site::new(SiteSettings {
        lines: 2,
        sms_time: Duration::from_millis(400),
        ..SiteSettings::default()
    });
    let daemon = site.start_ready();
    let api = site.api();
    let request = MessageRequest {
        text: "a text of several parts; ".repeat(20),
        class: Some("otp".to_owned()),
        expires_in: Some("48s".to_owned()),
        ..numbered(0)
    };
    let id = api.send(&request).id;
    eventually("its first part is on the air", || {
        (site.parts_on_air() > 0).then_some(())
    });
    let line = api.message(&id).attempts[0].line.clone();
    let pulled = usize::from(line == "line001");
    site.fleet().unplug(pulled, Duration::from_secs(600));
    let story = api.ended(&id);
    assert_eq!(story.state, "delivered", "{story:#?}");
    let parts = usize::from(story.parts);
    let last = &story.attempts[story.attempts.len() - parts..];
    assert!(
        last.iter().all(|attempt| attempt.line != line),
        "{story:#?}"
    );
    let events = api.events(0);
    let anew = events
        .iter()
        .filter(|event| event.cause.as_deref() == Some("anew"));
    assert_eq!(anew.count(), 1);
    let judgement = judge(&site.ledger(), &events, &[(request, story)]);
    assert_eq!((judgement.on_air, judgement.duplicates), (1, 0));
    daemon.stop();
}

#[test]
fn what_nobody_can_send_fails_at_once() {
    let site = Site::new(SiteSettings {
        // Unassigned number (3GPP TS 24.011 annex E).
        faults: refusing(1.0, &[1]),
        ..SiteSettings::default()
    });
    let daemon = site.start_ready();
    let sent = site.api().send(&numbered(1));
    let message = site.api().ended(&sent.id);
    assert_eq!(message.state, "failed", "{message:?}");
    assert_eq!(message.attempts.len(), 1, "{message:?}");
    assert_eq!(message.attempts[0].cause.as_deref(), Some("cms_1"));
    assert_eq!(site.parts_on_air(), 0);
    daemon.stop();
}

#[test]
fn a_code_is_never_sent_after_its_deadline() {
    let site = Site::new(SiteSettings {
        lines: 1,
        sms_time: Duration::from_millis(700),
        ..SiteSettings::default()
    });
    let daemon = site.start_ready();
    let api = site.api();
    // One goes at once, one waits on the line or for it, and the rest comes too late.
    let codes: Vec<MessageRequest> = (0..6)
        .map(|number| MessageRequest {
            class: Some("otp".to_owned()),
            expires_in: Some("1s".to_owned()),
            ..numbered(number)
        })
        .collect();
    let accepted = api.upload_all(&codes);
    let counts = api.counts("all have ended", |counts| counts.ended == 6);
    assert!(counts.expired >= 3, "{counts:?}");
    let stories = accepted.iter().map(|accepted| api.message(&accepted.id));
    let stories: Vec<_> = codes.into_iter().zip(stories).collect();
    let judgement = judge(&site.ledger(), &api.events(0), &stories);
    assert_eq!(
        judgement.on_air + counts.expired,
        6,
        "{counts:?} {judgement:?}"
    );
    daemon.stop();
}

#[test]
fn no_sim_exceeds_its_budget_across_a_restart() {
    let site = Site::new(SiteSettings {
        lines: 2,
        sims_default: "per_month = 3",
        ..SiteSettings::default()
    });
    let daemon = site.start_ready();
    let api = site.api();
    let messages: Vec<MessageRequest> = (0..10).map(numbered).collect();
    api.upload_all(&messages);
    let all_used_up = || {
        let sims = api.sims();
        let used_up = sims.iter().filter(|sim| sim.state == "exhausted").count();
        (used_up == 2).then_some(())
    };
    api.counts("what is allowed is sent", |counts| counts.delivered == 6);
    eventually("the budgets are used up", all_used_up);
    daemon.stop();
    let daemon = site.start_ready();
    eventually("the budgets are still used up", all_used_up);
    let counts = api.status().messages;
    assert_eq!((counts.queued, counts.delivered), (4, 6), "{counts:?}");
    let ledger = hw_sim::Audit::of(&site.ledger());
    assert_eq!((ledger.per_sim_min(2), ledger.per_sim_max()), (3, 3));
    daemon.stop();
}

fn refusing(rate: f64, codes: &[u16]) -> Faults {
    let code = |code: &u16| ErrorCode {
        code: *code,
        weight: 1.0,
    };
    Faults {
        errors: ErrorFault {
            rate,
            codes: codes.iter().map(code).collect(),
        },
        ..Faults::default()
    }
}
