//! From the JSON of one message to a request that the core can take: parsed, canonical, encodable.

use std::time::Duration;

use client::{MeasureView, MessageRequest};
use gateway::{
    Data, Form, MessageId, RawRequest, Request, Settings, TextWish, UnixMs, UnknownWord,
};
use jiff::Timestamp;
use sms::Ports;
use uuid::Uuid;

use super::body;
use super::measure::{data_measure_view, measure_view};
use super::problem::Failure;
use crate::duration;

/// A message that the core can take.
pub(super) struct Prepared {
    pub(super) request: Request,
    /// Why it takes so many parts.
    pub(super) measure: MeasureView,
    /// Whether only the answer is wanted.
    pub(super) dry_run: bool,
}

/// Makes one message ready for the core.
pub(super) fn prepare(settings: &Settings, json: &[u8]) -> Result<Prepared, Failure> {
    let message: MessageRequest = body::parse(json)?;
    let word = |field, error: UnknownWord| Failure::malformed(format!("{field}: {error}"));
    let class = message.class.as_deref().map(str::parse).transpose();
    let in_doubt = message.in_doubt.as_deref().map(str::parse).transpose();
    let octets = octets(&message)?;
    let ports = ports(&message)?;
    let raw = RawRequest {
        to: &message.to,
        text: &message.text,
        class: class.map_err(|error| word("class", error))?,
        expires_in: message.expires_in.as_deref().map(expires_in).transpose()?,
        key: message.key.as_deref().map(key).transpose()?,
        app: message.app.as_deref().map(app).transpose()?,
        route: message.route.as_deref(),
        report: message.report,
        in_doubt: in_doubt.map_err(|error| word("in_doubt", error))?,
        wish: wish(&message)?,
        send_at: message.send_at.as_deref().map(send_at).transpose()?,
        data: octets.as_deref().map(|octets| Data { octets, ports }),
    };
    let request = gateway::admit(settings, MessageId(Uuid::now_v7()), &raw)?;
    Ok(Prepared {
        measure: measure(&request),
        request,
        dry_run: message.dry_run.unwrap_or(false),
    })
}

/// Why it takes its parts.
fn measure(request: &Request) -> MeasureView {
    match request.form {
        Form::Text(encoding) => {
            let explained = sms::explain(&request.text, encoding.into())
                .expect("admission has measured the text");
            measure_view(&explained, &request.replaced)
        }
        Form::Data(ports) => {
            let octets = request.text.len() / 2;
            let measure = sms::measure_data(octets, ports).expect("admission has measured them");
            data_measure_view(octets, &measure)
        }
    }
}

/// The octets that are to be sent instead of a text.
fn octets(message: &MessageRequest) -> Result<Option<Vec<u8>>, Failure> {
    let Some(digits) = &message.data else {
        return Ok(None);
    };
    let of_texts = [
        ("text", !message.text.is_empty()),
        ("encoding", message.encoding.is_some()),
        ("national_tables", message.national_tables.is_some()),
        ("transliterate", message.transliterate.is_some()),
    ];
    if let Some((field, _)) = of_texts.iter().find(|(_, given)| *given) {
        return Err(Failure::malformed(format!(
            "{field}: not beside data, which is sent as it is"
        )));
    }
    let octets = sms::hex::decode(digits.as_bytes());
    let octets = octets.map_err(|error| {
        Failure::malformed(format!("data: {error}; write octets as in `0B5A00`"))
    })?;
    Ok(Some(octets))
}

/// The application that data is for.
fn ports(message: &MessageRequest) -> Result<Option<Ports>, Failure> {
    let fault = match (message.source_port, message.destination_port) {
        (None, None) => return Ok(None),
        (Some(_), None) => "source_port: only beside destination_port",
        (_, Some(_)) if message.data.is_none() => "destination_port: only beside data",
        (source, Some(destination)) => {
            return Ok(Some(Ports {
                destination,
                source: source.unwrap_or(0),
            }));
        }
    };
    Err(Failure::malformed(fault))
}

/// How the text is to go on the air.
fn wish(message: &MessageRequest) -> Result<TextWish, Failure> {
    let word = |field, error: UnknownWord| Failure::malformed(format!("{field}: {error}"));
    let encoding = message.encoding.as_deref().map(str::parse).transpose();
    let transliterate = message.transliterate.as_deref().map(str::parse).transpose();
    let named = message.national_tables.as_ref();
    let tables = named.map(|names| gateway::languages(names.iter().map(String::as_str)));
    if message.replace.is_some_and(|of| !(1..=7).contains(&of)) {
        return Err(Failure::malformed("replace: must be a type from 1 to 7"));
    }
    Ok(TextWish {
        encoding: encoding.map_err(|error| word("encoding", error))?,
        national_tables: tables
            .transpose()
            .map_err(|error| word("national_tables", error))?,
        transliterate: transliterate.map_err(|error| word("transliterate", error))?,
        flash: message.flash.unwrap_or(false),
        replace: message.replace,
    })
}

fn expires_in(text: &str) -> Result<Duration, Failure> {
    let duration = duration::parse(text)
        .map_err(|error| Failure::malformed(format!("expires_in: {error}")))?;
    if (EXPIRES_IN_MIN..=EXPIRES_IN_MAX).contains(&duration) {
        return Ok(duration);
    }
    let (min, max) = (
        duration::format(EXPIRES_IN_MIN),
        duration::format(EXPIRES_IN_MAX),
    );
    Err(Failure::malformed(format!(
        "expires_in: `{text}` is not within {min} and {max}"
    )))
}

fn send_at(text: &str) -> Result<UnixMs, Failure> {
    let moment: Result<Timestamp, _> = text.parse();
    match moment {
        Ok(moment) => Ok(UnixMs(moment.as_millisecond())),
        Err(_) => Err(Failure::malformed(format!(
            "send_at: `{text}` is no time: write RFC 3339 with the offset from UTC, as in 2026-12-01T08:00:00+01:00"
        ))),
    }
}

fn key(text: &str) -> Result<&str, Failure> {
    if (1..=KEY_BYTES_MAX).contains(&text.len()) {
        return Ok(text);
    }
    Err(Failure::malformed(format!(
        "key: must have 1 to {KEY_BYTES_MAX} bytes"
    )))
}

/// The name of an app, as a message or a question about routes gives it.
pub(super) fn app(text: &str) -> Result<&str, Failure> {
    if (1..=APP_CHARS_MAX).contains(&text.chars().count()) {
        return Ok(text);
    }
    Err(Failure::malformed(format!(
        "app: must have 1 to {APP_CHARS_MAX} characters"
    )))
}

/// Less can't be sent in time, more is no SMS: service centres keep one for a few days.
const EXPIRES_IN_MIN: Duration = Duration::from_secs(1);
const EXPIRES_IN_MAX: Duration = Duration::from_secs(30 * 86_400);

/// A name, not a description: it is kept with each message.
const APP_CHARS_MAX: usize = 40;

/// Keys are kept and indexed for a week; a hash or an order number is far shorter.
const KEY_BYTES_MAX: usize = 200;
