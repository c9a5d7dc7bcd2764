//! Runs the command that cuts a hub's power, and tells core and lines how that went.
//!
//! Whether and when is the gateway's decision; this only runs a child, for so long and no longer.

use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use gateway::{HubResult, Input};
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, Command};
use tokio::sync::{mpsc, watch};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::board::Board;
use crate::config::HubConfig;
use crate::core::CoreHandle;

/// The hubs that are declared, and the task that runs their commands.
pub(crate) struct Hubs {
    declared: watch::Sender<Arc<Vec<HubConfig>>>,
    task: JoinHandle<()>,
}

struct HubRunner {
    /// Names of the hubs that are to be reset.
    orders: mpsc::Receiver<Box<str>>,
    declared: watch::Receiver<Arc<Vec<HubConfig>>>,
    core: CoreHandle,
    board: Arc<Board>,
    stop: CancellationToken,
}

/// How a command ended.
#[derive(Debug, PartialEq, Eq)]
struct Ended {
    result: HubResult,
    /// `exit status: 1`, or why it could not be run.
    how: String,
    /// The first line that it wrote to stderr.
    said: String,
}

impl Hubs {
    /// Takes orders, as the core gives them, until the daemon stops.
    pub(crate) fn start(
        declared: &[HubConfig],
        orders: mpsc::Receiver<Box<str>>,
        core: &CoreHandle,
        board: &Arc<Board>,
        stop: &CancellationToken,
    ) -> Hubs {
        let (declared, seen) = watch::channel(Arc::new(declared.to_vec()));
        let runner = HubRunner {
            orders,
            declared: seen,
            core: core.clone(),
            board: Arc::clone(board),
            stop: stop.clone(),
        };
        let task = tokio::spawn(runner.run());
        Hubs { declared, task }
    }

    /// Takes over new `[[hubs]]`; commands that are running go on.
    pub(crate) fn reload(&self, declared: &[HubConfig]) {
        self.declared.send_replace(Arc::new(declared.to_vec()));
    }

    /// Waits for the task; its token is to be cancelled before.
    pub(crate) async fn join(self) {
        if self.task.await.is_err() {
            tracing::error!("the task that resets hubs panicked");
        }
    }
}

impl HubRunner {
    /// Takes orders until the daemon stops; commands that are running then are ended.
    async fn run(mut self) {
        let mut running = JoinSet::new();
        loop {
            tokio::select! {
                () = self.stop.cancelled() => break,
                Some(hub) = self.orders.recv() => {
                    let hubs = Arc::clone(&self.declared.borrow());
                    let config = hubs.iter().find(|config| config.name == hub).cloned();
                    let (core, board) = (self.core.clone(), Arc::clone(&self.board));
                    running.spawn(reset(hub, config, core, board));
                }
                Some(_) = running.join_next() => {}
                else => break,
            }
        }
        running.shutdown().await;
    }
}

async fn reset(hub: Box<str>, config: Option<HubConfig>, core: CoreHandle, board: Arc<Board>) {
    // A reload took it away between the order and now.
    let Some(config) = config else { return };
    let Ended { result, how, said } = run(&config.command, config.timeout).await;
    if result == HubResult::Done {
        tracing::info!(%hub, "the hub was reset");
    } else {
        tracing::warn!(%hub, result = result.as_str(), how, stderr = said, "the hub was not reset");
    }
    // If the core is gone, the daemon is ending.
    let _ = core.tell(Input::HubReset { hub, result }).await;
    if result == HubResult::Done {
        board.power_was_cut(|path| config.covers(path));
    }
}

/// Runs a command for so long at most; what takes longer is killed, and all that it has started with it.
async fn run(command: &[String], longest: Duration) -> Ended {
    let failed = |how: String| Ended {
        result: HubResult::Failed,
        how,
        said: String::new(),
    };
    let Some((program, arguments)) = command.split_first() else {
        return failed("no command".to_owned());
    };
    let started = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true)
        .spawn();
    let mut child = match started {
        Ok(child) => child,
        Err(error) => return failed(error.to_string()),
    };
    let mut group = Group::of(&child);
    let mut stderr = child.stderr.take();
    let mut said = Vec::new();
    let ended = timeout(longest, wait(&mut child, stderr.as_mut(), &mut said)).await;
    if ended.is_ok() {
        // What it leaves behind is its own business.
        group.release();
    }
    let (result, how) = match ended {
        Ok(Ok(status)) if status.success() => (HubResult::Done, status.to_string()),
        Ok(Ok(status)) => (HubResult::Failed, status.to_string()),
        Ok(Err(error)) => (HubResult::Failed, error.to_string()),
        Err(_) => (
            HubResult::TimedOut,
            format!("took longer than {} s and was killed", longest.as_secs()),
        ),
    };
    Ended {
        result,
        how,
        said: first_line(&said),
    }
}

/// Waits for a command, and reads what it says meanwhile: a full pipe would stop it.
async fn wait(
    child: &mut Child,
    mut stderr: Option<&mut (impl AsyncRead + Unpin)>,
    said: &mut Vec<u8>,
) -> std::io::Result<std::process::ExitStatus> {
    let mut piece = [0; PIECE_OCTETS];
    while let Some(open) = &mut stderr {
        tokio::select! {
            biased;
            read = open.read(&mut piece) => match read {
                Ok(0) | Err(_) => break,
                Ok(count) => {
                    let room = SAID_OCTETS_MAX.saturating_sub(said.len());
                    said.extend_from_slice(&piece[..count.min(room)]);
                }
            },
            // Something that it left behind may hold the pipe for ever.
            status = child.wait() => return status,
        }
    }
    child.wait().await
}

fn first_line(said: &[u8]) -> String {
    let text = String::from_utf8_lossy(said);
    let line = text.trim_start().lines().next().unwrap_or_default();
    line.chars().filter(|c| !c.is_control()).collect()
}

/// Kills all that a command has started, unless it is released.
struct Group(Option<Pid>);

impl Group {
    fn of(child: &Child) -> Group {
        let id = child.id().and_then(|id| i32::try_from(id).ok());
        Group(id.and_then(Pid::from_raw))
    }

    fn release(&mut self) {
        self.0 = None;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(group) = self.0 {
            // It may have ended by itself.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

/// Of what a command says: its first line is told, and is short.
const SAID_OCTETS_MAX: usize = 512;
const PIECE_OCTETS: usize = 512;

#[cfg(test)]
mod tests;
