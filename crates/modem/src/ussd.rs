//! USSD: codes dialled into the network, its answers, and menus (3GPP TS 22.090, TS 27.007 §7.15 `+CUSD`).
//!
//! ```text
//!            Dial                OK                    +CUSD: 0, 2…5
//!  (none) ────────► Due ─► Asking ─► Waiting ───────────────────────────► (none)
//!                    ▲       │ error     │ 30 s                              ▲
//!                    │       ▼           ▼            CancelDue ─► Cancelling┘
//!              Reply │     (none)      CancelDue          ▲  any answer
//!                    └── Open ◄── +CUSD: 1 ── Waiting     │
//!                         └── 60 s, 3 min in all, GiveUp ─┘
//! ```
//!
//! A line has one dialogue at a time, and while it has one it takes no submission. Each [`UssdAct`] is answered by one
//! [`UssdAnswer`], whatever the modem does. What a text says is nobody's business here, and it never shows in `Debug`.

mod coding;
mod gather;

use std::fmt;
use std::time::Instant;

use crate::command::Command::Set;
use crate::result::Final;
use crate::timing::{USSD_ANSWER, USSD_CANCEL, USSD_DIALOGUE, USSD_REPLY, USSD_RESULT};
use crate::wire::{Query, Reply, Wire};
use crate::{Cause, Effect, UssdText};

pub(crate) use gather::{Gatherer, Heard, NAME};

/// What is said to the network: a code, or a reply within a menu. Printable ASCII of the GSM alphabet, no quotes.
#[derive(Clone, PartialEq, Eq)]
pub struct UssdRequest(Box<str>);

/// What is wanted of a line's dialogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UssdAct {
    /// Begin a dialogue with a code.
    Dial(UssdRequest),
    /// Answer the menu that is open.
    Reply(UssdRequest),
    /// End the dialogue.
    GiveUp,
}

/// What the network said, or what became of the dialogue.
#[derive(Clone, PartialEq, Eq)]
pub struct UssdAnswer {
    /// The network's words; `None` if it said none.
    pub text: Option<Box<str>>,
    /// How the dialogue stands after it.
    pub state: UssdState,
    /// Whether it answers an act, or tells how an operator's open menu goes on; otherwise the network spoke first, or too
    /// late.
    pub asked: bool,
}

/// How a dialogue stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UssdState {
    /// The network waits for a reply.
    Open,
    /// It is over.
    Ended(UssdEnd),
}

/// Why a dialogue is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UssdEnd {
    /// The network has said all (`+CUSD: 0`).
    Done,
    /// The network broke it off (`+CUSD: 2`).
    Terminated,
    /// Another program on the modem answered (`+CUSD: 3`).
    OtherClient,
    /// The network or the modem has no USSD (`+CUSD: 4`).
    NotSupported,
    /// The network took too long for itself (`+CUSD: 5`).
    NetworkTimeout,
    /// The modem refused the command.
    Refused(Cause),
    /// The modem or the network said nothing in time.
    NoAnswer,
    /// Nobody answered the menu in time.
    ReplyTimeout,
    /// Given up on purpose.
    Cancelled,
    /// The line was lost, reset or rebooted.
    LineLost,
    /// There was no menu to answer, or a dialogue or something else ran already.
    Busy,
}

/// The running dialogue of a line.
#[derive(Debug)]
pub(crate) struct Dialogue {
    stage: Stage,
    /// When it ends, whatever happens.
    latest: Instant,
}

#[derive(Debug)]
enum Stage {
    /// To be written as soon as no other command runs.
    Due(UssdRequest),
    /// Written. The answer may come before the result.
    Asking(Option<(u8, Option<Box<str>>)>),
    /// Written, and given up meanwhile: it ends by its own result.
    GivenUp,
    /// Accepted: the network's answer is to come.
    Waiting { until: Instant },
    /// The menu waits for a reply.
    Open { until: Instant },
    /// All is told; the network is to be told too.
    CancelDue,
    /// `AT+CUSD=2` is written.
    Cancelling,
}

/// What a step means for the line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// The dialogue goes on.
    Going,
    /// It is over.
    Over,
    /// It is over, and the modem did not answer.
    Mute,
}

impl UssdRequest {
    /// Checks a code or reply.
    ///
    /// # Errors
    /// What is wrong with it, for people.
    pub fn parse(text: &str) -> Result<UssdRequest, &'static str> {
        if text.is_empty() {
            return Err("must not be empty");
        }
        let is_plain = |byte: u8| (b' '..=b'~').contains(&byte) && byte != b'"';
        if !text.bytes().all(is_plain) {
            return Err("must be digits, *, # and plain letters, without quotes");
        }
        let fits = sms::gsm7::septets(text).is_some_and(|septets| septets.len() <= SEPTETS_MAX);
        if !fits {
            return Err("must be GSM 7-bit text of at most 182 characters");
        }
        if PIN_CODES.iter().any(|code| text.starts_with(code)) {
            return Err(
                "changes or unblocks a PIN: do that in a phone, a wrong one can lock the SIM for good",
            );
        }
        Ok(UssdRequest(text.into()))
    }
}

