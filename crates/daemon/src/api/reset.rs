//! `POST /v1/lines/{name}/reset`: an operator has a modem brought back, by the rung of his choice.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use client::{LineView, ResetRequest};
use modem::Rung;

use super::problem::Failure;
use super::{Api, body, view};

/// `POST /v1/lines/{name}/reset`.
pub(super) async fn line(
    State(api): State<Arc<Api>>,
    Path(name): Path<String>,
    body: Body,
) -> Result<Json<LineView>, Failure> {
    let rung = rung(read(body).await?.rung.as_deref())?;
    let no_such_line = || Failure::not_found(format!("no line is called `{name}`: see /v1/lines"));
    if !api.board.reset(&name, rung) {
        return Err(no_such_line());
    }
    tracing::info!(line = %name, rung = rung.as_str(), "operator control: reset");
    let snapshot = api.core.snapshot().await?;
    let status = api.board.status(&name).ok_or_else(no_such_line)?;
    Ok(Json(view::line(&name, &status, &snapshot)))
}

async fn read(body: Body) -> Result<ResetRequest, Failure> {
    let json = body::read(body).await?;
    if json.trim_ascii().is_empty() {
        return Ok(ResetRequest::default());
    }
    body::parse(&json)
}

fn rung(word: Option<&str>) -> Result<Rung, Failure> {
    let Some(word) = word else {
        return Ok(Rung::Reopen);
    };
    let found = RUNGS.iter().find(|rung| rung.as_str() == word);
    found.copied().ok_or_else(|| {
        let allowed: Vec<&str> = RUNGS.iter().map(|rung| rung.as_str()).collect();
        Failure::malformed(format!("rung: must be one of {}", allowed.join(", ")))
    })
}

/// What an operator may ask for.
const RUNGS: [Rung; 4] = [Rung::Initialise, Rung::Radio, Rung::Reset, Rung::Reopen];
