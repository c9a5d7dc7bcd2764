//! Windows: what counts for which, when they end, and that they do not grow without bound.

use super::*;
use crate::causes::mix;

const RECIPIENT: &str = "+4915112345678";

#[test]
fn a_window_is_full_until_its_oldest_message_counts_no_more() {
    let limits = [limit(Each::Recipient, 2, 60)];
    let mut windows = Windows::new(&limits);
    let mut check = |at_s: i64, expected: Option<i64>| {
        let asked = handed(RECIPIENT, at_s);
        let reached = windows.reached(&limits, &asked);
        assert_eq!(reached.map(|of| of.until.0 / 1000), expected, "at {at_s}");
        if expected.is_none() {
            windows.count(&limits, &asked);
        }
    };
    check(0, None);
    check(50, None);
    check(59, Some(60));
    check(60, None);
    check(61, Some(110));
    check(109, Some(110));
    check(110, None);
    check(111, Some(120));
    // A clock that is set back gives no room.
    check(70, Some(120));
    check(1000, None);
}

#[test]
fn a_limit_of_none_lets_none_through() {
    let limits = [limit(Each::All, 0, 60)];
    let windows = Windows::new(&limits);
    let reached = windows.reached(&limits, &handed(RECIPIENT, 5));
    assert_eq!(reached.map(|of| of.until), Some(UnixMs(65_000)));
}

/// Whoever asks at random moments, in bursts and after pauses, at clocks that go on.
#[test]
fn never_more_than_the_limit_in_any_period_and_hardly_less() {
    let mut asked = 0;
    let mut below = |end: u32| {
        asked += 1;
        u32::try_from(mix(asked) % u64::from(end)).unwrap()
    };
    for messages in [1, 2, 5, 16, 17, 40, 300] {
        let limit = limit(Each::All, messages, 3600);
        let per_ms = 3_600_000;
        let mut window = Window::default();
        let mut accepted: Vec<i64> = Vec::new();
        let mut now = 0;
        let mut refused = 0;
        for _ in 0..20 * messages + 200 {
            let pause_ms = match below(3 * messages + 10) {
                0 => below(u32::try_from(per_ms).unwrap() * 2),
                of if of % 2 == 0 => 0,
                _ => below(u32::try_from(per_ms).unwrap() / messages),
            };
            now += i64::from(pause_ms);
            let within = |span_ms: i64| {
                let count = accepted.iter().rev().take_while(|at| **at > now - span_ms);
                u32::try_from(count.count()).unwrap()
            };
            match window.full_until(&limit, UnixMs(now)) {
                None => {
                    accepted.push(now);
                    window.count(&limit, UnixMs(now));
                }
                Some(until) => {
                    refused += 1;
                    assert!(until.0 > now && until.0 <= now + per_ms);
                    let late_ms = if messages > CELLS { per_ms / 16 } else { 0 };
                    assert!(within(per_ms + late_ms) >= messages, "refused too early");
                }
            }
            assert!(window.cells.len() <= CELLS as usize + 1);
        }
        assert!(refused > 10, "{messages}");
        for (at, first) in accepted.iter().enumerate() {
            let in_period = accepted[at..].iter().take_while(|of| **of < first + per_ms);
            let count = in_period.count();
            assert!(
                count <= messages as usize,
                "{count} of {messages} from {first} on"
            );
        }
    }
}

#[test]
fn more_than_the_limit_from_before_it_was_set_take_no_more_room() {
    let limit = limit(Each::All, 5, 3600);
    let mut window = Window::default();
    (0..1000).for_each(|at| window.count(&limit, UnixMs(at)));
    assert_eq!(window.cells.len(), 5);
    let until = window.full_until(&limit, UnixMs(1000));
    assert_eq!(until, Some(UnixMs(995 + 3_600_000)));
}

