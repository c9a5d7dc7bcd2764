//! What apps, operators and misfortune will do in a world, and when: drawn whole before it begins.

use std::time::Duration;

use gateway::{Class, InDoubt};

use super::dice::Dice;
use super::options::{Knob, Options};

/// A message that an app will hand over. Every part of its text names it, so that it is known on the air.
#[derive(Clone, Debug)]
pub struct Probe {
    /// Recipient.
    pub to: String,
    /// Text.
    pub text: String,
    /// Class.
    pub class: Class,
    /// Policy in doubt.
    pub in_doubt: InDoubt,
    /// Whether reports are asked for.
    pub report: bool,
    /// Idempotency key; an app that has one asks again when it was not answered.
    pub key: Option<String>,
    /// How long it is worth sending.
    pub expires_in: Duration,
    /// How long after it is handed over it may be sent first; `None`: at once.
    pub ahead: Option<Duration>,
    /// The app that hands it over, by number.
    pub app: Option<u64>,
}

/// Something that happens to a world from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// An app hands over the message of this number.
    Send(usize),
    /// An app takes the message of this number back.
    Cancel(usize),
    /// The daemon is killed.
    Crash,
    /// The host loses power, and its modems with it.
    PowerCut,
    /// The next commit fails.
    BadCommit,
    /// The daemon is told to stop, and started again.
    Stop,
    /// Two modems change their ports.
    Move,
    /// An operator pauses or drains a line or SIM for so many seconds.
    Control(u64),
    /// The operator resumes everything.
    Resume,
    /// The configuration changes its target.
    Reload,
    /// The disk is full, or no longer.
    DiskLow(bool),
    /// A message comes in from outside.
    Inbound,
    /// SIMs change places.
    Swap,
    /// Somebody calls, or the cell broadcasts.
    Call,
    /// An operator dials a USSD code.
    Dial,
    /// Somebody puts a recipient on the suppression list or takes it off, as these bits say.
    Suppress(u64),
    /// Something happens to one line, or to all, as these bits say.
    Trouble(u64),
    /// A quarter of the ports are gone for so many seconds.
    LoseQuarter(u64),
    /// All ports are gone for so many seconds.
    Sleep(u64),
}

/// The messages of a world.
pub fn probes(seed: u64, options: &Options) -> Vec<Probe> {
    (0..options.count(Knob::Messages))
        .map(|number| {
            let seed = seed ^ (number as u64) << 20;
            let plain = probe(&mut Dice::new(seed, "message"), number, options);
            peculiar(seed, plain, options)
        })
        .collect()
}

/// Everything that will happen, in its order.
pub fn acts(seed: u64, options: &Options) -> Vec<(Duration, Act)> {
    let span = options.seconds(Knob::SpanS);
    let messages = options.count(Knob::Messages);
    let mut acts = Vec::new();
    for number in 0..messages {
        let mut dice = Dice::new(seed ^ (number as u64) << 20, "send");
        // Apps come in crowds as well as one by one.
        let at = if dice.one_in(3) {
            span / 3
        } else {
            dice.up_to(span)
        };
        acts.push((at, Act::Send(number)));
    }
    let mut dice = Dice::new(seed, "cancel");
    for _ in 0..options.value(Knob::Cancels) {
        acts.push((dice.up_to(span * 2), Act::Cancel(dice.place(messages))));
    }
    let troubles = [
        (Knob::Crashes, Act::Crash),
        (Knob::PowerCuts, Act::PowerCut),
        (Knob::BadCommits, Act::BadCommit),
        (Knob::Stops, Act::Stop),
        (Knob::Moves, Act::Move),
        (Knob::Reloads, Act::Reload),
        (Knob::Inbound, Act::Inbound),
        (Knob::Swaps, Act::Swap),
        (Knob::Calls, Act::Call),
        (Knob::Dials, Act::Dial),
    ];
    for (knob, act) in troubles {
        let mut dice = Dice::new(seed, knob.name());
        acts.extend((0..options.value(knob)).map(|_| (dice.up_to(span * 2), act)));
    }
    let mut dice = Dice::new(seed, "controls");
    for _ in 0..options.value(Knob::Controls) {
        let (at, pause) = (dice.up_to(span * 2), dice.up_to(span));
        acts.extend([(at, Act::Control(dice.bits())), (at + pause, Act::Resume)]);
    }
    let mut dice = Dice::new(seed, "troubles");
    for _ in 0..options.value(Knob::Troubles) {
        acts.push((dice.up_to(span * 2), Act::Trouble(dice.bits())));
    }
    let mut dice = Dice::new(seed, "suppress");
    for _ in 0..options.value(Knob::Suppress) {
        acts.push((dice.up_to(span * 2), Act::Suppress(dice.bits())));
    }
    let mut dice = Dice::new(seed, "full disks");
    for _ in 0..options.value(Knob::FullDisks) {
        let (at, pause) = (dice.up_to(span), dice.up_to(span / 2));
        acts.extend([(at, Act::DiskLow(true)), (at + pause, Act::DiskLow(false))]);
    }
    acts.sort_by_key(|(at, _)| *at);
    acts
}

