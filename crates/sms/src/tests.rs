//! The crate's tests.

use super::*;

#[test]
fn a_text_survives_submit() {
    let to = Address::parse("+4915112345678").unwrap();
    let parts = segment("Grüße [€]", EncodingChoice::Auto, 7).unwrap();
    let submit = Submit::new(to, parts[0].clone());
    assert_eq!(Submit::decode(&submit.encode().unwrap()).unwrap(), submit);
}
