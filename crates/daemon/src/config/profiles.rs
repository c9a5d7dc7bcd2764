//! The operator's own profiles of modems: `*.toml` in the folder that `modems.profiles_dir` names, added to those in the
//! binary.
//!
//! What a profile may say is read in `modem`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use modem::{Profile, Profiles};

use super::file::read_path;
use super::files::read_text;
use super::section::Section;

/// All profiles: ours, and those of the folder. A file that is wrong is a fault of the key that names the folder.
pub(super) fn read(mut section: Section<'_, '_>) -> Arc<Profiles> {
    let builtin = Profiles::builtin();
    let Some(folder) = read_path(&mut section, KEY) else {
        section.finish(&[]);
        return builtin;
    };
    let mut profiles = (*builtin).clone();
    match files(&folder) {
        Err(error) => section.fault(None, KEY, format!("`{}`: {error}", folder.display())),
        Ok(files) => {
            for file in files {
                match read_one(&file) {
                    Ok(profile) => profiles.insert(profile),
                    Err(what) => section.fault(None, KEY, format!("{}:{what}", file.display())),
                }
            }
        }
    }
    section.finish(&[]);
    Arc::new(profiles)
}

fn read_one(file: &Path) -> Result<Profile, String> {
    let length = std::fs::metadata(file).map_or(0, |about| about.len());
    if length > FILE_BYTES_MAX {
        return Err(format!(
            " has {length} bytes; a profile has {FILE_BYTES_MAX} at most"
        ));
    }
    let name = file
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let text = read_text(file).map_err(|error| format!(" {error}"))?;
    Profile::read(&name, &text).map_err(|error| error.to_string())
}

/// Sorted, so that faults come in the same order every time.
fn files(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == "toml") {
            files.push(path);
        }
    }
    files.sort();
    files.truncate(FILES_MAX);
    Ok(files)
}

const KEY: &str = "profiles_dir";

/// Ours have 3 KiB at most; a larger file is no profile.
const FILE_BYTES_MAX: u64 = 64 * 1024;

/// More families of modems than a fleet can hold.
const FILES_MAX: usize = 512;
