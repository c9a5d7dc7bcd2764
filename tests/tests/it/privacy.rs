//! Texts and whole numbers stay out of the log and the metrics, whatever happens and however much is logged.

use std::time::Duration;

use client::MessageRequest;
use hw_sim::{ErrorFault, Faults, GarbageFault, LedgerEvent, NoiseFault, ReportFault};
use tests::{Daemon, Site, SiteSettings, eventually, numbered};

#[test]
fn the_log_holds_no_text_and_no_whole_number() {
    let site = Site::new(SiteSettings {
        log_filter: "trace",
        faults: Faults {
            errors: ErrorFault {
                rate: 0.1,
                ..ErrorFault::default()
            },
            garbage: GarbageFault {
                every: Some(Duration::from_millis(500)),
                bytes_max: 32,
            },
            noise: NoiseFault {
                every: Some(Duration::from_millis(50)),
            },
            reports: ReportFault {
                twice: 0.2,
                undelivered: 0.2,
                ..ReportFault::default()
            },
            ..Faults::default()
        },
        ..SiteSettings::default()
    });
    let daemon = site.start();
    let api = site.api();
    api.lines_ready(1);
    let messages: Vec<MessageRequest> = (0..60).map(numbered).collect();
    api.upload_all(&messages);
    let inbound = ("+4915199999999", "A reply nobody else may read");
    for line in 0..8 {
        site.fleet()
            .inbound(line, inbound.0, inbound.1)
            .expect("it can be coded");
    }
    let wrong = [
        r#"{"to":"+4915188888888","text":"Half a mess"#,
        r#"{"to":"+4915188888888x","text":"Half a mess"}"#,
        r#"{"to":"+4915188888888","text":"Half a mess","class":"Half a mess"}"#,
    ];
    for body in wrong {
        let answer = api.post("/v1/messages", "application/json", body.as_bytes());
        assert!(answer.expect("the daemon answers").status >= 400);
    }
    let search = api
        .get("/v1/messages?to=%2B4915100000001")
        .expect("the daemon answers");
    assert_eq!(search.status, 200);
    site.simfleet(&["messages", "--to", "+4915100000002"]);
    eventually("parts are on the air", || {
        (site.parts_on_air() >= 40).then_some(())
    });
    api.counts("reports came", |counts| counts.ended >= 20);
    let metrics = api.get("/metrics").expect("the daemon answers").text();
    let texts = site
        .ledger()
        .into_iter()
        .filter(|entry| entry.event == LedgerEvent::Submit);
    // The end of a TPDU is the end of its text, packed: the part in which these texts differ.
    let packed: Vec<String> = texts
        .map(|entry| entry.tpdu[entry.tpdu.len() - PACKED_DIGITS..].to_owned())
        .collect();
    assert!(packed.len() >= 40, "parts were on the air");
    check(daemon, &metrics, &messages, inbound, packed);
}

fn check(
    daemon: Daemon,
    metrics: &str,
    messages: &[MessageRequest],
    inbound: (&str, &str),
    packed: Vec<String>,
) {
    let log = daemon.stop().log;
    assert!(log.contains("TRACE"), "everything is logged: {log}");
    let mut private = packed;
    private.extend([
        "Half a mess".to_owned(),
        "15188888888".to_owned(),
        inbound.1.to_owned(),
        inbound.0.trim_start_matches('+').to_owned(),
        swapped(inbound.0),
    ]);
    for message in messages {
        private.push(message.text.clone());
        private.push(message.to.trim_start_matches('+').to_owned());
        private.push(swapped(&message.to));
    }
    for (what, said) in [("the log", log.as_str()), ("the metrics", metrics)] {
        for word in &private {
            let line = said.lines().find(|line| line.contains(word.as_str()));
            assert_eq!(line, None, "{what} must not hold {word}");
        }
    }
}

/// A number as semi-octets in a TPDU (3GPP TS 23.040 §9.1.2.3).
fn swapped(number: &str) -> String {
    let mut digits: Vec<char> = number.trim_start_matches('+').chars().collect();
    if digits.len() % 2 == 1 {
        digits.push('F');
    }
    digits
        .chunks(2)
        .flat_map(|pair| [pair[1], pair[0]])
        .collect()
}

/// Hex digits of a TPDU's end that are looked for: 12 octets, above 13 characters of text.
const PACKED_DIGITS: usize = 24;
