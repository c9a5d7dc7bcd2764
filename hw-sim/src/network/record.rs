//! What the network puts on paper: ledger entries and the TPDUs it makes itself.

use std::time::Instant;

use sms::{Body, Deliver, ServiceCentreTime, Status, StatusReport, UserData};

use super::Network;
use super::due::OnAir;
use super::subscriber::{Report, Waiting};
use crate::ledger::{LedgerEntry, LedgerEvent};

impl Network {
    pub(super) fn submit_entry(&self, at: Instant, on_air: &OnAir) -> LedgerEntry {
        let submit = &on_air.submit;
        let entry = LedgerEntry {
            to: submit.destination.text(),
            mr: Some(submit.reference),
            busy_ms: Some((on_air.fate.busy.as_secs_f64() * 1e6).round() / 1e3),
            ..self.blank_entry(at, on_air.line, on_air.card, &on_air.tpdu)
        };
        with_content(entry, &submit.user_data)
    }

    pub(super) fn refusal_entry(&self, at: Instant, on_air: &OnAir, cause: u16) -> LedgerEntry {
        LedgerEntry {
            event: LedgerEvent::Refuse,
            cause: Some(cause),
            ..self.submit_entry(at, on_air)
        }
    }

    /// What was just offered to a SIM.
    pub(super) fn shown_entry(
        &self,
        now: Instant,
        line: usize,
        card: usize,
    ) -> Option<LedgerEntry> {
        let offered = self.subscribers[card].offered.as_ref()?;
        let blank = self.blank_entry(now, line, card, &offered.tpdu);
        Some(match &offered.waiting {
            Waiting::Report { report, .. } => LedgerEntry {
                event: LedgerEvent::Report,
                to: report.recipient.text(),
                mr: Some(report.reference),
                status: Some(report.status),
                ..blank
            },
            Waiting::Message { from, user_data } => {
                let from = Some(from.text());
                let entry = LedgerEntry {
                    event: LedgerEvent::Inbound,
                    from,
                    ..blank
                };
                with_content(entry, user_data)
            }
        })
    }

    pub(super) fn report_tpdu(&self, report: &Report, discharge: Instant) -> Vec<u8> {
        StatusReport::new(
            report.reference,
            report.recipient.clone(),
            report.accepted,
            self.clock(discharge),
            Status(report.status),
        )
        .encode()
        .expect("a report without optional fields always fits")
    }

    pub(super) fn deliver_tpdu(
        &self,
        now: Instant,
        from: &sms::Address,
        user_data: &UserData,
    ) -> Vec<u8> {
        Deliver::new(from.clone(), self.clock(now), user_data.clone())
            .encode()
            .expect("what `segment` makes always has a coding")
    }

    pub(super) fn clock(&self, at: Instant) -> ServiceCentreTime {
        let elapsed_ms = i64::try_from(self.elapsed_ms(at)).unwrap_or(i64::MAX);
        ServiceCentreTime::from_unix_ms(
            self.settings.started_unix_ms.saturating_add(elapsed_ms),
            QUARTERS,
        )
    }

    fn elapsed_ms(&self, at: Instant) -> u64 {
        let elapsed = at.saturating_duration_since(self.settings.started);
        u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX)
    }

    fn blank_entry(&self, at: Instant, line: usize, card: usize, tpdu: &[u8]) -> LedgerEntry {
        let subscriber = &self.subscribers[card];
        LedgerEntry {
            t_ms: self.elapsed_ms(at),
            event: LedgerEvent::Submit,
            line,
            iccid: subscriber.iccid.clone(),
            imsi: subscriber.imsi.clone(),
            to: subscriber.number.clone(),
            from: None,
            mr: None,
            tpdu: sms::hex::encode_upper(tpdu),
            text: None,
            reference: None,
            part: 1,
            parts: 1,
            status: None,
            cause: None,
            busy_ms: None,
            data: None,
        }
    }
}

/// Text or octets, and place among the parts.
fn with_content(entry: LedgerEntry, user_data: &UserData) -> LedgerEntry {
    let concatenation = user_data.concatenation();
    let (text, data) = match &user_data.body {
        Body::Text(text) => (Some(text.clone()), None),
        Body::Octets(octets) => (None, Some(sms::hex::encode_upper(octets))),
    };
    LedgerEntry {
        text,
        data,
        reference: concatenation.map(|concatenation| concatenation.reference.number()),
        part: concatenation.map_or(1, |concatenation| concatenation.part),
        parts: concatenation.map_or(1, |concatenation| concatenation.parts),
        ..entry
    }
}

/// The service centre's offset from UTC in quarters of an hour.
const QUARTERS: i8 = 4;
