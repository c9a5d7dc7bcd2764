//! The core thread: the one owner of the gateway and the store.
//!
//! ```text
//!  line tasks ──► events ─┐                        ┌─► answers to callers
//!                         ├─► turn (one commit) ───┼─► send queues
//!  API, signals ─► asks ──┘                        └─► metrics, last event number
//! ```
//!
//! It gathers what has come in, takes one turn, and releases what the turn justified: this is the one place where an
//! effect leaves, and it leaves after the commit. A commit blocks this thread, and nothing else lives on it.

mod asks;
mod notices;
mod replies;

use std::collections::HashMap;
use std::sync::Arc;
use std::thread;
use std::time::Instant;

use gateway::{
    Effect, Gateway, HubResult, HubStep, Input, LineId, RouteQuery, RouteTrial, Settings, Store,
    Turn,
};
use modem::Event;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::timeout_at;

use crate::clock;
use crate::line_link::FromLine;
use crate::metrics::{Metrics, Observer};
use crate::send_queue::{Queued, SendQueue};
use replies::Replies;

pub(crate) use asks::{Ask, Call, CoreGone, CoreHandle, Said};

/// A running core.
pub(crate) struct CoreThread<E> {
    /// Where callers ask.
    pub(crate) handle: CoreHandle,
    /// Where lines tell.
    pub(crate) lines: mpsc::Sender<FromLine>,
    /// Number of the last record that is durable.
    pub(crate) last_seq: watch::Receiver<u64>,
    /// True once the gateway is told to stop and nothing is with a line any more.
    pub(crate) drained: watch::Receiver<bool>,
    /// Answers, or is closed, when the thread ends.
    pub(crate) ended: oneshot::Receiver<()>,
    /// The thread and what it ended with.
    pub(crate) thread: thread::JoinHandle<Result<(), E>>,
}

struct Core<S> {
    gateway: Gateway,
    store: S,
    turn: Turn,
    inputs: Vec<Input>,
    queues: HashMap<LineId, Arc<SendQueue>>,
    replies: Replies,
    snapshots: Vec<oneshot::Sender<gateway::Snapshot>>,
    trials: Vec<(RouteQuery, oneshot::Sender<RouteTrial>)>,
    observer: Observer,
    lines: mpsc::Receiver<FromLine>,
    asks: mpsc::Receiver<Ask>,
    hub_orders: mpsc::Sender<Box<str>>,
    last_seq: watch::Sender<u64>,
    drained: watch::Sender<bool>,
    is_leaving: bool,
}

/// Starts the core: it recovers what the store holds, says so by `ready`, and takes turns until it is told to exit. Hubs
/// that are to be reset are named by `hub_orders`, each once until [`Input::HubReset`] says how that went.
///
/// # Errors
/// If the operating system gives no thread.
pub(crate) fn start<S>(
    settings: Settings,
    store: S,
    metrics: Arc<Metrics>,
    ready: oneshot::Sender<()>,
    hub_orders: mpsc::Sender<Box<str>>,
) -> std::io::Result<CoreThread<S::Error>>
where
    S: Store + Send + 'static,
{
    let (ask_sender, asks) = mpsc::channel(ASKS_MAX);
    let (line_sender, lines) = mpsc::channel(LINE_EVENTS_MAX);
    let (last_seq_sender, last_seq) = watch::channel(0);
    let (drained_sender, drained) = watch::channel(false);
    let (ended_sender, ended) = oneshot::channel();
    let core = Core {
        observer: Observer::new(metrics, &settings),
        gateway: Gateway::new(settings),
        store,
        turn: Turn::default(),
        inputs: Vec::with_capacity(TURN_INPUTS_MAX),
        queues: HashMap::new(),
        replies: Replies::default(),
        snapshots: Vec::new(),
        trials: Vec::new(),
        lines,
        asks,
        hub_orders,
        last_seq: last_seq_sender,
        drained: drained_sender,
        is_leaving: false,
    };
    let thread = thread::Builder::new()
        .name("core".to_owned())
        .spawn(move || {
            // Dropped when the thread ends, however it ends.
            let _ended = ended_sender;
            core.run(ready)
        })?;
    let handle = CoreHandle::new(ask_sender);
    Ok(CoreThread {
        handle,
        lines: line_sender,
        last_seq,
        drained,
        ended,
        thread,
    })
}

