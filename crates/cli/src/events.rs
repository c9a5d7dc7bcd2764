//! `events`, and following one message to its end: the event stream, taken up again where it broke off.

use std::time::Duration;

use client::{Client, ClientError, EventStream, EventView};

use crate::args::EventsArguments;
use crate::failure::Failure;
use crate::output::{Output, exact_time, near_time, say};
use crate::paint::tint_of;

/// Prints what becomes of the messages.
pub(crate) async fn events(
    client: &Client,
    out: &mut Output,
    arguments: EventsArguments,
) -> Result<(), Failure> {
    let after = match (arguments.after, arguments.follow) {
        (Some(after), _) => after,
        (None, true) => client.status().await?.last_event,
        (None, false) => 0,
    };
    if arguments.follow {
        let mut follower = Follower::new(client.clone(), after);
        loop {
            let event = follower.next().await?;
            print(out, &event)?;
            out.flush()?;
        }
    }
    let mut events = client.events(after, false).await?;
    while let Some(event) = events.next().await {
        print(out, &event?)?;
    }
    Ok(())
}

/// Waits until this message has ended, looking at events after `after`.
pub(crate) async fn wait_for_end(client: &Client, id: &str, after: u64) -> Result<(), Failure> {
    let mut follower = Follower::new(client.clone(), after);
    loop {
        let event = follower.next().await?;
        if event.id == id && event.kind == "ended" {
            return Ok(());
        }
    }
}

/// The event stream without an end: when the daemon goes away after it was there, it waits for it to come back and
/// takes up where it was. Nothing is missed and nothing comes twice.
struct Follower {
    client: Client,
    after: u64,
    stream: Option<EventStream>,
    connected_once: bool,
}

impl Follower {
    fn new(client: Client, after: u64) -> Follower {
        Follower {
            client,
            after,
            stream: None,
            connected_once: false,
        }
    }

    /// The next event.
    ///
    /// # Errors
    /// If the daemon can't be reached the first time, or refuses.
    async fn next(&mut self) -> Result<EventView, ClientError> {
        loop {
            match self.step().await {
                Ok(Some(event)) => {
                    self.after = event.seq;
                    return Ok(event);
                }
                Err(error) if !error.is_connection() || !self.connected_once => return Err(error),
                Ok(None) | Err(_) => {
                    if self.stream.take().is_some() {
                        say("the daemon went away; waiting for it to come back");
                    }
                    tokio::time::sleep(RECONNECT_PAUSE).await;
                }
            }
        }
    }

    async fn step(&mut self) -> Result<Option<EventView>, ClientError> {
        let stream = match &mut self.stream {
            Some(stream) => stream,
            None => {
                let stream = self.client.events(self.after, true).await?;
                self.connected_once = true;
                self.stream.insert(stream)
            }
        };
        stream.next().await.transpose()
    }
}

fn print(out: &mut Output, event: &EventView) -> Result<(), Failure> {
    if out.is_json() {
        return out.object(event);
    }
    let state = out.paint(&format!("{:<11}", event.state), tint_of(&event.state));
    let line = format!(
        "{:>8}  {}  {}  {:<9} {state} {}",
        event.seq,
        exact_time(&event.at),
        event.id,
        event.kind,
        details(event)
    );
    out.line(line.trim_end())
}

fn details(event: &EventView) -> String {
    let mut words = Vec::new();
    words.extend(budget(event));
    words.extend(event.part.map(|part| format!("part {part}")));
    words.extend(event.line.as_ref().map(|line| format!("on {line}")));
    words.extend(event.sim.as_ref().map(|sim| format!("SIM {sim}")));
    words.extend(event.outcome.clone());
    words.extend(event.mr.map(|mr| format!("TP-MR {mr}")));
    words.extend(event.status.map(|status| format!("TP-ST 0x{status:02X}")));
    words.extend(event.cause.as_ref().map(|cause| format!("({cause})")));
    words.join(", ")
}

/// How far a budget is used: `per_month at 80 %: 8000 of 10000`.
fn budget(event: &EventView) -> Option<String> {
    let (budget, percent) = (event.budget.as_ref()?, event.percent?);
    let (used, limit) = (event.used?, event.limit?);
    let until = event.resets_at.as_ref();
    let until = until.map_or_else(String::new, |at| format!(" until {}", near_time(at)));
    Some(format!("{budget} at {percent} %: {used} of {limit}{until}"))
}

/// Between two attempts to reach a daemon that went away: a restart takes about this long.
const RECONNECT_PAUSE: Duration = Duration::from_secs(1);
