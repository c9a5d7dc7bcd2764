//! What the demonstration sends: mixed classes and encodings, some long, every text unique, all from one seed.

use client::MessageRequest;

/// Messages to hand over.
pub(crate) struct Load {
    /// Notifications and bulk, handed over at once.
    pub(crate) backlog: Vec<MessageRequest>,
    /// One-time codes, handed over one by one.
    pub(crate) codes: Vec<MessageRequest>,
}

impl Load {
    /// One in ten a code, three a notification, six bulk; one in ten of the backlog has several parts.
    pub(crate) fn mixed(messages: u32, seed: u64) -> Load {
        let mut chance = Chance(seed);
        let mut load = Load {
            backlog: Vec::new(),
            codes: Vec::new(),
        };
        for number in 0..messages {
            let to = recipient(chance.below(messages.div_ceil(4) * 3));
            if number % 10 == 9 {
                load.codes.push(code(number, to, &mut chance));
            } else {
                let class = if number % 10 < 3 {
                    "notification"
                } else {
                    "bulk"
                };
                let text = backlog_text(number, &mut chance);
                load.backlog.push(request(number, class, to, text));
            }
        }
        load
    }

    /// Bulk only, of one part each.
    pub(crate) fn bulk(messages: u32, seed: u64) -> Vec<MessageRequest> {
        Load::bulk_from(0, messages, seed)
    }

    /// The same, numbered from `first` on.
    pub(crate) fn bulk_from(first: u32, messages: u32, seed: u64) -> Vec<MessageRequest> {
        let mut chance = Chance(seed);
        let message = |number| {
            let to = recipient(chance.below(messages.max(1)));
            request(
                number,
                "bulk",
                to,
                format!("Offer {number}: two for one until Sunday"),
            )
        };
        (first..first + messages).map(message).collect()
    }

    /// Codes only.
    pub(crate) fn codes(messages: u32, seed: u64) -> Vec<MessageRequest> {
        let mut chance = Chance(seed);
        let message = |number| {
            let to = recipient(chance.below(messages.max(1)));
            code(number, to, &mut chance)
        };
        (0..messages).map(message).collect()
    }

    pub(crate) fn len(&self) -> usize {
        self.backlog.len() + self.codes.len()
    }

    /// Parts on the air, about: one in ten of the backlog has two or three.
    pub(crate) fn parts_estimate(&self) -> usize {
        self.len() + self.backlog.len() * 3 / 20
    }
}

fn request(number: u32, class: &str, to: String, text: String) -> MessageRequest {
    MessageRequest {
        to,
        text,
        class: Some(class.to_owned()),
        key: Some(format!("{class}-{number}")),
        ..MessageRequest::default()
    }
}

fn code(number: u32, to: String, chance: &mut Chance) -> MessageRequest {
    let digits = 100_000 + chance.below(900_000);
    request(
        number,
        "otp",
        to,
        format!("{digits} is your code for session {number}"),
    )
}

/// Numbers that look real and belong to nobody here.
fn recipient(index: u32) -> String {
    format!("+49155{index:08}")
}

fn backlog_text(number: u32, chance: &mut Chance) -> String {
    let hour = 8 + chance.below(9);
    match chance.below(20) {
        0 => long(&format!("Terms {number}: "), TERMS, 170 + chance.below(280)),
        1 => long(
            &format!("Условия {number}: "),
            CONDITIONS,
            80 + chance.below(110),
        ),
        2..5 => format!("Посылка {number} уже в пути и прибудет к {hour} часам"),
        5..7 => format!("ご注文{number}は発送されました"),
        7..9 => format!("Table {number} is booked for {hour}:30 🎉 See you!"),
        9..12 => format!("Invoice {number}: {hour},90 € [paid] ~ thank you"),
        12..15 => format!("Größe {number} ist wieder da: heute bis {hour} Uhr übrigens portofrei"),
        _ => format!(
            "Parcel {number} is on its way and arrives between {hour} and {}",
            hour + 2
        ),
    }
}

/// `sentence` again and again after `start`, up to so many characters.
fn long(start: &str, sentence: &str, chars: u32) -> String {
    let room = usize::try_from(chars).unwrap_or(usize::MAX);
    start
        .chars()
        .chain(sentence.chars().cycle())
        .take(room)
        .collect()
}

/// SplitMix64: a repeatable choice, nothing more.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: u32) -> u32 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        let high = (mixed ^ (mixed >> 31)) >> 32;
        u32::try_from((high * u64::from(bound)) >> 32).expect("below a 32-bit bound")
    }
}

const TERMS: &str =
    "We have changed the terms of your contract; what is new for you is listed here. ";
const CONDITIONS: &str = "Мы изменили условия вашего договора, всё новое перечислено здесь. ";

#[cfg(test)]
mod tests;
