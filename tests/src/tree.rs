//! The repository's files, for tests about the text of them.
//!
//! It walks the folders instead of asking git, so that a source archive passes the same tests.

use std::path::{Path, PathBuf};

/// The root of the repository.
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the package has a folder of its own in the repository")
        .to_owned()
}

/// Every text file of the repository, by path from its root, sorted.
pub struct Tree {
    files: Vec<(PathBuf, String)>,
}

impl Tree {
    /// Reads all of them. Build products, hidden folders and files that are not UTF-8 are left out.
    ///
    /// # Panics
    /// When a folder can't be read.
    pub fn read() -> Tree {
        let root = repository();
        let mut files = Vec::new();
        let mut folders = vec![root.clone()];
        while let Some(folder) = folders.pop() {
            let entries = std::fs::read_dir(&folder).expect("the repository can be read");
            for path in entries.map(|entry| entry.expect("a folder can be read to its end").path())
            {
                let name = path.file_name().map(|name| name.to_string_lossy());
                let is_left_out = name.is_none_or(|name| name == "target" || name == ".git");
                if is_left_out {
                    continue;
                }
                if path.is_dir() {
                    folders.push(path);
                } else if let Ok(text) = std::fs::read_to_string(&path) {
                    let below = path
                        .strip_prefix(&root)
                        .expect("the walk began at the root");
                    files.push((below.to_owned(), text));
                }
            }
        }
        files.sort();
        Tree { files }
    }

    /// All files.
    pub fn files(&self) -> impl Iterator<Item = (&Path, &str)> {
        self.files
            .iter()
            .map(|(path, text)| (path.as_path(), text.as_str()))
    }

    /// The files of one kind, by the ending of their names (`rs`).
    pub fn with_ending(&self, ending: &str) -> impl Iterator<Item = (&Path, &str)> {
        self.files()
            .filter(move |(path, _)| path.extension().is_some_and(|found| found == ending))
    }

    /// One file.
    ///
    /// # Panics
    /// When it is not there.
    pub fn file(&self, path: &str) -> &str {
        let found = self.files().find(|(found, _)| *found == Path::new(path));
        found
            .unwrap_or_else(|| panic!("{path} is not in the repository"))
            .1
    }
}
