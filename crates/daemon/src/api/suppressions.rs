//! `/v1/suppressions`: recipients that nothing is sent to, until they are taken off the list.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::Uri;
use client::{SuppressionChange, SuppressionPage, SuppressionRequest, SuppressionView};
use gateway::{Entry, Record};
use serde::Deserialize;
use sms::Address;

use super::problem::Failure;
use super::{Api, body, messages};
use crate::clock::rfc3339;
use crate::core::Call;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Query {
    limit: Option<usize>,
    cursor: Option<String>,
}

/// `GET /v1/suppressions?limit=&cursor=`.
pub(super) async fn list(
    State(api): State<Arc<Api>>,
    uri: Uri,
) -> Result<Json<SuppressionPage>, Failure> {
    let query: Query = body::query(&uri)?;
    let limit = query.limit.unwrap_or(LIMIT);
    if !(1..=LIMIT_MAX).contains(&limit) {
        return Err(Failure::malformed(format!(
            "limit: must be from 1 to {LIMIT_MAX}"
        )));
    }
    // A `+` that was not escaped arrives as a blank.
    let after = query.cursor.unwrap_or_default().replace(' ', "+");
    let history = api.history.clone();
    let entries = messages::in_background(move || history.suppressions(&after, limit)).await?;
    let suppressions: Vec<SuppressionView> = entries.iter().filter_map(view).collect();
    let last = suppressions.last().map(|last| last.to.clone());
    Ok(Json(SuppressionPage {
        next_cursor: last.filter(|_| suppressions.len() == limit),
        suppressions,
    }))
}

/// `PUT /v1/suppressions/{number}`.
pub(super) async fn add(
    State(api): State<Arc<Api>>,
    Path(number): Path<String>,
    body: Body,
) -> Result<Json<SuppressionChange>, Failure> {
    let json = body::read(body).await?;
    let request: SuppressionRequest = match json.trim_ascii() {
        b"" => SuppressionRequest::default(),
        json => body::parse(json)?,
    };
    let is_long = |reason: &String| reason.chars().count() > REASON_CHARS_MAX;
    if request.reason.as_ref().is_some_and(is_long) {
        return Err(Failure::malformed(format!(
            "reason: must have {REASON_CHARS_MAX} characters at most"
        )));
    }
    change(&api, &number, true, request.reason).await
}

/// `DELETE /v1/suppressions/{number}`.
pub(super) async fn remove(
    State(api): State<Arc<Api>>,
    Path(number): Path<String>,
) -> Result<Json<SuppressionChange>, Failure> {
    change(&api, &number, false, None).await
}

async fn change(
    api: &Api,
    number: &str,
    suppressed: bool,
    reason: Option<String>,
) -> Result<Json<SuppressionChange>, Failure> {
    let settings = Arc::clone(&api.settings.borrow());
    let recipient: Address = gateway::canonical_recipient(&settings, number)?;
    tracing::info!(recipient = %recipient.masked(), suppressed, "suppression list");
    let changed = SuppressionChange {
        to: recipient.text(),
        suppressed,
    };
    let call = Call::Suppress {
        recipient,
        suppressed,
        reason: reason.map(String::into_boxed_str),
    };
    api.core.call(call).await??;
    Ok(Json(changed))
}

fn view(entry: &Entry) -> Option<SuppressionView> {
    let Record::Suppressed {
        recipient, reason, ..
    } = &entry.record
    else {
        return None;
    };
    Some(SuppressionView {
        to: recipient.text(),
        since: rfc3339(entry.at),
        reason: reason.as_deref().map(str::to_owned),
    })
}

/// Recipients in one answer unless asked otherwise, and at most.
const LIMIT: usize = 100;
const LIMIT_MAX: usize = 500;
/// A reason is kept with each recipient.
const REASON_CHARS_MAX: usize = 200;
