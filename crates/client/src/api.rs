//! The client: one method per request of the API, connections as they are needed.
//!
//! A request goes out once. Only what never reached the wire, or what may be done twice without harm (`GET`, `DELETE`),
//! is tried again, on a fresh connection, when a kept one turns out to be dead.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use hyper::{Method, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use crate::connection::{Call, Connection, REPLY_WAIT_MAX, read_whole, refusal};
use crate::error::ClientError;
use crate::events::EventStream;
use crate::filter::{MessageFilter, percent_encoded};
use crate::line_types::{LineView, ResetRequest};
use crate::lines::Lines;
use crate::measure::DryRun;
use crate::status_types::StatusView;
use crate::talk::{CommandRequest, CommandView, UssdRequest, UssdView};
use crate::trace::{TraceStream, TraceWish};
use crate::types::{
    Accepted, ControlRequest, DeadLetterPage, LinePage, MessagePage, MessageRequest, MessageView,
    RouteTrialView, SimPage, SimView, WebhookPage, WebhookView,
};
use crate::upload::{PIPE_BYTES, Upload};

/// Where the daemon listens unless it is told otherwise.
pub const SOCKET_DEFAULT: &str = "/run/simfleet/simfleet.sock";

/// A handle on the daemon; cheap to clone. It opens connections as needed and keeps one alive between calls.
/// All clones must be used on the same tokio runtime.
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
}

/// What an operator can do to a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineAction {
    /// Send nothing new on it until it is resumed.
    Pause,
    /// End a pause or a drain.
    Resume,
    /// Finish what it has begun and then send nothing.
    Drain,
}

/// What an operator can do to a SIM.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SimAction {
    /// Send nothing new with it until it is resumed, in whatever line it is.
    Pause,
    /// End a pause or a quarantine.
    Resume,
}

impl Client {
    /// A client of the daemon behind this socket. Nothing is opened yet.
    pub fn new(socket: impl Into<PathBuf>) -> Client {
        Client::with_reply_wait(socket, REPLY_WAIT_MAX)
    }

    /// As [`Client::new`], with another bound than [`REPLY_WAIT_MAX`] on the wait for an answer.
    pub fn with_reply_wait(socket: impl Into<PathBuf>, reply_wait: Duration) -> Client {
        Client {
            shared: Arc::new(Shared {
                socket: socket.into(),
                reply_wait,
                idle: Mutex::new(None),
            }),
        }
    }

    /// The socket's path.
    pub fn socket(&self) -> &Path {
        &self.shared.socket
    }

    /// Hands one message over (`POST /v1/messages`). When this returns, the message is durable.
    ///
    /// # Errors
    /// `Problem` if it was refused. After `Interrupted` or `TimedOut` nobody knows: repeat it with the same `key`.
    pub async fn send(&self, message: &MessageRequest) -> Result<Accepted, ClientError> {
        self.json(Call::new(Method::POST, "/v1/messages").with_json(json_bytes(message)))
            .await
    }

    /// What would become of a message, if it were handed over now; nothing is accepted.
    ///
    /// # Errors
    /// `Problem` if it would be refused.
    pub async fn try_send(&self, message: &MessageRequest) -> Result<DryRun, ClientError> {
        let message = MessageRequest {
            dry_run: Some(true),
            ..message.clone()
        };
        self.json(Call::new(Method::POST, "/v1/messages").with_json(json_bytes(&message)))
            .await
    }

    /// One message's whole story (`GET /v1/messages/{id}`).
    ///
    /// # Errors
    /// `Problem` with code `not_found`.
    pub async fn message(&self, id: &str) -> Result<MessageView, ClientError> {
        self.json(Call::new(Method::GET, message_target(id))).await
    }

    /// One page of a search, newest first (`GET /v1/messages`).
    ///
    /// # Errors
    /// `Problem` if a term of the filter makes no sense.
    pub async fn messages(&self, filter: &MessageFilter) -> Result<MessagePage, ClientError> {
        self.json(Call::new(Method::GET, filter.target())).await
    }

    /// Cancels a message that has not started (`DELETE /v1/messages/{id}`).
    ///
    /// # Errors
    /// `Problem` with code `too_late` or `not_found`.
    pub async fn cancel(&self, id: &str) -> Result<MessageView, ClientError> {
        self.json(Call::new(Method::DELETE, message_target(id)))
            .await
    }

