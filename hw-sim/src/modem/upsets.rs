//! What happens to a modem by itself: restarts, noise, garbage, a vanishing port.
//!
//! Times are drawn from the modem's own stream; how often is said by the faults. Nothing here knows of the network.

use std::time::{Duration, Instant};

use super::timers::Timer;
use super::{AtSettings, Effects, Indications, Phase, Radio, SimModem};

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
            Timer::Prompt | Timer::Boot | Timer::Register | Timer::Ussd | Timer::Acknowledge => {
                None
            }
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

    pub(super) fn reboot_fault(&mut self, now: Instant) {
        self.arm_upset(now, Timer::Reboot);
        self.restart(now);
    }

    pub(super) fn unplug_fault(&mut self, now: Instant, out: &mut Effects) {
        self.arm_upset(now, Timer::Unplug);
        out.unplug = Some(self.rng.between(&self.faults.port.down));
    }

    /// Power is cut and comes back: every setting at its default, the SIM as it was.
    pub(super) fn restart(&mut self, now: Instant) {
        let signal = self.radio.signal;
        self.phase = Phase::Booting;
        self.typed.clear();
        self.held.clear();
        self.at = AtSettings::default();
        self.indications = Indications::default();
        self.radio = Radio {
            stat: 0,
            signal,
            ..Radio::default()
        };
        self.unlocked = self.sim.pin.is_none();
        for timer in [
            Timer::Prompt,
            Timer::Register,
            Timer::Ussd,
            Timer::Acknowledge,
        ] {
            self.timers.set(timer, None);
        }
        let boot = self.rng.between(&self.faults.reboot.boot);
        self.timers.set(Timer::Boot, Some(now + boot));
    }

    pub(super) fn booted(&mut self, now: Instant, out: &mut Effects) {
        self.phase = Phase::Command;
        self.unsolicited("RDY", out);
        self.unsolicited("+CFUN: 1", out);
        let pin = format!("+CPIN: {}", self.pin_state().name());
        self.unsolicited(&pin, out);
        self.search(now);
    }
}

/// A shorter time between two upsets of one kind would be a burst, not two events.
const UPSET_MIN: Duration = Duration::from_millis(1);
