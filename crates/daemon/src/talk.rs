//! What an operator asks of one line, and the answer: handed over by the API, carried out by the line's task.

use modem::{ManualAnswer, ManualCommand, UssdAct, UssdAnswer};
use tokio::sync::oneshot;

/// One thing asked of a line.
#[derive(Debug)]
pub(crate) struct Talk {
    pub(crate) ask: Ask,
    pub(crate) answer: oneshot::Sender<Result<Said, Unsaid>>,
}

#[derive(Clone, Debug)]
pub(crate) enum Ask {
    /// A USSD code, a reply, or the end of a dialogue.
    Ussd(UssdAct),
    /// A command of the operator's own.
    Manual(ManualCommand),
}

/// What came back.
#[derive(Clone, Debug)]
pub(crate) enum Said {
    Ussd(UssdAnswer),
    Manual(ManualAnswer),
}

/// Why nothing was said, or the dialogue broken off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unsaid {
    /// The line has no SIM that works, or its port is closed.
    NotReady,
    /// Something else goes on, and has not ended in time.
    Busy,
    /// There is no menu to answer.
    NoMenu,
    /// A code needed the SIM.
    GaveWay,
}

impl Talk {
    /// Answers. A caller who has gone needs no answer.
    pub(crate) fn reply(self, answer: Result<Said, Unsaid>) {
        let _ = self.answer.send(answer);
    }
}
