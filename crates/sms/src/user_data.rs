//! User data: an optional header of information elements, then text or octets (3GPP TS 23.040 §9.2.3.24).
//!
//! ```text
//!  UDL │ UDHL │ id length data… │ id length data… │ fill bits │ text or octets
//!      └──────────── only with TP-UDHI ───────────┘ └ GSM 7-bit only: text begins on a septet boundary
//!  UDL counts septets for GSM 7-bit (header and fill included), octets otherwise; at most 140 octets follow it
//! ```
//!
//! Elements are kept as they are, known or not. Concatenation, application ports and national languages are understood;
//! the tables that language elements name are those of the text, both ways.

use std::fmt;

use crate::gsm7::{self, Language, Shifts};
use crate::{Alphabet, DataCoding, PduError, reader::Reader};

/// What a part carries.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct UserData {
    /// Information elements in order; empty means no header.
    pub header: Vec<InformationElement>,
    /// How the body is coded.
    pub alphabet: Alphabet,
    /// The text or octets.
    pub body: Body,
}

/// One element of a user data header (3GPP TS 23.040 §9.2.3.24).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct InformationElement {
    /// Its identifier.
    pub id: u8,
    /// Its octets, without identifier and length.
    pub data: Vec<u8>,
}

/// The body of user data. Its `Debug` shows lengths only: texts are private.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Body {
    /// Text, for [`Alphabet::Gsm7`] and [`Alphabet::Ucs2`].
    Text(String),
    /// Octets, for [`Alphabet::Data8`].
    Octets(Vec<u8>),
}

/// Which part of a long message this is (3GPP TS 23.040 §9.2.3.24.1 and §9.2.3.24.8).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Concatenation {
    /// The same in all parts.
    pub reference: Reference,
    /// How many parts, from 1.
    pub parts: u8,
    /// Which part, from 1 to `parts`.
    pub part: u8,
}

/// What tells a long message from the sender's others to the same recipient.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reference {
    /// Element 00, which every receiver knows.
    Eight(u8),
    /// Element 08, an octet longer.
    Sixteen(u16),
}

/// Application ports (3GPP TS 23.040 §9.2.3.24.3 and §9.2.3.24.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ports {
    /// Whom it is for.
    pub destination: u16,
    /// Whom it is from.
    pub source: u16,
}

impl Reference {
    /// The number, whatever its width.
    pub fn number(self) -> u16 {
        match self {
            Reference::Eight(number) => u16::from(number),
            Reference::Sixteen(number) => number,
        }
    }
}

impl UserData {
    /// The text; `None` for octets.
    pub fn text(&self) -> Option<&str> {
        match &self.body {
            Body::Text(text) => Some(text),
            Body::Octets(_) => None,
        }
    }

    /// Which part this is; `None` without a valid concatenation element. Of several the last valid one counts.
    pub fn concatenation(&self) -> Option<Concatenation> {
        self.header
            .iter()
            .rev()
            .find_map(InformationElement::concatenation)
    }

    /// The application that it is for; `None` without a valid port element. Of several the last valid one counts.
    pub fn ports(&self) -> Option<Ports> {
        self.header.iter().rev().find_map(InformationElement::ports)
    }

    /// The national tables that the header names; those of languages unknown here are the default ones. Of several
    /// elements the last counts (3GPP TS 23.040 §9.2.3.24).
    pub fn shifts(&self) -> Shifts {
        shifts(&self.header)
    }

    /// Appends TP-UDL and TP-UD; the alphabet must be the coding's.
    pub(crate) fn encode_into(
        &self,
        coding: DataCoding,
        out: &mut Vec<u8>,
    ) -> Result<(), PduError> {
        if coding.alphabet() != self.alphabet {
            return Err(PduError::BodyMismatch {
                alphabet: coding.alphabet(),
            });
        }
        let length_at = out.len();
        out.push(0);
        let header_len = self.encode_header_into(out);
        let length = match (&self.body, self.alphabet) {
            (Body::Text(text), Alphabet::Gsm7) => {
                encode_gsm7(text, self.shifts(), header_len, out)?
            }
            (Body::Text(text), Alphabet::Ucs2) => encode_ucs2(text, header_len, out),
            (Body::Octets(octets), Alphabet::Data8) => {
                out.extend_from_slice(octets);
                header_len + octets.len()
            }
            (Body::Text(_), Alphabet::Data8)
            | (Body::Octets(_), Alphabet::Gsm7 | Alphabet::Ucs2) => {
                return Err(PduError::BodyMismatch {
                    alphabet: self.alphabet,
                });
            }
        };
        check_octets(out.len() - length_at - 1)?;
        out[length_at] = u8::try_from(length).expect("140 octets are at most 160 septets");
        Ok(())
    }

