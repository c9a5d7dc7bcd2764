//! What is wrong with a configuration: every fault at once, each with its place and what is allowed instead.
//!
//! Values of secrets (tokens) never get into a fault.

use std::fmt;
use std::path::{Path, PathBuf};

/// All faults of one configuration file, in the order of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigErrors {
    origin: PathBuf,
    faults: Vec<Fault>,
}

/// One fault.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Fault {
    /// Line in the file, from 1; `None` if the file as a whole is at fault.
    pub line: Option<usize>,
    /// The key, with the names of its sections: `class.otp.expires_in`, `lines[2].path`. Empty if no key is at fault.
    pub key: String,
    /// What is wrong.
    pub what: String,
    /// What is allowed instead, where that can be listed.
    pub allowed: Option<String>,
}

impl ConfigErrors {
    pub(crate) fn new(origin: &Path, mut faults: Vec<Fault>) -> ConfigErrors {
        faults.sort_by_key(|fault| fault.line);
        ConfigErrors {
            origin: origin.to_owned(),
            faults,
        }
    }

    /// The file.
    pub fn origin(&self) -> &Path {
        &self.origin
    }

    /// Its faults, at least one.
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }
}

impl fmt::Display for ConfigErrors {
    /// One line per fault: `file:line: key: what is wrong; allowed: …`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.faults.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{}", self.origin.display())?;
            if let Some(line) = fault.line {
                write!(f, ":{line}")?;
            }
            write!(f, ": {fault}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        f.write_str(&self.what)?;
        match &self.allowed {
            Some(allowed) => write!(f, "; allowed: {allowed}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for ConfigErrors {}
