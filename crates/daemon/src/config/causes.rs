//! The file of causes that `gateway.causes_file` names, over what is built in. What it means is the gateway's business.

use std::path::Path;
use std::sync::Arc;

use gateway::Causes;

use super::files::read_text;

/// Reads the file; every fault in one text, with the file's lines.
pub(super) fn read(path: &Path) -> Result<Arc<Causes>, String> {
    let shown = path.display();
    let text = read_text(path).map_err(|error| format!("{shown} can't be read: {error}"))?;
    match Causes::parse(&text) {
        Ok(own) => Ok(Arc::new(Causes::built_in().with(own))),
        Err(faults) => {
            let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
            Err(format!("{shown}: {}", faults.join("; ")))
        }
    }
}
