//! Who is told what arrives: `+CNMI`, `+CSMS`, `+CNMA` and the link kept open by `+CMMS` (3GPP TS 27.005 §3.2, §3.4).
//!
//! Whoever sets service 1 must acknowledge every routed message; who does not finds `<mt>` and `<ds>` at 0.

use std::time::{Duration, Instant};

use super::answer::Final;
use super::command::{Form, Values};
use super::entry::{Content, Purpose};
use super::general::one_of;
use super::timers::Timer;
use super::{Effects, Phase, SimModem};
use crate::air::Uplink;
use crate::profile::Quirk;

/// How messages and reports are announced (3GPP TS 27.005 §3.4.1).
#[derive(Debug, Default)]
pub(super) struct Indications {
    pub(super) mode: u8,
    pub(super) mt: u8,
    pub(super) bm: u8,
    pub(super) ds: u8,
    pub(super) bfr: u8,
    /// `+CSMS` service: 1 wants every routed message acknowledged with `+CNMA`.
    pub(super) service: u8,
    pub(super) awaiting_acknowledge: bool,
    /// Whether the network waits with it; what was held back here the modem acknowledged by itself.
    pub(super) owes_network: bool,
    /// Whether the message to be acknowledged is held until the end of an entry: the host's time begins then.
    pub(super) is_held: bool,
    /// Whether a host that set `+CNMI` is still there.
    pub(super) listening: bool,
    pub(super) more_messages: u8,
    pub(super) transport: u8,
    /// Indications kept while `<mode>` is 0.
    buffered: Vec<String>,
}

impl SimModem {
    /// Announces what arrived, now or when `<mode>` allows.
    pub(super) fn indicate(&mut self, text: String, out: &mut Effects) {
        if self.indications.mode > 0 {
            self.unsolicited(&text, out);
        } else if self.indications.buffered.len() < BUFFERED_MAX {
            self.indications.buffered.push(text);
        }
    }

    /// A message was routed: with `+CSMS: 1` it wants `+CNMA`, else the modem acknowledges it at once.
    pub(super) fn await_acknowledge(&mut self, now: Instant, out: &mut Effects) {
        if self.indications.service != 1 {
            return out.uplinks.push(Uplink::Taken);
        }
        if self.indications.mode == 0 {
            // Nobody is shown it: the modem answers for the host, and gives it up when `<mode>` changes.
            return out.uplinks.push(Uplink::Taken);
        }
        self.indications.awaiting_acknowledge = true;
        self.indications.is_held = self.phase == Phase::Editing;
        let in_entry = matches!(self.phase, Phase::Prompting | Phase::Editing);
        self.indications.owes_network = !in_entry;
        out.uplinks.push(if in_entry {
            Uplink::Taken
        } else {
            Uplink::Shown
        });
        if !self.indications.is_held {
            self.timers
                .set(Timer::Acknowledge, Some(now + ACKNOWLEDGE_TIME));
        }
    }

    /// An entry is over, and with it the host's excuse for what was held meanwhile.
    pub(super) fn await_what_was_held(&mut self, now: Instant) {
        if self.phase != Phase::Editing && std::mem::take(&mut self.indications.is_held) {
            self.timers
                .set(Timer::Acknowledge, Some(now + ACKNOWLEDGE_TIME));
        }
    }

    /// The network learns what became of a message it waits for.
    pub(super) fn tell_network(&mut self, what: Uplink, out: &mut Effects) {
        if std::mem::take(&mut self.indications.owes_network) {
            out.uplinks.push(what);
        }
    }

    /// The host did not acknowledge in time: the network gets an error and comes again, and the host gets no more
    /// reports or messages until it sets `+CNMI` again.
    pub(super) fn acknowledge_missed(&mut self, out: &mut Effects) {
        self.indications.awaiting_acknowledge = false;
        self.indications.mt = 0;
        self.indications.ds = 0;
        self.tell_network(Uplink::Returned, out);
        if self.has(Quirk::CnmaMissingHangs) {
            self.hang();
        }
    }

    pub(super) fn acknowledge(&mut self, now: Instant, form: Form<'_>, out: &mut Effects) -> Final {
        match form {
            Form::Test => {
                self.info("+CNMA: (0-2)", out);
                Final::Ok
            }
            Form::Execute => self.acknowledged(Uplink::Taken, out),
            Form::Set(value) if !self.text.is_on => {
                let values = Values::of(value);
                let uplink = match values.number(0) {
                    Ok(Some(0 | 1)) => Uplink::Taken,
                    // An acknowledgement that says no: RP-ERROR.
                    Ok(Some(2)) => Uplink::Returned,
                    Ok(_) | Err(_) => return Final::Cms(UNSUPPORTED),
                };
                match values.number(1) {
                    Ok(None | Some(0)) => self.acknowledged(uplink, out),
                    Ok(Some(length)) => {
                        let purpose = Purpose::Acknowledge {
                            is_error: matches!(uplink, Uplink::Returned),
                        };
                        self.ask(now, purpose, Content::Pdu { length }, out);
                        Final::Later
                    }
                    Err(_) => Final::Cms(UNSUPPORTED),
                }
            }
            Form::Read | Form::Set(_) => Final::Cms(UNSUPPORTED),
        }
    }

    pub(super) fn acknowledged(&mut self, answer: Uplink, out: &mut Effects) -> Final {
        self.tell_network(answer, out);
        let awaited = std::mem::take(&mut self.indications.awaiting_acknowledge);
        self.timers.set(Timer::Acknowledge, None);
        if awaited && !self.has(Quirk::Cnma340) {
            Final::Ok
        } else {
            Final::Cms(NOTHING_TO_ACKNOWLEDGE)
        }
    }

