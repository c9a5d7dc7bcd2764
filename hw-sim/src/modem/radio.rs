//! Radio function, registration, signal, operator (3GPP TS 27.007 §7, §8).

use std::time::{Duration, Instant};

use super::answer::Final;
use super::card::PinState;
use super::command::{Command, Form, Values};
use super::general::{BAD_PARAMETER, NOT_SUPPORTED, one_of};
use super::timers::Timer;
use super::{Effects, Phase, SimModem};
use crate::air::Uplink;
use crate::profile::Quirk;

/// Radio and registration.
#[derive(Debug)]
pub(super) struct Radio {
    /// `+CFUN`: 0 off, 1 on, 4 flight mode.
    pub(super) function: u8,
    /// `<stat>` of `+CREG` (3GPP TS 27.007 §7.2).
    pub(super) stat: u8,
    /// `<n>` of `+CREG`, `+CGREG`, `+CEREG`, `+C5GREG`.
    pub(super) reporting: [u8; 4],
    pub(super) operator_format: u8,
    /// `+CSQ` RSSI index.
    pub(super) signal: usize,
    /// Whether messages can be sent and read yet.
    pub(super) is_ready: bool,
}

impl Default for Radio {
    fn default() -> Radio {
        Radio {
            function: 1,
            stat: 1,
            reporting: [0; 4],
            operator_format: 0,
            signal: 20,
            is_ready: true,
        }
    }
}

