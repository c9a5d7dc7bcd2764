//! The shell: machines on pseudo-terminals, one thread, one ledger file.
//!
//! ```text
//!   DIR/line000 ─► /dev/pts/N ═ pty ═ master ┐
//!   DIR/line001 ─► …                         ├─ epoll ─► Rack::step ─► ledger write(2) ─► master write(2)
//!   …                                        ┘   ▲
//!   Fleet (any thread) ── requests, eventfd ─────┘
//! ```
//!
//! It decides nothing about modems or networks. A host that goes away and comes back finds the modem as it left it.

mod port;
mod pump;

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rustix::event::{EventfdFlags, eventfd};
use rustix::fd::OwnedFd;

use crate::audit::{Audit, SimAudit};
use crate::country::Country;
use crate::faults::Faults;
use crate::ledger::LedgerWriter;
use crate::modem::ModemEvent;
use crate::network::{Inbound, InboundError, NetworkSettings, NetworkTotals, UssdItem};
use crate::profile::ModemProfile;
use crate::rack::{HUB_LINES, Rack, RackSettings};
use crate::timeline::{Event, Lines, Trouble};
use crate::view::View;
use pump::Pump;

/// What a fleet is like. `Default` is 16 lines in the current folder at 5.65 s a send, without faults or ledger.
#[derive(Debug, Clone)]
pub struct FleetSettings {
    /// Folder of the links `line000`, `line001`, …; made if it does not exist.
    pub dir: PathBuf,
    /// How many lines, 1 to [`LINES_MAX`].
    pub lines: usize,
    /// Mean radio time of a send.
    pub sms_time: Duration,
    /// Its coefficient of variation, 0 to [`SPREAD_MAX`]; 0 is constant.
    pub sms_time_spread: f64,
    /// How long after the accept a status report comes.
    pub report_delay: RangeInclusive<Duration>,
    /// Seed of every draw.
    pub seed: u64,
    /// Where the ledger goes; an older file is replaced.
    pub ledger: Option<PathBuf>,
    /// What goes wrong.
    pub faults: Faults,
    /// Operators, antennas and recipients.
    pub country: Country,
    /// What happens, and when.
    pub events: Vec<Event>,
    /// Neighbouring lines on one USB hub.
    pub hub_lines: usize,
    /// Models of the modems, dealt out to the lines in turn; none is the standard model.
    pub profiles: Vec<Arc<ModemProfile>>,
    /// USSD codes and what they answer.
    pub ussd: Vec<UssdItem>,
}

/// Why a fleet could not be started.
#[derive(Debug, thiserror::Error)]
pub enum FleetError {
    /// The number of lines is not possible.
    #[error("{lines} lines are not possible: 1 to {LINES_MAX} are allowed")]
    Lines {
        /// What was asked for.
        lines: usize,
    },
    /// The spread is not possible.
    #[error("a spread of {spread} is not possible: 0 to {SPREAD_MAX} is allowed")]
    Spread {
        /// What was asked for.
        spread: f64,
    },
    /// The folder cannot be made, or nothing can be made in it.
    #[error("{path}: {cause}; choose a folder that can be written to", path = .path.display())]
    Directory {
        /// Which folder or link.
        path: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
    /// Another simulator serves this folder.
    #[error("{path}: another simulator has its lines here; stop it or choose another folder", path = .path.display())]
    Busy {
        /// Which folder.
        path: PathBuf,
    },
    /// Something that is not a link stands where a link must be.
    #[error("{path}: exists and is not a link; remove it or choose another folder", path = .path.display())]
    Occupied {
        /// Which path.
        path: PathBuf,
    },
    /// The system gives no more pseudo-terminals or open files.
    #[error("{opened} of {wanted} pseudo-terminals opened, then: {cause}; {hint}")]
    Terminals {
        /// How many there were.
        opened: usize,
        /// How many were needed.
        wanted: usize,
        /// What the system said.
        cause: std::io::Error,
        /// Which limit it is.
        hint: &'static str,
    },
    /// The ledger cannot be written.
    #[error("ledger {path}: {cause}; choose a file that can be written to", path = .path.display())]
    Ledger {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
    /// The system gives no thread or event queue.
    #[error("event loop: {0}")]
    Loop(std::io::Error),
}

/// Live figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stats {
    /// What the network did so far.
    pub network: NetworkTotals,
    /// Lines with a submission on the air.
    pub busy_lines: usize,
    /// Lines whose port a host has open.
    pub open_lines: usize,
    /// Bytes dropped because no host took them.
    pub dropped_bytes: u64,
}

/// What a fleet did, at its end.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Summary {
    /// How long it ran.
    pub elapsed: Duration,
    /// The last figures.
    pub stats: Stats,
    /// The work of each SIM.
    pub audit: Audit,
    /// Why it ended by itself; `None` when it was stopped.
    pub failure: Option<String>,
}