    /// The fleet at a glance (`GET /v1/status`).
    ///
    /// # Errors
    /// Only those of the connection.
    pub async fn status(&self) -> Result<StatusView, ClientError> {
        self.json(Call::new(Method::GET, "/v1/status")).await
    }

    /// All lines (`GET /v1/lines`).
    ///
    /// # Errors
    /// Only those of the connection.
    pub async fn lines(&self) -> Result<LinePage, ClientError> {
        self.json(Call::new(Method::GET, "/v1/lines")).await
    }

    /// All SIMs (`GET /v1/sims`).
    ///
    /// # Errors
    /// Only those of the connection.
    pub async fn sims(&self) -> Result<SimPage, ClientError> {
        self.json(Call::new(Method::GET, "/v1/sims")).await
    }

    /// Which route and SIM would serve a message now (`GET /v1/route`).
    ///
    /// # Errors
    /// `Problem` if the recipient is no number, or class or route is unknown.
    pub async fn route(
        &self,
        to: &str,
        class: Option<&str>,
        app: Option<&str>,
        route: Option<&str>,
    ) -> Result<RouteTrialView, ClientError> {
        let mut target = format!("/v1/route?to={}", percent_encoded(to));
        for (name, value) in [("class", class), ("app", app), ("route", route)] {
            if let Some(value) = value {
                target.push_str(&format!("&{name}={}", percent_encoded(value)));
            }
        }
        self.json(Call::new(Method::GET, target)).await
    }

    /// All webhooks (`GET /v1/webhooks`).
    ///
    /// # Errors
    /// Only those of the connection.
    pub async fn webhooks(&self) -> Result<WebhookPage, ClientError> {
        self.json(Call::new(Method::GET, "/v1/webhooks")).await
    }

    /// Dead letters of a webhook after event `after`, oldest first (`GET /v1/webhooks/{name}/dead`).
    ///
    /// # Errors
    /// `Problem` with code `not_found`.
    pub async fn dead_letters(
        &self,
        name: &str,
        after: u64,
    ) -> Result<DeadLetterPage, ClientError> {
        let target = format!("/v1/webhooks/{}/dead?after={after}", percent_encoded(name));
        self.json(Call::new(Method::GET, target)).await
    }

    /// Has a webhook's dead letters sent again (`POST /v1/webhooks/{name}/resend`).
    ///
    /// # Errors
    /// `Problem` with code `not_found`.
    pub async fn resend_dead_letters(&self, name: &str) -> Result<WebhookView, ClientError> {
        let target = format!("/v1/webhooks/{}/resend", percent_encoded(name));
        self.json(Call::new(Method::POST, target)).await
    }

    /// Whether the daemon is ready to send (`GET /readyz`).
    ///
    /// # Errors
    /// Only those of the connection: a daemon that is not ready answers `false`.
    pub async fn ready(&self) -> Result<bool, ClientError> {
        let (status, _) = self.exchange(&Call::new(Method::GET, "/readyz")).await?;
        Ok(status.is_success())
    }

    /// Has a line's modem brought back (`POST /v1/lines/{name}/reset`).
    ///
    /// # Errors
    /// `Problem` with code `not_found`, or `malformed` for an unknown rung.
    pub async fn reset_line(
        &self,
        name: &str,
        request: &ResetRequest,
    ) -> Result<LineView, ClientError> {
        let target = format!("/v1/lines/{}/reset", percent_encoded(name));
        self.json(Call::new(Method::POST, target).with_json(json_bytes(request)))
            .await
    }

    /// Pauses, resumes or drains a line (`POST /v1/lines/{name}/…`).
    ///
    /// # Errors
    /// `Problem` with code `not_found`.
    pub async fn control_line(
        &self,
        name: &str,
        action: LineAction,
        reason: Option<&str>,
    ) -> Result<LineView, ClientError> {
        let verb = match action {
            LineAction::Pause => "pause",
            LineAction::Resume => "resume",
            LineAction::Drain => "drain",
        };
        self.control("lines", name, verb, reason).await
    }

    /// Pauses or resumes a SIM (`POST /v1/sims/{iccid}/…`).
    ///
    /// # Errors
    /// `Problem` with code `not_found`.
    pub async fn control_sim(
        &self,
        iccid: &str,
        action: SimAction,
        reason: Option<&str>,
    ) -> Result<SimView, ClientError> {
        let verb = match action {
            SimAction::Pause => "pause",
            SimAction::Resume => "resume",
        };
        self.control("sims", iccid, verb, reason).await
    }

