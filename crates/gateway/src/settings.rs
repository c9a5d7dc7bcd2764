//! What an operator decides: classes, routes, budgets, target. Values only; the daemon reads them from TOML.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use modem::Iccid;
use sms::Languages;

use crate::calendar::{Calendar, Hours};
use crate::causes::Causes;
use crate::hours::SendWindow;
use crate::limits::Limit;
use crate::numbers::Recipients;
use crate::wish::Transliterate;
use crate::words::{Class, InDoubt, Rotation, UnixMs};
use crate::zones::Zones;

/// Everything the gateway is told about how to work.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Parts per minute that the whole fleet shall not exceed, and tries to reach.
    pub target_per_minute: u32,
    /// Messages that may wait, be on their way or be in doubt at a time.
    pub queued_max: usize,
    /// Parts that one message may take.
    pub parts_max: u8,
    /// Country calling code for national numbers, digits only; without it they are refused.
    pub default_country: Option<Box<str>>,
    /// By [`Class::index`].
    pub classes: [ClassSettings; 3],
    /// SIMs that are kept free for codes while codes come in; `None`: one in 256.
    /// Never more than half of the lines.
    pub otp_reserve: Option<usize>,
    /// In the order of the file. A message that no route fits may use every SIM, with `headroom`.
    pub routes: Vec<Route>,
    /// What a SIM may send unless it is named in `sims`.
    pub sims_default: SimSettings,
    /// SIMs with settings of their own.
    pub sims: BTreeMap<Iccid, SimSettings>,
    /// What refusals mean.
    pub causes: Arc<Causes>,
    /// Where the jitter of retries comes from: the same seed gives the same waits.
    pub seed: u64,
    /// Apps with settings of their own, as their messages name them.
    pub apps: BTreeMap<Box<str>, AppSettings>,
    /// What bulk gets at least, while it waits and a SIM is free, of the parts that codes leave; 0 to 100.
    pub bulk_share_percent: u8,
    /// Languages whose national tables are used where a message does not say: only where that makes it cheaper.
    pub national_tables: Languages,
    /// How far texts are changed to fit the GSM 7-bit alphabet where a message does not say.
    pub transliterate: Transliterate,
    /// Whom messages may go to.
    pub recipients: Arc<Recipients>,
    /// How many messages are accepted in a time.
    pub limits: Vec<Limit>,
    /// Which clocks tell a recipient's time.
    pub zones: Arc<Zones>,
    /// How far ahead a message may be scheduled.
    pub schedule_max: Duration,
    /// Percent of `queued_max` that only codes may take, rounded down; 0 to 100.
    pub otp_queue_percent: u8,
    /// Hubs whose power can be cut.
    pub hubs: Vec<HubSettings>,
}

/// A hub whose power can be cut. Which lines are on it is told by [`crate::Input::LinePlaced`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HubSettings {
    /// Name, as people call it.
    pub name: Box<str>,
    /// Resets in any hour, at most; at least 1.
    pub resets_per_hour: u32,
    /// Least time between two resets.
    pub interval_min: Duration,
    /// How long most of its lines must have been gone.
    pub gone_for: Duration,
}

/// What is declared about an app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AppSettings {
    /// Its share beside other apps' messages of the same class.
    pub weight: u32,
}

/// What holds for a class where a message does not say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClassSettings {
    /// How long a message is worth sending.
    pub expires_in: Duration,
    /// Policy in doubt.
    pub in_doubt: InDoubt,
    /// When it may be sent, by the recipient's clock; `None`: at any time.
    pub window: Option<SendWindow>,
}

/// Which SIMs may serve which messages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Route {
    /// Name, as apps and people call it.
    pub name: Box<str>,
    /// Recipients begin with one of these (`+49`, `+4915`, or a short code); empty: all.
    pub prefixes: Vec<Box<str>>,
    /// Classes it serves; empty: all.
    pub classes: Vec<Class>,
    /// Apps it serves, as they name themselves; empty: all.
    pub apps: Vec<Box<str>>,
    /// SIMs that serve it.
    pub sims: SimFilter,
    /// Routes whose SIMs serve it while none of its own can, in their order.
    pub fallback: Vec<Box<str>>,
    /// How one of them is picked.
    pub rotation: Rotation,
    /// Under [`Rotation::Sticky`], how old a message may become while the SIM that its recipient sees is busy.
    pub sticky_wait: Duration,
}

/// A choice of SIMs; a SIM fits if it is named in any of the lists, or if all are empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SimFilter {
    /// By configured operator.
    pub operators: Vec<Box<str>>,
    /// By configured label.
    pub labels: Vec<Box<str>>,
    /// By card.
    pub iccids: Vec<Iccid>,
    /// By home network: MCC (3 digits), or MCC and MNC (5 or 6), as the IMSI begins (3GPP TS 23.003 §2.2).
    pub networks: Vec<Box<str>>,
}

/// What is declared about a SIM.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SimSettings {
    /// Name for people and metrics.
    pub label: Option<Box<str>>,
    /// Operator, as routes name it.
    pub operator: Option<Box<str>>,
    /// What it may send.
    pub budget: Budget,
    /// Reference of the contract that allows it, for people.
    pub contract: Option<Box<str>>,
    /// What a part costs.
    pub cost: Cost,
}

