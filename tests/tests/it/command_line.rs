//! `simfleet` as scripts use it: exit codes, one JSON object a line, nothing else on stdout.

use std::process::Output;

use serde_json::Value;
use tests::{Site, SiteSettings, eventually};

#[test]
fn exit_codes_tell_what_happened() {
    let site = Site::new(SiteSettings::default());
    let code = |arguments: &[&str]| site.simfleet(arguments).status.code();
    let send = ["send", "--to", "+4915100000001", "--text", "hello"];
    assert_eq!(code(&send), Some(4), "no daemon");
    assert_eq!(code(&["status"]), Some(4));
    assert_eq!(
        code(&["send", "--to", "+4915100000001"]),
        Some(2),
        "no text"
    );
    assert_eq!(code(&["fly"]), Some(2), "no such command");
    assert_eq!(code(&["check", "--config", "simfleet.toml"]), Some(0));
    assert_eq!(code(&["check", "--config", "nowhere.toml"]), Some(3));
    assert_eq!(code(&["run", "--config", "nowhere.toml"]), Some(3));

    let daemon = site.start_ready();
    assert_eq!(code(&send), Some(0));
    assert_eq!(
        code(&["send", "--to", "mum", "--text", "hello"]),
        Some(1),
        "refused"
    );
    assert_eq!(code(&["message", "nonsense"]), Some(1), "no such message");
    assert_eq!(code(&["cancel", "nonsense"]), Some(1));
    assert_eq!(code(&["pause", "line999"]), Some(1), "no such line");
    let wait = [
        "send",
        "--to",
        "+4915100000002",
        "--text",
        "hello",
        "--wait",
    ];
    assert_eq!(code(&wait), Some(0));
    daemon.stop();
}

#[test]
fn one_message_can_be_followed_and_found() {
    let site = Site::new(SiteSettings::default());
    let daemon = site.start_ready();
    let to = ["--to", "+4915100000001"];
    let sent = object(&site.simfleet(&[
        "--json", "send", to[0], to[1], "--text", "hello", "--class", "otp", "--key", "k1",
        "--wait",
    ]));
    assert_eq!(sent["state"], "delivered");
    let id = sent["id"].as_str().expect("it has an id");
    let message = object(&site.simfleet(&["message", id, "--json"]));
    assert_eq!(message["attempts"][0]["outcome"], "sent");
    assert!(message["attempts"][0]["mr"].is_u64());
    let story = text(&site.simfleet(&["message", id]));
    let mr = message["attempts"][0]["mr"].to_string();
    for word in [id, "delivered", "hello", "line00", mr.as_str()] {
        assert!(story.contains(word), "the story lacks {word}: {story}");
    }
    let found = objects(&site.simfleet(&["messages", to[0], to[1], "--json"]));
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["id"], id);
    let state = ["messages", "--state", "failed", "--json"];
    assert_eq!(objects(&site.simfleet(&state)).len(), 0);
    let events = objects(&site.simfleet(&["events", "--after", "0", "--json"]));
    let kinds: Vec<&str> = events
        .iter()
        .filter_map(|event| event["type"].as_str())
        .collect();
    assert_eq!(
        kinds,
        ["accepted", "started", "finished", "reported", "ended"]
    );
    daemon.stop();
}

#[test]
fn the_fleet_can_be_looked_at_and_controlled() {
    let site = Site::new(SiteSettings {
        lines: 3,
        ..SiteSettings::default()
    });
    let daemon = site.start_ready();
    let status = object(&site.simfleet(&["status", "--json"]));
    assert_eq!(status["state"], "running");
    assert_eq!(status["lines"]["ready"], 3);
    let lines = objects(&site.simfleet(&["lines", "--json"]));
    let names: Vec<&str> = lines
        .iter()
        .filter_map(|line| line["name"].as_str())
        .collect();
    assert_eq!(names, ["line000", "line001", "line002"]);
    let sims = objects(&site.simfleet(&["sims", "--json"]));
    assert_eq!(sims.len(), 3);
    for command in ["status", "lines", "sims", "messages"] {
        assert!(!text(&site.simfleet(&[command])).is_empty(), "{command}");
    }

    let paused = object(&site.simfleet(&["--json", "pause", "line001", "--reason", "new antenna"]));
    assert_eq!(paused["control"], "paused");
    assert_eq!(paused["control_reason"], "new antenna");
    let of_line = |name: &str| sims.iter().find(|sim| sim["line"] == name);
    let sim = of_line("line002").expect("each line has its SIM");
    let iccid = sim["iccid"].as_str().expect("it has an ICCID");
    let paused = object(&site.simfleet(&["--json", "pause", iccid]));
    assert_eq!(paused["state"], "paused");
    for number in 0..6 {
        let to = format!("+4915100000{number:03}");
        object(&site.simfleet(&["--json", "send", "--to", &to, "--text", "hello", "--wait"]));
    }
    let used: Vec<u64> = objects(&site.simfleet(&["sims", "--json"]))
        .iter()
        .filter_map(|sim| sim["sent"].as_u64())
        .collect();
    assert_eq!(used.iter().sum::<u64>(), 6);
    assert_eq!(
        used.iter().filter(|sent| **sent > 0).count(),
        1,
        "only one may send: {used:?}"
    );
    let resumed = object(&site.simfleet(&["--json", "resume", "line001"]));
    assert_eq!(resumed["control"], "active");
    daemon.stop();
}

