//! Ports that vanish, are busy, make noise or are not there: that line's trouble, and nobody else's.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use client::LineView;
use hw_sim::{Faults, Fleet, FleetSettings, GarbageFault, NoiseFault, RebootFault};
use rustix::fs::{FlockOperation, Mode, OFlags, flock};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use tests::{Site, SiteSettings, eventually, judge, numbered};

#[test]
fn a_port_that_goes_away_and_comes_back_is_used_again() {
    let site = Site::new(SiteSettings {
        lines: 2,
        sections: HOLD.to_owned(),
        ..SiteSettings::default()
    });
    let daemon = site.start_ready();
    let api = site.api();
    let messages: Vec<_> = (0..40).map(numbered).collect();
    let accepted = api.upload_all(&messages[..20]);
    eventually("parts are on the air", || {
        (site.parts_on_air() >= 5).then_some(())
    });
    site.fleet().unplug(0, Duration::from_secs(1));
    eventually("the loss is seen", || {
        let line = line(&site, "line000");
        (line.state != "ready" && line.state != "sending").then_some(())
    });
    eventually("the line is back", || {
        let line = line(&site, "line000");
        (line.opens >= 2 && line.state == "ready").then_some(())
    });
    let more = api.upload_all(&messages[20..]);
    api.counts("all are sent", |counts| counts.queued + counts.sending == 0);
    let stories = accepted
        .iter()
        .chain(&more)
        .map(|accepted| api.message(&accepted.id));
    let stories: Vec<_> = messages.into_iter().zip(stories).collect();
    let judgement = judge(&site.ledger(), &api.events(0), &stories);
    assert_eq!(judgement.duplicates, 0, "{judgement:?}");
    assert!(judgement.not_on_air <= judgement.doubtful, "{judgement:?}");
    let other = line(&site, "line001");
    assert_eq!(
        (other.opens, other.error),
        (1, None),
        "the other line was not touched"
    );
    let again = hw_sim::Audit::of(&site.ledger()).per_sim_min(2);
    assert!(again > 0, "both lines were used");
    daemon.stop();
}

#[test]
fn noise_and_silence_on_some_lines_do_not_delay_the_others() {
    let site = Site::new(SiteSettings {
        lines: 4,
        ..SiteSettings::default()
    });
    let noise = Terminal::open(true);
    let silence = Terminal::open(false);
    let missing = site.dir().join("missing");
    let folder = site.dir().to_owned();
    let file = site.config();
    let odd = [
        ("noise", noise.path()),
        ("silence", silence.path()),
        ("missing", &missing),
        ("folder", &folder),
        ("file", &file),
    ];
    let entry =
        |(name, path): &(&str, &Path)| format!("[[lines]]\nname = \"{name}\"\npath = {path:?}\n");
    site.configure("", &odd.iter().map(entry).collect::<String>());
    let daemon = site.start_ready();
    let api = site.api();
    eventually("the noise is heard", || {
        (line(&site, "noise").garbage_bytes > 0).then_some(())
    });
    let messages: Vec<_> = (0..100).map(numbered).collect();
    let accepted = api.upload_all(&messages);
    let counts = api.counts("all have ended", |counts| counts.ended == 100);
    assert_eq!(counts.delivered, 100, "{counts:?}");
    let stories = accepted.iter().map(|accepted| api.message(&accepted.id));
    let stories: Vec<_> = messages.into_iter().zip(stories).collect();
    let judgement = judge(&site.ledger(), &api.events(0), &stories);
    assert_eq!(
        (judgement.on_air, judgement.duplicates),
        (100, 0),
        "{judgement:?}"
    );
    for line in api.lines() {
        if line.name.starts_with("line") {
            assert_eq!((line.state.as_str(), line.opens), ("ready", 1), "{line:?}");
        } else {
            assert_ne!(line.state, "ready", "{line:?}");
        }
    }
    for name in ["missing", "folder", "file"] {
        let line = line(&site, name);
        assert!(
            line.error.is_some(),
            "it says why it does not work: {line:?}"
        );
    }
    daemon.stop();
}

