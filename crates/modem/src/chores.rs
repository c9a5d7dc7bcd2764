//! What an idle line does between sends: it reads and deletes stored messages, polls, and watches its own settings.
//!
//! Two rows of chores. Those of the store go first, and one of them goes before the next send even on a busy line, since a
//! full store stops reception and sometimes sending. Polls run only when the line has been idle for a while. A chore is
//! one command, with a `+CPMS` before it if it means another store. Each waits for a wake-up, so that a message that came
//! meanwhile goes first.

use std::collections::VecDeque;
use std::time::Instant;

use crate::command::Command::{Execute, Read, Set, SetNumber};
use crate::init::answers::{iccid_of, read_operator, same_indications};
use crate::init::script::{ICCID_QUERIES, READ_INDICATIONS, READ_OPERATOR};
use crate::known::{ExtendedSignal, Known};
use crate::result::Final;
use crate::timing::{
    ACKNOWLEDGE, CHORES_MAX, DELETE_ONE, HANG_UP, HUNG_UP, MUTE_POLLS_MAX, NO_NETWORK_PAUSE, POLL,
    POLL_AFTER_SEND, READ_ALL, READ_ONE, SETTING, STORAGE, SWEEP_MAX, WATCH_ROUNDS,
};
use crate::wire::{Query, Reply, Wire};
use crate::{Domain, Effect, HangUp, Memory};

/// One thing to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Chore {
    /// Acknowledge a message or report that was routed to us (3GPP TS 27.005 §3.4.4): the modem routes no other before,
    /// and after 12 to 20 s (TR2M) none at all.
    Acknowledge { since: Instant },
    /// Reject a call: on GSM it keeps the radio from sending.
    HangUp,
    /// Look whether the SIM is still the same.
    CheckSim,
    /// Read one stored message.
    Fetch(Memory, u16),
    /// Delete one message that was read.
    Delete(Memory, u16),
    /// Read all stored messages.
    Sweep,
    /// Read all stored reports: what came while nobody listened was announced to nobody.
    SweepReports,
    /// Poll the signal.
    Signal,
    /// Poll the signal where `+CSQ` does not tell it.
    ExtendedSignal,
    /// Poll the registration, which may have changed without a word.
    Registration(Domain),
    /// Look whether reports are still routed to us.
    Indications,
    /// Look whose network it is.
    Operator,
}

/// What the end of a chore means for the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Nothing; it goes on.
    Fine,
    /// There is another SIM in the modem, or none.
    OtherSim,
    /// The modem lost its settings.
    LostSettings,
    /// The SIM is in another network.
    OtherNetwork,
    /// A call was rejected.
    CallRejected,
    /// The modem did not answer.
    Mute,
}

/// The chores of a line.
#[derive(Debug)]
pub(crate) struct Chores {
    store: VecDeque<Chore>,
    polls: VecDeque<Chore>,
    running: Option<Running>,
    /// When the next chore that waits may begin.
    due: Instant,
    next_poll: Instant,
    rounds: u32,
    /// When the last call was rejected.
    hung_up: Option<Instant>,
    /// The poll that had no answer, and how often in a row.
    mute: Option<(Chore, u8)>,
    /// Polls that this modem does not answer.
    left_out: Vec<Chore>,
}

#[derive(Clone, Copy, Debug)]
struct Running {
    chore: Chore,
    /// The `+CPMS` before it runs.
    selecting: Option<Memory>,
    /// A message came in answer.
    found: bool,
}

impl Chores {
    /// The chores of a line that is not ready yet.
    pub(crate) fn new(now: Instant) -> Chores {
        Chores {
            store: VecDeque::new(),
            polls: VecDeque::new(),
            running: None,
            due: now,
            next_poll: now + POLL,
            rounds: 0,
            hung_up: None,
            mute: None,
            left_out: Vec::new(),
        }
    }

    /// A session begins now; messages found while initialising stay to be deleted, and stored reports are read.
    pub(crate) fn begin(&mut self, now: Instant, known: &Known) {
        if known.stores_reports && !self.store.contains(&Chore::SweepReports) {
            self.due = now;
            self.store.push_back(Chore::SweepReports);
        }
        self.polls.clear();
        self.running = None;
        self.next_poll = now + POLL;
        self.rounds = 0;
        self.mute = None;
        self.left_out.clear();
    }

