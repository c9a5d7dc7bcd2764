//! The words of the store, read back. What writes them is `as_str` or `Display` of each type.

use gateway::{Control, EndReason, MessageState, Requeue};
use modem::{Cause, Doubt};
use sms::Encoding;

pub(crate) fn state(number: i64) -> Option<MessageState> {
    let index = usize::try_from(number).ok()?;
    MessageState::ALL.get(index).copied()
}

pub(crate) fn end_reason(word: &str) -> Option<EndReason> {
    EndReason::ALL.into_iter().find(|of| of.as_str() == word)
}

pub(crate) fn requeue(word: &str) -> Option<Requeue> {
    Requeue::ALL.into_iter().find(|of| of.as_str() == word)
}

/// The name of a limit.
pub(crate) fn budget(word: &str) -> Option<&'static str> {
    let mut names = gateway::BUDGET_NAMES.into_iter();
    names.find(|name| *name == word)
}

pub(crate) fn control(word: &str) -> Option<Control> {
    Control::ALL.into_iter().find(|of| of.as_str() == word)
}

pub(crate) fn encoding(word: &str) -> Option<Encoding> {
    ENCODINGS.into_iter().find(|of| of.as_str() == word)
}

pub(crate) fn doubt(word: &str) -> Option<Doubt> {
    DOUBTS.into_iter().find(|of| of.as_str() == word)
}

pub(crate) fn cause(word: &str) -> Option<Cause> {
    match word {
        "error" => return Some(Cause::Error),
        "no_prompt" => return Some(Cause::NoPrompt),
        "line_lost" => return Some(Cause::LineLost),
        _ => {}
    }
    let (family, code) = word.split_once('_')?;
    let is_plain = code.bytes().all(|octet| octet.is_ascii_digit());
    let code: u16 = code.parse().ok().filter(|_| is_plain)?;
    match family {
        "cms" => Some(Cause::Cms(code)),
        "cme" => Some(Cause::Cme(code)),
        _ => None,
    }
}

const ENCODINGS: [Encoding; 2] = [Encoding::Gsm7, Encoding::Ucs2];
const DOUBTS: [Doubt; 7] = [
    Doubt::Silence,
    Doubt::LineLost,
    Doubt::Reboot,
    Doubt::NetworkTimeout,
    Doubt::NoReference,
    Doubt::Answer,
    Doubt::Restart,
];
