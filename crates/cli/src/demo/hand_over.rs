//! Handing messages to the daemon as apps do, and noting when it said yes.

use std::time::{Duration, Instant};

use anyhow::{Context, anyhow};
use client::{Client, MessageRequest};
use tokio::time::MissedTickBehavior;

/// A message that the API accepted.
#[derive(Clone, Debug)]
pub(crate) struct Handed {
    pub(crate) to: String,
    pub(crate) text: String,
    pub(crate) class: String,
    pub(crate) key: Option<String>,
    /// When it was handed over, since the simulator started; for an upload, when the upload began.
    pub(crate) asked_at: Duration,
    /// When the answer was here.
    pub(crate) accepted_at: Duration,
}

/// What came of handing messages over.
#[derive(Debug, Default)]
pub(crate) struct HandOver {
    /// Accepted, in the order of their answers.
    pub(crate) accepted: Vec<Handed>,
    /// Codes of those refused.
    pub(crate) refused: Vec<String>,
    /// How long each single accept took, from the request to the answer.
    pub(crate) accept_times: Vec<Duration>,
}

impl HandOver {
    pub(crate) fn append(&mut self, mut other: HandOver) {
        self.accepted.append(&mut other.accepted);
        self.refused.append(&mut other.refused);
        self.accept_times.append(&mut other.accept_times);
    }

    fn accept(&mut self, message: &MessageRequest, asked_at: Duration, accepted_at: Duration) {
        self.accepted.push(Handed {
            to: message.to.clone(),
            text: message.text.clone(),
            class: message.class.clone().unwrap_or_default(),
            key: message.key.clone(),
            asked_at,
            accepted_at,
        });
    }
}

/// All of them through one stream.
pub(crate) async fn upload(
    client: &Client,
    messages: &[MessageRequest],
    clock: impl Fn() -> Duration,
) -> anyhow::Result<HandOver> {
    let begun = clock();
    let (mut sender, mut answers) = client.upload().await.context("can't upload")?.split();
    let pushing = async move {
        for message in messages {
            if sender.push(message).await.is_err() {
                break; // the answers say why
            }
        }
        sender.finish();
    };
    let reading = async {
        let mut handed = HandOver::default();
        for message in messages {
            let answer = answers
                .next()
                .await
                .ok_or_else(|| anyhow!("the upload ended early"))??;
            match answer.error {
                Some(problem) => handed.refused.push(problem.code),
                None => handed.accept(message, begun, clock()),
            }
        }
        anyhow::Ok(handed)
    };
    let ((), handed) = tokio::join!(pushing, reading);
    handed.context("the upload failed")
}

/// One by one, one every `interval`; a slow answer delays the next.
pub(crate) async fn trickle(
    client: &Client,
    messages: &[MessageRequest],
    interval: Duration,
    clock: impl Fn() -> Duration,
) -> anyhow::Result<HandOver> {
    let mut handed = HandOver::default();
    let mut ticks = tokio::time::interval(interval.max(Duration::from_millis(1)));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for message in messages {
        ticks.tick().await;
        send_one(client, message, &mut handed, &clock).await?;
    }
    Ok(handed)
}

/// One by one, each as soon as the one before is answered.
pub(crate) async fn one_at_a_time(
    client: &Client,
    messages: &[MessageRequest],
    clock: impl Fn() -> Duration,
) -> anyhow::Result<HandOver> {
    let mut handed = HandOver::default();
    for message in messages {
        send_one(client, message, &mut handed, &clock).await?;
    }
    Ok(handed)
}

async fn send_one(
    client: &Client,
    message: &MessageRequest,
    handed: &mut HandOver,
    clock: impl Fn() -> Duration,
) -> anyhow::Result<()> {
    let (asked, asked_at) = (Instant::now(), clock());
    match client.send(message).await {
        Ok(_) => {
            handed.accept_times.push(asked.elapsed());
            handed.accept(message, asked_at, clock());
            Ok(())
        }
        Err(error) => match error.code() {
            Some(code) => {
                handed.refused.push(code.to_owned());
                Ok(())
            }
            None => Err(error).context("a message could not be handed over"),
        },
    }
}