impl UssdEnd {
    /// The word used in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            UssdEnd::Done => "done",
            UssdEnd::Terminated => "terminated",
            UssdEnd::OtherClient => "other_client",
            UssdEnd::NotSupported => "not_supported",
            UssdEnd::NetworkTimeout => "network_timeout",
            UssdEnd::Refused(_) => "refused",
            UssdEnd::NoAnswer => "no_answer",
            UssdEnd::ReplyTimeout => "reply_timeout",
            UssdEnd::Cancelled => "cancelled",
            UssdEnd::LineLost => "line_lost",
            UssdEnd::Busy => "busy",
        }
    }
}

impl Dialogue {
    /// A dialogue that begins with this code as soon as the wire is free.
    pub(crate) fn dial(now: Instant, request: UssdRequest) -> Dialogue {
        Dialogue {
            stage: Stage::Due(request),
            latest: now + USSD_DIALOGUE,
        }
    }

    /// A dialogue that the network began and nobody wants: it is only ended.
    pub(crate) fn unwanted(now: Instant) -> Dialogue {
        Dialogue {
            stage: Stage::CancelDue,
            latest: now + USSD_DIALOGUE,
        }
    }

    /// Answers the menu. False if none is open.
    pub(crate) fn reply(&mut self, request: UssdRequest) -> bool {
        let is_open = matches!(self.stage, Stage::Open { .. });
        if is_open {
            self.stage = Stage::Due(request);
        }
        is_open
    }

    /// Ends it on purpose. Whoever waits for an answer is told so; false if it is ending already.
    pub(crate) fn give_up(&mut self, out: &mut Vec<Effect>) -> bool {
        match self.stage {
            Stage::Asking(_) => self.stage = Stage::GivenUp,
            Stage::Due(_) | Stage::Waiting { .. } | Stage::Open { .. } => {
                self.stage = Stage::CancelDue;
            }
            Stage::GivenUp | Stage::CancelDue | Stage::Cancelling => return false,
        }
        say(UssdState::Ended(UssdEnd::Cancelled), None, out);
        true
    }

    /// The line was lost: whoever waits for an answer is told so.
    pub(crate) fn lose(self, out: &mut Vec<Effect>) {
        match self.stage {
            Stage::Due(_) | Stage::Asking(_) | Stage::Waiting { .. } | Stage::Open { .. } => {
                say(UssdState::Ended(UssdEnd::LineLost), None, out);
            }
            Stage::GivenUp | Stage::CancelDue | Stage::Cancelling => {}
        }
    }

    /// Whether a command of it runs.
    pub(crate) fn is_asking(&self) -> bool {
        matches!(
            self.stage,
            Stage::Asking(_) | Stage::GivenUp | Stage::Cancelling
        )
    }

    /// Writes what is due; the wire is free.
    pub(crate) fn write_due(
        &mut self,
        now: Instant,
        style: UssdText,
        wire: &mut Wire,
        out: &mut Vec<Effect>,
    ) {
        match &self.stage {
            Stage::Due(request) => {
                let parameters = format!("1,\"{}\",15", coding::encode(&request.0, style));
                self.stage = Stage::Asking(None);
                wire.ask(
                    now,
                    &Query::plain(Set("+CUSD", &parameters), USSD_RESULT),
                    out,
                );
            }
            Stage::CancelDue => {
                self.stage = Stage::Cancelling;
                wire.ask(now, &Query::plain(Set("+CUSD", "2"), USSD_CANCEL), out);
            }
            Stage::Asking(_) | Stage::GivenUp | Stage::Cancelling => {}
            Stage::Waiting { .. } | Stage::Open { .. } => {}
        }
    }

