//! A line on the bench: virtual time, what it wrote, what it told, and a modem that answers the initialisation.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::{
    Course, Effect, Event, Input, Line, LineSettings, LineState, ManualAnswer, Outcome, Profile,
    ProfileChoice, Session, Submission, Ticket, UssdAnswer, UssdState,
};

/// SUBMIT to +4915112345678, "hello", report asked for, one day: 20 octets.
pub(super) const TPDU: &str = "31000D91945111325476F80000A705E8329BFD06";

/// `AT+CMGS` for it.
pub(super) const CMGS: &[u8] = b"AT+CMGS=20\r";

/// What follows the prompt.
pub(super) const PDU: &[u8] = b"0031000D91945111325476F80000A705E8329BFD06\x1A";

/// STATUS-REPORT of TP-MR 64 for it, delivered, with the service centre: 26 octets of TPDU.
pub(super) const REPORT: &str =
    "07919471060040F006400D91945111325476F8521170610340405211706153104000";

/// A line and everything that it did.
pub(super) struct Bench {
    pub(super) line: Line,
    pub(super) now: Instant,
    pub(super) writes: VecDeque<u8>,
    pub(super) told: VecDeque<String>,
    /// Ctrl-Z was written and the outcome not told yet: nothing may be written.
    uncertain: bool,
    last_session: Session,
    queue: VecDeque<u64>,
    /// How the last submission went.
    pub(super) course: Course,
    /// Whether another part follows what is submitted.
    pub(super) more_follow: bool,
    pub(super) modem: PlainModem,
}

/// A modem without quirks.
pub(super) struct PlainModem {
    pub(super) manufacturer: String,
    pub(super) model: String,
    indications: String,
}

impl Bench {
    pub(super) fn new() -> Bench {
        Bench::with(LineSettings::default())
    }

    pub(super) fn with(settings: LineSettings) -> Bench {
        Bench {
            line: Line::new(settings),
            // The machine never asks for the time; a value to count from must come from somewhere.
            now: origin(),
            writes: VecDeque::new(),
            told: VecDeque::new(),
            uncertain: false,
            last_session: Session(0),
            queue: VecDeque::new(),
            course: Course::default(),
            more_follow: false,
            modem: PlainModem::default(),
        }
    }

    /// A line whose modem has these peculiarities.
    pub(super) fn with_profile(text: &str) -> Bench {
        let profile = Profile::read("own", text).unwrap();
        Bench::with(LineSettings {
            profile: ProfileChoice::Fixed(Arc::new(profile)),
            ..LineSettings::default()
        })
    }

    /// A line with the session 1 announced, nothing written and nothing told since.
    pub(super) fn ready() -> Bench {
        let mut bench = Bench::new();
        bench.bring_up();
        bench
    }

    pub(super) fn bring_up(&mut self) {
        self.input(Input::Opened);
        self.answer_until(None);
        self.told.clear();
    }

    /// Lets a modem without quirks answer until a certain command is written, or until the line is idle.
    pub(super) fn answer_until(&mut self, command: Option<&str>) {
        for _ in 0..BRING_UP_STEPS_MAX {
            let next = self.writes.iter().copied().collect::<Vec<_>>();
            let reached = match command {
                Some(command) => next.starts_with(command.as_bytes()),
                None => self.line.is_idle() && next.is_empty(),
            };
            if reached {
                return;
            }
            match self.take_command() {
                Some(command) => {
                    let answer = self.modem.answer(&command);
                    self.hear(answer.as_bytes());
                }
                None => self.pass(Duration::from_millis(100)),
            }
        }
        panic!(
            "not reached: {:?} {:?}",
            self.line.state(),
            self.line.reason()
        );
    }

    pub(super) fn hear(&mut self, bytes: &[u8]) {
        self.input(Input::Bytes(bytes));
    }

    /// Puts a submission into the send queue: the line gets it as soon as it is idle.
    pub(super) fn submit(&mut self, ticket: u64) {
        self.queue.push_back(ticket);
        self.wake_until(self.now);
    }

    /// Gives the line a submission, whether it is idle or not.
    pub(super) fn force(&mut self, ticket: u64, session: Option<Session>) {
        self.step_submit(ticket, session.unwrap_or(self.last_session));
        self.wake_until(self.now);
    }

    fn step_submit(&mut self, ticket: u64, session: Session) {
        let tpdu = sms::hex::decode(TPDU.as_bytes()).unwrap().into();
        let ticket = Ticket(ticket);
        self.step(Input::Submit(Submission {
            ticket,
            session,
            tpdu,
            more_follow: self.more_follow,
        }));
    }

