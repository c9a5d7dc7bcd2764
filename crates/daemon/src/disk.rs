//! How much room the disk of the store has.

use std::path::Path;

/// Free space for this user in MiB; `None` if it can't be told.
pub(crate) fn free_mib(folder: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(folder).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize) / (1024 * 1024))
}
