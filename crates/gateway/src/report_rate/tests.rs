//! Which parts count, and what their reports add up to.

use super::*;

const START: UnixMs = UnixMs(SPAN_MS * 1_000_000);

fn at(seconds: u64) -> UnixMs {
    START.plus(Duration::from_secs(seconds))
}

/// What a SIM's reporting shows at a time, in seconds: parts, and those whose report came.
fn check(reporting: &Reporting, seconds: u64, parts: u32, came: u32) {
    let rate = reporting.rate(at(seconds));
    assert_eq!((rate.parts, rate.came()), (parts, came), "at {seconds} s");
}

#[test]
fn a_part_counts_when_its_report_is_due() {
    let mut reporting = Reporting::default();
    reporting.hear(News::Sent(at(0)));
    reporting.hear(News::Sent(at(299)));
    reporting.hear(News::Sent(at(300)));
    let came = |sent, came| News::Came {
        sent: at(sent),
        at: at(came),
    };
    reporting.hear(came(0, 299));
    reporting.hear(came(299, 599));
    check(&reporting, 599, 0, 0);
    check(&reporting, 600, 2, 1);
    check(&reporting, 900, 3, 1);
    // Nothing that was not sent, as far as is known.
    reporting.hear(came(5000, 5001));
    check(&reporting, 900, 3, 1);
    reporting.hear(News::GivenUp { sent: at(299) });
    check(&reporting, 900, 2, 1);
    // A day later it says nothing of now.
    check(&reporting, 24 * 3600 + 600, 2, 1);
    check(&reporting, 24 * 3600 + 900, 1, 0);
    check(&reporting, 24 * 3600 + 1200, 0, 0);
}

#[test]
fn the_last_hour_of_sending_counts_in_whatever_order_it_is_heard_of() {
    let sent: Vec<u64> = (0..20).map(|span| span * 900).collect();
    let mut reporting = Reporting::default();
    for seconds in &sent {
        reporting.hear(News::Sent(at(*seconds)));
    }
    let now = 19 * 900;
    check(&reporting, now, 13, 0);
    let mut other = Reporting::default();
    for seconds in sent.iter().rev() {
        other.hear(News::Sent(at(*seconds)));
    }
    check(&other, now, 13, 0);
    reporting.forget_before(at(17 * 900 + 1));
    check(&reporting, now, 1, 0);
    reporting.forget_after(at(17 * 900));
    check(&reporting, now, 0, 0);
    assert!(reporting.spans.is_empty());
}

#[test]
fn few_parts_say_nothing_and_many_how_soon_reports_come() {
    let rate = |delays: &[u64], lost: u32| {
        let mut reporting = Reporting::default();
        for ms in delays {
            reporting.hear(News::Sent(at(0)));
            let came = at(0).plus(Duration::from_millis(*ms));
            reporting.hear(News::Came {
                sent: at(0),
                at: came,
            });
        }
        (0..lost).for_each(|_| reporting.hear(News::Sent(at(0))));
        reporting.rate(at(600))
    };
    let shown = |rate: ReportRate| (rate.ratio(), rate.delay(50), rate.delay(90));
    let some = |seconds| Some(Duration::from_secs(seconds));
    assert_eq!(shown(rate(&[0; 9], 0)), (None, None, None));
    assert_eq!(shown(rate(&[0; 9], 1)), (Some(0.9), None, None));
    assert_eq!(shown(rate(&[], 10)), (Some(0.0), None, None));
    assert_eq!(shown(rate(&[999; 10], 0)), (Some(1.0), some(1), some(1)));
    let spread = [
        1_000, 1_500, 2_000, 2_500, 3_999, 4_000, 6_000, 60_000, 299_999, 300_000,
    ];
    assert_eq!(
        shown(rate(&spread, 0)),
        (Some(0.9), None, None),
        "one too late"
    );
    let all = [&spread[..9], &[7_999, 100_000]].concat();
    assert_eq!(shown(rate(&all, 11)), (Some(0.5), some(5), some(120)));
}
