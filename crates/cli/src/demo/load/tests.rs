//! The load is what it says: unique, mixed, and the same for the same seed.

use std::collections::HashSet;

use super::Load;

#[test]
fn every_text_is_unique_and_a_tenth_are_codes() {
    let load = Load::mixed(2_000, 1);
    assert_eq!(
        (load.backlog.len(), load.codes.len(), load.len()),
        (1_800, 200, 2_000)
    );
    let texts: HashSet<_> = load
        .backlog
        .iter()
        .chain(&load.codes)
        .map(|one| &one.text)
        .collect();
    assert_eq!(texts.len(), 2_000);
    let keys: HashSet<_> = load
        .backlog
        .iter()
        .chain(&load.codes)
        .map(|one| &one.key)
        .collect();
    assert_eq!(keys.len(), 2_000);
}

#[test]
fn it_has_every_class_both_alphabets_and_long_texts() {
    let load = Load::mixed(1_000, 7);
    let class = |name: &str| {
        load.backlog
            .iter()
            .filter(|one| one.class.as_deref() == Some(name))
            .count()
    };
    assert_eq!((class("notification"), class("bulk")), (300, 600));
    let long = load
        .backlog
        .iter()
        .filter(|one| one.text.chars().count() > 160)
        .count();
    let other_scripts = load
        .backlog
        .iter()
        .filter(|one| one.text.contains(['П', 'は', '🎉']))
        .count();
    assert!((20..150).contains(&long), "{long}");
    assert!((200..500).contains(&other_scripts), "{other_scripts}");
}

#[test]
fn the_seed_decides() {
    let texts = |seed| Load::mixed(200, seed).backlog;
    assert_eq!(texts(1), texts(1));
    assert_ne!(texts(1), texts(2));
}

#[test]
fn small_loads_work() {
    assert_eq!(Load::mixed(1, 1).len(), 1);
    assert_eq!(Load::bulk(0, 1).len(), 0);
    assert_eq!(Load::codes(3, 1).len(), 3);
}

#[test]
fn slices_of_bulk_have_nothing_in_common() {
    let slices = [Load::bulk(50, 1), Load::bulk_from(50, 50, 2)];
    let all = || slices.iter().flatten();
    let keys: HashSet<_> = all().map(|one| &one.key).collect();
    let texts: HashSet<_> = all().map(|one| &one.text).collect();
    assert_eq!((keys.len(), texts.len()), (100, 100));
}
