//! The initialisation as a table: what is asked, in which order, and what each answer leads to.
//!
//! The order is the portable one of the open drivers: echo, error format, identity, radio, SIM, storage, service level,
//! format, indications, sweep, network. One command a line: some modems refuse them combined. `init` walks the table.

use std::time::Duration;

use crate::command::Command::{Execute, Read, Set, SetNumber};
use crate::known::Known;
use crate::registration::LTE_ALONE;
use crate::result::Final;
use crate::timing::*;
use crate::urc::is_usable;
use crate::wire::{Query, Reply};
use crate::{
    Indications, LineState, Memory, MoreMessages, Profile, Readiness, Restore, Rung,
    StorageParameters, identity,
};

use super::answers::{has_address, iccid_of, own_number, same_indications};

/// One purpose of the initialisation.
pub(super) struct Step {
    /// For the wake-up's reason.
    pub(super) name: &'static str,
    /// Ways to reach it, in order.
    pub(super) ways: Ways,
    /// Judges the reply to one of them.
    pub(super) accept: fn(&mut Known, usize, &Reply) -> Verdict,
    /// How often the ways are tried from the first.
    pub(super) tries: u8,
    /// Pause before another try.
    pub(super) pause: Duration,
    /// What happens after the last.
    pub(super) otherwise: Otherwise,
}

/// Ways to reach a step's purpose.
pub(super) enum Ways {
    /// The same for all modems.
    Fixed(&'static [Query<'static>]),
    /// By the modem's profile; `None` past the last.
    Profile(fn(&Profile, usize) -> Option<Query<'_>>),
}

impl Ways {
    /// The way at this place; `None` past the last.
    pub(super) fn at<'a>(&self, profile: &'a Profile, at: usize) -> Option<Query<'a>> {
        match self {
            Ways::Fixed(queries) => queries.get(at).copied(),
            Ways::Profile(query) => query(profile, at),
        }
    }
}

