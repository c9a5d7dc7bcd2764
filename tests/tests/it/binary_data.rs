//! Octets for applications: what an app hands over is what the recipient's phone gets, on the ports that were asked for.

use client::MessageRequest;
use hw_sim::audit::{Auditor, Promise};
use sms::{Body, Submit, hex};
use tests::{Site, SiteSettings, numbered};

fn message(octets: &[u8], ports: Option<(u16, u16)>) -> MessageRequest {
    MessageRequest {
        text: String::new(),
        data: Some(hex::encode_upper(octets)),
        source_port: ports.map(|(source, _)| source),
        destination_port: ports.map(|(_, destination)| destination),
        ..numbered(1)
    }
}

fn octets(submit: &Submit) -> &[u8] {
    match &submit.user_data.body {
        Body::Octets(octets) => octets,
        Body::Text(_) => panic!("octets were sent, not a text"),
    }
}

/// The octets of parts that came in order, and the ports of each.
fn whole(parts: &[Submit]) -> (Vec<u8>, Vec<Option<(u16, u16)>>) {
    let ports = |part: &Submit| part.user_data.ports().map(|of| (of.source, of.destination));
    (
        parts.iter().flat_map(octets).copied().collect(),
        parts.iter().map(ports).collect(),
    )
}

#[test]
fn the_phone_gets_these_octets_on_these_ports() {
    let site = Site::new(SiteSettings {
        log_filter: "trace",
        ..SiteSettings::default()
    });
    let daemon = site.start_ready();
    let api = site.api();
    let every: Vec<u8> = (0..=255).chain(0..=255).collect();
    let cases = [
        (&every[..3], None, 1),
        (&every[..140], None, 1),
        (&every[7..140], Some((9200, 2948)), 1),
        (&every[..300], Some((0, 16000)), 3),
        (&every[90..], None, 4),
    ];
    let mut auditor = Auditor::new();
    for (content, ports, parts) in cases {
        let before = site.submits().len();
        let message = message(content, ports);
        let accepted = api.send(&message);
        assert_eq!((&*accepted.encoding, accepted.parts), ("8bit", parts));
        let told = api.ended(&accepted.id);
        assert_eq!((&*told.state, &told.data), ("delivered", &message.data));
        assert_eq!(
            (told.text, told.destination_port),
            (None, message.destination_port)
        );
        let sent = whole(&site.submits()[before..]);
        assert_eq!(sent, (content.to_vec(), vec![ports; usize::from(parts)]));
        auditor.expect(Promise {
            to: told.to,
            text: told.data.expect("nothing is erased"),
            ..Promise::default()
        });
    }
    for entry in site.ledger() {
        auditor.take(&entry);
    }
    assert_eq!(auditor.finish().exactly_once, 5);

    let metrics = api.get("/metrics").expect("the daemon answers").text();
    let log = daemon.stop().log;
    assert!(log.contains("TRACE"), "everything is logged");
    // 20 digits from the middle of what was sent, in either case and as people print octets.
    let private = hex::encode_upper(&every[40..50]);
    let printed = format!("{:?}", &every[40..44]);
    for said in [&log, &metrics] {
        assert!(!said.to_uppercase().contains(&private));
        assert!(!said.contains(printed.trim_matches(['[', ']'])));
    }
}

#[test]
fn data_outlives_a_restart_and_comes_from_the_command_line() {
    let site = Site::new(SiteSettings::default());
    let daemon = site.start_ready();
    let to = numbered(1).to;
    let dry = [
        "send",
        "--dry-run",
        "--to",
        &to,
        "--data",
        "0B5A",
        "--port",
        "7",
    ];
    let said = String::from_utf8_lossy(&site.simfleet(&dry).stdout).into_owned();
    assert!(said.contains("1 part (8bit), with 131 of 133"), "{said}");
    for line in site.api().lines() {
        site.simfleet(&["pause", &line.name]);
    }
    let id = site.api().send(&message(&[1; 200], Some((1, 2)))).id;
    daemon.kill();

    let daemon = site.start_ready();
    let api = site.api();
    for line in api.lines() {
        site.simfleet(&["resume", &line.name]);
    }
    assert_eq!(api.ended(&id).state, "delivered");
    assert_eq!(
        whole(&site.submits()),
        (vec![1; 200], vec![Some((1, 2)); 2])
    );

    let sent = [
        "send",
        "--wait",
        "--to",
        &to,
        "--data",
        "0b5a",
        "--port",
        "7",
        "--source-port",
        "8",
    ];
    let out = site.simfleet(&sent);
    let said = String::from_utf8_lossy(&out.stdout).into_owned();
    assert!(out.status.success() && said.contains("8 to 7"), "{said}");
    let file = site.dir().join("many.csv");
    let rows = format!("to,text,data,destination_port,flash\n{to},,FF00,9,\n{to},hi,,,yes\n");
    std::fs::write(&file, rows).expect("there is room for a file");
    let file = file.to_str().expect("folders of tests are UTF-8");
    assert!(site.simfleet(&["send", "--file", file]).status.success());
    api.counts("all end", |counts| counts.ended == 4);
    let parts = site.submits();
    assert_eq!(whole(&parts[2..3]), (vec![0x0b, 0x5a], vec![Some((8, 7))]));
    let of_file = parts[3..]
        .iter()
        .find(|part| part.user_data.text().is_none());
    let of_file = of_file.expect("the row with data was sent").clone();
    assert_eq!(whole(&[of_file]), (vec![0xff, 0], vec![Some((0, 9))]));
    daemon.stop();
}
