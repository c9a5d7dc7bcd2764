//! How many reports come, in words.

use client::ReportRateView;

/// `vodafone: 97 % of 412 parts within 5 min; half of them within 5 s, nine of ten within 17 s`.
pub(super) fn words(rate: &ReportRateView) -> String {
    let ReportRateView {
        operator, parts, ..
    } = rate;
    let mut words = match rate.ratio {
        Some(ratio) => format!("{operator}: {} of {parts} parts within 5 min", share(ratio)),
        None => return format!("{operator}: unknown, {parts} parts are too few to say"),
    };
    if let (Some(half), Some(most)) = (rate.delay_ms_p50, rate.delay_ms_p90) {
        words += &format!(
            "; half of them within {} s, nine of ten within {} s",
            half.div_ceil(1_000),
            most.div_ceil(1_000)
        );
    }
    words
}

/// Whole percents, and never all of what is not all.
pub(super) fn share(ratio: f64) -> String {
    match ratio {
        0.99..1.0 => "99 %".to_owned(),
        _ => format!("{:.0} %", ratio * 100.0),
    }
}
