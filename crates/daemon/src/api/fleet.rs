//! Lines, SIMs, status, operator control, health and metrics.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::IntoResponse;
use client::{ControlRequest, LinePage, LineView, SimPage, SimView, StatusView};
use gateway::{Control, LineId, SimSnapshot, Snapshot, Target};
use modem::{Iccid, LineState};

use super::problem::Failure;
use super::{Api, body, view};
use crate::board::LineStatus;
use crate::clock;
use crate::core::Call;
use crate::metrics::{self, Scene};
use crate::process;

/// `GET /v1/lines`.
pub(super) async fn lines(State(api): State<Arc<Api>>) -> Result<Json<LinePage>, Failure> {
    let snapshot = api.core.snapshot().await?;
    let lines = api.board.all();
    let lines = lines
        .iter()
        .map(|(name, status)| view::line(name, status, &snapshot))
        .collect();
    Ok(Json(LinePage { lines }))
}

/// `GET /v1/sims`.
pub(super) async fn sims(State(api): State<Arc<Api>>) -> Result<Json<SimPage>, Failure> {
    let snapshot = api.core.snapshot().await?;
    let lines = api.board.all();
    let sims = snapshot
        .sims
        .iter()
        .map(|sim| {
            let said = api.board.said_to(&sim.iccid);
            view::sim(sim, line_name(&lines, sim.line), said)
        })
        .collect();
    Ok(Json(SimPage { sims }))
}

/// `GET /v1/status`.
pub(super) async fn status(State(api): State<Arc<Api>>) -> Result<Json<StatusView>, Failure> {
    let snapshot = api.core.snapshot().await?;
    Ok(Json(view::status(&snapshot, &api.board.all(), api.started)))
}

/// `POST /v1/lines/{name}/{pause,resume,drain}`.
pub(super) async fn control_line(
    State(api): State<Arc<Api>>,
    Path((name, action)): Path<(String, String)>,
    body: Body,
) -> Result<Json<LineView>, Failure> {
    let reason = reason(body).await?;
    let no_such_line = || Failure::no_such_line(&name);
    if api.board.status(&name).is_none() {
        return Err(no_such_line());
    }
    let control = match action.as_str() {
        "pause" => Control::Paused,
        "resume" => Control::Active,
        "drain" => Control::Draining,
        _ => return Err(Failure::no_such_path()),
    };
    tracing::info!(line = %name, action, "operator control");
    let target = Target::Line(name.as_str().into());
    api.core
        .call(Call::Control {
            target,
            control,
            reason,
        })
        .await??;
    let snapshot = api.core.snapshot().await?;
    let status = api.board.status(&name).ok_or_else(no_such_line)?;
    Ok(Json(view::line(&name, &status, &snapshot)))
}

/// `POST /v1/sims/{iccid}/{pause,resume}`.
pub(super) async fn control_sim(
    State(api): State<Arc<Api>>,
    Path((iccid, action)): Path<(String, String)>,
    body: Body,
) -> Result<Json<SimView>, Failure> {
    let reason = reason(body).await?;
    let control = match action.as_str() {
        "pause" => Control::Paused,
        "resume" => Control::Active,
        _ => return Err(Failure::no_such_path()),
    };
    let iccid = Iccid(iccid.into());
    let snapshot = api.core.snapshot().await?;
    find_sim(&snapshot, &iccid)?;
    tracing::info!(sim = iccid.tail(), action, "operator control");
    let target = Target::Sim(iccid.clone());
    api.core
        .call(Call::Control {
            target,
            control,
            reason,
        })
        .await??;
    let snapshot = api.core.snapshot().await?;
    let sim = find_sim(&snapshot, &iccid)?;
    let said = api.board.said_to(&sim.iccid);
    Ok(Json(view::sim(
        sim,
        line_name(&api.board.all(), sim.line),
        said,
    )))
}

/// `GET /healthz`: the process works, and so does its core.
pub(super) async fn health(State(api): State<Arc<Api>>) -> Result<&'static str, Failure> {
    api.core.snapshot().await?;
    Ok("ok\n")
}

/// `GET /readyz`: messages are accepted, and a line can send them.
pub(super) async fn ready(State(api): State<Arc<Api>>) -> Result<&'static str, Failure> {
    let snapshot = api.core.snapshot().await?;
    if snapshot.stopping {
        return Err(Failure::not_ready("the daemon is stopping"));
    }
    if !snapshot.accepting {
        return Err(Failure::not_ready("the disk is full"));
    }
    let lines = api.board.all();
    if lines.is_empty() {
        return Err(Failure::not_ready(
            "no port was found: look at the [[lines]] of the configuration",
        ));
    }
    let can_send =
        |status: &LineStatus| matches!(status.state, LineState::Ready | LineState::Sending);
    if !lines.iter().any(|(_, status)| can_send(status)) {
        return Err(Failure::not_ready(format!(
            "none of {} lines can send: see /v1/lines",
            lines.len()
        )));
    }
    Ok("ready\n")
}

/// `GET /metrics`.
pub(super) async fn metrics(State(api): State<Arc<Api>>) -> Result<impl IntoResponse, Failure> {
    let snapshot = api.core.snapshot().await?;
    let scene = Scene {
        snapshot: &snapshot,
        lines: &api.board.all(),
        climbs: api.board.climbs(),
        calls_rejected: api.board.calls_rejected(),
        webhooks: &api.webhook_board.all(),
        now: clock::wall(),
        process: &process::usage(),
        store_log_octets: api.checkpointer.health().log_octets,
        sweep: &api.sweeper.health(),
    };
    let mut text = api.metrics.text();
    text.push_str(&metrics::fleet(&scene));
    Ok((
        [(
            header::CONTENT_TYPE,
            "text/plain; version=0.0.4; charset=utf-8",
        )],
        text,
    ))
}

/// `GET /openapi.json`.
pub(super) async fn openapi() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], OPENAPI)
}

async fn reason(body: Body) -> Result<Option<Box<str>>, Failure> {
    let json = body::read(body).await?;
    if json.trim_ascii().is_empty() {
        return Ok(None);
    }
    let request: ControlRequest = body::parse(&json)?;
    match request.reason {
        Some(reason) if reason.chars().count() > REASON_CHARS_MAX => Err(Failure::malformed(
            format!("reason: must have at most {REASON_CHARS_MAX} characters"),
        )),
        reason => Ok(reason.map(String::into_boxed_str)),
    }
}

pub(super) fn find_sim<'a>(
    snapshot: &'a Snapshot,
    iccid: &Iccid,
) -> Result<&'a SimSnapshot, Failure> {
    let found = snapshot.sims.iter().find(|sim| sim.iccid == *iccid);
    found.ok_or_else(|| Failure::not_found("no SIM has this ICCID: see /v1/sims"))
}

pub(super) fn line_name(lines: &[(Box<str>, LineStatus)], line: Option<LineId>) -> Option<&str> {
    let line = line?;
    lines
        .iter()
        .find(|(_, status)| status.line == line)
        .map(|(name, _)| &**name)
}

/// A reason is a remark, not a document.
const REASON_CHARS_MAX: usize = 200;

/// The API for programs.
pub(super) const OPENAPI: &str = include_str!("openapi.json");
