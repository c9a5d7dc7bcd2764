//! What is derived from the settings, and the configuration that the daemon is given.

use std::time::Duration;

use super::{Place, Settings, configuration};

fn check_target(lines: u16, sms_time: Duration, target: u32, spread_ms: u128) {
    let settings = Settings::new(lines, sms_time);
    assert_eq!(settings.target_per_minute(), target);
    assert_eq!(settings.start_spread().as_millis(), spread_ms);
}

#[test]
fn the_target_is_six_times_what_the_radios_can_do() {
    check_target(512, Duration::from_millis(5_650), 32_624, 941);
    check_target(1, Duration::from_secs(3_600), 1, 60_000);
    check_target(512, Duration::ZERO, 1_000_000, 30);
    check_target(1_000, Duration::from_millis(10), 1_000_000, 60);
}

#[test]
fn the_daemon_accepts_the_configuration() {
    let place = Place::new(None).unwrap();
    let settings = Settings::new(512, Duration::from_millis(5_650));
    let text = configuration(&settings, &place);
    let config = daemon::config::Config::parse(&text, std::path::Path::new("simfleet.toml"));
    assert!(config.is_ok(), "{}\n{text}", config.unwrap_err());
}

#[test]
fn a_folder_with_an_earlier_run_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("state")).unwrap();
    assert!(Place::new(Some(dir.path())).is_err());
    let fresh = dir.path().join("fresh");
    assert!(Place::new(Some(&fresh)).is_ok());
    assert!(Place::new(Some(&dir.path().join("x".repeat(120)))).is_err());
}
