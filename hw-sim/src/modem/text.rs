//! Text mode: `+CMGF: 1` with `+CSMP` and `+CSDH`; messages, reports and texts as fields and characters
//! (3GPP TS 27.005 §3).
//!
//! Texts and numbers are in the character set of `+CSCS`; octets, and texts behind a header, in hex.

use sms::{Address, Alphabet, Body, Deliver, ServiceCentreTime, StatusReport, Submit, UserData};

use super::answer::Final;
use super::command::{Form, Values};
use super::general::setting_of;
use super::messages::kind_of;
use super::{Effects, SimModem, charset};
use crate::memory::Stored;
use crate::profile::Charset;
use crate::sim::SMSC;

/// Text mode and its parameters.
#[derive(Debug)]
pub(super) struct TextMode {
    pub(super) is_on: bool,
    /// `<fo>`, `<vp>`, `<pid>`, `<dcs>` of `+CSMP`.
    first_octet: u8,
    validity: u8,
    protocol_id: u8,
    coding: u8,
    /// `+CSDH`: whether answers have all their fields.
    shows_all: bool,
}

impl Default for TextMode {
    fn default() -> TextMode {
        TextMode {
            is_on: false,
            first_octet: 17,
            validity: 167,
            protocol_id: 0,
            coding: 0,
            shows_all: false,
        }
    }
}

impl SimModem {
    pub(super) fn text_parameters(&mut self, form: Form<'_>, out: &mut Effects) -> Final {
        let TextMode {
            first_octet,
            validity,
            protocol_id,
            coding,
            ..
        } = self.text;
        let value = match form {
            Form::Read => {
                let line = format!("+CSMP: {first_octet},{validity},{protocol_id},{coding}");
                self.info(&line, out);
                return Final::Ok;
            }
            Form::Test => {
                self.info("+CSMP: (0-255),(0-255),(0-255),(0-255)", out);
                return Final::Ok;
            }
            Form::Execute => return Final::Cms(INVALID_PARAMETER),
            Form::Set(value) => value,
        };
        let values = Values::of(value);
        let mut wanted = [first_octet, validity, protocol_id, coding];
        for (place, wanted) in wanted.iter_mut().enumerate() {
            match values.number(place).map(|number| number.map(u8::try_from)) {
                Ok(None) => {}
                Ok(Some(Ok(number))) => *wanted = number,
                Ok(Some(Err(_))) | Err(_) => return Final::Cms(INVALID_PARAMETER),
            }
        }
        let is_submit = wanted[0] & TYPE_BITS == SUBMIT;
        if values.count() > wanted.len() || !is_submit {
            return Final::Cms(INVALID_PARAMETER);
        }
        [
            self.text.first_octet,
            self.text.validity,
            self.text.protocol_id,
            self.text.coding,
        ] = wanted;
        Final::Ok
    }

    pub(super) fn text_header(&mut self, form: Form<'_>, out: &mut Effects) -> Final {
        match setting_of(
            form,
            u8::from(self.text.shows_all),
            "+CSDH",
            "(0,1)",
            &[0, 1],
        ) {
            Ok(shown) => self.info(&shown, out),
            Err(Some(value)) => self.text.shows_all = value == 1,
            Err(None) if form == Form::Execute => self.text.shows_all = false,
            Err(None) => return Final::Cms(INVALID_PARAMETER),
        }
        Final::Ok
    }

    /// A text as this host gets it.
    pub(super) fn shown_text(&self, text: &str) -> String {
        charset::shown(text, self.at.charset)
    }

    /// The SUBMIT of the text that was entered, with the parameters of `+CSMP`.
    pub(super) fn tpdu_of_text(&self, to: Option<&Address>) -> Result<Vec<u8>, u16> {
        let nobody = Address::parse("0").expect("the constant is a number");
        let text = &self.text;
        let empty = UserData {
            header: Vec::new(),
            alphabet: Alphabet::Gsm7,
            body: Body::Text(String::new()),
        };
        let blank = Submit::new(to.unwrap_or(&nobody).clone(), empty)
            .encode()
            .map_err(|_| INVALID_PARAMETER)?;
        // First octet, reference, destination, then PID, DCS and the length of nothing.
        let mut tpdu = blank[..blank.len() - 3].to_vec();
        let period = text.first_octet & VALIDITY_BITS;
        let is_absolute = !matches!(period, 0 | RELATIVE_VALIDITY);
        let first = if is_absolute {
            text.first_octet & !VALIDITY_BITS
        } else {
            text.first_octet
        };
        tpdu[0] = first;
        tpdu.extend([text.protocol_id, text.coding]);
        if period == RELATIVE_VALIDITY {
            tpdu.push(text.validity);
        }
        let (length, octets) = self.user_data_of_text(first & HEADER_BIT != 0)?;
        if octets.len() > sms::USER_DATA_OCTETS_MAX {
            return Err(INVALID_PARAMETER);
        }
        tpdu.push(length);
        tpdu.extend(octets);
        Ok(tpdu)
    }

