//! `/v1/messages`: hand over, look up, search, take back.

use std::sync::Arc;
use std::time::Instant;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use client::{Accepted, DryRun, MeasureView, MessagePage, MessageView};
use gateway::{Answer, MessageId, MessageState, Refusal, RouteQuery, UnixMs};
use serde::Deserialize;
use store::{Filter, PAGE_MAX, Story};

use super::prepare::Prepared;
use super::problem::Failure;
use super::{Api, body, prepare, route, upload, view};
use crate::core::Call;
use crate::{clock, duration};

/// `POST /v1/messages`: one message, or many as NDJSON.
pub(super) async fn accept(
    State(api): State<Arc<Api>>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    if is_ndjson(&headers) {
        return upload::answer(api, body);
    }
    let answer = accept_one(&api, body).await;
    if let Err(failure) = &answer {
        api.metrics.not_accepted(&failure.problem().code);
    }
    answer.into_response()
}

async fn accept_one(api: &Api, body: Body) -> Result<Response, Failure> {
    let began = Instant::now();
    let json = body::read(body).await?;
    let settings = Arc::clone(&api.settings.borrow());
    let prepared = prepare::prepare(&settings, &json)?;
    if prepared.dry_run {
        return Ok(Json(dry_run(api, prepared).await?).into_response());
    }
    let Prepared {
        request, measure, ..
    } = prepared;
    let class = request.class;
    let said = api.core.call(Call::Accept(Box::new(request))).await?;
    let accepted = accepted(said?, measure)?;
    api.metrics.accepted(class, began.elapsed());
    Ok((StatusCode::ACCEPTED, Json(accepted)).into_response())
}

/// What would become of a message.
async fn dry_run(api: &Api, prepared: Prepared) -> Result<DryRun, Failure> {
    let Prepared {
        request, measure, ..
    } = prepared;
    let query = RouteQuery {
        to: request.to,
        class: request.class,
        app: request.app,
        route: request.route,
        parts: request.parts,
    };
    let trial = api.core.try_route(query).await?;
    if let Some(refusal) = &trial.refusal {
        return Err(refusal.clone().into());
    }
    Ok(DryRun {
        dry_run: true,
        parts: request.parts,
        encoding: request.form.as_str().to_owned(),
        text: (!measure.replaced.is_empty()).then(|| request.text.into()),
        measure,
        route: route::trial(api, &trial),
    })
}

/// The answer to an accepted message.
pub(super) fn accepted(answer: Answer, measure: MeasureView) -> Result<Accepted, Failure> {
    match answer {
        Answer::Accepted {
            id,
            state,
            parts,
            form,
            repeated,
        } => Ok(Accepted {
            id: id.to_string(),
            state: state.as_str().to_owned(),
            parts,
            encoding: form.as_str().to_owned(),
            measure: (!repeated).then_some(measure),
            repeated,
        }),
        Answer::Cancelled { .. } | Answer::Controlled => Err(Failure::internal()),
    }
}

/// `GET /v1/messages/{id}`.
pub(super) async fn show(
    State(api): State<Arc<Api>>,
    Path(id): Path<String>,
) -> Result<Json<MessageView>, Failure> {
    let id = message_id(&id)?;
    let story = story(&api, id).await?.ok_or_else(no_such_message)?;
    let mut shown = view::story(&story);
    if story.state == MessageState::Queued {
        let message = &story.message;
        let now = clock::now().wall;
        let from = message.send_at.map_or(now, |asked| asked.max(now));
        let settings = Arc::clone(&api.settings.borrow());
        let opens = gateway::window_opens(&settings, message.class, &message.to, from);
        shown.window_opens_at = opens.map(clock::rfc3339);
    }
    Ok(Json(shown))
}

/// `DELETE /v1/messages/{id}`.
pub(super) async fn cancel(
    State(api): State<Arc<Api>>,
    Path(id): Path<String>,
) -> Result<Json<MessageView>, Failure> {
    let id = message_id(&id)?;
    let said = api.core.call(Call::Cancel(id)).await?;
    let story = story(&api, id).await?;
    match (said, story) {
        (Ok(_), Some(story)) => Ok(Json(view::story(&story))),
        (Err(refusal), _) => Err(refusal.into()),
        (Ok(_), None) => Err(Failure::internal()),
    }
}

