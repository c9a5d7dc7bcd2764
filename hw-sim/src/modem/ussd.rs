//! USSD on the wire: `+CUSD` in plain text, packed hex or UCS2 hex (3GPP TS 27.007 §7.15).
//!
//! What is answered is the network's business.

use std::time::{Duration, Instant};

use super::answer::Final;
use super::command::{Form, Values};
use super::general::{BAD_PARAMETER, one_of};
use super::timers::Timer;
use super::{Effects, SimModem, charset};
use crate::air::Uplink;
use crate::profile::{Charset, Quirk};

impl SimModem {
    pub(super) fn ussd_command(
        &mut self,
        now: Instant,
        form: Form<'_>,
        out: &mut Effects,
    ) -> Final {
        match form {
            Form::Execute => {}
            Form::Read => self.info("+CUSD: 1", out),
            Form::Test => self.info("+CUSD: (0-2)", out),
            Form::Set(value) => match one_of(value, &[0, 1, 2]) {
                Some(2) => {
                    self.timers.set(Timer::Ussd, None);
                    out.uplinks.push(Uplink::UssdEnd);
                }
                Some(_) if Values::of(value).text(1).is_some() => {
                    return self.request_ussd(now, &Values::of(value));
                }
                Some(_) => {}
                None => return Final::Cme(BAD_PARAMETER),
            },
        }
        Final::Ok
    }

    fn request_ussd(&mut self, now: Instant, values: &Values<'_>) -> Final {
        if !self.radio.is_registered() {
            return Final::Cme(NO_NETWORK);
        }
        let given = values.text(1).unwrap_or_default();
        let request = if self.has(Quirk::UssdPackedHex) {
            unpacked(given)
        } else {
            // Many programs write codes in plain text whatever set they chose.
            let digits = match self.at.charset {
                Charset::Ira | Charset::Gsm => usize::MAX,
                Charset::Hex => 2,
                Charset::Ucs2 => 4,
            };
            let is_hex = given.bytes().all(|byte| byte.is_ascii_hexdigit());
            let coded = is_hex && given.len().is_multiple_of(digits);
            let set = if coded { self.at.charset } else { Charset::Ira };
            charset::typed(given.as_bytes(), set)
        };
        let Some(request) = request else {
            return Final::Cme(BAD_PARAMETER);
        };
        self.ussd = Some(request);
        self.timers.set(Timer::Ussd, Some(now + USSD_TIME));
        Final::Ok
    }

    /// The request reaches the network, which answers at once.
    pub(super) fn ussd_asks(&mut self, out: &mut Effects) {
        if let Some(request) = self.ussd.take() {
            out.uplinks.push(Uplink::Ussd(request));
        }
    }

    /// The network speaks first, and awaits no answer.
    pub(super) fn network_text(&mut self, text: &str, out: &mut Effects) {
        if self.radio.is_registered() {
            self.ussd_answer(text, 0, out);
        }
    }

    pub(super) fn ussd_answer(&mut self, text: &str, mode: u8, out: &mut Effects) {
        let plain = sms::gsm7::septets(text).is_some();
        let (shown, coding) = if self.has(Quirk::UssdPackedHex) && plain {
            (packed(text), GSM_CODING)
        } else if self.has(Quirk::UssdUcs2Dcs15) {
            (charset::shown(text, Charset::Ucs2), GSM_CODING)
        } else if plain {
            (charset::shown(text, self.at.charset), GSM_CODING)
        } else {
            (charset::shown(text, Charset::Ucs2), UCS2_CODING)
        };
        let line = format!("+CUSD: {mode},\"{shown}\",{coding}");
        let middle = line.len() / 2;
        if line.is_char_boundary(middle) && self.shows(Quirk::UssdPieces) {
            let (head, tail) = line.split_at(middle);
            self.unsolicited(head, out);
            return self.unsolicited(tail, out);
        }
        self.unsolicited(&line, out);
    }
}

/// Septets packed as USSD packs them: a CR fills what would read as `@` (3GPP TS 23.038 §6.1.2.3.1).
fn packed(text: &str) -> String {
    let mut septets = sms::gsm7::septets(text).unwrap_or_default();
    if septets.len() % 8 == 7 {
        septets.push(CARRIAGE_RETURN);
    }
    sms::hex::encode_upper(&sms::gsm7::pack(&septets, 0))
}

fn unpacked(hex: &str) -> Option<String> {
    let octets = sms::hex::decode(hex.as_bytes()).ok()?;
    let count = octets.len() * 8 / 7;
    let mut septets = sms::gsm7::unpack(&octets, count, 0).ok()?;
    if count.is_multiple_of(8) && matches!(septets.last(), Some(&(CARRIAGE_RETURN | 0))) {
        septets.pop();
    }
    Some(sms::gsm7::text(&septets))
}

const CARRIAGE_RETURN: u8 = 0x0d;
/// `<dcs>` (3GPP TS 23.038 §5): language unspecified, and UCS2.
const GSM_CODING: u8 = 15;
const UCS2_CODING: u8 = 72;
/// +CME ERROR: no network service.
const NO_NETWORK: u16 = 30;
/// From a USSD request to its answer.
const USSD_TIME: Duration = Duration::from_millis(1_500);
