//! How many reports come, and how soon: of the parts that a SIM sent with a report asked for, the share whose final report
//! came within [`REPORT_WAIT`].
//!
//! ```text
//!  spans in which the SIM sent something, the last of a day                time ─►
//!  │ 40 sent │ 38 sent │   …   │ 41 sent │ 12 sent │
//!  │ 39 came │ 37 came │       │ 40 came │  3 came │
//!  └─────────── counted ───────┘ not yet: more may come in time
//! ```
//!
//! Filled from the records, live and at a start, as far back as they are whole: what is not known counts nowhere, so a
//! restart makes a rate unknown and never worse. It decides nothing.

use std::collections::VecDeque;
use std::time::Duration;

use modem::Outcome;

use crate::book::{Attempt, Book, SimIdx};
use crate::record::{Record, Requeue};
use crate::words::UnixMs;

/// How long a report is waited for: as long as a code lives unless its app wants it otherwise.
pub const REPORT_WAIT: Duration = Duration::from_secs(5 * 60);

/// Times by which reports come, in seconds; the last is [`REPORT_WAIT`]. From two on each is at most half more than the
/// one before.
pub const REPORT_DELAYS_S: [u64; 20] = [
    1, 2, 3, 4, 5, 6, 8, 10, 13, 17, 22, 30, 40, 50, 70, 90, 120, 160, 220, 300,
];

/// How many reports came of parts that were waited for, and how soon.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReportRate {
    /// Parts that were sent at least [`REPORT_WAIT`] ago.
    pub parts: u32,
    /// Of these, those whose final report came within it, by [`REPORT_DELAYS_S`].
    pub by_delay: [u32; REPORT_DELAYS_S.len()],
}

/// What is known of the reports of one SIM.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reporting {
    /// In their order; those in which nothing was sent are left out.
    spans: VecDeque<Span>,
}

/// Parts that were sent within [`REPORT_WAIT`].
#[derive(Clone, Copy, Debug, Default)]
struct Span {
    /// Number of the span since 1970.
    number: i64,
    sent: u16,
    /// By [`REPORT_DELAYS_S`].
    came: [u16; REPORT_DELAYS_S.len()],
}

/// What a record says of a report that is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum News {
    /// A part was sent.
    Sent(UnixMs),
    /// The final report of a part came.
    Came { sent: UnixMs, at: UnixMs },
    /// The report of a part is waited for no more, whether it comes or not.
    GivenUp { sent: UnixMs },
}

impl ReportRate {
    /// Parts whose final report came in time.
    pub fn came(&self) -> u32 {
        self.by_delay.iter().sum()
    }

    /// The share whose report came in time; `None` while the parts are too few to say.
    pub fn ratio(&self) -> Option<f64> {
        (self.parts >= PARTS_MIN).then(|| f64::from(self.came()) / f64::from(self.parts))
    }

    /// The time within which this share of the reports came that came in time, rounded up to one of [`REPORT_DELAYS_S`]; `None`
    /// while they are too few to say.
    pub fn delay(&self, percent: u32) -> Option<Duration> {
        let came = self.came();
        if came < PARTS_MIN {
            return None;
        }
        let wanted = (u64::from(came) * u64::from(percent)).div_ceil(100);
        let mut so_far = 0;
        let mut steps = self.by_delay.iter().zip(REPORT_DELAYS_S);
        let reached = steps.find(|(count, _)| {
            so_far += u64::from(**count);
            so_far >= wanted
        });
        reached.map(|(_, step)| Duration::from_secs(step))
    }

    pub(crate) fn add(&mut self, more: &ReportRate) {
        self.parts = self.parts.saturating_add(more.parts);
        for (own, more) in self.by_delay.iter_mut().zip(more.by_delay) {
            *own = own.saturating_add(more);
        }
    }
}

impl Reporting {
    pub(crate) fn hear(&mut self, news: News) {
        match news {
            News::Sent(at) => {
                let span = self.span_at(at);
                span.sent = span.sent.saturating_add(1);
                if self.spans.len() > SPANS_MAX {
                    self.spans.pop_front();
                }
            }
            News::Came { sent, at } => {
                let waited = at.since(sent);
                let step = REPORT_DELAYS_S
                    .iter()
                    .position(|step| waited.as_secs() < *step);
                if let (Some(step), Some(span)) = (step, self.known_span(sent)) {
                    span.came[step] = span.came[step].saturating_add(1);
                }
            }
            News::GivenUp { sent } => {
                if let Some(span) = self.known_span(sent) {
                    span.sent = span.sent.saturating_sub(1);
                }
            }
        }
    }

