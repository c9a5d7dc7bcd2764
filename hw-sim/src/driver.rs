//! A fleet in the test's own process, without ports: bytes in, bytes out, and time that only moves when told.

use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::country::Country;
use crate::faults::Faults;
use crate::ledger::LedgerEntry;
use crate::network::{Inbound, NetworkSettings, UssdItem};
use crate::profile::ModemProfile;
use crate::rack::{Rack, RackEffects, RackInput, RackSettings, Unplugged};
use crate::sim::Sim;
use crate::timeline::Event;

/// Modems, a network and a clock of their own.
#[derive(Debug)]
pub struct Driver {
    rack: Rack,
    started: Instant,
    now: Instant,
    effects: RackEffects,
    unread: Vec<Vec<u8>>,
    ledger: Vec<LedgerEntry>,
    unplugged: Vec<Unplugged>,
}

/// How a [`Driver`]'s network behaves.
#[derive(Debug, Clone)]
pub struct DriverSettings {
    /// How many lines.
    pub lines: usize,
    /// Mean radio time of a send.
    pub sms_time: Duration,
    /// Its coefficient of variation; 0 is constant.
    pub sms_time_spread: f64,
    /// How long after the accept a status report is due.
    pub report_delay: RangeInclusive<Duration>,
    /// Seed of every draw.
    pub seed: u64,
    /// What goes wrong.
    pub faults: Faults,
    /// Operators, antennas and recipients.
    pub country: Country,
    /// What happens, and when.
    pub events: Vec<Event>,
    /// The modems' model.
    pub profile: Arc<ModemProfile>,
    /// USSD codes and what they answer.
    pub ussd: Vec<UssdItem>,
}

impl Default for DriverSettings {
    fn default() -> DriverSettings {
        DriverSettings {
            lines: 1,
            sms_time: Duration::from_secs(3),
            sms_time_spread: 0.0,
            report_delay: Duration::from_secs(2)..=Duration::from_secs(2),
            seed: 1,
            faults: Faults::default(),
            country: Country::default(),
            events: Vec::new(),
            profile: Arc::default(),
            ussd: UssdItem::usual(),
        }
    }
}

impl Driver {
    /// A fleet whose clock stands at its start.
    pub fn new(settings: DriverSettings) -> Driver {
        let sims = (0..settings.lines)
            .map(|line| Sim::of_line(line, settings.seed))
            .collect();
        Driver::with_sims(settings, sims)
    }

    /// A line for each of these SIMs, whatever the settings' number of lines.
    pub fn with_sims(settings: DriverSettings, sims: Vec<Sim>) -> Driver {
        let started = Instant::now();
        let unread = vec![Vec::new(); sims.len()];
        let events = settings.events;
        let network = NetworkSettings {
            sms_time: settings.sms_time,
            sms_time_spread: settings.sms_time_spread,
            report_delay: settings.report_delay,
            seed: settings.seed,
            faults: settings.faults,
            country: settings.country,
            ussd: settings.ussd,
            started,
            started_unix_ms: STARTED_UNIX_MS,
        };
        Driver {
            rack: Rack::with_sims(
                sims,
                RackSettings {
                    events,
                    profiles: vec![settings.profile],
                    ..RackSettings::from(network)
                },
            ),
            started,
            now: started,
            effects: RackEffects::default(),
            unread,
            ledger: Vec::new(),
            unplugged: Vec::new(),
        }
    }

    /// The driver's clock.
    pub fn now(&self) -> Instant {
        self.now
    }

    /// How far the clock has moved.
    pub fn elapsed(&self) -> Duration {
        self.now - self.started
    }

    /// The machines.
    pub fn rack(&self) -> &Rack {
        &self.rack
    }

    /// Writes to the modem of a line.
    pub fn write(&mut self, line: usize, bytes: &[u8]) {
        self.step(RackInput::Host { line, bytes });
    }

    /// Takes what the modem of a line wrote since the last call.
    pub fn read(&mut self, line: usize) -> Vec<u8> {
        std::mem::take(&mut self.unread[line])
    }

    /// Any other input, at the clock's time.
    pub fn step(&mut self, input: RackInput<'_>) {
        self.rack.step(self.now, input, &mut self.effects);
        self.collect();
    }

    /// Somebody sends a text to the SIM of a line.
    ///
    /// # Errors
    /// When the originator or the text cannot be coded.
    pub fn inbound(
        &mut self,
        line: usize,
        from: &str,
        text: &str,
    ) -> Result<(), crate::InboundError> {
        let message = Inbound::new(from, text, 1)?;
        self.step(RackInput::Inbound {
            line,
            message: &message,
        });
        Ok(())
    }

    /// When something will happen by itself, and what.
    pub fn deadline(&self) -> Option<(Instant, &'static str)> {
        self.rack.deadline()
    }

    /// Moves the clock, stopping at every deadline on the way.
    pub fn advance(&mut self, by: Duration) {
        let end = self.now + by;
        while let Some((at, _)) = self.rack.deadline().filter(|(at, _)| *at <= end) {
            self.now = self.now.max(at);
            self.step(RackInput::Wake);
        }
        self.now = end;
    }

    /// Everything the network did so far.
    pub fn ledger(&self) -> &[LedgerEntry] {
        &self.ledger
    }

    /// Takes the ports that vanished since the last call; the driver goes on reading and writing.
    pub fn unplugged(&mut self) -> Vec<Unplugged> {
        std::mem::take(&mut self.unplugged)
    }

    fn collect(&mut self) {
        for (line, bytes) in self.effects.host_pieces() {
            self.unread[line].extend_from_slice(bytes);
        }
        self.ledger.append(&mut self.effects.ledger);
        self.unplugged.append(&mut self.effects.unplugged);
        self.effects.clear();
    }
}

/// The network's clock at the start of every driver: 2025-11-01 00:00 UTC.
const STARTED_UNIX_MS: i64 = 1_761_955_200_000;
