//! How long a turn takes with a million messages waiting and 512 SIMs, and what a waiting message costs in memory:
//! `cargo bench -p gateway`.
//!
//! The store forgets everything at once, so this is the gateway's own share of a turn: no disk, no threads, one core.
//! Times are the thread's time on the processor: what else the machine does is not in them. Asserts nothing about time: the
//! numbers depend on the machine.
#![expect(clippy::disallowed_methods, reason = "a benchmark needs the clock")]

use std::convert::Infallible;
use std::time::{Duration, Instant};

use gateway::{
    Budget, Class, Effect, Entry, Gateway, Input, KnownKey, KnownMessage, LineId, MessageId,
    MessageSeq, Now, RawRequest, Record, ReplyTo, Rotation, Route, RouteQuery, Settings, SimFilter,
    SimSettings, Store, Turn, UnixMs, admit,
};
use modem::{Event, Iccid, ModemIdentity, Outcome, OwnNumber, Session, SimIdentity, Ticket};
use rustix::time::{ClockId, clock_gettime};
use sms::Address;
use uuid::Uuid;

fn main() {
    println!("{MESSAGES} messages, {SIMS} SIMs; times in µs a turn");
    println!(
        "{:<58} {:>7} {:>9} {:>9} {:>9}",
        "", "turns", "p50", "p99", "max"
    );
    let rotations = [Rotation::Headroom, Rotation::RoundRobin, Rotation::Sticky];
    let scenes: [(&str, &dyn Fn()); 6] = [
        ("million", &|| {
            rotations.into_iter().for_each(with_a_million_waiting)
        }),
        ("long", &long_messages),
        ("choice", &|| ROTATIONS.into_iter().for_each(choice_alone)),
        ("idle", &|| {
            rotations.into_iter().for_each(choice_among_idle)
        }),
        ("lanes", &many_lanes),
        ("recovery", &recovery),
    ];
    // `cargo bench -p gateway -- long choice` takes these scenes only.
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let wanted: Vec<&String> = wanted
        .iter()
        .filter(|word| !word.starts_with("--"))
        .collect();
    for (name, scene) in scenes {
        if wanted.is_empty() || wanted.iter().any(|word| *word == name) {
            scene();
        }
    }
}

/// Accepts a million, then lets the lines work on them.
fn with_a_million_waiting(rotation: Rotation) {
    let name = rotation.as_str();
    let mut desk = Desk::new(rotation);
    let before_kib = resident_kib();
    let accepted = desk.fill(&format!("{name}: a turn that accepts 256"));
    let used_kib = resident_kib().saturating_sub(before_kib);
    // Only the first of this process: a later one gets the memory that an earlier one has freed.
    if before_kib < used_kib {
        let bytes = used_kib * 1024 / accepted;
        println!(
            "{:<58} {bytes:>7}",
            format!("{name}: bytes of resident memory a waiting message")
        );
    }

    let plugged = time(|| desk.plug());
    println!(
        "{:<58} {:>7} {plugged:>9.1}",
        format!("{name}: the turns in which all SIMs come and get a part"),
        1
    );

    let mut times = Times::default();
    for _ in 0..TURNS {
        let line = desk.oldest();
        desk.finish(line);
        times.add(desk.turn());
    }
    times.print(&format!("{name}: a part finishes, the next one starts"));

    let mut times = Times::default();
    for _ in 0..TURNS / 10 {
        for _ in 0..64 {
            let line = desk.oldest();
            desk.finish(line);
        }
        times.add(desk.turn());
    }
    times.print(&format!("{name}: 64 parts finish, 64 start"));

    let mut times = Times::default();
    for _ in 0..TURNS / 10 {
        desk.offer(Class::Otp, "123456");
        times.add(desk.turn());
    }
    times.print(&format!("{name}: a code is accepted and waits for a SIM"));
}

/// Many lines continue a long message in the same turn, before a million others.
fn long_messages() {
    let mut desk = Desk::new(Rotation::Headroom);
    let text = "x".repeat(153 * 10);
    (0..SIMS * 20).for_each(|_| desk.offer(Class::Bulk, &text));
    desk.turn();
    desk.fill("headroom: a turn that accepts 256 behind long ones");
    desk.store.text = text.as_str().into();
    desk.plug();
    // As many as the daemon gives to one turn, and a whole fleet; what a turn leaves is begun in the next, which comes at
    // once.
    for (finish, turns) in [(192, 2), (SIMS, 4)] {
        let mut times = Times::default();
        for _ in 0..200 {
            for _ in 0..finish {
                let line = desk.oldest();
                desk.finish(line);
            }
            (0..turns).for_each(|_| times.add(desk.turn()));
        }
        times.print(&format!(
            "{finish} parts of long messages finish, their next ones start"
        ));
    }
}

