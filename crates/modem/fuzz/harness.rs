//! Drives a line with arbitrary bytes, time steps and inputs, and checks what must hold whatever a modem says.
//!
//! ```text
//!  input ─► octets: 0x80..=0xEF an action, others bytes of the modem as they are
//!           0x80 + n   (n < 8)  a healthy modem's answer to the last command
//!           0x88 + n   (n < 4)  an operator's reset
//!           0x8C + n   (n < 4)  a line of the second word list
//!           0x90 + n   time passes, 2^n ms at most to the next deadline and on
//!           0xA0 + n   a line of the word list
//!           0xB0 …     submit, PIN, close, open, wait for a deadline
//!           0xC0 …     an operator dials, replies, gives up, types a command
//!           0xD0 + n   a line of the words of USSD
//!           0xE0       a deadline passes; 0xE1: the port fails at the next write, before it has taken its end;
//!                      0xE2: the line is to look at its SIM
//!           0xEF       as the first octet: the modem has every peculiarity that a profile can say
//! ```
//!
//! Shared by the fuzz target and by the test that replays its corpus. It knows only the public interface.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use modem::{
    Cause, Effect, Event, Input, Line, LineSettings, LineState, ManualCommand, Outcome, Pin,
    PinAnswer, Profile, ProfileChoice, Rung, Session, Submission, Ticket, UssdAct, UssdEnd,
    UssdRequest, UssdState,
};

/// Runs one input to its end, and says how often Ctrl-Z was written.
///
/// # Panics
/// If something does not hold.
pub(crate) fn run(input: &[u8]) -> usize {
    let (settings, input) = match input.split_first() {
        Some((0xEF, input)) => (peculiar(), input),
        Some(_) | None => (LineSettings::default(), input),
    };
    let mut world = World::new(settings);
    world.step(Input::Opened);
    let mut plain = Vec::new();
    for &octet in input.iter().take(INPUT_OCTETS_MAX) {
        if !(0x80..0xF0).contains(&octet) {
            plain.push(octet);
            continue;
        }
        world.hear(&plain);
        plain.clear();
        world.act(octet);
    }
    world.hear(&plain);
    world.end();
    world.sends
}

struct World {
    line: Line,
    now: Instant,
    is_open: bool,
    session: Option<Session>,
    next_ticket: u64,
    /// Given and not ended.
    open: BTreeSet<Ticket>,
    /// Ended as unknown: a late reference may still resolve each once.
    doubtful: BTreeSet<Ticket>,
    /// Ctrl-Z was written and no outcome told.
    uncertain: bool,
    /// How often it was.
    sends: usize,
    /// The port does not take all of the next write.
    is_port_failing: bool,
    pin_wanted: bool,
    /// The owner has let the PIN go, and it is not written yet: a modem may want a pause before.
    pin_let_go: bool,
    /// Answers to an operator that are to come.
    ussd_owed: u32,
    manual_owed: u32,
    /// An operator's menu is open: its end is told though no act waits for it.
    has_menu: bool,
    command: Vec<u8>,
}

impl World {
    fn new(settings: LineSettings) -> World {
        World {
            line: Line::new(settings),
            now: origin(),
            is_open: false,
            session: None,
            next_ticket: 1,
            open: BTreeSet::new(),
            doubtful: BTreeSet::new(),
            uncertain: false,
            sends: 0,
            is_port_failing: false,
            pin_wanted: false,
            pin_let_go: false,
            ussd_owed: 0,
            manual_owed: 0,
            has_menu: false,
            command: Vec::new(),
        }
    }

    fn act(&mut self, octet: u8) {
        let low = octet & 0x0F;
        match octet & 0xF0 {
            0x80 => match low {
                8..=11 => self.step(Input::Reset(RESETS[usize::from(low) - 8])),
                12..=15 => self.hear(MORE_WORDS[usize::from(low) - 12].as_bytes()),
                _ => self.answer(),
            },
            0x90 => self.pass(Duration::from_millis(1 << low)),
            0xA0 => self.hear(WORDS[usize::from(low)].as_bytes()),
            0xB0 => match low {
                0..=3 => self.submit(false),
                4..=7 => self.submit(true),
                8 | 9 => self.step(Input::Pin(PinAnswer::Withhold("withheld"))),
                10 | 11 => self.step(Input::Pin(PinAnswer::Give(
                    Pin::parse("4711").expect("it is a PIN"),
                ))),
                12 => self.step(Input::Closed),
                13 => self.step(Input::Opened),
                _ => self.bring_up(),
            },
            0xC0 => self.operate(low),
            0xD0 => self.hear(USSD_WORDS[usize::from(low)].as_bytes()),
            _ if low == 1 => self.is_port_failing = true,
            _ if low == 2 => self.step(Input::CheckSim),
            _ => self.due(),
        }
    }

