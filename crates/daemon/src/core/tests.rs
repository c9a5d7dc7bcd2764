//! The core thread with a real gateway and a store in memory.

use std::sync::Arc;
use std::time::Duration;

use gateway::{Answer, Input, LineId, MessageId, RawRequest, Refusal, Request};
use modem::{Event, Iccid, ModemIdentity, Outcome, OwnNumber, Session, SimIdentity};
use tokio::sync::oneshot;
use tokio::time::timeout;
use uuid::Uuid;

use super::{CALLS_MAX, Call, CoreThread, start};
use crate::line_link::FromLine;
use crate::metrics::Metrics;
use crate::send_queue::{Queued, SendQueue};
use crate::testing::{MemoryStore, ToldToFail, Verdict, settings};

async fn core(store: MemoryStore) -> CoreThread<ToldToFail> {
    let ((ready, recovered), (nobody, _)) = (oneshot::channel(), tokio::sync::mpsc::channel(1));
    let core = start(settings(), store, Arc::new(Metrics::new()), ready, nobody).unwrap();
    recovered.await.unwrap();
    core
}

fn request(to: &str) -> Box<Request> {
    let raw = RawRequest {
        to,
        text: "hello",
        ..RawRequest::default()
    };
    Box::new(gateway::admit(&settings(), MessageId(Uuid::now_v7()), &raw).unwrap())
}

fn accept() -> Call {
    Call::Accept(request("+4915112345678"))
}

/// A line that is ready to send, and its queue.
async fn ready_line(core: &CoreThread<ToldToFail>, line: LineId) -> Arc<SendQueue> {
    let queue = Arc::new(SendQueue::new());
    let name = format!("line{}", line.0).into();
    let added = FromLine::Added {
        line,
        name,
        queue: Arc::clone(&queue),
    };
    core.lines.send(added).await.unwrap();
    let iccid = Iccid(format!("894902000000000{:04}", line.0).into());
    let sim = SimIdentity {
        iccid,
        imsi: String::new(),
        number: OwnNumber::default(),
    };
    let event = Event::Ready {
        session: Session(1),
        sim,
        modem: ModemIdentity::default(),
    };
    core.lines
        .send(FromLine::Event { line, event })
        .await
        .unwrap();
    queue
}

async fn next(queue: &SendQueue) -> Queued {
    loop {
        if let Some(queued) = queue.pop() {
            return queued;
        }
        timeout(PATIENCE, queue.rung())
            .await
            .expect("a submission comes");
    }
}

async fn exit(core: CoreThread<ToldToFail>) -> Result<(), ToldToFail> {
    core.handle.exit().await;
    core.thread.join().unwrap()
}

#[tokio::test]
async fn a_message_is_answered_and_given_to_a_line() {
    let core = core(MemoryStore::open()).await;
    let queue = ready_line(&core, LineId(0)).await;
    let answer = core.handle.call(accept()).await.unwrap();
    assert!(
        matches!(answer, Ok(Answer::Accepted { parts: 1, .. })),
        "{answer:?}"
    );
    let queued = next(&queue).await;
    let ticket = queued.submission.ticket;
    let event = Event::Finished {
        ticket,
        outcome: Outcome::Sent { mr: 7 },
        course: modem::Course::default(),
    };
    core.lines
        .send(FromLine::Event {
            line: LineId(0),
            event,
        })
        .await
        .unwrap();
    let mut last_seq = core.last_seq.clone();
    loop {
        let snapshot = core.handle.snapshot().await.unwrap();
        if snapshot.sent == 1 {
            assert_eq!(snapshot.in_flight, 0);
            break;
        }
        timeout(PATIENCE, last_seq.changed())
            .await
            .unwrap()
            .unwrap();
    }
    exit(core).await.unwrap();
}

#[tokio::test]
async fn nothing_leaves_before_its_commit() {
    let (store, gate) = MemoryStore::gated();
    let core = core(store).await;
    let queue = ready_line(&core, LineId(0)).await;
    let mut answers = core.handle.calls(vec![accept()]).await.unwrap();
    gate.wait_for_commit();
    assert!(answers.try_recv().is_err());
    assert!(queue.pop().is_none());
    gate.decide(Verdict::Keep);
    assert!(timeout(PATIENCE, answers).await.unwrap().unwrap()[0].is_ok());
    gate.decide(Verdict::Keep);
    next(&queue).await;
    exit(core).await.unwrap();
}

#[tokio::test]
async fn a_failed_commit_ends_the_core_without_an_answer() {
    let (store, gate) = MemoryStore::gated();
    let core = core(store).await;
    gate.decide(Verdict::Fail);
    assert!(core.handle.call(accept()).await.is_err());
    timeout(PATIENCE, core.ended).await.unwrap().ok();
    assert!(core.thread.join().unwrap().is_err());
    assert!(
        core.handle.snapshot().await.is_err(),
        "who comes later is told"
    );
}

