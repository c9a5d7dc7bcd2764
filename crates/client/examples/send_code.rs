//! Sends a one-time code and tells what becomes of it:
//!
//! ```text
//! cargo run -p client --example send_code -- /run/simfleet/simfleet.sock +4915112345678
//! ```

use std::error::Error;

use client::{Client, MessageRequest};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(socket), Some(to)) = (arguments.next(), arguments.next()) else {
        return Err("usage: send_code SOCKET NUMBER".into());
    };
    let gateway = Client::new(socket);
    // The place in the event stream before the message is handed over: its end can't be missed.
    let before = gateway.status().await?.last_event;
    let accepted = gateway
        .send(&MessageRequest {
            to,
            text: "Your code is 123456".into(),
            class: Some("otp".into()),
            // If no answer comes, the same key again sends nothing twice.
            key: Some(format!("login-{}", std::process::id())),
            ..MessageRequest::default()
        })
        .await?;
    println!("{} in {} part", accepted.state, accepted.parts);

    let mut events = gateway.events(before, true).await?;
    while let Some(event) = events.next().await {
        let event = event?;
        if event.id == accepted.id {
            println!("{}", event.kind);
            if event.kind == "ended" {
                break;
            }
        }
    }
    println!("{}", gateway.message(&accepted.id).await?.state);
    Ok(())
}
