//! The disk below the store fails in the middle of traffic: nothing that was accepted is lost, nothing goes out twice, and
//! the daemon says what to do.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use client::{Accepted, EventView, MessageRequest};
use rustix::process::{Pid, Resource, Rlimit, prlimit};
use tests::{Api, Daemon, Site, SiteSettings, Volume, eventually, judge, numbered};

#[test]
fn a_disk_that_others_fill_to_the_last_page_costs_nothing_that_was_accepted() {
    let site = Site::new(busy());
    let Some(volume) = Volume::mount(&site.state_dir(), 64) else {
        return;
    };
    let api = site.api();
    let daemon = site.start_by(&volume.entrance());
    api.lines_ready(LINES);
    let traffic = Traffic::begin(&api);

    volume.fill_but(12 << 20);
    eventually("the daemon has seen it", || {
        (!api.status().accepting).then_some(())
    });
    let body = serde_json::to_vec(&numbered(MESSAGES)).expect("a request is strings");
    let refused = api
        .post("/v1/messages", "application/json", &body)
        .expect("it answers");
    assert_eq!(refused.status, 507, "{}", refused.text());
    volume.fill();
    let ended = daemon.ended();
    assert_eq!(ended.status.code(), Some(1), "{}", ended.log);
    assert!(ended.log.contains("is full: make room"), "{}", ended.log);
    let again = site.spawn_by(&volume.entrance(), &site.config()).ended();
    assert_eq!(again.status.code(), Some(1), "{}", again.log);
    assert!(!again.log.contains("panicked"), "{}", again.log);

    volume.make_room();
    let daemon = site.start_by(&volume.entrance());
    traffic.ends_well(&site);
    daemon.stop();
}

#[test]
fn a_disk_that_can_only_be_read_is_named_at_the_start() {
    let site = Site::new(busy());
    let Some(volume) = Volume::mount(&site.state_dir(), 64) else {
        return;
    };
    let api = site.api();
    let daemon = site.start_by(&volume.entrance());
    api.lines_ready(LINES);
    let traffic = Traffic::begin(&api);
    daemon.stop();

    volume.remount("ro");
    let refused = site.spawn_by(&volume.entrance(), &site.config()).ended();
    assert_eq!(refused.status.code(), Some(1), "{}", refused.log);
    assert!(
        refused.log.to_lowercase().contains("read-only file system"),
        "it says why: {}",
        refused.log
    );

    volume.remount("rw");
    let daemon = site.start_by(&volume.entrance());
    traffic.ends_well(&site);
    daemon.stop();
}

/// A limit on the size of files makes a write of the log end midway, as a disk does that fails within a page.
#[test]
fn a_write_that_ends_midway_costs_nothing_that_was_accepted() {
    let site = Site::new(busy());
    let api = site.api();
    // The signal that comes with the limit would end any process that has not said otherwise.
    let patient = ["sh", "-c", "trap '' XFSZ; exec \"$0\" \"$@\""].map(Into::into);
    let daemon = site.start_by(&patient);
    api.lines_ready(LINES);
    let traffic = Traffic::begin(&api);

    limit_files(
        &daemon,
        std::fs::metadata(site.state_dir().join("simfleet.db-wal"))
            .expect("a log")
            .len()
            + 6_000,
    );
    let ended = daemon.ended();
    assert_eq!(ended.status.code(), Some(1), "{}", ended.log);
    assert!(ended.log.contains("simfleet.db"), "{}", ended.log);
    assert!(!ended.log.contains("panicked"), "{}", ended.log);

    let daemon = site.start_ready();
    traffic.ends_well(&site);
    daemon.stop();
}

