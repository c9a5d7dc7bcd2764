//! What an operator says to a line directly: USSD dialogues and commands of his own.
//!
//! Both run only where no submission can be on its way: a dialogue between two submissions of a ready line, a command also
//! while the initialisation waits for the SIM or the network. As long as one runs, the line takes no submission.

use std::time::Instant;

use crate::init::Start;
use crate::manual::{Manual, ManualAnswer, ManualCommand, ManualEnd};
use crate::result::Final;
use crate::urc::{Urc, classify};
use crate::ussd::{self, Dialogue, Heard, Progress, UssdAct, UssdAnswer, UssdEnd, UssdState};
use crate::wire::Reply;
use crate::{DownReason, Effect, Event};

use super::{Line, Phase};

impl Line {
    pub(super) fn ussd(&mut self, now: Instant, act: UssdAct, out: &mut Vec<Effect>) {
        let is_taken = match act {
            UssdAct::Dial(request) if self.is_free_to_dial() => {
                self.dialogue = Some(Dialogue::dial(now, request));
                true
            }
            UssdAct::Dial(_) => false,
            UssdAct::Reply(request) => {
                (self.dialogue.as_mut()).is_some_and(|dialogue| dialogue.reply(request))
            }
            UssdAct::GiveUp => {
                (self.dialogue.as_mut()).is_some_and(|dialogue| dialogue.give_up(out))
            }
        };
        if !is_taken {
            out.push(Effect::Event(Event::Ussd(UssdAnswer {
                text: None,
                state: UssdState::Ended(UssdEnd::Busy),
                asked: true,
            })));
        }
    }

    pub(super) fn manual(&mut self, now: Instant, command: ManualCommand, out: &mut Vec<Effect>) {
        if !self.is_free_to_command() {
            let lines = Vec::new();
            let end = ManualEnd::Busy;
            out.push(Effect::Event(Event::Manual(ManualAnswer { lines, end })));
            return;
        }
        self.wire.ask(now, &command.query(), out);
        self.manual = Some(Manual::new(command));
    }

    /// Whether an operator's command would be written now.
    pub fn is_free_to_command(&self) -> bool {
        let phase = match &self.phase {
            Phase::Ready => self.dialogue.is_none() && !self.sim_changed,
            // Between two looks at the SIM or the network.
            Phase::Init(init) => init.is_waiting(),
            Phase::Unlock(_) | Phase::Sending(_) | Phase::Recover(_) | Phase::Climb(_) => false,
            Phase::Closed | Phase::Parked => false,
        };
        phase && self.manual.is_none() && !self.wire.is_asking()
    }

    fn is_free_to_dial(&self) -> bool {
        matches!(self.phase, Phase::Ready) && self.manual.is_none() && self.dialogue.is_none()
    }

    /// Whether an operator's business keeps the line from its own.
    pub(super) fn is_engaged(&self) -> bool {
        self.dialogue.is_some() || self.manual.is_some()
    }

    /// When to look after an operator's business again.
    pub(super) fn talk_deadline(&self) -> Option<(Instant, &'static str)> {
        let dialogue = self.dialogue.as_ref().and_then(Dialogue::deadline);
        let pieces = self.gatherer.deadline();
        [dialogue, pieces]
            .into_iter()
            .flatten()
            .min_by_key(|&(until, _)| until)
    }

    pub(super) fn talk_wake(&mut self, now: Instant, out: &mut Vec<Effect>) {
        if let Some(heard) = self.gatherer.expire(now) {
            self.ussd_heard(now, heard, out);
        }
        if let Some(dialogue) = &mut self.dialogue {
            dialogue.wake(now, out);
        }
    }

    /// After each input: what was begun on a line that is not ready any more is over, and what is due is written.
    pub(super) fn talk_settle(&mut self, now: Instant, out: &mut Vec<Effect>) {
        let is_ready = matches!(self.phase, Phase::Ready);
        let is_open = !matches!(self.phase, Phase::Closed | Phase::Parked);
        if !is_ready && let Some(dialogue) = self.dialogue.take() {
            dialogue.lose(out);
        }
        if !is_open {
            self.gatherer.reset();
        }
        // The wire forgot the command: another phase has begun.
        if !self.wire.is_asking()
            && let Some(manual) = self.manual.take()
        {
            out.push(Effect::Event(Event::Manual(
                manual.end(ManualEnd::LineLost),
            )));
        }
        if is_ready
            && !self.wire.is_asking()
            && let Some(dialogue) = &mut self.dialogue
        {
            dialogue.write_due(now, self.known.profile.ussd.request, &mut self.wire, out);
        }
        let raw = is_ready && self.gatherer.is_open();
        self.wire.framer.keep_raw(raw);
    }

