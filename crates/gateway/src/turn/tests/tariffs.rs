//! A month of budgets shaped like tariffs, over restarts, moves of SIMs and clocks that are set.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use modem::Cause;

use super::rig::*;
use super::world::random::Random;
use crate::admission::RawRequest;
use crate::calendar::{BillingDay, Calendar};
use crate::settings::{Budget, Settings, SimSettings};
use crate::words::{Class, MessageId, UnixMs};

#[test]
fn a_month_of_mixed_tariffs_exceeds_none_by_one_part() {
    let mut month = Month::new(mixed());
    let mut random = Random(11);
    for _ in 0..24 * 33 {
        month.hour(&mut random);
    }
    month.check();
    month.rig.check_replay();
    assert!(month.air.len() > 500, "{} parts", month.air.len());
}

/// A SIM's tariff, in words of the test.
struct Tariff {
    zone: &'static str,
    limits: [Option<u32>; 4],
    per_life: Option<u32>,
    recipients: Option<u32>,
    billing_day: i8,
}

const TARIFFS: [Tariff; 6] = [
    tariff("UTC", [None, None, Some(6), Some(100)], None, None, 1),
    tariff(
        "Europe/Berlin",
        [None, None, Some(5), Some(60)],
        None,
        None,
        20,
    ),
    tariff("UTC", [Some(1), None, None, None], Some(70), None, 1),
    tariff(
        "America/New_York",
        [None, None, None, Some(200)],
        None,
        Some(8),
        1,
    ),
    tariff(
        "America/New_York",
        [None, Some(2), Some(9), None],
        None,
        None,
        1,
    ),
    tariff(
        "Asia/Kolkata",
        [None, None, Some(4), None],
        None,
        Some(12),
        28,
    ),
];

const fn tariff(
    zone: &'static str,
    limits: [Option<u32>; 4],
    per_life: Option<u32>,
    recipients: Option<u32>,
    billing_day: i8,
) -> Tariff {
    Tariff {
        zone,
        limits,
        per_life,
        recipients,
        billing_day,
    }
}

fn mixed() -> Settings {
    let mut settings = generous();
    for (number, tariff) in (0..).zip(&TARIFFS) {
        let budget = Budget {
            limits: tariff.limits,
            per_life: tariff.per_life,
            recipients_per_month: tariff.recipients,
            otp_share: 20,
            calendar: Calendar {
                zone: Calendar::zone_of(tariff.zone).unwrap(),
                reset_min: 0,
                billing_day: BillingDay::Day(tariff.billing_day),
            },
            ..Budget::default()
        };
        let sim = SimSettings {
            budget,
            ..SimSettings::default()
        };
        settings.sims.insert(iccid(number), sim);
    }
    settings
}

/// A part that is, or may be, on the air.
struct Aired {
    sim: usize,
    at: UnixMs,
    to: String,
}

/// Six SIMs, their lines, and what they put on the air.
struct Month {
    rig: Rig,
    /// By line.
    sims: Vec<u32>,
    to: BTreeMap<MessageId, String>,
    air: Vec<Aired>,
}

impl Month {
    fn new(settings: Settings) -> Month {
        let mut rig = Rig::new(settings);
        (0..6).for_each(|line| rig.plug(line, line));
        Month {
            rig,
            sims: (0..6).collect(),
            to: BTreeMap::new(),
            air: Vec::new(),
        }
    }

    fn hour(&mut self, random: &mut Random) {
        for _ in 0..random.below(5) {
            let to = format!("+49151000{:05}", random.below(40));
            let class = random.pick(&Class::ALL);
            let id = self.rig.accept(&RawRequest {
                to: &to,
                ..raw(class)
            });
            self.to.insert(id, to);
        }
        self.work(random);
        match random.below(60) {
            0 => self.restart(),
            1 => self.swap(random.below(6), random.below(6)),
            // As a clock is set by the network.
            2 => self.rig.now.wall.0 += 20_000,
            3 => self.rig.now.wall.0 -= 20_000,
            _ => {}
        }
        self.work(random);
        self.rig.wait(seconds(random.within(3300, 3700).into()));
    }

    /// The lines send what they get, in no time.
    fn work(&mut self, random: &mut Random) {
        while let Some(line) = (0..6).find(|line| self.rig.on_line(*line).is_some()) {
            let (id, _) = self.rig.on_line(line).unwrap();
            let aired = Aired {
                sim: self.sims[line as usize] as usize,
                at: self.rig.now.wall,
                to: self.to[&id].clone(),
            };
            match random.below(20) {
                0 => drop(self.rig.refused(line, Cause::Cms(42))),
                1 => {
                    self.rig.unknown(line);
                    self.air.push(aired);
                }
                _ => {
                    self.rig.sent(line, 1);
                    self.air.push(aired);
                }
            }
        }
    }

    fn restart(&mut self) {
        self.rig.restart();
        for (line, sim) in (0..).zip(self.sims.clone()) {
            self.rig.plug(line, sim);
        }
    }

    fn swap(&mut self, one: u32, other: u32) {
        if one == other {
            return;
        }
        self.sims.swap(one as usize, other as usize);
        [one, other]
            .into_iter()
            .for_each(|line| self.rig.unplug(line));
        for line in [one, other] {
            self.rig.plug(line, self.sims[line as usize]);
        }
    }

    /// Counts by a calendar of the test's own.
    fn check(&self) {
        let mut counts: BTreeMap<(usize, &str, i64), u32> = BTreeMap::new();
        let mut reached: BTreeMap<(usize, i64), BTreeSet<&str>> = BTreeMap::new();
        for part in &self.air {
            let tariff = &TARIFFS[part.sim];
            let moment = Timestamp::from_millisecond(part.at.0).unwrap();
            let there = moment.in_tz(tariff.zone).unwrap().date();
            let day = i64::from(there.year()) * 400 + i64::from(there.day_of_year());
            let month = i64::from(there.year()) * 12 + i64::from(there.month())
                - i64::from(there.day() < tariff.billing_day);
            let windows = [part.at.0 / 60_000, part.at.0 / 3_600_000, day, month];
            for ((name, limit), window) in ["minute", "hour", "day", "month"]
                .iter()
                .zip(tariff.limits)
                .zip(windows)
            {
                let count = counts.entry((part.sim, name, window)).or_default();
                *count += 1;
                assert!(
                    limit.is_none_or(|limit| *count <= limit),
                    "{name} of SIM {}",
                    part.sim
                );
            }
            let life = counts.entry((part.sim, "life", 0)).or_default();
            *life += 1;
            assert!(
                tariff.per_life.is_none_or(|limit| *life <= limit),
                "life of SIM {}",
                part.sim
            );
            let people = reached.entry((part.sim, month)).or_default();
            people.insert(&part.to);
            let count = u32::try_from(people.len()).unwrap();
            assert!(
                tariff.recipients.is_none_or(|limit| count <= limit),
                "recipients of SIM {}",
                part.sim
            );
        }
        // The limits were felt.
        assert_eq!(counts[&(2, "life", 0)], 70);
        assert!(reached.values().any(|people| people.len() == 8));
    }
}
