//! A world's numbers in the words of the machines: the gateway's configuration, the network's behaviour.

use std::sync::Arc;
use std::time::{Duration, Instant};

use gateway::{
    AppSettings, BillingDay, Budget, Calendar, Class, Cost, Each, Hours, Limit, Numbers,
    Recipients, Rotation, Route, SendWindow, Settings, SimFilter, SimSettings, UnixMs,
};
use hw_sim::{
    Country, Event, FleetSettings, ModemProfile, NetworkSettings, RackSettings, Sim, Trouble,
};
use modem::Iccid;

use super::options::{Knob, Options};
use super::{EPOCH, Setup};

/// The gateway's configuration.
pub(super) fn settings(options: &Options) -> Settings {
    let mut settings = Settings {
        target_per_minute: options.limit(Knob::Target).unwrap_or(1),
        queued_max: options.count(Knob::QueuedMax),
        bulk_share_percent: percent(options, Knob::BulkShare),
        ..Settings::default()
    };
    for class in [Class::Notification, Class::Bulk] {
        settings.classes[class.index()].window = window(options);
    }
    settings.recipients = recipients(options, false);
    settings.limits = flood(options).into_iter().collect();
    settings.apps = (0..options.value(Knob::Apps))
        .map(|app| {
            (
                app_name(app),
                AppSettings {
                    weight: weight(app),
                },
            )
        })
        .collect();
    settings.sims_default = tariff(options, 0);
    if options.value(Knob::Zones) > 0 || options.value(Knob::EndsS) > 0 {
        let lines = options.count(Knob::Lines);
        settings.sims = (0..lines)
            .map(|line| (iccid(line, 0), tariff(options, line)))
            .collect();
    }
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
            rotation: ROTATIONS[options.count(Knob::Rotation) % ROTATIONS.len()],
            ..Route::default()
        }];
    }
    settings
}

/// What the SIM that is in a line at first may send.
fn tariff(options: &Options, line: usize) -> SimSettings {
    let limit = |knob| options.limit(knob);
    let (zone, reset_min, billing_day) = match options.value(Knob::Zones) {
        0 => (ZONES[0], 0, BillingDay::Day(1)),
        _ => CALENDARS[line % CALENDARS.len()],
    };
    let ends = EPOCH.plus(options.seconds(Knob::EndsS));
    let has_end = options.value(Knob::EndsS) > 0 && line % 2 == 1;
    SimSettings {
        budget: Budget {
            limits: [
                limit(Knob::PerMinute),
                limit(Knob::PerHour),
                limit(Knob::PerDay),
                limit(Knob::PerMonth),
            ],
            interval_min: options.millis(Knob::IntervalMs),
            per_life: limit(Knob::PerLife),
            recipients_per_month: limit(Knob::RecipientsPerMonth),
            otp_share: percent(options, Knob::OtpShare),
            calendar: Calendar {
                zone: Calendar::zone_of(zone).expect("it is in the table"),
                reset_min,
                billing_day,
            },
            hours: hours(options),
            ends: Some(ends).filter(|_| has_end),
        },
        cost: Cost {
            part: u32::try_from(line % 3).unwrap_or(0),
            ..Cost::default()
        },
        ..SimSettings::default()
    }
}

/// Hours by the SIM's clock: in Central Europe the world begins at 1:50, in UTC at 23:50.
fn hours(options: &Options) -> Vec<Hours> {
    let hours = |from_min, to_min| Hours { from_min, to_min };
    match options.value(Knob::Hours) {
        0 => Vec::new(),
        1 => (0..24)
            .map(|hour| hours(hour * 60 + 50, hour * 60 + 57))
            .collect(),
        _ => vec![hours(23 * 60, 5), hours(115, 180), hours(1100, 1210)],
    }
}

fn window(options: &Options) -> Option<SendWindow> {
    window_text(options).map(|text| SendWindow::parse(text).expect("it is well formed"))
}

/// The send window of notifications and bulk, as an operator writes it.
pub(super) fn window_text(options: &Options) -> Option<&'static str> {
    WINDOWS[options.count(Knob::Window) % WINDOWS.len()]
}

fn flood(options: &Options) -> Option<Limit> {
    Some(Limit {
        name: "flood".into(),
        each: Each::ALL[options.count(Knob::FloodEach) % Each::ALL.len()],
        prefixes: Vec::new(),
        classes: Vec::new(),
        apps: Vec::new(),
        messages: options.limit(Knob::Flood)?,
        per: options.seconds(Knob::FloodS),
    })
}

/// The lists of recipients; `others`: what a reload makes of them.
pub(super) fn recipients(options: &Options, others: bool) -> Arc<Recipients> {
    let mut recipients = Recipients::default();
    let add =
        |list: &mut Numbers, entries: &[&str]| entries.iter().for_each(|entry| list.add(entry));
    match (options.value(Knob::Lists), others) {
        (1, _) | (3, false) => add(&mut recipients.deny, &["+4915100000001", "+44*"]),
        (3, true) => add(&mut recipients.deny, &["+49151000000*"]),
        (2, _) => add(
            recipients.allow.get_or_insert_default(),
            &["+4915100000000", "+4915100000002", "+9*"],
        ),
        _ => {}
    }
    Arc::new(recipients)
}

pub(super) fn app_name(app: u64) -> Box<str> {
    format!("app {app}").into()
}

fn weight(app: u64) -> u32 {
    [1, 3, 1, 7][usize::try_from(app % 4).unwrap_or(0)]
}

fn percent(options: &Options, knob: Knob) -> u8 {
    u8::try_from(options.value(knob).min(100)).expect("100 fits")
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

/// In which the days of SIMs are counted.
pub(super) const ZONES: [&str; 4] = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"];
/// Zone, start of a day in minutes after midnight, first day of a month.
const CALENDARS: [(&str, u16, BillingDay); 5] = [
    (ZONES[1], 0, BillingDay::Day(1)),
    // Ten minutes after the world begins.
    (ZONES[1], 120, BillingDay::Last),
    (ZONES[2], 1200, BillingDay::Day(28)),
    (ZONES[3], 0, BillingDay::Day(2)),
    (ZONES[0], 5, BillingDay::Day(1)),
];
/// In Central Europe the world begins at 1:50: a window that opens soon, one that closes soon, one that is hours away.
const WINDOWS: [Option<&str>; 4] = [
    None,
    Some("01:55-02:20"),
    Some("22:00-02:00"),
    Some("05:00-06:00"),
];
const ROTATIONS: [Rotation; 5] = [
    Rotation::RoundRobin,
    Rotation::Headroom,
    Rotation::LeastUsed,
    Rotation::Sticky,
    Rotation::Cost,
];
