//! How a modem speaks: information lines, final results, unsolicited lines (ITU-T V.250 §5.7, 3GPP TS 27.007 §9).
//!
//! Formatting only; who may speak when is the phases' business, except that unsolicited lines wait while editing.

use super::{Effects, Phase, SimModem};
use crate::profile::Quirk;

/// How a command ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Final {
    Ok,
    Error,
    /// `NO CARRIER`: a call that did not come about.
    NoCarrier,
    /// `+CME ERROR`, or plain `ERROR`, as `+CMEE` says.
    Cme(u16),
    /// `+CMS ERROR`, whatever `+CMEE` says.
    Cms(u16),
    /// The result was already said, or is left out.
    Said,
    /// No result yet.
    Later,
}

impl SimModem {
    /// One information line, or several with line ends between them.
    pub(super) fn info(&self, text: &str, out: &mut Effects) {
        let end: &[u8] = if self.oddity.double_cr {
            b"\r\r\n"
        } else {
            b"\r\n"
        };
        if self.at.verbose {
            out.host.extend_from_slice(end);
        }
        out.host.extend_from_slice(text.as_bytes());
        out.host.extend_from_slice(end);
    }

    /// The final result of a command line.
    pub(super) fn finish(&mut self, result: Final, out: &mut Effects) {
        if self.shows(Quirk::PppGarbage) {
            out.host.extend_from_slice(PPP_FRAME);
        }
        if self.shows(Quirk::SpontaneousNoCarrier) {
            out.host.extend_from_slice(b"\r\nNO CARRIER\r\n");
        }
        if self.at.quiet {
            return;
        }
        match result {
            Final::Ok => self.result("OK", "0", out),
            Final::NoCarrier => self.result("NO CARRIER", "3", out),
            Final::Error => self.result("ERROR", "4", out),
            Final::Cme(code) => self.equipment_error(code, out),
            Final::Cms(code) if self.shows(Quirk::CmeOnSms) => self.equipment_error(code, out),
            Final::Cms(code) => {
                if self.at.cmee == 2 || self.has(Quirk::CmgsTextError) {
                    self.info(&format!("+CMS ERROR: {}", cms_text(code)), out);
                } else {
                    self.info(&format!("+CMS ERROR: {code}"), out);
                }
            }
            Final::Said | Final::Later => {}
        }
    }

    fn equipment_error(&self, code: u16, out: &mut Effects) {
        match self.at.cmee {
            0 => self.result("ERROR", "4", out),
            1 => self.info(&format!("+CME ERROR: {code}"), out),
            _ => self.info(&format!("+CME ERROR: {}", cme_text(code)), out),
        }
    }

    /// An unsolicited line, which may contain a line break; held back while a PDU or text is being entered.
    pub(super) fn unsolicited(&mut self, text: &str, out: &mut Effects) {
        if !self.oddity.port_chosen && self.has(Quirk::UrcOtherPort) {
            return;
        }
        let to = match self.phase {
            Phase::Booting | Phase::Mute => return,
            Phase::Editing if self.held.len() + text.len() > HELD_OCTETS_MAX => return,
            Phase::Editing => &mut self.held,
            Phase::Command | Phase::Prompting | Phase::OnAir { .. } => &mut out.host,
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
        13 => "SIM failure",
        14 => "SIM busy",
        16 => "incorrect password",
        21 => "invalid index",
        30 => "no network service",
        50 => "Incorrect parameters",
        58 => "alphabet not supported",
        262 => "SIM blocked",
        515 => "Please wait, init or command processing in progress",
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
        305 => "Invalid text mode parameter",
        310 => "SIM not inserted",
        311 => "SIM PIN required",
        314 => "SIM busy",
        316 => "SIM PUK required",
        321 => "Invalid memory index",
        322 => "Memory full",
        330 => "SMSC address unknown",
        331 => "no network service",
        332 => "Network timeout",
        340 => "NO +CNMA ACKNOWLEDGEMENT EXPECTED",
        _ => "Unknown error",
    }
}

/// Unsolicited lines kept while a PDU is being entered; more are lost, as in a module's small buffer.
const HELD_OCTETS_MAX: usize = 8 * 1024;
/// An LCP frame, as it comes out of a port that thinks it is in a data call.
const PPP_FRAME: &[u8] = b"~\xff}#\xc0!}!}!} }8}!}$}%\xdc}\"}&} } } } ~";