    /// Dials a USSD code, or answers the menu that is open, and waits for what the network says
    /// (`POST /v1/sims/{iccid}/ussd`).
    ///
    /// # Errors
    /// `Problem` if the network says nothing, or the SIM can't be used for it now.
    pub async fn ussd(&self, iccid: &str, request: &UssdRequest) -> Result<UssdView, ClientError> {
        let call = Call::new(Method::POST, ussd_target(iccid)).with_json(json_bytes(request));
        self.patient_json(call, USSD_WAIT_MAX).await
    }

    /// Ends a USSD dialogue (`DELETE /v1/sims/{iccid}/ussd`).
    ///
    /// # Errors
    /// `Problem` with code `ussd_no_menu` if there is none.
    pub async fn end_ussd(&self, iccid: &str) -> Result<UssdView, ClientError> {
        let call = Call::new(Method::DELETE, ussd_target(iccid));
        self.patient_json(call, USSD_WAIT_MAX).await
    }

    /// Runs an operator's own command on a paused line and waits for its end (`POST /v1/lines/{name}/at`).
    ///
    /// # Errors
    /// `Problem` if the line is not paused, or the command is none that is run.
    pub async fn command(&self, line: &str, command: &str) -> Result<CommandView, ClientError> {
        let body = CommandRequest {
            command: command.to_owned(),
        };
        let target = format!("/v1/lines/{}/at", percent_encoded(line));
        let call = Call::new(Method::POST, target).with_json(json_bytes(&body));
        self.patient_json(call, COMMAND_WAIT_MAX).await
    }

    /// What goes over a line's wire (`GET /v1/lines/{name}/trace`), on a connection of its own.
    ///
    /// # Errors
    /// `Unreachable`, or `Problem` with code `not_found`.
    pub async fn trace(&self, line: &str, wish: TraceWish) -> Result<TraceStream, ClientError> {
        let mut target = format!(
            "/v1/lines/{}/trace?follow={}",
            percent_encoded(line),
            wish.follow
        );
        if let Some(seconds) = wish.for_s {
            target.push_str(&format!("&for_s={seconds}"));
        }
        for (name, wanted) in [("unmasked", wish.unmasked), ("failure", wish.failure)] {
            if wanted {
                target.push_str(&format!("&{name}=true"));
            }
        }
        Ok(TraceStream::new(self.stream(target).await?))
    }

    /// Begins an upload of many messages, on a connection of its own.
    ///
    /// # Errors
    /// `Unreachable`. A refusal comes as the first answer.
    pub async fn upload(&self) -> Result<Upload, ClientError> {
        let mut call = Call::new(Method::POST, "/v1/messages");
        call.content_type = Some(NDJSON);
        call.accept = NDJSON;
        let (pipe, body) = tokio::io::duplex(PIPE_BYTES);
        let mut connection = Connection::open(&self.shared.socket).await?;
        let answer = connection.sender.send_request(call.request(Some(body))?);
        let opening = Box::pin(async move {
            let answer = answer
                .await
                .map_err(|error| ClientError::from_hyper(&error))?;
            Lines::open(connection, answer).await
        });
        Ok(Upload::new(pipe, opening))
    }

    /// The events after the one numbered `after` (0: from the beginning), on a connection of their own. With `follow`
    /// the stream goes on with what happens; without, it ends at the present end.
    ///
    /// # Errors
    /// `Unreachable`, or `Problem` if the cursor makes no sense.
    pub async fn events(&self, after: u64, follow: bool) -> Result<EventStream, ClientError> {
        let target = format!("/v1/events?after={after}&follow={follow}");
        Ok(EventStream::new(self.stream(target).await?))
    }

    /// An answer in lines, on a connection of its own.
    async fn stream(&self, target: String) -> Result<Lines, ClientError> {
        let mut call = Call::new(Method::GET, target);
        call.accept = NDJSON;
        let mut connection = Connection::open(&self.shared.socket).await?;
        let answer = connection.sender.send_request(call.request(None)?);
        let opening = async move {
            let answer = answer
                .await
                .map_err(|error| ClientError::from_hyper(&error))?;
            Lines::open(connection, answer).await
        };
        let wait = self.shared.reply_wait;
        timeout(wait, opening)
            .await
            .map_err(|_| ClientError::TimedOut { wait })?
    }

