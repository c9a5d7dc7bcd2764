//! Is this a message that can be sent at all? Pure: it knows the settings and the request, not the gateway's state.
//!
//! The ingress tasks call it side by side before anything reaches the core, so that a malformed request costs the core nothing.
//! Whether there is room for the message is the core's question.

use std::borrow::Cow;
use std::time::Duration;

use sms::{Address, DataMeasure, Measure, Replaced, SegmentError};

use crate::exchange::{Refusal, Request};
use crate::form::{Data, Form};
use crate::settings::Settings;
use crate::wish::TextWish;
use crate::words::{Class, InDoubt, MessageId, UnixMs};

/// What an app sent, its words parsed and nothing yet checked.
#[derive(Clone, Debug, Default)]
pub struct RawRequest<'a> {
    /// Recipient as given.
    pub to: &'a str,
    /// Text as given.
    pub text: &'a str,
    /// Class; `notification` if absent.
    pub class: Option<Class>,
    /// Lifetime; the class's if absent.
    pub expires_in: Option<Duration>,
    /// Idempotency key.
    pub key: Option<&'a str>,
    /// Name of the app.
    pub app: Option<&'a str>,
    /// Name of a route.
    pub route: Option<&'a str>,
    /// Whether reports are wanted; yes if absent.
    pub report: Option<bool>,
    /// Policy in doubt; the class's if absent.
    pub in_doubt: Option<InDoubt>,
    /// How the text is to go on the air.
    pub wish: TextWish,
    /// Not to be sent before; at once if absent.
    pub send_at: Option<UnixMs>,
    /// What is to be sent instead of the text.
    pub data: Option<Data<'a>>,
}

/// Makes a request canonical, or says why it can't be sent.
///
/// # Errors
/// [`Refusal`] with the reason; none of them depends on the gateway's state.
pub fn admit(settings: &Settings, id: MessageId, raw: &RawRequest<'_>) -> Result<Request, Refusal> {
    let to = canonical_recipient(settings, raw.to)?;
    if let Some(why) = settings.recipients.against(&to.text()) {
        return Err(Refusal::Policy(why));
    }
    let shape = match &raw.data {
        Some(data) => shape_of_data(settings, data)?,
        None => shape(settings, raw)?,
    };
    if shape.parts > settings.parts_max {
        return Err(too_long(usize::from(shape.parts), settings));
    }
    if let Some(name) = raw.route
        && !settings.routes.iter().any(|route| &*route.name == name)
    {
        return Err(Refusal::UnknownRoute(name.into()));
    }
    let class = raw.class.unwrap_or(Class::Notification);
    let defaults = settings.class(class);
    Ok(Request {
        id,
        digest: digest(&to, raw),
        to,
        text: shape.text.into(),
        class,
        expires_in: raw.expires_in.unwrap_or(defaults.expires_in),
        key: raw.key.map(Into::into),
        app: raw.app.map(Into::into),
        route: raw.route.map(Into::into),
        report: raw.report.unwrap_or(true),
        in_doubt: raw.in_doubt.unwrap_or(defaults.in_doubt),
        form: shape.form,
        parts: shape.parts,
        flash: raw.wish.flash,
        replace: raw.wish.replace,
        replaced: shape.replaced,
        send_at: raw.send_at,
    })
}

/// A text or data as it goes on the air.
struct Shape<'a> {
    text: Cow<'a, str>,
    form: Form,
    parts: u8,
    replaced: Vec<Replaced>,
}

fn shape_of_data<'a>(settings: &Settings, data: &Data<'a>) -> Result<Shape<'a>, Refusal> {
    let measure = sms::measure_data(data.octets.len(), data.ports);
    let DataMeasure { parts, .. } = measure.map_err(|fault| refusal_of(&fault, settings))?;
    Ok(Shape {
        text: data.text().into(),
        form: Form::Data(data.ports),
        parts,
        replaced: Vec::new(),
    })
}

/// The text in its cheapest encoding, transliterated if that is allowed and makes it cheaper.
fn shape<'a>(settings: &Settings, raw: &RawRequest<'a>) -> Result<Shape<'a>, Refusal> {
    let choice = raw.wish.choice(settings);
    let given = sms::measure(raw.text, choice);
    let how = raw.wish.transliteration(settings);
    if let Some(plain) = how.map(|how| sms::transliterate(raw.text, how))
        && let Ok(measure) = sms::measure(&plain.text, choice)
        && given
            .as_ref()
            .map_or(true, |given| cost(&measure) < cost(given))
    {
        return Ok(Shape {
            text: plain.text,
            form: measure.encoding.into(),
            parts: measure.parts,
            replaced: plain.replaced,
        });
    }
    let measure = given.map_err(|fault| refusal_of(&fault, settings))?;
    Ok(Shape {
        text: raw.text.into(),
        form: measure.encoding.into(),
        parts: measure.parts,
        replaced: Vec::new(),
    })
}

fn cost(measure: &Measure) -> (u8, u32) {
    (measure.parts, measure.octets)
}

