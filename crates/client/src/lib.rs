//! The SimFleet API for Rust programs: its wire types, and a small client that speaks them over the Unix socket.
//!
//! It decides nothing: no policy, no retry that could hand a message over twice, no hidden queue.
//!
//! ```no_run
//! # async fn example() -> Result<(), client::ClientError> {
//! let gateway = client::Client::new(client::SOCKET_DEFAULT);
//! let accepted = gateway
//!     .send(&client::MessageRequest {
//!         to: "+4915112345678".into(),
//!         text: "Your code is 123456".into(),
//!         class: Some("otp".into()),
//!         ..Default::default()
//!     })
//!     .await?;
//! println!("{}", accepted.id);
//! # Ok(()) }
//! ```
//!
//! `examples/send_code.rs` goes on and follows the message to its end.

mod api;
mod connection;
mod error;
mod event_types;
mod events;
mod filter;
mod line_types;
mod lines;
mod measure;
mod socket;
mod status_types;
mod suppressions;
mod talk;
mod trace;
mod types;
mod upload;

#[cfg(test)]
mod tests;

pub use api::{Client, LineAction, SOCKET_DEFAULT, SimAction};
pub use connection::{ANSWER_BYTES_MAX, CONNECT_WAIT_MAX, REPLY_WAIT_MAX};
pub use error::ClientError;
pub use event_types::EventView;
pub use events::EventStream;
pub use filter::MessageFilter;
pub use line_types::*;
pub use lines::LINE_BYTES_MAX;
pub use measure::*;
pub use status_types::*;
pub use suppressions::{SuppressionChange, SuppressionPage, SuppressionRequest, SuppressionView};
pub use talk::*;
pub use trace::{TraceRecord, TraceStream, TraceWish};
pub use types::*;
pub use upload::{Upload, UploadAnswers, UploadSender};
