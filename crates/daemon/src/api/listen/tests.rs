//! Sockets: permissions, leftovers, and two daemons.

use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::path::Path;

use super::{ListenError, bind_socket};

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn a_socket_has_its_mode_and_goes_with_its_daemon() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new/folder/s.sock");
    let (listener, file) = bind_socket(&path, 0o600).unwrap();
    assert_eq!(mode(&path), 0o600);
    drop(listener);
    drop(file);
    assert!(!path.exists());
}

#[tokio::test]
async fn a_second_daemon_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.sock");
    let _first = bind_socket(&path, 0o660).unwrap();
    assert!(matches!(
        bind_socket(&path, 0o660),
        Err(ListenError::Taken(_))
    ));
    assert!(path.exists());
}

#[tokio::test]
async fn a_socket_of_another_program_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.sock");
    let _other = UnixListener::bind(&path).unwrap();
    assert!(matches!(
        bind_socket(&path, 0o660),
        Err(ListenError::Taken(_))
    ));
}

#[tokio::test]
async fn what_a_killed_daemon_left_is_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.sock");
    drop(UnixListener::bind(&path).unwrap());
    assert!(path.exists());
    bind_socket(&path, 0o660).unwrap();
}

#[tokio::test]
async fn a_file_in_the_way_is_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.sock");
    std::fs::write(&path, "mine").unwrap();
    assert!(matches!(
        bind_socket(&path, 0o660),
        Err(ListenError::NotSocket(_))
    ));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "mine");
}

#[tokio::test]
async fn a_successor_keeps_its_socket() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.sock");
    let (_listener, file) = bind_socket(&path, 0o660).unwrap();
    std::fs::remove_file(&path).unwrap();
    let _successor = UnixListener::bind(&path).unwrap();
    drop(file);
    assert!(path.exists());
}

#[tokio::test]
async fn a_path_that_is_too_long_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x".repeat(120));
    let error = bind_socket(&path, 0o660).err().unwrap().to_string();
    assert!(
        error.contains("xxx") && error.contains("can't listen"),
        "{error}"
    );
}
