//! Texts stay at hand while only memory has them, and never grow beyond the bound otherwise.

use super::*;

fn seqs(texts: &Texts) -> usize {
    texts.at_hand.len()
}

fn fill(texts: &mut Texts, from: u64, count: u64) {
    (from..from + count).for_each(|seq| texts.accept(MessageSeq(seq), "text"));
}

#[test]
fn what_only_memory_has_is_kept_and_the_newest_goes_after_the_commit() {
    let mut texts = Texts::default();
    let many = AT_HAND_MAX as u64 + 100;
    fill(&mut texts, 1, many);
    assert_eq!(seqs(&texts), many as usize);
    texts.committed();
    assert_eq!(seqs(&texts), AT_HAND_MAX);
    assert!(texts.of(MessageSeq(1)).is_some());
    assert!(texts.of(MessageSeq(many)).is_none());
}

#[test]
fn a_batch_finds_room_without_touching_what_only_memory_has() {
    let mut texts = Texts::default();
    fill(&mut texts, 1, AT_HAND_MAX as u64);
    texts.committed();
    fill(&mut texts, 10_000, 5);
    texts.take(vec![(MessageSeq(7000), "read".into())].into_iter());
    assert_eq!(seqs(&texts), 6);
    assert_eq!(texts.of(MessageSeq(7000)), Some("read"));
    assert!((10_000..10_005).all(|seq| texts.of(MessageSeq(seq)).is_some()));
    texts.forget(MessageSeq(7000));
    assert!(texts.of(MessageSeq(7000)).is_none());
}