    /// Appends the header and says how many octets it took, its length octet included.
    fn encode_header_into(&self, out: &mut Vec<u8>) -> usize {
        if self.header.is_empty() {
            return 0;
        }
        let length_at = out.len();
        out.push(0);
        for element in &self.header {
            out.extend([element.id, element.data.len() as u8]);
            out.extend_from_slice(&element.data);
        }
        // Lengths that do not fit an octet do not fit user data either, which is refused after the body is added.
        let length = out.len() - length_at;
        out[length_at] = (length - 1) as u8;
        length
    }

    /// Reads TP-UDL and TP-UD; `has_header` is TP-UDHI.
    pub(crate) fn decode(
        reader: &mut Reader<'_>,
        alphabet: Alphabet,
        has_header: bool,
    ) -> Result<UserData, PduError> {
        let length = usize::from(reader.octet("TP-UDL")?);
        let octet_count = match alphabet {
            Alphabet::Gsm7 => gsm7::packed_len(length, 0),
            Alphabet::Data8 | Alphabet::Ucs2 => length,
        };
        let (octets, length) = match check_octets(octet_count) {
            Ok(()) => (reader.take(octet_count, "TP-UD")?, length),
            // A length that can't be is no witness of what was cut off: what follows is the user data.
            Err(error) if reader.len() == 0 => return Err(error),
            Err(_) => {
                let octets = reader.take(reader.len().min(USER_DATA_OCTETS_MAX), "TP-UD")?;
                (octets, octets.len() * 8 / 7)
            }
        };
        let header_len = if has_header { header_len(octets)? } else { 0 };
        let (header, rest) = octets.split_at(header_len);
        let header = elements(header.get(1..).unwrap_or(&[])).unwrap_or_default();
        let body = match alphabet {
            Alphabet::Gsm7 => {
                let shifts = shifts(&header);
                Body::Text(decode_gsm7(rest, shifts, length, header_len)?)
            }
            Alphabet::Data8 => Body::Octets(rest.to_vec()),
            Alphabet::Ucs2 => Body::Text(decode_ucs2(rest)),
        };
        Ok(UserData {
            header,
            alphabet,
            body,
        })
    }
}

impl InformationElement {
    /// The element that numbers a part.
    pub fn of_concatenation(concatenation: Concatenation) -> InformationElement {
        let Concatenation {
            reference,
            parts,
            part,
        } = concatenation;
        match reference {
            Reference::Eight(reference) => InformationElement {
                id: CONCATENATION_8,
                data: vec![reference, parts, part],
            },
            Reference::Sixteen(reference) => {
                let [high, low] = reference.to_be_bytes();
                InformationElement {
                    id: CONCATENATION_16,
                    data: vec![high, low, parts, part],
                }
            }
        }
    }

    /// The element that addresses an application: always that of 16 bits, as ports of 8 bits are other addresses
    /// rather than a shorter form of the same.
    pub fn of_ports(ports: Ports) -> InformationElement {
        let ports = [ports.destination, ports.source];
        InformationElement {
            id: PORTS_16,
            data: ports.map(u16::to_be_bytes).concat(),
        }
    }

    /// The elements that name national tables; none for the default ones.
    pub fn of_shifts(shifts: Shifts) -> impl Iterator<Item = InformationElement> {
        let named = [
            (SINGLE_SHIFT, shifts.single),
            (LOCKING_SHIFT, shifts.locking),
        ];
        let element = |(id, language): (u8, Option<Language>)| {
            let data = vec![language?.id()];
            Some(InformationElement { id, data })
        };
        named.into_iter().filter_map(element)
    }

    fn ports(&self) -> Option<Ports> {
        let (destination, source) = match (self.id, self.data.as_slice()) {
            (PORTS_8, &[destination, source]) => (u16::from(destination), u16::from(source)),
            (PORTS_16, &[high, low, source_high, source_low]) => (
                u16::from_be_bytes([high, low]),
                u16::from_be_bytes([source_high, source_low]),
            ),
            _ => return None,
        };
        Some(Ports {
            destination,
            source,
        })
    }

    /// An element that is malformed or numbers a part that can't be is to be ignored (3GPP TS 23.040 §9.2.3.24.1).
    fn concatenation(&self) -> Option<Concatenation> {
        let (reference, parts, part) = match (self.id, self.data.as_slice()) {
            (CONCATENATION_8, &[reference, parts, part]) => {
                (Reference::Eight(reference), parts, part)
            }
            (CONCATENATION_16, &[high, low, parts, part]) => {
                let reference = u16::from_be_bytes([high, low]);
                (Reference::Sixteen(reference), parts, part)
            }
            _ => return None,
        };
        (1..=parts).contains(&part).then_some(Concatenation {
            reference,
            parts,
            part,
        })
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Body::Text(text) => write!(f, "Text(<{} characters>)", text.chars().count()),
            Body::Octets(octets) => write!(f, "Octets(<{}>)", octets.len()),
        }
    }
}

