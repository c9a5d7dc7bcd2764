//! Warnings of budgets: the last of each mark is kept, and is an event.

use gateway::{Record, Store, UnixMs, Warning};
use modem::Iccid;

use super::sample::{Journal, iccid, replayed, store, what_matters};
use crate::{History, SqliteStore};

#[test]
fn a_budget_that_comes_near_its_end_is_an_event_among_the_others() {
    let (dir, mut store) = store();
    let mut journal = Journal::default();
    let warn = |journal: &mut Journal, percent, used| {
        let warning = Warning {
            budget: "per_month",
            percent,
            used,
            limit: 100,
            resets: Some(UnixMs(1_000)),
        };
        let sim = iccid(1);
        (journal.add(Record::BudgetWarned { sim, warning }), warning)
    };
    warn(&mut journal, 80, 80);
    let (second, at_95) = warn(&mut journal, 95, 95);
    journal.deliver(1);
    let (last, at_80) = warn(&mut journal, 80, 81);
    store.commit(journal.fresh()).unwrap();
    let history = History::open(dir.path()).unwrap();
    let events = history.events(0, usize::MAX).unwrap().events;
    let warned: Vec<_> = events
        .iter()
        .filter(|event| event.warning.is_some())
        .map(|event| (event.seq, event.sim.clone(), event.warning, event.id))
        .collect();
    let sim = || Some(iccid(1));
    let expected = [
        (second, sim(), Some(at_95), None),
        (last, sim(), Some(at_80), None),
    ];
    assert_eq!(warned, expected, "of each mark the last");
    assert!(events.is_sorted_by_key(|event| event.seq));
    assert_eq!(events.len(), 7);
    assert_eq!(
        history.events(second, 1).unwrap().events[0].kind,
        "accepted"
    );
}

#[test]
fn of_each_mark_the_last_warning_outlives_a_restart() {
    let mut journal = Journal::default();
    for (budget, percent, resets) in [
        ("per_day", 80, Some(UnixMs(7))),
        ("per_life", 95, None),
        ("per_day", 95, Some(UnixMs(7))),
        ("per_day", 80, Some(UnixMs(8))),
    ] {
        let (sim, used, limit) = (Iccid("8949".into()), 9, u32::MAX);
        journal.add(Record::BudgetWarned {
            sim,
            warning: Warning {
                budget,
                percent,
                used,
                limit,
                resets,
            },
        });
    }
    let (dir, mut store) = store();
    store.commit(journal.fresh()).unwrap();
    drop(store);
    let mut store = SqliteStore::open(dir.path()).unwrap();
    let expected = what_matters(&journal.entries);
    assert_eq!(expected.len(), 3);
    assert_eq!(replayed(&mut store).0, expected);
}
