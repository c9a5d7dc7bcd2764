//! A month in which every SIM has a tariff of its own, and work comes in bursts and lulls: worlds of their own, from a seed.
//!
//! ```text
//!  awake   ██   ████     █ ███    ██      ████ …   spells of the month, some over a reset, some crowded
//!  asleep    ███    █████ █   ████  ██████         all ports are gone: nothing is polled, so a month takes seconds
//! ```
//!
//! What the world does while it is awake it does at a pace of its own; crashes, stops, moves and swaps fall anywhere. Every
//! limit is drawn low, so that it binds, and the judge counts by its own calendar.

use std::time::Duration;

use gateway::{BillingDay, Budget, Calendar, Cost, Hours, Settings, SimSettings};

use super::options::{Knob, Options};
use super::plan::Act;
use super::{Dice, EPOCH, Setup, site};

/// The numbers of a seed's month.
pub fn options(seed: u64) -> Options {
    let mut dice = Dice::new(seed, "month");
    Options::calm()
        .with(Knob::Lines, dice.within(1, 3))
        .with(Knob::Messages, dice.within(200, 600))
        .with(Knob::SpanS, 30 * DAY.as_secs())
        .with(Knob::Recipients, dice.within(5, 60))
        .with(Knob::Long, dice.pick(&[0, 100, 400]))
        .with(Knob::ExpiresS, DAY.as_secs())
        .with(Knob::SmsMs, dice.pick(&[0, 3000]))
        .with(Knob::Errors, dice.pick(&[0, 50, 200]))
        .with(Knob::Silence, dice.pick(&[0, 20]))
        .with(Knob::CommitMs, dice.pick(&[0, 20]))
        .with(Knob::Crashes, 6)
        .with(Knob::PowerCuts, 2)
        .with(Knob::BadCommits, 2)
        .with(Knob::Stops, 2)
        .with(Knob::Moves, 3)
        .with(Knob::Swaps, 3)
        .with(Knob::Reloads, 1)
        .with(Knob::Route, 1)
        .with(Knob::Rotation, dice.below(5))
        .with(Knob::ReplayEvery, 97)
}

/// The month of a seed with these numbers.
pub fn setup(seed: u64, options: Options) -> Setup {
    let mut setup = Setup::with(seed, options);
    tariffs(seed, &setup.options, &mut setup.settings);
    let spells = spells(seed);
    let mut dice = Dice::new(seed, "bursts");
    let bursts: Vec<Duration> = (0..BURSTS).map(|_| awake_at(&mut dice, &spells)).collect();
    for (at, act) in &mut setup.acts {
        let Act::Send(number) = act else {
            *at = awake_at(&mut dice, &spells);
            continue;
        };
        let mut dice = Dice::new(seed ^ (*number as u64) << 20, "month's send");
        *at = match dice.one_in(3) {
            true => awake_at(&mut dice, &spells),
            false => dice.pick(&bursts) + dice.up_to(BURST),
        };
    }
    let ends = spells.iter().map(|spell| spell.ends);
    let nexts = spells.iter().skip(1).map(|spell| spell.begins);
    for (end, next) in ends.zip(nexts) {
        setup
            .acts
            .push((end, Act::Sleep(next.saturating_sub(end).as_secs())));
    }
    setup.acts.sort_by_key(|(at, _)| *at);
    setup
}

/// A time in which lines are there.
#[derive(Clone, Copy, Debug)]
struct Spell {
    begins: Duration,
    ends: Duration,
}

/// About two a day, from minutes to hours, over nights and resets; they don't overlap.
fn spells(seed: u64) -> Vec<Spell> {
    let mut dice = Dice::new(seed, "spells");
    let mut spells = Vec::new();
    let mut begins = Duration::ZERO;
    while begins < DAY * 30 {
        let ends = begins + Duration::from_secs(dice.pick(&[600, 2400, 7200]));
        spells.push(Spell { begins, ends });
        begins = ends + Duration::from_secs(dice.within(3600, 20 * 3600));
    }
    spells
}

fn awake_at(dice: &mut Dice, spells: &[Spell]) -> Duration {
    let spell = dice.pick(spells);
    spell.begins + dice.up_to(spell.ends - spell.begins)
}

/// Gives each SIM a tariff of its own.
fn tariffs(seed: u64, options: &Options, settings: &mut Settings) {
    settings.sims = (0..options.count(Knob::Lines))
        .map(|line| {
            let mut dice = Dice::new(seed ^ (line as u64) << 20, "tariff");
            (site::iccid(line, 0), tariff(&mut dice))
        })
        .collect();
}

fn tariff(dice: &mut Dice) -> SimSettings {
    let mut limit = |one_in: u64, least: u64, most: u64| {
        let drawn = dice.within(least, most);
        let is_set = dice.one_in(one_in);
        is_set.then(|| u32::try_from(drawn).unwrap_or(u32::MAX))
    };
    let limits = [
        limit(2, 1, 4),
        limit(2, 2, 10),
        limit(2, 3, 20),
        limit(2, 20, 120),
    ];
    let (per_life, recipients_per_month) = (limit(3, 5, 50), limit(4, 3, 25));
    let is_declared = limits.iter().any(Option::is_some) || per_life.is_some();
    let [minute, hour, day, month] = limits;
    let billing_day = match dice.one_in(6) {
        true => BillingDay::Last,
        false => BillingDay::Day(i8::try_from(dice.within(1, 28)).unwrap_or(1)),
    };
    let reset_min = u16::try_from(dice.within(0, 1439)).unwrap_or(0);
    let ends = dice.up_to(DAY * 30);
    SimSettings {
        budget: Budget {
            limits: [minute, hour, day.or((!is_declared).then_some(5)), month],
            interval_min: Duration::from_secs(dice.pick(&[0, 0, 2, 20, 180])),
            per_life,
            recipients_per_month,
            otp_share: dice.pick(&[0, 0, 0, 20, 50]),
            calendar: Calendar {
                zone: Calendar::zone_of(dice.pick(&site::ZONES)).expect("it is in the table"),
                reset_min: if dice.one_in(2) { 0 } else { reset_min },
                billing_day,
            },
            hours: hours(dice),
            ends: dice.one_in(6).then(|| EPOCH.plus(ends)),
        },
        cost: Cost {
            part: u32::try_from(dice.below(3)).unwrap_or(0),
            ..Cost::default()
        },
        ..SimSettings::default()
    }
}

/// The hours of a tariff: mostly all, else a day's work, a night, or both ends of a day.
fn hours(dice: &mut Dice) -> Vec<Hours> {
    let hours = |from: u16, to: u16| Hours {
        from_min: from * 60,
        to_min: to * 60,
    };
    match dice.below(8) {
        0 => vec![hours(8, 20)],
        1 => vec![hours(21, 7)],
        2 => vec![hours(0, 6), hours(17, 23)],
        _ => Vec::new(),
    }
}

/// Most of the month's messages come in so many crowds…
const BURSTS: usize = 12;
/// …each within this time.
const BURST: Duration = Duration::from_secs(300);
const DAY: Duration = Duration::from_secs(86_400);
