//! What TCP needs and the Unix socket does not: a token, and no web pages.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::Tokens;
use super::problem::Failure;

/// Lets a request pass that comes with a token, if tokens are configured, and from no web page.
///
/// A browser on the same host can be made to send requests to a loopback address by any page; it always adds `Origin`.
pub(super) async fn check(State(tokens): State<Tokens>, request: Request, next: Next) -> Response {
    if request.headers().contains_key(header::ORIGIN) {
        return Failure::from_browser().into_response();
    }
    let is_probe = ["/healthz", "/readyz"].contains(&request.uri().path());
    if !is_probe && !has_token(&tokens, request.headers()) {
        return Failure::unauthorized().into_response();
    }
    next.run(request).await
}

fn has_token(tokens: &Tokens, headers: &HeaderMap) -> bool {
    let tokens = tokens.borrow();
    if tokens.is_empty() {
        return true;
    }
    let given = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    let given = given.and_then(|given| given.strip_prefix("Bearer "));
    given.is_some_and(|given| tokens.iter().any(|token| token.is(given.trim())))
}
