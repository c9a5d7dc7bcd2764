//! `send --file`: a file streamed into the daemon, every row accounted for.
//!
//! ```text
//!  reader thread ── rows ──► push ──► daemon ──► answers ──► report
//!                             └── line numbers in flight ──────┘
//! ```
//!
//! A bad row is reported with its line number and the rest goes on. What happened to rows without an answer when the
//! connection breaks is not known; their keys make it safe to run the same command again.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, BufRead, BufReader, IsTerminal, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, anyhow};
use client::{
    Client, ClientError, LineAnswer, MessageRequest, Problem, UploadAnswers, UploadSender,
};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use tokio::sync::mpsc;

use crate::failure::{FAILED, Failure};
use crate::output::{Output, say};
use crate::rows::{Format, Row, read_rows};

/// Streams the file (`-`: standard input) and reports what became of it.
pub(crate) async fn import(
    client: &Client,
    out: &mut Output,
    file: &Path,
    batch: Option<String>,
    defaults: MessageRequest,
) -> Result<(), Failure> {
    let source = Source::open(file)?;
    let batch = batch.or_else(|| source.batch.clone());
    let (sender, answers) = client.upload().await?.split();
    let bar = progress_bar(&source, out);
    let read = Arc::clone(&source.read);
    let (row_sender, rows) = mpsc::channel(ROWS_AHEAD_MAX);
    std::thread::Builder::new()
        .name("rows".to_owned())
        .spawn(move || read_all(source, &defaults, batch.as_deref(), &row_sender))
        .context("can't start the reader")?;
    let report = RefCell::new(Report {
        out,
        bar,
        read,
        tally: Tally::default(),
    });
    let (in_flight_sender, in_flight) = mpsc::channel(IN_FLIGHT_MAX);
    let (pushed, answered) = tokio::join!(
        push_rows(rows, sender, in_flight_sender, &report),
        take_answers(answers, in_flight, &report)
    );
    report.into_inner().finish(answered.and(pushed))
}

/// The file, and how much of it was read.
struct Source {
    name: String,
    batch: Option<String>,
    reader: Box<dyn Read + Send>,
    length: Option<u64>,
    read: Arc<AtomicU64>,
}

impl Source {
    fn open(file: &Path) -> Result<Source, Failure> {
        let read = Arc::new(AtomicU64::new(0));
        if file == Path::new("-") {
            let reader = Box::new(io::stdin());
            return Ok(Source {
                name: "-".to_owned(),
                batch: None,
                reader,
                length: None,
                read,
            });
        }
        let opened = File::open(file).with_context(|| format!("can't open {}", file.display()))?;
        let name = file
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let meta = opened.metadata().ok().filter(std::fs::Metadata::is_file);
        Ok(Source {
            batch: Some(name.clone()),
            name,
            length: meta.map(|meta| meta.len()),
            reader: Box::new(opened),
            read,
        })
    }
}

/// Counts what is read, for the progress bar.
struct Counted {
    reader: Box<dyn Read + Send>,
    read: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        self.read.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

/// What the reader thread hands over: rows, and an error if the file could not be read to its end.
type Rows = mpsc::Receiver<anyhow::Result<Row>>;

/// Reads the whole source; ends early when nobody takes the rows any more.
fn read_all(
    source: Source,
    defaults: &MessageRequest,
    batch: Option<&str>,
    rows: &mpsc::Sender<anyhow::Result<Row>>,
) {
    let mut reader = BufReader::new(Counted {
        reader: source.reader,
        read: source.read,
    });
    let outcome = beginning(&mut reader)
        .and_then(|()| Ok(Format::of(&source.name, &mut reader)?))
        .and_then(|format| {
            let take = |row| rows.blocking_send(Ok(row)).is_ok();
            read_rows(&mut reader, format, defaults, batch, take)
        });
    if let Err(error) = outcome {
        // Nobody to tell means that the upload has failed already, and that is told.
        let _ = rows.blocking_send(Err(error.context(source.name)));
    }
}

/// Reads a first piece, so that a folder or an unreadable file is told as such.
fn beginning(reader: &mut impl BufRead) -> anyhow::Result<()> {
    reader.fill_buf().context("can't read it")?;
    Ok(())
}

async fn push_rows(
    mut rows: Rows,
    mut sender: UploadSender,
    in_flight: mpsc::Sender<u64>,
    report: &RefCell<Report<'_>>,
) -> Result<(), Failure> {
    while let Some(row) = rows.recv().await {
        let row = row?;
        let request = match row.content {
            Ok(request) => request,
            Err(fault) => {
                report.borrow_mut().bad_row(row.line, &fault)?;
                continue;
            }
        };
        // Nobody takes answers any more: their error says why.
        if in_flight.send(row.line).await.is_err() || sender.push(&request).await.is_err() {
            return Ok(());
        }
    }
    sender.finish();
    Ok(())
}

async fn take_answers(
    mut answers: UploadAnswers,
    mut in_flight: mpsc::Receiver<u64>,
    report: &RefCell<Report<'_>>,
) -> Result<(), Failure> {
    while let Some(answer) = answers.next().await {
        let answer = answer?;
        let Some(line) = in_flight.recv().await else {
            return Err(ClientError::Protocol("more answers than messages".to_owned()).into());
        };
        report.borrow_mut().answer(line, answer)?;
    }
    match in_flight.recv().await {
        None => Ok(()),
        Some(_) => {
            let said = "it ended before every row was answered".to_owned();
            Err(ClientError::Interrupted(said).into())
        }
    }
}

/// What became of the rows.
#[derive(Clone, Copy, Debug, Default, Serialize)]
struct Tally {
    /// Accepted now.
    accepted: u64,
    /// Accepted by an earlier run.
    repeated: u64,
    /// Refused by the daemon.
    refused: u64,
    /// Not understood; never handed over.
    bad: u64,
}

impl Tally {
    fn answered(self) -> u64 {
        self.accepted + self.repeated + self.refused
    }
}

/// Tells people and programs about each row.
struct Report<'a> {
    out: &'a mut Output,
    bar: ProgressBar,
    read: Arc<AtomicU64>,
    tally: Tally,
}

