//! What became of accepted messages: the daemon's story of each, held against what the network saw.
//!
//! The ledger is right and the daemon may be wrong. A message is judged by its recipient, so every message of a test has
//! one of its own.

use std::collections::HashMap;

use client::{EventView, MessageRequest, MessageView};
use hw_sim::{LedgerEntry, LedgerEvent, audit};

/// Sums over all messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Judgement {
    /// Messages that the network got whole.
    pub on_air: u64,
    /// Messages that it did not, and of which the daemon says that it does not know, or that they were not sent.
    pub not_on_air: u64,
    /// Parts that it got again.
    pub duplicates: u64,
    /// Messages in doubt, or ended so.
    pub doubtful: u64,
}

/// Holds stories against the ledger; `events` are all events there ever were.
///
/// # Panics
/// With every message whose story is not what happened: said to be sent and was not, said not to be sent and was, or sent
/// twice without an attempt of unknown outcome and the policy `resend`.
pub fn judge(
    ledger: &[LedgerEntry],
    events: &[EventView],
    messages: &[(MessageRequest, MessageView)],
) -> Judgement {
    let mut by_recipient: HashMap<&str, Vec<LedgerEntry>> = HashMap::new();
    for entry in ledger
        .iter()
        .filter(|entry| entry.event == LedgerEvent::Submit)
    {
        by_recipient
            .entry(&entry.to)
            .or_default()
            .push(entry.clone());
    }
    let mut unknown: HashMap<&str, u64> = HashMap::new();
    for event in events
        .iter()
        .filter(|event| event.outcome.as_deref() == Some("unknown"))
    {
        *unknown.entry(&event.id).or_default() += 1;
    }
    let mut judgement = Judgement::default();
    let mut wrong = Vec::new();
    for (request, message) in messages {
        let seen = by_recipient.remove(request.to.as_str()).unwrap_or_default();
        let doubts = unknown.get(message.id.as_str()).copied().unwrap_or(0);
        if let Err(what) = judge_one(&mut judgement, &seen, doubts, request, message) {
            wrong.push(format!("{what}: {message:#?}\nledger: {seen:#?}"));
        }
    }
    for to in by_recipient.keys() {
        wrong.push(format!("something nobody accepted went to {to}"));
    }
    assert!(
        wrong.is_empty(),
        "{} stories are not what happened; the first: {}",
        wrong.len(),
        wrong[0]
    );
    judgement
}

fn judge_one(
    judgement: &mut Judgement,
    seen: &[LedgerEntry],
    doubts: u64,
    request: &MessageRequest,
    message: &MessageView,
) -> Result<(), &'static str> {
    let accepted = audit_of(request);
    let verdict = audit::compare(seen, std::slice::from_ref(&accepted));
    judgement.on_air += verdict.complete;
    judgement.not_on_air += verdict.lost;
    judgement.duplicates += verdict.duplicates;
    if verdict.foreign > 0 {
        return Err("another text than the app's went to its recipient");
    }
    if verdict.duplicates > 0 && message.in_doubt != "resend" {
        return Err("sent twice though its policy is not `resend`");
    }
    if verdict.duplicates > doubts {
        return Err("sent more often than attempts of unknown outcome explain");
    }
    match message.state.as_str() {
        "delivered" | "undelivered" | "sent" if verdict.lost > 0 => {
            Err("said to be sent, but the network never got it")
        }
        "failed" | "expired" | "cancelled" if verdict.complete > 0 => {
            Err("said not to be sent, but the network got it")
        }
        "queued" if verdict.complete > 0 && doubts == 0 => {
            Err("said to wait, but the network got it")
        }
        "in_doubt" | "unconfirmed" => {
            judgement.doubtful += 1;
            Ok(())
        }
        _ => Ok(()),
    }
}

fn audit_of(request: &MessageRequest) -> audit::Accepted {
    audit::Accepted {
        to: request.to.clone(),
        text: request.text.clone(),
    }
}