/// All SIMs are free, and one of them is chosen: no turn, no record.
fn choice_alone(rotation: Rotation) {
    let mut desk = Desk::new(rotation);
    desk.plug();
    // Each has sent, so that it is known how long it takes.
    for _ in 0..SIMS * 2 {
        desk.offer(Class::Otp, "123456");
        desk.turn();
        let line = desk.oldest();
        desk.finish(line);
        desk.turn();
    }
    let mut times = Times::default();
    for number in 0..TURNS {
        let query = RouteQuery {
            to: Address::parse(&format!("+49151{number:08}")).expect("a number"),
            class: Class::Notification,
            app: None,
            route: None,
            parts: 1,
        };
        let begun = on_processor();
        let chosen = desk.gateway.choice(desk.now, &query, 0);
        times.add(on_processor() - begun);
        assert!(chosen.is_some(), "all are free");
    }
    let name = rotation.as_str();
    times.print(&format!(
        "{name}: one of 512 free SIMs is chosen, and that alone"
    ));
}

/// All SIMs are free: a code picks one of them.
fn choice_among_idle(rotation: Rotation) {
    let mut desk = Desk::new(rotation);
    desk.plug();
    let mut times = Times::default();
    for _ in 0..TURNS {
        desk.offer(Class::Otp, "123456");
        times.add(desk.turn());
        let line = desk.oldest();
        desk.finish(line);
        desk.turn();
    }
    times.print(&format!(
        "{}: a code is accepted and one of 512 free SIMs chosen",
        rotation.as_str()
    ));
}

/// Every SIM has settings of its own, and 64 apps have messages waiting on each of eight routes.
fn many_lanes() {
    let mut settings = settings(Rotation::Headroom);
    let own = settings.sims_default.clone();
    settings.routes = (0..8)
        .map(|route| Route {
            name: format!("route {route}").into(),
            prefixes: vec![format!("+4915{route}").into()],
            sims: SimFilter {
                labels: vec![format!("group {}", route % 4).into()],
                ..SimFilter::default()
            },
            fallback: vec!["route 0".into()],
            ..Route::default()
        })
        .collect();
    for sim in 0..SIMS {
        let settings_of = SimSettings {
            label: Some(format!("group {}", sim % 4).into()),
            ..own.clone()
        };
        settings.sims.insert(iccid(sim), settings_of);
    }
    let mut desk = Desk::with(settings);
    for message in 0..MESSAGES / 4 {
        let to = format!("+4915{}{:07}", message % 8, message);
        let app = format!("app {}", message / 8 % 64);
        desk.offer_to(&to, Class::Bulk, TEXT, Some(&app));
        if message % BATCH == 0 {
            desk.turn();
        }
    }
    desk.turn();
    desk.plug();
    let mut times = Times::default();
    for _ in 0..TURNS / 10 {
        for _ in 0..64 {
            let line = desk.oldest();
            desk.finish(line);
        }
        times.add(desk.turn());
    }
    times.print("64 apps on 8 routes wait: 64 parts finish, 64 start");
}

/// A restart with a million waiting: the gateway's share of it.
fn recovery() {
    let mut desk = Desk::new(Rotation::Headroom);
    let mut entries = Vec::new();
    for _ in 0..MESSAGES / BATCH {
        (0..BATCH).for_each(|_| desk.offer(Class::Bulk, TEXT));
        desk.turn();
        entries.append(&mut desk.out.entries);
    }
    entries.retain(|entry| matches!(entry.record, Record::Accepted(_)));
    let count = entries.len();
    let mut recovered = Gateway::new(settings(Rotation::Headroom));
    let now = desk.now;
    let us = time(|| {
        let Ok(()) = recovered.recover(now, &mut Replay(entries));
    });
    println!(
        "{:<58} {:>7} {us:>9.1}",
        format!("recovery of {count} waiting messages, without the disk"),
        1
    );
}

