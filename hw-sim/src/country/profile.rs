//! Times and errors of kinds of networks, fitted to public measurements: log-normal by median, 95th and 99th percentile.
//!
//! A table of numbers. Prompts belong to modems and are not here.

use std::time::Duration;

use serde::Deserialize;

use crate::rng::Rng;

/// A kind of network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
pub enum Profile {
    /// The fleet's own times (`sms_time`, `report_delay`), nothing refused.
    #[default]
    #[serde(rename = "plain")]
    Plain,
    /// GSM with a good signal.
    #[serde(rename = "2g_good")]
    GsmGood,
    /// GSM at the edge of a cell.
    #[serde(rename = "2g_weak")]
    GsmWeak,
    /// GSM with too few channels.
    #[serde(rename = "2g_congested")]
    GsmCongested,
    /// UMTS.
    #[serde(rename = "3g")]
    Umts,
    /// LTE, messages over SGs.
    #[serde(rename = "lte_sgs")]
    LteSgs,
    /// LTE, messages over IMS.
    #[serde(rename = "lte_ims")]
    LteIms,
    /// LTE without a way for messages: registered, and nothing goes.
    #[serde(rename = "lte_no_sgs")]
    LteNoSgs,
    /// Abroad.
    #[serde(rename = "roaming")]
    Roaming,
}

/// A profile's numbers.
#[derive(Debug)]
pub(crate) struct Figures {
    /// From Ctrl-Z to the answer.
    pub(crate) accept: Spread,
    /// What of that a link saves that is kept from the last submission.
    pub(crate) link: f64,
    /// From the accept to the report, for the 70 % that come at once.
    pub(crate) report: Spread,
    /// From the search to the registration.
    pub(crate) registration: Spread,
    /// Codes of `+CMS ERROR`, each with how many of 1000 sends it refuses.
    pub(crate) refusals: &'static [(u16, f64)],
    /// How many of 1000 sends get no answer.
    pub(crate) silent: f64,
    /// Share of the reports that never come.
    pub(crate) unreported: f64,
}

/// A log-normal distribution, in seconds; no draw is above twice the 99th percentile.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spread {
    median: f64,
    p95: f64,
    p99: f64,
}

impl Profile {
    /// Its numbers; `None` for the plain one, whose times are the fleet's.
    pub(crate) fn figures(self) -> Option<&'static Figures> {
        match self {
            Profile::Plain => None,
            Profile::GsmGood => Some(&GSM_GOOD),
            Profile::GsmWeak => Some(&GSM_WEAK),
            Profile::GsmCongested => Some(&GSM_CONGESTED),
            Profile::Umts => Some(&UMTS),
            Profile::LteSgs => Some(&LTE_SGS),
            Profile::LteIms => Some(&LTE_IMS),
            Profile::LteNoSgs => Some(&LTE_NO_SGS),
            Profile::Roaming => Some(&ROAMING),
        }
    }
}

impl Spread {
    pub(crate) fn draw(self, rng: &mut Rng) -> Duration {
        let sigma = (self.p95 / self.median).ln() / NORMAL_P95;
        let seconds = self.median * (sigma * rng.normal()).exp();
        Duration::from_secs_f64(seconds.min(self.p99 * 2.0))
    }
}

const fn spread(median: f64, p95: f64, p99: f64) -> Spread {
    Spread { median, p95, p99 }
}

const GSM_GOOD: Figures = Figures {
    accept: spread(3.2, 6.0, 12.0),
    link: 1.2,
    report: spread(6.0, 14.0, 60.0),
    registration: spread(8.0, 20.0, 40.0),
    refusals: &[(41, 3.0), (42, 2.0), (38, 1.0)],
    silent: 1.0,
    unreported: 0.01,
};
const GSM_WEAK: Figures = Figures {
    accept: spread(4.5, 14.0, 40.0),
    link: 0.8,
    report: spread(9.0, 40.0, 300.0),
    registration: spread(15.0, 60.0, 180.0),
    refusals: &[(41, 40.0), (513, 5.0), (332, 5.0)],
    silent: 5.0,
    unreported: 0.01,
};
const GSM_CONGESTED: Figures = Figures {
    accept: spread(7.0, 25.0, 45.0),
    link: 0.0,
    report: spread(15.0, 120.0, 900.0),
    registration: spread(20.0, 90.0, 300.0),
    refusals: &[(42, 50.0), (47, 30.0), (38, 20.0)],
    silent: 1.0,
    unreported: 0.01,
};
const UMTS: Figures = Figures {
    accept: spread(2.2, 4.5, 9.0),
    link: 0.8,
    report: spread(5.0, 12.0, 60.0),
    registration: spread(8.0, 25.0, 60.0),
    refusals: &[(41, 2.0), (42, 1.0)],
    silent: 1.0,
    unreported: 0.01,
};
const LTE_SGS: Figures = Figures {
    accept: spread(1.0, 2.5, 6.0),
    link: 0.0,
    report: spread(3.0, 9.0, 60.0),
    registration: spread(6.0, 15.0, 40.0),
    refusals: &[(41, 2.0), (500, 1.0)],
    silent: 0.0,
    unreported: 0.01,
};
const LTE_IMS: Figures = Figures {
    accept: spread(0.6, 1.8, 5.0),
    link: 0.0,
    report: spread(2.5, 8.0, 60.0),
    registration: spread(8.0, 25.0, 60.0),
    refusals: &[(41, 2.0), (500, 1.0)],
    silent: 1.0,
    unreported: 0.01,
};
const LTE_NO_SGS: Figures = Figures {
    accept: spread(1.0, 2.5, 6.0),
    link: 0.0,
    report: spread(3.0, 9.0, 60.0),
    registration: spread(6.0, 15.0, 40.0),
    refusals: &[(500, 500.0)],
    silent: 500.0,
    unreported: 0.01,
};
const ROAMING: Figures = Figures {
    accept: spread(4.0, 12.0, 35.0),
    link: 0.5,
    report: spread(10.0, 90.0, 1800.0),
    registration: spread(25.0, 90.0, 240.0),
    refusals: &[(41, 10.0), (42, 5.0), (38, 4.0)],
    silent: 1.0,
    unreported: 0.3,
};

/// The 95th percentile of the standard normal distribution.
const NORMAL_P95: f64 = 1.644_853_6;
