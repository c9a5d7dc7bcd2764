//! Takes a PDU apart field by field, naming the field in which it ends too early.
//!
//! Does not interpret anything and does not insist that all octets are taken.

use crate::PduError;

/// The octets not taken yet.
pub(crate) struct Reader<'a> {
    octets: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) fn new(octets: &'a [u8]) -> Reader<'a> {
        Reader { octets }
    }

    pub(crate) fn octet(&mut self, field: &'static str) -> Result<u8, PduError> {
        let (first, rest) = self
            .octets
            .split_first()
            .ok_or(PduError::Truncated { field })?;
        self.octets = rest;
        Ok(*first)
    }

    pub(crate) fn take(&mut self, count: usize, field: &'static str) -> Result<&'a [u8], PduError> {
        let (taken, rest) = self
            .octets
            .split_at_checked(count)
            .ok_or(PduError::Truncated { field })?;
        self.octets = rest;
        Ok(taken)
    }

    pub(crate) fn array<const N: usize>(
        &mut self,
        field: &'static str,
    ) -> Result<[u8; N], PduError> {
        let (taken, rest) = self
            .octets
            .split_first_chunk()
            .ok_or(PduError::Truncated { field })?;
        self.octets = rest;
        Ok(*taken)
    }

    pub(crate) fn len(&self) -> usize {
        self.octets.len()
    }

    pub(crate) fn rest(self) -> &'a [u8] {
        self.octets
    }
}
