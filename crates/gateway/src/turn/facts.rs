//! The durable state as text, to hold a running gateway against what a restart would make of its store.
//!
//! For simulations and for looking into a fault: the facts hold numbers and texts, so they belong in no log.

use super::Gateway;
use crate::book::Book;
use crate::store::Store;

impl Gateway {
    /// Every fact of the durable state, in a fixed order.
    pub fn facts(&self) -> Vec<String> {
        self.book.digest()
    }

    /// The facts of a book that is rebuilt from the store, at the time of this gateway's last turn. Between two turns
    /// they are equal to [`Gateway::facts`], as long as fewer messages are overdue than one turn settles.
    ///
    /// # Errors
    /// The store's, when it can't be read.
    pub fn rebuilt_facts<S: Store>(&self, store: &mut S) -> Result<Vec<String>, S::Error> {
        let mut rebuilt = Book::new(&self.settings);
        let last_seq = store.replay(&mut |entry| rebuilt.apply(&entry))?;
        rebuilt.skip_to(last_seq);
        if let Some(now) = self.now {
            rebuilt.advance(now.wall, usize::MAX);
        }
        Ok(rebuilt.digest())
    }
}
