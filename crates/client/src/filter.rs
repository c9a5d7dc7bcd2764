//! Which messages a search asks for, and how that is written into a query string.
//!
//! Values are handed to the daemon as they are; it says what is wrong with them.

use std::fmt::Write;

/// Search terms of `GET /v1/messages`; an empty filter finds everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MessageFilter {
    /// Recipient in E.164.
    pub to: Option<String>,
    /// One state of `docs/api.md`.
    pub state: Option<String>,
    /// `otp`, `notification` or `bulk`.
    pub class: Option<String>,
    /// Accepted since: RFC 3339, or a duration back from now (`2h`).
    pub since: Option<String>,
    /// Messages per page, up to 500.
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

impl MessageFilter {
    /// The path and query of this search.
    pub(crate) fn target(&self) -> String {
        let limit = self.limit.map(|limit| limit.to_string());
        let terms = [
            ("to", &self.to),
            ("state", &self.state),
            ("class", &self.class),
            ("since", &self.since),
            ("limit", &limit),
            ("cursor", &self.cursor),
        ];
        let mut target = String::from("/v1/messages");
        let mut separator = '?';
        for (name, value) in terms {
            let Some(value) = value else { continue };
            target.push(separator);
            target.push_str(name);
            target.push('=');
            target.push_str(&percent_encoded(value));
            separator = '&';
        }
        target
    }
}

/// Everything but the unreserved characters of RFC 3986 §2.3 as `%XX`.
pub(crate) fn percent_encoded(value: &str) -> String {
    let mut encoded = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            write!(encoded, "%{byte:02X}").expect("writing to a String never fails");
        }
    }
    encoded
}
