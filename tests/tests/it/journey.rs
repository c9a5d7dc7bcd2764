//! A message's way from the app to the recipient's report, and what the app is told of it on the way.

use std::collections::BTreeSet;
use std::time::Duration;

use client::{Client, EventView, MessageRequest};
use hw_sim::LedgerEvent;
use tests::{Site, SiteSettings, eventually, exchange, judge, numbered};

#[test]
fn a_message_is_told_from_its_acceptance_to_its_report() {
    let site = Site::new(SiteSettings::default());
    let daemon = site.start_ready();
    let api = site.api();
    let accepted = api.send(&MessageRequest {
        class: Some("notification".to_owned()),
        key: Some("order-77".to_owned()),
        ..numbered(1)
    });
    assert_eq!((accepted.state.as_str(), accepted.parts), ("queued", 1));
    assert_eq!(
        (accepted.encoding.as_str(), accepted.repeated),
        ("gsm7", false)
    );

    let message = api.ended(&accepted.id);
    assert_eq!(message.state, "delivered", "{message:?}");
    assert_eq!(message.to, numbered(1).to);
    assert_eq!(message.text, Some(numbered(1).text));
    assert_eq!(message.key.as_deref(), Some("order-77"));
    assert_eq!(message.in_doubt, "hold", "the policy of its class");

    let ledger = site.ledger();
    let [submit, report] = ledger.as_slice() else {
        panic!("one submission and one report, not {ledger:?}");
    };
    assert_eq!(
        (submit.event, report.event),
        (LedgerEvent::Submit, LedgerEvent::Report)
    );
    let [attempt] = message.attempts.as_slice() else {
        panic!("one attempt, not {:?}", message.attempts);
    };
    assert_eq!((attempt.part, attempt.outcome.as_str()), (1, "sent"));
    assert_eq!((&attempt.sim, attempt.mr), (&submit.iccid, submit.mr));
    assert_eq!(attempt.line, format!("line{:03}", submit.line));
    assert_eq!(
        attempt.report.as_ref().map(|report| report.status),
        report.status
    );
    let times = [
        Some(&message.accepted_at),
        Some(&attempt.started_at),
        attempt.finished_at.as_ref(),
        attempt.report.as_ref().map(|report| &report.at),
        message.ended_at.as_ref(),
    ];
    assert!(
        times.iter().all(Option::is_some) && times.is_sorted(),
        "in this order: {times:?}"
    );

    let events = api.events(0);
    let kinds: Vec<&str> = events.iter().map(|event| event.kind.as_str()).collect();
    assert_eq!(
        kinds,
        ["accepted", "started", "finished", "reported", "ended"]
    );
    daemon.stop();
}

#[test]
fn five_hundred_mixed_messages_in_one_upload_all_arrive_once() {
    let site = Site::new(SiteSettings {
        lines: 32,
        ..SiteSettings::default()
    });
    let daemon = site.start_ready();
    let api = site.api();
    let requests: Vec<MessageRequest> = (0..500).map(mixed).collect();
    let accepted = api.upload_all(&requests);
    let ids: BTreeSet<&str> = accepted
        .iter()
        .map(|accepted| accepted.id.as_str())
        .collect();
    assert_eq!(ids.len(), 500, "each has an id of its own");
    for (number, accepted) in accepted.iter().enumerate() {
        let expected = match number % 5 {
            3 => (1, "ucs2"),
            4 => (3, "gsm7"),
            _ => (1, "gsm7"),
        };
        assert_eq!(
            (accepted.parts, accepted.encoding.as_str()),
            expected,
            "message {number}"
        );
    }

    let counts = api.counts("all have ended", |counts| counts.ended == 500);
    assert_eq!(counts.delivered + counts.sent_unreported, 500, "{counts:?}");
    assert_eq!(counts.sent_unreported, 50, "one in ten asked for no report");
    let ledger = site.ledger();
    let stories: Vec<_> = requests
        .into_iter()
        .zip(accepted.iter().map(|accepted| api.message(&accepted.id)))
        .collect();
    let judgement = judge(&ledger, &api.events(0), &stories);
    assert_eq!(
        (judgement.on_air, judgement.not_on_air, judgement.duplicates),
        (500, 0, 0)
    );
    for (_, story) in &stories {
        let sims: BTreeSet<&str> = story
            .attempts
            .iter()
            .map(|try_| try_.sim.as_str())
            .collect();
        assert_eq!(sims.len(), 1, "all parts go through one SIM: {story:?}");
    }
    let used = hw_sim::Audit::of(&ledger).per_sim_min(32);
    assert!(used > 0, "every SIM is used");
    daemon.stop();
}