    /// Its command ended.
    pub(crate) fn answered(
        &mut self,
        now: Instant,
        reply: &Reply,
        out: &mut Vec<Effect>,
    ) -> Progress {
        match std::mem::replace(&mut self.stage, Stage::CancelDue) {
            Stage::Asking(Some((mode, text))) => self.conclude(now, mode, text, out),
            Stage::Asking(None) => match reply.result {
                Some(Final::Ok) => {
                    self.stage = Stage::Waiting {
                        until: (now + USSD_ANSWER).min(self.latest),
                    };
                    Progress::Going
                }
                Some(result) => {
                    let cause = match result {
                        Final::Cms(code) => Cause::Cms(code),
                        Final::Cme(code) => Cause::Cme(code),
                        Final::Ok | Final::Error => Cause::Error,
                    };
                    say(UssdState::Ended(UssdEnd::Refused(cause)), None, out);
                    Progress::Over
                }
                None => {
                    say(UssdState::Ended(UssdEnd::NoAnswer), None, out);
                    Progress::Mute
                }
            },
            Stage::GivenUp | Stage::Cancelling if reply.result.is_none() => Progress::Mute,
            // The place of the stage says what is due now.
            Stage::GivenUp => Progress::Going,
            Stage::Cancelling => Progress::Over,
            other @ (Stage::Due(_)
            | Stage::Waiting { .. }
            | Stage::Open { .. }
            | Stage::CancelDue) => {
                self.stage = other;
                Progress::Going
            }
        }
    }

    /// The network spoke: whether it was to this dialogue, and how it goes on.
    pub(crate) fn heard(
        &mut self,
        now: Instant,
        mode: u8,
        text: Option<Box<str>>,
        out: &mut Vec<Effect>,
    ) -> Progress {
        match &mut self.stage {
            Stage::Asking(answer) => {
                answer.get_or_insert((mode, text));
                Progress::Going
            }
            Stage::Waiting { .. } | Stage::Open { .. } => self.conclude(now, mode, text, out),
            // What is said while a reply waits for the wire ends the menu, or is noise.
            Stage::Due(_) if mode != MODE_OPEN => self.conclude(now, mode, text, out),
            Stage::Due(_) | Stage::GivenUp | Stage::CancelDue | Stage::Cancelling => {
                Progress::Going
            }
        }
    }

    /// A deadline may have passed.
    pub(crate) fn wake(&mut self, now: Instant, out: &mut Vec<Effect>) {
        let end = match self.stage {
            Stage::Waiting { until } if until <= now => UssdEnd::NoAnswer,
            Stage::Open { until } if until <= now => UssdEnd::ReplyTimeout,
            Stage::Due(_) | Stage::Asking(_) | Stage::GivenUp => return,
            Stage::Waiting { .. } | Stage::Open { .. } => return,
            Stage::CancelDue | Stage::Cancelling => return,
        };
        self.stage = Stage::CancelDue;
        say(UssdState::Ended(end), None, out);
    }

    /// When to look again, and why.
    pub(crate) fn deadline(&self) -> Option<(Instant, &'static str)> {
        match self.stage {
            Stage::Waiting { until } => Some((until, "the network's answer to a USSD code")),
            Stage::Open { until } => Some((until, "the reply to a USSD menu")),
            Stage::Due(_) | Stage::Asking(_) | Stage::GivenUp => None,
            Stage::CancelDue | Stage::Cancelling => None,
        }
    }

    fn conclude(
        &mut self,
        now: Instant,
        mode: u8,
        text: Option<Box<str>>,
        out: &mut Vec<Effect>,
    ) -> Progress {
        if mode != MODE_OPEN {
            say(UssdState::Ended(end_of(mode)), text, out);
            return Progress::Over;
        }
        self.stage = Stage::Open {
            until: (now + USSD_REPLY).min(self.latest),
        };
        say(UssdState::Open, text, out);
        Progress::Going
    }
}

/// What a `<m>` that ends a dialogue means (3GPP TS 27.007 §7.15).
pub(crate) fn end_of(mode: u8) -> UssdEnd {
    match mode {
        2 => UssdEnd::Terminated,
        3 => UssdEnd::OtherClient,
        4 => UssdEnd::NotSupported,
        5 => UssdEnd::NetworkTimeout,
        _ => UssdEnd::Done,
    }
}

fn say(state: UssdState, text: Option<Box<str>>, out: &mut Vec<Effect>) {
    out.push(Effect::Event(crate::Event::Ussd(UssdAnswer {
        text,
        state,
        asked: true,
    })));
}

impl fmt::Debug for UssdRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UssdRequest({} characters)", self.0.len())
    }
}

impl fmt::Debug for UssdAnswer {
    /// Balances and numbers are private: only the length of the text is shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let characters = self.text.as_ref().map(|text| text.chars().count());
        f.debug_struct("UssdAnswer")
            .field("characters", &characters)
            .field("state", &self.state)
            .field("asked", &self.asked)
            .finish()
    }
}

/// `<m>`: the network waits for a reply.
pub(crate) const MODE_OPEN: u8 = 1;

/// Septets of a USSD string: 160 octets (3GPP TS 24.080 §3.6.1 and annex A).
const SEPTETS_MAX: usize = 182;

/// Codes that change or unblock PINs (3GPP TS 22.030 §6.6).
const PIN_CODES: &[&str] = &["**04", "**05"];

#[cfg(test)]
mod tests;
