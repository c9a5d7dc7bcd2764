//! Every kind of failure has its exit code.

use std::io;

use client::ClientError;

use super::Failure;

fn check(failure: impl Into<Failure>, expected: u8) {
    let failure = failure.into();
    assert_eq!(failure.exit_code(), expected, "{failure:?}");
}

fn unreachable() -> ClientError {
    ClientError::Unreachable {
        socket: "/run/s".into(),
        source: io::ErrorKind::NotFound.into(),
    }
}

#[test]
fn exit_codes_are_those_of_the_manual() {
    check(Failure::ReaderGone, 0);
    check(anyhow::anyhow!("no"), 1);
    check(Failure::Output(io::ErrorKind::StorageFull.into()), 1);
    check(ClientError::Problem(Box::default()), 1);
    check(ClientError::Protocol("html".into()), 1);
    check(ClientError::TooLarge { bytes_max: 1 }, 1);
    check(ClientError::UploadEnded, 1);
    check(Failure::Usage("what?".into()), 2);
    check(Failure::Configuration("line 3".into()), 3);
    check(unreachable(), 4);
    check(ClientError::Interrupted("reset".into()), 4);
    check(
        ClientError::TimedOut {
            wait: std::time::Duration::from_secs(30),
        },
        4,
    );
    check(
        Failure::Daemon {
            code: 5,
            said: "the store is locked".into(),
        },
        5,
    );
    check(Failure::Told(1), 1);
}

#[test]
fn an_unreachable_daemon_comes_with_a_hint() {
    let text = Failure::from(unreachable()).text(false).unwrap();
    assert!(
        text.contains("/run/s") && text.contains("--socket"),
        "{text}"
    );
}
