//! All profiles, and which of them suits a modem.
//!
//! The most letters that match win: `EC200` is more than `EC20`. A file of the operator takes the place of ours with the
//! same name.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use crate::ModemIdentity;

use super::{Matches, Profile};

/// The profiles that a line may choose from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profiles {
    by_name: BTreeMap<Box<str>, Arc<Profile>>,
}

/// How a line comes to its profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProfileChoice {
    /// By what the modem says of itself.
    Auto(Arc<Profiles>),
    /// By the operator.
    Fixed(Arc<Profile>),
}

impl Profiles {
    /// Those in the binary.
    pub fn builtin() -> Arc<Profiles> {
        Arc::clone(&BUILTIN)
    }

    /// Adds one, in the place of one with the same name.
    pub fn insert(&mut self, profile: Profile) {
        self.by_name.insert(profile.name.clone(), Arc::new(profile));
    }

    /// The profile of that name.
    pub fn named(&self, name: &str) -> Option<&Arc<Profile>> {
        self.by_name.get(name)
    }

    /// All names, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.by_name.keys().map(|name| &**name)
    }

    /// The profile that suits a modem best; `generic` if none does.
    pub fn choose(&self, modem: &ModemIdentity) -> Arc<Profile> {
        let best = self
            .by_name
            .values()
            .filter_map(|profile| Some((profile.matches.letters(modem)?, profile)))
            .max_by_key(|(letters, _)| *letters);
        best.map_or_else(|| self.generic(), |(_, profile)| Arc::clone(profile))
    }

    /// What suits any modem.
    pub fn generic(&self) -> Arc<Profile> {
        let generic = self.by_name.get(GENERIC);
        Arc::clone(generic.expect("the catalogue begins with it and nothing is ever taken out"))
    }
}

impl ProfileChoice {
    /// The profile before anything is known of the modem.
    pub fn first(&self) -> Arc<Profile> {
        match self {
            ProfileChoice::Auto(profiles) => profiles.generic(),
            ProfileChoice::Fixed(profile) => Arc::clone(profile),
        }
    }

    /// The profile of this modem.
    pub fn of(&self, modem: &ModemIdentity) -> Arc<Profile> {
        match self {
            ProfileChoice::Auto(profiles) => profiles.choose(modem),
            ProfileChoice::Fixed(profile) => Arc::clone(profile),
        }
    }
}

impl Default for ProfileChoice {
    fn default() -> ProfileChoice {
        ProfileChoice::Auto(Profiles::builtin())
    }
}

impl Matches {
    /// How many letters of the rules are in what the modem says; `None` if a rule is not met, or there is none.
    fn letters(&self, modem: &ModemIdentity) -> Option<usize> {
        let rules = [
            (&self.manufacturer, &modem.manufacturer),
            (&self.model, &modem.model),
            (&self.revision, &modem.revision),
        ];
        if rules.iter().all(|(parts, _)| parts.is_empty()) {
            return None;
        }
        rules.iter().try_fold(0, |letters, (parts, said)| {
            let said = said.to_ascii_uppercase();
            let longest = parts
                .iter()
                .filter(|part| said.contains(&part.to_ascii_uppercase()))
                .map(String::len)
                .max();
            match longest {
                Some(longest) => Some(letters + longest),
                None => parts.is_empty().then_some(letters),
            }
        })
    }
}

static BUILTIN: LazyLock<Arc<Profiles>> = LazyLock::new(|| {
    let read = |&(name, text): &(&str, &str)| {
        let profile = Profile::read(name, text).expect("a test reads every file in the binary");
        (profile.name.clone(), Arc::new(profile))
    };
    let by_name = FILES.iter().map(read).collect();
    Arc::new(Profiles { by_name })
});

macro_rules! files {
    ($($name:literal),+ $(,)?) => {
        &[$(($name, include_str!(concat!("../../../../config/profiles/", $name, ".toml")))),+]
    };
}

/// Names and texts of the files in the binary.
pub(super) const FILES: &[(&str, &str)] = files![
    "generic",
    "cinterion",
    "huawei",
    "qualcomm",
    "quectel-2g",
    "quectel-ec200",
    "quectel-ec2x",
    "sierra",
    "simcom-2g",
    "simcom-a76xx",
    "simcom-sim7600",
    "telit",
    "ublox-sara",
    "wavecom",
    "zte",
];

/// What suits any modem.
const GENERIC: &str = "generic";
