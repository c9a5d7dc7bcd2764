//! At the door: keys, limits, and taking a message back.

use super::rig::*;
use crate::admission::RawRequest;
use crate::exchange::{Answer, Input, Refusal};
use crate::settings::Settings;
use crate::words::{Class, MessageId, MessageState};

#[test]
fn a_repeated_key_gets_the_first_answer() {
    let mut rig = Rig::with_sims(1);
    let keyed = RawRequest {
        key: Some("order-77"),
        ..raw(Class::Otp)
    };
    let id = rig.accept(&keyed);
    assert_eq!(repeat(&mut rig, &keyed), (id, MessageState::Sending));
    rig.sent(0, 1);
    assert_eq!(repeat(&mut rig, &keyed), (id, MessageState::Sent));
    rig.report(0, 1, RECIPIENT, DELIVERED);
    assert_eq!(
        repeat(&mut rig, &keyed),
        (id, MessageState::Delivered),
        "the store remembers"
    );
    rig.restart();
    assert_eq!(repeat(&mut rig, &keyed), (id, MessageState::Delivered));
    assert_eq!(rig.snapshot().totals.accepted, 1);
}

#[test]
fn a_key_with_another_body_is_a_conflict() {
    let mut rig = Rig::with_sims(1);
    let keyed = RawRequest {
        key: Some("k"),
        ..raw(Class::Otp)
    };
    rig.accept(&keyed);
    let others = [
        RawRequest {
            text: "other",
            ..keyed.clone()
        },
        RawRequest {
            to: "+33612345678",
            ..keyed.clone()
        },
        RawRequest {
            class: Some(Class::Bulk),
            ..keyed.clone()
        },
        RawRequest {
            report: Some(false),
            ..keyed.clone()
        },
    ];
    for other in &others {
        assert_eq!(rig.refusal(other), Refusal::KeyConflict);
    }
}

#[test]
fn a_key_repeated_in_one_batch_is_accepted_once() {
    let mut rig = Rig::with_sims(1);
    let keyed = RawRequest {
        key: Some("k"),
        ..raw(Class::Otp)
    };
    let (id, first) = rig.offer(&keyed);
    let (_, second) = rig.offer(&keyed);
    let (_, third) = rig.offer(&RawRequest {
        text: "other",
        ..keyed
    });
    rig.turn();
    let repeated = |answer: &Result<Answer, Refusal>| match answer {
        Ok(Answer::Accepted {
            id: named,
            repeated,
            ..
        }) if *named == id => Some(*repeated),
        Ok(Answer::Accepted { .. } | Answer::Cancelled { .. } | Answer::Controlled) | Err(_) => {
            None
        }
    };
    assert_eq!(repeated(&rig.answers[&first]), Some(false));
    assert_eq!(repeated(&rig.answers[&second]), Some(true));
    assert_eq!(rig.answers[&third], Err(Refusal::KeyConflict));
    assert_eq!(rig.store.messages().len(), 1);
}

#[test]
fn a_full_queue_refuses_until_there_is_room() {
    let mut rig = Rig::new(Settings {
        queued_max: 2,
        ..generous()
    });
    rig.plug(0, 0);
    let keyed = RawRequest {
        key: Some("k"),
        ..raw(Class::Bulk)
    };
    rig.accept(&keyed);
    rig.accept(&raw(Class::Bulk));
    let full = |retry_after_s| Refusal::QueueFull {
        queued: 2,
        retry_after_s,
    };
    // 64 parts at 5.65 s each, as is assumed while no part was sent.
    assert_eq!(rig.refusal(&raw(Class::Otp)), full(362));
    assert!(
        rig.offer_answer(&keyed).is_ok(),
        "what was accepted stays accepted"
    );
    rig.pass(seconds(5));
    rig.sent(0, 1);
    rig.accept(&raw(Class::Otp));
    // And at 5 s each, as was measured.
    assert_eq!(rig.refusal(&raw(Class::Otp)), full(320));
}

#[test]
fn a_queue_full_of_bulk_refuses_no_code() {
    let queue = |queued_max, otp_queue_percent| {
        Rig::new(Settings {
            queued_max,
            otp_queue_percent,
            ..generous()
        })
    };
    // 30 % of 5 are 1.
    let mut rig = queue(5, 30);
    for _ in 0..4 {
        rig.accept(&raw(Class::Bulk));
    }
    for class in [Class::Notification, Class::Bulk] {
        let refusal = rig.refusal(&raw(class));
        assert!(matches!(refusal, Refusal::QueueFull { queued: 4, .. }));
    }
    rig.accept(&raw(Class::Otp));
    let refusal = rig.refusal(&raw(Class::Otp));
    assert!(matches!(refusal, Refusal::QueueFull { queued: 5, .. }));
    // Codes that have taken all leave nothing to others, and none is kept where none is asked for.
    let mut rig = queue(5, 100);
    assert!(matches!(
        rig.refusal(&raw(Class::Bulk)),
        Refusal::QueueFull { .. }
    ));
    for _ in 0..5 {
        rig.accept(&raw(Class::Otp));
    }
    let mut rig = queue(2, 0);
    for _ in 0..2 {
        rig.accept(&raw(Class::Bulk));
    }
    assert!(matches!(
        rig.refusal(&raw(Class::Otp)),
        Refusal::QueueFull { .. }
    ));
}

#[test]
fn a_full_queue_without_a_sim_names_the_longest_wait() {
    let mut rig = Rig::new(Settings {
        queued_max: 1,
        ..generous()
    });
    rig.accept(&raw(Class::Bulk));
    let full = Refusal::QueueFull {
        queued: 1,
        retry_after_s: 3600,
    };
    assert_eq!(rig.refusal(&raw(Class::Bulk)), full);
}

