//! Which command goes where, and the commands about the modem itself (ITU-T V.250, 3GPP TS 27.007 §5).

use std::time::Instant;

use super::answer::Final;
use super::command::{Command, Form, Values};
use super::{AtSettings, Effects, Indications, SimModem};

impl SimModem {
    /// Carries out one command of a line.
    pub(super) fn execute(
        &mut self,
        now: Instant,
        command: &Command<'_>,
        out: &mut Effects,
    ) -> Final {
        self.message_command(now, command, out)
            .or_else(|| self.general_command(command, out))
            .or_else(|| self.radio_command(now, command, out))
            .unwrap_or(Final::Cme(NOT_SUPPORTED))
    }

    fn general_command(&mut self, command: &Command<'_>, out: &mut Effects) -> Option<Final> {
        let form = command.form;
        Some(match command.name.as_str() {
            "E" => switch(form, &mut self.at.echo),
            "V" => switch(form, &mut self.at.verbose),
            "Q" => switch(form, &mut self.at.quiet),
            "Z" | "&F" => {
                self.at = AtSettings::default();
                self.radio.reporting = [0; 3];
                self.indications = Indications::default();
                Final::Ok
            }
            // Flow control, carrier and loudspeaker mean nothing to a pseudo-terminal; profiles are not stored.
            "&C" | "&D" | "&K" | "&W" | "X" | "L" | "M" | "H" | "S0" | "S3" | "S4" | "S5"
            | "S7" => Final::Ok,
            "+IFC" | "+IPR" | "+ICF" | "+CMEC" => Final::Ok,
            "I" => {
                for line in [MANUFACTURER, MODEL, REVISION] {
                    self.info(line, out);
                }
                Final::Ok
            }
            "+CGMI" | "+GMI" => self.identity(form, MANUFACTURER, out),
            "+CGMM" | "+GMM" => self.identity(form, MODEL, out),
            "+CGMR" | "+GMR" => self.identity(form, REVISION, out),
            "+CGSN" | "+GSN" => self.identity(form, &self.imei, out),
            "+GCAP" => self.identity(form, "+GCAP: +CGSM", out),
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
            Form::Read => self.info(&format!("+CSCS: \"{}\"", self.at.cscs), out),
            Form::Test => self.info("+CSCS: (\"IRA\",\"GSM\",\"UCS2\")", out),
            Form::Set(value) => {
                let wanted = Values::of(value).text(0);
                match ["IRA", "GSM", "UCS2"]
                    .into_iter()
                    .find(|name| Some(*name) == wanted)
                {
                    Some(name) => self.at.cscs = name,
                    None => return Final::Cme(BAD_PARAMETER),
                }
            }
        }
        Final::Ok
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
const MANUFACTURER: &str = "SimFleet";
const MODEL: &str = "HW-SIM";
const REVISION: &str = concat!("HWSIM-", env!("CARGO_PKG_VERSION"));
