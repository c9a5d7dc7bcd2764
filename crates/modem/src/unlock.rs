//! Unlocks a SIM that wants its PIN: who is it, how many tries are left, may it be tried, then one try.
//!
//! ```text
//!  ICCID ──► counter ──► Wanted ──PinAnswer──► AT+CPIN ──► Ended (look at the SIM again)
//!    │          │          │ withheld             │ refused, silent
//!    └──────────┴──────────┴──────────────────────┴──────► Blocked: 10 s, then look at the SIM again
//! ```
//!
//! A SIM whose ICCID or counter can't be read gets no PIN. Whether this PIN was given to this SIM before is known to the
//! owner of the line, who records the try before it answers.

use std::time::Instant;

use crate::init::answers::iccid_of;
use crate::init::script::ICCID_QUERIES;
use crate::pin::{LAST_TRY, counter_of, nth_counter, tries_left};
use crate::timing::{NO_SIM_PAUSE, PIN, PIN_ANSWER};
use crate::wire::{Reply, Wire};
use crate::{Effect, Event, Iccid, PinAnswer, PinCounter};

/// A running unlocking.
#[derive(Debug)]
pub(crate) struct Unlock {
    stage: Stage,
    /// The SIM changed while a command was on its way.
    is_stale: bool,
    /// The profile's counter, which is asked first.
    counter: Option<usize>,
}

#[derive(Debug)]
enum Stage {
    /// The card is being identified, by the query at this place.
    Card(usize),
    /// The tries are being counted, so many counters asked in vain before.
    Count(Iccid, usize),
    /// The owner is asked.
    Wanted { until: Instant },
    /// The PIN was given.
    Given,
    /// Nothing to be done but wait.
    Blocked {
        until: Instant,
        reason: &'static str,
    },
}

/// How far it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// It goes on.
    Going,
    /// The SIM is to be looked at again.
    Ended,
}

impl Unlock {
    /// Begins. No command is on its way.
    pub(crate) fn start(
        now: Instant,
        counter: PinCounter,
        wire: &mut Wire,
        out: &mut Vec<Effect>,
    ) -> Unlock {
        wire.ask(now, &ICCID_QUERIES[0], out);
        Unlock {
            stage: Stage::Card(0),
            is_stale: false,
            counter: counter_of(counter),
        }
    }

