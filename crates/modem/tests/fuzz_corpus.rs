//! The corpus of the fuzz target, replayed: what was found once is checked on every run.

#[path = "../fuzz/harness.rs"]
mod harness;

#[test]
fn the_corpus_replays() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/line");
    let mut inputs: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| std::fs::read(entry.unwrap().path()).unwrap())
        .collect();
    assert!(inputs.len() >= CORPUS_MIN, "{} inputs", inputs.len());
    inputs.push(Vec::new());
    let sends: usize = inputs.iter().map(|input| harness::run(input)).sum();
    assert!(sends >= SENDS_MIN, "only {sends} sends");
}

/// So that a moved folder can't make the test pass by finding nothing.
const CORPUS_MIN: usize = 8;

/// So that a healthy modem of the harness that never gets a line ready can't either.
const SENDS_MIN: usize = 8;