#[test]
fn a_repeated_key_is_answered_as_the_first_time() {
    let site = Site::new(SiteSettings::default());
    let daemon = site.start_ready();
    let api = site.api();
    let request = MessageRequest {
        key: Some("parcel-1".to_owned()),
        ..numbered(1)
    };
    let first = api.send(&request);
    let at_once = api.send(&request);
    assert_eq!((&at_once.id, at_once.repeated), (&first.id, true));
    api.ended(&first.id);
    let later = api.send(&request);
    assert_eq!((&later.id, later.state.as_str()), (&first.id, "delivered"));
    daemon.stop();

    let daemon = site.start_ready();
    let after_restart = api.send(&request);
    assert_eq!(
        (&after_restart.id, after_restart.repeated),
        (&first.id, true)
    );
    let another = MessageRequest {
        text: "another text".to_owned(),
        ..request
    };
    let body = serde_json::to_vec(&another).expect("a request is strings");
    let answer = api
        .post("/v1/messages", "application/json", &body)
        .expect("it answers");
    assert_eq!(answer.status, 409, "{}", answer.text());
    assert_eq!(answer.json::<client::Problem>().code, "key_conflict");
    assert_eq!(site.parts_on_air(), 1);
    assert_eq!(api.status().messages.accepted, 1);
    daemon.stop();
}

#[test]
fn a_message_can_be_taken_back_until_it_starts() {
    let site = Site::new(SiteSettings {
        lines: 1,
        ..SiteSettings::default()
    });
    let daemon = site.start_ready();
    let api = site.api();
    control(&site, "/v1/lines/line000/pause");
    let waiting = api.send(&numbered(1));
    let staying = api.send(&numbered(2));
    let target = format!("/v1/messages/{}", waiting.id);
    let answer = api.delete(&target).expect("it answers");
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.json::<client::MessageView>().state, "cancelled");
    control(&site, "/v1/lines/line000/resume");
    assert_eq!(api.ended(&staying.id).state, "delivered");

    let check = |id: &str, status: u16, code: &str| {
        let answer = api
            .delete(&format!("/v1/messages/{id}"))
            .expect("it answers");
        assert_eq!(answer.status, status, "{}", answer.text());
        assert_eq!(answer.json::<client::Problem>().code, code);
    };
    check(&waiting.id, 409, "too_late");
    check(&staying.id, 409, "too_late");
    check("0193a5c0-0000-7000-8000-000000000000", 404, "not_found");
    let went: Vec<String> = site.ledger().into_iter().map(|entry| entry.to).collect();
    assert!(
        !went.contains(&numbered(1).to),
        "what was taken back is never sent"
    );
    daemon.stop();
}

#[test]
fn a_code_overtakes_what_waits() {
    let site = Site::new(SiteSettings {
        lines: 2,
        sms_time: Duration::from_millis(100),
        ..SiteSettings::default()
    });
    let daemon = site.start_ready();
    let api = site.api();
    let bulk: Vec<MessageRequest> = (1..=60)
        .map(|number| MessageRequest {
            class: Some("bulk".to_owned()),
            ..numbered(number)
        })
        .collect();
    api.upload_all(&bulk);
    eventually("bulk is on the air", || {
        (site.parts_on_air() >= 4).then_some(())
    });
    let code = api.send(&MessageRequest {
        class: Some("otp".to_owned()),
        ..numbered(0)
    });
    let before = site.parts_on_air();
    api.ended(&code.id);
    let submits = site
        .ledger()
        .into_iter()
        .filter(|entry| entry.event == LedgerEvent::Submit);
    let place = submits
        .map(|entry| entry.to)
        .position(|to| to == numbered(0).to);
    let place = place.expect("the code was sent") as u64;
    // What each of the two lines had begun, and what waited in its send queue, goes first; and while the code waits in
    // one line's queue, the other line goes on. Without overtaking it would be the last of 61.
    assert!(
        place <= before + 8,
        "the code is number {place}, and was accepted after {before}"
    );
    api.counts("all have ended", |counts| counts.ended == 61);
    daemon.stop();
}

