//! Those outside beside apps: operators, and misfortune.

use std::time::Duration;

use gateway::{Control, Input, Settings, Target};
use hw_sim::{Inbound, Lines, RackInput, Trouble};

use super::World;
use super::apps::Asked;
use super::disk::Torn;
use super::judge::Checked;
use super::options::Knob;
use super::plan::Act;
use super::process::line_name;
use super::site;

impl World {
    pub(super) fn act(&mut self, act: Act) -> Checked {
        if !matches!(act, Act::Send(_)) {
            self.note(|| format!("{act:?}"));
        }
        match act {
            Act::Send(number) => return self.send(number),
            Act::Cancel(number) => self.cancel(number),
            Act::Crash => {
                self.disk.fault = None;
                let down = self.dice.up_to(Duration::from_secs(30));
                return self.die(down);
            }
            Act::PowerCut => return self.cut_power(),
            Act::BadCommit => self.disk.fault = Some(self.dice.pick(&Torn::ALL)),
            Act::Stop => {
                if let Some(process) = &mut self.process {
                    process.is_stopping = true;
                }
                self.tell([Input::Stop]);
            }
            Act::Move => return self.swap_ports(),
            Act::Control(bits) => self.control(bits),
            Act::Resume => self.resume(),
            Act::Reload => self.reload(),
            Act::DiskLow(low) => self.tell([Input::DiskLow(low)]),
            Act::Inbound => return self.inbound(),
            Act::Swap => return self.swap_sims(),
            Act::Call => return self.call(),
            Act::Dial => return self.dial(),
            Act::Suppress(bits) => self.suppress(bits),
            Act::Trouble(bits) => return self.trouble(bits),
            Act::LoseQuarter(seconds) => return self.lose_ports(self.away.len() / 4, seconds),
            Act::Sleep(seconds) => return self.lose_ports(self.away.len(), seconds),
        }
        Ok(())
    }

    /// The first ports are gone for so long.
    fn lose_ports(&mut self, ports: usize, seconds: u64) -> Checked {
        let down = Duration::from_secs(seconds);
        (0..ports).try_for_each(|modem| self.unplug(modem, down))
    }

    /// Every trouble ends: from here on only time has to pass.
    pub(super) fn heal(&mut self) -> Checked {
        self.note(|| "everything heals".to_owned());
        self.is_healing = true;
        self.disk.fault = None;
        self.rack_step(RackInput::Heal)?;
        self.tell([Input::DiskLow(false)]);
        self.resume();
        self.ask_again()
    }

    /// Modems restart as the host does.
    fn cut_power(&mut self) -> Checked {
        for line in 0..self.away.len() {
            self.rack_step(RackInput::Restart { line })?;
        }
        let down = self.dice.up_to(Duration::from_secs(60));
        self.die(down)
    }

    /// Two modems leave their ports and come back in each other's.
    fn swap_ports(&mut self) -> Checked {
        let (one, other) = (
            self.dice.place(self.away.len()),
            self.dice.place(self.away.len()),
        );
        if one == other {
            return Ok(());
        }
        for modem in [one, other] {
            let down = Duration::from_millis(self.dice.within(500, 40_000));
            self.unplug(modem, down)?;
        }
        self.line_of.swap(one, other);
        self.modem_of[self.line_of[one]] = one;
        self.modem_of[self.line_of[other]] = other;
        Ok(())
    }

    fn control(&mut self, bits: u64) {
        let line = usize::try_from(bits >> 8).unwrap_or(0) % self.away.len();
        let target = if bits.is_multiple_of(2) {
            Target::Line(line_name(line))
        } else {
            Target::Sim(site::iccid(line, self.setup.seed))
        };
        let control = if bits & 2 == 0 {
            Control::Paused
        } else {
            Control::Draining
        };
        self.order(target, control);
    }

    fn resume(&mut self) {
        for line in 0..self.away.len() {
            self.order(Target::Line(line_name(line)), Control::Active);
            self.order(
                Target::Sim(site::iccid(line, self.setup.seed)),
                Control::Active,
            );
        }
    }

    fn order(&mut self, target: Target, control: Control) {
        if self.process.is_some() {
            let reply = self.apps.ask(Asked::Other);
            self.tell([Input::Control {
                reply,
                target,
                control,
                reason: None,
            }]);
        }
    }

    /// The file of the configuration is changed, and read again by the process that runs or by the next one.
    fn reload(&mut self) {
        let least = self.setup.settings.target_per_minute;
        self.reloads += 1;
        self.settings = Settings {
            target_per_minute: self.dice.pick(&[least, least * 2, 60]),
            recipients: site::recipients(&self.setup.options, self.reloads % 2 == 1),
            ..self.setup.settings.clone()
        };
        self.judge.reloaded(&self.settings, self.clock().wall);
        self.tell([Input::Reload(Box::new(self.settings.clone()))]);
    }

    /// Nothing that makes a modem say something false: no gateway could see through that.
    fn trouble(&mut self, bits: u64) -> Checked {
        let troubles = [
            Trouble::Mute,
            Trouble::Late {
                by: Duration::from_millis(bits % 9_000),
            },
            Trouble::Flood {
                every: Duration::from_millis(50),
            },
            Trouble::PullSim,
            Trouble::FillStorage,
            Trouble::LoseNetwork {
                denied: bits.is_multiple_of(3),
            },
            Trouble::Outage,
            Trouble::Bar,
        ];
        let trouble = &troubles[usize::try_from(bits >> 32).unwrap_or(0) % troubles.len()];
        let line = usize::try_from(bits >> 40).unwrap_or(0) % self.away.len();
        let lines = if bits.is_multiple_of(5) {
            Lines::All
        } else {
            Lines::Ranges(vec![(line, line)])
        };
        let most_ms = self.setup.options.value(Knob::SickS).max(1) * 1000;
        let lasts = Duration::from_millis(bits % most_ms);
        self.note(|| format!("{trouble:?} for {lasts:?} on {lines:?}"));
        self.rack_step(RackInput::Trouble {
            lines: &lines,
            trouble,
            lasts,
        })
    }

    /// Two SIMs, or all, are pulled out and put into each other's modems.
    fn swap_sims(&mut self) -> Checked {
        let one = self.dice.place(self.away.len());
        let other = self.dice.place(self.away.len());
        let lines = if self.dice.one_in(4) {
            Lines::All
        } else {
            Lines::Ranges(vec![(one, one), (other, other)])
        };
        let lasts = self.dice.up_to(SWAP_MAX);
        self.rack_step(RackInput::Trouble {
            lines: &lines,
            trouble: &Trouble::SwapSims,
            lasts,
        })
    }

    fn inbound(&mut self) -> Checked {
        let line = self.dice.place(self.away.len());
        let message = Inbound::new("+4915777", "STOP", 1).expect("a plain message");
        self.rack_step(RackInput::Inbound {
            line,
            message: &message,
        })
    }
}

/// Somebody changes cards by hand.
const SWAP_MAX: Duration = Duration::from_secs(40);
