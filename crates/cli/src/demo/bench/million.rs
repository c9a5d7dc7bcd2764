//! A million messages wait: what a code, bulk, the memory and a start are like then.

use std::time::Instant;

use super::{
    CODE_INTERVAL, CODES, FleetUnderTest, HEADLINE_LINES, HEADLINE_SMS_TIME, HEADLINE_TARGET, Load,
    Measured, Progress, SETTLE_ROUNDS, Settings, all_accepted, ms_at, queue_waits, trickle, upload,
};
use crate::demo::figures::others_per_minute;

pub(super) async fn measure(progress: &Progress) -> anyhow::Result<Measured> {
    let settings = Settings::new(HEADLINE_LINES, HEADLINE_SMS_TIME).with_target(HEADLINE_TARGET);
    let bed = FleetUnderTest::start(settings, progress).await?;
    let begun = Instant::now();
    for first in (0..MESSAGES).step_by(SLICE as usize) {
        progress.phase(&format!("{first} of {MESSAGES} messages wait"));
        let slice = Load::bulk_from(first, SLICE, u64::from(first) + 1);
        let handed = upload(bed.client(), &slice, || bed.clock()).await?;
        all_accepted(&handed, slice.len())?;
    }
    let uploaded = begun.elapsed();
    progress.phase("all wait; letting the fleet settle into its rhythm");
    tokio::time::sleep(HEADLINE_SMS_TIME * SETTLE_ROUNDS).await;
    let waiting = bed.client().status().await?.messages.queued;
    progress.phase(&format!("{waiting} bulk messages wait; sending codes"));
    let codes = Load::codes(CODES, 2);
    let from = bed.clock();
    let handed = trickle(bed.client(), &codes, CODE_INTERVAL, || bed.clock()).await?;
    let span = from..=bed.clock();
    all_accepted(&handed, codes.len())?;
    let usage = bed.usage()?;
    // The last code has begun by then; its radio time has to pass for the ledger to hold it.
    tokio::time::sleep(HEADLINE_SMS_TIME * 2).await;
    progress.phase("starting the daemon anew");
    let (bed, start) = bed.restart().await?;
    let left = bed.client().status().await?.messages.queued;
    let after = bed.usage()?;
    let entries = bed.abandon()?;
    let waits = queue_waits(&entries, handed.accepted.iter());
    let [p50, p99, max] = [0.5, 0.99, 1.0].map(|share| ms_at(&waits, share));
    let [accept_p50, accept_p99] = [0.5, 0.99].map(|share| ms_at(&handed.accept_times, share));
    let figures = [
        ("waiting", waiting as f64),
        ("upload_s", uploaded.as_secs_f64()),
        ("codes", waits.len() as f64),
        ("p50_ms", p50),
        ("p99_ms", p99),
        ("max_ms", max),
        ("accept_p50_ms", accept_p50),
        ("accept_p99_ms", accept_p99),
        (
            "bulk_per_min",
            others_per_minute(&entries, &handed.accepted, &span),
        ),
        ("daemon_rss_mb", usage.rss_mb),
        ("start_s", start.as_secs_f64()),
        ("start_waiting", left as f64),
        ("start_rss_mb", after.rss_mb),
    ];
    Ok(Measured::new("million", &figures, how()))
}

fn how() -> String {
    format!(
        "{CODES} codes, one every {} ms, while the backlog waits at {HEADLINE_LINES} lines of {:.2} s and a target of \
         {HEADLINE_TARGET} a minute; as in `overtake`; bulk in the ledger while codes were sent; memory at its peak; then the \
         daemon stops and starts anew, from its start to its first answer",
        CODE_INTERVAL.as_millis(),
        HEADLINE_SMS_TIME.as_secs_f64(),
    )
}

const MESSAGES: u32 = 1_000_000;
/// Messages of one upload: what this program holds of them at a time.
const SLICE: u32 = 50_000;

const _: () = assert!(MESSAGES.is_multiple_of(SLICE));
