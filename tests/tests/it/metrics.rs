//! What Prometheus is told: well formed, within bounds, and the same as the API says.

use std::collections::{BTreeMap, BTreeSet};

use client::MessageRequest;
use tests::{Site, SiteSettings, numbered};

#[test]
fn metrics_are_well_formed_and_agree_with_the_api() {
    let site = Site::new(SiteSettings::default());
    let daemon = site.start_ready();
    let api = site.api();
    let messages: Vec<MessageRequest> = (0..40)
        .map(|number| MessageRequest {
            class: Some(["otp", "notification", "bulk"][number % 3].to_owned()),
            key: Some(format!("key-of-{number}")),
            ..numbered(number)
        })
        .collect();
    let accepted = api.upload_all(&messages);
    for _ in 0..5 {
        check_sums(&scrape(&site));
    }
    api.counts("all have ended", |counts| counts.ended == 40);
    let series = scrape(&site);
    check_sums(&series);
    let status = api.status().messages;
    assert_eq!(sum(&series, "simfleet_messages_accepted_total"), 40.0);
    assert_eq!(
        value(
            &series,
            r#"simfleet_messages_ended_total{state="delivered"}"#
        ),
        40.0
    );
    assert_eq!(
        sum(&series, "simfleet_messages_ended_total"),
        status.ended as f64
    );
    assert_eq!(sum(&series, "simfleet_sim_sent_parts_total"), 40.0);
    assert_eq!(sum(&series, "simfleet_sim_delivered_parts_total"), 40.0);
    assert_eq!(sum(&series, "simfleet_sims"), 8.0);
    assert_eq!(value(&series, r#"simfleet_lines{state="ready"}"#), 8.0);

    for name in series.keys() {
        let private = messages.iter().flat_map(|message| {
            let digits = message.to.trim_start_matches('+');
            [
                digits.to_owned(),
                message.text.clone(),
                message.key.clone().unwrap_or_default(),
            ]
        });
        for word in private.chain(accepted.iter().map(|accepted| accepted.id.clone())) {
            assert!(!name.contains(&word), "{name} holds {word}");
        }
        let longest = name
            .split(|c: char| !c.is_ascii_digit())
            .map(str::len)
            .max();
        assert!(longest < Some(8), "{name} holds a number");
    }
    daemon.stop();
}

#[test]
fn a_sim_has_few_series_and_a_message_has_none() {
    let site = Site::new(SiteSettings {
        lines: 16,
        ..SiteSettings::default()
    });
    let daemon = site.start_ready();
    let first = scrape(&site);
    let of_sim = first.keys().filter(|name| name.contains("sim=\"")).count();
    assert!(
        of_sim > 0 && of_sim <= 16 * 12,
        "{of_sim} series for 16 SIMs"
    );
    site.api()
        .upload_all(&(0..200).map(numbered).collect::<Vec<_>>());
    site.api()
        .counts("all have ended", |counts| counts.ended == 200);
    let later: BTreeSet<String> = scrape(&site).into_keys().collect();
    let new: Vec<&String> = later
        .iter()
        .filter(|name| !first.contains_key(*name))
        .collect();
    // Signal and the like appear once a modem has told them; nothing appears by message.
    assert!(new.len() <= 32, "{} new series: {new:?}", new.len());
    daemon.stop();
}

/// accepted = queued + sending + in_doubt + sent + ended, in every scrape.
fn check_sums(series: &BTreeMap<String, f64>) {
    let parts = sum(series, "simfleet_messages") + sum(series, "simfleet_messages_ended_total");
    assert_eq!(sum(series, "simfleet_messages_accepted_total"), parts);
}

/// Every series with its value; the text is checked on the way.
fn scrape(site: &Site) -> BTreeMap<String, f64> {
    let text = text(site);
    let mut types = BTreeMap::new();
    let mut helps = BTreeSet::new();
    let mut series = BTreeMap::new();
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            let (family, help) = rest.split_once(' ').expect("a family has a help text");
            assert!(!help.is_empty() && helps.insert(family), "{line}");
        } else if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (family, kind) = rest.split_once(' ').expect("a family has a type");
            assert!(["counter", "gauge", "histogram"].contains(&kind), "{line}");
            assert!(
                types.insert(family, kind).is_none(),
                "one TYPE for {family}"
            );
        } else {
            let (name, value) = line.rsplit_once(' ').expect("a series has a value");
            let value = value.parse::<f64>().expect("a value is a number");
            let family = name.split('{').next().unwrap_or(name);
            let stem = ["_bucket", "_sum", "_count"]
                .iter()
                .find_map(|ending| family.strip_suffix(ending))
                .filter(|stem| types.get(stem) == Some(&"histogram"))
                .unwrap_or(family);
            assert!(family.starts_with("simfleet_"), "{line}");
            assert!(
                types.contains_key(stem) && helps.contains(stem),
                "no TYPE or HELP: {line}"
            );
            let is_count = family.ends_with("_total");
            assert_eq!(
                is_count,
                types[stem] == "counter",
                "counters end in _total: {line}"
            );
            assert!(
                series.insert(name.to_owned(), value).is_none(),
                "twice: {line}"
            );
        }
    }
    assert!(series.len() > 50, "{text}");
    series
}

fn text(site: &Site) -> String {
    let answer = site.api().get("/metrics").expect("the daemon answers");
    assert_eq!(answer.status, 200);
    let kind = answer.header("content-type").unwrap_or_default();
    assert!(kind.starts_with("text/plain"), "{kind}");
    answer.text()
}

/// The sum over a family.
fn sum(series: &BTreeMap<String, f64>, family: &str) -> f64 {
    let of_family = series
        .iter()
        .filter(|(name, _)| name.split('{').next() == Some(family));
    let values: Vec<f64> = of_family.map(|(_, value)| *value).collect();
    assert!(!values.is_empty(), "there is no {family}");
    values.iter().sum()
}

fn value(series: &BTreeMap<String, f64>, name: &str) -> f64 {
    *series
        .get(name)
        .unwrap_or_else(|| panic!("there is no {name}"))
}
