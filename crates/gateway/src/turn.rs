//! The turn: a batch of inputs becomes records, one commit, and effects.
//!
//! ```text
//! inputs ─► decide ─► records ─► book.apply ─┐
//!                                            ├─► assign waiting messages to free SIMs ─► more records
//! time   ─► deadlines ─► records ─► apply ───┘                                              │
//!                                                            store.commit(records) ◄────────┘
//!                                                                    │
//!                                              Ok: the caller releases the effects
//! ```
//!
//! This is the only place where a decision becomes a change, and where an effect can leave.

mod assign;
mod budgets;
mod engaged;
mod events;
mod facts;
mod guards;
mod health;
mod hubs;
mod known;
mod line_health;
mod quarantine;
mod reporting;
mod routing;
mod sessions;
mod settle;
mod unheard;
mod view;

use std::collections::HashMap;
use std::mem;
use std::time::Duration;

use modem::{Course, Doubt, Iccid, Outcome};

use crate::book::Book;
use crate::capacity::Capacity;
use crate::centre_clock::CentreClock;
use crate::decide::{self, Admission, Draft};
use crate::exchange::{Effect, Input, Request};
use crate::floor::{Floor, Line};
use crate::hours;
use crate::limits::Windows;
use crate::past::{self, EndedPart};
use crate::record::{Control, Entry, Message, Record, Standing};
use crate::settings::Settings;
use crate::store::{KnownMessage, Store};
use crate::tally::tally;
use crate::texts::Texts;
use crate::words::{Class, MessageId, MessageSeq, MessageState, Now, ReplyTo};

use known::Known;

/// The gateway: settings, the book, the floor. One thread owns it.
#[derive(Debug)]
pub struct Gateway {
    settings: Settings,
    book: Book,
    floor: Floor,
    texts: Texts,
    /// Keys and ids that matter to this turn.
    known: Known,
    /// What the fleet can do in this turn, once somebody asked.
    capacity_now: Option<Capacity>,
    /// What the flood guards have counted.
    windows: Windows,
    now: Option<Now>,
}

/// What a turn leaves behind.
#[derive(Debug, Default)]
pub struct Turn {
    /// To be done outside, now that everything that justifies it is durable.
    pub effects: Vec<Effect>,
    /// What was committed, for metrics.
    pub entries: Vec<Entry>,
}

impl Gateway {
    /// An empty gateway.
    pub fn new(settings: Settings) -> Gateway {
        let book = Book::new(&settings);
        let floor = Floor::new(settings.target_per_minute);
        let windows = Windows::new(&settings.limits);
        Gateway {
            settings,
            book,
            floor,
            texts: Texts::default(),
            known: Known::default(),
            capacity_now: None,
            windows,
            now: None,
        }
    }

    /// Loads what the store holds, and settles what the last process left open: the outcome of an attempt that was with a
    /// line is unknown. To be called once, before the first turn.
    ///
    /// # Errors
    /// The store's, when it can't be read or written.
    pub fn recover<S: Store>(&mut self, now: Now, store: &mut S) -> Result<(), S::Error> {
        let last_seq = store.replay(&mut |entry| {
            self.hear_of_reports(entry.at, &entry.record);
            self.remember_ended(&entry.record);
            self.book.apply(&entry);
        })?;
        self.book.skip_to(last_seq);
        self.find_routes();
        self.recall_past(store)?;
        self.recount(now, store)?;
        let mut turn = Turn::default();
        self.now = Some(now);
        self.restore_breakers(now);
        let outcome = Outcome::Unknown(Doubt::Restart);
        for ticket in self.book.open_tickets() {
            self.landed(now, ticket, Some(&outcome), Course::default(), &mut turn);
        }
        self.recut(now, &mut turn);
        self.rest_after_restart(now);
        store.commit(&mem::take(&mut turn.entries))
    }

