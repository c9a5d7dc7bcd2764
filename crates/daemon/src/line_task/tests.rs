//! The line's task on a pseudo-terminal, with a machine that speaks a toy protocol.
//!
//! The toy: `hi` makes the machine ready, `ok N` ends the submission, `boom` makes it panic, `again` asks for the port to be
//! opened anew. A submission is written as `send`.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use gateway::{LineId, PinWish, UnixMs};
use modem::{
    Cause, Doubt, Effect, Event, Iccid, Input, LineSettings, LineState, ModemIdentity, Outcome,
    OwnNumber, Pin, PinAnswer, ProfileChoice, Session, SimIdentity, Submission, Ticket,
};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::{Close, LineTask};
use crate::board::Board;
use crate::config::{LineConfig, Pins};
use crate::line_link::{FromLine, LineContext, LinePort};
use crate::machine::Machine;
use crate::port::Port;
use crate::send_queue::{Queued, SendQueue};
use crate::testing::{hold_open, pseudo_terminal};

struct Toy {
    session: Session,
    is_ready: bool,
    in_flight: Option<Ticket>,
    unwritten: bool,
}

impl Machine for Toy {
    fn new(settings: LineSettings) -> Toy {
        Toy {
            session: settings.first_session,
            is_ready: false,
            in_flight: None,
            unwritten: false,
        }
    }

    fn step(&mut self, _now: Instant, input: Input<'_>, out: &mut Vec<Effect>) {
        match input {
            Input::Opened => out.push(Effect::Write(b"?".to_vec())),
            Input::Bytes(bytes) => match bytes {
                b"hi" => {
                    self.is_ready = true;
                    out.push(Effect::Event(Event::State(LineState::Ready)));
                    out.push(Effect::Event(ready(self.session)));
                }
                b"ok" => {
                    let ticket = self.in_flight.take().unwrap();
                    let outcome = Outcome::Sent { mr: 9 };
                    out.push(Effect::Event(finished(ticket.0, outcome)));
                }
                b"boom" => {
                    out.push(Effect::Write(b"never".to_vec()));
                    out.push(Effect::Event(Event::Signal(Some(1))));
                    panic!("boom");
                }
                b"pin 3" | b"pin 2" => {
                    let tries = bytes[4] - b'0';
                    out.push(Effect::Event(Event::PinWanted {
                        iccid: card(),
                        tries,
                    }));
                }
                b"again" => {
                    out.push(Effect::Reopen {
                        after: Duration::ZERO,
                        reason: "told so",
                    });
                }
                other => out.push(Effect::Event(Event::Garbage { bytes: other.len() })),
            },
            Input::Submit(submission) => {
                self.in_flight = Some(submission.ticket);
                out.push(Effect::Write(b"send".to_vec()));
            }
            Input::Unwritten => self.unwritten = true,
            Input::Closed => {
                if let Some(ticket) = self.in_flight.take() {
                    let outcome = match self.unwritten {
                        true => Outcome::Refused(Cause::LineLost),
                        false => Outcome::Unknown(Doubt::LineLost),
                    };
                    out.push(Effect::Event(finished(ticket.0, outcome)));
                }
                if std::mem::take(&mut self.is_ready) {
                    let (session, reason) = (self.session, modem::DownReason::Closed);
                    self.session = Session(session.0 + 1);
                    out.push(Effect::Event(Event::Down { session, reason }));
                }
            }
            Input::Pin(PinAnswer::Give(_)) => out.push(Effect::Write(b"give".to_vec())),
            Input::Pin(PinAnswer::Withhold(_)) => out.push(Effect::Write(b"keep".to_vec())),
            Input::Reset(rung) => {
                out.push(Effect::Write(rung.as_str().as_bytes().to_vec()));
            }
            Input::CheckSim => out.push(Effect::Write(b"look".to_vec())),
            Input::Ussd(_) | Input::Manual(_) | Input::Wake => {}
        }
    }

    fn deadline(&self) -> Option<Instant> {
        None
    }

    fn is_idle(&self) -> bool {
        self.is_ready && self.in_flight.is_none()
    }

    fn is_free_to_command(&self) -> bool {
        self.is_ready && self.in_flight.is_none()
    }

    fn reason(&self) -> Option<&'static str> {
        None
    }
}

fn card() -> Iccid {
    Iccid("8949020000001234567".into())
}

fn ready(session: Session) -> Event {
    let sim = SimIdentity {
        iccid: card(),
        imsi: String::new(),
        number: OwnNumber::default(),
    };
    Event::Ready {
        session,
        sim,
        modem: ModemIdentity::default(),
    }
}