#[tokio::test]
async fn calls_that_came_together_are_answered_together_in_order() {
    let core = core(MemoryStore::open()).await;
    let unknown = MessageId(Uuid::now_v7());
    let calls = vec![accept(), Call::Cancel(unknown), accept()];
    let answers = core.handle.calls(calls).await.unwrap().await.unwrap();
    assert!(matches!(answers[0], Ok(Answer::Accepted { .. })));
    assert_eq!(answers[1], Err(Refusal::NotFound));
    assert!(matches!(answers[2], Ok(Answer::Accepted { .. })));
    exit(core).await.unwrap();
}

#[tokio::test]
async fn more_calls_than_a_turn_takes_are_all_answered() {
    let core = core(MemoryStore::open()).await;
    let mut waiting = Vec::new();
    for _ in 0..20 {
        let calls = std::iter::repeat_with(accept).take(CALLS_MAX).collect();
        waiting.push(core.handle.calls(calls).await.unwrap());
    }
    for answers in waiting {
        assert_eq!(
            answers
                .await
                .unwrap()
                .iter()
                .filter(|answer| answer.is_ok())
                .count(),
            CALLS_MAX
        );
    }
    assert_eq!(
        core.handle.snapshot().await.unwrap().totals.accepted,
        20 * CALLS_MAX as u64
    );
    exit(core).await.unwrap();
}

#[tokio::test]
async fn what_a_line_did_not_start_is_taken_back_when_it_goes_down() {
    let core = core(MemoryStore::open()).await;
    let queue = ready_line(&core, LineId(0)).await;
    core.handle.call(accept()).await.unwrap().unwrap();
    timeout(PATIENCE, queue.rung()).await.unwrap();
    let reason = modem::DownReason::Closed;
    let event = Event::Down {
        session: Session(1),
        reason,
    };
    core.lines
        .send(FromLine::Event {
            line: LineId(0),
            event,
        })
        .await
        .unwrap();
    let other = ready_line(&core, LineId(1)).await;
    next(&other).await;
    assert!(queue.pop().is_none());
    exit(core).await.unwrap();
}

#[tokio::test]
async fn what_waits_for_a_line_that_ended_is_not_lost() {
    let core = core(MemoryStore::open()).await;
    ready_line(&core, LineId(0)).await;
    core.lines
        .send(FromLine::Gone { line: LineId(0) })
        .await
        .unwrap();
    let event = Event::Down {
        session: Session(1),
        reason: modem::DownReason::Closed,
    };
    core.lines
        .send(FromLine::Event {
            line: LineId(0),
            event,
        })
        .await
        .unwrap();
    core.handle.call(accept()).await.unwrap().unwrap();
    let queue = ready_line(&core, LineId(1)).await;
    next(&queue).await;
    exit(core).await.unwrap();
}

#[tokio::test]
async fn told_to_stop_it_drains_and_says_so() {
    let mut core = core(MemoryStore::open()).await;
    let queue = ready_line(&core, LineId(0)).await;
    core.handle.call(accept()).await.unwrap().unwrap();
    let ticket = next(&queue).await.submission.ticket;
    core.handle.tell(Input::Stop).await.unwrap();
    assert_eq!(
        core.handle.call(accept()).await.unwrap(),
        Err(Refusal::Draining)
    );
    assert!(!*core.drained.borrow());
    let event = Event::Finished {
        ticket,
        outcome: Outcome::Sent { mr: 1 },
        course: modem::Course::default(),
    };
    core.lines
        .send(FromLine::Event {
            line: LineId(0),
            event,
        })
        .await
        .unwrap();
    timeout(PATIENCE, core.drained.wait_for(|drained| *drained))
        .await
        .unwrap()
        .unwrap();
    exit(core).await.unwrap();
}

#[tokio::test]
async fn what_lines_said_before_the_exit_is_still_taken() {
    let core = core(MemoryStore::open()).await;
    let queue = ready_line(&core, LineId(0)).await;
    core.handle.call(accept()).await.unwrap().unwrap();
    let ticket = next(&queue).await.submission.ticket;
    core.handle.tell(Input::Stop).await.unwrap();
    let event = Event::Finished {
        ticket,
        outcome: Outcome::Sent { mr: 1 },
        course: modem::Course::default(),
    };
    core.lines
        .send(FromLine::Event {
            line: LineId(0),
            event,
        })
        .await
        .unwrap();
    core.handle.exit().await;
    core.thread.join().unwrap().unwrap();
    assert!(*core.drained.borrow());
}

/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);