    /// A command ended. False if it was not an operator's.
    pub(super) fn talk_answered(
        &mut self,
        now: Instant,
        reply: &Reply,
        out: &mut Vec<Effect>,
    ) -> bool {
        if let Some(manual) = self.manual.take() {
            self.manual_ended(now, manual, reply, out);
            return true;
        }
        let is_ready = matches!(self.phase, Phase::Ready);
        let Some(dialogue) = self
            .dialogue
            .as_mut()
            .filter(|dialogue| is_ready && dialogue.is_asking())
        else {
            return false;
        };
        let progress = dialogue.answered(now, reply, out);
        self.dialogue_went(now, progress, out);
        true
    }

    /// A line of the answer to an operator's command. True if it means nothing else.
    pub(super) fn overhear(&mut self, line: &[u8]) -> bool {
        // The command waits for the modem's pause: this answers another.
        if self.is_yet_to_ask() {
            return false;
        }
        let Some(manual) = &mut self.manual else {
            return false;
        };
        if line.starts_with(b"AT") && self.wire.is_echo(line) {
            return true;
        }
        if Final::parse(line).is_some() {
            manual.keep_last(line);
            return false;
        }
        manual.keep(line);
        // What the network sends meanwhile is not lost; what a list of the store shows is not taken for it.
        let is_news = matches!(classify(line), Some(urc) if urc != Urc::Other && !urc.is_record());
        manual.is_answer(line) || !is_news
    }

    /// The modem gave a prompt to an operator's command. False if none runs.
    pub(super) fn talk_prompted(&mut self, now: Instant, out: &mut Vec<Effect>) -> bool {
        let Some(manual) = self.manual.take() else {
            return false;
        };
        out.push(Effect::Event(Event::Manual(manual.end(ManualEnd::Prompt))));
        // It begins with ESC.
        self.set_up_anew(now, out);
        true
    }

    /// A line of a `+CUSD`. False if it is another.
    pub(super) fn hear_ussd(&mut self, now: Instant, line: &[u8], out: &mut Vec<Effect>) -> bool {
        let heard = if line.starts_with(ussd::NAME) {
            self.gatherer.begin(now, line)
        } else if self.gatherer.is_open() && matches!(classify(line), None | Some(Urc::Other)) {
            self.gatherer.more(line)
        } else {
            return false;
        };
        // The next line may be its rest already.
        let raw = matches!(self.phase, Phase::Ready) && self.gatherer.is_open();
        self.wire.framer.keep_raw(raw);
        if let Some(heard) = heard {
            self.ussd_heard(now, heard, out);
        }
        true
    }

    fn ussd_heard(&mut self, now: Instant, heard: Heard, out: &mut Vec<Effect>) {
        let Heard { mode, text } = heard;
        if let Some(dialogue) = &mut self.dialogue {
            let progress = dialogue.heard(now, mode, text, out);
            return self.dialogue_went(now, progress, out);
        }
        let is_open = mode == ussd::MODE_OPEN;
        if is_open && matches!(self.phase, Phase::Ready) {
            // The network waits for an answer that nobody will give.
            self.dialogue = Some(Dialogue::unwanted(now));
        }
        // The setting of the modem, and the end of a dialogue that is over already.
        if text.is_none() {
            return;
        }
        let state = if is_open {
            UssdState::Open
        } else {
            UssdState::Ended(ussd::end_of(mode))
        };
        out.push(Effect::Event(Event::Ussd(UssdAnswer {
            text,
            state,
            asked: false,
        })));
    }

    fn dialogue_went(&mut self, now: Instant, progress: Progress, out: &mut Vec<Effect>) {
        match progress {
            Progress::Going => {}
            Progress::Over => self.dialogue = None,
            Progress::Mute => {
                self.dialogue = None;
                self.resync(now, false, "a dialogue had no answer", out);
            }
        }
    }

    /// What may have changed is set up anew; a modem that said nothing is brought back into step.
    fn manual_ended(&mut self, now: Instant, manual: Manual, reply: &Reply, out: &mut Vec<Effect>) {
        let may_change = manual.may_change();
        let end = match reply.result {
            Some(Final::Ok) => ManualEnd::Ok,
            Some(Final::Error | Final::Cms(_) | Final::Cme(_)) => ManualEnd::Refused,
            None => ManualEnd::NoAnswer,
        };
        out.push(Effect::Event(Event::Manual(manual.end(end))));
        if may_change || end == ManualEnd::NoAnswer {
            self.set_up_anew(now, out);
        }
    }

    fn set_up_anew(&mut self, now: Instant, out: &mut Vec<Effect>) {
        self.end_session(DownReason::Operator, out);
        self.initialise(now, Start::Opened, out);
    }
}
