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
    pub(super) sends: u64,
    pub(super) radio_free: Instant,
    pub(super) ready: Readiness,
    pub(super) reports: VecDeque<Waiting>,
    pub(super) messages: VecDeque<Waiting>,
    pub(super) offered: Option<Offered>,
}

impl Subscriber {
    pub(super) fn of(sim: &Sim, started: Instant) -> Subscriber {
        Subscriber {
            iccid: sim.iccid.clone(),
            imsi: sim.imsi.clone(),
            number: sim.number.clone(),
            sends: 0,
            radio_free: started,
            ready: Readiness::default(),
            reports: VecDeque::new(),
            messages: VecDeque::new(),
            offered: None,
        }
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
