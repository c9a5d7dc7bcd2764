//! Every wait, time-out and limit of a line in one table, each with its reason.
//!
//! Nothing here is a policy on messages: deadlines, pacing and retries of messages live in the gateway.

use std::time::Duration;

use crate::Rung;
use crate::ladder::RungBudget;

/// `AT`, `ATE0`, `AT+CMEE`: answered by the interpreter alone, 0.1 s by the manuals; a slow boot needs more.
pub(crate) const PLAIN: Duration = Duration::from_secs(3);

/// One `AT` while looking for a modem: short, since an autobauding or booting modem loses the first ones.
pub(crate) const ATTENTION: Duration = Duration::from_secs(1);

/// `ATZ`: loads a profile from flash.
pub(crate) const PROFILE: Duration = Duration::from_secs(7);

/// Status and settings that touch neither SIM nor network (`+CSQ`, `+CREG?`, `+CMGF`, `+CNMI`).
pub(crate) const SETTING: Duration = Duration::from_secs(5);

/// `+CPMS`, `+CPIN?`: the interpreter asks the SIM.
pub(crate) const STORAGE: Duration = Duration::from_secs(10);

/// `+CCID`, `+CIMI`, `+CGSN`: 20 s in Telit's manuals.
pub(crate) const IDENTITY: Duration = Duration::from_secs(20);

/// `+CPIN="…"`: 20 s in Telit's manuals, 30 s in smstools.
pub(crate) const PIN: Duration = Duration::from_secs(30);

/// How long the owner of a line may take to record the try of a PIN: a commit takes milliseconds, and a disk that takes
/// longer than this is about to stop the daemon.
pub(crate) const PIN_ANSWER: Duration = Duration::from_secs(60);

/// `+CFUN=1`: starts the radio.
pub(crate) const RADIO: Duration = Duration::from_secs(60);

/// A `+CNMA` later than this may be too late: TR2M is 12 to 20 s (3GPP TS 24.011 §10.2), 17 s by Telit's manual.
pub(crate) const ACKNOWLEDGE: Duration = Duration::from_secs(12);

/// `+CMGR`: reads one record of the SIM.
pub(crate) const READ_ONE: Duration = Duration::from_secs(20);

/// `+CMGD` of one message.
pub(crate) const DELETE_ONE: Duration = Duration::from_secs(10);

/// `+CMGL`: up to 255 records, 20 s on SIM800, 60 s in smstools.
pub(crate) const READ_ALL: Duration = Duration::from_secs(60);

/// An answer line came and its `OK` did not (Wavecom `+CPIN`, some `+CMGS`): the answer counts after this.
pub(crate) const LOST_OK: Duration = Duration::from_secs(3);

/// The prompt of `+CMGS`: below 1 s by the manuals, 3 to 9 s on slow UARTs.
pub(crate) const PROMPT: Duration = Duration::from_secs(10);

/// Soft limit of the `+CMGS` result: a healthy modem on GSM, UMTS or LTE has answered by then
/// (TR1M is 35 to 45 s, 3GPP TS 24.011 §10.1, plus set-up and retries). Only the wake-up's reason changes.
pub(crate) const RESULT_SOFT: Duration = Duration::from_secs(60);

/// Hard limit of the `+CMGS` result: Quectel names 120 s as the network's limit. Past it the outcome is unknown.
pub(crate) const RESULT_HARD: Duration = Duration::from_secs(125);

/// An `OK` this soon after the prompt answers the prompt, not the PDU: no network is that fast without a
/// `+CMGS:` line (MC7455 with NMEA output; the fastest result measured took 440 ms).
pub(crate) const PROMPT_OK: Duration = Duration::from_millis(250);

/// After ESC: the modem leaves the edit mode, with `OK`, `ERROR` or nothing (Quectel, Telit and SIM7600 are late).
pub(crate) const ESCAPE: Duration = Duration::from_secs(2);

/// Silence that says the modem has no more to say.
pub(crate) const QUIET: Duration = Duration::from_millis(300);

/// Longest wait for silence: Huawei and ZTE sticks never stop talking.
pub(crate) const QUIET_MAX: Duration = Duration::from_secs(2);

/// After a boot banner: the interpreter drops commands while the rest of the banner comes.
pub(crate) const BOOT_SETTLE: Duration = Duration::from_secs(2);

/// Banner lines within this time belong to one boot.
pub(crate) const BOOT_LENGTH: Duration = Duration::from_secs(30);

