//! What gets into the log while messages pass through, at its most talkative.

use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex};

use gateway::{LineId, UnixMs};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

use super::{Prioritised, subscribe};
use crate::api::tests::Rig;
use crate::send_queue::SendQueue;
use crate::testing::settings;

/// A log in memory.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Kept {
    type Writer = Kept;

    fn make_writer(&self) -> Kept {
        self.clone()
    }
}

#[test]
fn the_journal_gets_the_priority_before_the_line() {
    use tracing::Level;
    for (level, expected) in [
        (Level::ERROR, "<3>{}\n"),
        (Level::WARN, "<4>{}\n"),
        (Level::INFO, "<6>{}\n"),
        (Level::TRACE, "<7>{}\n"),
    ] {
        let kept = Kept::default();
        let mut writer = Prioritised::new(level, kept.clone());
        writer.write_all(b"{}\n").unwrap();
        assert_eq!(kept.0.lock().unwrap().as_slice(), expected.as_bytes());
    }
}

#[tokio::test]
async fn numbers_texts_and_keys_are_never_logged() {
    let kept = Kept::default();
    assert!(subscribe(kept.clone(), false, EnvFilter::new("trace")));
    let (rig, core) = Rig::real(settings()).await;
    let queue = Arc::new(SendQueue::new());
    rig.board.add(
        "logged-line",
        LineId(0),
        Path::new("/dev/null"),
        UnixMs(0),
        queue,
    );
    let message =
        r#"{"to":"+4917099887766","text":"the secret is 86427531","key":"customer-31415"}"#;
    let id = rig.post("/v1/messages", message).await.json()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    rig.post("/v1/messages", &message.replace("86427531", "97531864"))
        .await;
    rig.post("/v1/messages", &message.replace('}', "")).await;
    rig.post("/v1/messages", &message.replace("+49", "49x"))
        .await;
    rig.upload(format!("{message}\n{message}x\n").as_bytes())
        .await;
    rig.get("/v1/messages?to=%2B4917099887766").await;
    rig.get(&format!("/v1/messages/{id}")).await;
    rig.http(&format!("DELETE /v1/messages/{id}"), "", b"")
        .await;
    for action in ["pause", "reset"] {
        rig.post(
            &format!("/v1/lines/logged-line/{action}"),
            r#"{"reason":"ask +4917099887766"}"#,
        )
        .await;
    }
    core.handle.exit().await;
    core.thread.join().unwrap().unwrap();
    let log = String::from_utf8_lossy(&kept.0.lock().unwrap()).into_owned();
    assert!(
        log.contains("operator control") && log.contains("logged-line"),
        "the log was listening"
    );
    for private in [
        "4917099887766",
        "17099887766",
        "the secret is",
        "86427531",
        "97531864",
        "customer-31415",
    ] {
        let line = log.lines().find(|line| line.contains(private));
        assert_eq!(line, None, "{private} is in the log");
    }
}