    /// The SIM may be another one: what waited meant the stores of the old one.
    pub(crate) fn forget(&mut self) {
        self.interrupt();
        self.store.clear();
    }

    /// The phase was left: the running command is nobody's now.
    pub(crate) fn interrupt(&mut self) {
        self.running = None;
        self.polls.clear();
    }

    /// A message lies in a store; without an index all of it is read.
    pub(crate) fn stored(&mut self, now: Instant, memory: Memory, index: Option<u16>) {
        self.due = now;
        let chore = index.map_or(Chore::Sweep, |index| Chore::Fetch(memory, index));
        if self.store.contains(&chore) || self.store.contains(&Chore::Sweep) {
            return;
        }
        if self.store.len() < CHORES_MAX {
            self.store.push_back(chore);
            return;
        }
        self.store
            .retain(|chore| !matches!(chore, Chore::Fetch(..)));
        self.store.push_back(Chore::Sweep);
    }

    /// A listed message was read: it can be deleted.
    pub(crate) fn listed(&mut self, now: Instant, memory: Memory, index: u16) {
        self.due = now;
        let chore = Chore::Delete(memory, index);
        if self.store.len() < SWEEP_MAX && !self.store.contains(&chore) {
            self.store.push_back(chore);
        }
    }

    /// A message came in answer to the running chore.
    pub(crate) fn found(&mut self) {
        if let Some(running) = &mut self.running {
            running.found = true;
        }
    }

    /// Whether a list of the store is coming in.
    pub(crate) fn is_sweeping(&self) -> bool {
        self.running
            .is_some_and(|running| matches!(running.chore, Chore::Sweep | Chore::SweepReports))
    }

    /// The SIM must be looked at before the next send.
    pub(crate) fn check_sim(&mut self, now: Instant) {
        self.due = now;
        if !self.store.contains(&Chore::CheckSim) {
            self.store.push_front(Chore::CheckSim);
        }
    }

    /// The modem answers again. Whatever it said of its SIM meanwhile was not heard, so it is asked, unless that was the
    /// question that it did not answer.
    pub(crate) fn recovered(&mut self, now: Instant) {
        if self.mute.is_none_or(|(chore, _)| chore != Chore::CheckSim) {
            self.check_sim(now);
        }
    }

    /// Whether something must be done before the next send.
    pub(crate) fn is_urgent(&self) -> bool {
        matches!(
            self.store.front(),
            Some(Chore::CheckSim | Chore::Acknowledge { .. } | Chore::HangUp)
        )
    }

    /// A call comes in: it is rejected as soon as no command runs. It rings again until then, and perhaps once after.
    pub(crate) fn ring(&mut self, now: Instant) {
        let is_hanging_up = self.store.contains(&Chore::HangUp)
            || self
                .running
                .is_some_and(|running| running.chore == Chore::HangUp);
        let is_over = self.hung_up.is_some_and(|at| now < at + HUNG_UP);
        if !is_hanging_up && !is_over {
            self.due = now;
            self.store.push_front(Chore::HangUp);
        }
    }

    /// A message or report was routed to us: it is acknowledged as soon as no command runs.
    pub(crate) fn acknowledge(&mut self, now: Instant) {
        self.due = now;
        self.store.push_front(Chore::Acknowledge { since: now });
    }

    /// A send ended: the polls wait, lest they come between the parts of a message.
    pub(crate) fn postpone(&mut self, now: Instant) {
        self.polls.clear();
        self.next_poll = self.next_poll.max(now + POLL_AFTER_SEND);
    }

    /// The registration is in doubt: it is polled soon and often.
    pub(crate) fn hurry(&mut self, now: Instant) {
        self.next_poll = self.next_poll.min(now + NO_NETWORK_PAUSE);
    }

    /// When the next chore is due.
    pub(crate) fn deadline(&self) -> Instant {
        if self.store.is_empty() && self.polls.is_empty() {
            self.next_poll
        } else {
            self.due
        }
    }

    /// Begins a chore of the store, if there is one.
    pub(crate) fn begin_store(
        &mut self,
        now: Instant,
        known: &Known,
        wire: &mut Wire,
        out: &mut Vec<Effect>,
    ) {
        if let Some(chore) = self.store.pop_front() {
            self.begin_chore(now, chore, known, wire, out);
        }
    }

