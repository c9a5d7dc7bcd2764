//! Starts the parts of the daemon in their order, watches over them, and stops them in the reverse order.
//!
//! ```text
//!  start: store ─► sockets bound ─► core recovers ─► lines ─► webhooks ─► API serves
//!  stop:  gateway drains ─► API ─► lines ─► webhooks ─► core ─► store
//! ```

use std::sync::{Arc, Mutex};
use std::time::Duration;

use gateway::{Input, Settings};
use store::{Checkpointer, Deliveries, History, SqliteStore, StoreError, Sweeper};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_util::sync::CancellationToken;

use crate::api::{self, Api, Bounded, Listeners, SocketFile};
use crate::board::Board;
use crate::config::{Config, ConfigErrors, HUBS_MAX, Pins, Token};
use crate::core::{self, CoreThread};
use crate::hubs::Hubs;
use crate::line_link::LineContext;
use crate::lines::{Lines, SCAN_EVERY};
use crate::metrics::{Metrics, Timed};
use crate::run_error::RunError;
use crate::signals::{Signal, Signals};
use crate::webhooks::{Outbox, Poster, TlsError, WebhookBoard, Webhooks};
use crate::{clock, disk, systemd};

/// The store, opened: who comes so far owns it.
pub(crate) struct Opened {
    pub(crate) store: SqliteStore,
    pub(crate) history: History,
    pub(crate) checkpointer: Arc<Checkpointer>,
    pub(crate) sweeper: Arc<Sweeper>,
    pub(crate) deliveries: Deliveries,
}

/// All parts of a running daemon.
pub(crate) struct Supervisor {
    config: Config,
    signals: Signals,
    core: CoreThread<StoreError>,
    lines: Lines,
    lines_stop: CancellationToken,
    settings: watch::Sender<Arc<Settings>>,
    tokens: watch::Sender<Arc<Vec<Token>>>,
    webhooks: Webhooks,
    sweeper: Arc<Sweeper>,
    pins: watch::Sender<Arc<Pins>>,
    hubs: Hubs,
    servers: Vec<JoinHandle<()>>,
    servers_stop: CancellationToken,
    socket_file: SocketFile,
    disk_is_low: bool,
}

impl Supervisor {
    /// Starts everything. When it returns, the API answers.
    pub(crate) async fn start(config: Config, opened: Opened) -> Result<Supervisor, RunError> {
        let signals = Signals::catch().map_err(RunError::System)?;
        let Listeners {
            socket,
            tcp,
            metrics: metrics_tcp,
            socket_file,
        } = Listeners::bind(&config).await?;
        let metrics = Arc::new(Metrics::new());
        let store = Timed::new(opened.store, &metrics);
        let (hub_orders, orders) = mpsc::channel(HUBS_MAX);
        let core = start_core(&config, store, &metrics, hub_orders).await?;
        let (settings, settings_seen) = watch::channel(Arc::new(config.settings().clone()));
        let (tokens, tokens_seen) = watch::channel(Arc::new(config.api.tokens.clone()));
        let board = Arc::new(Board::default());
        let lines_stop = CancellationToken::new();
        let (pins, pins_seen) = watch::channel(Arc::new(config.pins.clone()));
        let context = LineContext::new(&board, core.lines.clone(), &lines_stop, pins_seen);
        let mut lines = Lines::new(context, config.lines.clone(), config.hubs.clone());
        // Whoever gets an answer finds the lines there, if not ready.
        lines.scan::<modem::Line>().await;
        let outbox = Outbox {
            history: opened.history.clone(),
            deliveries: Arc::new(Mutex::new(opened.deliveries)),
            last_seq: core.last_seq.clone(),
            board: Arc::new(WebhookBoard::default()),
        };
        let webhook_board = Arc::clone(&outbox.board);
        let deliveries = Arc::clone(&outbox.deliveries);
        let mut webhooks = Webhooks::new(outbox);
        webhooks.reload(&config.webhooks, &poster(&config)?).await;
        let servers_stop = CancellationToken::new();
        let hubs = Hubs::start(&config.hubs, orders, &core.handle, &board, &lines_stop);
        let api = Arc::new(Api {
            core: core.handle.clone(),
            history: opened.history,
            checkpointer: opened.checkpointer,
            sweeper: Arc::clone(&opened.sweeper),
            board,
            webhook_board,
            deliveries,
            metrics,
            settings: settings_seen,
            last_seq: core.last_seq.clone(),
            stop: servers_stop.clone(),
            started: clock::wall(),
        });
        let mut servers = vec![serve(socket, api::router(Arc::clone(&api)), &servers_stop)];
        servers.extend(tcp.map(|tcp| {
            let router = api::guarded_router(Arc::clone(&api), tokens_seen);
            serve(tcp, router, &servers_stop)
        }));
        servers.extend(metrics_tcp.map(|tcp| serve(tcp, api::metrics_router(api), &servers_stop)));
        Ok(Supervisor {
            config,
            signals,
            core,
            lines,
            lines_stop,
            settings,
            tokens,
            webhooks,
            sweeper: opened.sweeper,
            pins,
            hubs,
            servers,
            servers_stop,
            socket_file,
            disk_is_low: false,
        })
    }

