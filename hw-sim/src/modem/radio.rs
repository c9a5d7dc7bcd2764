//! The SIM's PIN and identity, radio function, registration, signal, operator, USSD (3GPP TS 27.007 §7, §8).

use std::time::{Duration, Instant};

use super::answer::Final;
use super::command::{Command, Form, Values};
use super::general::{BAD_PARAMETER, NOT_SUPPORTED, one_of};
use super::timers::Timer;
use super::{Effects, Phase, SimModem};
use crate::air::Uplink;

/// What `+CPIN?` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PinState {
    Ready,
    Pin,
    Puk,
}

impl PinState {
    pub(super) fn name(self) -> &'static str {
        match self {
            PinState::Ready => "READY",
            PinState::Pin => "SIM PIN",
            PinState::Puk => "SIM PUK",
        }
    }
}

impl SimModem {
    pub(super) fn radio_command(
        &mut self,
        now: Instant,
        command: &Command<'_>,
        out: &mut Effects,
    ) -> Option<Final> {
        let form = command.form;
        Some(match command.name.as_str() {
            "+CPIN" | "+CPINR" | "+CCID" | "+ICCID" | "+QCCID" | "+CIMI" | "+CNUM"
                if !self.has_card =>
            {
                Final::Cme(NO_CARD)
            }
            "+CFUN" => self.function(now, form, out),
            "+CPIN" => self.pin(form, out),
            "+CPINR" => {
                self.info(&format!("+CPINR: SIM PIN,{},3", self.sim.pin_tries), out);
                Final::Ok
            }
            "+CCID" | "+ICCID" | "+QCCID" => {
                let name = &command.name;
                self.card_identity(form, &format!("{name}: {}", self.sim.iccid), out)
            }
            "+CIMI" if self.pin_state() != PinState::Ready => Final::Cme(self.pin_error()),
            "+CIMI" => self.card_identity(form, &self.sim.imsi, out),
            "+CNUM" => {
                let line = format!("+CNUM: \"\",\"{}\",145", self.sim.number);
                self.card_identity(form, &line, out)
            }
            "+CREG" => self.registration(0, form, out),
            "+CGREG" => self.registration(1, form, out),
            "+CEREG" => self.registration(2, form, out),
            "+CSQ" => self.signal(form, out),
            "+CESQ" => self.extended_signal(form, out),
            "+COPS" => self.operator(form, out),
            "+CUSD" => self.ussd(now, form, out),
            _ => return None,
        })
    }

    pub(super) fn pin_state(&self) -> PinState {
        match (self.unlocked, self.sim.pin_tries) {
            (true, _) => PinState::Ready,
            (false, 0) => PinState::Puk,
            (false, _) => PinState::Pin,
        }
    }

    /// Begins to look for a network, when radio and SIM allow.
    pub(super) fn search(&mut self, out: &mut Effects) {
        if self.radio.function == 1 && self.unlocked {
            self.radio.stat = 2;
            out.uplinks.push(Uplink::Search);
        }
    }

    /// The network lets the SIM in or drops it; a modem that does not look for one does not care.
    pub(super) fn registration_changed(&mut self, stat: u8, out: &mut Effects) {
        if self.radio.stat != 0 && self.phase != Phase::Booting {
            self.set_registration(stat, out);
        }
    }

    pub(super) fn ussd_answer(&mut self, out: &mut Effects) {
        self.unsolicited("+CUSD: 0,\"Balance: 10.00\",15", out);
    }

    pub(super) fn set_registration(&mut self, stat: u8, out: &mut Effects) {
        if self.radio.stat == stat {
            return;
        }
        self.radio.stat = stat;
        for (which, name) in REGISTRATIONS.iter().enumerate() {
            if self.radio.reporting[which] > 0 {
                let line = format!("{name}: {stat}{}", self.cell(which));
                self.unsolicited(&line, out);
            }
        }
    }

