//! How a receiver knows that a delivery is ours and unchanged: the symmetric scheme of the Standard Webhooks specification.
//!
//! `webhook-signature: v1,<base64 of HMAC-SHA256(secret, "<webhook-id>.<webhook-timestamp>.<body>")>`. The timestamp is
//! signed too, so a receiver can refuse what is old.

use std::fmt;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::config::read_secret;

/// The secret shared with a receiver. Never shown.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret(Box<[u8]>);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl Secret {
    /// Reads a secret: `whsec_` and base64, or the text itself.
    ///
    /// # Errors
    /// What is wrong with it, without its contents.
    pub(crate) fn parse(text: &str) -> Result<Secret, String> {
        let text = text.trim();
        let octets = match text.strip_prefix("whsec_") {
            Some(encoded) => STANDARD
                .decode(encoded)
                .map_err(|_| "what stands after `whsec_` is not base64".to_owned())?,
            None => text.as_bytes().to_vec(),
        };
        if octets.len() < SECRET_OCTETS_MIN {
            return Err(format!(
                "has {} octets and must have at least {SECRET_OCTETS_MIN}: make one with `openssl rand -base64 32`",
                octets.len()
            ));
        }
        Ok(Secret(octets.into()))
    }

    /// Reads the file that holds nothing but a secret.
    ///
    /// # Errors
    /// What is wrong with the file, without its contents.
    pub(crate) fn read(path: &Path) -> Result<Secret, String> {
        let text = read_secret(path)?;
        Secret::parse(&text).map_err(|what| format!("{}: the secret {what}", path.display()))
    }

    /// The value of `webhook-signature` for a body.
    pub(super) fn sign(&self, id: &str, timestamp_s: i64, body: &[u8]) -> String {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes keys of any length");
        mac.update(format!("{id}.{timestamp_s}.").as_bytes());
        mac.update(body);
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    }
}

/// Shorter ones can be guessed.
const SECRET_OCTETS_MIN: usize = 16;
