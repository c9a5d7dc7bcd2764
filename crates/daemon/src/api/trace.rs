//! `GET /v1/lines/{name}/trace`: what went over a line's wire, and what goes, as NDJSON.
//!
//! Masked unless it is asked for otherwise, which the log tells. A reader who is too slow is told how much he missed; he
//! holds up nobody.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{Uri, header};
use axum::response::{IntoResponse, Response};
use client::TraceRecord;
use futures_util::stream;
use modem::trace::{Direction, Masker, visible};
use serde::Deserialize;
use tokio::time::{Instant, sleep, sleep_until};

use super::problem::Failure;
use super::{Api, body};
use crate::clock;
use crate::trace::{Excerpt, Follower, Record, What};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Query {
    #[serde(default)]
    follow: bool,
    for_s: Option<u64>,
    #[serde(default)]
    unmasked: bool,
    #[serde(default)]
    failure: bool,
}

/// `GET /v1/lines/{name}/trace`.
pub(super) async fn stream(
    State(api): State<Arc<Api>>,
    Path(name): Path<String>,
    uri: Uri,
) -> Result<Response, Failure> {
    let query: Query = body::query(&uri)?;
    let Some(trace) = api.board.trace(&name) else {
        return Err(Failure::no_such_line(&name));
    };
    let (follow, unmasked) = (query.follow || query.for_s.is_some(), query.unmasked);
    if query.failure && follow {
        return Err(Failure::malformed(
            "failure: has ended and can't be followed",
        ));
    }
    if unmasked {
        tracing::warn!(line = %name, follow, "an operator looks at the wire unmasked: numbers and texts are shown");
    }
    let mut writer = Writer::new(unmasked);
    let headers = [
        (header::CONTENT_TYPE, "application/x-ndjson"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    if !follow {
        let excerpt = if query.failure {
            trace.failure()
        } else {
            trace.recent()
        };
        return Ok((headers, writer.write(&excerpt)).into_response());
    }
    let wait = Duration::from_secs(query.for_s.unwrap_or(FOLLOW_S_MAX).min(FOLLOW_S_MAX));
    let reader = Reader {
        api,
        follower: trace.follow(),
        writer,
        until: Instant::now() + wait,
    };
    let pieces = stream::unfold(reader, |mut reader| async move {
        let piece = reader.next().await?;
        Some((Ok::<Bytes, std::convert::Infallible>(piece), reader))
    });
    Ok((headers, Body::from_stream(pieces)).into_response())
}

struct Reader {
    api: Arc<Api>,
    follower: Follower,
    writer: Writer,
    until: Instant,
}

impl Reader {
    /// What comes next; `None` when the time is over or the daemon stops.
    async fn next(&mut self) -> Option<Bytes> {
        tokio::select! {
            excerpt = self.follower.next() => Some(self.writer.write(&excerpt)),
            () = sleep_until(self.until) => None,
            () = self.api.stop.cancelled() => None,
            () = sleep(KEEP_ALIVE) => Some(Bytes::from_static(b"\n")),
        }
    }
}

/// Words records for people; one a stream, since what a line means hangs on those before it.
struct Writer {
    /// `None` shows everything.
    masker: Option<Masker>,
}

impl Writer {
    fn new(unmasked: bool) -> Writer {
        Writer {
            masker: (!unmasked).then(Masker::default),
        }
    }

    fn write(&mut self, excerpt: &Excerpt) -> Bytes {
        let mut out = Vec::with_capacity(excerpt.records.len() * RECORD_BYTES);
        if excerpt.lost > 0 {
            write_json(&mut out, &lost(excerpt.lost));
        }
        for record in &excerpt.records {
            write_json(&mut out, &self.view(record));
        }
        out.into()
    }

    fn view(&mut self, record: &Record) -> TraceRecord {
        let (kind, text) = match &record.what {
            What::Wire(direction, bytes) => {
                let kind = match direction {
                    Direction::ToModem => "to_modem",
                    Direction::FromModem => "from_modem",
                };
                let text = match &mut self.masker {
                    Some(masker) => masker.mask(*direction, bytes),
                    None => visible(bytes),
                };
                (kind, text)
            }
            What::Note(words) => ("note", words.to_string()),
        };
        TraceRecord {
            seq: record.seq,
            at: clock::rfc3339(record.at),
            kind: kind.to_owned(),
            text,
        }
    }
}

fn lost(records: u64) -> TraceRecord {
    TraceRecord {
        seq: 0,
        at: clock::rfc3339(clock::wall()),
        kind: "lost".to_owned(),
        text: format!("{records} records were overwritten before they were read"),
    }
}

fn write_json(out: &mut Vec<u8>, record: &TraceRecord) {
    serde_json::to_writer(&mut *out, record).expect("a record is strings and a number");
    out.push(b'\n');
}

/// Nobody looks for longer; a reader that was forgotten ends.
const FOLLOW_S_MAX: u64 = 24 * 60 * 60;

/// Shorter than the idle time-outs of proxies.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Size of a record on the wire, about.
const RECORD_BYTES: usize = 128;