/// Brings a recipient into its canonical form: E.164 with `+`, or a short code that a route names.
///
/// Separators that people write (space, `-`, `.`, `/`, brackets) are dropped; `00` stands for `+`; a national number
/// (leading `0`) needs a default country.
///
/// # Errors
/// [`Refusal::InvalidRecipient`] with what is wrong; the number itself is not repeated.
pub fn canonical_recipient(settings: &Settings, given: &str) -> Result<Address, Refusal> {
    let compact: String = given.chars().filter(|ch| !is_separator(*ch)).collect();
    let canonical = if let Some(digits) = compact.strip_prefix('+') {
        international(digits)?
    } else if let Some(digits) = compact.strip_prefix("00") {
        international(digits)?
    } else if is_short_code(settings, &compact) {
        compact
    } else {
        national(settings, &compact)?
    };
    Address::parse(&canonical)
        .map_err(|_| Refusal::InvalidRecipient("it holds characters that no number has"))
}

fn is_separator(ch: char) -> bool {
    matches!(ch, ' ' | '-' | '.' | '/' | '(' | ')' | '\u{a0}')
}

/// E.164: a country code that does not begin with 0, 15 digits at most.
fn international(digits: &str) -> Result<String, Refusal> {
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Refusal::InvalidRecipient(
            "after `+` only digits may follow, as in +4915112345678",
        ));
    }
    if digits.starts_with('0') {
        return Err(Refusal::InvalidRecipient("no country code begins with 0"));
    }
    if !(DIGITS_MIN..=DIGITS_MAX).contains(&digits.len()) {
        return Err(Refusal::InvalidRecipient(
            "E.164 numbers have 8 to 15 digits with the country code",
        ));
    }
    Ok(format!("+{digits}"))
}

/// A short code is allowed where a route names it as a prefix.
fn is_short_code(settings: &Settings, digits: &str) -> bool {
    let is_short = (SHORT_CODE_MIN..=SHORT_CODE_MAX).contains(&digits.len())
        && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_short
        && settings.routes.iter().any(|route| {
            let mut prefixes = route
                .prefixes
                .iter()
                .filter(|prefix| !prefix.starts_with('+'));
            prefixes.any(|prefix| digits.starts_with(&**prefix))
        })
}

fn national(settings: &Settings, digits: &str) -> Result<String, Refusal> {
    let Some(country) = &settings.default_country else {
        return Err(Refusal::InvalidRecipient(
            "write it in E.164 form, as in +4915112345678, or configure gateway.default_country",
        ));
    };
    let Some(significant) = digits.strip_prefix('0') else {
        return Err(Refusal::InvalidRecipient(
            "a national number begins with 0, an international one with +",
        ));
    };
    international(&format!("{country}{significant}"))
}

fn refusal_of(fault: &SegmentError, settings: &Settings) -> Refusal {
    match fault {
        SegmentError::Empty => Refusal::EmptyText,
        SegmentError::Unencodable { position, .. } => Refusal::Unencodable {
            position: *position,
        },
        SegmentError::TooLong { parts, .. } => too_long(*parts, settings),
    }
}

fn too_long(parts: usize, settings: &Settings) -> Refusal {
    Refusal::TextTooLong {
        parts,
        parts_max: usize::from(settings.parts_max),
    }
}

/// FNV-1a over the request as it was given: it is stored for days, so it must be the same in every build.
fn digest(to: &Address, raw: &RawRequest<'_>) -> u64 {
    let lifetime = raw
        .expires_in
        .map(|lifetime| lifetime.as_millis().to_string());
    let fields = [
        Some(to.text()),
        Some(raw.text.to_owned()),
        raw.class.map(|class| class.as_str().to_owned()),
        lifetime,
        raw.route.map(str::to_owned),
        raw.report.map(|report| report.to_string()),
        raw.in_doubt.map(|policy| policy.as_str().to_owned()),
    ];
    // Each of these is a field more, up to the last that is given: without them the digest is that of versions that knew
    // none of them.
    let mut more = vec![
        raw.app.map(str::to_owned),
        raw.wish.written(),
        raw.send_at.map(|at| at.0.to_string()),
        raw.data.as_ref().map(Data::written),
    ];
    while more.last().is_some_and(Option::is_none) {
        more.pop();
    }
    let mut hash = FNV_OFFSET;
    let mut feed = |byte: u8| hash = (hash ^ u64::from(byte)).wrapping_mul(FNV_PRIME);
    for field in fields.iter().chain(&more) {
        field
            .iter()
            .flat_map(|text| text.bytes())
            .for_each(&mut feed);
        // 0xff never occurs in UTF-8: it keeps fields apart, and an absent one from an empty one.
        feed(0xff);
        feed(u8::from(field.is_some()));
    }
    hash
}

/// Shortest E.164 number in use, with its country code (Saint Helena, Niue: 7 to 8; 8 keeps typing errors out).
const DIGITS_MIN: usize = 8;
/// ITU-T E.164 §6.
const DIGITS_MAX: usize = 15;
/// Shortest short code in use.
const SHORT_CODE_MIN: usize = 3;
/// Longest short code in use.
const SHORT_CODE_MAX: usize = 7;
const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x0000_0100_0000_01b3;

#[cfg(test)]
mod tests;