    pub(super) fn new_message_indications(&mut self, form: Form<'_>, out: &mut Effects) -> Final {
        let Indications {
            mode,
            mt,
            bm,
            ds,
            bfr,
            ..
        } = self.indications;
        let value = match form {
            Form::Read => {
                self.info(&format!("+CNMI: {mode},{mt},{bm},{ds},{bfr}"), out);
                return Final::Ok;
            }
            Form::Test => {
                let lists: Vec<String> = self
                    .profile
                    .cnmi
                    .iter()
                    .map(|values| listed(values))
                    .collect();
                self.info(&format!("+CNMI: {}", lists.join(",")), out);
                return Final::Ok;
            }
            Form::Execute => "0,0,0,0",
            Form::Set(value) => value,
        };
        let values = Values::of(value);
        let mut wanted = [mode, mt, bm, ds, bfr];
        if values.count() > wanted.len() {
            return Final::Cms(UNSUPPORTED);
        }
        for (place, (wanted, allowed)) in wanted.iter_mut().zip(&self.profile.cnmi).enumerate() {
            let Ok(number) = values.number(place) else {
                return Final::Cms(UNSUPPORTED);
            };
            let Some(number) = number else { continue };
            match allowed.iter().find(|value| usize::from(**value) == number) {
                Some(value) => *wanted = *value,
                None => return Final::Cms(UNSUPPORTED),
            }
        }
        if wanted[0] == 2 && self.has(Quirk::CnmiMode2Rejected) {
            return Final::Error;
        }
        if wanted[3] == 1 && self.has(Quirk::Ds1Rejected) {
            return Final::Cms(UNSUPPORTED);
        }
        self.set_indications(wanted, out);
        Final::Ok
    }

    fn set_indications(&mut self, [mode, mt, bm, ds, bfr]: [u8; 5], out: &mut Effects) {
        self.timers.set(Timer::Acknowledge, None);
        self.tell_network(Uplink::Returned, out);
        let buffered = std::mem::take(&mut self.indications.buffered);
        self.indications = Indications {
            mode,
            mt,
            bm,
            ds,
            bfr,
            service: self.indications.service,
            awaiting_acknowledge: false,
            owes_network: false,
            is_held: false,
            listening: true,
            more_messages: self.indications.more_messages,
            transport: self.indications.transport,
            buffered: Vec::new(),
        };
        match (mode, bfr) {
            (0, _) => self.indications.buffered = buffered,
            (_, 0) => buffered.iter().for_each(|line| self.unsolicited(line, out)),
            (_, _) => {}
        }
    }

    pub(super) fn service(&mut self, form: Form<'_>, out: &mut Effects) -> Final {
        let allowed: &[u8] = if self.profile.phase_2_plus {
            &[0, 1]
        } else {
            &[0]
        };
        match setting(form, &mut self.indications.service, allowed) {
            Setting::Show(service) => {
                let told = if self.has(Quirk::CsmsLies) {
                    1 - service
                } else {
                    service
                };
                self.info(&format!("+CSMS: {told},1,1,1"), out);
                Final::Ok
            }
            Setting::Allowed => {
                self.info(&format!("+CSMS: {}", listed(allowed)), out);
                Final::Ok
            }
            Setting::Done(Final::Ok) => {
                // Whatever waited under the old service is taken as acknowledged.
                self.indications.awaiting_acknowledge = false;
                self.timers.set(Timer::Acknowledge, None);
                self.tell_network(Uplink::Taken, out);
                self.info("+CSMS: 1,1,1", out);
                Final::Ok
            }
            Setting::Done(failed) => failed,
        }
    }

    /// `+CMMS` and `+CGSMS`: a number that is kept and shown.
    pub(super) fn kept_number(&mut self, name: &str, form: Form<'_>, out: &mut Effects) -> Final {
        let (place, most, range) = if name == "+CMMS" {
            (&mut self.indications.more_messages, 2, "(0-2)")
        } else {
            (&mut self.indications.transport, 3, "(0-3)")
        };
        let allowed: &[u8] = &[0, 1, 2, 3][..=most];
        match setting(form, place, allowed) {
            Setting::Show(value) => self.info(&format!("{name}: {value}"), out),
            Setting::Allowed => self.info(&format!("{name}: {range}"), out),
            Setting::Done(result) => return result,
        }
        Final::Ok
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

/// Values as test commands list them: `(0-2)`, `(0,2)`, `(1)`.
fn listed(values: &[u8]) -> String {
    if let [first, .., last] = values
        && values.len() > 2
        && values.windows(2).all(|pair| pair[1] == pair[0] + 1)
    {
        return format!("({first}-{last})");
    }
    let values: Vec<String> = values.iter().map(u8::to_string).collect();
    format!("({})", values.join(","))
}

/// Indications a modem keeps while `<mode>` is 0; more are lost.
const BUFFERED_MAX: usize = 20;
/// +CMS ERROR: operation not supported.
const UNSUPPORTED: u16 = 303;
/// +CMS ERROR: invalid text mode parameter, which modems also use for any bad value.
const INVALID_PARAMETER: u16 = 305;
/// +CMS ERROR: no +CNMA acknowledgement expected.
const NOTHING_TO_ACKNOWLEDGE: u16 = 340;
/// How long a host has for `+CNMA`; what one vendor states.
const ACKNOWLEDGE_TIME: Duration = Duration::from_secs(17);
