//! `route`: which route and SIM would serve a message now, and why no others.

use client::{Client, RouteTrialView, RouteView, SimTrialView};

use crate::args::RouteArguments;
use crate::failure::Failure;
use crate::output::{Output, local_time};
use crate::table::Align::{Left, Right};
use crate::table::Table;

/// Explains the choice for one message. Nothing is sent.
pub(crate) async fn route(
    client: &Client,
    out: &mut Output,
    message: RouteArguments,
) -> Result<(), Failure> {
    let [class, app, route] = [&message.class, &message.app, &message.route].map(Option::as_deref);
    let trial = client.route(&message.to, class, app, route).await?;
    if out.is_json() {
        return out.object(&trial);
    }
    out.line(choice(&trial))?;
    if !trial.routes.is_empty() {
        out.line("")?;
        out.table(&route_table(&trial.routes))?;
    }
    if trial.sims.is_empty() {
        return Ok(());
    }
    out.line("")?;
    out.table(&sim_table(&trial))
}

fn choice(trial: &RouteTrialView) -> String {
    let route = match (&trial.route, &trial.fallback) {
        (None, _) => "no route fits: every SIM may serve it".to_owned(),
        (Some(route), None) => format!("route {route}"),
        (Some(route), Some(back)) => {
            format!("route {route}, served by {back}: none of its own SIMs can")
        }
    };
    let sim = match (&trial.refused_because, &trial.held_by, &trial.chosen) {
        (Some(because), _, _) => format!("it would not be accepted now: {because}"),
        (None, Some(held_by), _) => held(held_by, trial.held_until.as_deref()),
        (None, None, Some(iccid)) => format!("SIM {iccid} would take it now"),
        (None, None, None) => "no SIM can take it now".to_owned(),
    };
    format!("{route}; {}; {sim}", trial.rotation)
}

/// What a message waits for though a SIM could take it.
fn held(by: &str, until: Option<&str>) -> String {
    match (by, until) {
        ("send_window", Some(until)) => {
            format!(
                "it would wait until its send window opens at {}",
                local_time(until)
            )
        }
        ("send_window", None) => "its send window never opens for this recipient".to_owned(),
        ("otp_reserve", _) => "it would wait: the free SIMs are kept for codes".to_owned(),
        ("stopping", _) => "nothing is started any more: the daemon stops".to_owned(),
        (by, _) => format!("it would wait: {}", by.replace('_', " ")),
    }
}

fn route_table(routes: &[RouteView]) -> Table {
    let mut table = Table::new(&[("ROUTE", Left), ("FIT", Left)]);
    for route in routes {
        let fit = match (route.fit.as_str(), route.prefix_length) {
            ("asked", _) => "asked for by name".to_owned(),
            ("fits", Some(0)) => "fits: it serves all recipients".to_owned(),
            ("fits", Some(length)) => format!("fits: a prefix of {length}"),
            ("not_asked", _) => "another one is asked for".to_owned(),
            ("other_class", _) => "does not serve the class".to_owned(),
            ("other_app", _) => "does not serve the app".to_owned(),
            ("other_prefix", _) => "no prefix fits".to_owned(),
            (other, _) => other.to_owned(),
        };
        table.row(vec![(&route.name).into(), fit.into()]);
    }
    table
}

fn sim_table(trial: &RouteTrialView) -> Table {
    let mut table = Table::new(&[
        ("SIM", Left),
        ("ICCID", Left),
        ("LINE", Left),
        ("LEFT", Right),
        ("NOW", Left),
    ]);
    let mut sims: Vec<&SimTrialView> = trial.sims.iter().collect();
    // By line, as `sims` shows them.
    sims.sort_by_key(|sim| (sim.line.is_none(), sim.line.clone(), sim.iccid.clone()));
    for sim in sims {
        let is_chosen = trial.chosen.as_ref() == Some(&sim.iccid);
        table.row(vec![
            (&sim.label).into(),
            (&sim.iccid).into(),
            sim.line.as_deref().unwrap_or_default().into(),
            format!("{} %", sim.headroom_percent).into(),
            standing(sim, is_chosen).into(),
        ]);
    }
    table
}

fn standing(sim: &SimTrialView, is_chosen: bool) -> String {
    let Some(excluded) = &sim.excluded else {
        return if is_chosen { "chosen" } else { "could take it" }.to_owned();
    };
    let mut words = match (excluded.as_str(), &sim.budget) {
        ("budget_used_up", Some(budget)) => format!("{budget} used up"),
        (excluded, _) => excluded.replace('_', " "),
    };
    if let Some(until) = &sim.until {
        words.push_str(&format!(" until {}", local_time(until)));
    }
    if let Some(reason) = &sim.reason {
        words.push_str(&format!(": {reason}"));
    }
    words
}

#[cfg(test)]
mod tests;
