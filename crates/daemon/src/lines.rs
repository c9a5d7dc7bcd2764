//! The lines of the fleet: finds ports, gives each a name, a number and a task, and ends tasks of lines that are taken out.
//!
//! A line whose port vanishes keeps its task, name and number, and goes on when the port is back. Names are stable: they
//! come from the path and the configuration entry alone.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use gateway::LineId;
use modem::ProfileChoice;
use tokio::task::{JoinHandle, spawn_blocking};

use crate::clock;
use crate::config::{HubConfig, LineConfig};
use crate::line_link::{FromLine, LineContext, LinePort};
use crate::line_task::LineTask;
use crate::machine::Machine;
use crate::send_queue::SendQueue;

/// All lines and their tasks. One task owns it.
pub(crate) struct Lines {
    context: LineContext,
    entries: Vec<LineConfig>,
    hubs: Vec<HubConfig>,
    running: BTreeMap<String, Running>,
    next_id: u32,
    /// What has been warned of, to say it once.
    warned: BTreeSet<String>,
}

struct Running {
    id: LineId,
    path: PathBuf,
    baud: u32,
    profile: ProfileChoice,
    queue: Arc<SendQueue>,
    task: JoinHandle<()>,
    /// Taken out of the configuration; its task ends when nothing is on its way.
    is_retired: bool,
}

/// A port that a scan found.
struct FoundPort {
    name: String,
    path: PathBuf,
    baud: u32,
    profile: ProfileChoice,
}

impl Lines {
    pub(crate) fn new(
        context: LineContext,
        entries: Vec<LineConfig>,
        hubs: Vec<HubConfig>,
    ) -> Lines {
        Lines {
            context,
            entries,
            hubs,
            running: BTreeMap::new(),
            next_id: 0,
            warned: BTreeSet::new(),
        }
    }

    /// Looks for ports: starts lines on new ones, tells lines whose port is back, and forgets lines that have ended.
    pub(crate) async fn scan<M: Machine>(&mut self) {
        self.forget_ended();
        let entries = self.entries.clone();
        // A scan that panicked found nothing; the next one looks again.
        let found = spawn_blocking(move || find_ports(&entries))
            .await
            .unwrap_or_default();
        for (pattern, ports) in found {
            if ports.is_empty() {
                self.warn(&format!(
                    "{pattern}: no port is there; looking again every {} s",
                    SCAN_EVERY.as_secs()
                ));
            }
            for port in ports {
                self.meet::<M>(port).await;
            }
        }
    }

    /// Takes over new `[[lines]]` and `[[hubs]]`: lines that no entry describes any more are retired, new ones started; the
    /// others are not touched.
    pub(crate) async fn reload<M: Machine>(
        &mut self,
        entries: Vec<LineConfig>,
        hubs: Vec<HubConfig>,
    ) {
        self.entries = entries;
        self.hubs = hubs;
        self.warned.clear();
        for (name, line) in &mut self.running {
            let is_kept = self.entries.iter().any(|entry| {
                entry.covers(&line.path)
                    && entry.baud == line.baud
                    && entry.profile == line.profile
                    && entry.line_name(&line.path) == *name
            });
            if !is_kept && !line.is_retired {
                tracing::info!(line = %name, "line taken out; it ends when nothing is on its way");
                line.is_retired = true;
                line.queue.ask_retire();
            }
        }
        let running = self.running.iter();
        let running: Vec<(String, LineId, PathBuf, bool)> = running
            .map(|(name, line)| (name.clone(), line.id, line.path.clone(), line.is_retired))
            .collect();
        for (name, id, path, is_retired) in running {
            let hub = self.hub_of(&path).filter(|_| !is_retired);
            let known = self.context.board.status(&name);
            if known.is_some_and(|status| status.hub != hub) {
                self.place(&name, id, hub).await;
            }
        }
        self.scan::<M>().await;
    }

    fn hub_of(&self, path: &Path) -> Option<Box<str>> {
        let hub = self.hubs.iter().find(|hub| hub.covers(path));
        hub.map(|hub| hub.name.clone())
    }

