//! Ports as pseudo-terminals: locks, ends, and what is no port.

use std::io::{Read, Write};
use std::path::PathBuf;

use super::{Port, PortError};
use crate::testing::pseudo_terminal;

async fn open(path: PathBuf) -> Result<Port, PortError> {
    Port::open(path, 115_200).await
}

#[tokio::test]
async fn bytes_go_both_ways_unchanged() {
    let (mut modem, path) = pseudo_terminal();
    let mut port = open(path).await.unwrap();
    port.write_all(b"AT\r\x1a\x00\xff").await.unwrap();
    let mut seen = [0; 6];
    modem.read_exact(&mut seen).unwrap();
    assert_eq!(&seen, b"AT\r\x1a\x00\xff");
    modem.write_all(b"\r\nOK\r\n").unwrap();
    let mut buffer = [0; 64];
    let count = port.read(&mut buffer).await.unwrap();
    assert_eq!(
        &buffer[..count],
        b"\r\nOK\r\n",
        "neither echo nor translation"
    );
    port.close().await;
}

#[tokio::test]
async fn a_port_is_opened_once_and_again_after_it_was_closed() {
    let (_modem, path) = pseudo_terminal();
    let port = open(path.clone()).await.unwrap();
    assert!(matches!(open(path.clone()).await, Err(PortError::Busy)));
    port.close().await;
    open(path).await.unwrap();
}

#[tokio::test]
async fn a_port_that_another_program_locked_is_busy() {
    let (_modem, path) = pseudo_terminal();
    for operation in [
        rustix::fs::FlockOperation::NonBlockingLockExclusive,
        rustix::fs::FlockOperation::NonBlockingLockShared,
    ] {
        let other = std::fs::OpenOptions::new()
            .read(true)
            .write(true)
            .open(&path)
            .unwrap();
        rustix::fs::flock(&other, operation).unwrap();
        assert!(matches!(open(path.clone()).await, Err(PortError::Busy)));
    }
    open(path).await.unwrap();
}

#[tokio::test]
async fn a_vanished_modem_ends_the_read() {
    let (modem, path) = pseudo_terminal();
    let mut port = open(path.clone()).await.unwrap();
    drop(modem);
    assert!(port.read(&mut [0; 8]).await.is_err());
    port.close().await;
    assert!(open(path).await.is_err());
}

#[tokio::test]
async fn what_is_no_port_is_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    assert!(matches!(open(file).await, Err(PortError::NotSerial)));
    assert!(matches!(
        open(folder.path().to_owned()).await,
        Err(PortError::NotSerial)
    ));
    assert!(matches!(
        open(folder.path().join("none")).await,
        Err(PortError::Missing)
    ));
    let error = open(PathBuf::from("/dev/null")).await.err().unwrap();
    assert!(matches!(error, PortError::Failed(_)), "{error}");
}

#[tokio::test]
async fn a_serial_server_is_a_port_until_it_hangs_up() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let server = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let path = PathBuf::from(format!("tcp://{}", server.local_addr().unwrap()));
    let mut port = open(path.clone()).await.unwrap();
    let (mut modem, _) = server.accept().await.unwrap();
    port.write_all(b"AT\r\xff").await.unwrap();
    let mut seen = [0; 4];
    modem.read_exact(&mut seen).await.unwrap();
    assert_eq!(&seen, b"AT\r\xff", "raw: no telnet escapes");
    modem.write_all(b"\r\nOK\r\n").await.unwrap();
    let mut buffer = [0; 64];
    let count = port.read(&mut buffer).await.unwrap();
    assert_eq!(&buffer[..count], b"\r\nOK\r\n");
    drop(modem);
    assert!(port.read(&mut buffer).await.is_err(), "hung up");
    drop(server);
    let refused = open(path).await;
    assert!(matches!(refused, Err(PortError::NoServer(_))));
}

#[test]
fn network_addresses_are_checked() {
    for (address, fits) in [
        ("rack1.example:4001", true),
        ("192.0.2.7:1", true),
        ("[2001:db8::1]:65535", true),
        ("rack1", false),
        (":4001", false),
        ("rack1:0", false),
        ("rack1:70000", false),
        ("rack1:+5", false),
        ("rack1:4001/x", false),
        ("user@rack1:4001", false),
        ("[rack1]:4001", false),
        ("2001:db8::1:4001", false),
        ("ra ck:4001", false),
    ] {
        assert_eq!(super::tcp::fault(address).is_none(), fits, "{address}");
    }
}
