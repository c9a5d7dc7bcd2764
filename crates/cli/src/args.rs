//! What can be typed: the commands, their options, and the help that goes with them.
//!
//! Only shapes are checked here; numbers, classes and durations are the daemon's to judge, so that every app gets the
//! same answer.

mod plan;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::talk::{LineArguments, UssdArguments};

pub(crate) use plan::PlanArguments;

/// Drives a fleet of SIM modems: takes messages, sends them, says what became of each.
#[derive(Debug, Parser)]
#[command(name = "simfleet", version, propagate_version = true, after_long_help = EXAMPLES)]
#[command(max_term_width = 110)]
pub(crate) struct Arguments {
    /// The daemon's Unix socket.
    #[arg(long, global = true, env = "SIMFLEET_SOCKET", default_value = client::SOCKET_DEFAULT)]
    #[arg(value_name = "PATH")]
    pub(crate) socket: PathBuf,

    /// One JSON object, or one per line, on stdout and nothing else there.
    #[arg(long, global = true)]
    pub(crate) json: bool,

    /// Say more: wider tables, the causes of an error.
    #[arg(short, long, global = true)]
    pub(crate) verbose: bool,

    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the daemon in the foreground (systemd: Type=notify).
    Run(RunArguments),
    /// What a fleet can do, on paper: throughput, what binds it, and when its budgets run out. Needs no daemon.
    #[command(after_long_help = PLAN_EXAMPLES)]
    Plan(PlanArguments),
    /// Validate a configuration: every fault with file, line, key and what is allowed.
    Check(ConfigArguments),
    /// Look after the store: check it, back it up, export what it holds; beside a running daemon or without one.
    #[command(after_long_help = STORE_EXAMPLES)]
    Store(StoreArguments),
    /// What the codes of refusals mean and what is done about them; needs no daemon.
    #[command(after_long_help = CAUSES_EXAMPLES)]
    Causes(CausesArguments),
    /// The whole product on this machine in about a minute: simulator, daemon, messages through the real socket, and a
    /// verdict from what the simulated network saw.
    #[cfg(feature = "demo")]
    Demo(DemoArguments),
    /// Measure: durable accept, upload, a code overtaking a backlog, the fleet without radio time.
    #[cfg(feature = "demo")]
    Bench(BenchArguments),
    /// What is on the air, explained: reads and writes PDUs. Needs no daemon.
    #[command(subcommand)]
    Pdu(PduCommand),
    #[command(flatten)]
    Ask(Request),
}

#[derive(Debug, Subcommand)]
pub(crate) enum PduCommand {
    /// Explain PDUs as modems print them.
    Decode(DecodeArguments),
    /// The PDUs of a text or of data, one a part, as AT+CMGS takes them.
    Encode(EncodeArguments),
}

#[derive(Debug, Args)]
pub(crate) struct DecodeArguments {
    /// PDUs in hexadecimal; `-` reads one a line from standard input.
    #[arg(required = true, value_name = "HEX")]
    pub(crate) hex: Vec<String>,
    /// Whether the service centre's address comes first.
    #[arg(long, value_enum, default_value_t = Smsc::Auto)]
    pub(crate) smsc: Smsc,
    /// Which way: mo to the service centre, mt from it.
    #[arg(long, value_enum, default_value_t = Originated::Auto)]
    pub(crate) direction: Originated,
}

/// Whether the service centre's address comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Smsc {
    Auto,
    Yes,
    No,
}

/// Who sends a PDU.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Originated {
    Auto,
    Mo,
    Mt,
}

/// How a text is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum TextEncoding {
    Auto,
    Gsm7,
    Ucs2,
}