impl Report<'_> {
    fn bad_row(&mut self, line: u64, fault: &str) -> Result<(), Failure> {
        self.tally.bad += 1;
        let problem = Problem {
            kind: "urn:simfleet:problem:malformed".to_owned(),
            title: "Row not understood".to_owned(),
            status: 400,
            detail: fault.to_owned(),
            code: "malformed".to_owned(),
            retry_after_s: None,
        };
        self.fault(line, problem)
    }

    fn answer(&mut self, line: u64, answer: LineAnswer) -> Result<(), Failure> {
        self.bar.set_position(self.read.load(Ordering::Relaxed));
        let accepted = match (answer.accepted, answer.error) {
            (Some(accepted), _) => accepted,
            (None, Some(problem)) => {
                self.tally.refused += 1;
                return self.fault(line, problem);
            }
            (None, None) => {
                let said = "an answer that neither accepts nor refuses".to_owned();
                return Err(ClientError::Protocol(said).into());
            }
        };
        let count = if accepted.repeated {
            &mut self.tally.repeated
        } else {
            &mut self.tally.accepted
        };
        *count += 1;
        if self.out.is_json() {
            self.out.object(&LineAnswer {
                line,
                accepted: Some(accepted),
                error: None,
            })?;
        }
        Ok(())
    }

    fn fault(&mut self, line: u64, problem: Problem) -> Result<(), Failure> {
        if self.out.is_json() {
            return self.out.object(&LineAnswer {
                line,
                accepted: None,
                error: Some(problem),
            });
        }
        self.bar.suspend(|| {
            say(format_args!(
                "line {line}: {} ({})",
                problem.detail, problem.code
            ))
        });
        Ok(())
    }

    fn finish(self, outcome: Result<(), Failure>) -> Result<(), Failure> {
        self.bar.finish_and_clear();
        let Tally {
            accepted,
            repeated,
            refused,
            bad,
        } = self.tally;
        if self.out.is_json() {
            self.out
                .object(&serde_json::json!({ "summary": self.tally }))?;
        } else if self.tally.answered() + bad > 0 || outcome.is_ok() {
            self.out.line(format_args!(
                "{accepted} accepted, {repeated} accepted before, {refused} refused, {bad} not understood"
            ))?;
        }
        if let Err(failure) = outcome {
            self.out.flush()?;
            return Err(explained(failure, self.tally));
        }
        if refused + bad > 0 {
            Err(Failure::Told(FAILED))
        } else {
            Ok(())
        }
    }
}

/// Says how to go on after a break.
fn explained(failure: Failure, tally: Tally) -> Failure {
    if let Failure::Client(error) = &failure
        && error.is_connection()
    {
        say("rows without an answer may or may not be accepted; run the same command again:");
        say("what was accepted is recognised by its key and not sent twice");
    }
    if let Failure::Operation(error) = failure {
        let handed_over = match tally.answered() {
            0 => "",
            _ => "; the rows before it are handed over",
        };
        return Failure::Operation(anyhow!("{error:#}{handed_over}"));
    }
    failure
}

/// A bar over the bytes of a file, a spinner for a pipe, nothing where nobody looks.
fn progress_bar(source: &Source, out: &Output) -> ProgressBar {
    if out.is_json() || !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = match source.length {
        Some(length) => ProgressBar::new(length).with_style(
            ProgressStyle::with_template("{bar:40} {bytes}/{total_bytes} {elapsed} eta {eta}")
                .expect("the template is valid"),
        ),
        None => ProgressBar::new_spinner().with_style(
            ProgressStyle::with_template("{spinner} {bytes} {elapsed}")
                .expect("the template is valid"),
        ),
    };
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

/// How many rows are read ahead of the upload.
const ROWS_AHEAD_MAX: usize = 1_024;

/// How many rows may be handed over and not answered: well above what the pipe and the socket hold (about 200 KiB),
/// so that this never is what slows an upload down.
const IN_FLIGHT_MAX: usize = 16_384;

#[cfg(test)]
mod tests;
