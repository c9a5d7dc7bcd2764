//! One pseudo-terminal under a stable name, and the bytes that wait for its host.
//!
//! The simulator holds the master only. While no host has the slave open the master reports a hang-up, and what the
//! modem says is dropped, as on a UART nobody listens to. What bytes mean is not known here.

use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use rustix::fs::{FlockOperation, Mode, OFlags};
use rustix::io::Errno;
use rustix::process::{Resource, getrlimit, setrlimit};
use rustix::pty::{OpenptFlags, grantpt, ioctl_tiocgptpeer, openpt, ptsname, unlockpt};
use rustix::termios::{OptionalActions, QueueSelector, tcflush, tcgetattr, tcsetattr};

use super::{FleetError, link_of};

/// A line's port: there, or unplugged.
#[derive(Debug)]
pub(super) struct Port {
    link: PathBuf,
    /// How often it came back under another name.
    renamings: u32,
    terminal: Option<Terminal>,
}

/// The pseudo-terminal behind a port.
#[derive(Debug)]
struct Terminal {
    master: OwnedFd,
    name: PathBuf,
    /// Whether a host has it open, as far as is known.
    attached: bool,
    /// What the terminal's queue did not take yet.
    backlog: Vec<u8>,
}

/// What a read found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Read {
    Bytes(usize),
    Nothing,
    /// The host closed its side.
    HungUp,
}

/// A folder that no other simulator uses while this is held.
#[derive(Debug)]
pub(super) struct Folder {
    _lock: OwnedFd,
}

/// Makes the folder and locks it.
pub(super) fn claim(dir: &Path) -> Result<Folder, FleetError> {
    let refused = |cause| FleetError::Directory {
        path: dir.to_owned(),
        cause,
    };
    std::fs::create_dir_all(dir).map_err(refused)?;
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let folder =
        rustix::fs::open(dir, flags, Mode::empty()).map_err(|errno| refused(errno.into()))?;
    match rustix::fs::flock(&folder, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(Folder { _lock: folder }),
        Err(Errno::WOULDBLOCK) => Err(FleetError::Busy {
            path: dir.to_owned(),
        }),
        Err(errno) => Err(refused(errno.into())),
    }
}

/// Opens a port for each line. On an error the links made so far are removed.
pub(super) fn open_all(dir: &Path, lines: usize) -> Result<Vec<Port>, FleetError> {
    raise_file_limit();
    let mut ports = Vec::with_capacity(lines);
    for line in 0..lines {
        let mut port = Port {
            link: link_of(dir, line),
            renamings: 0,
            terminal: None,
        };
        if let Err(error) = port.plug_in() {
            return Err(match error {
                PlugError::Terminal(errno) => FleetError::Terminals {
                    opened: line,
                    wanted: lines,
                    cause: errno.into(),
                    hint: limit_behind(errno),
                },
                PlugError::Occupied => FleetError::Occupied {
                    path: port.link.clone(),
                },
                PlugError::Link(cause) => FleetError::Directory {
                    path: port.link.clone(),
                    cause,
                },
            });
        }
        ports.push(port);
    }
    Ok(ports)
}

/// Why a port did not come up.
#[derive(Debug)]
pub(super) enum PlugError {
    Terminal(Errno),
    Occupied,
    Link(std::io::Error),
}

impl Port {
    pub(super) fn link(&self) -> &Path {
        &self.link
    }

    pub(super) fn is_plugged(&self) -> bool {
        self.terminal.is_some()
    }

    pub(super) fn is_attached(&self) -> bool {
        self.terminal
            .as_ref()
            .is_some_and(|terminal| terminal.attached)
    }

    pub(super) fn has_backlog(&self) -> bool {
        self.terminal
            .as_ref()
            .is_some_and(|terminal| !terminal.backlog.is_empty())
    }

    pub(super) fn master(&self) -> Option<BorrowedFd<'_>> {
        self.terminal
            .as_ref()
            .map(|terminal| terminal.master.as_fd())
    }

    /// Opens a new pseudo-terminal and puts the link on it.
    pub(super) fn plug_in(&mut self) -> Result<(), PlugError> {
        let terminal = Terminal::open().map_err(PlugError::Terminal)?;
        place_link(&self.link, &terminal.name)?;
        self.terminal = Some(terminal);
        Ok(())
    }

    /// Removes the link and closes the pseudo-terminal: the host sees a hang-up.
    pub(super) fn unplug(&mut self) {
        let Some(terminal) = self.terminal.take() else {
            return;
        };
        // Only our own link: somebody may have put another in its place.
        if std::fs::read_link(&self.link).is_ok_and(|target| target == terminal.name) {
            let _ = std::fs::remove_file(&self.link);
        }
    }

    /// The next plug-in is under another name: `line007-1`, `line007-2`, …, as the kernel numbers ports anew.
    pub(super) fn rename(&mut self) {
        let name = self.link.file_name().unwrap_or_default().to_string_lossy();
        let stem = name.split('-').next().unwrap_or_default().to_owned();
        self.renamings += 1;
        self.link
            .set_file_name(format!("{stem}-{}", self.renamings));
    }

    /// Reads what the host wrote.
    pub(super) fn read(&mut self, buffer: &mut [u8]) -> Read {
        let Some(terminal) = &mut self.terminal else {
            return Read::Nothing;
        };
        match rustix::io::read(&terminal.master, buffer) {
            Ok(0) | Err(Errno::IO) => Read::HungUp,
            Ok(count) => {
                terminal.attached = true;
                Read::Bytes(count)
            }
            Err(_) => Read::Nothing,
        }
    }

    /// Notes that the host is gone: forgets what it did not read, and restores the terminal for the next one.
    pub(super) fn hang_up(&mut self) -> usize {
        let Some(terminal) = &mut self.terminal else {
            return 0;
        };
        let dropped = terminal.backlog.len();
        terminal.attached = false;
        terminal.backlog.clear();
        // A slave marked exclusive by a dead host cannot be opened by us; the next host then cleans up itself.
        if let Ok(slave) = open_slave(&terminal.master) {
            let _ = tcflush(&slave, QueueSelector::IFlush);
            let _ = make_raw(&slave);
        }
        dropped
    }

    /// Writes towards the host, behind what still waits; returns how many bytes were dropped because nobody is
    /// there or the host is too far behind.
    pub(super) fn write(&mut self, bytes: &[u8]) -> usize {
        let Some(terminal) = &mut self.terminal else {
            return bytes.len();
        };
        if !terminal.attached && !terminal.has_host() {
            return bytes.len();
        }
        terminal.attached = true;
        terminal.write(bytes)
    }
}