impl<S: Store> Core<S> {
    fn run(mut self, ready: oneshot::Sender<()>) -> Result<(), S::Error> {
        self.gateway.recover(clock::now(), &mut self.store)?;
        self.last_seq
            .send_replace(self.gateway.snapshot(clock::now()).last_seq);
        // Nobody waits any more if the daemon was told to stop meanwhile.
        let _ = ready.send(());
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .expect("a runtime without I/O needs nothing from the system");
        // Told to exit, it still takes what the lines said before they ended.
        while !self.is_leaving || !self.lines.is_empty() {
            if self.inputs.is_empty() && !self.is_leaving {
                runtime.block_on(self.wait());
            }
            self.gather();
            self.gateway.turn(
                clock::now(),
                &mut self.inputs,
                &mut self.store,
                &mut self.turn,
            )?;
            self.release();
        }
        Ok(())
    }

    /// Waits for the first thing to do: something came in, or the gateway's deadline passed.
    async fn wait(&mut self) {
        let deadline = self.gateway.deadline().map(|(at, _)| at);
        let (lines, asks) = (&mut self.lines, &mut self.asks);
        let first = async {
            tokio::select! {
                biased;
                Some(event) = lines.recv() => First::Line(event),
                ask = asks.recv() => First::Ask(ask),
            }
        };
        let first = match deadline {
            Some(at) if at <= Instant::now() => return,
            Some(at) => match timeout_at(at.into(), first).await {
                Ok(first) => first,
                Err(_) => return,
            },
            None => first.await,
        };
        match first {
            First::Line(event) => self.take_event(event),
            First::Ask(Some(ask)) => self.take_ask(ask),
            First::Ask(None) => self.is_leaving = true,
        }
    }

    /// Takes what else has come in, up to the size of a turn; lines first, since a free SIM waits for the turn they begin.
    fn gather(&mut self) {
        while self.inputs.len() < TURN_EVENTS_MAX {
            let Ok(event) = self.lines.try_recv() else {
                break;
            };
            self.take_event(event);
        }
        while self.inputs.len() + CALLS_MAX <= TURN_INPUTS_MAX && !self.is_leaving {
            let Ok(ask) = self.asks.try_recv() else { break };
            self.take_ask(ask);
        }
    }

    fn take_event(&mut self, event: FromLine) {
        match event {
            FromLine::Added { line, name, queue } => {
                self.queues.insert(line, queue);
                self.inputs.push(Input::LineAdded { line, name });
            }
            FromLine::Placed { line, hub } => self.inputs.push(Input::LinePlaced { line, hub }),
            FromLine::Event { line, event } => self.inputs.push(Input::Line { line, event }),
            FromLine::Pin(wish) => self.inputs.push(Input::Pin(wish)),
            FromLine::Engage { line, wanted } => self.inputs.push(Input::Engage { line, wanted }),
            FromLine::Gone { line } => {
                self.recall(line);
                self.queues.remove(&line);
            }
        }
    }

    fn take_ask(&mut self, ask: Ask) {
        match ask {
            Ask::Calls { calls, answers } => {
                let mut places = self.replies.expect(calls.len(), answers);
                for call in calls {
                    let reply = places.next().expect("one place per call");
                    self.inputs.push(call.into_input(reply));
                }
            }
            Ask::Tell(Input::Reload(settings)) => {
                self.observer.reload(&settings);
                self.inputs.push(Input::Reload(settings));
            }
            Ask::Tell(input) => self.inputs.push(input),
            Ask::Snapshot(to) => self.snapshots.push(to),
            Ask::Route(query, to) => self.trials.push((query, to)),
            Ask::Exit => self.is_leaving = true,
        }
    }

