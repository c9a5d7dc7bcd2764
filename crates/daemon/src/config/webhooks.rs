//! `[[webhooks]]`: the HTTP servers that events are pushed to.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::path::Path;
use std::time::Duration;

use hyper::Uri;

use super::section::{Found, Section};
use crate::webhooks::Secret;

/// One `[[webhooks]]` entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookConfig {
    /// Its name: in the API, the metrics and what is posted. Its cursor is kept under it.
    pub name: Box<str>,
    /// Where events are posted.
    pub url: WebhookUrl,
    /// Kinds of events to post; empty: all that happen to messages.
    pub events: Vec<Box<str>>,
    /// Events in one POST at most.
    pub batch_max: usize,
    /// How long one POST may take, connecting included.
    pub timeout: Duration,
    /// Age at which an event that can't be delivered becomes a dead letter.
    pub retry_for: Duration,
    pub(crate) secret: Secret,
}

/// An absolute URL of HTTP or HTTPS.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookUrl(pub(super) Uri);

impl WebhookConfig {
    /// Whether events of this kind are posted.
    pub(crate) fn wants(&self, kind: &str) -> bool {
        // Whoever asks for nothing else wants to know of messages.
        let is_of_message = kind != BUDGET_WARNED;
        (self.events.is_empty() && is_of_message)
            || self.events.iter().any(|wanted| **wanted == *kind)
    }
}

impl WebhookUrl {
    /// Reads one with a server and without user and password.
    pub(crate) fn parse(text: &str) -> Option<WebhookUrl> {
        let uri: Uri = text.parse().ok()?;
        let has_server = matches!(uri.scheme_str(), Some("http" | "https"))
            && uri.host().is_some_and(|host| !host.is_empty());
        let has_user = uri
            .authority()
            .is_some_and(|whole| whole.as_str().contains('@'));
        (has_server && !has_user).then_some(WebhookUrl(uri))
    }

    pub(crate) fn uri(&self) -> &Uri {
        &self.0
    }

    pub(crate) fn is_https(&self) -> bool {
        self.0.scheme_str() == Some("https")
    }

    /// Scheme, host and port. Path and query may hold secrets and are not shown.
    pub(crate) fn server(&self) -> String {
        let host = self.0.host().unwrap_or_default();
        let scheme = self.0.scheme_str().unwrap_or_default();
        let port = self
            .0
            .port()
            .map_or_else(String::new, |port| format!(":{port}"));
        format!("{scheme}://{host}{port}")
    }
}

impl std::fmt::Debug for WebhookUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/…", self.server())
    }
}

/// Reads all `[[webhooks]]`.
pub(super) fn read(root: &mut Section<'_, '_>) -> Vec<WebhookConfig> {
    let mut webhooks = Vec::new();
    let mut names = BTreeSet::new();
    for mut section in root.sections("webhooks") {
        if webhooks.len() == WEBHOOKS_MAX {
            section.fault_here(format!("there are more than {WEBHOOKS_MAX}"));
            break;
        }
        let name = read_name(&mut section, &mut names);
        let url = read_url(&mut section);
        let secret = read_secret(&mut section);
        let events = read_events(&mut section);
        let batch_max = section.count("batch_max", 1..=500, "events");
        let timeout = section.duration("timeout", TIMEOUT);
        let retry_for = section.duration("retry_for", RETRY_FOR);
        section.finish(&[]);
        let (Some(name), Some(url), Some(secret)) = (name, url, secret) else {
            continue;
        };
        webhooks.push(WebhookConfig {
            name,
            url,
            events,
            batch_max: batch_max.map_or(BATCH_MAX, |max| max as usize),
            timeout: timeout.unwrap_or(Duration::from_secs(10)),
            retry_for: retry_for.unwrap_or(Duration::from_secs(86_400)),
            secret,
        });
    }
    webhooks
}

fn read_name(section: &mut Section<'_, '_>, names: &mut BTreeSet<Box<str>>) -> Option<Box<str>> {
    let found = required(section, "name", "its cursor is kept under it")?;
    let name = found.value;
    let fits = (1..=40).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    if !fits {
        let what = format!("`{name}` is not a name: write 1 to 40 letters, digits, `-` or `_`");
        section.fault(Some(found.at), "name", what);
        return None;
    }
    if !names.insert(name.into()) {
        let what = format!("`{name}` names two webhooks");
        section.fault(Some(found.at), "name", what);
        return None;
    }
    Some(name.into())
}

fn read_url(section: &mut Section<'_, '_>) -> Option<WebhookUrl> {
    let found = required(section, "url", "events are posted to it")?;
    let url = WebhookUrl::parse(found.value);
    if url.is_none() {
        let what = "is not the URL of a server: write http:// or https://, a host and a path, without user and password";
        section.fault(Some(found.at), "url", what);
    }
    url
}

fn read_secret(section: &mut Section<'_, '_>) -> Option<Secret> {
    let found = required(section, "secret_file", "every delivery is signed with it")?;
    match Secret::read(Path::new(found.value)) {
        Ok(secret) => Some(secret),
        Err(what) => {
            section.fault(Some(found.at), "secret_file", what);
            None
        }
    }
}

fn read_events(section: &mut Section<'_, '_>) -> Vec<Box<str>> {
    let mut events = Vec::new();
    for found in section.texts("events") {
        if EVENT_KINDS.contains(&found.value) {
            events.push(found.value.into());
        } else {
            let what = format!(
                "`{}` is not a kind of event; there are {}",
                found.value,
                EVENT_KINDS.join(", ")
            );
            section.fault(Some(found.at), "events", what);
        }
    }
    events
}

fn required<'s>(
    section: &mut Section<'s, '_>,
    key: &'static str,
    why: &str,
) -> Option<Found<&'s str>> {
    let found = section.text(key);
    if found.is_none() && !section.has(key) {
        section.fault(None, key, format!("is missing: {why}"));
    }
    found
}

/// The kinds that the event stream tells, as in `docs/api.md`.
const EVENT_KINDS: [&str; 9] = [
    "accepted",
    "started",
    "finished",
    "returned",
    "resolved",
    "reported",
    "requeued",
    "ended",
    BUDGET_WARNED,
];

/// The one kind that is about a SIM.
const BUDGET_WARNED: &str = "budget_warned";

/// Each has a task, a row of metrics and a reader of the store.
const WEBHOOKS_MAX: usize = 16;

const BATCH_MAX: usize = 100;

const TIMEOUT: RangeInclusive<Duration> = Duration::from_millis(100)..=Duration::from_secs(60);

/// From "only what is fresh matters" to the time that events are kept.
const RETRY_FOR: RangeInclusive<Duration> =
    Duration::from_secs(10)..=Duration::from_secs(7 * 86_400);
