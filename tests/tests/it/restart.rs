//! Starting, stopping and starting again: what is kept, what is refused, and with which exit code.

use std::os::unix::net::UnixDatagram;
use std::time::Duration;

use client::{MessageView, Problem};
use hw_sim::LedgerEvent;
use rusqlite::Connection;
use tests::{Site, SiteSettings, eventually, judge, numbered};

#[test]
fn a_stop_lets_what_is_on_the_air_finish_and_keeps_the_rest() {
    let site = Site::new(SiteSettings {
        sms_time: Duration::from_millis(400),
        sections: "[class.notification]\nin_doubt = \"hold\"".to_owned(),
        ..SiteSettings::default()
    });
    let daemon = site.start_ready();
    let api = site.api();
    let messages: Vec<_> = (0..60).map(numbered).collect();
    let accepted = api.upload_all(&messages);
    eventually("the lines are busy", || {
        (site.fleet().stats().busy_lines == 8).then_some(())
    });
    let ended = daemon.stop();
    assert!(!ended.log.contains("panicked"), "{}", ended.log);
    let on_air = site.fleet().stats().network;
    assert_eq!(on_air.on_air, 0, "nothing was left on the air: {on_air:?}");
    assert!(
        (8..60).contains(&on_air.accepted),
        "some were sent, not all: {on_air:?}"
    );

    let daemon = site.start();
    let counts = api.status().messages;
    assert_eq!(
        counts.in_doubt, 0,
        "what was on the air had its answer: {counts:?}"
    );
    assert!(counts.queued > 0, "the rest waits: {counts:?}");
    api.counts("all are sent", |counts| counts.queued + counts.sending == 0);
    let stories = accepted.iter().map(|accepted| api.message(&accepted.id));
    let stories: Vec<_> = messages.into_iter().zip(stories).collect();
    let judgement = judge(&site.ledger(), &api.events(0), &stories);
    assert_eq!(
        (judgement.on_air, judgement.duplicates),
        (60, 0),
        "{judgement:?}"
    );
    daemon.stop();
}

/// This modem refuses to show reports at once, so it stores them, and announces them to nobody.
#[test]
fn reports_that_a_modem_stored_while_no_daemon_ran_are_read_at_the_start() {
    let site = Site::new(SiteSettings {
        lines: 2,
        models: &["mc7455"],
        report_delay: Duration::from_secs(2)..=Duration::from_secs(2),
        ..SiteSettings::default()
    });
    let daemon = site.start_ready();
    let api = site.api();
    let messages: Vec<_> = (0..2).map(numbered).collect();
    let accepted = api.upload_all(&messages);
    api.counts("all are on the air", |counts| counts.sent == 2);
    daemon.kill();
    let reports = || {
        let ledger = site.ledger();
        let reports = ledger
            .iter()
            .filter(|entry| entry.event == LedgerEvent::Report);
        reports.count()
    };
    assert_eq!(reports(), 0, "none came to the daemon that was killed");
    eventually("the modems have the reports", || {
        (reports() == 2).then_some(())
    });
    let daemon = site.start();
    for message in &accepted {
        assert_eq!(api.ended(&message.id).state, "delivered");
    }
    daemon.stop();
}

#[test]
fn a_stopping_daemon_takes_nothing_new() {
    let site = Site::new(SiteSettings {
        lines: 1,
        sms_time: Duration::from_secs(3),
        ..SiteSettings::default()
    });
    let daemon = site.start_ready();
    let api = site.api();
    let first = api.send(&numbered(1));
    eventually("the line is busy", || {
        (site.fleet().stats().busy_lines == 1).then_some(())
    });
    daemon.terminate();
    let body = serde_json::to_vec(&numbered(2)).expect("a request is strings");
    // The signal takes a moment; until then a message is taken and waits for the next start.
    let problem: Problem = eventually("a message is refused", || {
        let answer = api.post("/v1/messages", "application/json", &body).ok()?;
        (answer.status == 503).then(|| answer.json())
    });
    assert_eq!(problem.code, "draining");
    assert!(daemon.ended().status.success());
    let daemon = site.start();
    let message: MessageView = api.message(&first.id);
    assert_eq!(message.attempts.len(), 1, "it had its answer: {message:?}");
    assert_eq!(message.attempts[0].outcome, "sent");
    daemon.stop();
}

