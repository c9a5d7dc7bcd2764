//! Shares come out as promised, whatever the messages' lengths.

use super::*;
use crate::book::Apps;

/// What a class's apps get of `parts` parts: each has more than enough messages of one length.
fn check(apps: &[(u32, u8)], parts: u32, expected: &[u32]) {
    let mut table = Apps::new(std::iter::empty());
    let names: Vec<String> = (0..apps.len()).map(|at| at.to_string()).collect();
    let lanes: Vec<AppIdx> = names.iter().map(|name| table.join(Some(name))).collect();
    let mut shares = Shares::new();
    let mut given = vec![0; apps.len()];
    while given.iter().sum::<u32>() < parts {
        let least = (0..apps.len()).min_by_key(|at| shares.tag(Class::Bulk, lanes[*at]));
        let at = least.expect("there are apps");
        let (weight, length) = apps[at];
        shares.charge(Class::Bulk, lanes[at], length, weight);
        given[at] += u32::from(length);
    }
    for (given, expected) in given.iter().zip(expected) {
        let longest = apps.iter().map(|(_, length)| u32::from(*length)).max();
        assert!(
            given.abs_diff(*expected) <= longest.unwrap_or(0),
            "{apps:?}: {given} and not {expected}"
        );
    }
}

#[test]
fn apps_share_by_weight_and_pay_by_the_part() {
    check(&[(1, 1)], 100, &[100]);
    check(&[(1, 1), (1, 1)], 100, &[50, 50]);
    check(&[(3, 1), (1, 1)], 100, &[75, 25]);
    check(&[(1, 10), (1, 1)], 200, &[100, 100]);
    check(&[(2, 3), (1, 1), (1, 7)], 400, &[200, 100, 100]);
    check(&[(1000, 1), (1, 1)], 10_010, &[10_000, 10]);
}

#[test]
fn an_idle_app_saves_nothing_up() {
    let mut table = Apps::new(std::iter::empty());
    let (busy, idle) = (table.join(Some("busy")), table.join(Some("idle")));
    let mut shares = Shares::new();
    (0..1000).for_each(|_| shares.charge(Class::Notification, busy, 1, 1));
    let mut order = Vec::new();
    for _ in 0..6 {
        let [of_busy, of_idle] = [busy, idle].map(|app| shares.tag(Class::Notification, app));
        let next = if of_idle < of_busy { idle } else { busy };
        shares.charge(Class::Notification, next, 1, 1);
        order.push(next);
    }
    assert_eq!(order, [idle, busy, idle, busy, idle, busy]);
    // The classes don't know of each other.
    assert_eq!(shares.tag(Class::Bulk, busy), 0);
}

/// Of `parts` parts, in an endless mix of both classes: the share of bulk, and the longest wait for it in parts.
fn check_bulk(percent: u8, lengths: [u8; 2], expected_percent: u32) {
    let [notification, bulk] = lengths;
    let mut shares = Shares::new();
    let (mut all, mut of_bulk, mut since, mut longest) = (0u32, 0u32, 0u32, 0u32);
    while all < PARTS {
        let first = shares.order(percent)[1];
        if first == Class::Bulk {
            shares.serve_bulk(bulk, percent);
            of_bulk += u32::from(bulk);
            all += u32::from(bulk);
            since = 0;
        } else {
            shares.pass_bulk_over(notification, percent);
            all += u32::from(notification);
            since += u32::from(notification);
        }
        longest = longest.max(since);
        // The bound: what bulk lacks of its share is less than one notification and one bulk message.
        let due = all * u32::from(percent) / 100;
        assert!(
            of_bulk + u32::from(bulk) + u32::from(notification) > due,
            "{percent} %: bulk has {of_bulk} of {all}"
        );
    }
    assert!(
        (of_bulk * 100 / all).abs_diff(expected_percent) <= 1,
        "{percent} % of {lengths:?}: {of_bulk} of {all}"
    );
    let share = u32::from(percent).max(1);
    let bound = u32::from(bulk) * 100 / share + u32::from(notification);
    assert!(
        percent == 0 || longest <= bound,
        "{percent} %: waited {longest}"
    );
}

const PARTS: u32 = 20_000;

#[test]
fn bulk_gets_its_share_beside_notifications() {
    check_bulk(5, [1, 1], 5);
    check_bulk(0, [1, 1], 0);
    check_bulk(50, [1, 1], 50);
    check_bulk(100, [1, 1], 100);
    check_bulk(33, [1, 1], 33);
    check_bulk(5, [1, 10], 5);
    check_bulk(20, [3, 2], 20);
}

#[test]
fn what_bulk_could_not_use_is_not_saved_up() {
    let mut shares = Shares::new();
    (0..1000).for_each(|_| shares.pass_bulk_over(1, 5));
    let mut turns = 0;
    while shares.order(5)[1] == Class::Bulk {
        shares.serve_bulk(1, 5);
        turns += 1;
    }
    assert_eq!(turns, 1);
    // Served without being owed anything, it pays nothing.
    (0..100).for_each(|_| shares.serve_bulk(1, 5));
    (0..19).for_each(|_| shares.pass_bulk_over(1, 5));
    assert_eq!(shares.order(5)[1], Class::Bulk);
}