/// Who asks for events and then does not read them holds nothing but a socket: no snapshot of the store.
#[test]
fn a_reader_who_stands_still_keeps_nothing_in_the_log_and_misses_nothing() {
    let site = Site::new(SiteSettings {
        sms_time: Duration::from_millis(1),
        ..SiteSettings::default()
    });
    let api = site.api();
    let daemon = site.start_ready();
    let mut reader = UnixStream::connect(site.socket()).expect("the daemon listens");
    let ask = b"GET /v1/events?after=0 HTTP/1.1\r\nhost: simfleet\r\naccept: application/x-ndjson\r\n\r\n";
    reader.write_all(ask).expect("it takes a request");
    let messages: Vec<_> = (0..1_000).map(numbered).collect();
    api.upload_all(&messages);
    api.counts("all are delivered", |counts| counts.delivered == 1_000);
    let log = site.state_dir().join("simfleet.db-wal");
    eventually("the log is emptied", || {
        let length = std::fs::metadata(&log).expect("a log").len();
        (length == 0).then_some(())
    });
    let events = api.events(0);
    let octets: usize = events.iter().map(|event| to_line(event).len()).sum();
    assert!(
        octets > 512 << 10,
        "more than the socket's buffers hold: {octets}"
    );

    let last = to_line(events.last().expect("there are events"));
    let (mut seen, mut piece) = (String::new(), vec![0; 64 << 10]);
    while !seen.contains(&last) {
        let length = reader.read(&mut piece).expect("it sends on");
        assert!(length > 0, "the stream goes on");
        seen.push_str(std::str::from_utf8(&piece[..length]).expect("events are ASCII"));
    }
    let missed = events
        .iter()
        .filter(|event| !seen.contains(&to_line(event)));
    assert_eq!(missed.count(), 0);
    daemon.stop();
}

fn to_line(event: &EventView) -> String {
    serde_json::to_string(event).expect("strings and numbers") + "\n"
}

/// Lines that are at work for some seconds.
fn busy() -> SiteSettings {
    SiteSettings {
        lines: LINES,
        gateway: "min_free_disk_mib = 16".to_owned(),
        sections: "[class.notification]\nin_doubt = \"hold\"".to_owned(),
        ..SiteSettings::default()
    }
}

/// Messages, and those of them that were accepted.
struct Traffic {
    accepted: Vec<(MessageRequest, Accepted)>,
}

impl Traffic {
    /// Hands over what keeps the lines busy, and returns when some of it is delivered.
    fn begin(api: &Api) -> Traffic {
        let messages: Vec<_> = (0..MESSAGES).map(numbered).collect();
        let accepted = api.upload_all(&messages);
        api.counts("some are delivered", |counts| {
            counts.delivered >= LINES as u64
        });
        Traffic {
            accepted: messages.into_iter().zip(accepted).collect(),
        }
    }

    /// All that was accepted comes to an end, once on the air; what was with a line when the daemon died may be in doubt.
    fn ends_well(self, site: &Site) {
        let api = site.api();
        api.counts("nothing waits", |counts| {
            counts.queued + counts.sending == 0
        });
        let all = self.accepted.len() as u64;
        let story =
            |(message, accepted): (MessageRequest, Accepted)| (message, api.message(&accepted.id));
        let stories: Vec<_> = self.accepted.into_iter().map(story).collect();
        let judgement = judge(&site.ledger(), &api.events(0), &stories);
        assert_eq!(judgement.duplicates, 0, "{judgement:?}");
        assert_eq!(
            judgement.on_air + judgement.not_on_air,
            all,
            "{judgement:?}"
        );
        assert!(
            judgement.doubtful <= LINES as u64 && judgement.not_on_air <= judgement.doubtful,
            "one part a line is in doubt at most: {judgement:?}"
        );
    }
}

fn limit_files(daemon: &Daemon, octets: u64) {
    let pid = i32::try_from(daemon.pid()).ok().and_then(Pid::from_raw);
    let limit = Rlimit {
        current: Some(octets),
        maximum: None,
    };
    prlimit(pid, Resource::Fsize, limit).expect("it is our child");
}

const LINES: usize = 4;
/// At 50 ms each, more than three seconds of work.
const MESSAGES: usize = 300;
