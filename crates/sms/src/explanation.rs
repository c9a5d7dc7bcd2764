//! Why a text takes the parts that it takes: for those who wonder what made three of one.
//!
//! Holds characters of the text, so it is for whoever wrote it and never for a log.

use std::fmt;

use crate::segment::{Plan, Width, plan};
use crate::{Encoding, EncodingChoice, Measure, PARTS_MAX, SegmentError, gsm7};

/// What a text takes, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// What it takes.
    pub measure: Measure,
    /// Units that fit in the one part, or in each of several.
    pub units_per_part: u32,
    /// Units that are free in the last part.
    pub units_left: u32,
    /// Characters that take two units: an escape and a code in GSM 7-bit, a surrogate pair in UCS-2.
    pub doubled: u32,
    /// How many characters the default GSM 7-bit alphabet lacks.
    pub outside: u32,
    /// The first of those, each once, in the order in which they first occur; [`FORCING_MAX`] at most.
    pub forcing: Vec<Forcing>,
    /// The parts that the text would take if each of those were a character of the default GSM 7-bit alphabet.
    pub parts_without: usize,
}

/// A character that the default GSM 7-bit alphabet lacks. Its `Debug` hides it: it is part of a text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Forcing {
    /// The character.
    pub ch: char,
    /// Where it first occurs, counted in characters from 0.
    pub position: usize,
    /// How often it occurs.
    pub count: u32,
}

/// Says what a text takes, and why.
///
/// # Errors
/// As [`crate::segment()`].
pub fn explain(text: &str, choice: EncodingChoice) -> Result<Explanation, SegmentError> {
    let plan = plan(text, choice, Width::Eight)?;
    let Measure {
        encoding, parts, ..
    } = plan.measure;
    let (forcing, outside) = forcing(text);
    let units_per_part = match parts {
        1 => plan.room.alone,
        _ => plan.room.per_part,
    };
    let last = encoding.units(last_piece(text, &plan));
    let units_left = units_per_part - last.unwrap_or(units_per_part);
    Ok(Explanation {
        measure: plan.measure,
        units_per_part: count(units_per_part),
        units_left: count(units_left),
        doubled: doubled(text, encoding),
        outside,
        forcing,
        parts_without: parts_without(text),
    })
}

fn last_piece<'a>(text: &'a str, plan: &Plan) -> &'a str {
    match plan.measure.parts {
        1 => text,
        _ => plan.pieces(text).pop().unwrap_or(text),
    }
}

fn doubled(text: &str, encoding: Encoding) -> u32 {
    let is_doubled = |ch: &char| encoding.width(*ch) == Some(2);
    count(text.chars().filter(is_doubled).count())
}

/// The characters outside GSM 7-bit that come first, and how many there are of all.
fn forcing(text: &str) -> (Vec<Forcing>, u32) {
    let mut forcing: Vec<Forcing> = Vec::new();
    let mut outside = 0;
    let chars = text.chars().enumerate();
    for (position, ch) in chars.filter(|(_, ch)| gsm7::width(*ch).is_none()) {
        outside += 1;
        if let Some(before) = forcing.iter_mut().find(|before| before.ch == ch) {
            before.count += 1;
        } else if forcing.len() < FORCING_MAX {
            forcing.push(Forcing {
                ch,
                position,
                count: 1,
            });
        }
    }
    (forcing, outside)
}

fn parts_without(text: &str) -> usize {
    let plain: String = text
        .chars()
        .map(|ch| if gsm7::width(ch).is_some() { ch } else { '?' })
        .collect();
    match plan(&plain, EncodingChoice::Gsm7, Width::Eight) {
        Ok(plan) => usize::from(plan.measure.parts),
        Err(SegmentError::TooLong { parts, .. }) => parts,
        Err(SegmentError::Empty | SegmentError::Unencodable { .. }) => PARTS_MAX,
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

impl fmt::Debug for Forcing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Forcing {
            position, count, ..
        } = self;
        write!(f, "Forcing({count}, first at {position})")
    }
}

/// Characters that an explanation names: enough to see what kind they are.
pub const FORCING_MAX: usize = 8;