    /// Begins the next chore, if one waits or the time for polls has come. `registered` says whether the registration
    /// is in order.
    pub(crate) fn begin_due(
        &mut self,
        now: Instant,
        registered: bool,
        known: &Known,
        wire: &mut Wire,
        out: &mut Vec<Effect>,
    ) {
        if now < self.deadline() {
            return;
        }
        if now >= self.next_poll {
            self.fill_polls(now, registered, known);
        }
        if let Some(chore) = self.store.pop_front().or_else(|| self.polls.pop_front()) {
            self.begin_chore(now, chore, known, wire, out);
        }
    }

    /// The running chore's command ended.
    pub(crate) fn answered(
        &mut self,
        now: Instant,
        reply: &Reply,
        known: &mut Known,
        wire: &mut Wire,
        out: &mut Vec<Effect>,
    ) -> Verdict {
        let Some(running) = self.running.take() else {
            return Verdict::Fine;
        };
        self.due = now;
        self.note_mute(running.chore, reply.result.is_none());
        if reply.result.is_none() {
            return Verdict::Mute;
        }
        if let Some(memory) = running.selecting {
            if reply.is_ok() {
                known.selected = memory;
                self.begin_chore(now, running.chore, known, wire, out);
            }
            return Verdict::Fine;
        }
        match running.chore {
            Chore::Fetch(memory, index) if reply.is_ok() && running.found => {
                self.store.push_front(Chore::Delete(memory, index));
            }
            Chore::CheckSim => return check_sim(known, reply),
            Chore::HangUp => {
                self.hung_up = Some(now);
                if reply.is_ok() {
                    return Verdict::CallRejected;
                }
            }
            Chore::Indications if lost_indications(known, reply) => return Verdict::LostSettings,
            Chore::Operator if reply.is_ok() && read_operator(known, reply) => {
                return Verdict::OtherNetwork;
            }
            // Too late, and the modem has given up routing: look at once, not at the next watch.
            Chore::Acknowledge { since } if since + ACKNOWLEDGE <= now => {
                self.store.push_front(Chore::Indications);
            }
            Chore::Fetch(..) | Chore::Delete(..) | Chore::Sweep | Chore::SweepReports => {}
            Chore::Signal | Chore::Registration(_) | Chore::Indications => {}
            Chore::ExtendedSignal if !reply.is_ok() => {
                known.extended_signal = ExtendedSignal::Refused;
            }
            Chore::Operator | Chore::Acknowledge { .. } | Chore::ExtendedSignal => {}
        }
        Verdict::Fine
    }

    /// How many wait.
    #[cfg(test)]
    pub(crate) fn waiting(&self) -> usize {
        self.store.len() + self.polls.len()
    }

    fn fill_polls(&mut self, now: Instant, registered: bool, known: &Known) {
        self.polls.clear();
        if !registered {
            self.next_poll = now + NO_NETWORK_PAUSE;
            let domains = &known.profile.network.registration;
            self.polls
                .extend(domains.iter().copied().map(Chore::Registration));
            return;
        }
        self.next_poll = now + POLL;
        self.rounds = self.rounds.wrapping_add(1);
        self.fill_round(known);
        let left_out = &self.left_out;
        self.polls.retain(|poll| !left_out.contains(poll));
    }

    fn fill_round(&mut self, known: &Known) {
        self.polls.push_back(Chore::Signal);
        if known.extended_signal == ExtendedSignal::Wanted {
            self.polls.push_back(Chore::ExtendedSignal);
        }
        self.polls
            .push_back(Chore::Registration(known.registration.domain()));
        if self.rounds % WATCH_ROUNDS == 1 {
            self.polls.push_back(Chore::Operator);
        }
        if self.rounds.is_multiple_of(WATCH_ROUNDS) {
            self.polls.push_back(Chore::CheckSim);
            // What was stored without a word, or could not be read.
            self.polls.push_back(Chore::Sweep);
            if known.stores_reports {
                self.polls.push_back(Chore::SweepReports);
            }
            if !known.indications.is_empty() {
                self.polls.push_back(Chore::Indications);
            }
        }
    }

