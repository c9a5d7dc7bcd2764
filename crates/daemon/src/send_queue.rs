//! The bounded lock-free queue between the core and one line, and the bell that wakes the line's task.
//!
//! The core pushes, the line's task pops; when a line is down the core pops too, to take back what was not started.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::time::Instant;

use crossbeam::queue::ArrayQueue;
use gateway::SEND_QUEUE_DEPTH;
use modem::{Rung, Submission};
use tokio::sync::Notify;

use crate::talk::Talk;

/// What the core and the operators want of one line.
pub(crate) struct SendQueue {
    slots: ArrayQueue<Queued>,
    bell: Notify,
    /// What operators ask of the line.
    talks: ArrayQueue<Talk>,
    /// The rung by which an operator wants the modem brought back, as soon as nothing is on its way: its place in
    /// [`Rung::ALL`] from 1, or 0.
    reset: AtomicU8,
    /// End the task, as soon as nothing is on its way.
    retire: AtomicBool,
    /// What the core said to a wish to give a PIN: its number, shifted, and whether to go; 0 is nothing.
    pin_word: AtomicU64,
    /// Nothing new is pushed until the dialogue that was asked for is over.
    promised: AtomicBool,
    /// A code needs the SIM: end the dialogue.
    give_way: AtomicBool,
    /// Another line tells the SIM of this one.
    check_sim: AtomicBool,
    /// The port is back: do not wait for the end of the back-off.
    port_is_back: AtomicBool,
}

/// A submission in the queue.
#[derive(Debug, PartialEq)]
pub(crate) struct Queued {
    pub(crate) submission: Submission,
    /// If it has not been started by then, it is returned.
    pub(crate) not_after: Instant,
}

impl SendQueue {
    pub(crate) fn new() -> SendQueue {
        SendQueue {
            slots: ArrayQueue::new(SEND_QUEUE_DEPTH),
            bell: Notify::new(),
            talks: ArrayQueue::new(TALKS_MAX),
            reset: AtomicU8::new(0),
            retire: AtomicBool::new(false),
            pin_word: AtomicU64::new(0),
            promised: AtomicBool::new(false),
            give_way: AtomicBool::new(false),
            check_sim: AtomicBool::new(false),
            port_is_back: AtomicBool::new(false),
        }
    }

    /// The line is to look whether its SIM is still there.
    pub(crate) fn ask_sim_check(&self) {
        self.check_sim.store(true, Ordering::Release);
        self.bell.notify_one();
    }

    /// Whether it is. Forgets it.
    pub(crate) fn take_sim_check(&self) -> bool {
        self.check_sim.swap(false, Ordering::AcqRel)
    }

    /// Adds a submission.
    ///
    /// # Panics
    /// If the queue is full: the gateway counts credits, so that is a bug.
    pub(crate) fn push(&self, queued: Queued) {
        let pushed = self.slots.push(queued);
        assert!(
            pushed.is_ok(),
            "a send queue is full though the gateway counts its credits"
        );
        self.bell.notify_one();
    }

    pub(crate) fn pop(&self) -> Option<Queued> {
        self.slots.pop()
    }

    /// Waits until something may have changed. A ring while nobody waits is kept. Cancel-safe.
    pub(crate) async fn rung(&self) {
        self.bell.notified().await;
    }

    pub(crate) fn ask_reset(&self, rung: Rung) {
        let at = Rung::ALL.iter().position(|known| *known == rung);
        let word = at.and_then(|at| u8::try_from(at + 1).ok());
        self.reset.store(word.unwrap_or(0), Ordering::Release);
        self.bell.notify_one();
    }

    /// Says whether the PIN of this wish may be given. The line has one wish at a time.
    pub(crate) fn answer_pin(&self, number: u32, go: bool) {
        let word = (u64::from(number) << 2) | (u64::from(go) << 1) | 1;
        self.pin_word.store(word, Ordering::Release);
        self.bell.notify_one();
    }

    /// The core's word on a PIN: which wish, and whether it may be given. Forgets it.
    pub(crate) fn take_pin_word(&self) -> Option<(u32, bool)> {
        let word = self.pin_word.swap(0, Ordering::AcqRel);
        let number = u32::try_from(word >> 2).expect("a number of 32 bits was put in");
        (word != 0).then_some((number, word & 2 != 0))
    }

    /// Asks something of the line; gives it back if others have asked already.
    pub(crate) fn push_talk(&self, talk: Talk) -> Result<(), Talk> {
        self.talks.push(talk)?;
        self.bell.notify_one();
        Ok(())
    }

    pub(crate) fn take_talk(&self) -> Option<Talk> {
        self.talks.pop()
    }

    /// Whether nothing waits. What comes after is seen by the next look.
    pub(crate) fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// Promises that nothing new is pushed until the dialogue is over.
    pub(crate) fn promise(&self) {
        // What was meant for the dialogue before is over with it.
        self.give_way.store(false, Ordering::Release);
        self.promised.store(true, Ordering::Release);
        self.bell.notify_one();
    }

    /// Whether nothing new is pushed.
    pub(crate) fn is_promised(&self) -> bool {
        self.promised.load(Ordering::Acquire)
    }

    /// A code needs the SIM of the dialogue.
    pub(crate) fn ask_way(&self) {
        self.give_way.store(true, Ordering::Release);
        self.bell.notify_one();
    }

    /// Whether the dialogue has to give way.
    pub(crate) fn is_way_asked(&self) -> bool {
        self.give_way.load(Ordering::Acquire)
    }

    /// The dialogue is over.
    pub(crate) fn end_promise(&self) {
        self.promised.store(false, Ordering::Release);
        self.give_way.store(false, Ordering::Release);
    }

    pub(crate) fn ask_retire(&self) {
        self.retire.store(true, Ordering::Release);
        self.bell.notify_one();
    }

    pub(crate) fn tell_port_is_back(&self) {
        self.port_is_back.store(true, Ordering::Release);
        self.bell.notify_one();
    }

    pub(crate) fn is_reset_asked(&self) -> bool {
        self.reset.load(Ordering::Acquire) != 0
    }

    /// The rung that an operator asked for; forgets it.
    pub(crate) fn take_reset(&self) -> Option<Rung> {
        let word = self.reset.swap(0, Ordering::AcqRel);
        Rung::ALL.get(usize::from(word).checked_sub(1)?).copied()
    }

    pub(crate) fn is_retire_asked(&self) -> bool {
        self.retire.load(Ordering::Acquire)
    }

    /// Whether the port came back; forgets it.
    pub(crate) fn take_port_is_back(&self) -> bool {
        self.port_is_back.swap(false, Ordering::AcqRel)
    }
}

impl fmt::Debug for SendQueue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SendQueue({} of {SEND_QUEUE_DEPTH})", self.slots.len())
    }
}

/// One operator asks, another one gives it up.
const TALKS_MAX: usize = 2;
