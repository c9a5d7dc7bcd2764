//! `/v1/webhooks`: how far each webhook has come, what it would not take, and sending that again.

use std::sync::{Arc, PoisonError};

use axum::Json;
use axum::extract::{Path, State};
use axum::http::Uri;
use client::{DeadLetterPage, DeadLetterView, WebhookPage, WebhookView};
use serde::Deserialize;

use super::problem::Failure;
use super::{Api, body, messages};
use crate::clock::rfc3339;
use crate::webhooks::WebhookStatus;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Query {
    after: Option<u64>,
    limit: Option<usize>,
}

/// `GET /v1/webhooks`.
pub(super) async fn all(State(api): State<Arc<Api>>) -> Json<WebhookPage> {
    let last_seq = *api.last_seq.borrow();
    let webhooks = api.webhook_board.all();
    let webhooks = webhooks
        .iter()
        .map(|(name, status)| view(name, status, last_seq));
    Json(WebhookPage {
        webhooks: webhooks.collect(),
    })
}

/// `GET /v1/webhooks/{name}/dead`.
pub(super) async fn dead(
    State(api): State<Arc<Api>>,
    Path(name): Path<String>,
    uri: Uri,
) -> Result<Json<DeadLetterPage>, Failure> {
    let query: Query = body::query(&uri)?;
    status(&api, &name)?;
    let (after, limit) = (query.after.unwrap_or(0), query.limit.unwrap_or(LIMIT));
    if !(1..=LIMIT_MAX).contains(&limit) {
        return Err(Failure::malformed(format!(
            "limit: must be from 1 to {LIMIT_MAX}"
        )));
    }
    let deliveries = Arc::clone(&api.deliveries);
    let dead = messages::in_background(move || {
        let deliveries = deliveries.lock().unwrap_or_else(PoisonError::into_inner);
        deliveries.dead(&name, after, limit)
    });
    let dead = dead.await?.into_iter().map(|letter| DeadLetterView {
        seq: letter.seq,
        at: rfc3339(letter.at),
        reason: letter.reason.into(),
        event: serde_json::from_str(&letter.event).unwrap_or_default(),
    });
    Ok(Json(DeadLetterPage {
        dead: dead.collect(),
    }))
}

/// `POST /v1/webhooks/{name}/resend`.
pub(super) async fn resend(
    State(api): State<Arc<Api>>,
    Path(name): Path<String>,
) -> Result<Json<WebhookView>, Failure> {
    let status = status(&api, &name)?;
    api.webhook_board.resend(&name);
    tracing::info!(webhook = %name, dead = status.dead, "dead letters are sent again");
    Ok(Json(view(&name, &status, *api.last_seq.borrow())))
}

fn status(api: &Api, name: &str) -> Result<WebhookStatus, Failure> {
    let no_such = || Failure::not_found(format!("no webhook is called `{name}`: see /v1/webhooks"));
    api.webhook_board.status(name).ok_or_else(no_such)
}

fn view(name: &str, status: &WebhookStatus, last_seq: u64) -> WebhookView {
    WebhookView {
        name: name.to_owned(),
        server: status.server.to_string(),
        cursor: status.cursor,
        last_event: last_seq,
        behind_since: status.behind_since.map(rfc3339),
        error: status.error.as_deref().map(str::to_owned),
        delivered: status.delivered,
        dead: status.dead,
    }
}

/// Dead letters in one answer unless asked otherwise, and at most.
const LIMIT: usize = 100;
const LIMIT_MAX: usize = 500;
