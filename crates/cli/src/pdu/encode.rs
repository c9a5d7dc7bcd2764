//! `pdu encode`: the PDUs of a text or of data, one a part, as `AT+CMGS` takes them, and why there are so many.

use std::borrow::Cow;

use anyhow::Context;
use client::MeasureView;
use serde_json::json;
use sms::{
    Address, DataCoding, EncodingChoice, Languages, MessageClass, Pdu, Ports, Submit,
    Transliterated, Transliteration, UserData, Validity, explain, hex, measure_data, protocol,
    segment, segment_data, transliterate,
};

use crate::args::{EncodeArguments, TextEncoding, Transliterate};
use crate::failure::Failure;
use crate::measure;
use crate::output::Output;

/// Prints the PDU of each part, with the length that `AT+CMGS` is given.
///
/// # Errors
/// [`Failure::Operation`] for a number, a text or data that can't be sent.
pub(crate) fn encode(out: &mut Output, arguments: &EncodeArguments) -> Result<(), Failure> {
    let to = Address::parse(&arguments.to).context("--to is no number")?;
    let (segments, measure) = match &arguments.data {
        Some(digits) => data(arguments, digits)?,
        None => text(arguments)?,
    };
    let parts = segments.len();
    for (part, user_data) in (1..).zip(segments) {
        let alphabet = user_data.alphabet;
        let class = arguments.flash.then_some(MessageClass::Flash);
        let tpdu = Submit {
            report: !arguments.no_report,
            validity: arguments.validity.map(Validity::at_least_minutes),
            protocol_id: arguments.replace.map_or(0, protocol::replacing),
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
                "measure": measure,
            }))?;
        } else {
            out.line(format!(
                "part {part} of {parts}, {alphabet}: AT+CMGS={length}"
            ))?;
            out.line(pdu)?;
        }
    }
    if out.is_json() {
        return Ok(());
    }
    measure::explain(out, &measure)
}

fn text(arguments: &EncodeArguments) -> Result<(Vec<UserData>, MeasureView), Failure> {
    let choice = choice(arguments)?;
    let Transliterated { text, replaced } = plain(arguments);
    let explained = explain(&text, choice).context("--text can't be sent")?;
    let segments = segment(&text, choice, arguments.reference).context("--text can't be sent")?;
    Ok((segments, daemon::measure_view(&explained, &replaced)))
}

fn data(
    arguments: &EncodeArguments,
    digits: &str,
) -> Result<(Vec<UserData>, MeasureView), Failure> {
    let octets = hex::decode(digits.as_bytes()).context("--data is not hexadecimal")?;
    let ports = arguments.port.map(|destination| Ports {
        destination,
        source: arguments.source_port.unwrap_or(0),
    });
    let measure = measure_data(octets.len(), ports).context("--data can't be sent")?;
    let segments =
        segment_data(&octets, ports, arguments.reference).context("--data can't be sent")?;
    Ok((segments, daemon::data_measure_view(octets.len(), &measure)))
}

fn choice(arguments: &EncodeArguments) -> Result<EncodingChoice, Failure> {
    let names = arguments.national_tables.iter().map(String::as_str);
    let mut languages = Languages::NONE;
    for name in names {
        let language = sms::Language::from_name(name)
            .with_context(|| format!("--national-tables: {name:?} is no language with tables"))?;
        languages = languages.or([language].into_iter().collect());
    }
    Ok(match arguments.encoding {
        TextEncoding::Auto => EncodingChoice::AutoNational(languages),
        TextEncoding::Gsm7 => EncodingChoice::Gsm7,
        TextEncoding::Ucs2 => EncodingChoice::Ucs2,
    })
}

/// The text, transliterated if that is asked for.
fn plain(arguments: &EncodeArguments) -> Transliterated<'_> {
    let how = arguments.transliterate.map(|how| match how {
        Transliterate::Punctuation => Transliteration::Punctuation,
        Transliterate::Letters => Transliteration::Letters,
    });
    let text = arguments.text.as_deref().unwrap_or_default();
    match how {
        Some(how) => transliterate(text, how),
        None => Transliterated {
            text: Cow::Borrowed(text),
            replaced: Vec::new(),
        },
    }
}