#[test]
fn modems_that_babble_lose_no_message_and_send_none_twice() {
    let site = Site::new(SiteSettings {
        lines: 4,
        sections: HOLD.to_owned(),
        faults: Faults {
            garbage: GarbageFault {
                every: Some(Duration::from_millis(300)),
                bytes_max: 64,
            },
            noise: NoiseFault {
                every: Some(Duration::from_millis(20)),
            },
            ..Faults::default()
        },
        ..SiteSettings::default()
    });
    let daemon = site.start();
    let api = site.api();
    api.lines_ready(1);
    let messages: Vec<_> = (0..100).map(numbered).collect();
    let accepted = api.upload_all(&messages);
    eventually("half of them are on the air", || {
        (site.parts_on_air() >= 50).then_some(())
    });
    site.fleet().set_faults(Faults::default());
    api.counts("all are sent", |counts| counts.queued + counts.sending == 0);
    let stories = accepted.iter().map(|accepted| api.message(&accepted.id));
    let stories: Vec<_> = messages.into_iter().zip(stories).collect();
    let judgement = judge(&site.ledger(), &api.events(0), &stories);
    assert_eq!(judgement.duplicates, 0, "{judgement:?}");
    assert!(judgement.not_on_air <= judgement.doubtful, "{judgement:?}");
    daemon.stop();
}

#[test]
fn a_modem_that_restarts_is_set_up_again() {
    let site = Site::new(SiteSettings {
        lines: 2,
        sms_time: Duration::from_millis(150),
        sections: HOLD.to_owned(),
        faults: Faults {
            reboot: RebootFault {
                every: None,
                boot: Duration::from_millis(300)..=Duration::from_millis(600),
            },
            ..Faults::default()
        },
        ..SiteSettings::default()
    });
    let daemon = site.start_ready();
    let api = site.api();
    let messages: Vec<_> = (0..40).map(numbered).collect();
    let accepted = api.upload_all(&messages);
    eventually("parts are on the air", || {
        (site.parts_on_air() >= 4).then_some(())
    });
    site.fleet().restart(0);
    eventually("the restart is seen", || {
        let line = line(&site, "line000");
        (line.state != "ready" && line.state != "sending").then_some(())
    });
    api.lines_ready(2);
    api.counts("all are sent", |counts| counts.queued + counts.sending == 0);
    let stories = accepted.iter().map(|accepted| api.message(&accepted.id));
    let stories: Vec<_> = messages.into_iter().zip(stories).collect();
    let judgement = judge(&site.ledger(), &api.events(0), &stories);
    assert_eq!(judgement.duplicates, 0, "{judgement:?}");
    assert!(judgement.not_on_air <= judgement.doubtful, "{judgement:?}");
    assert!(
        judgement.doubtful <= 2,
        "one line had two parts at most: {judgement:?}"
    );
    daemon.stop();
}

#[test]
fn a_busy_port_says_so_and_is_used_when_it_is_free() {
    let site = Site::new(SiteSettings {
        lines: 2,
        ..SiteSettings::default()
    });
    let port = site.dir().join("modems/line000");
    let other = rustix::fs::open(
        &port,
        OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC,
        Mode::empty(),
    );
    let other = other.expect("the port can be opened");
    flock(&other, FlockOperation::NonBlockingLockExclusive).expect("nobody else has it");
    let daemon = site.start();
    let error = eventually("the trouble is told", || line(&site, "line000").error);
    assert!(error.contains("busy"), "{error}");
    site.api().lines_ready(1);
    drop(other);
    site.api().lines_ready(2);
    assert_eq!(
        line(&site, "line000").error,
        None,
        "nothing is wrong any more"
    );
    daemon.stop();
}

#[test]
fn a_pattern_that_finds_nothing_waits_for_ports_to_come() {
    let site = Site::new(SiteSettings {
        lines: 1,
        ..SiteSettings::default()
    });
    let later = site.dir().join("later");
    site.configure(
        "",
        &format!(
            "[[lines]]\nname = \"later\"\npath = \"{}/line*\"\n",
            later.display()
        ),
    );
    let check = site.simfleet(&["check", "--config", "simfleet.toml"]);
    assert_eq!(check.status.code(), Some(0), "it is no fault");
    let daemon = site.start_ready();
    assert_eq!(site.api().lines().len(), 1);
    assert!(
        daemon.log().contains(&*later.to_string_lossy()),
        "but it is told: {}",
        daemon.log()
    );
    let fleet = Fleet::start(FleetSettings {
        dir: later,
        lines: 3,
        ..FleetSettings::default()
    });
    let fleet = fleet.expect("more modems start");
    eventually("the new ports are found", || {
        (site.api().lines().len() == 4).then_some(())
    });
    daemon.stop();
    fleet.stop();
}

