//! One submission on its way: `AT+CMGS`, the prompt, the PDU with Ctrl-Z, the result (3GPP TS 27.005 §4.3).
//!
//! ```text
//!  (AT+CMMS=1 ──► any answer ──►)
//!  AT+CMGS=n ──► Prompt ── '>' ──► Writing ── PDU Ctrl-Z ──► Result ── +CMGS: mr ──► Accepted ── OK, 3 s ──► Sent
//!                  │ error: Refused                            │ error: Refused, or Unknown if it names a network time-out
//!                  │ 10 s: NoPrompt (then ESC)                 │ OK alone: Unknown(NoReference)
//!                  │ lost: Refused(LineLost)                   │ hard time-out: Unknown(Silence)
//!                  ╰── certain ────────────────────────────────┤ lost: Unknown(LineLost | Reboot)
//!                                                              ╰── uncertain
//! ```
//!
//! Ctrl-Z divides what is certain from what is not. It counts as written once the port has taken it: what lies in a
//! driver's buffer is out of our hands. A modem that wants the PDU in pieces gets Ctrl-Z with the last. Between Ctrl-Z and
//! the final result nothing is ever written: any byte may abort the running command (ITU-T V.250 §5.6.1). Retrying is the
//! gateway's business.

use std::time::{Duration, Instant};

use crate::command::Command;
use crate::result::Final;
use crate::timing::{LOST_OK, PROMPT, PROMPT_OK, RESULT_SOFT, SETTING};
use crate::wire::Wire;
use crate::{
    Cause, Course, Doubt, Effect, Event, Outcome, RAW_RESULT_MAX, Submission, Ticket, fields,
};

/// A submission in the modem.
#[derive(Debug)]
pub(crate) struct Send {
    ticket: Ticket,
    /// What follows the prompt: service centre and TPDU.
    pdu: Vec<u8>,
    /// Octets of the TPDU alone.
    octets: u16,
    link: Link,
    stage: Stage,
    course: Course,
}

/// Whether the link is kept up for the next part (`+CMMS`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Link {
    NotWanted,
    Wanted,
    Refused,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// `AT+CMMS=1` is written.
    Linking { until: Instant },
    /// `AT+CMGS` is written: nothing can be sent yet.
    Prompt { until: Instant },
    /// The prompt came, and Ctrl-Z is yet to be written: nothing can be sent yet.
    Writing,
    /// Ctrl-Z is written: nobody knows until the result comes.
    Result {
        since: Instant,
        until: Instant,
        prompt_ok: bool,
        soft_passed: bool,
    },
    /// The reference came: it is sent, only the `OK` is missing.
    Accepted { mr: u8, until: Instant },
}

/// Which side of Ctrl-Z an interrupted send was on, as an outcome for each.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Interruption {
    /// Why it is not sent, before Ctrl-Z.
    pub(crate) before: Cause,
    /// Why it is unknown, after.
    pub(crate) after: Doubt,
}

impl Send {
    /// Writes `AT+CMGS`, or `AT+CMMS` first if the link is to be kept. `pdu` is what follows the prompt; the length that
    /// `AT+CMGS` names leaves out the service centre's octets.
    pub(crate) fn start(
        now: Instant,
        submission: &Submission,
        pdu: Vec<u8>,
        linked: bool,
        wire: &mut Wire,
        out: &mut Vec<Effect>,
    ) -> Send {
        let octets = u16::try_from(submission.tpdu.len()).unwrap_or(u16::MAX);
        let mut send = Send {
            ticket: submission.ticket,
            pdu,
            octets,
            link: if linked {
                Link::Wanted
            } else {
                Link::NotWanted
            },
            stage: Stage::Linking {
                until: now + SETTING,
            },
            course: Course::default(),
        };
        if linked {
            wire.command(now, Command::Set("+CMMS", "1"), out);
        } else {
            send.ask_prompt(now, wire, out);
        }
        send
    }

    fn ask_prompt(&mut self, now: Instant, wire: &mut Wire, out: &mut Vec<Effect>) {
        wire.command(now, Command::SetNumber("+CMGS", self.octets), out);
        self.stage = Stage::Prompt {
            until: now + PROMPT,
        };
    }

    /// The attempt.
    pub(crate) fn ticket(&self) -> Ticket {
        self.ticket
    }

    /// What the owner is told at the end.
    pub(crate) fn finished(&self, outcome: Outcome) -> Event {
        Event::Finished {
            ticket: self.ticket,
            outcome,
            course: self.course.clone(),
        }
    }

    /// The modem said this line, a final result or a reference. `OK` says nothing that the line before it has not.
    pub(crate) fn note_words(&mut self, line: &[u8]) {
        let is_ok = line.trim_ascii() == b"OK";
        if self.is_linking() || is_ok && self.course.raw.is_some() {
            return;
        }
        let is_plain = |byte: &&u8| byte.is_ascii_graphic() || **byte == b' ';
        let words = line.trim_ascii().iter().filter(is_plain);
        let words: String = words
            .take(RAW_RESULT_MAX)
            .map(|byte| char::from(*byte))
            .collect();
        self.course.raw = Some(words.into());
    }

    /// Whether nothing can be sent yet.
    pub(crate) fn is_before_ctrl_z(&self) -> bool {
        matches!(
            self.stage,
            Stage::Linking { .. } | Stage::Prompt { .. } | Stage::Writing
        )
    }

    /// Whether the prompt has come: `AT+CMGS` was written before it.
    pub(crate) fn has_prompt(&self) -> bool {
        !matches!(self.stage, Stage::Linking { .. } | Stage::Prompt { .. })
    }

    /// Whether a part of the PDU is yet to be written.
    pub(crate) fn is_writing(&self) -> bool {
        self.stage == Stage::Writing
    }

