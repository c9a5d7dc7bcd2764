//! What an operator says to a line directly: USSD dialogues and commands of his own, among the messages of others.

use std::time::Duration;

use client::{CommandView, LineView, MessageRequest, Problem, SimView, TraceRecord, UssdView};
use hw_sim::{Lines, Trouble};
use serde_json::json;
use tests::{Api, Daemon, Site, SiteSettings, eventually, numbered};

/// A host whose lines are ready.
fn host(lines: usize, models: &'static [&'static str]) -> (Site, Daemon, Api) {
    let site = Site::new(SiteSettings {
        lines,
        models,
        ..SiteSettings::default()
    });
    let daemon = site.start_ready();
    let api = site.api();
    (site, daemon, api)
}

#[test]
fn a_code_is_answered_and_a_menu_goes_on() {
    let (_site, daemon, api) = host(2, &[]);
    let sim = sim_in(&api, "line000");
    let balance = ussd(&api, &sim, &json!({"code": "*100#"}));
    assert_eq!(balance.text.as_deref(), Some("Balance: 10.00"));
    assert_eq!(
        (
            balance.state.as_str(),
            balance.end.as_deref(),
            balance.line.as_str()
        ),
        ("ended", Some("done"), "line000")
    );
    let menu = ussd(&api, &sim, &json!({"code": "*111#"}));
    assert_eq!(menu.text.as_deref(), Some("1 Balance\n2 My number\n0 End"));
    assert_eq!((menu.state.as_str(), menu.end), ("open", None));
    // Messages go round the SIM meanwhile.
    let sent = api.send(&numbered(1));
    assert_eq!(api.ended(&sent.id).attempts[0].line, "line001");
    let answer = ussd(&api, &sim, &json!({"reply": "1"}));
    assert_eq!(answer.text.as_deref(), Some("Balance: 10.00"));
    assert_eq!(answer.state, "ended");
    // Refused by the network, with its words.
    let unknown = ussd(&api, &sim, &json!({"code": "*999#"}));
    assert_eq!(unknown.end.as_deref(), Some("terminated"));
    assert_eq!(unknown.text.as_deref(), Some("Unknown service code"));
    // A menu is given up, once.
    ussd(&api, &sim, &json!({"code": "*111#"}));
    let target = format!("/v1/sims/{}/ussd", sim.iccid);
    let ended: UssdView = api.delete(&target).expect("it answers").json();
    assert_eq!(ended.end.as_deref(), Some("cancelled"));
    let again = api.delete(&target).expect("it answers");
    assert_eq!(
        (again.status, again.json::<Problem>().code.as_str()),
        (409, "ussd_no_menu")
    );
    let log = daemon.stop().log;
    assert!(!log.contains("*100#") && !log.contains("Balance"), "{log}");
}

#[test]
fn what_the_network_says_by_itself_is_kept_for_the_sim() {
    let site = Site::new(SiteSettings {
        lines: 2,
        log_filter: "trace",
        models: &["zte", "ec25"],
        ..SiteSettings::default()
    });
    let daemon = site.start_ready();
    let api = site.api();
    let say = |text: &str| {
        let text = text.to_owned();
        let line = Lines::Ranges(vec![(0, 0)]);
        (site.fleet()).trouble(line, Trouble::Ussd { text }, Duration::ZERO);
    };
    let heard = |wanted: &str| {
        eventually("the network's words", || {
            let said = sim_in(&api, "line000").network_said?;
            (said.text == wanted).then_some(())
        });
    };
    say("Left: 3.20 EUR");
    heard("Left: 3.20 EUR");
    // In another alphabet, and only the last is kept.
    say("Осталось 3,10");
    heard("Осталось 3,10");
    assert_eq!(sim_in(&api, "line001").network_said, None);
    // It is no answer to anybody, and keeps no message from its SIM.
    let sim = sim_in(&api, "line000");
    let balance = ussd(&api, &sim, &json!({"code": "*100#"}));
    assert_eq!(balance.text.as_deref(), Some("Balance: 10.00"));
    assert_eq!(api.ended(&api.send(&numbered(1)).id).state, "delivered");
    heard("Осталось 3,10");
    let shown = site.simfleet(&["sims", "--verbose"]);
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(shown.contains("Осталось 3,10"), "{shown}");
    let log = daemon.stop().log;
    assert!(log.contains("TRACE"), "everything is logged");
    assert!(!log.contains("3.20") && !log.contains("Осталось"), "{log}");
    assert!(!log.contains("041E04410442"), "not in hexadecimal either");
}