/// What a reply leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The step's purpose is reached.
    Done,
    /// The way this far ahead in the list is next; past the end it is the next try.
    Ahead(usize),
    /// Pause, then try again from the first way.
    Again,
    /// The SIM wants its PIN.
    Locked,
    /// It can't be reached until something outside changes; the reason is for people.
    Blocked(&'static str),
    /// It is not there; it may come by itself, or when the radio is turned off and on.
    Wanting(&'static str),
}

/// What happens when a step's tries are spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Otherwise {
    /// The next step.
    Skip,
    /// The modem cannot be used; the lowest rung of the ladder that may help, and the reason.
    Fail(Rung, &'static str),
    /// The line stays here in this state and asks again after the pause.
    Wait(LineState, Duration, &'static str),
}

/// Where another try begins after an answer was missing: the modem must answer at all.
pub(super) const ATTENTION_STEP: usize = 0;
/// `ATZ`, only after a failure.
pub(super) const PROFILE_STEP: usize = 1;
/// Echo off, results in words.
pub(super) const FORMAT_STEP: usize = 2;
/// After it the modem is known by its maker, model and firmware.
pub(super) const IDENTIFIED_STEP: usize = 6;
/// Where a changed SIM begins.
pub(super) const SIM_STEP: usize = 10;
/// Where a SIM identity is read.
pub(super) const ICCID_STEP: usize = 12;
/// Where a lost registration begins: the last step.
pub(super) const NETWORK_STEP: usize = STEPS.len() - 1;

/// The script.
pub(super) const STEPS: &[Step] = &[
    Step {
        name: "looking for a modem",
        ways: Ways::Fixed(&[Query::plain(Execute(""), ATTENTION)]),
        accept: ok_or_again,
        tries: ATTENTIONS_MAX,
        pause: QUIET,
        otherwise: Otherwise::Fail(Rung::Reopen, "no answer to AT"),
    },
    by_profile(
        "stored settings",
        |profile, at| {
            let restore = match profile.setup.restore {
                Restore::Stored => "Z",
                Restore::Factory => "&F",
            };
            (at == 0).then_some(Query::plain(Execute(restore), PROFILE))
        },
        ok_or_ahead,
    ),
    optional(
        "echo off",
        &[
            Query::plain(Execute("E0V1Q0"), PLAIN),
            Query::plain(Execute("E0"), PLAIN),
            Query::plain(Execute("V1"), PLAIN),
            Query::plain(Execute("Q0"), PLAIN),
        ],
        |_, at, reply| {
            if at == 0 && reply.is_ok() {
                Verdict::Done
            } else {
                Verdict::Ahead(1)
            }
        },
    ),
    optional(
        "error format",
        &[
            Query::plain(Set("+CMEE", "1"), PLAIN),
            Query::plain(Set("+CMEE", "2"), PLAIN),
        ],
        ok_or_ahead,
    ),
    optional(
        "manufacturer",
        &[
            Query::bare(Execute("+CGMI"), &["+CGMI:"], SETTING),
            Query::bare(Execute("+GMI"), &["+GMI:"], SETTING),
        ],
        |known, _, reply| text_or_ahead(&mut known.modem.manufacturer, reply),
    ),
    optional(
        "model",
        &[
            Query::bare(Execute("+CGMM"), &["+CGMM:"], SETTING),
            Query::bare(Execute("+GMM"), &["+GMM:"], SETTING),
        ],
        |known, _, reply| text_or_ahead(&mut known.modem.model, reply),
    ),
    optional(
        "revision",
        &[
            Query::bare(Execute("+CGMR"), &["+CGMR:", "Revision:"], SETTING),
            Query::bare(Execute("+GMR"), &["+GMR:", "Revision:"], SETTING),
        ],
        |known, _, reply| text_or_ahead(&mut known.modem.revision, reply),
    ),
    optional(
        "IMEI",
        &[
            Query::bare(Execute("+CGSN"), &["+CGSN:"], IDENTITY),
            Query::bare(Execute("+GSN"), &["+GSN:"], IDENTITY),
        ],
        |known, _, reply| match identity::imei(&reply.text) {
            Some(imei) if reply.is_ok() => {
                known.modem.imei = imei.into();
                Verdict::Done
            }
            _ => Verdict::Ahead(1),
        },
    ),
    by_profile(
        "vendor's settings",
        |profile, at| {
            let command = profile.setup.commands.get(at)?;
            Some(Query::plain(Execute(command.as_str()), PROFILE))
        },
        |_, _, _| Verdict::Ahead(1),
    ),
    by_profile(
        "radio",
        |profile, at| match at {
            0 => Some(Query::named(Read("+CFUN"), &["+CFUN:"], SETTING)),
            // Only if it is not 1: some modems restart the stack on another +CFUN=1.
            1 => Some(Query::plain(Set("+CFUN", "1"), profile.radio_timeout())),
            _ => None,
        },
        |_, at, reply| {
            let full = reply.text.split(',').next() == Some("1");
            if at == 0 && reply.is_ok() && !full {
                Verdict::Ahead(1)
            } else {
                Verdict::Done
            }
        },
    ),
    Step {
        name: "SIM",
        ways: Ways::Fixed(&[Query::named(Read("+CPIN"), &["+CPIN:"], STORAGE)]),
        accept: sim_is_unlocked,
        tries: tries(SIM_PATIENCE, SIM_PAUSE),
        pause: SIM_PAUSE,
        otherwise: Otherwise::Wait(LineState::NoSim, NO_SIM_PAUSE, "the SIM does not get ready"),
    },
    Step {
        name: "SMS service",
        ways: Ways::Profile(|profile, at| match (profile.sim.readiness, at) {
            (Readiness::Qss, 0) => Some(Query::named(Read("#QSS"), &["#QSS:"], SETTING)),
            (Readiness::Qss, 1) | (Readiness::Storage, 0) => {
                Some(Query::named(Read("+CPMS"), &["+CPMS:"], STORAGE))
            }
            (Readiness::Qss, 2) | (Readiness::Storage, 1) => {
                Some(Query::named(Read("+CSMS"), &["+CSMS:"], STORAGE))
            }
            (Readiness::Qss | Readiness::Storage, _) => None,
        }),
        accept: messages_are_ready,
        tries: tries(SIM_PATIENCE, SIM_PAUSE),
        pause: SIM_PAUSE,
        otherwise: Otherwise::Skip,
    },
    Step {
        name: "ICCID",
        ways: Ways::Fixed(ICCID_QUERIES),
        accept: read_iccid,
        tries: 3,
        pause: SIM_PAUSE,
        otherwise: Otherwise::Wait(
            LineState::NoSim,
            NO_SIM_PAUSE,
            "the ICCID of the SIM can't be read",
        ),
    },
    Step {
        name: "IMSI",
        ways: Ways::Fixed(&[Query::bare(Execute("+CIMI"), &["+CIMI:"], IDENTITY)]),
        accept: |known, _, reply| match identity::imsi(&reply.text) {
            Some(imsi) if reply.is_ok() => {
                known.imsi = imsi.into();
                Verdict::Done
            }
            _ => Verdict::Again,
        },
        tries: 3,
        pause: SIM_PAUSE,
        otherwise: Otherwise::Skip,
    },
    optional(
        "own number",
        &[Query::named(Execute("+CNUM"), &["+CNUM:"], IDENTITY)],
        |known, _, reply| {
            known.number = own_number(&reply.text).unwrap_or_default().into();
            Verdict::Done
        },
    ),
    by_profile(
        "registration reports",
        |profile, at| {
            let domain = profile.network.registration.get(at / 2)?;
            let detail = if at.is_multiple_of(2) { "2" } else { "1" };
            Some(Query::plain(Set(domain.command(), detail), SETTING))
        },
        // The second way to ask a modem is for one that refused the first.
        |_, at, reply| {
            let is_last_way = !at.is_multiple_of(2);
            Verdict::Ahead(if reply.is_ok() && !is_last_way { 2 } else { 1 })
        },
    ),
    optional(
        "service centre",
        &[Query::named(Read("+CSCA"), &["+CSCA:"], SETTING)],
        |known, _, reply| {
            // A modem that does not tell is trusted to have one.
            known.smsc = reply.text.is_empty() || has_address(&reply.text);
            Verdict::Done
        },
    ),
    // Phase 2, where the modem acknowledges reports by itself, wherever the profile does not say otherwise: a `+CNMA`
    // can't be sent while a `+CMGS` runs.
    by_profile(
        "service level",
        |profile, at| match (profile.messages.service.get(), at) {
            (1, 0) => Some(Query::plain(Set("+CSMS", "1"), SETTING)),
            (0, 0) | (1, 1) => Some(Query::plain(Set("+CSMS", "0"), SETTING)),
            _ => None,
        },
        |known, at, reply| {
            known.acknowledges =
                at == 0 && known.profile.messages.service.get() == 1 && reply.is_ok();
            ok_or_ahead(known, at, reply)
        },
    ),
    Step {
        name: "PDU mode",
        ways: Ways::Fixed(&[Query::plain(Set("+CMGF", "0"), SETTING)]),
        accept: ok_or_again,
        tries: tries(SETTING_PATIENCE, SETTING_PAUSE),
        pause: SETTING_PAUSE,
        otherwise: Otherwise::Fail(Rung::Radio, "PDU mode is refused"),
    },
    by_profile("storage", storage_query, select_storage),
    optional(
        "message link",
        &[Query::plain(Set("+CMMS", "0"), SETTING)],
        |known, _, reply| {
            let wanted = known.profile.messages.more_messages == MoreMessages::BetweenParts;
            known.more_messages = wanted && reply.is_ok();
            Verdict::Done
        },
    ),
    by_profile(
        "transport",
        |profile, at| {
            let transport = profile.network.transport.filter(|_| at == 0)?;
            Some(Query::plain(SetNumber("+CGSMS", transport.get()), SETTING))
        },
        ok_or_ahead,
    ),
    by_profile("indications", indications_query, set_indications),
    optional(
        "sweep",
        &[Query::plain(Set("+CMGL", "4"), READ_ALL)],
        ok_or_ahead,
    ),
    optional(
        "signal",
        &[Query::plain(Execute("+CSQ"), SETTING)],
        ok_or_ahead,
    ),
    // Codes rather than names: names differ between firmware, and between SIMs.
    optional(
        "operator format",
        &[Query::plain(Set("+COPS", "3,2"), SETTING)],
        ok_or_ahead,
    ),
    Step {
        name: "network",
        ways: Ways::Profile(|profile, at| {
            let domain = profile.network.registration.get(at)?;
            Some(Query::plain(Read(domain.command()), SETTING))
        }),
        accept: is_registered,
        tries: u8::MAX,
        pause: NO_NETWORK_PAUSE,
        otherwise: Otherwise::Wait(LineState::NoNetwork, NO_NETWORK_PAUSE, "not registered"),
    },
];

/// Ways to read the ICCID, the commonest first. `+CRSM` reads EF_ICCID itself (3GPP TS 27.007 §8.18).
pub(crate) const ICCID_QUERIES: &[Query<'static>] = &[
    Query::bare(Execute("+CCID"), ICCID_NAMES, IDENTITY),
    Query::bare(Execute("+QCCID"), ICCID_NAMES, IDENTITY),
    Query::bare(Execute("+CICCID"), ICCID_NAMES, IDENTITY),
    Query::bare(Execute("+ICCID"), ICCID_NAMES, IDENTITY),
    Query::bare(Read("^ICCID"), ICCID_NAMES, IDENTITY),
    Query::bare(Execute("#CCID"), ICCID_NAMES, IDENTITY),
    Query::bare(Read("!ICCID"), ICCID_NAMES, IDENTITY),
    Query::named(Set("+CRSM", "176,12258,0,0,10"), &["+CRSM:"], IDENTITY),
];

const ICCID_NAMES: &[&str] = &[
    "+CCID:", "+QCCID:", "+CICCID:", "+ICCID:", "^ICCID:", "#CCID:", "!ICCID:", "ICCID:",
];

/// Each of the profile's stores for all three purposes, and for one alone where the modem takes no more (Wavecom Q2).
fn storage_query(profile: &Profile, at: usize) -> Option<Query<'_>> {
    let (memory, parameters) = storage_way(profile, at)?;
    let parameter = match parameters {
        StorageParameters::Three => memory.three_parameters(),
        StorageParameters::One => memory.parameter(),
    };
    Some(Query::plain(Set("+CPMS", parameter), STORAGE))
}

fn storage_way(profile: &Profile, at: usize) -> Option<(Memory, StorageParameters)> {
    let ways = match profile.messages.storage_parameters {
        StorageParameters::Three => &[StorageParameters::Three, StorageParameters::One][..],
        StorageParameters::One => &[StorageParameters::One],
    };
    let memory = profile.messages.storage.get(at / ways.len())?;
    Some((*memory, ways[at % ways.len()]))
}

/// Each of the profile's values, read back since firmware says `OK` to values that it does not take.
fn indications_query(profile: &Profile, at: usize) -> Option<Query<'_>> {
    let wanted = profile.messages.indications.get(at / 2)?;
    Some(if at.is_multiple_of(2) {
        Query::plain(Set("+CNMI", wanted.as_str()), SETTING)
    } else {
        READ_INDICATIONS
    })
}