#[test]
fn what_counts_together() {
    /// Whether a second message is refused after a first, at the limit of one.
    #[track_caller]
    fn check(limit: &Limit, first: Handed, second: Handed, refused: bool) {
        let limits = [limit.clone()];
        let mut windows = Windows::new(&limits);
        assert!(windows.reached(&limits, &first).is_none());
        windows.count(&limits, &first);
        assert_eq!(
            windows.reached(&limits, &second).is_some(),
            refused,
            "{limit:?}"
        );
    }
    let one = || handed(RECIPIENT, 0);
    let neighbour = || handed("+4915112345999", 1);
    let stranger = || handed("+4915112346678", 1);
    let of = |each| limit(each, 1, 60);
    check(&of(Each::Recipient), one(), one(), true);
    check(&of(Each::Recipient), one(), neighbour(), false);
    check(&of(Each::Range), one(), neighbour(), true);
    check(&of(Each::Range), one(), stranger(), false);
    check(&of(Each::All), one(), stranger(), true);
    let app = |name: &str| Handed {
        app: Some(name.into()),
        ..stranger()
    };
    check(&of(Each::App), one(), stranger(), true);
    check(&of(Each::App), one(), app("shop"), false);
    check(&of(Each::App), app("shop"), app("shop"), true);
    let shop = Limit {
        apps: vec!["shop".into()],
        ..of(Each::All)
    };
    check(&shop, app("shop"), one(), false);
    check(&shop, app("news"), app("shop"), false);
    check(&shop, app("shop"), app("shop"), true);
    let codes = Limit {
        classes: vec![Class::Otp],
        ..of(Each::All)
    };
    let code = || Handed {
        class: Class::Otp,
        ..one()
    };
    check(&codes, code(), one(), false);
    check(&codes, one(), code(), false);
    check(&codes, code(), code(), true);
    let abroad = Limit {
        prefixes: vec!["+229".into(), "+49151".into()],
        ..of(Each::All)
    };
    check(&abroad, one(), stranger(), true);
    check(&abroad, one(), handed("+491701234567", 1), false);
    check(&abroad, one(), handed("+22912345678", 1), true);
}

#[test]
fn of_several_limits_the_one_that_ends_last_is_told() {
    let limits = [
        limit(Each::Recipient, 1, 60),
        limit(Each::Recipient, 1, 3600),
        limit(Each::Recipient, 5, 86_400),
    ];
    let mut windows = Windows::new(&limits);
    windows.count(&limits, &handed(RECIPIENT, 0));
    let asked = handed(RECIPIENT, 1);
    let reached = windows.reached(&limits, &asked).unwrap();
    assert_eq!(reached.until, UnixMs(3_600_000));
}

#[test]
fn a_limit_that_stays_keeps_its_windows() {
    let stays = limit(Each::Recipient, 1, 60);
    let goes = limit(Each::All, 1, 60);
    let before = [goes.clone(), stays.clone()];
    let mut windows = Windows::new(&before);
    windows.count(&before, &handed(RECIPIENT, 0));
    let comes = Limit {
        messages: 2,
        ..goes
    };
    let after = [stays, comes];
    windows.change(&before, &after);
    let asked = handed(RECIPIENT, 1);
    let reached = windows.reached(&after, &asked).unwrap();
    assert_eq!(reached.limit, &after[0]);
    assert!(windows.reached(&after[1..], &asked).is_none());
}

#[test]
fn windows_do_not_grow_without_bound() {
    let limits = [limit(Each::Recipient, 1, 86_400)];
    let mut keyed = Keyed::default();
    for key in 0..WINDOWS_MAX as u64 + 10 {
        keyed.count(&limits[0], key, UnixMs(key as i64));
        assert!(keyed.windows.len() <= WINDOWS_MAX);
    }
    assert!(
        keyed.windows.len() >= WINDOWS_MAX / 2 - 1,
        "the newer half stays"
    );
    let (_, oldest) = keyed.windows.first_key_value().unwrap();
    assert!(oldest.last().0 >= WINDOWS_MAX as i64 / 2);
    // Windows that have ended go as soon as the map would grow on.
    for key in 0..WINDOWS_MAX as u64 / 2 + 10 {
        keyed.count(&limits[0], u64::MAX - key, UnixMs(i64::MAX / 2));
    }
    assert!(keyed.windows.len() <= WINDOWS_MAX / 2 + 10);
}

fn limit(each: Each, messages: u32, per_s: u64) -> Limit {
    Limit {
        name: "limit".into(),
        each,
        prefixes: Vec::new(),
        classes: Vec::new(),
        apps: Vec::new(),
        messages,
        per: Duration::from_secs(per_s),
    }
}

fn handed(to: &str, at_s: i64) -> Handed {
    Handed {
        to: Address::parse(to).unwrap(),
        class: Class::Notification,
        app: None,
        at: UnixMs(at_s * 1000),
    }
}
