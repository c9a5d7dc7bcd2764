//! What one world is like: a table of numbers, drawn from its seed, of which each can be set by name.
//!
//! Every number has a calm value. Shrinking a failure sets one after the other to it; what stays is what the failure
//! needs. Drawing follows the swarm idea: each world has only some of the troubles, and those it has are strong.

mod swarm;

use std::fmt;
use std::time::Duration;

use hw_sim::{
    ErrorFault, Faults, GarbageFault, NoiseFault, PortFault, PromptFault, RebootFault, ReportFault,
    SilenceFault,
};

use super::dice::Dice;
use swarm::{ALWAYS, SWARM};

pub(super) use swarm::PLAIN;

macro_rules! knobs {
    ($($(#[doc = $doc:literal])* $knob:ident $name:literal $calm:literal,)*) => {
        /// One number of a world.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Knob { $($(#[doc = $doc])* $knob,)* }

        impl Knob {
            /// All of them.
            pub const ALL: &'static [Knob] = &[$(Knob::$knob,)*];

            /// Its name on the command line.
            pub fn name(self) -> &'static str {
                match self { $(Knob::$knob => $name,)* }
            }

            /// Its value in a world without trouble.
            pub fn calm(self) -> u64 {
                match self { $(Knob::$knob => $calm,)* }
            }
        }
    };
}

knobs! {
    /// Lines, each with its SIM.
    Lines "lines" 1,
    /// Messages that apps hand over.
    Messages "messages" 1,
    /// Seconds over which they come.
    SpanS "span_s" 60,
    /// Recipients.
    Recipients "recipients" 1,
    /// Thousandths of the messages that are long.
    Long "long" 0,
    /// Seconds a message is worth sending, at most.
    ExpiresS "expires_s" 3600,
    /// Milliseconds of radio time.
    SmsMs "sms_ms" 1000,
    /// Hundredths of its coefficient of variation.
    Spread "spread" 0,
    /// Milliseconds until a report, at most.
    ReportMs "report_ms" 2000,
    /// Milliseconds by which the service centre's clock is ahead.
    SkewMs "skew_ms" 0,
    /// Parts a minute of the whole fleet.
    Target "target" 6_000_000,
    /// Parts a minute of a SIM; 0: no limit.
    PerMinute "per_minute" 0,
    /// Parts an hour of a SIM; 0: no limit.
    PerHour "per_hour" 0,
    /// Parts a day of a SIM.
    PerDay "per_day" 100_000,
    /// Parts a month of a SIM; 0: no limit.
    PerMonth "per_month" 0,
    /// Milliseconds between two starts on a SIM.
    IntervalMs "interval_ms" 0,
    /// Messages that may wait.
    QueuedMax "queued_max" 100_000,
    /// 1: a route over half of the SIMs.
    Route "route" 0,
    /// Milliseconds a commit takes, at most.
    CommitMs "commit_ms" 0,
    /// Milliseconds from a modem to its line.
    WireMs "wire_ms" 0,
    /// Bytes that are read at a time, at most; 0: all.
    Chunk "chunk" 0,
    /// Thousandths of the sends that the network refuses.
    Errors "errors" 0,
    /// Thousandths of the sends that get no answer.
    Silence "silence" 0,
    /// Seconds a silent modem stays mute.
    MuteS "mute_s" 0,
    /// Thousandths of the reports that never come.
    ReportLost "report_lost" 0,
    /// Thousandths that come twice.
    ReportTwice "report_twice" 0,
    /// Thousandths that come before the answer.
    ReportEarly "report_early" 0,
    /// Thousandths that tell of a failure.
    Undelivered "undelivered" 0,
    /// Thousandths with a report "still trying" before.
    Trying "trying" 0,
    /// Thousandths that name the recipient in national form.
    National "national" 0,
    /// Thousandths that come late.
    Late "late" 0,
    /// Seconds by which they come late, at most.
    LateByS "late_by_s" 600,
    /// Thousandths that the next report of the SIM overtakes.
    OutOfOrder "out_of_order" 0,
    /// Thousandths of the prompts that come late.
    LatePrompt "late_prompt" 0,
    /// Mean seconds between two losses of a port; 0: never.
    PortS "port_s" 0,
    /// Mean seconds between two bursts of garbage; 0: never.
    GarbageS "garbage_s" 0,
    /// Mean seconds between two unsolicited lines; 0: never.
    NoiseS "noise_s" 0,
    /// Mean seconds between two restarts of a modem; 0: never.
    RebootS "reboot_s" 0,
    /// Times that one line, or all, are mute, slow, flooded, without SIM, network or room, barred or out of order.
    Troubles "troubles" 0,
    /// Crashes of the daemon at any time.
    Crashes "crashes" 0,
    /// Crashes of the whole host, modems included.
    PowerCuts "power_cuts" 0,
    /// Commits that fail.
    BadCommits "bad_commits" 0,
    /// Orderly stops and starts of the daemon.
    Stops "stops" 0,
    /// Times that two modems change their ports.
    Moves "moves" 0,
    /// Times that an operator pauses or drains something and resumes it.
    Controls "controls" 0,
    /// Reloads of the configuration.
    Reloads "reloads" 0,
    /// Messages that their apps take back.
    Cancels "cancels" 0,
    /// Times that the disk is full for a while.
    FullDisks "full_disks" 0,
    /// Messages that come in from outside.
    Inbound "inbound" 0,
    /// Times that the SIMs of two lines, or of all, change places.
    Swaps "swaps" 0,
    /// Calls and cell broadcasts that come in from outside.
    Calls "calls" 0,
    /// USSD codes that operators dial.
    Dials "dials" 0,
    /// 1: modems of several makers, with their oddities.
    Models "models" 0,
    /// Number of the commit at which the daemon dies, from 1; 0: none.
    DieAtCommit "die_at_commit" 0,
    /// How: 0 before it is written, 1 written and lost, 2 torn, 3 written, 4 synced and nothing released.
    DieHow "die_how" 0,
    /// Number of the event at which the daemon dies, from 1; 0: none.
    DieAtEvent "die_at_event" 0,
    /// Between how many turns the replayed state is compared; 0: never.
    ReplayEvery "replay_every" 7,
    /// Thousandths of the messages that are not to be sent at once.
    Scheduled "scheduled" 0,
    /// Seconds by which these are ahead, at most.
    AheadS "ahead_s" 600,
    /// Which send window notifications and bulk have, by its place in a table; 0: none.
    Window "window" 0,
    /// Thousandths of the recipients that live by other clocks.
    Abroad "abroad" 0,
    /// Messages that a flood guard lets through in its time; 0: no guard.
    Flood "flood" 0,
    /// That time, in seconds.
    FloodS "flood_s" 60,
    /// What it counts apart: 0 a recipient, 1 a range of numbers, 2 an app, 3 nothing.
    FloodEach "flood_each" 0,
    /// Lists of recipients: 1 some are denied, 2 only some are allowed, 3 both change with each reload; 0: none.
    Lists "lists" 0,
    /// Times that somebody puts a recipient on the suppression list, or takes it off.
    Suppress "suppress" 0,
    /// Seconds that a trouble of a line lasts, at most.
    SickS "sick_s" 180,
    /// Percent of each budget that only codes may use.
    OtpShare "otp_share" 0,
    /// Distinct recipients of a SIM in a month; 0: no limit.
    RecipientsPerMonth "recipients_per_month" 0,
    /// Parts of a SIM for life; 0: no limit.
    PerLife "per_life" 0,
    /// 1: SIMs count days and months by clocks of their own.
    Zones "zones" 0,
    /// Hours in which SIMs may send: 1 few at a time, 2 over midnight; 0: all.
    Hours "hours" 0,
    /// Seconds after which every other SIM's contract ends; 0: never.
    EndsS "ends_s" 0,
    /// How the route picks its SIMs, by its place among the rotations.
    Rotation "rotation" 0,
    /// Apps that hand messages over, each with a weight of its own; 0: one without a name.
    Apps "apps" 0,
    /// Percent of what codes leave that bulk gets at least.
    BulkShare "bulk_share" 5,
}

/// The numbers of one world.
#[derive(Clone, PartialEq, Eq)]
pub struct Options([u64; Knob::ALL.len()]);

impl Options {
    /// A world without any trouble.
    pub fn calm() -> Options {
        let mut values = [0; Knob::ALL.len()];
        for knob in Knob::ALL {
            values[*knob as usize] = knob.calm();
        }
        Options(values)
    }

    /// The world of a seed.
    pub fn of_seed(seed: u64) -> Options {
        let mut options = Options::calm();
        for (knob, choices) in SWARM {
            // A stream for each: a new number does not make another world of every seed.
            let mut dice = Dice::new(seed, knob.name());
            let drawn = dice.pick(choices);
            let is_on = !dice.one_in(2) || ALWAYS.contains(knob);
            if is_on {
                options.set(*knob, drawn);
            }
        }
        // Shares are judged only where SIMs differ in nothing, which chance alone would hardly ever bring about.
        if options.value(Knob::Apps) > 0 && Dice::new(seed, "plain").one_in(2) {
            for knob in PLAIN {
                options.set(*knob, knob.calm());
            }
        }
        options
    }

    /// One number.
    pub fn value(&self, knob: Knob) -> u64 {
        self.0[knob as usize]
    }

    /// One number as a count of things in memory.
    pub fn count(&self, knob: Knob) -> usize {
        usize::try_from(self.value(knob)).unwrap_or(usize::MAX)
    }

    /// Sets one number.
    pub fn set(&mut self, knob: Knob, value: u64) {
        self.0[knob as usize] = value;
    }

    /// The same with another number.
    #[must_use]
    pub fn with(mut self, knob: Knob, value: u64) -> Options {
        self.set(knob, value);
        self
    }

    /// What differs from `other`, as `name=value`.
    pub fn difference(&self, other: &Options) -> Vec<String> {
        let differs = Knob::ALL
            .iter()
            .filter(|knob| self.value(**knob) != other.value(**knob));
        differs
            .map(|knob| format!("{}={}", knob.name(), self.value(*knob)))
            .collect()
    }

    /// Sets a number given as `name=value`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn set_text(&mut self, text: &str) -> Result<(), String> {
        let (name, value) = text
            .split_once('=')
            .ok_or(format!("`{text}`: name=value is meant"))?;
        let knob = Knob::ALL
            .iter()
            .find(|knob| knob.name() == name)
            .ok_or_else(|| {
                let names: Vec<_> = Knob::ALL.iter().map(|knob| knob.name()).collect();
                format!("`{name}` is none of {}", names.join(", "))
            })?;
        let value = value
            .parse()
            .map_err(|_| format!("`{value}`: a whole number is meant"))?;
        self.set(*knob, value);
        Ok(())
    }

    /// One number as a limit of parts, messages or recipients; `None` for 0.
    pub fn limit(&self, knob: Knob) -> Option<u32> {
        let most = u32::try_from(self.value(knob)).unwrap_or(u32::MAX);
        Some(most).filter(|most| *most > 0)
    }

    /// Seconds.
    pub fn seconds(&self, knob: Knob) -> Duration {
        Duration::from_secs(self.value(knob))
    }

    /// Milliseconds.
    pub fn millis(&self, knob: Knob) -> Duration {
        Duration::from_millis(self.value(knob))
    }

    /// The faults of modems and network.
    pub fn faults(&self) -> Faults {
        let rate = |knob| self.value(knob) as f64 / 1000.0;
        let every = |knob| Some(self.seconds(knob)).filter(|mean| !mean.is_zero());
        Faults {
            errors: ErrorFault {
                rate: rate(Knob::Errors),
                ..ErrorFault::default()
            },
            silence: SilenceFault {
                rate: rate(Knob::Silence),
                busy: self.seconds(Knob::MuteS),
                ..SilenceFault::default()
            },
            reports: ReportFault {
                lost: rate(Knob::ReportLost),
                twice: rate(Knob::ReportTwice),
                early: rate(Knob::ReportEarly),
                undelivered: rate(Knob::Undelivered),
                trying: rate(Knob::Trying),
                national: rate(Knob::National),
                out_of_order: rate(Knob::OutOfOrder),
                late: rate(Knob::Late),
                late_by: Duration::ZERO..=self.seconds(Knob::LateByS),
                ..ReportFault::default()
            },
            prompt: PromptFault {
                rate: rate(Knob::LatePrompt),
                ..PromptFault::default()
            },
            port: PortFault {
                every: every(Knob::PortS),
                ..PortFault::default()
            },
            garbage: GarbageFault {
                every: every(Knob::GarbageS),
                ..GarbageFault::default()
            },
            noise: NoiseFault {
                every: every(Knob::NoiseS),
            },
            reboot: RebootFault {
                every: every(Knob::RebootS),
                ..RebootFault::default()
            },
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.difference(&Options::calm()).join(" "))
    }
}
