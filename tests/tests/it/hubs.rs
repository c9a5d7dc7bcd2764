//! A hub that is gone: the operator's own program brings it back, and everything is delivered.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use hw_sim::{Lines, Trouble};
use tests::{Site, SiteSettings, eventually, numbered};

#[test]
fn a_hub_that_is_gone_is_reset_and_everything_is_delivered() {
    let site = Site::new(SiteSettings {
        lines: 6,
        ..SiteSettings::default()
    });
    let asked = site.dir().join("asked");
    let port = site.dir().join("modems/line003");
    // As such programs do, it comes back when the ports have.
    let program = program(
        &site,
        &format!("echo please >> {asked:?}\nuntil [ -e {port:?} ]; do sleep 0.05; done"),
    );
    site.configure("", &hub(&site, &program));
    let daemon = site.start_ready();
    let api = site.api();
    let messages: Vec<_> = (0..90).map(numbered).collect();
    api.upload_all(&messages[..30]);
    api.counts("the first have ended", |counts| counts.ended == 30);

    gone(&site, Duration::from_secs(3_600));
    api.upload_all(&messages[30..60]);
    eventually("the program was asked", || asked.exists().then_some(()));
    let status = api.status();
    assert_eq!(status.hubs[0].state, "resetting", "{:?}", status.hubs);
    gone(&site, Duration::ZERO);
    api.lines_ready(6);
    api.upload_all(&messages[60..]);
    let counts = api.counts("all have ended", |counts| counts.ended == 90);
    assert_eq!(counts.delivered, 90, "{counts:?}");

    assert_eq!(fs::read_to_string(&asked).unwrap(), "please\n", "once");
    let [hub] = api.status().hubs.try_into().unwrap();
    assert_eq!(
        (&*hub.state, hub.lines, hub.gone, hub.resets["done"]),
        ("well", 4, 0, 1),
        "{hub:?}"
    );
    for (number, line) in api.lines().iter().enumerate() {
        let is_on_hub = number < 4;
        assert_eq!(line.hub.as_deref(), is_on_hub.then_some("rack1"));
        let rung = line.last_recovery.as_ref().map(|last| &*last.rung);
        assert_eq!(rung, is_on_hub.then_some("power"), "{line:?}");
    }
    let metrics = api.get("/metrics").unwrap().body;
    let metrics = String::from_utf8(metrics).unwrap();
    let series = "simfleet_hub_resets_total{hub=\"rack1\",result=\"done\"} 1";
    assert!(metrics.contains(series), "{metrics}");
    let shown = |arguments: &[&str]| String::from_utf8(site.simfleet(arguments).stdout).unwrap();
    let (status, lines) = (shown(&["status"]), shown(&["lines", "-v"]));
    assert!(
        status.contains("rack1: well; 4 lines, 0 gone; resets: 1 done"),
        "{status}"
    );
    assert!(
        lines.contains("rack1") && lines.contains("power 1"),
        "{lines}"
    );
    assert!(
        daemon.log().contains("4 of its 4 lines are gone"),
        "{}",
        daemon.log()
    );
    daemon.stop();
}

#[test]
fn a_program_that_fails_is_told_and_not_asked_again_at_once() {
    let site = Site::new(SiteSettings {
        lines: 5,
        ..SiteSettings::default()
    });
    let asked = site.dir().join("asked");
    let program = program(
        &site,
        &format!("echo please >> {asked:?}\necho 'no such hub' >&2\nexit 7"),
    );
    site.configure("", &hub(&site, &program));
    let daemon = site.start_ready();
    let api = site.api();
    gone(&site, Duration::from_secs(3_600));
    let hub = eventually("it failed", || {
        let hub = api.status().hubs.pop()?;
        (hub.resets["failed"] == 1).then_some(hub)
    });
    assert_eq!(hub.last_result.as_deref(), Some("failed"));
    // The lines are still gone: it is wanted again, when its limits allow it.
    assert_eq!(hub.state, "wanted", "{hub:?}");
    assert!(hub.not_before.is_some(), "{hub:?}");
    let log = daemon.log();
    assert!(
        log.contains("exit status: 7") && log.contains("no such hub"),
        "{log}"
    );
    // The line beside it works, and the others come back by themselves.
    let messages: Vec<_> = (0..10).map(numbered).collect();
    api.upload_all(&messages);
    api.counts("all have ended", |counts| counts.delivered == 10);
    assert_eq!(fs::read_to_string(&asked).unwrap(), "please\n");
    daemon.stop();

    // A daemon that is started again keeps to the limits of the last one.
    gone(&site, Duration::ZERO);
    let daemon = site.start_ready();
    gone(&site, Duration::from_secs(3_600));
    let hub = eventually("it is wanted again", || {
        let hub = site.api().status().hubs.pop()?;
        (hub.state != "well").then_some(hub)
    });
    assert_eq!(hub.state, "wanted", "{hub:?}");
    assert!(hub.not_before.is_some(), "{hub:?}");
    assert_eq!(fs::read_to_string(&asked).unwrap(), "please\n");
    daemon.stop();
}

/// The ports of the hub's four lines are gone for so long from now on.
fn gone(site: &Site, lasts: Duration) {
    let lines = Lines::Ranges(vec![(0, 3)]);
    site.fleet()
        .trouble(lines, Trouble::Unplug { renamed: false }, lasts);
}

fn program(site: &Site, script: &str) -> PathBuf {
    let path = site.dir().join("cycle");
    fs::write(&path, format!("#!/bin/sh\n{script}\n")).expect("the folder can be written to");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("the file is ours");
    path
}

fn hub(site: &Site, program: &Path) -> String {
    let lines = site.dir().join("modems/line00[0-3]");
    format!(
        "[[hubs]]\nname = \"rack1\"\nlines = [{lines:?}]\nreset_command = [{program:?}]\ngone_for = \"1s\"\n"
    )
}
