//! What the daemon says of each message, held against the ledger: with a scenario not every message can be sent, and
//! what counts is that nothing untrue is said.
//!
//! A message whose end the daemon does not know (`unconfirmed`, `in_doubt`) is neither sent nor not sent.

use std::collections::HashMap;
use std::time::Duration;

use hw_sim::{Accepted, LedgerEntry, LedgerEvent};

use super::hand_over::Handed;
use super::verdict::Run;

/// How it compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Said {
    /// Said to be sent, and not whole on the air.
    pub(super) lost: u64,
    /// Said not to be sent, and whole on the air.
    pub(super) wrongly_not_sent: u64,
    /// Accepted, and nothing is said of them.
    pub(super) forgotten: u64,
    /// Said to be queued or being sent when all is over.
    pub(super) never_ended: u64,
    /// Said to have failed, and the network saw no part of them.
    pub(super) failed_untried: u64,
    /// Said to have expired, the network saw no part of them, and most of the radios' time was free.
    pub(super) expired_idle: u64,
}

impl Said {
    pub(super) fn of(run: &Run, told: &HashMap<String, String>) -> Said {
        let mut of_state: HashMap<&str, Vec<&Handed>> = HashMap::new();
        let mut forgotten = 0;
        for one in &run.handed.accepted {
            // The demonstration gives every message a key.
            match one.key.as_ref().and_then(|key| told.get(key)) {
                Some(state) => of_state.entry(state).or_default().push(one),
                None => forgotten += 1,
            }
        }
        let in_states = |states: &[&str]| -> Vec<&Handed> {
            let lists = states.iter().filter_map(|state| of_state.get(state));
            lists.flatten().copied().collect()
        };
        let compared = |states: &[&str]| {
            let accepted = in_states(states).into_iter().map(|one| Accepted {
                to: one.to.clone(),
                text: one.text.clone(),
            });
            hw_sim::audit::compare(&run.entries, &accepted.collect::<Vec<_>>())
        };
        let seen = Seen::of(&run.entries);
        let untried = |state| in_states(&[state]).into_iter().filter(|one| !seen.has(one));
        let radios = FreeRadios::of(run);
        Said {
            lost: compared(&["sent", "delivered", "undelivered"]).lost,
            wrongly_not_sent: compared(&["failed", "expired", "cancelled"]).complete,
            forgotten,
            never_ended: in_states(&["queued", "sending"]).len() as u64,
            failed_untried: untried("failed").count() as u64,
            expired_idle: untried("expired")
                .filter(|one| radios.were_free(one))
                .count() as u64,
        }
    }
}

/// Parts that the network took or refused, by recipient.
struct Seen<'a>(HashMap<&'a str, Vec<&'a str>>);

impl Seen<'_> {
    fn of(entries: &[LedgerEntry]) -> Seen<'_> {
        let mut parts: HashMap<&str, Vec<&str>> = HashMap::new();
        for entry in entries {
            let is_try = matches!(entry.event, LedgerEvent::Submit | LedgerEvent::Refuse);
            if let (true, Some(text)) = (is_try, entry.text.as_deref()) {
                parts.entry(&entry.to).or_default().push(text);
            }
        }
        Seen(parts)
    }

    fn has(&self, message: &Handed) -> bool {
        let parts = self.0.get(message.to.as_str());
        parts.is_some_and(|parts| parts.iter().any(|part| message.text.contains(part)))
    }
}

/// How busy the radios were, second by second.
struct FreeRadios {
    /// Radio time of all lines in each second since the simulator started.
    busy: Vec<Duration>,
    lines: u32,
    /// How long messages are worth sending.
    deadline: Duration,
}

impl FreeRadios {
    fn of(run: &Run) -> FreeRadios {
        let mut busy = Vec::new();
        for entry in &run.entries {
            let Some(busy_ms) = entry.busy_ms else {
                continue;
            };
            let end_ms = entry.t_ms as f64;
            let mut from_ms = (end_ms - busy_ms).max(0.0);
            while from_ms < end_ms {
                let second = (from_ms / 1e3).floor();
                let until_ms = ((second + 1.0) * 1e3).min(end_ms);
                let place = second as usize;
                if busy.len() <= place {
                    busy.resize(place + 1, Duration::ZERO);
                }
                busy[place] += Duration::from_secs_f64((until_ms - from_ms) / 1e3);
                from_ms = until_ms;
            }
        }
        FreeRadios {
            busy,
            lines: u32::from(run.settings.lines),
            deadline: run.settings.deadline().unwrap_or(run.elapsed),
        }
    }

    /// Whether in the time in which it could have been sent more than half of all radio time was free.
    fn were_free(&self, message: &Handed) -> bool {
        let from = message.accepted_at.as_secs();
        let until = (message.accepted_at + self.deadline)
            .as_secs()
            .max(from + 1);
        let span = usize::try_from(from).unwrap_or(usize::MAX)
            ..usize::try_from(until).unwrap_or(usize::MAX);
        let used: Duration = self.busy.iter().take(span.end).skip(span.start).sum();
        let all = Duration::from_secs(until - from) * self.lines;
        used * 2 < all
    }
}
