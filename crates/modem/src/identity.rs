//! Identities as modems print them: ICCID, IMSI, IMEI and the free texts.
//!
//! An identity that is not plausible is no identity: nothing is guessed or padded, since budgets hang on the ICCID.

use crate::Iccid;
use crate::fields::Fields;
use crate::fields::unquoted;

/// An ICCID (ITU-T E.118) of 18 to 20 digits, maybe quoted, maybe with the filler `F`.
pub(crate) fn iccid(text: &str) -> Option<Iccid> {
    let digits = unquoted(text.trim()).trim_end_matches(['F', 'f']);
    is_digits(digits, 18..=20).then(|| Iccid(digits.into()))
}

/// An ICCID out of `+CRSM: 144,0,"…"`, the record of EF_ICCID (3GPP TS 31.102 §4.2.2, nibbles swapped). Some firmware
/// swaps them back: a telecom ICCID begins with 89, so that the two forms can be told apart.
pub(crate) fn iccid_of_record([sw1, sw2, record, ..]: Fields<'_>) -> Option<Iccid> {
    let accepted = sw1 == "144" && sw2 == "0";
    let record = unquoted(record);
    if !accepted || !record.is_ascii() || !record.len().is_multiple_of(2) {
        return None;
    }
    if record.starts_with("89") {
        return iccid(record);
    }
    let swapped: String = record
        .as_bytes()
        .chunks_exact(2)
        .flat_map(|pair| [pair[1], pair[0]].map(char::from))
        .collect();
    iccid(&swapped).filter(|iccid| iccid.0.starts_with("89"))
}

/// An IMSI (3GPP TS 23.003 §2.2) of 14 or 15 digits.
pub(crate) fn imsi(text: &str) -> Option<&str> {
    let digits = unquoted(text.trim());
    is_digits(digits, 14..=15).then_some(digits)
}

/// An IMEI or IMEISV (3GPP TS 23.003 §6.2) of 14 to 17 digits.
pub(crate) fn imei(text: &str) -> Option<&str> {
    let digits = unquoted(text.trim());
    is_digits(digits, 14..=17).then_some(digits)
}

fn is_digits(text: &str, lengths: std::ops::RangeInclusive<usize>) -> bool {
    lengths.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests;