    /// Why the line waits, for people.
    pub(crate) fn reason(&self) -> &'static str {
        match self.stage {
            Stage::Card(_) | Stage::Count(..) | Stage::Wanted { .. } | Stage::Given => {
                "the SIM wants its PIN"
            }
            Stage::Blocked { reason, .. } => reason,
        }
    }

    /// When to look again, and why.
    pub(crate) fn deadline(&self) -> Option<(Instant, &'static str)> {
        match self.stage {
            Stage::Wanted { until } => Some((until, "the owner's word on the PIN")),
            Stage::Blocked { until, .. } => Some((until, "another look at the locked SIM")),
            Stage::Card(_) | Stage::Count(..) | Stage::Given => None,
        }
    }

    /// Another SIM may be in the modem: what was found out is of no use, and no PIN is given.
    pub(crate) fn sim_changed(&mut self, now: Instant, wire: &mut Wire) {
        match self.stage {
            Stage::Given if wire.is_holding() => {
                wire.abandon();
                self.block(now, CHANGED);
            }
            Stage::Card(_) | Stage::Count(..) => self.is_stale = true,
            Stage::Wanted { .. } => self.block(now, CHANGED),
            Stage::Given | Stage::Blocked { .. } => {}
        }
    }

    /// Something changed outside: a wait ends at once.
    pub(crate) fn nudge(&mut self, now: Instant) {
        if let Stage::Blocked { until, .. } = &mut self.stage {
            *until = now;
        }
    }

    /// A deadline may have passed.
    pub(crate) fn wake(&mut self, now: Instant) -> Progress {
        match self.stage {
            Stage::Wanted { until } if until <= now => {
                self.block(now, "the daemon did not say whether the PIN may be tried");
            }
            Stage::Blocked { until, .. } if until <= now => return Progress::Ended,
            Stage::Wanted { .. } | Stage::Blocked { .. } => {}
            Stage::Card(_) | Stage::Count(..) | Stage::Given => {}
        }
        Progress::Going
    }

    /// A command ended.
    pub(crate) fn answered(
        &mut self,
        now: Instant,
        reply: &Reply,
        wire: &mut Wire,
        out: &mut Vec<Effect>,
    ) -> Progress {
        if self.is_stale {
            self.is_stale = false;
            self.block(now, CHANGED);
            return Progress::Going;
        }
        match &self.stage {
            Stage::Card(at) => match (iccid_of(*at, reply), *at + 1) {
                (Some(iccid), _) => self.count(now, iccid, 0, wire, out),
                (None, next) if next < ICCID_QUERIES.len() && reply.result.is_some() => {
                    wire.ask(now, &ICCID_QUERIES[next], out);
                    self.stage = Stage::Card(next);
                }
                (None, _) => self.block(now, NAMELESS),
            },
            Stage::Count(iccid, at) => {
                let tries = reply.is_ok().then(|| tries_left(&reply.text)).flatten();
                match (tries, *at + 1) {
                    (Some(0 | 1), _) => self.block(now, LAST_TRY),
                    (Some(tries), _) => {
                        let iccid = iccid.clone();
                        out.push(Effect::Event(Event::PinWanted { iccid, tries }));
                        let until = now + PIN_ANSWER;
                        self.stage = Stage::Wanted { until };
                    }
                    (None, next) if reply.result.is_some() => {
                        let iccid = iccid.clone();
                        self.count(now, iccid, next, wire, out);
                    }
                    (None, _) => self.block(now, COUNTLESS),
                }
            }
            Stage::Given if reply.is_ok() => return Progress::Ended,
            Stage::Given if reply.result.is_none() => self.block(now, NO_ANSWER),
            Stage::Given => self.block(now, WRONG),
            Stage::Wanted { .. } | Stage::Blocked { .. } => {}
        }
        Progress::Going
    }

    /// The owner's word. It counts only while it is waited for.
    pub(crate) fn answer(
        &mut self,
        now: Instant,
        answer: &PinAnswer,
        wire: &mut Wire,
        out: &mut Vec<Effect>,
    ) {
        if !matches!(self.stage, Stage::Wanted { .. }) {
            return;
        }
        match answer {
            PinAnswer::Give(pin) => {
                wire.ask_pin(now, pin, PIN, out);
                self.stage = Stage::Given;
            }
            PinAnswer::Withhold(reason) => self.block(now, reason),
        }
    }

    /// Asks the nth counter, if there is one.
    fn count(
        &mut self,
        now: Instant,
        iccid: Iccid,
        nth: usize,
        wire: &mut Wire,
        out: &mut Vec<Effect>,
    ) {
        let counter = self.counter.and_then(|first| nth_counter(first, nth));
        let Some(counter) = counter else {
            return self.block(now, COUNTLESS);
        };
        wire.ask(now, counter, out);
        self.stage = Stage::Count(iccid, nth);
    }

    fn block(&mut self, now: Instant, reason: &'static str) {
        let until = now + NO_SIM_PAUSE;
        self.stage = Stage::Blocked { until, reason };
    }
}

const CHANGED: &str = "the SIM wants its PIN and has just changed: looking again";
const NAMELESS: &str = "the SIM wants its PIN and does not tell its ICCID before: enter the PIN in a phone, or take it \
                        off the SIM there";
const COUNTLESS: &str = "the SIM wants its PIN and the modem does not tell how many tries are left: enter the PIN in a \
                         phone, or take it off the SIM there";
const WRONG: &str = "the SIM refused its PIN, which is not tried again: correct the pin_file";
const NO_ANSWER: &str = "the modem did not answer to the PIN, which is not tried again: reset the line, and see \
                         whether the SIM still wants it";