    fn operate(&mut self, low: u8) {
        let request = || UssdRequest::parse("*100#").expect("it is a code");
        let command = |typed| ManualCommand::parse(typed).expect("it is allowed");
        match low {
            0..=3 => self.ussd(UssdAct::Dial(request())),
            4 | 5 => self.ussd(UssdAct::Reply(request())),
            6 | 7 => self.ussd(UssdAct::GiveUp),
            8..=11 => self.type_in(command("AT+CSQ")),
            _ => self.type_in(command("AT+CMGL=4")),
        }
    }

    /// Each act has one answer; giving up ends an act that waits, and both have the same.
    fn ussd(&mut self, act: UssdAct) {
        if act != UssdAct::GiveUp || self.ussd_owed == 0 {
            self.ussd_owed += 1;
        }
        self.step(Input::Ussd(act));
        assert!(
            self.ussd_owed <= 1,
            "an act that can't be done is answered at once"
        );
    }

    fn type_in(&mut self, command: ManualCommand) {
        self.manual_owed += 1;
        self.step(Input::Manual(command));
        assert!(
            self.manual_owed <= 1,
            "a command that can't be run is answered at once"
        );
    }

    /// A healthy modem answers until the line is idle, or for as many commands and waits as an initialisation has.
    fn bring_up(&mut self) {
        for _ in 0..COMMANDS_MAX {
            if self.line.is_idle() {
                return;
            }
            if self.command.is_empty() {
                self.due();
            } else {
                self.answer();
            }
        }
    }

    fn answer(&mut self) {
        let command = String::from_utf8_lossy(&self.command).into_owned();
        self.command.clear();
        let text = match command.trim_start_matches('\x1B').trim_end() {
            "AT+CPIN?" => "\r\n+CPIN: READY\r\n\r\nOK\r\n",
            "AT#QSS?" => "\r\n#QSS: 2,3\r\n\r\nOK\r\n",
            "AT+CCID" => "\r\n8949020000012345678\r\n\r\nOK\r\n",
            "AT+CIMI" => "\r\n262020123456789\r\n\r\nOK\r\n",
            "AT+CFUN?" => "\r\n+CFUN: 1\r\n\r\nOK\r\n",
            "AT+CMGF?" => "\r\n+CMGF: 0\r\n\r\nOK\r\n",
            "AT+CNMI?" => "\r\n+CNMI: 2,1,0,1,0\r\n\r\nOK\r\n",
            "AT+CREG?" => "\r\n+CREG: 2,1\r\n\r\nOK\r\n",
            "AT+CPINR" => "\r\n+CPINR: SIM PIN,3,3\r\n\r\nOK\r\n",
            command if command.starts_with("AT+CMGS=") => "\r\n> ",
            command if command.ends_with('\x1A') => "\r\n+CMGS: 7\r\n\r\nOK\r\n",
            "" => "",
            _ => "\r\nOK\r\n",
        };
        self.hear(text.as_bytes());
    }

    fn submit(&mut self, more_follow: bool) {
        let ticket = Ticket(self.next_ticket);
        self.next_ticket += 1;
        self.open.insert(ticket);
        self.step(Input::Submit(Submission {
            ticket,
            session: self.session.unwrap_or(Session(0)),
            tpdu: Box::new(TPDU),
            more_follow,
        }));
    }

    fn hear(&mut self, bytes: &[u8]) {
        if !bytes.is_empty() && self.is_open {
            self.step(Input::Bytes(bytes));
        }
    }

    /// Time passes; the line is woken at each of its deadlines.
    fn pass(&mut self, time: Duration) {
        let end = self.now + time;
        for _ in 0..WAKES_MAX {
            match self.line.deadline() {
                Some((due, _)) if due <= end => self.due(),
                Some(_) | None => {
                    self.now = end;
                    return;
                }
            }
        }
        panic!("the line spins: {:?}", self.line.deadline());
    }

    fn due(&mut self) {
        if let Some((due, _)) = self.line.deadline() {
            self.now = self.now.max(due);
            self.step(Input::Wake);
        }
    }

