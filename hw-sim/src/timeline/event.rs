//! One event of a scenario: when, whom and what, and how TOML says it.
//!
//! ```toml
//! [[event]]
//! at = "30s"              # since the start
//! every = "2m"            # and again; left out: once
//! for = "10s"             # how long it lasts
//! lines = "0-15,40"       # or "all", "hub 3", "operator 0"
//! share = 0.5             # of these lines, drawn from the seed
//! what = "mute"           # see Trouble
//! ```

use std::time::Duration;

use serde::Deserialize;

use crate::faults::Faults;
use crate::network::Inbound;
use crate::scenario::read;

/// Something that happens to lines.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "Written")]
pub struct Event {
    /// Since the simulator started.
    pub at: Duration,
    /// How long until it happens again; `None` is once.
    pub every: Option<Duration>,
    /// How long it lasts.
    pub lasts: Duration,
    /// Whom it strikes.
    pub lines: Lines,
    /// Which share of these, 0 to 1.
    pub share: f64,
    /// What happens.
    pub trouble: Trouble,
}

/// A choice of lines.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Lines {
    /// Every one.
    #[default]
    All,
    /// From and to, both included.
    Ranges(Vec<(usize, usize)>),
    /// All of one USB hub, counted from 0.
    Hub(usize),
    /// All whose SIM is of one operator, by its place in the scenario.
    Operator(usize),
}

/// What can happen to a line, or through it to its SIM.
#[derive(Debug, Clone, PartialEq)]
pub enum Trouble {
    /// The port is gone, and comes back; the modem keeps its power.
    Unplug {
        /// Whether it comes back under another name.
        renamed: bool,
    },
    /// No byte passes in either direction.
    Mute,
    /// What the modem says comes late.
    Late {
        /// By how much.
        by: Duration,
    },
    /// Pieces of what the modem says lose their end.
    Cut {
        /// Probability per piece.
        rate: f64,
    },
    /// Bits of what the modem says change.
    Garble {
        /// Probability per byte.
        rate: f64,
    },
    /// Unsolicited lines without pause.
    Flood {
        /// Time between two.
        every: Duration,
    },
    /// The modem restarts by itself.
    Reboot,
    /// Modem and port lose power; then all that lost it boot together.
    PowerCut,
    /// The SIM is pulled out, and put back.
    PullSim,
    /// The lines' SIMs go round: each line gets that of the next of these lines, and the last that of the first.
    SwapSims,
    /// Somebody calls.
    Call {
        /// The caller's number.
        from: String,
        /// How often it rings, every 3 s.
        rings: u8,
    },
    /// The cell broadcasts a page of text.
    Broadcast {
        /// Up to 93 characters.
        text: String,
    },
    /// The network says something by USSD that nobody asked for.
    Ussd {
        /// Up to 160 characters.
        text: String,
    },
    /// The modem's message memories are full of old messages.
    FillStorage,
    /// The SIM loses its network.
    LoseNetwork {
        /// Whether the network denies it rather than being out of reach.
        denied: bool,
    },
    /// The service centre of the lines' operators is out of order: `+CMS ERROR: 38`.
    Outage,
    /// The operator bars the SIM.
    Bar,
    /// Somebody sends messages to the SIM.
    Inbound {
        /// A number or a name.
        from: String,
        /// What.
        text: String,
        /// How often.
        count: u32,
    },
    /// The faults of the whole fleet are others for a while.
    Faults(Box<Faults>),
}

/// Why an event cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EventError {
    /// No such trouble.
    #[error("`{what}` is not a trouble: {TROUBLES} are allowed")]
    Unknown {
        /// What was written.
        what: String,
    },
    /// A key that this trouble needs.
    #[error("`{what}` needs the key `{key}`")]
    Missing {
        /// Which trouble.
        what: String,
        /// Which key.
        key: &'static str,
    },
    /// A key that means nothing for this trouble.
    #[error("`{key}` means nothing for `{what}`: leave it out")]
    Meaningless {
        /// Which trouble.
        what: String,
        /// Which key.
        key: &'static str,
    },
    /// A value that cannot be.
    #[error("`{what}`: {cause}")]
    Wrong {
        /// Which trouble.
        what: String,
        /// What is wrong, and what is allowed.
        cause: String,
    },
    /// Not a choice of lines.
    #[error(
        "`{text}` is not a choice of lines: \"all\", \"0-15,40\", \"hub 3\" or \"operator 0\" are allowed"
    )]
    Lines {
        /// What was written.
        text: String,
    },
}

