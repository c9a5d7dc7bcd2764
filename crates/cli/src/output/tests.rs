//! Times as people read them.

use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;

use jiff::tz::{TimeZone, offset};

use super::{duration_text, in_zone, time_between};

/// A place to write to and look at.
#[derive(Clone, Default)]
pub(crate) struct Paper(Rc<RefCell<Vec<u8>>>);

impl Paper {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.borrow().clone()).unwrap()
    }
}

impl Write for Paper {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(octets);
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn times_are_local_rfc_3339() {
    let zone = TimeZone::fixed(offset(1));
    assert_eq!(
        in_zone("2026-11-23T08:04:05.678Z", zone.clone()),
        "2026-11-23T09:04:05.678+01:00"
    );
    assert_eq!(
        in_zone("2026-11-23T08:04:05Z", TimeZone::UTC),
        "2026-11-23T08:04:05.000+00:00"
    );
    assert_eq!(in_zone("soon", zone), "soon");
}

#[test]
fn durations_take_the_unit_that_reads_best() {
    let cases = [
        (0, "0 ms"),
        (999, "999 ms"),
        (5_650, "5.65 s"),
        (60_000, "1 min 00 s"),
        (3_599_999, "59 min 59 s"),
        (7_380_000, "2 h 03 min"),
        (-3, "-3 ms"),
    ];
    for (ms, expected) in cases {
        assert_eq!(duration_text(ms), expected);
    }
    assert_eq!(
        time_between("2026-01-01T00:00:00Z", "2026-01-01T00:00:01.500Z"),
        "1.50 s"
    );
    assert_eq!(time_between("2026-01-01T00:00:00Z", ""), "");
}
