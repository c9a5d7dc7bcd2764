//! What `plan` is told.

use clap::Args;

/// A fleet on paper. Budgets are those of one SIM, in parts.
#[derive(Clone, Debug, Args)]
pub(crate) struct PlanArguments {
    /// SIMs, each in a line of its own.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) sims: u32,
    /// What the network takes for one part.
    #[arg(long, value_name = "DURATION", default_value = "5.65s")]
    #[arg(value_parser = crate::plan::parse_duration)]
    pub(crate) sms_time: std::time::Duration,
    /// Least time between the starts of two parts on one SIM.
    #[arg(long, value_name = "DURATION", default_value = "0s")]
    #[arg(value_parser = crate::plan::parse_duration)]
    pub(crate) min_interval: std::time::Duration,
    /// Parts per minute that the fleet shall send. [default: as many as it can]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(crate) target: Option<u32>,
    /// Budget of each SIM per minute.
    #[arg(long, value_name = "PARTS")]
    pub(crate) per_minute: Option<u32>,
    /// Budget of each SIM per hour.
    #[arg(long, value_name = "PARTS")]
    pub(crate) per_hour: Option<u32>,
    /// Budget of each SIM per day.
    #[arg(long, value_name = "PARTS")]
    pub(crate) per_day: Option<u32>,
    /// Budget of each SIM per month.
    #[arg(long, value_name = "PARTS")]
    pub(crate) per_month: Option<u32>,
    /// Parts of each SIM for life, as in a package that is paid once.
    #[arg(long, value_name = "PARTS")]
    pub(crate) per_life: Option<u32>,
    /// Distinct recipients of each SIM per month.
    #[arg(long, value_name = "RECIPIENTS")]
    pub(crate) recipients_per_month: Option<u32>,
    /// Parts that a recipient gets in a month.
    #[arg(long, value_name = "PARTS", default_value_t = 1)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(crate) parts_per_recipient: u32,
    /// Percent of each budget that only codes may use.
    #[arg(long, value_name = "PERCENT", default_value_t = 0)]
    #[arg(value_parser = clap::value_parser!(u8).range(0..=100))]
    pub(crate) otp_share: u8,
    /// SIMs that are kept free for codes while codes come in. [default: one in 256]
    #[arg(long, value_name = "SIMS")]
    pub(crate) otp_reserve: Option<usize>,
    /// Hours in which the SIMs may send, e.g. 08:00-20:00; may be given several times. [default: all]
    #[arg(long, value_name = "FROM-TO", value_parser = daemon::SendWindow::parse)]
    pub(crate) hours: Vec<daemon::SendWindow>,
    /// Send window of the messages, e.g. 09:00-18:00, by the same clock. [default: always]
    #[arg(long, value_name = "FROM-TO", value_parser = daemon::SendWindow::parse)]
    pub(crate) send_window: Option<daemon::SendWindow>,
    /// Days on which the send window opens, e.g. mon,tue,wed. [default: all]
    #[arg(long, value_name = "DAYS", value_delimiter = ',')]
    pub(crate) send_days: Vec<daemon::Day>,
}