/// Reads the operator.
pub(crate) const READ_OPERATOR: Query<'static> = Query::named(Read("+COPS"), &["+COPS:"], SETTING);

/// Reads the indications.
pub(crate) const READ_INDICATIONS: Query<'static> =
    Query::named(Read("+CNMI"), &["+CNMI:"], SETTING);

const fn optional(
    name: &'static str,
    queries: &'static [Query<'static>],
    accept: fn(&mut Known, usize, &Reply) -> Verdict,
) -> Step {
    skippable(name, Ways::Fixed(queries), accept)
}

const fn by_profile(
    name: &'static str,
    query: fn(&Profile, usize) -> Option<Query<'_>>,
    accept: fn(&mut Known, usize, &Reply) -> Verdict,
) -> Step {
    skippable(name, Ways::Profile(query), accept)
}

const fn skippable(
    name: &'static str,
    ways: Ways,
    accept: fn(&mut Known, usize, &Reply) -> Verdict,
) -> Step {
    Step {
        name,
        ways,
        accept,
        tries: 1,
        pause: Duration::ZERO,
        otherwise: Otherwise::Skip,
    }
}

const fn tries(patience: Duration, pause: Duration) -> u8 {
    let tries = patience.as_secs() / pause.as_secs();
    assert!(tries > 0 && tries < u8::MAX as u64);
    tries as u8
}