#[test]
fn a_code_that_would_be_too_late_is_refused_at_once() {
    let mut rig = Rig::with_sims(1);
    let code = |seconds_left| RawRequest {
        expires_in: Some(seconds(seconds_left)),
        ..raw(Class::Otp)
    };
    // One with the line, four that wait: 22.6 s of radio time are ahead of the next.
    (0..5).for_each(|_| {
        rig.accept(&code(300));
    });
    let late = Refusal::DeadlineUnreachable {
        wait_s: 23,
        retry_after_s: 3,
    };
    assert_eq!(rig.refusal(&code(20)), late);
    rig.accept(&code(30));
    let patient = RawRequest {
        class: Some(Class::Bulk),
        ..code(1)
    };
    rig.accept(&patient);
}

#[test]
fn with_every_budget_used_up_a_code_waits_for_the_first_to_be_filled() {
    let mut settings = generous();
    settings.sims_default.budget.limits = [Some(1), None, None, None];
    let mut rig = Rig::new(settings);
    rig.plug(0, 0);
    rig.accept(&raw(Class::Otp));
    rig.pass(seconds(10));
    rig.sent(0, 1);
    let code = |seconds_left| RawRequest {
        expires_in: Some(seconds(seconds_left)),
        ..raw(Class::Otp)
    };
    let late = Refusal::DeadlineUnreachable {
        wait_s: 50,
        retry_after_s: 10,
    };
    assert_eq!(rig.refusal(&code(40)), late);
    rig.accept(&code(60));
    // A SIM that is in no line may come back at any moment.
    rig.unplug(0);
    rig.accept(&code(5));
}

#[test]
fn without_a_line_nobody_can_say_that_a_code_is_late() {
    let mut rig = Rig::new(generous());
    rig.accept(&RawRequest {
        expires_in: Some(seconds(1)),
        ..raw(Class::Otp)
    });
}

#[test]
fn a_full_queue_counts_within_a_batch() {
    let mut rig = Rig::new(Settings {
        queued_max: 3,
        ..generous()
    });
    let replies: Vec<_> = (0..5).map(|_| rig.offer(&raw(Class::Bulk)).1).collect();
    rig.turn();
    let accepted: Vec<bool> = replies
        .iter()
        .map(|reply| rig.answers[reply].is_ok())
        .collect();
    assert_eq!(accepted, [true, true, true, false, false]);
}

#[test]
fn a_full_disk_refuses_and_sending_goes_on() {
    let mut rig = Rig::with_sims(1);
    let id = rig.accept(&raw(Class::Bulk));
    let waiting = rig.accept(&raw(Class::Bulk));
    rig.input(Input::DiskLow(true));
    assert_eq!(rig.refusal(&raw(Class::Otp)), Refusal::DiskFull);
    assert!(!rig.snapshot().accepting);
    rig.pass(seconds(5));
    rig.sent(0, 1);
    assert_eq!(rig.state(id), MessageState::Sent);
    assert_eq!(rig.line_of(waiting), Some(0));
    rig.input(Input::DiskLow(false));
    rig.accept(&raw(Class::Otp));
}

#[test]
fn a_waiting_message_can_be_taken_back() {
    let mut rig = Rig::with_sims(0);
    let id = rig.accept(&raw(Class::Bulk));
    assert_eq!(rig.cancel(id), Ok(Answer::Cancelled { id }));
    assert_eq!(rig.state(id), MessageState::Cancelled);
    assert_eq!(
        rig.cancel(id),
        Err(Refusal::TooLate(MessageState::Cancelled)),
        "the store knows ended messages"
    );
    let never = MessageId(uuid::Uuid::from_u128(77));
    assert_eq!(rig.cancel(never), Err(Refusal::NotFound));
    rig.plug(0, 0);
    assert_eq!(rig.held(), 0);
}

#[test]
fn a_started_message_can_not_be_taken_back() {
    let mut rig = Rig::with_sims(1);
    let id = rig.accept(&raw(Class::Bulk));
    assert_eq!(rig.cancel(id), Err(Refusal::TooLate(MessageState::Sending)));
    rig.sent(0, 1);
    assert_eq!(rig.cancel(id), Err(Refusal::TooLate(MessageState::Sent)));
    assert_eq!(
        rig.cancel(MessageId(uuid::Uuid::nil())),
        Err(Refusal::NotFound)
    );
}

#[test]
fn what_may_be_on_the_air_can_not_be_taken_back() {
    let mut rig = Rig::with_sims(1);
    let id = rig.accept(&raw(Class::Otp));
    rig.accept(&raw(Class::Otp));
    rig.down(0);
    rig.unknown(0);
    assert_eq!(rig.state(id), MessageState::Queued);
    assert_eq!(rig.cancel(id), Err(Refusal::TooLate(MessageState::Queued)));
}

#[test]
fn what_came_back_can_be_taken_back() {
    let mut rig = Rig::with_sims(1);
    let id = rig.accept(&raw(Class::Bulk));
    rig.unplug(0);
    assert_eq!(rig.state(id), MessageState::Queued);
    assert_eq!(rig.cancel(id), Ok(Answer::Cancelled { id }));
}

fn repeat(rig: &mut Rig, raw: &RawRequest<'_>) -> (MessageId, MessageState) {
    match rig.offer_answer(raw).unwrap() {
        Answer::Accepted {
            id,
            state,
            repeated: true,
            ..
        } => (id, state),
        other @ (Answer::Accepted { .. } | Answer::Cancelled { .. } | Answer::Controlled) => {
            panic!("{other:?}")
        }
    }
}