/// A gateway, its lines, and what they hold.
struct Desk {
    gateway: Gateway,
    settings: Settings,
    inputs: Vec<Input>,
    out: Turn,
    now: Now,
    /// What each line holds, the oldest first.
    held: Vec<Vec<Ticket>>,
    order: std::collections::VecDeque<u32>,
    ids: u64,
    store: Forget,
}

impl Desk {
    fn new(rotation: Rotation) -> Desk {
        Desk::with(settings(rotation))
    }

    fn with(settings: Settings) -> Desk {
        Desk {
            gateway: Gateway::new(settings.clone()),
            settings,
            inputs: Vec::new(),
            out: Turn::default(),
            now: Now {
                mono: Instant::now(),
                wall: UnixMs(1_773_144_000_000),
            },
            held: vec![Vec::new(); SIMS as usize],
            order: std::collections::VecDeque::new(),
            ids: 0,
            store: Forget { text: TEXT.into() },
        }
    }

    /// Accepts a million messages in turns of 256; returns how many.
    fn fill(&mut self, name: &str) -> u64 {
        let mut times = Times::default();
        for _ in 0..MESSAGES / BATCH {
            (0..BATCH).for_each(|_| self.offer(Class::Bulk, TEXT));
            times.add(self.turn());
        }
        times.print(name);
        MESSAGES / BATCH * BATCH
    }

    /// All SIMs become ready at once.
    fn plug(&mut self) {
        for line in 0..SIMS {
            let (id, name) = (LineId(line), format!("line{line:03}").into());
            self.inputs.push(Input::LineAdded { line: id, name });
            let sim = SimIdentity {
                iccid: iccid(line),
                imsi: format!("26201{line:010}"),
                number: OwnNumber::default(),
            };
            let (session, modem) = (Session(1), ModemIdentity::default());
            self.inputs.push(Input::Line {
                line: id,
                event: Event::Ready {
                    session,
                    sim,
                    modem,
                },
            });
        }
        let mut held = None;
        while held.replace(self.order.len()) != Some(self.order.len()) {
            self.turn();
        }
    }

    fn offer(&mut self, class: Class, text: &str) {
        let to = format!("+49151{:08}", (self.ids + 1) % 100_000_000);
        self.offer_to(&to, class, text, None);
    }

    fn offer_to(&mut self, to: &str, class: Class, text: &str, app: Option<&str>) {
        self.ids += 1;
        let id = MessageId(Uuid::from_u64_pair(0x0190_0000_0000_7000, self.ids));
        let raw = RawRequest {
            to,
            text,
            class: Some(class),
            app,
            report: Some(false),
            ..RawRequest::default()
        };
        let request = admit(&self.settings, id, &raw).expect("a good message");
        let reply = ReplyTo(self.ids);
        self.inputs.push(Input::Accept {
            reply,
            request: Box::new(request),
        });
    }

    fn oldest(&mut self) -> u32 {
        self.order.pop_front().expect("a line holds a part")
    }

    /// The oldest part of a line is sent.
    fn finish(&mut self, line: u32) {
        let held = &mut self.held[line as usize];
        if held.is_empty() {
            return;
        }
        let ticket = held.remove(0);
        let outcome = Outcome::Sent { mr: 1 };
        let event = Event::Finished {
            ticket,
            outcome,
            course: modem::Course::default(),
        };
        self.inputs.push(Input::Line {
            line: LineId(line),
            event,
        });
    }

    /// One turn, 11 ms after the last; returns how long it took.
    fn turn(&mut self) -> Duration {
        let pause = Duration::from_millis(11);
        self.now = Now {
            mono: self.now.mono + pause,
            wall: self.now.wall.plus(pause),
        };
        let begun = on_processor();
        let Ok(()) = self
            .gateway
            .turn(self.now, &mut self.inputs, &mut self.store, &mut self.out);
        let took = on_processor() - begun;
        for effect in self.out.effects.drain(..) {
            if let Effect::Submit {
                line, submission, ..
            } = effect
            {
                self.held[line.0 as usize].push(submission.ticket);
                self.order.push_back(line.0);
            }
        }
        took
    }
}

/// A store that remembers one text and nothing else.
struct Forget {
    /// The text of every message.
    text: Box<str>,
}

impl Store for Forget {
    type Error = Infallible;

    fn commit(&mut self, _entries: &[Entry]) -> Result<(), Infallible> {
        Ok(())
    }

    fn find_keys(&mut self, keys: &[&str]) -> Result<Vec<Option<KnownKey>>, Infallible> {
        Ok(vec![None; keys.len()])
    }

