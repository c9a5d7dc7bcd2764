//! A world's numbers in the words of the machines: the gateway's configuration, the network's behaviour.

use std::time::{Duration, Instant};

use gateway::{Budget, Rotation, Route, Settings, SimFilter, SimSettings, UnixMs};
use hw_sim::{Country, NetworkSettings, Sim};
use modem::Iccid;

use super::options::{Knob, Options};
use super::{EPOCH, Setup};

/// The gateway's configuration.
pub(super) fn settings(options: &Options) -> Settings {
    let limit = |knob| {
        let parts = u32::try_from(options.value(knob)).unwrap_or(u32::MAX);
        Some(parts).filter(|parts| *parts > 0)
    };
    let mut settings = Settings {
        target_per_minute: limit(Knob::Target).unwrap_or(1),
        queued_max: options.count(Knob::QueuedMax),
        ..Settings::default()
    };
    settings.sims_default = SimSettings {
        budget: Budget {
            limits: [
                limit(Knob::PerMinute),
                limit(Knob::PerHour),
                limit(Knob::PerDay),
                limit(Knob::PerMonth),
            ],
            interval_min: options.millis(Knob::IntervalMs),
        },
        ..SimSettings::default()
    };
    if options.value(Knob::Route) > 0 {
        let half = (0..options.count(Knob::Lines)).step_by(2);
        settings.routes = vec![Route {
            name: "half".into(),
            prefixes: vec!["+491510000".into()],
            classes: Vec::new(),
            sims: SimFilter {
                iccids: half.map(|line| iccid(line, 0)).collect(),
                ..SimFilter::default()
            },
            rotation: Rotation::RoundRobin,
            ..Route::default()
        }];
    }
    settings
}

/// The network's behaviour.
pub(super) fn network(setup: &Setup, started: Instant) -> NetworkSettings {
    let options = &setup.options;
    let skew = options.millis(Knob::SkewMs);
    let UnixMs(started_unix_ms) = EPOCH.plus(skew);
    NetworkSettings {
        sms_time: options.millis(Knob::SmsMs),
        sms_time_spread: options.value(Knob::Spread) as f64 / 100.0,
        report_delay: Duration::ZERO..=options.millis(Knob::ReportMs),
        seed: setup.seed,
        faults: options.faults(),
        country: Country::default(),
        ussd: hw_sim::UssdItem::usual(),
        started,
        started_unix_ms,
    }
}

/// The card in a modem at the beginning.
pub(super) fn iccid(modem: usize, seed: u64) -> Iccid {
    Iccid(Sim::of_line(modem, seed).iccid.into())
}
