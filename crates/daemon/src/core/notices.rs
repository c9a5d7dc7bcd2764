//! What operators are told in the log of what the gateway decided.

use gateway::{BreakerOf, Entry, LineTrust, Quarantine, Record, Trip, Warning};
use modem::Iccid;

use crate::clock;

/// A line is trusted with less, or with as much as before.
pub(super) fn log_trust(line: &str, trust: &LineTrust) {
    match trust {
        LineTrust::Rests { reason, rest } => {
            let rest_s = rest.as_secs();
            tracing::warn!(line, %reason, rest_s, "the line gets no parts for a while");
        }
        LineTrust::Held { holder } => {
            let cause = "same_sim";
            tracing::warn!(line, %holder, cause, "another line has its SIM already: it gets no parts");
        }
        LineTrust::Back => tracing::info!(line, "the line sends again and gets its parts"),
    }
}

/// Budgets that come near their end, SIMs that are taken out, and operators that refuse everything.
pub(super) fn log_records(entries: &[Entry]) {
    for entry in entries {
        if let Record::BudgetWarned { sim, warning } = &entry.record {
            log_warning(sim, warning);
        } else if let Record::Quarantined { sim, quarantine } = &entry.record {
            log_quarantine(sim, quarantine.as_ref());
        } else if let Record::BreakerMoved {
            breaker: BreakerOf::Operator(operator),
            trip,
        } = &entry.record
        {
            log_trip(operator, trip.as_ref());
        }
    }
}

fn log_warning(sim: &Iccid, warning: &Warning) {
    let Warning {
        budget,
        percent,
        used,
        limit,
        resets,
    } = *warning;
    let resets = resets.map(clock::rfc3339);
    tracing::warn!(
        sim = sim.tail(),
        budget,
        percent,
        used,
        limit,
        resets,
        "a SIM's budget comes near its end"
    );
}

fn log_quarantine(sim: &Iccid, quarantine: Option<&Quarantine>) {
    let sim = sim.tail();
    let Some(of) = quarantine else {
        return tracing::info!(sim, "the SIM is used again");
    };
    let cause = of.sick.cause().map(tracing::field::display);
    let (why, until) = (of.sick.as_str(), clock::rfc3339(of.until));
    tracing::warn!(sim, why, cause, until, "the SIM is taken out for a while");
}

fn log_trip(operator: &str, trip: Option<&Trip>) {
    let Some(trip) = trip else {
        return tracing::info!(operator, "the operator takes messages again");
    };
    tracing::warn!(
        operator,
        in_row = trip.in_row,
        cause = %trip.cause,
        until = clock::rfc3339(trip.until),
        "the operator refuses every SIM and gets no parts for a while"
    );
}