#[test]
fn events_go_on_where_they_stopped_across_a_restart() {
    let site = Site::new(SiteSettings::default());
    let api = site.api();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime can be made");
    let mut seen: Vec<EventView> = Vec::new();
    for round in 0..3 {
        let daemon = site.start_ready();
        // A report that comes while no daemon listens is lost, as with real modems; so none is asked for.
        let unreported = |number| MessageRequest {
            report: Some(false),
            ..numbered(round * 20 + number)
        };
        let messages: Vec<_> = (0..20).map(unreported).collect();
        api.upload_all(&messages);
        let after = seen.last().map_or(0, |event| event.seq);
        let ended_by_now = (round + 1) * 20 - 5;
        runtime.block_on(follow(&site, after, &mut seen, ended_by_now));
        daemon.stop();
    }
    let daemon = site.start();
    api.counts("all have ended", |counts| counts.ended == 60);
    seen.extend(api.events(seen.last().map_or(0, |event| event.seq)));
    let all = api.events(0);
    assert!(
        seen.iter()
            .map(|event| event.seq)
            .is_sorted_by(|one, next| one < next)
    );
    assert_eq!(seen, all, "what was followed in pieces is what there is");
    let ends: Vec<&str> = ends(&all).collect();
    assert_eq!(ends.len(), 60);
    assert_eq!(
        ends.iter().collect::<BTreeSet<_>>().len(),
        60,
        "each message ends once"
    );
    daemon.stop();
}

#[test]
fn events_can_be_read_as_server_sent_events() {
    let site = Site::new(SiteSettings::default());
    let daemon = site.start_ready();
    let api = site.api();
    let sent = api.send(&numbered(1));
    api.ended(&sent.id);
    let all = api.events(0);
    let read = |headers: &[(&str, &str)]| {
        let target = "/v1/events?follow=false";
        let answer = exchange(&site.socket(), "GET", target, headers, b"").expect("it answers");
        assert_eq!(answer.header("content-type"), Some("text/event-stream"));
        answer.text()
    };
    let text = read(&[]);
    let blocks: Vec<&str> = text
        .split("\n\n")
        .filter(|block| !block.is_empty())
        .collect();
    assert_eq!(blocks.len(), all.len());
    for (block, event) in blocks.iter().zip(&all) {
        let [id, kind, data] = block.lines().collect::<Vec<_>>()[..] else {
            panic!("three lines an event: {block}");
        };
        assert_eq!(id, format!("id: {}", event.seq));
        assert_eq!(kind, format!("event: {}", event.kind));
        let data = data.strip_prefix("data: ").expect("the third is the data");
        assert_eq!(
            serde_json::from_str::<EventView>(data).expect("an event"),
            *event
        );
    }
    let last_seen = all[1].seq.to_string();
    let rest = read(&[("last-event-id", &last_seen)]);
    assert!(rest.starts_with(&format!("id: {}\n", all[2].seq)), "{rest}");
    daemon.stop();
}

/// Follows the events with the client until so many messages have ended in what was seen.
async fn follow(site: &Site, after: u64, seen: &mut Vec<EventView>, ended: usize) {
    let client = Client::new(site.socket());
    let mut stream = client
        .events(after, true)
        .await
        .expect("the daemon answers");
    while ends(seen).count() < ended {
        let next = tokio::time::timeout(tests::DEADLINE, stream.next()).await;
        let event = next.expect("events come").expect("the stream goes on");
        seen.push(event.expect("an event"));
    }
}

fn ends(events: &[EventView]) -> impl Iterator<Item = &str> {
    let ended = events.iter().filter(|event| event.kind == "ended");
    ended.map(|event| event.id.as_str())
}

fn control(site: &Site, target: &str) {
    let answer = site
        .api()
        .post(target, "application/json", b"{}")
        .expect("it answers");
    assert_eq!(answer.status, 200, "{target}: {}", answer.text());
}

/// Message number `number` of a mixture: classes, alphabets, lengths, with and without report.
fn mixed(number: usize) -> MessageRequest {
    let plain = numbered(number);
    let text = match number % 5 {
        3 => format!("{} 🎉 до встречи", plain.text),
        4 => format!(
            "{} {}",
            plain.text,
            "and a long story that goes with it ".repeat(10)
        ),
        _ => plain.text,
    };
    MessageRequest {
        text,
        class: Some(["otp", "notification", "bulk"][number % 3].to_owned()),
        report: (number.is_multiple_of(10)).then_some(false),
        ..plain
    }
}
