//! `pdu decode`: one PDU after the other, each on its own: a bad one is reported and the rest goes on.

use std::io::BufRead;

use serde_json::{Map, Value, json};
use sms::{
    Address, Body, DataCoding, Direction, FailureCause, MessageClass, Parameters, Reference,
    ServiceCentreTime, Tpdu, TypeOfNumber, UserData, Validity, hex, split_smsc,
};

use crate::args::{DecodeArguments, Originated, Smsc};
use crate::failure::{FAILED, Failure};
use crate::output::Output;

/// Explains each PDU.
///
/// # Errors
/// [`Failure::Told`] if one could not be read.
pub(crate) fn decode(out: &mut Output, arguments: &DecodeArguments) -> Result<(), Failure> {
    let mut faults = 0;
    for given in &arguments.hex {
        if given != "-" {
            faults += usize::from(!explain(out, arguments, given)?);
            continue;
        }
        for line in std::io::stdin().lock().lines() {
            let line = line.map_err(anyhow::Error::from)?;
            if !line.trim().is_empty() {
                faults += usize::from(!explain(out, arguments, &line)?);
            }
        }
    }
    if faults > 0 {
        return Err(Failure::Told(FAILED));
    }
    Ok(())
}

/// Whether the PDU could be read.
fn explain(out: &mut Output, arguments: &DecodeArguments, given: &str) -> Result<bool, Failure> {
    let read = read(arguments, given);
    let is_read = read.is_ok();
    let fields = read.unwrap_or_else(|error| Map::from_iter([("error".into(), error.into())]));
    if out.is_json() {
        out.object(&fields)?;
        return Ok(is_read);
    }
    for (name, value) in &fields {
        out.line(format!("{name:<14} {}", plain(value)))?;
    }
    out.line("")?;
    Ok(is_read)
}

fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

fn read(arguments: &DecodeArguments, given: &str) -> Result<Map<String, Value>, String> {
    let digits: String = given.split_whitespace().collect();
    let octets = hex::decode(digits.as_bytes()).map_err(|error| error.to_string())?;
    let with_smsc: &[bool] = match arguments.smsc {
        Smsc::Auto => &[true, false],
        Smsc::Yes => &[true],
        Smsc::No => &[false],
    };
    let directions: &[Direction] = match arguments.direction {
        Originated::Auto => &[Direction::MobileTerminated, Direction::MobileOriginated],
        Originated::Mo => &[Direction::MobileOriginated],
        Originated::Mt => &[Direction::MobileTerminated],
    };
    let mut best: Option<Reading> = None;
    let mut refused = None;
    for (has_smsc, direction) in with_smsc.iter().flat_map(|has_smsc| {
        directions
            .iter()
            .map(move |direction| (*has_smsc, *direction))
    }) {
        match Reading::of(&octets, has_smsc, direction) {
            Ok(reading) if best.as_ref().is_none_or(|best| reading.fits > best.fits) => {
                best = Some(reading);
            }
            Ok(_) => {}
            Err(error) => refused = refused.or(Some(error.to_string())),
        }
    }
    match (best, refused) {
        (Some(reading), _) => Ok(reading.fields()),
        (None, Some(error)) => Err(error),
        (None, None) => Err("the PDU is empty".into()),
    }
}

/// One way to read the octets.
struct Reading {
    smsc: Option<Address>,
    tpdu: Tpdu,
    /// How well the octets suit it: written again they are the same, as many, or neither; a message before an answer.
    fits: (u8, bool),
}

impl Reading {
    fn of(octets: &[u8], has_smsc: bool, direction: Direction) -> Result<Reading, sms::PduError> {
        let (smsc, rest) = if has_smsc {
            split_smsc(octets)?
        } else {
            (None, octets)
        };
        let tpdu = Tpdu::decode(rest, direction)?;
        let again = tpdu.encode().unwrap_or_default();
        let exact = match again {
            again if again == rest => 2,
            again if again.len() == rest.len() => 1,
            _ => 0,
        };
        let is_answer = matches!(tpdu, Tpdu::SubmitReport(_) | Tpdu::DeliverReport(_));
        Ok(Reading {
            smsc,
            tpdu,
            fits: (exact, !is_answer),
        })
    }

