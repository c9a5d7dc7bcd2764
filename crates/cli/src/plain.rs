//! What others wrote, made fit for a terminal. Texts, labels, reasons and answers of networks and modems come from anywhere;
//! shown raw, an escape sequence in one of them could repaint the screen or forge a line.
//!
//! Everything that is printed for people passes here once, on its way out ([`screened`]); what has to stay on its line, as
//! the cells of a table, passes once more where it is made ([`on_one_line`]).

use std::borrow::Cow;

use crate::paint::{Colours, tint_length};

/// The text with a visible stand-in for every character that would move the cursor, end the line or turn the writing
/// direction around. As many characters as before.
pub(crate) fn on_one_line(text: &str) -> Cow<'_, str> {
    if text.chars().any(is_unfit) {
        Cow::Owned(text.chars().map(stand_in).collect())
    } else {
        Cow::Borrowed(text)
    }
}

/// The same for text of several lines: line ends stay, and so do colours of our own where there are any. A stranger's text
/// can at worst colour itself.
pub(crate) fn screened(text: &str, colours: Colours) -> Cow<'_, str> {
    if !text.chars().any(|ch| ch != '\n' && is_unfit(ch)) {
        return Cow::Borrowed(text);
    }
    let mut screened = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(ch) = rest.chars().next() {
        let kept = match colours {
            Colours::On => tint_length(rest),
            Colours::Off => None,
        };
        let length = kept.unwrap_or(ch.len_utf8());
        if kept.is_some() || ch == '\n' {
            screened.push_str(&rest[..length]);
        } else {
            screened.push(stand_in(ch));
        }
        rest = &rest[length..];
    }
    Cow::Owned(screened)
}

/// Control characters, and those that turn the writing direction around (Unicode UAX #9 §2).
fn is_unfit(ch: char) -> bool {
    ch.is_control() || matches!(ch, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// `␛` for ESC, `␊` for a line end, and so on; `�` for what has no picture.
fn stand_in(ch: char) -> char {
    match ch {
        '\0'..='\u{1f}' => char::from_u32(PICTURES + u32::from(ch)).unwrap_or(REPLACEMENT),
        '\u{7f}' => '\u{2421}',
        _ if is_unfit(ch) => REPLACEMENT,
        _ => ch,
    }
}

/// Where Unicode has pictures of the control characters, in their order.
const PICTURES: u32 = 0x2400;

const REPLACEMENT: char = char::REPLACEMENT_CHARACTER;

#[cfg(test)]
mod tests;
