//! Which targets are SIMs.

use super::is_iccid;

#[test]
fn an_iccid_is_told_from_a_line_name() {
    let cases = [
        ("8949123456789012345", true),
        ("894912345678901234", true),
        ("8949123456789012345F", true),
        ("89491234567890123456", true),
        ("line017", false),
        ("17", false),
        ("pci-0000:00:14.0-usb-0:1:1.0", false),
        ("894912345678901234567", false),
    ];
    for (target, expected) in cases {
        assert_eq!(is_iccid(target), expected, "{target}");
    }
}
