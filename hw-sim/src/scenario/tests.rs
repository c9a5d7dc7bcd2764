//! What a scenario file may say, and how a wrong one is refused.

use super::*;

fn parse(text: &str) -> Result<Scenario, String> {
    Scenario::parse(text, Path::new("s.toml")).map_err(|error| error.to_string())
}

#[test]
fn shipped_scenarios_are_valid() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let load = |name: &str| {
        let mut settings = FleetSettings::default();
        let scenario = Scenario::load(&folder.join(name)).unwrap_or_else(|error| panic!("{error}"));
        scenario.apply(&mut settings);
        settings
    };
    let quiet = load("quiet.toml");
    assert_eq!((quiet.lines, quiet.faults), (16, Faults::default()));
    let flaky = load("flaky-usb.toml");
    assert_eq!(flaky.faults.errors.codes.len(), 4);
    assert_eq!(flaky.faults.port.every, Some(Duration::from_secs(300)));
    assert_eq!(flaky.events.len(), 4);
    let seconds = |seconds| Duration::from_secs(seconds);
    assert_eq!(flaky.report_delay, seconds(1) / 2..=seconds(10));
    let rush = load("rush-hour.toml");
    let hour = |elapsed| rush.country.day_and_hour(elapsed).1;
    assert_eq!((hour(seconds(29)), hour(seconds(31))), (16, 17));
    assert!(load("storage-full.toml").events.len() > 1);
    assert_eq!(load("operator-outage.toml").country.operators.len(), 2);
    assert_eq!(load("power-cut.toml").lines, 512);
    assert_eq!(load("mixed-vendors.toml").country.operators.len(), 3);
    assert_eq!(load("sim-bars.toml").country.operators[1].credit, Some(60));
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 8);
}

#[test]
fn absent_keys_change_nothing_but_faults() {
    let mut settings = FleetSettings {
        lines: 3,
        ..FleetSettings::default()
    };
    settings.faults.errors.rate = 0.5;
    parse("sms_time = \"1s\"\n[prompt]\nrate = 1")
        .unwrap()
        .apply(&mut settings);
    assert_eq!(
        (settings.lines, settings.sms_time),
        (3, Duration::from_secs(1))
    );
    assert_eq!(
        (settings.faults.errors.rate, settings.faults.prompt.rate),
        (0.0, 1.0)
    );
}

fn check(text: &str, expected: &[&str]) {
    let error = parse(text).expect_err(text);
    for part in expected {
        assert!(error.contains(part), "{error:?} should say {part:?}");
    }
}

#[test]
fn wrong_files_are_refused_with_file_line_and_what_is_allowed() {
    check("lines = 4\nlinse = 5", &["s.toml:2: ", "linse", "sms_time"]);
    check(
        "[errors]\nrate = 0.1\n\nrat = 2",
        &["s.toml:4: ", "rat", "codes"],
    );
    check("[errors]\nrate = 1.5", &["s.toml:2: ", "1.5", "0 to 1"]);
    check("[errors]\nrate = nan", &["s.toml:2: ", "0 to 1"]);
    check(
        "[errors]\nrate = \"often\"",
        &["s.toml:2: ", "invalid type"],
    );
    check("[errors]\ncodes = []", &["s.toml:2: ", "at least one code"]);
    check(
        "[errors]\ncodes = [\n  { code = 70000 },\n]",
        &["s.toml:3: ", "70000"],
    );
    check(
        "[errors]\ncodes = [{ code = 41, wait = 1 }]",
        &["s.toml:2: ", "wait", "weight"],
    );
    check("lines = 0", &["s.toml:1: ", "1 to 4096"]);
    check("\nlines = -3", &["s.toml:2: ", "1 to 4096"]);
    check("sms_time = \"5 s\"", &["s.toml:1: ", "`5 s`", "5.65s"]);
    check("sms_time = 5", &["s.toml:1: ", "invalid type"]);
    check("sms_time_spread = 3.0", &["s.toml:1: ", "0 to 2"]);
    check(
        "report_delay = \"4s..1s\"",
        &["s.toml:1: ", "ends before it starts"],
    );
    check(
        "[port]\nevery = \"0s\"",
        &["s.toml:2: ", "leave the key out"],
    );
    check("[garbage]\nbytes_max = 9999", &["s.toml:2: ", "1 to 4096"]);
    check("lines = 1\nlines = 2", &["s.toml:2: ", "duplicate key"]);
    check("lines = ", &["s.toml:1: "]);
    check("[nonsense]", &["s.toml:1: ", "nonsense"]);
    let missing = Scenario::load(Path::new("/nonexistent/s.toml"))
        .unwrap_err()
        .to_string();
    assert!(missing.starts_with("/nonexistent/s.toml: "), "{missing}");
}

#[test]
fn wrong_events_and_operators_are_refused_likewise() {
    check(
        "lines = 1\n[[event]]\nwhat = \"explode\"",
        &["s.toml:2: ", "`explode`", "power_cut"],
    );
    // The event that is wrong, not the first one.
    check(
        "lines = 1\n[[event]]\nwhat = \"reboot\"\n\n[[event]]\nat = \"1s\"\nwhat = \"explode\"",
        &["s.toml:5: ", "`explode`"],
    );
    check(
        "[[event]]\nwhat = \"inbound\"\nfrom = \"nobody knows this name\"\ntext = \"x\"",
        &["s.toml:1: ", "`inbound`: originator"],
    );
    check(
        "[[event]]\nwhat = \"call\"\nfrom = \"+49170\\r\\nOK\"",
        &["s.toml:1: ", "`call`: from: "],
    );
    check(
        "[[event]]\nwhat = \"ussd\"\ntext = \"\"",
        &["s.toml:1: ", "`ussd`: text", "1 to 160 characters"],
    );
    check(
        "[[event]]\nwhat = \"broadcast\"\ntext = \"Ж\"",
        &["s.toml:1: ", "`broadcast`: text", "GSM alphabet"],
    );
    check(
        "[[event]]\nwhat = \"late\"\nfor = \"1s\"",
        &["s.toml:1: ", "`late` needs the key `by`"],
    );
    check(
        "[[event]]\nwhat = \"mute\"",
        &["s.toml:1: ", "`mute` needs the key `for`"],
    );
    check(
        "[[event]]\nwhat = \"reboot\"\nrate = 0.5",
        &["s.toml:1: ", "`rate` means nothing for `reboot`"],
    );
    check(
        "[[event]]\nwhat = \"reboot\"\nlines = \"some\"",
        &["s.toml:1: ", "`some`", "hub 3"],
    );
    check(
        "[[event]]\nwhat = \"reboot\"\nlynes = \"1\"",
        &["s.toml:3: ", "lynes", "share"],
    );
    check(
        "[[operator]]\nprofile = \"5g\"",
        &["s.toml:2: ", "5g", "lte_sgs"],
    );
    check("[[operator]]\ncode = \"1\"", &["s.toml:2: ", "26201"]);
    check(
        "[[recipient]]\nprefix = \"+49\"\nbehaviour = \"odd\"",
        &["s.toml:3: ", "odd", "absent"],
    );
    check(
        "[[ussd]]\ncode = \"*100#\"",
        &["s.toml:1: ", "missing field `text`"],
    );
    check("[cell]\nlines = 4", &["s.toml:1: ", "channels"]);
}