#[test]
fn each_model_is_dialled_as_it_wants() {
    let (_site, daemon, api) = host(3, &["huawei", "zte", "m35"]);
    for line in ["line000", "line001", "line002"] {
        let said = ussd(&api, &sim_in(&api, line), &json!({"code": "*100#"}));
        assert_eq!(said.text.as_deref(), Some("Balance: 10.00"), "{line}");
    }
    daemon.stop();
}

#[test]
fn a_code_takes_the_only_sim_away_from_a_dialogue() {
    let (_site, daemon, api) = host(1, &[]);
    let sim = sim_in(&api, "line000");
    ussd(&api, &sim, &json!({"code": "*111#"}));
    let waits = api.send(&numbered(1));
    let otp = MessageRequest {
        class: Some("otp".to_owned()),
        ..numbered(2)
    };
    let code = api.send(&otp);
    assert_eq!(api.ended(&code.id).state, "delivered");
    assert_eq!(api.ended(&waits.id).state, "delivered");
    let reply = post(&api, &sim, &json!({"reply": "1"}));
    assert_eq!(
        reply,
        (409, "ussd_no_menu".to_owned()),
        "the dialogue is over"
    );
    // While the network thinks, the caller is told.
    let caller = {
        let (api, sim) = (api.clone(), sim.clone());
        std::thread::spawn(move || post(&api, &sim, &json!({"code": "*100#"})))
    };
    eventually("a dialogue is broken off", || {
        let code = api.send(&otp);
        api.ended(&code.id);
        caller.is_finished().then_some(())
    });
    assert_eq!(
        caller.join().expect("it does not panic"),
        (409, "ussd_broken_off".to_owned())
    );
    daemon.stop();
}

#[test]
fn what_can_not_be_dialled_says_why() {
    let (site, daemon, api) = host(1, &[]);
    let sim = sim_in(&api, "line000");
    for (body, status, code) in [
        (json!({}), 400, "malformed"),
        (json!({"code": "*100#", "reply": "1"}), 400, "malformed"),
        (json!({"code": ""}), 400, "malformed"),
        (json!({"code": "*100#\r"}), 400, "malformed"),
        (json!({"code": "**04*1234*0000*0000#"}), 400, "malformed"),
        (json!({"reply": "1"}), 409, "ussd_no_menu"),
    ] {
        assert_eq!(post(&api, &sim, &body), (status, code.to_owned()), "{body}");
    }
    let nobody = SimView {
        iccid: "8949000000000000000".to_owned(),
        ..sim.clone()
    };
    let code = json!({"code": "*100#"});
    assert_eq!(post(&api, &nobody, &code), (404, "not_found".to_owned()));
    site.fleet().unplug(0, Duration::from_secs(600));
    eventually("the SIM is gone", || {
        sim_in_any(&api, &sim).line.is_none().then_some(())
    });
    assert_eq!(post(&api, &sim, &code), (409, "sim_not_ready".to_owned()));
    daemon.stop();
}

