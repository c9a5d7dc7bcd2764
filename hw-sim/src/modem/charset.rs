//! Texts on the wire in the character set of `+CSCS`: numbers, names and the texts of text mode (3GPP TS 27.007 §5.5).

use crate::profile::Charset;

/// A text as the host gets it. What the set lacks becomes a question mark.
pub(super) fn shown(text: &str, charset: Charset) -> String {
    match charset {
        Charset::Ira => text
            .chars()
            .map(|ch| if ch.is_ascii() { ch } else { '?' })
            .collect(),
        Charset::Gsm => codes(text).iter().copied().map(char::from).collect(),
        Charset::Hex => sms::hex::encode_upper(&codes(text)),
        Charset::Ucs2 => text
            .encode_utf16()
            .map(|unit| format!("{unit:04X}"))
            .collect(),
    }
}

/// What the host typed; `None` when it is not in the set.
pub(super) fn typed(bytes: &[u8], charset: Charset) -> Option<String> {
    match charset {
        Charset::Ira => Some(
            bytes
                .iter()
                .map(|byte| char::from(*byte))
                .map(|ch| if ch.is_ascii() { ch } else { '?' })
                .collect(),
        ),
        Charset::Gsm => Some(sms::gsm7::text(bytes)),
        Charset::Hex => sms::hex::decode(bytes)
            .ok()
            .map(|codes| sms::gsm7::text(&codes)),
        Charset::Ucs2 => {
            let octets = sms::hex::decode(bytes).ok()?;
            let (pairs, rest) = octets.as_chunks::<2>();
            let units = pairs.iter().map(|pair| u16::from_be_bytes(*pair));
            let text =
                char::decode_utf16(units).map(|ch| ch.unwrap_or(char::REPLACEMENT_CHARACTER));
            rest.is_empty().then(|| text.collect())
        }
    }
}

/// A number the host wrote: in UCS2 mode as hex, or plain as many programs do all the same.
pub(super) fn number(value: &str, charset: Charset) -> Option<sms::Address> {
    let decoded = match charset {
        Charset::Ucs2
            if value.len() >= 8 && value.len().is_multiple_of(4) && value.starts_with("00") =>
        {
            typed(value.as_bytes(), charset)
        }
        Charset::Ira | Charset::Gsm | Charset::Ucs2 | Charset::Hex => None,
    };
    sms::Address::parse(decoded.as_deref().unwrap_or(value)).ok()
}

fn codes(text: &str) -> Vec<u8> {
    sms::gsm7::septets(text).unwrap_or_else(|| {
        text.chars()
            .flat_map(|ch| {
                sms::gsm7::septets(ch.encode_utf8(&mut [0; 4])).unwrap_or(vec![QUESTION])
            })
            .collect()
    })
}

/// `?` in the GSM alphabet.
const QUESTION: u8 = 0x3f;
