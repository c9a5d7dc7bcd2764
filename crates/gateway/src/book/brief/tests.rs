//! Recipients come back as they were given, and take few octets.

use super::*;

#[test]
fn every_recipient_comes_back() {
    let given = [
        "+4915112345678",
        "+1",
        "+999999999999999",
        "+99999999999999999999",
        "+0123",
        "0123",
        "80808",
        "*100#",
    ];
    for text in given {
        let address = Address::parse(text).unwrap();
        assert_eq!(Recipient::of(&address).address(), address, "{text}");
    }
    let name = Address::alphanumeric("12345678").unwrap();
    assert_eq!(Recipient::of(&name).address(), name);
}

#[test]
fn numbers_need_no_memory_of_their_own() {
    let address = Address::parse("+4915112345678").unwrap();
    let is_packed = matches!(Recipient::of(&address), Recipient::International(_));
    assert!(is_packed);
    assert!(size_of::<Recipient>() <= 16);
    assert!(
        size_of::<super::super::Live>() <= 168,
        "{}",
        size_of::<super::super::Live>()
    );
}
