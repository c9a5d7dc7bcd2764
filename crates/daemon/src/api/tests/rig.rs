//! A served API: socket, store, and a core of either kind.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use gateway::{Settings, Snapshot};
use store::{Checkpointer, Deliveries, History, Retention, SqliteStore, StoreError, Sweeper};
use tokio::net::UnixListener;
use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;

use crate::api::fleet::OPENAPI;
use crate::api::tests::described::{Description, Exchange};
use crate::api::{Api, router};
use crate::board::Board;
use crate::clock;
use crate::core::{self, Ask, Call, CoreHandle, CoreThread, Said};
use crate::metrics::Metrics;
use crate::testing::{Wire, http, settings};

pub(crate) struct Rig {
    pub(crate) api: Arc<Api>,
    pub(crate) board: Arc<Board>,
    folder: tempfile::TempDir,
}

impl Rig {
    /// An API whose core answers each call with what `answer` says.
    pub(crate) fn scripted(
        answer: impl Fn(&Call) -> Said + Send + 'static,
        snapshot: Snapshot,
    ) -> Rig {
        let (sender, mut asks) = mpsc::channel(16);
        tokio::spawn(async move {
            while let Some(ask) = asks.recv().await {
                match ask {
                    Ask::Calls { calls, answers } => {
                        // A caller of a test may be gone before its answer.
                        let _ = answers.send(calls.iter().map(&answer).collect());
                    }
                    Ask::Snapshot(to) => {
                        let _ = to.send(snapshot.clone());
                    }
                    Ask::Route(..) | Ask::Tell(_) | Ask::Exit => {}
                }
            }
        });
        let folder = tempfile::tempdir().unwrap();
        let sweeper = sweeper(&SqliteStore::open(folder.path()).unwrap());
        let (_, last_seq) = watch::channel(0);
        Rig::serve(
            folder,
            settings(),
            CoreHandle::new(sender),
            last_seq,
            sweeper,
        )
    }

    /// An API on a real core and a real store.
    pub(crate) async fn real(settings: Settings) -> (Rig, CoreThread<StoreError>) {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(folder.path()).unwrap();
        let sweeper = sweeper(&store);
        let ((ready, recovered), (nobody, _)) = (oneshot::channel(), mpsc::channel(1));
        let core = core::start(
            settings.clone(),
            store,
            Arc::new(Metrics::new()),
            ready,
            nobody,
        )
        .unwrap();
        recovered.await.unwrap();
        let (handle, last_seq) = (core.handle.clone(), core.last_seq.clone());
        let rig = Rig::serve(folder, settings, handle, last_seq, sweeper);
        (rig, core)
    }

    fn serve(
        folder: tempfile::TempDir,
        settings: Settings,
        core: CoreHandle,
        last_seq: watch::Receiver<u64>,
        sweeper: Sweeper,
    ) -> Rig {
        let (_, settings) = watch::channel(Arc::new(settings));
        let board = Arc::new(Board::default());
        let api = Arc::new(Api {
            core,
            history: History::open(folder.path()).unwrap(),
            checkpointer: Arc::new(Checkpointer::start(folder.path()).unwrap()),
            sweeper: Arc::new(sweeper),
            board: Arc::clone(&board),
            webhook_board: Arc::default(),
            deliveries: Arc::new(Mutex::new(Deliveries::open(folder.path()).unwrap())),
            metrics: Arc::new(Metrics::new()),
            settings,
            last_seq,
            stop: CancellationToken::new(),
            started: clock::wall(),
        });
        let rig = Rig {
            api: Arc::clone(&api),
            board,
            folder,
        };
        let listener = UnixListener::bind(rig.socket()).unwrap();
        tokio::spawn(axum::serve(listener, router(api)).into_future());
        rig
    }

    pub(crate) fn socket(&self) -> PathBuf {
        self.folder.path().join("api.sock")
    }

    /// One request as it is on the wire. Its answer has to be as described for programs.
    pub(crate) async fn http(&self, request: &str, head: &str, body: &[u8]) -> Wire {
        let (socket, asked) = (self.socket(), request.to_owned());
        let (head, body) = (head.to_owned(), body.to_vec());
        let answer = tokio::task::spawn_blocking(move || http(&socket, &asked, &head, &body));
        let answer = answer.await.unwrap();
        check_described(request, &answer);
        answer
    }

    pub(crate) async fn get(&self, path: &str) -> Wire {
        self.http(&format!("GET {path}"), "", b"").await
    }

    pub(crate) async fn post(&self, path: &str, body: &str) -> Wire {
        self.http(&format!("POST {path}"), "", body.as_bytes())
            .await
    }

    pub(crate) async fn upload(&self, lines: &[u8]) -> Wire {
        let head = "Content-Type: application/x-ndjson\r\n";
        self.http("POST /v1/messages", head, lines).await
    }
}

fn check_described(request: &str, answer: &Wire) {
    let (method, target) = request.split_once(' ').unwrap();
    let exchange = Exchange {
        method,
        target,
        status: answer.status,
        media_type: answer.header("content-type").unwrap_or_default(),
        body: &answer.body,
    };
    let checked = Description::read(OPENAPI).check(exchange);
    checked.unwrap_or_else(|what| panic!("{what}"));
}

/// One that keeps everything.
fn sweeper(store: &SqliteStore) -> Sweeper {
    Sweeper::start(store, Retention::default(), clock::wall).unwrap()
}
