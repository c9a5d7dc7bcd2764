//! The HTTP/JSON API: one router for the Unix socket, TCP and the metrics port.
//!
//! It parses, asks the core or the store's history, and words the answer. It decides nothing and keeps nothing but what
//! streams through it. `docs/api.md` is its description for people, `openapi.json` the one for programs.

mod body;
mod events;
mod fleet;
mod guard;
mod listen;
mod measure;
mod messages;
mod prepare;
mod problem;
mod reset;
mod route;
mod suppressions;
mod talk;
mod trace;
mod upload;
mod view;
mod webhooks;

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post, put};
use gateway::{Settings, UnixMs};
use store::{Checkpointer, Deliveries, History, Sweeper};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::board::Board;
use crate::config::Token;
use crate::core::CoreHandle;
use crate::metrics::Metrics;
use crate::webhooks::WebhookBoard;
use problem::Failure;

pub(crate) use listen::{Bounded, ListenError, Listeners, SocketFile};
pub use measure::{data_measure_view, measure_view};
pub(crate) use view::{event as event_view, summary as summary_view};

/// What the handlers work with.
pub(crate) struct Api {
    pub(crate) core: CoreHandle,
    pub(crate) history: History,
    pub(crate) checkpointer: Arc<Checkpointer>,
    pub(crate) sweeper: Arc<Sweeper>,
    pub(crate) board: Arc<Board>,
    pub(crate) webhook_board: Arc<WebhookBoard>,
    pub(crate) deliveries: Arc<Mutex<Deliveries>>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) settings: watch::Receiver<Arc<Settings>>,
    /// Number of the last durable record.
    pub(crate) last_seq: watch::Receiver<u64>,
    /// Cancelled when streams have to end.
    pub(crate) stop: CancellationToken,
    pub(crate) started: UnixMs,
}

/// The tokens of which one must come with each request over TCP.
pub(crate) type Tokens = watch::Receiver<Arc<Vec<Token>>>;

/// The API as the Unix socket serves it; the socket's permissions guard it.
pub(crate) fn router(api: Arc<Api>) -> Router {
    Router::new()
        .route("/v1/messages", post(messages::accept).get(messages::search))
        .route(
            "/v1/messages/{id}",
            get(messages::show).delete(messages::cancel),
        )
        .route("/v1/events", get(events::stream))
        .route("/v1/lines", get(fleet::lines))
        .route("/v1/lines/{name}/trace", get(trace::stream))
        .route("/v1/lines/{name}/at", post(talk::command))
        .route("/v1/lines/{name}/{action}", post(fleet::control_line))
        .route("/v1/lines/{name}/reset", post(reset::line))
        .route("/v1/sims", get(fleet::sims))
        .route(
            "/v1/sims/{iccid}/ussd",
            post(talk::ussd).delete(talk::end_ussd),
        )
        .route("/v1/sims/{iccid}/{action}", post(fleet::control_sim))
        .route("/v1/route", get(route::dry_run))
        .route("/v1/suppressions", get(suppressions::list))
        .route(
            "/v1/suppressions/{number}",
            put(suppressions::add).delete(suppressions::remove),
        )
        .route("/v1/status", get(fleet::status))
        .route("/v1/webhooks", get(webhooks::all))
        .route("/v1/webhooks/{name}/dead", get(webhooks::dead))
        .route("/v1/webhooks/{name}/resend", post(webhooks::resend))
        .route("/healthz", get(fleet::health))
        .route("/readyz", get(fleet::ready))
        .route("/metrics", get(fleet::metrics))
        .route("/openapi.json", get(fleet::openapi))
        .fallback(|| async { Failure::no_such_path() })
        .method_not_allowed_fallback(|| async { Failure::method_not_allowed() })
        .with_state(api)
}

/// The API as TCP serves it: guarded by tokens, closed to browsers.
pub(crate) fn guarded_router(api: Arc<Api>, tokens: Tokens) -> Router {
    router(api).layer(from_fn_with_state(tokens, guard::check))
}

/// What Prometheus scrapes, and nothing else.
pub(crate) fn metrics_router(api: Arc<Api>) -> Router {
    Router::new()
        .route("/metrics", get(fleet::metrics))
        .route("/healthz", get(fleet::health))
        .fallback(|| async { Failure::no_such_path() })
        .with_state(api)
}

#[cfg(test)]
pub(crate) mod tests;