    fn step(&mut self, input: Input<'_>) {
        match &input {
            Input::Opened => self.is_open = true,
            Input::Closed | Input::Unwritten => self.is_open = false,
            Input::Bytes(_) | Input::Submit(_) | Input::Pin(_) | Input::Reset(_) => {}
            Input::Ussd(_) | Input::Manual(_) => {}
            Input::CheckSim | Input::Wake => {}
        }
        let is_closing = matches!(input, Input::Unwritten);
        self.pin_let_go |= matches!(input, Input::Pin(PinAnswer::Give(_))) && self.pin_wanted;
        let mut out = Vec::new();
        self.line.step(self.now, input, &mut out);
        let mut has_failed = false;
        for effect in out {
            if self.is_port_failing && matches!(effect, Effect::Write(_)) {
                has_failed = true;
            } else {
                self.check(effect);
            }
        }
        if has_failed {
            self.is_port_failing = false;
            self.step(Input::Unwritten);
            self.step(Input::Closed);
        } else if !is_closing {
            self.check_wait();
        }
    }

    fn check(&mut self, effect: Effect) {
        match effect {
            Effect::Write(bytes) => {
                assert!(!self.uncertain, "written between Ctrl-Z and the result");
                let gives = bytes.starts_with(b"AT+CPIN=");
                assert!(!gives || self.pin_let_go, "a PIN nobody let go");
                self.pin_wanted &= !gives;
                self.pin_let_go &= !gives;
                self.uncertain = bytes.contains(&0x1A);
                if self.uncertain {
                    self.sends += 1;
                    assert_eq!(bytes.last(), Some(&0x1A), "Ctrl-Z ends what is written");
                }
                self.command = bytes;
            }
            Effect::Reopen { .. } => self.is_open = false,
            Effect::Event(event) => self.check_event(event),
        }
    }

    fn check_event(&mut self, event: Event) {
        match event {
            Event::Ready { session, .. } => {
                assert!(self.session < Some(session), "sessions count up");
                self.session = Some(session);
            }
            Event::Finished {
                ticket, outcome, ..
            } => {
                assert!(self.open.remove(&ticket), "an outcome told twice");
                let is_after_ctrl_z = std::mem::take(&mut self.uncertain);
                match outcome {
                    Outcome::Sent { .. } => assert!(is_after_ctrl_z, "sent without Ctrl-Z"),
                    Outcome::Unknown(_) => {
                        assert!(is_after_ctrl_z, "unknown, but Ctrl-Z never left");
                        self.doubtful.insert(ticket);
                    }
                    Outcome::Refused(Cause::NoPrompt | Cause::LineLost) => {
                        assert!(!is_after_ctrl_z, "certain, but Ctrl-Z had left");
                    }
                    Outcome::Refused(Cause::Cms(_) | Cause::Cme(_) | Cause::Error) => {}
                }
            }
            Event::Returned { ticket } => {
                assert!(self.open.remove(&ticket), "an outcome told twice");
            }
            Event::Resolved { ticket, .. } => {
                assert!(self.doubtful.remove(&ticket), "resolved, but not in doubt");
            }
            Event::PinWanted { tries, .. } => {
                assert!(tries >= 2, "the last try is never used");
                self.pin_wanted = true;
                self.pin_let_go = false;
            }
            Event::State(_) | Event::Down { .. } | Event::Report(_) => {}
            Event::Inbound(_) | Event::Signal(_) | Event::Network(_) => {}
            Event::Garbage { .. } | Event::Climbed { .. } | Event::CallRejected => {}
            Event::Ussd(answer) if answer.asked => {
                let is_owed = self.ussd_owed > 0;
                assert!(is_owed || self.has_menu, "an answer told twice: {answer:?}");
                self.ussd_owed = self.ussd_owed.saturating_sub(1);
                // An act that can't be done ends nothing.
                if answer.state != UssdState::Ended(UssdEnd::Busy) {
                    self.has_menu = answer.state == UssdState::Open;
                }
            }
            Event::Ussd(_) => {}
            Event::Manual(answer) => {
                assert!(self.manual_owed > 0, "an answer told twice: {answer:?}");
                self.manual_owed -= 1;
            }
        }
    }

    /// A line that has begun something has a deadline, and none is further away than any limit of the line's.
    fn check_wait(&self) {
        let Some((due, reason)) = self.line.deadline() else {
            assert!(self.open.is_empty(), "a submission waits for nothing");
            assert!(!self.is_open, "an open port waits for nothing");
            return;
        };
        let is_well = matches!(self.line.state(), LineState::Ready | LineState::Sending);
        assert!(is_well || self.line.reason().is_some(), "no reason");
        assert!(due <= self.now + WAIT_MAX, "{reason}: {:?}", due - self.now);
    }

