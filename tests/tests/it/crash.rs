//! `kill -9` of the daemon at random moments under load, the modems living on, and the ledger's verdict.
//!
//! The moments are drawn from a seed; where they fall within the daemon's work is the scheduler's doing, so every round
//! is another experiment. What must hold, holds wherever they fall.

use std::collections::BTreeMap;
use std::time::Duration;

use client::{Accepted, MessageRequest, MessageView};
use tests::{Judgement, Site, SiteSettings, eventually, judge, numbered};

#[test]
fn killed_with_hold_nothing_is_lost_and_nothing_is_sent_twice() {
    let judgement = kill_again_and_again("hold", 0x5EED_0001);
    assert_eq!(judgement.duplicates, 0, "{judgement:?}");
    assert!(
        judgement.doubtful > 0,
        "the kills came at moments that prove nothing: {judgement:?}"
    );
    assert!(judgement.not_on_air <= judgement.doubtful, "{judgement:?}");
}

#[test]
fn killed_with_resend_nothing_is_lost_and_repetitions_are_counted() {
    let judgement = kill_again_and_again("resend", 0x5EED_0002);
    assert!(judgement.not_on_air <= judgement.doubtful, "{judgement:?}");
}

/// Loads and kills a daemon [`ROUNDS`] times, lets the last one finish, and judges.
fn kill_again_and_again(policy: &str, seed: u64) -> Judgement {
    let site = Site::new(SiteSettings {
        lines: 16,
        sms_time: Duration::from_millis(100),
        report_delay: Duration::from_millis(50)..=Duration::from_millis(400),
        seed,
        ..SiteSettings::default()
    });
    let mut draws = Draws(seed);
    let mut answered: BTreeMap<usize, Accepted> = BTreeMap::new();
    for round in 0..ROUNDS {
        let daemon = site.start();
        let numbers = round * PER_ROUND..(round + 1) * PER_ROUND;
        let before = site.parts_on_air();
        std::thread::scope(|scope| {
            let app = scope.spawn(|| hand_over(&site, policy, numbers, round % 2 == 0));
            // Sometimes while messages come in and lines wake up, sometimes deep in the work.
            let parts = before + draws.below(PER_ROUND as u64);
            eventually("parts are on the air", || {
                (site.parts_on_air() >= parts).then_some(())
            });
            std::thread::sleep(Duration::from_millis(draws.below(150)));
            daemon.kill();
            answered.extend(app.join().expect("the app does not fail"));
        });
    }
    let daemon = site.start();
    let stories = finish(&site, policy, &answered);
    let judgement = judge(&site.ledger(), &site.api().events(0), &stories);
    for (_, story) in &stories {
        let is_settled = ["delivered", "sent", "in_doubt", "unconfirmed"];
        assert!(
            is_settled.contains(&story.state.as_str()),
            "no message just vanishes: {story:?}"
        );
    }
    daemon.stop();
    judgement
}

/// Hands messages over, in one upload or one by one, until all are answered or the daemon is gone.
fn hand_over(
    site: &Site,
    policy: &str,
    numbers: std::ops::Range<usize>,
    at_once: bool,
) -> Vec<(usize, Accepted)> {
    let first = numbers.start;
    let messages: Vec<MessageRequest> = numbers.map(|number| keyed(number, policy)).collect();
    if at_once {
        let answers = site.api().upload(&messages).into_iter().enumerate();
        return answers
            .map(|(index, answer)| {
                (
                    first + index,
                    answer.accepted.expect("nothing is wrong with it"),
                )
            })
            .collect();
    }
    let answers = messages.iter().map(|message| site.api().try_send(message));
    let answers = answers
        .enumerate()
        .map_while(|(index, answer)| Some((first + index, answer?)));
    answers.collect()
}

/// Hands everything over once more, as an app does that does not know what was accepted, and waits until nothing is left
/// to send: each message with its story.
fn finish(
    site: &Site,
    policy: &str,
    answered: &BTreeMap<usize, Accepted>,
) -> Vec<(MessageRequest, MessageView)> {
    let api = site.api();
    let messages: Vec<MessageRequest> = (0..ROUNDS * PER_ROUND)
        .map(|number| keyed(number, policy))
        .collect();
    let accepted = api.upload_all(&messages);
    for (number, before) in answered {
        let now = &accepted[*number];
        assert!(
            now.repeated,
            "message {number} had been accepted, and is not known"
        );
        assert_eq!(
            now.id, before.id,
            "message {number} has another id than it had"
        );
    }
    let total = messages.len() as u64;
    let counts = api.counts("all is sent", |counts| counts.queued + counts.sending == 0);
    assert_eq!(
        counts.accepted, total,
        "each is in the books once: {counts:?}"
    );
    let stories = accepted.iter().map(|accepted| api.message(&accepted.id));
    messages.into_iter().zip(stories).collect()
}

/// One in eight has three parts.
fn keyed(number: usize, policy: &str) -> MessageRequest {
    let mut message = numbered(number);
    if number.is_multiple_of(8) {
        message.text += &" and there is more to say about it".repeat(10);
    }
    MessageRequest {
        key: Some(format!("crash-{number}")),
        class: Some(["otp", "notification", "bulk"][number % 3].to_owned()),
        in_doubt: Some(policy.to_owned()),
        ..message
    }
}

/// Draws from a seed (`SplitMix64`).
struct Draws(u64);

impl Draws {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % bound
    }
}

/// How often the daemon is killed.
const ROUNDS: usize = 6;
/// Messages of a round: half a second of work for the lines.
const PER_ROUND: usize = 80;
