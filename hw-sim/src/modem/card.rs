//! The SIM as the modem sees it: there or not, its PIN and PUK, its identity, two of its files (3GPP TS 27.007 §8).

use std::time::Instant;

use super::answer::Final;
use super::command::{Command, Form, Values};
use super::general::{BAD_PARAMETER, NOT_SUPPORTED};
use super::{Effects, SimModem};
use crate::profile::Quirk;
use crate::sim::{PIN_TRIES, Sim};

/// Whether there is a card, and whether it is open.
#[derive(Debug)]
pub(super) struct Card {
    pub(super) present: bool,
    /// It was not there at power-up, and this model never looks again.
    pub(super) overlooked: bool,
    pub(super) unlocked: bool,
}

/// What `+CPIN?` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PinState {
    Ready,
    Pin,
    Puk,
    Dead,
}

impl Card {
    pub(super) fn of(sim: &Sim) -> Card {
        Card {
            present: true,
            overlooked: false,
            unlocked: sim.pin.is_none(),
        }
    }

    pub(super) fn is_seen(&self) -> bool {
        self.present && !self.overlooked
    }

    /// Whether its files can be used.
    pub(super) fn is_open(&self) -> bool {
        self.is_seen() && self.unlocked
    }
}

impl PinState {
    pub(super) fn name(self) -> &'static str {
        match self {
            PinState::Ready => "READY",
            PinState::Pin => "SIM PIN",
            PinState::Puk | PinState::Dead => "SIM PUK",
        }
    }
}

impl SimModem {
    pub(super) fn card_command(
        &mut self,
        now: Instant,
        command: &Command<'_>,
        out: &mut Effects,
    ) -> Option<Final> {
        let form = command.form;
        let name = command.name.as_str();
        Some(match name {
            "+CPIN" => self.pin(now, form, out),
            "+CLCK" => self.facility_lock(form, out),
            "+CPWD" => self.change_pin(form),
            "+CIMI" if self.pin_state() != PinState::Ready => Final::Cme(self.pin_error()),
            "+CIMI" => self.card_identity(form, &self.sim.imsi, out),
            "+CNUM" => {
                let line = format!("+CNUM: \"\",\"{}\",145", self.sim.number);
                if self.has(Quirk::ErrorGlued) && form == Form::Execute {
                    self.info(&format!("ERROR{line}"), out);
                    return Some(Final::Said);
                }
                self.card_identity(form, &line, out)
            }
            "+CRSM" => self.restricted_access(form, out),
            "+CPINR" => {
                self.info(&format!("+CPINR: SIM PIN,{},3", self.sim.pin_tries), out);
                Final::Ok
            }
            "#QSS"
                if form == Form::Read && self.profile.accepts.iter().any(|known| known == name) =>
            {
                self.info(&format!("#QSS: 2,{}", self.card_stage()), out);
                Final::Ok
            }
            _ if name == self.profile.pin_counter => self.vendor_counter(name, out),
            _ if self.profile.iccid.iter().any(|known| known == name) => {
                self.card_identity(form, &format!("{name}: {}", self.sim.iccid), out)
            }
            _ => return None,
        })
    }

    /// Telit's stages of a card: out, in, unlocked, ready for messages.
    fn card_stage(&self) -> u8 {
        match (self.card.is_seen(), self.pin_state() == PinState::Ready) {
            (false, _) => 0,
            (true, false) => 1,
            (true, true) => 2 + u8::from(self.radio.is_ready),
        }
    }

    pub(super) fn pin_state(&self) -> PinState {
        match (self.card.unlocked, self.sim.pin_tries, self.sim.puk_tries) {
            (_, _, 0) => PinState::Dead,
            (true, _, _) => PinState::Ready,
            (false, 0, _) => PinState::Puk,
            (false, _, _) => PinState::Pin,
        }
    }

    fn pin_error(&self) -> u16 {
        match self.pin_state() {
            PinState::Pin => 11,
            PinState::Puk | PinState::Ready => 12,
            PinState::Dead => SIM_FAILURE,
        }
    }

    fn pin(&mut self, now: Instant, form: Form<'_>, out: &mut Effects) -> Final {
        match form {
            Form::Read if self.pin_state() == PinState::Dead => return Final::Cme(SIM_FAILURE),
            Form::Read => {
                self.oddity.pin_unsaid = false;
                let state = self.shown_pin();
                self.info(&format!("+CPIN: {state}"), out);
                if self.shows(Quirk::CpinNoOk) {
                    return Final::Said;
                }
            }
            Form::Test => {}
            Form::Execute => return Final::Cme(BAD_PARAMETER),
            Form::Set(value) => return self.enter_pin(now, &Values::of(value), out),
        }
        Final::Ok
    }

