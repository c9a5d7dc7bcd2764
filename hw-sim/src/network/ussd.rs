//! USSD: codes, texts and the menus behind them (3GPP TS 22.090).
//!
//! A dialogue is a place in a tree. Nothing is bought or changed by it; the balance is the one the network keeps.

use serde::Deserialize;

use super::subscriber::Subscriber;
use super::{Network, NetworkEffects};
use crate::air::Downlink;

/// A code, or a reply within a menu, and what the network says to it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UssdItem {
    /// What is dialled or replied: `*100#`, `1`.
    pub code: String,
    /// The answer; `{balance}` and `{number}` stand for the SIM's.
    pub text: String,
    /// Replies it then waits for; none ends the dialogue.
    #[serde(default)]
    pub replies: Vec<UssdItem>,
}

impl UssdItem {
    /// A code whose answer ends the dialogue.
    pub fn new(code: &str, text: &str) -> UssdItem {
        UssdItem {
            code: code.to_owned(),
            text: text.to_owned(),
            replies: Vec::new(),
        }
    }

    /// What networks usually have: the balance, the own number, and a menu with both.
    pub fn usual() -> Vec<UssdItem> {
        let balance = "Balance: {balance}";
        let codes = ["*100#", "*101#", "*102#", "*123#", "*124#", "*133#"];
        let mut items: Vec<UssdItem> = codes
            .iter()
            .map(|code| UssdItem::new(code, balance))
            .collect();
        items.push(UssdItem::new("*99#", "Your number is {number}"));
        items.push(UssdItem {
            code: "*111#".to_owned(),
            text: "1 Balance\n2 My number\n0 End".to_owned(),
            replies: vec![
                UssdItem::new("1", balance),
                UssdItem::new("2", "Your number is {number}"),
                UssdItem::new("0", "Good bye"),
            ],
        });
        items
    }
}

impl Network {
    pub(super) fn ussd_answer(&mut self, card: usize, request: &str, out: &mut NetworkEffects) {
        let operator = self.subscribers[card].operator;
        let parts =
            (self.settings.country.operators.get(operator)).and_then(|operator| operator.credit);
        let subscriber = &mut self.subscribers[card];
        let cents = parts.map_or(subscriber.credit_cents, |parts| {
            let left = parts.saturating_sub(subscriber.spent);
            i64::try_from(left)
                .unwrap_or(i64::MAX)
                .saturating_mul(PART_CENTS)
        });
        let (text, mode) = answer(&self.settings.ussd, subscriber, cents, request);
        if let Some(line) = subscriber.line {
            out.downlinks
                .push_back((line, Downlink::Ussd { text, mode }));
        }
    }
}

/// The answer to a request, and the mode it comes with.
fn answer(
    menu: &[UssdItem],
    subscriber: &mut Subscriber,
    cents: i64,
    request: &str,
) -> (String, u8) {
    let within = subscriber
        .ussd
        .iter()
        .try_fold(menu, |items, place| Some(&items.get(*place)?.replies[..]));
    let items = within.unwrap_or(menu);
    let Some(place) = items.iter().position(|item| item.code == request) else {
        subscriber.ussd.clear();
        return ("Unknown service code".to_owned(), TERMINATED);
    };
    let item = &items[place];
    let balance = format!(
        "{}{}.{:02}",
        if cents < 0 { "-" } else { "" },
        cents.abs() / 100,
        cents.abs() % 100
    );
    let text = item
        .text
        .replace("{balance}", &balance)
        .replace("{number}", &subscriber.number);
    if item.replies.is_empty() {
        subscriber.ussd.clear();
        return (text, DONE);
    }
    subscriber.ussd.push(place);
    (text, REPLY_EXPECTED)
}

/// What a part costs where credit is counted in parts.
const PART_CENTS: i64 = 10;
/// `<m>` of `+CUSD` (3GPP TS 27.007 §7.15).
const DONE: u8 = 0;
const REPLY_EXPECTED: u8 = 1;
const TERMINATED: u8 = 2;
