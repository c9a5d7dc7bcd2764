//! The line task's part of talking: what an operator asks waits until the line is free for it, and is answered once.
//!
//! ```text
//!  code ─► core: engage ─► promised: nothing new is pushed ─► queue empty, line idle ─► machine: Dial ─► answer
//!                                                                 └ 20 s: busy            │ menu: Reply …
//!                       core: free again ◄── ended, given up, line lost, a code needs it ◄┘
//! ```
//!
//! What is in the send queue goes first. A command needs no promise: its line is paused.

use std::time::{Duration, Instant};

use modem::{Input, UssdAct, UssdAnswer, UssdEnd, UssdState};
use tokio::sync::oneshot;

use super::LineTask;
use crate::board::NetworkSaid;
use crate::clock;
use crate::line_link::FromLine;
use crate::machine::Machine;
use crate::talk::{Ask, Said, Talk, Unsaid};

/// What an operator has asked of the line and not got yet.
#[derive(Debug, Default)]
pub(super) struct Talks {
    /// The core was asked to engage the line, and not told that it is free again.
    is_engaged: bool,
    /// Waits for the line.
    waiting: Option<(Talk, Instant)>,
    /// Who waits for the machine's answer: the caller, and another who gave the dialogue up meanwhile.
    open: Vec<oneshot::Sender<Result<Said, Unsaid>>>,
    /// The network waits for a reply.
    has_menu: bool,
    /// The dialogue was told to give way.
    gives_way: bool,
}

impl Talks {
    /// When to give up waiting for the line.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.waiting.as_ref().map(|(_, until)| *until)
    }

    fn is_free(&self) -> bool {
        self.waiting.is_none() && self.open.is_empty() && !self.has_menu && !self.is_engaged
    }
}

impl<M: Machine> LineTask<M> {
    /// Takes up what was asked, and what waited and can go on. True if the machine was given something.
    pub(super) async fn talk(&mut self) -> bool {
        while let Some(talk) = self.queue.take_talk() {
            self.asked(talk).await;
        }
        if self.queue.is_way_asked() && self.talks.is_engaged {
            self.give_way().await;
        }
        self.go_on().await;
        !self.effects.is_empty()
    }

    /// Nothing can be said: the port is closed. Whoever waits is told.
    pub(super) async fn hang_up(&mut self) {
        while let Some(talk) = self.queue.take_talk() {
            talk.reply(Err(Unsaid::NotReady));
        }
        if let Some((talk, _)) = self.talks.waiting.take() {
            talk.reply(Err(Unsaid::NotReady));
        }
        for caller in self.talks.open.drain(..) {
            // A caller who has gone needs no answer.
            let _ = caller.send(Err(Unsaid::NotReady));
        }
        self.disengage().await;
    }

    /// The machine has told what an operator asked for.
    pub(super) fn answer_talk(&mut self, said: &Said) {
        let answer = if std::mem::take(&mut self.talks.gives_way) {
            Err(Unsaid::GaveWay)
        } else {
            Ok(said.clone())
        };
        for caller in self.talks.open.drain(..) {
            // As above.
            let _ = caller.send(answer.clone());
        }
    }

    /// The network spoke, or a dialogue is over.
    pub(super) async fn ussd_said(&mut self, answer: UssdAnswer) {
        if !answer.asked {
            let characters = answer.text.as_ref().map_or(0, |text| text.chars().count());
            tracing::info!(line = %self.name, characters, "the network spoke by USSD");
            if let Some(text) = answer.text {
                let at = clock::wall();
                self.board
                    .network_said(&self.name, NetworkSaid { text, at });
            }
            return;
        }
        self.talks.has_menu = answer.state == UssdState::Open;
        self.answer_talk(&Said::Ussd(answer));
        if !self.talks.has_menu {
            self.disengage().await;
        }
    }