    /// Not everything is known of what was sent before.
    pub(crate) fn forget_before(&mut self, since: UnixMs) {
        self.spans
            .retain(|span| span.number.saturating_mul(SPAN_MS) >= since.0);
    }

    /// The clock was set back: what seems to be sent later than now is of no time.
    pub(crate) fn forget_after(&mut self, now: UnixMs) {
        self.spans.retain(|span| span.number <= number_of(now));
    }

    /// Of the parts that it sent last, how many reports came.
    pub(crate) fn rate(&self, now: UnixMs) -> ReportRate {
        let last = number_of(now) - 2;
        let counted = (last - SPANS_OF_DAY)..=last;
        let mut rate = ReportRate::default();
        for span in self
            .spans
            .iter()
            .filter(|span| counted.contains(&span.number))
        {
            rate.add(&ReportRate {
                parts: span.sent.into(),
                by_delay: span.came.map(u32::from),
            });
        }
        rate
    }

    /// The span of a time, which begins if there is none.
    fn span_at(&mut self, at: UnixMs) -> &mut Span {
        let number = number_of(at);
        let place = self.spans.partition_point(|span| span.number < number);
        if self
            .spans
            .get(place)
            .is_none_or(|span| span.number != number)
        {
            let span = Span {
                number,
                ..Span::default()
            };
            self.spans.insert(place, span);
        }
        &mut self.spans[place]
    }

    fn known_span(&mut self, at: UnixMs) -> Option<&mut Span> {
        let number = number_of(at);
        let mut spans = self.spans.iter_mut();
        spans.find(|span| span.number == number)
    }
}

/// What a record says of reports that are waited for, by SIM. Asked before the record is applied.
pub(crate) fn news(book: &Book, at: UnixMs, record: &Record) -> Vec<(SimIdx, News)> {
    if let Record::Requeued {
        message,
        why: Requeue::Anew,
        ..
    } = record
    {
        let given_up = |attempt: &Attempt| {
            let sent = awaited_since(book, attempt)?;
            Some((attempt.sim, News::GivenUp { sent }))
        };
        let live = book.message(*message).into_iter();
        let attempts = live.flat_map(|live| book.attempts_of(live));
        return attempts
            .filter_map(|(_, attempt)| given_up(attempt))
            .collect();
    }
    let attempt = record.ticket().and_then(|ticket| book.attempt(ticket));
    let Some(attempt) = attempt.filter(|attempt| is_asked(book, attempt)) else {
        return Vec::new();
    };
    let news = if let Record::Finished {
        outcome: Outcome::Sent { .. },
        ..
    } = record
    {
        Some(News::Sent(at))
    } else if let Record::Resolved { .. } = record {
        attempt.landed.map(News::Sent)
    } else if let Record::Reported { report, .. } = record
        && report.status.is_final()
    {
        awaited_since(book, attempt).map(|sent| News::Came { sent, at })
    } else {
        None
    };
    news.map(|news| (attempt.sim, news)).into_iter().collect()
}

/// Since when a report of an attempt is waited for, if it is.
fn awaited_since(book: &Book, attempt: &Attempt) -> Option<UnixMs> {
    let is_awaited = attempt.is_sent() && attempt.reported.is_none() && is_asked(book, attempt);
    attempt.landed.filter(|_| is_awaited)
}

fn is_asked(book: &Book, attempt: &Attempt) -> bool {
    let live = book.message(attempt.message);
    live.is_some_and(|live| live.message.report)
}

fn number_of(at: UnixMs) -> i64 {
    at.0.div_euclid(SPAN_MS)
}

const SPAN_MS: i64 = 300_000;
/// Twelve that are counted, an hour of a busy SIM, and two in which reports may still come.
const SPANS_MAX: usize = 14;
/// What was sent longer ago says nothing of now.
const SPANS_OF_DAY: i64 = 24 * 3_600_000 / SPAN_MS;
/// Fewer say nothing.
const PARTS_MIN: u32 = 10;

const _: () = assert!(REPORT_WAIT.as_secs() == REPORT_DELAYS_S[REPORT_DELAYS_S.len() - 1]);
const _: () = assert!(REPORT_WAIT.as_millis() == SPAN_MS as u128);

#[cfg(test)]
mod tests;
