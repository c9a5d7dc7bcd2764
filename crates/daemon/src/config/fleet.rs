//! The keys of lines, SIMs and routes: their defaults, ranges and relations.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use gateway::{Rotation, Route, Settings, SimFilter};
use modem::{Iccid, ProfileChoice, Profiles};

use super::LineConfig;
use super::budgets;
use super::file::SIMS_DEFAULT;
use super::pins::{self, Pins};
use super::section::{Found, Section};
use crate::port::tcp;

pub(super) fn read_lines(
    root: &mut Section<'_, '_>,
    profiles: &Arc<Profiles>,
    pins: &mut Pins,
) -> Vec<LineConfig> {
    let sections = root.sections("lines");
    if sections.is_empty() {
        root.fault(
            None,
            "lines",
            "no port is named: write at least one [[lines]] with a path",
        );
    }
    let mut lines = Vec::new();
    let mut names = BTreeMap::new();
    for (index, mut section) in sections.into_iter().enumerate() {
        let path = read_line_path(&mut section);
        let name = section
            .text("name")
            .filter(|found| is_line_name(&section, found));
        let baud = section
            .count("baud", 300..=4_000_000, "bits per second")
            .unwrap_or(BAUD);
        let profile = read_profile(&mut section, profiles);
        let pin = pins::read_key(&mut section);
        if let Some(path) = path {
            let name = name.map(|found| found.value.to_owned());
            let line = LineConfig {
                path,
                name,
                baud,
                profile,
            };
            let key = if line.is_pattern() {
                line.name.clone().unwrap_or_else(|| line.path.clone())
            } else {
                line.line_name(Path::new(&line.path))
            };
            if let Some(other) = names.insert(key.clone(), index + 1) {
                section.fault_here(format!(
                    "lines[{other}] is called `{key}` too: give one of them another `name`"
                ));
            }
            pins.lines.extend(pin.map(|pin| (line.clone(), pin)));
            lines.push(line);
        }
        section.finish(&[]);
    }
    lines
}

fn read_line_path(section: &mut Section<'_, '_>) -> Option<String> {
    let Some(found) = section.text("path") else {
        if section.is_present() && !section.has("path") {
            section.fault(
                None,
                "path",
                "is missing: write the path of a port, or a pattern",
            );
        }
        return None;
    };
    let path = found.value;
    let fault = if let Some(address) = path.strip_prefix(tcp::SCHEME) {
        tcp::fault(address).map(|what| format!("`{path}` {what}"))
    } else if path.contains("://") {
        Some(format!(
            "`{path}`: only tcp://host:port is known; a server that speaks telnet or RFC 2217 has to serve the port raw"
        ))
    } else if !path.starts_with('/') {
        Some(format!(
            "`{path}` is not an absolute path: it must begin with /"
        ))
    } else {
        glob::Pattern::new(path)
            .err()
            .map(|error| format!("`{path}` is not a pattern: {error}"))
    };
    match fault {
        Some(what) => {
            section.fault(Some(found.at), "path", what);
            None
        }
        None => Some(path.to_owned()),
    }
}

fn is_line_name(section: &Section<'_, '_>, found: &Found<&str>) -> bool {
    let name = found.value;
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-_.:".contains(c);
    let fits = (1..=NAME_CHARS_MAX).contains(&name.len()) && name.chars().all(allowed);
    if !fits {
        let what =
            format!("`{name}` is not a name: 1 to {NAME_CHARS_MAX} letters, digits and - _ . :");
        section.fault(Some(found.at), "name", what);
    }
    fits
}

/// `"auto"`, or the name of a profile.
fn read_profile(section: &mut Section<'_, '_>, profiles: &Arc<Profiles>) -> ProfileChoice {
    let auto = ProfileChoice::Auto(Arc::clone(profiles));
    let Some(found) = section
        .text("profile")
        .filter(|found| found.value != "auto")
    else {
        return auto;
    };
    if let Some(profile) = profiles.named(found.value) {
        return ProfileChoice::Fixed(Arc::clone(profile));
    }
    let names: Vec<&str> = ["auto"].into_iter().chain(profiles.names()).collect();
    let what = format!(
        "`{}` is unknown; allowed: {}",
        found.value,
        names.join(", ")
    );
    section.fault(Some(found.at), "profile", what);
    auto
}