/// What a SIM may send. No budget, no sending: parts must be limited in a period or for life.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Budget {
    /// Parts in each minute and hour (full ones of UTC), and in each day and month of its calendar; `None`: no limit.
    pub limits: [Option<u32>; 4],
    /// Least time between the starts of two parts.
    pub interval_min: Duration,
    /// Parts for life, as in a package that is paid once.
    pub per_life: Option<u32>,
    /// Distinct recipients in each month of its calendar.
    pub recipients_per_month: Option<u32>,
    /// Percent of each limit that only codes may use, rounded down.
    pub otp_share: u8,
    /// When its days and months begin.
    pub calendar: Calendar,
    /// Hours in which it may send; empty: all.
    pub hours: Vec<Hours>,
    /// When its contract ends.
    pub ends: Option<UnixMs>,
}

/// What a part costs on a SIM, in any unit that all SIMs share; only comparisons count.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Of a part.
    pub part: u32,
    /// Of a part within `cheap_hours`.
    pub cheap: u32,
    /// By the calendar of the SIM's budget; empty: none.
    pub cheap_hours: Vec<Hours>,
}

/// Names of the limits of a [`Budget`] in the configuration and the API: those of [`Budget::limits`], then the others.
pub const BUDGET_NAMES: [&str; 6] = [
    "per_minute",
    "per_hour",
    "per_day",
    "per_month",
    "per_life",
    "recipients_per_month",
];

impl Settings {
    /// What holds for a class.
    pub fn class(&self, class: Class) -> &ClassSettings {
        &self.classes[class.index()]
    }

    /// By [`Class::index`]: whether it has a send window.
    pub(crate) fn has_window(&self) -> [bool; 3] {
        self.classes.map(|class| class.window.is_some())
    }

    /// An app's share beside other apps.
    pub fn weight(&self, app: &str) -> u32 {
        self.apps.get(app).map_or(WEIGHT_DEFAULT, |app| app.weight)
    }

    /// Messages that may be in the queue when one of a class comes in.
    pub(crate) fn queued_max(&self, class: Class) -> usize {
        let for_codes = match class {
            Class::Otp => 0,
            Class::Notification | Class::Bulk => {
                let percent = usize::from(self.otp_queue_percent.min(100));
                self.queued_max.saturating_mul(percent) / 100
            }
        };
        self.queued_max - for_codes
    }

    /// What is declared about a SIM.
    pub fn sim(&self, iccid: &Iccid) -> &SimSettings {
        self.sims.get(iccid).unwrap_or(&self.sims_default)
    }
}

impl Budget {
    /// Whether parts are limited at all.
    pub fn is_declared(&self) -> bool {
        self.limits.iter().any(Option::is_some) || self.per_life.is_some()
    }
}

impl SimFilter {
    /// Whether a SIM belongs to the choice; a network can tell only of a SIM whose IMSI is known.
    pub fn fits(&self, iccid: &Iccid, sim: &SimSettings, imsi: Option<&str>) -> bool {
        let all = self.operators.is_empty()
            && self.labels.is_empty()
            && self.iccids.is_empty()
            && self.networks.is_empty();
        let at_home = |imsi: &str| self.networks.iter().any(|of| imsi.starts_with(&**of));
        let named = |names: &[Box<str>], name: &Option<Box<str>>| {
            name.as_ref().is_some_and(|name| names.contains(name))
        };
        all || named(&self.operators, &sim.operator)
            || named(&self.labels, &sim.label)
            || self.iccids.contains(iccid)
            || imsi.is_some_and(at_home)
    }
}

impl Default for Settings {
    /// The defaults of `config/simfleet.toml`; the default SIM has no budget, so nothing is sent until one is declared.
    fn default() -> Self {
        let class = |expires_in, in_doubt| ClassSettings {
            expires_in,
            in_doubt,
            window: None,
        };
        Settings {
            target_per_minute: 5440,
            queued_max: 1_000_000,
            parts_max: 10,
            default_country: None,
            classes: [
                class(Duration::from_secs(5 * 60), InDoubt::Resend),
                class(Duration::from_secs(24 * 3600), InDoubt::Hold),
                class(Duration::from_secs(72 * 3600), InDoubt::Hold),
            ],
            otp_reserve: None,
            routes: Vec::new(),
            sims_default: SimSettings::default(),
            sims: BTreeMap::new(),
            causes: Causes::built_in(),
            seed: 1,
            apps: BTreeMap::new(),
            bulk_share_percent: 5,
            national_tables: Languages::NONE,
            transliterate: Transliterate::Off,
            recipients: Arc::default(),
            limits: Vec::new(),
            zones: Zones::built_in(),
            schedule_max: Duration::from_secs(30 * 86_400),
            otp_queue_percent: 5,
            hubs: Vec::new(),
        }
    }
}

/// Of an app that the configuration does not name.
const WEIGHT_DEFAULT: u32 = 1;