    /// What a running process knows of ended messages and of clocks.
    fn recall_past<S: Store>(&mut self, store: &mut S) -> Result<(), S::Error> {
        let mut reader = past::Reader::new(&self.settings);
        let since = store.past(&mut |entry| {
            for (iccid, news) in reader.news(&entry) {
                let sim = self.book.intern(&iccid);
                self.floor.sim_mut(sim).reporting.hear(news);
            }
            for (iccid, part) in reader.read(&entry) {
                let sim = self.book.intern(&iccid);
                let is_beside = |part: &EndedPart| past::is_beside_doubt(&self.book, sim, part);
                self.floor.sim_mut(sim).past.remember(part, is_beside);
            }
        })?;
        for (sim, known) in self.book.sims() {
            let volatile = self.floor.sim_mut(sim);
            volatile.past.forget_before(since);
            volatile.reporting.forget_before(since);
            volatile.clock = CentreClock::known(known.usage.centre_offset_ms);
        }
        Ok(())
    }

    /// Takes a batch of inputs through decision, commit and effects. `out` is cleared first.
    ///
    /// # Errors
    /// The store's: memory is then ahead of the disk, the effects are withheld, and the process has to stop.
    pub fn turn<S: Store>(
        &mut self,
        now: Now,
        inputs: &mut Vec<Input>,
        store: &mut S,
        out: &mut Turn,
    ) -> Result<(), S::Error> {
        out.effects.clear();
        out.entries.clear();
        self.mind_the_clock(now, out);
        self.capacity_now = None;
        let done = self.work(now, inputs, store, out);
        if done.is_err() {
            out.effects.clear();
            out.entries.clear();
        }
        done
    }

    /// After [`Input::Stop`]: whether nothing is with a line any more.
    pub fn is_drained(&self) -> bool {
        self.floor.stopping && self.floor.in_flight() == 0
    }

    fn work<S: Store>(
        &mut self,
        now: Now,
        inputs: &mut Vec<Input>,
        store: &mut S,
        out: &mut Turn,
    ) -> Result<(), S::Error> {
        self.known = Known::of(inputs, store)?;
        for input in inputs.drain(..) {
            self.take(now, input, store, out)?;
        }
        self.keep_time(now, out);
        self.mind_hubs(now, out);
        self.assign(now, store, out)?;
        self.give_way_to_codes(now, out);
        drop_superseded(&mut out.entries);
        if out.entries.is_empty() {
            return Ok(());
        }
        store.commit(&out.entries)?;
        self.texts.committed();
        Ok(())
    }

    fn take<S: Store>(
        &mut self,
        now: Now,
        input: Input,
        store: &mut S,
        out: &mut Turn,
    ) -> Result<(), S::Error> {
        match input {
            Input::Accept { reply, request } => self.accept(now, reply, *request, out),
            Input::Cancel { reply, id } => {
                let known = self.find_id(id, store)?;
                let draft = decide::cancel(&self.book, known, reply, id);
                self.enact(now, draft, out);
            }
            Input::LineAdded { line, name } => {
                self.restore_line_breaker(now, line, &name);
                self.floor.lines.insert(
                    line,
                    Line {
                        name,
                        session: None,
                        modem: "".into(),
                        held: None,
                    },
                );
            }
            Input::Line { line, event } => {
                self.hub_hears(now, line, &event);
                self.line_event(now, line, event, out);
            }
            Input::LinePlaced { line, hub } => self.place_line(now, line, hub.as_deref()),
            Input::HubReset { hub, result } => self.hub_was_reset(now, &hub, result),
            Input::Pin(wish) => {
                let draft = decide::pin(&self.book, &self.floor, wish);
                self.enact(now, draft, out);
            }
            Input::Engage { line, wanted } => self.engage(now, line, wanted, out),
            Input::Control {
                reply,
                target,
                control,
                reason,
            } => {
                if control == Control::Active {
                    self.end_quarantine(now, &target, out);
                    self.close_line_breaker(now, &target, out);
                }
                let draft =
                    decide::control(&self.book, &self.floor, reply, target, control, reason);
                self.enact(now, draft, out);
                self.settle_all(now);
            }
            Input::Suppress {
                reply,
                recipient,
                suppressed,
                reason,
            } => {
                let draft = decide::suppress(&self.book, reply, recipient, suppressed, reason);
                self.enact(now, draft, out);
            }
            Input::DiskLow(low) => self.floor.disk_low = low,
            Input::Reload(settings) => self.reload(now, *settings, out),
            Input::Stop => self.stop(out),
        }
        Ok(())
    }

