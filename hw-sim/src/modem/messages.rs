//! Commands about short messages other than sending, and what arrives (3GPP TS 27.005 §3, §4).
//!
//! PDU mode only. Reports go to `SR` with `<ds>` = 2; messages to mem3 unless `<mt>` routes them to the host.

use std::time::{Duration, Instant};

use super::answer::Final;
use super::command::{Command, Form, Values};
use super::general::one_of;
use super::timers::Timer;
use super::{Effects, Indications, SimModem};
use crate::air::Uplink;
use crate::memory::Stored;
use crate::sim::SMSC;

impl SimModem {
    pub(super) fn message_command(
        &mut self,
        now: Instant,
        command: &Command<'_>,
        out: &mut Effects,
    ) -> Option<Final> {
        let form = command.form;
        Some(match command.name.as_str() {
            "+CMGS" => self.send(now, form, out),
            "+CMGL" => self.list(form, out),
            "+CMGR" => self.read(form, out),
            "+CMGD" => self.delete(form, out),
            "+CNMI" => self.new_message_indications(form, out),
            "+CNMA" => self.acknowledge(form, out),
            "+CPMS" => self.preferred_memories(form, out),
            "+CSCA" => self.service_centre(form, out),
            "+CSMS" => self.service(form, out),
            "+CMGF" => match form {
                Form::Read => self.value("+CMGF: 0", out),
                Form::Test => self.value("+CMGF: (0)", out),
                Form::Execute | Form::Set("0") => Final::Ok,
                Form::Set(_) => Final::Cms(UNSUPPORTED),
            },
            "+CMMS" => match setting(form, &mut self.indications.more_messages, &[0, 1, 2]) {
                Setting::Show(value) => self.value(&format!("+CMMS: {value}"), out),
                Setting::Allowed => self.value("+CMMS: (0-2)", out),
                Setting::Done(result) => result,
            },
            "+CGSMS" => match setting(form, &mut self.indications.transport, &[0, 1, 2, 3]) {
                Setting::Show(value) => self.value(&format!("+CGSMS: {value}"), out),
                Setting::Allowed => self.value("+CGSMS: (0-3)", out),
                Setting::Done(result) => result,
            },
            _ => return None,
        })
    }

    /// A status report arrives.
    pub(super) fn report(&mut self, now: Instant, tpdu: &[u8], out: &mut Effects) {
        if !self.readiness().reports {
            out.uplinks.push(Uplink::Returned);
            return;
        }
        out.uplinks.push(Uplink::Taken);
        if self.indications.ds == 1 {
            self.route("+CDS: ", now, tpdu, out);
        } else if let Some(index) = self.memories[REPORTS].store(stored(tpdu)) {
            self.unsolicited(&format!("+CDSI: \"SR\",{index}"), out);
        }
    }

    /// A message from outside arrives.
    pub(super) fn deliver(&mut self, now: Instant, tpdu: &[u8], out: &mut Effects) {
        if !self.readiness().messages {
            out.uplinks.push(Uplink::Returned);
            return;
        }
        out.uplinks.push(Uplink::Taken);
        if matches!(self.indications.mt, 2 | 3) {
            return self.route("+CMT: ,", now, tpdu, out);
        }
        let memory = &mut self.memories[self.selected[2]];
        let name = memory.name;
        if let Some(index) = memory.store(stored(tpdu))
            && self.indications.mt == 1
        {
            self.unsolicited(&format!("+CMTI: \"{name}\",{index}"), out);
        }
    }

    /// Hands a TPDU to the host; with `+CSMS: 1` the next one waits for `+CNMA` (3GPP TS 27.005 §3.4.4).
    fn route(&mut self, header: &str, now: Instant, tpdu: &[u8], out: &mut Effects) {
        let pdu = sms::hex::encode_upper(&with_smsc(tpdu));
        self.unsolicited(&format!("{header}{}\r\n{pdu}", tpdu.len()), out);
        if self.indications.service == 1 {
            self.indications.awaiting_acknowledge = true;
            self.timers
                .set(Timer::Acknowledge, Some(now + ACKNOWLEDGE_TIME));
        }
    }

    fn acknowledge(&mut self, form: Form<'_>, out: &mut Effects) -> Final {
        match form {
            Form::Test => return self.value("+CNMA: (0-2)", out),
            Form::Execute | Form::Set("0" | "1" | "2") => {}
            Form::Read | Form::Set(_) => return Final::Cms(UNSUPPORTED),
        }
        if !self.indications.awaiting_acknowledge {
            return Final::Cms(NOTHING_TO_ACKNOWLEDGE);
        }
        self.indications.awaiting_acknowledge = false;
        self.timers.set(Timer::Acknowledge, None);
        Final::Ok
    }

