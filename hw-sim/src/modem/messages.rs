//! Commands about stored messages and how messages are written: list, read, delete, centre, format
//! (3GPP TS 27.005 §3, §4).

use std::time::Instant;

use super::answer::Final;
use super::command::{Command, Form, Values};
use super::stores::Store;
use super::{Effects, SimModem, charset};
use crate::memory::{MessageState, Stored};
use crate::profile::Quirk;

impl SimModem {
    pub(super) fn message_command(
        &mut self,
        now: Instant,
        command: &Command<'_>,
        out: &mut Effects,
    ) -> Option<Final> {
        let form = command.form;
        let name = command.name.as_str();
        let reads = matches!(name, "+CMGL" | "+CMGR" | "+CPMS") && form != Form::Test;
        if reads && !self.oddity.store_repaired && self.has(Quirk::StoreCorrupt) {
            return Some(Final::Later);
        }
        Some(match name {
            "+CMGS" => self.send(now, form, out),
            "+CMGW" => self.write(now, form, out),
            "+CMSS" => self.send_stored(now, form, out),
            "+CMGL" => self.list(form, out),
            "+CMGR" => self.read(form, out),
            "+CMGD" => self.delete(form, out),
            "+CNMI" => self.new_message_indications(form, out),
            "+CNMA" => self.acknowledge(now, form, out),
            "+CPMS" => self.preferred_memories(form, out),
            "+CSCA" => self.service_centre(form, out),
            "+CSMS" => self.service(form, out),
            "+CMGF" => self.message_format(form, out),
            "+CSMP" => self.text_parameters(form, out),
            "+CSDH" => self.text_header(form, out),
            "+CSCB" => self.broadcast_types(form, out),
            "+CMMS" | "+CGSMS" => self.kept_number(name, form, out),
            _ => return None,
        })
    }

    fn message_format(&mut self, form: Form<'_>, out: &mut Effects) -> Final {
        match form {
            Form::Read => self.info(&format!("+CMGF: {}", u8::from(self.text.is_on)), out),
            Form::Test if self.profile.text_mode => self.info("+CMGF: (0,1)", out),
            Form::Test => self.info("+CMGF: (0)", out),
            Form::Execute | Form::Set("0") => self.text.is_on = false,
            Form::Set("1") if self.profile.text_mode => self.text.is_on = true,
            Form::Set(_) => return Final::Cms(UNSUPPORTED),
        }
        Final::Ok
    }

    fn service_centre(&mut self, form: Form<'_>, out: &mut Effects) -> Final {
        match form {
            Form::Read => {
                let smsc = charset::shown(&self.sim.smsc, self.at.charset);
                let kind = kind_of(&self.sim.smsc);
                self.info(&format!("+CSCA: \"{smsc}\",{kind}"), out);
            }
            Form::Test | Form::Execute => {}
            Form::Set(value) => {
                let number = Values::of(value).text(0).unwrap_or_default();
                if number.is_empty() {
                    self.sim.smsc.clear();
                    return Final::Ok;
                }
                let Some(address) = charset::number(number, self.at.charset) else {
                    return Final::Cms(INVALID_PARAMETER);
                };
                self.sim.smsc = address.text();
            }
        }
        Final::Ok
    }

    /// Lists messages with a `<stat>`: a number in PDU mode, a word in text mode.
    fn list(&mut self, form: Form<'_>, out: &mut Effects) -> Final {
        let store = self.selected[0];
        if store == Store::Sr && self.has(Quirk::SrNoCmgl) {
            return Final::Error;
        }
        let wanted = match form {
            Form::Test if self.text.is_on => {
                let names = MessageState::ALL.map(|state| format!("\"{}\"", state.name()));
                self.info(&format!("+CMGL: ({},\"ALL\")", names.join(",")), out);
                return Final::Ok;
            }
            Form::Test => {
                self.info("+CMGL: (0-4)", out);
                return Final::Ok;
            }
            Form::Read => return Final::Cms(UNSUPPORTED),
            Form::Execute => Some(MessageState::Unread),
            Form::Set(value) => match self.wanted_state(value) {
                Ok(wanted) => wanted,
                Err(code) => return Final::Cms(code),
            },
        };
        let mut found: Vec<(usize, Stored)> = Vec::new();
        for (index, message) in self.messages(store) {
            if wanted.is_none_or(|state| state == message.state) {
                found.push((index, message.clone()));
                message.see();
            }
        }
        for (index, message) in &found {
            let line = if self.text.is_on {
                self.listed_text(*index, message)
            } else {
                let pdu = sms::hex::encode_upper(&message.pdu);
                let (stat, length) = (message.state as u8, message.tpdu_length);
                format!("+CMGL: {index},{stat},,{length}\r\n{pdu}")
            };
            self.info(&line, out);
        }
        Final::Ok
    }

