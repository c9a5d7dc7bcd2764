//! The binaries under test: built once per test run, in the profile of the tests, and found where cargo says they are.
//!
//! Cargo names a binary to tests of the same package only (`CARGO_BIN_EXE_…`), and `cargo test --workspace` does not
//! build binaries of packages without integration tests. So cargo is asked; when all is built already that is quick.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use crate::tree::repository;

/// A program of this workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Binary {
    /// `simfleet`: the daemon and its command line.
    Simfleet,
    /// `hw-sim`: the simulator.
    HwSim,
    /// `send_code`: the example of the crate `client`.
    ClientExample,
}

impl Binary {
    fn name(self) -> &'static str {
        match self {
            Binary::Simfleet => "simfleet",
            Binary::HwSim => "hw-sim",
            Binary::ClientExample => "send_code",
        }
    }
}

/// Where a binary is; the first call builds all of them.
///
/// # Panics
/// When they do not build.
pub fn binary(binary: Binary) -> PathBuf {
    // A failure is kept as well: one build that fails is enough for all tests.
    static BUILT: OnceLock<Option<BTreeMap<String, PathBuf>>> = OnceLock::new();
    let built = BUILT.get_or_init(build).as_ref();
    built
        .expect("the binaries build; cargo says above what is wrong")
        .get(binary.name())
        .unwrap_or_else(|| panic!("cargo built no binary called {}", binary.name()))
        .clone()
}

fn build() -> Option<BTreeMap<String, PathBuf>> {
    let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .current_dir(repository())
        .args(["build", "--offline", "--bins", "--examples", "--workspace"])
        .args(["--message-format=json-render-diagnostics", "--profile"])
        .arg(profile())
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .expect("cargo can be started");
    if !output.status.success() {
        return None;
    }
    let messages = String::from_utf8(output.stdout).expect("cargo writes UTF-8");
    let executable = |line: &str| {
        let message: serde_json::Value = serde_json::from_str(line).ok()?;
        let name = message["target"]["name"].as_str()?;
        let path = message["executable"].as_str()?;
        Some((name.to_owned(), PathBuf::from(path)))
    };
    Some(messages.lines().filter_map(executable).collect())
}

/// The profile of this program: a test is `target/…/<profile folder>/deps/it-…`, a binary `target/…/<profile folder>/crash`.
fn profile() -> String {
    let executable = std::env::current_exe().expect("a process knows its executable");
    let folders = executable.ancestors().skip(1);
    let mut names = folders.filter_map(|folder| folder.file_name()?.to_str());
    match names.find(|name| *name != "deps") {
        Some("debug") | None => "dev".to_owned(),
        Some(profile) => profile.to_owned(),
    }
}