    /// Watches over the parts until a signal or a failure, and stops them.
    pub(crate) async fn run(mut self) -> Result<(), RunError> {
        self.watch_disk().await;
        let watchdog = tokio::spawn(systemd::feed_watchdog(self.core.handle.clone()));
        tracing::info!(socket = %self.config.api.socket.display(), "ready");
        systemd::ready("accepting messages");
        if self.watch().await == Watched::ToldToStop {
            self.drain().await;
        }
        let ended = self.stop().await;
        watchdog.abort();
        ended
    }

    async fn watch(&mut self) -> Watched {
        let mut scan = every(SCAN_EVERY);
        let mut disk = every(DISK_EVERY);
        loop {
            tokio::select! {
                _ = &mut self.core.ended => return Watched::CoreEnded,
                signal = self.signals.next() => match signal {
                    Signal::Stop => return Watched::ToldToStop,
                    Signal::Reload => self.reload().await,
                },
                _ = scan.tick() => {
                    self.lines.scan::<modem::Line>().await;
                    self.sweeper.taken(self.webhooks.taken());
                }
                _ = disk.tick() => self.watch_disk().await,
            }
        }
    }

    /// Tells the gateway when the disk gets too full to accept messages, and when there is room again.
    async fn watch_disk(&mut self) {
        let Some(free_mib) = disk::free_mib(&self.config.state_dir) else {
            return;
        };
        let is_low = free_mib < self.config.min_free_disk_mib;
        if is_low == self.disk_is_low {
            return;
        }
        self.disk_is_low = is_low;
        if is_low {
            tracing::error!(
                free_mib,
                "the disk of the store is full: no message is accepted until there is room"
            );
        } else {
            tracing::info!(free_mib, "the disk of the store has room again");
        }
        self.tell(Input::DiskLow(is_low)).await;
    }

    /// Takes over the configuration file as it is now, whole or not at all.
    async fn reload(&mut self) {
        systemd::reloading();
        match self.load_new() {
            Ok((new, poster)) => {
                self.tell(Input::Reload(Box::new(new.settings().clone())))
                    .await;
                self.settings.send_replace(Arc::new(new.settings().clone()));
                self.tokens.send_replace(Arc::new(new.api.tokens.clone()));
                self.pins.send_replace(Arc::new(new.pins.clone()));
                self.hubs.reload(&new.hubs);
                let (lines, hubs) = (new.lines.clone(), new.hubs.clone());
                self.lines.reload::<modem::Line>(lines, hubs).await;
                self.webhooks.reload(&new.webhooks, &poster).await;
                self.sweeper.taken(self.webhooks.taken());
                self.sweeper.reload(new.retention.clone());
                self.config = new;
                tracing::info!("the new configuration holds");
                systemd::ready("accepting messages");
            }
            Err(errors) => {
                for fault in errors.faults() {
                    let (file, line) = (errors.origin().display(), fault.line);
                    tracing::error!(%file, line, %fault, "the new configuration is refused as a whole; the old one holds");
                }
                systemd::ready("accepting messages; the last reload was refused");
            }
        }
    }

    fn load_new(&self) -> Result<(Config, Poster), ConfigErrors> {
        let new = Config::load(&self.config.origin)?;
        self.config.reload_to(&new)?;
        let poster = poster(&new).map_err(|error| new.refused("webhooks", &error))?;
        Ok((new, poster))
    }

