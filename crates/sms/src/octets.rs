//! Cuts 8-bit data into the user data of its parts (3GPP TS 23.040 §9.2.3.24), for applications that speak octets.
//!
//! ```text
//!  one part:   140 octets, or 133 behind ports
//!  more:       134 in each, or 128
//! ```
//!
//! What the octets mean is nobody's business here.

use crate::segment::{Width, header_octets};
use crate::user_data::Reference;
use crate::{
    Alphabet, Body, Concatenation, InformationElement, PARTS_MAX, Ports, SegmentError,
    USER_DATA_OCTETS_MAX, UserData,
};

/// What data takes on the air.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DataMeasure {
    /// How many parts, from 1 to [`PARTS_MAX`].
    pub parts: u8,
    /// Octets that fit in the one part, or in each of several.
    pub octets_per_part: u32,
    /// Octets that are free in the last part.
    pub octets_left: u32,
}

/// Measures so many octets without cutting them.
///
/// # Errors
/// As [`segment_data`].
pub fn measure_data(octets: usize, ports: Option<Ports>) -> Result<DataMeasure, SegmentError> {
    if octets == 0 {
        return Err(SegmentError::Empty);
    }
    let alone = room(ports, None);
    let room = match octets {
        octets if octets <= alone => alone,
        _ => room(ports, Some(Width::Eight)),
    };
    let parts = octets.div_ceil(room);
    let too_long = SegmentError::TooLong {
        parts,
        parts_max: PARTS_MAX,
    };
    let count = |octets| u32::try_from(octets).expect("a part has 140 octets at most");
    Ok(DataMeasure {
        parts: u8::try_from(parts).map_err(|_| too_long)?,
        octets_per_part: count(room),
        octets_left: count(parts * room - octets),
    })
}

/// Cuts data into the user data of its parts, in order, each behind the ports. If there are more than one, each has the
/// concatenation header, as those of [`crate::segment()`] have.
///
/// # Errors
/// [`SegmentError::Empty`], and [`SegmentError::TooLong`] above [`PARTS_MAX`] parts.
pub fn segment_data(
    octets: &[u8],
    ports: Option<Ports>,
    reference: u8,
) -> Result<Vec<UserData>, SegmentError> {
    let DataMeasure {
        parts,
        octets_per_part,
        ..
    } = measure_data(octets.len(), ports)?;
    let number = |part| {
        let concatenation = Concatenation {
            reference: Reference::Eight(reference),
            parts,
            part,
        };
        (parts > 1).then(|| InformationElement::of_concatenation(concatenation))
    };
    let pieces = octets.chunks(octets_per_part as usize);
    let user_data = |(part, piece): (u8, &[u8])| UserData {
        header: number(part)
            .into_iter()
            .chain(ports.map(InformationElement::of_ports))
            .collect(),
        alphabet: Alphabet::Data8,
        body: Body::Octets(piece.to_vec()),
    };
    Ok((1..=parts).zip(pieces).map(user_data).collect())
}

/// Octets in a part, behind ports and a number of this width.
fn room(ports: Option<Ports>, number: Option<Width>) -> usize {
    let ports = ports.map_or(0, |_| PORTS_OCTETS);
    USER_DATA_OCTETS_MAX - header_octets(ports + number.map_or(0, Width::octets))
}

/// The element of ports, with identifier and length.
const PORTS_OCTETS: usize = 6;
