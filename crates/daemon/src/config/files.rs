//! Reading the files that the configuration is made of: never more of one than a configuration can need, and secrets only
//! from files that nobody else can read.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// Reads a whole file of text.
///
/// # Errors
/// If it can't be read, is no text, or is far larger than any such file.
pub(super) fn read_text(path: &Path) -> io::Result<String> {
    read_at_most(File::open(path)?, TEXT_BYTES_MAX)
}

/// Reads a file that holds secrets.
///
/// # Errors
/// What is wrong with the file, without its contents.
pub(crate) fn read_secret(path: &Path) -> Result<String, String> {
    let shown = path.display();
    let unreadable = |error: io::Error| format!("{shown} can't be read: {error}");
    // A pipe would wait for its writer.
    if !std::fs::metadata(path).map_err(unreadable)?.is_file() {
        return Err(format!("{shown} is no file"));
    }
    let file = File::open(path).map_err(unreadable)?;
    // Of the file that is read, not of what the path named before.
    let mode = file.metadata().map_err(unreadable)?.permissions().mode();
    if mode & OTHERS != 0 {
        return Err(format!(
            "{shown} can be read or written by others (mode {:04o}): chmod 600 it",
            mode & 0o7777
        ));
    }
    read_at_most(file, SECRET_BYTES_MAX).map_err(unreadable)
}

fn read_at_most(file: File, bytes_max: u64) -> io::Result<String> {
    let mut text = String::new();
    file.take(bytes_max + 1).read_to_string(&mut text)?;
    if text.len() as u64 > bytes_max {
        let what = format!("it has more than {} KiB", bytes_max / 1024);
        return Err(io::Error::new(ErrorKind::FileTooLarge, what));
    }
    Ok(text)
}

/// Group and world.
const OTHERS: u32 = 0o077;

/// A list of a million recipients has 16 MiB; a configuration of 512 lines and SIMs has less than one.
const TEXT_BYTES_MAX: u64 = 64 << 20;

/// As many tokens as there may be have a few KiB.
const SECRET_BYTES_MAX: u64 = 64 << 10;

#[cfg(test)]
mod tests;