    /// TP-UDL and TP-UD. Behind a header, and in other alphabets than GSM, octets are typed as hex.
    fn user_data_of_text(&self, has_header: bool) -> Result<(u8, Vec<u8>), u16> {
        let is_gsm = matches!(self.text.coding & ALPHABET_BITS, 0);
        if !is_gsm || has_header {
            let octets = sms::hex::decode(&self.typed).map_err(|_| INVALID_PARAMETER)?;
            let units = if is_gsm {
                octets.len() * 8 / 7
            } else {
                octets.len()
            };
            let length = u8::try_from(units).map_err(|_| INVALID_PARAMETER)?;
            return Ok((length, octets));
        }
        let septets = if self.at.charset == Charset::Gsm {
            self.typed.iter().map(|byte| byte & 0x7f).collect()
        } else {
            let text = charset::typed(&self.typed, self.at.charset).ok_or(INVALID_PARAMETER)?;
            sms::gsm7::septets(&text).ok_or(INVALID_PARAMETER)?
        };
        if septets.len() > SEPTETS_MAX {
            return Err(INVALID_PARAMETER);
        }
        let length = u8::try_from(septets.len()).map_err(|_| INVALID_PARAMETER)?;
        Ok((length, sms::gsm7::pack(&septets, 0)))
    }

    /// `+CMT` with its text.
    pub(super) fn routed_text(&self, tpdu: &[u8]) -> String {
        let Ok(deliver) = Deliver::decode(tpdu) else {
            return format!("+CMT: ,{}\r\n{}", tpdu.len(), sms::hex::encode_upper(tpdu));
        };
        let all = if self.text.shows_all {
            self.all_fields(&deliver, tpdu)
        } else {
            String::new()
        };
        format!(
            "+CMT: \"{}\",,\"{}\"{all}\r\n{}",
            self.shown_text(&deliver.originator.text()),
            shown_time(deliver.time),
            self.shown_data(&deliver.user_data),
        )
    }

    /// The fields of `+CDS`: `<fo>,<mr>,[<ra>],[<tora>],<scts>,<dt>,<st>`.
    pub(super) fn report_fields(&self, tpdu: &[u8]) -> String {
        let Ok(report) = StatusReport::decode(tpdu) else {
            return tpdu.len().to_string();
        };
        let recipient = report.recipient.text();
        format!(
            "{},{},\"{}\",{},\"{}\",\"{}\",{}",
            tpdu.first().copied().unwrap_or_default(),
            report.reference,
            self.shown_text(&recipient),
            kind_of(&recipient),
            shown_time(report.time),
            shown_time(report.discharge),
            report.status.0,
        )
    }

    /// `+CMGL` of one message.
    pub(super) fn listed_text(&self, index: usize, message: &Stored) -> String {
        let name = message.state.name();
        let Ok((_, tpdu)) = sms::split_smsc(&message.pdu) else {
            return format!("+CMGL: {index},\"{name}\"");
        };
        if let Ok(deliver) = Deliver::decode(tpdu) {
            let number = deliver.originator.text();
            let data = self.shown_data(&deliver.user_data);
            let all = if self.text.shows_all {
                format!(",{},{}", kind_of(&number), data.len())
            } else {
                String::new()
            };
            let (number, time) = (self.shown_text(&number), shown_time(deliver.time));
            return format!("+CMGL: {index},\"{name}\",\"{number}\",,\"{time}\"{all}\r\n{data}");
        }
        if let Ok(submit) = Submit::decode(tpdu) {
            let number = self.shown_text(&submit.destination.text());
            let data = self.shown_data(&submit.user_data);
            return format!("+CMGL: {index},\"{name}\",\"{number}\",,\r\n{data}");
        }
        format!("+CMGL: {index},\"{name}\",{}", self.report_fields(tpdu))
    }

