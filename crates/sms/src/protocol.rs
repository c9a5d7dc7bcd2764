//! What TP-PID asks for (3GPP TS 23.040 §9.2.3.9).
//!
//! Names only what people meet; telematic devices are one name.

/// What the identifier means, in lower case.
pub fn name(protocol_id: u8) -> &'static str {
    match protocol_id {
        0x00 => "plain short message",
        0x01..=0x1f => "mobile to mobile protocol",
        0x20..=0x3f => "telematic interworking",
        0x40 => "type 0, silent",
        0x41..=0x47 => "replaces the last of its type",
        0x5e => "obsolete enhanced message service",
        0x5f => "return call",
        0x7c => "ANSI-136 data",
        0x7d => "mobile equipment data download",
        0x7e => "mobile equipment depersonalization",
        0x7f => "SIM data download",
        0x80..=0xbf => "reserved",
        0xc0..=0xff => "service centre's own use",
        0x48..=0x5d | 0x60..=0x7b => "reserved",
    }
}

/// The replace type of an identifier, 1 to 7: the message takes the place of the last of its type from its sender.
pub fn replace_type(protocol_id: u8) -> Option<u8> {
    (0x41..=0x47)
        .contains(&protocol_id)
        .then(|| protocol_id - 0x40)
}

/// The identifier of a replace type.
///
/// # Panics
/// For a type that is not from 1 to 7.
pub fn replacing(replace_type: u8) -> u8 {
    assert!(
        (1..=7).contains(&replace_type),
        "replace types are 1 to 7, not {replace_type}"
    );
    0x40 + replace_type
}
