//! The PINs of `pin_file` keys: which belongs to whom. Read from files that their owner alone can read, and never shown.

use std::collections::BTreeMap;
use std::path::Path;

use modem::{Iccid, Pin, PinScope};

use super::LineConfig;
use super::files::read_secret;
use super::section::Section;

/// All configured PINs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Pins {
    /// Of SIMs, by their ICCID.
    pub(crate) sims: BTreeMap<Iccid, Pin>,
    /// Of lines, by their entries, in the order of the file.
    pub(crate) lines: Vec<(LineConfig, Pin)>,
}

impl Pins {
    /// The PIN for a SIM in the line on this port; the SIM's own one first.
    pub(crate) fn find(&self, sim: &Iccid, port: &Path) -> Option<(&Pin, PinScope)> {
        let own = self.sims.get(sim).map(|pin| (pin, PinScope::Sim));
        own.or_else(|| {
            let mut lines = self.lines.iter();
            let found = lines.find(|(entry, _)| entry.covers(port));
            found.map(|(_, pin)| (pin, PinScope::Line))
        })
    }
}

/// Reads the PIN of a `pin_file` key, if there is one.
pub(super) fn read_key(section: &mut Section<'_, '_>) -> Option<Pin> {
    let found = section.text("pin_file")?;
    match read(Path::new(found.value)) {
        Ok(pin) => Some(pin),
        Err(what) => {
            section.fault(Some(found.at), "pin_file", what);
            None
        }
    }
}

/// Reads a file that holds a PIN and nothing else.
///
/// # Errors
/// What is wrong with the file, without its contents.
fn read(path: &Path) -> Result<Pin, String> {
    let shown = path.display();
    if !path.is_absolute() {
        return Err(format!(
            "`{shown}` is not an absolute path: it must begin with /"
        ));
    }
    let text = read_secret(path)?;
    Pin::parse(text.trim())
        .ok_or_else(|| format!("{shown} holds no PIN: write its 4 to 8 digits and nothing else"))
}
