//! Alphabet and message class, and the TP-DCS octet that carries both (3GPP TS 23.038 §4).
//!
//! Message waiting indications, automatic deletion and the difference between the two codings of a class are not kept:
//! they are read for their alphabet and class, and never written.

/// How user data is coded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Alphabet {
    /// GSM 7-bit default alphabet with its extension table, packed.
    Gsm7,
    /// Octets without a meaning known here; compressed text is one such.
    Data8,
    /// UCS-2; on the air it is UTF-16, big-endian.
    Ucs2,
}

/// What the receiver is asked to do with a message (3GPP TS 23.038 §4, "message class").
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MessageClass {
    /// Class 0: shown at once and not stored, "flash".
    Flash = 0,
    /// Class 1: kept in the mobile equipment.
    Mobile = 1,
    /// Class 2: kept on the SIM.
    Sim = 2,
    /// Class 3: passed to the terminal equipment.
    Terminal = 3,
}

/// The octet for an alphabet and a class: the general data coding group.
pub(crate) fn data_coding(alphabet: Alphabet, class: Option<MessageClass>) -> u8 {
    let alphabet = match alphabet {
        Alphabet::Gsm7 => 0x00,
        Alphabet::Data8 => 0x04,
        Alphabet::Ucs2 => 0x08,
    };
    alphabet | class.map_or(0, |class| 0x10 | class as u8)
}

/// What any octet means; reserved codings are GSM 7-bit, as the standard tells receivers.
pub(crate) fn read_data_coding(octet: u8) -> (Alphabet, Option<MessageClass>) {
    match octet >> 4 {
        0x0..=0x7 => (general(octet), (octet & 0x10 != 0).then(|| class(octet))),
        0xe => (Alphabet::Ucs2, None),
        0xf if octet & 0x04 != 0 => (Alphabet::Data8, Some(class(octet))),
        0xf => (Alphabet::Gsm7, Some(class(octet))),
        _ => (Alphabet::Gsm7, None),
    }
}

fn general(octet: u8) -> Alphabet {
    if octet & 0x20 != 0 {
        return Alphabet::Data8; // compressed: its length counts octets, and nobody can read it
    }
    match octet & 0x0c {
        0x04 => Alphabet::Data8,
        0x08 => Alphabet::Ucs2,
        _ => Alphabet::Gsm7,
    }
}

fn class(octet: u8) -> MessageClass {
    match octet & 0x03 {
        0 => MessageClass::Flash,
        1 => MessageClass::Mobile,
        2 => MessageClass::Sim,
        _ => MessageClass::Terminal,
    }
}