    async fn control<T: DeserializeOwned>(
        &self,
        kind: &str,
        name: &str,
        verb: &str,
        reason: Option<&str>,
    ) -> Result<T, ClientError> {
        let body = ControlRequest {
            reason: reason.map(str::to_owned),
        };
        let target = format!("/v1/{kind}/{}/{verb}", percent_encoded(name));
        self.json(Call::new(Method::POST, target).with_json(json_bytes(&body)))
            .await
    }

    /// A call whose answer is one JSON value.
    pub(crate) async fn json<T: DeserializeOwned>(&self, call: Call) -> Result<T, ClientError> {
        let (status, body) = self.exchange(&call).await?;
        if !status.is_success() {
            return Err(refusal(status, &body));
        }
        serde_json::from_slice(&body).map_err(|error| {
            // The category and the place, never the answer itself: it may hold a number or a text.
            ClientError::Protocol(format!(
                "{:?} error in the answer at line {} column {}",
                error.classify(),
                error.line(),
                error.column()
            ))
        })
    }

    /// As [`Client::json`], where a modem or a network has its say: on a handle of its own that waits longer.
    async fn patient_json<T: DeserializeOwned>(
        &self,
        call: Call,
        wait: Duration,
    ) -> Result<T, ClientError> {
        let patient =
            Client::with_reply_wait(&self.shared.socket, wait.max(self.shared.reply_wait));
        patient.json(call).await
    }

    /// One request and its whole answer, within the reply wait.
    async fn exchange(&self, call: &Call) -> Result<(StatusCode, Bytes), ClientError> {
        let wait = self.shared.reply_wait;
        timeout(wait, self.exchange_unbounded(call))
            .await
            .unwrap_or(Err(ClientError::TimedOut { wait }))
    }

    async fn exchange_unbounded(&self, call: &Call) -> Result<(StatusCode, Bytes), ClientError> {
        if let Some(kept) = self.shared.take_idle() {
            match self.exchange_on(kept, call).await {
                Err(Failed { error, unsent })
                    if unsent || (call.is_idempotent() && error.is_connection()) => {}
                done => return done.map_err(|failed| failed.error),
            }
        }
        let fresh = Connection::open(&self.shared.socket).await?;
        self.exchange_on(fresh, call)
            .await
            .map_err(|failed| failed.error)
    }

    async fn exchange_on(
        &self,
        mut connection: Connection,
        call: &Call,
    ) -> Result<(StatusCode, Bytes), Failed> {
        let request = call.request(None)?;
        connection.sender.ready().await.map_err(|error| Failed {
            unsent: true,
            error: ClientError::from_hyper(&error),
        })?;
        let answer = connection.sender.try_send_request(request).await;
        let answer = answer.map_err(|mut failed| Failed {
            unsent: failed.take_message().is_some(),
            error: ClientError::from_hyper(failed.error()),
        })?;
        let status = answer.status();
        let body = read_whole(answer.into_body()).await?;
        self.shared.keep(connection);
        Ok((status, body))
    }
}

struct Shared {
    socket: PathBuf,
    reply_wait: Duration,
    /// The connection kept between calls. Held only to take or put, never across an await.
    idle: Mutex<Option<Connection>>,
}

impl Shared {
    fn take_idle(&self) -> Option<Connection> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.take()
            .filter(|connection| !connection.sender.is_closed())
    }

    fn keep(&self, connection: Connection) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        *idle = Some(connection);
    }
}

/// A failed exchange, and whether the request certainly stayed on this side.
struct Failed {
    error: ClientError,
    unsent: bool,
}

impl From<ClientError> for Failed {
    fn from(error: ClientError) -> Failed {
        Failed {
            error,
            unsent: false,
        }
    }
}

fn message_target(id: &str) -> String {
    format!("/v1/messages/{}", percent_encoded(id))
}

fn ussd_target(iccid: &str) -> String {
    format!("/v1/sims/{}/ussd", percent_encoded(iccid))
}

pub(crate) fn json_bytes<T: Serialize>(value: &T) -> Vec<u8> {
    serde_json::to_vec(value).expect("wire types are strings, numbers, bools and lists of these")
}

/// Media type of streams.
const NDJSON: &str = "application/x-ndjson";

/// Longest wait for a USSD answer: the line may be busy for 20 s, its modem and the network have 30 s each.
const USSD_WAIT_MAX: Duration = Duration::from_secs(100);

/// Longest wait for the end of a command: a scan for networks takes 180 s.
const COMMAND_WAIT_MAX: Duration = Duration::from_secs(220);
