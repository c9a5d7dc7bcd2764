//! What has been learnt about the modem and the SIM behind a port.
//!
//! Only holds it; the initialisation and the polls fill it in.

use std::sync::Arc;

use crate::registration::Registration;
use crate::{
    Iccid, LineSettings, Memory, ModemIdentity, Network, OwnNumber, Profile, ProfileChoice,
    SimIdentity,
};

/// What is known.
#[derive(Debug)]
pub(crate) struct Known {
    choice: ProfileChoice,
    /// The modem's peculiarities.
    pub(crate) profile: Arc<Profile>,

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
    /// The operator's code as `+COPS?` tells it; empty if it does not.
    pub(crate) operator: String,
    /// The access technology of `+COPS?`.
    pub(crate) technology: Option<u8>,
    /// The phone number of the SIM; empty if it does not tell.
    pub(crate) number: String,
    /// Whether the modem takes `+CMMS`.
    pub(crate) more_messages: bool,
    /// Whether `+CSMS` 1 is in force: what is routed to us is acknowledged.
    pub(crate) acknowledges: bool,
    /// Whether `+CESQ` must be asked for the signal.
    pub(crate) extended_signal: ExtendedSignal,
    /// The answer to `+CNMI?` after it was set; empty if the modem does not tell.
    pub(crate) indications: String,
    /// Whether the modem stores reports and only tells where (`<ds>` 2 of `+CNMI`).
    pub(crate) stores_reports: bool,
    /// Where messages are stored.
    pub(crate) home: Memory,
    /// The store that `+CMGR` and `+CMGD` mean now (`<mem1>` of `+CPMS`).
    pub(crate) selected: Memory,
}

/// Whether `+CESQ` (3GPP TS 27.007 §8.69) must be asked for the signal, since `+CSQ` does not tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum ExtendedSignal {
    /// `+CSQ` tells.
    #[default]
    Unneeded,
    /// `+CSQ` says that it does not know.
    Wanted,
    /// The modem does not know the command.
    Refused,
}

impl Known {
    /// Nothing is known of a new port but what the settings say.
    pub(crate) fn new(settings: &LineSettings) -> Known {
        Known {
            choice: settings.profile.clone(),
            profile: settings.profile.first(),
            modem: ModemIdentity::default(),
            iccid: None,
            iccid_query: 0,
            imsi: String::new(),
            number: String::new(),
            smsc: false,
            registration: Registration::default(),
            operator: String::new(),
            technology: None,
            more_messages: false,
            acknowledges: false,
            extended_signal: ExtendedSignal::default(),
            indications: String::new(),
            stores_reports: false,
            home: Memory::default(),
            selected: Memory::default(),
        }
    }

    /// The modem has said who it is: its profile is chosen.
    pub(crate) fn identified(&mut self) {
        self.profile = self.choice.of(&self.modem);
        self.modem.profile = self.profile.name.clone();
    }

    /// Whether the profile is the modem's own, and not a guess.
    pub(crate) fn is_identified(&self) -> bool {
        !self.modem.profile.is_empty() || matches!(self.choice, ProfileChoice::Fixed(_))
    }

    /// Whether messages can be sent, or why not, for people.
    pub(crate) fn check_registration(&self) -> Result<(), &'static str> {
        self.registration.check(self.profile.network.lte_alone)
    }

    /// The network that the SIM is registered in.
    pub(crate) fn network(&self) -> Network {
        Network {
            operator: self.operator.as_str().into(),
            technology: self.technology,
            roaming: self.registration.is_roaming(),
        }
    }

    /// Forgets the SIM: it may be another one.
    pub(crate) fn forget_sim(&mut self) {
        self.iccid = None;
        self.imsi.clear();
        self.number.clear();
        self.operator.clear();
        self.technology = None;
        self.smsc = false;
        self.registration = Registration::default();
    }

    /// The SIM, once its ICCID was read.
    pub(crate) fn sim(&self) -> Option<SimIdentity> {
        let iccid = self.iccid.clone()?;
        Some(SimIdentity {
            iccid,
            imsi: self.imsi.clone(),
            number: OwnNumber(self.number.as_str().into()),
        })
    }
}
