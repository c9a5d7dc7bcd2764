//! What has been learnt about the modem and the SIM behind a port.
//!
//! Only holds it; the initialisation and the polls fill it in.

use crate::registration::Registration;
use crate::urc::Memory;
use crate::{Iccid, ModemIdentity, SimIdentity};

/// What is known.
#[derive(Debug, Default)]
pub(crate) struct Known {
    /// Maker, model, firmware and IMEI.
    pub(crate) modem: ModemIdentity,
    /// The card.
    pub(crate) iccid: Option<Iccid>,
    /// Which of the script's queries told the ICCID.
    pub(crate) iccid_query: usize,
    /// The subscription; empty if the modem does not tell.
    pub(crate) imsi: String,
    /// Whether the SIM knows its service centre (`+CSCA`).
    pub(crate) smsc: bool,
    /// Where the SIM is registered.
    pub(crate) registration: Registration,
    /// Whether registration in LTE alone is enough, by the settings.
    pub(crate) sms_over_ims: bool,
    /// The answer to `+CNMI?` after it was set; empty if the modem does not tell.
    pub(crate) indications: String,
    /// Where messages are stored.
    pub(crate) home: Memory,
    /// The store that `+CMGR` and `+CMGD` mean now (`<mem1>` of `+CPMS`).
    pub(crate) selected: Memory,
}

impl Known {
    /// Nothing is known of a new port but what the settings say.
    pub(crate) fn new(sms_over_ims: bool) -> Known {
        Known {
            sms_over_ims,
            ..Known::default()
        }
    }

    /// Forgets the SIM: it may be another one.
    pub(crate) fn forget_sim(&mut self) {
        self.iccid = None;
        self.imsi.clear();
        self.smsc = false;
        self.registration = Registration::default();
    }

    /// The SIM, once its ICCID was read.
    pub(crate) fn sim(&self) -> Option<SimIdentity> {
        let iccid = self.iccid.clone()?;
        Some(SimIdentity {
            iccid,
            imsi: self.imsi.clone(),
        })
    }
}
