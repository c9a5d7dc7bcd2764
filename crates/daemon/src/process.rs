//! What this process uses, from `/proc/self`, and its limit of open files.

use std::io;

use rustix::process::{Resource, getrlimit, setrlimit};

/// Resources in use. What can't be read is zero.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Usage {
    /// User and system time.
    pub(crate) cpu_s: f64,
    pub(crate) resident_bytes: u64,
    pub(crate) open_fds: u64,
    pub(crate) max_fds: u64,
}

/// What the process uses now.
pub(crate) fn usage() -> Usage {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let open = std::fs::read_dir("/proc/self/fd").map_or(0, Iterator::count);
    Usage {
        cpu_s: cpu_seconds(&stat).unwrap_or(0.0),
        resident_bytes: resident_bytes(&status).unwrap_or(0),
        open_fds: u64::try_from(open).unwrap_or(0),
        max_fds: getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX),
    }
}

/// Raises the soft limit of open files to the hard one: each line takes two.
///
/// # Errors
/// The operating system's.
pub(crate) fn raise_open_files_limit() -> io::Result<()> {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    setrlimit(Resource::Nofile, limit).map_err(io::Error::from)
}

/// Fields 14 and 15 of proc(5)'s `stat`, which follow the command in brackets.
fn cpu_seconds(stat: &str) -> Option<f64> {
    let after_command = &stat[stat.rfind(')')? + 1..];
    let mut fields = after_command.split_ascii_whitespace().skip(11);
    let user: f64 = fields.next()?.parse().ok()?;
    let system: f64 = fields.next()?.parse().ok()?;
    Some((user + system) / TICKS_PER_SECOND)
}

fn resident_bytes(status: &str) -> Option<u64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}

/// `USER_HZ`, which Linux fixes at 100 on every architecture we run on.
const TICKS_PER_SECOND: f64 = 100.0;

#[cfg(test)]
mod tests;