    /// Tells where a line has its power from.
    async fn place(&self, name: &str, line: LineId, hub: Option<Box<str>>) {
        self.context
            .board
            .update(name, |status| status.hub = hub.clone());
        // As for a line that is added: without a core there is nobody to tell.
        let _ = self
            .context
            .events
            .send(FromLine::Placed { line, hub })
            .await;
    }

    /// Ends all tasks and waits for them. Their context's token is to be cancelled before.
    pub(crate) async fn join(self) {
        for (name, line) in self.running {
            if line.task.await.is_err() {
                tracing::error!(line = %name, "the line's task panicked");
            }
        }
    }

    async fn meet<M: Machine>(&mut self, port: FoundPort) {
        match self.running.get(&port.name) {
            Some(line) if line.path != port.path && !line.is_retired => {
                let (name, other) = (&port.name, line.path.display());
                let what = format!(
                    "{}: a line is called `{name}` already ({other}); give one of the [[lines]] a `name`",
                    port.path.display()
                );
                self.warn(&what);
            }
            Some(line) => {
                let is_missing = self
                    .context
                    .board
                    .status(&port.name)
                    .is_some_and(|line| line.missing);
                if is_missing {
                    line.queue.tell_port_is_back();
                }
            }
            None if self.running.len() >= LINES_MAX => {
                let what = format!(
                    "{}: not used: there are {LINES_MAX} lines already",
                    port.path.display()
                );
                self.warn(&what);
            }
            None => self.start::<M>(port).await,
        }
    }

    async fn start<M: Machine>(&mut self, port: FoundPort) {
        let FoundPort {
            name,
            path,
            baud,
            profile,
        } = port;
        let id = LineId(self.next_id);
        self.next_id += 1;
        let queue = Arc::new(SendQueue::new());
        self.context
            .board
            .add(&name, id, &path, clock::wall(), Arc::clone(&queue));
        let added = FromLine::Added {
            line: id,
            name: name.as_str().into(),
            queue: Arc::clone(&queue),
        };
        if self.context.events.send(added).await.is_err() {
            return;
        }
        if let Some(hub) = self.hub_of(&path) {
            self.place(&name, id, Some(hub)).await;
        }
        tracing::info!(line = %name, path = %path.display(), "line added");
        let line_port = LinePort {
            id,
            name: name.as_str().into(),
            path: path.clone(),
            baud,
            profile: profile.clone(),
            queue: Arc::clone(&queue),
        };
        let task = LineTask::<M>::new(line_port, self.context.clone());
        let task = tokio::spawn(task.run());
        self.running.insert(
            name,
            Running {
                id,
                path,
                baud,
                profile,
                queue,
                task,
                is_retired: false,
            },
        );
    }

    fn forget_ended(&mut self) {
        let board = &self.context.board;
        self.running.retain(|name, line| {
            let has_ended = line.task.is_finished();
            if has_ended {
                board.remove(name, line.id);
            }
            !has_ended
        });
    }

    fn warn(&mut self, what: &str) {
        if self.warned.len() < LINES_MAX && self.warned.insert(what.to_owned()) {
            tracing::warn!("{what}");
        }
    }
}

/// What each entry finds now, the first entry winning a port that two of them find.
fn find_ports(entries: &[LineConfig]) -> Vec<(String, Vec<FoundPort>)> {
    let mut taken = BTreeSet::new();
    let mut found = Vec::new();
    for entry in entries {
        // A plain path is a line even while nothing is there: operators see it missing.
        let paths = if entry.is_pattern() {
            entry.paths()
        } else {
            vec![PathBuf::from(&entry.path)]
        };
        let new = paths.into_iter().filter(|path| taken.insert(path.clone()));
        let ports = new.map(|path| FoundPort {
            name: entry.line_name(&path),
            path,
            baud: entry.baud,
            profile: entry.profile.clone(),
        });
        found.push((entry.path.clone(), ports.collect()));
    }
    found
}

/// How often new ports are looked for.
pub(crate) const SCAN_EVERY: Duration = Duration::from_secs(5);

/// Twice the largest fleet; guards against a pattern that finds the whole of /dev.
const LINES_MAX: usize = 1024;

#[cfg(test)]
mod tests;