    /// Lets what is on the air finish; gives up after a while, at a second signal, or if the core ends.
    async fn drain(&mut self) {
        tracing::info!(
            "stopping: nothing new is accepted or started; what is on the air may finish"
        );
        systemd::stopping("waiting for what is on the air");
        self.tell(Input::Stop).await;
        let drained = self.core.drained.wait_for(|drained| *drained);
        tokio::select! {
            drained = timeout(DRAIN_WAIT_MAX, drained) => {
                if drained.is_err() {
                    tracing::warn!("some parts have no answer yet: their outcome is unknown");
                }
            }
            () = self.signals.stop() => {
                tracing::warn!("stopping at once: the outcome of what is on the air is unknown");
            }
            _ = &mut self.core.ended => {}
        }
    }

    /// Stops all parts. The error, if any, is what the core ended with.
    async fn stop(self) -> Result<(), RunError> {
        self.servers_stop.cancel();
        for server in self.servers {
            // Callers who do not read their answers are not waited for.
            if timeout(SERVER_WAIT_MAX, server).await.is_err() {
                tracing::debug!("a connection was cut");
            }
        }
        self.lines_stop.cancel();
        self.lines.join().await;
        self.hubs.join().await;
        self.webhooks.stop().await;
        self.core.handle.exit().await;
        let thread = self.core.thread;
        let ended = tokio::task::spawn_blocking(move || thread.join()).await;
        drop(self.socket_file);
        match ended {
            Ok(Ok(Ok(()))) => {
                tracing::info!("stopped");
                Ok(())
            }
            Ok(Ok(Err(error))) => {
                tracing::error!(%error, "the store failed; stopping");
                Err(error.into())
            }
            Ok(Err(_)) | Err(_) => Err(RunError::CorePanicked),
        }
    }

    async fn tell(&self, input: Input) {
        // A core that has ended is noticed by `watch`.
        let _ = self.core.handle.tell(input).await;
    }
}

/// Why watching ended.
#[derive(Debug, PartialEq, Eq)]
enum Watched {
    ToldToStop,
    CoreEnded,
}

/// What webhooks are posted with.
fn poster(config: &Config) -> Result<Poster, TlsError> {
    Poster::new(config.webhooks.iter().any(|webhook| webhook.url.is_https()))
}

/// Starts the core and waits until it has recovered what the store holds.
async fn start_core(
    config: &Config,
    store: Timed<SqliteStore>,
    metrics: &Arc<Metrics>,
    hub_orders: mpsc::Sender<Box<str>>,
) -> Result<CoreThread<StoreError>, RunError> {
    let (ready, recovered) = oneshot::channel();
    let settings = config.settings().clone();
    let core = core::start(settings, store, Arc::clone(metrics), ready, hub_orders);
    let core = core.map_err(RunError::System)?;
    if recovered.await.is_ok() {
        return Ok(core);
    }
    // The thread has ended, or is about to.
    match core.thread.join() {
        Ok(Err(error)) => Err(error.into()),
        Ok(Ok(())) | Err(_) => Err(RunError::CorePanicked),
    }
}

fn serve<L>(listener: L, router: axum::Router, stop: &CancellationToken) -> JoinHandle<()>
where
    L: axum::serve::Listener,
    L::Addr: std::fmt::Debug,
{
    let stop = stop.clone().cancelled_owned();
    tokio::spawn(async move {
        let server = axum::serve(Bounded::new(listener), router).with_graceful_shutdown(stop);
        if let Err(error) = server.await {
            tracing::error!(%error, "a listener failed");
        }
    })
}

fn every(period: Duration) -> tokio::time::Interval {
    let mut ticks = interval(period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // The first tick comes at once; what it would do has been done.
    ticks.reset();
    ticks
}

/// How often the free space is looked at: a full queue of 64 MiB takes longer to write.
const DISK_EVERY: Duration = Duration::from_secs(1);

/// How long what is on the air may take: more than the line's hard time-out after Ctrl-Z, 125 s.
const DRAIN_WAIT_MAX: Duration = Duration::from_secs(150);

/// How long open connections may take to end.
const SERVER_WAIT_MAX: Duration = Duration::from_secs(3);
