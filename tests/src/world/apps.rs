//! Apps: they hand messages over, ask again when nobody answers, take messages back, and keep a suppression list.

use std::collections::{BTreeMap, BTreeSet};

use gateway::{
    Answer, Input, MessageId, RawRequest, Refusal, ReplyTo, TextWish, UnixMs, admit,
    canonical_recipient,
};
use uuid::Uuid;

use super::World;
use super::judge::Checked;
use super::options::Knob;
use super::plan::{Probe, domestic};
use super::site;

/// What apps wait for.
#[derive(Debug)]
pub(super) struct Apps {
    waiting: BTreeMap<ReplyTo, Asked>,
    replies: u64,
    ids: u64,
    /// The public name of each message that was accepted.
    known: Vec<Option<MessageId>>,
    /// When each message was handed over first: a body does not change when it is sent again.
    handed: Vec<Option<UnixMs>>,
    /// Messages whose app was not answered and asks again.
    again: BTreeSet<usize>,
}

/// What an answer is about.
#[derive(Clone, Copy, Debug)]
pub(super) enum Asked {
    /// The message of this number.
    Send(usize),
    /// Anything else.
    Other,
}

impl Apps {
    pub(super) fn new(probes: &[Probe]) -> Apps {
        Apps {
            waiting: BTreeMap::new(),
            replies: 0,
            ids: 0,
            known: vec![None; probes.len()],
            handed: vec![None; probes.len()],
            again: BTreeSet::new(),
        }
    }

    /// Whether nobody waits for an answer.
    pub(super) fn is_content(&self) -> bool {
        self.waiting.is_empty() && self.again.is_empty()
    }

    /// The process died: nobody will be answered.
    pub(super) fn hang_up(&mut self) {
        for (_, asked) in std::mem::take(&mut self.waiting) {
            if let Asked::Send(number) = asked {
                self.again.insert(number);
            }
        }
    }

    pub(super) fn ask(&mut self, asked: Asked) -> ReplyTo {
        self.replies += 1;
        let reply = ReplyTo(self.replies);
        self.waiting.insert(reply, asked);
        reply
    }
}

impl World {
    /// An answer has left the process.
    pub(super) fn answered(&mut self, to: ReplyTo, answer: Result<Answer, Refusal>) -> Checked {
        let asked = self.apps.waiting.remove(&to);
        let Some(Asked::Send(number)) = asked else {
            return Ok(());
        };
        match answer {
            Ok(Answer::Accepted { id, .. }) => {
                self.apps.known[number] = Some(id);
                Ok(())
            }
            Ok(Answer::Cancelled { .. } | Answer::Controlled) => {
                Err(format!("{number} is answered with {answer:?}"))
            }
            Err(refusal) => {
                self.note(|| format!("{number} is not accepted: {refusal}"));
                let asked = self.apps.handed[number].expect("it was handed over");
                self.judge
                    .refused(number, &refusal, asked, self.clock().wall)
            }
        }
    }

    /// Apps that were not answered ask again, if their message has a key: the others can't know.
    pub(super) fn ask_again(&mut self) -> Checked {
        if self.process.is_none() {
            return Ok(());
        }
        for number in std::mem::take(&mut self.apps.again) {
            if self.setup.probes[number].key.is_some() {
                self.send(number)?;
            }
        }
        Ok(())
    }

    pub(super) fn send(&mut self, number: usize) -> Checked {
        if self.process.is_none() {
            self.apps.again.insert(number);
            return Ok(());
        }
        self.apps.ids += 1;
        let id = MessageId(Uuid::from_u64_pair(self.setup.seed, self.apps.ids));
        let now = self.clock().wall;
        let handed = *self.apps.handed[number].get_or_insert(now);
        let probe = &self.setup.probes[number];
        let app = probe.app.map(site::app_name);
        let raw = RawRequest {
            to: &probe.to,
            text: &probe.text,
            class: Some(probe.class),
            expires_in: Some(probe.expires_in),
            key: probe.key.as_deref(),
            app: app.as_deref(),
            route: None,
            report: Some(probe.report),
            in_doubt: Some(probe.in_doubt),
            wish: TextWish::default(),
            send_at: probe.ahead.map(|ahead| handed.plus(ahead)),
            data: None,
        };
        match admit(&self.settings, id, &raw) {
            Ok(request) => {
                let reply = self.apps.ask(Asked::Send(number));
                self.tell([Input::Accept {
                    reply,
                    request: Box::new(request),
                }]);
                self.judge.admitted(number, now)
            }
            Err(refusal) => self.judge.refused(number, &refusal, handed, now),
        }
    }

    pub(super) fn cancel(&mut self, number: usize) {
        let Some(id) = self.apps.known[number] else {
            return;
        };
        if self.process.is_some() {
            let reply = self.apps.ask(Asked::Other);
            self.tell([Input::Cancel { reply, id }]);
        }
    }

    /// Some recipient asks to be left alone, or no longer.
    pub(super) fn suppress(&mut self, bits: u64) {
        if self.process.is_none() {
            return;
        }
        let recipients = self.setup.options.value(Knob::Recipients).max(1);
        let to = domestic((bits >> 8) % recipients);
        let reply = self.apps.ask(Asked::Other);
        self.tell([Input::Suppress {
            reply,
            recipient: canonical_recipient(&self.settings, &to).expect("a number of the plan"),
            suppressed: !bits.is_multiple_of(3),
            reason: None,
        }]);
    }
}
