//! The control socket: HTTP/JSON on a Unix socket, to look at a running fleet and to make trouble.
//!
//! `GET /v1/state`, `POST /v1/events` (an `[[event]]` of a scenario, as JSON, that happens now), `PUT /v1/faults`. It has no
//! access control but the socket's file mode: whoever may open it may do anything.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Weak;

use anyhow::{Context, bail};
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use axum::routing::{get, post, put};
use axum::{Json, Router};
use hw_sim::{Event, Faults, Fleet};
use serde_json::{Value, json};
use tokio::net::UnixListener;

use crate::state::FleetState;

/// A listening socket; its file goes away with it.
#[derive(Debug)]
pub(crate) struct Control {
    path: PathBuf,
}

/// A status and a problem in JSON.
type Refusal = (StatusCode, Json<Value>);
type Answer<T> = Result<Json<T>, Refusal>;

impl Control {
    /// Listens, and serves for as long as the runtime lives. The fleet stays its owner's.
    pub(crate) fn start(path: &Path, fleet: Weak<Fleet>) -> anyhow::Result<Control> {
        if std::os::unix::net::UnixStream::connect(path).is_ok() {
            bail!(
                "{}: another simulator listens here; choose another socket",
                path.display()
            );
        }
        if path
            .symlink_metadata()
            .is_ok_and(|found| !is_socket(&found))
        {
            bail!(
                "{}: exists and is not a socket; choose another path",
                path.display()
            );
        }
        // What a killed simulator left behind: nobody listens there.
        let _ = std::fs::remove_file(path);
        let refused = || format!("{}: can't listen here", path.display());
        let listener = UnixListener::bind(path).with_context(refused)?;
        std::fs::set_permissions(path, PermissionsExt::from_mode(SOCKET_MODE))
            .with_context(refused)?;
        let routes = Router::new()
            .route("/v1/state", get(state))
            .route("/v1/events", post(event))
            .route("/v1/faults", put(faults))
            .fallback(|| async { problem(StatusCode::NOT_FOUND, PATHS) })
            .method_not_allowed_fallback(|| async {
                problem(StatusCode::METHOD_NOT_ALLOWED, PATHS)
            })
            .with_state(fleet);
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Ok(Control {
            path: path.to_owned(),
        })
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

async fn state(State(fleet): State<Weak<Fleet>>) -> Answer<FleetState> {
    let fleet = fleet.upgrade().ok_or_else(stopping)?;
    FleetState::of(&fleet).map(Json).ok_or_else(stopping)
}

async fn event(
    State(fleet): State<Weak<Fleet>>,
    body: Result<Json<Event>, JsonRejection>,
) -> Answer<Value> {
    let Json(event) = body.map_err(|rejection| refusal(&rejection))?;
    if !event.at.is_zero() || event.every.is_some() || event.share < 1.0 {
        return Err(problem(
            StatusCode::UNPROCESSABLE_ENTITY,
            "an event that is posted happens now, once, to all of its lines: leave `at`, `every` and `share` out",
        ));
    }
    let fleet = fleet.upgrade().ok_or_else(stopping)?;
    fleet.trouble(event.lines, event.trouble, event.lasts);
    Ok(Json(json!({})))
}

async fn faults(
    State(fleet): State<Weak<Fleet>>,
    body: Result<Json<Faults>, JsonRejection>,
) -> Answer<Value> {
    let Json(faults) = body.map_err(|rejection| refusal(&rejection))?;
    fleet.upgrade().ok_or_else(stopping)?.set_faults(faults);
    Ok(Json(json!({})))
}

fn refusal(rejection: &JsonRejection) -> Refusal {
    problem(rejection.status(), &rejection.body_text())
}

fn stopping() -> Refusal {
    problem(StatusCode::SERVICE_UNAVAILABLE, "the simulator is stopping")
}

fn problem(status: StatusCode, detail: &str) -> Refusal {
    let body = json!({"status": status.as_u16(), "detail": detail});
    (status, Json(body))
}

fn is_socket(metadata: &std::fs::Metadata) -> bool {
    std::os::unix::fs::FileTypeExt::is_socket(&metadata.file_type())
}

/// What there is, for whoever asks for something else.
const PATHS: &str =
    "there are GET /v1/state, POST /v1/events and PUT /v1/faults; see docs/simulator.md";
/// Its owner only: it can do anything to the fleet.
const SOCKET_MODE: u32 = 0o600;
