//! What arrives: messages and status reports, stored or handed to the host (3GPP TS 27.005 §3.4.1).

use std::time::Instant;

use super::stores::Store;
use super::{Effects, Phase, SimModem};
use crate::air::Uplink;
use crate::memory::{MessageState, Stored};
use crate::profile::Quirk;
use crate::sim::SMSC;

impl SimModem {
    /// A status report arrives.
    pub(super) fn report(&mut self, now: Instant, tpdu: &[u8], out: &mut Effects) {
        if !self.readiness().reports {
            out.uplinks.push(Uplink::Returned);
            return;
        }
        let nameless = self.shows(Quirk::ReportMrMinus1).then(|| nameless(tpdu));
        let tpdu = nameless.as_deref().unwrap_or(tpdu);
        if self.indications.ds == 1 {
            return self.route_report(now, tpdu, out);
        }
        out.uplinks.push(Uplink::Taken);
        let message = if self.shows(Quirk::WavecomSr) {
            Stored {
                pdu: [&[0, 0, 0, 0xff, 0][..], tpdu].concat(),
                tpdu_length: tpdu.len() + 4,
                state: MessageState::Unread,
            }
        } else {
            stored(tpdu)
        };
        if let Some(index) = self.store(Store::Sr, message) {
            let line = if self.has(Quirk::Ds2WrongMem) {
                "+CDSI: \"SM\",0".to_owned()
            } else {
                format!("+CDSI: \"SR\",{index}")
            };
            self.indicate(line, out);
        }
    }

    fn route_report(&mut self, now: Instant, tpdu: &[u8], out: &mut Effects) {
        let line = if self.text.is_on {
            format!("+CDS: {}", self.report_fields(tpdu))
        } else {
            let comma = if self.shows(Quirk::CdsComma) { "," } else { "" };
            let smsc = if self.shows(Quirk::CdsNoSca) {
                None
            } else {
                Some(SMSC)
            };
            self.pdu_lines(&format!("+CDS: {comma}{}", tpdu.len()), smsc, tpdu)
        };
        self.indicate(line, out);
        self.await_acknowledge(now, out);
    }

    /// A message from outside arrives.
    pub(super) fn deliver(&mut self, now: Instant, tpdu: &[u8], out: &mut Effects) {
        if !self.readiness().messages {
            out.uplinks.push(Uplink::Returned);
            return;
        }
        self.entry.collided |= matches!(self.phase, Phase::Prompting | Phase::Editing);
        let class = sms::Deliver::decode(tpdu)
            .ok()
            .and_then(|deliver| deliver.coding.class());
        let routed = match self.indications.mt {
            2 => class != Some(sms::MessageClass::Sim),
            3 => class == Some(sms::MessageClass::Terminal),
            _ => false,
        };
        if routed {
            let line = if self.text.is_on {
                self.routed_text(tpdu)
            } else {
                self.pdu_lines(&format!("+CMT: ,{}", tpdu.len()), Some(SMSC), tpdu)
            };
            self.indicate(line, out);
            return self.await_acknowledge(now, out);
        }
        out.uplinks.push(Uplink::Taken);
        let memory = self.selected[2];
        let Some(index) = self.store(memory, stored(tpdu)) else {
            return;
        };
        let is_full = !self.has_room(memory);
        if self.indications.mt > 0 {
            let name = memory.name();
            let index = if is_full && self.has(Quirk::CmtiMinus1) {
                "-1".to_owned()
            } else {
                index.to_string()
            };
            self.indicate(format!("+CMTI: \"{name}\",{index}"), out);
        }
        if is_full && self.has(Quirk::MemoryFullUrc) {
            self.unsolicited(&format!("^SMMEMFULL: \"{}\"", memory.name()), out);
        }
    }

    fn pdu_lines(&mut self, header: &str, smsc: Option<&str>, tpdu: &[u8]) -> String {
        let pdu = match smsc {
            Some(_) => sms::hex::encode_upper(&with_smsc(tpdu)),
            None => sms::hex::encode_upper(tpdu),
        };
        let gap = if self.shows(Quirk::CmtExtraCrlf) {
            "\r\n"
        } else {
            ""
        };
        format!("{header}\r\n{gap}{pdu}")
    }
}

pub(super) fn stored(tpdu: &[u8]) -> Stored {
    Stored {
        pdu: with_smsc(tpdu),
        tpdu_length: tpdu.len(),
        state: MessageState::Unread,
    }
}

fn with_smsc(tpdu: &[u8]) -> Vec<u8> {
    let smsc = sms::Address::parse(SMSC).expect("the constant is a number");
    sms::join_smsc(Some(&smsc), tpdu)
}

/// A STATUS-REPORT that lost its TP-MR and its number.
fn nameless(tpdu: &[u8]) -> Vec<u8> {
    let [first, _, digits, kind, rest @ ..] = tpdu else {
        return tpdu.to_vec();
    };
    let behind = rest
        .get(usize::from(digits.div_ceil(2))..)
        .unwrap_or_default();
    [&[*first, 0, 0, *kind], behind].concat()
}
