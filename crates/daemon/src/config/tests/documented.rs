//! The file that operators start from says what is true.

use super::*;

/// What operators are given to start from.
const DOCUMENTED: &str = include_str!("../../../../../config/simfleet.toml");

#[test]
fn the_documented_file_is_valid_and_tells_the_defaults() {
    let documented = parse(DOCUMENTED).unwrap();
    let least = parse(LEAST).unwrap();
    assert_eq!(documented.settings(), least.settings());
    assert_eq!(documented.api, least.api);
    assert_eq!(documented.state_dir, least.state_dir);
    assert_eq!(documented.metrics_listen, least.metrics_listen);
    assert_eq!(documented.min_free_disk_mib, least.min_free_disk_mib);
    assert_eq!(documented.lines[0].baud, least.lines[0].baud);
}

#[test]
fn the_documented_file_names_every_key() {
    // Every list of allowed keys that the reader itself knows.
    let wrong = "x = 1\n[gateway]\nx = 1\n[api]\nx = 1\n[metrics]\nx = 1\n[class]\nx = 1\n[class.otp]\nx = 1\n\
                 [[lines]]\nx = 1\n[[sims]]\nx = 1\n[sims.default]\nx = 1\n[[routes]]\nx = 1\nsims = { x = 1 }\n[[hubs]]\nx = 1\n[apps.a]\nx = 1\n[zones]\nx = 1\n";
    let errors = parse(wrong).unwrap_err();
    let unknown = errors
        .faults()
        .iter()
        .filter(|fault| fault.what == "unknown key");
    let mut lists = 0;
    for fault in unknown {
        lists += 1;
        for key in fault.allowed.as_deref().unwrap().split(", ") {
            let named = [
                format!("{key} = "),
                format!("[{key}]"),
                format!("[{key}.otp]"),
                format!("[class.{key}]"),
                format!("[{key}.shop]"),
            ];
            assert!(
                named.iter().any(|named| DOCUMENTED.contains(named)),
                "{key} is not documented"
            );
        }
    }
    assert_eq!(lists, 14, "{errors}");
}

#[test]
fn with_its_examples_the_documented_file_is_valid_too() {
    let example = |line: &str| {
        let key = line
            .strip_prefix("# ")
            .and_then(|line| line.split([' ', '=']).next());
        let is_header = line.starts_with("# [");
        let is_pair = line.contains(" = ")
            && key.is_some_and(|key| key.chars().all(|c| c == '_' || c.is_ascii_lowercase()));
        is_header || is_pair
    };
    // Files that the examples name are not there: tokens are tested with their file, secrets with theirs.
    let secret = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(secret.path(), "correct horse battery staple").unwrap();
    let secret = secret.path().display().to_string();
    let documented = DOCUMENTED
        .replace("/etc/simfleet/shop.secret", &secret)
        .replace("/usr/sbin/uhubctl", "/bin/sh");
    let lines = documented.lines().filter(|line| {
        let names_a_file = [
            "tokens_file",
            "profiles_dir",
            "pin_file",
            "# causes_file",
            "# allow_file",
            "# deny_file",
        ];
        !names_a_file.iter().any(|key| line.contains(key))
    });
    let text: String = lines
        .map(|line| {
            if example(line) {
                format!("{}\n", &line[2..])
            } else {
                format!("{line}\n")
            }
        })
        .collect();
    let config = parse(&text).unwrap_or_else(|errors| panic!("{errors}\n{text}"));
    assert_eq!(config.settings().routes.len(), 2);
    assert_eq!(config.settings().sims.len(), 1);
    assert_eq!(config.settings().weight("shop"), 3);
    assert_eq!(config.settings().limits.len(), 1);
    assert_eq!(config.hubs[0].lines.len(), 1);
    assert!(config.settings().class(Class::Bulk).window.is_some());
    assert_eq!(config.webhooks[0].retry_for, Duration::from_secs(86_400));
}
