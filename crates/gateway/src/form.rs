//! How a message goes on the air: a text in an encoding, or octets for an application.
//!
//! Book, records and store know both as text: octets are there as hexadecimal digits, which lose nothing, are erased as
//! texts are, and can be read by an operator who looks into the store.

use sms::{Alphabet, Encoding, Ports, Shifts, UserData, hex};

/// How a message goes on the air.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A text.
    Text(Encoding),
    /// Octets as they are, for the application at these ports; the message's text is their hexadecimal digits.
    Data(Option<Ports>),
}

/// Octets that an app hands over instead of a text.
#[derive(Clone, Copy)]
pub struct Data<'a> {
    /// The octets.
    pub octets: &'a [u8],
    /// The application that they are for.
    pub ports: Option<Ports>,
}

impl Form {
    /// The word of the API: `gsm7`, whatever the tables, `ucs2` or `8bit`.
    pub fn as_str(self) -> &'static str {
        match self {
            Form::Text(encoding) => encoding.as_str(),
            Form::Data(_) => Alphabet::Data8.as_str(),
        }
    }

    /// The national tables.
    pub fn shifts(self) -> Shifts {
        match self {
            Form::Text(encoding) => encoding.shifts(),
            Form::Data(_) => Shifts::NONE,
        }
    }

    /// The application that data is for.
    pub fn ports(self) -> Option<Ports> {
        match self {
            Form::Text(_) => None,
            Form::Data(ports) => ports,
        }
    }

    /// Whether it is data.
    pub fn is_data(self) -> bool {
        matches!(self, Form::Data(_))
    }

    /// The user data of a part, counted from 1; admission has measured the text.
    pub(crate) fn part(self, text: &str, reference: u8, part: u8) -> UserData {
        let found = match self {
            Form::Text(encoding) => sms::segment_part(text, encoding.into(), reference, part),
            Form::Data(ports) => {
                let octets = hex::decode(text.as_bytes()).expect("admission wrote the digits");
                let parts = sms::segment_data(&octets, ports, reference);
                parts.map(|parts| parts.into_iter().nth(usize::from(part) - 1))
            }
        };
        let found = found.expect("admission has measured it");
        found.expect("a message has the part that is sent")
    }
}

impl From<Encoding> for Form {
    fn from(encoding: Encoding) -> Form {
        Form::Text(encoding)
    }
}

impl Data<'_> {
    /// The octets as a message's text.
    pub(crate) fn text(&self) -> String {
        hex::encode_upper(self.octets)
    }

    /// Octets and ports as one text, for digests.
    pub(crate) fn written(&self) -> String {
        let ports = self.ports.map_or_else(
            || "-".to_owned(),
            |ports| format!("{}>{}", ports.source, ports.destination),
        );
        format!("{} {ports}", self.text())
    }
}

impl std::fmt::Debug for Data<'_> {
    /// Data is as private as a text.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Data(<{} octets>)", self.octets.len())
    }
}