    pub(super) fn input(&mut self, input: Input<'_>) {
        self.step(input);
        self.wake_until(self.now);
    }

    /// Lets time pass, waking the line at its deadlines.
    pub(super) fn pass(&mut self, time: Duration) {
        let end = self.now + time;
        self.wake_until(end);
        self.now = end;
    }

    fn wake_until(&mut self, end: Instant) {
        for _ in 0..WAKES_MAX {
            // As the shell does: messages before chores.
            if self.line.is_idle()
                && let Some(ticket) = self.queue.pop_front()
            {
                self.step_submit(ticket, self.last_session);
                continue;
            }
            let Some((due, _)) = self.line.deadline() else {
                return;
            };
            if due > end {
                return;
            }
            self.now = self.now.max(due);
            self.step(Input::Wake);
        }
        panic!("the line spins: {:?}", self.line.deadline());
    }

    fn step(&mut self, input: Input<'_>) {
        let mut out = Vec::new();
        self.line.step(self.now, input, &mut out);
        for effect in out {
            match effect {
                Effect::Write(bytes) => {
                    assert!(
                        !self.uncertain,
                        "written between Ctrl-Z and the result: {bytes:?}"
                    );
                    self.uncertain = bytes.last() == Some(&0x1A);
                    self.writes.extend(bytes);
                }
                Effect::Event(event) => {
                    if let Event::Ready { session, .. } = &event {
                        self.last_session = *session;
                    }
                    if let Event::Finished { course, .. } = &event {
                        self.course = course.clone();
                        self.uncertain = false;
                    }
                    self.tell(&event);
                    if let Event::Down { .. } = &event {
                        let queued = self
                            .queue
                            .drain(..)
                            .map(|ticket| format!("taken back {ticket}"));
                        self.told.extend(queued);
                    }
                }
                Effect::Reopen { after, reason } => {
                    self.told
                        .push_back(format!("reopen {}s {reason}", after.as_secs()));
                }
            }
        }
    }

    /// Garbage is summed up, so that it is the same whatever the chunks.
    fn tell(&mut self, event: &Event) {
        let mut told = render(event);
        if let Event::Garbage { bytes } = event
            && let Some(last) = self.told.back()
            && let Some(before) = last.strip_prefix("garbage ")
        {
            told = format!("garbage {}", before.parse::<usize>().unwrap() + bytes);
            self.told.pop_back();
        }
        self.told.push_back(told);
    }

    /// The next whole command or ESC that was written.
    pub(super) fn take_command(&mut self) -> Option<String> {
        let end = self
            .writes
            .iter()
            .position(|&byte| matches!(byte, b'\r' | 0x1A))?;
        let command = self.writes.drain(..=end).map(char::from).collect();
        // A modem that wants it gets a line feed too.
        if self.writes.front() == Some(&b'\n') {
            self.writes.pop_front();
        }
        Some(command)
    }

    /// A line that is not ready says why, and has a deadline, unless it waits for its port.
    pub(super) fn check_waits(&self) {
        let line = &self.line;
        if line.kept().waits_for_port
            || matches!(line.state(), LineState::Ready | LineState::Sending)
        {
            return;
        }
        let state = line.state().as_str();
        assert!(line.reason().is_some(), "{state} without a word");
        assert!(line.deadline().is_some(), "{state} without an end");
    }

    /// All that was written since the last call.
    pub(super) fn take_writes(&mut self) -> Vec<u8> {
        self.writes.drain(..).collect()
    }

    /// All that was told since the last call, without states and signals.
    pub(super) fn take_told(&mut self) -> Vec<String> {
        self.told
            .drain(..)
            .filter(|told| !is_display(told))
            .collect()
    }
}

/// What is for display alone, and need not be expected.
pub(super) fn is_display(told: &str) -> bool {
    ["state ", "signal ", "network ", "climbed "]
        .iter()
        .any(|kind| told.starts_with(kind))
}

impl Default for PlainModem {
    fn default() -> PlainModem {
        PlainModem {
            manufacturer: "ACME".into(),
            model: "M1".into(),
            indications: "2,1,0,1,0".into(),
        }
    }
}

