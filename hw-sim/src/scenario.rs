//! Scenario files: a fleet's times and faults as TOML.
//!
//! Unknown keys and impossible values are errors that name the file, the line and what is allowed.
//! A file only sets values; the command line may override them.

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;

use crate::country::{Cell, Country, Operator, Recipients};
use crate::faults::{
    ErrorFault, Faults, GarbageFault, NoiseFault, PortFault, PromptFault, RebootFault, ReportFault,
    SilenceFault,
};
use crate::fleet::FleetSettings;
use crate::network::UssdItem;
use crate::profile::ModemProfile;
use crate::timeline::Event;

/// What a scenario file may say. A field that is absent leaves the setting as it was.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Scenario {
    /// How many lines.
    #[serde(deserialize_with = "read::lines")]
    pub lines: Option<usize>,
    /// Mean radio time of a send.
    #[serde(deserialize_with = "read::maybe_duration")]
    pub sms_time: Option<Duration>,
    /// Its coefficient of variation, 0 to 2; 0 is constant.
    #[serde(deserialize_with = "read::spread")]
    pub sms_time_spread: Option<f64>,
    /// How long after the accept a status report comes.
    #[serde(deserialize_with = "read::maybe_range")]
    pub report_delay: Option<RangeInclusive<Duration>>,
    /// Modem models, built in or files, dealt out to the lines in turn.
    #[serde(deserialize_with = "read::models")]
    pub modems: Option<Vec<Arc<ModemProfile>>>,
    /// Seed of every draw.
    pub seed: Option<u64>,
    /// Time of day when the simulator starts, for congestion and limits per day.
    #[serde(deserialize_with = "read::maybe_duration")]
    pub day_starts_at: Option<Duration>,
    /// Neighbouring lines on one USB hub.
    #[serde(deserialize_with = "read::lines")]
    pub hub_lines: Option<usize>,
    /// Mobile operators.
    pub operator: Vec<Operator>,
    /// Recipients by prefix.
    pub recipient: Vec<Recipients>,
    /// Antennas.
    pub cell: Option<Cell>,
    /// USSD codes and what they answer, in place of the usual ones.
    pub ussd: Option<Vec<UssdItem>>,
    /// What happens, and when.
    pub event: Vec<Event>,
    /// Submissions the network refuses.
    pub errors: ErrorFault,
    /// Submissions that get no answer.
    pub silence: SilenceFault,
    /// Status reports lost, doubled, early or negative.
    pub reports: ReportFault,
    /// Prompts that come late.
    pub prompt: PromptFault,
    /// Ports that vanish and come back.
    pub port: PortFault,
    /// Random bytes on the line.
    pub garbage: GarbageFault,
    /// Unsolicited lines nobody asked for.
    pub noise: NoiseFault,
    /// Modems that restart by themselves.
    pub reboot: RebootFault,
}

/// Why a scenario was refused.
#[derive(Debug, thiserror::Error)]
pub enum ScenarioError {
    /// The file cannot be read.
    #[error("{path}: {cause}", path = .path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
    /// Not TOML, an unknown key, or an impossible value.
    #[error("{path}:{line}: {message}", path = .path.display())]
    Invalid {
        /// Which file.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
        /// What is wrong and what is allowed.
        message: String,
    },
}

impl Scenario {
    /// Reads a scenario file.
    ///
    /// # Errors
    /// When the file cannot be read, is not TOML, or holds a key or value that means nothing.
    pub fn load(path: &Path) -> Result<Scenario, ScenarioError> {
        let text = std::fs::read_to_string(path).map_err(|cause| ScenarioError::Unreadable {
            path: path.to_owned(),
            cause,
        })?;
        Scenario::parse(&text, path)
    }