#[test]
fn an_operator_types_a_command_on_a_paused_line() {
    let (_site, daemon, api) = host(2, &[]);
    let refused = |command: &str| {
        let answer = command_on(&api, "line000", command);
        (answer.status, answer.json::<Problem>().code)
    };
    assert_eq!(refused("AT+CSQ"), (409, "line_not_paused".to_owned()));
    pause(&api, "line000");
    assert_eq!(refused("AT+CMGS=20"), (422, "command_refused".to_owned()));
    assert_eq!(
        refused("AT+EGMR=1,7,\"490154203237518\""),
        (422, "command_refused".to_owned())
    );
    let read: CommandView = command_on(&api, "line000", "AT+CPIN?").json();
    assert_eq!(read.lines, ["+CPIN: READY", "OK"]);
    assert_eq!(
        (read.end.as_str(), read.command.as_str()),
        ("ok", "AT+CPIN?")
    );
    let unknown: CommandView = command_on(&api, "line000", "AT+XYZZY").json();
    assert_eq!(unknown.end, "refused");
    assert!(
        unknown
            .lines
            .last()
            .is_some_and(|line| line.contains("ERROR")),
        "{unknown:?}"
    );
    // What it changed is set back, and the line sends again.
    eventually("the line is set up anew", || {
        (line(&api, "line000").state == "ready").then_some(())
    });
    let text_mode: CommandView = command_on(&api, "line000", "AT+CMGF=1").json();
    assert_eq!(text_mode.end, "ok");
    api.post("/v1/lines/line000/resume", "application/json", b"")
        .expect("it answers");
    pause(&api, "line001");
    let sent = api.send(&numbered(1));
    let story = api.ended(&sent.id);
    assert_eq!(
        (story.state.as_str(), story.attempts[0].line.as_str()),
        ("delivered", "line000")
    );
    assert_eq!(line(&api, "line000").opens, 1, "the port stayed open");
    daemon.stop();
}

#[test]
fn the_command_line_talks_to_lines() {
    let (site, daemon, _) = host(1, &[]);
    let run = |arguments: &[&str], code: i32| -> (String, String) {
        let output = site.simfleet(arguments);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (out, err) = (text(&output.stdout), text(&output.stderr));
        assert_eq!(
            output.status.code(),
            Some(code),
            "{arguments:?}: {out}{err}"
        );
        (out, err)
    };
    assert_eq!(run(&["ussd", "line000", "*100#"], 0).0, "Balance: 10.00\n");
    let (menu, hint) = run(&["ussd", "line000", "*111#"], 0);
    assert_eq!(menu, "1 Balance\n2 My number\n0 End\n");
    assert!(hint.contains("--reply"), "{hint}");
    let (said, _) = run(&["ussd", "line000", "--reply", "1", "--json"], 0);
    let said: UssdView = serde_json::from_str(&said).expect("one object");
    assert_eq!(said.text.as_deref(), Some("Balance: 10.00"));
    let (_, fault) = run(&["ussd", "nobody", "*100#"], 1);
    assert!(fault.contains("simfleet sims"), "{fault}");
    let (_, fault) = run(&["line", "line000", "at", "AT+CSQ"], 1);
    assert!(fault.contains("simfleet pause line000"), "{fault}");
    run(&["pause", "line000"], 0);
    let (out, _) = run(&["line", "line000", "at", "AT+CGMM"], 0);
    assert!(out.ends_with("\nOK\n"), "{out}");
    let (_, fault) = run(&["line", "line000", "at", "ATD112;"], 1);
    assert!(fault.contains("dial"), "{fault}");
    daemon.stop();
}

#[test]
fn the_wire_is_shown_masked() {
    let (_site, daemon, api) = host(1, &[]);
    let sent = api.send(&numbered(1));
    api.ended(&sent.id);
    let masked = all(&trace(&api, ""));
    for part in [
        "to_modem AT+CMGS=",
        "hex digits›^Z",
        "+CMGS: ",
        "note ready",
    ] {
        assert!(masked.contains(part), "{part} in {masked}");
    }
    let iccid = sim_in(&api, "line000").iccid;
    // As it stands in the PDU: the digits of a pair change places.
    let number = "94510100";
    assert!(!masked.contains(number), "{masked}");
    assert!(!masked.contains(&iccid), "{masked}");
    assert!(!daemon.log().contains("unmasked"));
    let unmasked = all(&trace(&api, "?unmasked=true"));
    assert!(unmasked.contains(number), "{unmasked}");
    assert!(daemon.log().contains("unmasked"), "the log tells of it");
    for (query, status) in [("?failure=true&follow=true", 400), ("?wrong=1", 400)] {
        let target = format!("/v1/lines/line000/trace{query}");
        let answer = api.get(&target).expect("it answers");
        assert_eq!(answer.status, status, "{query}");
    }
    let nobody = api.get("/v1/lines/nobody/trace").expect("it answers");
    assert_eq!(nobody.status, 404);
    daemon.stop();
}

