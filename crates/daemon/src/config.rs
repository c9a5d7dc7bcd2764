//! What an operator configures: read from TOML as a whole, or refused as a whole with every fault.
//!
//! Every key is documented in `config/simfleet.toml`. Nothing here touches a port, a socket or the store; of the world it
//! reads only the file itself and those that it names.

mod apps;
mod budgets;
mod causes;
mod faults;
mod file;
mod files;
mod fleet;
mod guards;
mod hours;
mod hubs;
mod pins;
mod profiles;
mod retention;
mod section;
mod tokens;
mod webhooks;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use gateway::Settings;
pub use gateway::{CauseEntry, Causes};
use modem::ProfileChoice;
use store::Retention;

use crate::port::tcp;
pub use faults::{ConfigErrors, Fault};
pub(crate) use files::read_secret;
pub(crate) use hubs::HUBS_MAX;
pub use hubs::HubConfig;
pub(crate) use pins::Pins;
pub use tokens::Token;
pub use webhooks::{WebhookConfig, WebhookUrl};

/// A valid configuration.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// The file it came from; read again on reload.
    pub origin: PathBuf,
    /// Folder of the store.
    pub state_dir: PathBuf,
    /// Free space in `state_dir`, in MiB, below which messages are refused.
    pub min_free_disk_mib: u64,
    /// What is kept for how long.
    pub retention: Retention,
    /// Who may talk to the daemon, and where.
    pub api: ApiConfig,
    /// Where Prometheus scrapes over TCP; `None`: only on the API.
    pub metrics_listen: Option<SocketAddr>,
    /// Ports, in the order of the file.
    pub lines: Vec<LineConfig>,
    /// Hubs whose power can be cut, in the order of the file.
    pub hubs: Vec<HubConfig>,
    /// Servers that events are pushed to, in the order of the file.
    pub webhooks: Vec<WebhookConfig>,
    pub(crate) pins: Pins,
    settings: Settings,
}

/// Where the API listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiConfig {
    /// Path of the Unix socket.
    pub socket: PathBuf,
    /// Permissions of the Unix socket.
    pub socket_mode: u32,
    /// TCP address, if the API is to be reached over TCP too.
    pub listen: Option<SocketAddr>,
    /// One of these must come with each request over TCP; empty: none is asked for.
    pub tokens: Vec<Token>,
}

/// One `[[lines]]` entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineConfig {
    /// Path of a port, a pattern that finds several, or `tcp://host:port`.
    pub path: String,
    /// Name of the line; with a pattern, what stands before the names of its ports.
    pub name: Option<String>,
    /// Bits per second.
    pub baud: u32,
    /// The peculiarities of its modem, or how they are found.
    pub profile: ProfileChoice,
}

impl Config {
    /// Reads a configuration file.
    ///
    /// # Errors
    /// Every fault of the file; or that it can't be read.
    pub fn load(path: &Path) -> Result<Config, ConfigErrors> {
        match files::read_text(path) {
            Ok(text) => Config::parse(&text, path),
            Err(error) => {
                let what = format!("can't be read: {error}");
                let fault = Fault {
                    line: None,
                    key: String::new(),
                    what,
                    allowed: None,
                };
                Err(ConfigErrors::new(path, vec![fault]))
            }
        }
    }

    /// Reads a configuration from text; `origin` is the file that errors name.
    ///
    /// # Errors
    /// Every fault of the text.
    pub fn parse(text: &str, origin: &Path) -> Result<Config, ConfigErrors> {
        file::read(text, origin).map_err(|faults| ConfigErrors::new(origin, faults))
    }

    /// What the gateway is told.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// What refuses this configuration as a whole, under the key that is to blame.
    pub(crate) fn refused(&self, key: &str, why: &impl std::fmt::Display) -> ConfigErrors {
        let fault = Fault {
            line: None,
            key: key.to_owned(),
            what: why.to_string(),
            allowed: None,
        };
        ConfigErrors::new(&self.origin, vec![fault])
    }

    /// What is no fault, but worth a look: patterns and paths that find no port now.
    pub fn warnings(&self) -> Vec<String> {
        let entries = self.lines.iter().filter(|line| line.paths().is_empty());
        entries
            .map(|line| {
                format!(
                    "{}: no port is there now; the daemon looks again every few seconds",
                    line.path
                )
            })
            .collect()
    }

    /// Whether a running daemon with this configuration can take `new` over.
    ///
    /// # Errors
    /// The keys that can't change while it runs.
    pub(crate) fn reload_to(&self, new: &Config) -> Result<(), ConfigErrors> {
        let fixed = [
            ("gateway.state_dir", self.state_dir == new.state_dir),
            ("api.socket", self.api.socket == new.api.socket),
            (
                "api.socket_mode",
                self.api.socket_mode == new.api.socket_mode,
            ),
            ("api.listen", self.api.listen == new.api.listen),
            ("metrics.listen", self.metrics_listen == new.metrics_listen),
        ];
        let faults: Vec<Fault> = fixed
            .iter()
            .filter(|(_, same)| !same)
            .map(|(key, _)| Fault {
                line: None,
                key: (*key).to_owned(),
                what: "can't change while the daemon runs: restart it".to_owned(),
                allowed: None,
            })
            .collect();
        if faults.is_empty() {
            Ok(())
        } else {
            Err(ConfigErrors::new(&new.origin, faults))
        }
    }
}

impl LineConfig {
    /// Whether the path is `tcp://host:port`.
    pub fn is_network(&self) -> bool {
        self.path.starts_with(tcp::SCHEME)
    }

    /// Whether the path is a pattern.
    pub fn is_pattern(&self) -> bool {
        !self.is_network() && self.path.contains(['*', '?', '['])
    }

    /// The ports that are there now, sorted. A plain path is there if anything is; whether a serial server is there, only
    /// a connection can tell.
    pub fn paths(&self) -> Vec<PathBuf> {
        if !self.is_pattern() {
            let path = PathBuf::from(&self.path);
            return if self.is_network() || path.exists() {
                vec![path]
            } else {
                Vec::new()
            };
        }
        let found = glob::glob(&self.path).expect("patterns are checked when the file is read");
        // An unreadable folder finds nothing; the next scan looks again.
        found
            .filter_map(Result::ok)
            .filter(|path| !path.is_dir())
            .collect()
    }

    /// Whether a port is one of this entry's.
    pub(crate) fn covers(&self, port: &Path) -> bool {
        if !self.is_pattern() {
            return port.as_os_str() == self.path.as_str();
        }
        let pattern =
            glob::Pattern::new(&self.path).expect("patterns are checked when the file is read");
        let options = glob::MatchOptions {
            require_literal_separator: true,
            ..Default::default()
        };
        pattern.matches_path_with(port, options)
    }

    /// The name of the line on a port of this entry: its path below the folder that the pattern begins in, after the
    /// entry's own name.
    pub fn line_name(&self, port: &Path) -> String {
        if !self.is_pattern() {
            let file = port.file_name().unwrap_or(port.as_os_str());
            return self
                .name
                .clone()
                .unwrap_or_else(|| file.to_string_lossy().into_owned());
        }
        let fixed = self.path.find(['*', '?', '[']).unwrap_or(0);
        let folder = self.path[..fixed]
            .rfind('/')
            .map_or("", |slash| &self.path[..slash]);
        let below = port.strip_prefix(folder).unwrap_or(port).to_string_lossy();
        let below = below.trim_start_matches('/');
        match &self.name {
            Some(name) => format!("{name}/{below}"),
            None => below.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests;