    /// Reads a scenario from text; `path` is only named in errors.
    ///
    /// # Errors
    /// As [`Scenario::load`].
    pub fn parse(text: &str, path: &Path) -> Result<Scenario, ScenarioError> {
        toml::from_str(text).map_err(|error| {
            let start = error.span().map_or(0, |span| span.start);
            let start = start.max(wrong_event(text, error.message()));
            let start = start.min(text.len());
            let newlines = text.as_bytes()[..start]
                .iter()
                .filter(|byte| **byte == b'\n')
                .count();
            ScenarioError::Invalid {
                path: path.to_owned(),
                line: newlines + 1,
                message: error.message().trim().replace('\n', ", "),
            }
        })
    }

    /// Its faults, all tables together.
    pub fn faults(&self) -> Faults {
        Faults {
            errors: self.errors.clone(),
            silence: self.silence.clone(),
            reports: self.reports.clone(),
            prompt: self.prompt.clone(),
            port: self.port.clone(),
            garbage: self.garbage.clone(),
            noise: self.noise.clone(),
            reboot: self.reboot.clone(),
        }
    }

    /// Puts what the file says into `settings`; what it does not say stays. Faults, country and
    /// events are replaced whole.
    pub fn apply(&self, settings: &mut FleetSettings) {
        settings.lines = self.lines.unwrap_or(settings.lines);
        settings.sms_time = self.sms_time.unwrap_or(settings.sms_time);
        settings.sms_time_spread = self.sms_time_spread.unwrap_or(settings.sms_time_spread);
        settings.seed = self.seed.unwrap_or(settings.seed);
        if let Some(models) = &self.modems {
            settings.profiles.clone_from(models);
        }
        if let Some(codes) = &self.ussd {
            settings.ussd.clone_from(codes);
        }
        if let Some(delay) = &self.report_delay {
            settings.report_delay = delay.clone();
        }
        settings.hub_lines = self.hub_lines.unwrap_or(settings.hub_lines);
        settings.country = Country {
            operators: self.operator.clone(),
            recipients: self.recipient.clone(),
            cell: self.cell,
            day_starts_at: self.day_starts_at.unwrap_or_default(),
        };
        settings.events = self.event.clone();
        settings.faults = self.faults();
    }
}

/// Where the event begins that is wrong as a whole: the parser only knows where the first of them begins.
fn wrong_event(text: &str, message: &str) -> usize {
    #[derive(Deserialize)]
    struct Events {
        #[serde(default)]
        event: Vec<toml::Spanned<toml::Table>>,
    }
    let Ok(Events { event: events }) = toml::from_str(text) else {
        return 0;
    };
    let is_it = |event: &&toml::Spanned<toml::Table>| {
        let table = event.get_ref().clone();
        Event::deserialize(table).is_err_and(|error| error.message() == message)
    };
    events
        .iter()
        .find(is_it)
        .map_or(0, |event| event.span().start)
}

/// Readers of single values, each with an error that says what is allowed.
pub(crate) mod read {
    use std::ops::RangeInclusive;
    use std::sync::Arc;
    use std::time::Duration;

    use serde::de::{Deserialize, Deserializer, Error};

    use crate::faults::ErrorCode;
    use crate::fleet::{LINES_MAX, SPREAD_MAX};
    use crate::profile::ModemProfile;