#[test]
fn a_second_daemon_on_a_store_or_socket_is_refused() {
    let site = Site::new(SiteSettings::default());
    let daemon = site.start_ready();
    let config = site.dir().join("second.toml");
    let other_socket = site.dir().join("other.sock");
    let text = site.config_text(&site.state_dir(), &other_socket, "", "");
    std::fs::write(&config, text).expect("the folder can be written to");
    let refused = site.spawn(&config).ended();
    assert_eq!(refused.status.code(), Some(5), "{}", refused.log);
    let pid = daemon.pid().to_string();
    assert!(
        refused.log.contains(&pid),
        "it names who has the store: {}",
        refused.log
    );

    let other_state = site.dir().join("other-state");
    let text = site.config_text(&other_state, &site.socket(), "", "");
    std::fs::write(&config, text).expect("the folder can be written to");
    let refused = site.spawn(&config).ended();
    assert_eq!(refused.status.code(), Some(1), "{}", refused.log);

    let sent = site.api().send(&numbered(1));
    assert_eq!(
        site.api().ended(&sent.id).state,
        "delivered",
        "the first one goes on"
    );
    daemon.stop();
}

#[test]
fn a_store_of_a_newer_version_is_not_touched() {
    let site = Site::new(SiteSettings::default());
    site.start().stop();
    let store = site.state_dir().join("simfleet.db");
    let version = |new: Option<i64>| -> i64 {
        let connection = Connection::open(&store).expect("the store can be opened");
        if let Some(new) = new {
            let set = connection.pragma_update(None, "user_version", new);
            set.expect("the version can be changed");
        }
        let version = connection.pragma_query_value(None, "user_version", |row| row.get(0));
        version.expect("the version can be read")
    };
    let ours = version(None);
    version(Some(ours + 41));
    let refused = site.spawn(&site.config()).ended();
    assert_eq!(refused.status.code(), Some(5), "{}", refused.log);
    let says = format!("version {}", ours + 41);
    assert!(
        refused.log.contains(&says),
        "it names the version: {}",
        refused.log
    );
    assert_eq!(version(None), ours + 41, "it was left as it was");
    version(Some(ours));
    site.start().stop();
}

#[test]
fn a_damaged_store_is_not_overwritten() {
    let site = Site::new(SiteSettings::default());
    site.start().stop();
    let store = site.state_dir().join("simfleet.db");
    let damage = b"this was a store once".repeat(1000);
    std::fs::write(&store, &damage).expect("the store can be written to");
    let refused = site.spawn(&site.config()).ended();
    assert_eq!(refused.status.code(), Some(5), "{}", refused.log);
    let left = std::fs::read(&store).expect("the store can be read");
    assert_eq!(left, damage, "what is left of it is still there");
}

#[test]
fn a_wrong_configuration_is_refused_with_line_and_key() {
    let site = Site::new(SiteSettings::default());
    let check = |gateway: &str, sections: &str, wanted: &[&str]| {
        site.configure(gateway, sections);
        let refused = site.spawn(&site.config()).ended();
        assert_eq!(refused.status.code(), Some(3), "{}", refused.log);
        let config = site.config().display().to_string();
        let text = std::fs::read_to_string(site.config()).expect("it can be read");
        for key in wanted {
            let name = key.rsplit('.').next().unwrap_or(key);
            let line = text.lines().position(|line| line.starts_with(name));
            let line = line.expect("the key is in the file") + 1;
            let says = format!("{config}:{line}: {key}: ");
            assert!(
                refused.log.contains(&says),
                "not told: {says}\n{}",
                refused.log
            );
        }
    };
    check("max_queeued = 5", "", &["gateway.max_queeued"]);
    check("max_queued = \"many\"", "", &["gateway.max_queued"]);
    check(
        "max_parts = 0",
        "[class.otp]\nexpires_in = \"soon\"\nin_doubt = \"perhaps\"",
        &[
            "gateway.max_parts",
            "class.otp.expires_in",
            "class.otp.in_doubt",
        ],
    );
    assert!(!site.state_dir().exists(), "nothing was begun");
}

