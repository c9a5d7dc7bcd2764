//! The task of one line: gives the line machine its bytes, submissions and wake-ups, and carries out what it asks for.
//!
//! ```text
//!             ┌────────── open fails: back-off 1 s → 30 s ──────────┐
//!             ▼                                                     │
//!   Closed ── open ─► Open: read │ send queue │ deadline │ wishes ──┤ closed, reset, reopen, panic
//!             ▲                                                     │
//!             └─────────────────────────────────────────────────────┘      retire or stop: the task ends
//! ```
//!
//! It decides nothing about messages. A panic of the machine ends here: the line is reported down and made anew, and no
//! other line notices.

mod pins;
mod talks;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use gateway::LineId;
use modem::{
    Course, Doubt, DownReason, Effect, Event, Input, LineSettings, LineState, Outcome,
    ProfileChoice, Rung, Session, Ticket,
};
use tokio::sync::{mpsc, watch};
use tokio::time::sleep_until;
use tokio_util::sync::CancellationToken;

use crate::board::Board;
use crate::clock;
use crate::config::Pins;
use crate::line_link::{FromLine, LineContext, LinePort};
use crate::machine::{Guarded, Machine};
use crate::port::{Port, PortError};
use crate::send_queue::{Queued, SendQueue};
use crate::talk::Said;
use crate::trace::Trace;

/// What a task is made of.
pub(crate) struct LineTask<M> {
    id: LineId,
    name: Box<str>,
    path: PathBuf,
    baud: u32,
    queue: Arc<SendQueue>,
    board: Arc<Board>,
    events: mpsc::Sender<FromLine>,
    stop: CancellationToken,
    machine: Guarded<M>,
    profile: ProfileChoice,
    effects: Vec<Effect>,
    /// The running session, as told by the machine.
    session: Option<Session>,
    /// Above every session so far.
    next_session: Session,
    /// The submission that the machine has.
    in_flight: Option<Ticket>,
    backoff: Duration,
    pins: watch::Receiver<Arc<Pins>>,
    /// Wishes to give a PIN so far.
    pin_wishes: u32,
    pin_pending: Option<pins::Pending>,
    talks: talks::Talks,
    trace: Arc<Trace>,
}

/// Why a port is closed again.
#[derive(Debug, PartialEq)]
enum Close {
    /// The daemon stops.
    Stop,
    /// The line was taken out of the configuration, and nothing is on its way.
    Retire,
    /// An operator asked for it, and nothing is on its way.
    Reset,
    /// The machine asked for it.
    Reopen(Duration),
    /// The port is gone.
    Gone(String),
    /// The machine panicked.
    Panic,
}

impl<M: Machine> LineTask<M> {
    pub(crate) fn new(port: LinePort, context: LineContext) -> LineTask<M> {
        let trace = context.board.trace(&port.name).unwrap_or_default();
        LineTask {
            id: port.id,
            name: port.name,
            path: port.path,
            baud: port.baud,
            queue: port.queue,
            board: context.board,
            events: context.events,
            stop: context.stop,
            machine: Guarded::new(LineSettings {
                first_session: FIRST_SESSION,
                profile: port.profile.clone(),
                stagger: stagger(port.id),
                ..LineSettings::default()
            }),
            profile: port.profile,
            effects: Vec::new(),
            session: None,
            next_session: FIRST_SESSION,
            in_flight: None,
            backoff: BACKOFF_MIN,
            pins: context.pins,
            pin_wishes: 0,
            pin_pending: None,
            talks: talks::Talks::default(),
            trace,
        }
    }

    /// Drives the line until the daemon stops or the line is taken out of the configuration.
    pub(crate) async fn run(mut self) {
        while let Some(port) = self.open().await {
            let close = self.serve(port).await;
            if !self.after(close).await {
                break;
            }
        }
        self.return_queued().await;
        self.hang_up().await;
        // A closed channel means that the core has ended before the lines.
        let _ = self.events.send(FromLine::Gone { line: self.id }).await;
    }

    /// Opens the port, as often as it takes. `None` if the task is to end.
    async fn open(&mut self) -> Option<Port> {
        loop {
            if self.is_leaving() {
                return None;
            }
            self.board.update(&self.name, |status| {
                status.step = Some("opening the port");
                status.opens_at = None;
            });
            match Port::open(self.path.clone(), self.baud).await {
                Ok(port) => {
                    // It has just been opened anew.
                    self.queue.take_reset();
                    self.trace.note(clock::wall(), "port open");
                    self.board.update(&self.name, |status| {
                        status.opens += 1;
                        status.missing = false;
                        status.error = None;
                    });
                    return Some(port);
                }
                Err(error) => self.note_unopened(&error),
            }
            let pause = self.next_backoff();
            if !self.rest(pause).await {
                return None;
            }
        }
    }

