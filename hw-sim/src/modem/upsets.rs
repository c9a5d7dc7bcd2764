//! What happens to a modem by itself: restarts, noise, garbage, a vanishing port.
//!
//! Times are drawn from the modem's own stream; how often is said by the faults. Nothing here knows of the network.

use std::time::{Duration, Instant};

use super::timers::Timer;
use crate::memory::Stored;

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
            Timer::Prompt | Timer::Boot | Timer::Ussd | Timer::Acknowledge => None,
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
        for timer in [Timer::Prompt, Timer::Ussd, Timer::Acknowledge] {
            self.timers.set(timer, None);
        }
        let boot = self.rng.between(&self.faults.reboot.boot);
        self.timers.set(Timer::Boot, Some(now + boot));
    }

    pub(super) fn booted(&mut self, out: &mut Effects) {
        self.phase = Phase::Command;
        self.unsolicited("RDY", out);
        self.unsolicited("+CFUN: 1", out);
        let pin = if self.has_card {
            format!("+CPIN: {}", self.pin_state().name())
        } else {
            "+CPIN: NOT INSERTED".to_owned()
        };
        self.unsolicited(&pin, out);
        self.search(out);
    }

    /// The SIM is pulled out: no network, no identity, and what was on the air is between the SIM and the network.
    /// Or it is put back, which the modem notices by itself.
    pub(super) fn card(&mut self, present: bool, out: &mut Effects) {
        if self.has_card == present {
            return;
        }
        self.has_card = present;
        if present {
            self.unlocked = self.sim.pin.is_none();
            let pin = format!("+CPIN: {}", self.pin_state().name());
            self.unsolicited(&pin, out);
            self.search(out);
        } else {
            self.unlocked = false;
            self.unsolicited("+CPIN: NOT INSERTED", out);
            self.set_registration(0, out);
        }
    }

    /// Every place of every memory for messages is taken by an old one.
    pub(super) fn fill_storage(&mut self) {
        for memory in &mut self.memories {
            let old = Stored {
                pdu: OLD_MESSAGE.to_vec(),
                tpdu_length: OLD_MESSAGE.len() - 1,
                is_read: true,
            };
            while memory.store(old.clone()).is_some() {}
        }
    }
}

/// A DELIVER from +4915112345678 with the text "Hi", without SMSC address (3GPP TS 23.040 §9.2.2.1).
const OLD_MESSAGE: [u8; 23] = [
    0x00, 0x04, 0x0D, 0x91, 0x94, 0x51, 0x11, 0x32, 0x54, 0x76, 0xF8, 0x00, 0x00, 0x52, 0x11, 0x10,
    0x21, 0x43, 0x65, 0x40, 0x02, 0xC8, 0x34,
];
/// A shorter time between two upsets of one kind would be a burst, not two events.
const UPSET_MIN: Duration = Duration::from_millis(1);
