//! Errors as RFC 9457 describes them, each with a stable `code`.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use client::Problem;
use gateway::Refusal;

use crate::core::CoreGone;

/// A request that is not granted.
#[derive(Clone, Debug)]
pub(crate) struct Failure(Box<Problem>);

impl Failure {
    /// The request makes no sense as it is.
    pub(crate) fn malformed(detail: impl Into<String>) -> Failure {
        Failure::new(StatusCode::BAD_REQUEST, "malformed", detail)
    }

    pub(crate) fn too_large(bytes_max: usize) -> Failure {
        let detail = format!(
            "the body is longer than {bytes_max} bytes: send one message, or many as application/x-ndjson"
        );
        Failure::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", detail)
    }

    pub(crate) fn line_too_long(bytes_max: usize) -> Failure {
        let detail = format!("the line is longer than {bytes_max} bytes; the lines after it go on");
        Failure::new(StatusCode::PAYLOAD_TOO_LARGE, "line_too_long", detail)
    }

    pub(crate) fn not_found(detail: impl Into<String>) -> Failure {
        Failure::new(StatusCode::NOT_FOUND, "not_found", detail)
    }

    pub(crate) fn no_such_path() -> Failure {
        Failure::new(
            StatusCode::NOT_FOUND,
            "no_such_path",
            "there is nothing at this path: see /openapi.json",
        )
    }

    pub(crate) fn method_not_allowed() -> Failure {
        let detail = "this path does not take this method: see /openapi.json";
        Failure::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", detail)
    }

    pub(crate) fn unauthorized() -> Failure {
        let detail = "this address asks for a token: send `Authorization: Bearer …` with one of api.tokens_file";
        Failure::new(StatusCode::UNAUTHORIZED, "unauthorized", detail)
    }

    pub(crate) fn from_browser() -> Failure {
        let detail = "requests of web pages are not taken: a page could send messages behind its reader's back";
        Failure::new(StatusCode::FORBIDDEN, "browser_origin", detail)
    }

    pub(crate) fn not_ready(detail: impl Into<String>) -> Failure {
        Failure::new(StatusCode::SERVICE_UNAVAILABLE, "not_ready", detail)
    }

    pub(crate) fn no_such_line(name: &str) -> Failure {
        Failure::not_found(format!("no line is called `{name}`: see /v1/lines"))
    }

    pub(crate) fn not_paused(line: &str) -> Failure {
        let detail = format!(
            "line {line} is not paused: pause it first (`simfleet pause {line}`), and resume it afterwards"
        );
        Failure::new(StatusCode::CONFLICT, "line_not_paused", detail)
    }

    pub(crate) fn command_refused(detail: impl Into<String>) -> Failure {
        Failure::new(StatusCode::UNPROCESSABLE_ENTITY, "command_refused", detail)
    }

    pub(crate) fn line_busy(detail: impl Into<String>) -> Failure {
        Failure::new(StatusCode::CONFLICT, "line_busy", detail)
    }

    pub(crate) fn line_not_ready(detail: impl Into<String>) -> Failure {
        Failure::new(StatusCode::CONFLICT, "line_not_ready", detail)
    }

    pub(crate) fn sim_not_ready(detail: impl Into<String>) -> Failure {
        Failure::new(StatusCode::CONFLICT, "sim_not_ready", detail)
    }

    pub(crate) fn no_menu(detail: impl Into<String>) -> Failure {
        Failure::new(StatusCode::CONFLICT, "ussd_no_menu", detail)
    }

    pub(crate) fn ussd_broken_off(detail: impl Into<String>) -> Failure {
        Failure::new(StatusCode::CONFLICT, "ussd_broken_off", detail)
    }

    pub(crate) fn ussd_refused(detail: impl Into<String>) -> Failure {
        Failure::new(StatusCode::BAD_GATEWAY, "ussd_refused", detail)
    }

    pub(crate) fn ussd_no_answer(detail: impl Into<String>) -> Failure {
        Failure::new(StatusCode::GATEWAY_TIMEOUT, "ussd_no_answer", detail)
    }

    /// Events behind the reader's cursor are deleted.
    pub(crate) fn events_gone(after: u64, whole_after: u64) -> Failure {
        let detail = format!(
            "events between {after} and {whole_after} are deleted (see [retention]): look your open messages up, \
             then go on with after={whole_after}; after=0 gives all events that are left"
        );
        Failure::new(StatusCode::GONE, "events_gone", detail)
    }

    /// The reader's cursor is beyond the last event.
    pub(crate) fn events_of_another_store(after: u64, last: u64) -> Failure {
        let detail = format!(
            "the last event of this store is {last}, so {after} is of another one, perhaps from before a backup was \
             put back: look your open messages up, then go on with after={last}"
        );
        Failure::new(StatusCode::GONE, "events_gone", detail)
    }

