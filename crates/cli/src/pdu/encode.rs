//! `pdu encode`: the PDUs of a text, one a part, as `AT+CMGS` takes them.

use anyhow::Context;
use serde_json::json;
use sms::{
    Address, DataCoding, EncodingChoice, MessageClass, Pdu, Submit, Validity, hex, outside_gsm7,
    segment,
};

use crate::args::{EncodeArguments, TextEncoding};
use crate::failure::Failure;
use crate::output::Output;

/// Prints the PDU of each part, with the length that `AT+CMGS` is given.
///
/// # Errors
/// [`Failure::Operation`] for a number or a text that can't be sent.
pub(crate) fn encode(out: &mut Output, arguments: &EncodeArguments) -> Result<(), Failure> {
    let to = Address::parse(&arguments.to).context("--to is no number")?;
    let choice = match arguments.encoding {
        TextEncoding::Auto => EncodingChoice::Auto,
        TextEncoding::Gsm7 => EncodingChoice::Gsm7,
        TextEncoding::Ucs2 => EncodingChoice::Ucs2,
    };
    let segments =
        segment(&arguments.text, choice, arguments.reference).context("--text can't be sent")?;
    let parts = segments.len();
    for (part, user_data) in (1..).zip(segments) {
        let alphabet = user_data.alphabet;
        let class = arguments.flash.then_some(MessageClass::Flash);
        let tpdu = Submit {
            report: !arguments.no_report,
            validity: arguments.validity.map(Validity::at_least_minutes),
            coding: DataCoding::new(alphabet, class),
            ..Submit::new(to.clone(), user_data)
        };
        let octets = Pdu { smsc: None, tpdu }
            .encode()
            .context("a part has no PDU")?;
        let (pdu, length) = (hex::encode_upper(&octets), octets.len() - 1);
        let alphabet = alphabet.as_str();
        if out.is_json() {
            out.object(&json!({
                "pdu": pdu, "tpdu_length": length, "part": part, "parts": parts, "alphabet": alphabet,
            }))?;
        } else {
            out.line(format!(
                "part {part} of {parts}, {alphabet}: AT+CMGS={length}"
            ))?;
            out.line(pdu)?;
        }
    }
    explain(out, arguments)
}

/// Why the text is UCS-2, if a character forced it.
fn explain(out: &mut Output, arguments: &EncodeArguments) -> Result<(), Failure> {
    let forced = outside_gsm7(&arguments.text).filter(|_| arguments.encoding == TextEncoding::Auto);
    match forced {
        Some((position, ch)) if !out.is_json() => out.line(format!(
            "UCS-2 because of {ch:?}, character {} of the text",
            position + 1
        )),
        _ => Ok(()),
    }
}