    /// A poll without an answer costs a resynchronisation each time: one that never has one is left out.
    fn note_mute(&mut self, chore: Chore, is_mute: bool) {
        let in_row = match self.mute {
            Some((before, in_row)) if before == chore => in_row,
            Some(_) | None => 0,
        };
        if is_mute {
            self.mute = Some((chore, in_row + 1));
            if in_row + 1 >= MUTE_POLLS_MAX && chore.is_poll() {
                self.left_out.push(chore);
                self.mute = None;
            }
        } else if in_row > 0 {
            self.mute = None;
        }
    }

    fn begin_chore(
        &mut self,
        now: Instant,
        chore: Chore,
        known: &Known,
        wire: &mut Wire,
        out: &mut Vec<Effect>,
    ) {
        let selecting = chore
            .memory(known)
            .filter(|&memory| memory != known.selected);
        let query = match selecting {
            Some(memory) => Query::plain(Set("+CPMS", memory.parameter()), STORAGE),
            None => chore.query(known),
        };
        self.running = Some(Running {
            chore,
            selecting,
            found: false,
        });
        wire.ask(now, &query, out);
    }
}

impl Chore {
    fn query(self, known: &Known) -> Query<'static> {
        match self {
            Chore::CheckSim => ICCID_QUERIES[known.iccid_query],
            Chore::Fetch(_, index) => Query::plain(SetNumber("+CMGR", index), READ_ONE),
            Chore::Delete(_, index) => Query::plain(SetNumber("+CMGD", index), DELETE_ONE),
            Chore::Sweep | Chore::SweepReports => Query::plain(Set("+CMGL", "4"), READ_ALL),
            Chore::Signal => Query::plain(Execute("+CSQ"), SETTING),
            Chore::ExtendedSignal => Query::plain(Execute("+CESQ"), SETTING),
            Chore::Registration(domain) => Query::plain(Read(domain.command()), SETTING),
            Chore::Indications => READ_INDICATIONS,
            Chore::Operator => READ_OPERATOR,
            Chore::Acknowledge { .. } => Query::plain(Set("+CNMA", "0"), SETTING),
            Chore::HangUp => {
                let command = match known.profile.calls.hang_up {
                    HangUp::Hook | HangUp::Never => "H",
                    HangUp::Chup => "+CHUP",
                };
                // Some say so in place of OK.
                Query::named(Execute(command), &["NO CARRIER"], HANG_UP)
            }
        }
    }

    /// Whether it only looks at what the modem may tell by itself.
    fn is_poll(self) -> bool {
        match self {
            Chore::Signal | Chore::ExtendedSignal | Chore::Operator | Chore::Indications => true,
            Chore::CheckSim | Chore::Fetch(..) | Chore::Delete(..) => false,
            Chore::Sweep | Chore::SweepReports => false,
            Chore::Registration(_) | Chore::Acknowledge { .. } | Chore::HangUp => false,
        }
    }

    /// The store it means.
    fn memory(self, known: &Known) -> Option<Memory> {
        match self {
            Chore::Fetch(memory, _) | Chore::Delete(memory, _) => Some(memory),
            Chore::Sweep => Some(known.home),
            Chore::SweepReports => Some(Memory::Reports),
            Chore::CheckSim | Chore::Signal | Chore::Registration(_) | Chore::Indications => None,
            Chore::Operator | Chore::Acknowledge { .. } | Chore::ExtendedSignal => None,
            Chore::HangUp => None,
        }
    }
}

/// Only another ICCID or a plain "no SIM" is proof: a busy SIM answers nonsense for a while.
fn check_sim(known: &Known, reply: &Reply) -> Verdict {
    let gone = matches!(
        reply.result,
        Some(Final::Cme(10 | 13 | 15) | Final::Cms(310 | 313 | 315))
    );
    let other = iccid_of(known.iccid_query, reply)
        .is_some_and(|found| known.iccid.as_ref() != Some(&found));
    if gone || other {
        Verdict::OtherSim
    } else {
        Verdict::Fine
    }
}

fn lost_indications(known: &Known, reply: &Reply) -> bool {
    reply.is_ok() && !reply.text.is_empty() && !same_indications(&reply.text, &known.indications)
}