    /// What `+CPIN?` and the boot lines say.
    pub(super) fn shown_pin(&mut self) -> &'static str {
        if self.shows(Quirk::FalsePin) {
            return PinState::Pin.name();
        }
        self.pin_state().name()
    }

    fn enter_pin(&mut self, now: Instant, values: &Values<'_>, out: &mut Effects) -> Final {
        match self.pin_state() {
            PinState::Ready => return Final::Cme(NOT_ALLOWED),
            PinState::Dead => return Final::Cme(SIM_FAILURE),
            PinState::Puk => {
                let Some(new_pin) = values.text(1) else {
                    return Final::Cme(self.pin_error());
                };
                if values.text(0) != Some(self.sim.puk.as_str()) {
                    self.sim.puk_tries -= 1;
                    return Final::Cme(WRONG_PIN);
                }
                self.sim.pin = Some(new_pin.to_owned());
            }
            PinState::Pin if values.text(0) == self.sim.pin.as_deref() => {}
            PinState::Pin => {
                self.sim.pin_tries -= 1;
                return Final::Cme(WRONG_PIN);
            }
        }
        self.card.unlocked = true;
        self.sim.pin_tries = PIN_TRIES;
        self.sim.puk_tries = crate::sim::PUK_TRIES;
        self.await_readiness(now);
        self.search(now, out);
        Final::Ok
    }

    /// `+CLCK="SC"`: whether the PIN is asked for, and switching it (3GPP TS 27.007 §7.4).
    fn facility_lock(&mut self, form: Form<'_>, out: &mut Effects) -> Final {
        let Form::Set(value) = form else {
            return if form == Form::Test {
                self.info("+CLCK: (\"SC\")", out);
                Final::Ok
            } else {
                Final::Cme(BAD_PARAMETER)
            };
        };
        let values = Values::of(value);
        let given = values.text(2);
        match (values.text(0), values.number(1)) {
            (Some("SC"), Ok(Some(2))) => {
                self.info(&format!("+CLCK: {}", u8::from(self.sim.pin.is_some())), out);
                Final::Ok
            }
            (Some("SC"), Ok(Some(0))) if self.sim.pin.is_some() => {
                if given != self.sim.pin.as_deref() {
                    return self.wrong_pin();
                }
                self.sim.pin = None;
                Final::Ok
            }
            (Some("SC"), Ok(Some(1))) if self.sim.pin.is_none() && given.is_some() => {
                self.sim.pin = given.map(str::to_owned);
                Final::Ok
            }
            (Some("SC"), Ok(Some(0 | 1))) => Final::Cme(NOT_ALLOWED),
            (_, _) => Final::Cme(NOT_SUPPORTED),
        }
    }

    /// `+CPWD="SC",old,new` (3GPP TS 27.007 §7.5).
    fn change_pin(&mut self, form: Form<'_>) -> Final {
        let Form::Set(value) = form else {
            return Final::Cme(BAD_PARAMETER);
        };
        let values = Values::of(value);
        let (Some("SC"), Some(old), Some(new)) = (values.text(0), values.text(1), values.text(2))
        else {
            return Final::Cme(NOT_SUPPORTED);
        };
        if self.sim.pin.as_deref() != Some(old) {
            return self.wrong_pin();
        }
        self.sim.pin = Some(new.to_owned());
        Final::Ok
    }

    fn wrong_pin(&mut self) -> Final {
        self.sim.pin_tries = self.sim.pin_tries.saturating_sub(1);
        self.card.unlocked &= self.sim.pin_tries > 0;
        Final::Cme(WRONG_PIN)
    }

    fn vendor_counter(&self, name: &str, out: &mut Effects) -> Final {
        let (pin, puk) = (self.sim.pin_tries, self.sim.puk_tries);
        let line = match name {
            "+QPINC" => format!("+QPINC: \"SC\",{pin},{puk}\r\n+QPINC: \"P2\",3,10"),
            "+SPIC" => format!("+SPIC: {pin},{puk},3,10"),
            "^CPIN" => format!("^CPIN: {},{pin},{puk},{pin},10,3", self.pin_state().name()),
            "+UPINCNT" => format!("+UPINCNT: {pin},3,{puk},10"),
            _ => format!("{name}: {pin}"),
        };
        self.info(&line, out);
        Final::Ok
    }

    fn card_identity(&self, form: Form<'_>, line: &str, out: &mut Effects) -> Final {
        match form {
            Form::Execute | Form::Read => self.info(line, out),
            Form::Test => {}
            Form::Set(_) => return Final::Cme(NOT_SUPPORTED),
        }
        Final::Ok
    }

    /// READ BINARY of EF_ICCID and EF_AD (3GPP TS 31.102 §4.2.18, 3GPP TS 31.101 §13.2).
    fn restricted_access(&self, form: Form<'_>, out: &mut Effects) -> Final {
        let Form::Set(value) = form else {
            return Final::Cme(BAD_PARAMETER);
        };
        let values = Values::of(value);
        if values.number(0) != Ok(Some(READ_BINARY)) {
            return Final::Cme(NOT_SUPPORTED);
        }
        let content = match values.number(1) {
            Ok(Some(EF_ICCID)) => swapped(&self.sim.iccid),
            Ok(Some(EF_AD)) => "00000002".to_owned(),
            Ok(_) | Err(_) => {
                self.info("+CRSM: 148,4", out);
                return Final::Ok;
            }
        };
        self.info(&format!("+CRSM: 144,0,\"{content}\""), out);
        Final::Ok
    }
}

/// Digits as the card stores them: swapped pairs, filled with F.
fn swapped(digits: &str) -> String {
    let digits: Vec<char> = digits.chars().collect();
    digits
        .chunks(2)
        .flat_map(|pair| [pair.get(1).copied().unwrap_or('F'), pair[0]])
        .collect()
}

/// READ BINARY, and the files it can read here.
const READ_BINARY: usize = 176;
const EF_ICCID: usize = 12_258;
const EF_AD: usize = 28_589;
/// +CME ERROR: operation not allowed.
pub(super) const NOT_ALLOWED: u16 = 3;
/// +CME ERROR: SIM failure.
const SIM_FAILURE: u16 = 13;
/// +CME ERROR: incorrect password.
const WRONG_PIN: u16 = 16;
