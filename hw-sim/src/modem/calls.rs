//! Voice calls: they ring, can be rejected or taken, and end. Nothing is said in them (3GPP TS 27.007 §6, §7).

use std::time::{Duration, Instant};

use super::answer::Final;
use super::command::{Command, Form};
use super::general::setting_of;
use super::timers::Timer;
use super::{Effects, SimModem};

/// A call that rings or is going on.
#[derive(Debug)]
pub(super) struct Call {
    from: String,
    rings_left: u8,
    is_taken: bool,
}

impl SimModem {
    pub(super) fn call_command(
        &mut self,
        _now: Instant,
        command: &Command<'_>,
        out: &mut Effects,
    ) -> Option<Final> {
        let form = command.form;
        Some(match command.name.as_str() {
            "H" | "+CHUP" => {
                self.end_call();
                Final::Ok
            }
            "A" => match &mut self.call {
                Some(call) => {
                    call.is_taken = true;
                    self.timers.set(Timer::Ring, None);
                    Final::Ok
                }
                None => Final::NoCarrier,
            },
            "D" => Final::NoCarrier,
            "+CLCC" => {
                if let Some(call) = &self.call {
                    let state = if call.is_taken { ACTIVE } else { INCOMING };
                    self.info(
                        &format!("+CLCC: 1,1,{state},0,0,\"{}\",145", call.from),
                        out,
                    );
                }
                Final::Ok
            }
            "+CLIP" => {
                let (now, head) = (u8::from(self.at.caller_number), "+CLIP");
                match setting_of(form, now, head, "(0,1)", &[0, 1]) {
                    Ok(shown) => {
                        if form == Form::Read {
                            self.info(&format!("{shown},1"), out);
                        } else {
                            self.info(&shown, out);
                        }
                        Final::Ok
                    }
                    Err(Some(value)) => {
                        self.at.caller_number = value == 1;
                        Final::Ok
                    }
                    Err(None) => Final::Error,
                }
            }
            "+CRC" => match setting_of(
                form,
                u8::from(self.at.extended_ring),
                "+CRC",
                "(0,1)",
                &[0, 1],
            ) {
                Ok(shown) => {
                    self.info(&shown, out);
                    Final::Ok
                }
                Err(Some(value)) => {
                    self.at.extended_ring = value == 1;
                    Final::Ok
                }
                Err(None) => Final::Error,
            },
            _ => return None,
        })
    }

    pub(super) fn incoming_call(
        &mut self,
        now: Instant,
        from: String,
        rings: u8,
        out: &mut Effects,
    ) {
        if !self.radio.is_registered() || self.call.is_some() {
            return;
        }
        self.call = Some(Call {
            from,
            rings_left: rings,
            is_taken: false,
        });
        self.ring(now, out);
    }

    /// It rings, or the caller gives up.
    pub(super) fn ring(&mut self, now: Instant, out: &mut Effects) {
        let Some(call) = &mut self.call else { return };
        let Some(left) = call.rings_left.checked_sub(1) else {
            self.end_call();
            return self.unsolicited("NO CARRIER", out);
        };
        call.rings_left = left;
        let number = format!("+CLIP: \"{}\",145,\"\",0,\"\",0", call.from);
        self.unsolicited(
            if self.at.extended_ring {
                "+CRING: VOICE"
            } else {
                "RING"
            },
            out,
        );
        if self.at.caller_number {
            self.unsolicited(&number, out);
        }
        self.timers.set(Timer::Ring, Some(now + RING_EVERY));
    }

    fn end_call(&mut self) {
        self.call = None;
        self.timers.set(Timer::Ring, None);
    }
}

/// `<stat>` of `+CLCC`.
const ACTIVE: u8 = 0;
const INCOMING: u8 = 4;
/// Between two rings.
const RING_EVERY: Duration = Duration::from_secs(3);
