//! The keys of send windows and of the clocks that they go by.

use std::sync::Arc;

use gateway::{Day, SendWindow, Zones};
use toml::de::DeValue;

use super::section::Section;

/// Reads `send_window` and `send_days` of a class.
pub(super) fn read_window(section: &mut Section<'_, '_>) -> Option<SendWindow> {
    let window = section.text("send_window").and_then(|found| {
        SendWindow::parse(found.value)
            .inspect_err(|wrong| section.fault(Some(found.at), "send_window", wrong))
            .ok()
    });
    if !section.has("send_days") {
        return window;
    }
    let days: Vec<Day> = section.words("send_days");
    if let Some(found) = section.value("send_days")
        && matches!(found.value, DeValue::Array(days) if days.is_empty())
    {
        let what = "names no day: nothing would ever be sent";
        section.fault(Some(found.at), "send_days", what);
    }
    let all_day = || SendWindow::parse("00:00-24:00").expect("it is well formed");
    Some(window.unwrap_or_else(all_day).on(&days))
}

/// Reads `[zones]` over what is built in.
pub(super) fn read_zones(root: &mut Section<'_, '_>) -> Arc<Zones> {
    let mut section = root.section("zones");
    if !section.is_present() {
        return Zones::built_in();
    }
    let mut zones = Zones::clone(&Zones::built_in());
    if let Some(found) = section.text("default")
        && let Err(unknown) = zones.set_default(found.value)
    {
        section.fault(Some(found.at), "default", unknown);
    }
    for prefix in section.keys_with("+") {
        let digits = prefix.trim_start_matches('+');
        let is_prefix = (1..=PREFIX_DIGITS_MAX).contains(&digits.len())
            && digits.bytes().all(|byte| byte.is_ascii_digit());
        let at = section.value(prefix).map(|found| found.at);
        let names = section.texts(prefix);
        if !is_prefix {
            let what = "is not a prefix: write + and the first 1 to 15 digits of numbers";
            section.fault(at, prefix, what);
            continue;
        }
        let names: Vec<&str> = names.iter().map(|found| found.value).collect();
        if names.is_empty() {
            section.fault(at, prefix, "names no zone");
        } else if let Err(unknown) = zones.insert(digits, &names) {
            section.fault(at, prefix, unknown);
        }
    }
    section.finish(&[]);
    Arc::new(zones)
}

/// ITU-T E.164 §6.
const PREFIX_DIGITS_MAX: usize = 15;
