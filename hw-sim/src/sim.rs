//! A SIM: identity, PIN, the TP-MR counter, and memories for messages.
//!
//! The counter and the SIM's memory belong to the card, not to the modem: they survive restarts. No file
//! system, no toolkit, no authentication.

use crate::memory::Memory;
use crate::rng::{Rng, Stream};

/// A subscription.
#[derive(Debug, Clone)]
pub struct Sim {
    /// 19 digits with check digit (ITU-T E.118).
    pub iccid: String,
    /// 15 digits.
    pub imsi: String,
    /// Own number with `+`.
    pub number: String,
    /// SMSC address in EF_SMSP, with `+`; empty when unset.
    pub smsc: String,
    /// PIN to be entered after power-up; `None` when it is switched off.
    pub pin: Option<String>,
    /// Wrong PINs still allowed; at 0 the PUK is needed.
    pub pin_tries: u8,
    /// Unblocks the card and sets a new PIN.
    pub puk: String,
    /// Wrong PUKs still allowed; at 0 the card is dead.
    pub puk_tries: u8,
    /// Prepaid credit in cents, as the network has it when the SIM comes to it.
    pub credit_cents: i64,
    /// TP-MR last used (EF_SMSS, 3GPP TS 31.102 §4.2.28).
    pub last_reference: u8,
    /// Messages stored on it; the modem it is put into keeps them while it is there. Blank for a new card.
    pub stored: Memory,
}

impl Sim {
    /// The SIM of a line. Identity depends on the line only, so that the same fleet comes back after a restart;
    /// the counter starts where the seed says, as if the card had been used before.
    pub fn of_line(line: usize, seed: u64) -> Sim {
        let mut rng = Rng::keyed(seed, Stream::Identity, line, 0);
        Sim {
            iccid: with_check_digit(&format!("894920{line:012}")),
            imsi: format!("26201{line:010}"),
            number: format!("+491555{line:07}"),
            smsc: SMSC.to_owned(),
            pin: None,
            pin_tries: PIN_TRIES,
            puk: format!("{:08}", 10_000_000 + line),
            puk_tries: PUK_TRIES,
            credit_cents: CREDIT_CENTS,
            last_reference: rng.bits().to_be_bytes()[0],
            stored: Memory::default(),
        }
    }

    /// Makes it a SIM of this operator: the IMSI begins with its country and network code (3GPP TS 23.003 §2.2).
    pub(crate) fn join(&mut self, code: &str) {
        self.imsi.replace_range(..code.len(), code);
    }

    /// The next TP-MR: one more than the last, modulo 256 (3GPP TS 23.040 §9.2.3.6).
    pub(crate) fn next_reference(&mut self) -> u8 {
        self.last_reference = self.last_reference.wrapping_add(1);
        self.last_reference
    }
}

/// An IMEI for a modem: 15 digits with check digit (3GPP TS 23.003 §6.2.1).
pub(crate) fn imei(line: usize) -> String {
    with_check_digit(&format!("86700006{line:06}"))
}

/// Appends the check digit of ISO/IEC 7812-1 (Luhn).
fn with_check_digit(digits: &str) -> String {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(place, digit)| {
            let digit = u32::from(digit - b'0');
            let weighted = if place % 2 == 0 { digit * 2 } else { digit };
            weighted / 10 + weighted % 10
        })
        .sum();
    format!("{digits}{}", (10 - sum % 10) % 10)
}

/// The network's service centre.
pub(crate) const SMSC: &str = "+491555999999";
/// 3GPP TS 31.101 §9.5: three wrong PINs block the card.
pub(crate) const PIN_TRIES: u8 = 3;
/// 3GPP TS 31.101 §9.5: ten wrong PUKs kill it.
pub(crate) const PUK_TRIES: u8 = 10;
/// Ten units of the currency.
const CREDIT_CENTS: i64 = 1_000;