#[test]
fn systemd_is_told_what_goes_on() {
    let site = Site::new(SiteSettings::default());
    let systemd = UnixDatagram::bind(site.notify_socket()).expect("the path is free");
    systemd
        .set_nonblocking(true)
        .expect("it can be asked without waiting");
    let mut told = String::new();
    let mut wait_for = |word: &str| {
        eventually(&format!("{word} is told"), || {
            let mut datagram = [0; 4096];
            while let Ok(length) = systemd.recv(&mut datagram) {
                told += &String::from_utf8_lossy(&datagram[..length]);
                told.push('\n');
            }
            let at = told.find(word)?;
            told.drain(..at + word.len());
            Some(())
        });
    };
    let daemon = site.start();
    wait_for("READY=1");
    assert_eq!(
        site.api().get("/healthz").expect("it answers then").status,
        200
    );
    daemon.reload();
    wait_for("RELOADING=1");
    wait_for("READY=1");
    daemon.terminate();
    wait_for("STOPPING=1");
    assert!(daemon.ended().status.success());
}

#[test]
fn a_wrong_reload_changes_nothing_and_a_right_one_does() {
    let site = Site::new(SiteSettings::default());
    let daemon = site.start_ready();
    let api = site.api();
    let target = || api.status().target_per_minute;
    assert_eq!(target(), 1_000_000);
    site.configure("target_per_minute = 777\nmax_queeued = 1", "");
    daemon.reload();
    eventually("the refusal is told", || {
        daemon.log().contains("max_queeued").then_some(())
    });
    assert_eq!(target(), 1_000_000, "all of it is refused");
    site.configure("target_per_minute = 777", "");
    daemon.reload();
    eventually("the new target holds", || (target() == 777).then_some(()));
    let opens: Vec<u64> = api.lines().iter().map(|line| line.opens).collect();
    assert_eq!(opens, [1; 8], "no line was touched");
    daemon.stop();
}

#[test]
fn a_full_disk_stops_acceptance_and_nothing_else() {
    let site = Site::new(SiteSettings {
        lines: 2,
        sms_time: Duration::from_millis(300),
        ..SiteSettings::default()
    });
    let daemon = site.start_ready();
    let api = site.api();
    let messages: Vec<_> = (0..30).map(numbered).collect();
    api.upload_all(&messages);
    // More than any disk of a test machine has free: 1 TiB.
    site.configure("min_free_disk_mib = 1048576", "");
    daemon.reload();
    let body = serde_json::to_vec(&messages[0]).expect("a request is strings");
    let mut more = 0;
    let problem: Problem = eventually("a message is refused", || {
        let answer = api.post("/v1/messages", "application/json", &body).ok()?;
        more += u64::from(answer.status == 202);
        (answer.status == 507).then(|| answer.json())
    });
    assert_eq!(problem.code, "disk_full");
    assert!(!api.status().accepting);
    let accepted = 30 + more;
    api.counts("what was accepted is sent", |counts| {
        counts.delivered == accepted
    });

    site.configure("min_free_disk_mib = 1", "");
    daemon.reload();
    eventually("messages are taken again", || {
        let answer = api.post("/v1/messages", "application/json", &body).ok()?;
        (answer.status == 202).then_some(())
    });
    api.counts("it is sent too", |counts| counts.delivered == accepted + 1);
    daemon.stop();
}
