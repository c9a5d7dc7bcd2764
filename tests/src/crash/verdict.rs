//! The verdict: what the network saw, held against what the apps were told.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;

use client::{MessagePage, MessageView};
use hw_sim::audit::{Auditor, Findings, Promise};
use hw_sim::{LedgerEntry, LedgerEvent};

use super::Plan;
use super::app::{self, App};
use super::reader::{Doubt, Reader};
use crate::api::Api;
use crate::site::Site;

/// What became of all messages of an experiment.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// Name of the load.
    pub load: String,
    /// How often the daemon was killed.
    pub kills: usize,
    /// Of each policy in doubt: `hold`, then `resend`.
    pub policies: [PolicyVerdict; 2],
    /// Events that the consumer with a cursor missed, saw twice or saw in another order.
    pub events_wrong: usize,
    /// Events there were.
    pub events: usize,
}

/// What became of the messages of one policy.
#[derive(Clone, Debug, Default)]
pub struct PolicyVerdict {
    /// The policy.
    pub policy: &'static str,
    /// What the ledger says.
    pub findings: Findings,
    /// Answered messages that the API does not know at the end.
    pub forgotten: u64,
    /// Attempts that a kill left in doubt.
    pub doubts: u64,
    /// Parts on the air again.
    pub doubled: u64,
    /// Of these, more than attempts in doubt explain.
    pub unexplained: u64,
    /// The most parts that went on the air again because of one kill on one line.
    pub per_line_and_kill_max: u64,
}

impl Verdict {
    /// Whether everything that is promised holds.
    pub fn is_good(&self) -> bool {
        self.events_wrong == 0 && self.policies.iter().all(PolicyVerdict::is_good)
    }

    /// The heading of the table that [`Verdict`] prints rows of.
    pub fn heading() -> &'static str {
        "| load | kills | policy | messages | parts on the air | lost | in doubt by a kill | sent twice | \
         sent twice without doubt | most per line and kill | told \"unknown\", not on the air |\n\
         |---|---|---|---|---|---|---|---|---|---|---|"
    }
}

impl PolicyVerdict {
    /// Whether everything that is promised of this policy holds.
    pub fn is_good(&self) -> bool {
        let findings = &self.findings;
        let wrong = findings.wrong_text + findings.wrong_recipient + findings.wrong_order;
        let kept = findings.lost + self.forgotten + self.unexplained + findings.doubled == 0;
        kept && wrong == 0 && (self.policy == "resend" || self.doubled == 0)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, of) in self.policies.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            write!(
                f,
                "| {} | {} | `{}` | {} | {} | {} | {} | {} | {} | {} | {} |",
                self.load,
                self.kills,
                of.policy,
                of.findings.accepted,
                of.findings.submissions,
                of.findings.lost + of.forgotten,
                of.doubts,
                of.doubled,
                of.unexplained,
                of.per_line_and_kill_max,
                of.findings.told_not_sent,
            )?;
        }
        Ok(())
    }
}

pub(super) fn judge(plan: &Plan, site: &Site, app: &App, reader: &Reader) -> Verdict {
    let told = told(&site.api());
    let ledger = site.ledger();
    let again = reader.anew();
    let differing = reader
        .seqs
        .iter()
        .zip(&again)
        .filter(|(one, other)| one != other);
    Verdict {
        load: plan.name.clone(),
        kills: plan.kills,
        policies: ["hold", "resend"].map(|policy| of_policy(policy, app, reader, &told, &ledger)),
        // Reports may have come in between: more at the end is no fault.
        events_wrong: differing.count() + reader.seqs.len().saturating_sub(again.len()),
        events: again.len(),
    }
}

/// What the API says of every message, by id.
fn told(api: &Api) -> HashMap<String, MessageView> {
    let mut told = HashMap::new();
    let mut target = "/v1/messages?limit=500".to_owned();
    loop {
        let page: MessagePage = api.fetch(&target);
        let messages = page.messages.into_iter();
        told.extend(messages.map(|message| (message.id.clone(), message)));
        let Some(cursor) = page.next_cursor else {
            return told;
        };
        target = format!("/v1/messages?limit=500&cursor={cursor}");
    }
}