    async fn asked(&mut self, talk: Talk) {
        match &talk.ask {
            Ask::Manual(_) if self.talks.is_free() => self.wait_for_line(talk),
            Ask::Ussd(UssdAct::Dial(_)) if self.session.is_none() => {
                talk.reply(Err(Unsaid::NotReady));
            }
            Ask::Ussd(UssdAct::Dial(_)) if self.talks.is_free() => {
                self.wait_for_line(talk);
                self.talks.is_engaged = true;
                self.queue.end_promise();
                self.tell_core_engaged(true).await;
            }
            Ask::Manual(_) | Ask::Ussd(UssdAct::Dial(_)) => talk.reply(Err(Unsaid::Busy)),
            Ask::Ussd(UssdAct::Reply(_)) if self.talks.has_menu && self.talks.open.is_empty() => {
                self.say(talk);
            }
            Ask::Ussd(UssdAct::Reply(_)) => talk.reply(Err(Unsaid::NoMenu)),
            Ask::Ussd(UssdAct::GiveUp) => self.give_up(talk).await,
        }
    }

    fn wait_for_line(&mut self, talk: Talk) {
        self.talks.waiting = Some((talk, Instant::now() + LINE_WAIT_MAX));
    }

    async fn give_up(&mut self, talk: Talk) {
        let dials = |talk: &Talk| matches!(talk.ask, Ask::Ussd(_));
        if let Some((waiting, _)) = self.talks.waiting.take_if(|(waiting, _)| dials(waiting)) {
            waiting.reply(Ok(cancelled()));
            talk.reply(Ok(cancelled()));
            self.disengage().await;
        } else if self.talks.is_engaged {
            self.say(talk);
        } else {
            talk.reply(Err(Unsaid::NoMenu));
        }
    }

    /// A code needs the SIM.
    async fn give_way(&mut self) {
        if let Some((waiting, _)) = self.talks.waiting.take() {
            waiting.reply(Err(Unsaid::GaveWay));
            self.disengage().await;
        } else if !std::mem::replace(&mut self.talks.gives_way, true) {
            tracing::info!(line = %self.name, "a code needs the SIM: its USSD dialogue is broken off");
            self.step(Input::Ussd(UssdAct::GiveUp));
        }
    }

    /// Begins what waits, or gives it up.
    async fn go_on(&mut self) {
        let Some((talk, until)) = &self.talks.waiting else {
            return;
        };
        let is_free = self.in_flight.is_none()
            && self.queue.is_empty()
            && match &talk.ask {
                Ask::Manual(_) => self.machine.is_free_to_command(),
                Ask::Ussd(_) => self.queue.is_promised() && self.machine.is_idle(),
            };
        let is_over = *until <= Instant::now();
        if is_free && let Some((talk, _)) = self.talks.waiting.take() {
            self.say(talk);
        } else if is_over && let Some((talk, _)) = self.talks.waiting.take() {
            talk.reply(Err(Unsaid::Busy));
            self.disengage().await;
        }
    }

    fn say(&mut self, talk: Talk) {
        let Talk { ask, answer } = talk;
        self.talks.open.push(answer);
        self.step(match ask {
            Ask::Ussd(act) => Input::Ussd(act),
            Ask::Manual(command) => Input::Manual(command),
        });
    }

    async fn disengage(&mut self) {
        self.talks.has_menu = false;
        self.talks.gives_way = false;
        if std::mem::take(&mut self.talks.is_engaged) {
            self.queue.end_promise();
            self.tell_core_engaged(false).await;
        }
    }

    async fn tell_core_engaged(&mut self, wanted: bool) {
        let line = self.id;
        // If the core is gone, the daemon is ending.
        let _ = self.events.send(FromLine::Engage { line, wanted }).await;
    }
}

fn cancelled() -> Said {
    Said::Ussd(UssdAnswer {
        text: None,
        state: UssdState::Ended(UssdEnd::Cancelled),
        asked: true,
    })
}

/// How long an operator waits for the line to be free: longer than most sends take, shorter than a person waits.
pub(crate) const LINE_WAIT_MAX: Duration = Duration::from_secs(20);
