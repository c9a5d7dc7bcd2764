//! What is read, and what is refused.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::{read_secret, read_text};

#[test]
fn a_file_without_an_end_is_refused() {
    let error = read_text(Path::new("/dev/zero")).unwrap_err();
    assert_eq!(error.to_string(), "it has more than 65536 KiB");
}

#[test]
fn secrets_are_their_owners_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    let check = |mode: u32, expected: Result<&str, &str>| {
        std::fs::write(&file, "0123456789abcdef").unwrap();
        std::fs::set_permissions(&file, Permissions::from_mode(mode)).unwrap();
        let shown = file.display();
        let expected = expected
            .map(str::to_owned)
            .map_err(|what| format!("{shown} {what}"));
        assert_eq!(read_secret(&file), expected, "{mode:o}");
    };
    check(0o600, Ok("0123456789abcdef"));
    let others = "can be read or written by others";
    check(0o640, Err(&format!("{others} (mode 0640): chmod 600 it")));
    check(0o602, Err(&format!("{others} (mode 0602): chmod 600 it")));
    let folder = folder.path().display().to_string();
    assert_eq!(
        read_secret(Path::new(&folder)),
        Err(format!("{folder} is no file"))
    );
}
