//! What the network says by itself stays with its SIM, and does not pile up.

use super::*;

#[test]
fn words_stay_with_the_sim_and_the_oldest_go() {
    let board = Board::default();
    board.add(
        "line000",
        LineId(0),
        Path::new("/dev/x"),
        UnixMs(0),
        Arc::new(SendQueue::new()),
    );
    let say = |sim: Option<usize>, at: i64| {
        board.update("line000", |status| status.sim = sim.map(card));
        let text = format!("Left: {at}").into();
        board.network_said(
            "line000",
            NetworkSaid {
                text,
                at: UnixMs(at),
            },
        );
    };
    // Before the SIM is known, and on a line that is gone, nothing is kept.
    say(None, 1);
    let (text, at) = ("x".into(), UnixMs(1));
    board.network_said("line001", NetworkSaid { text, at });
    assert!(board.said.is_empty());
    say(Some(0), 1);
    say(Some(1), 2);
    say(Some(0), 3);
    let told = |sim| board.said_to(&card(sim)).map(|said| said.at.0);
    assert_eq!([told(0), told(1), told(2)], [Some(3), Some(2), None]);
    (2..=SAID_MAX).for_each(|sim| say(Some(sim), 10 + sim as i64));
    assert_eq!(board.said.len(), SAID_MAX);
    assert_eq!(
        [told(0), told(1), told(SAID_MAX)],
        [Some(3), None, Some(10 + SAID_MAX as i64)]
    );
}

fn card(number: usize) -> Iccid {
    Iccid(number.to_string().into())
}
