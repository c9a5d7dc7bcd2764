//! What SIMs may send: every key, and what is said about values that can't be.

use gateway::{BillingDay, Calendar, Cost, Hours, UnixMs};

use super::*;

#[test]
fn every_key_reaches_the_budget_and_a_card_takes_over_what_it_leaves_out() {
    let text = r#"
[[lines]]
path = "/dev/null"
[sims.default]
per_life = 1000
recipients_per_month = 250
otp_share = 10
time_zone = "Europe/Berlin"
reset_at = "06:30"
billing_day = "last"
hours = ["06:00-22:00"]
contract = "examplenet 4711"
contract_until = "2027-06-30"
cost = 9
cheap_cost = 2
cheap_hours = ["20:00-06:00", "12:00-24:00"]
[[sims]]
iccid = "8949020000001234567"
per_day = 5
billing_day = 28
hours = []
[[routes]]
name = "replies"
rotation = "sticky"
sticky_wait = "2m"
"#;
    let config = parse(text).unwrap();
    let default = &config.settings().sims_default;
    let budget = &default.budget;
    assert_eq!(
        (budget.per_life, budget.recipients_per_month),
        (Some(1000), Some(250))
    );
    assert_eq!(budget.otp_share, 10);
    let berlin = Calendar {
        zone: Calendar::zone_of("Europe/Berlin").unwrap(),
        reset_min: 390,
        billing_day: BillingDay::Last,
    };
    assert_eq!(budget.calendar, berlin);
    let hours = |from_min, to_min| Hours { from_min, to_min };
    assert_eq!(budget.hours, [hours(360, 1320)]);
    // The midnight after the last day, in summer time.
    assert_eq!(budget.ends, Some(UnixMs(1_814_392_800_000)));
    let cost = Cost {
        part: 9,
        cheap: 2,
        cheap_hours: vec![hours(1200, 360), hours(720, 1440)],
    };
    assert_eq!(default.cost, cost);
    let card = &config.settings().sims[&Iccid("8949020000001234567".into())];
    assert_eq!(card.budget.limits[2], Some(5));
    assert_eq!(card.budget.hours, []);
    let of_card = Calendar {
        billing_day: BillingDay::Day(28),
        ..berlin
    };
    assert_eq!(card.budget.calendar, of_card);
    assert_eq!((&card.contract, &card.cost), (&default.contract, &cost));
    let route = &config.settings().routes[0];
    let sticky = (Rotation::Sticky, Duration::from_secs(120));
    assert_eq!((route.rotation, route.sticky_wait), sticky);
}

#[test]
fn what_cannot_be_is_told_with_what_can() {
    let check = |key: &str, expected: &str| {
        let text = format!("[[lines]]\npath = \"/dev/null\"\n[sims.default]\nper_day = 1\n{key}\n");
        check_whole(
            &text,
            &[&format!("simfleet.toml:5: sims.default.{expected}")],
        );
    };
    check(
        "per_life = 0",
        "per_life: 0 is out of range; allowed: 1 to 1000000000 parts",
    );
    check(
        "recipients_per_month = 100_001",
        "recipients_per_month: 100001 is out of range; allowed: 1 to 100000 recipients",
    );
    check(
        "otp_share = 101",
        "otp_share: 101 is out of range; allowed: 0 to 100 percent",
    );
    check(
        "time_zone = \"Europe/Atlantis\"",
        "time_zone: `Europe/Atlantis` is not a zone of the IANA: write one such as \"Europe/Berlin\" or \"UTC\"",
    );
    for time in ["24:00", "7:00", "07:60", "07.00", "-1:00", "+7:00"] {
        check(
            &format!("reset_at = \"{time}\""),
            &format!(
                "reset_at: `{time}` is not a time of day: write one from \"00:00\" to \"23:59\""
            ),
        );
    }
    check(
        "billing_day = 29",
        "billing_day: 29 is out of range; allowed: 1 to 28 (day of the month), or \"last\"",
    );
    for span in ["06:00", "06:00-06:00", "24:00-06:00", "06:00-25:00"] {
        check(
            &format!("hours = [\"{span}\"]"),
            &format!(
                "hours: `{span}` is no span of a day: write two different times, as in \"06:00-22:00\", or over \
                 midnight \"20:00-06:00\""
            ),
        );
    }
    check("contract = \"\"", "contract: must have 1 to 80 characters");
    check(
        "contract_until = \"2027-02-29\"",
        "contract_until: `2027-02-29` is not a day: write one as in \"2027-12-31\"",
    );
    check(
        "cheap_cost = 1",
        "cheap_cost: nothing says when a part costs that: add cheap_hours",
    );
    check(
        "cheap_hours = [\"20:00-06:00\"]",
        "cheap_hours: says when a part is cheap, and nothing says how cheap: add cheap_cost",
    );
}
