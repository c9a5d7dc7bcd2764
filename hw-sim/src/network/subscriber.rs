//! What the network knows of one SIM, and what waits for it.

use std::collections::VecDeque;
use std::time::Instant;

use sms::ServiceCentreTime;

use crate::air::Readiness;
use crate::sim::Sim;

/// What the network knows of a SIM.
#[derive(Debug)]
pub(super) struct Subscriber {
    /// Which line it is in.
    pub(super) line: Option<usize>,
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
    pub(super) ready: Readiness,
    pub(super) reports: VecDeque<Waiting>,
    pub(super) messages: VecDeque<Waiting>,
    pub(super) offered: Option<Offered>,
    /// Reports that wait for the next one to overtake them, and until when.
    pub(super) overtaken: Vec<(Instant, Report)>,
    /// Nothing is delivered before: a delivery has just failed.
    pub(super) tried_again_at: Instant,
}

impl Subscriber {
    pub(super) fn of(
        sim: &Sim,
        line: Option<usize>,
        operator: usize,
        started: Instant,
    ) -> Subscriber {
        Subscriber {
            line,
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
            ready: Readiness::default(),
            reports: VecDeque::new(),
            messages: VecDeque::new(),
            offered: None,
            overtaken: Vec::new(),
            tried_again_at: started,
        }
    }
}

#[derive(Debug)]
pub(super) struct Report {
    /// Whose: the SIM that sent what it tells of.
    pub(super) card: usize,
    pub(super) reference: u8,
    pub(super) recipient: sms::Address,
    pub(super) accepted: ServiceCentreTime,
    pub(super) status: u8,
    /// Whether the next report of the SIM comes before it.
    pub(super) is_overtaken: bool,
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
    /// Whether the modem has it, so that it is on record.
    pub(super) is_shown: bool,
}