    fn note_unopened(&self, error: &PortError) {
        let (at, text) = (clock::wall(), error.to_string());
        let mut is_news = false;
        self.board.update(&self.name, |status| {
            is_news = status.error.as_deref() != Some(&*text);
            status.missing = matches!(error, PortError::Missing);
            if status.state != LineState::Closed {
                status.state = LineState::Closed;
                status.since = at;
            }
            status.error = Some(text.clone().into());
        });
        if is_news {
            tracing::warn!(line = %self.name, error = %text, "port not open; trying again");
        }
    }

    /// Drives the open port until it is to be closed, and closes it.
    async fn serve(&mut self, mut port: Port) -> Close {
        let mut buffer = [0; READ_BYTES_MAX];
        self.step(Input::Opened);
        let close = loop {
            if let Some(close) = self.carry_out(Some(&mut port)).await {
                break close;
            }
            if self.take_pin_word() || !self.effects.is_empty() {
                continue;
            }
            if self.queue.take_sim_check() {
                self.step(Input::CheckSim);
                continue;
            }
            if let Some(close) = self.wished_close() {
                break close;
            }
            if !self.effects.is_empty() {
                continue;
            }
            if self.start_next().await {
                continue;
            }
            if self.talk().await {
                continue;
            }
            let wake = self.machine.deadline();
            if wake.is_some_and(|wake| wake <= Instant::now()) {
                self.step(Input::Wake);
                continue;
            }
            let wake = [wake, self.talks.deadline()].into_iter().flatten().min();
            tokio::select! {
                biased;
                () = self.stop.cancelled() => break Close::Stop,
                read = port.read(&mut buffer) => match read {
                    Ok(count) => {
                        self.trace.read(clock::wall(), &buffer[..count]);
                        self.step(Input::Bytes(&buffer[..count]));
                    }
                    Err(error) => break Close::Gone(error.to_string()),
                },
                () = self.queue.rung() => {}
                () = sleep_until(wake_or_never(wake)) => {}
            }
        };
        port.close().await;
        close
    }

    /// Why the port should be closed though it works. What else an operator wants of the modem is its machine's business.
    fn wished_close(&mut self) -> Option<Close> {
        if self.in_flight.is_some() {
            return None;
        }
        if self.queue.is_retire_asked() {
            return Some(Close::Retire);
        }
        let rung = self.queue.take_reset()?;
        if rung == Rung::Reopen {
            return Some(Close::Reset);
        }
        self.step(Input::Reset(rung));
        None
    }

    /// Gives the machine the next submission if it can take one. False if there is nothing to do.
    async fn start_next(&mut self) -> bool {
        let is_leaving = self.is_leaving() || self.queue.is_reset_asked();
        if !self.machine.is_idle() || self.in_flight.is_some() || is_leaving {
            return false;
        }
        let Some(Queued {
            submission,
            not_after,
        }) = self.queue.pop()
        else {
            return false;
        };
        let ticket = submission.ticket;
        if Instant::now() > not_after {
            self.tell(Event::Returned { ticket }).await;
        } else {
            self.in_flight = Some(ticket);
            self.step(Input::Submit(submission));
        }
        true
    }

    /// What follows a closed port. False if the task is to end.
    async fn after(&mut self, close: Close) -> bool {
        if close == Close::Panic {
            self.bury_machine().await;
        } else {
            self.step(Input::Closed);
            if self.carry_out(None).await == Some(Close::Panic) {
                self.bury_machine().await;
            }
        }
        self.hang_up().await;
        self.note_closed(&close);
        let pause = match close {
            Close::Stop | Close::Retire => return false,
            Close::Reset => {
                let (rung, reason) = (Rung::Reopen, "an operator asked for it");
                self.tell(Event::Climbed { rung, reason }).await;
                RESET_PAUSE
            }
            Close::Reopen(after) => after,
            Close::Gone(_) | Close::Panic => self.next_backoff(),
        };
        self.rest(pause).await
    }

