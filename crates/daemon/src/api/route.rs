//! `GET /v1/route`: which route and SIM would serve a message now, and why no others.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::Uri;
use client::{RouteTrialView, RouteView, SimTrialView};
use gateway::{
    Class, Exclusion, Hold, LineId, Refusal, RouteFit, RouteQuery, RouteTrial, Settings, SimTrial,
    UnixMs,
};
use serde::Deserialize;

use super::problem::Failure;
use super::{Api, body, prepare};
use crate::clock::rfc3339;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    to: String,
    class: Option<String>,
    app: Option<String>,
    route: Option<String>,
}

/// `GET /v1/route?to=&class=&app=&route=`.
pub(super) async fn dry_run(
    State(api): State<Arc<Api>>,
    uri: Uri,
) -> Result<Json<RouteTrialView>, Failure> {
    let settings = Arc::clone(&api.settings.borrow());
    let query = question(&settings, body::query(&uri)?)?;
    let found = api.core.try_route(query).await?;
    Ok(Json(trial(&api, &found)))
}

/// How routes and SIMs stand to a message.
pub(super) fn trial(api: &Api, trial: &RouteTrial) -> RouteTrialView {
    let lines = api.board.all();
    let line_name = |line: LineId| {
        let found = lines.iter().find(|(_, status)| status.line == line);
        found.map(|(name, _)| name.to_string())
    };
    let routes = trial.routes.iter().map(|(name, fit)| RouteView {
        name: name.to_string(),
        fit: fit.as_str().to_owned(),
        prefix_length: match fit {
            RouteFit::Prefix(length) => Some(*length),
            RouteFit::Asked
            | RouteFit::NotAsked
            | RouteFit::OtherClass
            | RouteFit::OtherApp
            | RouteFit::OtherPrefix => None,
        },
    });
    RouteTrialView {
        route: trial.route.as_deref().map(str::to_owned),
        fallback: trial.serving.as_deref().map(str::to_owned),
        rotation: trial.rotation.as_str().to_owned(),
        chosen: trial.chosen.as_ref().map(ToString::to_string),
        routes: routes.collect(),
        sims: trial
            .sims
            .iter()
            .map(|sim| sim_view(sim, sim.line.and_then(line_name)))
            .collect(),
        refused: trial.refusal.as_ref().map(|of| of.code().to_owned()),
        refused_because: trial.refusal.as_ref().map(ToString::to_string),
        held_by: trial.hold.map(|hold| hold.as_str().to_owned()),
        held_until: held_until(trial.hold).map(rfc3339),
    }
}

fn held_until(hold: Option<Hold>) -> Option<UnixMs> {
    match hold? {
        Hold::SendWindow { opens } => opens,
        Hold::OtpReserve | Hold::Stopping => None,
    }
}

fn question(settings: &Settings, question: Question) -> Result<RouteQuery, Failure> {
    // An unescaped `+` of a query arrives as a blank.
    let to = match question.to.strip_prefix(' ') {
        Some(digits) => format!("+{digits}"),
        None => question.to,
    };
    let class = question.class.as_deref().map(str::parse::<Class>);
    let class = class
        .transpose()
        .map_err(|error| Failure::malformed(format!("class: {error}")))?;
    if let Some(name) = &question.route
        && !settings.routes.iter().any(|route| *route.name == **name)
    {
        return Err(Refusal::UnknownRoute(name.as_str().into()).into());
    }
    Ok(RouteQuery {
        to: gateway::canonical_recipient(settings, &to)?,
        class: class.unwrap_or(Class::Notification),
        app: question
            .app
            .as_deref()
            .map(prepare::app)
            .transpose()?
            .map(Into::into),
        route: question.route.map(String::into_boxed_str),
        parts: 1,
    })
}

fn sim_view(sim: &SimTrial, line: Option<String>) -> SimTrialView {
    let mut view = SimTrialView {
        iccid: sim.iccid.to_string(),
        label: sim.label.to_string(),
        line,
        headroom_percent: sim.headroom / HEADROOM_PERCENT,
        ..SimTrialView::default()
    };
    let Some(exclusion) = &sim.exclusion else {
        return view;
    };
    view.excluded = Some(exclusion.as_str().to_owned());
    match exclusion {
        Exclusion::Paused(reason) | Exclusion::Quarantined(reason) | Exclusion::LineOut(reason) => {
            view.reason = reason.as_deref().map(str::to_owned);
        }
        Exclusion::Spent { budget, until } | Exclusion::KeptForCodes { budget, until } => {
            view.budget = Some((*budget).to_owned());
            // What counts for life never begins anew.
            view.until = (*until != UnixMs(i64::MAX)).then(|| rfc3339(*until));
        }
        Exclusion::Resting { until } | Exclusion::OutsideHours { until } => {
            view.until = Some(rfc3339(*until));
        }
        Exclusion::NotInRoute
        | Exclusion::Absent
        | Exclusion::NoBudget
        | Exclusion::ContractEnded
        | Exclusion::TooFewLeft
        | Exclusion::Busy => {}
    }
    view
}

/// Billionths in a hundredth.
const HEADROOM_PERCENT: u64 = 10_000_000;
