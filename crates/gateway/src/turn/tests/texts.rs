//! Every message goes out with its own text, wherever the text was meanwhile.

use sms::Submit;

use super::rig::*;
use crate::admission::RawRequest;
use crate::words::{Class, MessageId};

/// More than are kept at hand.
const MANY: usize = 1128;

#[test]
fn a_long_backlog_is_read_in_batches_and_each_message_has_its_own_text() {
    let mut rig = Rig::new(generous());
    let accepted: Vec<MessageId> = (0..MANY).map(|number| offer(&mut rig, number)).collect();
    rig.turn();
    assert_eq!(rig.store.texts_read, 0);
    rig.plug(0, 0);
    for (number, id) in accepted.iter().enumerate() {
        check_on_air(&mut rig, *id, number);
    }
    // The newest 104 were not at hand, and came in two batches.
    assert_eq!(rig.store.texts_read, MANY - 1024);
}

#[test]
fn after_a_restart_all_texts_come_from_the_store() {
    let mut rig = Rig::new(generous());
    let accepted: Vec<MessageId> = (0..70).map(|number| offer(&mut rig, number)).collect();
    rig.turn();
    rig.restart();
    rig.plug(0, 0);
    for (number, id) in accepted.iter().enumerate() {
        check_on_air(&mut rig, *id, number);
    }
    assert_eq!(rig.store.texts_read, 70);
}

#[test]
fn a_text_is_read_again_when_its_message_goes_again() {
    let mut rig = Rig::with_sims(1);
    let id = offer(&mut rig, 5);
    rig.turn();
    rig.returned(0);
    check_on_air(&mut rig, id, 5);
    assert_eq!(rig.store.texts_read, 1);
}

fn offer(rig: &mut Rig, number: usize) -> MessageId {
    let text = format!("message {number}");
    let raw = RawRequest {
        text: &text,
        ..raw(Class::Bulk)
    };
    rig.offer(&raw).0
}

/// The only line holds this message with its text, and sends it.
fn check_on_air(rig: &mut Rig, id: MessageId, number: usize) {
    assert_eq!(rig.on_line(0), Some((id, 1)));
    let held = rig.line(0).queue.front().expect("the line holds a part");
    let submit = Submit::decode(&held.submission.tpdu).unwrap();
    let expected = format!("message {number}");
    assert_eq!(submit.user_data.text(), Some(&*expected));
    rig.pass(seconds(1));
    rig.sent(0, 1);
}