fn ok_or_again(_: &mut Known, _: usize, reply: &Reply) -> Verdict {
    if reply.is_ok() {
        Verdict::Done
    } else {
        Verdict::Again
    }
}

fn ok_or_ahead(_: &mut Known, _: usize, reply: &Reply) -> Verdict {
    if reply.is_ok() {
        Verdict::Done
    } else {
        Verdict::Ahead(1)
    }
}

fn text_or_ahead(text: &mut String, reply: &Reply) -> Verdict {
    if !reply.is_ok() || reply.text.is_empty() {
        return Verdict::Ahead(1);
    }
    text.clone_from(&reply.text);
    Verdict::Done
}

fn sim_is_unlocked(_: &mut Known, _: usize, reply: &Reply) -> Verdict {
    let text = reply.text.as_str();
    if reply.is_ok() && (text.is_empty() || is_usable(text)) {
        return Verdict::Done;
    }
    match reply.result {
        Some(Final::Cme(10) | Final::Cms(310)) => Verdict::Wanting(SIM_MISSING),
        Some(Final::Cme(11) | Final::Cms(311)) => Verdict::Locked,
        Some(Final::Cme(12) | Final::Cms(316)) => Verdict::Blocked(SIM_WANTS_PUK),
        Some(Final::Cme(13) | Final::Cms(313)) => Verdict::Again,
        Some(Final::Cme(15) | Final::Cms(315)) => Verdict::Blocked(SIM_WRONG),
        Some(Final::Cme(262)) => Verdict::Blocked(SIM_BARRED),
        _ if text == "SIM PIN" => Verdict::Locked,
        _ if text == "SIM PUK" => Verdict::Blocked(SIM_WANTS_PUK),
        _ if text == "BLOCKED" => Verdict::Blocked(SIM_BARRED),
        _ if text.starts_with("PH-") => Verdict::Blocked(MODEM_LOCKED),
        _ if text == "NOT INSERTED" => Verdict::Wanting(SIM_MISSING),
        _ => Verdict::Again,
    }
}