    /// Whether `+CMMS` waits for its answer.
    pub(crate) fn is_linking(&self) -> bool {
        matches!(self.stage, Stage::Linking { .. })
    }

    /// Whether the modem keeps the link up.
    pub(crate) fn is_linked(&self) -> bool {
        self.link == Link::Wanted
    }

    /// Whether the modem refused to keep the link up.
    pub(crate) fn is_link_refused(&self) -> bool {
        self.link == Link::Refused
    }

    /// The prompt came: the PDU is written, at once or in pieces. A second prompt is noise.
    pub(crate) fn prompt(&mut self, now: Instant, wire: &mut Wire, out: &mut Vec<Effect>) {
        if matches!(self.stage, Stage::Prompt { .. }) {
            wire.pdu(now, &self.pdu, out);
            self.stage = Stage::Writing;
        }
    }

    /// All that was to be written is. Returns whether that was Ctrl-Z.
    pub(crate) fn written(&mut self, now: Instant, result_timeout: Duration) -> bool {
        if !self.is_writing() {
            return false;
        }
        self.course.submitted = Some(now);
        self.stage = Stage::Result {
            since: now,
            until: now + result_timeout,
            prompt_ok: false,
            soft_passed: false,
        };
        true
    }

    /// The port did not take the end of what was written last, which after the prompt is Ctrl-Z.
    pub(crate) fn unwritten(&mut self) {
        if matches!(self.stage, Stage::Result { .. }) {
            self.course.submitted = None;
            self.stage = Stage::Writing;
        }
    }

    /// `+CMGS: mr` came after Ctrl-Z. A second one corrects the first: an unsolicited result had cut it.
    pub(crate) fn reference(&mut self, now: Instant, mr: u8) {
        self.stage = Stage::Accepted {
            mr,
            until: now + LOST_OK,
        };
    }

    /// A final result came; `None` if it does not end the send.
    pub(crate) fn final_result(
        &mut self,
        now: Instant,
        result: Final,
        wire: &mut Wire,
        out: &mut Vec<Effect>,
    ) -> Option<Outcome> {
        match &mut self.stage {
            Stage::Linking { .. } => {
                if result != Final::Ok {
                    self.link = Link::Refused;
                }
                self.ask_prompt(now, wire, out);
                None
            }
            // A late answer to an earlier command, or one that some give with the prompt.
            Stage::Prompt { .. } | Stage::Writing if result == Final::Ok => None,
            Stage::Prompt { .. } | Stage::Writing => Some(refused(result)),
            Stage::Result {
                since, prompt_ok, ..
            } if result == Final::Ok => {
                if !*prompt_ok && now < *since + PROMPT_OK {
                    *prompt_ok = true;
                    return None;
                }
                Some(Outcome::Unknown(Doubt::NoReference))
            }
            Stage::Result { .. } => Some(match result {
                Final::Cms(332) | Final::Cme(31) => Outcome::Unknown(Doubt::NetworkTimeout),
                Final::Ok | Final::Error | Final::Cms(_) | Final::Cme(_) => refused(result),
            }),
            Stage::Accepted { mr, .. } => Some(Outcome::Sent { mr: *mr }),
        }
    }

    /// A deadline may have passed; the outcome if that ends the send.
    pub(crate) fn wake(&mut self, now: Instant) -> Option<Outcome> {
        if let Stage::Result {
            since, soft_passed, ..
        } = &mut self.stage
        {
            *soft_passed = *since + RESULT_SOFT <= now;
        }
        match self.stage {
            Stage::Linking { until } | Stage::Prompt { until } if until <= now => {
                Some(Outcome::Refused(Cause::NoPrompt))
            }
            Stage::Result { until, .. } if until <= now => Some(Outcome::Unknown(Doubt::Silence)),
            Stage::Accepted { mr, until } if until <= now => Some(Outcome::Sent { mr }),
            Stage::Linking { .. } | Stage::Prompt { .. } | Stage::Writing => None,
            Stage::Result { .. } | Stage::Accepted { .. } => None,
        }
    }

    /// The outcome if the line is lost now.
    pub(crate) fn interrupted(&self, interruption: Interruption) -> Outcome {
        match self.stage {
            Stage::Linking { .. } | Stage::Prompt { .. } | Stage::Writing => {
                Outcome::Refused(interruption.before)
            }
            Stage::Result { .. } => Outcome::Unknown(interruption.after),
            Stage::Accepted { mr, .. } => Outcome::Sent { mr },
        }
    }

    /// When to look again, and why; `None` while only the next piece is waited for.
    pub(crate) fn deadline(&self) -> Option<(Instant, &'static str)> {
        Some(match self.stage {
            Stage::Linking { until } => (until, "the answer to +CMMS"),
            Stage::Prompt { until } => (until, "the prompt"),
            Stage::Writing => return None,
            Stage::Result {
                since,
                until,
                soft_passed: false,
                ..
            } => (until.min(since + RESULT_SOFT), "the result, soft limit"),
            Stage::Result { until, .. } => (until, "the result, hard limit"),
            Stage::Accepted { until, .. } => (until, "the OK after the reference"),
        })
    }
}

/// The TP-MR of a `+CMGS:` line; `None` if it is another line or tells no reference.
pub(crate) fn reference(line: &[u8]) -> Option<u8> {
    let [mr, ..] = fields::fields(line, "+CMGS:")?;
    u8::try_from(fields::number(mr)?).ok()
}

fn refused(result: Final) -> Outcome {
    Outcome::Refused(match result {
        Final::Cms(code) => Cause::Cms(code),
        Final::Cme(code) => Cause::Cme(code),
        Final::Ok | Final::Error => Cause::Error,
    })
}
