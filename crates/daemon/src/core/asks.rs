//! What the rest of the daemon asks of the core, and the handle to ask with.

use gateway::{
    Answer, Control, Input, MessageId, Refusal, ReplyTo, Request, RouteQuery, RouteTrial, Snapshot,
    Target,
};
use sms::Address;
use tokio::sync::{mpsc, oneshot};

use super::CALLS_MAX;

/// One thing asked.
#[derive(Debug)]
pub(crate) enum Ask {
    /// Calls that are answered together, at most [`CALLS_MAX`] of them.
    Calls {
        /// In order.
        calls: Vec<Call>,
        /// Where their answers go, in the same order.
        answers: oneshot::Sender<Vec<Said>>,
    },
    /// Something that has no answer.
    Tell(Input),
    /// How things stand, after the next turn.
    Snapshot(oneshot::Sender<Snapshot>),
    /// What would become of a message, after the next turn.
    Route(RouteQuery, oneshot::Sender<RouteTrial>),
    /// End after the next turn.
    Exit,
}

/// What the gateway says to one call.
pub(crate) type Said = Result<Answer, Refusal>;

/// One call of an app or operator.
#[derive(Debug)]
pub(crate) enum Call {
    /// Accept a message.
    Accept(Box<Request>),
    /// Take a message back.
    Cancel(MessageId),
    /// Put a recipient on the suppression list, or take it off.
    Suppress {
        /// In canonical form.
        recipient: Address,
        /// Whether it is to be on the list.
        suppressed: bool,
        /// Why.
        reason: Option<Box<str>>,
    },
    /// Pause, drain or resume.
    Control {
        /// Which line or SIM.
        target: Target,
        /// What is wanted.
        control: Control,
        /// Why.
        reason: Option<Box<str>>,
    },
}

/// The core has ended: the daemon is about to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the daemon is stopping")]
pub(crate) struct CoreGone;

/// Where to ask; cheap to clone.
#[derive(Clone)]
pub(crate) struct CoreHandle {
    asks: mpsc::Sender<Ask>,
}

impl Call {
    pub(super) fn into_input(self, reply: ReplyTo) -> Input {
        match self {
            Call::Accept(request) => Input::Accept { reply, request },
            Call::Cancel(id) => Input::Cancel { reply, id },
            Call::Suppress {
                recipient,
                suppressed,
                reason,
            } => Input::Suppress {
                reply,
                recipient,
                suppressed,
                reason,
            },
            Call::Control {
                target,
                control,
                reason,
            } => Input::Control {
                reply,
                target,
                control,
                reason,
            },
        }
    }
}

impl CoreHandle {
    pub(crate) fn new(asks: mpsc::Sender<Ask>) -> CoreHandle {
        CoreHandle { asks }
    }

    /// Hands calls over and returns at once when the core has room; the answers come together.
    ///
    /// # Errors
    /// If the core has ended.
    pub(crate) async fn calls(
        &self,
        calls: Vec<Call>,
    ) -> Result<oneshot::Receiver<Vec<Said>>, CoreGone> {
        assert!(calls.len() <= CALLS_MAX, "callers keep to the bound");
        let (answers, receiver) = oneshot::channel();
        self.ask(Ask::Calls { calls, answers }).await?;
        Ok(receiver)
    }

    /// Makes one call and waits for its answer.
    ///
    /// # Errors
    /// If the core has ended.
    pub(crate) async fn call(&self, call: Call) -> Result<Said, CoreGone> {
        let answers = self.calls(vec![call]).await?.await;
        answers
            .ok()
            .and_then(|mut answers| answers.pop())
            .ok_or(CoreGone)
    }

    /// Says something that has no answer.
    ///
    /// # Errors
    /// If the core has ended.
    pub(crate) async fn tell(&self, input: Input) -> Result<(), CoreGone> {
        self.ask(Ask::Tell(input)).await
    }

    /// How things stand now.
    ///
    /// # Errors
    /// If the core has ended.
    pub(crate) async fn snapshot(&self) -> Result<Snapshot, CoreGone> {
        let (sender, receiver) = oneshot::channel();
        self.ask(Ask::Snapshot(sender)).await?;
        receiver.await.map_err(|_| CoreGone)
    }

    /// Which route and SIM would serve a message now, and why no others.
    ///
    /// # Errors
    /// If the core has ended.
    pub(crate) async fn try_route(&self, query: RouteQuery) -> Result<RouteTrial, CoreGone> {
        let (sender, receiver) = oneshot::channel();
        self.ask(Ask::Route(query, sender)).await?;
        receiver.await.map_err(|_| CoreGone)
    }

    /// Ends the core after its next turn.
    pub(crate) async fn exit(&self) {
        // A core that has ended already has nothing left to end.
        let _ = self.ask(Ask::Exit).await;
    }

    async fn ask(&self, ask: Ask) -> Result<(), CoreGone> {
        self.asks.send(ask).await.map_err(|_| CoreGone)
    }
}
