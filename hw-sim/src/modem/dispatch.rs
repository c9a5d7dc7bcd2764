//! Which command goes where, and the states of a modem in which whole families of commands are refused.

use std::time::Instant;

use super::answer::Final;
use super::command::{Command, Form};
use super::general::NOT_SUPPORTED;
use super::{Effects, SimModem};
use crate::profile::Quirk;

impl SimModem {
    /// Carries out one command of a line.
    pub(super) fn execute(
        &mut self,
        now: Instant,
        command: &Command<'_>,
        out: &mut Effects,
    ) -> Final {
        if self.oddity.stuck {
            return Final::Cme(PLEASE_WAIT);
        }
        if let Some(refusal) = self.not_now(command) {
            return refusal;
        }
        self.message_command(now, command, out)
            .or_else(|| self.general_command(now, command, out))
            .or_else(|| self.card_command(now, command, out))
            .or_else(|| self.radio_command(now, command, out))
            .or_else(|| self.call_command(now, command, out))
            .unwrap_or_else(|| self.unknown(command, out))
    }

    /// Why a command that exists cannot be carried out at this moment.
    fn not_now(&mut self, command: &Command<'_>) -> Option<Final> {
        let name = command.name.as_str();
        if MESSAGE_COMMANDS.contains(&name) && command.form != Form::Test {
            return self.messages_not_now(name);
        }
        let of_card =
            CARD_COMMANDS.contains(&name) || self.profile.iccid.iter().any(|known| known == name);
        if !of_card {
            return None;
        }
        if !self.card.is_seen() {
            return Some(Final::Cme(NO_CARD));
        }
        if self.shows(Quirk::BadContact262) {
            return Some(Final::Cme(CARD_BLOCKED));
        }
        let busy = !self.radio.is_ready && self.has(Quirk::SimBusyAfterPin);
        (busy && name != "+CPIN").then_some(Final::Cme(CARD_BUSY))
    }

    fn messages_not_now(&mut self, name: &str) -> Option<Final> {
        let sets_up = matches!(name, "+CMGF" | "+CSMS" | "+CNMI" | "+CSMP" | "+CSDH");
        if !self.oddity.charset_set
            && matches!(name, "+CMGF" | "+CMGS" | "+CPMS" | "+CSCA")
            && self.has(Quirk::Cme58UntilCscs)
        {
            return Some(Final::Cme(ALPHABET));
        }
        if self.radio.stat == 11 && self.has(Quirk::Stat11) {
            return Some(Final::Error);
        }
        if !self.oddity.finished_init && self.has(Quirk::Persistent515) {
            return Some(Final::Cms(INIT_IN_PROGRESS));
        }
        if !self.radio.is_ready {
            if self.has(Quirk::NeedsSmsdone) {
                return Some(Final::Error);
            }
            if !sets_up {
                return Some(Final::Cms(CARD_BUSY_SMS));
            }
        }
        (!sets_up && !self.card.is_seen()).then_some(Final::Cms(NO_CARD_SMS))
    }

    fn unknown(&mut self, command: &Command<'_>, out: &mut Effects) -> Final {
        if self.profile.accepts.contains(&command.name) {
            self.vendor_command(command, out);
            return Final::Ok;
        }
        if self.shows(Quirk::NotSupportText) {
            let words = match command.form {
                Form::Set(value) if value.matches(',').count() > 4 => "TOO MANY PARAMETERS",
                Form::Set(_) | Form::Execute | Form::Read | Form::Test => "COMMAND NOT SUPPORT",
            };
            self.info(words, out);
            return Final::Said;
        }
        Final::Cme(NOT_SUPPORTED)
    }

    /// Vendors' commands: their only effects are on quirks.
    fn vendor_command(&mut self, command: &Command<'_>, out: &mut Effects) {
        match command.name.as_str() {
            "+AUTOCSQ" => self.oddity.quiet_signal = true,
            "^CURC" => self.oddity.quiet_vendor = command.form == Form::Set("0"),
            "+CNMP" => self.oddity.radio_chosen = true,
            "+QURCCFG" => self.oddity.port_chosen = true,
            "+WOPEN" => self.oddity.finished_init |= command.form == Form::Set("0"),
            "+CMGDA" => self.empty_stores(),
            "+WIND" => self.info("+WIND: 15", out),
            _ => {}
        }
    }
}

/// Commands about short messages, but for `+CMMS`, `+CGSMS` and `+CNMA`, which only set or count.
const MESSAGE_COMMANDS: [&str; 14] = [
    "+CMGS", "+CMGL", "+CMGR", "+CMGD", "+CMGW", "+CMSS", "+CNMI", "+CPMS", "+CSCA", "+CSMS",
    "+CMGF", "+CSMP", "+CSDH", "+CMGDA",
];
/// Commands that ask the card.
const CARD_COMMANDS: [&str; 8] = [
    "+CPIN", "+CPINR", "+CIMI", "+CNUM", "+CRSM", "+CLCK", "+CPWD", "+CSIM",
];
/// +CME ERROR of one vendor: wait, init or command in progress.
const PLEASE_WAIT: u16 = 515;
/// +CMS ERROR of one vendor: wait, init not finished.
const INIT_IN_PROGRESS: u16 = 536;
/// +CME ERROR: SIM not inserted, SIM busy, and one vendor's "SIM blocked", which is often a bad contact.
const NO_CARD: u16 = 10;
const CARD_BUSY: u16 = 14;
const CARD_BLOCKED: u16 = 262;
/// +CMS ERROR: SIM not inserted, SIM busy.
const NO_CARD_SMS: u16 = 310;
const CARD_BUSY_SMS: u16 = 314;
/// +CME ERROR of one vendor: character set not supported.
const ALPHABET: u16 = 58;
