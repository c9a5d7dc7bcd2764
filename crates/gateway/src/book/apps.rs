//! Which apps have lanes of their own, so that none of them can crowd out another.
//!
//! Apps that the configuration names always have one. Of all others the first [`UNDECLARED_MAX`] that have messages here
//! do, and the rest share one; so do all messages that name no app. A lane of an app that has no message left is given to
//! the next app that comes.

use std::collections::BTreeMap;

/// Position of an app among those that have lanes of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct AppIdx(u8);

impl AppIdx {
    /// Messages that name no app, and codes of all apps.
    pub(crate) const NAMELESS: AppIdx = AppIdx(0);
    /// Apps that came when no lane was left.
    pub(crate) const REST: AppIdx = AppIdx(1);
    /// More than any position.
    pub(crate) const COUNT_MAX: usize = 2 + DECLARED_MAX + UNDECLARED_MAX;

    pub(crate) fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// The apps and how many messages each has here.
#[derive(Debug)]
pub(crate) struct Apps {
    slots: Vec<Slot>,
    by_name: BTreeMap<Box<str>, AppIdx>,
}

#[derive(Debug)]
struct Slot {
    name: Box<str>,
    is_declared: bool,
    messages: u64,
}

impl Apps {
    /// The apps of the configuration, and room for others.
    pub(crate) fn new<'a>(declared: impl Iterator<Item = &'a str>) -> Apps {
        let mut apps = Apps {
            slots: Vec::new(),
            by_name: BTreeMap::new(),
        };
        apps.add("", true);
        apps.add("", true);
        for name in declared.take(DECLARED_MAX) {
            let app = apps.add(name, true);
            apps.by_name.insert(name.into(), app);
        }
        apps
    }

    /// A message of an app comes.
    pub(crate) fn join(&mut self, name: Option<&str>) -> AppIdx {
        let app = match name {
            None => AppIdx::NAMELESS,
            Some(name) => match self.by_name.get(name) {
                Some(app) => *app,
                None => self.welcome(name),
            },
        };
        self.slots[app.index()].messages += 1;
        app
    }

    /// A message of an app has ended.
    pub(crate) fn leave(&mut self, app: AppIdx) {
        self.slots[app.index()].messages -= 1;
    }

    /// What an app calls itself; empty for those that share a lane.
    pub(crate) fn name(&self, app: AppIdx) -> &str {
        &self.slots[app.index()].name
    }

    /// A lane for an app that has none.
    fn welcome(&mut self, name: &str) -> AppIdx {
        let undeclared = self.slots.iter().filter(|slot| !slot.is_declared).count();
        let app = if undeclared < UNDECLARED_MAX {
            self.add(name, false)
        } else if let Some(app) = self.vacant() {
            let slot = &mut self.slots[app.index()];
            self.by_name.remove(&slot.name);
            slot.name = name.into();
            app
        } else {
            return AppIdx::REST;
        };
        self.by_name.insert(name.into(), app);
        app
    }

    fn vacant(&self) -> Option<AppIdx> {
        let is_vacant = |slot: &Slot| !slot.is_declared && slot.messages == 0;
        let at = self.slots.iter().position(is_vacant)?;
        u8::try_from(at).ok().map(AppIdx)
    }

    fn add(&mut self, name: &str, is_declared: bool) -> AppIdx {
        let at = u8::try_from(self.slots.len()).expect("the bounds leave room");
        self.slots.push(Slot {
            name: name.into(),
            is_declared,
            messages: 0,
        });
        AppIdx(at)
    }
}

/// Apps that the configuration may name.
pub const DECLARED_MAX: usize = 64;
/// Other apps with lanes of their own: on one host there are a handful, and a choice looks at each of them.
const UNDECLARED_MAX: usize = 64;

const _: () = assert!(AppIdx::COUNT_MAX <= u8::MAX as usize);

#[cfg(test)]
mod tests;