/// A reboot sooner than this after readiness is a boot loop, and counts as a failure (Fastrack modems reset every 13 to
/// 40 min under load and work in between).
pub(crate) const BOOT_LOOP: Duration = Duration::from_secs(60);

/// Pause between two tries of a step that a starting SIM refuses.
pub(crate) const SIM_PAUSE: Duration = Duration::from_secs(2);

/// How long a starting SIM may refuse before the line says so: 40 to 60 s in the drivers.
pub(crate) const SIM_PATIENCE: Duration = Duration::from_secs(60);

/// Pause between two looks for a SIM that is missing, locked or nameless.
pub(crate) const NO_SIM_PAUSE: Duration = Duration::from_secs(10);

/// Pause between two tries of a plain setting that a starting modem refuses (`+CMGF`).
pub(crate) const SETTING_PAUSE: Duration = Duration::from_secs(1);

/// How long a starting modem may refuse a plain setting: oFono gives it 10 s, A7670 needs until its `SMS DONE`.
pub(crate) const SETTING_PATIENCE: Duration = Duration::from_secs(30);

/// Pause between two looks at the registration while there is none (its URC usually comes first).
pub(crate) const NO_NETWORK_PAUSE: Duration = Duration::from_secs(5);

/// Registration bounces during cell changes: only a longer loss ends the session (15 to 30 s).
pub(crate) const REGISTRATION_DEBOUNCE: Duration = Duration::from_secs(20);

/// Between two rounds of polls on an idle line; counted from the line's own readiness, so lines do not beat together.
pub(crate) const POLL: Duration = Duration::from_secs(30);

/// A line must have been idle for this long before it polls: between the parts of a message it does not.
pub(crate) const POLL_AFTER_SEND: Duration = Duration::from_secs(1);

/// Every so many poll rounds the indications and the SIM's identity are checked (5 min): a missed `+CNMA`,
/// another program or a silent swap changes them without a word.
pub(crate) const WATCH_ROUNDS: u32 = 10;

/// A session that lasts this long has healed the line.
pub(crate) const HEALTHY: Duration = Duration::from_secs(600);

/// `AT+CUSD=1,"…"`: `OK` at once, or with the network's answer on modems that say it first.
pub(crate) const USSD_RESULT: Duration = Duration::from_secs(30);

/// The network's answer to a USSD code: 1 to 10 s on networks that work.
pub(crate) const USSD_ANSWER: Duration = Duration::from_secs(30);

/// How long a menu waits for its reply: networks give up after 60 to 180 s themselves.
pub(crate) const USSD_REPLY: Duration = Duration::from_secs(60);

/// Longest dialogue: so long its SIM takes no message.
pub(crate) const USSD_DIALOGUE: Duration = Duration::from_secs(180);

/// `AT+CUSD=2`.
pub(crate) const USSD_CANCEL: Duration = Duration::from_secs(10);

/// How long the pieces of one `+CUSD` may take to come.
pub(crate) const USSD_PIECES: Duration = Duration::from_secs(1);

/// An operator's own command: 20 s is the longest that is usual.
pub(crate) const MANUAL: Duration = Duration::from_secs(20);

/// An operator's own command that asks the network (`+COPS=?` takes 45 to 180 s).
pub(crate) const MANUAL_NETWORK: Duration = Duration::from_secs(180);

/// Before the port is opened again: a USB modem needs time to come back.
pub(crate) const REOPEN: Duration = Duration::from_secs(5);

/// Rest of a line whose ladder is spent, longer each time.
pub(crate) const OUT_OF_SERVICE: [Duration; 3] = [
    Duration::from_secs(10 * 60),
    Duration::from_secs(60 * 60),
    Duration::from_secs(24 * 60 * 60),
];

/// How often each rung of the ladder may be climbed. A resynchronisation costs seconds and loses nothing; from the
/// initialisation on the session ends. A reset takes a USB modem off the bus, so a hub of them may not be kept busy with it.
/// A port that comes back takes up to a minute, in steps of 19 s.
pub(crate) const RUNG_BUDGETS: [RungBudget; 5] = [
    rung(Rung::Resync, 10, 30),
    rung(Rung::Initialise, 2, 6),
    rung(Rung::Radio, 1, 2),
    rung(Rung::Reset, 2, 3),
    rung(Rung::Reopen, 5, 10),
];

