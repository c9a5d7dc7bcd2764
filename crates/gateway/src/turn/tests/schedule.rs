//! Messages that wait for a time: the one that was asked for, or the send window at their recipient.

use super::rig::*;
use crate::admission::RawRequest;
use crate::exchange::Refusal;
use crate::hours::SendWindow;
use crate::settings::Settings;
use crate::words::{Class, MessageState, UnixMs};

/// The rig's day begins at noon UTC, which is 13:00 in Berlin and 17:30 in Kolkata.
const GERMAN: &str = "+4915112345678";
const INDIAN: &str = "+919812345678";
const RUSSIAN: &str = "+79161234567";

fn scheduled(rig: &Rig, class: Class, after_s: u64) -> RawRequest<'static> {
    RawRequest {
        send_at: Some(rig.now.wall.plus(seconds(after_s))),
        ..raw(class)
    }
}

fn windowed(window: &str) -> Settings {
    let mut settings = generous();
    settings.classes[Class::Bulk.index()].window = Some(SendWindow::parse(window).unwrap());
    settings
}

fn bulk_to(to: &'static str) -> RawRequest<'static> {
    RawRequest {
        to,
        ..raw(Class::Bulk)
    }
}

#[test]
fn a_scheduled_message_goes_at_its_time_and_its_lifetime_begins_then() {
    for class in Class::ALL {
        let mut rig = Rig::with_sims(1);
        let message = RawRequest {
            expires_in: Some(seconds(60)),
            ..scheduled(&rig, class, 3600)
        };
        let due = rig.now.wall.plus(seconds(3600));
        let id = rig.accept(&message);
        assert_eq!(rig.state(id), MessageState::Queued);
        assert_eq!(rig.held(), 0);
        let lane = rig.snapshot().lanes[class.index()];
        assert_eq!((lane.depth, lane.later), (1, 1));
        assert_eq!(rig.sleep(), "a message's deadline");
        assert_eq!(rig.now.wall, due);
        assert_eq!(rig.held(), 1, "{class:?}");
    }
}

#[test]
fn a_schedule_survives_a_restart_and_can_be_taken_back() {
    let mut rig = Rig::with_sims(1);
    let kept = rig.accept(&scheduled(&rig, Class::Notification, 3600));
    let gone = rig.accept(&scheduled(&rig, Class::Notification, 3600));
    rig.restart();
    rig.plug(0, 0);
    assert_eq!(rig.held(), 0);
    assert!(rig.cancel(gone).is_ok());
    rig.wait(seconds(3599));
    assert_eq!(rig.held(), 0);
    rig.wait(seconds(1));
    assert_eq!(rig.on_line(0).unwrap().0, kept);
    assert_eq!(
        rig.cancel(kept),
        Err(Refusal::TooLate(MessageState::Sending))
    );
}

#[test]
fn a_scheduled_message_that_finds_no_sim_expires_after_its_lifetime() {
    let mut rig = Rig::new(generous());
    let message = RawRequest {
        expires_in: Some(seconds(60)),
        ..scheduled(&rig, Class::Otp, 3600)
    };
    rig.accept(&message);
    rig.wait(seconds(3600));
    let waits = rig.snapshot().lanes[Class::Otp.index()];
    assert_eq!((waits.depth, waits.later, waits.oldest), (1, 0, seconds(0)));
    rig.wait(seconds(59));
    assert_eq!(rig.snapshot().queued, 1);
    rig.wait(seconds(1));
    assert_eq!(
        rig.snapshot().totals.ended[MessageState::Expired.index()],
        1
    );
}

#[test]
fn a_schedule_has_bounds() {
    let mut rig = Rig::new(Settings {
        schedule_max: seconds(86_400),
        ..generous()
    });
    rig.accept(&scheduled(&rig, Class::Bulk, 86_400));
    let far = scheduled(&rig, Class::Bulk, 86_401);
    let refusal = Refusal::ScheduledTooFar {
        ahead: seconds(86_401),
        ahead_max: seconds(86_400),
    };
    assert_eq!(rig.refusal(&far), refusal);
    // A time that has passed is at once, and the lifetime has begun then.
    let past = RawRequest {
        send_at: Some(UnixMs(rig.now.wall.0 - 60_000)),
        expires_in: Some(seconds(61)),
        ..raw(Class::Bulk)
    };
    rig.accept(&past);
    let gone = RawRequest {
        expires_in: Some(seconds(60)),
        ..past
    };
    let expires = rig.now.wall;
    assert_eq!(rig.refusal(&gone), Refusal::DeadlinePassed { expires });
}

#[test]
fn a_message_waits_for_its_window_and_others_pass_it() {
    let mut rig = Rig::new(windowed("18:00-20:00"));
    rig.plug(0, 0);
    let german = rig.accept(&bulk_to(GERMAN));
    let indian = rig.accept(&bulk_to(INDIAN));
    let urgent = rig.accept(&raw(Class::Notification));
    assert_eq!(rig.on_line(0).unwrap().0, urgent);
    rig.sent(0, 1);
    let lane = rig.snapshot().lanes[Class::Bulk.index()];
    assert_eq!((lane.depth, lane.later, lane.window_closed), (2, 0, 2));

    // In Kolkata it is 18:00 after half an hour, in Berlin after five.
    rig.wait(seconds(30 * 60));
    assert_eq!(rig.on_line(0).unwrap().0, indian);
    rig.sent(0, 2);
    rig.restart();
    rig.plug(0, 0);
    assert_eq!(
        rig.held(),
        0,
        "the German window is closed after a restart too"
    );
    rig.wait(seconds(4 * 3600 + 1800));
    assert_eq!(rig.on_line(0).unwrap().0, german);
}

#[test]
fn a_window_that_closes_leaves_what_waits_for_the_next_day() {
    let mut rig = Rig::new(windowed("08:00-14:00"));
    let id = rig.accept(&bulk_to(GERMAN));
    rig.wait(seconds(3600));
    rig.plug(0, 0);
    assert_eq!(rig.held(), 0, "14:00 in Berlin");
    assert_eq!(rig.sleep(), "a send window may open");
    // A reload opens it.
    rig.reload(windowed("08:00-15:00"));
    assert_eq!(rig.on_line(0).unwrap().0, id);
}

#[test]
fn a_deadline_before_the_window_is_refused_with_the_time_it_opens() {
    let mut rig = Rig::new(windowed("18:00-20:00"));
    let message = |lifetime| RawRequest {
        expires_in: Some(seconds(lifetime)),
        ..bulk_to(GERMAN)
    };
    let opens = rig.now.wall.plus(seconds(5 * 3600));
    let refusal = |opens| Refusal::OutsideSendWindow {
        class: Class::Bulk,
        opens,
    };
    assert_eq!(rig.refusal(&message(5 * 3600)), refusal(Some(opens)));
    rig.accept(&message(5 * 3600 + 1));
    // Scheduled into the window, and behind it.
    let at = |after_s| RawRequest {
        send_at: Some(rig.now.wall.plus(seconds(after_s))),
        ..message(60)
    };
    let (within, behind) = (at(6 * 3600), at(7 * 3600));
    rig.accept(&within);
    let tomorrow = opens.plus(seconds(86_400));
    assert_eq!(rig.refusal(&behind), refusal(Some(tomorrow)));
    assert_eq!(rig.refusal(&bulk_to(RUSSIAN)), refusal(None));
}
