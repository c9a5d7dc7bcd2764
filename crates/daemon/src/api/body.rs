//! Bodies and queries of requests, within bounds and with errors that say what is wrong.

use std::error::Error;

use axum::body::{Body, Bytes};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::DeserializeOwned;

use super::problem::Failure;

/// Reads a whole body.
pub(super) async fn read(body: Body) -> Result<Bytes, Failure> {
    match Limited::new(body, BODY_BYTES_MAX).collect().await {
        Ok(whole) => Ok(whole.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(Failure::too_large(BODY_BYTES_MAX)),
        Err(_) => Err(Failure::malformed("the body ended before it was complete")),
    }
}

/// Reads a JSON value out of a body or a line.
pub(super) fn parse<T: DeserializeOwned>(text: &[u8]) -> Result<T, Failure> {
    serde_json::from_slice(text).map_err(|_| explain::<T>(text))
}

/// Reads a query string.
pub(super) fn query<T: DeserializeOwned>(uri: &axum::http::Uri) -> Result<T, Failure> {
    let query = axum::extract::Query::<T>::try_from_uri(uri);
    query.map(|query| query.0).map_err(|error| {
        // What lies below names the parameter; the error itself only says that it was a query.
        let below = error.source().map(ToString::to_string);
        Failure::malformed(below.unwrap_or_else(|| error.body_text()))
    })
}

/// Parses once more, to find the place of the fault.
fn explain<T: DeserializeOwned>(text: &[u8]) -> Failure {
    let mut json = serde_json::Deserializer::from_slice(text);
    let error = match serde_path_to_error::deserialize::<_, T>(&mut json) {
        Ok(_) => return Failure::malformed("not one JSON object: something follows it"),
        Err(error) => error,
    };
    let path = error.path().to_string();
    let what = error.into_inner();
    if what.is_data() {
        let field = if path == "." {
            String::new()
        } else {
            format!("{path}: ")
        };
        let what = without_value(&what.to_string());
        return Failure::malformed(format!("{field}{what}"));
    }
    Failure::malformed(format!("not JSON: {what}"))
}

/// A fault of type or value without the value itself: it may be a text or a number, and answers end up in apps' logs.
fn without_value(what: &str) -> String {
    let parts = what
        .split_once(": ")
        .filter(|(kind, _)| kind.starts_with("invalid "));
    let Some((kind, rest)) = parts else {
        return what.to_owned();
    };
    let Some((unexpected, expected)) = rest.rsplit_once(", expected ") else {
        return what.to_owned();
    };
    let sort = unexpected
        .split(['"', '`'])
        .next()
        .unwrap_or_default()
        .trim_end();
    let expected = expected.replace("struct MessageRequest", "an object");
    format!("{kind}: {sort}, expected {expected}")
}

/// A message's text has at most 255 parts of 153 characters, each of which JSON may write as six.
pub(super) const BODY_BYTES_MAX: usize = 64 * 1024;

#[cfg(test)]
mod tests;
