//! Two rungs of the ladder that take commands and pauses: the radio off and on, and the modem's reset.
//!
//! ```text
//!  Radio:  AT+CFUN=4 (or 0) ── OK, silence ──► 5 s ──► AT+CFUN=1 ── any answer, silence ──► Ended
//!                └ refused ──► Failed
//!  Reset:  AT+CFUN=1,1 (or the profile's) ── OK, silence ──► 20 s ──► Ended
//!                └ refused ──► the profile's next one, or Failed
//! ```
//!
//! After it the initialisation runs, and finds out whether it helped. A port that goes away meanwhile, as USB modems' do,
//! and a boot banner, which ends the wait, are heard in `line`.

use std::sync::Arc;
use std::time::Instant;

use crate::command::Command::{Execute, Set};
use crate::timing::{RADIO_PAUSE, RESET, RESET_SETTLE};
use crate::wire::{Query, Reply, Wire};
use crate::{Effect, Profile, RadioOff};

/// A rung that is being climbed.
#[derive(Debug)]
pub(crate) struct Climb {
    profile: Arc<Profile>,
    stage: Stage,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// The radio is being turned off.
    TurningOff,
    /// It is off.
    Off { until: Instant },
    /// It is being turned on.
    TurningOn,
    /// The reset command at this place of the profile is on its way, the first of so many.
    Resetting { at: usize, left: usize },
    /// It restarts.
    Booting { until: Instant },
}

/// How far it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// It goes on.
    Going,
    /// It was climbed: the modem is to be initialised.
    Ended,
    /// The modem refuses; the reason is for people.
    Failed(&'static str),
}

impl Climb {
    /// Turns the radio off and on. The profile allows it.
    pub(crate) fn radio(
        now: Instant,
        profile: &Arc<Profile>,
        wire: &mut Wire,
        out: &mut Vec<Effect>,
    ) -> Climb {
        wire.abandon();
        let value = match profile.recovery.radio_off {
            RadioOff::Flight | RadioOff::Never => "4",
            RadioOff::Minimum => "0",
        };
        let query = Query::plain(Set("+CFUN", value), profile.radio_timeout());
        wire.ask(now, &query, out);
        Climb {
            profile: Arc::clone(profile),
            stage: Stage::TurningOff,
        }
    }

    /// Restarts the modem, with another of the profile's commands each time: `nth` counts from 0.
    pub(crate) fn reset(
        now: Instant,
        profile: &Arc<Profile>,
        nth: usize,
        wire: &mut Wire,
        out: &mut Vec<Effect>,
    ) -> Climb {
        wire.abandon();
        let all = profile.recovery.reset.iter().count();
        let mut climb = Climb {
            profile: Arc::clone(profile),
            stage: Stage::Resetting {
                at: nth.checked_rem(all).unwrap_or(0),
                left: all,
            },
        };
        climb.ask_reset(now, wire, out);
        climb
    }

    /// When to look again, and why.
    pub(crate) fn deadline(&self) -> Option<(Instant, &'static str)> {
        match self.stage {
            Stage::Off { until } => Some((until, "the radio is off")),
            Stage::Booting { until } => Some((until, "the modem restarts")),
            Stage::TurningOff | Stage::TurningOn | Stage::Resetting { .. } => None,
        }
    }

    /// A deadline may have passed.
    pub(crate) fn wake(
        &mut self,
        now: Instant,
        wire: &mut Wire,
        out: &mut Vec<Effect>,
    ) -> Progress {
        match self.stage {
            Stage::Off { until } if until <= now => {
                self.stage = Stage::TurningOn;
                let query = Query::plain(Set("+CFUN", "1"), self.profile.radio_timeout());
                wire.ask(now, &query, out);
                Progress::Going
            }
            Stage::Booting { until } if until <= now => Progress::Ended,
            Stage::Off { .. } | Stage::Booting { .. } => Progress::Going,
            Stage::TurningOff | Stage::TurningOn | Stage::Resetting { .. } => Progress::Going,
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
        // Some say nothing while the radio is off (M590E), and many nothing before they restart.
        let is_taken = reply.result.is_none() || reply.is_ok();
        match self.stage {
            Stage::TurningOff if is_taken => {
                let until = now + RADIO_PAUSE;
                self.stage = Stage::Off { until };
                Progress::Going
            }
            Stage::TurningOff => Progress::Failed("the modem refuses to turn its radio off"),
            // If that failed, the initialisation turns it on.
            Stage::TurningOn => Progress::Ended,
            Stage::Resetting { .. } if is_taken => {
                let until = now + RESET_SETTLE;
                self.stage = Stage::Booting { until };
                Progress::Going
            }
            Stage::Resetting { at, left } if left > 1 => {
                let all = self.profile.recovery.reset.iter().count();
                self.stage = Stage::Resetting {
                    at: (at + 1).checked_rem(all).unwrap_or(0),
                    left: left - 1,
                };
                self.ask_reset(now, wire, out);
                Progress::Going
            }
            Stage::Resetting { .. } => Progress::Failed("the modem refuses every reset command"),
            Stage::Off { .. } | Stage::Booting { .. } => Progress::Going,
        }
    }

    fn ask_reset(&mut self, now: Instant, wire: &mut Wire, out: &mut Vec<Effect>) {
        let Stage::Resetting { at, .. } = self.stage else {
            return;
        };
        let profile = Arc::clone(&self.profile);
        match profile.recovery.reset.iter().nth(at) {
            Some(command) => wire.ask(now, &Query::plain(Execute(command), RESET), out),
            // A profile without one is never asked to reset; the initialisation does no harm.
            None => self.stage = Stage::Booting { until: now },
        }
    }
}