/// A line on a port, and all its neighbours.
struct Rig {
    task: JoinHandle<()>,
    events: mpsc::Receiver<FromLine>,
    queue: Arc<SendQueue>,
    board: Arc<Board>,
    stop: CancellationToken,
    /// Keeps the pseudo-terminal from hanging up while the line has its port closed; a UART does not hang up either.
    _other_end: Option<OwnedFd>,
}

impl Rig {
    fn start(path: &Path) -> Rig {
        Rig::with_pins(path, Pins::default())
    }

    fn with_pins(path: &Path, pins: Pins) -> Rig {
        let (rig, task) = Rig::idle(path, pins);
        let task = tokio::spawn(task.run());
        Rig { task, ..rig }
    }

    /// A task that does not run yet.
    fn idle(path: &Path, pins: Pins) -> (Rig, LineTask<Toy>) {
        let (sender, events) = mpsc::channel(64);
        let other_end = hold_open(path);
        let (queue, board, stop) = (
            Arc::new(SendQueue::new()),
            Arc::new(Board::default()),
            CancellationToken::new(),
        );
        board.add("line", LineId(3), path, UnixMs(0), Arc::clone(&queue));
        let port = LinePort {
            id: LineId(3),
            name: "line".into(),
            path: path.to_owned(),
            baud: 115_200,
            profile: ProfileChoice::default(),
            queue: Arc::clone(&queue),
        };
        let context = LineContext {
            pins: watch::channel(Arc::new(pins)).1,
            board: Arc::clone(&board),
            events: sender,
            stop: stop.clone(),
        };
        let rig = Rig {
            task: tokio::spawn(async {}),
            events,
            queue,
            board,
            stop,
            _other_end: other_end,
        };
        (rig, LineTask::new(port, context))
    }

    /// A line whose session has begun, and its modem.
    async fn ready() -> (Rig, File) {
        let (mut modem, path) = pseudo_terminal();
        let mut rig = Rig::start(&path);
        hear(&mut modem, "?").await;
        say(&mut modem, "hi");
        assert_eq!(rig.event().await, ready(Session(1)));
        (rig, modem)
    }

    async fn event(&mut self) -> Event {
        match timeout(PATIENCE, self.events.recv()).await.unwrap() {
            Some(FromLine::Event {
                line: LineId(3),
                event,
            }) => event,
            other => panic!("{other:?}"),
        }
    }

    async fn pin_wish(&mut self) -> PinWish {
        match timeout(PATIENCE, self.events.recv()).await.unwrap() {
            Some(FromLine::Pin(wish)) => wish,
            other => panic!("{other:?}"),
        }
    }

    fn submit(&self, ticket: u64, not_after: Instant) {
        self.queue.push(Queued {
            submission: submission(ticket),
            not_after,
        });
    }

    fn submit_soon(&self, ticket: u64) {
        self.submit(ticket, Instant::now() + PATIENCE);
    }

    async fn join(self) {
        timeout(PATIENCE, self.task).await.unwrap().unwrap();
    }
}

fn submission(ticket: u64) -> Submission {
    Submission {
        ticket: Ticket(ticket),
        session: Session(1),
        more_follow: false,
        tpdu: Box::default(),
    }
}

fn say(modem: &mut File, words: &str) {
    modem.write_all(words.as_bytes()).unwrap();
}

/// Reads what the line writes, off the runtime's thread.
async fn hear(modem: &mut File, words: &'static str) {
    let mut modem = modem.try_clone().unwrap();
    let heard = tokio::task::spawn_blocking(move || {
        let mut heard = vec![0; words.len()];
        modem.read_exact(&mut heard).unwrap();
        heard
    });
    let heard = timeout(PATIENCE, heard).await.unwrap().unwrap();
    assert_eq!(String::from_utf8(heard).unwrap(), words);
}

fn returned(ticket: u64) -> Event {
    Event::Returned {
        ticket: Ticket(ticket),
    }
}

fn finished(ticket: u64, outcome: Outcome) -> Event {
    Event::Finished {
        ticket: Ticket(ticket),
        outcome,
        course: modem::Course::default(),
    }
}

fn down(session: u32, reason: modem::DownReason) -> Event {
    Event::Down {
        session: Session(session),
        reason,
    }
}

const LOST: Outcome = Outcome::Unknown(Doubt::LineLost);

