//! How long a start takes with a store of many messages that wait, and what memory it takes.

use std::path::Path;
use std::time::Instant;

use gateway::{
    Budget, Class, Effect, Gateway, Input, LineId, MessageId, Now, RawRequest, ReplyTo, Route,
    Settings, SimSettings, Turn, UnixMs, admit,
};
use modem::{Event, ModemIdentity, OwnNumber, Session, SimIdentity};
use store::SqliteStore;
use uuid::Uuid;

use crate::journal::{BEGIN_MS, iccid};

/// Opens the store, recovers the gateway, accepts a message, and sends one as soon as a SIM is there.
pub(crate) fn start(dir: &Path, last_seq: u64) {
    let before = resident_mib();
    let begun = Instant::now();
    let passed = |what: &str| {
        let ms = begun.elapsed().as_secs_f64() * 1e3;
        println!("start: {what} after {ms:.0} ms");
    };
    let mut store = SqliteStore::open(dir).expect("the store");
    passed("the store is open");
    let settings = settings();
    let mut gateway = Gateway::new(settings.clone());
    let now = Now {
        mono: Instant::now(),
        wall: UnixMs(BEGIN_MS + last_seq.cast_signed()),
    };
    gateway.recover(now, &mut store).expect("a recovery");
    passed("the gateway knows what waits (pages cached by the system)");

    let mut out = Turn::default();
    let mut turn = |mut inputs: Vec<Input>| {
        let done = gateway.turn(now, &mut inputs, &mut store, &mut out);
        done.expect("a commit");
        std::mem::take(&mut out.effects)
    };
    let effects = turn(vec![one_more(&settings)]);
    assert!(matches!(effects[..], [Effect::Reply { .. }]), "{effects:?}");
    passed("the first message is accepted");
    let effects = turn(line_with_sim());
    let is_sent = |effect: &Effect| matches!(effect, Effect::Submit { .. });
    assert!(effects.iter().any(is_sent), "{effects:?}");
    passed("the first part goes to a line");
    println!(
        "start: memory {before} MiB before it, {} MiB after it",
        resident_mib()
    );
}

fn one_more(settings: &Settings) -> Input {
    let raw = RawRequest {
        to: "+4915112345678",
        text: "Your code is 123456",
        class: Some(Class::Otp),
        ..RawRequest::default()
    };
    let id = MessageId(Uuid::from_u128(1));
    Input::Accept {
        reply: ReplyTo(1),
        request: Box::new(admit(settings, id, &raw).expect("a good message")),
    }
}

fn line_with_sim() -> Vec<Input> {
    let line = LineId(1);
    let sim = SimIdentity {
        iccid: iccid(gateway::MessageSeq(1)),
        imsi: "262010000000001".to_owned(),
        number: OwnNumber::default(),
    };
    let (session, modem) = (Session(1), ModemIdentity::default());
    let event = Event::Ready {
        session,
        sim,
        modem,
    };
    let name = "line001".into();
    vec![Input::LineAdded { line, name }, Input::Line { line, event }]
}

fn settings() -> Settings {
    let budget = Budget {
        limits: [None, None, Some(1_000_000), Some(30_000_000)],
        ..Budget::default()
    };
    Settings {
        queued_max: 2_000_000,
        sims_default: SimSettings {
            budget,
            ..SimSettings::default()
        },
        routes: vec![Route::default()],
        ..Settings::default()
    }
}

/// By `/proc/self/status`; 0 where there is none.
fn resident_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|rest| rest.split_whitespace().next());
    kib.and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) >> 10
}
