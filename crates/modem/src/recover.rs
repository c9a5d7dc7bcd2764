//! Finding back into step with a modem whose answer was missing: the lowest rung of the ladder.
//!
//! ```text
//!   no prompt ──► ESC ──► Escaping ── OK, ERROR, 2 s ──┐
//!                            └ '>' ─► ESC again        ▼
//!   other time-out ────────────────────────────────► Quiet ── 300 ms of silence ──► AT ×3 ──► AT+CMGF? ──► Recovered
//!                                                                                      └──────────┴─────► Failed
//! ```
//!
//! The last command's answer can be told from a late one of another command: only it says `+CMGF: 0`.
//! What follows a failure is decided in `line`, by the `ladder`.

use std::time::Instant;

use crate::Effect;
use crate::command::Command::{Execute, Read};
use crate::timing::{ATTENTION, ESCAPE, ESCAPES_MAX, QUIET, QUIET_MAX, RESYNC_TRIES, SETTING};
use crate::wire::{Query, Reply, Wire};

/// A running resynchronisation.
#[derive(Debug)]
pub(crate) struct Recover {
    stage: Stage,
    escapes: u8,
    tries: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Escaping { until: Instant },
    Quiet { until: Instant, latest: Instant },
    Attention,
    Check,
}

/// How far it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// It goes on.
    Going,
    /// The modem answers what it is asked.
    Recovered,
    /// It does not.
    Failed,
}

impl Recover {
    /// The modem may be in the edit mode: ESC leaves it without sending.
    pub(crate) fn escape(now: Instant, wire: &mut Wire, out: &mut Vec<Effect>) -> Recover {
        wire.abandon();
        wire.escape(out);
        Recover {
            stage: Stage::Escaping {
                until: now + ESCAPE,
            },
            escapes: 1,
            tries: 0,
        }
    }

    /// A command had no answer.
    pub(crate) fn listen(now: Instant, wire: &mut Wire) -> Recover {
        wire.abandon();
        Recover {
            stage: quiet(now),
            escapes: 0,
            tries: 0,
        }
    }

    /// Bytes came: it is not quiet yet.
    pub(crate) fn heard(&mut self, now: Instant) {
        if let Stage::Quiet { until, latest } = &mut self.stage {
            *until = (now + QUIET).min(*latest);
        }
    }

    /// A prompt came: the modem is still in the edit mode.
    pub(crate) fn prompt(&mut self, now: Instant, wire: &mut Wire, out: &mut Vec<Effect>) {
        if self.escapes >= ESCAPES_MAX {
            return;
        }
        self.escapes += 1;
        wire.abandon();
        wire.escape(out);
        self.stage = Stage::Escaping {
            until: now + ESCAPE,
        };
    }

    /// A final result came that no command waited for: the answer to ESC.
    pub(crate) fn final_result(&mut self, now: Instant) {
        if matches!(self.stage, Stage::Escaping { .. }) {
            self.stage = quiet(now);
        }
    }

    /// A deadline may have passed.
    pub(crate) fn wake(&mut self, now: Instant, wire: &mut Wire, out: &mut Vec<Effect>) {
        match self.stage {
            Stage::Escaping { until } if until <= now => self.stage = quiet(now),
            Stage::Quiet { until, .. } if until <= now => self.attention(now, wire, out),
            Stage::Escaping { .. } | Stage::Quiet { .. } | Stage::Attention | Stage::Check => {}
        }
    }

    /// A command ended.
    pub(crate) fn answered(
        &mut self,
        now: Instant,
        reply: &Reply,
        wire: &mut Wire,
        out: &mut Vec<Effect>,
    ) -> Progress {
        match self.stage {
            Stage::Attention if reply.is_ok() => {
                self.stage = Stage::Check;
                wire.ask(now, &Query::named(Read("+CMGF"), &["+CMGF:"], SETTING), out);
            }
            Stage::Check if reply.is_ok() && reply.text == "0" => return Progress::Recovered,
            // Text mode: the modem lost its settings.
            Stage::Check if !reply.text.is_empty() => return Progress::Failed,
            Stage::Attention | Stage::Check if self.tries >= RESYNC_TRIES => {
                return Progress::Failed;
            }
            Stage::Attention => self.attention(now, wire, out),
            // The answer of an earlier command: let all of them come.
            Stage::Check => self.stage = quiet(now),
            Stage::Escaping { .. } | Stage::Quiet { .. } => {}
        }
        Progress::Going
    }

    /// When to look again, and why.
    pub(crate) fn deadline(&self) -> Option<(Instant, &'static str)> {
        match self.stage {
            Stage::Escaping { until } => Some((until, "the answer to ESC")),
            Stage::Quiet { until, .. } => Some((until, "silence before a resynchronisation")),
            Stage::Attention | Stage::Check => None,
        }
    }

    fn attention(&mut self, now: Instant, wire: &mut Wire, out: &mut Vec<Effect>) {
        self.tries += 1;
        self.stage = Stage::Attention;
        wire.ask(now, &Query::plain(Execute(""), ATTENTION), out);
    }
}

fn quiet(now: Instant) -> Stage {
    Stage::Quiet {
        until: now + QUIET,
        latest: now + QUIET_MAX,
    }
}
