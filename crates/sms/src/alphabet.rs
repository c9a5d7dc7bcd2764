//! Alphabet and message class, and the TP-DCS octet that carries both (3GPP TS 23.038 §4).
//!
//! The octet is kept as it is: message waiting, automatic deletion and the difference between the two codings of a
//! class survive, though only alphabet, class and compression are read from it.

/// How user data is coded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Alphabet {
    /// GSM 7-bit, packed: the default tables, or those that the user data header names.
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

/// A TP-DCS octet; every value has a meaning, reserved ones as the standard tells receivers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DataCoding(pub u8);

impl Alphabet {
    /// `"gsm7"`, `"8bit"` or `"ucs2"`.
    pub fn as_str(self) -> &'static str {
        match self {
            Alphabet::Gsm7 => "gsm7",
            Alphabet::Data8 => "8bit",
            Alphabet::Ucs2 => "ucs2",
        }
    }
}

impl DataCoding {
    /// The octet for an alphabet and a class: the general data coding group.
    pub fn new(alphabet: Alphabet, class: Option<MessageClass>) -> DataCoding {
        let alphabet = match alphabet {
            Alphabet::Gsm7 => 0x00,
            Alphabet::Data8 => 0x04,
            Alphabet::Ucs2 => 0x08,
        };
        DataCoding(alphabet | class.map_or(0, |class| 0x10 | class as u8))
    }

    /// How the user data is coded; reserved codings are GSM 7-bit, compressed text is octets.
    pub fn alphabet(self) -> Alphabet {
        match self.0 >> 4 {
            // Compressed: its length counts octets, and nobody can read it.
            0x0..=0x7 if self.is_compressed() => Alphabet::Data8,
            0x0..=0x7 if self.0 & 0x0c == 0x04 => Alphabet::Data8,
            0x0..=0x7 if self.0 & 0x0c == 0x08 => Alphabet::Ucs2,
            0xe => Alphabet::Ucs2,
            0xf if self.0 & 0x04 != 0 => Alphabet::Data8,
            _ => Alphabet::Gsm7,
        }
    }

    /// The message class, if there is one.
    pub fn class(self) -> Option<MessageClass> {
        let has_class = match self.0 >> 4 {
            0x0..=0x7 => self.0 & 0x10 != 0,
            group => group == 0xf,
        };
        has_class.then_some(match self.0 & 0x03 {
            0 => MessageClass::Flash,
            1 => MessageClass::Mobile,
            2 => MessageClass::Sim,
            _ => MessageClass::Terminal,
        })
    }

    /// Whether the text is compressed (3GPP TS 23.042).
    pub fn is_compressed(self) -> bool {
        self.0 & 0xa0 == 0x20
    }
}