    fn note_closed(&mut self, close: &Close) {
        let name = &self.name;
        let error = match close {
            Close::Stop | Close::Retire => None,
            Close::Reset => Some("reset by an operator"),
            Close::Reopen(_) => self.machine.reason().or(Some("being opened again")),
            Close::Gone(error) => {
                tracing::warn!(line = %name, %error, "port closed");
                Some(error.as_str())
            }
            Close::Panic => Some("a fault of the daemon; see its log"),
        };
        let at = clock::wall();
        self.trace.note(at, error.unwrap_or("port closed"));
        self.board.update(name, |status| {
            status.enter_closed(at, error);
        });
    }

    /// Waits with the port closed. False if the task is to end.
    async fn rest(&mut self, pause: Duration) -> bool {
        let until = Instant::now() + pause;
        let opens_at = clock::wall().plus(pause);
        self.board
            .update(&self.name, |status| status.opens_at = Some(opens_at));
        loop {
            self.return_queued().await;
            self.hang_up().await;
            if self.is_leaving() {
                return false;
            }
            let now = Instant::now();
            let is_wanted = self.queue.take_port_is_back() || self.queue.take_reset().is_some();
            if now >= until || is_wanted {
                return true;
            }
            if self.machine.deadline().is_some_and(|wake| wake <= now) {
                self.step(Input::Wake);
                if self.carry_out(None).await == Some(Close::Panic) {
                    self.bury_machine().await;
                }
                continue;
            }
            let wake = self
                .machine
                .deadline()
                .map_or(until, |wake| wake.min(until));
            tokio::select! {
                () = self.stop.cancelled() => return false,
                () = self.queue.rung() => {}
                () = sleep_until(wake.into()) => {}
            }
        }
    }

    fn step(&mut self, input: Input<'_>) {
        self.machine.step(input, &mut self.effects);
    }

    /// Carries out what the machine asked for, in order. Bytes go nowhere if there is no port.
    async fn carry_out(&mut self, mut port: Option<&mut Port>) -> Option<Close> {
        let mut close = None;
        for effect in std::mem::take(&mut self.effects) {
            match effect {
                Effect::Event(event) => self.tell(event).await,
                Effect::Reopen { after, .. } => close = Some(Close::Reopen(after)),
                Effect::Write(bytes) => {
                    // After a panic nobody knows what the bytes would complete, so none go out.
                    if self.machine.has_panicked() || close.is_some() {
                        continue;
                    }
                    let Some(port) = port.as_deref_mut() else {
                        continue;
                    };
                    tracing::trace!(line = %self.name, bytes = bytes.len(), "write");
                    self.trace.wrote(clock::wall(), &bytes);
                    if let Err(error) = port.write_all(&bytes).await {
                        self.step(Input::Unwritten);
                        close = Some(Close::Gone(error.to_string()));
                    }
                }
            }
        }
        if self.machine.has_panicked() {
            Some(Close::Panic)
        } else {
            close
        }
    }

    /// Ends what the panicked machine left open, and makes a new one. The outcome of a submission is unknown unless the
    /// machine had told it: it may have been about to be written.
    async fn bury_machine(&mut self) {
        tracing::error!(line = %self.name, "the line's machine panicked; starting it anew");
        if let Some(ticket) = self.in_flight {
            let outcome = Outcome::Unknown(Doubt::LineLost);
            let course = Course::default();
            self.tell(Event::Finished {
                ticket,
                outcome,
                course,
            })
            .await;
        }
        if let Some(session) = self.session {
            self.tell(Event::Down {
                session,
                reason: DownReason::Unresponsive,
            })
            .await;
        }
        self.effects.clear();
        self.machine = Guarded::new(LineSettings {
            first_session: self.next_session,
            profile: self.profile.clone(),
            stagger: stagger(self.id),
            ..LineSettings::default()
        });
    }

