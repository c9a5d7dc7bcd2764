//! When the troubles are over and time has passed: has all come to its end, once, and is what was told true?

use gateway::{InDoubt, MessageState};

use super::{Aired, Checked, Fate, Judge, Message, demand};

impl Judge {
    /// Everything that was promised has ended (invariant 1), as its state says.
    ///
    /// # Errors
    /// What did not, or did otherwise.
    pub fn ended(&self) -> Checked {
        for id in &self.promised {
            demand(self.by_id.contains_key(id), || {
                format!("{id} was promised and is gone")
            })?;
        }
        for message in self.messages.values() {
            let Some((state, _)) = message.end else {
                return Err(format!("{} never ends", message.number));
            };
            self.check_end(message, state)?;
            for set in 0..=message.set {
                (1..=message.parts).try_for_each(|part| self.check_part(message, set, part))?;
                let is_whole = self.is_whole(message.number, set, message.parts);
                demand(set == message.set || !is_whole, || {
                    format!("{} was begun anew and is whole twice", message.number)
                })?;
            }
        }
        Ok(())
    }

    fn check_end(&self, message: &Message, state: MessageState) -> Checked {
        let number = message.number;
        let parts = || 1..=message.parts;
        let last = message.set;
        let of_part = |part| {
            self.of_set(number, last)
                .filter(move |aired| aired.part == part)
        };
        match state {
            MessageState::Delivered => {
                let arrived = |aired: &Aired| aired.reports.contains(&DELIVERED);
                let all = parts().all(|part| of_part(part).any(arrived));
                demand(all && message.report, || {
                    format!("{number} is told as delivered and was not")
                })
            }
            MessageState::Undelivered => {
                let failed =
                    |aired: &Aired| aired.reports.iter().any(|status| *status >= PERMANENT);
                demand(parts().any(|part| of_part(part).any(failed)), || {
                    format!("{number} is told as undelivered and no report says so")
                })
            }
            MessageState::Sent => demand(self.is_whole(number, last, message.parts), || {
                format!("{number} is told as sent and is not whole on the air")
            }),
            MessageState::Expired | MessageState::Cancelled => {
                demand(self.on_air(number).next().is_none(), || {
                    format!("{number} is told as {state:?} and is on the air")
                })
            }
            MessageState::Failed => demand(!self.is_whole(number, last, message.parts), || {
                format!("{number} is told as failed and is whole on the air")
            }),
            MessageState::Unconfirmed => Ok(()),
            MessageState::Queued | MessageState::Sending | MessageState::InDoubt => {
                Err(format!("{number} ends as {state:?}"))
            }
        }
    }

    /// What is on the air of a part is what its attempts can have put there (invariants 3 and 4).
    fn check_part(&self, message: &Message, set: u8, part: u8) -> Checked {
        let number = message.number;
        let copies: Vec<&Aired> = self
            .of_set(number, set)
            .filter(|aired| aired.part == part)
            .collect();
        let with = |fate| {
            self.tries(number).filter(move |(_, tried)| {
                (tried.set, tried.part) == (set, part) && tried.fate == fate
            })
        };
        let (sent, unknown) = (with(Fate::Sent).count(), with(Fate::Unknown).count());
        demand((sent..=sent + unknown).contains(&copies.len()), || {
            format!(
                "part {part} of {number}: {sent} sent, {unknown} unknown, {} on the air",
                copies.len()
            )
        })?;
        let most = if self.probes[number].in_doubt == InDoubt::Resend {
            2
        } else {
            1
        };
        demand(copies.len() <= most, || {
            format!(
                "part {part} of {number} is {} times on the air",
                copies.len()
            )
        })?;
        demand(
            copies.iter().all(|aired| aired.parts == message.parts),
            || format!("{number} is cut otherwise"),
        )
    }
}

/// TP-ST 0: the recipient has it (3GPP TS 23.040 §9.2.3.15).
const DELIVERED: u8 = 0;
/// TP-ST from here on: the service centre has given up.
const PERMANENT: u8 = 0x40;
