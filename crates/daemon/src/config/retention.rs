//! `[retention]` and `erase_text_after` of the classes: what is kept for how long.

use std::ops::RangeInclusive;
use std::time::Duration;

use gateway::Class;
use store::Retention;
use toml::de::DeValue;

use super::section::Section;

/// Reads `[retention]`; the texts are read with the classes.
pub(super) fn read(mut section: Section<'_, '_>, texts: [Option<Duration>; 3]) -> Retention {
    let messages = kept(&mut section, "messages", MESSAGES, FOREVER).unwrap_or(Some(MESSAGES_KEPT));
    let events = kept(&mut section, "events", EVENTS, FOREVER).unwrap_or(Some(EVENTS_KEPT));
    let reports = kept(&mut section, "reports", EVENTS, FOREVER).unwrap_or(Some(EVENTS_KEPT));
    let size_mib = section
        .integer("max_size_mib", 0..=SIZE_MIB_MAX, "MiB")
        .unwrap_or(0);
    let erase_recipients = section.yes("erase_recipients").unwrap_or(false);
    section.finish(&[]);
    Retention {
        messages,
        events,
        reports,
        octets_max: (size_mib > 0).then_some(size_mib << 20),
        erase_text_after: texts,
        erase_recipients,
    }
}

/// Reads `erase_text_after` of a class.
pub(super) fn read_text(
    class: Class,
    keys: &mut Section<'_, '_>,
    texts: &mut [Option<Duration>; 3],
) {
    if let Some(kept) = kept(keys, "erase_text_after", TEXTS, NEVER) {
        texts[class.index()] = kept;
    }
}

/// A duration, or the word for none.
fn kept(
    section: &mut Section<'_, '_>,
    key: &'static str,
    range: RangeInclusive<Duration>,
    endless: &str,
) -> Option<Option<Duration>> {
    let found = section.value(key)?;
    if matches!(found.value, DeValue::String(word) if word == endless) {
        return Some(None);
    }
    section.duration(key, range).map(Some)
}

const FOREVER: &str = "forever";
const NEVER: &str = "never";

/// By [`Class::index`]: a code is worthless after its end, and dangerous where somebody may still believe in it.
pub(super) const TEXTS_KEPT: [Option<Duration>; 3] = [Some(Duration::ZERO), None, None];
const _: () = assert!(Class::ALL.len() == TEXTS_KEPT.len());
const MESSAGES_KEPT: Duration = Duration::from_secs(60 * 86_400);
const EVENTS_KEPT: Duration = Duration::from_secs(30 * 86_400);

/// From the time for which idempotency keys are promised to be known, to ten years.
const MESSAGES: RangeInclusive<Duration> =
    Duration::from_secs(7 * 86_400)..=Duration::from_secs(3_650 * 86_400);
/// From a night that a consumer may be down, to ten years.
const EVENTS: RangeInclusive<Duration> =
    Duration::from_secs(86_400)..=Duration::from_secs(3_650 * 86_400);
/// From the end of the message on.
const TEXTS: RangeInclusive<Duration> = Duration::ZERO..=Duration::from_secs(3_650 * 86_400);
/// 16 TiB.
const SIZE_MIB_MAX: u64 = 16 << 20;
