//! What the book keeps of an accepted message: everything that decisions need, and not its text.
//!
//! A million of them may wait, so the text stays in the store until the message is about to be sent (`texts`), and the
//! recipient is kept as a number rather than as its digits.

use sms::{Address, TypeOfNumber};

use super::AppIdx;
use crate::causes::mix;
use crate::form::Form;
use crate::record::Message;
use crate::words::{Class, InDoubt, MessageId, UnixMs};
use crate::zones::ZoneIdx;

/// A message without its text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Brief {
    pub(crate) id: MessageId,
    pub(crate) to: Recipient,
    pub(crate) expires: UnixMs,
    /// The app that handed it over.
    pub(crate) app: Option<Box<str>>,
    /// Route that was asked for.
    pub(crate) route: Option<Box<str>>,
    pub(crate) class: Class,
    pub(crate) report: bool,
    pub(crate) in_doubt: InDoubt,
    pub(crate) form: Form,
    pub(crate) parts: u8,
    /// The app whose lanes it waits in.
    pub(crate) lane: AppIdx,
    pub(crate) handling: Handling,
    /// Whose clocks open its send window.
    pub(crate) zone: ZoneIdx,
}

/// Whether a message is shown at once, and the type of message that it takes the place of, in one octet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Handling(u8);

/// A recipient in few octets.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Recipient {
    /// E.164 digits as a number: no country code begins with 0, and 15 digits fit.
    International(u64),
    /// A short code, or what else a network takes.
    Other(Box<Address>),
}

impl Brief {
    pub(super) fn of(message: &Message, lane: AppIdx, zone: ZoneIdx) -> Brief {
        Brief {
            id: message.id,
            to: Recipient::of(&message.to),
            expires: message.expires,
            app: message.app.clone(),
            route: message.route.clone(),
            class: message.class,
            report: message.report,
            in_doubt: message.in_doubt,
            form: message.form,
            parts: message.parts,
            lane,
            handling: Handling::of(message),
            zone,
        }
    }
}

impl Handling {
    fn of(message: &Message) -> Handling {
        let flash = if message.flash { FLASH } else { 0 };
        Handling(flash | message.replace.unwrap_or(0) & REPLACE)
    }

    /// Whether it is shown at once and not stored.
    pub(crate) fn flash(self) -> bool {
        self.0 & FLASH != 0
    }

    /// The type of message that it takes the place of, 1 to 7.
    pub(crate) fn replace(self) -> Option<u8> {
        Some(self.0 & REPLACE).filter(|of| *of != 0)
    }
}

impl Recipient {
    pub(crate) fn of(address: &Address) -> Recipient {
        let is_international = address.type_of_number() == TypeOfNumber::International
            && address.numbering_plan() == PLAN_E164;
        let digits = address
            .digits()
            .filter(|digits| is_international && !digits.starts_with('0'));
        match digits.and_then(|digits| digits.parse().ok()) {
            Some(number) => Recipient::International(number),
            None => Recipient::Other(Box::new(address.clone())),
        }
    }

    /// Stands for the recipient where it has to be known again and not to be read: 64 bits, the same in every process.
    pub(crate) fn mark(&self) -> u64 {
        match self {
            Recipient::International(number) => mix(*number ^ MARKS),
            Recipient::Other(address) => mark_of(&address.text()),
        }
    }

    /// The address as it was given.
    pub(crate) fn address(&self) -> Address {
        match self {
            Recipient::International(number) => Address::parse(&format!("+{number}"))
                .expect("at most 20 digits and nothing else are an address"),
            Recipient::Other(address) => (**address).clone(),
        }
    }
}

/// Stands for a text where it has to be known again: 64 bits, the same in every process.
pub(super) fn mark_of(text: &str) -> u64 {
    let fold = |mark, octet| mix(mark ^ u64::from(octet));
    text.bytes().fold(MARKS.rotate_left(32), fold)
}

impl std::fmt::Debug for Recipient {
    /// Masked, as the address is.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.address().fmt(f)
    }
}

/// Of [`Handling`].
const FLASH: u8 = 0x08;
const REPLACE: u8 = 0x07;
/// Keeps marks apart from other mixed numbers; never changed, as marks are on disk.
const MARKS: u64 = 0x5349_4d46_4c45_4554;
/// 3GPP TS 23.040 §9.1.2.5: the telephone numbering plan.
const PLAN_E164: u8 = 1;

#[cfg(test)]
mod tests;