    fn accept(&mut self, now: Now, reply: ReplyTo, request: Request, out: &mut Turn) {
        let known = request.key.as_deref().and_then(|key| self.known.key(key));
        if request.class == Class::Otp && request.send_at.is_none_or(|at| at <= now.wall) {
            self.floor.otp_seen = Some(now.mono);
        }
        let capacity = self.is_tight(request.class).then(|| {
            let known = self.capacity_now.take();
            known.unwrap_or_else(|| self.capacity(now))
        });
        self.capacity_now = capacity;
        let with = Admission {
            settings: &self.settings,
            book: &self.book,
            floor: &self.floor,
            known,
            refill: capacity.and_then(|_| self.first_refill(now)),
            capacity,
            guarded: self.guarded(now, &request.to, request.class, request.app.as_deref()),
        };
        let draft = decide::accept(&with, now, reply, request);
        self.enact(now, draft, out);
    }

    /// The message of an id, of this turn or committed.
    fn find_id<S: Store>(
        &self,
        id: MessageId,
        store: &mut S,
    ) -> Result<Option<KnownMessage>, S::Error> {
        match self.known.id(id) {
            Some(seq) => Ok(Some(KnownMessage {
                seq,
                state: self
                    .book
                    .message(seq)
                    .map_or(MessageState::Cancelled, |live| live.state),
            })),
            None => store.find_id(id),
        }
    }

    /// What the store can't tell before the commit.
    fn note_fresh(&mut self, now: Now, seq: u64, message: &Message) {
        self.count(now, message);
        self.texts.accept(MessageSeq(seq), &message.text);
        self.known.accept(MessageSeq(seq), message);
    }

    fn reload(&mut self, now: Now, settings: Settings, out: &mut Turn) {
        self.windows.change(&self.settings.limits, &settings.limits);
        self.floor.pace.retarget(settings.target_per_minute);
        let before = &self.settings;
        let is_rerouted = settings.routes != before.routes
            || settings.apps != before.apps
            || settings.zones != before.zones
            || settings.has_window() != before.has_window();
        if is_rerouted {
            self.book.reroute(&settings);
        }
        self.settings = settings;
        self.redeclare_hubs();
        self.find_routes();
        self.recut(now, out);
        self.look_at_clocks(now);
        self.settle_all(now);
        self.warn_all(now, out);
    }

    fn stop(&mut self, out: &mut Turn) {
        self.floor.stopping = true;
        let held = self.floor.sims.iter().filter(|sim| sim.in_flight.is_some());
        let lines = held
            .filter_map(|sim| sim.place)
            .map(|(line, _)| Effect::Recall { line });
        out.effects.extend(lines);
    }

    /// Somebody may have set the clock: windows and rests follow it.
    fn mind_the_clock(&mut self, now: Now, out: &mut Turn) {
        let before = self.now.replace(now);
        let expected = before.map(|before| before.wall.plus(now.mono - before.mono));
        let is_set = expected.is_some_and(|expected| {
            expected.0.abs_diff(now.wall.0) > u64::try_from(CLOCK_SLACK.as_millis()).unwrap_or(0)
        });
        if is_set || before.is_some_and(|before| now.wall < before.wall) {
            self.recut(now, out);
            self.settle_all(now);
            for sim in &mut self.floor.sims {
                sim.reporting.forget_after(now.wall);
            }
        }
    }