    /// `+CMGR` of one message.
    pub(super) fn read_text(&self, message: &Stored) -> String {
        let name = message.state.name();
        let Ok((_, tpdu)) = sms::split_smsc(&message.pdu) else {
            return format!("+CMGR: \"{name}\"");
        };
        if let Ok(deliver) = Deliver::decode(tpdu) {
            let all = if self.text.shows_all {
                self.all_fields(&deliver, tpdu)
            } else {
                String::new()
            };
            let number = self.shown_text(&deliver.originator.text());
            let time = shown_time(deliver.time);
            let data = self.shown_data(&deliver.user_data);
            return format!("+CMGR: \"{name}\",\"{number}\",,\"{time}\"{all}\r\n{data}");
        }
        if let Ok(submit) = Submit::decode(tpdu) {
            let number = submit.destination.text();
            let data = self.shown_data(&submit.user_data);
            let all = if self.text.shows_all {
                let smsc = self.shown_text(&self.sim.smsc);
                let (kind, first) = (kind_of(&number), tpdu[0]);
                let pid = submit.protocol_id;
                let kind_of_smsc = kind_of(&self.sim.smsc);
                format!(
                    ",{kind},{first},{pid},0,,\"{smsc}\",{kind_of_smsc},{}",
                    data.len()
                )
            } else {
                String::new()
            };
            let number = self.shown_text(&number);
            return format!("+CMGR: \"{name}\",\"{number}\",{all}\r\n{data}");
        }
        format!("+CMGR: \"{name}\",{}", self.report_fields(tpdu))
    }

    /// `,<tooa>,<fo>,<pid>,<dcs>,<sca>,<tosca>,<length>`.
    fn all_fields(&self, deliver: &Deliver, tpdu: &[u8]) -> String {
        let number = deliver.originator.text();
        let coding = match deliver.user_data.alphabet {
            Alphabet::Gsm7 => 0,
            Alphabet::Data8 => 4,
            Alphabet::Ucs2 => 8,
        };
        format!(
            ",{},{},{},{coding},\"{}\",{},{}",
            kind_of(&number),
            tpdu.first().copied().unwrap_or_default(),
            deliver.protocol_id,
            self.shown_text(SMSC),
            kind_of(SMSC),
            units(&deliver.user_data),
        )
    }

    /// The text of a message: characters of the set, or hex for what is no plain text.
    fn shown_data(&self, data: &UserData) -> String {
        match (&data.body, data.alphabet) {
            (Body::Text(text), Alphabet::Gsm7) => self.shown_text(text),
            (Body::Text(text), Alphabet::Data8 | Alphabet::Ucs2) => {
                charset::shown(text, Charset::Ucs2)
            }
            (Body::Octets(octets), _) => sms::hex::encode_upper(octets),
        }
    }
}

/// `<length>`: characters of a text, octets of anything else.
fn units(data: &UserData) -> usize {
    match (&data.body, data.alphabet) {
        (Body::Text(text), Alphabet::Gsm7) => text.chars().count(),
        (Body::Text(text), Alphabet::Data8 | Alphabet::Ucs2) => text.encode_utf16().count() * 2,
        (Body::Octets(octets), _) => octets.len(),
    }
}

/// `yy/MM/dd,hh:mm:ss±zz`, the zone in quarters of an hour.
fn shown_time(time: Option<ServiceCentreTime>) -> String {
    let Some(time) = time else {
        return "00/00/00,00:00:00+00".to_owned();
    };
    let written = time.rfc3339();
    let date = written.get(2..10).unwrap_or_default().replace('-', "/");
    let clock = written.get(11..19).unwrap_or_default();
    let sign = if time.quarters() < 0 { '-' } else { '+' };
    format!("{date},{clock}{sign}{:02}", time.quarters().unsigned_abs())
}

/// Bits of the first octet of a SUBMIT (3GPP TS 23.040 §9.2.2.2).
const TYPE_BITS: u8 = 0x03;
const SUBMIT: u8 = 0x01;
const VALIDITY_BITS: u8 = 0x18;
const RELATIVE_VALIDITY: u8 = 0x10;
const HEADER_BIT: u8 = 0x40;
/// Bits of TP-DCS that choose the alphabet (3GPP TS 23.038 §4).
const ALPHABET_BITS: u8 = 0x0c;
/// Septets of one message.
const SEPTETS_MAX: usize = 160;
/// +CMS ERROR: invalid text mode parameter.
const INVALID_PARAMETER: u16 = 305;
