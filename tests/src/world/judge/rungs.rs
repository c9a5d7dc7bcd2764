//! Counts how often a line restarts its modem or turns the radio off, by what it writes: no more than its ladder allows.

use std::collections::{BTreeMap, VecDeque};

use gateway::UnixMs;

use super::{Checked, demand};

/// What each line has done lately.
#[derive(Debug, Default)]
pub(super) struct Rungs {
    lately: BTreeMap<(usize, &'static str), VecDeque<UnixMs>>,
    written: BTreeMap<usize, String>,
}

impl Rungs {
    /// A process begins with ladders of its own.
    pub(super) fn begin_anew(&mut self) {
        self.lately.clear();
        self.written.clear();
    }

    /// A line writes; how many rungs it climbs with that.
    pub(super) fn wrote(&mut self, line: usize, bytes: &[u8], at: UnixMs) -> Result<u64, String> {
        let written = self.written.entry(line).or_default();
        written.push_str(&String::from_utf8_lossy(bytes));
        let Some((whole, rest)) = written.rsplit_once('\r') else {
            return Ok(0);
        };
        let (whole, rest) = (whole.to_owned(), rest.to_owned());
        *written = rest;
        let rungs = whole.split('\r').filter_map(rung);
        let mut climbed = 0;
        for (name, per_hour) in rungs {
            climbed += self.climb(line, name, per_hour, at)?;
        }
        Ok(climbed)
    }

    fn climb(
        &mut self,
        line: usize,
        name: &'static str,
        per_hour: usize,
        at: UnixMs,
    ) -> Result<u64, String> {
        let lately = self.lately.entry((line, name)).or_default();
        // A modem that refuses one command is asked with the next of its profile: that is one climb.
        if lately
            .back()
            .is_some_and(|last| at.0 - last.0 < ONE_CLIMB_MS)
        {
            return Ok(0);
        }
        lately.retain(|climbed| at.0 - climbed.0 < HOUR_MS);
        lately.push_back(at);
        let count = lately.len();
        within(count <= per_hour, line, name, count)?;
        Ok(1)
    }
}

fn within(holds: bool, line: usize, name: &str, count: usize) -> Checked {
    demand(holds, || {
        format!("line {line} climbs the rung {name} {count} times in an hour")
    })
}

/// The rung that a command line belongs to, and how often it may be climbed in an hour.
fn rung(command: &str) -> Option<(&'static str, usize)> {
    let command = command.trim().to_ascii_uppercase();
    let is = |commands: &[&str]| commands.iter().any(|known| command == format!("AT{known}"));
    if is(&RADIO) {
        Some(("radio", RADIO_PER_HOUR))
    } else if is(&RESET) {
        Some(("reset", RESET_PER_HOUR))
    } else {
        None
    }
}

const RADIO: [&str; 2] = ["+CFUN=4", "+CFUN=0"];
const RESET: [&str; 7] = [
    "+CFUN=1,1",
    "+CFUN=16",
    "+CRESET",
    "#REBOOT",
    "!RESET",
    "^RESET",
    "^SMSO",
];
/// What operators are promised, written down again: the judge does not ask the code it judges.
const RADIO_PER_HOUR: usize = 2;
const RESET_PER_HOUR: usize = 3;
const ONE_CLIMB_MS: i64 = 60_000;
const HOUR_MS: i64 = 3_600_000;