    fn new_message_indications(&mut self, form: Form<'_>, out: &mut Effects) -> Final {
        let now = &self.indications;
        let value = match form {
            Form::Read => {
                let Indications {
                    mode,
                    mt,
                    bm,
                    ds,
                    bfr,
                    ..
                } = now;
                return self.value(&format!("+CNMI: {mode},{mt},{bm},{ds},{bfr}"), out);
            }
            Form::Test => return self.value("+CNMI: (0-2),(0-3),(0,2),(0-2),(0,1)", out),
            Form::Execute => "0,0,0,0,0",
            Form::Set(value) => value,
        };
        let values = Values::of(value);
        let mut wanted = [now.mode, now.mt, now.bm, now.ds, now.bfr];
        let allowed: [&[u8]; 5] = [&[0, 1, 2], &[0, 1, 2, 3], &[0, 2], &[0, 1, 2], &[0, 1]];
        if values.count() > wanted.len() {
            return Final::Cms(UNSUPPORTED);
        }
        for (place, (wanted, allowed)) in wanted.iter_mut().zip(allowed).enumerate() {
            match values.number(place) {
                Ok(None) => {}
                Ok(Some(number)) => {
                    match allowed.iter().find(|value| usize::from(**value) == number) {
                        Some(value) => *wanted = *value,
                        None => return Final::Cms(UNSUPPORTED),
                    }
                }
                Err(_) => return Final::Cms(UNSUPPORTED),
            }
        }
        let [mode, mt, bm, ds, bfr] = wanted;
        self.timers.set(Timer::Acknowledge, None);
        let Indications {
            service,
            more_messages,
            transport,
            ..
        } = self.indications;
        self.indications = Indications {
            mode,
            mt,
            bm,
            ds,
            bfr,
            service,
            awaiting_acknowledge: false,
            listening: true,
            more_messages,
            transport,
        };
        Final::Ok
    }

    fn service(&mut self, form: Form<'_>, out: &mut Effects) -> Final {
        match setting(form, &mut self.indications.service, &[0, 1]) {
            Setting::Show(service) => self.value(&format!("+CSMS: {service},1,1,1"), out),
            Setting::Allowed => self.value("+CSMS: (0,1)", out),
            Setting::Done(Final::Ok) => {
                // Whatever waited under the old service is taken as acknowledged.
                self.indications.awaiting_acknowledge = false;
                self.timers.set(Timer::Acknowledge, None);
                self.value("+CSMS: 1,1,1", out)
            }
            Setting::Done(failed) => failed,
        }
    }

    fn service_centre(&mut self, form: Form<'_>, out: &mut Effects) -> Final {
        match form {
            Form::Read => {
                let kind = if self.sim.smsc.starts_with('+') {
                    145
                } else {
                    129
                };
                self.value(&format!("+CSCA: \"{}\",{kind}", self.sim.smsc), out)
            }
            Form::Test | Form::Execute => Final::Ok,
            Form::Set(value) => {
                let number = Values::of(value).text(0).unwrap_or_default();
                if !number.is_empty() && sms::Address::parse(number).is_err() {
                    return Final::Cms(INVALID_PARAMETER);
                }
                self.sim.smsc = number.to_owned();
                Final::Ok
            }
        }
    }

    fn preferred_memories(&mut self, form: Form<'_>, out: &mut Effects) -> Final {
        let value = match form {
            Form::Test => {
                let list = "(\"SM\",\"ME\",\"SR\"),(\"SM\",\"ME\"),(\"SM\",\"ME\")";
                return self.value(&format!("+CPMS: {list}"), out);
            }
            Form::Execute => return Final::Cms(INVALID_PARAMETER),
            Form::Read => {
                let [mem1, mem2, mem3] = self.selected.map(|memory| {
                    let memory = &self.memories[memory];
                    format!(
                        "\"{}\",{},{}",
                        memory.name,
                        memory.used(),
                        memory.capacity()
                    )
                });
                return self.value(&format!("+CPMS: {mem1},{mem2},{mem3}"), out);
            }
            Form::Set(value) => value,
        };
        let values = Values::of(value);
        let mut selected = self.selected;
        for (place, selected) in selected.iter_mut().enumerate() {
            let Some(name) = values.text(place) else {
                continue;
            };
            match self.memories.iter().position(|memory| memory.name == name) {
                Some(memory) if place == 0 || memory != REPORTS => *selected = memory,
                Some(_) | None => return Final::Cms(UNSUPPORTED),
            }
        }
        self.selected = selected;
        let [mem1, mem2, mem3] = self.selected.map(|memory| {
            format!(
                "{},{}",
                self.memories[memory].used(),
                self.memories[memory].capacity()
            )
        });
        self.value(&format!("+CPMS: {mem1},{mem2},{mem3}"), out)
    }