    /// Finds out which send windows are open in this minute.
    fn look_at_clocks(&mut self, now: Now) {
        let zones = &self.settings.zones;
        self.floor.windows = self.settings.classes.map(|class| {
            let window = class.window?;
            let open = |clocks| hours::is_open(&window, clocks, now.wall);
            Some(zones.all().map(open).collect())
        });
    }

    /// Ends what is overdue and wakes who has rested.
    fn keep_time(&mut self, now: Now, out: &mut Turn) {
        for message in self.book.advance(now.wall, OVERDUE_MAX) {
            if let Some(record) = decide::overdue(&self.book, now.wall, message) {
                self.emit(now, record, out);
            }
        }
        for _ in 0..STALE_MAX {
            let Some(record) = decide::stale_report(&self.book, now.wall) else {
                break;
            };
            self.emit(now, record, out);
        }
        let minute = now.wall.0.div_euclid(MINUTE_MS);
        if mem::replace(&mut self.floor.minute, minute) != minute {
            self.look_at_clocks(now);
            self.judge_reports();
        }
        for sim in self.floor.due(now.mono) {
            self.settle(now, sim);
        }
    }

    /// Applies a draft's records in their order and notes its effects.
    fn enact(&mut self, now: Now, draft: Draft, out: &mut Turn) {
        for record in draft.records {
            self.emit(now, record, out);
        }
        out.effects.extend(draft.effects);
    }

    /// Numbers a record, applies it, and adds what it adds up to.
    fn emit(&mut self, now: Now, record: Record, out: &mut Turn) {
        let sums = tally(&self.book, &self.settings, now.wall, &record);
        self.hear_of_reports(now.wall, &record);
        self.remember_ended(&record);
        self.apply(now, record, out);
        for sum in sums.into_iter().flatten() {
            self.apply(now, sum, out);
        }
    }

    fn apply(&mut self, now: Now, record: Record, out: &mut Turn) {
        let seq = self.book.last_seq() + 1;
        let id = record
            .message(seq)
            .and_then(|message| self.book.message(message))
            .map(|live| live.message.id);
        let mut entry = Entry {
            seq,
            at: now.wall,
            record,
            standing: None,
        };
        if let Record::Accepted(message) = &entry.record {
            self.note_fresh(now, seq, message);
        }
        self.book.apply(&entry);
        entry.standing = self.standing(&entry, id);
        out.entries.push(entry);
    }

    fn standing(&self, entry: &Entry, id: Option<MessageId>) -> Option<Standing> {
        let message = entry.record.message(entry.seq)?;
        if let Record::Ended { state, .. } = &entry.record {
            return Some(Standing {
                message,
                id: id?,
                state: *state,
                ended: true,
            });
        }
        let live = self.book.message(message)?;
        Some(Standing {
            message,
            id: live.message.id,
            state: live.state,
            ended: false,
        })
    }
}

/// Of the absolute records of one turn only the last of each counts: the others need no disk.
fn drop_superseded(entries: &mut Vec<Entry>) {
    let mut last_of_sim: HashMap<Iccid, u64> = HashMap::new();
    let mut last_count = 0;
    for entry in entries.iter() {
        if let Record::SimUsed { sim, .. } = &entry.record {
            last_of_sim.insert(sim.clone(), entry.seq);
        } else if let Record::Counted(_) = &entry.record {
            last_count = entry.seq;
        }
    }
    entries.retain(|entry| {
        if let Record::SimUsed { sim, .. } = &entry.record {
            last_of_sim.get(sim) == Some(&entry.seq)
        } else if let Record::Counted(_) = &entry.record {
            entry.seq == last_count
        } else {
            true
        }
    });
}

/// A clock that is disciplined drifts by less between two turns.
const CLOCK_SLACK: Duration = Duration::from_secs(1);
/// Deadlines that one turn settles: a million at once must not hold up a code.
const OVERDUE_MAX: usize = 512;
/// Kept reports that one turn gives up: more than the inputs of a turn can bring.
const STALE_MAX: usize = 1024;
const MINUTE_MS: i64 = 60_000;

#[cfg(test)]
mod tests;
