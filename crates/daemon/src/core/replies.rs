//! Who waits for which answers: calls that came together are answered together.

use std::collections::HashMap;

use gateway::ReplyTo;
use tokio::sync::oneshot;

use super::{CALLS_MAX, Said};

/// All callers who wait. Bounded by the inputs that the gateway has not answered: it answers each in its own turn.
#[derive(Default)]
pub(super) struct Replies {
    waiting: HashMap<u64, Waiting>,
    next: u64,
}

struct Waiting {
    said: Vec<Option<Said>>,
    missing: usize,
    to: oneshot::Sender<Vec<Said>>,
}

impl Replies {
    /// Expects `count` answers, and names their places.
    pub(super) fn expect(
        &mut self,
        count: usize,
        to: oneshot::Sender<Vec<Said>>,
    ) -> impl Iterator<Item = ReplyTo> + use<> {
        let call = self.next;
        self.next += 1;
        let said = std::iter::repeat_with(|| None).take(count).collect();
        self.waiting.insert(
            call,
            Waiting {
                said,
                missing: count,
                to,
            },
        );
        (0..count as u64).map(move |place| ReplyTo(call * PLACES + place))
    }

    /// Puts an answer in its place, and sends the answers when all are there.
    pub(super) fn answer(&mut self, reply: ReplyTo, said: Said) {
        let (call, place) = (reply.0 / PLACES, (reply.0 % PLACES) as usize);
        let Some(waiting) = self.waiting.get_mut(&call) else {
            tracing::error!("an answer that nobody waits for: a fault of the gateway");
            return;
        };
        if waiting.said[place].replace(said).is_none() {
            waiting.missing -= 1;
        }
        if waiting.missing == 0
            && let Some(done) = self.waiting.remove(&call)
        {
            // A caller who has gone needs no answer; what was accepted stays accepted.
            let _ = done.to.send(done.said.into_iter().flatten().collect());
        }
    }
}

/// Places in a call's numbering.
const PLACES: u64 = 256;

const _: () = assert!(CALLS_MAX as u64 <= PLACES);