    fn find_id(&mut self, _id: MessageId) -> Result<Option<KnownMessage>, Infallible> {
        Ok(None)
    }

    fn texts(&mut self, of: &[MessageSeq]) -> Result<Vec<Box<str>>, Infallible> {
        Ok(of.iter().map(|_| self.text.clone()).collect())
    }

    fn replay(&mut self, _apply: &mut dyn FnMut(Entry)) -> Result<u64, Infallible> {
        Ok(0)
    }

    fn past(&mut self, _apply: &mut dyn FnMut(Entry)) -> Result<UnixMs, Infallible> {
        Ok(UnixMs(i64::MIN))
    }
}

/// A store that can be read once.
struct Replay(Vec<Entry>);

impl Store for Replay {
    type Error = Infallible;

    fn commit(&mut self, _entries: &[Entry]) -> Result<(), Infallible> {
        Ok(())
    }

    fn find_keys(&mut self, keys: &[&str]) -> Result<Vec<Option<KnownKey>>, Infallible> {
        Ok(vec![None; keys.len()])
    }

    fn find_id(&mut self, _id: MessageId) -> Result<Option<KnownMessage>, Infallible> {
        Ok(None)
    }

    fn texts(&mut self, of: &[MessageSeq]) -> Result<Vec<Box<str>>, Infallible> {
        Ok(of.iter().map(|_| TEXT.into()).collect())
    }

    fn replay(&mut self, apply: &mut dyn FnMut(Entry)) -> Result<u64, Infallible> {
        let last = self.0.last().map_or(0, |entry| entry.seq);
        self.0.drain(..).for_each(apply);
        Ok(last)
    }

    fn past(&mut self, _apply: &mut dyn FnMut(Entry)) -> Result<UnixMs, Infallible> {
        Ok(UnixMs(i64::MIN))
    }
}

#[derive(Default)]
struct Times(Vec<Duration>);

impl Times {
    fn add(&mut self, time: Duration) {
        self.0.push(time);
    }

    fn print(mut self, name: &str) {
        self.0.sort_unstable();
        let at = |share: f64| {
            let index = (self.0.len() - 1) as f64 * share;
            self.0[index as usize].as_secs_f64() * 1e6
        };
        let (p50, p99, max) = (at(0.5), at(0.99), at(1.0));
        println!(
            "{name:<58} {:>7} {p50:>9.1} {p99:>9.1} {max:>9.1}",
            self.0.len()
        );
    }
}

fn iccid(sim: u32) -> Iccid {
    Iccid(format!("8949000000000000{sim:04}").into())
}

/// In microseconds.
fn time(work: impl FnOnce()) -> f64 {
    let begun = on_processor();
    work();
    (on_processor() - begun).as_secs_f64() * 1e6
}

/// How long this thread has been on a processor.
fn on_processor() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    let seconds = u64::try_from(time.tv_sec).expect("a thread does not live so long");
    Duration::from_secs(seconds) + Duration::from_nanos(time.tv_nsec.try_into().unwrap_or(0))
}

/// Resident memory of this process by `/proc/self/status`; 0 where there is none.
fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|rest| rest.split_whitespace().next());
    kib.and_then(|kib| kib.parse().ok()).unwrap_or(0)
}

fn settings(rotation: Rotation) -> Settings {
    let budget = Budget {
        limits: [None, None, Some(1_000_000), Some(30_000_000)],
        ..Budget::default()
    };
    Settings {
        target_per_minute: 60_000_000,
        queued_max: 2_000_000,
        sims_default: SimSettings {
            budget,
            ..SimSettings::default()
        },
        routes: vec![Route {
            name: "all".into(),
            prefixes: Vec::new(),
            classes: Vec::new(),
            sims: SimFilter::default(),
            rotation,
            ..Route::default()
        }],
        ..Settings::default()
    }
}

const ROTATIONS: [Rotation; 5] = [
    Rotation::Headroom,
    Rotation::RoundRobin,
    Rotation::LeastUsed,
    Rotation::Sticky,
    Rotation::Cost,
];
const MESSAGES: u64 = 1_000_000;
const BATCH: u64 = 256;
const SIMS: u32 = 512;
const TURNS: usize = 20_000;
/// 120 characters, as a usual notification has.
const TEXT: &str = "Dear customer, your parcel 1234567890 will arrive tomorrow between 10 and 12. Follow it at https://example.org/p/12345678";