impl Drop for Port {
    fn drop(&mut self) {
        self.unplug();
    }
}

impl Terminal {
    fn open() -> Result<Terminal, Errno> {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)?;
        grantpt(&master)?;
        unlockpt(&master)?;
        rustix::io::ioctl_fionbio(&master, true)?;
        let name = ptsname(&master, Vec::new())?;
        let name = PathBuf::from(std::ffi::OsStr::from_bytes(name.to_bytes()));
        make_raw(&open_slave(&master)?)?;
        // The slave was open for a moment and is closed again: from here on "no host" shows as a hang-up.
        Ok(Terminal {
            master,
            name,
            attached: false,
            backlog: Vec::new(),
        })
    }

    /// Asks the kernel: a host that only listens never shows by writing.
    fn has_host(&self) -> bool {
        let mut fds = [PollFd::new(&self.master, PollFlags::OUT)];
        let at_once = Timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        poll(&mut fds, Some(&at_once)).is_ok() && !fds[0].revents().contains(PollFlags::HUP)
    }

    fn write(&mut self, bytes: &[u8]) -> usize {
        let mut rest = bytes;
        if !self.backlog.is_empty() {
            let taken = self.write_now(&self.backlog);
            self.backlog.drain(..taken);
        }
        if self.backlog.is_empty() {
            let taken = self.write_now(rest);
            rest = &rest[taken..];
        }
        let room = BACKLOG_OCTETS_MAX.saturating_sub(self.backlog.len());
        let kept = &rest[..rest.len().min(room)];
        self.backlog.extend_from_slice(kept);
        rest.len() - kept.len()
    }

    fn write_now(&self, bytes: &[u8]) -> usize {
        let mut taken = 0;
        while taken < bytes.len() {
            match rustix::io::write(&self.master, &bytes[taken..]) {
                Ok(0) => break,
                Ok(count) => taken += count,
                Err(Errno::INTR) => {}
                Err(_) => break,
            }
        }
        taken
    }
}

fn open_slave(master: &OwnedFd) -> Result<OwnedFd, Errno> {
    ioctl_tiocgptpeer(
        master,
        OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC,
    )
}

/// Bytes pass as they are: no echo, no line editing, no signals.
fn make_raw(slave: &OwnedFd) -> Result<(), Errno> {
    let mut termios = tcgetattr(slave)?;
    termios.make_raw();
    tcsetattr(slave, OptionalActions::Now, &termios)
}

/// Puts the link in place in one step, so that a host never finds it missing or half made.
fn place_link(link: &Path, target: &Path) -> Result<(), PlugError> {
    match std::fs::symlink_metadata(link) {
        Ok(metadata) if !metadata.is_symlink() => return Err(PlugError::Occupied),
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(PlugError::Link(error)),
        Ok(_) | Err(_) => {}
    }
    let draft = link.with_extension("new");
    match std::fs::remove_file(&draft) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(PlugError::Link(error)),
        Ok(()) | Err(_) => {}
    }
    std::os::unix::fs::symlink(target, &draft)
        .and_then(|()| std::fs::rename(&draft, link))
        .map_err(PlugError::Link)
}

/// The soft limit of open files is often 1024; the hard one is ours to use.
fn raise_file_limit() {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    let _ = setrlimit(Resource::Nofile, limit);
}

/// What to raise when the system has no more terminals.
pub(super) fn limit_behind(errno: Errno) -> &'static str {
    match errno {
        Errno::MFILE => "raise the limit of open files (ulimit -n) or use fewer lines",
        Errno::NFILE => {
            "raise the system's limit of open files (sysctl fs.file-max) or use fewer lines"
        }
        _ => "raise kernel.pty.max (sysctl) or the devpts mount's max, or use fewer lines",
    }
}

/// Bytes kept for a host that reads slowly: some seconds of a talkative modem. More are dropped, as a UART overruns.
const BACKLOG_OCTETS_MAX: usize = 64 * 1024;
