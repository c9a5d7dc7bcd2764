//! The suppression list: recipients that nothing is sent to.

use hyper::Method;
use serde::{Deserialize, Serialize};

use crate::api::{Client, json_bytes};
use crate::connection::Call;
use crate::error::ClientError;
use crate::filter::percent_encoded;

/// Why a recipient is put on the list (`PUT /v1/suppressions/{number}`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SuppressionRequest {
    /// Why, for the others who look; 200 characters at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A recipient on the list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SuppressionView {
    /// The recipient.
    pub to: String,
    /// Since when it is on the list.
    pub since: String,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What became of a recipient.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SuppressionChange {
    /// The recipient in canonical form.
    pub to: String,
    /// Whether it is on the list now.
    pub suppressed: bool,
}

/// A page of the list, by recipient.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SuppressionPage {
    /// The page.
    pub suppressions: Vec<SuppressionView>,
    /// Hand it back as `cursor` for the next page; null on the last.
    pub next_cursor: Option<String>,
}

impl Client {
    /// A page of the list behind `cursor` (`GET /v1/suppressions`).
    ///
    /// # Errors
    /// Only those of the connection.
    pub async fn suppressions(&self, cursor: Option<&str>) -> Result<SuppressionPage, ClientError> {
        let cursor = cursor.map(|cursor| format!("&cursor={}", percent_encoded(cursor)));
        let target = format!("/v1/suppressions?limit=500{}", cursor.unwrap_or_default());
        self.json(Call::new(Method::GET, target)).await
    }

    /// Puts a recipient on the list (`PUT /v1/suppressions/{number}`).
    ///
    /// # Errors
    /// `Problem` with code `invalid_recipient` or `suppressions_full`.
    pub async fn suppress(
        &self,
        number: &str,
        reason: Option<String>,
    ) -> Result<SuppressionChange, ClientError> {
        let target = format!("/v1/suppressions/{}", percent_encoded(number));
        let body = json_bytes(&SuppressionRequest { reason });
        self.json(Call::new(Method::PUT, target).with_json(body))
            .await
    }

    /// Takes a recipient off the list (`DELETE /v1/suppressions/{number}`).
    ///
    /// # Errors
    /// `Problem` with code `not_found` if it is not there.
    pub async fn unsuppress(&self, number: &str) -> Result<SuppressionChange, ClientError> {
        let target = format!("/v1/suppressions/{}", percent_encoded(number));
        self.json(Call::new(Method::DELETE, target)).await
    }
}
