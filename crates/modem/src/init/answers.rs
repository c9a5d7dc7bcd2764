//! Reads the answers of the initialisation that a line's chores ask for again, and the small ones.
//!
//! What follows from them is decided in `script` and `chores`.

use crate::known::Known;
use crate::wire::Reply;
use crate::{fields, identity};

use super::script::ICCID_QUERIES;

/// The ICCID in the reply to one of the [`ICCID_QUERIES`].
pub(crate) fn iccid_of(at: usize, reply: &Reply) -> Option<crate::Iccid> {
    if !reply.is_ok() {
        return None;
    }
    if at + 1 == ICCID_QUERIES.len() {
        return identity::iccid_of_record(fields::fields(reply.text.as_bytes(), "")?);
    }
    identity::iccid(&reply.text)
}

/// Whether the first field of `+CSCA: "address",type` has digits.
pub(super) fn has_address(text: &str) -> bool {
    let address = text.split(',').next().unwrap_or_default();
    address.bytes().any(|byte| byte.is_ascii_digit())
}

/// Whether two `+CNMI` settings route messages (`mt`) and reports (`ds`) alike.
pub(crate) fn same_indications(found: &str, wanted: &str) -> bool {
    let routes = |text: &str| {
        let [_, mt, _, ds, _] = fields::fields(text.as_bytes(), "")?;
        Some((fields::number(mt)?, fields::number(ds)?))
    };
    routes(found).is_some() && routes(found) == routes(wanted)
}

/// Takes the operator out of `+COPS: mode,2,"26201",7`; whether it is another one.
pub(crate) fn read_operator(known: &mut Known, reply: &Reply) -> bool {
    let before = known.network();
    let Some([_, format, operator, technology, _]) = fields::fields(reply.text.as_bytes(), "")
    else {
        return false;
    };
    let code = fields::unquoted(operator);
    let is_code = (5..=6).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_digit());
    known.operator = if format == "2" && is_code {
        code.into()
    } else {
        String::new()
    };
    known.technology = fields::number(technology).and_then(|number| u8::try_from(number).ok());
    known.network() != before
}

/// The number in `+CNUM: "name","number",type`; the name may be empty and unquoted.
pub(super) fn own_number(text: &str) -> Option<&str> {
    let [_, number, ..] = fields::fields(text.as_bytes(), "")?;
    let number = fields::unquoted(number);
    let digits = number.strip_prefix('+').unwrap_or(number);
    let fits = (3..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    fits.then_some(number)
}
