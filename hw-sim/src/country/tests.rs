//! Which SIM is whose, which rule a recipient falls under, which hour it is, and that profiles are what they say.

use super::*;
use crate::rng::{Rng, Stream};

#[test]
fn shares_are_kept_among_few_lines_and_many() {
    let operator = |share| Operator {
        share,
        ..Operator::default()
    };
    let country = Country {
        operators: vec![operator(3.0), operator(1.0)],
        ..Country::default()
    };
    for lines in [16, 512] {
        let second = (0..lines).filter(|line| country.operator_of(*line) == 1);
        let expected = lines / 4;
        assert!(second.count().abs_diff(expected) <= 1, "{lines}");
    }
    assert_eq!(Country::default().operator_of(7), 0);
}

#[test]
fn longest_prefix_decides() {
    let rule = |prefix: &str, behaviour| Recipients {
        prefix: prefix.to_owned(),
        behaviour,
        after: read::a_minute(),
    };
    let country = Country {
        recipients: vec![
            rule("+49155", Behaviour::Absent),
            rule("+491555", Behaviour::Full),
        ],
        ..Country::default()
    };
    let check = |number: &str, expected| {
        let found = country.recipient(number).map(|rule| rule.behaviour);
        assert_eq!(found, expected, "{number}");
    };
    check("+4915550000001", Some(Behaviour::Full));
    check("+4915540000001", Some(Behaviour::Absent));
    check("+4417000000001", None);
}

#[test]
fn rush_hours_may_go_over_midnight() {
    let country = Country {
        day_starts_at: Duration::from_secs(22 * 3600 + 1800),
        ..Country::default()
    };
    let operator = Operator {
        congestion: vec![Congestion {
            from: 23,
            to: 1,
            factor: 2.0,
            refused: 0.0,
        }],
        ..Operator::default()
    };
    for (minutes, day, hour, is_slow) in [
        (0, 0, 22, false),
        (30, 0, 23, true),
        (90, 1, 0, true),
        (150, 1, 1, false),
    ] {
        let now = country.day_and_hour(Duration::from_secs(minutes * 60));
        assert_eq!(now, (day, hour));
        assert_eq!(operator.congestion_at(hour).is_some(), is_slow, "{hour}");
    }
}

#[test]
fn profiles_have_their_percentiles() {
    let figures = Profile::GsmGood.figures().unwrap();
    let mut rng = Rng::keyed(1, Stream::Operator, 0, 0);
    let mut drawn: Vec<Duration> = (0..10_000).map(|_| figures.accept.draw(&mut rng)).collect();
    drawn.sort_unstable();
    for (place, expected) in [(5_000, 3.2), (9_500, 6.0)] {
        let seconds = drawn[place].as_secs_f64();
        assert!((seconds / expected - 1.0).abs() < 0.05, "{seconds}");
    }
    assert!(drawn[9_999] <= Duration::from_secs(24));
}
