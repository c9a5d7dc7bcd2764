//! Replays the fuzz targets' seeds, and what they once found, through the targets' own bodies.

#[path = "../fuzz/bodies.rs"]
mod bodies;

#[test]
fn seeds_of_pdus() {
    replay("pdu", bodies::pdu, 1);
}

#[test]
fn seeds_of_texts() {
    replay("text", bodies::text, 7);
}

/// Each seed, and what is left of it when its end is cut off, in steps of so many octets.
fn replay(target: &str, body: fn(&[u8]), step: usize) {
    let folder = format!("{}/fuzz/seeds/{target}", env!("CARGO_MANIFEST_DIR"));
    let mut seeds = 0;
    for seed in std::fs::read_dir(folder).expect("the seeds' folder") {
        let octets = std::fs::read(seed.expect("a seed").path()).expect("a seed's octets");
        body(&octets);
        for end in (0..octets.len()).step_by(step) {
            body(&octets[..end]);
        }
        seeds += 1;
    }
    assert!(seeds >= 10, "{seeds} seeds of {target}");
}