impl PlainModem {
    /// What it says to a command.
    pub(super) fn answer(&mut self, command: &str) -> String {
        let ok = |line: &str| format!("\r\n{line}\r\n\r\nOK\r\n");
        let command = command.trim_start_matches('\x1B').trim();
        if let Some(indications) = command.strip_prefix("AT+CNMI=") {
            self.indications = indications.into();
        }
        match command {
            "" => String::new(),
            "AT+CGMI" => ok(&self.manufacturer),
            "AT+CGMM" => ok(&self.model),
            "AT+CGMR" => ok("R1"),
            "AT+CGSN" => ok("867322040012345"),
            "AT+CFUN?" => ok("+CFUN: 1"),
            "AT+CPIN?" => ok("+CPIN: READY"),
            "AT#QSS?" => ok("#QSS: 2,3"),
            "AT+CPMS?" => ok("+CPMS: \"SM\",0,20,\"SM\",0,20,\"SM\",0,20"),
            "AT+CCID" => ok("+CCID: 8949020000012345678"),
            "AT+CIMI" => ok("262020123456789"),
            "AT+CSCA?" => ok("+CSCA: \"+491710760000\",145"),
            "AT+CNMI?" => ok(&format!("+CNMI: {}", self.indications)),
            "AT+COPS?" => ok("+COPS: 0,2,\"26202\",7"),
            "AT+CSQ" => ok("+CSQ: 17,99"),
            "AT+CMGF?" => ok("+CMGF: 0"),
            "AT+CREG?" => ok("+CREG: 2,1,\"00C3\",\"0134F5A7\""),
            "AT+CGREG?" => ok("+CGREG: 2,1"),
            "AT+CEREG?" => ok("+CEREG: 2,4"),
            _ => "\r\nOK\r\n".into(),
        }
    }
}

/// An event in the words of the transcripts.
fn render(event: &Event) -> String {
    match event {
        Event::State(state) => format!("state {}", LineState::as_str(*state)),
        Event::Ready {
            session,
            sim,
            modem,
        } => {
            format!(
                "ready {} {} {} {}",
                session.0,
                sim.iccid,
                or_dash(&sim.imsi),
                or_dash(&modem.model)
            )
        }
        Event::Down { session, reason } => format!("down {} {}", session.0, reason.as_str()),
        Event::Finished {
            ticket, outcome, ..
        } => {
            let outcome = match outcome {
                Outcome::Sent { mr } => format!("sent {mr}"),
                Outcome::Refused(cause) => format!("refused {cause}"),
                Outcome::Unknown(doubt) => format!("unknown {}", doubt.as_str()),
            };
            format!("finished {} {outcome}", ticket.0)
        }
        Event::Returned { ticket } => format!("returned {}", ticket.0),
        Event::Resolved { ticket, mr } => format!("resolved {} {mr}", ticket.0),
        Event::Report(report) => {
            format!(
                "report {} {} {:02X}",
                report.reference,
                report.recipient.text(),
                report.status.0
            )
        }
        Event::Inbound(deliver) => {
            let text = deliver.user_data.text().unwrap_or("-");
            format!("inbound {} {text}", deliver.originator.text())
        }
        Event::Signal(signal) => {
            format!(
                "signal {}",
                signal.map_or("-".into(), |signal| signal.to_string())
            )
        }
        Event::Network(network) => format!(
            "network {} {} {}",
            or_dash(&network.operator),
            network
                .technology
                .map_or("-".into(), |technology| technology.to_string()),
            match network.roaming {
                Some(true) => "roaming",
                Some(false) => "home",
                None => "none",
            }
        ),
        Event::PinWanted { iccid, tries } => format!("pin wanted {iccid} {tries}"),
        Event::Garbage { bytes } => format!("garbage {bytes}"),
        Event::Ussd(answer) => render_ussd(answer),
        Event::Manual(ManualAnswer { lines, end }) => {
            let said = format!("manual {} {}", end.as_str(), lines.join("|"));
            said.trim_end().to_owned()
        }
        Event::Climbed { rung, reason } => format!("climbed {} {reason}", rung.as_str()),
        Event::CallRejected => "call rejected".into(),
    }
}

fn render_ussd(answer: &UssdAnswer) -> String {
    let unasked = if answer.asked { "" } else { "unasked " };
    let state = match answer.state {
        UssdState::Open => "open",
        UssdState::Ended(end) => end.as_str(),
    };
    let text = answer.text.as_deref().unwrap_or("-").replace('\n', "|");
    format!("ussd {unasked}{state} {text}")
}

fn or_dash(text: &str) -> &str {
    if text.is_empty() { "-" } else { text }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a point to count virtual time from"
)]
fn origin() -> Instant {
    Instant::now()
}

const BRING_UP_STEPS_MAX: usize = 200;

/// Wakes in one stretch of virtual time before it counts as spinning.
const WAKES_MAX: usize = 20_000;
