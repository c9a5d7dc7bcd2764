//! Why a text takes the parts that it takes, as the API and `pdu encode` say it.

use client::{ForcingView, MeasureView, ReplacedView};
use sms::{DataMeasure, Explanation, Language, Replaced, Shifts};

/// What a text takes and why, with what was replaced for it.
pub fn measure_view(explained: &Explanation, replaced: &[Replaced]) -> MeasureView {
    let Explanation {
        measure,
        units_per_part,
        units_left,
        doubled,
        outside,
        forcing,
        parts_without,
    } = explained;
    let [locking_shift, single_shift] = tables(measure.encoding.shifts());
    let because = forcing.iter().map(|forcing| ForcingView {
        char: forcing.ch.to_string(),
        code: format!("U+{:04X}", u32::from(forcing.ch)),
        position: whole(forcing.position),
        count: forcing.count,
    });
    let replaced = replaced.iter().map(|replaced| ReplacedView {
        char: replaced.ch.to_string(),
        by: replaced.by.to_owned(),
        count: replaced.count,
    });
    MeasureView {
        units: measure.units,
        units_per_part: *units_per_part,
        units_left: *units_left,
        doubled: *doubled,
        locking_shift,
        single_shift,
        outside: *outside,
        because: because.collect(),
        parts_without: (*outside > 0).then(|| whole(*parts_without)),
        replaced: replaced.collect(),
    }
}

/// What so many octets of data take.
pub fn data_measure_view(octets: usize, measure: &DataMeasure) -> MeasureView {
    MeasureView {
        units: whole(octets),
        units_per_part: measure.octets_per_part,
        units_left: measure.octets_left,
        ..MeasureView::default()
    }
}

/// The languages of the locking and the single shift table, where they are not the default ones.
pub(super) fn tables(shifts: Shifts) -> [Option<String>; 2] {
    let name = |language: Language| language.as_str().to_owned();
    [shifts.locking.map(name), shifts.single.map(name)]
}

fn whole(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