#[tokio::test]
async fn submissions_go_out_one_by_one() {
    let (mut rig, mut modem) = Rig::ready().await;
    rig.submit_soon(1);
    rig.submit_soon(2);
    hear(&mut modem, "send").await;
    say(&mut modem, "ok");
    assert_eq!(rig.event().await, finished(1, Outcome::Sent { mr: 9 }));
    hear(&mut modem, "send").await;
    say(&mut modem, "ok");
    assert_eq!(rig.event().await, finished(2, Outcome::Sent { mr: 9 }));
}

#[tokio::test]
async fn a_submission_that_is_too_late_comes_back_unsent() {
    let (mut rig, mut modem) = Rig::ready().await;
    rig.submit(1, Instant::now());
    rig.submit_soon(2);
    assert_eq!(rig.event().await, returned(1));
    hear(&mut modem, "send").await;
}

#[tokio::test]
async fn people_see_what_the_core_need_not_know() {
    let (mut rig, mut modem) = Rig::ready().await;
    say(&mut modem, "noise");
    while rig.board.status("line").unwrap().garbage_bytes == 0 {
        tokio::task::yield_now().await;
    }
    rig.submit_soon(1);
    hear(&mut modem, "send").await;
    say(&mut modem, "ok");
    assert_eq!(rig.event().await, finished(1, Outcome::Sent { mr: 9 }));
    let status = rig.board.status("line").unwrap();
    assert_eq!((status.state, status.opens), (LineState::Ready, 1));
    assert_eq!(status.garbage_bytes, 5);
    assert_eq!(status.sim, Some(Iccid("8949020000001234567".into())));
}

#[tokio::test]
async fn a_vanished_port_ends_what_was_on_its_way() {
    let (mut rig, mut modem) = Rig::ready().await;
    rig.submit_soon(1);
    rig.submit_soon(2);
    hear(&mut modem, "send").await;
    drop(modem);
    assert_eq!(rig.event().await, finished(1, LOST));
    assert_eq!(rig.event().await, down(1, modem::DownReason::Closed));
    assert_eq!(
        rig.event().await,
        returned(2),
        "what waited comes back untouched"
    );
    rig.stop.cancel();
    rig.join().await;
}

#[tokio::test]
async fn what_a_port_did_not_take_was_certainly_not_sent() {
    let (modem, path) = pseudo_terminal();
    let (_rig, mut task) = Rig::idle(&path, Pins::default());
    let mut port = Port::open(path, 115_200).await.unwrap();
    drop(modem);
    task.step(Input::Submit(submission(1)));
    let close = task.carry_out(Some(&mut port)).await;
    assert!(matches!(close, Some(Close::Gone(_))), "{close:?}");
    task.step(Input::Closed);
    let refused = finished(1, Outcome::Refused(Cause::LineLost));
    assert_eq!(task.effects, [Effect::Event(refused)]);
}

#[tokio::test]
async fn a_panic_is_the_end_of_a_session_and_not_of_the_line() {
    let (mut rig, mut modem) = Rig::ready().await;
    rig.submit_soon(1);
    hear(&mut modem, "send").await;
    say(&mut modem, "boom");
    assert_eq!(
        rig.event().await,
        finished(1, LOST),
        "the outcome can't be known"
    );
    assert_eq!(rig.event().await, down(1, modem::DownReason::Unresponsive));
    // The port opens again without the operators' help, with a session that is new to the core.
    rig.queue.tell_port_is_back();
    hear(&mut modem, "?").await;
    say(&mut modem, "hi");
    assert_eq!(rig.event().await, ready(Session(2)));
    assert_eq!(rig.board.status("line").unwrap().opens, 2);
}

#[tokio::test]
async fn the_machine_may_ask_for_a_fresh_port() {
    let (mut rig, mut modem) = Rig::ready().await;
    say(&mut modem, "again");
    assert_eq!(rig.event().await, down(1, modem::DownReason::Closed));
    hear(&mut modem, "?").await;
    say(&mut modem, "hi");
    assert_eq!(rig.event().await, ready(Session(2)));
}

