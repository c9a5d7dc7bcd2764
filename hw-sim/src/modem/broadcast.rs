//! Cell broadcasts: which are wanted (`+CSCB`, 3GPP TS 27.005 §3.3.4) and how one is told (3GPP TS 23.041 §9.4.1).
//!
//! Pages are of the default alphabet and complete; languages are not told apart.

use super::answer::Final;
use super::command::{Form, Values};
use super::general::one_of;
use super::{Effects, SimModem};

/// Which broadcasts the host wants.
#[derive(Debug, Default)]
pub(super) struct Broadcasts {
    /// Whether all but those in the list are wanted.
    is_inverted: bool,
    /// The list as it was written.
    written: String,
    /// From and to, both included; an empty list is all there are.
    ids: Vec<(u16, u16)>,
}

impl Broadcasts {
    fn has(&self, id: u16) -> bool {
        let is_listed = self
            .ids
            .iter()
            .any(|(from, to)| (*from..=*to).contains(&id));
        self.ids.is_empty() || is_listed != self.is_inverted
    }

    /// `0,1,5,320-478`; `None` for anything else.
    fn parse(is_inverted: bool, written: &str) -> Option<Broadcasts> {
        let number = |text: &str| text.trim().parse::<u16>().ok();
        let range = |piece: &str| {
            let (from, to) = piece.split_once('-').unwrap_or((piece, piece));
            Some((number(from)?, number(to)?)).filter(|(from, to)| from <= to)
        };
        let pieces = written.split(',').filter(|_| !written.is_empty());
        Some(Broadcasts {
            is_inverted,
            written: written.to_owned(),
            ids: pieces.map(range).collect::<Option<_>>()?,
        })
    }
}

impl SimModem {
    pub(super) fn broadcast_types(&mut self, form: Form<'_>, out: &mut Effects) -> Final {
        match form {
            Form::Read => {
                let Broadcasts {
                    is_inverted,
                    written,
                    ..
                } = &self.broadcasts;
                let line = format!("+CSCB: {},\"{written}\",\"\"", u8::from(*is_inverted));
                self.info(&line, out);
            }
            Form::Test => self.info("+CSCB: (0,1)", out),
            Form::Execute => {}
            Form::Set(value) => {
                let values = Values::of(value);
                let list = values.text(1).unwrap_or_default();
                let mode = one_of(value, &[0, 1]);
                let Some(wanted) = mode.and_then(|mode| Broadcasts::parse(mode == 1, list)) else {
                    return Final::Cms(INVALID_PARAMETER);
                };
                self.broadcasts = wanted;
            }
        }
        Final::Ok
    }

    /// One page of a cell broadcast (3GPP TS 23.041 §9.4.1): told to a host that wants it, else gone.
    pub(super) fn broadcast(&mut self, message_id: u16, text: &str, out: &mut Effects) {
        let is_wanted = matches!(self.indications.bm, 2 | 3) && self.broadcasts.has(message_id);
        if !is_wanted || !self.radio.is_registered() {
            return;
        }
        let Some(mut septets) = sms::gsm7::septets(text) else {
            return;
        };
        septets.resize(PAGE_SEPTETS, CARRIAGE_RETURN);
        if self.text.is_on {
            let shown = self.shown_text(text);
            let line = format!("+CBM: 0,{message_id},{PAGE_CODING},1,1\r\n{shown}");
            return self.indicate(line, out);
        }
        let [high, low] = message_id.to_be_bytes();
        let mut page = vec![0, 0, high, low, PAGE_CODING, ONE_OF_ONE];
        page.extend(sms::gsm7::pack(&septets, 0));
        let line = format!("+CBM: {}\r\n{}", page.len(), sms::hex::encode_upper(&page));
        self.indicate(line, out);
    }
}

/// +CMS ERROR: invalid text mode parameter, which modems also use for any bad value.
const INVALID_PARAMETER: u16 = 305;
/// Septets of a page (3GPP TS 23.041 §9.4.1.2.4).
const PAGE_SEPTETS: usize = 93;
const CARRIAGE_RETURN: u8 = 0x0d;
/// GSM 7-bit, language unspecified.
const PAGE_CODING: u8 = 15;
const ONE_OF_ONE: u8 = 0x11;
