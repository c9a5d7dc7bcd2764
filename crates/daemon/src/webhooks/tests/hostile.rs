//! Servers as they should not be: what one POST makes of them, and what is kept for one that never comes back.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use gateway::{Class, Gateway, Input, MessageId, RawRequest, ReplyTo, Turn, admit};
use store::{Deliveries, History, SqliteStore};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use uuid::Uuid;

use super::super::policy::Answer;
use super::super::post::{Poster, Signed};
use super::super::{Outbox, Secret, WebhookBoard, Webhooks};
use crate::config::{WebhookConfig, WebhookUrl};
use crate::{clock, testing};

/// What a server does with a connection once it has read a request.
#[derive(Clone, Copy)]
enum Server {
    /// Says this and closes.
    Says(&'static str),
    /// Says this and then nothing more, for ever.
    SaysAndHangs(&'static str),
    /// Says this and then the same octets for ever.
    SaysAndFloods(&'static str),
}

/// Starts a server; gives its URL and how many requests it has read.
async fn serve(server: Server) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let requests = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&requests);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(answer(server, stream, Arc::clone(&count)));
        }
    });
    (url, requests)
}

async fn answer(server: Server, mut stream: TcpStream, count: Arc<AtomicUsize>) {
    let mut octets = [0; 4096];
    if stream.read(&mut octets).await.unwrap_or(0) == 0 {
        return;
    }
    count.fetch_add(1, Ordering::Relaxed);
    let (Server::Says(head) | Server::SaysAndHangs(head) | Server::SaysAndFloods(head)) = server;
    let _ = stream.write_all(head.as_bytes()).await;
    match server {
        Server::Says(_) => {}
        Server::SaysAndHangs(_) => std::future::pending().await,
        Server::SaysAndFloods(_) => while stream.write_all(&[b'x'; 4096]).await.is_ok() {},
    }
}

async fn post_to(url: &str) -> Answer {
    let signed = Signed {
        id: "shop.1-1".to_owned(),
        timestamp_s: 1,
        signature: "v1,none".to_owned(),
        body: "{}".into(),
    };
    let poster = Poster::new(false).unwrap();
    poster.post(&url.parse().unwrap(), &signed, WAIT).await
}

#[tokio::test]
async fn what_a_post_makes_of_a_server() {
    const OK: &str = "HTTP/1.1 200 OK\r\n";
    let broken = Err("the exchange broke off");
    for (what, server, expected) in [
        (
            "a good one",
            Server::Says("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"),
            Ok(200),
        ),
        (
            "a redirect, perhaps to somebody else",
            Server::Says(
                "HTTP/1.1 307 Go\r\nlocation: http://127.0.0.1:9/\r\ncontent-length: 0\r\n\r\n",
            ),
            Err("redirects are not followed"),
        ),
        (
            "it breaks down",
            Server::Says("HTTP/1.1 500 Oops\r\ncontent-length: 0\r\n\r\n"),
            Err("answered 500"),
        ),
        ("it closes without a word", Server::Says(""), broken),
        ("it closes within its head", Server::Says(OK), broken),
        (
            "it closes within its body",
            Server::Says("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf"),
            Ok(200),
        ),
        (
            "it speaks something else",
            Server::Says("220 mail.example ESMTP\r\n"),
            broken,
        ),
        (
            "it never answers",
            Server::SaysAndHangs(""),
            Err("no answer within"),
        ),
        (
            "it hangs within its head",
            Server::SaysAndHangs(OK),
            Err("no answer within"),
        ),
        (
            "it took the events and hangs within its body",
            Server::SaysAndHangs("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf"),
            Ok(200),
        ),
        (
            "it took the events and its body never ends",
            Server::SaysAndFloods("HTTP/1.1 200 OK\r\n\r\n"),
            Ok(200),
        ),
        (
            "its head never ends",
            Server::SaysAndFloods("HTTP/1.1 200 OK\r\nx: "),
            broken,
        ),
    ] {
        let (url, requests) = serve(server).await;
        let answer = post_to(&url).await;
        match (&answer, expected) {
            (Answer::Taken, Ok(_)) => {}
            (Answer::Failed { why, .. }, Err(said)) if why.contains(said) => {}
            (Answer::Taken | Answer::Refused(_) | Answer::Failed { .. }, Ok(_) | Err(_)) => {
                panic!("{what}: {answer:?}, and not {expected:?}")
            }
        }
        assert_eq!(requests.load(Ordering::Relaxed), 1, "{what}: one POST");
    }
}

/// A store with so many events in it, and what deliveries share.
fn outbox(dir: &std::path::Path, events: u64) -> (Outbox, watch::Sender<u64>) {
    let mut store = SqliteStore::open(dir).unwrap();
    let settings = testing::settings();
    let mut gateway = Gateway::new(settings.clone());
    let accept = |number| {
        let raw = RawRequest {
            to: "+4915112345678",
            text: "hi",
            class: Some(Class::Bulk),
            ..RawRequest::default()
        };
        let id = MessageId(Uuid::from_u64_pair(1, number));
        Input::Accept {
            reply: ReplyTo(number),
            request: Box::new(admit(&settings, id, &raw).unwrap()),
        }
    };
    let mut inputs = (0..events).map(accept).collect();
    let mut out = Turn::default();
    gateway
        .turn(clock::now(), &mut inputs, &mut store, &mut out)
        .unwrap();
    let last = out.entries.last().unwrap().seq;
    let (sender, last_seq) = watch::channel(last);
    let mut deliveries = Deliveries::open(dir).unwrap();
    // It was there before all of them.
    deliveries.advance("shop", 0, &[]).unwrap();
    let outbox = Outbox {
        history: History::open(dir).unwrap(),
        deliveries: Arc::new(Mutex::new(deliveries)),
        last_seq,
        board: Arc::new(WebhookBoard::default()),
    };
    (outbox, sender)
}

#[tokio::test]
async fn once_it_has_failed_all_that_is_too_old_is_given_up_without_another_post() {
    let dir = tempfile::tempdir().unwrap();
    let (outbox, _last) = outbox(dir.path(), 200);
    let (url, requests) = serve(Server::SaysAndHangs("")).await;
    let config = WebhookConfig {
        name: "shop".into(),
        url: WebhookUrl::parse(&url).unwrap(),
        events: Vec::new(),
        batch_max: 5,
        timeout: WAIT,
        // Everything is too old at once.
        retry_for: Duration::ZERO,
        secret: Secret::parse("correct horse battery staple").unwrap(),
    };
    let board = Arc::clone(&outbox.board);
    let deliveries = Arc::clone(&outbox.deliveries);
    let mut webhooks = Webhooks::new(outbox);
    webhooks
        .reload(&[config], &Poster::new(false).unwrap())
        .await;
    while board.status("shop").is_none_or(|status| status.dead < 200) {
        tokio::task::yield_now().await;
    }
    webhooks.stop().await;
    assert_eq!(requests.load(Ordering::Relaxed), 1);
    let kept = deliveries.lock().unwrap().dead("shop", 0, 1_000).unwrap();
    assert_eq!(kept.len(), 200);
    assert!(
        kept.iter()
            .all(|letter| letter.reason.contains("no answer"))
    );
}

const WAIT: Duration = Duration::from_millis(300);