#[tokio::test]
async fn a_reset_waits_for_what_is_on_its_way() {
    let (mut rig, mut modem) = Rig::ready().await;
    rig.submit_soon(1);
    hear(&mut modem, "send").await;
    rig.submit_soon(2);
    assert!(rig.board.reset("line", modem::Rung::Reopen));
    say(&mut modem, "ok");
    assert_eq!(rig.event().await, finished(1, Outcome::Sent { mr: 9 }));
    assert_eq!(rig.event().await, down(1, modem::DownReason::Closed));
    assert_eq!(rig.event().await, returned(2));
    rig.queue.tell_port_is_back();
    hear(&mut modem, "?").await;
    assert!(!rig.board.reset("another", modem::Rung::Reopen));
    let status = rig.board.status("line").unwrap();
    let climbed = status.climbed.unwrap();
    assert_eq!(
        (climbed.rung, climbed.reason),
        (modem::Rung::Reopen, "an operator asked for it")
    );
    assert_eq!(rig.board.climbs()[4], (modem::Rung::Reopen, 1));
}

#[tokio::test]
async fn the_machine_climbs_the_rung_that_an_operator_asks_for() {
    let (mut rig, mut modem) = Rig::ready().await;
    rig.submit_soon(1);
    hear(&mut modem, "send").await;
    rig.board.reset("line", modem::Rung::Radio);
    say(&mut modem, "ok");
    assert_eq!(rig.event().await, finished(1, Outcome::Sent { mr: 9 }));
    hear(&mut modem, "radio").await;
    assert_eq!(rig.board.status("line").unwrap().opens, 1);
}

#[tokio::test]
async fn a_line_looks_at_its_sim_when_another_tells_it() {
    let (rig, mut modem) = Rig::ready().await;
    rig.queue.ask_sim_check();
    hear(&mut modem, "look").await;
    rig.stop.cancel();
    rig.join().await;
}

#[tokio::test]
async fn a_retired_line_ends_when_nothing_is_on_its_way() {
    let (mut rig, mut modem) = Rig::ready().await;
    rig.submit_soon(1);
    hear(&mut modem, "send").await;
    rig.queue.ask_retire();
    say(&mut modem, "ok");
    assert_eq!(rig.event().await, finished(1, Outcome::Sent { mr: 9 }));
    assert_eq!(rig.event().await, down(1, modem::DownReason::Closed));
    let gone = timeout(PATIENCE, rig.events.recv()).await.unwrap();
    assert!(
        matches!(gone, Some(FromLine::Gone { line: LineId(3) })),
        "{gone:?}"
    );
    rig.join().await;
}

#[tokio::test]
async fn a_port_that_is_not_there_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("line0");
    let mut rig = Rig::start(&path);
    let mut missing = false;
    while !missing {
        tokio::task::yield_now().await;
        missing = rig.board.status("line").unwrap().missing;
    }
    assert_eq!(
        rig.board.status("line").unwrap().error.as_deref(),
        Some("the port is not there")
    );
    rig.submit_soon(1);
    assert_eq!(
        rig.event().await,
        returned(1),
        "nothing waits in a line that is down"
    );
    let (mut modem, real): (File, PathBuf) = pseudo_terminal();
    std::os::unix::fs::symlink(real, &path).unwrap();
    rig.queue.tell_port_is_back();
    hear(&mut modem, "?").await;
    assert!(!rig.board.status("line").unwrap().missing);
}

/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

#[tokio::test]
async fn a_pin_is_given_only_after_the_core_has_recorded_the_try() {
    let (mut modem, path) = pseudo_terminal();
    let pin = Pin::parse("4711").unwrap();
    let entry = LineConfig {
        path: path.to_str().unwrap().to_owned(),
        name: None,
        baud: 115_200,
        profile: ProfileChoice::default(),
    };
    let pins = Pins {
        lines: vec![(entry, pin.clone())],
        ..Pins::default()
    };
    let mut rig = Rig::with_pins(&path, pins);
    hear(&mut modem, "?").await;
    say(&mut modem, "pin 3");
    let wish = rig.pin_wish().await;
    assert_eq!(
        (wish.line, wish.fingerprint),
        (LineId(3), pin.fingerprint(&card()))
    );
    // The word on another wish is no word on this one: the line has looked at it by the time that it says the next thing.
    rig.queue.answer_pin(wish.number + 1, true);
    say(&mut modem, "hi");
    assert_eq!(rig.event().await, ready(Session(1)));
    rig.queue.answer_pin(wish.number, true);
    hear(&mut modem, "give").await;
    say(&mut modem, "pin 3");
    let again = rig.pin_wish().await;
    assert_ne!(again.number, wish.number);
    rig.queue.answer_pin(again.number, false);
    hear(&mut modem, "keep").await;
    // Two tries are left: a line's own PIN is not for this SIM, and the core is not asked.
    say(&mut modem, "pin 2");
    hear(&mut modem, "keep").await;
    rig.stop.cancel();
    rig.join().await;
}
