//! What a scenario file may say, and how a wrong one is refused.

use super::*;

fn parse(text: &str) -> Result<Scenario, String> {
    Scenario::parse(text, Path::new("s.toml")).map_err(|error| error.to_string())
}

#[test]
fn shipped_scenarios_are_valid() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let mut settings = FleetSettings::default();
    Scenario::load(&folder.join("quiet.toml"))
        .unwrap()
        .apply(&mut settings);
    assert_eq!((settings.lines, settings.faults), (16, Faults::default()));
    let flaky = Scenario::load(&folder.join("flaky.toml")).unwrap();
    assert_eq!(flaky.errors.codes.len(), 4);
    assert_eq!(flaky.port.every, Some(Duration::from_secs(300)));
    assert_eq!(
        flaky.report_delay,
        Some(Duration::from_millis(500)..=Duration::from_secs(10))
    );
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

#[test]
fn wrong_files_are_refused_with_file_line_and_what_is_allowed() {
    let check = |text: &str, expected: &[&str]| {
        let error = parse(text).expect_err(text);
        for part in expected {
            assert!(error.contains(part), "{error:?} should say {part:?}");
        }
    };
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