/// `GET /v1/messages?…`.
pub(super) async fn search(
    State(api): State<Arc<Api>>,
    uri: Uri,
) -> Result<Json<MessagePage>, Failure> {
    let filter = filter(&api, body::query(&uri)?)?;
    let history = api.history.clone();
    let page = in_background(move || history.search(&filter)).await?;
    Ok(Json(MessagePage {
        messages: page.messages.iter().map(view::summary).collect(),
        next_cursor: page.next.map(|next| next.to_string()),
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Search {
    to: Option<String>,
    state: Option<String>,
    class: Option<String>,
    since: Option<String>,
    limit: Option<usize>,
    cursor: Option<String>,
}

fn filter(api: &Api, search: Search) -> Result<Filter, Failure> {
    let wrong = |field: &str, error: &dyn std::fmt::Display| {
        Failure::malformed(format!("{field}: {error}"))
    };
    let settings = Arc::clone(&api.settings.borrow());
    // An unescaped `+` of a query arrives as a blank.
    let to = search.to.map(|to| {
        if to.starts_with(' ') {
            to.replacen(' ', "+", 1)
        } else {
            to
        }
    });
    let to = to
        .map(|to| gateway::canonical_recipient(&settings, &to))
        .transpose()?;
    let limit = search.limit.unwrap_or(LIMIT_DEFAULT);
    if !(1..=PAGE_MAX).contains(&limit) {
        return Err(wrong("limit", &format!("must be 1 to {PAGE_MAX}")));
    }
    let state = search.state.as_deref().map(str::parse).transpose();
    let class = search.class.as_deref().map(str::parse).transpose();
    let before = search.cursor.as_deref().map(str::parse).transpose();
    Ok(Filter {
        to: to.map(|to| to.text()),
        state: state.map_err(|error| wrong("state", &error))?,
        class: class.map_err(|error| wrong("class", &error))?,
        since: search.since.as_deref().map(since).transpose()?,
        limit,
        before: before.map_err(|_| wrong("cursor", &"is not one of this daemon's"))?,
    })
}

/// A time, or how long ago.
fn since(text: &str) -> Result<UnixMs, Failure> {
    if let Ok(ago) = duration::parse(text) {
        let ago_ms = i64::try_from(ago.as_millis()).unwrap_or(i64::MAX);
        return Ok(UnixMs(clock::wall().0.saturating_sub(ago_ms)));
    }
    // A `+` of an offset that was not escaped arrives as a blank.
    let at: Result<jiff::Timestamp, _> = text.trim().replace(' ', "+").parse();
    at.map(|at| UnixMs(at.as_millisecond())).map_err(|_| {
        Failure::malformed(format!(
            "since: `{text}` is neither a time such as 2026-11-23T09:00:00Z nor a duration such as 2h"
        ))
    })
}

async fn story(api: &Api, id: MessageId) -> Result<Option<Story>, Failure> {
    let history = api.history.clone();
    in_background(move || history.message(id)).await
}

/// Runs a query of the history where it may block.
pub(super) async fn in_background<T: Send + 'static>(
    query: impl FnOnce() -> Result<T, store::StoreError> + Send + 'static,
) -> Result<T, Failure> {
    match tokio::task::spawn_blocking(query).await {
        Ok(answer) => answer.map_err(|error| Failure::store(&error)),
        Err(_) => Err(Failure::internal()),
    }
}

fn message_id(text: &str) -> Result<MessageId, Failure> {
    text.parse().map(MessageId).map_err(|_| no_such_message())
}

fn no_such_message() -> Failure {
    Refusal::NotFound.into()
}

fn is_ndjson(headers: &HeaderMap) -> bool {
    let given = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let essence = given
        .and_then(|given| given.split(';').next())
        .map(str::trim);
    essence.is_some_and(|essence| {
        [
            "application/x-ndjson",
            "application/ndjson",
            "application/jsonl",
        ]
        .iter()
        .any(|ndjson| essence.eq_ignore_ascii_case(ndjson))
    })
}

/// Messages of a page unless the request says otherwise.
const LIMIT_DEFAULT: usize = 100;