fn shifts(header: &[InformationElement]) -> Shifts {
    let language = |id| {
        let mut named = header.iter().rev().filter(|element| element.id == id);
        match named.next()?.data.as_slice() {
            &[language] => Language::from_id(language),
            _ => None,
        }
    };
    Shifts {
        locking: language(LOCKING_SHIFT),
        single: language(SINGLE_SHIFT),
    }
}

fn check_octets(octets: usize) -> Result<(), PduError> {
    if octets > USER_DATA_OCTETS_MAX {
        return Err(PduError::UserDataLength {
            octets,
            octets_max: USER_DATA_OCTETS_MAX,
        });
    }
    Ok(())
}

/// Bits between a header and the first septet.
fn fill_bits(header_len: usize) -> u8 {
    ((7 - header_len * 8 % 7) % 7) as u8
}

/// Appends the text and says TP-UDL.
fn encode_gsm7(
    text: &str,
    shifts: Shifts,
    header_len: usize,
    out: &mut Vec<u8>,
) -> Result<usize, PduError> {
    let septets = gsm7::pack_text(out, text, shifts, fill_bits(header_len))
        .ok_or_else(|| unencodable(text, shifts))?;
    Ok((header_len * 8).div_ceil(7) + septets)
}

fn unencodable(text: &str, shifts: Shifts) -> PduError {
    let position = text
        .chars()
        .take_while(|ch| shifts.codes().width(*ch).is_some())
        .count();
    PduError::Unencodable {
        alphabet: Alphabet::Gsm7,
        position,
    }
}

/// Appends the text and says TP-UDL.
fn encode_ucs2(text: &str, header_len: usize, out: &mut Vec<u8>) -> usize {
    let before = out.len();
    for ch in text.chars() {
        for unit in ch.encode_utf16(&mut [0; 2]) {
            out.extend_from_slice(&unit.to_be_bytes());
        }
    }
    header_len + out.len() - before
}

/// The header's octets with its length octet, checked to be there.
fn header_len(octets: &[u8]) -> Result<usize, PduError> {
    let length = 1 + octets.first().map_or(0, |length| usize::from(*length));
    if length > octets.len() {
        return Err(PduError::UserDataHeader {
            octets: length,
            octets_max: octets.len(),
        });
    }
    Ok(length)
}

/// The elements; `None` if they do not fill the header exactly, which makes a receiver ignore all of it.
fn elements(header: &[u8]) -> Option<Vec<InformationElement>> {
    let mut elements = Vec::new();
    let mut rest = header;
    while let [id, length, after @ ..] = rest {
        let (data, next) = after.split_at_checked(usize::from(*length))?;
        elements.push(InformationElement {
            id: *id,
            data: data.to_vec(),
        });
        rest = next;
    }
    rest.is_empty().then_some(elements)
}

fn decode_gsm7(
    octets: &[u8],
    shifts: Shifts,
    length: usize,
    header_len: usize,
) -> Result<String, PduError> {
    let header_septets = (header_len * 8).div_ceil(7);
    // A header may end in the last, partly used octet, where no septet begins.
    let count = length.saturating_sub(header_septets);
    if count == 0 {
        return Ok(String::new());
    }
    let septets = gsm7::unpack(octets, count, fill_bits(header_len))?;
    Ok(gsm7::text_in(&septets, shifts))
}

/// Unpaired surrogates become U+FFFD, and an odd last octet is ignored: neither is worth losing the rest.
fn decode_ucs2(octets: &[u8]) -> String {
    let units = octets
        .chunks_exact(2)
        .map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
    let mut text = String::with_capacity(octets.len() / 2 * 3);
    text.extend(char::decode_utf16(units).map(|ch| ch.unwrap_or(char::REPLACEMENT_CHARACTER)));
    text
}

/// Concatenated short messages, 8-bit reference (3GPP TS 23.040 §9.2.3.24.1).
const CONCATENATION_8: u8 = 0x00;
/// Concatenated short messages, 16-bit reference (3GPP TS 23.040 §9.2.3.24.8).
const CONCATENATION_16: u8 = 0x08;
/// Application ports of 8 bits (3GPP TS 23.040 §9.2.3.24.3).
const PORTS_8: u8 = 0x04;
/// Application ports of 16 bits (3GPP TS 23.040 §9.2.3.24.4).
const PORTS_16: u8 = 0x05;
/// National language single shift (3GPP TS 23.040 §9.2.3.24.15).
const SINGLE_SHIFT: u8 = 0x24;
/// National language locking shift (3GPP TS 23.040 §9.2.3.24.16).
const LOCKING_SHIFT: u8 = 0x25;

/// What fits in the user data of any TPDU, header included (3GPP TS 23.040 §9.2.3.24).
pub const USER_DATA_OCTETS_MAX: usize = 140;
