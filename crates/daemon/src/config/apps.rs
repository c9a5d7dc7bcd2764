//! The keys of apps, by the name under which their messages come.

use std::collections::BTreeMap;

use gateway::{APPS_MAX, AppSettings};

use super::section::Section;

/// Reads every `[apps.NAME]`.
pub(super) fn read(root: &mut Section<'_, '_>) -> BTreeMap<Box<str>, AppSettings> {
    let mut apps = BTreeMap::new();
    for (name, mut section) in root.named_sections("apps") {
        if !(1..=NAME_MAX).contains(&name.chars().count()) {
            section.fault_here(format!("an app's name has 1 to {NAME_MAX} characters"));
        }
        if apps.len() == APPS_MAX {
            section.fault_here(format!("more than {APPS_MAX} apps are named"));
            break;
        }
        let weight = section.count("weight", 1..=1000, "").unwrap_or(1);
        apps.insert(name.into(), AppSettings { weight });
        section.finish(&[]);
    }
    apps
}

/// As the API allows.
const NAME_MAX: usize = 40;
