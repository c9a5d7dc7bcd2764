//! Sending and writing: `+CMGS`, `+CMGW`, `+CMSS`, what is entered after the prompt, and the network's answer
//! (3GPP TS 27.005 §3.5, §4.3 to §4.7).

use std::time::{Duration, Instant};

use sms::Submit;

use super::answer::Final;
use super::command::{Form, Values};
use super::entry::{Content, Purpose};
use super::timers::Timer;
use super::{Effects, Phase, SimModem, charset};
use crate::air::{Answer, Uplink};
use crate::memory::{MessageState, Stored};
use crate::profile::Quirk;

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
        if self.oddity.busy_until.is_some_and(|until| now < until) {
            return Final::Cms(BUSY);
        }
        if self.has(Quirk::FullBlocksSend) && !self.has_room(self.selected[2]) {
            return Final::Cms(MEMORY_FULL);
        }
        if self.shows(Quirk::ErrorInsteadPrompt) {
            return Final::Cms([302, 304, 310, 500][self.rng.below(4)]);
        }
        match self.content_of(&Values::of(value)) {
            Ok(content) => {
                self.ask(now, Purpose::Send, content, out);
                Final::Later
            }
            Err(code) => Final::Cms(code),
        }
    }

    pub(super) fn write(&mut self, now: Instant, form: Form<'_>, out: &mut Effects) -> Final {
        let value = match form {
            Form::Test => return Final::Ok,
            Form::Execute if self.text.is_on => "",
            Form::Execute | Form::Read => return Final::Cms(INVALID_PDU),
            Form::Set(value) => value,
        };
        let values = Values::of(value);
        let content = if self.text.is_on && values.text(0).is_none() {
            Content::Text { to: None }
        } else {
            match self.content_of(&values) {
                Ok(content) => content,
                Err(code) => return Final::Cms(code),
            }
        };
        let stat = values.text(if self.text.is_on { 2 } else { 1 });
        let state = MessageState::ALL.into_iter().find(|state| {
            stat.is_none_or(|stat| stat == state.name() || stat == (*state as u8).to_string())
                && (stat.is_some() || *state == MessageState::Unsent)
        });
        let Some(state) = state else {
            return Final::Cms(INVALID_PARAMETER);
        };
        self.ask(now, Purpose::Write(state), content, out);
        Final::Later
    }

    /// What a `+CMGS` or `+CMGW` announces.
    fn content_of(&self, values: &Values<'_>) -> Result<Content, u16> {
        if self.text.is_on {
            let number = values.text(0).ok_or(INVALID_PARAMETER)?;
            let to = charset::number(number, self.at.charset).ok_or(INVALID_PARAMETER)?;
            return Ok(Content::Text { to: Some(to) });
        }
        let most = if self.has(Quirk::LenLimit160) {
            160
        } else {
            TPDU_OCTETS_MAX
        };
        match values.number(0) {
            Ok(Some(length)) if (TPDU_OCTETS_MIN..=most).contains(&length) => {
                Ok(Content::Pdu { length })
            }
            Ok(Some(_) | None) | Err(_) => Err(INVALID_PDU),
        }
    }

    pub(super) fn send_stored(&mut self, now: Instant, form: Form<'_>, out: &mut Effects) -> Final {
        let value = match form {
            Form::Test => return Final::Ok,
            Form::Execute | Form::Read => return Final::Cms(INVALID_PARAMETER),
            Form::Set(value) => value,
        };
        if let Err(code) = self.may_submit() {
            return Final::Cms(code);
        }
        let values = Values::of(value);
        let Ok(Some(index)) = values.number(0) else {
            return Final::Cms(INVALID_PARAMETER);
        };
        let place = self.place_of(self.selected[1], index);
        let found = place.and_then(|(part, index)| self.memories[part].message_mut(index));
        let Some(message) = found
            .filter(|message| matches!(message.state, MessageState::Unsent | MessageState::Sent))
        else {
            return Final::Cms(INVALID_INDEX);
        };
        message.state = MessageState::Sent;
        let pdu = message.pdu.clone();
        let Ok((_, tpdu)) = sms::split_smsc(&pdu) else {
            return Final::Cms(INVALID_PDU);
        };
        let readdressed = match values.text(1) {
            None => None,
            Some(number) => match self.readdress(tpdu, number) {
                Some(tpdu) => Some(tpdu),
                None => return Final::Cms(INVALID_PARAMETER),
            },
        };
        self.entry.purpose = Purpose::Send;
        self.oddity.answered_early = false;
        self.submitted_as = "+CMSS";
        match self.submission(readdressed.as_deref().unwrap_or(tpdu), true) {
            Ok(submission) => {
                self.go_on_air(now, submission, out);
                Final::Later
            }
            Err(code) => Final::Cms(code),
        }
    }

    fn readdress(&self, tpdu: &[u8], number: &str) -> Option<Vec<u8>> {
        let to = charset::number(number, self.at.charset)?;
        let submit = Submit::decode(tpdu).ok()?;
        Submit {
            destination: to,
            ..submit
        }
        .encode()
        .ok()
    }

    /// Ctrl-Z after `+CMGS`.
    pub(super) fn entered_to_send(&mut self, now: Instant, out: &mut Effects) {
        self.submitted_as = "+CMGS";
        let submission = self
            .entered_tpdu()
            .and_then(|(has_smsc, tpdu)| self.submission(&tpdu, has_smsc));
        self.typed.clear();
        let submission = match submission {
            Ok(submission) => submission,
            Err(code) => return self.leave_entry(Final::Cms(code), out),
        };
        // The card or the network may have gone while it was entered.
        let gone = self.cannot_submit();
        if let Some(code) = gone.or_else(|| self.refusal_after_ctrl_z()) {
            return self.leave_entry(Final::Cms(code), out);
        }
        if self.shows(Quirk::Undervoltage) {
            out.host
                .extend_from_slice(b"\r\nUNDER-VOLTAGE WARNNING\r\n");
            return self.restart(now, out);
        }
        self.go_on_air(now, submission, out);
        self.release_held(out);
        if self.shows(Quirk::PortFreezeAfterCtrlz) {
            self.hang();
        } else if self.shows(Quirk::NoResultThenBusy) {
            self.oddity.busy_until = Some(now + BUSY_TIME);
            self.oddity.answered_early = true;
        }
    }

    /// Ctrl-Z after `+CMGW`.
    pub(super) fn entered_to_store(&mut self, state: MessageState, out: &mut Effects) {
        let entered = self.entered_tpdu();
        self.typed.clear();
        let (_, tpdu) = match entered {
            Ok(entered) => entered,
            Err(code) => return self.leave_entry(Final::Cms(code), out),
        };
        let message = Stored {
            pdu: [&[0][..], &tpdu].concat(),
            tpdu_length: tpdu.len(),
            state,
        };
        let result = match self.store(self.selected[1], message) {
            Some(index) => {
                self.info(&format!("+CMGW: {index}"), out);
                Final::Ok
            }
            None => Final::Cms(MEMORY_FULL),
        };
        self.leave_entry(result, out);
    }

    /// The TPDU that was entered, and whether an SMSC came with it.
    fn entered_tpdu(&self) -> Result<(bool, Vec<u8>), u16> {
        let length = match &self.entry.content {
            Content::Text { to } => {
                return self.tpdu_of_text(to.as_ref()).map(|tpdu| (false, tpdu));
            }
            Content::Pdu { length } => *length,
        };
        let octets = sms::hex::decode(&self.typed).map_err(|_| INVALID_PDU)?;
        if self.has(Quirk::NoSmscField) {
            return if octets.len() == length {
                Ok((false, octets))
            } else {
                Err(INVALID_PDU)
            };
        }
        let (smsc, tpdu) = sms::split_smsc(&octets).map_err(|_| INVALID_PDU)?;
        if tpdu.len() != length {
            return Err(INVALID_PDU);
        }
        Ok((smsc.is_some(), tpdu.to_vec()))
    }

    /// A TPDU with the SIM's next TP-MR, ready for the air.
    fn submission(&mut self, tpdu: &[u8], has_smsc: bool) -> Result<(Box<Submit>, Vec<u8>), u16> {
        let mut submit = Submit::decode(tpdu).map_err(|_| INVALID_PDU)?;
        if !has_smsc && self.sim.smsc.is_empty() {
            return Err(NO_SMSC);
        }
        let reference = self.sim.next_reference();
        submit.reference = reference;
        let mut tpdu = tpdu.to_vec();
        tpdu[1] = reference;
        Ok((Box::new(submit), tpdu))
    }

    /// What keeps a model or a SIM from sending although everything was entered.
    fn refusal_after_ctrl_z(&mut self) -> Option<u16> {
        if self.oddity.sick_sim {
            return Some(TEMPORARY_FAILURE);
        }
        if self.entry.collided && self.shows(Quirk::Collision512) {
            return Some(512);
        }
        let unknown = self.lacks_sgs()
            || (!self.oddity.factory_set && self.has(Quirk::NeedsAtf))
            || (self.indications.more_messages == 2 && self.has(Quirk::Cmms500));
        unknown.then_some(500)
    }

    fn go_on_air(
        &mut self,
        now: Instant,
        (submit, tpdu): (Box<Submit>, Vec<u8>),
        out: &mut Effects,
    ) {
        let id = self.submissions;
        self.submissions += 1;
        self.phase = Phase::OnAir {
            id,
            reference: submit.reference,
        };
        let follows = self.takes_link();
        out.uplinks.push(Uplink::Submit {
            id,
            submit,
            tpdu,
            follows,
        });
        self.collapses(now, out);
    }

    pub(super) fn answered(&mut self, now: Instant, id: u64, answer: Answer, out: &mut Effects) {
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
        if std::mem::take(&mut self.oddity.answered_early) {
            self.phase = Phase::Command;
        } else if self.shows(Quirk::LateCmgs) {
            self.oddity.late_answer = Some((reference, answer));
            self.timers.set(Timer::Answer, Some(now + LATE_ANSWER));
        } else {
            self.tell_answer(now, reference, answer, out);
        }
    }

    pub(super) fn late_answer(&mut self, now: Instant, out: &mut Effects) {
        if let Some((reference, answer)) = self.oddity.late_answer.take() {
            self.tell_answer(now, reference, answer, out);
        }
    }

    fn tell_answer(&mut self, now: Instant, reference: u8, answer: Answer, out: &mut Effects) {
        self.phase = Phase::Command;
        self.keep_link(now);
        match answer {
            Answer::Accepted => {
                self.info(&format!("{}: {reference}", self.submitted_as), out);
                if !self.shows(Quirk::CmgsNoOk) {
                    self.finish(Final::Ok, out);
                }
            }
            Answer::Refused(code) => {
                self.oddity.sick_sim |=
                    code == TEMPORARY_FAILURE && self.shows(Quirk::Persistent41);
                self.finish(Final::Cms(code), out);
            }
            Answer::Silence => {}
        }
    }
}

/// Octets of a TPDU that may be announced: the shortest SUBMIT to the longest.
const TPDU_OCTETS_MIN: usize = 7;
const TPDU_OCTETS_MAX: usize = 164;
/// +CMS ERROR: temporary failure.
const TEMPORARY_FAILURE: u16 = 41;
/// +CMS ERROR: invalid PDU mode parameter.
const INVALID_PDU: u16 = 304;
/// +CMS ERROR: invalid text mode parameter.
const INVALID_PARAMETER: u16 = 305;
/// +CMS ERROR: invalid memory index.
const INVALID_INDEX: u16 = 321;
/// +CMS ERROR: memory full.
const MEMORY_FULL: u16 = 322;
/// +CMS ERROR: SMSC address unknown.
const NO_SMSC: u16 = 330;
/// +CMS ERROR of one vendor: init or command in progress.
const BUSY: u16 = 515;
/// A model that gave no answer stays busy so long.
const BUSY_TIME: Duration = Duration::from_secs(30);
/// A late answer: a second longer than a well-known program waits.
const LATE_ANSWER: Duration = Duration::from_secs(31);
