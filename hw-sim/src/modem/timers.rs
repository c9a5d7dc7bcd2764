//! The timers of a modem, each with a sentence.

use std::time::Instant;

/// What a modem may wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Timer {
    /// A late prompt is printed.
    Prompt,
    /// A restarted modem speaks again.
    Boot,
    /// The modem has looked around and asks the network in.
    Register,
    /// The answer to a USSD request comes.
    Ussd,
    /// The host had to acknowledge a routed message by now (3GPP TS 27.005 §3.4.4).
    Acknowledge,
    /// Messages can be sent from now on.
    Ready,
    /// A call rings again, or the caller gives up.
    Ring,
    /// A link that was kept for the next message is given up (3GPP TS 27.005 §3.5.6).
    Link,
    /// The late `OK` to an ESC.
    Escape,
    /// The late answer to a submission.
    Answer,
    /// A model that floods its host says the next line.
    Flood,
    /// A model that restarts when nothing is written restarts.
    Idle,
    /// Fault: an unsolicited line.
    Noise,
    /// Fault: random bytes.
    Garbage,
    /// Fault: a restart.
    Reboot,
    /// Fault: the port vanishes.
    Unplug,
}

impl Timer {
    const ALL: [Timer; 16] = [
        Timer::Prompt,
        Timer::Boot,
        Timer::Register,
        Timer::Ussd,
        Timer::Acknowledge,
        Timer::Ready,
        Timer::Ring,
        Timer::Link,
        Timer::Escape,
        Timer::Answer,
        Timer::Flood,
        Timer::Idle,
        Timer::Noise,
        Timer::Garbage,
        Timer::Reboot,
        Timer::Unplug,
    ];

    pub(super) fn reason(self) -> &'static str {
        match self {
            Timer::Prompt => "late prompt",
            Timer::Boot => "boot ends",
            Timer::Register => "search ends",
            Timer::Ussd => "USSD answer",
            Timer::Acknowledge => "acknowledgement is overdue",
            Timer::Ready => "messages become possible",
            Timer::Ring => "call rings",
            Timer::Link => "kept link is given up",
            Timer::Escape => "late OK to ESC",
            Timer::Answer => "late answer",
            Timer::Flood => "flood",
            Timer::Idle => "idle for too long",
            Timer::Noise => "noise",
            Timer::Garbage => "garbage",
            Timer::Reboot => "spontaneous restart",
            Timer::Unplug => "port vanishes",
        }
    }
}

/// At most one instant per timer.
#[derive(Debug, Default)]
pub(super) struct Timers {
    due: [Option<Instant>; Timer::ALL.len()],
    next: Option<(Instant, Timer)>,
}

impl Timers {
    /// Sets or clears a timer.
    pub(super) fn set(&mut self, timer: Timer, at: Option<Instant>) {
        self.due[timer as usize] = at;
        self.next = Timer::ALL
            .into_iter()
            .filter_map(|timer| Some((self.due[timer as usize]?, timer)))
            .min_by_key(|(at, _)| *at);
    }

    pub(super) fn is_set(&self, timer: Timer) -> bool {
        self.due[timer as usize].is_some()
    }

    pub(super) fn next(&self) -> Option<(Instant, Timer)> {
        self.next
    }

    /// Clears and returns the earliest timer that is due.
    pub(super) fn take_due(&mut self, now: Instant) -> Option<Timer> {
        let (_, timer) = self.next.filter(|(at, _)| *at <= now)?;
        self.set(timer, None);
        Some(timer)
    }
}
