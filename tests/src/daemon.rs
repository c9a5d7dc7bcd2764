//! The daemon as a child process: started, stopped, killed, and its log read.
//!
//! A test that fails with a daemon around prints the end of its log.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use crate::binaries::{Binary, binary};
use crate::poll::eventually;

/// A daemon that was started. Dropping it kills it.
#[derive(Debug)]
pub struct Daemon {
    child: Child,
    log: PathBuf,
}

/// A daemon that has ended.
#[derive(Debug)]
pub struct Ended {
    /// How.
    pub status: ExitStatus,
    /// What it wrote to stderr, and what daemons before it wrote to the same log.
    pub log: String,
}

impl Daemon {
    /// Starts `simfleet run` behind the words of a command that becomes it, or none; its stderr is appended to `log`.
    ///
    /// # Panics
    /// When the process can't be started.
    pub fn start(
        words: &[OsString],
        config: &Path,
        log: &Path,
        environment: &[(&str, OsString)],
    ) -> Daemon {
        let file = |options: &mut OpenOptions| -> File {
            let opened = options.create(true).append(true).open(log);
            opened.expect("the log can be opened")
        };
        let mut words = words
            .iter()
            .cloned()
            .chain([binary(Binary::Simfleet).into()]);
        let child = Command::new(words.next().expect("the binary at least"))
            .args(words)
            .args(["run", "--config"])
            .arg(config)
            .envs(environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(file(&mut OpenOptions::new()))
            .stderr(file(&mut OpenOptions::new()))
            .spawn()
            .expect("the daemon can be started");
        Daemon {
            child,
            log: log.to_owned(),
        }
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Whether it has ended by itself, and how.
    ///
    /// # Panics
    /// When the system does not tell.
    pub fn has_ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("a child can be waited for")
    }

    /// `kill -9`: nothing of it runs when this returns.
    ///
    /// # Panics
    /// When it ended before, by itself.
    pub fn kill(mut self) {
        assert_eq!(self.has_ended(), None, "it ended before it was killed");
        self.child.kill().expect("a child can be killed");
        self.child.wait().expect("a child can be waited for");
    }

    /// `SIGTERM`: asks it to stop.
    ///
    /// # Panics
    /// When it is not there any more.
    pub fn terminate(&self) {
        self.signal(Signal::TERM);
    }

    /// `SIGHUP`: asks it to read its configuration again.
    ///
    /// # Panics
    /// When it is not there any more.
    pub fn reload(&self) {
        self.signal(Signal::HUP);
    }

    /// Waits until it has ended.
    ///
    /// # Panics
    /// When it does not.
    pub fn ended(mut self) -> Ended {
        let status = eventually("the daemon ends", || self.has_ended());
        Ended {
            status,
            log: self.log(),
        }
    }

    /// Asks it to stop, and waits for a good end.
    ///
    /// # Panics
    /// When it does not stop, or with another code than 0.
    pub fn stop(self) -> Ended {
        self.terminate();
        let ended = self.ended();
        assert!(ended.status.success(), "{}:\n{}", ended.status, ended.log);
        ended
    }

    /// What it wrote so far, and what daemons before it wrote to the same log.
    ///
    /// # Panics
    /// When the log can't be read.
    pub fn log(&self) -> String {
        let bytes = std::fs::read(&self.log).expect("the log can be read");
        String::from_utf8_lossy(&bytes).into_owned()
    }

    fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.pid()).ok().and_then(Pid::from_raw);
        kill_process(pid.expect("a child has a process id"), signal).expect("it is our child");
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // Both fail if it has ended, and that is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            let log = self.log();
            let lines: Vec<&str> = log.lines().collect();
            let tail = &lines[lines.len().saturating_sub(TAIL_LINES)..];
            eprintln!("--- end of the daemon's log ---\n{}\n---", tail.join("\n"));
        }
    }
}

/// As much of a log as helps, and no more.
const TAIL_LINES: usize = 40;