/// A running fleet. Dropping it stops it as well.
#[derive(Debug)]
pub struct Fleet {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
    started: Instant,
    links: Vec<PathBuf>,
}

impl Default for FleetSettings {
    fn default() -> FleetSettings {
        FleetSettings {
            dir: PathBuf::from("."),
            lines: 16,
            sms_time: Duration::from_millis(5_650),
            sms_time_spread: 0.2,
            report_delay: Duration::from_secs(1)..=Duration::from_secs(4),
            seed: 1,
            ledger: None,
            faults: Faults::default(),
            country: Country::default(),
            events: Vec::new(),
            hub_lines: HUB_LINES,
            profiles: Vec::new(),
            ussd: UssdItem::usual(),
        }
    }
}

impl Fleet {
    /// Opens the pseudo-terminals and starts the thread that serves them; when it returns every link exists.
    ///
    /// # Errors
    /// When the settings, the folder, the system's limits or the ledger do not allow it. No link is left behind.
    pub fn start(settings: FleetSettings) -> Result<Fleet, FleetError> {
        check(&settings)?;
        let folder = port::claim(&settings.dir)?;
        let ports = port::open_all(&settings.dir, settings.lines)?;
        // Last of what may fail: an older ledger is gone with it.
        let ledger = match &settings.ledger {
            None => None,
            Some(path) => Some(
                LedgerWriter::create(path).map_err(|cause| FleetError::Ledger {
                    path: path.clone(),
                    cause,
                })?,
            ),
        };
        let links = ports.iter().map(|port| port.link().to_owned()).collect();
        let started = Instant::now();
        let rack = Rack::new(settings.lines, rack_settings(&settings, started));
        let wake = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)
            .map_err(|errno| FleetError::Loop(errno.into()))?;
        let shared = Arc::new(Shared {
            stop: AtomicBool::new(false),
            wake,
            requests: Mutex::new(Vec::new()),
            figures: Mutex::new(Figures {
                stats: Stats::default(),
                audit: blank_audit(&rack),
                failure: None,
            }),
        });
        let pump = Pump::new(rack, ports, folder, ledger, Arc::clone(&shared))
            .map_err(FleetError::Loop)?;
        let thread = std::thread::Builder::new()
            .name("hw-sim".to_owned())
            .spawn(move || pump.run())
            .map_err(FleetError::Loop)?;
        Ok(Fleet {
            shared,
            thread: Some(thread),
            started,
            links,
        })
    }

    /// The link of each line, by line.
    pub fn links(&self) -> &[PathBuf] {
        &self.links
    }

    /// How long it has been running: the ledger's `t_ms` counts from the same moment.
    pub fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// Live figures.
    pub fn stats(&self) -> Stats {
        self.shared.figures().stats
    }

    /// What lines, operators and troubles are doing; `None` when the fleet has ended.
    pub fn view(&self) -> Option<View> {
        let (answer, view) = sync_channel(1);
        self.shared.request(Request::View { answer });
        view.recv_timeout(VIEW_TIMEOUT).ok()
    }

    /// The work of each SIM so far, including SIMs that did nothing.
    pub fn audit(&self) -> Audit {
        self.shared.figures().audit.clone()
    }

    /// Why it ended by itself, if it did: the ledger could not be written, or a bug.
    pub fn failure(&self) -> Option<String> {
        self.shared.figures().failure.clone()
    }

    /// Changes the faults; `Faults::default()` heals the fleet. Submissions already on the air keep their fate.
    pub fn set_faults(&self, faults: Faults) {
        self.shared.request(Request::Faults(Box::new(faults)));
    }

    /// Somebody sends a text to the SIM of a line.
    ///
    /// # Errors
    /// When the originator or the text cannot be coded.
    ///
    /// # Panics
    /// When there is no such line.
    pub fn inbound(&self, line: usize, from: &str, text: &str) -> Result<(), InboundError> {
        assert!(
            line < self.links.len(),
            "line {line} of {}",
            self.links.len()
        );
        let message = Inbound::new(from, text, self.shared.next_reference())?;
        self.shared.request(Request::Inbound { line, message });
        Ok(())
    }

    /// Something happens to lines, as an event of a scenario would do: `lasts` says how long, for what lasts.
    pub fn trouble(&self, lines: Lines, trouble: Trouble, lasts: Duration) {
        self.shared.request(Request::Trouble {
            lines,
            trouble: Box::new(trouble),
            lasts,
        });
    }

    /// Takes the port of a line away for a time.
    ///
    /// # Panics
    /// When there is no such line.
    pub fn unplug(&self, line: usize, down: Duration) {
        assert!(
            line < self.links.len(),
            "line {line} of {}",
            self.links.len()
        );
        self.shared.request(Request::Unplug { line, down });
    }

    /// Restarts the modem of a line.
    ///
    /// # Panics
    /// When there is no such line.
    pub fn restart(&self, line: usize) {
        assert!(
            line < self.links.len(),
            "line {line} of {}",
            self.links.len()
        );
        self.shared.request(Request::Restart { line });
    }

    /// Something happens to the modem of a line or its SIM.
    ///
    /// # Panics
    /// When there is no such line.
    pub fn happen(&self, line: usize, event: ModemEvent) {
        assert!(
            line < self.links.len(),
            "line {line} of {}",
            self.links.len()
        );
        self.shared.request(Request::Modem { line, event });
    }

    /// Stops the thread, stores the rest of the ledger and removes the links. What is on the air is not accepted.
    pub fn stop(mut self) -> Summary {
        self.end();
        let Figures {
            stats,
            audit,
            failure,
        } = self.shared.figures().clone();
        Summary {
            elapsed: self.started.elapsed(),
            stats,
            audit,
            failure,
        }
    }

    fn end(&mut self) {
        let Some(thread) = self.thread.take() else {
            return;
        };
        self.shared.stop.store(true, Ordering::Release);
        self.shared.ring();
        if thread.join().is_err() {
            self.shared
                .figures()
                .failure
                .get_or_insert_with(|| "the event loop panicked".to_owned());
        }
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        self.end();
    }
}

