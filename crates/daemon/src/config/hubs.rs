//! `[[hubs]]`: what lines have their power from, and the command that cuts it.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use gateway::{HubSettings, Settings};

use super::LineConfig;
use super::section::{Found, Section};

/// One `[[hubs]]` entry, as far as the shell is concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HubConfig {
    /// Name, as people call it.
    pub name: Box<str>,
    /// Paths of ports, or patterns.
    pub lines: Vec<Box<str>>,
    /// The program and its arguments; no shell reads them.
    pub command: Vec<String>,
    /// How long it may take.
    pub timeout: Duration,
}

impl HubConfig {
    /// Whether a port has its power from it.
    pub(crate) fn covers(&self, port: &Path) -> bool {
        self.lines.iter().any(|line| covers(line, port))
    }
}

/// Reads `[[hubs]]`; `lines` are those of the file.
pub(super) fn read(
    root: &mut Section<'_, '_>,
    lines: &[LineConfig],
    settings: &mut Settings,
) -> Vec<HubConfig> {
    let mut hubs = Vec::new();
    let mut names = BTreeSet::new();
    let mut taken = BTreeSet::new();
    for mut section in root.sections("hubs") {
        let name = read_name(&mut section, &mut names);
        let ports = read_ports(&mut section, lines, &mut taken);
        let command = read_command(&mut section);
        let timeout = section.duration("timeout", TIMEOUT);
        let resets_per_hour = section.count("resets_per_hour", 1..=12, "resets");
        let interval_min = section.duration("min_interval", INTERVAL);
        let gone_for = section.duration("gone_for", GONE_FOR);
        section.finish(&[]);
        settings.hubs.push(HubSettings {
            name: name.clone(),
            resets_per_hour: resets_per_hour.unwrap_or(RESETS_PER_HOUR),
            interval_min: interval_min.unwrap_or(Duration::from_secs(600)),
            gone_for: gone_for.unwrap_or(Duration::from_secs(60)),
        });
        hubs.push(HubConfig {
            name,
            lines: ports,
            command,
            timeout: timeout.unwrap_or(Duration::from_secs(30)),
        });
    }
    if hubs.len() > HUBS_MAX {
        root.fault(None, "hubs", format!("at most {HUBS_MAX} are allowed"));
    }
    hubs
}

fn read_name(section: &mut Section<'_, '_>, names: &mut BTreeSet<Box<str>>) -> Box<str> {
    let Some(found) = section.text("name") else {
        if !section.has("name") {
            section.fault(None, "name", "is missing: metrics and people call it so");
        }
        return "".into();
    };
    let name = found.value;
    let is_plain = |octet: u8| octet.is_ascii_alphanumeric() || b"-_.".contains(&octet);
    if !(1..=40).contains(&name.len()) || !name.bytes().all(is_plain) {
        let what = format!("`{name}` is not a name: write 1 to 40 letters, digits and - _ .");
        section.fault(Some(found.at), "name", what);
    } else if !names.insert(name.into()) {
        section.fault(Some(found.at), "name", format!("`{name}` is taken"));
    }
    name.into()
}

fn read_ports(
    section: &mut Section<'_, '_>,
    lines: &[LineConfig],
    taken: &mut BTreeSet<Box<str>>,
) -> Vec<Box<str>> {
    if !section.has("lines") {
        section.fault(
            None,
            "lines",
            "is missing: write the paths or patterns of the ports that it powers",
        );
    }
    let mut ports = Vec::new();
    for found in section.texts("lines") {
        let path = found.value;
        let fault = if let Err(error) = glob::Pattern::new(path) {
            Some(format!("`{path}` is not a pattern: {error}"))
        } else if !lines.iter().any(|line| may_meet(path, line)) {
            Some(format!("`{path}` is a port of none of the [[lines]]"))
        } else if !taken.insert(path.into()) {
            Some(format!("`{path}` is on two hubs"))
        } else {
            None
        };
        match fault {
            Some(what) => section.fault(Some(found.at), "lines", what),
            None => ports.push(path.into()),
        }
    }
    ports
}

/// The program must be there and runnable: a hub that needs it is no time to find out.
fn read_command(section: &mut Section<'_, '_>) -> Vec<String> {
    if !section.has("reset_command") {
        let why =
            "is missing: write the program that cuts its power and turns it on, and its arguments";
        section.fault(None, "reset_command", why);
    }
    let words = section.texts("reset_command");
    let Some(program) = words.first() else {
        if section.has("reset_command") {
            let what = "is empty: write the program and its arguments, as in [\"/usr/bin/uhubctl\", \"-a\", \"cycle\"]";
            section.fault(None, "reset_command", what);
        }
        return Vec::new();
    };
    if let Err(what) = runnable(program) {
        section.fault(Some(program.at), "reset_command", what);
    }
    words.iter().map(|word| word.value.to_owned()).collect()
}

fn runnable(program: &Found<&str>) -> Result<(), String> {
    let path = Path::new(program.value);
    if !path.is_absolute() {
        return Err(format!(
            "`{}` is not an absolute path: no shell looks for it",
            program.value
        ));
    }
    let found = std::fs::metadata(path)
        .map_err(|error| format!("`{}` can't be run: {error}", program.value))?;
    if !found.is_file() || found.permissions().mode() & 0o111 == 0 {
        return Err(format!("`{}` is not executable", program.value));
    }
    Ok(())
}

/// Whether a path or pattern may be about ports of a `[[lines]]` entry. Two patterns are not compared to the end.
fn may_meet(path: &str, line: &LineConfig) -> bool {
    let fixed = |text: &str| text.find(['*', '?', '[']).unwrap_or(text.len());
    match (fixed(path) < path.len(), line.is_pattern()) {
        (false, _) => line.covers(Path::new(path)),
        (true, false) => covers(path, Path::new(&line.path)),
        (true, true) => {
            let (one, other) = (&path[..fixed(path)], &line.path[..fixed(&line.path)]);
            one.starts_with(other) || other.starts_with(one)
        }
    }
}

fn covers(path: &str, port: &Path) -> bool {
    let is_match = || {
        let pattern = glob::Pattern::new(path).ok()?;
        Some(pattern.matches_path(port))
    };
    port.as_os_str() == path || is_match().unwrap_or(false)
}

/// A row of metrics and perhaps a process each.
pub(crate) const HUBS_MAX: usize = 64;
const RESETS_PER_HOUR: u32 = 2;
/// From a relay that clicks to a power distributor that is asked over a slow network.
const TIMEOUT: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_secs(300);
const INTERVAL: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_secs(86_400);
const GONE_FOR: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_secs(3600);
