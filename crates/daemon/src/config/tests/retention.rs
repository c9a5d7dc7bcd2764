//! `[retention]` and `erase_text_after`.

use std::time::Duration;

use store::Retention;

use super::{LEAST, check, parse};

#[test]
fn the_defaults_keep_two_months_and_all_texts_but_those_of_codes() {
    let day = Duration::from_secs(86_400);
    let expected = Retention {
        messages: Some(60 * day),
        events: Some(30 * day),
        reports: Some(30 * day),
        octets_max: None,
        erase_text_after: [Some(Duration::ZERO), None, None],
        erase_recipients: false,
    };
    assert_eq!(parse(LEAST).unwrap().retention, expected);
}

#[test]
fn everything_can_be_said() {
    let text = "[retention]\nmessages = \"forever\"\nevents = \"7d\"\nreports = \"forever\"\nmax_size_mib = 3\n\
                erase_recipients = true\n[class.otp]\nerase_text_after = \"never\"\n[class.bulk]\n\
                erase_text_after = \"2h\"";
    let expected = Retention {
        messages: None,
        events: Some(Duration::from_secs(7 * 86_400)),
        reports: None,
        octets_max: Some(3 << 20),
        erase_text_after: [None, None, Some(Duration::from_secs(7200))],
        erase_recipients: true,
    };
    let config = parse(&format!("{text}\n{LEAST}")).unwrap();
    assert_eq!(config.retention, expected);
}

#[test]
fn what_can_not_be_kept_so_is_refused() {
    check(
        "[retention]\nmessages = \"6d\"\nevents = \"never\"\nmax_size_mib = -1\nerase_recipients = 1",
        &[
            "simfleet.toml:2: retention.messages: `6d` is out of range; allowed: 7d to 3650d",
            "simfleet.toml:3: retention.events: `never` is not a duration: write a number and a unit (ms, s, m, h, d), \
             such as 90s, 5m or 1h30m; allowed: 1d to 3650d",
            "simfleet.toml:4: retention.max_size_mib: -1 is out of range; allowed: 0 to 16777216 MiB",
            "simfleet.toml:5: retention.erase_recipients: is an integer, and must be true or false",
        ],
    );
}