pub(super) fn read_sims(root: &mut Section<'_, '_>, settings: &mut Settings, pins: &mut Pins) {
    let as_table = root.is_table("sims");
    let mut default = if as_table {
        let mut sims = root.section("sims");
        let default = sims.section("default");
        sims.finish(&[]);
        default
    } else {
        root.section_as(SIMS_DEFAULT, "sims.default")
    };
    let cards = if as_table {
        Vec::new()
    } else {
        root.sections("sims")
    };
    budgets::read(&mut default, &mut settings.sims_default);
    let undeclared = !settings.sims_default.budget.is_declared();
    if undeclared && (default.is_present() || cards.is_empty()) {
        default.fault(default.at(), "", budgets::NONE);
    }
    default.finish(&[]);
    for mut card in cards {
        read_card(&mut card, settings, pins);
        card.finish(&[]);
    }
}

fn read_card(card: &mut Section<'_, '_>, settings: &mut Settings, pins: &mut Pins) {
    let mut sim = settings.sims_default.clone();
    budgets::read(card, &mut sim);
    sim.label = read_label(card, "label");
    sim.operator = read_label(card, "operator");
    let pin = pins::read_key(card);
    let Some(found) = card.text("iccid") else {
        if !card.has("iccid") {
            card.fault(
                None,
                "iccid",
                "is missing: write the card's 18 to 20 digits",
            );
        }
        return;
    };
    if !sim.budget.is_declared() {
        card.fault_here(budgets::NONE);
    }
    let Some(iccid) = read_iccid(card, "iccid", &found) else {
        return;
    };
    pins.sims.extend(pin.map(|pin| (iccid.clone(), pin)));
    if settings.sims.insert(iccid, sim).is_some() {
        card.fault(
            Some(found.at),
            "iccid",
            "another [[sims]] names this card already",
        );
    }
}

/// A name that becomes a metrics label: it must not hold a phone number or a card's number.
fn read_label(section: &mut Section<'_, '_>, key: &'static str) -> Option<Box<str>> {
    let found = section.text(key)?;
    let text = found.value;
    let digits = text
        .split(|c: char| !c.is_ascii_digit())
        .map(str::len)
        .max()
        .unwrap_or(0);
    let fits = (1..=NAME_CHARS_MAX).contains(&text.chars().count())
        && !text.chars().any(char::is_control)
        && digits <= LABEL_DIGITS_MAX;
    if !fits {
        let what = format!(
            "must have 1 to {NAME_CHARS_MAX} characters and no more than {LABEL_DIGITS_MAX} digits in a row: it is \
             shown in metrics"
        );
        section.fault(Some(found.at), key, what);
        return None;
    }
    Some(text.into())
}

fn read_iccid(section: &Section<'_, '_>, key: &str, found: &Found<&str>) -> Option<Iccid> {
    let text = found.value;
    if (18..=20).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(Iccid(text.into()));
    }
    section.fault(
        Some(found.at),
        key,
        format!("`{text}` is not an ICCID: it has 18 to 20 digits"),
    );
    None
}

pub(super) fn read_routes(root: &mut Section<'_, '_>, settings: &mut Settings) {
    let mut names = BTreeSet::new();
    let mut sections: Vec<_> = root
        .sections("routes")
        .into_iter()
        .map(|mut section| (section.text("name"), section))
        .collect();
    let named: BTreeSet<String> = sections
        .iter()
        .filter_map(|(name, _)| name.as_ref().map(|found| found.value.to_owned()))
        .collect();
    for (found, mut section) in sections.drain(..) {
        match &found {
            Some(found) if !names.insert(found.value.to_owned()) => {
                section.fault(
                    Some(found.at),
                    "name",
                    format!("`{}` names two routes", found.value),
                );
            }
            Some(found) if found.value.is_empty() => {
                section.fault(Some(found.at), "name", "is empty");
            }
            Some(_) => {}
            None if section.has("name") => {}
            None => section.fault(None, "name", "is missing: apps ask for a route by its name"),
        }
        let rotation = section.word("rotation").unwrap_or(Rotation::Headroom);
        let route = Route {
            name: found.map_or("", |found| found.value).into(),
            prefixes: read_prefixes(&mut section),
            classes: section.words("classes"),
            apps: owned(section.texts("apps")),
            sims: read_filter(section.section("sims"), settings),
            fallback: read_fallback(&mut section, &named),
            rotation,
            sticky_wait: read_sticky_wait(&mut section, rotation),
        };
        settings.routes.push(route);
        section.finish(&[]);
    }
}

