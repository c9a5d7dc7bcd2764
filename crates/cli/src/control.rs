//! The operator's hand on lines and SIMs: `pause`, `resume`, `drain`.

use anyhow::anyhow;
use client::{Client, LineAction, LineView, SimAction, SimView};

use crate::args::ControlArguments;
use crate::failure::Failure;
use crate::output::Output;

/// What an operator asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Control {
    /// Send nothing new.
    Pause,
    /// Go on.
    Resume,
    /// Finish, then send nothing.
    Drain,
}

/// Pauses, resumes or drains a line or a SIM. Draining a SIM drains the line that it is in.
pub(crate) async fn control(
    client: &Client,
    out: &mut Output,
    control: Control,
    arguments: ControlArguments,
) -> Result<(), Failure> {
    let ControlArguments { target, reason } = arguments;
    let reason = reason.as_deref();
    if !is_iccid(&target) {
        match client
            .control_line(&target, control.of_line(), reason)
            .await
        {
            Ok(line) => return tell_line(out, &line),
            // No line: then perhaps the label of a SIM.
            Err(error) if error.code() == Some("not_found") => {}
            Err(error) => return Err(error.into()),
        }
    }
    let sim = find_sim(client, &target).await?;
    let action = match control {
        Control::Pause => SimAction::Pause,
        Control::Resume => SimAction::Resume,
        Control::Drain => {
            let line = sim
                .line
                .ok_or_else(|| anyhow!("SIM {target} is in no line, there is nothing to drain"))?;
            let line = client
                .control_line(&line, LineAction::Drain, reason)
                .await?;
            return tell_line(out, &line);
        }
    };
    let sim = client.control_sim(&sim.iccid, action, reason).await?;
    tell_sim(out, &sim)
}

impl Control {
    fn of_line(self) -> LineAction {
        match self {
            Control::Pause => LineAction::Pause,
            Control::Resume => LineAction::Resume,
            Control::Drain => LineAction::Drain,
        }
    }
}

fn tell_line(out: &mut Output, line: &LineView) -> Result<(), Failure> {
    if out.is_json() {
        return out.object(line);
    }
    out.line(format_args!(
        "line {} is {}, {}",
        line.name, line.control, line.state
    ))
}

fn tell_sim(out: &mut Output, sim: &SimView) -> Result<(), Failure> {
    if out.is_json() {
        return out.object(sim);
    }
    out.line(format_args!(
        "SIM {} ({}) is {}",
        sim.label, sim.iccid, sim.state
    ))
}

/// The SIM that an operator means: by ICCID, by the line that it is in, by its label.
pub(crate) async fn find_sim(client: &Client, wanted: &str) -> Result<SimView, Failure> {
    let page = client.sims().await?;
    let by = |is_it: &dyn Fn(&SimView) -> bool| -> Vec<SimView> {
        page.sims.iter().filter(|sim| is_it(sim)).cloned().collect()
    };
    let mut found = by(&|sim| sim.iccid == wanted);
    if found.is_empty() {
        found = by(&|sim| sim.line.as_deref() == Some(wanted));
    }
    if found.is_empty() {
        found = by(&|sim| sim.label == wanted);
    }
    match found.len() {
        1 => Ok(found.remove(0)),
        0 => Err(Failure::Operation(anyhow!(
            "no line or SIM is called `{wanted}`: name a line, an ICCID or a label, see `simfleet lines` and `simfleet sims`"
        ))),
        count => Err(Failure::Operation(anyhow!(
            "{count} SIMs are labelled `{wanted}`: name one by its ICCID, see `simfleet sims`"
        ))),
    }
}

/// 18 to 20 digits, the last perhaps the filler `F` (ITU-T E.118: up to 19 digits; 20 on some cards).
fn is_iccid(target: &str) -> bool {
    let digits = target.trim_end_matches(['F', 'f']);
    (18..=20).contains(&target.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests;