/// The number of the message that a part belongs to.
pub(crate) fn number_in(text: &str) -> Option<usize> {
    text.split([LATIN, CYRILLIC]).skip(1).find_map(|rest| {
        let (digits, _) = rest.split_once(';')?;
        digits.parse().ok()
    })
}

/// The recipient of a number, at home.
pub(crate) fn domestic(number: u64) -> String {
    format!("+49151000{number:05}")
}

fn probe(dice: &mut Dice, number: usize, options: &Options) -> Probe {
    let class = dice.pick(&Class::ALL);
    let is_long = dice.below(1000) < options.value(Knob::Long);
    let length = match (is_long, dice.one_in(3)) {
        // What is over after full parts is long enough to name the message too.
        (true, false) => 153 * dice.within(1, 4) + 40,
        (true, true) => 67 * dice.within(1, 4) + 30,
        (false, false) => dice.within(20, 160),
        (false, true) => dice.within(20, 70),
    };
    let is_wide = length % 153 != 40 && length % 67 == 30 || length < 70 && dice.one_in(2);
    let mark = if is_wide { CYRILLIC } else { LATIN };
    let text: String = format!("{mark}{number};")
        .chars()
        .cycle()
        .take(length as usize)
        .collect();
    Probe {
        to: domestic(dice.below(options.value(Knob::Recipients))),
        text,
        class,
        in_doubt: dice.pick(&InDoubt::ALL),
        report: !dice.one_in(4),
        key: (!dice.one_in(3)).then(|| format!("key {number}")),
        expires_in: Duration::from_secs(dice.within(1, options.value(Knob::ExpiresS).max(1))),
        ahead: None,
        app: None,
    }
}

/// A message with what only some worlds have, each drawn from a stream of its own.
fn peculiar(seed: u64, mut probe: Probe, options: &Options) -> Probe {
    let mut dice = Dice::new(seed, "abroad");
    if dice.below(1000) < options.value(Knob::Abroad) {
        let number = dice.below(options.value(Knob::Recipients));
        probe.to = format!("{}{number:05}", dice.pick(&ABROAD));
    }
    let mut dice = Dice::new(seed, "scheduled");
    if dice.below(1000) < options.value(Knob::Scheduled) {
        probe.ahead = Some(dice.up_to(options.seconds(Knob::AheadS)));
    }
    let apps = options.value(Knob::Apps);
    probe.app = (apps > 0).then(|| Dice::new(seed, "apps").below(apps));
    probe
}

/// Where recipients abroad live: Great Britain, India. Their last digits are those of nobody at home.
const ABROAD: [&str; 2] = ["+4477009", "+91981234"];
/// Begins a message's name in a text of the GSM alphabet.
const LATIN: char = 'm';
/// The same in a text that needs UCS-2.
const CYRILLIC: char = 'Ж';
