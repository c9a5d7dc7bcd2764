//! Reports and messages from the network: a header line, then the PDU on a line of its own
//! (3GPP TS 27.005 §3.4.1 `+CMT`, `+CDS`, `+CBM`, §4.1 `+CMGL`, §4.2 `+CMGR`).
//!
//! Matching a report to a message is the gateway's business.

use sms::{Direction, Tpdu};

use crate::timing::PDU_GAP_LINES_MAX;
use crate::{Event, fields};

/// What a header announces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    kind: Kind,
    /// A message of our own that lies in the store.
    own: bool,
    /// Octets of the TPDU, without the service centre's address.
    length: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Deliver,
    Report,
    Broadcast,
    /// One record of the store, answered to `+CMGR`.
    Read,
    /// One of all records of the store, answered to `+CMGL`.
    Listed(u16),
}

/// The PDU of a header.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Incoming {
    /// What announced it.
    pub(crate) header: Header,
    /// What it holds.
    pub(crate) content: Content,
}

/// What a PDU holds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Content {
    /// A report or message, as the event that tells of it.
    Event(Box<Event>),
    /// A broadcast, or a message of our own in the store.
    Unwanted,
    /// Nothing that can be decoded.
    Garbage,
}

/// The header that waits for its PDU.
#[derive(Debug, Default)]
pub(crate) struct Inbound {
    waiting: Option<Header>,
    gap_lines: u8,
}

impl Header {
    /// Reads a header line; `None` if it is none, or if no PDU follows.
    pub(crate) fn parse(line: &[u8]) -> Option<Header> {
        let parse = |name: &str| fields::rest(line, name);
        if let Some(rest) = parse("+CDS:") {
            // More fields are the text mode, in which nothing follows.
            return (rest.matches(',').count() <= 1).then(|| Header::new(Kind::Report, rest))?;
        }
        if let Some(rest) = parse("+CMT:") {
            return Header::new(Kind::Deliver, rest);
        }
        if let Some(rest) = parse("+CBM:") {
            return Header::new(Kind::Broadcast, rest);
        }
        if let Some(rest) = parse("+CMGR:") {
            return Some(Header::new(Kind::Read, rest)?.stored(rest.split(',').next()?));
        }
        let rest = parse("+CMGL:")?;
        let (index, status) = rest.split_once(',')?;
        let index = u16::try_from(fields::number(index.trim())?).ok()?;
        Some(Header::new(Kind::Listed(index), rest)?.stored(status.split(',').next()?))
    }

    /// The length is the last field: ZTE leaves an empty one before it.
    fn new(kind: Kind, rest: &str) -> Option<Header> {
        let length = usize::try_from(fields::number(rest.rsplit(',').next()?.trim())?).ok()?;
        (length > 0).then_some(Header {
            kind,
            own: false,
            length,
        })
    }

    /// A stored record: 2 and 3 are messages of our own, unsent and sent (3GPP TS 27.005 §3.1 `<stat>`).
    fn stored(self, status: &str) -> Header {
        Header {
            own: matches!(status.trim(), "2" | "3"),
            ..self
        }
    }

    /// The record's index, if the store was listed.
    pub(crate) fn index(self) -> Option<u16> {
        match self.kind {
            Kind::Listed(index) => Some(index),
            Kind::Deliver | Kind::Report | Kind::Broadcast | Kind::Read => None,
        }
    }

    /// Whether it was routed to us as it came (`+CMT`, `+CDS`), and not stored.
    pub(crate) fn is_routed(self) -> bool {
        matches!(self.kind, Kind::Deliver | Kind::Report)
    }

    /// Whether it lies in a store, and can be read again.
    pub(crate) fn is_stored(self) -> bool {
        self.is_read() || self.index().is_some()
    }

    /// Whether it answers a `+CMGR`.
    pub(crate) fn is_read(self) -> bool {
        self.kind == Kind::Read
    }
}

impl Inbound {
    /// A header came: its PDU follows.
    pub(crate) fn expect(&mut self, header: Header) {
        self.waiting = Some(header);
        self.gap_lines = 0;
    }

    /// Forgets a header: the port is new.
    pub(crate) fn reset(&mut self) {
        self.waiting = None;
    }

    /// Takes a line that is the PDU announced; `None` leaves the line to others.
    pub(crate) fn take(&mut self, line: &[u8]) -> Option<Incoming> {
        let header = self.waiting?;
        let octets = sms::hex::decode(line.trim_ascii()).ok();
        let Some(octets) = octets.filter(|octets| octets.len() >= header.length) else {
            self.gap_lines += 1;
            if self.gap_lines >= PDU_GAP_LINES_MAX {
                self.waiting = None;
            }
            return None;
        };
        self.waiting = None;
        let content = if header.own || header.kind == Kind::Broadcast {
            Content::Unwanted
        } else {
            decode(header, &octets)
                .map_or(Content::Garbage, |event| Content::Event(Box::new(event)))
        };
        Some(Incoming { header, content })
    }
}

/// Decodes with the service centre's address in front, or without where firmware leaves it out: the announced length
/// says which is likelier.
fn decode(header: Header, octets: &[u8]) -> Option<Event> {
    let with = || {
        sms::split_smsc(octets)
            .ok()
            .and_then(|(_, tpdu)| decode_tpdu(header.kind, tpdu))
    };
    let without = || decode_tpdu(header.kind, octets);
    if header.length == octets.len() {
        without().or_else(with)
    } else {
        with().or_else(without)
    }
}

fn decode_tpdu(kind: Kind, octets: &[u8]) -> Option<Event> {
    let event = match Tpdu::decode(octets, Direction::MobileTerminated).ok()? {
        Tpdu::Deliver(deliver) => Event::Inbound(deliver),
        Tpdu::StatusReport(report) => Event::Report(report),
        Tpdu::Submit(_) | Tpdu::SubmitReport(_) | Tpdu::DeliverReport(_) => return None,
    };
    let fits = match kind {
        Kind::Deliver => matches!(event, Event::Inbound(_)),
        Kind::Report => matches!(event, Event::Report(_)),
        Kind::Broadcast => false,
        Kind::Read | Kind::Listed(_) => true,
    };
    fits.then_some(event)
}

#[cfg(test)]
mod tests;
