//! The line task's part of giving a SIM its PIN: ask the core, wait, go on.
//!
//! ```text
//!  machine: PinWanted ─► PIN configured? tries enough? ─► core: record the try, commit ─► go ─► machine: Give
//!                              └─ no ─► Withhold                    └─ tried before ─► Withhold
//! ```

use gateway::PinWish;
use modem::{Iccid, Input, Pin, PinAnswer};

use super::LineTask;
use crate::line_link::FromLine;
use crate::machine::Machine;

/// The PIN that waits for the core's word.
#[derive(Debug)]
pub(super) struct Pending {
    pub(super) number: u32,
    pub(super) pin: Pin,
}

impl<M: Machine> LineTask<M> {
    /// The machine asks for a PIN: the core is asked, or the machine told at once why not.
    pub(super) async fn pin_wanted(&mut self, sim: Iccid, tries: u8) {
        let pins = self.pins.borrow().clone();
        let Some((pin, scope)) = pins.find(&sim, &self.path) else {
            return self.withhold(NONE);
        };
        if let Err(reason) = scope.allows(tries) {
            return self.withhold(reason);
        }
        self.pin_wishes = self.pin_wishes.wrapping_add(1);
        let wish = PinWish {
            line: self.id,
            number: self.pin_wishes,
            fingerprint: pin.fingerprint(&sim),
            sim,
        };
        self.pin_pending = Some(Pending {
            number: self.pin_wishes,
            pin: pin.clone(),
        });
        tracing::warn!(line = %self.name, sim = wish.sim.tail(), tries, "the SIM wants its PIN: recording the try, then giving it once");
        // If the core is gone, the daemon is ending and no PIN is given.
        let _ = self.events.send(FromLine::Pin(wish)).await;
    }

    /// Hands the core's word to the machine. True if there was one.
    pub(super) fn take_pin_word(&mut self) -> bool {
        let Some((number, go)) = self.queue.take_pin_word() else {
            return false;
        };
        let waiting = self.pin_pending.take_if(|pending| pending.number == number);
        let Some(Pending { pin, .. }) = waiting else {
            return true;
        };
        if go {
            self.step(Input::Pin(PinAnswer::Give(pin)));
        } else {
            self.withhold(TRIED);
        }
        true
    }

    fn withhold(&mut self, reason: &'static str) {
        self.step(Input::Pin(PinAnswer::Withhold(reason)));
    }
}

const NONE: &str = "the SIM wants its PIN and none is configured: set pin_file in its [[sims]] or in the [[lines]]";
const TRIED: &str = "the SIM wants its PIN and this one was given to it before: correct the pin_file, or enter the PIN \
                     in a phone";