const SIM_MISSING: &str = "no SIM is inserted: put one in, or push it in again";
const SIM_WANTS_PUK: &str = "the SIM wants its PUK after wrong PINs: put it in a phone and unlock it with the PUK of its contract";
const SIM_WRONG: &str = "the modem refuses this SIM: put in another one, or unlock the modem";
const SIM_BARRED: &str = "the SIM is blocked for good: ask its operator for another one";
const MODEM_LOCKED: &str =
    "the modem is locked to another SIM or network: unlock it with its code, or use another modem";

fn read_iccid(known: &mut Known, at: usize, reply: &Reply) -> Verdict {
    match iccid_of(at, reply) {
        Some(iccid) => {
            known.iccid = Some(iccid);
            known.iccid_query = at;
            Verdict::Done
        }
        // The same command will work in a moment; the others would only fail alike.
        None if reply.result.is_some_and(Final::is_sim_busy) => Verdict::Again,
        None => Verdict::Ahead(1),
    }
}

/// Telit's `#QSS: <mode>,<status>`: in mode 2, status 3 says that messages can be used. In other modes, and on firmware that
/// answers with nothing or an error, it can't say that, and the stores are asked instead.
fn messages_are_ready(known: &mut Known, at: usize, reply: &Reply) -> Verdict {
    match known.profile.sim.readiness {
        Readiness::Qss if at == 0 => match reply.text.split_once(',') {
            Some((mode, status)) if reply.is_ok() && mode.trim() == "2" => {
                if status.trim() == "3" {
                    Verdict::Done
                } else {
                    Verdict::Again
                }
            }
            Some(_) | None => Verdict::Ahead(1),
        },
        Readiness::Storage | Readiness::Qss if reply.is_ok() => Verdict::Done,
        Readiness::Storage | Readiness::Qss => Verdict::Ahead(1),
    }
}

fn select_storage(known: &mut Known, at: usize, reply: &Reply) -> Verdict {
    if !reply.is_ok() {
        return Verdict::Ahead(1);
    }
    if let Some((memory, _)) = storage_way(&known.profile, at) {
        known.home = memory;
        known.selected = memory;
    }
    Verdict::Done
}

fn set_indications(known: &mut Known, at: usize, reply: &Reply) -> Verdict {
    if at.is_multiple_of(2) {
        known.indications.clear();
        let wanted = known.profile.messages.indications.get(at / 2);
        known.stores_reports = reply.is_ok() && wanted.is_some_and(Indications::stores_reports);
        return Verdict::Ahead(if reply.is_ok() { 1 } else { 2 });
    }
    if !reply.is_ok() || reply.text.is_empty() {
        // The modem took the setting and can't show it.
        return Verdict::Done;
    }
    let Some(wanted) = known.profile.messages.indications.get(at / 2) else {
        return Verdict::Done;
    };
    if !same_indications(&reply.text, wanted.as_str()) {
        return Verdict::Ahead(1);
    }
    known.indications.clone_from(&reply.text);
    Verdict::Done
}

fn is_registered(known: &mut Known, at: usize, reply: &Reply) -> Verdict {
    let domains = &known.profile.network.registration;
    let is_last = at + 1 >= domains.len();
    // The answers were taken as they came: they look like the unsolicited ones.
    if !reply.is_ok()
        && let Some(&domain) = domains.get(at)
    {
        known.registration.set(domain, None);
    }
    match known.check_registration() {
        Ok(()) => Verdict::Done,
        Err(_) if !is_last => Verdict::Ahead(1),
        // It has all the network that it will get.
        Err(reason) if reason == LTE_ALONE => Verdict::Blocked(reason),
        Err(reason) => Verdict::Wanting(reason),
    }
}

#[cfg(test)]
mod tests;
