//! `[[limits]]`, and the files of recipients: who is not sent to, and what is too much.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use gateway::{Each, LIMIT_PER_MAX, Limit, NUMBERS_MAX, Numbers, Recipients, Settings};

use super::files::read_text;
use super::fleet::{owned, read_prefixes};
use super::section::Section;

/// Reads `allow_file` and `deny_file` of `[gateway]`.
pub(super) fn read_recipients(section: &mut Section<'_, '_>, settings: &mut Settings) {
    let mut list = |key| {
        let found = section.text(key)?;
        match read_numbers(Path::new(found.value)) {
            Ok(numbers) => Some(numbers),
            Err(what) => {
                section.fault(Some(found.at), key, what);
                None
            }
        }
    };
    settings.recipients = Arc::new(Recipients {
        allow: list("allow_file"),
        deny: list("deny_file").unwrap_or_default(),
    });
}

/// Reads `[[limits]]`.
pub(super) fn read_limits(root: &mut Section<'_, '_>, settings: &mut Settings) {
    let mut names = BTreeSet::new();
    for mut section in root.sections("limits") {
        let name = section.text("name");
        match &name {
            Some(found) if !names.insert(found.value.to_owned()) => {
                section.fault(
                    Some(found.at),
                    "name",
                    format!("`{}` is taken", found.value),
                );
            }
            Some(_) => {}
            None if section.has("name") => {}
            None => section.fault(None, "name", "is missing: answers call a limit by its name"),
        }
        let each = read_each(&mut section);
        let messages = section.count("messages", 0..=1_000_000_000, "messages");
        if messages.is_none() && !section.has("messages") {
            section.fault(
                None,
                "messages",
                "is missing: how many are accepted in a window",
            );
        }
        let per = section.duration("per", Duration::from_secs(1)..=LIMIT_PER_MAX);
        if per.is_none() && !section.has("per") {
            section.fault(None, "per", "is missing: how long a window lasts");
        }
        let limit = Limit {
            name: name.map_or("", |found| found.value).into(),
            each,
            prefixes: read_prefixes(&mut section),
            classes: section.words("classes"),
            apps: owned(section.texts("apps")),
            messages: messages.unwrap_or_default(),
            per: per.unwrap_or(LIMIT_PER_MAX),
        };
        section.finish(&[]);
        settings.limits.push(limit);
    }
    if settings.limits.len() > LIMITS_MAX {
        root.fault(None, "limits", format!("at most {LIMITS_MAX} are allowed"));
    }
}

fn read_each(section: &mut Section<'_, '_>) -> Each {
    let Some(found) = section.text("each") else {
        if !section.has("each") {
            section.fault(None, "each", "is missing: recipient, range, app or all");
        }
        return Each::All;
    };
    let word = Each::ALL
        .into_iter()
        .find(|each| each.as_str() == found.value);
    word.unwrap_or_else(|| {
        let what = format!(
            "`{}` is unknown; allowed: recipient, range, app, all",
            found.value
        );
        section.fault(Some(found.at), "each", what);
        Each::All
    })
}

/// Reads a file of recipients: one a line in E.164 form or a short code, with a `*` at its end all that begin so; `#`
/// begins a comment.
fn read_numbers(path: &Path) -> Result<Numbers, String> {
    let text =
        read_text(path).map_err(|error| format!("{} can't be read: {error}", path.display()))?;
    let mut numbers = Numbers::default();
    for (index, line) in text.lines().enumerate() {
        let entry = line.split('#').next().unwrap_or_default().trim();
        if entry.is_empty() {
            continue;
        }
        let wrong = |what: &str| Err(format!("{} line {}: {what}", path.display(), index + 1));
        if !is_entry(entry) {
            return wrong("neither a number such as +4915112345678 nor a prefix such as +229*");
        }
        if numbers.len() == NUMBERS_MAX {
            return wrong(&format!("more than {NUMBERS_MAX} numbers"));
        }
        numbers.add(entry);
    }
    Ok(numbers)
}

fn is_entry(entry: &str) -> bool {
    let prefix = entry.strip_suffix('*');
    let number = prefix.unwrap_or(entry);
    let digits = number.strip_prefix('+').unwrap_or(number);
    let digits_min = if prefix.is_some() { 0 } else { 1 };
    (digits_min..=15).contains(&digits.len()) && digits.bytes().all(|octet| octet.is_ascii_digit())
}

/// Each accepted message is held against all of them.
const LIMITS_MAX: usize = 64;

#[cfg(test)]
mod tests;
