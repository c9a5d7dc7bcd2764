//! What is peculiar to a modem model, as data: names, boot lines, memories, answers it gives, and its quirks.
//!
//! Profiles are TOML files under `hw-sim/profiles`, built in; others are read from a path. Every key may be left out,
//! an unknown one is an error. A profile says what a model does, never how often the network fails.

mod quirk;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use serde::de::{Deserializer, Error};

pub(crate) use quirk::Quirk;
use quirk::{ELSEWHERE, Quirks};

/// A modem model.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ModemProfile {
    pub(crate) manufacturer: String,
    pub(crate) model: String,
    pub(crate) revision: String,
    /// Commands that tell the ICCID, in upper case.
    pub(crate) iccid: Vec<String>,
    /// Commands that are answered `OK` and have no effect but on quirks, in upper case.
    pub(crate) accepts: Vec<String>,
    /// The vendor's command for the PIN tries left, beside `+CPINR`.
    pub(crate) pin_counter: String,
    /// Lines after power-up, in order; `{pin}` stands for what `+CPIN?` says.
    pub(crate) boot: Vec<String>,
    /// Lines when messages can be sent, `sms_ready` after the boot lines.
    pub(crate) ready: Vec<String>,
    /// From the boot lines, or the PIN, to messages.
    #[serde(deserialize_with = "duration")]
    pub(crate) sms_ready: Duration,
    /// How long it looks around before it asks the network to let it in.
    #[serde(deserialize_with = "duration")]
    pub(crate) registration: Duration,
    /// From `AT+CMGS` to the prompt.
    #[serde(deserialize_with = "duration")]
    pub(crate) prompt: Duration,
    /// Access technology as `+COPS` shows it: 0 GSM, 2 UTRAN, 7 LTE, 11 5G.
    #[serde(deserialize_with = "technology")]
    pub(crate) technology: u8,
    /// Places in the SIM's, the modem's and the report memory.
    #[serde(deserialize_with = "capacities")]
    pub(crate) capacities: [usize; 3],
    /// The memory selected at power-up.
    #[serde(deserialize_with = "memory")]
    pub(crate) memory: usize,
    /// Allowed values of `+CNMI`, by parameter.
    #[serde(deserialize_with = "indications")]
    pub(crate) cnmi: [Vec<u8>; 5],
    /// Whether `+CSMS: 1` is offered.
    pub(crate) phase_2_plus: bool,
    /// Whether there is a text mode.
    pub(crate) text_mode: bool,
    /// Character sets of `+CSCS`; the first is selected at power-up.
    #[serde(deserialize_with = "charsets")]
    pub(crate) charsets: Vec<Charset>,
    /// Oddities, by name or number, with the share of the occasions on which they show.
    #[serde(deserialize_with = "quirks")]
    pub(crate) quirks: Quirks,
}

/// A character set of `+CSCS` (3GPP TS 27.007 §5.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(crate) enum Charset {
    /// ASCII.
    #[serde(rename = "IRA")]
    Ira,
    /// The codes of the GSM 7-bit default alphabet.
    #[serde(rename = "GSM")]
    Gsm,
    /// Four hex digits a character.
    #[serde(rename = "UCS2")]
    Ucs2,
    /// Two hex digits a GSM code.
    #[serde(rename = "HEX")]
    Hex,
}

/// Why a profile was refused.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// No built-in profile has this name, and no file either.
    #[error(
        "modem profile {name}: not built in, and no file can be read there ({cause}); built in are {known}"
    )]
    Unknown {
        /// What was asked for.
        name: String,
        /// What the system said.
        cause: std::io::Error,
        /// Which there are.
        known: String,
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

impl ModemProfile {
    /// A built-in profile (`ec25`), or the one in a file.
    ///
    /// # Errors
    /// When there is neither, or the file is no profile.
    pub fn load(name: &str) -> Result<Arc<ModemProfile>, ProfileError> {
        if let Some((_, text)) = BUILT_IN.iter().find(|(known, _)| *known == name) {
            return ModemProfile::parse(text, Path::new(name)).map(Arc::new);
        }
        let text = std::fs::read_to_string(name).map_err(|cause| ProfileError::Unknown {
            name: name.to_owned(),
            cause,
            known: ModemProfile::names().collect::<Vec<_>>().join(", "),
        })?;
        ModemProfile::parse(&text, Path::new(name)).map(Arc::new)
    }

    /// The names of the built-in profiles.
    pub fn names() -> impl Iterator<Item = &'static str> {
        BUILT_IN.iter().map(|(name, _)| *name)
    }

    /// Reads a profile from text; `path` is only named in errors.
    ///
    /// # Errors
    /// When the text is not TOML, or holds a key or value that means nothing.
    pub fn parse(text: &str, path: &Path) -> Result<ModemProfile, ProfileError> {
        toml::from_str(text).map_err(|error| {
            let start = error.span().map_or(0, |span| span.start).min(text.len());
            let newlines = text.as_bytes()[..start]
                .iter()
                .filter(|byte| **byte == b'\n')
                .count();
            ProfileError::Invalid {
                path: path.to_owned(),
                line: newlines + 1,
                message: error.message().trim().replace('\n', ", "),
            }
        })
    }

    /// The same model with one more quirk, by name or number, on this share of the occasions.
    ///
    /// # Errors
    /// When there is no such quirk, or the rate is no probability; the text says what there is.
    pub fn with_quirk(mut self, word: &str, rate: f64) -> Result<ModemProfile, String> {
        self.quirks.set(known_quirk(word)?, probability(rate)?);
        Ok(self)
    }

    /// The names of the quirks it shows.
    pub fn quirks(&self) -> impl Iterator<Item = &'static str> {
        self.quirks.shown().map(Quirk::name)
    }
}

