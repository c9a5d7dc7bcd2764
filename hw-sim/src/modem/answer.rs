//! How a modem speaks: information lines, final results, unsolicited lines (ITU-T V.250 §5.7, 3GPP TS 27.007 §9).
//!
//! Formatting only; who may speak when is the phases' business, except that unsolicited lines wait while editing.

use super::{Effects, Phase, SimModem};

/// How a command ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Final {
    Ok,
    Error,
    /// `+CME ERROR`, or plain `ERROR`, as `+CMEE` says.
    Cme(u16),
    /// `+CMS ERROR`, whatever `+CMEE` says.
    Cms(u16),
    /// No result yet.
    Later,
}

impl SimModem {
    /// One information line.
    pub(super) fn info(&self, text: &str, out: &mut Effects) {
        if self.at.verbose {
            out.host.extend_from_slice(b"\r\n");
        }
        out.host.extend_from_slice(text.as_bytes());
        out.host.extend_from_slice(b"\r\n");
    }

    /// The final result of a command line.
    pub(super) fn finish(&self, result: Final, out: &mut Effects) {
        if self.at.quiet {
            return;
        }
        match result {
            Final::Ok => self.result("OK", "0", out),
            Final::Cme(code) if self.at.cmee == 1 => self.info(&format!("+CME ERROR: {code}"), out),
            Final::Cme(code) if self.at.cmee == 2 => {
                self.info(&format!("+CME ERROR: {}", cme_text(code)), out)
            }
            Final::Error | Final::Cme(_) => self.result("ERROR", "4", out),
            Final::Cms(code) if self.at.cmee == 2 => {
                self.info(&format!("+CMS ERROR: {}", cms_text(code)), out)
            }
            Final::Cms(code) => self.info(&format!("+CMS ERROR: {code}"), out),
            Final::Later => {}
        }
    }

    /// An unsolicited line, which may contain a line break; held back while a PDU is being entered.
    pub(super) fn unsolicited(&mut self, text: &str, out: &mut Effects) {
        let to = match self.phase {
            Phase::Booting => return,
            Phase::Editing { .. } if self.held.len() + text.len() > HELD_OCTETS_MAX => return,
            Phase::Editing { .. } => &mut self.held,
            Phase::Command | Phase::Prompting { .. } | Phase::OnAir { .. } => &mut out.host,
        };
        for piece in ["\r\n", text, "\r\n"] {
            to.extend_from_slice(piece.as_bytes());
        }
    }

    /// Lets the held lines go.
    pub(super) fn release_held(&mut self, out: &mut Effects) {
        out.host.append(&mut self.held);
    }

    fn result(&self, verbose: &str, numeric: &str, out: &mut Effects) {
        if self.at.verbose {
            self.info(verbose, out);
        } else {
            out.host.extend_from_slice(numeric.as_bytes());
            out.host.push(b'\r');
        }
    }
}

/// The words of 3GPP TS 27.007 §9.2 for the codes this modem uses.
fn cme_text(code: u16) -> &'static str {
    match code {
        3 => "operation not allowed",
        4 => "operation not supported",
        10 => "SIM not inserted",
        11 => "SIM PIN required",
        12 => "SIM PUK required",
        16 => "incorrect password",
        21 => "invalid index",
        30 => "no network service",
        50 => "Incorrect parameters",
        _ => "unknown",
    }
}

/// The words of 3GPP TS 27.005 §3.2.5, as modems print them with `+CMEE=2`.
fn cms_text(code: u16) -> &'static str {
    match code {
        8 => "Operator determined barring",
        10 => "Call barred",
        21 => "Short message transfer rejected",
        28 => "Unidentified subscriber",
        38 => "Network out of order",
        41 => "Temporary failure",
        42 => "Congestion",
        47 => "Resources unavailable, unspecified",
        302 => "operation not allowed",
        303 => "operation not supported",
        304 => "Invalid PDU mode parameter",
        311 => "SIM PIN required",
        316 => "SIM PUK required",
        321 => "Invalid memory index",
        330 => "SMSC address unknown",
        331 => "no network service",
        332 => "Network timeout",
        340 => "NO +CNMA ACKNOWLEDGEMENT EXPECTED",
        _ => "Unknown error",
    }
}

/// Unsolicited lines kept while a PDU is being entered; more are lost, as in a module's small buffer.
const HELD_OCTETS_MAX: usize = 8 * 1024;