    /// Tells an event to those who care: people see all of them, the core those that decisions hang on.
    async fn tell(&mut self, event: Event) {
        let reason = self.machine.reason();
        self.board.update(&self.name, |status| {
            status.note(clock::wall(), &event, reason)
        });
        self.note_in_trace(&event, reason);
        self.board.count(&event);
        match &event {
            Event::State(_) | Event::Signal(_) | Event::Network(_) | Event::Garbage { .. } => {
                return;
            }
            Event::Ussd(answer) => return self.ussd_said(answer.clone()).await,
            Event::Manual(answer) => return self.answer_talk(&Said::Manual(answer.clone())),
            Event::PinWanted { iccid, tries } => {
                return self.pin_wanted(iccid.clone(), *tries).await;
            }
            Event::Climbed { rung, reason } => {
                note_climbed(&self.name, *rung, reason);
                // A line that gives up may get help from its owner.
                if *rung != Rung::Rest {
                    return;
                }
            }
            Event::CallRejected => {
                tracing::info!(line = %self.name, "a call came in and was rejected");
                return;
            }
            Event::Ready { session, sim, .. } => {
                self.session = Some(*session);
                self.next_session = Session(session.0 + 1);
                self.backoff = BACKOFF_MIN;
                tracing::info!(line = %self.name, sim = sim.iccid.tail(), "line ready");
            }
            Event::Down { reason, .. } => {
                self.session = None;
                if self.is_leaving() {
                    tracing::info!(line = %self.name, "line closed");
                } else {
                    tracing::warn!(line = %self.name, reason = reason.as_str(), "line down");
                }
            }
            Event::Finished { ticket, .. } | Event::Returned { ticket } => {
                if self.in_flight == Some(*ticket) {
                    self.in_flight = None;
                }
            }
            Event::Inbound(message) => {
                let from = message.originator.masked();
                tracing::warn!(line = %self.name, %from, "a message came in and was dropped: inbound messages are not kept yet");
            }
            Event::Resolved { .. } | Event::Report(_) => {}
        }
        // If the core is gone, the daemon is ending, and what a line tells is lost like what it tells after the end.
        let _ = self
            .events
            .send(FromLine::Event {
                line: self.id,
                event,
            })
            .await;
    }

    /// People who look at the wire see why it looks so. What led to a failure is kept.
    fn note_in_trace(&self, event: &Event, reason: Option<&str>) {
        let (words, has_failed) = if let Event::State(state) = event {
            let fails = matches!(state, LineState::Recovering | LineState::OutOfService);
            (state.as_str(), fails)
        } else if let Event::Down { reason, .. } = event {
            let is_wanted = self.is_leaving() || *reason == DownReason::Operator;
            (reason.as_str(), !is_wanted)
        } else {
            return;
        };
        let words = reason.map_or_else(|| words.to_owned(), |reason| format!("{words}: {reason}"));
        self.trace.note(clock::wall(), &words);
        if has_failed {
            self.trace.keep_failure();
        }
    }

    /// Gives back what the core had pushed: it cannot be started now.
    async fn return_queued(&mut self) {
        while let Some(queued) = self.queue.pop() {
            self.tell(Event::Returned {
                ticket: queued.submission.ticket,
            })
            .await;
        }
    }

    fn is_leaving(&self) -> bool {
        self.stop.is_cancelled() || self.queue.is_retire_asked()
    }

    fn next_backoff(&mut self) -> Duration {
        let pause = self.backoff;
        self.backoff = (pause * 2).min(BACKOFF_MAX);
        pause
    }
}

/// From the reset on, somebody should look.
fn note_climbed(line: &str, rung: Rung, reason: &str) {
    let word = rung.as_str();
    match rung {
        Rung::Resync | Rung::Initialise | Rung::Radio => {
            tracing::info!(line, rung = word, reason, "bringing the line back");
        }
        Rung::Reset | Rung::Reopen | Rung::Power => {
            tracing::warn!(line, rung = word, reason, "bringing the line back");
        }
        Rung::Rest => {
            tracing::warn!(line, reason, "recovery failed too often: the line rests");
        }
    }
}

fn wake_or_never(wake: Option<Instant>) -> tokio::time::Instant {
    wake.unwrap_or_else(|| Instant::now() + NEVER).into()
}

/// Lines that lost their network at once turn their radios off and on one after the other: registrations of a whole fleet
/// at once are what a congested cell needs least.
fn stagger(line: LineId) -> Duration {
    STAGGER * (line.0 % STAGGER_LINES)
}

/// Three seconds a line, as SIM banks keep it.
const STAGGER: Duration = Duration::from_secs(3);
const STAGGER_LINES: u32 = 100;

const FIRST_SESSION: Session = Session(1);

/// A status report or a whole answer to a command fits; more comes with the next read.
const READ_BYTES_MAX: usize = 1024;

/// First and longest pause before a port is opened again: soon enough for a plug that is pushed back, rarely enough for
/// a hub that is off all night.
const BACKOFF_MIN: Duration = Duration::from_secs(1);
const BACKOFF_MAX: Duration = Duration::from_secs(30);

/// How long an operator's reset keeps the port closed: modems notice the hang-up within that time.
const RESET_PAUSE: Duration = Duration::from_secs(1);

/// Longer than a daemon runs without a deadline of its line.
const NEVER: Duration = Duration::from_secs(86_400);

#[cfg(test)]
mod tests;
