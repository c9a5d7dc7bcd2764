//! Readers beside the writer: each sees whole commits, and an event cursor misses nothing.

use std::thread;

use gateway::Store;

use super::sample::{Journal, store};
use crate::{Checkpointer, Filter, History};

#[test]
fn readers_follow_the_writer_without_gaps() {
    const MESSAGES: u64 = 300;
    let (dir, mut store) = store();
    let history = History::open(dir.path()).unwrap();
    let checkpointer = Checkpointer::start(dir.path()).unwrap();
    let followers: Vec<_> = (1..=4)
        .map(|limit| {
            let history = history.clone();
            thread::spawn(move || {
                let mut seen = Vec::new();
                while seen.len() < 5 * MESSAGES as usize {
                    let after = seen.last().copied().unwrap_or(0);
                    let events = history.events(after, 50 * limit).unwrap().events;
                    seen.extend(events.iter().map(|event| event.seq));
                    history
                        .search(&Filter {
                            limit,
                            ..Filter::default()
                        })
                        .unwrap();
                }
                seen
            })
        })
        .collect();
    let mut journal = Journal::default();
    for number in 0..MESSAGES {
        journal.deliver(number);
        if number % 3 == 0 {
            store.commit(journal.fresh()).unwrap();
        }
    }
    store.commit(journal.fresh()).unwrap();
    for follower in followers {
        assert!(follower.join().unwrap().into_iter().eq(1..=5 * MESSAGES));
    }
    assert_eq!(checkpointer.health().failures, 0);
}