    /// Whatever happened, a submission ends when the modem says nothing more.
    fn end(&mut self) {
        self.pass(WAIT_MAX);
        assert!(self.open.is_empty(), "no outcome: {:?}", self.open);
        let owed = (self.ussd_owed, self.manual_owed);
        assert_eq!(owed, (0, 0), "an operator waits for ever");
        self.step(Input::Closed);
        assert_eq!(self.line.deadline(), None, "a closed port needs no wake-up");
    }
}

fn peculiar() -> LineSettings {
    let profile = Profile::read("peculiar", PECULIAR).expect("it is a profile");
    LineSettings {
        profile: ProfileChoice::Fixed(Arc::new(profile)),
        ..LineSettings::default()
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a point to count virtual time from"
)]
fn origin() -> Instant {
    Instant::now()
}

/// What modems say by themselves, and what upsets.
const WORDS: [&str; 16] = [
    "\r\nOK\r\n",
    "\r\nERROR\r\n",
    "\r\n> ",
    "\r\n+CMGS: 9\r\n",
    "\r\n+CMS ERROR: 38\r\n",
    "\r\n+CME ERROR: 16\r\n",
    "\r\n+CPIN: SIM PIN\r\n",
    "\r\n+CPIN: NOT READY\r\n",
    "\r\nRDY\r\n",
    "\r\n+CREG: 2\r\n",
    "\r\n+CREG: 1\r\n",
    "\r\n+CMTI: \"SM\",1\r\n",
    "\r\n+CDS: 25\r\n07919471060040F006400D91945111325476F8521170610340405211706153104000\r\n",
    "\r\n+CPINR: SIM PIN,3,3\r\n\r\nOK\r\n",
    "\r\n+CCID: 8949020000099999999\r\n\r\nOK\r\n",
    "\r\n+CSQ: 17,99\r\n",
];

/// What networks say by USSD, whole, in pieces and broken.
const USSD_WORDS: [&str; 16] = [
    "\r\n+CUSD: 0,\"Credit 5.00\",15\r\n",
    "\r\n+CUSD: 1,\"1 Balance\n2 End\",15\r\n",
    "\r\n+CUSD: 2\r\n",
    "\r\n+CUSD: 4\r\n",
    "\r\n+CUSD: 0,\"4379999CA6836A2E180C54AC4A01\",15\r\n",
    "\r\n+CUSD: 0,\"00430072\",72\r\n",
    "\r\n+CUSD: 1,\"never closed\r\n",
    "\r\n> more\",15\r\n",
    "\r\n+CUSD:\r\n",
    "\r\n+CUSD: 1\r\n",
    "\r\n+CUSD: 9,\"\",999\r\n",
    "\r\n+CSQ: 17,99\r\n\r\nOK\r\n",
    "\r\nOK\r\n\r\n+CUSD: 0,\"a\"\r\n",
    "+CUSD: 0,\"\x01\x1A\x1B\x7F\",15\r\n",
    "CONNECT\r\n",
    "\r\nNO CARRIER\r\n",
];

/// What an operator may ask for.
const RESETS: [Rung; 4] = [Rung::Initialise, Rung::Radio, Rung::Reset, Rung::Reopen];

/// More of what modems say by themselves.
const MORE_WORDS: [&str; 4] = [
    "\r\nRING\r\n",
    "\r\n^SIMST:255\r\n",
    "\r\n+QUSIM: 1\r\n",
    "\r\n+CFUN: 1\r\n",
];

const PECULIAR: &str = include_str!("peculiar.toml");

/// SUBMIT of "hello".
const TPDU: [u8; 20] = [
    0x31, 0x00, 0x0D, 0x91, 0x94, 0x51, 0x11, 0x32, 0x54, 0x76, 0xF8, 0x00, 0x00, 0xA7, 0x05, 0xE8,
    0x32, 0x9B, 0xFD, 0x06,
];

/// Longer inputs find nothing that shorter ones do not.
const INPUT_OCTETS_MAX: usize = 4096;

/// Commands and waits of an initialisation, with all their second ways.
const COMMANDS_MAX: usize = 160;

/// Wakes in one stretch of virtual time before it counts as spinning.
const WAKES_MAX: usize = 20_000;

/// Above every wait of a line: by profile the result of a send takes 420 s at most.
const WAIT_MAX: Duration = Duration::from_secs(430);