/// An event as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    what: String,
    #[serde(default, deserialize_with = "read::duration")]
    at: Duration,
    #[serde(default, deserialize_with = "read::interval")]
    every: Option<Duration>,
    #[serde(default, rename = "for", deserialize_with = "read::maybe_duration")]
    lasts: Option<Duration>,
    #[serde(default)]
    lines: Option<String>,
    #[serde(default = "read::one", deserialize_with = "read::probability")]
    share: f64,
    renamed: Option<bool>,
    denied: Option<bool>,
    #[serde(default, deserialize_with = "read::maybe_duration")]
    by: Option<Duration>,
    #[serde(default, deserialize_with = "read::maybe_probability")]
    rate: Option<f64>,
    #[serde(default, deserialize_with = "read::interval")]
    gap: Option<Duration>,
    from: Option<String>,
    text: Option<String>,
    count: Option<u32>,
    faults: Option<Box<Faults>>,
}

impl TryFrom<Written> for Event {
    type Error = EventError;

    fn try_from(mut written: Written) -> Result<Event, EventError> {
        let trouble = written.trouble()?;
        written.nothing_left(&trouble)?;
        let lines = match &written.lines {
            Some(text) => Lines::parse(text)?,
            None => Lines::All,
        };
        Ok(Event {
            at: written.at,
            every: written.every,
            lasts: written.lasts.unwrap_or_default(),
            lines,
            share: written.share,
            trouble,
        })
    }
}

impl Written {
    /// Takes the keys that the trouble needs.
    fn trouble(&mut self) -> Result<Trouble, EventError> {
        let what = self.what.clone();
        let needs = |key| EventError::Missing {
            what: what.clone(),
            key,
        };
        let wrong = |cause| EventError::Wrong {
            what: what.clone(),
            cause,
        };
        Ok(match self.what.as_str() {
            "unplug" => Trouble::Unplug {
                renamed: self.renamed.take().unwrap_or(false),
            },
            "mute" => Trouble::Mute,
            "late" => Trouble::Late {
                by: self.by.take().ok_or_else(|| needs("by"))?,
            },
            "cut" => Trouble::Cut {
                rate: self.rate.take().ok_or_else(|| needs("rate"))?,
            },
            "garble" => Trouble::Garble {
                rate: self.rate.take().ok_or_else(|| needs("rate"))?,
            },
            "flood" => Trouble::Flood {
                every: self.gap.take().ok_or_else(|| needs("gap"))?,
            },
            "reboot" => Trouble::Reboot,
            "power_cut" => Trouble::PowerCut,
            "pull_sim" => Trouble::PullSim,
            "swap_sims" => Trouble::SwapSims,
            "call" => {
                let from = self.from.take().ok_or_else(|| needs("from"))?;
                sms::Address::parse(&from).map_err(|cause| wrong(format!("from: {cause}")))?;
                let rings = self.count.take();
                let rings = rings.map_or(RINGS, |count| count.min(RINGS_MAX) as u8);
                Trouble::Call { from, rings }
            }
            "broadcast" => {
                let text = self.text.take().ok_or_else(|| needs("text"))?;
                let septets = sms::gsm7::septets(&text).map(|septets| septets.len());
                if septets.is_none_or(|septets| septets > BROADCAST_SEPTETS_MAX) {
                    let allowed = "up to 93 characters of the GSM alphabet are allowed";
                    return Err(wrong(format!("text: {allowed}")));
                }
                Trouble::Broadcast { text }
            }
            "ussd" => {
                let text = self.text.take().ok_or_else(|| needs("text"))?;
                if !(1..=USSD_CHARS_MAX).contains(&text.chars().count()) {
                    return Err(wrong("text: 1 to 160 characters are allowed".to_owned()));
                }
                Trouble::Ussd { text }
            }
            "fill_storage" => Trouble::FillStorage,
            "lose_network" => Trouble::LoseNetwork {
                denied: self.denied.take().unwrap_or(false),
            },
            "outage" => Trouble::Outage,
            "bar" => Trouble::Bar,
            "inbound" => {
                let from = self.from.take().ok_or_else(|| needs("from"))?;
                let text = self.text.take().ok_or_else(|| needs("text"))?;
                Inbound::new(&from, &text, 0).map_err(|cause| wrong(cause.to_string()))?;
                let count = self.count.take().unwrap_or(1).min(INBOUND_MAX);
                Trouble::Inbound { from, text, count }
            }
            "faults" => Trouble::Faults(self.faults.take().ok_or_else(|| needs("faults"))?),
            _ => return Err(EventError::Unknown { what }),
        })
    }

