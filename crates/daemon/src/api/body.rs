//! Bodies and queries of requests, within bounds and with errors that say what is wrong.

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
    query
        .map(|query| query.0)
        .map_err(|error| Failure::malformed(error.body_text()))
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
        return Failure::malformed(format!("{field}{what}"));
    }
    Failure::malformed(format!("not JSON: {what}"))
}

/// A message's text has at most 255 parts of 153 characters, each of which JSON may write as six.
pub(super) const BODY_BYTES_MAX: usize = 64 * 1024;