    /// The place in answers with `<n>` = 2, when there is one.
    fn cell(&self, which: usize) -> &'static str {
        if self.radio.reporting[which] == 2 && self.radio.is_registered() {
            ",\"00A1\",\"01A2B3C4\",7"
        } else {
            ""
        }
    }

    fn card_identity(&self, form: Form<'_>, line: &str, out: &mut Effects) -> Final {
        match form {
            Form::Execute | Form::Read => self.info(line, out),
            Form::Test => {}
            Form::Set(_) => return Final::Cme(NOT_SUPPORTED),
        }
        Final::Ok
    }

    fn function(&mut self, now: Instant, form: Form<'_>, out: &mut Effects) -> Final {
        let value = match form {
            Form::Read => {
                self.info(&format!("+CFUN: {}", self.radio.function), out);
                return Final::Ok;
            }
            Form::Test => {
                self.info("+CFUN: (0,1,4),(0,1)", out);
                return Final::Ok;
            }
            Form::Execute => return Final::Cme(BAD_PARAMETER),
            Form::Set(value) => value,
        };
        let Some(function) = one_of(value, &[0, 1, 4]) else {
            return Final::Cme(BAD_PARAMETER);
        };
        if Values::of(value).number(1) == Ok(Some(1)) {
            self.finish(Final::Ok, out);
            self.restart(now);
            return Final::Later;
        }
        if function == self.radio.function {
            return Final::Ok;
        }
        self.radio.function = function;
        if function == 1 {
            self.search(out);
        } else {
            self.set_registration(0, out);
        }
        Final::Ok
    }

    fn pin(&mut self, form: Form<'_>, out: &mut Effects) -> Final {
        match form {
            Form::Read => self.info(&format!("+CPIN: {}", self.pin_state().name()), out),
            Form::Test => {}
            Form::Execute => return Final::Cme(BAD_PARAMETER),
            Form::Set(value) => match self.pin_state() {
                PinState::Ready => return Final::Cme(NOT_ALLOWED),
                PinState::Puk => return Final::Cme(self.pin_error()),
                PinState::Pin if Values::of(value).text(0) == self.sim.pin.as_deref() => {
                    self.unlocked = true;
                    self.sim.pin_tries = PIN_TRIES;
                    self.search(out);
                }
                PinState::Pin => {
                    self.sim.pin_tries -= 1;
                    return Final::Cme(WRONG_PIN);
                }
            },
        }
        Final::Ok
    }

    fn pin_error(&self) -> u16 {
        match self.pin_state() {
            PinState::Pin => 11,
            PinState::Puk | PinState::Ready => 12,
        }
    }

    fn registration(&mut self, which: usize, form: Form<'_>, out: &mut Effects) -> Final {
        let name = REGISTRATIONS[which];
        match form {
            Form::Execute => self.radio.reporting[which] = 0,
            Form::Read => {
                let (reporting, stat) = (self.radio.reporting[which], self.radio.stat);
                self.info(
                    &format!("{name}: {reporting},{stat}{}", self.cell(which)),
                    out,
                );
            }
            Form::Test => self.info(&format!("{name}: (0-2)"), out),
            Form::Set(value) => match one_of(value, &[0, 1, 2]) {
                Some(reporting) => self.radio.reporting[which] = reporting,
                None => return Final::Cme(BAD_PARAMETER),
            },
        }
        Final::Ok
    }

    fn signal(&mut self, form: Form<'_>, out: &mut Effects) -> Final {
        match form {
            Form::Execute => {
                let shown = if self.radio.function == 1 {
                    self.drifting_signal()
                } else {
                    99
                };
                self.info(&format!("+CSQ: {shown},99"), out);
            }
            Form::Test => self.info("+CSQ: (0-31,99),(0-7,99)", out),
            Form::Read | Form::Set(_) => return Final::Cme(NOT_SUPPORTED),
        }
        Final::Ok
    }

    /// RSRP from the same field strength: index 0 is -140 dBm (3GPP TS 27.007 §8.69).
    fn extended_signal(&mut self, form: Form<'_>, out: &mut Effects) -> Final {
        match form {
            Form::Execute => {
                let power = 20 + self.drifting_signal();
                self.info(&format!("+CESQ: 99,99,255,255,22,{power}"), out);
            }
            Form::Test => self.info(
                "+CESQ: (0-63,99),(0-7,99),(0-96,255),(0-49,255),(0-34,255),(0-97,255)",
                out,
            ),
            Form::Read | Form::Set(_) => return Final::Cme(NOT_SUPPORTED),
        }
        Final::Ok
    }

    fn drifting_signal(&mut self) -> usize {
        let step = self.rng.below(3);
        self.radio.signal = (self.radio.signal + step).saturating_sub(1).clamp(5, 31);
        self.radio.signal
    }

    fn operator(&mut self, form: Form<'_>, out: &mut Effects) -> Final {
        let value = match form {
            Form::Read => {
                let shown = if self.radio.is_registered() {
                    let format = self.radio.operator_format;
                    format!("+COPS: 0,{format},\"{}\",7", OPERATOR[usize::from(format)])
                } else {
                    "+COPS: 0".to_owned()
                };
                self.info(&shown, out);
                return Final::Ok;
            }
            Form::Test => {
                let [long, short, numeric] = OPERATOR;
                let list =
                    format!("+COPS: (2,\"{long}\",\"{short}\",\"{numeric}\",7),,(0-4),(0-2)");
                self.info(&list, out);
                return Final::Ok;
            }
            Form::Execute => return Final::Ok,
            Form::Set(value) => value,
        };
        match one_of(value, &[0, 1, 2, 3, 4]) {
            Some(2) => {
                self.set_registration(0, out);
            }
            Some(3) => match Values::of(value).number(1) {
                Ok(Some(format @ 0..=2)) => self.radio.operator_format = format as u8,
                Ok(Some(_) | None) | Err(_) => return Final::Cme(BAD_PARAMETER),
            },
            Some(_) if self.radio.is_registered() => {}
            Some(_) => self.search(out),
            None => return Final::Cme(BAD_PARAMETER),
        }
        Final::Ok
    }

    fn ussd(&mut self, now: Instant, form: Form<'_>, out: &mut Effects) -> Final {
        match form {
            Form::Execute => {}
            Form::Read => self.info("+CUSD: 1", out),
            Form::Test => self.info("+CUSD: (0-2)", out),
            Form::Set(value) => match one_of(value, &[0, 1, 2]) {
                Some(2) => self.timers.set(Timer::Ussd, None),
                Some(_) if Values::of(value).text(1).is_some() => {
                    if !self.radio.is_registered() {
                        return Final::Cme(NO_NETWORK);
                    }
                    self.timers.set(Timer::Ussd, Some(now + USSD_TIME));
                }
                Some(_) => {}
                None => return Final::Cme(BAD_PARAMETER),
            },
        }
        Final::Ok
    }

    /// Whether a submission may begin, or the `+CMS ERROR` that says why not (3GPP TS 27.005 §3.2.5).
    pub(super) fn may_submit(&self) -> Result<(), u16> {
        if !self.has_card {
            return Err(310);
        }
        match self.pin_state() {
            PinState::Ready => {}
            PinState::Pin => return Err(311),
            PinState::Puk => return Err(316),
        }
        debug_assert!(
            self.phase == Phase::Command,
            "commands are taken in this phase only"
        );
        if self.radio.is_registered() {
            Ok(())
        } else {
            Err(331)
        }
    }
}

const REGISTRATIONS: [&str; 3] = ["+CREG", "+CGREG", "+CEREG"];
/// Long, short and numeric name, by `<format>` (3GPP TS 27.007 §7.3).
const OPERATOR: [&str; 3] = ["SimFleet Mobile", "SimFleet", "26201"];
/// +CME ERROR: operation not allowed.
const NOT_ALLOWED: u16 = 3;
/// +CME ERROR: SIM not inserted.
const NO_CARD: u16 = 10;
/// +CME ERROR: incorrect password.
const WRONG_PIN: u16 = 16;
/// +CME ERROR: no network service.
const NO_NETWORK: u16 = 30;
/// A correct PIN gives all tries back (3GPP TS 31.101 §9.5).
const PIN_TRIES: u8 = 3;
/// From a USSD request to its answer.
const USSD_TIME: Duration = Duration::from_millis(1_500);