#[derive(Debug, Args)]
pub(crate) struct EncodeArguments {
    /// Recipient, e.g. +4915112345678.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) to: String,
    /// The text.
    #[arg(long, required_unless_present = "data")]
    pub(crate) text: Option<String>,
    /// Octets in place of a text, in hexadecimal digits, e.g. 0B5A00.
    #[arg(long, value_name = "HEX")]
    #[arg(conflicts_with_all = ["text", "encoding", "national_tables", "transliterate"])]
    pub(crate) data: Option<String>,
    /// Port of the application that --data is for. [default: none]
    #[arg(long, value_name = "PORT", conflicts_with = "text")]
    pub(crate) port: Option<u16>,
    /// Port of the application that --data is from. [default: 0, with --port]
    #[arg(long, value_name = "PORT", requires = "port")]
    pub(crate) source_port: Option<u16>,
    /// Class 0: shown at once and not stored.
    #[arg(long)]
    pub(crate) flash: bool,
    /// How long the service centre tries, e.g. 1h; rounded up to what it can be told.
    #[arg(long, value_name = "DURATION", value_parser = minutes)]
    pub(crate) validity: Option<u32>,
    /// Ask for no delivery report.
    #[arg(long)]
    pub(crate) no_report: bool,
    /// The concatenation reference of a long message.
    #[arg(long = "ref", value_name = "N", default_value_t = 0)]
    pub(crate) reference: u8,
    /// The default GSM 7-bit alphabet, UCS-2, or whichever is needed.
    #[arg(long, value_enum, default_value_t = TextEncoding::Auto)]
    pub(crate) encoding: TextEncoding,
    /// Languages whose national tables may be used where that is cheaper, e.g. turkish,portuguese.
    #[arg(long, value_name = "LANGUAGES", value_delimiter = ',')]
    pub(crate) national_tables: Vec<String>,
    /// Replace what GSM 7-bit lacks first: punctuation, or letters too.
    #[arg(long, value_enum)]
    pub(crate) transliterate: Option<Transliterate>,
    /// Take the place of this sender's last message of the same type.
    #[arg(long, value_name = "TYPE")]
    #[arg(value_parser = clap::value_parser!(u8).range(1..=7))]
    pub(crate) replace: Option<u8>,
}

/// How far a text is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Transliterate {
    Punctuation,
    Letters,
}

/// Minutes, rounded up, of a duration such as 90s, 5m, 1h or 3d.
fn minutes(text: &str) -> Result<u32, String> {
    let span: jiff::SignedDuration = match text.strip_suffix('d').map(str::parse::<i64>) {
        Some(Ok(days)) => days
            .checked_mul(24)
            .map(jiff::SignedDuration::from_hours)
            .filter(|_| days < 10_000)
            .ok_or("at most 63 weeks can be told")?,
        _ => text
            .parse()
            .map_err(|_| "not a duration such as 5m, 1h or 3d")?,
    };
    u32::try_from((span.as_secs() + 59) / 60).map_err(|_| "a duration can't be negative".into())
}

/// What is asked of a running daemon.
#[derive(Debug, Subcommand)]
pub(crate) enum Request {
    /// Send one message, or many from a file.
    #[command(after_long_help = SEND_EXAMPLES)]
    Send(Box<SendArguments>),
    /// One message's whole story: every attempt, SIM, part, TP-MR, error and report, with times.
    Message {
        /// The id that `send` printed.
        id: String,
    },
    /// Search messages, newest first.
    Messages(SearchArguments),
    /// Cancel a message that has not started; otherwise say that it is too late.
    Cancel {
        /// The id that `send` printed.
        id: String,
    },
    /// The fleet at a glance.
    Status,
    /// Every line: its state, its SIM, its signal.
    Lines,
    /// Every SIM: its state, its counts, its budgets (`!`: 80 % of one is used, `!!`: 95 %).
    Sims,
    /// Which route and SIM would serve a message of one part now, and why no others, as if nothing waited; nothing is sent.
    Route(RouteArguments),
    /// Send nothing new on a line, or with a SIM, until it is resumed.
    Pause(ControlArguments),
    /// End a pause, a drain or a quarantine.
    Resume(ControlArguments),
    /// Let a line finish what it has begun and then send nothing.
    Drain(ControlArguments),
    /// What becomes of the messages, as it happens; resumable at any event.
    #[command(after_long_help = EVENTS_EXAMPLES)]
    Events(EventsArguments),
    /// Recipients that nothing is sent to: who asked to be left alone.
    Suppressions(SuppressionsArguments),
    /// Every webhook: how far it has come, why it fails, what it would not take.
    Webhooks(WebhooksArguments),
    /// Dial a USSD code with a SIM, such as *100# for its balance, and answer its menus.
    #[command(after_long_help = USSD_EXAMPLES)]
    Ussd(UssdArguments),
    /// Talk to the modem of one line.
    #[command(after_long_help = LINE_EXAMPLES)]
    Line(LineArguments),
}

