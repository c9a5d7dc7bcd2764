//! A world's numbers in the words of the machines: the gateway's configuration, the network's behaviour.

use std::sync::Arc;
use std::time::{Duration, Instant};

use gateway::{Budget, Rotation, Route, Settings, SimFilter, SimSettings, UnixMs};
use hw_sim::{
    Country, Event, FleetSettings, ModemProfile, NetworkSettings, RackSettings, Sim, Trouble,
};
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
            ..Budget::default()
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

/// Modems and network.
pub(super) fn rack(setup: &Setup, started: Instant) -> RackSettings {
    let mut network = network(setup, started);
    let models = match setup.options.value(Knob::Models) {
        0 => Vec::new(),
        _ => MODELS.iter().map(|name| model(name)).collect(),
    };
    let Some(scenario) = &setup.scenario else {
        return RackSettings {
            profiles: models,
            ..RackSettings::from(network)
        };
    };
    let mut fleet = FleetSettings::default();
    scenario.apply(&mut fleet);
    network.sms_time = fleet.sms_time;
    network.sms_time_spread = fleet.sms_time_spread;
    network.report_delay = fleet.report_delay;
    network.faults = fleet.faults;
    network.country = fleet.country;
    RackSettings {
        events: fleet.events.into_iter().filter(is_true).collect(),
        hub_lines: fleet.hub_lines,
        profiles: fleet.profiles,
        network,
    }
}

/// Whether modems go on saying true things: no gateway could see through one that does not.
fn is_true(event: &Event) -> bool {
    !matches!(event.trouble, Trouble::Garble { .. } | Trouble::Cut { .. })
}

fn model(name: &str) -> Arc<ModemProfile> {
    ModemProfile::load(name).expect("it is built in")
}

/// The network's behaviour.
fn network(setup: &Setup, started: Instant) -> NetworkSettings {
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

/// Models that a world's lines are dealt; the first is the one that has no oddities.
const MODELS: [&str; 8] = [
    "generic",
    "ec25",
    "sim800",
    "sim7600",
    "huawei",
    "cinterion",
    "telit",
    "ublox",
];