fn read_sticky_wait(section: &mut Section<'_, '_>, rotation: Rotation) -> Duration {
    let wait = section.duration("sticky_wait", STICKY_WAIT);
    if wait.is_some() && rotation != Rotation::Sticky {
        let what = "only a recipient with a SIM of its own waits for it: add rotation = \"sticky\"";
        let at = section.value("sticky_wait").map(|found| found.at);
        section.fault(at, "sticky_wait", what);
    }
    wait.unwrap_or(STICKY_WAIT_DEFAULT)
}

/// Routes that are asked while this one has no SIM that can serve; they must be there.
fn read_fallback(section: &mut Section<'_, '_>, named: &BTreeSet<String>) -> Vec<Box<str>> {
    let texts = section.texts("fallback");
    for found in texts.iter().filter(|found| !named.contains(found.value)) {
        let what = format!("no [[routes]] is called `{}`", found.value);
        section.fault(Some(found.at), "fallback", what);
    }
    owned(texts)
}

pub(super) fn owned(texts: Vec<Found<&str>>) -> Vec<Box<str>> {
    texts.iter().map(|found| found.value.into()).collect()
}

pub(super) fn read_prefixes(section: &mut Section<'_, '_>) -> Vec<Box<str>> {
    let mut prefixes = Vec::new();
    for found in section.texts("prefixes") {
        let text = found.value;
        let digits = text.strip_prefix('+').unwrap_or(text);
        let fits =
            (1..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
        if fits {
            prefixes.push(text.into());
        } else {
            let what = format!(
                "`{text}` is not a prefix: write + and digits, or the digits of a short code"
            );
            section.fault(Some(found.at), "prefixes", what);
        }
    }
    prefixes
}

fn read_filter(mut section: Section<'_, '_>, settings: &Settings) -> SimFilter {
    let operators = section.texts("operators");
    let labels = section.texts("labels");
    let iccids = section.texts("iccids");
    for (key, named) in [("operators", &operators), ("labels", &labels)] {
        for found in named {
            let known = settings.sims.values().any(|sim| {
                let name = if key == "labels" {
                    &sim.label
                } else {
                    &sim.operator
                };
                name.as_deref() == Some(found.value)
            });
            if !known {
                let what = format!(
                    "no [[sims]] has the {} `{}`",
                    key.trim_end_matches('s'),
                    found.value
                );
                section.fault(Some(found.at), key, what);
            }
        }
    }
    let iccids = iccids
        .iter()
        .filter_map(|found| read_iccid(&section, "iccids", found))
        .collect();
    let filter = SimFilter {
        operators: owned(operators),
        labels: owned(labels),
        iccids,
        networks: read_networks(&mut section),
    };
    section.finish(&[]);
    filter
}

/// Home networks: MCC, or MCC and MNC.
fn read_networks(section: &mut Section<'_, '_>) -> Vec<Box<str>> {
    let mut networks = Vec::new();
    for found in section.texts("networks") {
        let text = found.value;
        if matches!(text.len(), 3 | 5 | 6) && text.bytes().all(|byte| byte.is_ascii_digit()) {
            networks.push(text.into());
        } else {
            let what = format!(
                "`{text}` is not a network: write the 3 digits of the country, or its 5 or 6 with those of the network"
            );
            section.fault(Some(found.at), "networks", what);
        }
    }
    networks
}

const BAUD: u32 = 115_200;

/// A recipient that waits longer than that for its SIM needs another policy.
const STICKY_WAIT: RangeInclusive<Duration> = Duration::ZERO..=Duration::from_secs(86_400);
const STICKY_WAIT_DEFAULT: Duration = Duration::from_secs(30);

/// Names are labels in metrics and columns in lists.
const NAME_CHARS_MAX: usize = 40;

/// As many as the default label has: the last digits of the ICCID. No phone number is that short.
const LABEL_DIGITS_MAX: usize = 6;