#[test]
fn a_clone_of_a_sim_sends_nothing_until_the_first_is_gone() {
    let site = Site::new(SiteSettings {
        lines: 1,
        ..SiteSettings::default()
    });
    let dir = site.dir().join("clone");
    let port = dir.join("line000");
    let section = format!("[[lines]]\nname = \"clone\"\npath = {port:?}\n");
    site.configure("", &section);
    let daemon = site.start();
    let api = site.api();
    eventually("the first has the SIM", || {
        line(&site, "line000").sim.filter(|_| api.sims().len() == 1)
    });
    // The modems of every fleet have the same SIMs.
    let fleet = Fleet::start(FleetSettings {
        dir,
        lines: 1,
        ..FleetSettings::default()
    });
    let fleet = fleet.expect("another modem starts");
    let held = eventually("the clone is held back", || {
        Some(line(&site, "clone")).filter(|line| line.same_sim_as.is_some())
    });
    assert_eq!(held.same_sim_as.as_deref(), Some("line000"));
    assert_eq!(held.sim, line(&site, "line000").sim);
    let messages: Vec<_> = (0..8).map(numbered).collect();
    api.upload_all(&messages[..4]);
    api.counts("the first sends", |counts| counts.delivered == 4);
    assert_eq!((site.submits().len(), api.sims().len()), (4, 1));

    site.fleet().unplug(0, Duration::from_secs(3_600));
    api.upload_all(&messages[4..]);
    api.counts("the clone takes over", |counts| counts.delivered == 8);
    assert_eq!(site.submits().len(), 4, "the other four went by the clone");
    assert_eq!(line(&site, "clone").same_sim_as, None);
    let [sim] = api.sims().try_into().expect("one SIM, with one budget");
    assert_eq!((sim.line.as_deref(), sim.sent), (Some("clone"), 8));
    let log = daemon.log();
    assert!(log.contains("another line has its SIM already"), "{log}");
    let metrics = api.get("/metrics").unwrap().text();
    assert!(metrics.contains("\nsimfleet_lines_same_sim 0"), "{metrics}");
    daemon.stop();
    fleet.stop();
}

fn line(site: &Site, name: &str) -> LineView {
    let mut lines = site.api().lines().into_iter();
    let found = lines.find(|line| line.name == name);
    found.unwrap_or_else(|| panic!("there is no line {name}"))
}

/// A port without a modem: it makes noise without end, or says nothing at all.
struct Terminal {
    path: PathBuf,
    ended: Arc<AtomicBool>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Terminal {
    fn open(is_noisy: bool) -> Terminal {
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
        let master = openpt(flags).expect("the system has pseudo-terminals");
        grantpt(&master).expect("it is ours");
        unlockpt(&master).expect("it is ours");
        let name = ptsname(&master, Vec::new()).expect("it has a name");
        let path = PathBuf::from(name.into_string().expect("the name is ASCII"));
        rustix::io::ioctl_fionbio(&master, true).expect("it can be made non-blocking");
        let ended = Arc::new(AtomicBool::new(false));
        let mut port = std::fs::File::from(master);
        let is_over = Arc::clone(&ended);
        let thread = std::thread::spawn(move || {
            let mut noise: Vec<u8> = Vec::new();
            let mut heard = [0; 4096];
            let mut state = 1_u32;
            while !is_over.load(Ordering::Relaxed) {
                if is_noisy {
                    noise.clear();
                    noise.extend((0..512).map(|_| {
                        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                        state.to_be_bytes()[0]
                    }));
                    // Full, or nobody listens: both are fine.
                    let _ = port.write(&noise);
                }
                let _ = port.read(&mut heard);
                std::thread::sleep(Duration::from_millis(5));
            }
        });
        Terminal {
            path,
            ended,
            thread: Some(thread),
        }
    }

    fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

const HOLD: &str = "[class.notification]\nin_doubt = \"hold\"\n";