    /// Lists messages with a `<stat>`: 0 unread, 1 read, 2 and 3 own ones (there are none), 4 all.
    fn list(&mut self, form: Form<'_>, out: &mut Effects) -> Final {
        let wanted = match form {
            Form::Test => return self.value("+CMGL: (0-4)", out),
            Form::Read => return Final::Cms(UNSUPPORTED),
            Form::Execute => 0,
            Form::Set(value) => match one_of(value, &[0, 1, 2, 3, 4]) {
                Some(wanted) => wanted,
                None => return Final::Cms(INVALID_PARAMETER),
            },
        };
        let mut lines = Vec::new();
        for (index, message) in self.memories[self.selected[0]].messages_mut() {
            if wanted == 4 || wanted == message.stat() {
                lines.push(shown(&format!("+CMGL: {index}"), message));
                message.is_read = true;
            }
        }
        for line in &lines {
            self.info(line, out);
        }
        Final::Ok
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
        let Some(message) = self.memories[self.selected[0]].message_mut(index) else {
            return Final::Cms(INVALID_INDEX);
        };
        // `+CMGR: <stat>,[<alpha>],<length>`: no index, unlike `+CMGL` (3GPP TS 27.005 §4.2).
        let line = shown("+CMGR:", message).replacen(":,", ": ", 1);
        message.is_read = true;
        self.value(&line, out)
    }

    fn delete(&mut self, form: Form<'_>, out: &mut Effects) -> Final {
        let memory = &mut self.memories[self.selected[0]];
        let value = match form {
            Form::Test => {
                let capacity = memory.capacity();
                return self.value(&format!("+CMGD: (1-{capacity}),(0-4)"), out);
            }
            Form::Execute | Form::Read => return Final::Cms(INVALID_PARAMETER),
            Form::Set(value) => Values::of(value),
        };
        let (Ok(Some(index)), Ok(flag)) = (value.number(0), value.number(1)) else {
            return Final::Cms(INVALID_PARAMETER);
        };
        match flag.unwrap_or(0) {
            0 if memory.delete(index) => {}
            0 => return Final::Cms(INVALID_INDEX),
            1..=3 => memory.delete_where(|message| message.is_read),
            4 => memory.delete_where(|_| true),
            _ => return Final::Cms(INVALID_PARAMETER),
        }
        Final::Ok
    }

    fn value(&self, line: &str, out: &mut Effects) -> Final {
        self.info(line, out);
        Final::Ok
    }
}

impl Indications {
    /// The host did not acknowledge in time: no more reports or messages until `+CNMI` is set again.
    pub(super) fn acknowledge_missed(&mut self) {
        self.awaiting_acknowledge = false;
        self.mt = 0;
        self.ds = 0;
    }
}

/// What a command about one small number comes to.
enum Setting {
    Show(u8),
    Allowed,
    Done(Final),
}

fn setting(form: Form<'_>, place: &mut u8, allowed: &[u8]) -> Setting {
    match form {
        Form::Read => Setting::Show(*place),
        Form::Test => Setting::Allowed,
        Form::Execute => Setting::Done(Final::Cms(INVALID_PARAMETER)),
        Form::Set(value) => match one_of(value, allowed) {
            Some(value) => {
                *place = value;
                Setting::Done(Final::Ok)
            }
            None => Setting::Done(Final::Cms(UNSUPPORTED)),
        },
    }
}

/// `<head>,<stat>,[<alpha>],<length>` and the PDU on the next line (3GPP TS 27.005 §4.1).
fn shown(head: &str, message: &Stored) -> String {
    let pdu = sms::hex::encode_upper(&message.pdu);
    format!(
        "{head},{},,{}\r\n{pdu}",
        message.stat(),
        message.tpdu_length
    )
}

fn stored(tpdu: &[u8]) -> Stored {
    Stored {
        pdu: with_smsc(tpdu),
        tpdu_length: tpdu.len(),
        is_read: false,
    }
}

fn with_smsc(tpdu: &[u8]) -> Vec<u8> {
    let smsc = sms::Address::parse(SMSC).expect("the constant is a number");
    sms::join_smsc(Some(&smsc), tpdu)
}

/// Place of `SR` among the memories.
const REPORTS: usize = 2;
/// +CMS ERROR: operation not supported.
const UNSUPPORTED: u16 = 303;
/// +CMS ERROR: invalid text mode parameter, which modems also use for any bad value.
const INVALID_PARAMETER: u16 = 305;
/// +CMS ERROR: invalid memory index.
const INVALID_INDEX: u16 = 321;
/// +CMS ERROR: no +CNMA acknowledgement expected.
const NOTHING_TO_ACKNOWLEDGE: u16 = 340;
/// How long a host has for `+CNMA`; what one vendor states.
const ACKNOWLEDGE_TIME: Duration = Duration::from_secs(17);
