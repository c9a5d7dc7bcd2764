//! What an operator says to a line: USSD dialogues of its SIM, and commands of his own.
//!
//! It finds the line, hands the words over, and waits. When they are said is the line's task to know.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use client::{CommandRequest, CommandView, UssdRequest, UssdView};
use gateway::{Control, Snapshot};
use modem::{Iccid, LineState, ManualCommand, ManualEnd, UssdAct, UssdAnswer, UssdEnd, UssdState};
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::fleet::{find_sim, line_name};
use super::problem::Failure;
use super::{Api, body};
use crate::talk::{Ask, Said, Talk, Unsaid};

/// `POST /v1/sims/{iccid}/ussd`.
pub(super) async fn ussd(
    State(api): State<Arc<Api>>,
    Path(iccid): Path<String>,
    body: Body,
) -> Result<Json<UssdView>, Failure> {
    let request: UssdRequest = body::parse(&body::read(body).await?)?;
    let checked = |key: &str, text: &str| {
        modem::UssdRequest::parse(text)
            .map_err(|reason| Failure::malformed(format!("{key}: {reason}")))
    };
    let act = match (&request.code, &request.reply) {
        (Some(code), None) => UssdAct::Dial(checked("code", code)?),
        (None, Some(reply)) => UssdAct::Reply(checked("reply", reply)?),
        (Some(_), Some(_)) | (None, None) => {
            return Err(Failure::malformed("write either `code` or `reply`"));
        }
    };
    dialogue(&api, iccid, act).await
}

/// `DELETE /v1/sims/{iccid}/ussd`.
pub(super) async fn end_ussd(
    State(api): State<Arc<Api>>,
    Path(iccid): Path<String>,
) -> Result<Json<UssdView>, Failure> {
    dialogue(&api, iccid, UssdAct::GiveUp).await
}

/// `POST /v1/lines/{name}/at`.
pub(super) async fn command(
    State(api): State<Arc<Api>>,
    Path(name): Path<String>,
    body: Body,
) -> Result<Json<CommandView>, Failure> {
    let request: CommandRequest = body::parse(&body::read(body).await?)?;
    let command = ManualCommand::parse(&request.command)
        .map_err(|reason| Failure::command_refused(format!("nothing was written: {reason}")))?;
    if api.board.status(&name).is_none() {
        return Err(Failure::no_such_line(&name));
    }
    let snapshot = api.core.snapshot().await?;
    if !is_paused(&snapshot, &name) {
        return Err(Failure::not_paused(&name));
    }
    tracing::info!(line = %name, ?command, "operator command");
    let typed = command.as_typed();
    let said = say(&api, &name, Ask::Manual(command)).await?;
    let Said::Manual(answer) = said else {
        return Err(Failure::internal());
    };
    if answer.end == ManualEnd::Busy {
        return Err(unsaid(&name, Unsaid::Busy));
    }
    Ok(Json(CommandView {
        line: name,
        command: typed,
        end: answer.end.as_str().to_owned(),
        lines: answer.lines,
    }))
}

async fn dialogue(api: &Api, iccid: String, act: UssdAct) -> Result<Json<UssdView>, Failure> {
    let iccid = Iccid(iccid.into());
    let snapshot = api.core.snapshot().await?;
    let sim = find_sim(&snapshot, &iccid)?;
    let lines = api.board.all();
    let Some(line) = line_name(&lines, sim.line) else {
        return Err(Failure::sim_not_ready(
            "the SIM is in no line that works: see /v1/sims",
        ));
    };
    let what = match act {
        UssdAct::Dial(_) => "dial",
        UssdAct::Reply(_) => "reply",
        UssdAct::GiveUp => "give up",
    };
    tracing::info!(%line, sim = iccid.tail(), what, "operator USSD");
    match say(api, line, Ask::Ussd(act)).await? {
        Said::Ussd(answer) => view(&iccid, line, answer).map(Json),
        Said::Manual(_) => Err(Failure::internal()),
    }
}