    /// The history can't be read; the cause is in the log.
    pub(crate) fn store(error: &store::StoreError) -> Failure {
        tracing::error!(%error, "the store can't be read");
        let detail = "the store can't be read: see the daemon's log";
        Failure::new(StatusCode::INTERNAL_SERVER_ERROR, "store_failed", detail)
    }

    /// A handler's work ended without an answer.
    pub(crate) fn internal() -> Failure {
        let detail = "a fault of the daemon: see its log";
        Failure::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", detail)
    }

    pub(crate) fn problem(&self) -> &Problem {
        &self.0
    }

    fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Failure {
        Failure(Box::new(Problem {
            kind: format!("urn:simfleet:problem:{code}"),
            title: title(code).to_owned(),
            status: status.as_u16(),
            detail: detail.into(),
            code: code.to_owned(),
            retry_after_s: None,
        }))
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Failure {
        let status = match &refusal {
            Refusal::InvalidRecipient(_)
            | Refusal::EmptyText
            | Refusal::TextTooLong { .. }
            | Refusal::Unencodable { .. } => StatusCode::UNPROCESSABLE_ENTITY,
            Refusal::UnknownRoute(_)
            | Refusal::Policy(_)
            | Refusal::Suppressed
            | Refusal::SuppressionsFull
            | Refusal::ScheduledTooFar { .. }
            | Refusal::DeadlinePassed { .. }
            | Refusal::OutsideSendWindow { .. } => StatusCode::UNPROCESSABLE_ENTITY,
            Refusal::RateLimited { .. } => StatusCode::TOO_MANY_REQUESTS,
            Refusal::KeyConflict | Refusal::TooLate(_) => StatusCode::CONFLICT,
            Refusal::NotFound | Refusal::UnknownTarget | Refusal::NotSuppressed => {
                StatusCode::NOT_FOUND
            }
            Refusal::QueueFull { .. } | Refusal::DeadlineUnreachable { .. } | Refusal::Draining => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Refusal::DiskFull => StatusCode::INSUFFICIENT_STORAGE,
        };
        let mut failure = Failure::new(status, refusal.code(), refusal.to_string());
        if let Refusal::QueueFull { retry_after_s, .. }
        | Refusal::RateLimited { retry_after_s, .. }
        | Refusal::DeadlineUnreachable { retry_after_s, .. } = refusal
        {
            failure.0.retry_after_s = Some(retry_after_s);
        }
        failure
    }
}

impl From<CoreGone> for Failure {
    fn from(_: CoreGone) -> Failure {
        Failure::from(Refusal::Draining)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.status).expect("made from a status");
        let body = serde_json::to_vec(&self.0).expect("a problem is strings and numbers");
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if let Some(seconds) = self.0.retry_after_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

/// The kind of problem in a few words, the same for every occurrence (RFC 9457 §3.1.3).
fn title(code: &str) -> &'static str {
    match code {
        "malformed" => "The request is malformed",
        "body_too_large" => "The body is too large",
        "line_too_long" => "The line is too long",
        "not_found" => "Not found",
        "no_such_path" => "No such path",
        "method_not_allowed" => "Method not allowed",
        "unauthorized" => "A token is needed",
        "browser_origin" => "Not for web pages",
        "not_ready" => "Not ready to send",
        "store_failed" => "The store failed",
        "events_gone" => "Events are deleted",
        "invalid_recipient" => "The recipient is invalid",
        "empty_text" => "The text is empty",
        "text_too_long" => "The text is too long",
        "unencodable" => "The text can't be encoded",
        "unknown_route" => "No such route",
        "policy" => "Not to this recipient",
        "suppressions_full" => "The suppression list is full",
        "suppressed" => "The recipient is suppressed",
        "rate_limited" => "Too many messages",
        "key_conflict" => "The key belongs to another message",
        "too_late" => "Too late",
        "queue_full" => "The queue is full",
        "deadline_unreachable" => "The code can't be sent in time",
        "scheduled_too_far" => "Scheduled too far ahead",
        "deadline_passed" => "The deadline has passed",
        "outside_send_window" => "No send window before the deadline",
        "draining" => "The daemon is stopping",
        "disk_full" => "The disk is full",
        "line_not_paused" => "The line is not paused",
        "command_refused" => "The command is not run",
        "line_busy" => "The line is busy",
        "line_not_ready" => "The line is not ready",
        "sim_not_ready" => "The SIM is not ready",
        "ussd_no_menu" => "No menu is open",
        "ussd_broken_off" => "The dialogue was broken off",
        "ussd_refused" => "The code was refused",
        "ussd_no_answer" => "No answer",
        _ => "A fault of the daemon",
    }
}
