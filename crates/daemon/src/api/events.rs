//! `/v1/events`: what became of the messages, from a cursor on, as server-sent events or NDJSON.
//!
//! The store is the outbox: a stream asks it for what comes after its cursor and waits for the next commit, so nothing is
//! missed, whoever restarts, and a slow reader holds up nobody.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Uri, header};
use axum::response::{IntoResponse, Response};
use client::EventView;
use futures_util::stream;
use serde::Deserialize;
use store::{EventPage, StoredEvent};
use tokio::sync::watch;

use super::problem::Failure;
use super::{Api, body, messages, view};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Query {
    after: Option<u64>,
    follow: Option<bool>,
}

/// `GET /v1/events`.
pub(super) async fn stream(
    State(api): State<Arc<Api>>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let query: Query = body::query(&uri)?;
    let form = Form::of(&headers);
    let after = query.after.or(last_event_id(&headers)?).unwrap_or(0);
    let cursor = Cursor {
        after,
        whole_after: refuse_gap(&api, after).await?,
        follow: query.follow.unwrap_or(true),
        last_seq: api.last_seq.clone(),
        form,
        api,
    };
    let events = stream::unfold(cursor, |mut cursor| async move {
        let piece = cursor.next().await?;
        Some((piece, cursor))
    });
    let headers = [
        (header::CONTENT_TYPE, form.content_type()),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, Body::from_stream(events)).into_response())
}

/// A reader that has seen events must not believe that it has seen all: neither when those behind its cursor are deleted,
/// nor when its cursor is of a store that came further than this one, as before a backup was put back. From 0 on, it gets
/// what there is. Tells from where on events are all there.
async fn refuse_gap(api: &Api, after: u64) -> Result<u64, Failure> {
    let history = api.history.clone();
    let page = messages::in_background(move || history.events(after, 0)).await?;
    let last = *api.last_seq.borrow();
    if after > last {
        return Err(Failure::events_of_another_store(after, last));
    }
    match after > 0 && after < page.whole_after {
        true => Err(Failure::events_gone(after, page.whole_after)),
        false => Ok(page.whole_after),
    }
}

struct Cursor {
    api: Arc<Api>,
    after: u64,
    /// As it was when the stream began.
    whole_after: u64,
    follow: bool,
    last_seq: watch::Receiver<u64>,
    form: Form,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    ServerSent,
    Ndjson,
}

impl Cursor {
    /// The next events, as soon as some are there; `None` at the end.
    async fn next(&mut self) -> Option<Result<Bytes, Broken>> {
        loop {
            self.last_seq.mark_unchanged();
            let (history, after) = (self.api.history.clone(), self.after);
            let events = messages::in_background(move || history.events(after, BATCH)).await;
            let Ok(EventPage {
                events,
                whole_after,
            }) = events
            else {
                return Some(Err(Broken::Unreadable));
            };
            // What was gone when it began, it knew; what went since, it has missed.
            if whole_after > self.whole_after && self.after < whole_after {
                return Some(Err(Broken::Overtaken));
            }
            if let Some(last) = events.last() {
                self.after = last.seq;
                return Some(Ok(self.form.write(&events)));
            }
            if !self.follow {
                return None;
            }
            tokio::select! {
                () = self.api.stop.cancelled() => return None,
                changed = self.last_seq.changed() => if changed.is_err() { return None },
                () = tokio::time::sleep(KEEP_ALIVE) => return Some(Ok(self.form.keep_alive())),
            }
        }
    }
}

impl Form {
    fn of(headers: &HeaderMap) -> Form {
        let accept = headers
            .get(header::ACCEPT)
            .and_then(|value| value.to_str().ok());
        if accept.is_some_and(|accept| accept.contains("ndjson")) {
            Form::Ndjson
        } else {
            Form::ServerSent
        }
    }

    fn content_type(self) -> &'static str {
        match self {
            Form::ServerSent => "text/event-stream",
            Form::Ndjson => "application/x-ndjson",
        }
    }

    fn write(self, events: &[StoredEvent]) -> Bytes {
        let mut out = Vec::with_capacity(events.len() * EVENT_BYTES);
        for event in events {
            let event = view::event(event);
            match self {
                Form::ServerSent => {
                    out.extend_from_slice(
                        format!("id: {}\nevent: {}\ndata: ", event.seq, event.kind).as_bytes(),
                    );
                    write_json(&mut out, &event);
                    out.extend_from_slice(b"\n\n");
                }
                Form::Ndjson => {
                    write_json(&mut out, &event);
                    out.push(b'\n');
                }
            }
        }
        out.into()
    }

    /// Something that means nothing, so that both sides notice a dead connection.
    fn keep_alive(self) -> Bytes {
        match self {
            Form::ServerSent => Bytes::from_static(b": keep-alive\n\n"),
            Form::Ndjson => Bytes::from_static(b"\n"),
        }
    }
}

/// Why a stream breaks off; the reader asks again from its cursor.
#[derive(Debug, thiserror::Error)]
enum Broken {
    #[error("the store can't be read")]
    Unreadable,
    /// It is told so when it asks again.
    #[error("the reader was so slow that events were deleted before it got them")]
    Overtaken,
}

fn write_json(out: &mut Vec<u8>, event: &EventView) {
    serde_json::to_writer(out, event).expect("an event is strings and numbers");
}

fn last_event_id(headers: &HeaderMap) -> Result<Option<u64>, Failure> {
    let Some(value) = headers.get("last-event-id") else {
        return Ok(None);
    };
    let seq = value
        .to_str()
        .ok()
        .and_then(|value| value.trim().parse().ok());
    let wrong = || Failure::malformed("Last-Event-ID: must be the number of an event");
    seq.map(Some).ok_or_else(wrong)
}

/// Events read from the store at a time.
const BATCH: usize = 500;

/// Size of an event on the wire, about.
const EVENT_BYTES: usize = 256;

/// Shorter than the idle time-outs of proxies.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