fn of_policy(
    policy: &'static str,
    app: &App,
    reader: &Reader,
    told: &HashMap<String, MessageView>,
    ledger: &[LedgerEntry],
) -> PolicyVerdict {
    let mut verdict = PolicyVerdict {
        policy,
        ..PolicyVerdict::default()
    };
    let mut auditor = Auditor::new();
    // By recipient, of which every message has its own.
    let mut ids: HashMap<String, &str> = HashMap::new();
    for number in (0..app.handed).filter(|number| app::policy(*number) == policy) {
        let message = app::keyed(number);
        let answer = app.answered.get(&number);
        let Some(view) = answer.and_then(|id| told.get(id)) else {
            verdict.forgotten += 1;
            continue;
        };
        ids.insert(message.to.clone(), &view.id);
        auditor.expect(Promise {
            to: message.to,
            text: message.text,
            state: Some(view.state.clone()),
            in_doubt: Some(policy.to_owned()),
            sim: None,
        });
    }
    let mut seen: Vec<(&str, &LedgerEntry)> = Vec::new();
    for entry in ledger {
        let Some(id) = ids.get(&entry.to) else {
            continue;
        };
        auditor.take(entry);
        if entry.event == LedgerEvent::Submit {
            seen.push((id, entry));
        }
    }
    verdict.findings = auditor.finish();
    let ours = |doubt: &&Doubt| {
        let view = told.get(&doubt.id);
        view.is_some_and(|view| view.in_doubt == policy)
    };
    explain(
        &mut verdict,
        again(&seen),
        reader.doubts.iter().filter(ours),
    );
    verdict
}

/// How often each part was sent again. What a long message that was begun anew left on the air is not sent again by
/// that: a set without all its parts is shown by no phone.
fn again<'a>(seen: &[(&'a str, &LedgerEntry)]) -> BTreeMap<(&'a str, u8), u64> {
    let mut sets: BTreeMap<_, BTreeMap<u8, u64>> = BTreeMap::new();
    for (id, entry) in seen {
        let set = (entry.parts > 1).then_some((&entry.iccid, entry.reference));
        let parts = sets.entry((*id, entry.parts, set)).or_default();
        *parts.entry(entry.part).or_default() += 1;
    }
    let mut again: BTreeMap<(&str, u8), u64> = BTreeMap::new();
    let mut was_whole: BTreeSet<&str> = BTreeSet::new();
    for ((id, parts, _), seen) in &sets {
        let is_whole = seen.len() == usize::from(*parts).max(1);
        // Of several whole sets all but one are too many.
        let is_too_many = is_whole && !was_whole.insert(id);
        for (part, count) in seen {
            let times = if is_too_many { *count } else { count - 1 };
            if times > 0 {
                *again.entry((id, *part)).or_default() += times;
            }
        }
    }
    again
}

/// Lays every part that was sent again at the door of attempts in doubt.
fn explain<'a>(
    verdict: &mut PolicyVerdict,
    mut again: BTreeMap<(&'a str, u8), u64>,
    doubts: impl Iterator<Item = &'a Doubt>,
) {
    verdict.doubled = again.values().sum();
    let mut per_line: BTreeMap<(usize, &str), u64> = BTreeMap::new();
    for doubt in doubts {
        verdict.doubts += 1;
        let Some(left) = again.get_mut(&(doubt.id.as_str(), doubt.part)) else {
            continue;
        };
        if *left > 0 {
            *left -= 1;
            *per_line
                .entry((doubt.restart, doubt.line.as_str()))
                .or_default() += 1;
        }
    }
    verdict.unexplained = again.values().sum();
    verdict.per_line_and_kill_max = per_line.values().copied().max().unwrap_or(0);
}
