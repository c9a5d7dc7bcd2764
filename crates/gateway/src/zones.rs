//! Which clocks tell the time at a recipient: a table by the first digits of the number.
//!
//! `config/zones.toml` is built in, and so is the IANA time zone data: no file of the system is read, and the same version
//! decides the same everywhere.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use jiff::tz::{TimeZone, TimeZoneDatabase};

/// The clocks of one entry of the table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ZoneIdx(u16);

impl ZoneIdx {
    /// The entry of recipients that no prefix fits; also of messages whose class has no send window.
    pub(crate) const DEFAULT: ZoneIdx = ZoneIdx::FIRST;
    pub(crate) const FIRST: ZoneIdx = ZoneIdx(0);
    pub(crate) const LAST: ZoneIdx = ZoneIdx(u16::MAX);

    pub(crate) fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// Clocks by prefix.
#[derive(Clone, Debug, PartialEq)]
pub struct Zones {
    /// By [`ZoneIdx`].
    clocks: Vec<Clocks>,
    by_prefix: BTreeMap<Box<str>, ZoneIdx>,
    /// Of the longest prefix.
    digits_max: usize,
}

/// The clocks that tell the time at a recipient: several where it may be in one of several zones.
pub(crate) type Clocks = Box<[TimeZone]>;

/// A zone that the time zone data do not know.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a time zone: write its IANA name, as in \"Europe/Berlin\"")]
pub struct UnknownZone(pub String);

impl Zones {
    /// What is built in; recipients that no prefix fits are in UTC.
    pub fn built_in() -> Arc<Zones> {
        Arc::clone(&BUILT_IN)
    }

    /// Changes the zone of recipients that no prefix fits.
    ///
    /// # Errors
    /// If there is no such zone.
    pub fn set_default(&mut self, name: &str) -> Result<(), UnknownZone> {
        self.clocks[0] = [zone(name)?].into();
        Ok(())
    }

    /// Adds an entry, or replaces it: the first digits of numbers in E.164 form without the `+`, and the zones they may be in.
    ///
    /// # Errors
    /// If there is no such zone.
    pub fn insert(&mut self, prefix: &str, names: &[&str]) -> Result<(), UnknownZone> {
        let clocks: Result<Clocks, UnknownZone> = names.iter().map(|name| zone(name)).collect();
        let clocks = clocks?;
        let at = match self.clocks.iter().position(|known| *known == clocks) {
            Some(at) => at,
            None => {
                self.clocks.push(clocks);
                self.clocks.len() - 1
            }
        };
        let zone = ZoneIdx(u16::try_from(at).expect("there are a few hundred calling codes"));
        self.by_prefix.insert(prefix.into(), zone);
        self.digits_max = self.digits_max.max(prefix.len());
        Ok(())
    }

    /// The zone of a recipient in canonical form.
    pub(crate) fn of(&self, recipient: &str) -> ZoneIdx {
        let Some(digits) = recipient.strip_prefix('+') else {
            return ZoneIdx::DEFAULT;
        };
        let longest = self.digits_max.min(digits.len());
        let mut prefixes = (1..=longest)
            .rev()
            .filter_map(|length| digits.get(..length));
        let found = prefixes.find_map(|prefix| self.by_prefix.get(prefix));
        found.copied().unwrap_or(ZoneIdx::DEFAULT)
    }

    pub(crate) fn clocks(&self, zone: ZoneIdx) -> &[TimeZone] {
        &self.clocks[zone.index()]
    }

    /// Every entry's clocks, by [`ZoneIdx`].
    pub(crate) fn all(&self) -> impl Iterator<Item = &[TimeZone]> {
        self.clocks.iter().map(AsRef::as_ref)
    }

    fn parse(text: &str) -> Zones {
        let mut zones = Zones {
            clocks: vec![[TimeZone::UTC].into()],
            by_prefix: BTreeMap::new(),
            digits_max: 0,
        };
        let table: BTreeMap<String, Vec<String>> =
            toml::from_str(text).expect("what is built in was tested");
        for (prefix, names) in &table {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let known = zones.insert(prefix, &names);
            known.expect("what is built in was tested");
        }
        zones
    }
}

fn zone(name: &str) -> Result<TimeZone, UnknownZone> {
    DATABASE.get(name).map_err(|_| UnknownZone(name.to_owned()))
}

static BUILT_IN: LazyLock<Arc<Zones>> = LazyLock::new(|| Arc::new(Zones::parse(TABLE)));
static DATABASE: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);
const TABLE: &str = include_str!("../../../config/zones.toml");

#[cfg(test)]
mod tests;