    /// Lets out what the turn justified, now that it is durable.
    fn release(&mut self) {
        if let Some(last) = self.turn.entries.last() {
            self.last_seq.send_replace(last.seq);
        }
        for effect in std::mem::take(&mut self.turn.effects) {
            match effect {
                Effect::Reply { to, answer } => self.replies.answer(to, answer),
                Effect::Submit {
                    line,
                    submission,
                    not_after,
                } => {
                    let ticket = submission.ticket;
                    match self.queues.get(&line) {
                        Some(queue) => queue.push(Queued {
                            submission,
                            not_after,
                        }),
                        // The line ended between two turns: what is for it comes back untouched.
                        None => self.inputs.push(returned(line, ticket)),
                    }
                }
                Effect::Pin { line, number, go } => {
                    // A line that has ended gives no PIN.
                    if let Some(queue) = self.queues.get(&line) {
                        queue.answer_pin(number, go);
                    }
                }
                Effect::Recall { line } => self.recall(line),
                Effect::Engaged { line } => self.ring(line, SendQueue::promise),
                Effect::GiveWay { line } => self.ring(line, SendQueue::ask_way),
                Effect::CheckSim { line } => self.ring(line, SendQueue::ask_sim_check),
                Effect::Hub { hub, step } => self.hub_step(hub, step),
                Effect::Trust { line, trust } => notices::log_trust(&line, &trust),
            }
        }
        self.observer.observe(&self.turn.entries);
        notices::log_records(&self.turn.entries);
        if !self.snapshots.is_empty() {
            let snapshot = self.gateway.snapshot(clock::now());
            for to in self.snapshots.drain(..) {
                // A caller who has gone needs no answer.
                let _ = to.send(snapshot.clone());
            }
        }
        for (query, to) in self.trials.drain(..) {
            // As above.
            let _ = to.send(self.gateway.try_route(clock::now(), &query));
        }
        let is_drained = self.gateway.is_drained() && self.inputs.is_empty();
        self.drained
            .send_if_modified(|drained| std::mem::replace(drained, is_drained) != is_drained);
    }

    /// Says something to a line; one that has ended needs to hear nothing.
    fn ring(&self, line: LineId, say: fn(&SendQueue)) {
        if let Some(queue) = self.queues.get(&line) {
            say(queue);
        }
    }

    /// Tells people what becomes of a hub, and whoever runs its command that it is time.
    fn hub_step(&mut self, hub: Box<str>, step: HubStep) {
        match step {
            HubStep::Drain(why) => tracing::warn!(%hub, %why, "the hub's lines get no new parts"),
            HubStep::Spare => tracing::info!(%hub, "the hub's lines came back: it is not reset"),
            HubStep::Reset(why) => {
                tracing::warn!(%hub, %why, "resetting the hub");
                if let Err(refused) = self.hub_orders.try_send(hub) {
                    let hub = refused.into_inner();
                    let result = HubResult::Failed;
                    self.inputs.push(Input::HubReset { hub, result });
                }
            }
        }
    }

    /// Takes back what waits in a line's send queue.
    fn recall(&mut self, line: LineId) {
        let Some(queue) = self.queues.get(&line) else {
            return;
        };
        while let Some(queued) = queue.pop() {
            self.inputs.push(returned(line, queued.submission.ticket));
        }
    }
}

enum First {
    Line(FromLine),
    Ask(Option<Ask>),
}

fn returned(line: LineId, ticket: modem::Ticket) -> Input {
    Input::Line {
        line,
        event: Event::Returned { ticket },
    }
}

/// Inputs of one turn: enough to share the commit among a burst, few enough that the commit takes milliseconds.
pub(crate) const TURN_INPUTS_MAX: usize = 512;

/// Of these, how many may be events of lines: each frees a SIM for a new part, so that they make a turn long, and callers
/// are to get their share.
const TURN_EVENTS_MAX: usize = 192;

/// Calls of one [`Ask::Calls`].
pub(crate) const CALLS_MAX: usize = 64;

/// Asks that wait for the core; beyond, callers wait for a place.
const ASKS_MAX: usize = 256;

/// Events that wait for the core: two of each line at the largest fleet; beyond, lines wait for a place.
const LINE_EVENTS_MAX: usize = 1024;

const _: () = assert!(TURN_EVENTS_MAX + CALLS_MAX <= TURN_INPUTS_MAX);

#[cfg(test)]
mod tests;
