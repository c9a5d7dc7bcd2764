//! When a hub's reset is wanted, what its limits make of that, and in which order it goes.

use super::*;

/// A hub with so many lines that are ready, and the time to count from.
struct Bench {
    hub: Hub,
    declared: HubSettings,
    start: Instant,
}

impl Bench {
    fn with_lines(lines: u32) -> Bench {
        #[expect(
            clippy::disallowed_methods,
            reason = "an instant can't be made in another way"
        )]
        let start = Instant::now();
        let mut hub = Hub::default();
        (0..lines).for_each(|line| hub.add(LineId(line), true));
        let declared = HubSettings {
            name: "rack1".into(),
            resets_per_hour: 2,
            interval_min: Duration::from_secs(600),
            gone_for: Duration::from_secs(60),
        };
        Bench {
            hub,
            declared,
            start,
        }
    }

    fn at(&self, seconds: u64) -> Instant {
        self.start + Duration::from_secs(seconds)
    }

    fn down(&mut self, seconds: u64, lines: std::ops::Range<u32>, reason: DownReason) {
        let at = self.at(seconds);
        lines.for_each(|line| self.hub.went_down(at, LineId(line), reason));
    }

    fn step(&mut self, seconds: u64, is_busy: bool) -> Option<HubStep> {
        self.hub.step(self.at(seconds), &self.declared, is_busy)
    }

    /// Drains and resets it at this time, if that is allowed.
    fn resets(&mut self, seconds: u64) -> bool {
        let drained = matches!(self.step(seconds, false), Some(HubStep::Drain(_)));
        let reset = matches!(self.step(seconds, false), Some(HubStep::Reset(_)));
        assert_eq!(drained, reset);
        self.hub.was_reset(UnixMs(0), HubResult::Done);
        reset
    }

    /// Seconds until it is to be looked at.
    fn deadline(&self, seconds: u64) -> Option<u64> {
        let at = self.hub.deadline(self.at(seconds), &self.declared)?;
        Some((at - self.start).as_secs())
    }
}

#[test]
fn most_lines_must_be_gone_for_a_while_and_by_their_power() {
    use DownReason::{Closed, NetworkLost, Operator, Reboot, SimLost, Unresponsive};
    for (lines, gone, reason, wanted) in [
        (10, 6, Closed, true),
        (10, 6, Reboot, true),
        (10, 6, Unresponsive, true),
        (10, 5, Closed, false),
        (10, 10, SimLost, false),
        (10, 10, NetworkLost, false),
        (10, 10, Operator, false),
        (2, 2, Closed, true),
        (2, 1, Closed, false),
        (1, 1, Closed, false),
    ] {
        let mut bench = Bench::with_lines(lines);
        bench.down(100, 0..gone, reason);
        let case = format!("{gone} of {lines} by {reason:?}");
        assert_eq!(bench.deadline(100), wanted.then_some(160), "{case}");
        assert_eq!(bench.step(159, false), None, "{case}");
        assert_eq!(bench.step(160, false).is_some(), wanted, "{case}");
    }
}

#[test]
fn lines_that_were_never_there_are_not_counted() {
    let mut bench = Bench::with_lines(3);
    (3..20).for_each(|line| bench.hub.add(LineId(line), false));
    bench.down(0, 0..2, DownReason::Closed);
    let why = "2 of its 20 lines are gone".into();
    assert_eq!(bench.step(60, false), Some(HubStep::Drain(why)));
}

#[test]
fn lines_that_come_back_in_time_spare_the_hub() {
    let mut bench = Bench::with_lines(4);
    bench.down(0, 0..4, DownReason::Closed);
    assert!(matches!(bench.step(60, true), Some(HubStep::Drain(_))));
    assert!(bench.hub.is_held());
    bench.hub.came_up(LineId(0));
    bench.hub.came_up(LineId(1));
    assert_eq!(bench.step(61, true), Some(HubStep::Spare));
    assert!(!bench.hub.is_held());
    assert_eq!(bench.deadline(61), None);
}

#[test]
fn what_is_on_the_air_may_finish_but_not_for_ever() {
    let mut bench = Bench::with_lines(4);
    bench.hub.came_to_rest(LineId(2), "line002");
    let why: Box<str> = "line002: nothing else brought it back".into();
    assert_eq!(bench.step(0, true), Some(HubStep::Drain(why.clone())));
    assert_eq!(
        (bench.step(149, true), bench.deadline(0)),
        (None, Some(150))
    );
    assert_eq!(bench.step(150, true), Some(HubStep::Reset(why)));
    assert_eq!(bench.step(1_000, false), None, "it is running");
    assert!(bench.hub.is_held());
    bench.hub.was_reset(UnixMs(7), HubResult::TimedOut);
    assert!(!bench.hub.is_held());
    assert_eq!(bench.hub.results, [0, 0, 1]);
    assert_eq!(bench.hub.last, Some((UnixMs(7), HubResult::TimedOut)));
    // One rest is one reset, whatever came of it.
    assert_eq!(
        (bench.step(9_000, false), bench.deadline(9_000)),
        (None, None)
    );
}

#[test]
fn its_limits_hold_whatever_happens() {
    let mut bench = Bench::with_lines(4);
    let mut resets = Vec::new();
    for minute in 0..180 {
        bench.hub.came_to_rest(LineId(0), "line000");
        if bench.resets(minute * 60) {
            // A neighbour comes back each time.
            bench.hub.came_up(LineId(1));
            resets.push(minute);
        }
        bench.hub.forget(bench.at(minute * 60));
    }
    assert_eq!(resets, [0, 10, 60, 70, 120, 130]);
}

#[test]
fn a_hub_that_no_reset_brings_back_is_tried_less_and_less() {
    let mut bench = Bench::with_lines(4);
    bench.declared.resets_per_hour = 60;
    bench.down(0, 0..4, DownReason::Closed);
    let mut resets = Vec::new();
    for minute in 1..6_000 {
        if bench.resets(minute * 60) {
            resets.push(minute - 1);
        }
        bench.hub.forget(bench.at(minute * 60));
    }
    assert_eq!(
        resets,
        [0, 10, 30, 70, 150, 310, 630, 1270, 2550, 3990, 5430],
        "minutes; once a day in the end"
    );
}

#[test]
fn what_its_limits_forbid_is_wanted() {
    let mut bench = Bench::with_lines(2);
    bench.hub.came_to_rest(LineId(0), "line000");
    assert!(bench.resets(0));
    bench.hub.came_to_rest(LineId(0), "line000");
    assert_eq!(bench.deadline(5), Some(600));
    let (state, why, may_at) = bench.hub.state(bench.at(5), &bench.declared);
    assert_eq!(
        (state, why.is_some(), may_at),
        (HubState::Wanted, true, Some(bench.at(600)))
    );
}

#[test]
fn a_stopping_daemon_orders_nothing() {
    let mut bench = Bench::with_lines(2);
    bench.hub.came_to_rest(LineId(0), "line000");
    bench.step(0, true);
    bench.hub.let_go();
    assert!(!bench.hub.is_held());
}