#[test]
fn the_wire_is_followed_and_a_failure_kept() {
    let (site, daemon, api) = host(1, &[]);
    assert_eq!(trace(&api, "?failure=true"), [], "nothing failed yet");
    site.fleet().restart(0);
    eventually("what led to the failure is kept", || {
        let failure = trace(&api, "?failure=true");
        let last = failure.last()?;
        (last.kind == "note").then_some(())
    });
    api.lines_ready(1);
    let follower = {
        let api = api.clone();
        std::thread::spawn(move || trace(&api, "?for_s=3"))
    };
    pause(&api, "line000");
    command_on(&api, "line000", "AT+CBC");
    let followed = all(&follower.join().expect("it does not panic"));
    assert!(followed.contains("to_modem AT+CBC\\r"), "{followed}");
    let shown = site.simfleet(&["line", "line000", "trace"]);
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(shown.contains(" > AT+CBC\\r\n"), "{shown}");
    daemon.stop();
}

fn trace(api: &Api, query: &str) -> Vec<TraceRecord> {
    let target = format!("/v1/lines/line000/trace{query}");
    let answer = api.get(&target).expect("it answers");
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.lines()
}

/// The records as text, one a line.
fn all(records: &[TraceRecord]) -> String {
    let show = |record: &TraceRecord| format!("{} {}\n", record.kind, record.text);
    records.iter().map(show).collect()
}

fn ussd(api: &Api, sim: &SimView, body: &serde_json::Value) -> UssdView {
    let target = format!("/v1/sims/{}/ussd", sim.iccid);
    let answer = api
        .post(&target, JSON, body.to_string().as_bytes())
        .expect("it answers");
    assert_eq!(answer.status, 200, "{body}: {}", answer.text());
    answer.json()
}

fn post(api: &Api, sim: &SimView, body: &serde_json::Value) -> (u16, String) {
    let target = format!("/v1/sims/{}/ussd", sim.iccid);
    let answer = api
        .post(&target, JSON, body.to_string().as_bytes())
        .expect("it answers");
    assert_ne!(answer.status, 200, "{}", answer.text());
    (answer.status, answer.json::<Problem>().code)
}

fn command_on(api: &Api, line: &str, command: &str) -> tests::Answer {
    let body = json!({"command": command}).to_string();
    let target = format!("/v1/lines/{line}/at");
    api.post(&target, JSON, body.as_bytes())
        .expect("it answers")
}

fn pause(api: &Api, line: &str) {
    let answer = api
        .post(&format!("/v1/lines/{line}/pause"), JSON, b"")
        .expect("it answers");
    assert_eq!(answer.status, 200, "{}", answer.text());
}

fn sim_in(api: &Api, line: &str) -> SimView {
    let mut sims = api.sims().into_iter();
    sims.find(|sim| sim.line.as_deref() == Some(line))
        .expect("there is a SIM in the line")
}

fn sim_in_any(api: &Api, wanted: &SimView) -> SimView {
    let mut sims = api.sims().into_iter();
    sims.find(|sim| sim.iccid == wanted.iccid)
        .expect("the SIM is known")
}

fn line(api: &Api, name: &str) -> LineView {
    let mut lines = api.lines().into_iter();
    lines
        .find(|line| line.name == name)
        .expect("the line is known")
}

const JSON: &str = "application/json";