/// What `run` needs.
#[derive(Debug, Args)]
pub(crate) struct RunArguments {
    #[command(flatten)]
    pub(crate) config: ConfigArguments,
    /// End as if told to stop when the process that started this one ends: a demonstration leaves nothing behind.
    #[arg(long, hide = true)]
    pub(crate) with_parent: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ConfigArguments {
    /// The configuration file (TOML); see config/simfleet.toml for every key.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct StoreArguments {
    #[command(subcommand)]
    pub(crate) action: StoreAction,
}

/// What is wanted of the store.
#[derive(Debug, Subcommand)]
pub(crate) enum StoreAction {
    /// Read everything and tell what is damaged; changes nothing. Exit code 5 if something is.
    Check {
        #[command(flatten)]
        config: ConfigArguments,
    },
    /// Copy the store as it is now to a new file, also while the daemon runs.
    Backup {
        #[command(flatten)]
        config: ConfigArguments,
        /// The new file; never one that exists.
        #[arg(long, value_name = "FILE")]
        to: PathBuf,
    },
    /// Write every message on record as NDJSON to stdout, newest first, as GET /v1/messages tells them.
    Export {
        #[command(flatten)]
        config: ConfigArguments,
    },
}

#[derive(Debug, Args)]
pub(crate) struct CausesArguments {
    /// Only this one: 38, cms_38, cme_14, error, no_prompt or line_lost. [default: all]
    pub(crate) code: Option<String>,
    /// With the entries of this configuration's gateway.causes_file. [default: what is built in]
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(group(clap::ArgGroup::new("what").required(true).args(["to", "file"])))]
pub(crate) struct SendArguments {
    /// Recipient in E.164, e.g. +4915112345678.
    #[arg(long, value_name = "NUMBER", requires = "content")]
    pub(crate) to: Option<String>,
    /// The text; GSM-7 or UCS-2 is chosen from it.
    #[arg(long, requires = "to", group = "content")]
    pub(crate) text: Option<String>,
    /// Octets to send instead of a text, in hexadecimal digits, e.g. 0B5A00.
    #[arg(long, value_name = "HEX", requires = "to", group = "content")]
    #[arg(conflicts_with_all = ["encoding", "national_tables", "transliterate"])]
    pub(crate) data: Option<String>,
    /// Port of the application that --data, or the data of a file's rows, is for. [default: none]
    #[arg(long, value_name = "PORT", conflicts_with = "text")]
    pub(crate) port: Option<u16>,
    /// Port of the application that the data is from. [default: 0, with --port]
    #[arg(long, value_name = "PORT", requires = "port")]
    pub(crate) source_port: Option<u16>,
    /// Many messages: a CSV with a header (columns to, text, and if wanted class, expires_in, key, app, route,
    /// report, in_doubt, send_at, encoding, national_tables, transliterate, flash, replace, data, destination_port,
    /// source_port), or NDJSON with the same names; `-` reads standard input.
    #[arg(long, value_name = "FILE.csv|FILE.ndjson|-")]
    pub(crate) file: Option<PathBuf>,
    /// otp, notification or bulk; for the rows of a file that name none. [default: notification]
    #[arg(long)]
    pub(crate) class: Option<String>,
    /// How long it is worth sending, e.g. 5m, 24h. [default: by class]
    #[arg(long, value_name = "DURATION")]
    pub(crate) expires_in: Option<String>,
    /// Not to be sent before, e.g. 2026-12-01T08:00:00+01:00; --expires-in counts from then. [default: at once]
    #[arg(long, value_name = "TIME")]
    pub(crate) send_at: Option<String>,
    /// The name of the app, for routes that ask for it.
    #[arg(long)]
    pub(crate) app: Option<String>,
    /// A configured route. [default: by the longest matching prefix]
    #[arg(long)]
    pub(crate) route: Option<String>,
    /// What to do if nobody can say whether it was sent: resend, hold or fail. [default: by class]
    #[arg(long, value_name = "POLICY")]
    pub(crate) in_doubt: Option<String>,
    /// Ask for no delivery report.
    #[arg(long)]
    pub(crate) no_report: bool,
    /// auto, gsm7 (or refuse) or ucs2. [default: auto]
    #[arg(long)]
    pub(crate) encoding: Option<String>,
    /// Languages whose national tables may be used where that is cheaper, e.g. turkish; `none` for none. [default: as
    /// configured]
    #[arg(long, value_name = "LANGUAGES", value_delimiter = ',')]
    pub(crate) national_tables: Option<Vec<String>>,
    /// How far the text may be changed where that is cheaper: off, punctuation or letters. [default: as configured]
    #[arg(long, value_name = "HOW")]
    pub(crate) transliterate: Option<String>,
    /// Shown at once and not stored.
    #[arg(long)]
    pub(crate) flash: bool,
    /// Take the place of this sender's last message of the same type, 1 to 7.
    #[arg(long, value_name = "TYPE")]
    pub(crate) replace: Option<u8>,
    /// Only say what would become of it: parts and why, route and SIM. Nothing is sent.
    #[arg(long, conflicts_with_all = ["file", "wait"])]
    pub(crate) dry_run: bool,
    /// Idempotency key: the same key and message again is answered as the first time, and sent once.
    #[arg(long, conflicts_with = "file")]
    pub(crate) key: Option<String>,
    /// Wait until the message has ended; exit 0 only if it was sent and not reported as undelivered.
    #[arg(long, conflicts_with = "file")]
    pub(crate) wait: bool,
    /// Names the batch in the keys of rows that have none: BATCH/line/hash. [default: the file's name; for standard
    /// input such rows get no key]
    #[arg(long, requires = "file")]
    pub(crate) batch: Option<String>,
}

/// The message that `route` asks about.
#[derive(Debug, Args)]
pub(crate) struct RouteArguments {
    /// Recipient in E.164, e.g. +4915112345678.
    #[arg(value_name = "NUMBER")]
    pub(crate) to: String,
    /// otp, notification or bulk. [default: notification]
    #[arg(long)]
    pub(crate) class: Option<String>,
    /// The name of the app.
    #[arg(long)]
    pub(crate) app: Option<String>,
    /// A route that is asked for.
    #[arg(long)]
    pub(crate) route: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct SearchArguments {
    /// Recipient in E.164.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) to: Option<String>,
    /// queued, sending, in_doubt, sent, delivered, undelivered, unconfirmed, expired, cancelled or failed.
    #[arg(long)]
    pub(crate) state: Option<String>,
    /// otp, notification or bulk.
    #[arg(long)]
    pub(crate) class: Option<String>,
    /// Accepted since: RFC 3339, or a duration back from now such as 2h.
    #[arg(long, value_name = "T")]
    pub(crate) since: Option<String>,
    /// How many at most.
    #[arg(long, value_name = "N", default_value_t = 50)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) limit: u32,
}

#[derive(Debug, Args)]
pub(crate) struct ControlArguments {
    /// A line's name (line017), or a SIM's ICCID or label.
    #[arg(value_name = "LINE_OR_SIM")]
    pub(crate) target: String,
    /// Why, for the others who look.
    #[arg(long)]
    pub(crate) reason: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct EventsArguments {
    /// Only what comes after this event; 0 is the beginning. [default: the beginning, or with --follow the present end]
    #[arg(long, value_name = "N")]
    pub(crate) after: Option<u64>,
    /// Go on with what happens, across restarts of the daemon, until interrupted.
    #[arg(long)]
    pub(crate) follow: bool,
}

#[derive(Debug, Args)]
pub(crate) struct SuppressionsArguments {
    #[command(subcommand)]
    pub(crate) action: Option<SuppressionAction>,
}

/// What is wanted of the suppression list. [default: list it]
#[derive(Debug, Subcommand)]
pub(crate) enum SuppressionAction {
    /// Send nothing to a recipient any more; what waits for it ends as failed.
    Add {
        /// In E.164, e.g. +4915112345678.
        #[arg(value_name = "NUMBER")]
        to: String,
        /// Why, for the others who look.
        #[arg(long)]
        reason: Option<String>,
    },
    /// Send to a recipient again.
    Remove {
        /// In E.164, e.g. +4915112345678.
        #[arg(value_name = "NUMBER")]
        to: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct WebhooksArguments {
    #[command(subcommand)]
    pub(crate) action: Option<WebhookAction>,
}

/// What is wanted of one webhook.
#[derive(Debug, Subcommand)]
pub(crate) enum WebhookAction {
    /// Its dead letters: events that it refused, or did not take in time.
    Dead {
        /// Its name in the configuration.
        name: String,
    },
    /// Send its dead letters again.
    Resend {
        /// Its name in the configuration.
        name: String,
    },
}

#[cfg(feature = "demo")]
#[derive(Debug, Args)]
pub(crate) struct DemoArguments {
    /// Simulated lines, each with a modem and a SIM. [default: 512, or as the scenario says]
    #[arg(long)]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub(crate) lines: Option<u16>,
    /// Messages in mixed classes and encodings, some of several parts. [default: 5440, or 30 a line with a scenario]
    #[arg(long)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(crate) messages: Option<u32>,
    /// Mean time that the simulated network takes for one part; 0s shows what the software alone can do. [default:
    /// 5.65s, or as the scenario says]
    #[arg(long, value_name = "DURATION")]
    #[arg(value_parser = crate::demo::parse_duration)]
    pub(crate) sms_time: Option<std::time::Duration>,
    /// The same seed gives the same messages and the same network. [default: 1, or as the scenario says]
    #[arg(long)]
    pub(crate) seed: Option<u64>,
    /// Faults and troubles of the simulated fleet, such as hw-sim/scenarios/flaky-usb.toml. A message then is lost only if
    /// the daemon says that it was sent; every class holds what is in doubt, and nothing may be sent twice.
    #[arg(long, value_name = "FILE")]
    pub(crate) scenario: Option<PathBuf>,
    /// Keep the configuration, store, log and ledger in this folder.
    #[arg(long, value_name = "DIR")]
    pub(crate) keep: Option<PathBuf>,
}

#[cfg(feature = "demo")]
#[derive(Debug, Args)]
pub(crate) struct BenchArguments {
    /// Only these. [default: all]
    #[arg(value_enum, value_name = "WHAT")]
    pub(crate) only: Vec<crate::demo::Measurement>,
}

const EXAMPLES: &str = "\
Examples:
  simfleet demo                               the whole product, no hardware
  simfleet check --config /etc/simfleet.toml  before every start and reload
  simfleet send --to +4915112345678 --text 'Your code is 1234' --class otp --wait
  simfleet send --file customers.csv          once more after a failure: each once
  simfleet message 0193…                      what became of one message
  simfleet lines --json | jq 'select(.state != \"ready\")'

Exit codes: 0 done, 1 the operation failed, 2 usage, 3 configuration,
4 the daemon can't be reached, 5 the store is damaged or locked.";

const PLAN_EXAMPLES: &str = "\
Examples:
  simfleet plan --sims 512 --sms-time 5.65s --per-day 200
  simfleet plan --sims 64 --target 600 --per-minute 10 --per-month 3000";

const STORE_EXAMPLES: &str = "\
Examples:
  simfleet store check --config /etc/simfleet/simfleet.toml
  simfleet store backup --config /etc/simfleet/simfleet.toml --to /backup/1123.db
  simfleet store export --config /etc/simfleet/simfleet.toml | gzip > all.gz

To restore a backup: stop the daemon, move simfleet.db, simfleet.db-wal and
simfleet.db-shm out of its state_dir, put the backup there as simfleet.db, and
start the daemon. What was accepted after the backup is not in it, and what was
waiting in it is sent again.";

const CAUSES_EXAMPLES: &str = "\
Examples:
  simfleet causes 38                           `+CMS ERROR: 38` and who says it
  simfleet causes --config /etc/simfleet.toml  all, as this host has them
  simfleet causes --json | jq 'select(.class == \"sim_sick\")'";

const SEND_EXAMPLES: &str = "\
Examples:
  simfleet send --to +4915112345678 --text 'Your code is 1234' --class otp --wait
  simfleet send --to +4915112345678 --text 'Parcel 77 is on its way' --key p-77
  simfleet send --file customers.csv --class bulk
  simfleet send --to +4915112345678 --data 0B5A00 --port 16000
  jq -c '.[]' list.json | simfleet send --file - --batch spring-mailing

A file is streamed. A bad row is reported with its line number and the rest goes
on; the exit code is then 1. Rows without a key get one made of the file's name,
the line number and a hash of the row, so a second run of the same file sends only
what the first did not. To send a file once more on purpose, name another --batch.";

const EVENTS_EXAMPLES: &str = "\
Examples:
  simfleet events --follow                 what happens from now on
  simfleet events --after 0 --json         everything on record, one object a line
  simfleet events --after 8812 --follow    resume: nothing is missed";

const USSD_EXAMPLES: &str = "\
Examples:
  simfleet ussd 8949020000000000017 '*100#'      by ICCID; answer its menu here
  simfleet ussd line017 '*111#' --json           the network's words as one object
  simfleet ussd line017 --reply 2                answer the menu that is open
  simfleet ussd line017 --cancel                 end it

While a dialogue runs, its SIM takes no message; three minutes at most. A one-time
code that only this SIM can send ends it. To talk undisturbed, pause the SIM first.";

const LINE_EXAMPLES: &str = "\
Examples:
  simfleet pause line017 --reason 'looking after it'
  simfleet line line017 at 'AT+COPS?'
  simfleet line line017 trace                  what just went over the wire, masked
  simfleet line line017 trace --for 5m         and what goes in the next five minutes
  simfleet line line017 trace --failure        what led to its last failure
  simfleet resume line017";