    pub(crate) fn probability<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
        number(from, 0.0, 1.0, "a probability")
    }

    pub(crate) fn maybe_probability<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<f64>, D::Error> {
        probability(from).map(Some)
    }

    pub(crate) fn weight<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
        number(from, 0.0, 1e9, "a weight")
    }

    pub(crate) fn hour<'de, D: Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
        let value = i64::deserialize(from)?;
        u64::try_from(value)
            .ok()
            .filter(|hour| *hour <= 24)
            .ok_or_else(|| D::Error::custom(format!("{value} is not an hour: 0 to 24 is allowed")))
    }

    pub(crate) fn factor<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
        number(from, 1.0, 100.0, "a factor")
    }

    pub(crate) fn registrations<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<f64>, D::Error> {
        number(from, 0.01, 1e6, "a rate per second").map(Some)
    }

    pub(crate) fn some_lines<'de, D: Deserializer<'de>>(from: D) -> Result<usize, D::Error> {
        count(from, LINES_MAX)
    }

    pub(crate) fn network_code<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
        let code = text(from)?;
        if !matches!(code.len(), 5 | 6) || !code.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(D::Error::custom(format!(
                "`{code}` is not a network code: 5 or 6 digits are allowed, such as 26201"
            )));
        }
        Ok(code)
    }

    pub(crate) fn a_minute() -> RangeInclusive<Duration> {
        Duration::from_secs(60)..=Duration::from_secs(60)
    }

    pub(crate) fn one() -> f64 {
        1.0
    }

    pub(crate) fn spread<'de, D: Deserializer<'de>>(from: D) -> Result<Option<f64>, D::Error> {
        number(from, 0.0, SPREAD_MAX, "a coefficient of variation").map(Some)
    }

    pub(crate) fn lines<'de, D: Deserializer<'de>>(from: D) -> Result<Option<usize>, D::Error> {
        count(from, LINES_MAX).map(Some)
    }

    pub(crate) fn models<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Vec<Arc<ModemProfile>>>, D::Error> {
        let names = Vec::<String>::deserialize(from)?;
        let models = names.iter().map(|name| ModemProfile::load(name));
        let models: Result<Vec<_>, _> = models.collect();
        models.map(Some).map_err(D::Error::custom)
    }

    pub(crate) fn burst<'de, D: Deserializer<'de>>(from: D) -> Result<usize, D::Error> {
        count(from, BURST_MAX)
    }

    pub(crate) fn codes<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<ErrorCode>, D::Error> {
        let codes = Vec::<ErrorCode>::deserialize(from)?;
        if codes.iter().all(|code| code.weight <= 0.0) {
            return Err(D::Error::custom(
                "at least one code with a weight above 0 is needed",
            ));
        }
        Ok(codes)
    }

    pub(crate) fn duration<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        crate::duration::duration(&text(from)?).map_err(D::Error::custom)
    }

    pub(crate) fn maybe_duration<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Duration>, D::Error> {
        duration(from).map(Some)
    }

    /// A mean interval: as a rate, zero would mean "always", so it is refused.
    pub(crate) fn interval<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Duration>, D::Error> {
        let every = duration(from)?;
        if every < INTERVAL_MIN {
            return Err(D::Error::custom(
                "a mean interval is at least 1ms; leave the key out for never",
            ));
        }
        Ok(Some(every))
    }

    pub(crate) fn range<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<RangeInclusive<Duration>, D::Error> {
        crate::duration::range(&text(from)?).map_err(D::Error::custom)
    }

    pub(crate) fn maybe_range<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<RangeInclusive<Duration>>, D::Error> {
        range(from).map(Some)
    }

    fn text<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
        String::deserialize(from)
    }

    fn number<'de, D: Deserializer<'de>>(
        from: D,
        least: f64,
        most: f64,
        what: &str,
    ) -> Result<f64, D::Error> {
        let value = f64::deserialize(from)?;
        if !(least..=most).contains(&value) {
            return Err(D::Error::custom(format!(
                "{value} is not {what}: {least} to {most} is allowed"
            )));
        }
        Ok(value)
    }

    fn count<'de, D: Deserializer<'de>>(from: D, most: usize) -> Result<usize, D::Error> {
        let value = i64::deserialize(from)?;
        usize::try_from(value)
            .ok()
            .filter(|value| (1..=most).contains(value))
            .ok_or_else(|| {
                D::Error::custom(format!("{value} is out of range: 1 to {most} is allowed"))
            })
    }

    /// Bytes: the longest burst of garbage, as much as a terminal's input queue takes at once.
    const BURST_MAX: usize = 4096;
    /// Shorter mean intervals would only keep a core busy.
    const INTERVAL_MIN: Duration = Duration::from_millis(1);
}

#[cfg(test)]
mod tests;