const fn rung(rung: Rung, in_row: u8, per_hour: usize) -> RungBudget {
    RungBudget {
        rung,
        in_row,
        per_hour,
    }
}

/// The time that the budgets' second figures mean.
pub(crate) const RUNG_SPAN: Duration = Duration::from_secs(60 * 60);

/// Reboots in a row that a modem makes by itself, each soon after it was ready, after which it is left alone.
pub(crate) const BOOTS_IN_ROW_MAX: u8 = 6;

/// How long a modem may be without a SIM or a network before its radio is turned off and on for the first time: it finds
/// most networks, and most cards, within three minutes.
pub(crate) const EASE_PATIENCE: Duration = Duration::from_secs(5 * 60);

/// That time doubles so often: up to 5 h 20 min.
pub(crate) const EASE_PATIENCE_DOUBLINGS_MAX: u8 = 6;

/// How long the radio stays off: 3 to 10 s in the drivers.
pub(crate) const RADIO_PAUSE: Duration = Duration::from_secs(5);

/// The answer to a reset command; many go down without one.
pub(crate) const RESET: Duration = Duration::from_secs(15);

/// After a reset command: nobody is there for the first 20 s, and a USB modem has left the bus by then.
pub(crate) const RESET_SETTLE: Duration = Duration::from_secs(20);

/// Boot banners within this time after a reset command, or after the radio was turned on, are its own: a slow modem takes
/// 90 s.
pub(crate) const RESET_BOOT: Duration = Duration::from_secs(90);

/// `ATH`, `+CHUP`: the call ends at once or not at all.
pub(crate) const HANG_UP: Duration = Duration::from_secs(10);

/// Rings this soon after a hang-up are of the call that has just ended.
pub(crate) const HUNG_UP: Duration = Duration::from_secs(2);

/// A poll that stays without an answer so often in a row is left out until the next session: the modem does not know it.
pub(crate) const MUTE_POLLS_MAX: u8 = 3;

/// Sends in a row without an answer after which the modem counts as sick.
pub(crate) const MUTE_SENDS_MAX: u8 = 2;

/// `AT` while looking for a modem: autobauding takes 2 to 10.
pub(crate) const ATTENTIONS_MAX: u8 = 10;

/// Commands that may stay without an answer in one initialisation.
pub(crate) const SILENCES_MAX: u8 = 5;

/// ESC written for one stuck prompt; more do not help (SIM7600 needs a reset then).
pub(crate) const ESCAPES_MAX: u8 = 3;

/// `AT` of a resynchronisation, a second apart.
pub(crate) const RESYNC_TRIES: u8 = 3;

/// Longest line that is kept: a PDU line has at most 2 x (12 + 164 + 12) digits, a listing of operators less than 1 KiB.
pub(crate) const LINE_BYTES_MAX: usize = 1024;

/// Reads and deletions that wait for an idle moment; when more come, one sweep of the store replaces them.
pub(crate) const CHORES_MAX: usize = 32;

/// Messages deleted after one sweep: an SM or ME store holds up to 255.
pub(crate) const SWEEP_MAX: usize = 255;

/// Reports and messages read before the session is announced: a full store, and some that came meanwhile.
pub(crate) const HELD_EVENTS_MAX: usize = 512;

/// Lines that may come between a PDU's header and the PDU.
pub(crate) const PDU_GAP_LINES_MAX: u8 = 4;

/// Longest text kept of an identity line.
pub(crate) const IDENTITY_BYTES_MAX: usize = 64;

/// Lines kept of the answer to an operator's own command.
pub(crate) const MANUAL_LINES_MAX: usize = 128;

const _: () = assert!(USSD_REPLY.as_secs() < USSD_DIALOGUE.as_secs());
const _: () = assert!(RESULT_SOFT.as_secs() < RESULT_HARD.as_secs());
const _: () = assert!(QUIET.as_millis() < QUIET_MAX.as_millis());
const _: () = assert!(PROMPT_OK.as_millis() < 440);
const _: () =
    assert!(REGISTRATION_DEBOUNCE.as_secs() >= 15 && REGISTRATION_DEBOUNCE.as_secs() <= 30);
const _: () = assert!(POLL.as_secs() >= 30);
const _: () = assert!(HELD_EVENTS_MAX > SWEEP_MAX);
const _: () = assert!(RESET_SETTLE.as_secs() < RESET_BOOT.as_secs());
