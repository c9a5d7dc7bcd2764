//! Exit codes.

use std::io;
use std::path::PathBuf;

use store::{OpenError, StoreError};

use super::RunError;

fn check(error: impl Into<RunError>, expected: u8) {
    let error = error.into();
    assert_eq!(error.exit_code(), expected, "{error}");
}

#[test]
fn what_needs_a_person_is_told_from_what_may_pass() {
    let path = PathBuf::from("/var/lib/simfleet");
    let detail = String::from("page 7");
    let full = || io::Error::from(io::ErrorKind::StorageFull);
    check(OpenError::Full { path: path.clone() }, 1);
    check(
        OpenError::Locked {
            path: path.clone(),
            pid: Some(7),
        },
        5,
    );
    check(
        OpenError::Newer {
            path: path.clone(),
            found: 9,
            supported: 1,
        },
        5,
    );
    check(
        OpenError::Damaged {
            path: path.clone(),
            detail: detail.clone(),
        },
        5,
    );
    check(
        OpenError::Unsuitable {
            path: path.clone(),
            detail: detail.clone(),
        },
        5,
    );
    check(
        OpenError::Io {
            path: path.clone(),
            source: full(),
        },
        1,
    );
    check(
        StoreError::Damaged {
            path: path.clone(),
            detail,
        },
        5,
    );
    check(StoreError::Full { path: path.clone() }, 1);
    check(StoreError::Busy { path: path.clone() }, 1);
    check(
        RunError::StateDir {
            path,
            source: full(),
        },
        1,
    );
    check(RunError::Listen("taken".to_owned()), 1);
    check(RunError::CorePanicked, 1);
}
