//! Windows by the recipient's clock, around midnight, weekends and the nights in which clocks are set.

use super::*;
use crate::zones::Zones;

fn moment(text: &str) -> UnixMs {
    UnixMs(text.parse::<Timestamp>().unwrap().as_millisecond())
}

/// When a window opens for a recipient, not before `from`.
fn check(window: &str, days: &[&str], recipient: &str, from: &str, expected: Option<&str>) {
    let mut window = SendWindow::parse(window).unwrap();
    if !days.is_empty() {
        let days: Vec<Day> = days.iter().map(|day| day.parse().unwrap()).collect();
        window = window.on(&days);
    }
    let zones = Zones::built_in();
    let clocks = zones.clocks(zones.of(recipient));
    let opening = next_opening(&window, clocks, moment(from));
    assert_eq!(
        opening.map(|at| Timestamp::from_millisecond(at.0).unwrap()),
        expected.map(|at| at.parse().unwrap()),
        "{window:?} {recipient} {from}"
    );
    let Some(opening) = opening else { return };
    assert!(is_open(&window, clocks, opening));
    // Nothing before it is open: windows open at full minutes.
    let minutes = (moment(from).0..opening.0).step_by(60_000);
    let early: Vec<i64> = minutes
        .filter(|at| is_open(&window, clocks, UnixMs(*at)))
        .collect();
    assert_eq!(early, [], "{recipient} {from}");
}

const GERMAN: &str = "+4915112345678";
const INDIAN: &str = "+919812345678";
const AMERICAN: &str = "+13105550123";
const RUSSIAN: &str = "+79161234567";

#[test]
fn a_window_opens_by_the_recipients_clock() {
    let day = "08:00-20:00";
    check(
        day,
        &[],
        GERMAN,
        "2026-01-14T11:00:00Z",
        Some("2026-01-14T11:00:00Z"),
    );
    check(
        day,
        &[],
        GERMAN,
        "2026-01-14T06:59:59Z",
        Some("2026-01-14T07:00:00Z"),
    );
    check(
        day,
        &[],
        GERMAN,
        "2026-01-14T19:00:00Z",
        Some("2026-01-15T07:00:00Z"),
    );
    check(
        day,
        &[],
        GERMAN,
        "2026-07-14T18:00:00Z",
        Some("2026-07-15T06:00:00Z"),
    );
    check(
        day,
        &[],
        INDIAN,
        "2026-01-14T15:00:00Z",
        Some("2026-01-15T02:30:00Z"),
    );
    check(
        "00:00-24:00",
        &[],
        INDIAN,
        "2026-01-14T15:00:00Z",
        Some("2026-01-14T15:00:00Z"),
    );
}

#[test]
fn days_are_the_recipients_too() {
    let week = ["mon", "tue", "wed", "thu", "fri"];
    // Friday evening in Berlin; Monday has begun in Kolkata while it is still Sunday in UTC.
    check(
        "08:00-20:00",
        &week,
        GERMAN,
        "2026-01-16T20:00:00Z",
        Some("2026-01-19T07:00:00Z"),
    );
    check(
        "00:30-20:00",
        &week,
        INDIAN,
        "2026-01-17T10:00:00Z",
        Some("2026-01-18T19:00:00Z"),
    );
    check(
        "08:00-20:00",
        &["sun"],
        GERMAN,
        "2026-01-18T19:00:00Z",
        Some("2026-01-25T07:00:00Z"),
    );
}

#[test]
fn a_window_may_span_midnight_and_belongs_to_the_day_it_opens_on() {
    let night = "22:00-06:00";
    check(
        night,
        &[],
        GERMAN,
        "2026-01-14T12:00:00Z",
        Some("2026-01-14T21:00:00Z"),
    );
    check(
        night,
        &[],
        GERMAN,
        "2026-01-14T04:59:00Z",
        Some("2026-01-14T04:59:00Z"),
    );
    check(
        night,
        &["fri"],
        GERMAN,
        "2026-01-16T23:30:00Z",
        Some("2026-01-16T23:30:00Z"),
    );
    check(
        night,
        &["fri"],
        GERMAN,
        "2026-01-17T05:00:00Z",
        Some("2026-01-23T21:00:00Z"),
    );
}

#[test]
fn clocks_that_are_set_forward_or_back() {
    // Berlin: 2026-03-29 has no 02:30, and 2026-10-25 has it twice.
    check(
        "08:00-20:00",
        &[],
        GERMAN,
        "2026-03-28T20:00:00Z",
        Some("2026-03-29T06:00:00Z"),
    );
    check(
        "08:00-20:00",
        &[],
        GERMAN,
        "2026-10-24T20:00:00Z",
        Some("2026-10-25T07:00:00Z"),
    );
    check(
        "02:30-04:00",
        &[],
        GERMAN,
        "2026-03-29T00:00:00Z",
        Some("2026-03-29T01:00:00Z"),
    );
    check(
        "02:10-02:40",
        &[],
        GERMAN,
        "2026-10-25T00:00:00Z",
        Some("2026-10-25T00:10:00Z"),
    );
    check(
        "02:10-02:40",
        &[],
        GERMAN,
        "2026-10-25T00:40:00Z",
        Some("2026-10-25T01:10:00Z"),
    );
    check(
        "02:00-02:30",
        &[],
        GERMAN,
        "2026-10-25T00:30:00Z",
        Some("2026-10-25T01:00:00Z"),
    );
    // A window that lies within the hour that is left out does not open that day.
    check(
        "02:10-02:40",
        &[],
        GERMAN,
        "2026-03-29T00:00:00Z",
        Some("2026-03-30T00:10:00Z"),
    );
}

#[test]
fn a_country_of_several_zones_waits_until_all_its_clocks_agree() {
    // From Newfoundland (UTC-3:30) to Hawaii (UTC-10).
    check(
        "08:00-20:00",
        &[],
        AMERICAN,
        "2026-01-14T12:00:00Z",
        Some("2026-01-14T18:00:00Z"),
    );
    check(
        "08:00-20:00",
        &[],
        AMERICAN,
        "2026-01-14T23:30:00Z",
        Some("2026-01-15T18:00:00Z"),
    );
    check(
        "08:00-20:00",
        &["mon"],
        AMERICAN,
        "2026-01-14T23:30:00Z",
        Some("2026-01-19T18:00:00Z"),
    );
    // From Kaliningrad (UTC+2) to Kamchatka (UTC+12): two hours are left, or none.
    check(
        "08:00-20:00",
        &[],
        RUSSIAN,
        "2026-01-14T08:00:00Z",
        Some("2026-01-15T06:00:00Z"),
    );
    check("09:00-17:00", &[], RUSSIAN, "2026-01-14T08:00:00Z", None);
}

#[test]
fn words_are_read_strictly() {
    for good in ["08:00-20:00", "22:00 - 06:00", "00:00-24:00", "23:59-00:00"] {
        assert!(SendWindow::parse(good).is_ok(), "{good}");
    }
    for bad in [
        "",
        "8-20",
        "8:00-20:00",
        "08:00",
        "08:00-08:00",
        "08:60-20:00",
        "08:00-24:01",
        "24:00-08:00",
        "+8:00-20:00",
    ] {
        let error = SendWindow::parse(bad).unwrap_err();
        assert_eq!(error.given, bad);
    }
    assert!("monday".parse::<Day>().is_err());
}
