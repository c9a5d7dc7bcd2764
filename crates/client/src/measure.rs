//! Why a text takes the parts that it takes, and what would become of a message that is not handed over.

use serde::{Deserialize, Serialize};

use crate::types::RouteTrialView;

/// What a text takes on the air, and why. It holds characters of the text: not for logs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeasureView {
    /// Septets (`gsm7`) or UTF-16 units (`ucs2`) of the whole text, or octets of the data (`8bit`).
    pub units: u32,
    /// Units that fit in the one part, or in each of several.
    pub units_per_part: u32,
    /// Units that are free in the last part.
    pub units_left: u32,
    /// Characters that take two units, such as `€` and `[` in `gsm7`.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub doubled: u32,
    /// Language of the locking shift table, if it is not the default one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locking_shift: Option<String>,
    /// Language of the single shift table, if it is not the default one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub single_shift: Option<String>,
    /// How many characters the default GSM 7-bit alphabet lacks.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub outside: u32,
    /// The first eight of them, each once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub because: Vec<ForcingView>,
    /// Parts that the text would take if they were characters of that alphabet; absent if there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parts_without: Option<u32>,
    /// What transliteration replaced.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub replaced: Vec<ReplacedView>,
}

/// A character that the default GSM 7-bit alphabet lacks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForcingView {
    /// The character.
    pub char: String,
    /// Its code point, as in `U+2019`.
    pub code: String,
    /// Where it first occurs, in characters from 0.
    pub position: u32,
    /// How often it occurs.
    pub count: u32,
}

/// A character that was replaced.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplacedView {
    /// The character.
    pub char: String,
    /// What stands in its place.
    pub by: String,
    /// How often it occurred.
    pub count: u32,
}

/// What would become of a message (`dry_run`): nothing was accepted.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DryRun {
    /// True.
    pub dry_run: bool,
    /// How many parts it would take on the air.
    pub parts: u8,
    /// `gsm7`, `ucs2` or `8bit`.
    pub encoding: String,
    /// The text as it would go on the air, if transliteration changed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Why it would take so many parts.
    pub measure: MeasureView,
    /// Which route and SIM would serve it now, and why no others.
    pub route: RouteTrialView,
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}
