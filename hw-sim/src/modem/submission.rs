//! `AT+CMGS` in PDU mode: prompt, entering the PDU, Ctrl-Z or ESC, the answer (3GPP TS 27.005 §4.3).

use std::time::Instant;

use sms::Submit;

use super::answer::Final;
use super::command::{Form, Values};
use super::timers::Timer;
use super::{Effects, Phase, SimModem};
use crate::air::{Answer, Uplink};

impl SimModem {
    pub(super) fn send(&mut self, now: Instant, form: Form<'_>, out: &mut Effects) -> Final {
        let value = match form {
            Form::Test => return Final::Ok,
            Form::Execute | Form::Read => return Final::Cms(INVALID_PDU),
            Form::Set(value) => value,
        };
        if let Err(code) = self.may_submit() {
            return Final::Cms(code);
        }
        let length = match Values::of(value).number(0) {
            Ok(Some(length)) if TPDU_OCTETS.contains(&length) => length,
            Ok(Some(_) | None) | Err(_) => return Final::Cms(INVALID_PDU),
        };
        self.typed.clear();
        self.phase = Phase::Prompting { length };
        if self.rng.chance(self.faults.prompt.rate) {
            let delay = self.rng.between(&self.faults.prompt.delay);
            self.timers.set(Timer::Prompt, Some(now + delay));
        } else {
            self.prompt(out);
        }
        Final::Later
    }

    pub(super) fn prompt(&mut self, out: &mut Effects) {
        let Phase::Prompting { length } = self.phase else {
            return;
        };
        out.host.extend_from_slice(b"\r\n> ");
        self.phase = Phase::Editing { length };
    }

    /// Takes bytes up to and including Ctrl-Z or ESC; returns how many.
    pub(super) fn editing_bytes(
        &mut self,
        length: usize,
        bytes: &[u8],
        out: &mut Effects,
    ) -> usize {
        let end = bytes.iter().position(|byte| matches!(*byte, CTRL_Z | ESC));
        let content = &bytes[..end.unwrap_or(bytes.len())];
        if self.at.echo {
            out.host.extend_from_slice(content);
        }
        let room = (PDU_DIGITS_MAX + 1).saturating_sub(self.typed.len());
        self.typed
            .extend_from_slice(&content[..content.len().min(room)]);
        let Some(end) = end else { return bytes.len() };
        if bytes[end] == ESC {
            self.typed.clear();
            self.leave_editing(Final::Ok, out);
        } else {
            match self.entered(length) {
                Ok(uplink) => {
                    out.uplinks.push(uplink);
                    self.release_held(out);
                }
                Err(code) => self.leave_editing(Final::Cms(code), out),
            }
        }
        end + 1
    }

    pub(super) fn answered(&mut self, id: u64, answer: Answer, out: &mut Effects) {
        let Phase::OnAir {
            id: pending,
            reference,
        } = self.phase
        else {
            return;
        };
        if pending != id {
            return;
        }
        self.phase = Phase::Command;
        match answer {
            Answer::Accepted => {
                self.info(&format!("+CMGS: {reference}"), out);
                self.finish(Final::Ok, out);
            }
            Answer::Refused(code) => self.finish(Final::Cms(code), out),
            Answer::Silence => {}
        }
    }

    fn leave_editing(&mut self, result: Final, out: &mut Effects) {
        self.phase = Phase::Command;
        self.finish(result, out);
        self.release_held(out);
    }

    /// The entered PDU goes on the air, with the SIM's next TP-MR.
    fn entered(&mut self, length: usize) -> Result<Uplink, u16> {
        let octets = sms::hex::decode(&self.typed).map_err(|_| INVALID_PDU)?;
        self.typed.clear();
        let (smsc, tpdu) = sms::split_smsc(&octets).map_err(|_| INVALID_PDU)?;
        if tpdu.len() != length {
            return Err(INVALID_PDU);
        }
        let mut submit = Submit::decode(tpdu).map_err(|_| INVALID_PDU)?;
        if smsc.is_none() && self.sim.smsc.is_empty() {
            return Err(NO_SMSC);
        }
        let reference = self.sim.next_reference();
        submit.reference = reference;
        let mut tpdu = tpdu.to_vec();
        tpdu[1] = reference;
        let id = self.submissions;
        self.submissions += 1;
        self.phase = Phase::OnAir { id, reference };
        Ok(Uplink::Submit {
            id,
            submit: Box::new(submit),
            tpdu,
        })
    }
}

const CTRL_Z: u8 = 0x1a;
const ESC: u8 = 0x1b;
/// Octets of a TPDU that `+CMGS` may announce: the shortest SUBMIT to the longest.
const TPDU_OCTETS: std::ops::RangeInclusive<usize> = 7..=164;
/// Hex digits of the longest TPDU behind the longest SMSC address (1 + 1 + 10 octets).
const PDU_DIGITS_MAX: usize = 2 * (*TPDU_OCTETS.end() + 12);
/// +CMS ERROR: invalid PDU mode parameter.
const INVALID_PDU: u16 = 304;
/// +CMS ERROR: SMSC address unknown.
const NO_SMSC: u16 = 330;
