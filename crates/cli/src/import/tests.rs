//! A file handed to a small daemon: every row is accounted for, whatever happens.

use std::path::{Path, PathBuf};

use client::{Client, MessageRequest};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixListener;

use super::import;
use crate::failure::Failure;
use crate::output::Output;
use crate::output::tests::Paper;
use crate::paint::Colours;

/// Takes one upload: answers each line by its text (`bad` is refused, `again` was accepted before) and breaks the
/// connection at `break`.
async fn serve(socket: PathBuf) {
    let (mut stream, _) = UnixListener::bind(socket).unwrap().accept().await.unwrap();
    let mut seen = Vec::new();
    let mut answered = 0;
    let mut buffer = [0; 16 * 1024];
    stream
        .write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        .await
        .unwrap();
    loop {
        let read = stream.read(&mut buffer).await.unwrap();
        seen.extend_from_slice(&buffer[..read]);
        let text = String::from_utf8_lossy(&seen).into_owned();
        // Chunk sizes stand between the lines; a small upload is never cut within one.
        let messages: Vec<&str> = text.lines().filter(|line| line.starts_with('{')).collect();
        for message in messages.iter().skip(answered) {
            answered += 1;
            if message.contains("\"break\"") {
                return;
            }
            let answer = answer(answered, message);
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
        if text.ends_with("0\r\n\r\n") || read == 0 {
            return;
        }
    }
}

fn answer(line: usize, message: &str) -> String {
    if message.contains("\"bad\"") {
        return format!(
            "{{\"line\":{line},\"error\":{{\"type\":\"u\",\"title\":\"t\",\"status\":422,\"detail\":\"no\",\"code\":\"unencodable\"}}}}\n"
        );
    }
    let repeated = message.contains("\"again\"");
    format!(
        "{{\"line\":{line},\"id\":\"i{line}\",\"state\":\"queued\",\"parts\":1,\"encoding\":\"gsm7\",\"repeated\":{repeated}}}\n"
    )
}

/// Imports `file` and returns how it ended and what was written.
async fn run(name: &str, file: &str, json: bool) -> (Result<(), Failure>, String) {
    let dir = tempfile::tempdir().unwrap();
    let (path, socket) = (dir.path().join(name), dir.path().join("s"));
    std::fs::write(&path, file).unwrap();
    let paper = Paper::default();
    let mut out = Output::to(Box::new(paper.clone()), json, false, Colours::Off);
    let client = Client::new(&socket);
    let importing = async {
        while !socket.exists() {
            tokio::task::yield_now().await;
        }
        import(&client, &mut out, &path, None, MessageRequest::default()).await
    };
    let (done, ()) = tokio::join!(importing, serve(socket.clone()));
    out.flush().unwrap();
    (done, paper.text())
}

#[tokio::test]
async fn a_good_file_is_handed_over_whole() {
    let (done, written) = run("a.csv", "to,text\n+491,a\n+492,again\n+493,c\n", false).await;
    done.unwrap();
    assert_eq!(
        written,
        "2 accepted, 1 accepted before, 0 refused, 0 not understood\n"
    );
}

#[tokio::test]
async fn bad_rows_are_told_by_their_line_and_the_rest_goes_on() {
    let file = "to,text\n+491,a\n+492\n+493,bad\n+494,d\n";
    let (done, written) = run("a.csv", file, true).await;
    assert_eq!(done.unwrap_err().exit_code(), 1);
    let mut lines: Vec<serde_json::Value> = written
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let summary = lines.pop().unwrap();
    assert_eq!(
        summary,
        serde_json::json!({"summary": {"accepted": 2, "repeated": 0, "refused": 1, "bad": 1}})
    );
    // Faults found here and answers from there may come in either order.
    lines.sort_by_key(|line| line["line"].as_u64());
    let told: Vec<_> = lines
        .iter()
        .map(|line| {
            (
                line["line"].as_u64().unwrap(),
                line["error"]["code"].as_str(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (2, None),
            (3, Some("malformed")),
            (4, Some("unencodable")),
            (5, None)
        ]
    );
}

#[tokio::test]
async fn a_broken_connection_leaves_nothing_unsaid() {
    let file = "{\"to\":\"+491\",\"text\":\"a\"}\n{\"to\":\"+492\",\"text\":\"break\"}\n{\"to\":\"+493\",\"text\":\"c\"}\n";
    let (done, written) = run("a.ndjson", file, false).await;
    assert_eq!(done.unwrap_err().exit_code(), 4);
    assert_eq!(
        written,
        "1 accepted, 0 accepted before, 0 refused, 0 not understood\n"
    );
}

#[tokio::test]
async fn a_file_that_makes_no_sense_fails_as_a_whole() {
    let (done, written) = run("a.csv", "number,message\n+491,a\n", false).await;
    let failure = done.unwrap_err();
    assert_eq!(failure.exit_code(), 1);
    let text = failure.text(false).unwrap();
    assert!(text.contains("unknown column \"number\""), "{text}");
    assert_eq!(written, "", "nothing was handed over");
}

#[tokio::test]
async fn a_missing_file_is_told_before_anything_is_sent() {
    let mut out = Output::to(Box::new(Paper::default()), false, false, Colours::Off);
    let client = Client::new("/nowhere");
    let done = import(
        &client,
        &mut out,
        Path::new("/nowhere.csv"),
        None,
        MessageRequest::default(),
    )
    .await;
    assert_eq!(done.unwrap_err().exit_code(), 1);
}
