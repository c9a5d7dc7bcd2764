//! What a model's quirks leave behind between two bytes, and those that come with power and time.
//!
//! Most quirks have no state and stand where they show.

use std::time::{Duration, Instant};

use super::timers::Timer;
use super::{Effects, Phase, SimModem};
use crate::profile::Quirk;

/// The state of quirks. Restarts set it back, but for what lives in the flash or the SIM.
#[derive(Debug, Default)]
pub(super) struct Oddity {
    /// Commands answer 515 until ESC (Q04).
    pub(super) stuck: bool,
    /// `AT+CMGS` answers 515 until then (Q09).
    pub(super) busy_until: Option<Instant>,
    /// No result for the submission: `OK` came with the prompt (Q05).
    pub(super) answered_early: bool,
    /// The late answer to a submission (Q16).
    pub(super) late_answer: Option<(u8, crate::air::Answer)>,
    /// `+CSCS` was set (Q08).
    pub(super) charset_set: bool,
    /// `AT&F` was given (Q59).
    pub(super) factory_set: bool,
    /// A vendor's command chose another radio (Q60) or port (Q45), or ended a flood (Q31, Q52, Q53).
    pub(super) radio_chosen: bool,
    pub(super) port_chosen: bool,
    pub(super) quiet_signal: bool,
    pub(super) quiet_vendor: bool,
    pub(super) quiet_sim: bool,
    /// Firmware init never finished; `AT+WOPEN=0` and a restart finish it (Q66). In the flash.
    pub(super) finished_init: bool,
    /// This SIM only gets 41 (Q65). On the SIM.
    pub(super) sick_sim: bool,
    /// The stores were emptied (Q80). In the flash.
    pub(super) store_repaired: bool,
    /// The SIM was there at power-up (Q71).
    pub(super) absent_at_boot: bool,
    /// `+CPIN` was said since power-up (Q57); `true` without that quirk's boot.
    pub(super) pin_unsaid: bool,
    /// This command line's answers have doubled line ends (Q21).
    pub(super) double_cr: bool,
    /// Lines still lost to the speed (Q97).
    pub(super) garbled_lines: u8,
    /// When the host last wrote (Q96).
    pub(super) spoken_to: Option<Instant>,
    /// Counts the layouts of `+CREG` (Q27).
    pub(super) layout: usize,
    /// When load makes it restart (Q67).
    pub(super) collapse_at: Option<Instant>,
}

impl SimModem {
    /// Quirks that begin with power.
    pub(super) fn power_quirks(&mut self, now: Instant) {
        self.arm_flood(now);
        if self.has(Quirk::ResetUnderLoad) {
            let load = self.rng.between(&COLLAPSE);
            self.oddity.collapse_at = Some(now + load);
        }
    }

    /// Sets everything back that does not survive a restart.
    pub(super) fn forget_oddities(&mut self) {
        let old = std::mem::take(&mut self.oddity);
        self.oddity = Oddity {
            finished_init: old.finished_init,
            sick_sim: old.sick_sim,
            store_repaired: old.store_repaired,
            absent_at_boot: !self.card.present,
            pin_unsaid: self.has(Quirk::Cfun4Error),
            ..Oddity::default()
        };
    }

    /// It hangs until power is cut.
    pub(super) fn hang(&mut self) {
        self.phase = Phase::Mute;
        self.timers.set(Timer::Prompt, None);
    }

    fn arm_flood(&mut self, now: Instant) {
        let floods = [
            Quirk::CsqSwallowed,
            Quirk::ZteUrcFlood,
            Quirk::HuaweiRssiFlood,
            Quirk::BootBannerFlood,
        ];
        let floods = floods.iter().any(|quirk| self.has(*quirk));
        self.timers
            .set(Timer::Flood, floods.then(|| now + FLOOD_EVERY));
    }

    /// One round of the lines a model says unasked.
    pub(super) fn flood(&mut self, now: Instant, out: &mut Effects) {
        self.arm_flood(now);
        let signal = self.radio.signal;
        if !self.oddity.quiet_signal && self.shows(Quirk::CsqSwallowed) {
            self.unsolicited(&format!("+CSQ: {signal},99"), out);
        }
        if !self.oddity.quiet_sim && self.shows(Quirk::ZteUrcFlood) {
            self.unsolicited("+ZUSIMR:2", out);
        }
        if !self.oddity.quiet_vendor && self.shows(Quirk::HuaweiRssiFlood) {
            self.unsolicited(&format!("^RSSI: {signal}"), out);
            self.unsolicited(
                &format!("^HCSQ: \"WCDMA\",{},{}", signal + 20, signal + 15),
                out,
            );
        }
        if !self.oddity.quiet_vendor && self.shows(Quirk::BootBannerFlood) {
            self.unsolicited("^BOOT:44594282,0,0,0,20", out);
        }
    }

    /// Whether load brings it down now: it restarts and leaves the bus.
    pub(super) fn collapses(&mut self, now: Instant, out: &mut Effects) -> bool {
        if self.oddity.collapse_at.is_none_or(|at| at > now) {
            return false;
        }
        self.restart(now, out);
        out.unplug = Some(self.rng.between(&self.faults.port.down));
        let load = self.rng.between(&COLLAPSE);
        self.oddity.collapse_at = Some(now + load);
        true
    }
}

/// Between two lines of a flood.
const FLOOD_EVERY: Duration = Duration::from_secs(2);
/// How long a model under load lasts.
const COLLAPSE: std::ops::RangeInclusive<Duration> =
    Duration::from_secs(13 * 60)..=Duration::from_secs(40 * 60);
