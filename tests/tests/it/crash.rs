//! `kill -9` of the daemon at random moments under load, the modems living on, and the ledger's verdict: the short version
//! of `cargo run --release -p tests --bin crash`.

use std::time::Duration;

use tests::crash::{self, Plan};

#[test]
fn killed_again_and_again_nothing_is_lost_and_only_what_is_in_doubt_is_sent_twice() {
    let verdict = crash::run(
        &Plan {
            name: "16 lines, 0.1 s a part".to_owned(),
            lines: 16,
            sms_time: Duration::from_millis(100),
            kills: 10,
            life_max: Duration::from_secs(2),
            queued: 100,
            seed: 0x5EED_0001,
        },
        &mut |_| (),
    );
    assert!(verdict.is_good(), "{verdict:#?}");
    let doubts: u64 = verdict.policies.iter().map(|of| of.doubts).sum();
    assert!(
        doubts > 0,
        "the kills came at moments that prove nothing: {verdict:#?}"
    );
}