    fn fields(&self) -> Map<String, Value> {
        let mut fields = Fields(Map::new());
        fields.put("type", Some(type_of(&self.tpdu)));
        fields.put("smsc", self.smsc.as_ref().map(Address::text));
        match &self.tpdu {
            Tpdu::Submit(of) => {
                fields.address(&of.destination);
                fields.coded(of.coding, &of.user_data);
                fields.put("mr", Some(of.reference));
                fields.put("pid", Some(of.protocol_id));
                fields.put("dcs", Some(of.coding.0));
                fields.put("validity", of.validity.map(validity));
            }
            Tpdu::Deliver(of) => {
                fields.address(&of.originator);
                fields.coded(of.coding, &of.user_data);
                fields.put("pid", Some(of.protocol_id));
                fields.put("dcs", Some(of.coding.0));
                fields.time("scts", of.time);
            }
            Tpdu::StatusReport(of) => {
                fields.address(&of.recipient);
                fields.put("mr", Some(of.reference));
                fields.time("scts", of.time);
                fields.time("discharge", of.discharge);
                fields.put("status", Some(of.status.0));
                fields.put("status_name", Some(of.status.name()));
                fields.put("status_class", Some(of.status.class().as_str()));
                if let Ok(parameters) = Parameters::from_octets(&of.optional, of.optional_header) {
                    fields.parameters(&parameters);
                }
            }
            Tpdu::SubmitReport(of) => {
                fields.time("scts", of.time);
                fields.cause(of.cause);
                fields.parameters(&of.parameters);
            }
            Tpdu::DeliverReport(of) => {
                fields.cause(of.cause);
                fields.parameters(&of.parameters);
            }
        }
        fields.0
    }
}

/// What is absent is left out.
struct Fields(Map<String, Value>);

impl Fields {
    fn put(&mut self, name: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.0.insert(name.into(), value.into());
        }
    }

    fn address(&mut self, address: &Address) {
        self.put("address", Some(address.text()));
        self.put(
            "address_type",
            Some(type_of_number(address.type_of_number())),
        );
    }

    fn time(&mut self, name: &str, time: Option<ServiceCentreTime>) {
        self.put(name, time.map(|time| time.rfc3339()));
    }

    fn cause(&mut self, cause: Option<FailureCause>) {
        self.put("status", cause.map(|cause| cause.0));
        self.put("status_name", cause.map(FailureCause::name));
        self.put("status_class", cause.map(|cause| cause.class().as_str()));
    }

    fn parameters(&mut self, parameters: &Parameters) {
        self.put("pid", parameters.protocol_id);
        self.put("dcs", parameters.coding.map(|coding| coding.0));
        if let Some(user_data) = &parameters.user_data {
            self.coded(parameters.coding.unwrap_or(DataCoding(0)), user_data);
        }
    }

    fn coded(&mut self, coding: DataCoding, user_data: &UserData) {
        match &user_data.body {
            Body::Text(text) => self.put("text", Some(text.as_str())),
            Body::Octets(octets) => self.put("data", Some(hex::encode_upper(octets))),
        }
        self.put("alphabet", Some(user_data.alphabet.as_str()));
        let shifts = user_data.shifts();
        let language = shifts.locking.or(shifts.single);
        self.put("language", language.map(sms::Language::as_str));
        self.put("class", coding.class().map(class));
        let udh: Vec<Value> = user_data
            .header
            .iter()
            .map(|element| json!({"id": element.id, "data": hex::encode_upper(&element.data)}))
            .collect();
        self.put("udh", Some(udh).filter(|udh| !udh.is_empty()));
        let concat = user_data.concatenation().map(|of| {
            let bits = match of.reference {
                Reference::Eight(_) => 8,
                Reference::Sixteen(_) => 16,
            };
            json!({"ref": of.reference.number(), "part": of.part, "parts": of.parts, "bits": bits})
        });
        self.put("concat", concat);
        let ports = user_data.ports();
        let ports = ports.map(|of| json!({"destination": of.destination, "source": of.source}));
        self.put("ports", ports);
    }
}

fn type_of(tpdu: &Tpdu) -> &'static str {
    match tpdu {
        Tpdu::Submit(_) => "submit",
        Tpdu::Deliver(_) => "deliver",
        Tpdu::StatusReport(_) => "status_report",
        Tpdu::SubmitReport(_) => "submit_report",
        Tpdu::DeliverReport(_) => "deliver_report",
    }
}

fn type_of_number(of: TypeOfNumber) -> &'static str {
    match of {
        TypeOfNumber::Unknown => "unknown",
        TypeOfNumber::International => "international",
        TypeOfNumber::National => "national",
        TypeOfNumber::NetworkSpecific => "network_specific",
        TypeOfNumber::Subscriber => "subscriber",
        TypeOfNumber::Alphanumeric => "alphanumeric",
        TypeOfNumber::Abbreviated => "abbreviated",
        TypeOfNumber::Reserved => "reserved",
    }
}

fn class(of: MessageClass) -> u8 {
    of as u8
}

/// A duration in seconds, or the time of an absolute one; the octets of what gives neither.
fn validity(of: Validity) -> String {
    match (of.period(), of.end(), of) {
        (Some(period), _, _) => format!("{}s", period.as_secs()),
        (None, Some(end), _) => end.rfc3339(),
        (None, None, Validity::Absolute(octets) | Validity::Enhanced(octets)) => {
            hex::encode_upper(&octets)
        }
        (None, None, Validity::Relative(octet)) => hex::encode_upper(&[octet]),
    }
}