impl Radio {
    /// 6 and 7 are "SMS only", 9 and 10 "CSFB not preferred".
    pub(super) fn is_registered(&self) -> bool {
        matches!(self.stat, 1 | 5 | 6 | 7 | 9 | 10)
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
            "+CFUN" => self.function(now, form, out),
            "+CREG" => self.registration(0, form, out),
            "+CGREG" => self.registration(1, form, out),
            "+CEREG" => self.registration(2, form, out),
            "+C5GREG" => self.registration(3, form, out),
            "+CSQ" => self.signal(form, out),
            "+CESQ" => self.extended_signal(form, out),
            "+COPS" => self.operator(now, form, out),
            "+CUSD" => self.ussd_command(now, form, out),
            _ => return None,
        })
    }

    /// Begins to look for a network, when radio and SIM allow.
    pub(super) fn search(&mut self, now: Instant, out: &mut Effects) {
        self.search_for(now, self.profile.registration, out);
    }

    pub(super) fn search_after_boot(&mut self, now: Instant, out: &mut Effects) {
        let mut time = self.profile.registration;
        if self.shows(Quirk::SlowFleetRecovery) {
            // Half within a minute, three tenths in 5 to 10, two tenths in 20 to 50.
            let minutes = match self.rng.below(10) {
                0..=4 => 0..=1,
                5..=7 => 5..=10,
                _ => 20..=50,
            };
            let range =
                Duration::from_secs(60 * minutes.start())..=Duration::from_secs(60 * minutes.end());
            time = self.rng.between(&range);
        }
        self.search_for(now, time, out);
    }

    fn search_for(&mut self, now: Instant, time: Duration, out: &mut Effects) {
        if self.radio.function != 1 || !self.card.is_open() {
            return;
        }
        self.radio.stat = 2;
        if time.is_zero() {
            out.uplinks.push(Uplink::Search);
        } else {
            self.timers.set(Timer::Register, Some(now + time));
        }
    }

    /// The network lets the SIM in or drops it; a modem that does not look for one does not care.
    pub(super) fn registration_changed(&mut self, mut stat: u8, out: &mut Effects) {
        if self.radio.stat == 0 || self.phase == Phase::Booting {
            return;
        }
        if stat == 1 && self.shows(Quirk::Stat11) {
            stat = 11;
        }
        self.set_registration(stat, out);
    }

    pub(super) fn set_registration(&mut self, stat: u8, out: &mut Effects) {
        if self.radio.stat == stat {
            return;
        }
        self.radio.stat = stat;
        for (which, name) in REGISTRATIONS.iter().enumerate() {
            if self.radio.reporting[which] > 0 {
                let line = format!("{name}: {}{}", self.stat_of(which), self.cell(which));
                self.unsolicited(&line, out);
            }
        }
    }

    /// `<stat>` of circuit-switched, GPRS, LTE and 5G registration, as far as the model has them.
    fn stat_of(&self, which: usize) -> u8 {
        let technology = self.profile.technology;
        match which {
            0 if self.radio.stat == 1 && self.lacks_sgs() => 3,
            2 if technology < LTE => 0,
            3 if technology < FIVE_G => 0,
            _ => self.radio.stat,
        }
    }

    /// Registered for data alone: no way for messages.
    pub(super) fn lacks_sgs(&self) -> bool {
        self.has(Quirk::NoSgs500) && !self.oddity.radio_chosen
    }

    /// The place in answers with `<n>` = 2, when there is one.
    fn cell(&self, which: usize) -> String {
        if self.radio.reporting[which] < 2 {
            return String::new();
        }
        match self.stat_of(which) {
            1 | 5 | 6 | 7 | 9 | 10 => format!(",\"00A1\",\"01A2B3C4\",{}", self.profile.technology),
            0 | 2 if self.has(Quirk::BogusLac) => ",\"FFFF\",\"0000FFFF\",0".to_owned(),
            3 if self.radio.reporting[which] >= 3 => ",,,,0,11".to_owned(),
            _ => String::new(),
        }
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
        if value == "16" && self.has(Quirk::ResetCmdNoop) {
            self.finish(Final::Ok, out);
            self.restart(now, out);
            return Final::Later;
        }
        let Some(function) = one_of(value, &[0, 1, 4]) else {
            return Final::Cme(BAD_PARAMETER);
        };
        if function == 4 && self.oddity.pin_unsaid {
            return Final::Error;
        }
        if Values::of(value).number(1) == Ok(Some(1)) {
            if self.has(Quirk::ResetCmdNoop) {
                return Final::Ok;
            }
            self.finish(Final::Ok, out);
            self.restart(now, out);
            if self.shows(Quirk::Cfun11UsbGone) {
                out.unplug = Some(GONE_FROM_BUS);
            }
            return Final::Later;
        }
        if function == self.radio.function {
            return Final::Ok;
        }
        self.radio.function = function;
        if function == 1 {
            self.search(now, out);
        } else {
            self.timers.set(Timer::Register, None);
            self.set_registration(0, out);
            if self.has(Quirk::RadioOffMute) {
                self.finish(Final::Ok, out);
                self.hang();
                return Final::Later;
            }
        }
        Final::Ok
    }

    fn registration(&mut self, which: usize, form: Form<'_>, out: &mut Effects) -> Final {
        let name = REGISTRATIONS[which];
        match form {
            Form::Execute => self.radio.reporting[which] = 0,
            Form::Read => {
                let (reporting, stat) = (self.radio.reporting[which], self.stat_of(which));
                let line = if self.shows(Quirk::CregZoo) {
                    self.oddity.layout += 1;
                    zoo(name, reporting, stat, self.oddity.layout)
                } else {
                    format!("{name}: {reporting},{stat}{}", self.cell(which))
                };
                self.info(&line, out);
            }
            Form::Test => self.info(&format!("{name}: (0-3)"), out),
            Form::Set(value) => match one_of(value, &[0, 1, 2, 3]) {
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

    fn operator(&mut self, now: Instant, form: Form<'_>, out: &mut Effects) -> Final {
        // The SIM is at home: its network is the one that its IMSI begins with.
        let code = self.sim.imsi.get(..NETWORK_CODE_DIGITS).unwrap_or_default();
        let names = [OPERATOR[0], OPERATOR[1], code];
        let value = match form {
            Form::Read => {
                let shown = if self.radio.is_registered() {
                    let format = self.radio.operator_format;
                    format!(
                        "+COPS: 0,{format},\"{}\",{}",
                        names[usize::from(format)],
                        self.profile.technology
                    )
                } else {
                    "+COPS: 0".to_owned()
                };
                self.info(&shown, out);
                return Final::Ok;
            }
            Form::Test => {
                let [long, short, numeric] = names;
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
                self.timers.set(Timer::Register, None);
                self.set_registration(0, out);
            }
            Some(3) => match Values::of(value).number(1) {
                Ok(Some(format @ 0..=2)) => self.radio.operator_format = format as u8,
                Ok(Some(_) | None) | Err(_) => return Final::Cme(BAD_PARAMETER),
            },
            Some(_) if self.radio.is_registered() => {}
            Some(_) => self.search(now, out),
            None => return Final::Cme(BAD_PARAMETER),
        }
        Final::Ok
    }

    /// Whether a submission may begin, or the `+CMS ERROR` that says why not (3GPP TS 27.005 §3.2.5).
    pub(super) fn may_submit(&self) -> Result<(), u16> {
        debug_assert!(
            self.phase == Phase::Command,
            "commands are taken in this phase only"
        );
        if self.call.is_some() && self.has(Quirk::RrmmBusy527) {
            return Err(527);
        }
        self.cannot_submit().map_or(Ok(()), Err)
    }

    /// What keeps the card from sending at this moment.
    pub(super) fn cannot_submit(&self) -> Option<u16> {
        if !self.card.is_seen() {
            return Some(310);
        }
        match self.pin_state() {
            PinState::Ready => {}
            PinState::Pin => return Some(311),
            PinState::Puk | PinState::Dead => return Some(316),
        }
        (!self.radio.is_registered()).then_some(331)
    }
}

/// The layouts that are seen in the field (place left out, unquoted, in two parts, with leading noughts, …).
fn zoo(name: &str, reporting: u8, stat: u8, layout: usize) -> String {
    match layout % 8 {
        0 => format!("{name}: {reporting},{stat},84CD,00D30173"),
        1 => format!("{name}: {reporting},{stat},00,0"),
        2 => format!("{name}:{reporting:03},{stat:03},\"18d8\",\"ffff\""),
        3 => format!("{name}: {reporting},{stat},\"8B37\",\"0A265185\",7"),
        4 => format!("{name}: {reporting},{stat},000B,2816, B, C2816"),
        5 => format!("{name}: {reporting},{stat},  0 5, 2715"),
        6 => format!("{name}: {reporting:03},{stat:03}"),
        _ => format!("{name}: {reporting},{stat},\"0502\",\"0404736D\""),
    }
}

const REGISTRATIONS: [&str; 4] = ["+CREG", "+CGREG", "+CEREG", "+C5GREG"];
/// `<AcT>` (3GPP TS 27.007 §7.3).
const LTE: u8 = 7;
const FIVE_G: u8 = 11;
/// A stick that drops off the bus and is not plugged in again soon.
const GONE_FROM_BUS: Duration = Duration::from_secs(3600);
/// Long and short name, as `<format>` 0 and 1 show them (3GPP TS 27.007 §7.3).
const OPERATOR: [&str; 2] = ["SimFleet Mobile", "SimFleet"];
/// MCC and MNC, as EF_AD says.
const NETWORK_CODE_DIGITS: usize = 5;
