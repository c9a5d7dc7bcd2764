//! What happens to a modem by itself: restarts, noise, garbage, a vanishing port.
//!
//! Times are drawn from the modem's own stream; how often is said by the faults. Nothing here knows of the network.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::broadcast::Broadcasts;
use super::stores::Store;
use super::text::TextMode;
use super::timers::Timer;
use super::{AtSettings, Effects, Indications, Phase, Radio, SimModem};
use crate::air::Uplink;
use crate::profile::Quirk;

impl SimModem {
    /// Draws when each upset comes next.
    pub(super) fn arm_upsets(&mut self, now: Instant) {
        for timer in [Timer::Noise, Timer::Garbage, Timer::Reboot, Timer::Unplug] {
            self.arm_upset(now, timer);
        }
    }

    fn arm_upset(&mut self, now: Instant, timer: Timer) {
        let every = match timer {
            Timer::Noise => self.faults.noise.every,
            Timer::Garbage => self.faults.garbage.every,
            Timer::Reboot => self.faults.reboot.every,
            Timer::Unplug => self.faults.port.every,
            Timer::Prompt
            | Timer::Boot
            | Timer::Ready
            | Timer::Register
            | Timer::Ussd
            | Timer::Acknowledge
            | Timer::Ring
            | Timer::Link
            | Timer::Escape
            | Timer::Answer
            | Timer::Flood
            | Timer::Idle => None,
        };
        let at = every.map(|every| now + self.rng.exponential(every).max(UPSET_MIN));
        self.timers.set(timer, at);
    }

    pub(super) fn noise(&mut self, now: Instant, out: &mut Effects) {
        self.arm_upset(now, Timer::Noise);
        let signal = 5 + self.rng.below(25);
        let line = match self.rng.below(5) {
            0 => "RING".to_owned(),
            1 => format!("+CREG: {}", self.radio.stat),
            2 => format!("+CSQ: {signal},99"),
            3 => format!("^RSSI: {signal}"),
            _ => format!(
                "+CGREG: {},\"00{signal:02}\",\"01A2{signal:02}\"",
                self.radio.stat
            ),
        };
        self.unsolicited(&line, out);
    }

    pub(super) fn garbage(&mut self, now: Instant, out: &mut Effects) {
        self.arm_upset(now, Timer::Garbage);
        let length = 1 + self.rng.below(self.faults.garbage.bytes_max);
        out.host
            .extend((0..length).map(|_| self.rng.bits().to_be_bytes()[0]));
    }

    pub(super) fn reboot_fault(&mut self, now: Instant, out: &mut Effects) {
        self.arm_upset(now, Timer::Reboot);
        self.restart(now, out);
    }

    pub(super) fn unplug_fault(&mut self, now: Instant, out: &mut Effects) {
        self.arm_upset(now, Timer::Unplug);
        out.unplug = Some(self.rng.between(&self.faults.port.down));
    }

    /// Power is cut and comes back: every setting at its default, the SIM as it was.
    pub(super) fn restart(&mut self, now: Instant, out: &mut Effects) {
        let signal = self.radio.signal;
        self.tell_network(Uplink::Returned, out);
        self.phase = Phase::Booting;
        self.typed.clear();
        self.held.clear();
        self.call = None;
        self.ussd = None;
        self.at = AtSettings::of(&self.profile);
        self.text = TextMode::default();
        self.indications = Indications::default();
        self.broadcasts = Broadcasts::default();
        self.radio = Radio {
            stat: 0,
            is_ready: false,
            signal,
            ..Radio::default()
        };
        self.selected = [Store::of_place(self.profile.memory); 3];
        self.card.unlocked = self.sim.pin.is_none();
        self.card.overlooked = false;
        self.forget_oddities();
        for timer in [
            Timer::Prompt,
            Timer::Ready,
            Timer::Register,
            Timer::Ussd,
            Timer::Acknowledge,
            Timer::Ring,
            Timer::Link,
            Timer::Escape,
            Timer::Answer,
            Timer::Flood,
            Timer::Idle,
        ] {
            self.timers.set(timer, None);
        }
        let boot = self.rng.between(&self.faults.reboot.boot);
        self.timers.set(Timer::Boot, Some(now + boot));
        if self.shows(Quirk::NoReenumerate) {
            out.unplug = Some(OFF_THE_BUS);
        }
    }

    pub(super) fn booted(&mut self, now: Instant, out: &mut Effects) {
        self.phase = Phase::Command;
        if self.shows(Quirk::LeadingNul) {
            out.host.extend_from_slice(&[0; 3]);
        }
        if self.shows(Quirk::NoUrcAutobaud) {
            self.oddity.garbled_lines = GARBLED_LINES;
        } else {
            let profile = Arc::clone(&self.profile);
            for line in &profile.boot {
                self.boot_line(line, out);
            }
        }
        self.power_quirks(now);
        self.await_readiness(now);
        if !self.timers.is_set(Timer::Ready) {
            self.become_ready(out);
        }
        self.search_after_boot(now, out);
    }

    fn boot_line(&mut self, line: &str, out: &mut Effects) {
        if !line.contains("{pin}") {
            return self.unsolicited(line, out);
        }
        if self.oddity.pin_unsaid && !self.radio.is_ready {
            return;
        }
        self.oddity.pin_unsaid = false;
        let state = if self.card.is_seen() {
            self.shown_pin()
        } else {
            "NOT INSERTED"
        };
        let line = line.replace("{pin}", state);
        self.unsolicited(&line, out);
    }

    /// The time from power-up, or from the PIN, until messages can be sent.
    pub(super) fn await_readiness(&mut self, now: Instant) {
        let mut delay = self.profile.sms_ready;
        if self.shows(Quirk::SimBusyAfterPin) {
            delay += self.rng.between(&BUSY_AFTER_PIN);
        }
        if self.has(Quirk::EarlyCpinReady) {
            delay += EARLY_BY;
        }
        if self.has(Quirk::NeedsSmsdone) || self.has(Quirk::Cfun4Error) {
            delay = delay.max(SLOW_CARD);
        }
        self.radio.is_ready = delay.is_zero();
        let at = (!delay.is_zero()).then(|| now + delay);
        self.timers.set(Timer::Ready, at);
    }

    pub(super) fn become_ready(&mut self, out: &mut Effects) {
        self.radio.is_ready = true;
        let profile = Arc::clone(&self.profile);
        if self.oddity.pin_unsaid {
            self.boot_line("+CPIN: {pin}", out);
        }
        for line in &profile.ready {
            self.unsolicited(line, out);
        }
        if self.has(Quirk::EarlyCpinReady) {
            self.unsolicited("#QSS: 3", out);
        }
    }
}

/// A shorter time between two upsets of one kind would be a burst, not two events.
const UPSET_MIN: Duration = Duration::from_millis(1);
/// A model that is not enumerated again stays away so long.
const OFF_THE_BUS: Duration = Duration::from_secs(55 * 60);
/// Commands a model needs to find the speed.
const GARBLED_LINES: u8 = 2;
/// `READY` comes so much before messages can be sent.
const EARLY_BY: Duration = Duration::from_secs(7);
/// The least time a model needs to read its card, if that is known to matter.
const SLOW_CARD: Duration = Duration::from_secs(8);
/// The SIM is busy so long after power-up or PIN.
const BUSY_AFTER_PIN: std::ops::RangeInclusive<Duration> =
    Duration::from_secs(7)..=Duration::from_secs(15);