    /// What no trouble took means nothing; what lasts needs a time.
    fn nothing_left(&self, trouble: &Trouble) -> Result<(), EventError> {
        let left = [
            ("renamed", self.renamed.is_some()),
            ("denied", self.denied.is_some()),
            ("by", self.by.is_some()),
            ("rate", self.rate.is_some()),
            ("gap", self.gap.is_some()),
            ("from", self.from.is_some()),
            ("text", self.text.is_some()),
            ("count", self.count.is_some()),
            ("faults", self.faults.is_some()),
            ("for", self.lasts.is_some() && !trouble.lasts()),
        ];
        let what = self.what.clone();
        match left.into_iter().find(|(_, is_left)| *is_left) {
            Some((key, _)) => Err(EventError::Meaningless { what, key }),
            None if trouble.lasts() && self.lasts.is_none() => {
                Err(EventError::Missing { what, key: "for" })
            }
            None => Ok(()),
        }
    }
}

impl Trouble {
    /// What scenarios call it.
    pub fn name(&self) -> &'static str {
        match self {
            Trouble::Unplug { .. } => "unplug",
            Trouble::Mute => "mute",
            Trouble::Late { .. } => "late",
            Trouble::Cut { .. } => "cut",
            Trouble::Garble { .. } => "garble",
            Trouble::Flood { .. } => "flood",
            Trouble::Reboot => "reboot",
            Trouble::PowerCut => "power_cut",
            Trouble::PullSim => "pull_sim",
            Trouble::SwapSims => "swap_sims",
            Trouble::Call { .. } => "call",
            Trouble::Broadcast { .. } => "broadcast",
            Trouble::Ussd { .. } => "ussd",
            Trouble::FillStorage => "fill_storage",
            Trouble::LoseNetwork { .. } => "lose_network",
            Trouble::Outage => "outage",
            Trouble::Bar => "bar",
            Trouble::Inbound { .. } => "inbound",
            Trouble::Faults(_) => "faults",
        }
    }

    /// Whether it goes on for a while, so that `for` says how long.
    fn lasts(&self) -> bool {
        match self {
            Trouble::Reboot
            | Trouble::FillStorage
            | Trouble::Call { .. }
            | Trouble::Broadcast { .. }
            | Trouble::Ussd { .. }
            | Trouble::Inbound { .. } => false,
            Trouble::Unplug { .. }
            | Trouble::Mute
            | Trouble::Late { .. }
            | Trouble::Cut { .. }
            | Trouble::Garble { .. }
            | Trouble::Flood { .. }
            | Trouble::PowerCut
            | Trouble::PullSim
            | Trouble::SwapSims
            | Trouble::LoseNetwork { .. }
            | Trouble::Outage
            | Trouble::Bar
            | Trouble::Faults(_) => true,
        }
    }
}

impl Lines {
    /// Reads a choice of lines.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(text: &str) -> Result<Lines, EventError> {
        let wrong = || EventError::Lines {
            text: text.to_owned(),
        };
        let number = |text: &str| text.trim().parse::<usize>().map_err(|_| wrong());
        if text == "all" {
            return Ok(Lines::All);
        }
        if let Some(hub) = text.strip_prefix("hub ") {
            return Ok(Lines::Hub(number(hub)?));
        }
        if let Some(operator) = text.strip_prefix("operator ") {
            return Ok(Lines::Operator(number(operator)?));
        }
        let range = |piece: &str| {
            let (from, to) = piece.split_once('-').unwrap_or((piece, piece));
            let range = (number(from)?, number(to)?);
            if range.0 > range.1 {
                return Err(wrong());
            }
            Ok(range)
        };
        Ok(Lines::Ranges(
            text.split(',').map(range).collect::<Result<_, _>>()?,
        ))
    }

    /// Whether it has this line.
    pub(super) fn has(&self, line: usize, hub_lines: usize, operator: usize) -> bool {
        match self {
            Lines::All => true,
            Lines::Ranges(ranges) => ranges
                .iter()
                .any(|(from, to)| (*from..=*to).contains(&line)),
            Lines::Hub(hub) => line / hub_lines.max(1) == *hub,
            Lines::Operator(wanted) => operator == *wanted,
        }
    }
}

const TROUBLES: &str = "unplug, mute, late, cut, garble, flood, reboot, power_cut, pull_sim, \
                        swap_sims, fill_storage, lose_network, outage, bar, inbound, call, broadcast, ussd, faults";
/// How often a caller lets it ring when nothing else is said, and at most.
const RINGS: u8 = 5;
const RINGS_MAX: u32 = 100;
/// Septets of a page (3GPP TS 23.041 §9.4.1.2.4).
const BROADCAST_SEPTETS_MAX: usize = 93;
/// Characters that fit in a USSD string in most alphabets (3GPP TS 23.038 §5).
const USSD_CHARS_MAX: usize = 160;
/// More waits for no SIM anyway.
const INBOUND_MAX: u32 = 2_000;
