//! Septets packed into octets, least significant bit first (3GPP TS 23.038 §6.1.2.1).
//!
//! ```text
//!  eight septets, one an octet:  0aaaaaaa 0bbbbbbb 0ccccccc …      a word of 64 bits
//!  the same, packed:             baaaaaaa ccbbbbbb …               seven octets
//! ```
//!
//! Eight at a time they go between the two forms in three steps, in each of which neighbours of 7, 14 and 28 bits move
//! together or apart. Knows no characters.

use crate::PduError;

/// Septets packed into octets, after `fill_bits` zero bits (0 to 7; taken modulo 8). The top bit of each is ignored.
pub fn pack(septets: &[u8], fill_bits: u8) -> Vec<u8> {
    let mut octets = Vec::with_capacity(packed_len(septets.len(), fill_bits % 8));
    let mut packer = Packer::new(&mut octets, fill_bits);
    packer.push_all(septets);
    packer.finish();
    octets
}

/// `count` septets from packed octets, after `fill_bits` bits (0 to 7; taken modulo 8). Octets left over are ignored.
///
/// # Errors
/// [`PduError::Truncated`] if the octets hold fewer.
pub fn unpack(octets: &[u8], count: usize, fill_bits: u8) -> Result<Vec<u8>, PduError> {
    let fill_bits = fill_bits % 8;
    let bits = octets.len().saturating_mul(8);
    let bits = bits.saturating_sub(usize::from(fill_bits));
    if count > bits / 7 {
        return Err(PduError::Truncated { field: "TP-UD" });
    }
    let mut septets = vec![0; count];
    let (mut held, mut held_bits, mut rest) = (0u64, 0, octets);
    if let Some((first, after)) = octets.split_first().filter(|_| fill_bits > 0) {
        (held, held_bits, rest) = (
            u64::from(*first) >> fill_bits,
            8 - u32::from(fill_bits),
            after,
        );
    }
    let (eights, last) = septets.as_chunks_mut::<8>();
    for eight in eights {
        let (seven, after) = rest.split_at(7);
        let mut word = [0; 8];
        word[..7].copy_from_slice(seven);
        let bits = u64::from_le_bytes(word);
        *eight = apart(held | bits << held_bits).to_le_bytes();
        (held, rest) = (bits >> (WHOLE_BITS - held_bits), after);
    }
    let mut rest = rest.iter();
    for septet in last {
        if held_bits < 7 {
            let octet = rest.next().expect("the octets hold as many septets");
            held |= u64::from(*octet) << held_bits;
            held_bits += 8;
        }
        *septet = (held & 0x7f) as u8;
        held >>= 7;
        held_bits -= 7;
    }
    Ok(septets)
}

/// How many octets `count` septets after `fill_bits` bits take.
pub(crate) fn packed_len(count: usize, fill_bits: u8) -> usize {
    (count * 7 + usize::from(fill_bits)).div_ceil(8)
}

/// Packs septets as they come, behind what is in a buffer; seven octets go there at a time.
pub(super) struct Packer<'a> {
    octets: &'a mut Vec<u8>,
    /// Bits that are not in the buffer yet, the oldest lowest: fewer than [`WHOLE_BITS`].
    held: u64,
    held_bits: u32,
    count: usize,
}

impl Packer<'_> {
    pub(super) fn new(octets: &mut Vec<u8>, fill_bits: u8) -> Packer<'_> {
        Packer {
            octets,
            held: 0,
            held_bits: u32::from(fill_bits % 8),
            count: 0,
        }
    }

    pub(super) fn push(&mut self, septet: u8) {
        self.held |= u64::from(septet & 0x7f) << self.held_bits;
        self.held_bits += 7;
        self.count += 1;
        if self.held_bits >= WHOLE_BITS {
            self.octets.extend_from_slice(&self.held.to_le_bytes()[..7]);
            self.held >>= WHOLE_BITS;
            self.held_bits -= WHOLE_BITS;
        }
    }

    pub(super) fn push_eight(&mut self, septets: [u8; 8]) {
        let bits = together(u64::from_le_bytes(septets));
        let whole = self.held | bits << self.held_bits;
        self.octets.extend_from_slice(&whole.to_le_bytes()[..7]);
        self.held = bits >> (WHOLE_BITS - self.held_bits);
        self.count += 8;
    }

    pub(super) fn push_all(&mut self, septets: &[u8]) {
        let (eights, rest) = septets.as_chunks::<8>();
        for eight in eights {
            self.push_eight(*eight);
        }
        for septet in rest {
            self.push(*septet);
        }
    }

    /// Writes what is held and says how many septets there were.
    pub(super) fn finish(self) -> usize {
        let octets = self.held_bits.div_ceil(8) as usize;
        self.octets
            .extend_from_slice(&self.held.to_le_bytes()[..octets]);
        self.count
    }
}

/// Eight septets, one an octet, as 56 bits.
fn together(septets: u64) -> u64 {
    let pairs = septets & 0x007f_007f_007f_007f | (septets & 0x7f00_7f00_7f00_7f00) >> 1;
    let fours = pairs & 0x0000_3fff_0000_3fff | (pairs & 0x3fff_0000_3fff_0000) >> 2;
    fours & 0x0000_0000_0fff_ffff | (fours & 0x0fff_ffff_0000_0000) >> 4
}

/// The lowest 56 bits as eight septets, one an octet.
fn apart(bits: u64) -> u64 {
    let fours = bits & 0x0000_0000_0fff_ffff | (bits & 0x00ff_ffff_f000_0000) << 4;
    let pairs = fours & 0x0000_3fff_0000_3fff | (fours & 0x0fff_c000_0fff_c000) << 2;
    pairs & 0x007f_007f_007f_007f | (pairs & 0x3f80_3f80_3f80_3f80) << 1
}

/// Eight septets, seven octets.
const WHOLE_BITS: u32 = 56;
