//! The initialisation as a table: what is asked, in which order, and what each answer leads to.
//!
//! The order is the portable one of the open drivers: echo, error format, identity, radio, SIM, storage, service level,
//! format, indications, sweep, network. One command a line: some modems refuse them combined. `init` walks the table.

use std::time::Duration;

use crate::command::Command::{Execute, Read, Set};
use crate::known::Known;
use crate::registration::Domain;
use crate::result::Final;
use crate::timing::*;
use crate::urc::{Memory, is_usable};
use crate::wire::{Query, Reply};
use crate::{LineState, fields, identity};

/// One purpose of the initialisation.
pub(super) struct Step {
    /// For the wake-up's reason.
    pub(super) name: &'static str,
    /// Ways to reach it, in order.
    pub(super) queries: &'static [Query],
    /// Judges the reply to one of them.
    pub(super) accept: fn(&mut Known, usize, &Reply) -> Verdict,
    /// How often the ways are tried from the first.
    pub(super) tries: u8,
    /// Pause before another try.
    pub(super) pause: Duration,
    /// What happens after the last.
    pub(super) otherwise: Otherwise,
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
    /// It can't be reached until something outside changes; the reason is for people.
    Blocked(&'static str),
}

/// What happens when a step's tries are spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Otherwise {
    /// The next step.
    Skip,
    /// The modem cannot be used.
    Fail(&'static str),
    /// The line stays here in this state and asks again after the pause.
    Wait(LineState, Duration, &'static str),
}

/// Where another try begins after an answer was missing: the modem must answer at all.
pub(super) const ATTENTION_STEP: usize = 0;
/// `ATZ`, only after a failure.
pub(super) const PROFILE_STEP: usize = 1;
/// The first step of an undisturbed initialisation after the modem answered.
pub(super) const ECHO_STEP: usize = 2;
/// Where a changed SIM begins.
pub(super) const SIM_STEP: usize = 9;
/// Where a SIM identity is read.
pub(super) const ICCID_STEP: usize = 11;
/// Where a lost registration begins: the last step.
pub(super) const NETWORK_STEP: usize = STEPS.len() - 1;

/// The script.
pub(super) const STEPS: &[Step] = &[
    Step {
        name: "looking for a modem",
        queries: &[Query::plain(Execute(""), ATTENTION)],
        accept: ok_or_again,
        tries: ATTENTIONS_MAX,
        pause: QUIET,
        otherwise: Otherwise::Fail("no answer to AT"),
    },
    optional(
        "profile",
        &[Query::plain(Execute("Z"), PROFILE)],
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
    optional(
        "radio",
        &[
            Query::named(Read("+CFUN"), &["+CFUN:"], SETTING),
            // Only if it is not 1: some modems restart the stack on another +CFUN=1.
            Query::plain(Set("+CFUN", "1"), RADIO),
        ],
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
        queries: &[Query::named(Read("+CPIN"), &["+CPIN:"], STORAGE)],
        accept: sim_is_unlocked,
        tries: tries(SIM_PATIENCE, SIM_PAUSE),
        pause: SIM_PAUSE,
        otherwise: Otherwise::Wait(LineState::NoSim, NO_SIM_PAUSE, "the SIM does not get ready"),
    },
    Step {
        name: "SMS service",
        queries: &[
            Query::named(Read("+CPMS"), &["+CPMS:"], STORAGE),
            Query::named(Read("+CSMS"), &["+CSMS:"], STORAGE),
        ],
        accept: ok_or_ahead,
        tries: tries(SIM_PATIENCE, SIM_PAUSE),
        pause: SIM_PAUSE,
        otherwise: Otherwise::Skip,
    },
    Step {
        name: "ICCID",
        queries: ICCID_QUERIES,
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
        queries: &[Query::bare(Execute("+CIMI"), &["+CIMI:"], IDENTITY)],
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
        "registration reports",
        &[
            Query::plain(Set("+CREG", "2"), SETTING),
            Query::plain(Set("+CREG", "1"), SETTING),
        ],
        ok_or_ahead,
    ),
    optional(
        "LTE registration reports",
        &[
            Query::plain(Set("+CEREG", "2"), SETTING),
            Query::plain(Set("+CEREG", "1"), SETTING),
        ],
        ok_or_ahead,
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
    // Phase 2: the modem acknowledges reports by itself. A `+CNMA` could not be sent while a `+CMGS` runs.
    optional(
        "service level",
        &[Query::plain(Set("+CSMS", "0"), SETTING)],
        ok_or_ahead,
    ),
    Step {
        name: "PDU mode",
        queries: &[Query::plain(Set("+CMGF", "0"), SETTING)],
        accept: ok_or_again,
        tries: tries(SETTING_PATIENCE, SETTING_PAUSE),
        pause: SETTING_PAUSE,
        otherwise: Otherwise::Fail("PDU mode is refused"),
    },
    optional("storage", STORAGE_QUERIES, select_storage),
    optional(
        "message link",
        &[Query::plain(Set("+CMMS", "0"), SETTING)],
        ok_or_ahead,
    ),
    optional("indications", INDICATION_QUERIES, set_indications),
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
    Step {
        name: "network",
        queries: &[
            Query::plain(Read("+CREG"), SETTING),
            Query::plain(Read("+CEREG"), SETTING),
        ],
        accept: is_registered,
        tries: u8::MAX,
        pause: NO_NETWORK_PAUSE,
        otherwise: Otherwise::Wait(LineState::NoNetwork, NO_NETWORK_PAUSE, "not registered"),
    },
];

/// Ways to read the ICCID, the commonest first. `+CRSM` reads EF_ICCID itself (3GPP TS 27.007 §8.18).
pub(crate) const ICCID_QUERIES: &[Query] = &[
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

/// The SIM's own store first: what lies there moves with the SIM. Wavecom Q2 takes one parameter.
const STORAGE_QUERIES: &[Query] = &[
    Query::plain(Set("+CPMS", "\"SM\",\"SM\",\"SM\""), STORAGE),
    Query::plain(Set("+CPMS", "\"SM\""), STORAGE),
    Query::plain(Set("+CPMS", "\"ME\",\"ME\",\"ME\""), STORAGE),
];

/// Reports shown at once (`ds` 1) before stored ones (`ds` 2, announced at the wrong place by EC25 and SIM7600) before
/// none, each read back since firmware says `OK` to values that it does not take.
const INDICATION_QUERIES: &[Query] = &[
    Query::plain(Set("+CNMI", "2,1,0,1,0"), SETTING),
    READ_INDICATIONS,
    Query::plain(Set("+CNMI", "1,1,0,1,0"), SETTING),
    READ_INDICATIONS,
    Query::plain(Set("+CNMI", "3,1,0,1,0"), SETTING),
    READ_INDICATIONS,
    Query::plain(Set("+CNMI", "2,1,0,1,1"), SETTING),
    READ_INDICATIONS,
    Query::plain(Set("+CNMI", "2,1,0,2,0"), SETTING),
    READ_INDICATIONS,
    Query::plain(Set("+CNMI", "1,1,0,2,0"), SETTING),
    READ_INDICATIONS,
    Query::plain(Set("+CNMI", "2,1,0,0,0"), SETTING),
    READ_INDICATIONS,
];

/// Reads the indications.
pub(crate) const READ_INDICATIONS: Query = Query::named(Read("+CNMI"), &["+CNMI:"], SETTING);

const fn optional(
    name: &'static str,
    queries: &'static [Query],
    accept: fn(&mut Known, usize, &Reply) -> Verdict,
) -> Step {
    Step {
        name,
        queries,
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
        Some(Final::Cme(10) | Final::Cms(310)) => Verdict::Blocked("no SIM is inserted"),
        Some(Final::Cme(11) | Final::Cms(311)) => Verdict::Blocked("the SIM wants its PIN"),
        Some(Final::Cme(12) | Final::Cms(316)) => Verdict::Blocked("the SIM wants its PUK"),
        Some(Final::Cme(262)) => Verdict::Blocked("the SIM is blocked"),
        _ if text == "SIM PIN" => Verdict::Blocked("the SIM wants its PIN"),
        _ if text == "SIM PUK" => Verdict::Blocked("the SIM wants its PUK"),
        _ if text.starts_with("PH-") => Verdict::Blocked("the modem is locked to another SIM"),
        _ if text == "NOT INSERTED" => Verdict::Blocked("no SIM is inserted"),
        _ => Verdict::Again,
    }
}

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

/// The ICCID in the reply to one of the [`ICCID_QUERIES`].
pub(crate) fn iccid_of(at: usize, reply: &Reply) -> Option<crate::Iccid> {
    if !reply.is_ok() {
        return None;
    }
    if at + 1 == ICCID_QUERIES.len() {
        return identity::iccid_of_record(fields::fields(reply.text.as_bytes(), "")?);
    }
    identity::iccid(&reply.text)
}

/// Whether the first field of `+CSCA: "address",type` has digits.
fn has_address(text: &str) -> bool {
    let address = text.split(',').next().unwrap_or_default();
    address.bytes().any(|byte| byte.is_ascii_digit())
}

fn select_storage(known: &mut Known, at: usize, reply: &Reply) -> Verdict {
    if !reply.is_ok() {
        return Verdict::Ahead(1);
    }
    known.home = if at == 2 { Memory::Phone } else { Memory::Sim };
    known.selected = known.home;
    Verdict::Done
}

fn set_indications(known: &mut Known, at: usize, reply: &Reply) -> Verdict {
    let is_set = at.is_multiple_of(2);
    if is_set {
        known.indications.clear();
        return Verdict::Ahead(if reply.is_ok() { 1 } else { 2 });
    }
    if !reply.is_ok() || reply.text.is_empty() {
        // The modem took the setting and can't show it.
        return Verdict::Done;
    }
    let Some(wanted) = INDICATION_QUERIES.get(at - 1) else {
        return Verdict::Done;
    };
    let Set(_, wanted) = wanted.command else {
        return Verdict::Done;
    };
    if !same_indications(&reply.text, wanted) {
        return Verdict::Ahead(1);
    }
    known.indications.clone_from(&reply.text);
    Verdict::Done
}

/// Whether two `+CNMI` settings route messages (`mt`) and reports (`ds`) alike.
pub(crate) fn same_indications(found: &str, wanted: &str) -> bool {
    let routes = |text: &str| {
        let [_, mt, _, ds, _] = fields::fields(text.as_bytes(), "")?;
        Some((fields::number(mt)?, fields::number(ds)?))
    };
    routes(found).is_some() && routes(found) == routes(wanted)
}

fn is_registered(known: &mut Known, at: usize, reply: &Reply) -> Verdict {
    // The answers were taken as they came: they look like the unsolicited ones.
    if !reply.is_ok() {
        known.registration.set(
            if at == 0 {
                Domain::Circuit
            } else {
                Domain::Eps
            },
            None,
        );
    }
    match known.registration.check(known.sms_over_ims) {
        Ok(()) => Verdict::Done,
        Err(_) if at == 0 => Verdict::Ahead(1),
        Err(reason) => Verdict::Blocked(reason),
    }
}

#[cfg(test)]
mod tests;
