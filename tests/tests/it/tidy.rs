//! The repository's own order: arrows between crates, and what every file has to be like.
//!
//! Everything here is read from files; what clippy and rustfmt check is theirs, what documents say is in `documents.rs`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path};

use tests::Tree;
use toml::Table;

/// Which crates of ours a crate may name, as drawn in ARCHITECTURE.md; `tests` may name all.
pub(crate) const ARROWS: [(&str, &[&str]); 8] = [
    ("sms", &[]),
    ("modem", &["sms"]),
    ("gateway", &["modem", "sms"]),
    ("store", &["gateway", "modem", "sms"]),
    ("client", &[]),
    ("daemon", &["client", "gateway", "modem", "sms", "store"]),
    ("cli", &["client", "daemon", "hw-sim", "sms"]),
    ("hw-sim", &["sms"]),
];

/// Crates without a clock, a task or I/O of their own: no async.
const SYNCHRONOUS: [&str; 4] = [
    "crates/sms",
    "crates/modem",
    "crates/gateway",
    "crates/store",
];

#[test]
fn arrows_between_crates_are_as_drawn() {
    let tree = Tree::read();
    let packages = packages(&tree);
    let ours: BTreeSet<&str> = packages.keys().map(String::as_str).collect();
    let known: BTreeSet<&str> = ARROWS
        .iter()
        .map(|(name, _)| *name)
        .chain(["tests"])
        .collect();
    assert_eq!(ours, known, "the crates of the workspace");
    for (name, allowed) in ARROWS {
        for section in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let named = keys(&packages[name].1, section);
            for other in named.iter().filter(|other| ours.contains(other.as_str())) {
                let is_allowed = allowed.contains(&other.as_str());
                assert!(is_allowed, "{name} must not have {other} in its {section}");
            }
        }
    }
    for folder in SYNCHRONOUS {
        let name = folder.trim_start_matches("crates/");
        let dependencies = keys(&packages[name].1, "dependencies");
        assert!(
            !dependencies.contains("tokio"),
            "{name} must not depend on tokio"
        );
    }
}

#[test]
fn every_source_file_says_what_it_is_for() {
    let tree = Tree::read();
    for (path, text) in tree.with_ending("rs") {
        let path = path.display();
        let first = text.lines().next().unwrap_or_default();
        let says = first
            .strip_prefix("//! ")
            .is_some_and(|says| !says.is_empty());
        assert!(
            says,
            "{path} must open with `//!` and a sentence, not with `{first}`"
        );
        let has_code = code_lines(text).any(|(_, line)| !line.trim().is_empty());
        assert!(has_code, "{path} says what it is for, and is empty");
        let lines = text.lines().count();
        assert!(
            lines <= FILE_LINES_MAX,
            "{path} has {lines} lines: split it"
        );
        assert!(text.ends_with('\n'), "{path} must end with a line end");
    }
}

#[test]
fn machines_and_storage_are_not_async() {
    let tree = Tree::read();
    for (path, text) in tree.with_ending("rs") {
        if !SYNCHRONOUS.iter().any(|folder| path.starts_with(folder)) {
            continue;
        }
        for (number, line) in code_lines(text) {
            let words = line.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
            let is_async = words
                .into_iter()
                .any(|word| word == "async" || word == "await");
            assert!(!is_async, "{}:{number}: {line}", path.display());
        }
    }
}

#[test]
fn nothing_is_unfinished_or_unwrapped() {
    let tree = Tree::read();
    let unfinished = [
        concat!("to", "do!("),
        concat!("unimple", "mented!("),
        concat!("#[ig", "nore"),
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("dbg", "!("),
    ];
    let unwrapped = [concat!(".unw", "rap()"), concat!(".unw", "rap_err()")];
    for (path, text) in tree.with_ending("rs") {
        for (number, line) in text.lines().enumerate() {
            for word in unfinished {
                assert!(
                    !line.contains(word),
                    "{}:{}: {word}",
                    path.display(),
                    number + 1
                );
            }
        }
        if is_test(path) {
            continue;
        }
        for (number, line) in code_lines(text) {
            for word in unwrapped {
                assert!(!line.contains(word), "{}:{number}: {word}", path.display());
            }
        }
    }
}

#[test]
fn no_file_knows_the_machine_it_was_written_on() {
    let tree = Tree::read();
    let machine = [
        concat!("/wo", "rk/"),
        concat!("/ro", "ot/"),
        concat!("/ho", "me/"),
        concat!("/Us", "ers/"),
    ];
    for (path, text) in tree.files() {
        for (number, line) in text.lines().enumerate() {
            for place in machine {
                assert!(
                    !line.contains(place),
                    "{}:{}: {place}",
                    path.display(),
                    number + 1
                );
            }
        }
    }
}

/// The packages of the workspace: folder and manifest by name.
fn packages(tree: &Tree) -> BTreeMap<String, (String, Table)> {
    let manifests = tree
        .with_ending("toml")
        .filter(|(path, _)| path.ends_with("Cargo.toml"))
        // Fuzz targets are workspaces of their own, each around the one crate that it lies in.
        .filter(|(path, _)| !path.ends_with("fuzz/Cargo.toml"));
    manifests
        .filter_map(|(path, text)| {
            let manifest = text.parse::<Table>().expect("a manifest is TOML");
            // Fuzz targets are a workspace of their own: they need nightly.
            if manifest.contains_key("workspace") {
                return None;
            }
            let name = manifest.get("package")?["name"].as_str()?.to_owned();
            let folder = path.parent()?.display().to_string();
            Some((name, (folder, manifest)))
        })
        .collect()
}

fn keys(manifest: &Table, section: &str) -> BTreeSet<String> {
    let table = manifest.get(section).and_then(|section| section.as_table());
    table
        .map(|table| table.keys().cloned().collect())
        .unwrap_or_default()
}

/// Lines that are not comments, with their numbers from 1.
fn code_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let numbered = text
        .lines()
        .enumerate()
        .map(|(index, line)| (index + 1, line));
    numbered.filter(|(_, line)| !line.trim_start().starts_with("//"))
}

pub(crate) fn is_test(path: &Path) -> bool {
    let is_tests_folder = |part: Component<'_>| part.as_os_str() == "tests";
    path.ends_with("tests.rs")
        || path.ends_with("testing.rs")
        || path.components().any(is_tests_folder)
}

/// style.md: rarely above 600.
const FILE_LINES_MAX: usize = 600;
