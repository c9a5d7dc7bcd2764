//! What the network knows of one SIM, and what waits for it.

use std::collections::VecDeque;
use std::time::Instant;

use sms::ServiceCentreTime;

use crate::air::Readiness;
use crate::sim::Sim;

/// What the network knows of a SIM.
#[derive(Debug)]
pub(super) struct Subscriber {
    pub(super) iccid: String,
    pub(super) imsi: String,
    pub(super) number: String,
    pub(super) credit_cents: i64,
    /// Where its USSD dialogue stands: places in the tree of menus.
    pub(super) ussd: Vec<usize>,
    /// Which operator it is of.
    pub(super) operator: usize,
    pub(super) sends: u64,
    /// Searches for the network so far.
    pub(super) searches: u64,
    pub(super) uncovered_until: Instant,
    pub(super) barred_until: Option<Instant>,
    /// Parts paid for.
    pub(super) spent: u64,
    /// The day that `sent_today` is of.
    pub(super) day: u64,
    pub(super) sent_today: u64,
    pub(super) radio_free: Instant,
    pub(super) ready: Readiness,
    pub(super) reports: VecDeque<Waiting>,
    pub(super) messages: VecDeque<Waiting>,
    pub(super) offered: Option<Offered>,
}

impl Subscriber {
    pub(super) fn of(sim: &Sim, operator: usize, started: Instant) -> Subscriber {
        Subscriber {
            operator,
            searches: 0,
            uncovered_until: started,
            barred_until: None,
            spent: 0,
            day: 0,
            sent_today: 0,
            iccid: sim.iccid.clone(),
            imsi: sim.imsi.clone(),
            number: sim.number.clone(),
            credit_cents: sim.credit_cents,
            ussd: Vec::new(),
            sends: 0,
            radio_free: started,
            ready: Readiness::default(),
            reports: VecDeque::new(),
            messages: VecDeque::new(),
            offered: None,
        }
    }

    /// Another SIM serves the line.
    pub(super) fn change_card(&mut self, sim: Sim) {
        self.iccid = sim.iccid;
        self.imsi = sim.imsi;
        self.number = sim.number;
        self.credit_cents = sim.credit_cents;
        self.spent = 0;
        self.ussd.clear();
    }
}

#[derive(Debug)]
pub(super) struct Report {
    pub(super) line: usize,
    pub(super) reference: u8,
    pub(super) recipient: sms::Address,
    pub(super) accepted: ServiceCentreTime,
    pub(super) status: u8,
}

#[derive(Debug)]
pub(super) enum Waiting {
    Report {
        report: Report,
        discharge: Instant,
    },
    Message {
        from: sms::Address,
        user_data: Box<sms::UserData>,
    },
}

/// On its way to the modem, not yet taken.
#[derive(Debug)]
pub(super) struct Offered {
    pub(super) waiting: Waiting,
    pub(super) tpdu: Vec<u8>,
}
