//! The commands about the modem itself (ITU-T V.250, 3GPP TS 27.007 §5).

use std::sync::Arc;
use std::time::Instant;

use super::answer::Final;
use super::command::{Command, Form, Values};
use super::text::TextMode;
use super::timers::Timer;
use super::{AtSettings, Effects, Indications, SimModem};
use crate::air::Uplink;
use crate::profile::Quirk;

impl SimModem {
    pub(super) fn general_command(
        &mut self,
        now: Instant,
        command: &Command<'_>,
        out: &mut Effects,
    ) -> Option<Final> {
        let profile = Arc::clone(&self.profile);
        let form = command.form;
        Some(match command.name.as_str() {
            "E" => switch(form, &mut self.at.echo),
            "V" => switch(form, &mut self.at.verbose),
            "Q" => switch(form, &mut self.at.quiet),
            "Z" | "&F" => {
                self.oddity.factory_set |= command.name == "&F";
                self.at = AtSettings::of(&profile);
                self.text = TextMode::default();
                self.radio.reporting = [0; 4];
                self.tell_network(Uplink::Returned, out);
                self.indications = Indications::default();
                self.timers.set(Timer::Acknowledge, None);
                Final::Ok
            }
            // Flow control, carrier and loudspeaker mean nothing to a pseudo-terminal; profiles are not stored.
            "&C" | "&D" | "&K" | "&W" | "X" | "L" | "M" | "S0" | "S3" | "S4" | "S5" | "S7" => {
                Final::Ok
            }
            "+IFC" | "+IPR" | "+ICF" | "+CMEC" | "+CRLP" | "+CSTA" | "+CMER" => Final::Ok,
            "^RESET" if self.has(Quirk::ResetCmdNoop) => Final::Ok,
            "^RESET" | "+CRESET" | "!RESET" | "#REBOOT"
                if profile.accepts.contains(&command.name) =>
            {
                self.finish(Final::Ok, out);
                self.restart(now, out);
                Final::Later
            }
            "I" => {
                for line in [&profile.manufacturer, &profile.model, &profile.revision] {
                    self.info(line, out);
                }
                Final::Ok
            }
            "+CGMI" | "+GMI" => self.identity(form, &profile.manufacturer, out),
            "+CGMM" | "+GMM" => self.identity(form, &profile.model, out),
            "+CGMR" | "+GMR" => self.identity(form, &profile.revision, out),
            "+CGSN" | "+GSN" => self.identity(form, &self.imei, out),
            "+GCAP" => self.identity(form, "+GCAP: +CGSM", out),
            "+CPAS" => self.identity(form, "+CPAS: 0", out),
            "+CMEE" => self.error_format(form, out),
            "+CSCS" => self.character_set(form, out),
            _ => return None,
        })
    }

    fn identity(&self, form: Form<'_>, text: &str, out: &mut Effects) -> Final {
        match form {
            Form::Execute => self.info(text, out),
            Form::Test => {}
            Form::Read | Form::Set(_) => return Final::Cme(NOT_SUPPORTED),
        }
        Final::Ok
    }

    fn error_format(&mut self, form: Form<'_>, out: &mut Effects) -> Final {
        match form {
            Form::Execute => self.at.cmee = 0,
            Form::Read => self.info(&format!("+CMEE: {}", self.at.cmee), out),
            Form::Test => self.info("+CMEE: (0-2)", out),
            Form::Set(value) => match one_of(value, &[0, 1, 2]) {
                Some(cmee) => self.at.cmee = cmee,
                None => return Final::Cme(BAD_PARAMETER),
            },
        }
        Final::Ok
    }

    fn character_set(&mut self, form: Form<'_>, out: &mut Effects) -> Final {
        match form {
            Form::Execute => {}
            Form::Read => self.info(&format!("+CSCS: \"{}\"", self.at.charset.name()), out),
            Form::Test => {
                let names: Vec<String> = (self.profile.charsets.iter())
                    .map(|set| format!("\"{}\"", set.name()))
                    .collect();
                self.info(&format!("+CSCS: ({})", names.join(",")), out);
            }
            Form::Set(value) => {
                let wanted = Values::of(value).text(0);
                match (self.profile.charsets.iter()).find(|set| Some(set.name()) == wanted) {
                    Some(set) => {
                        self.at.charset = *set;
                        self.oddity.charset_set = true;
                    }
                    None => return Final::Cme(BAD_PARAMETER),
                }
            }
        }
        Final::Ok
    }
}

/// A command about one small number: what to show (`Ok`), the value to set (`Err(Some)`), or that it has none.
pub(super) fn setting_of(
    form: Form<'_>,
    value: u8,
    name: &str,
    range: &str,
    allowed: &[u8],
) -> Result<String, Option<u8>> {
    match form {
        Form::Read => Ok(format!("{name}: {value}")),
        Form::Test => Ok(format!("{name}: {range}")),
        Form::Execute => Err(None),
        Form::Set(text) => Err(one_of(text, allowed)),
    }
}

/// The value of a command with one small number, if it is among the allowed ones.
pub(super) fn one_of(value: &str, allowed: &[u8]) -> Option<u8> {
    let number = Values::of(value).number(0).ok()??;
    allowed
        .iter()
        .copied()
        .find(|candidate| usize::from(*candidate) == number)
}

fn switch(form: Form<'_>, flag: &mut bool) -> Final {
    match form {
        Form::Execute | Form::Set("0") => *flag = false,
        Form::Set("1") => *flag = true,
        Form::Set(_) | Form::Read | Form::Test => return Final::Error,
    }
    Final::Ok
}

/// +CME ERROR: operation not supported.
pub(super) const NOT_SUPPORTED: u16 = 4;
/// +CME ERROR: incorrect parameters.
pub(super) const BAD_PARAMETER: u16 = 50;
