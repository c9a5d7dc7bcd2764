//! Who may talk to the daemon, and where.

use super::*;

#[test]
fn the_api_is_not_opened_to_other_hosts_without_tokens() {
    check(
        "[api]\nlisten = \"0.0.0.0:8080\"",
        &[
            "simfleet.toml:2: api.listen: other hosts could send messages: name a tokens_file too, or listen on a \
           loopback address",
        ],
    );
    check(
        "[api]\nlisten = \"here\"\nsocket_mode = \"rw\"\ntokens_file = \"/nowhere/tokens\"",
        &[
            "simfleet.toml:2: api.listen: `here` is not an address: write IP:PORT, as in \"127.0.0.1:9464\", or \"\" \
             not to listen",
            "simfleet.toml:3: api.socket_mode: `rw` is not a file mode: write octal digits, as in \"0660\"",
            "simfleet.toml:4: api.tokens_file: /nowhere/tokens can't be read: No such file or directory (os error 2)",
        ],
    );
}

#[test]
fn tokens_are_read_and_never_shown() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let text = format!(
        "[api]\ntokens_file = {:?}\n{LEAST}",
        file.path().display().to_string()
    );
    std::fs::write(&file, "# ours\n0123456789abcdef\n").unwrap();
    let config = parse(&text).unwrap();
    assert!(config.api.tokens[0].is("0123456789abcdef"));
    for wrong in [
        "",
        "0123456789abcdeF",
        "0123456789abcde",
        "0123456789abcdef0123456789abcdef",
    ] {
        assert!(!config.api.tokens[0].is(wrong), "{wrong}");
    }
    assert!(!format!("{config:?}").contains("0123456789abcdef"));
    std::fs::write(&file, "secret\n").unwrap();
    let errors = parse(&text).unwrap_err().to_string();
    assert!(
        errors.contains("line 1") && !errors.contains("secret"),
        "{errors}"
    );
    std::fs::write(&file, "# none\n").unwrap();
    assert!(
        parse(&text)
            .unwrap_err()
            .to_string()
            .contains("holds no token")
    );
}

#[test]
fn a_socket_has_a_path_that_the_system_takes() {
    let socket = |length: usize| format!("/{}", "s".repeat(length - 1));
    let longest = socket(103);
    let config = parse(&format!("[api]\nsocket = {longest:?}\n{LEAST}")).unwrap();
    assert_eq!(config.api.socket, Path::new(&longest));
    check(
        &format!("[api]\nsocket = {:?}", socket(104)),
        &["simfleet.toml:2: api.socket: the path has 104 bytes; allowed: 103 at most"],
    );
    check(
        "[api]\nsocket = \"\"",
        &["simfleet.toml:2: api.socket: is empty: write a path"],
    );
}