    /// `None` is all.
    fn wanted_state(&self, value: &str) -> Result<Option<MessageState>, u16> {
        let text = Values::of(value)
            .text(0)
            .unwrap_or_default()
            .to_ascii_uppercase();
        let all = if self.text.is_on { "ALL" } else { "4" };
        if text == all {
            return Ok(None);
        }
        let is_on = self.text.is_on;
        MessageState::ALL
            .into_iter()
            .find(|state| {
                if is_on {
                    state.name() == text
                } else {
                    (*state as u8).to_string() == text
                }
            })
            .map(Some)
            .ok_or(INVALID_PARAMETER)
    }

    fn read(&mut self, form: Form<'_>, out: &mut Effects) -> Final {
        let Form::Set(value) = form else {
            return if form == Form::Test {
                Final::Ok
            } else {
                Final::Cms(INVALID_PARAMETER)
            };
        };
        let Ok(Some(index)) = Values::of(value).number(0) else {
            return Final::Cms(INVALID_PARAMETER);
        };
        let store = self.selected[0];
        if store == Store::Sr && self.has(Quirk::SrUnreadable) {
            return Final::Cms(INVALID_INDEX);
        }
        let place = self.place_of(store, index);
        let found = place.and_then(|(part, index)| self.memories[part].message_mut(index));
        let Some(message) = found else {
            return Final::Cms(INVALID_INDEX);
        };
        let shown = message.clone();
        message.see();
        // `+CMGR: <stat>,[<alpha>],<length>`: no index, unlike `+CMGL` (3GPP TS 27.005 §4.2).
        let line = if self.text.is_on {
            self.read_text(&shown)
        } else {
            let pdu = sms::hex::encode_upper(&shown.pdu);
            format!(
                "+CMGR: {},,{}\r\n{pdu}",
                shown.state as u8, shown.tpdu_length
            )
        };
        self.info(&line, out);
        Final::Ok
    }

    fn delete(&mut self, form: Form<'_>, out: &mut Effects) -> Final {
        let store = self.selected[0];
        let value = match form {
            Form::Test => {
                self.info(&self.deletable(), out);
                return Final::Ok;
            }
            Form::Execute | Form::Read => return Final::Cms(INVALID_PARAMETER),
            Form::Set(value) => Values::of(value),
        };
        let (Ok(Some(index)), Ok(flag)) = (value.number(0), value.number(1)) else {
            return Final::Cms(INVALID_PARAMETER);
        };
        let no_bulk = self.has(Quirk::CmgdZoo) || (store == Store::Sr && self.has(Quirk::SrNoCmgl));
        if flag.is_some_and(|flag| flag > 0) && no_bulk {
            return Final::Error;
        }
        match flag.unwrap_or(0) {
            0 => return self.delete_one(store, index),
            1 => self.delete_where(store, |message| message.state == MessageState::Read),
            2 => self.delete_where(store, |message| {
                matches!(message.state, MessageState::Read | MessageState::Sent)
            }),
            3 => self.delete_where(store, |message| message.state != MessageState::Unread),
            4 => {
                self.delete_where(store, |_| true);
                self.oddity.store_repaired = true;
            }
            _ => return Final::Cms(INVALID_PARAMETER),
        }
        Final::Ok
    }

    fn delete_one(&mut self, store: Store, index: usize) -> Final {
        let Some((part, index)) = self.place_of(store, index) else {
            return Final::Cms(INVALID_INDEX);
        };
        if self.has(Quirk::MultiPartDelete) {
            let reference = self.memories[part]
                .message_mut(index)
                .and_then(|message| reference_of(message));
            if let Some(reference) = reference {
                self.memories[part]
                    .delete_where(|message| reference_of(message) == Some(reference));
            }
        }
        self.memories[part].delete(index);
        Final::Ok
    }

    fn deletable(&self) -> String {
        let store = self.selected[0];
        let first = usize::from(!self.has(Quirk::IndexZero));
        let last = self.capacity(store) + first - 1;
        if self.has(Quirk::CmgdZoo) {
            let mut list = String::from("+CMGD: (");
            for index in first..=last {
                list += &format!("{index},");
            }
            return list + ")";
        }
        format!("+CMGD: ({first}-{last}),(0-4)")
    }
}

/// `<tosca>`, `<toda>` of a number.
pub(super) fn kind_of(number: &str) -> u8 {
    if number.starts_with('+') { 145 } else { 129 }
}

fn reference_of(message: &Stored) -> Option<u16> {
    let (_, tpdu) = sms::split_smsc(&message.pdu).ok()?;
    let concatenation = sms::Deliver::decode(tpdu).ok()?.user_data.concatenation()?;
    Some(concatenation.reference.number())
}

/// +CMS ERROR: operation not supported.
const UNSUPPORTED: u16 = 303;
/// +CMS ERROR: invalid text mode parameter, which modems also use for any bad value.
const INVALID_PARAMETER: u16 = 305;
/// +CMS ERROR: invalid memory index.
const INVALID_INDEX: u16 = 321;
