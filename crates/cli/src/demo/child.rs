//! The daemon as a child process: started from this very binary, watched through `/proc`, stopped as systemd would.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::Command;
use tokio::time::timeout;

/// A running daemon; killed when dropped.
pub(crate) struct Daemon {
    child: tokio::process::Child,
    pid: u32,
    log: PathBuf,
}

/// What the daemon has used.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Usage {
    /// User and system time in seconds, since it was started.
    pub(crate) cpu_s: f64,
    /// The most memory that was resident at any time (`VmHWM`), in 10^6 bytes.
    pub(crate) rss_mb: f64,
}

impl Daemon {
    /// `simfleet run --config CONFIG`, its output in `log`. A process group of its own keeps the terminal's Ctrl-C from it.
    pub(crate) fn start(config: &Path, log: PathBuf) -> anyhow::Result<Daemon> {
        let binary = std::env::current_exe().context("can't find this binary")?;
        let output =
            File::create(&log).with_context(|| format!("can't write {}", log.display()))?;
        let child = Command::new(binary)
            .args(["run", "--with-parent", "--config"])
            .arg(config)
            .env_remove("NOTIFY_SOCKET")
            .stdin(Stdio::null())
            .stdout(output.try_clone().context("can't share the log")?)
            .stderr(output)
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .context("can't start the daemon")?;
        let pid = child
            .id()
            .ok_or_else(|| anyhow!("the daemon ended at once"))?;
        Ok(Daemon { child, pid, log })
    }

    /// How it ended, if it has.
    pub(crate) fn ended(&mut self) -> anyhow::Result<Option<ExitStatus>> {
        self.child
            .try_wait()
            .context("can't ask for the daemon's state")
    }

    /// What it has used so far.
    pub(crate) fn usage(&self) -> anyhow::Result<Usage> {
        let read = |name: &str| {
            let path = format!("/proc/{}/{name}", self.pid);
            std::fs::read_to_string(&path).with_context(|| format!("can't read {path}"))
        };
        let cpu_s = cpu_of(&read("stat")?).context("/proc/PID/stat is not as expected")?;
        let rss_mb = peak_of(&read("status")?).context("/proc/PID/status is not as expected")?;
        Ok(Usage { cpu_s, rss_mb })
    }

    /// The last lines of its log, for people.
    pub(crate) fn log_end(&self) -> String {
        let log = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        let skipped = lines.len().saturating_sub(LOG_LINES_SHOWN);
        lines[skipped..]
            .iter()
            .map(|line| format!("  {line}"))
            .collect::<Vec<_>>()
            .join("\n")
    }

    /// Asks it to stop and waits. Returns whether it ended by itself with success.
    pub(crate) async fn stop(mut self) -> anyhow::Result<bool> {
        let pid = i32::try_from(self.pid).ok().and_then(Pid::from_raw);
        let Some(pid) = pid else {
            bail!("the daemon has no process id")
        };
        kill_process(pid, Signal::TERM).context("can't stop the daemon")?;
        match timeout(STOP_WAIT_MAX, self.child.wait()).await {
            Ok(status) => Ok(status.context("can't wait for the daemon")?.success()),
            Err(_) => Ok(false),
        }
    }
}

/// utime and stime of `/proc/PID/stat`, in seconds. The name in brackets may hold anything, so it is passed over first.
fn cpu_of(stat: &str) -> Option<f64> {
    let (_, after_name) = stat.rsplit_once(')')?;
    // Fields 14 and 15 of proc(5); the name is field 2.
    let mut fields = after_name.split_whitespace().skip(11);
    let user: f64 = fields.next()?.parse().ok()?;
    let system: f64 = fields.next()?.parse().ok()?;
    Some((user + system) / TICKS_PER_SECOND)
}

/// `VmHWM` of `/proc/PID/status`, in 10^6 bytes.
fn peak_of(status: &str) -> Option<f64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024.0 / 1e6)
}

/// `USER_HZ`: what Linux shows to programs is in hundredths on every platform that we run on.
const TICKS_PER_SECOND: f64 = 100.0;

/// A graceful stop finishes what is on the air; the daemon's own bound is shorter.
const STOP_WAIT_MAX: Duration = Duration::from_secs(60);

/// Enough to see why a start failed.
const LOG_LINES_SHOWN: usize = 12;

#[cfg(test)]
mod tests;
