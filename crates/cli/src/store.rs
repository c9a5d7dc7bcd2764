//! `store`: check, backup and export of the store that a configuration names. Needs no daemon.

use std::io::{self, BufWriter};

use daemon::upkeep::{self, CheckReport, ExportError, OpenError};

use crate::args::StoreAction;
use crate::failure::Failure;
use crate::output::Output;
use crate::run::load;

/// Does what is wanted.
pub(crate) fn store(out: &mut Output, action: StoreAction) -> Result<(), Failure> {
    match action {
        StoreAction::Check { config } => {
            let dir = load(&config.config)?.state_dir;
            let report = upkeep::check(&dir).map_err(unusable)?;
            tell(out, &report)
        }
        StoreAction::Backup { config, to } => {
            let dir = load(&config.config)?.state_dir;
            let octets = upkeep::backup(&dir, &to).map_err(unusable)?;
            if out.is_json() {
                return out.object(&serde_json::json!({ "file": to, "bytes": octets }));
            }
            out.line(format_args!(
                "{}: {} MiB",
                to.display(),
                octets.div_ceil(1 << 20)
            ))
        }
        StoreAction::Export { config } => {
            let dir = load(&config.config)?.state_dir;
            let mut stdout = BufWriter::new(io::stdout().lock());
            match upkeep::export(&dir, &mut stdout) {
                Ok(_) => Ok(()),
                Err(ExportError::Open(error)) => Err(unusable(error)),
                Err(ExportError::Store(error)) => Err(Failure::Daemon {
                    code: daemon::RunError::from(error).exit_code(),
                    said: "the export is not complete".to_owned(),
                }),
                Err(ExportError::Write(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
                    Err(Failure::ReaderGone)
                }
                Err(ExportError::Write(error)) => Err(Failure::Output(error)),
            }
        }
    }
}

fn tell(out: &mut Output, report: &CheckReport) -> Result<(), Failure> {
    let CheckReport {
        faults,
        messages,
        open,
        records,
        last_seq,
    } = report;
    if out.is_json() {
        out.object(&serde_json::json!({
            "faults": faults, "messages": messages, "open": open, "records": records, "last_event": last_seq,
        }))?;
    } else if faults.is_empty() {
        out.line(format_args!(
            "the store is sound: {messages} messages, {open} of them open, {records} records of what became of them"
        ))?;
    } else {
        for fault in faults {
            out.line(format_args!("{fault}"))?;
        }
        out.line(format_args!(
            "the store is damaged: stop the daemon, keep a copy of its state_dir, and restore a backup (see `simfleet store --help`)"
        ))?;
    }
    if faults.is_empty() {
        Ok(())
    } else {
        Err(Failure::Told(DAMAGED))
    }
}

fn unusable(error: OpenError) -> Failure {
    let said = error.to_string();
    Failure::Daemon {
        code: daemon::RunError::from(error).exit_code(),
        said,
    }
}

const DAMAGED: u8 = 5;
