//! Waiting messages go to free SIMs.

use modem::Ticket;

use super::{Gateway, Turn};
use crate::book::{Live, SimIdx};
use crate::decide::{self, Busy};
use crate::exchange::Effect;
use crate::record::Record;
use crate::store::Store;
use crate::texts;
use crate::words::{Class, MessageSeq, Now};

impl Gateway {
    pub(super) fn assign<S: Store>(
        &mut self,
        now: Now,
        store: &mut S,
        out: &mut Turn,
    ) -> Result<(), S::Error> {
        self.floor.fallbacks = self.fallbacks(now);
        if !self.floor.idle.is_empty() && !self.book.lanes().is_empty() {
            self.floor.survey(self.settings.parts_max);
        }
        self.floor.is_cut_short = false;
        let mut begun = 0;
        for pick in decide::continued(&self.book, &self.floor, now) {
            // The one before may have been the one part that its operator is tried with.
            if !self.floor.idle.contains(&pick.sim) {
                continue;
            }
            if begun == STARTS_MAX {
                // The SIMs of the others stay theirs: nothing else is begun before.
                self.floor.is_cut_short = true;
                return Ok(());
            }
            self.read_ahead(pick.message, store)?;
            self.start(now, pick.message, pick.sim, out);
            begun += 1;
        }
        let mut busy = Busy::default();
        loop {
            let pick = decide::next_pick(&self.settings, &self.book, &self.floor, now, &mut busy);
            let Some(pick) = pick else { break };
            if begun == STARTS_MAX {
                self.floor.is_cut_short = true;
                break;
            }
            begun += 1;
            if let Some(reason) = self.barred(pick.message) {
                self.bar(now, pick.message, reason, out);
                continue;
            }
            self.read_ahead(pick.message, store)?;
            self.charge(pick.message);
            self.start(now, pick.message, pick.sim, out);
        }
        self.floor.waits_for_window = busy.is_window_closed;
        Ok(())
    }

    /// Notes that a message is taken from its lane, at the cost of its app and class.
    fn charge(&mut self, message: MessageSeq) {
        let Some(live) = self.book.message(message) else {
            return;
        };
        let (lane, parts) = (live.lane(), live.message.parts);
        let weight = self.settings.weight(self.book.app_name(lane.app));
        let shares = &mut self.floor.shares;
        let bulk_share = self.settings.bulk_share_percent;
        match lane.class {
            Class::Notification if self.book.lanes().len(Class::Bulk) > 0 => {
                shares.pass_bulk_over(parts, bulk_share);
            }
            Class::Bulk => shares.serve_bulk(parts, bulk_share),
            Class::Otp | Class::Notification => {}
        }
        shares.charge(lane.class, lane.app, parts, weight);
    }

    /// Fetches the text of a message if it is not at hand, and of those that its lane gives next.
    fn read_ahead<S: Store>(&mut self, message: MessageSeq, store: &mut S) -> Result<(), S::Error> {
        if self.texts.of(message).is_some() {
            return Ok(());
        }
        let lanes = self.book.lanes();
        let lane = self.book.message(message).map(Live::lane);
        let following = lane.into_iter().flat_map(|lane| lanes.next_in(lane));
        let missing = following
            .filter(|next| *next != message && self.texts.of(*next).is_none())
            .take(texts::read_ahead(lanes.count()) - 1);
        let wanted: Vec<MessageSeq> = std::iter::once(message).chain(missing).collect();
        let texts = store.texts(&wanted)?;
        self.texts.take(wanted.into_iter().zip(texts));
        Ok(())
    }

    fn start(&mut self, now: Now, message: MessageSeq, sim: SimIdx, out: &mut Turn) {
        let (line, session) = self
            .floor
            .sim_mut(sim)
            .place
            .expect("an idle SIM is in a line");
        let name = self
            .floor
            .lines
            .get(&line)
            .expect("a line with a session is known")
            .name
            .clone();
        let live = self
            .book
            .message(message)
            .expect("a picked message has not ended");
        let part = live
            .next_part()
            .expect("a picked message has a part to send");
        let reference = decide::reference(live, &self.book, sim);
        let iccid = self.book.sim(sim).iccid.clone();
        let ticket = Ticket(self.book.last_seq() + 1);
        let text = self.texts.of(message).expect("its text was read");
        let submission = decide::submission(
            &live.message,
            text,
            part,
            reference,
            session,
            ticket,
            now.wall,
        );
        let not_after = now.instant_of(live.message.expires);
        let started = Record::Started {
            message,
            part,
            sim: iccid,
            line: name,
            reference,
        };
        self.emit(now, started, out);
        self.warn(now, sim, out);
        out.effects.push(Effect::Submit {
            line,
            submission,
            not_after,
        });
        let live = self.book.message(message);
        if live.is_none_or(|live| live.next_part().is_none()) {
            self.texts.forget(message);
        }
        self.take_off(now, ticket, message, sim);
    }
}

/// Parts that one turn begins; the rest follow in the next, which comes at once. So a turn stays below 2 ms even when a whole
/// fleet comes up, and a code waits no longer for the one that is under way.
const STARTS_MAX: usize = 128;