impl Default for ModemProfile {
    fn default() -> ModemProfile {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        ModemProfile {
            manufacturer: "SimFleet".to_owned(),
            model: "HW-SIM".to_owned(),
            revision: concat!("HWSIM-", env!("CARGO_PKG_VERSION")).to_owned(),
            iccid: words(&["+CCID", "+ICCID", "+QCCID"]),
            accepts: Vec::new(),
            pin_counter: "+CPINR".to_owned(),
            boot: words(&["RDY", "+CFUN: 1", "+CPIN: {pin}"]),
            ready: Vec::new(),
            sms_ready: Duration::ZERO,
            registration: Duration::ZERO,
            prompt: Duration::ZERO,
            technology: 7,
            capacities: [30, 100, 20],
            memory: 1,
            cnmi: [
                vec![0, 1, 2],
                vec![0, 1, 2, 3],
                vec![0, 2],
                vec![0, 1, 2],
                vec![0, 1],
            ],
            phase_2_plus: true,
            text_mode: true,
            charsets: vec![Charset::Ira, Charset::Gsm, Charset::Ucs2, Charset::Hex],
            quirks: Quirks::default(),
        }
    }
}

impl Charset {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Charset::Ira => "IRA",
            Charset::Gsm => "GSM",
            Charset::Ucs2 => "UCS2",
            Charset::Hex => "HEX",
        }
    }
}

fn known_quirk(word: &str) -> Result<Quirk, String> {
    Quirk::of(word).ok_or_else(|| {
        let elsewhere = ELSEWHERE
            .iter()
            .find(|(number, name, _)| *name == word || format!("Q{number:02}") == word);
        match elsewhere {
            Some((_, name, why)) => format!("quirk {name} is not a modem's: {why}"),
            None => {
                let names: Vec<&str> = Quirk::ALL.iter().map(|quirk| quirk.name()).collect();
                format!("unknown quirk {word}; allowed are {}", names.join(", "))
            }
        }
    })
}

fn probability(rate: f64) -> Result<f64, String> {
    if (0.0..=1.0).contains(&rate) {
        return Ok(rate);
    }
    Err(format!(
        "{rate} is not a share of the occasions: 0 to 1 is allowed"
    ))
}

fn duration<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
    crate::duration::duration(&String::deserialize(from)?).map_err(D::Error::custom)
}

fn technology<'de, D: Deserializer<'de>>(from: D) -> Result<u8, D::Error> {
    let technology = u8::deserialize(from)?;
    if technology > 13 {
        return Err(D::Error::custom(format!(
            "{technology} is no access technology: 0 (GSM) to 13 is allowed, 7 is LTE"
        )));
    }
    Ok(technology)
}

fn capacities<'de, D: Deserializer<'de>>(from: D) -> Result<[usize; 3], D::Error> {
    let capacities = <[usize; 3]>::deserialize(from)?;
    if capacities
        .iter()
        .any(|places| !(1..=PLACES_MAX).contains(places))
    {
        return Err(D::Error::custom(format!(
            "three numbers from 1 to {PLACES_MAX} are allowed: SIM, modem, reports"
        )));
    }
    Ok(capacities)
}

fn memory<'de, D: Deserializer<'de>>(from: D) -> Result<usize, D::Error> {
    let name = String::deserialize(from)?;
    ["SM", "ME"]
        .iter()
        .position(|known| *known == name)
        .ok_or_else(|| D::Error::custom(format!("no memory {name}: SM or ME is allowed")))
}

fn indications<'de, D: Deserializer<'de>>(from: D) -> Result<[Vec<u8>; 5], D::Error> {
    let allowed = <[Vec<u8>; 5]>::deserialize(from)?;
    let most = [3, 3, 3, 2, 1];
    let fits = |(values, most): (&Vec<u8>, u8)| {
        !values.is_empty() && values.iter().all(|value| *value <= most)
    };
    if !allowed.iter().zip(most).all(fits) {
        return Err(D::Error::custom(
            "five lists of values are allowed: mode 0 to 3, mt 0 to 3, bm 0 to 3, ds 0 to 2, bfr 0 to 1",
        ));
    }
    Ok(allowed)
}

fn charsets<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Charset>, D::Error> {
    let charsets = Vec::<Charset>::deserialize(from)?;
    if charsets.is_empty() {
        return Err(D::Error::custom(
            "at least one of IRA, GSM, UCS2, HEX is needed",
        ));
    }
    Ok(charsets)
}

fn quirks<'de, D: Deserializer<'de>>(from: D) -> Result<Quirks, D::Error> {
    let rates = std::collections::BTreeMap::<String, f64>::deserialize(from)?;
    let mut quirks = Quirks::default();
    for (word, rate) in rates {
        let quirk = known_quirk(&word).map_err(D::Error::custom)?;
        quirks.set(quirk, probability(rate).map_err(D::Error::custom)?);
    }
    Ok(quirks)
}

macro_rules! built_in {
    ($($name:literal),*) => {
        [$(($name, include_str!(concat!("../profiles/", $name, ".toml")))),*]
    };
}

/// The profiles under `hw-sim/profiles`.
const BUILT_IN: [(&str, &str); 17] = built_in!(
    "generic",
    "a7670",
    "cinterion",
    "ec200u",
    "ec25",
    "fastrack",
    "huawei",
    "m35",
    "mc7455",
    "novatel",
    "sim300d",
    "sim7600",
    "sim7670g",
    "sim800",
    "telit",
    "ublox",
    "zte"
);
/// Places of the largest memory: what `+CMGL` lists stays within a terminal's patience.
const PLACES_MAX: usize = 500;

#[cfg(test)]
mod tests;