#[test]
fn a_file_is_sent_once_however_often_it_is_handed_over() {
    let site = Site::new(SiteSettings::default());
    let daemon = site.start_ready();
    let mut rows = String::from("to,text,class\n");
    for number in 0..50 {
        rows += &format!("+4915100000{number:03},\"Dear customer, this is {number}\",bulk\n");
    }
    rows += "mum,\"not a number\",bulk\n+4915100000999,\"the last one, after a bad row\",bulk\n";
    std::fs::write(site.dir().join("customers.csv"), rows).expect("the folder can be written to");
    let send = ["--json", "send", "--file", "customers.csv"];
    let check = |accepted: u64, repeated: u64| {
        let output = site.simfleet(&send);
        assert_eq!(output.status.code(), Some(1), "one row was refused");
        let said = lines_of(&output);
        let summary = &said.last().expect("there is a summary")["summary"];
        assert_eq!(summary["accepted"], accepted, "{summary}");
        assert_eq!(summary["repeated"], repeated, "{summary}");
        assert_eq!(summary["refused"], 1, "{summary}");
        let refused = said
            .iter()
            .find(|row| row["error"].is_object())
            .expect("it is told");
        assert_eq!(refused["line"], 52, "the row's place in the file");
    };
    check(51, 0);
    check(0, 51);
    site.api()
        .counts("all have ended", |counts| counts.delivered == 51);
    assert_eq!(site.parts_on_air(), 51);
    daemon.stop();
}

#[test]
fn events_are_followed_across_a_restart() {
    let site = Site::new(SiteSettings::default());
    let daemon = site.start_ready();
    let mut follower = std::process::Command::new(tests::binary(tests::Binary::Simfleet))
        .args(["events", "--after", "0", "--follow", "--json"])
        .env("SIMFLEET_SOCKET", site.socket())
        .stdout(std::fs::File::create(site.dir().join("events")).expect("a file can be made"))
        .stderr(std::process::Stdio::null())
        .spawn()
        .expect("the binary can be started");
    let followed = || -> Vec<Value> {
        let text = std::fs::read_to_string(site.dir().join("events")).unwrap_or_default();
        let lines = text
            .split_inclusive('\n')
            .filter(|line| line.ends_with('\n'));
        lines
            .map(|line| serde_json::from_str(line).expect("an object a line"))
            .collect()
    };
    site.api()
        .upload_all(&[tests::numbered(1), tests::numbered(2)]);
    eventually("events are followed", || {
        (!followed().is_empty()).then_some(())
    });
    daemon.stop();
    let daemon = site.start_ready();
    site.api()
        .upload_all(&[tests::numbered(3), tests::numbered(4)]);
    site.api()
        .counts("all have ended", |counts| counts.ended == 4);
    let all = site.api().events(0);
    eventually("all of them are followed", || {
        (followed().len() >= all.len()).then_some(())
    });
    let _ = follower.kill();
    let _ = follower.wait();
    let followed: Vec<u64> = followed()
        .iter()
        .filter_map(|event| event["seq"].as_u64())
        .collect();
    assert_eq!(
        followed,
        all.iter().map(|event| event.seq).collect::<Vec<_>>()
    );
    daemon.stop();
}

fn text(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
    String::from_utf8(output.stdout.clone()).expect("output is UTF-8")
}

fn lines_of(output: &Output) -> Vec<Value> {
    let text = String::from_utf8(output.stdout.clone()).expect("output is UTF-8");
    let object = |line: &str| {
        let value: Value = serde_json::from_str(line).expect("nothing but JSON on stdout");
        assert!(value.is_object(), "{line}");
        value
    };
    text.lines().map(object).collect()
}

fn objects(output: &Output) -> Vec<Value> {
    text(output);
    lines_of(output)
}

fn object(output: &Output) -> Value {
    let mut all = objects(output);
    assert_eq!(all.len(), 1, "one object: {all:?}");
    all.remove(0)
}

#[test]
fn a_store_is_checked_backed_up_and_exported_beside_its_daemon() {
    let site = Site::new(SiteSettings::default());
    let daemon = site.start_ready();
    let to = ["--to", "+4915100000001"];
    let sent =
        object(&site.simfleet(&["--json", "send", to[0], to[1], "--text", "hello", "--wait"]));
    let config = ["--config", "simfleet.toml"];
    let checked = object(&site.simfleet(&["store", "check", config[0], config[1], "--json"]));
    assert_eq!(checked["faults"], Value::Array(Vec::new()));
    assert_eq!(
        (&checked["messages"], &checked["open"]),
        (&1.into(), &0.into())
    );
    let exported = object(&site.simfleet(&["store", "export", config[0], config[1]]));
    assert_eq!(exported["id"], sent["id"]);
    assert_eq!(exported["state"], "delivered");
    let backup = ["store", "backup", config[0], config[1], "--to", "copy.db"];
    assert!(site.simfleet(&backup).status.success());
    assert_eq!(
        site.simfleet(&backup).status.code(),
        Some(1),
        "never overwrites"
    );
    daemon.stop();

    // A backup is a store like any other.
    let database = site.state_dir().join("simfleet.db");
    std::fs::rename(site.dir().join("copy.db"), &database).expect("both are there");
    let daemon = site.start_ready();
    assert_eq!(site.api().status().messages.delivered, 1);
    daemon.stop();

    // Damage in the middle of the file, not in its header.
    let mut octets = std::fs::read(&database).expect("it is there");
    let middle = octets.len() / 2;
    octets[middle..].fill(0xa5);
    std::fs::write(&database, octets).expect("it can be written");
    let checked = site.simfleet(&["store", "check", config[0], config[1]]);
    assert_eq!(checked.status.code(), Some(5));
}