/// What the thread and the fleet's owner share.
#[derive(Debug)]
struct Shared {
    stop: AtomicBool,
    wake: OwnedFd,
    requests: Mutex<Vec<Request>>,
    figures: Mutex<Figures>,
}

#[derive(Debug, Clone)]
struct Figures {
    stats: Stats,
    audit: Audit,
    failure: Option<String>,
}

/// What the owner wants of the thread.
#[derive(Debug)]
enum Request {
    View {
        answer: SyncSender<View>,
    },
    Faults(Box<Faults>),
    Inbound {
        line: usize,
        message: Inbound,
    },
    Trouble {
        lines: Lines,
        trouble: Box<Trouble>,
        lasts: Duration,
    },
    Unplug {
        line: usize,
        down: Duration,
    },
    Restart {
        line: usize,
    },
    Modem {
        line: usize,
        event: ModemEvent,
    },
}

impl Shared {
    fn figures(&self) -> MutexGuard<'_, Figures> {
        // Figures are plain numbers: half an update is still readable.
        self.figures.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn requests(&self) -> MutexGuard<'_, Vec<Request>> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn request(&self, request: Request) {
        self.requests().push(request);
        self.ring();
    }

    /// Wakes the thread. An error can only be a counter that is full, which wakes it just as well.
    fn ring(&self) {
        let _ = rustix::io::write(&self.wake, &1_u64.to_ne_bytes());
    }

    /// A concatenation reference: how many texts came so far is different enough.
    fn next_reference(&self) -> u8 {
        let pending = self.requests().len() as u64;
        (self.figures().stats.network.inbound + pending).to_le_bytes()[0]
    }
}

fn check(settings: &FleetSettings) -> Result<(), FleetError> {
    let FleetSettings {
        lines,
        sms_time_spread: spread,
        ..
    } = *settings;
    if !(1..=LINES_MAX).contains(&lines) {
        return Err(FleetError::Lines { lines });
    }
    if !(0.0..=SPREAD_MAX).contains(&spread) {
        return Err(FleetError::Spread { spread });
    }
    Ok(())
}

fn rack_settings(settings: &FleetSettings, started: Instant) -> RackSettings {
    let since_epoch = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let network = NetworkSettings {
        sms_time: settings.sms_time,
        sms_time_spread: settings.sms_time_spread,
        report_delay: settings.report_delay.clone(),
        seed: settings.seed,
        faults: settings.faults.clone(),
        country: settings.country.clone(),
        ussd: settings.ussd.clone(),
        started,
        started_unix_ms: i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX),
    };
    RackSettings {
        network,
        events: settings.events.clone(),
        hub_lines: settings.hub_lines,
        profiles: settings.profiles.clone(),
    }
}

fn blank_audit(rack: &Rack) -> Audit {
    let sim = |(line, modem): (usize, &crate::modem::SimModem)| SimAudit {
        line,
        iccid: modem.sim().iccid.clone(),
        ..SimAudit::default()
    };
    Audit {
        sims: rack.modems().iter().enumerate().map(sim).collect(),
        ..Audit::default()
    }
}

/// Where the link of a line is.
fn link_of(dir: &Path, line: usize) -> PathBuf {
    dir.join(format!("line{line:03}"))
}

/// The kernel's own limit of pseudo-terminals (`kernel.pty.max`) is 4096 as a rule.
pub const LINES_MAX: usize = 4096;
/// A thread that is alive answers within a round; a fleet that ended never does.
const VIEW_TIMEOUT: Duration = Duration::from_secs(2);
/// A larger coefficient of variation of a radio time has no counterpart in the field.
pub const SPREAD_MAX: f64 = 2.0;

#[cfg(test)]
mod tests;