async fn say(api: &Api, line: &str, ask: Ask) -> Result<Said, Failure> {
    let is_closed = |state| matches!(state, LineState::Closed | LineState::OutOfService);
    let status = api
        .board
        .status(line)
        .ok_or_else(|| Failure::no_such_line(line))?;
    if is_closed(status.state) {
        return Err(unsaid(line, Unsaid::NotReady));
    }
    let (answer, answered) = oneshot::channel();
    if api.board.talk(line, Talk { ask, answer }).is_err() {
        return Err(unsaid(line, Unsaid::Busy));
    }
    match timeout(ANSWER_WAIT_MAX, answered).await {
        Ok(Ok(Ok(said))) => Ok(said),
        Ok(Ok(Err(reason))) => Err(unsaid(line, reason)),
        // The line's task has ended, or was made anew.
        Ok(Err(_)) | Err(_) => Err(unsaid(line, Unsaid::NotReady)),
    }
}

fn view(iccid: &Iccid, line: &str, answer: UssdAnswer) -> Result<UssdView, Failure> {
    let end = match answer.state {
        UssdState::Open => None,
        UssdState::Ended(end @ (UssdEnd::Done | UssdEnd::Cancelled)) => Some(end),
        // With words it is an answer all the same.
        UssdState::Ended(end) if answer.text.is_some() => Some(end),
        UssdState::Ended(end) => return Err(ended(line, end)),
    };
    let state = if end.is_none() { "open" } else { "ended" };
    Ok(UssdView {
        iccid: iccid.to_string(),
        line: line.to_owned(),
        state: state.to_owned(),
        end: end.map(|end| end.as_str().to_owned()),
        text: answer.text.map(String::from),
    })
}

/// A dialogue that ended without a word of the network.
fn ended(line: &str, end: UssdEnd) -> Failure {
    match end {
        UssdEnd::Done | UssdEnd::Terminated | UssdEnd::OtherClient => Failure::ussd_refused(
            "the network ended the dialogue without a word: is the code right?",
        ),
        UssdEnd::NotSupported => Failure::ussd_refused(
            "the network has no USSD where the SIM is registered now: in LTE alone many have none",
        ),
        UssdEnd::Refused(cause) => Failure::ussd_refused(format!(
            "the modem refused the code: {cause}; `simfleet causes {cause}` says what it means"
        )),
        UssdEnd::NetworkTimeout | UssdEnd::NoAnswer => {
            Failure::ussd_no_answer("the network said nothing in time; the dialogue is closed")
        }
        UssdEnd::ReplyTimeout => {
            Failure::ussd_no_answer("the menu was closed: nobody answered it in time")
        }
        UssdEnd::Cancelled => {
            Failure::ussd_broken_off("the dialogue was given up by another operator")
        }
        UssdEnd::LineLost => unsaid(line, Unsaid::NotReady),
        UssdEnd::Busy => unsaid(line, Unsaid::Busy),
    }
}

fn unsaid(line: &str, reason: Unsaid) -> Failure {
    match reason {
        Unsaid::NotReady => Failure::line_not_ready(format!(
            "line {line} can't be talked to, or was lost meanwhile: see /v1/lines"
        )),
        Unsaid::Busy => Failure::line_busy(format!(
            "line {line} is busy with something else and was not free in time: try again, or pause it first"
        )),
        Unsaid::NoMenu => Failure::no_menu("no dialogue of this SIM waits for a reply"),
        Unsaid::GaveWay => Failure::ussd_broken_off(
            "a one-time code needed this SIM, so the dialogue was broken off: try again, or pause the SIM first",
        ),
    }
}

fn is_paused(snapshot: &Snapshot, line: &str) -> bool {
    let mut controls = snapshot.line_controls.iter();
    controls.any(|(name, control, _)| **name == *line && *control != Control::Active)
}

/// Above every bound of the line's own: 20 s until it is free, then 180 s for a command that asks the network.
const ANSWER_WAIT_MAX: Duration = Duration::from_secs(210);
