//! Submissions: taking one or handing it back, and what its outcome means for the line.
//!
//! The dialogue with the modem is in `send`.

use std::time::Instant;

use crate::send::{Interruption, Send};
use crate::timing::MUTE_SENDS_MAX;
use crate::{Cause, Doubt, Effect, Event, LineState, Outcome, Rung, SmscInPdu, Submission};

use super::{Line, Phase};

impl Line {
    pub(super) fn submit(&mut self, now: Instant, submission: Submission, out: &mut Vec<Effect>) {
        let current = self
            .session
            .is_some_and(|live| live.number == submission.session);
        if !current || !self.is_idle() {
            out.push(Effect::Event(Event::Returned {
                ticket: submission.ticket,
            }));
            return;
        }
        let pdu = match self.known.profile.messages.smsc_in_pdu {
            SmscInPdu::Absent => submission.tpdu.to_vec(),
            SmscInPdu::Present => {
                let smsc = self.settings.smsc.as_ref().filter(|_| !self.known.smsc);
                sms::join_smsc(smsc, &submission.tpdu)
            }
        };
        let linked = submission.more_follow && self.known.more_messages;
        let send = Send::start(now, &submission, pdu, linked, &mut self.wire, out);
        self.phase = Phase::Sending(send);
        self.set_state(LineState::Sending, None, out);
    }

    /// All that was held was written.
    pub(super) fn written(&mut self, now: Instant) {
        if let Phase::Sending(send) = &mut self.phase
            && send.written(now, self.known.profile.result_timeout())
        {
            // From here on a reference may be this send's.
            self.late = None;
        }
    }

    /// The port failed before it took all that was written.
    pub(super) fn unwritten(&mut self) {
        if let Phase::Sending(send) = &mut self.phase {
            send.unwritten();
        }
    }

    /// What was to be sent was the old SIM's: it must not go through another one.
    pub(super) fn stop_send(&mut self, now: Instant, out: &mut Vec<Effect>) {
        let interruption = Interruption {
            before: Cause::LineLost,
            after: Doubt::LineLost,
        };
        self.interrupt_send(interruption, out);
        self.resync(now, true, "the SIM changed before a message was sent", out);
    }

    /// A send has its outcome; the line is ready again.
    pub(super) fn finish_send(&mut self, now: Instant, outcome: Outcome, out: &mut Vec<Effect>) {
        let Phase::Sending(send) = &self.phase else {
            return;
        };
        out.push(Effect::Event(send.finished(outcome.clone())));
        // Refused, or a state error under it (Huawei E1752, Qualcomm): the message goes without it.
        let link_failed = matches!(outcome, Outcome::Refused(Cause::Cms(500 | 528)));
        if send.is_link_refused() || send.is_linked() && link_failed {
            self.known.more_messages = false;
        }
        if self.wire.drop_held() {
            // The modem waits for the rest of a PDU.
            self.mute_send(now, true, CUT_OFF, out);
            return;
        }
        match outcome {
            Outcome::Sent { .. } => {
                self.ladder.heal();
                self.mute_sends = 0;
                // It went through: what the registration says is not worth ending the session yet.
                if let Some(lost) = self
                    .session
                    .as_mut()
                    .and_then(|live| live.unregistered_since.as_mut())
                {
                    *lost = now;
                }
            }
            // "Please wait": a modem left in the edit mode answers everything so, until ESC (Fastrack, SIM300D).
            Outcome::Refused(Cause::Cms(515 | 536) | Cause::Cme(515 | 536)) => {
                self.mute_send(now, true, EDIT_MODE, out);
                return;
            }
            // The card may have been pulled, or another one put in.
            Outcome::Refused(Cause::Cms(310 | 311 | 313 | 315) | Cause::Cme(10 | 11 | 13 | 15)) => {
                self.mute_sends = 0;
                if let Some(chores) = &mut self.chores {
                    chores.check_sim(now);
                }
            }
            Outcome::Refused(_) => self.mute_sends = 0,
            Outcome::Unknown(_) => {}
        }
        self.enter_ready(now, out);
    }

    /// The modem did not answer a send in time.
    pub(super) fn send_expired(&mut self, now: Instant, outcome: Outcome, out: &mut Vec<Effect>) {
        let Phase::Sending(send) = &self.phase else {
            return;
        };
        let before_ctrl_z = send.is_before_ctrl_z();
        if send.is_linking() {
            self.known.more_messages = false;
        }
        if matches!(outcome, Outcome::Sent { .. }) {
            self.finish_send(now, outcome, out);
            return;
        }
        if !before_ctrl_z {
            self.late = Some(send.ticket());
        }
        out.push(Effect::Event(send.finished(outcome)));
        let reason = if before_ctrl_z { NO_PROMPT } else { NO_RESULT };
        self.mute_send(now, before_ctrl_z, reason, out);
    }

    /// The modem may be out of step after a send, or in the edit mode still.
    fn mute_send(
        &mut self,
        now: Instant,
        edit_mode: bool,
        reason: &'static str,
        out: &mut Vec<Effect>,
    ) {
        self.mute_sends += 1;
        if self.mute_sends >= MUTE_SENDS_MAX {
            self.mute_sends = 0;
            self.sick(now, Rung::Initialise, reason, out);
            return;
        }
        self.resync(now, edit_mode, reason, out);
    }

    /// Ends a send that cannot go on; its side of Ctrl-Z decides the outcome.
    pub(super) fn interrupt_send(&mut self, interruption: Interruption, out: &mut Vec<Effect>) {
        if let Phase::Sending(send) = &self.phase {
            let outcome = send.interrupted(interruption);
            out.push(Effect::Event(send.finished(outcome)));
            self.phase = Phase::Ready;
        }
    }
}

/// Why a line is brought back after a send, for people.
const NO_PROMPT: &str = "the modem gave no prompt for a message";
const NO_RESULT: &str = "the modem did not say what became of a message";
const EDIT_MODE: &str = "the modem is busy with a message that has ended";
const CUT_OFF: &str = "the modem gave up in the middle of a message";
